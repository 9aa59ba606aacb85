"""
Exported workbooks: one sheet per entity, every cell text, rows streamed in constant memory.

Knows neither PM nor entities: it is handed headers and rows of texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmbulk.errors import WorkbookError
from pmbulk.sheets.package import COLUMNS_MAX, ROWS_MAX
from pmbulk.sheets.writing import DARK_HEADER, LIGHT_HEADER, TEXT, Widths, write_note, write_workbook

__all__ = ["ExportSheet", "write_export"]


@dataclass(frozen=True, slots=True)
class ExportSheet:
    """
    One entity's sheet: *rows* hold a text for each of *headers*.

    *withheld* are headers below which values are left blank that PM does show; *withheld_note* is the comment on them. Columns are at least *width* digits
    wide.
    """

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[str]]
    withheld: frozenset[str] = frozenset()
    withheld_note: str = ""
    width: int = 14


def write_export(path: Path, sheets: Iterable[ExportSheet]) -> Path:
    """
    Write the workbook and return where it is; where a file is in the way the next free name is taken.

    Raises:
        WorkbookError: If it cannot be written.
    """

    def fill(workbook: Any) -> None:
        text = workbook.add_format(TEXT)
        header = workbook.add_format(LIGHT_HEADER)
        action = workbook.add_format(DARK_HEADER)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name), sheet, text=text, header=header, action=action)

    return write_workbook("export", path, fill, remedy="Nothing in PM was changed; give another place with -o.")


def _write_sheet(sheet: Any, export: ExportSheet, *, text: Any, header: Any, action: Any) -> None:
    if len(export.headers) > COLUMNS_MAX:
        raise WorkbookError(f"Sheet {export.name} does not fit: a workbook takes {COLUMNS_MAX:,} columns.")
    widths = Widths(export.headers, least=export.width)
    for column, name in enumerate(export.headers):
        sheet.write_text(0, column, name, header if column else action)
        if name in export.withheld:
            write_note(sheet, 0, column, export.withheld_note)
    sheet.freeze_panes(1, 1)
    number = 0
    for number, row in enumerate(export.rows, start=1):
        if number == ROWS_MAX:
            raise WorkbookError(f"Sheet {export.name} does not fit: a workbook takes {ROWS_MAX - 1:,} rows.")
        widths.measure(row)
        sheet.write_whole(number, ((column, value, text) for column, value in enumerate(row) if value))
    widths.set_columns(sheet, 0, text)
    sheet.autofilter(0, 0, max(number, 1), len(export.headers) - 1)
