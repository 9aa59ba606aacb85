"""
A copy of somebody else's table with comments on the cells that are wrong.

Knows neither HR nor PM: it is handed rows, and remarks by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.cells import CellValue
from pmbulk.sheets.writing import FONT, NOTES_MAX, height, lines, sheet_name, write_cell, write_note, write_workbook

__all__ = ["write_marked"]

_WRONG: Final = "#FAD4D4"
#: Digits that the column of findings is wide.
_WORDS_WIDTH: Final = 70


def write_marked(
    path: Path, name: str, rows: Iterable[tuple[int, Sequence[CellValue]]], remarks: Mapping[int, Mapping[int, str]], *, header_row: int
) -> Path:
    """
    Write the *rows* as a sheet called *name*, each where it stood, and return where the workbook is; never in the place of another file.

    *remarks* are by row and column (from 0). Rows without any are hidden behind a filter on a column of its own, so that what is wrong is in sight.

    Raises:
        WorkbookError: If it cannot be written.
    """
    kept = [(number, list(cells)) for number, cells in rows]
    width = max((len(cells) for _number, cells in kept), default=0)

    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet(sheet_name(name))
        plain = workbook.add_format(FONT)
        bold = workbook.add_format({**FONT, "bold": True})
        wrong = workbook.add_format({**FONT, "bg_color": _WRONG})
        told = workbook.add_format({**FONT, "bg_color": _WRONG, "text_wrap": True})
        _write(sheet, kept, remarks, width, header_row=header_row, plain=plain, bold=bold, wrong=wrong, told=told)

    return write_workbook("copy with the findings", path, fill, remedy="The findings are on the terminal too.")


def _write(
    sheet: Any,
    rows: Sequence[tuple[int, list[CellValue]]],
    remarks: Mapping[int, Mapping[int, str]],
    width: int,
    *,
    header_row: int,
    plain: Any,
    bold: Any,
    wrong: Any,
    told: Any,
) -> None:
    notes = 0
    last = max((number for number, _cells in rows), default=1)
    sheet.set_column(0, max(width - 1, 0), 22)
    sheet.set_column(width, width, _WORDS_WIDTH)
    sheet.freeze_panes(header_row, 0)
    sheet.autofilter(header_row - 1, 0, last - 1, width)
    sheet.filter_column(width, "x == NonBlanks")
    for number, cells in rows:
        found = remarks.get(number, {})
        style = bold if number == header_row else plain
        for column in range(width):
            value = cells[column] if column < len(cells) else None
            if value is not None or column in found:
                write_cell(sheet, number - 1, column, value, wrong if column in found else style)
            if column in found and notes < NOTES_MAX:
                write_note(sheet, number - 1, column, found[column])
                notes += 1
        if number == header_row:
            sheet.write_text(number - 1, width, "_findings", bold)
        elif found:
            words = "\n".join(dict.fromkeys(found.values()))
            sheet.set_row(number - 1, height(lines(words, _WORDS_WIDTH)))
            sheet.write_text(number - 1, width, words, told)
        elif number > header_row:
            sheet.set_row(number - 1, None, None, {"hidden": True})
