"""
The results workbook: a Summary, then every input sheet with all its rows and an outcome for each (design.md 3.2).

Knows neither journal nor entities: it is handed rows, already masked, and streams them. XlsxWriter's constant-memory mode takes rows in order only.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.cells import CellValue, shown
from pmbulk.errors import Outcome, WorkbookError

__all__ = [
    "FACT_INPUT",
    "FACT_INPUT_PATH",
    "FACT_INPUT_SHA256",
    "FACT_JOB",
    "RESULT_COLUMNS",
    "Cause",
    "ResultRow",
    "ResultSheet",
    "ResultSummary",
    "free_path",
    "read_summary",
    "write_results",
]

#: What stands before the input's own columns.
RESULT_COLUMNS: Final = ("_status", "_message", "_code", "_http", "_attempts", "_seconds", "_id", "_finished_at", "_row", "_job")

#: Labels of the Summary that a rerun reads again.
FACT_JOB: Final = "Job"
FACT_INPUT: Final = "Input"
FACT_INPUT_PATH: Final = "Input path"
FACT_INPUT_SHA256: Final = "Input SHA-256"

#: Fill and text colour of each outcome; the word itself always stands in the cell too.
_COLOURS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.SUCCEEDED: ("#E3F4E6", "#14532D"),
    Outcome.SKIPPED: ("#EEF2F6", "#334155"),
    Outcome.FAILED: ("#FBE3E4", "#8B1A1F"),
    Outcome.INVALID: ("#FDEFD8", "#7A4100"),
    Outcome.BLOCKED: ("#F2E8FA", "#5B2A86"),
    Outcome.UNKNOWN: ("#FFF6C2", "#6B5300"),
    Outcome.NOT_RUN: ("#F1F1EF", "#57534E"),
}
_WIDTHS: Final = (11, 60, 14, 7, 10, 9, 10, 21, 7, 22)
_A4: Final = 9
#: Excel's limit for one cell.
_TEXT_MAX: Final = 32_767
#: Numbers beyond this lose digits in a spreadsheet, so they are written as text.
_EXACT: Final = 10**15
#: What XML cannot carry.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Cause:
    """*count* rows of a *sheet* that ended alike, with the *message* of the first and what to do about all of them."""

    count: int
    sheet: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row's outcome and its *cells*; *notes* are findings by the index of the input's column."""

    status: Outcome
    message: str
    code: str
    http: int | None
    attempts: int
    seconds: float
    id: str
    finished_at: str
    row: int
    job: str
    cells: Sequence[CellValue]
    notes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """An input sheet; its rows are streamed."""

    name: str
    headers: Sequence[str]
    rows: Iterable[ResultRow]


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """What the Summary sheet says: *facts* in order, outcomes per sheet, and why rows did not succeed, most frequent first."""

    facts: Sequence[tuple[str, str]]
    counts: Mapping[str, Mapping[Outcome, int]]
    causes: Sequence[Cause]


def free_path(path: Path) -> Path:
    """*path*, or ``….results-2.xlsx`` and so on where files are in the way."""
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free


def write_results(path: Path, summary: ResultSummary, sheets: Iterable[ResultSheet]) -> Path:
    """
    Write the workbook and return where it is; a file that is in the way is never overwritten, the next free name is taken instead.

    Raises:
        WorkbookError: If it cannot be written; the journal still has everything, and the message says how to get it.
        RuntimeError: If not as many rows came as the summary counts.
    """
    from xlsxwriter.exceptions import XlsxWriterException

    job = dict(summary.facts).get(FACT_JOB, "JOB")
    try:
        with _in_place(path) as (unfinished, place):
            _write(unfinished, summary, sheets)
        return place[0]
    except (OSError, XlsxWriterException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbookError(
            f"The results cannot be written to {path} ({reason}). Nothing is lost: `pmbulk results {job}` writes them again, with -o to another place."
        ) from error


@contextmanager
def _in_place(path: Path) -> Iterator[tuple[Path, list[Path]]]:
    """A temporary file beside *path* that gets the first free name once it is complete; the list then holds that name."""
    number, name = tempfile.mkstemp(prefix=".pmbulk-", suffix=".tmp", dir=path.parent)
    os.close(number)
    unfinished = Path(name)
    place: list[Path] = []
    try:
        yield unfinished, place
        place.append(_claim(unfinished, path))
    finally:
        unfinished.unlink(missing_ok=True)


def _claim(unfinished: Path, path: Path) -> Path:
    """Give the complete file the first free name, without a moment in which another file could be overwritten."""
    while True:
        free = free_path(path)
        try:
            free.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        unfinished.replace(free)
        return free


def _write(path: Path, summary: ResultSummary, sheets: Iterable[ResultSheet]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": "pmbulk results"})
        styles = _Styles(workbook)
        _write_summary(workbook, styles, summary)
        for sheet in sheets:
            written = _write_sheet(workbook, styles, sheet)
            expected = sum(summary.counts.get(sheet.name, {}).values())
            if written != expected:
                raise RuntimeError(f"sheet {sheet.name}: {expected} rows were to be written, {written} were")


class _Styles:
    """The formats of one workbook."""

    def __init__(self, workbook: Any) -> None:
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        self.title = workbook.add_format({**base, "bold": True, "font_size": 16})
        self.heading = workbook.add_format({**base, "bold": True, "font_size": 12, "font_color": "#1E3A5F"})
        self.table = workbook.add_format({**base, "bold": True, "bottom": 1, "font_color": "#334155"})
        self.table_number = workbook.add_format({**base, "bold": True, "bottom": 1, "font_color": "#334155", "align": "right"})
        self.label = workbook.add_format({**base, "font_color": "#57534E"})
        self.text = workbook.add_format({**base, "num_format": "@"})
        self.wrapped = workbook.add_format({**base, "num_format": "@", "text_wrap": True})
        self.number = workbook.add_format({**base, "num_format": "#,##0", "align": "right"})
        self.seconds = workbook.add_format({**base, "num_format": "0.000"})
        self.result_header = workbook.add_format({**base, "bold": True, "bg_color": "#1E3A5F", "font_color": "#FFFFFF"})
        self.input_header = workbook.add_format({**base, "bold": True, "bg_color": "#D9E2EC", "num_format": "@"})
        self.offending = workbook.add_format({**base, "num_format": "@", "bg_color": "#FBE3E4", "border": 1, "border_color": "#C2410C"})
        self.status = {
            outcome: workbook.add_format({**base, "bold": True, "bg_color": fill, "font_color": ink})
            for outcome, (fill, ink) in _COLOURS.items()
        }


def _write_summary(workbook: Any, styles: _Styles, summary: ResultSummary) -> None:
    sheet = workbook.add_worksheet("Summary")
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 8, 14)
    total: Counter[Outcome] = Counter()
    for counts in summary.counts.values():
        total.update(counts)
    row = 0
    sheet.write_string(
        row,
        0,
        f"{sum(total.values()):,} rows: " + ", ".join(f"{total[one]:,} {_words(one)}" for one in Outcome if total[one]),
        styles.title,
    )
    row += 2
    row = _write_counts(workbook, sheet, styles, summary, total, row)
    row = _write_causes(sheet, styles, summary.causes, row)
    sheet.write_string(row, 0, "This run", styles.heading)
    for label, value in summary.facts:
        row += 1
        sheet.write_string(row, 0, label, styles.label)
        sheet.write_string(row, 1, _writable(value), styles.text)


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _write_counts(workbook: Any, sheet: Any, styles: _Styles, summary: ResultSummary, total: Mapping[Outcome, int], row: int) -> int:
    """Outcomes per sheet with their bar chart; returns the next free row."""
    sheet.write_string(row, 0, "Outcomes", styles.heading)
    row += 1
    sheet.write_string(row, 0, "sheet", styles.table)
    for column, outcome in enumerate(Outcome, start=1):
        sheet.write_string(row, column, _words(outcome), styles.table_number)
    first = row + 1
    for name, counts in (*summary.counts.items(), *([("all sheets", total)] if len(summary.counts) > 1 else [])):
        row += 1
        sheet.write_string(row, 0, name, styles.text)
        for column, outcome in enumerate(Outcome, start=1):
            if counts.get(outcome):
                sheet.write_number(row, column, counts[outcome], styles.number)
    last = first + len(summary.counts) - 1
    chart = workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for column, outcome in enumerate(Outcome, start=1):
        if total.get(outcome):
            fill = _COLOURS[outcome][1] if outcome is not Outcome.SUCCEEDED else "#4C9A62"
            chart.add_series(
                {
                    "name": _words(outcome),
                    "categories": ["Summary", first, 0, last, 0],
                    "values": ["Summary", first, column, last, column],
                    "fill": {"color": fill},
                    "gap": 60,
                }
            )
    height = 110 + 28 * len(summary.counts)
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True, "line": {"none": True}, "label_position": "low"})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "num_format": "0"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 760, "height": height})
    sheet.insert_chart(row + 2, 0, chart, {"description": "Outcomes per sheet"})
    return row + 3 + height // 20 + 1


def _write_causes(sheet: Any, styles: _Styles, causes: Sequence[Cause], row: int) -> int:
    if not causes:
        return row
    sheet.write_string(row, 0, "Why rows did not succeed", styles.heading)
    row += 1
    for column, header in enumerate(("sheet", "rows", "  code", "", "what to do", "", "", "", "", "first of them")):
        sheet.write_string(row, column, header, styles.table_number if header == "rows" else styles.table)
    for cause in causes:
        row += 1
        sheet.write_string(row, 0, cause.sheet, styles.text)
        sheet.write_number(row, 1, cause.count, styles.number)
        sheet.write_string(row, 2, f"  {_writable(cause.code)}", styles.text)
        sheet.write_string(row, 4, _writable(cause.remedy), styles.text)
        sheet.write_string(row, 9, _writable(cause.message), styles.text)
    return row + 2


def _write_sheet(workbook: Any, styles: _Styles, result: ResultSheet) -> int:
    """One input sheet with its outcomes; returns how many rows it has."""
    sheet = workbook.add_worksheet(result.name)
    carried = [index for index, header in enumerate(result.headers) if header not in RESULT_COLUMNS]
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    shift = len(RESULT_COLUMNS)
    for column, index in enumerate(carried, start=shift):
        # Text format for the whole column: what a person types into an empty cell stays text as well.
        sheet.set_column(column, column, min(max(len(result.headers[index]) + 3, 12), 40), styles.text)
    sheet.freeze_panes(1, 2)
    for column, name in enumerate(RESULT_COLUMNS):
        sheet.write_string(0, column, name, styles.result_header)
    for column, index in enumerate(carried, start=shift):
        sheet.write_string(0, column, result.headers[index], styles.input_header)
    count = 0
    for count, row in enumerate(result.rows, start=1):
        _write_outcome(sheet, styles, count, row)
        _write_input(sheet, styles, count, row, carried)
    sheet.autofilter(0, 0, max(count, 1), shift + len(carried) - 1)
    return count


def _write_outcome(sheet: Any, styles: _Styles, number: int, row: ResultRow) -> None:
    string, text = sheet.write_string, styles.text
    string(number, 0, row.status.value, styles.status[row.status])
    if row.message:
        string(number, 1, _writable(row.message), text)
    if row.code:
        string(number, 2, _writable(row.code), text)
    if row.http is not None:
        sheet.write_number(number, 3, row.http)
    sheet.write_number(number, 4, row.attempts)
    sheet.write_number(number, 5, row.seconds, styles.seconds)
    if row.id:
        string(number, 6, _writable(row.id), text)
    if row.finished_at:
        string(number, 7, row.finished_at, text)
    sheet.write_number(number, 8, row.row)
    if row.job:
        string(number, 9, row.job, text)


def _write_input(sheet: Any, styles: _Styles, number: int, row: ResultRow, carried: Sequence[int]) -> None:
    string, text = sheet.write_string, styles.text
    cells, notes = row.cells, row.notes
    width = len(cells)
    for column, index in enumerate(carried, start=len(RESULT_COLUMNS)):
        value = cells[index] if index < width else None
        note = notes.get(index) if notes else None
        if note is not None:
            _write_cell(sheet, number, column, value, styles.offending)
            sheet.write_comment(number, column, note, {"author": "pmbulk", "x_scale": 2})
        elif isinstance(value, str):
            string(number, column, _writable(value), text)
        elif value is not None:
            _write_cell(sheet, number, column, value, text)


def _write_cell(sheet: Any, number: int, column: int, value: CellValue, style: Any) -> None:
    if value is None:
        sheet.write_blank(number, column, None, style)
    elif isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= _EXACT:
        sheet.write_string(number, column, _writable(shown(value)), style)
    else:
        sheet.write_number(number, column, value, style)


def _writable(text: str) -> str:
    """*text* without what a workbook cannot hold: control characters, and more than Excel's cells take."""
    if len(text) > _TEXT_MAX:
        text = text[: _TEXT_MAX - 1] + "…"
    return text if text.isprintable() else _UNWRITABLE.sub("�", text)


def read_summary(path: Path) -> dict[str, str]:
    """
    The facts of a results workbook by their labels; empty if it has no Summary.

    Raises:
        WorkbookError: If the file cannot be read.
    """
    from pmbulk.sheets.read import open_workbook

    with open_workbook(path) as workbook:
        for sheet in workbook.sheets:
            if sheet.name == "Summary":
                return {shown(cells[0]): shown(cells[1]) for _number, cells in sheet.rows() if len(cells) > 1 and cells[1] is not None}
    return {}
