from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.move_export import groups_together, moves_from
from pmbulk.entities.number_series import NumberRange

GROUPS = ["", "hunt 1", "hunt 2", "pickup 5", "hunt 1, pickup 5", "hunt 2, pickup 6", "pickup 6"]


@pytest.mark.parametrize(
    ("notes", "positions"),
    [
        pytest.param(["", "", ""], [0, 1, 2], id="none"),
        pytest.param(["hunt 1", "", "hunt 1"], [0, 2, 1], id="one group"),
        pytest.param(["hunt 1", "", "pickup 5", "hunt 1, pickup 5"], [0, 3, 2, 1], id="linked by a third"),
    ],
)
def test_members_of_a_group_follow_each_other(notes, positions):
    """
    A group stands where its first row does; the others keep their order.
    """
    assert positions == groups_together(notes)


@given(st.lists(st.sampled_from(GROUPS), max_size=12))
def test_no_group_is_torn_apart(notes):
    """
    Every row is there once, and between two rows of a group there is none that nothing links to it.
    """
    order = groups_together(notes)
    assert list(range(len(notes))) == sorted(order)
    for group in {one for note in notes for one in note.split(", ") if one}:
        places = [place for place, position in enumerate(order) if group in notes[position].split(", ")]
        assert all(notes[order[place]] for place in range(places[0], places[-1] + 1))


def test_a_range_holds_numbers_of_its_length():
    """
    20000 is not between 2000 and 2999.
    """
    assert [True, True, False, False] == [number in NumberRange("2000", "2999") for number in ("2000", "2999", "20000", "299")]


async def test_no_extension_is_left_out_without_a_word(fake, session_of, refusal):
    """
    A number that PM lists and does not show is noted; groups that PM does not tell only cost an extension its place beside the others.
    """
    fake.answers = {
        "listSubsystems": [{"subsystemId": 1, "subsystemName": "MX1"}],
        "getServerDetails": {"extensionLimVOs": [{"extension": "1001"}, {"extension": "1002"}]},
        "getExtensionDetails": lambda call: (
            {"extensionId": 1, "extensionType": "VIRTUAL"} if call.query["extensionNumber"] == "1001" else refusal(404)
        ),
        "getGroupSetup": refusal(400),
    }
    session = session_of()
    assert ["1001"] == [row["extensionNumber"] async for row in moves_from(session, to="MX2", numbers=None)]
    assert ["extension 1002 in MX1: PM lists it, and shows no such extension"] == [str(one) for one in session.unread]
