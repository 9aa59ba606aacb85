"""
The XML of .xlsx sheets and shared texts, read tag by tag: whatever may stand there, as Excel shows it.

Knows no archive: it is fed. `xlsx_quick` stands in for it where the XML is plain. Element names: ECMA-376 part 1, 18; Strict files differ in namespace only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Final, Generic, TypeVar

from pmbulk.entities.cells import CellError, CellValue
from pmbulk.sheets.number_formats import Look, plain_number
from pmbulk.sheets.package import COLUMNS_MAX, FINAL, local, xml_parser

__all__ = ["TEXT_KINDS", "CellReaders", "Parser", "Reader", "Row", "RowsParser", "SharedTexts", "TextsParser", "column_number"]

Row = tuple[int, list[CellValue]]
#: From what the file has for a cell, which is never empty, to what is seen.
Reader = Callable[[str], CellValue]

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_XML_BLANKS: Final = " \t\r\n"
#: The types of cells that hold their text themselves.
TEXT_KINDS: Final = frozenset({"str", "inlineStr"})

_T = TypeVar("_T")


def column_number(letters: str) -> int:
    """The column that has these *letters*, from 1: ``AB`` is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _unescape(text: str) -> str:
    """*text* with ``_x000D_`` and the like as the characters they stand for (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # half a character is none


class SharedTexts:
    """The texts that cells refer to by number, taken from *batches* only as far as they are asked for."""

    def __init__(self, batches: Iterator[list[str]]) -> None:
        self._batches = batches
        self._texts: list[str] = []

    def __getitem__(self, index: int) -> str:
        while index >= len(self._texts):
            batch = next(self._batches, None)
            if batch is None:
                raise ValueError(f"a cell refers to shared text {index}, which does not exist")
            self._texts += batch
        if index < 0:
            raise ValueError(f"a cell refers to shared text {index}, which does not exist")
        return self._texts[index]


class CellReaders(dict[tuple[str, str], Reader]):
    """What reads a cell, by its type and the number of its style; made when first asked for."""

    def __init__(self, texts: SharedTexts, looks: tuple[Look, ...]) -> None:
        super().__init__()
        self._texts = texts
        self._looks = looks

    def __missing__(self, key: tuple[str, str]) -> Reader:
        reader = self[key] = self._reader(*key)
        return reader

    def _reader(self, kind: str, style: str) -> Reader:
        if kind == "s":
            return self._shared
        if kind == "n":
            number = int(style)
            return _number_seen(self._looks[number] if number < len(self._looks) else plain_number)
        return _READERS.get(kind, str)

    def _shared(self, value: str) -> CellValue:
        return self._texts[int(value)] or None


def _number_seen(look: Look) -> Reader:
    def seen(value: str) -> CellValue:
        try:
            number = float(value)
        except ValueError:
            return value
        return value if "_" in value else look(number)  # Python's own way to group digits

    return seen


def _moment(value: str) -> CellValue:
    """A date that the file writes in ISO form; what is none stays text."""
    try:
        if "T" in value:
            return datetime.fromisoformat(value)
        return time.fromisoformat(value) if ":" in value else date.fromisoformat(value)
    except ValueError:
        return value


_READERS: Final[dict[str, Reader]] = {
    "str": _unescape,
    "inlineStr": _unescape,
    "b": lambda value: value in ("1", "true"),
    "e": CellError,
    "d": _moment,
}


class Parser(Generic[_T]):
    """What the two kinds of parts have in common: texts, in runs with or without a format of their own."""

    def __init__(self) -> None:
        self._expat = xml_parser()
        self._expat.StartElementHandler = self._root
        self._complete: list[_T] = []
        #: The characters since the last tag that holds text began.
        self._heard: list[str] = []
        self._expat.CharacterDataHandler = self._heard.append
        #: The runs of the text that is being read.
        self._runs: list[str] = []
        self._keep_blanks = self._phonetic = False

    def feed(self, xml: bytes) -> list[_T]:
        """What became complete by these next bytes of the part."""
        self._expat.Parse(xml)
        return self._taken()

    def end(self) -> list[_T]:
        """
        What became complete by the end of the part.

        Raises:
            ExpatError: If it is not the end of its XML.
        """
        self._expat.Parse(b"", FINAL)
        return self._taken()

    def _taken(self) -> list[_T]:
        complete, self._complete = self._complete, []
        return complete

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        # Transitional and Strict files differ in namespace; the root's is that of all that matters.
        self._name_tags(name.removesuffix(local(name)))
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end

    def _name_tags(self, space: str) -> None:
        self._text_tag, self._phonetic_tag = space + "t", space + "rPh"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._text_tag:
            self._keep_blanks = "preserve" in attributes.values()
            self._heard.clear()
        elif name == self._phonetic_tag:
            self._phonetic = True

    def _end(self, name: str) -> None:
        if name == self._text_tag:
            self._run_ends()
        elif name == self._phonetic_tag:
            self._phonetic = False

    def _run_ends(self) -> None:
        if not self._phonetic:  # a reading aid above the text is not part of it
            text = "".join(self._heard)
            # Excel, too, drops the blanks around a text that does not ask to keep them.
            self._runs.append(text if self._keep_blanks else text.strip(_XML_BLANKS))

    def _text(self) -> str:
        """The text that has been read."""
        text = "".join(self._runs)
        self._runs.clear()
        return text


class TextsParser(Parser[str]):
    """The texts of a part of shared texts."""

    def _name_tags(self, space: str) -> None:
        super()._name_tags(space)
        self._string_tag = space + "si"

    def _end(self, name: str) -> None:
        if name == self._string_tag:
            self._complete.append(_unescape(self._text()))
        else:
            super()._end(name)


class RowsParser(Parser[Row]):
    """The rows of a sheet; its methods are called millions of times, so they stay flat."""

    def __init__(self, readers: CellReaders) -> None:
        super().__init__()
        self._readers = readers
        self._columns: dict[str, int] = {}
        #: That of the last row, from which one without a number counts on.
        self.number = 0
        self._row: list[CellValue] = []
        self._column = 0
        self._kind = self._style = self._value = ""
        self._formula = False

    def _name_tags(self, space: str) -> None:
        super()._name_tags(space)
        self._row_tag, self._cell_tag, self._value_tag, self._formula_tag = space + "row", space + "c", space + "v", space + "f"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._cell_tag:
            reference = attributes.get("r")
            self._column = self._column_of(reference.rstrip("0123456789")) if reference else len(self._row) + 1
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._value = ""
            self._formula = False
            self._runs.clear()
        elif name == self._value_tag:
            self._heard.clear()
        elif name == self._row_tag:
            self.number = int(attributes.get("r") or self.number + 1)
            self._row = []
        elif name == self._formula_tag:
            self._formula = True
        else:
            super()._start(name, attributes)

    def _end(self, name: str) -> None:
        if name == self._value_tag:
            self._value = "".join(self._heard)
        elif name == self._cell_tag:
            self._place(self._cell())
        elif name == self._row_tag:
            self._complete.append((self.number, self._row))
        else:
            super()._end(name)

    def _column_of(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
            if not 1 <= column <= COLUMNS_MAX:
                raise ValueError(f"row {self.number} has a cell in column {letters}")
        return column

    def _place(self, value: CellValue) -> None:
        row, gap = self._row, self._column - 1 - len(self._row)
        if gap > 0:
            row.extend([None] * gap)
        if gap >= 0:
            row.append(value)
        else:
            row[self._column - 1] = value

    def _cell(self) -> CellValue:
        value = self._value or self._text()
        if value:
            return self._readers[self._kind, self._style](value)
        return CellError("formula") if self._formula and self._kind not in TEXT_KINDS else None
