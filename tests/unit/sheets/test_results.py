from __future__ import annotations

import csv
import errno
import gc
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from xlsxwriter.exceptions import XlsxWriterException

from pmbulk.errors import Outcome, WorkbookError
from pmbulk.sheets import results
from pmbulk.sheets.placing import free_path
from pmbulk.sheets.read import open_workbook
from pmbulk.sheets.results import RESULT_COLUMNS, ResultRow, ResultSheet, input_columns, write_results
from pmbulk.sheets.summary import FACT_INPUT, FACT_INPUT_PATH, FACT_INPUT_SHA256, FACT_JOB, Cause, ResultSummary, read_summary
from pmbulk.sheets.writing import new_workbook

FACTS = ((FACT_JOB, "20261123-k3fq"), (FACT_INPUT, "in.xlsx"), (FACT_INPUT_PATH, "/data/in.xlsx"), (FACT_INPUT_SHA256, "9f86d081"))
HEADERS = ("action", "userId", "newPassword", "_note")
SHIFT = len(RESULT_COLUMNS)


def outcome(number, *cells, status=Outcome.SUCCEEDED, message="", notes=None):
    """A row's outcome with the facts that no test is about."""
    return ResultRow(status, message, "", 201, 1, 0.25, "17", "2026-11-23T21:04:02Z", number, "20261123-k3fq", cells, notes or {})


def write(path, rows, *, headers=HEADERS, name="users", facts=FACTS, causes=()):
    """Write a results workbook of one sheet."""
    summary = ResultSummary(facts, {name: Counter(row.status for row in rows)}, causes)
    return write_results(path, summary, [ResultSheet(name, headers, iter(rows))])


def cells_of(path, sheet="users"):
    """The values of a sheet, row by row, as another program reads them."""
    return [list(row) for row in load_workbook(path)[sheet].iter_rows(values_only=True)]


@pytest.fixture
def path(tmp_path):
    """
    Where the results go by default.
    """
    return tmp_path / "in.results.xlsx"


def test_every_row_stands_behind_its_outcome(path):
    """
    Result columns come first, then the input's columns with masks as they were; rows keep their order.
    """
    rows = [
        outcome(2, "create", "anna.berg", "••••••", "HR 1"),
        outcome(5, None, "bo.ek", None, None, status=Outcome.FAILED, message="Type another userId."),
    ]
    write(path, rows)
    assert [
        [*RESULT_COLUMNS, *HEADERS],
        ["succeeded", None, None, 201, 1, 0.25, "17", "2026-11-23T21:04:02Z", 2, "20261123-k3fq", "create", "anna.berg", "••••••", "HR 1"],
        ["failed", "Type another userId.", None, 201, 1, 0.25, "17", "2026-11-23T21:04:02Z", 5, "20261123-k3fq", None, "bo.ek", None, None],
    ] == cells_of(path)


@pytest.mark.parametrize("status", Outcome, ids=str)
def test_every_outcome_can_be_written(path, status):
    """
    Each outcome stands in its cell as the word that a rerun reads.
    """
    write(path, [outcome(2, status=status)])
    assert status.value == cells_of(path)[1][0]


HOSTILE = [
    "=1+1",
    "+46701234",
    "@SUM(A1)",
    "-1",
    "{=1+1}",
    "0012",
    "1e5",
    "TRUE",
    "#N/A",
    "https://pm.example.com",
    "mailto:anna@example.com",
    "internal:users!A1",
    " spaces ",
    'a & b < c > d "quoted"',
    "<r><t>markup</t></r>",
    "<r>broken",
    "two\nlines\tand a tab",
    "carriage\rreturn",
    "_x0041_",
    "_x0041_x0042_",
    "bell\x07",
    "😀 smile",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_text_stays_text(path, text):
    """
    Whatever PM or the file says is read back as the same text, and is neither formula nor link nor number.
    """
    write(path, [outcome(2, text, message=text)], headers=("_note",))
    with open_workbook(path) as workbook:
        ((_number, cells),) = workbook.sheets[1].rows()
    assert (text, text) == (cells[1], cells[SHIFT])
    sheet = load_workbook(path)["users"]
    assert [("s", None), ("s", None)] == [(sheet.cell(2, column).data_type, sheet.cell(2, column).hyperlink) for column in (2, SHIFT + 1)]


@pytest.mark.parametrize("text", ["half \ud800", "non \uffff", "non \ufffe"], ids=ascii)
def test_text_that_no_file_can_hold_is_marked(path, text):
    """
    Half characters become the replacement sign instead of a broken file.
    """
    write(path, [outcome(2, text, notes={0: text})], headers=("_note",))
    assert f"{text[:-1]}�" == cells_of(path)[1][SHIFT]
    assert f"{text[:-1]}�" == load_workbook(path)["users"].cell(2, SHIFT + 1).comment.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, 12),
        (-3.5, -3.5),
        (999_999_999_999_999, 999_999_999_999_999),
        (1_000_000_000_000_000, "1000000000000000"),
        (12345678901234567890, "12345678901234567890"),
        (float("inf"), "inf"),
        (True, "TRUE"),
        (None, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("notes", [{}, {1: "wrong"}], ids=["no finding", "finding beside it"])
def test_numbers_keep_all_their_digits(path, value, expected, notes):
    """
    A number stays one as long as a spreadsheet keeps it exactly; beyond that it becomes text.
    """
    write(path, [outcome(2, value, "end", notes=notes)], headers=("_a", "_b"))
    assert [expected, "end"] == cells_of(path)[1][SHIFT:]


@pytest.mark.parametrize(
    ("letter", "left"),
    [pytest.param("x", 32_737, id="letters"), pytest.param("😀", 16_368, id="characters that count for two")],
)
@pytest.mark.parametrize("notes", [{}, {0: "too long"}], ids=["no finding", "finding"])
def test_text_beyond_a_cell_is_cut_and_says_so(path, letter, left, notes):
    """
    A cell takes 32,767 units of UTF-16; the end of a longer text is replaced by a remark.
    """
    write(path, [outcome(2, letter * 40_000, notes=notes)], headers=("_note",))
    assert letter * left + " … (cut: a cell takes no more)" == cells_of(path)[1][SHIFT]


def test_input_cells_are_typed_as_text(path):
    """
    Cells that a person corrects, filled or blank, take `0012` as text.
    """
    write(path, [outcome(2, "0012", None, 7)], headers=("a", "b", "c"))
    sheet = load_workbook(path)["users"]
    assert {"@"} == {sheet.cell(2, column).number_format for column in (SHIFT + 1, SHIFT + 3)}
    whole = [dimension for dimension in sheet.column_dimensions.values() if dimension.min <= SHIFT + 1 and SHIFT + 3 <= dimension.max]
    assert ["@"] == [dimension.number_format for dimension in whole]


def test_columns_are_as_wide_as_what_stands_in_them(path):
    """
    A path of departments can be read without pulling at its column; a whole book does not push the others out of sight.
    """
    write(path, [outcome(2, "create", "Company/Engineering/Platform", "x" * 300)], headers=["action", "department", "_note"])
    columns = load_workbook(path)["users"].column_dimensions
    assert [18, 30, 44] == [int(columns[letter].width) for letter in "KLM"]


def test_offending_cells_carry_their_findings(path):
    """
    A cell with a finding, also a blank one, is filled and has the finding as its comment; the others have neither.
    """
    notes = {0: "type create, update or delete", 1: "is needed", 2: "is needed\x00 too"}
    write(path, [outcome(2, "creat", None, "x", "HR 1", status=Outcome.INVALID, notes=notes)])
    row = load_workbook(path)["users"][2]
    assert ["type create, update or delete", "is needed", "is needed� too", None] == [
        cell.comment and cell.comment.text for cell in row[SHIFT:]
    ]
    assert ["FFFBD5D7"] * 3 + ["00000000"] == [cell.fill.fgColor.rgb for cell in row[SHIFT:]]
    assert ["creat", None, "x", "HR 1"] == [cell.value for cell in row[SHIFT:]]


def test_comments_have_a_ceiling(path, monkeypatch):
    """
    Beyond the ceiling cells are still marked, without a comment.
    """
    monkeypatch.setattr(results, "NOTES_MAX", 3)
    write(path, [outcome(number, "x", notes={0: "wrong", 1: "blank"}) for number in range(2, 5)], headers=("a", "b"))
    sheet = load_workbook(path)["users"]
    cells = [cell for row in sheet.iter_rows(min_row=2, min_col=SHIFT + 1) for cell in row]
    assert 3 == sum(cell.comment is not None for cell in cells)
    assert {"FFFBD5D7"} == {cell.fill.fgColor.rgb for cell in cells}


def test_cells_without_a_header_are_kept(path):
    """
    What stands right of the last header comes back there.
    """
    write(path, [outcome(2, "a", "b", None, "stray")], headers=("action", "_status"))
    assert [*RESULT_COLUMNS, "action", None, None] == cells_of(path)[0]
    assert ["a", None, "stray"] == cells_of(path)[1][SHIFT:]


def test_cells_without_a_header_end_where_the_sheet_does(path):
    """
    A stray cell in the input's last column has no place behind the outcome; the file stays one that can be read, with all that has a place.
    """
    write(path, [outcome(2, "create", *[None] * 16_372, "kept", "lost")], headers=("action",))
    sheet = load_workbook(path, read_only=True)["users"]
    last = next(sheet.iter_rows(min_row=2, max_row=2, values_only=True))
    assert (16_384, "create", "kept") == (len(last), last[SHIFT], last[-1])


def test_columns_of_an_earlier_run_are_replaced():
    """
    Of a results workbook's columns only the input's are carried on, also the notes.
    """
    assert [10, 11] == input_columns([*RESULT_COLUMNS, "userId", "_note"])
    assert [1] == input_columns(["_Status ", "#status"])


def test_a_results_workbook_gives_the_same_columns_again(path):
    """
    Results of results have each result column once, with the new outcome.
    """
    earlier = outcome(2, *["failed", "old", *[None] * 8], "create", "anna.berg", "••••••", "HR 1")
    write(path, [earlier], headers=(*RESULT_COLUMNS, *HEADERS))
    header, row = cells_of(path)
    assert [*RESULT_COLUMNS, *HEADERS] == header
    assert ("succeeded", None, ["create", "anna.berg", "••••••", "HR 1"]) == (row[0], row[1], row[SHIFT:])


def test_header_and_status_stay_in_sight(path):
    """
    Header row, status and message are frozen, and every column can be filtered.
    """
    write(path, [outcome(2, "create"), outcome(3, "create")])
    sheet = load_workbook(path)["users"]
    assert ("C2", "A1:N3") == (sheet.freeze_panes, sheet.auto_filter.ref)


def test_facts_are_read_again(path):
    """
    The Summary's facts come back by label, and nothing else of the Summary does.
    """
    causes = [Cause(2, "users", "EXISTS", "userId: exists already", "Set action to update.")]
    write(path, [outcome(2, status=Outcome.FAILED), outcome(3, status=Outcome.FAILED)], causes=causes)
    assert dict(FACTS) == read_summary(path)


def test_a_workbook_without_summary_has_no_facts(tmp_path):
    """
    An input is no results workbook, even with a sheet called Summary of its own.
    """
    book = Workbook()
    book.active.title = "users"
    book.save(tmp_path / "input.xlsx")
    assert {} == read_summary(tmp_path / "input.xlsx")
    book.create_sheet("Summary").append(["Job", "Clerk"])
    book.save(tmp_path / "staff.xlsx")
    assert {} == read_summary(tmp_path / "staff.xlsx")


def test_summary_comes_first_and_counts(path):
    """
    The Summary tells the counts of every sheet and of all, and each cause with count, first message and remedy.
    """
    counts = {"users": {Outcome.SUCCEEDED: 1, Outcome.FAILED: 1}, "departments": {Outcome.SUCCEEDED: 1}}
    causes = [Cause(1, "users", "EXISTS", "userId: exists already", "Set action to update.")]
    sheets = [
        ResultSheet("users", HEADERS, [outcome(2), outcome(3, status=Outcome.FAILED)]),
        ResultSheet("departments", ("path",), [outcome(2)]),
    ]
    write_results(path, ResultSummary(FACTS, counts, causes), sheets)
    assert ["Summary", "users", "departments"] == load_workbook(path).sheetnames
    lines = [[cell for cell in row if cell is not None] for row in cells_of(path, "Summary")]
    assert ["3 rows: 2 succeeded, 1 failed"] == lines[0]
    assert ["sheet", *(one.value.replace("_", " ") for one in Outcome)] == lines[2]
    assert [["users", 1, 1, 0, 0, 0, 0, 0], ["departments", 1, 0, 0, 0, 0, 0, 0], ["all sheets", 2, 1, 0, 0, 0, 0, 0]] == lines[3:6]
    assert ["users", 1, "EXISTS", "userId: exists already", "Set action to update."] in lines
    with zipfile.ZipFile(path) as parts:
        assert ["xl/charts/chart1.xml"] == [name for name in parts.namelist() if name.startswith("xl/charts/")]


def test_no_row_of_the_summary_is_higher_than_a_row_can_be(path):
    """
    A cause in many words is cut off by the row, not the workbook by Excel.
    """
    write(path, [outcome(2, status=Outcome.INVALID)], causes=[Cause(1, "users", "INVALID", "word " * 6000, "")])
    assert 408 == max(one.height for one in load_workbook(path)["Summary"].row_dimensions.values() if one.height)


def test_a_workbook_without_rows_has_a_summary(path):
    """
    A sheet without rows comes back with its headers.
    """
    write(path, [])
    assert ("No rows", [[*RESULT_COLUMNS, *HEADERS]]) == (cells_of(path, "Summary")[0][0], cells_of(path))


@pytest.mark.parametrize(
    "counts", [{"users": {Outcome.SUCCEEDED: 2}}, {"users": {Outcome.SUCCEEDED: 1}, "locations": {Outcome.FAILED: 1}}], ids=["row", "sheet"]
)
def test_a_lost_row_is_loud(path, counts):
    """
    Fewer rows or sheets than the Summary counts end in an error, and no file appears.
    """
    with pytest.raises(RuntimeError, match="rows in and rows out differ"):
        write_results(path, ResultSummary(FACTS, counts, ()), [ResultSheet("users", HEADERS, [outcome(2)])])
    assert [] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("there", "wanted", "expected"),
    [
        ([], "in.results.xlsx", "in.results.xlsx"),
        (["in.results.xlsx"], "in.results.xlsx", "in.results-2.xlsx"),
        (["in.results.xlsx", "in.results-2.xlsx"], "in.results.xlsx", "in.results-3.xlsx"),
        (["in.results-2.xlsx"], "in.results-2.xlsx", "in.results-3.xlsx"),
        (["in.results-2.xlsx"], "in.results.xlsx", "in.results.xlsx"),
        (["site-2.xlsx"], "site-2.xlsx", "site-2-2.xlsx"),
    ],
    ids=["free", "taken", "two taken", "numbered", "first is free", "name of its own"],
)
def test_free_path(tmp_path, there, wanted, expected):
    """
    The next free number is taken, and numbers are never put behind numbers.
    """
    for name in there:
        (tmp_path / name).touch()
    assert tmp_path / expected == free_path(tmp_path / wanted)


def test_a_link_to_nowhere_is_in_the_way(tmp_path, path):
    """
    A dangling link is a name that is taken.
    """
    path.symlink_to(tmp_path / "gone")
    assert path.with_name("in.results-2.xlsx") == free_path(path)


def no_links(*_arguments):
    """What a file system without hard links says."""
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("linkable", [True, False], ids=["links", "no links"])
def test_a_file_that_comes_up_meanwhile_is_not_overwritten(path, monkeypatch, linkable):
    """
    A file that takes the name while rows are written stays as it is; the results take the next name, and nothing else is left.
    """
    if not linkable:
        monkeypatch.setattr(os, "link", no_links)

    def rows():
        path.write_text("somebody else's", "utf-8")
        yield outcome(2, "create")

    written = write_results(path, ResultSummary(FACTS, {"users": {Outcome.SUCCEEDED: 1}}, ()), [ResultSheet("users", HEADERS, rows())])
    assert path.with_name("in.results-2.xlsx") == written
    assert "somebody else's" == path.read_text("utf-8")
    assert {path, written} == set(path.parent.iterdir())
    assert 2 == len(cells_of(written))


@pytest.mark.parametrize("linkable", [True, False], ids=["links", "no links"])
def test_a_file_that_comes_up_at_the_last_moment_is_not_overwritten(path, monkeypatch, linkable):
    """
    A file that takes the name between the look and the naming stays as it is, too.
    """
    link = os.link if linkable else no_links

    def overtaken(source, target):
        if not path.exists():
            path.write_text("somebody else's", "utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert path.with_name("in.results-2.xlsx") == write(path, [outcome(2)])
    assert "somebody else's" == path.read_text("utf-8")


def test_the_name_stays_free_until_the_file_is_complete(path):
    """
    While rows are written nothing has the results' name.
    """
    seen = []

    def rows():
        seen.append(path.exists())
        yield outcome(2)

    write_results(path, ResultSummary(FACTS, {"users": {Outcome.SUCCEEDED: 1}}, ()), [ResultSheet("users", HEADERS, rows())])
    assert ([False], True) == (seen, path.exists())


def test_what_cannot_be_written_is_not_lost(tmp_path):
    """
    The message names the reason and the command that writes the results later.
    """
    place = tmp_path / "gone" / "in.results.xlsx"
    with pytest.raises(WorkbookError) as caught:
        write(place, [outcome(2)])
    assert (
        f"The results cannot be written to {place} (No such file or directory). "
        "Nothing is lost: `pmbulk results 20261123-k3fq` writes them again, with -o to another place."
    ) == str(caught.value)


def test_a_full_disk_leaves_no_half_file(path):
    """
    Running out of room in the middle leaves nothing behind.
    """

    def rows():
        yield outcome(2)
        raise OSError(errno.ENOSPC, "No space left on device")

    summary = ResultSummary(FACTS, {"users": {Outcome.SUCCEEDED: 1}}, ())
    with pytest.raises(WorkbookError, match="No space left on device"):
        write_results(path, summary, [ResultSheet("users", HEADERS, rows())])
    assert [] == list(path.parent.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here is full by itself")
def test_a_disk_that_fills_up_at_the_end_is_told_once(monkeypatch):
    """
    The archive that XlsxWriter leaves open says nothing of its own, as Python would of an error that nobody can catch.
    """
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: complaints.append(str(unraisable.exc_value)))
    with pytest.raises(XlsxWriterException, match="No space left on device"), new_workbook(Path("/dev/full")) as book:
        book.add_worksheet("users").write_text(0, 0, "text " * 5000)
    gc.collect()
    assert [] == complaints


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HR export: new [2026]", "HR export_ new _2026_"),
        ("'quoted'", "quoted"),
        ("a name of more than thirty-one characters", "a name of more than thirty-one "),
    ],
    ids=["signs", "quotes", "length"],
)
def test_a_csv_name_becomes_a_sheet_name(path, name, expected):
    """
    A sheet that got its name from a file gets one that a workbook allows.
    """
    write(path, [outcome(2)], name=name)
    assert ["Summary", expected] == load_workbook(path).sheetnames


def test_more_rows_than_a_sheet_takes_are_refused(path, monkeypatch):
    """
    Rows beyond the sheet's end are an error, not a loss.
    """
    monkeypatch.setattr(results, "ROWS_MAX", 3)
    write(path, [outcome(2), outcome(3)])
    with pytest.raises(WorkbookError) as caught:
        write(path, [outcome(2), outcome(3), outcome(4)])
    assert "The results of sheet users do not fit: a workbook takes 2 rows. The journal has them all; split the input next time." == str(
        caught.value
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(path, tmp_path):
    """
    LibreOffice reads the same texts, and calculates none of them.
    """
    texts = [text for text in HOSTILE if text.isprintable()]
    write(path, [replace(outcome(2, *texts), notes={0: "look here"})], headers=[f"_{number}" for number, _text in enumerate(texts)])
    convert = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", convert, "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with (tmp_path / "in.results-users.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert texts == rows[1][SHIFT:]
