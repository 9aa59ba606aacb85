# ruff: noqa: ARG002, D102 - the double takes what the client takes
"""Values that a cell could spoil: whatever PM holds, its export run unchanged plans nothing, and what no cell can hold is named."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pmbulk.door.checking import check_workbook
from pmbulk.door.spool import Spool
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Verdict
from pmbulk.errors import RejectedError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.classify import Answer
from pmbulk.sheets.export import write_export

#: Texts that spreadsheets, lists in a cell and our own words read as something else.
AWKWARD = st.sampled_from(
    ["0012", "=1+1", "+46", "-1", "@SUM(A1)", "NA", "TRUE", "1e5", "<clear>", " <CLEAR> ", "••••••", "a;b", ";", " a ", "a\nb", "\r\n", "\t", "\x01", "_x0041_", "'0012", "<r>x</r>", "\ufffe", "\ud800", " ", "é", "0", "false", "x" * 32_768]
)  # fmt: skip
VALUES = st.one_of(AWKWARD, st.text(max_size=8), st.tuples(AWKWARD, AWKWARD).map("".join))
USERS = st.lists(
    st.fixed_dictionaries(
        {"keyWords": st.lists(VALUES, max_size=4), "altFirstNames": st.lists(VALUES, max_size=2)},
        optional={"firstName": VALUES, "lastName": VALUES, "sms": VALUES, "udf1": VALUES, "micollab": st.fixed_dictionaries({"miCollabRole": VALUES})},
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip


class Pm:
    """A PM that has these users and nothing else."""

    assumptions = Assumptions()

    def __init__(self, users):
        self.users = {f"user{number}": {"userId": f"user{number}", "userRecId": number, **user} for number, user in enumerate(users, 1)}

    async def call(self, name, *, path, query, body=None):
        assert ("getUserByUserId", None) == (name, body)
        return Answer(200, self.users[path["userId"]])

    async def items(self, _name, *, path=None, query=None):
        raise RejectedError("no", http=403)

    async def pages(self, _name):
        yield list(self.users.values())


async def exported(pm, entity):
    """The spool of an export."""
    spool = Spool(entity, io.StringIO(), keep_secrets=False)
    async for row in entity.export(Session(pm)):
        spool.add(row)
    return spool


async def planned(pm, checked):
    """What the rows of a workbook come to."""
    session = Session(pm)
    plans = []
    for row in checked.rows:
        entity = checked.sheets[row.sheet].entity
        plans.append(await entity.by_operation[row.operation].prepare(entity, checked.record(row.ordinal), session))
    return plans


@settings(max_examples=150)
@given(users=USERS)
@example(users=[{"keyWords": ["a;b", "<clear>", "c"], "altFirstNames": []}, {"keyWords": ["d", "e"], "altFirstNames": []}])
@example(users=[{"keyWords": ["a", "<clear>"], "altFirstNames": []}, {"keyWords": ["b;c"], "altFirstNames": []}])
@example(users=[{"keyWords": ["a;b", " "], "altFirstNames": ["", "x"], "firstName": " Anna\u00a0"}])
def test_whatever_pm_holds_its_export_plans_nothing(users):
    """
    Every user comes out as a row that a check accepts and that changes nothing, whatever texts and lists PM has.
    """

    async def round_trip():
        pm, entity = Pm(users), ENTITIES["users"]
        spool = await exported(pm, entity)
        with TemporaryDirectory() as folder:
            checked = check_workbook(write_export(Path(folder, "live.xlsx"), [spool.sheet()]))
        assert [] == [str(finding) for finding in checked.findings() if finding.finding.severity == "error"]
        assert len(users) == len(checked.rows)
        assert [(Verdict.NOTHING, ())] * len(users) == [(plan.verdict, plan.changes) for plan in await planned(pm, checked)]

    anyio.run(round_trip)


@pytest.mark.parametrize(
    ("user", "cells", "left_out"),
    [
        ({"keyWords": ["a;b", " c "]}, {"keyWords.1": "a;b", "keyWords.2": " c "}, []),
        ({"keyWords": ["a", "b"]}, {"keyWords": "a;b"}, []),
        ({"firstName": "<Clear>", "lastName": "B"}, {"lastName": "B"}, ["firstName"]),
        ({"keyWords": ["a;b", "<clear>"]}, {}, ["keyWords.2"]),
        ({"keyWords": ["<clear>"]}, {}, ["keyWords"]),
        ({"sms": "x" * 32_768}, {}, ["sms"]),
        ({"cloudlink": {"extension": "\ud800"}}, {}, ["cloudlink.extension"]),
        ({"micollab": {"authorizationCodeHashType": "SHA999", "extension": "1001"}}, {"micollab.extension": "1001"}, ["micollab.authorizationCodeHashType"]),
    ],
    ids=["separator", "plain list", "the word for empty", "in a list", "alone in a list", "too long", "half a character", "unknown choice"],
)  # fmt: skip
def test_what_a_cell_cannot_hold_is_left_out_and_named(user, cells, left_out):
    """
    A list that holds the separator has a column per position; a value that the sheet could not be run with is left as it is in PM.
    """
    spool = anyio.run(exported, Pm([user]), ENTITIES["users"])
    sheet = spool.sheet()
    (row,) = sheet.rows
    assert {"action": "update", "userId": "user1", **cells} == dict(zip(sheet.headers, row, strict=True))
    assert [f"{header} of user 'user1'" for header in left_out] == [one.what for one in spool.left_out]
    assert all(one.why.endswith("; it stays as it is in PM") for one in spool.left_out)


def test_one_list_with_the_separator_spreads_all():
    """
    Rows before and after it have the list in columns as well, as many as the longest needs.
    """
    users = [{"keyWords": ["a", "b", "c"]}, {"keyWords": ["d;e"]}, {"keyWords": ["f", "g"]}]
    sheet = anyio.run(exported, Pm(users), ENTITIES["users"]).sheet()
    assert ["action", "userId", "keyWords.1", "keyWords.2", "keyWords.3"] == list(sheet.headers)
    assert [["a", "b", "c"], ["d;e", "", ""], ["f", "g", ""]] == [row[2:] for row in sheet.rows]


def test_an_object_that_no_row_can_tell_is_left_out():
    """
    Without what says which object is meant there is no row.
    """
    pm = Pm([{"firstName": "A"}])
    pm.users = {"<clear>": {"userId": "<clear>", "firstName": "A"}}
    spool = anyio.run(exported, pm, ENTITIES["users"])
    assert 0 == spool.rows
    assert 2 == len(spool.left_out)
