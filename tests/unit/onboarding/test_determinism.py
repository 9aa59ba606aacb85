"""Same input, same output; the order of HR's rows; nothing but findings: with whatever HR may type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.cells import CellError
from pmbulk.entities.names import fold
from pmbulk.onboarding.mapping import rules_of
from pmbulk.onboarding.onboard import onboard
from pmbulk.onboarding.pins import Pins
from tests.unit.onboarding.conftest import MAPPING, generate, numbered

RULES = rules_of(MAPPING.replace('fill_down = ["dept"]\n', ""), name="hr.toml")

names = st.sampled_from(["Berg, Anna", "Berg, Ånna", "BERG, anna", "Öberg,", "Dahl", "李, 明", ", "]) | st.text(max_size=20)
cells = st.none() | st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.datetimes() | st.just(CellError("#N/A"))
keys = st.integers(0, 30).map(lambda number: f"E{number}") | cells
rows = st.lists(
    st.tuples(
        keys,
        names | cells,
        st.sampled_from(["Sales", "care", "Nowhere"]) | cells,
        st.sampled_from(["Stockholm", "berlin", "Oslo"]) | cells,
        st.sampled_from(["Active", "Left", "Total"]) | cells,
    ),
    max_size=15,
)


def made(rows, pins=None, since=None):
    """What comes of *rows*: changes with their cells, findings without their row."""
    found = onboard(
        numbered(rows),
        RULES,
        file="hr.xlsx",
        pins=Pins() if pins is None else pins,
        generate=generate,
        since=None if since is None else numbered(since),
    )
    changes = [
        (fold(change.key), change.kind, [(record.entity.sheet, record.operation, dict(record.fields)) for record in change.records])
        for change in found.changes
    ]
    return changes, found


@given(rows)
def test_whatever_hr_types_comes_to_rows_or_findings(typed):
    """
    No cell ends the command, and everybody who counts has rows or a finding.
    """
    changes, found = made(typed)
    accounted = len(changes) + len({finding.row for finding in found.people.findings}) + found.people.left_out
    assert accounted <= sum(1 for row in typed if any(cell is not None for cell in row))
    assert all(1 < finding.row <= len(typed) + 1 and finding.message for finding in found.people.findings)


@given(rows)
def test_the_same_file_twice_gives_the_same(typed):
    """
    Also with what was remembered of the first time.
    """
    pins = Pins()
    assert made(typed, pins)[0] == made(typed, pins)[0] == made(typed)[0]


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_hrs_rows_does_not_matter(typed, chance):
    """
    Everybody gets the same rows however the file is sorted.
    """
    shuffled = list(typed)
    chance.shuffle(shuffled)
    assert made(typed)[0] == made(shuffled)[0]


@given(rows)
def test_no_object_is_made_twice(typed):
    """
    Neither a user id nor a number in its subsystem, whatever the names.
    """
    changes, _found = made(typed)
    users = [fold(cells["userId"]) for _key, _kind, rows in changes for sheet, _action, cells in rows if sheet == "users"]
    numbers = [
        (cells["subsystemName"], cells["extensionNumber"])
        for _key, _kind, rows in changes
        for sheet, _action, cells in rows
        if sheet == "ip_extensions"
    ]
    assert (len(users), len(numbers)) == (len(set(users)), len(set(numbers)))


@given(rows, rows)
def test_nobody_who_is_in_the_file_is_gone(last, typed):
    """
    Whatever happened to a row, only those leave who stand nowhere, or as not active.
    """
    pins = Pins()
    first, _found = made(last, pins)
    if not first:
        return
    changes, found = made(typed, pins, since=last)
    there = {fold(person.key) for person in found.people.people if person.active} | found.people.unclear.keys()
    assert there.isdisjoint(key for key, kind, _rows in changes if kind == "leaver")
