"""What is exported and run again: unchanged it writes nothing, and one cell that was changed changes that alone."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from openpyxl import load_workbook

import pmbulk
from pmbulk.door.running import Target
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import Outcome
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from tests.support import PASSWORD, rows_of, writes

#: Sheet → the row that is changed, its column, and what is typed there.
CHANGES = {
    "locations": ({"locationName": "Berlin"}, "description", "new words"),
    "departments": ({"path": "Company/Sales"}, "description", "new words"),
    "subsystems": ({"subsystemName": "MX1"}, "mxoneSubsystem.version", "7.9"),
    "security_profiles": ({"securityProfileName": "User Admin"}, "description", "new words"),
    "udf_definitions": ({"udfType": "USERS", "udfId": "3"}, "udfDisplayName", "new words"),
    "system_options": ({"optionName": "Log every read"}, "value", True),
    "ip_extensions": ({"extensionNumber": "1101"}, "description", "new words"),
    "virtual_extensions": ({"extensionNumber": "1104"}, "nameIdentity.lastName", "new words"),
    "multi_terminal_extensions": ({"extensionNumber": "1105"}, "mobileExtension.receivedANumber", "46700000000"),
    "mobile_extensions": ({"extensionNumber": "1102"}, "nameIdentity.firstName", "new words"),
    "cordless_extensions": ({"extensionNumber": "1103"}, "description", "new words"),
    "authorization_codes": ({"extensionNumber": "1101"}, "authorizationCodeVO.auco.1.cilcode", "77"),
    "terminal_selections": ({"extensionNumber": "1101"}, "onsVo.1.onstranslateNo", "46850000000"),
    "personal_number_lists": ({"extensionNumber": "1101", "list.listNo": "2"}, "list.listName", "new words"),
    "call_choices": ({"extensionNumber": "1101", "listNumber": "1", "chono": "2"}, "stime", 45),
    "personal_numbers": ({"extensionNumber": "1101"}, "personalNumberVO.pelp.lists.1.chos.2.stime", 45),
    "phone_keys": ({"extensionNumber": "1101"}, "keys.2.displayText", "new words"),
    "users": ({"userId": "anna.berg"}, "lastName", "new words"),
}
#: What PM shows where nobody said anything; a change of the whole object sends it back, and then PM holds it.
SHOWN = {None, "0", "default", "ISDN", "EMPTY", True}
#: Codes that PM shows as a hash cannot be sent again (DOMAIN 4), so a PM whose updates replace loses them.
HASHED = "authorizationCodes"
KINDS_HELD = ("options", "privileges", "profiles", "udfs", "users", "locations", "departments", "subsystems", "extensions")


def leaves(value, path=()):
    """Every plain value below *value* by its path."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else None
    if inside is None:
        return {path: value}
    return {where: leaf for name, one in inside for where, leaf in leaves(one, (*path, name)).items()}


def held(pm):
    """All that PM holds."""
    return {
        (kind, *path): leaf
        for kind in KINDS_HELD
        for key, record in getattr(pm.world, kind).items()
        for path, leaf in leaves(record if isinstance(record, dict) else asdict(record), (key,)).items()
    }


@pytest.fixture
def target(pm, tmp_path):
    """
    `pm`, and a place for the jobs.
    """
    return Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path / "state")


def test_every_sheet_with_an_export_is_here():
    """
    Each entity that PM can list goes there and back.
    """
    assert {sheet for sheet, entity in ENTITIES.items() if entity.export and sheet != "locked_users"} == set(CHANGES)


@pytest.mark.parametrize("keep_secrets", [False, True], ids=["without secrets", "with secrets"])
def test_an_export_of_everything_run_unchanged_writes_nothing(target, pm, tmp_path, keep_secrets):
    """
    All sheets in one workbook, run again as they are, send no request that writes, and PM holds what it held.
    """
    before = held(pm)
    exported = pmbulk.export([], tmp_path / "all.xlsx", target, keep_secrets=keep_secrets)
    result = pmbulk.run(exported.path, target)
    assert {Outcome.SKIPPED: sum(exported.rows.values())} == {one: count for one, count in result.counts.items() if count}, result.causes
    assert [] == writes(pm)
    assert before == held(pm)


@pytest.mark.parametrize(
    ("sheet", "column", "value"), [("personal_number_lists", "list.listName", "new words"), ("call_choices", "stime", 45)]
)
def test_no_other_sheet_of_an_export_of_everything_sets_a_changed_cell_back(target, pm, tmp_path, sheet, column, value):
    """
    What PM shows in several places stands in one sheet, so that a value that is changed there is what PM has in the end.
    """
    exported = pmbulk.export([], tmp_path / "all.xlsx", target)
    book = load_workbook(exported.path)
    place = [cell.value for cell in book[sheet][1]].index(column)
    book[sheet][2][place].value = value
    book.save(exported.path)
    pmbulk.run(exported.path, target)
    assert 1 == len(writes(pm)), writes(pm)
    assert [value] == [leaf for leaf in held(pm).values() if leaf == value]


def test_authorization_codes_stand_in_one_sheet_of_an_export(target, tmp_path):
    """
    Beside the sheet of codes those of extensions leave them out; alone they have them.
    """
    both = pmbulk.export(["ip_extensions", "authorization_codes"], tmp_path / "both.xlsx", target)
    alone = pmbulk.export(["ip_extensions"], tmp_path / "alone.xlsx", target)
    first = "authorizationCodes.1.hashType"
    assert (False, True) == tuple(first in rows_of(done.path, "ip_extensions")[0] for done in (both, alone))


@pytest.mark.parametrize("sheet", CHANGES)
def test_one_changed_cell_changes_that_alone(sheet, target, workbook, pm, tmp_path):
    """
    Of an export with one other cell exactly one write comes, after which PM holds that cell's value and otherwise what it held.
    """
    which, column, value = CHANGES[sheet]
    exported = rows_of(pmbulk.export([sheet], tmp_path / "live.xlsx", target, keep_secrets=True).path, sheet)
    (chosen,) = [row for row in exported if which.items() <= row.items()]
    chosen[column] = value
    headers = list({name: None for row in exported for name in row})
    before = held(pm)
    result = pmbulk.run(workbook({sheet: [headers, *([row.get(name) for name in headers] for row in exported)]}), target)
    assert [Outcome.SUCCEEDED] == [one for one, count in result.counts.items() if count and one is not Outcome.SKIPPED], (
        result.first_failures
    )
    assert 1 == len(writes(pm)), writes(pm)
    after = held(pm)
    # PM leaves out what is false.
    differing = {
        path: (before.get(path), after.get(path))
        for path in before.keys() | after.keys()
        if (before.get(path) or None) != (after.get(path) or None)
    }
    assert value in [new for _old, new in differing.values()], differing
    beside = {
        path: both for path, both in differing.items() if both[1] != value and not (sheet == "multi_terminal_extensions" and HASHED in path)
    }
    assert {} == {path: (old, new) for path, (old, new) in beside.items() if old is not None or new not in SHOWN}
