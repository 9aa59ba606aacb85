"""
What templates and results have in common: a workbook that takes every text as text, written row by row in constant memory, and the colours.

Owns XlsxWriter's rough edges; knows neither entities nor outcomes.
"""

from __future__ import annotations

import math
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeGuard

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import CellStringTuple, Worksheet

from pmbulk.entities.cells import EXACT, CellValue, shown
from pmbulk.errors import WorkbookError
from pmbulk.sheets.placing import claim, unfinished_beside

__all__ = [
    "A4",
    "DARK_HEADER",
    "FONT",
    "LIGHT_HEADER",
    "LINE_HEIGHT",
    "NAVY",
    "NOTES_MAX",
    "OFFENDING",
    "RULED",
    "SLATE",
    "STEEL",
    "TEXT",
    "Cell",
    "TextSheet",
    "Widths",
    "cut",
    "height",
    "holds",
    "lines",
    "new_workbook",
    "sheet_name",
    "write_cell",
    "write_note",
    "write_workbook",
]

NAVY: Final = "#1E3A5F"
STEEL: Final = "#6F93B8"
SLATE: Final = "#475569"
#: What every cell starts from.
FONT: Final = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
#: A cell in which whatever is typed stays text.
TEXT: Final = {**FONT, "num_format": "@"}
#: Row 1: what stands out in it, and the rest.
DARK_HEADER: Final = {**TEXT, "bold": True, "bg_color": NAVY, "font_color": "#FFFFFF"}
LIGHT_HEADER: Final = {**TEXT, "bold": True, "bg_color": "#D9E2EC", "font_color": "#1F2937"}
#: White lines between coloured headers.
RULED: Final = {"border": 1, "border_color": "#FFFFFF"}
#: A cell with a finding.
OFFENDING: Final = {**TEXT, "bg_color": "#FBD5D7", "border": 1, "border_color": "#C2410C"}
#: The paper size's number.
A4: Final = 9
#: Points; spreadsheets do not make room for a wrapped line by themselves.
LINE_HEIGHT: Final = 15
#: The highest that a row can be, in points.
_HEIGHT_MAX: Final = 408

#: Comments stay in memory, and Excel takes minutes to open more of them.
NOTES_MAX: Final = 20_000

_CELL_MAX: Final = 32_767
#: Columns of an input are no wider, and measured by so many rows.
_WIDEST: Final = 44
_ROWS_MEASURED: Final = 200
_NOTE_LENGTH: Final = 2_000
_NOTE_COLUMNS: Final = 46
_NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NOT_IN_NOTES: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_UNWRITABLE: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CUT: Final = " … (cut: a cell takes no more)"
#: What XML cannot carry or reads as markup, and texts that look like the escape of such a character (ECMA-376 part 1, 22.9.2.19).
_SPECIAL: Final = re.compile("[\x00-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"}
#: A cell's column, its value (``None``: blank) and its style.
Cell = tuple[int, CellValue, Any]
_LETTERS: Final = tuple(xl_col_to_name(index) for index in range(256))


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    if found in _ESCAPES:
        return _ESCAPES[found]
    return f"_x{ord(found):04X}_" if found < " " else "�"


class TextSheet(Worksheet):  # type: ignore[misc] # XlsxWriter has no types
    """
    A worksheet whose texts are text, whatever they look like.

    XlsxWriter takes ``<r>…</r>`` for its own markup and spends most of its time on cells of text; one place mends both (196 → 75 µs for a
    row of 48 cells).
    """

    def write_text(self, row: int, column: int, text: str, style: Any = None) -> None:
        """Write *text*, shortened to what a cell takes."""
        self._write_string(row, column, _shortened(text), style)

    def write_whole(self, row: int, cells: Iterable[Cell]) -> None:
        """Write a *row* at once: its *cells* in the order of their columns, each as `write_cell` would."""
        last = 0
        xml = "".join([_xml(row, last := column, value, style) for column, value, style in cells])
        self._write_string(row, last, "")  # tells XlsxWriter how far the sheet reaches
        self.table[row][last] = xml

    def discard(self) -> None:
        """Let go of the file that collects the rows, if the workbook was not finished."""
        self.row_data_fh.close()

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if isinstance(cell, str):
            self.fh.write(cell)
        elif isinstance(cell, CellStringTuple):
            self.fh.write(_xml(row, col, cell.string, cell.format))
        else:
            super()._write_cell(row, col, cell)


class Widths:
    """
    How wide columns must be for their *headers* and for what stands in the first rows, in digits, but at least *least*.

    *indexes* are the places of the columns in a row (``None``: one after the other).
    """

    def __init__(self, headers: Sequence[str], *, least: int, indexes: Sequence[int] | None = None) -> None:
        self._widths = [max(len(header) + 4, least) for header in headers]
        self._indexes = range(len(headers)) if indexes is None else indexes
        self._left = _ROWS_MEASURED

    def measure(self, row: Sequence[CellValue]) -> None:
        """Make room for what stands in *row*, if it is one of the first."""
        if not self._left:
            return
        self._left -= 1
        for column, index in enumerate(self._indexes):
            value = row[index] if index < len(row) else None
            if isinstance(value, str):
                self._widths[column] = max(self._widths[column], len(value) + 2)

    def set_columns(self, sheet: Any, first: int, style: Any) -> None:
        """Give the columns from *first* on their widths, and the *style* of cells that are empty."""
        for column, width in enumerate(self._widths, start=first):
            sheet.set_column(column, column, min(width, _WIDEST), style)


def _xml(row: int, column: int, value: CellValue, style: Any) -> str:
    """One cell."""
    letters = _LETTERS[column] if column < len(_LETTERS) else xl_col_to_name(column)
    look = "" if style is None else f' s="{style._get_xf_index()}"'  # noqa: SLF001 - a style's number is not public
    if value is None:
        return f'<c r="{letters}{row + 1}"{look}/>'
    if not isinstance(value, str):
        if _is_exact(value):
            return f'<c r="{letters}{row + 1}"{look}><v>{value:.16G}</v></c>'
        value = shown(value)
    text = _SPECIAL.sub(_escape, _shortened(value))
    space = "" if text.strip() == text else ' xml:space="preserve"'
    return f'<c r="{letters}{row + 1}"{look} t="inlineStr"><is><t{space}>{text}</t></is></c>'


@contextmanager
def new_workbook(path: Path, **properties: Any) -> Iterator[Any]:
    """
    A workbook of `TextSheet` that is saved to *path* when the block ends well; *properties* are the document's.

    Rows of a sheet must be written from top to bottom: they do not stay in memory.

    Raises:
        OSError: If there is no room, or no permission.
        XlsxWriterException: If XlsxWriter meets such an error.
    """
    with tempfile.TemporaryDirectory(prefix="pmbulk-", ignore_cleanup_errors=True) as parts:
        options = {
            "constant_memory": True,
            "tmpdir": parts,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        workbook = Workbook(str(path), options)
        workbook.worksheet_class = TextSheet
        workbook.set_properties(properties)
        try:
            yield workbook
            workbook.close()
        except BaseException as error:
            _let_go(error)
            raise
        finally:
            for sheet in workbook.worksheets():
                sheet.discard()


def write_workbook(kind: str, path: Path, fill: Callable[[Any], None], *, remedy: str, **properties: Any) -> Path:
    """
    Have *fill* make a workbook, and return where it is; where a file is in the way the next free name is taken.

    *properties* are the document's, beside its title.

    Raises:
        WorkbookError: If it cannot be written; *remedy* says what to do.
    """
    try:
        with unfinished_beside(path) as unfinished:
            with new_workbook(unfinished, title=f"pmbulk {kind}", **properties) as workbook:
                fill(workbook)
            return claim(unfinished, path)
    except (OSError, XlsxWriterException) as error:
        raise _unwritable(kind, path, error, remedy=remedy) from error


def _let_go(error: BaseException | None) -> None:
    """
    Collect the archive that XlsxWriter left open in the frames of *error*, and that cannot be closed.

    When Python collects it later, it prints a traceback past every handler.
    """
    complain, sys.unraisablehook = sys.unraisablehook, lambda _unraisable: None
    try:
        while error is not None:
            traceback.clear_frames(error.__traceback__)
            error = error.__context__
    finally:
        sys.unraisablehook = complain


def _unwritable(kind: str, path: Path, error: Exception, *, remedy: str) -> WorkbookError:
    """The error for a workbook that could not be saved; *remedy* says what to do."""
    # XlsxWriter wraps the system's error into one of its own.
    inner = next((cause for cause in error.args if isinstance(cause, OSError)), error)
    reason = getattr(inner, "strerror", None) or str(inner)
    return WorkbookError(f"The {kind} cannot be written to {path} ({reason}). {remedy}")


def _shortened(text: str) -> str:
    """*text* in as many characters as a cell takes, of which those beyond U+FFFF count for two."""
    if len(text) <= _CELL_MAX // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * _CELL_MAX:
        return text
    return units[: 2 * (_CELL_MAX - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def cut(text: str, limit: int, ending: str = "…") -> str:
    """*text* in at most *limit* characters; where some are left out *ending* says so."""
    return text if len(text) <= limit else text[: limit - len(ending)] + ending


def holds(text: str) -> bool:
    """Whether a cell can hold *text* as it is."""
    return _shortened(text) == text and _UNWRITABLE.search(text) is None


def lines(text: str, width: float) -> int:
    """How many lines *text* takes in a cell as wide as *width* digits; an estimate, since letters are narrower than digits on average."""
    return sum(max(1, math.ceil(len(line) / (1.15 * width))) for line in text.split("\n"))


def height(count: int) -> int:
    """How high a row of *count* lines is, in points, as far as a row can be."""
    return min(LINE_HEIGHT * count, _HEIGHT_MAX)


def sheet_name(name: str) -> str:
    """*name* as a workbook takes it."""
    return _NOT_IN_SHEET_NAMES.sub("_", name).strip("'")[:31]


def _is_exact(value: CellValue) -> TypeGuard[float]:
    """Whether *value* is a number that a spreadsheet keeps as it is; others are written as text."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < EXACT


def write_cell(sheet: Any, number: int, column: int, value: CellValue, style: Any) -> None:
    """Any cell: what a spreadsheet holds exactly as a number is one, everything else is text."""
    if value is None:
        sheet.write_blank(number, column, None, style)
    elif _is_exact(value):
        sheet.write_number(number, column, value, style)
    else:
        sheet.write_text(number, column, shown(value), style)


def write_note(sheet: Any, number: int, column: int, text: str) -> None:
    """A comment on a cell."""
    note = cut(_NOT_IN_NOTES.sub("�", text), _NOTE_LENGTH)
    size = {"width": 300, "height": 14 + 18 * min(lines(note, _NOTE_COLUMNS), 20)}
    sheet.write_comment(number, column, note, {"author": "pmbulk", "font_name": FONT["font_name"], "font_size": 10, **size})
