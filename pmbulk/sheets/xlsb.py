"""
.xlsb: the records of Excel's binary workbook, streamed, with formats and errors.

Read here rather than by a package because those at hand lose error cells and formats, or lay out the whole rectangle in memory.
Record numbers and layouts: [MS-XLSB] 2.3.2 and 2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from pmbulk.entities.cells import CellError, CellValue
from pmbulk.sheets.number_formats import BUILT_IN, Look, look_of, plain_number
from pmbulk.sheets.package import COLUMNS_MAX, Package

__all__ = ["XlsbBook", "open_xlsb", "stream_rows"]

#: Excel's error codes, in .xls as in .xlsb.
_ERROR_TEXTS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}

_ROW, _SHEET_DATA_ENDS = 0, 146
_SHARED_TEXT, _FORMAT, _CELL_FORMAT, _CELL_FORMATS_BEGIN, _CELL_FORMATS_END = 19, 44, 47, 617, 618
_WORKBOOK_SETTINGS, _SHEET = 153, 156


@dataclass(frozen=True, slots=True)
class XlsbBook:
    """What the rows of every sheet need: *looks* by style number, the shared *strings*, and the worksheets as (name, part) in file order."""

    package: Package
    worksheets: tuple[tuple[str, str], ...]
    strings: tuple[str, ...]
    looks: tuple[Look, ...]


def open_xlsb(package: Package) -> XlsbBook:
    """Everything but the rows."""
    workbook = package.main_part()
    relations = package.relations(workbook)
    parts = {relation.kind: relation.part for relation in relations.values() if relation.part in package}
    worksheets: list[tuple[str, str]] = []
    from_1904 = False
    for number, body in _records(package.open(workbook)):
        if number == _WORKBOOK_SETTINGS:
            from_1904 = bool(body[0] & 1)
        elif number == _SHEET:
            relation_id, end = _text(body, 8)
            relation = relations[relation_id]
            if relation.kind == "worksheet":
                worksheets.append((_text(body, end)[0], relation.part))
    strings = parts.get("sharedStrings")
    return XlsbBook(
        package=package,
        worksheets=tuple(worksheets),
        strings=tuple(_text(body, 1)[0] for number, body in _records(package.open(strings)) if number == _SHARED_TEXT) if strings else (),
        looks=_looks(package.open(parts["styles"]), from_1904=from_1904) if "styles" in parts else (),
    )


def stream_rows(book: XlsbBook, part: str) -> Iterator[tuple[int, list[CellValue]]]:
    """Each row of the sheet *part* as (row number, cells from column A to the last that stands in the file), for the rows that the file has."""
    readers = _cell_readers(book)
    row_number = 0
    row: list[CellValue] = []
    for number, body in _records(book.package.open(part)):
        if number == _ROW:
            if row_number:
                yield row_number, row
            row_number, row = int.from_bytes(body[:4], "little") + 1, []
        elif number == _SHEET_DATA_ENDS:
            break
        elif read := readers.get(number):
            column = int.from_bytes(body[:4], "little")
            if column >= COLUMNS_MAX:
                raise ValueError(f"row {row_number} has a cell in column {column + 1}")
            row.extend([None] * (column - len(row)))
            row.append(read(body))
    if row_number:
        yield row_number, row


def _cell_readers(book: XlsbBook) -> dict[int, Callable[[bytes], CellValue]]:
    """By record number, what reads the value of a cell; a formula's record starts like that of the value it has."""

    def seen(body: bytes, number: float) -> CellValue:
        style = int.from_bytes(body[4:7], "little")
        return (book.looks[style] if style < len(book.looks) else plain_number)(number)

    def compressed(body: bytes) -> CellValue:
        return seen(body, _compressed_number(body[8:12]))

    def real(body: bytes) -> CellValue:
        return seen(body, struct.unpack_from("<d", body, 8)[0])

    def error(body: bytes) -> CellValue:
        return CellError(_ERROR_TEXTS.get(body[8], "#ERROR!"))

    def boolean(body: bytes) -> CellValue:
        return bool(body[8])

    def text(body: bytes) -> CellValue:
        return _text(body, 8)[0] or None

    def rich_text(body: bytes) -> CellValue:
        return _text(body, 9)[0] or None

    def shared_text(body: bytes) -> CellValue:
        return book.strings[int.from_bytes(body[8:12], "little")] or None

    return {2: compressed, 3: error, 4: boolean, 5: real, 6: text, 7: shared_text, 8: text, 9: real, 10: boolean, 11: error, 62: rich_text}


def _records(part: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each record as (number, body); numbers and lengths are little-endian groups of seven bits."""
    with part:
        read = part.read
        while first := read(1):
            number = first[0]
            if number & 0x80:
                number = (number & 0x7F) | (read(1)[0] & 0x7F) << 7
            length = shift = 0
            while True:
                byte = read(1)[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    break
            body = read(length)
            if len(body) != length:
                raise EOFError("the last record is cut short")
            yield number, body


def _text(body: bytes, offset: int) -> tuple[str, int]:
    """The counted UTF-16 text at *offset* and the offset behind it; the count that stands for no text is read as an empty one."""
    count = int.from_bytes(body[offset : offset + 4], "little")
    start = offset + 4
    end = start if count == 0xFFFFFFFF else start + 2 * count
    return body[start:end].decode("utf-16-le"), end


def _compressed_number(four: bytes) -> float:
    """A number in 30 bits: whole or the upper half of a double, perhaps times 100."""
    bits = int.from_bytes(four, "little", signed=True)
    number: float = bits >> 2 if bits & 2 else struct.unpack("<d", b"\0\0\0\0" + (bits & ~3).to_bytes(4, "little", signed=True))[0]
    return number / 100 if bits & 1 else float(number)


def _looks(styles: IO[bytes], *, from_1904: bool) -> tuple[Look, ...]:
    codes = dict(BUILT_IN)
    looks: list[Look] = []
    of_cells = False
    for number, body in _records(styles):
        if number == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _text(body, 2)[0]
        elif number in (_CELL_FORMATS_BEGIN, _CELL_FORMATS_END):
            of_cells = number == _CELL_FORMATS_BEGIN
        elif number == _CELL_FORMAT and of_cells:
            looks.append(look_of(codes.get(int.from_bytes(body[2:4], "little"), "General"), from_1904=from_1904))
    return tuple(looks)
