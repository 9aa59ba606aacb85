"""
The quick way through the XML of .xlsx: rows and shared texts by pattern, as long as it is of the plain kind that spreadsheet programs write.

Gives what the parsers of `xlsx_parser` give, several times as fast; what a pattern does not know to the last character goes to them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import IO, Final, Generic, TypeVar
from xml.sax.saxutils import unescape

from pmbulk.entities.cells import CellValue
from pmbulk.entities.headers import column_letter
from pmbulk.sheets.package import CHUNK
from pmbulk.sheets.xlsx_parser import TEXT_KINDS, CellReaders, Parser, Reader, Row, RowsParser, TextsParser, column_number

__all__ = ["row_pattern", "stream_rows", "stream_texts"]

_T = TypeVar("_T")

#: Cells further right are left to the parser: a pattern has a part for each column.
_COLUMNS_MAX: Final = 1_000

_OTHER_ENCODING: Final = re.compile(rb"""<\?xml [^>]*encoding=["'](?!utf-8["'])""", re.IGNORECASE)
#: Line ends other than ``\n`` are for the parser, as is what XML does not allow.
_TEXT: Final = r"[^<\x00-\x08\x0b-\x1f]*+"
_ATTRIBUTES: Final = '[ a-z="A-Z0-9]*+'
#: A cell: its attributes and its text. Blanks at the ends of a text count only where it says so; a formula is passed over if it has a value.
_CELL: Final = (
    rf'<c r="{{letters}}\d++"(?:({_ATTRIBUTES})>(?:<f[^<>/]*+(?:/|>[^<]*+</f)>(?=<v>[^<])|)'
    rf'<(?:v|is><t xml:space="preserve"|is><t(?!>[ \t\n]))>({_TEXT})(?:</v>|(?<![ \t\n])</t></is>)</c>|{_ATTRIBUTES}/>)'
)
_ROW_BEGINS: Final = r'(?:<row [^<>]*/>)*<row r="(\d+)"[^<>/]*>'
_ROW_ENDS: Final = rf'(?:<c r="[A-Z]+\d++"{_ATTRIBUTES}/>)*</row>'
_LETTERS: Final = re.compile(r'<c r="([A-Z]{1,3})\d')
_ATTRIBUTE: Final = re.compile(r'([a-z]+)="(\w*)"')

_BETWEEN_TEXTS: Final = re.compile(r'</t></si><si><t(?: xml:space="preserve")?>')
_ODD_TEXT: Final = re.compile(r"<t>[ \t\n]|[ \t\n]</t>|[\x00-\x08\x0b-\x1f]")
_ODD_REFERENCE: Final = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_replaced: Final = partial(unescape, entities={"&quot;": '"', "&apos;": "'"})


def stream_rows(part: IO[bytes], readers: CellReaders) -> Iterator[Row]:
    """Each row of a sheet as (row number, cells from column A on), for the rows that the file has; closes *part*."""
    return chain.from_iterable(_QuickRows(readers).stream(part))


def stream_texts(part: IO[bytes]) -> Iterator[list[str]]:
    """The shared texts in order, many at a time; closes *part*."""
    return _QuickTexts().stream(part)


class _Quick(ABC, Generic[_T]):
    """A part cut into pieces of whole elements, of which the plain ones are read by pattern and the others by the *parser*."""

    #: What an element begins with, and what it ends with.
    begins: bytes
    ends: bytes

    def __init__(self, parser: Parser[_T]) -> None:
        self.parser = parser

    @abstractmethod
    def read(self, text: str) -> tuple[list[_T], str]:
        """What the elements in *text* stand for, and what is left of it for the parser, which must then get all that follows as well."""

    def stream(self, part: IO[bytes]) -> Iterator[list[_T]]:
        """What all elements of *part* stand for, many at a time."""
        with part:
            unread = part.read(CHUNK)
            head = unread[: max(unread.find(self.begins), 0)]
            # What is read at once is not worth a pattern.
            if head and len(unread) == CHUNK and b"<!" not in head and not _OTHER_ENCODING.match(head):
                yield self.parser.feed(head)
                unread = unread[len(head) :]
                left = ""
                while not left and (cut := unread.rfind(self.ends) + 1):
                    cut += len(self.ends) - 1
                    batch, left = self.read(unread[:cut].decode())
                    yield batch
                    unread = left.encode() + unread[cut:] + part.read(CHUNK)
            while unread:
                yield self.parser.feed(unread)
                unread = part.read(CHUNK)
            yield self.parser.end()


class _QuickRows(_Quick[Row]):
    """A sheet's rows, by a pattern for rows as wide as the widest of the first ones."""

    begins, ends = b"<row ", b"</row>"
    parser: RowsParser

    def __init__(self, readers: CellReaders) -> None:
        super().__init__(RowsParser(readers))
        self._readers = _ReadersByAttributes(readers)
        self._pattern: re.Pattern[str] | None = None

    def read(self, text: str) -> tuple[list[Row], str]:
        """The rows; one that is not plain by the parser."""
        pattern = self._pattern = self._pattern or row_pattern(text)
        escapes = "&" in text or "_" in text
        rows: list[Row] = []
        begin = 0
        while begin < len(text):
            found = pattern.match(text, begin)
            escaped = found[0] if found and escapes else ""
            if found and not _odd(escaped):
                self.parser.number = int(found[1])
                rows.append((self.parser.number, self._cells(found, references="&" in escaped)))
                begin = found.end()
                continue
            end = text.index("</row>", begin) + len("</row>")
            if text.find("<!", begin, end) >= 0:  # a comment or the like may hold whole rows
                return rows, text[begin:]
            rows += self.parser.feed(text[begin:end].encode())
            begin = end
        return rows, ""

    def _cells(self, row: re.Match[str], *, references: bool) -> list[CellValue]:
        readers, groups = self._readers, row.groups()
        values: Sequence[str] = groups[2::2]
        if references:
            values = [value and _replaced(value) for value in values]
        return [
            (read(value) if (read := readers[attributes]) else value) if value else None
            for attributes, value in zip(groups[1::2], values, strict=True)
        ]


def row_pattern(text: str) -> re.Pattern[str]:
    """
    Finds a row whose cells stand in order, none of them filled right of the last column in *text*.

    Its groups are the row's number and, of each cell, the attributes and the text.
    """
    columns = (column_number(letters) for letters in set(_LETTERS.findall(text)))
    width = max((column for column in columns if column <= _COLUMNS_MAX), default=0)
    cells = "".join(f"(?:{_CELL.format(letters=column_letter(index))}|)" for index in range(width))
    return re.compile(f"{_ROW_BEGINS}{cells}{_ROW_ENDS}")


def _odd(text: str) -> bool:
    """Whether *text* holds escapes that are left to the parser."""
    return "_x" in text or ("&" in text and _ODD_REFERENCE.search(text) is not None)


class _ReadersByAttributes(dict[str, Reader | None]):
    """What reads a cell's text, by its attributes; ``None``: it stands for itself."""

    def __init__(self, readers: CellReaders) -> None:
        super().__init__()
        self._readers = readers

    def __missing__(self, attributes: str) -> Reader | None:
        named = dict(_ATTRIBUTE.findall(attributes))
        kind = named.get("t", "n")
        reader = self[attributes] = None if kind in TEXT_KINDS else self._readers[kind, named.get("s", "0")]
        return reader


class _QuickTexts(_Quick[str]):
    """The shared texts; a piece that is not plain throughout by the parser."""

    begins, ends = b"<si>", b"</si>"

    def __init__(self) -> None:
        super().__init__(TextsParser())

    def read(self, text: str) -> tuple[list[str], str]:
        """The texts."""
        texts = _BETWEEN_TEXTS.split(f"</t></si>{text}<si><t>")[1:-1]
        if text.count("<") == 4 * len(texts) and not _odd(text) and not _ODD_TEXT.search(text):
            return ([_replaced(one) for one in texts] if "&" in text else texts), ""
        return ([], text) if "<!" in text else (self.parser.feed(text.encode()), "")
