"""
The sealed hand-over workbook: what new people are told, in a file that opens with a password only.

The one place where passwords and codes are written in clear; the clear form never touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter.workbook import Workbook

from pmbulk.errors import WorkbookError
from pmbulk.secret import Secret
from pmbulk.sheets.placing import claim, unfinished_beside
from pmbulk.sheets.writing import DARK_HEADER, FONT, TEXT, TextSheet

__all__ = ["write_hand_over"]


def write_hand_over(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str | Secret]], *, password: Secret) -> Path:
    """
    Write the workbook, encrypted with *password*, and return where it is; where a file is in the way the next free name is taken.

    Raises:
        WorkbookError: If it cannot be written.
    """
    from msoffcrypto.format.ooxml import OOXMLFile

    try:
        with unfinished_beside(path) as unfinished:
            with unfinished.open("wb") as sealed:
                OOXMLFile(_clear(headers, rows)).encrypt(password.reveal(), sealed)
            return claim(unfinished, path)
    except OSError as error:
        raise WorkbookError(f"The hand-over workbook cannot be written to {path} ({error.strerror or error}).") from error


def _clear(headers: Sequence[str], rows: Iterable[Sequence[str | Secret]]) -> BytesIO:
    """The workbook itself, in memory."""
    stream = BytesIO()
    workbook = Workbook(stream, {"in_memory": True})
    workbook.worksheet_class = TextSheet
    workbook.set_properties({"title": "pmbulk hand-over"})
    sheet: Any = workbook.add_worksheet("Hand-over")
    text = workbook.add_format(TEXT)
    header = workbook.add_format(DARK_HEADER)
    secret = workbook.add_format({**TEXT, "font_name": "Consolas", "font_size": FONT["font_size"]})
    for column, name in enumerate(headers):
        sheet.set_column(column, column, min(max(len(name) + 4, 16), 40), text)
    sheet.write_whole(0, [(column, name, header) for column, name in enumerate(headers)])
    number = 0
    for number, row in enumerate(rows, start=1):
        cells = [(value.reveal(), secret) if isinstance(value, Secret) else (value, text) for value in row]
        sheet.write_whole(number, [(column, value, style) for column, (value, style) in enumerate(cells) if value])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(number, 1), len(headers) - 1)
    workbook.close()
    stream.seek(0)
    return stream
