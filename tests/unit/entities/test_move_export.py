from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.move_export import groups_together
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
