"""HR's table as people, in every shape in which HR sends it."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest

from pmbulk.entities.cells import CellError
from pmbulk.errors import UsageError
from pmbulk.onboarding.mapping import rules_of
from pmbulk.onboarding.people import header_row, read_people, text_of
from tests.unit.onboarding.conftest import HEADERS, MAPPING, numbered, person


def read(rules, rows, headers=HEADERS):
    """The people in *rows*."""
    return read_people(numbered(rows, headers), rules, file="hr.xlsx")


def told(people):
    """The findings, as they are told."""
    return [str(finding) for finding in people.findings]


def test_titles_above_the_headers_are_passed_over(rules):
    """
    The row that has most of the headers is the one, whatever stands above it.
    """
    rows = [(1, ("Staff of 2026-03-01", None, None)), (2, ("Name", "of the report")), (4, HEADERS), (5, person("E1"))]
    people = read_people(rows, rules, file="hr.xlsx")
    assert (4, [5]) == (people.header_row, [one.row for one in people.people])
    assert (4, 5) == header_row(rows, rules.mapping.columns.values())


def test_headers_that_come_again_are_nobody(rules):
    """
    A file made for printing has its headers on each page.
    """
    people = read(rules, [person("E1"), HEADERS, person("E2")])
    assert (["E1", "E2"], []) == ([one.key for one in people.people], told(people))


def test_departments_are_filled_down_to_the_next(rules):
    """
    A department that stands in the first row of its group holds for the rows below, also across blank rows.
    """
    people = read(rules, [person("E1"), person("E2", dept=None), (None,) * 5, person("E3", dept="Care"), person("E4", dept="")])
    assert ["Sales", "Sales", "Care", "Care"] == [one.values["dept"] for one in people.people]


def test_nobody_gets_the_department_above_one_that_cannot_be_read(rules):
    """
    An error where a group begins is told for its rows too; they are not put into the group before.
    """
    people = read(rules, [person("E1"), person("E2", dept=CellError("#N/A")), person("E3", dept=None)])
    assert ["E1"] == [one.key for one in people.people]
    assert [
        "row 3, column Department (C3): the cell holds the error #N/A; type the value",
        "row 4, column Department (C4): is blank and filled from row 3, which cannot be read",
    ] == told(people)


def test_rows_that_do_not_count_are_counted_and_not_judged(rules):
    """
    A row of totals that the filter leaves out may hold errors and no key.
    """
    people = read(rules, [person("E1"), (None, CellError("#REF!"), None, None, "Total")])
    assert (1, 1, []) == (len(people.people), people.left_out, told(people))


def test_a_person_with_an_error_in_a_cell_is_there_but_unclear(rules):
    """
    Nobody is onboarded with a blank where HR had an error, and nobody is taken for gone.
    """
    people = read(rules, [person("E1", site=CellError("#N/A"))])
    assert ([], {"e1": 2}, []) == (people.people, people.unclear, people.nameless)


@pytest.mark.parametrize("key", ["", " ", None, CellError("#N/A")], ids=["empty", "blank", "none", "error"])
def test_a_row_without_a_key_names_nobody(rules, key):
    """
    It is remembered as a row that could be anybody's.
    """
    people = read(rules, [person(key)])
    assert ([2], ["Employee No"]) == (people.nameless, [finding.column for finding in people.findings])


@pytest.mark.parametrize("rows", list(itertools.permutations([person("E1"), person("e1", status="Left")])), ids=["new first", "old first"])
def test_who_came_back_is_the_active_one(rules, rows):
    """
    Of an old contract and a new one the active counts, in whatever order.
    """
    people = read(rules, rows)
    assert ([True], []) == ([one.active for one in people.people], told(people))


def test_of_two_active_rows_neither_counts(rules):
    """
    Which of them is right cannot depend on their order, so both are findings.
    """
    people = read(rules, [person("E1"), person("E1", dept="Care")])
    assert ([], {"e1": 2}) == (people.people, people.unclear)
    assert [
        "row 2, column Employee No (A2): 'e1' is in row 3 too; only one of the rows may stay",
        "row 3, column Employee No (A3): 'e1' is in row 2 too; only one of the rows may stay",
    ] == told(people)


def test_a_header_that_stands_twice_has_to_be_told_apart(rules):
    """
    The first of two equal headers is not silently taken.
    """
    with pytest.raises(UsageError, match=r"'Name' stands in columns B and F; say which in \[columns\]: \"Name \(1\)\" is the first"):
        read(rules, [], (*HEADERS, "name"))


def test_the_second_of_equal_headers_can_be_named():
    """
    ``Name (2)`` is the second column called Name, and no other.
    """
    second = rules_of(MAPPING.replace('"Name"', '"Name (2)"'), name="hr.toml")
    people = read(second, [(*person("E1"), "Dahl, Dan")], (*HEADERS, "Name"))
    assert "Dahl, Dan" == people.people[0].values["name"]


def test_all_missing_columns_are_named_at_once(rules):
    """
    With the nearest header that is there.
    """
    with pytest.raises(UsageError) as caught:
        read(rules, [], ("Employee No", "Names", "Dept", "Site"))
    assert (
        "row 1 of hr.xlsx does not have the columns that the mapping names in [columns]:\n"
        "  'Name' is not there. Nearest: Names.\n"
        "  'Department' is not there. Nearest: Dept.\n"
        "  'Status' is not there. Nearest: Site.\n"
        "Correct [columns], or say with `header_row` in [source] where the headers are."
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (12, "12"),
        ("0012", "0012"),
        (" A\u00a0 B\n", "A B"),
        ("e\u0301", "é"),
        (datetime.fromisoformat("2026-03-01"), "2026-03-01"),
        (None, ""),
        (True, "TRUE"),
        (1.5, "1.5"),
    ],
    ids=str,
)
def test_cells_become_texts(cell, text):
    """
    As a person reads them.
    """
    assert text == text_of(cell)


@pytest.mark.parametrize("cell", ["4.67702E+11", "4,67702E+11", "1E+05", 1234567890123456, 1e15], ids=str)
def test_numbers_that_lost_digits_are_told(cell, rules):
    """
    What a spreadsheet has shortened is nobody's number.
    """
    people = read(rules, [person(cell)])
    assert [2] == people.nameless
    (finding,) = people.findings
    assert "spreadsheet" in finding.message
