"""
.ods: the tables of an OpenDocument spreadsheet, streamed from content.xml.

Repeated rows and cells are counted, not laid out, unless they hold something. Element names: OpenDocument 1.3 part 3, 9 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Final

from pmbulk.entities.cells import CellError, CellValue
from pmbulk.sheets.number_formats import plain_number
from pmbulk.sheets.package import COLUMNS_MAX, ROWS_MAX, feed, local, xml_parser

__all__ = ["stream_tables"]

_ERROR_TEXT = re.compile(r"#(?:N/A|[A-Z]+[!?]|DIV/0!)|Err:\d+")
_SHOWN_NUMBER = re.compile(r"[0-9+\-() ]*")
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")


def stream_tables(content: IO[bytes]) -> Iterator[tuple[str, int, list[CellValue]]]:
    """
    Each row of each table as (table, row number, cells from column A to the last that is not blank), in file order.

    A table starts with a row 0 without cells, so that an empty one is seen; blank rows are left out.
    """
    tables = _Tables()
    for _ in feed(tables.parser, content):
        yield from tables.rows()


class _Tables:
    """Collects rows while *parser* is fed."""

    def __init__(self) -> None:
        self.parser = xml_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        #: (table, first row number, how many times, cells)
        self._complete: list[tuple[str, int, int, list[CellValue]]] = []
        self._table = ""
        self._number = 1
        self._repeated = 1
        self._row: list[CellValue] = []
        self._blank_cells = 0
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._in_paragraph = False
        self._aside = 0

    def rows(self) -> Iterator[tuple[str, int, list[CellValue]]]:
        """The rows completed since the last call."""
        for table, number, repeated, cells in self._complete:
            for offset in range(min(repeated, ROWS_MAX)):
                yield table, number + offset, list(cells)
        self._complete.clear()

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = local(qualified)
        if self._aside or name in ("annotation", "tracked-changes", "shapes", "dde-links"):
            self._aside += 1  # notes, deleted cells and drawings hold text and tables that are no cells
        elif name == "table":
            self._table, self._number = _by_local_name(attributes)["name"], 1
            self._complete.append((self._table, 0, 1, []))
        elif name == "table-row":
            self._repeated = int(_by_local_name(attributes).get("number-rows-repeated", "1"))
            self._row, self._blank_cells = [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cell = _by_local_name(attributes) | ({"covered": "true"} if name[0] == "c" else {})
            self._paragraphs.clear()
        elif self._cell is not None:
            self._start_in_cell(name, attributes)

    def _start_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._paragraphs.append("")
            self._in_paragraph = True
        elif self._in_paragraph and name == "s":
            self._paragraphs[-1] += " " * int(_by_local_name(attributes).get("c", "1"))
        elif self._in_paragraph and name in ("tab", "line-break"):
            self._paragraphs[-1] += "\t" if name == "tab" else "\n"

    def _characters(self, text: str) -> None:
        if self._in_paragraph and not self._aside:
            self._paragraphs[-1] += text  # LibreOffice writes runs of blanks as they are, so none are folded

    def _end(self, qualified: str) -> None:
        name = local(qualified)
        if self._aside:
            self._aside -= 1
        elif name == "p":
            self._in_paragraph = False
        elif name in ("table-cell", "covered-table-cell") and self._cell is not None:
            shown = "\n".join(self._paragraphs) if self._paragraphs else None
            self._add(_value(self._cell, shown), int(self._cell.get("number-columns-repeated", "1")))
            self._cell = None
        elif name == "table-row":
            if self._row:
                self._complete.append((self._table, self._number, self._repeated, self._row))
            self._number += self._repeated

    def _add(self, value: CellValue, repeated: int) -> None:
        if value is None:
            self._blank_cells += repeated
            return
        blanks = min(self._blank_cells, COLUMNS_MAX)
        self._row.extend([None] * blanks)
        self._row.extend([value] * min(repeated, COLUMNS_MAX))
        self._blank_cells = 0


def _by_local_name(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes without namespaces; where two share a name, such as `value-type`, LibreOffice's own comes as ``calcext:``."""
    return {
        ("calcext:" if "calcext" in key and local(key) == "value-type" else "") + local(key): value for key, value in attributes.items()
    }


def _value(cell: dict[str, str], text: str | None) -> CellValue:
    """The value of a cell that shows *text*; ``None``: nothing, not even an empty text."""
    kind, shown = cell.get("value-type", ""), text or ""
    if "covered" in cell:
        return None  # below a merged cell: nobody sees it
    if cell.get("calcext:value-type") == "error" or ("formula" in cell and _ERROR_TEXT.fullmatch(shown)):
        return CellError(shown or "#ERROR!")
    if "formula" in cell and not kind and text is None:
        return CellError("formula")
    return _READERS.get(kind, _text)(cell, shown)


def _text(cell: dict[str, str], shown: str) -> CellValue:
    return cell.get("string-value", shown) or None


def _number(cell: dict[str, str], shown: str) -> CellValue:
    """The number, or the text it is shown as where that keeps what a number cannot: zeros in front, or a plus sign."""
    number = float(cell["value"])
    digits = re.sub(r"\D", "", shown)
    keeps = _SHOWN_NUMBER.fullmatch(shown) and len(digits) > 1 and (digits[0] == "0" or "+" in shown)
    return shown if keeps and number.is_integer() and int(digits) == number else plain_number(number)


def _boolean(cell: dict[str, str], _shown: str) -> CellValue:
    return cell["boolean-value"] == "true"


def _date(cell: dict[str, str], _shown: str) -> CellValue:
    value = cell["date-value"]
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value


def _time(cell: dict[str, str], _shown: str) -> CellValue:
    value = cell["time-value"]
    match = _DURATION.fullmatch(value)
    if match is None:
        return value
    days, hours, minutes = (int(match[group] or 0) for group in (2, 3, 4))
    seconds = float((match[5] or "0").replace(",", "."))
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if match[1] or duration >= timedelta(days=1):
        return -duration if match[1] else duration
    return time(duration.seconds // 3600, duration.seconds // 60 % 60, duration.seconds % 60, duration.microseconds)


_READERS: Final[dict[str, Callable[[dict[str, str], str], CellValue]]] = {
    "float": _number,
    "percentage": _number,
    "currency": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
}
