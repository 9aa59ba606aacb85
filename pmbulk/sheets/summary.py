"""
The Summary of a results workbook: how many rows came to which outcome, why some did not succeed, and the facts of the run.

Writes it, and reads the facts again for a rerun. Knows no rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.cells import shown
from pmbulk.errors import Outcome
from pmbulk.sheets.writing import A4, FONT, NAVY, SLATE, TEXT, height, lines

__all__ = [
    "COLOURS",
    "FACT_INPUT",
    "FACT_INPUT_PATH",
    "FACT_INPUT_SHA256",
    "FACT_JOB",
    "Cause",
    "Colour",
    "ResultSummary",
    "read_summary",
    "write_summary",
]

#: Labels of facts that a rerun reads again.
FACT_JOB: Final = "Job"
FACT_INPUT: Final = "Input"
FACT_INPUT_PATH: Final = "Input path"
FACT_INPUT_SHA256: Final = "Input SHA-256"

#: The heading below which the facts stand.
_FACTS: Final = "This run"
_SHEET: Final = "Summary"
_WIDTHS: Final = (24, 12, 20, 12, 12, 12, 12, 12)
#: The columns of the causes' table: title, first and last column.
_CAUSE_COLUMNS: Final = (
    ("sheet", 0, 0),
    ("rows", 1, 1),
    ("code", 2, 2),
    ("what happened to the first of them", 3, 7),
    ("what to do", 8, 8),
)
_HEADING_HEIGHT: Final = 22
_REMEDY_WIDTH: Final = 62
_MESSAGE_WIDTH: Final = sum(_WIDTHS[3:8])


@dataclass(frozen=True, slots=True)
class Colour:
    """How an outcome looks: the *fill* and *ink* of its cells, and its *bar* in the chart."""

    fill: str
    ink: str
    bar: str


#: Each outcome's colours; the word itself always stands there too.
COLOURS: Final[Mapping[Outcome, Colour]] = {
    Outcome.SUCCEEDED: Colour("#E3F4E6", "#14532D", "#4C9A62"),
    Outcome.FAILED: Colour("#FBE3E4", "#8B1A1F", "#D14B54"),
    Outcome.INVALID: Colour("#FDEFD8", "#7A4100", "#EE9B3A"),
    Outcome.BLOCKED: Colour("#F2E8FA", "#5B2A86", "#9A6CC2"),
    Outcome.UNKNOWN: Colour("#FFF6C2", "#6B5300", "#DDBE22"),
    Outcome.SKIPPED: Colour("#EAF0F6", "#334155", "#93ACC6"),
    Outcome.NOT_RUN: Colour("#F1F1EF", "#57534E", "#BDBAB3"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """*count* rows of a *sheet* that ended alike, with the *message* of the first and what to do about all of them."""

    count: int
    sheet: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """What the Summary says: *facts* in order, outcomes per sheet, and why rows did not succeed, most frequent first."""

    facts: Sequence[tuple[str, str]]
    counts: Mapping[str, Mapping[Outcome, int]]
    causes: Sequence[Cause]

    @property
    def total(self) -> Counter[Outcome]:
        """The outcomes of all sheets together."""
        total: Counter[Outcome] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total


class _Styles:
    """The formats of the Summary."""

    def __init__(self, workbook: Any) -> None:
        table = {**FONT, "bold": True, "bottom": 1, "bottom_color": SLATE, "font_color": SLATE}
        self.title = workbook.add_format({**FONT, "bold": True, "font_size": 18, "font_color": NAVY})
        self.heading = workbook.add_format({**FONT, "bold": True, "font_size": 13, "font_color": NAVY})
        self.table = workbook.add_format(table)
        self.table_number = workbook.add_format({**table, "align": "right"})
        self.label = workbook.add_format({**FONT, "font_color": SLATE})
        self.text = workbook.add_format(TEXT)
        self.wrapped = workbook.add_format({**TEXT, "text_wrap": True})
        self.code = workbook.add_format({**TEXT, "text_wrap": True, "align": "left", "indent": 1})
        self.code_title = workbook.add_format({**table, "align": "left", "indent": 1})
        number = {**FONT, "num_format": "#,##0", "align": "right"}
        self.number = workbook.add_format(number)
        self.none = workbook.add_format({**number, "font_color": "#A8B0BA"})
        self.sum_label = workbook.add_format({**TEXT, "bold": True, "top": 1, "top_color": SLATE})
        self.sum = workbook.add_format({**number, "bold": True, "top": 1, "top_color": SLATE})
        self.counts = {
            outcome: workbook.add_format({**number, "bg_color": colour.fill, "font_color": colour.ink})
            for outcome, colour in COLOURS.items()
        }


def write_summary(workbook: Any, summary: ResultSummary) -> None:
    """Add the Summary to *workbook*, as its next sheet."""
    styles = _Styles(workbook)
    sheet = workbook.add_worksheet(_SHEET)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate((*_WIDTHS, _REMEDY_WIDTH)):
        sheet.set_column(column, column, width)
    total = summary.total
    sheet.set_row(0, 28)
    sheet.write_text(0, 0, _headline(total), styles.title)
    row = _write_counts(sheet, styles, summary, total, 2)
    row = _write_chart(workbook, sheet, summary, total, row)
    row = _write_causes(sheet, styles, summary.causes, row)
    sheet.set_row(row, _HEADING_HEIGHT)
    sheet.write_text(row, 0, _FACTS, styles.heading)
    for label, value in summary.facts:
        row += 1
        sheet.write_text(row, 0, label, styles.label)
        sheet.write_text(row, 1, value, styles.text)


def _headline(total: Mapping[Outcome, int]) -> str:
    rows = sum(total.values())
    parts = [f"{total[outcome]:,} {_words(outcome)}" for outcome in Outcome if total.get(outcome)]
    return f"{rows:,} {'row' if rows == 1 else 'rows'}: {', '.join(parts)}" if parts else "No rows"


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _write_counts(sheet: Any, styles: _Styles, summary: ResultSummary, total: Mapping[Outcome, int], row: int) -> int:
    """The table of outcomes per sheet, its first line in *row*; returns the next free row."""
    sheet.write_text(row, 0, "sheet", styles.table)
    for column, outcome in enumerate(Outcome, start=1):
        sheet.write_text(row, column, _words(outcome), styles.table_number)
    for name, counts in summary.counts.items():
        row += 1
        sheet.write_text(row, 0, name, styles.text)
        for column, outcome in enumerate(Outcome, start=1):
            number = counts.get(outcome, 0)
            sheet.write_number(row, column, number, styles.counts[outcome] if number else styles.none)
    if len(summary.counts) > 1:
        row += 1
        sheet.write_text(row, 0, "all sheets", styles.sum_label)
        for column, outcome in enumerate(Outcome, start=1):
            sheet.write_number(row, column, total.get(outcome, 0), styles.sum)
    return row + 2


def _write_chart(workbook: Any, sheet: Any, summary: ResultSummary, total: Mapping[Outcome, int], row: int) -> int:
    """A bar for each sheet; returns the next free row."""
    if not any(total.values()):
        return row
    first, last = 3, 2 + len(summary.counts)
    chart = workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, outcome in enumerate(Outcome, start=1):
        if total.get(outcome):
            chart.add_series(
                {
                    "name": _words(outcome),
                    "categories": [_SHEET, first, 0, last, 0],
                    "values": [_SHEET, first, column, last, column],
                    "fill": {"color": COLOURS[outcome].bar},
                    "gap": 50,
                }
            )
    font = {"name": FONT["font_name"], "size": 10, "color": SLATE}
    height = 90 + 30 * len(summary.counts)
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_y_axis({"reverse": True, "line": {"none": True}, "num_font": font, "major_tick_mark": "none"})
    chart.set_x_axis(
        {"major_gridlines": {"visible": False}, "num_format": "0%", "num_font": font, "label_position": "none", "line": {"none": True}}
    )
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 790, "height": height})
    sheet.insert_chart(row, 0, chart, {"description": "Share of the outcomes per sheet", "object_position": 3})
    return row + height // 20 + 2


def _write_causes(sheet: Any, styles: _Styles, causes: Sequence[Cause], row: int) -> int:
    """Why rows did not succeed; returns the next free row."""
    if not causes:
        return row
    sheet.set_row(row, _HEADING_HEIGHT)
    sheet.write_text(row, 0, "Why rows did not succeed", styles.heading)
    row += 1
    titles = {"rows": styles.table_number, "code": styles.code_title}
    for title, first, last in _CAUSE_COLUMNS:
        _write_across(sheet, row, (first, last), title, titles.get(title, styles.table))
    for cause in causes:
        row += 1
        needed = max(lines(cause.message, _MESSAGE_WIDTH), lines(cause.remedy, _REMEDY_WIDTH), lines(cause.code, _WIDTHS[2]))
        sheet.set_row(row, height(needed))
        sheet.write_text(row, 0, cause.sheet, styles.text)
        sheet.write_number(row, 1, cause.count, styles.number)
        sheet.write_text(row, 2, cause.code, styles.code)
        _write_across(sheet, row, (3, 7), cause.message, styles.wrapped)
        sheet.write_text(row, 8, cause.remedy, styles.wrapped)
    return row + 2


def _write_across(sheet: Any, row: int, columns: tuple[int, int], text: str, style: Any) -> None:
    """One text over several columns."""
    first, last = columns
    if last > first:
        sheet.merge_range(row, first, row, last, "", style)
    sheet.write_text(row, first, text, style)


def read_summary(path: Path) -> dict[str, str]:
    """
    The facts of a results workbook by their labels; empty if it has no Summary.

    Raises:
        WorkbookError: If the file cannot be read.
    """
    from pmbulk.sheets.read import open_workbook

    facts: dict[str, str] = {}
    with open_workbook(path) as workbook:
        for sheet in workbook.sheets:
            if sheet.name != _SHEET:
                continue
            below = False
            for _number, cells in sheet.rows():
                label, value = (shown(cell) for cell in (*cells, None, None)[:2])
                if below and label:
                    facts[label] = value
                below = below or label == _FACTS
    return facts
