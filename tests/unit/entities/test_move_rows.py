"""Rows that move extensions: what their cells mean, what is wrong with them, and which steps follow from what PM had."""

from __future__ import annotations

import pytest

from pmbulk.entities.binding import bind
from pmbulk.entities.extension_details import Place
from pmbulk.entities.extension_moves import EXTENSION_MOVES
from pmbulk.entities.move_holders import holders_of, obstacles, relink
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


async def test_users_are_asked_where_no_list_tells_who_has_what(fake, session_of):
    """
    A PM whose list shows names only, and whose search finds no numbers, is asked for every user once; not for extensions that it calls free.
    """
    users = {number: {"userRecId": number, "userId": f"u{number}"} for number in (3, 4, 5)}
    fake.answers["listUsers"] = lambda call: [] if call.query else list(users.values())
    fake.answers["getUserByRecId"] = lambda call: USER if call.path["userRecId"] == 4 else users[call.path["userRecId"]]
    session = session_of()
    assert [] == await holders_of(session, MX1, free=True)
    assert [USER] == await holders_of(session, MX1, free=False)
    assert [] == await holders_of(session, MX2, free=False)
    # Three at first, and the holder again.
    assert 4 == fake.count("getUserByRecId")


async def test_a_user_who_cannot_be_read_may_be_the_holder(fake, session_of, refusal):
    """
    Where every user has to be asked, one that PM does not show stops the move: the link may be lost.
    """
    fake.answers |= {"listUsers": lambda call: [] if call.query else [{"userRecId": 3}], "getUserByRecId": refusal(403)}
    with pytest.raises(RejectedError) as caught:
        await holders_of(session_of(), MX1, free=False)
    assert "PM does not tell who has which extension: user 3: PM says: no (HTTP 403)" == caught.value.message


async def test_a_relinked_user_is_written_in_the_document_s_words(fake, session_of):
    """
    Members that PM's document does not have stay behind, and ids that PM printed as texts are numbers again.
    """
    links = [
        {"extensionNumber": "1101", "subsystemId": "1", "subsystemName": "MX1", "_links": {}},
        {"extensionNumber": "77", "subsystemId": "3"},
    ]
    fake.answers["getUserByRecId"] = {"userRecId": "4", "userId": "anna", "lastModified": "2026", "userExtensions": links}
    await relink(session_of(), USER, MX1, MX2).send()
    (call,) = fake.writes
    moved = {"extensionNumber": "5101", "subsystemId": 2, "subsystemName": "MX2"}
    assert {"userId": "anna", "extensions": [moved, {"extensionNumber": "77", "subsystemId": 3}]} == call.wire
