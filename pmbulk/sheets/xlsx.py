"""
.xlsx and .xlsm: the sheets of a package, and their rows cell by cell from the XML.

Faithful and lean: error cells, formulas without a value, formats and far-away cells cost nothing special. `xlsx_scan` decides where a faster reader may
stand in for `stream_rows`. Element names: ECMA-376 part 1, 18; Strict files differ in namespace only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Final

from pmbulk.entities.cells import CellError, CellValue
from pmbulk.sheets.number_formats import BUILT_IN, Look, look_of, plain_number
from pmbulk.sheets.package import MAX_COLUMNS, Package, feed, local, tags, xml_parser

__all__ = ["SharedStrings", "XlsxBook", "column_number", "open_xlsx", "stream_rows", "unescape"]

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_XML_BLANKS: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class XlsxBook:
    """What the rows of every sheet need: *looks* by style number, the shared strings, and the worksheets as (name, part) in file order."""

    package: Package
    worksheets: tuple[tuple[str, str], ...]
    strings: SharedStrings
    strings_part: str | None
    looks: tuple[Look, ...]


class SharedStrings:
    """The texts that cells refer to by number, read only as far as they are asked for."""

    def __init__(self, part: IO[bytes] | None) -> None:
        self._texts: list[str] = []
        self._more = _texts(part) if part else iter(())

    def __getitem__(self, index: int) -> str:
        while index >= len(self._texts):
            batch = next(self._more, None)
            if batch is None:
                raise ValueError(f"a cell refers to shared text {index}, which does not exist")
            self._texts += batch
        return self._texts[index]


def open_xlsx(package: Package) -> XlsxBook:
    """Everything but the rows."""
    workbook = package.main_part()
    relations = package.relations(workbook)
    parts = {relation.kind: relation.part for relation in relations.values() if relation.part in package}
    worksheets: list[tuple[str, str]] = []
    from_1904 = False
    for tag, attributes in tags(package.open(workbook)):
        if tag == "workbookPr":
            from_1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet" and relations[attributes["id"]].kind == "worksheet":
            worksheets.append((attributes["name"], relations[attributes["id"]].part))
    strings_part = parts.get("sharedStrings")
    return XlsxBook(
        package=package,
        worksheets=tuple(worksheets),
        strings=SharedStrings(package.open(strings_part) if strings_part else None),
        strings_part=strings_part,
        looks=_looks(package.open(parts["styles"]), from_1904=from_1904) if "styles" in parts else (),
    )


def stream_rows(book: XlsxBook, part: str) -> Iterator[tuple[int, list[CellValue]]]:
    """Each row of the sheet *part* as (row number, cells from column A to the last that stands in the file), for the rows that the file has."""
    cells = _Cells(book.strings, book.looks)
    for _ in feed(cells.parser, book.package.open(part)):
        yield from cells.rows
        cells.rows.clear()


def column_number(reference: str) -> int:
    """The column of a cell reference or of its letters, from 1: ``AB12`` is 28."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def unescape(text: str) -> str:
    """*text* with ``_x000D_`` and the like as the characters they stand for (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # half a character is none


class _Texts:
    """Collects the texts of a part of strings while *parser* is fed."""

    def __init__(self) -> None:
        self.parser = xml_parser()
        self.parser.StartElementHandler = self._root
        self.texts: list[str] = []
        #: The characters since the last tag that holds text began.
        self._heard: list[str] = []
        self.parser.CharacterDataHandler = self._heard.append
        self._found: list[str] = []
        self._keep_blanks = self._phonetic = False

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        # Transitional and Strict files differ in namespace; the root's is that of all that matters.
        self._name_tags(name.removesuffix(local(name)))
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _name_tags(self, space: str) -> None:
        self._text_tag, self._phonetic_tag, self._string_tag = space + "t", space + "rPh", space + "si"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._text_tag:
            self._keep_blanks = "preserve" in attributes.values()
            self._heard.clear()
        elif name == self._phonetic_tag:
            self._phonetic = True

    def _end(self, name: str) -> None:
        if name == self._text_tag:
            self._text_ends()
        elif name == self._phonetic_tag:
            self._phonetic = False
        elif name == self._string_tag:
            self.texts.append(unescape("".join(self._found)))
            self._found.clear()

    def _text_ends(self) -> None:
        if not self._phonetic:  # a reading aid above the text is not part of it
            text = "".join(self._heard)
            # Excel, too, drops the blanks around a text that does not ask to keep them.
            self._found.append(text if self._keep_blanks else text.strip(_XML_BLANKS))


class _Cells(_Texts):
    """Collects the rows of a sheet while *parser* is fed; its methods are called millions of times, so they stay flat."""

    def __init__(self, strings: SharedStrings, looks: tuple[Look, ...]) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[CellValue]]] = []
        self._strings = strings
        self._looks = looks
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: list[CellValue] = []
        self._kind = self._style = self._value = ""
        self._formula = False

    def _name_tags(self, space: str) -> None:
        super()._name_tags(space)
        self._row_tag, self._cell_tag, self._value_tag, self._formula_tag = space + "row", space + "c", space + "v", space + "f"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._cell_tag:
            reference = attributes.get("r")
            if reference:
                letters = reference.rstrip("0123456789")
                column = self._columns.get(letters)
                if column is None:
                    column = self._columns[letters] = column_number(letters)
                    if column > MAX_COLUMNS:
                        raise ValueError(f"row {self._number} has a cell in column {letters}")
                if column > len(self._row) + 1:
                    self._row.extend([None] * (column - 1 - len(self._row)))
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._value = ""
            self._formula = False
            self._found.clear()
        elif name == self._value_tag:
            self._heard.clear()
        elif name == self._row_tag:
            self._number = int(attributes.get("r") or self._number + 1)
            self._row = []
        elif name == self._formula_tag:
            self._formula = True
        else:
            super()._start(name, attributes)

    def _end(self, name: str) -> None:
        if name == self._value_tag:
            self._value = "".join(self._heard)
        elif name == self._cell_tag:
            self._row.append(self._cell())
        elif name == self._row_tag:
            self.rows.append((self._number, self._row))
        else:
            super()._end(name)

    def _cell(self) -> CellValue:
        kind, value = self._kind, self._value
        if kind == "s":
            return (self._strings[int(value)] or None) if value else None
        if kind in ("str", "inlineStr"):
            return self._own_text(value) or None
        if not value:
            return CellError("formula") if self._formula else None
        if kind == "n":
            return self._number_seen(value)
        return _READERS.get(kind, str)(value)

    def _own_text(self, value: str) -> str:
        return unescape("".join(self._found) if self._kind == "inlineStr" else value)

    def _number_seen(self, value: str) -> CellValue:
        try:
            number = float(value)
        except ValueError:
            return value
        if "_" in value:  # Python's own way to group digits
            return value
        style = int(self._style)
        return (self._looks[style] if style < len(self._looks) else plain_number)(number)


def _texts(part: IO[bytes]) -> Iterator[list[str]]:
    collected = _Texts()
    for _ in feed(collected.parser, part):
        yield collected.texts
        collected.texts.clear()


def _looks(styles: IO[bytes], *, from_1904: bool) -> tuple[Look, ...]:
    codes = dict(BUILT_IN)
    looks: list[Look] = []
    section = ""
    for tag, attributes in tags(styles):
        if tag in ("numFmts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            section = tag
        elif tag == "numFmt" and section == "numFmts":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag == "xf" and section == "cellXfs":
            looks.append(look_of(codes.get(int(attributes.get("numFmtId", "0")), "General"), from_1904=from_1904))
    return tuple(looks)


def _moment(value: str) -> CellValue:
    """A date that the file writes in ISO form; what is none stays text."""
    try:
        if "T" in value:
            return datetime.fromisoformat(value)
        return time.fromisoformat(value) if ":" in value else date.fromisoformat(value)
    except ValueError:
        return value


#: How the rarer kinds of values are written.
_READERS: Final[dict[str, Callable[[str], CellValue]]] = {"b": lambda value: value in ("1", "true"), "e": CellError, "d": _moment}
