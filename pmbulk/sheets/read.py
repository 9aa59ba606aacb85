"""
Workbooks of any format as sheets of rows, without loss: the one door to reading.

Chooses the format by the file's content, numbers rows as the file does, and turns whatever a broken file causes into a `WorkbookError`. Knows no entity: what
a header or a value means is decided above.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from pmbulk.entities.cells import CellValue, is_blank
from pmbulk.errors import WorkbookError
from pmbulk.sheets import delimited, ods, xls, xlsb, xlsx
from pmbulk.sheets.package import Package

__all__ = ["Sheet", "Workbook", "open_workbook"]

#: The kinds of file that can be read.
_SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv")

_ZIP, _OLE, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09"

#: What broken files cause in the readers; zipfile's word for members it cannot unpack is `RuntimeError`.
_DAMAGE: Final = (BadZipFile, EOFError, ExpatError, KeyError, IndexError, RuntimeError, ValueError, struct.error, zlib.error)

_Row = tuple[int, Sequence[CellValue]]
_Rows = Callable[[], Iterator[_Row]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: *headers* are row 1 from column A on, without the blanks at its end; empty where row 1 is blank."""

    name: str
    headers: tuple[CellValue, ...]
    path: Path
    read: _Rows = field(repr=False, compare=False)

    def rows(self) -> Iterator[_Row]:
        """
        The rows below the headers as (row number in the file, cells from column A on), read anew at each call; blank rows are left out.

        A row has a cell for each header, and more only where it holds something right of the last one: then up to that cell, wherever it is.

        Raises:
            WorkbookError: If the file turns out to be damaged.
        """
        width = len(self.headers)
        with _damage_reported(self.path):
            for number, cells in self.read():
                if number > 1 and not all(map(is_blank, cells)):
                    yield number, _fitted(cells, width)


@dataclass(frozen=True, slots=True)
class Workbook:
    """
    An open workbook: *sha256* is the fingerprint of the file's bytes, *sheets* are its worksheets in file order, hidden ones too.

    A context manager; the sheets' rows can be read until it is left.
    """

    path: Path
    sha256: str
    sheets: tuple[Sheet, ...]
    stream: IO[bytes] = field(repr=False, compare=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()


def open_workbook(path: Path) -> Workbook:
    """
    The workbook at *path*, with its sheets' headers read and its rows ready to be streamed.

    Raises:
        WorkbookError: If there is no such file, or it cannot be read as a workbook; says why and what to do.
    """
    stream = _opened(path)
    try:
        with _damage_reported(path):
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            sheets = tuple(_sheets(path, stream))
    except BaseException:
        stream.close()
        raise
    if not sheets:
        stream.close()
        raise WorkbookError(f"{path.name} holds no worksheet, as documents of other programs do; name a workbook")
    return Workbook(path=path, sha256=sha256, sheets=sheets, stream=stream)


def _opened(path: Path) -> BufferedReader:
    if path.name.startswith("~$"):
        raise WorkbookError(f"{path.name} is the lock file that Excel keeps beside an open workbook; choose {path.name[2:]}")
    if path.suffix.lower() not in _SUFFIXES:
        raise WorkbookError(f"{path.name} is not a workbook that can be read; use one of {' '.join(_SUFFIXES)}")
    try:
        if path.is_dir():
            raise WorkbookError(f"{path} is a folder; name the workbook in it")
        if not path.stat().st_size:
            raise WorkbookError(f"{path.name} is empty: the file holds no bytes")
        return path.open("rb")
    except FileNotFoundError as error:
        raise WorkbookError(f"{path} does not exist") from error
    except PermissionError as error:
        raise WorkbookError(f"{path.name} may not be read; close it in other programs, or ask for the right to read it") from error
    except OSError as error:
        raise WorkbookError(f"{path.name} cannot be read: {error.strerror or error}") from error


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise WorkbookError(f"{path.name} is damaged ({reason}); open it in Excel, save it under a new name and use that file") from error
    except OSError as error:
        raise WorkbookError(f"{path.name} cannot be read: {error.strerror or error}") from error


def _sheets(path: Path, stream: IO[bytes]) -> Iterator[Sheet]:
    if path.suffix.lower() == ".csv":
        yield _csv_sheet(path, stream)
        return
    start = stream.read(8)
    stream.seek(0)
    if start.startswith(_ZIP):
        yield from _zipped_sheets(path, Package(stream))
    elif start.startswith((_OLE, _OLD_EXCEL)):
        yield from _xls_sheets(path, stream.read())
    else:
        raise WorkbookError(f"{path.name} is not a workbook, whatever its name says; open it in Excel and save it as .xlsx")


def _csv_sheet(path: Path, stream: IO[bytes]) -> Sheet:
    try:
        dialect = delimited.sniff(stream)
    except ValueError as error:
        raise WorkbookError(f"{path.name} is not text ({error}); save it as CSV, or give it the extension of what it is") from error

    def read() -> Iterator[_Row]:
        with path.open("rb") as own_stream:
            yield from delimited.stream_rows(own_stream, dialect)

    return Sheet(path.stem, _headers(read), path, read)


def _zipped_sheets(path: Path, package: Package) -> Iterator[Sheet]:
    if "content.xml" in package:
        yield from _ods_sheets(path, package)
        return
    if "_rels/.rels" not in package:
        raise WorkbookError(f"{path.name} is an archive, but no workbook; open it in Excel and save it as .xlsx")
    if package.main_part().endswith(".bin"):
        binary = xlsb.open_xlsb(package)
        for name, part in binary.worksheets:
            read = partial(xlsb.stream_rows, binary, part)
            yield Sheet(name, _headers(read), path, read)
        return
    book = xlsx.open_xlsx(package)
    for name, part in book.worksheets:
        read = partial(xlsx.stream_rows, book, part)
        yield Sheet(name, _headers(read), path, read)


def _ods_sheets(path: Path, package: Package) -> Iterator[Sheet]:
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.open("META-INF/manifest.xml").read():
        raise _password_needed(path)

    def read(table: str) -> Iterator[_Row]:
        return ((number, cells) for name, number, cells in ods.stream_tables(package.open("content.xml")) if name == table and number)

    headers: dict[str, tuple[CellValue, ...]] = {}
    for name, number, cells in ods.stream_tables(package.open("content.xml")):
        headers.setdefault(name, ())
        if number == 1:
            headers[name] = tuple(_fitted(cells, 0))
    for name, row in headers.items():
        if not name.startswith("'file:"):  # what LibreOffice remembers of linked workbooks
            yield Sheet(name, row, path, partial(read, name))


def _xls_sheets(path: Path, content: bytes) -> Iterator[Sheet]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _password_needed(path)
    try:
        book = xls.open_xls(content)
    except ValueError as error:
        if "encrypted" in str(error).lower():
            raise _password_needed(path) from error
        raise
    for sheet in book.sheets():
        read = partial(xls.stream_rows, sheet)
        yield Sheet(sheet.name, _headers(read), path, read)


def _password_needed(path: Path) -> WorkbookError:
    return WorkbookError(f"{path.name} is protected by a password; open it in Excel, remove the password and save it")


def _headers(read: _Rows) -> tuple[CellValue, ...]:
    number, cells = next(read(), (0, ()))
    return tuple(_fitted(cells, 0)) if number == 1 else ()


def _fitted(cells: Sequence[CellValue], width: int) -> Sequence[CellValue]:
    """The cells without the blanks at their end, but at least *width* of them."""
    end = len(cells)
    if end == width:
        return cells
    while end > width and cells[end - 1] is None:
        end -= 1
    return [*cells[:end], *([None] * (width - end))]
