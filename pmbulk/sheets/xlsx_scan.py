"""
The fast way to an .xlsx sheet, and the proof that it may be taken.

calamine is much faster than `stream_rows`, but loses error cells, formulas without a value and formats, and lays out the whole rectangle in memory: one value
far away ends the process. So the sheet's bytes are scanned first: it is asked only where every tag is one that it reads as we do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final

from pmbulk.entities.cells import CellValue
from pmbulk.sheets.number_formats import plain_number
from pmbulk.sheets.package import CHUNK
from pmbulk.sheets.xlsx import XlsxBook, stream_rows

__all__ = ["fast_rows", "is_plain", "quickest_rows"]

#: Cells of calamine's rectangle that are worth their memory (32 bytes each): so many in any case, and so many for each that is filled.
_FREE_AREA: Final = 4_000_000
_AREA_PER_CELL: Final = 8

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_plain(book: XlsxBook, part: str, *, width: int) -> bool:
    """
    Whether calamine reads the sheet *part* without loss and in bounded memory.

    *width* is the number of headers. Only tags without surprises pass: cells with their place, no errors, formulas, ISO dates or comments, no format that
    changes what a number is, and nothing far right of the headers or far below the other rows.
    """
    blocks = -(-width // 26) or 1  # columns are told apart by the first of their two letters: 26 at a time
    if blocks > 27:
        return False
    suspicious = _suspicious_tag(book, blocks)
    filled = last_row = 0
    with book.package.open(part) as stream:
        for piece in _sheet_data(stream):
            if suspicious.search(piece):
                return False
            filled += piece.count(b"</c>")
            last_row = _last_row(piece) or last_row
    return last_row * blocks * 26 <= _FREE_AREA + _AREA_PER_CELL * filled and _strings_are_plain(book)


def quickest_rows(book: XlsxBook, name: str, part: str, *, width: int) -> Iterator[tuple[int, list[CellValue]]]:
    """The rows of the sheet *name*, which is *part* and has *width* headers, as `stream_rows` delivers them; by calamine where that loses nothing."""
    from python_calamine import CalamineError

    if is_plain(book, part, width=width):
        with suppress(CalamineError):  # what it refuses may be readable all the same, or is reported better
            return fast_rows(book, name)
    return stream_rows(book, part)


def fast_rows(book: XlsxBook, name: str) -> Iterator[tuple[int, list[CellValue]]]:
    """
    The rows of the sheet *name* by calamine, from row 1, blank ones included.

    Raises:
        python_calamine.CalamineError: If it refuses the file.
    """
    import python_calamine

    stream = book.package.archive.fp
    if stream is None:
        raise ValueError("the workbook is closed")
    stream.seek(0)
    sheet = python_calamine.CalamineWorkbook.from_filelike(stream).get_sheet_by_name(name)
    left: list[CellValue] = [None] * (sheet.start[1] if sheet.start else 0)
    return (
        (number, left + [plain_number(cell) if cell.__class__ is float else None if cell == "" else cell for cell in row])
        for number, row in enumerate(sheet.iter_rows(), start=1)
    )


def _sheet_data(stream: IO[bytes]) -> Iterator[bytes]:
    """The cells' part of a sheet, cut between tags; more than it where its begin or end is not found, so that other tags raise suspicion."""
    unread = stream.read(CHUNK)
    unread = unread[max(unread.find(b"<sheetData"), 0) :]
    while (end := unread.find(b"</sheetData>")) < 0 and (chunk := stream.read(CHUNK)):
        cut = unread.rfind(b"<")
        yield unread[:cut]
        unread = unread[cut:] + chunk
    yield unread[:end] if end >= 0 else unread


def _suspicious_tag(book: XlsxBook, blocks: int) -> re.Pattern[bytes]:
    """A tag that is not known to be read by calamine as by us, or that stands right of the first *blocks* × 26 columns."""
    column = "[A-Z]" if blocks == 1 else f"[A-{_ALPHABET[blocks - 2]}]?[A-Z]"
    special = "|".join(str(style) for style, look in enumerate(book.looks) if look is not plain_number)
    style = rf"(?!(?:{special})\")\d++" if special else r"\d++"
    cell = rf'c r="{column}\d++"(?: s="{style}"| t="(?:s|n|b|str|inlineStr)")*+ ?/?>'
    return re.compile(rf'<(?!/|{cell}|v>|is>|t>|t xml:space="preserve">|v ?/>|t ?/>|row r="\d|sheetData>)'.encode())


def _last_row(cells: bytes) -> int:
    match = re.match(rb'<row r="(\d+)"', cells[cells.rfind(b"<row ") :])
    return int(match[1]) if match else 0


def _strings_are_plain(book: XlsxBook) -> bool:
    if book.strings_part is None:
        return True
    with book.package.open(book.strings_part) as stream:
        # Comments and CDATA sections split texts; a `<!` cut in two by the end of a chunk is harmless only if looked for across it.
        last = b""
        while chunk := stream.read(CHUNK):
            if b"<!" in last + chunk:
                return False
            last = chunk[-1:]
    return True
