"""
The plan workbook: a Summary, then every input sheet with what each of its rows would do before its own columns.

Knows neither PM nor entities: it is handed rows, already masked, and streams them. All of it stays a valid input, because what it adds are notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.cells import CellValue
from pmbulk.errors import WorkbookError
from pmbulk.sheets.package import COLUMNS_MAX, ROWS_MAX
from pmbulk.sheets.writing import (
    DARK_HEADER,
    FONT,
    LIGHT_HEADER,
    NAVY,
    NOTES_MAX,
    OFFENDING,
    RULED,
    SLATE,
    TEXT,
    Widths,
    height,
    lines,
    sheet_name,
    write_cell,
    write_note,
    write_workbook,
)

__all__ = ["PLAN_COLUMNS", "PlanRow", "PlanSheet", "PlanSummary", "write_plan"]

#: What stands before the input's own columns.
PLAN_COLUMNS: Final = ("_plan", "_message", "_changes", "_row")

_WIDTHS: Final = (12, 50, 60, 8)
#: A row is no higher than so many lines, or a row of many changes would fill the screen.
_LINES_MAX: Final = 8
#: Each verdict's fill and ink; the word itself always stands there too.
_COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "create": ("#E3F4E6", "#14532D"),
    "change": ("#FFF6C2", "#6B5300"),
    "delete": ("#FDEFD8", "#7A4100"),
    "nothing": ("#EAF0F6", "#334155"),
    "conflict": ("#FBE3E4", "#8B1A1F"),
    "invalid": ("#F2E8FA", "#5B2A86"),
    "left_out": ("#F1F1EF", "#57534E"),
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row's *verdict* with its *cells*; *changes* (``old → new``) and *findings* are comments by the index of the input's column."""

    verdict: str
    message: str
    summary: str
    number: int
    cells: Sequence[CellValue]
    changes: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """An input sheet; its rows are streamed."""

    name: str
    headers: Sequence[str]
    rows: Iterable[PlanRow]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What the Summary says: *facts* in order, and verdicts per sheet."""

    facts: Sequence[tuple[str, str]]
    counts: Mapping[str, Mapping[str, int]]


def write_plan(path: Path, summary: PlanSummary, sheets: Iterable[PlanSheet]) -> Path:
    """
    Write the workbook and return where it is; where a file is in the way the next free name is taken.

    Raises:
        WorkbookError: If it cannot be written.
    """

    def fill(workbook: Any) -> None:
        _write_summary(workbook, summary)
        styles = _Styles(workbook)
        for sheet in sheets:
            _write_sheet(workbook, styles, sheet)

    return write_workbook("plan", path, fill, remedy="Nothing was sent to PM; give another place with -o.")


class _Styles:
    """The formats of the input sheets."""

    def __init__(self, workbook: Any) -> None:
        self.text = workbook.add_format(TEXT)
        self.wrapped = workbook.add_format({**TEXT, "text_wrap": True})
        self.number = workbook.add_format(FONT)
        self.plan_header = workbook.add_format({**DARK_HEADER, **RULED})
        self.input_header = workbook.add_format({**LIGHT_HEADER, **RULED})
        self.offending = workbook.add_format(OFFENDING)
        self.changed = workbook.add_format({**TEXT, "bg_color": "#FFF6C2", "border": 1, "border_color": "#DDBE22"})
        self.verdict = {
            verdict: workbook.add_format({**TEXT, "bold": True, "bg_color": fill, "font_color": ink})
            for verdict, (fill, ink) in _COLOURS.items()
        }


def _write_sheet(workbook: Any, styles: _Styles, plan: PlanSheet) -> None:
    sheet = workbook.add_worksheet(sheet_name(plan.name))
    carried = [index for index, header in enumerate(plan.headers) if header.strip().casefold() not in PLAN_COLUMNS]
    width = len(PLAN_COLUMNS) + len(carried)
    if width > COLUMNS_MAX:
        raise WorkbookError(f"The plan of sheet {plan.name} does not fit: a workbook takes {COLUMNS_MAX:,} columns.")
    for column, (name, size) in enumerate(zip(PLAN_COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, size)
        sheet.write_text(0, column, name, styles.plan_header)
    for column, index in enumerate(carried, start=len(PLAN_COLUMNS)):
        sheet.write_text(0, column, plan.headers[index], styles.input_header)
    sheet.freeze_panes(1, 1)
    number, room = 0, NOTES_MAX
    widths = Widths([plan.headers[index] for index in carried], least=18, indexes=carried)
    for number, row in enumerate(plan.rows, start=1):
        if number == ROWS_MAX:
            raise WorkbookError(f"The plan of sheet {plan.name} does not fit: a workbook takes {ROWS_MAX - 1:,} rows.")
        needed = max(lines(row.message, _WIDTHS[1]), lines(row.summary, _WIDTHS[2]))
        if needed > 1:
            sheet.set_row(number, height(min(needed, _LINES_MAX)))
        sheet.write_text(number, 0, row.verdict, styles.verdict[row.verdict])
        sheet.write_text(number, 1, row.message, styles.wrapped)
        sheet.write_text(number, 2, row.summary, styles.wrapped)
        sheet.write_number(number, 3, row.number, styles.number)
        widths.measure(row.cells)
        room -= _write_cells(sheet, styles, number, row, carried, room=room)
    widths.set_columns(sheet, len(PLAN_COLUMNS), styles.text)
    sheet.autofilter(0, 0, max(number, 1), width - 1)


def _write_cells(sheet: Any, styles: _Styles, number: int, row: PlanRow, carried: Sequence[int], *, room: int) -> int:
    """The input's cells; the first *room* of those with something to say get a comment. Returns how many have."""
    noted = 0
    for column, index in enumerate(carried, start=len(PLAN_COLUMNS)):
        value = row.cells[index] if index < len(row.cells) else None
        words = row.findings.get(index) or row.changes.get(index)
        if words is None:
            if value is not None:
                write_cell(sheet, number, column, value, styles.text)
            continue
        write_cell(sheet, number, column, value, styles.offending if index in row.findings else styles.changed)
        if noted < room:
            write_note(sheet, number, column, words)
        noted += 1
    return noted


def _write_summary(workbook: Any, summary: PlanSummary) -> None:
    """The first sheet: verdicts per sheet, and what was planned against which PM."""
    table = {**FONT, "bold": True, "bottom": 1, "bottom_color": SLATE, "font_color": SLATE}
    title = workbook.add_format({**FONT, "bold": True, "font_size": 18, "font_color": NAVY})
    heading, text = workbook.add_format(table), workbook.add_format(TEXT)
    right, number = workbook.add_format({**table, "align": "right"}), workbook.add_format({**FONT, "num_format": "#,##0"})
    sheet = workbook.add_worksheet("Summary")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, len(_COLOURS), 12)
    sheet.set_row(0, 28)
    total = {verdict: sum(counts.get(verdict, 0) for counts in summary.counts.values()) for verdict in _COLOURS}
    rows = sum(total.values())
    words = ", ".join(f"{count:,} {verdict.replace('_', ' ')}" for verdict, count in total.items() if count)
    sheet.write_text(0, 0, f"Plan of {rows:,} {'row' if rows == 1 else 'rows'}: {words}", title)
    sheet.write_text(2, 0, "sheet", heading)
    for column, verdict in enumerate(_COLOURS, start=1):
        sheet.write_text(2, column, verdict.replace("_", " "), right)
    row = 2
    for name, counts in summary.counts.items():
        row += 1
        sheet.write_text(row, 0, name, text)
        for column, verdict in enumerate(_COLOURS, start=1):
            sheet.write_number(row, column, counts.get(verdict, 0), number)
    row += 2
    sheet.write_text(row, 0, "This plan", heading)
    for label, value in summary.facts:
        row += 1
        sheet.write_text(row, 0, label, text)
        sheet.write_text(row, 1, value, text)
