from __future__ import annotations

import io

import pytest

from pmbulk.door.exporting import export_entities
from pmbulk.door.spool import Spool
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import UsageError
from pmbulk.secret import Secret

CODE = "authorizationCodes.1.authorizationCode"


@pytest.fixture
def sheet_of():
    """
    The headers and rows that come of what an entity exports.
    """

    def make(name, *rows, keep_secrets=False):
        spool = Spool(ENTITIES[name], io.StringIO(), keep_secrets=keep_secrets)
        for row in rows:
            spool.add(row)
        sheet = spool.sheet()
        return sheet, [list(row) for row in sheet.rows]

    return make


def test_columns_are_those_that_are_filled_in_their_order(sheet_of):
    """
    Columns that no row fills are left out; positions of a list of objects stand together.
    """
    sheet, rows = sheet_of(
        "users",
        {"extensions.2.extensionNumber": "1002", "extensions.2.subsystemName": "MX1", "userId": "anna", "firstName": ""},
        {
            "extensions.1.subsystemName": "MX1",
            "extensions.1.extensionNumber": "1001",
            "lastName": "Berg",
            "userId": "bo",
            "useLastSelection": True,
        },
    )
    headers = list(sheet.headers)
    assert ["action", "userId"] == headers[:2]
    assert "firstName" not in headers
    lists = [header for header in headers if header.startswith("extensions.")]
    assert [f"extensions.{position}.{name}" for position in (1, 2) for name in ("extensionNumber", "subsystemName")] == lists
    assert headers.index(lists[0]) + 3 == headers.index(lists[-1])
    assert ["update", "update"] == [row[0] for row in rows]
    assert ["", "TRUE"] == [row[headers.index("useLastSelection")] for row in rows]


def test_secrets_are_left_blank_unless_they_are_kept(sheet_of):
    """
    A secret's column stays, with blank cells that a run leaves alone; whoever asks gets the text.
    """
    row = {"subsystemName": "MX1", "extensionNumber": "1001", CODE: Secret("4711")}
    sheet, rows = sheet_of("ip_extensions", row)
    assert frozenset({CODE}) == sheet.withheld
    assert "" == rows[0][sheet.headers.index(CODE)]
    sheet, rows = sheet_of("ip_extensions", row, keep_secrets=True)
    assert frozenset() == sheet.withheld
    assert "4711" == rows[0][sheet.headers.index(CODE)]


def test_values_become_texts(sheet_of):
    """
    Lists of plain values stand in one cell, numbers keep their digits, and an unknown column is a mistake in the entity.
    """
    sheet, rows = sheet_of("users", {"userId": "0012", "keyWords": "a;b", "userRecId": 7})
    assert {"action": "update", "userId": "0012", "keyWords": "a;b", "userRecId": "7"} == dict(zip(sheet.headers, rows[0], strict=True))
    with pytest.raises(TypeError, match="users: export gives colour, which is no column"):
        sheet_of("users", {"colour": "red"})


def test_what_belongs_to_no_subsystem_is_refused(tmp_path):
    """
    Before PM is asked, the message names the sheets that a subsystem can be chosen for.
    """
    with pytest.raises(UsageError, match=r"^--subsystem does not go with locations; it goes with ip_extensions, .*phone_keys$"):
        export_entities(["extensions", "locations"], tmp_path / "live.xlsx", None, subsystem="MX1")


def test_a_sheet_without_updates_asks_for_what_it_offers(sheet_of):
    """
    Locked users can only be unlocked.
    """
    _sheet, rows = sheet_of("locked_users", {"userId": "anna"})
    assert [["unlock", "anna"]] == rows
