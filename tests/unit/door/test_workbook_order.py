from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.door.checking import Checked, CheckedSheet, _read_rows
from pmbulk.door.job import Job, join_lanes, ordered
from pmbulk.door.options import RunOptions
from pmbulk.entities.binding import bind
from pmbulk.entities.registry import entity_for
from pmbulk.entities.session import Session
from pmbulk.errors import RejectedError
from pmbulk.sheets.read import Sheet


@dataclass(frozen=True)
class Row:
    """
    A row of a workbook with what it *makes* and *uses* in the words of the domain, worked out without the code under test.
    """

    sheet: str
    cells: tuple
    makes: str = ""
    uses: tuple = ()


def location(name):
    return Row("locations", (("locationName", name),), f"location {name}")


def department(path, place):
    parent = path.rpartition("/")[0]
    uses = (f"location {place}", *([f"department {parent}"] if parent else []))
    return Row("departments", (("path", path), ("location", place)), f"department {path}", uses)


def telephony(name, place):
    cells = (("subsystemType", "TelephonyServer"), ("subsystemName", name), ("locationName", place), ("mxoneSubsystem.userId", "x"))
    return Row("subsystems", cells, f"subsystem {name}", (f"location {place}",))


def dect(name, server):
    cells = (("subsystemType", "SIPDECTManager"), ("subsystemName", name), ("sipDectManager.miVoiceMXONESubsystem", server))
    return Row("subsystems", cells, f"subsystem {name}", (f"subsystem {server}",))


def extension(sheet, server, number):
    cells = (("subsystemName", server), ("extensionNumber", number), ("commonServiceProfile", 1), ("serverNumber", 1))
    return Row(sheet, cells, f"extension {server} {number}", (f"subsystem {server}",))


def codes(server, number):
    cells = (("subsystemName", server), ("extensionNumber", number), ("authorizationCodeVO.auco.1.auth", "1234"))
    return Row("authorization_codes", cells, f"codes {server} {number}", (f"extension {server} {number}",))


def call_list(server, number):
    cells = (("subsystemName", server), ("extensionNumber", number), ("list.listNo", 1))
    return Row("personal_number_lists", cells, f"list {number}", (f"extension {server} {number}",))


def choice(number):
    cells = (("extensionNumber", number), ("listNumber", 1), ("chono", 1), ("anspos", "1"))
    return Row("call_choices", cells, f"choice {number}", (f"list {number}", *(f"extension {server} {number}" for server in SERVERS)))


def user(name, path, server, number):
    cells = (
        ("userId", name),
        ("department", path),
        ("extensions.1.subsystemName", server),
        ("extensions.1.extensionNumber", number),
        ("micollab.mxoneSubsystem", server),
        ("micollab.extension", number),
    )
    uses = (f"department {path}", f"extension {server} {number}", f"codes {server} {number}")
    return Row("users", cells, f"user {name}", uses)


def unlock(name):
    return Row("locked_users", (("userId", name),), uses=(f"user {name}",))


PLACES, PATHS, SERVERS, NUMBERS, NAMES = ["Oslo", "Bern"], ["A", "A/B", "A/B/C", "D"], ["MX1", "MX2"], ["1001", "1002"], ["anna", "bo"]
ROWS = st.one_of(
    st.builds(location, st.sampled_from(PLACES)),
    st.builds(department, st.sampled_from(PATHS), st.sampled_from(PLACES)),
    st.builds(telephony, st.sampled_from(SERVERS), st.sampled_from(PLACES)),
    st.builds(dect, st.just("Dect"), st.sampled_from(SERVERS)),
    st.builds(extension, st.sampled_from(["ip_extensions", "virtual_extensions"]), st.sampled_from(SERVERS), st.sampled_from(NUMBERS)),
    st.builds(codes, st.sampled_from(SERVERS), st.sampled_from(NUMBERS)),
    st.builds(call_list, st.sampled_from(SERVERS), st.sampled_from(NUMBERS)),
    st.builds(choice, st.sampled_from(NUMBERS)),
    st.builds(user, st.sampled_from(NAMES), st.sampled_from(PATHS), st.sampled_from(SERVERS), st.sampled_from(NUMBERS)),
    st.builds(unlock, st.sampled_from(NAMES)),
)
#: Rows without two that make the same object, in any order.
WORKBOOKS = st.lists(ROWS, max_size=20, unique_by=lambda row: row.makes or row)


def checked(rows):
    """
    *rows* as a workbook whose sheets stand in the order in which they are first named; with the row behind each ordinal.
    """
    names = list(dict.fromkeys(row.sheet for row in rows))
    sheets, book, behind = [], [], []
    for name in names:
        own = [row for row in rows if row.sheet == name]
        headers = tuple(dict.fromkeys(header for row in own for header, _value in row.cells))
        cells = [(number, [dict(row.cells).get(header) for header in headers]) for number, row in enumerate(own, start=2)]
        book.append(Sheet(name, headers, Path("book.xlsx"), lambda cells=cells: iter([(1, ()), *cells])))
        sheets.append(CheckedSheet(name, entity_for(name), bind(entity_for(name), headers, sheet=name)))
        behind += own
    workbook = Checked(Path("book.xlsx"), "", tuple(sheets))
    for position, sheet in enumerate(book):
        _read_rows(workbook, position, sheet, None)
    return workbook, behind


def waits_for(order, ordinal):
    """
    Every row that must be settled before *ordinal* may begin.
    """
    found, open_ = set(), [ordinal]
    while open_:
        row = open_.pop()
        for before in (*order.hard.of(row), *order.soft.of(row)):
            if before not in found:
                found.add(before)
                open_.append(before)
    return found


@given(WORKBOOKS)
def test_whatever_the_order_of_sheets_and_rows_each_waits_for_what_it_uses(rows):
    """
    Rows of all kinds, in sheets and rows of any order: each stands behind, and waits for, the rows that make what it uses; no circle is seen.
    """
    workbook, behind = checked(rows)
    assert [] == [str(finding) for finding in workbook.findings() if finding.finding.severity == "error"]
    order = ordered(Job(workbook, RunOptions()))
    place = {ordinal: turn for turn, ordinal in enumerate(order.rows)}
    makers = {row.makes: ordinal for ordinal, row in enumerate(behind)}
    for ordinal, row in enumerate(behind):
        needed = {makers[used] for used in row.uses if used in makers}
        assert needed <= waits_for(order, ordinal)
        assert all(place[before] < place[ordinal] for before in needed)
    assert ((), len(rows)) == (order.cycles, len(order.rows))


@given(WORKBOOKS)
def test_deletes_run_in_reverse(rows):
    """
    The same workbook with every action delete: what is used goes after all that uses it in the tree, and no lower kind before a higher one.
    """
    deletable = [row for row in rows if row.sheet not in {"locked_users", "authorization_codes"}]
    gone = [Row(row.sheet, (("action", "delete"), *row.cells), row.makes, row.uses) for row in deletable]
    workbook, behind = checked(gone)
    order = ordered(Job(workbook, RunOptions()))
    place = {ordinal: turn for turn, ordinal in enumerate(order.rows)}
    makers = {row.makes: ordinal for ordinal, row in enumerate(behind)}
    for ordinal, row in enumerate(behind):
        assert all(place[ordinal] < place[makers[used]] for used in row.uses if used in makers)


@given(st.lists(st.tuples(st.sampled_from(["name", "id", "both"]), st.sampled_from("12"), st.sampled_from("xyz")), max_size=8))
def test_rows_on_one_object_keep_the_order_of_their_sheet(drawn):
    """
    However rows of a sheet name an object, those that surely mean the same one follow each other.
    """
    keys = {"name": ("locationName",), "id": ("locationId",), "both": ("locationId", "locationName")}
    values = {("locationName", "1"): "Oslo", ("locationName", "2"): "Bern", ("locationId", "1"): 1, ("locationId", "2"): 2}
    rows = [
        Row("locations", (("action", "update"), *((key, values[key, which]) for key in keys[named]), ("description", text)))
        for named, which, text in drawn
    ]
    workbook, _behind = checked(rows)
    order = ordered(Job(workbook, RunOptions()))
    for (one, first), (other, second) in itertools.combinations(enumerate(drawn), 2):
        if first[1] == second[1] and {*keys[first[0]]} & {*keys[second[0]]}:
            assert one in waits_for(order, other)


@pytest.mark.parametrize("parts", list(itertools.permutations(["personal_number_lists", "call_choices", "personal_numbers"])), ids=str)
def test_the_lists_of_a_number_are_written_one_after_the_other(parts):
    """
    Lists, choices and the whole record of one number never overlap, however the rows tell the subsystem: each is read, changed and written back.
    """
    cells = {
        "personal_number_lists": (("subsystemName", "MX1"), ("listNumber", 1)),
        "call_choices": (("subsystemId", 1), ("listNumber", 1), ("chono", 1)),
        "personal_numbers": (("personalNumberVO.pelp.lists.1.listno", 1),),
    }
    rows = [Row(sheet, (("action", "update"), ("extensionNumber", "1001"), *cells[sheet])) for sheet in parts]
    workbook, behind = checked(rows)
    order = ordered(Job(workbook, RunOptions()))
    assert list(cells) == [behind[ordinal].sheet for ordinal in order.rows]
    assert {0, 1, 2} == {order.rows[2], *waits_for(order, order.rows[2])}


@pytest.mark.parametrize("subsystem", [(), (("subsystemId", 7),)], ids=["none", "id"])
def test_a_part_waits_for_its_extension_by_number(subsystem):
    """
    Keys of a number that the workbook makes wait for it although the row does not tell the subsystem by the same name.
    """
    keys = Row("phone_keys", (("extensionNumber", "1001"), ("phonePanelType", "P"), ("keys.1.keyPosition", 1), *subsystem))
    workbook, _behind = checked([keys, extension("ip_extensions", "MX1", "1001")])
    order = ordered(Job(workbook, RunOptions()))
    assert [1, 0] == list(order.rows)
    assert {1} == waits_for(order, 0)


def test_rows_in_a_circle_name_each_other():
    """
    What cannot begin because each needs the other is invalid, with the rows in question; a row that needs itself says so.
    """
    pair = [Row("departments", (("path", path), ("parent", parent))) for path, parent in (("S", "S/T"), ("S/T", "S"), ("U", "U"))]
    workbook, _behind = checked(pair)
    ordered(Job(workbook, RunOptions()))
    circle = "stands in a circle: of departments!row 2, departments!row 3 each needs another one first; correct the reference"
    alone = "needs itself to be there first; correct the reference"
    assert [circle, circle, alone] == [row.findings[-1].message for row in workbook.rows]


def test_the_same_department_below_an_id_is_made_once():
    """
    Rows that give the parent by PM's id and the same name mean one department, which only the first of them makes.
    """
    row = Row("departments", (("departmentName", "Nord"), ("parentDepartmentId", 5)))
    workbook, _behind = checked([row, Row("departments", (("departmentName", "NORD"), ("parentDepartmentId", 5)))])
    assert [True, False] == [row.valid for row in workbook.rows]


@dataclass
class Lister:
    """
    A PM that lists its subsystems, or says why not.
    """

    answer: object

    async def items(self, _name, **_arguments):
        """The list, or the error."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "lanes"),
    [
        pytest.param([{"subsystemId": 7, "subsystemName": "mx1"}], ["mx1", "mx1", "#8"], id="listed"),
        pytest.param(RejectedError("no", http=403), ["mx1", "#7", "#8"], id="forbidden"),
    ],
)
async def test_a_subsystem_has_one_lane(answer, lanes):
    """
    Rows that name a subsystem and rows that give its id take turns with each other, where PM tells that it is the same one.
    """
    by_id = [Row("phone_keys", (("extensionNumber", "1005"), ("subsystemId", number))) for number in (7, 8)]
    workbook, _behind = checked([extension("ip_extensions", "MX1", "1001"), *by_id])
    await join_lanes(Job(workbook, RunOptions()), Session(Lister(answer)))
    assert lanes == [lane for row in workbook.rows for lane in row.lanes]
