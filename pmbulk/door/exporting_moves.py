"""A telephony subsystem, or a range of its numbers, as a workbook that moves it; rows wait in a file, so that memory stays flat."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final

import anyio

from pmbulk.door.exporting import ExportResult, unread_sheet
from pmbulk.door.options import DEFAULT_CONCURRENCY
from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.entities.extension_moves import EXTENSION_MOVES
from pmbulk.entities.model import ACTION, Flat
from pmbulk.entities.move_export import NOTES, groups_together, moves_from
from pmbulk.entities.names import fold
from pmbulk.entities.number_series import NumberRange
from pmbulk.entities.references import subsystem as subsystem_of
from pmbulk.entities.session import Session, Unread
from pmbulk.errors import InvalidRowError, PmbulkError, UsageError
from pmbulk.sheets.export import ExportSheet, write_export

__all__ = ["export_moves", "parse_numbers"]

_SHEET: Final = EXTENSION_MOVES.sheet
_HEADERS: Final = ("extensionNumber", "extensionType", "fromSubsystem", "toSubsystem", "newExtensionNumber", "carry", *NOTES)


def _no_watch(_sheet: str, _rows: int) -> None:
    pass


def parse_numbers(text: str) -> NumberRange:
    """
    The range of ``2000-2999`` or of one number.

    Raises:
        UsageError: If it is neither.
    """
    numbers = NumberRange.of(text)
    if not (numbers.first.isdecimal() and numbers.last.isdecimal() and numbers.last in numbers):
        raise UsageError(f"--numbers '{text}' is no range of numbers; type it like 2000-2999, both ends with as many digits")
    return numbers


def export_moves(
    path: Path,
    target: Target,
    *,
    subsystem: str,
    to: str,
    numbers: NumberRange | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    watch: Callable[[str, int], None] = _no_watch,
) -> ExportResult:
    """
    Write rows that move the extensions of *subsystem* with these *numbers* (``None``: all) to the subsystem *to*, members of one group together.

    What PM does not let read is noted as in every export. At most *concurrency* requests are out at once. *watch* is told of every row.

    Raises:
        UsageError: If PM has no such subsystem, or it is twice the same one.
        WorkbookError: If the file cannot be written.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
        PmbulkError: If nothing at all could be read; the first reason.
    """
    if fold(subsystem) == fold(to):
        raise UsageError(f"--to {to} is where the extensions are; name another telephony subsystem")
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as file:
        spool = _Moves(file)
        unread = anyio.run(partial(_fill, spool, target, subsystem=subsystem, to=to, numbers=numbers, concurrency=concurrency, watch=watch))
        named = tuple((_SHEET, one) for one in unread)
        sheet = ExportSheet(_SHEET, (ACTION.name, *_HEADERS), spool.lines())
        written = write_export(path, [*unread_sheet(named), sheet])
    return ExportResult(written, {_SHEET: len(spool.starts)}, (), named)


@dataclass
class _Moves:
    """The rows, a line of JSON each in *file*: where each line *starts*, and its *groups*."""

    file: IO[str]
    starts: array[int] = field(default_factory=lambda: array("q"))
    groups: list[str] = field(default_factory=list)

    def add(self, row: Flat) -> None:
        """Keep *row*."""
        self.starts.append(self.file.tell())
        self.groups.append(str(row["_group"]))
        self.file.write(json.dumps([str(row.get(header, "")) for header in _HEADERS]) + "\n")

    def lines(self) -> Iterator[Sequence[str]]:
        """The rows as cells, members of one group together."""
        for position in groups_together(self.groups):
            self.file.seek(self.starts[position])
            yield [EXTENSION_MOVES.default.value, *json.loads(self.file.readline())]


async def _fill(
    spool: _Moves,
    target: Target,
    *,
    subsystem: str,
    to: str,
    numbers: NumberRange | None,
    concurrency: int,
    watch: Callable[[str, int], None],
) -> list[Unread]:
    """
    Read all rows; returns what could not be read.

    Raises:
        PmbulkError: If nothing could be read.
    """
    async with reader(target, concurrency=concurrency) as client:
        session = Session(client, only_subsystem=subsystem)
        to = await _known(session, to)
        try:
            async for row in moves_from(session, to=to, numbers=numbers):
                spool.add(row)
                watch(_SHEET, len(spool.starts))
        except PmbulkError as error:
            if not spool.starts:
                raise
            session.unread.append(Unread("everything that follows", str(error)))
    if session.unread and not spool.starts:
        raise PmbulkError("Nothing could be read.\n" + "\n".join(map(str, session.unread[:10])))
    return session.unread


async def _known(session: Session, to: str) -> str:
    """
    PM's spelling of the subsystem called *to*.

    Raises:
        UsageError: If PM has none; names the nearest.
    """
    try:
        name, _id = await subsystem_of(session, to, None, column="--to")
    except InvalidRowError as error:
        raise UsageError(error.message) from error
    return str(name)
