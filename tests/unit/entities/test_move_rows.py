"""Rows that move extensions: what their cells mean, what is wrong with them, and which steps follow from what PM had."""

from __future__ import annotations

import pytest

from pmbulk.entities.binding import bind
from pmbulk.entities.extension_details import Place
from pmbulk.entities.extension_moves import EXTENSION_MOVES
from pmbulk.entities.move_holders import obstacles, relink
from pmbulk.entities.move_snapshot import Belonging, Snapshot
from pmbulk.entities.move_steps import steps_of, typed
from pmbulk.errors import RejectedError, Severity
from pmbulk.seal import Seal

MX1, MX2 = Place("MX1", 1, "1101"), Place("MX2", 2, "5101")
CODE = "Sentinel-4711"
RECORD = {
    "extensionId": 7,
    "extensionType": "IP",
    "extensionVO": {
        "gedi": [{"dir": "1101", "csp": {"cspnumber": "1"}, "lim": {"limnumber": "2"}}],
        "auco": [{"auth": CODE, "hashtype": "CLEARTEXT"}],
    },
}
KEYS = Belonging("phone_keys", "update", {"phonePanelType": "P", "keys.1.keyPosition": 1, "keys.1.keyFunction": "MOB"})
USER = {"userRecId": 4, "userId": "anna", "userExtensions": [{"extensionNumber": "1101", "subsystemId": 1, "subsystemName": "MX1"}]}
SNAPSHOT = Snapshot(MX1, MX2, RECORD, {"callPickupGroup": "3"}, (KEYS,), (USER,), ("something",))


def read(**cells):
    """The record of a row, and its errors."""
    record, findings = bind(EXTENSION_MOVES, list(cells), sheet="extension_moves").read(list(cells.values()))
    return record, [str(finding) for finding in findings if finding.severity is Severity.ERROR]


def test_only_the_extension_has_to_be_named():
    """
    A row of numbers and subsystems is whole: what it does not say is taken from the extension.
    """
    _record, errors = read(extensionNumber="1101", fromSubsystem="MX1", toSubsystem="MX2")
    assert [] == errors
    assert ["extensionNumber", "fromSubsystem"] == [
        column.name for column in EXTENSION_MOVES.columns if column.spec.required and not column.is_part
    ]


WRONG = {
    "nowhere to go": (
        {"extensionNumber": "1101", "fromSubsystem": "MX1", "toSubsystem": "mx1"},
        "toSubsystem: is blank or the old one, and so is newExtensionNumber; fill one of the two to say where the extension goes",
    ),
    "two homes": (
        {"extensionNumber": "1101", "fromSubsystem": "MX1", "toSubsystem": "MX2", "serverNumber": 1, "domainName": "D"},
        "domainName: is filled beside serverNumber; a number lives on one of the two",
    ),
    "emptied": (
        {"extensionNumber": "1101", "fromSubsystem": "MX1", "toSubsystem": "MX2", "description": "<clear>"},
        "description: cannot be emptied by a move; update the extension afterwards",
    ),
}


@pytest.mark.parametrize(("cells", "message"), WRONG.values(), ids=list(WRONG))
def test_what_no_move_can_do_is_a_finding(cells, message):
    """
    A row without a way to go, with two homes or with a cell to be emptied is invalid before PM is asked.
    """
    assert [message] == read(**cells)[1]


def test_a_snapshot_comes_back_from_the_journal_and_shows_no_code_there():
    """
    What was kept is what was read, and nobody without the key can read it.
    """
    seal = Seal(b"k" * 64)
    text = SNAPSHOT.to_text(seal)
    assert SNAPSHOT == Snapshot.from_text(text, seal)
    assert CODE not in text
    assert CODE not in repr(SNAPSHOT)
    with pytest.raises(RejectedError, match="the key of the state directory is another one"):
        Snapshot.from_text(text, Seal(b"x" * 64))


def test_the_steps_follow_from_the_snapshot_alone(session_of):
    """
    The steps and their undos are the same whatever PM has by then; nothing is read to plan them.
    """
    body, _losses = typed(SNAPSHOT, MX2)
    steps = steps_of(session_of(), SNAPSHOT, body, given={})
    assert [
        ("createIpExtension", "deleteExtension"),
        ("updateUser", "updateUser"),
        ("deleteExtension", "createIpExtension"),
        ("updatePhoneKeys", None),
        ("getExtensionDetails", None),
    ] == [(step.name, step.undo and step.undo.name) for step in steps]
    assert [False] * 4 + [True] == [step.last_word for step in steps]
    assert ("5101", 2, "3") == (body["extensionNumber"], body["serverNumber"], body["callPickupGroup"])


def test_an_account_has_one_subsystem_for_both_extensions():
    """
    A MiCollab account's second extension cannot stay behind, nor go alone; within the subsystem both stay.
    """
    account = {"mxoneSubsystem": "MX1", "extension": "1101", "secondaryExtension": "1102"}
    user = {**USER, "micollab": account}
    (words,) = obstacles(user, MX1, MX2)
    assert "the secondary extension 1102 of the MiCollab account of user 'anna', which is beside 1101 in MX1" == words
    assert [] == list(obstacles(user, MX1, Place("MX1", 1, "1201")))


async def test_a_user_who_is_gone_has_nothing_to_follow(session_of):
    """
    A holder whom somebody has deleted meanwhile does not stop the move.
    """
    step = relink(session_of(), USER, MX1, MX2)
    assert True is (await step.reconcile()).done
