"""
The results workbook: a Summary, then every input sheet with all its rows and an outcome for each (design.md 3.2).

Knows neither journal nor entities: it is handed rows, already masked, and streams them. XlsxWriter's constant-memory mode takes rows in order only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.cells import CellValue
from pmbulk.errors import Outcome, WorkbookError
from pmbulk.sheets.package import COLUMNS_MAX, ROWS_MAX
from pmbulk.sheets.summary import COLOURS, FACT_JOB, ResultSummary, write_summary
from pmbulk.sheets.writing import (
    DARK_HEADER,
    FONT,
    LIGHT_HEADER,
    NOTES_MAX,
    OFFENDING,
    RULED,
    TEXT,
    Cell,
    Widths,
    sheet_name,
    write_note,
    write_workbook,
)

__all__ = ["RESULT_COLUMNS", "ResultRow", "ResultSheet", "input_columns", "write_results"]

#: What stands before the input's own columns.
RESULT_COLUMNS: Final = ("_status", "_message", "_code", "_http", "_attempts", "_seconds", "_id", "_finished_at", "_row", "_job")

_WIDTHS: Final = (12, 60, 16, 8, 12, 11, 12, 22, 8, 24)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """
    One row's outcome and its *cells*.

    *http* is the last status (``None``: none came), *row* the row's number in the input, *notes* are findings by the index of the input's column.
    """

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


def input_columns(headers: Sequence[str]) -> list[int]:
    """The indexes of the columns that are carried into the results: all but those of an earlier run."""
    return [index for index, header in enumerate(headers) if header.strip().casefold() not in RESULT_COLUMNS]


def write_results(path: Path, summary: ResultSummary, sheets: Iterable[ResultSheet]) -> Path:
    """
    Write the workbook and return where it is; a file that is in the way is never overwritten, the next free name is taken instead.

    Raises:
        WorkbookError: If it cannot be written; the journal still has everything, and the message says how to get it.
        RuntimeError: If not as many rows came as the summary counts.
    """
    job = dict(summary.facts).get(FACT_JOB, "JOB")
    remedy = f"Nothing is lost: `pmbulk results {job}` writes them again, with -o to another place."
    return write_workbook("results", path, lambda workbook: _write(workbook, summary, sheets), remedy=remedy)


class _Styles:
    """The formats of the input sheets."""

    def __init__(self, workbook: Any) -> None:
        self.text = workbook.add_format(TEXT)
        self.result = workbook.add_format({**TEXT, "align": "left", "indent": 1})
        self.number = workbook.add_format(FONT)
        self.seconds = workbook.add_format({**FONT, "num_format": "0.000"})
        self.result_header = workbook.add_format({**DARK_HEADER, **RULED})
        self.input_header = workbook.add_format({**LIGHT_HEADER, **RULED})
        self.offending = workbook.add_format(OFFENDING)
        self.status = {
            outcome: workbook.add_format({**TEXT, "bold": True, "bg_color": colour.fill, "font_color": colour.ink})
            for outcome, colour in COLOURS.items()
        }
        self.message = {outcome: workbook.add_format({**TEXT, "bg_color": colour.fill}) for outcome, colour in COLOURS.items()}


def _write(workbook: Any, summary: ResultSummary, sheets: Iterable[ResultSheet]) -> None:
    """
    Fill the workbook.

    Raises:
        RuntimeError: If rows in and rows out are not the same.
    """
    write_summary(workbook, summary)
    styles = _Styles(workbook)
    written = {sheet.name: _write_sheet(workbook, styles, sheet) for sheet in sheets}
    expected = {name: sum(counts.values()) for name, counts in summary.counts.items()}
    if written != expected:
        raise RuntimeError(f"rows in and rows out differ: {expected} were to be written, {written} were")


def _write_sheet(workbook: Any, styles: _Styles, result: ResultSheet) -> int:
    """One input sheet with its outcomes; returns how many rows it has."""
    sheet = workbook.add_worksheet(sheet_name(result.name))
    carried = input_columns(result.headers)
    width = len(RESULT_COLUMNS) + len(carried)
    if width > COLUMNS_MAX:
        raise _too_large(result.name, f"{COLUMNS_MAX - len(RESULT_COLUMNS):,} columns of the input")
    _write_headers(sheet, styles, result.headers, carried)
    sheet.set_row(0, 20)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    number, noted = 0, 0
    widths = Widths([result.headers[index] for index in carried], least=18, indexes=carried)
    for number, row in enumerate(result.rows, start=1):
        if number == ROWS_MAX:
            raise _too_large(result.name, f"{ROWS_MAX - 1:,} rows")
        widths.measure(row.cells)
        sheet.write_whole(number, chain(_cells(styles, row, carried), _stray(styles, row, len(result.headers), width)))
        if row.notes:
            noted += _write_notes(sheet, number, row, carried, room=NOTES_MAX - noted)
    # Text format for the whole column: what a person types into an empty cell stays text as well.
    widths.set_columns(sheet, len(RESULT_COLUMNS), styles.text)
    sheet.autofilter(0, 0, max(number, 1), width - 1)
    return number


def _too_large(sheet: str, limit: str) -> WorkbookError:
    return WorkbookError(
        f"The results of sheet {sheet} do not fit: a workbook takes {limit}. The journal has them all; split the input next time."
    )


def _write_headers(sheet: Any, styles: _Styles, headers: Sequence[str], carried: Sequence[int]) -> None:
    for column, (name, width) in enumerate(zip(RESULT_COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_text(0, column, name, styles.result_header)
    for column, index in enumerate(carried, start=len(RESULT_COLUMNS)):
        sheet.write_text(0, column, headers[index], styles.input_header)


def _cells(styles: _Styles, row: ResultRow, carried: Sequence[int]) -> Iterator[Cell]:
    """The outcome, then the input's own cells; those with findings are marked."""
    text, plain = styles.result, styles.number
    yield 0, row.status.value, styles.status[row.status]
    if row.message:
        yield 1, row.message, styles.message[row.status]
    if row.code:
        yield 2, row.code, text
    if row.http is not None:
        yield 3, row.http, plain
    yield 4, row.attempts, plain
    yield 5, row.seconds, styles.seconds
    if row.id:
        yield 6, row.id, text
    if row.finished_at:
        yield 7, row.finished_at, text
    yield 8, row.row, plain
    if row.job:
        yield 9, row.job, text
    width, notes = len(row.cells), row.notes
    for column, index in enumerate(carried, start=len(RESULT_COLUMNS)):
        value = row.cells[index] if index < width else None
        if index in notes:
            yield column, value, styles.offending
        elif value is not None:
            yield column, value, styles.text


def _stray(styles: _Styles, row: ResultRow, headers: int, first: int) -> Iterator[Cell]:
    """Cells without a header above them, as far as the sheet reaches: findings, but still the user's."""
    for column, value in enumerate(row.cells[headers : headers + COLUMNS_MAX - first], start=first):
        if value is not None:
            yield column, value, styles.offending


def _write_notes(sheet: Any, number: int, row: ResultRow, carried: Sequence[int], *, room: int) -> int:
    """Put comments on the first *room* cells with findings; returns how many have any."""
    noted = [(column, row.notes[index]) for column, index in enumerate(carried, start=len(RESULT_COLUMNS)) if index in row.notes]
    for column, note in noted[: max(room, 0)]:
        write_note(sheet, number, column, note)
    return len(noted)
