"""
.csv: one sheet of text, whatever its delimiter and encoding.

Strict about quotes: one that never closes would swallow rows in silence.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from pmbulk.entities.cells import CellValue
from pmbulk.sheets.package import CHUNK

__all__ = ["Dialect", "sniff", "stream_rows"]

_DELIMITERS: Final = ";,\t|"
_SAMPLE: Final = 1 << 16

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is to be read; *declared* says that its first line is Excel's ``sep=;`` and no row."""

    encoding: str
    delimiter: str
    declared: bool


def sniff(stream: IO[bytes]) -> Dialect:
    """
    The encoding and the delimiter of a file.

    Without a byte order mark it is UTF-8 where all of it is valid UTF-8, else Windows-1252.

    Raises:
        ValueError: If the file is not text.
    """
    encoding = _encoding(stream)
    stream.seek(0)
    sample = io.TextIOWrapper(io.BytesIO(stream.read(_SAMPLE)), encoding, errors="ignore", newline="").read()
    first = sample.splitlines()[0] if sample.strip() else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return Dialect(encoding, first[4], declared=True)
    return Dialect(encoding, max(_DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter)), declared=False)


def stream_rows(stream: IO[bytes], dialect: Dialect) -> Iterator[tuple[int, list[CellValue]]]:
    """
    Each record as (row number, cells), numbered as Excel does: a record with line breaks in it is one row.

    Raises:
        ValueError: If a quotation mark is out of place or never closes, or bytes are no text.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, dialect.encoding, newline="")
    number = 0
    try:
        if dialect.declared:
            text.readline()
        for number, record in enumerate(csv.reader(text, delimiter=dialect.delimiter, strict=True), start=1):
            yield number, [cell or None for cell in record]
    except csv.Error as error:
        raise ValueError(f"row {number + 1}: {error}; look for a quotation mark that is out of place or never closes") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"row {number + 1} or one soon after it holds a character that is no text; save it as CSV UTF-8") from error
    finally:
        text.detach()


def _encoding(stream: IO[bytes]) -> str:
    stream.seek(0)
    start = stream.read(4)
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    if marked == "utf-16":
        return marked
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    while chunk := stream.read(CHUNK):
        if b"\0" in chunk:
            raise ValueError("it holds bytes that no text has")
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8 and not decoder.getstate()[0]:  # what is left over is half a character
        return marked or "utf-8"
    return "cp1252"


def _fitness(sample: str, delimiter: str) -> tuple[float, int, int]:
    """How well *delimiter* explains the sample: the share of records of the usual width, the records it parts at all, that width."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths = [len(record) for record in itertools.islice(records, 50) if record]
    # A title may stand above; but names such as "Berg, Anna" make a single column no table of two.
    narrowest = 3 if widths[:1] == [1] else 2
    parted = [width for width in widths if width >= narrowest]
    usual = Counter(parted).most_common(1)
    return (usual[0][1] / len(widths), len(parted), usual[0][0]) if usual else (0, 0, 0)
