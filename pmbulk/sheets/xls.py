"""
.xls: Excel 97 to 2003 and older, by xlrd, with formats and errors.

A sheet has at most 65,536 rows, so xlrd's way of holding the workbook in memory is affordable.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pmbulk.entities.cells import CellError, CellValue
from pmbulk.sheets.number_formats import look_of

if TYPE_CHECKING:
    import xlrd

__all__ = ["open_xls", "stream_rows"]


def open_xls(content: bytes) -> xlrd.Book:
    """
    The workbook that *content* holds.

    Raises:
        ValueError: If it is damaged, or no such workbook.
    """
    import xlrd
    from xlrd.compdoc import CompDocError

    try:
        # xlrd would print its warnings.
        return xlrd.open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    except (xlrd.XLRDError, CompDocError, AssertionError) as error:
        raise ValueError(str(error)) from error


def stream_rows(sheet: xlrd.sheet.Sheet) -> Iterator[tuple[int, list[CellValue]]]:
    """Each row of *sheet* as (row number, cells from column A to the last that stands in the file)."""
    for index in range(sheet.nrows):
        yield index + 1, [_value(sheet, cell) for cell in sheet.row(index)]


def _value(sheet: xlrd.sheet.Sheet, cell: xlrd.sheet.Cell) -> CellValue:
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT, error_text_from_code

    if cell.ctype == XL_CELL_TEXT:
        return str(cell.value) or None
    if cell.ctype in (XL_CELL_NUMBER, XL_CELL_DATE):
        book = sheet.book
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        return look_of(code, from_1904=bool(book.datemode))(float(cell.value))
    if cell.ctype == XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == XL_CELL_ERROR:
        return CellError(error_text_from_code.get(cell.value, "#ERROR!"))
    return None
