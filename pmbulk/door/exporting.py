"""
The live state as a workbook that, run unchanged, changes nothing.

Reads what it can: what PM does not give is named, on the way out and in a sheet of its own that a run ignores, and costs nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import anyio

from pmbulk.door.options import DEFAULT_CONCURRENCY
from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.door.spool import Spool
from pmbulk.entities.fields import columns_of
from pmbulk.entities.model import Entity
from pmbulk.entities.registry import ENTITIES, entity_for
from pmbulk.entities.session import Session, Unread
from pmbulk.entities.udf_fields import UDF_SHEETS, captioned
from pmbulk.errors import PmbulkError, RowError, UsageError
from pmbulk.sheets.export import ExportSheet, write_export

__all__ = ["ExportResult", "export_entities", "unread_sheet"]

#: What is written of what could not be read; the underscore makes a run ignore it.
_UNREAD_SHEET: Final = "_not_exported"
#: The sheet of all codes, beside which those of extensions leave them out, because they would set back what is changed there; and what their columns
#: begin with.
_CODES_SHEET, _CODES_COLUMNS = "authorization_codes", "authorizationCodes."


@dataclass(frozen=True, slots=True)
class ExportResult:
    """
    Where the workbook is, how many rows each sheet has, and in which of them secrets were left out.

    *unread* is what PM does not give, or what no cell can hold, by sheet.
    """

    path: Path
    rows: dict[str, int]
    withheld: tuple[str, ...] = ()
    unread: tuple[tuple[str, Unread], ...] = ()


def _no_watch(_sheet: str, _rows: int) -> None:
    pass


def export_entities(
    names: Sequence[str],
    path: Path,
    target: Target,
    *,
    subsystem: str | None = None,
    keep_secrets: bool = False,
    concurrency: int = DEFAULT_CONCURRENCY,
    watch: Callable[[str, int], None] = _no_watch,
) -> ExportResult:
    """
    Write what PM has of the entities *names* (none: of all but those that are written by name only) to *path*, or to the next free name.

    *subsystem* leaves out the extensions of others. Secrets that PM shows are left blank, which leaves them as they are when the workbook is run, unless
    *keep_secrets*. At most *concurrency* requests are out at once. *watch* is told of every row: its sheet, and how many that has by now.

    Raises:
        UsageError: If one of the entities does not belong to a *subsystem*, or PM has no such subsystem.
        WorkbookError: If a name is no entity's, or the file cannot be written.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
        PmbulkError: If nothing at all could be read; the first reason.
    """
    entities = _chosen(names, subsystem)
    elsewhere = _CODES_COLUMNS if any(entity.sheet == _CODES_SHEET for entity in entities) else None
    with ExitStack() as files:
        spools = [
            Spool(
                entity, files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")), keep_secrets=keep_secrets, elsewhere=elsewhere
            )
            for entity in entities
        ]
        unread = anyio.run(partial(_fill, spools, target, subsystem=subsystem, concurrency=concurrency, watch=watch))
        filled = [spool for spool in spools if spool.rows] or spools
        written = write_export(path, [*unread_sheet(unread), *(spool.sheet() for spool in filled)])
    withheld = tuple(spool.entity.sheet for spool in spools if spool.withheld)
    return ExportResult(written, {spool.entity.sheet: spool.rows for spool in spools}, withheld, unread)


def _chosen(names: Sequence[str], subsystem: str | None) -> list[Entity]:
    """
    The entities to write, each once.

    Raises:
        UsageError: If one of *names* knows no *subsystem*.
        WorkbookError: If one of *names* is no entity's.
    """
    if not names:
        everything = [entity for entity in ENTITIES.values() if entity.export is not None and not entity.by_name_only]
        return [entity for entity in everything if subsystem is None or _in_subsystem(entity)]
    chosen: dict[str, Entity] = {}
    for name in names:
        entity = entity_for(name)
        # Extensions of any type are exported in the sheets of their kinds, which are those that come before it.
        for sheet in (entity.sheet,) if entity.export is not None else entity.after:
            chosen[sheet] = ENTITIES[sheet]
    apart = [sheet for sheet, entity in chosen.items() if subsystem is not None and not _in_subsystem(entity)]
    if apart:
        known = ", ".join(entity.sheet for entity in ENTITIES.values() if _in_subsystem(entity))
        raise UsageError(f"--subsystem does not go with {', '.join(apart)}; it goes with {known}")
    return list(chosen.values())


def _in_subsystem(entity: Entity) -> bool:
    """Whether rows of *entity* are about the extensions of a subsystem."""
    return any(column.name == "subsystemName" for column in columns_of(entity.address))


async def _fill(
    spools: Sequence[Spool], target: Target, *, subsystem: str | None, concurrency: int, watch: Callable[[str, int], None]
) -> tuple[tuple[str, Unread], ...]:
    """
    Read the rows of all *spools*; returns what could not be read, by sheet.

    Raises:
        PmbulkError: If nothing could be read.
    """
    unread: list[tuple[str, Unread]] = []
    failures: list[PmbulkError] = []
    async with reader(target, concurrency=concurrency) as client:
        session = Session(client, only_subsystem=subsystem)
        for spool in spools:
            sheet = spool.entity.sheet
            if failures and not isinstance(failures[-1], RowError):
                unread.append((sheet, Unread("everything", "not asked for, because the session with PM had ended")))
                continue
            try:
                await _fill_one(spool, session, watch)
            except PmbulkError as error:
                failures.append(error)
                session.unread.append(Unread("everything that follows" if spool.rows else "everything", str(error)))
            unread += [(sheet, one) for one in (*session.unread, *spool.left_out)]
            session.unread.clear()
    if unread and not any(spool.rows for spool in spools):
        raise failures[0] if failures else PmbulkError("Nothing could be read.\n" + "\n".join(str(one) for _sheet, one in unread[:10]))
    return tuple(unread)


async def _fill_one(spool: Spool, session: Session, watch: Callable[[str, int], None]) -> None:
    if spool.entity.export is None:
        return
    async for row in spool.entity.export(session):
        spool.add(row)
        watch(spool.entity.sheet, spool.rows)
    spool.captions = await _captions(spool, session)


async def _captions(spool: Spool, session: Session) -> Mapping[str, str]:
    """Headers of user-defined fields with PM's own names for them; none where PM does not tell the names."""
    kind = UDF_SHEETS.get(spool.entity.sheet)
    if kind is None or not any(header.startswith("udf") for header in spool.headers):
        return {}
    try:
        listed = await session.directory.udf_definitions[kind].all()
    except RowError:
        return {}
    return {f"udf{one.id}": captioned(f"udf{one.id}", one.name) for one in listed}


def unread_sheet(unread: Sequence[tuple[str, Unread]]) -> list[ExportSheet]:
    """The sheet that tells what could not be read; none where everything could."""
    if not unread:
        return []
    return [ExportSheet(_UNREAD_SHEET, ("sheet", "what", "why"), [(sheet, one.what, one.why) for sheet, one in unread], width=44)]
