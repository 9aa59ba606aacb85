"""
The live state as a workbook that, run unchanged, changes nothing.

Which columns there are is known only after the last row, so rows go to a temporary file first: memory stays flat however many there are.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import anyio

from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.entities.cells import shown
from pmbulk.entities.compare import pattern
from pmbulk.entities.fields import POSITION, Column, Kind
from pmbulk.entities.model import ACTION, Entity, Flat, Operation
from pmbulk.entities.registry import ENTITIES, entity_for
from pmbulk.entities.session import Session
from pmbulk.errors import UsageError
from pmbulk.secret import Secret
from pmbulk.sheets.export import ExportSheet, write_export

__all__ = ["ExportResult", "export_entities", "exportable"]

_WITHHELD: Final = "PM has values here; they are left out because they are secret. Blank cells are left as they are. `pmbulk export --keep-secrets` writes them."


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Where the workbook is, how many rows each sheet has, and in which of them secrets were left out."""

    path: Path
    rows: dict[str, int]
    withheld: tuple[str, ...] = ()


def exportable() -> list[str]:
    """The sheets of the entities that PM can list."""
    return [entity.sheet for entity in ENTITIES.values() if entity.export is not None]


def export_entities(names: Sequence[str], path: Path, target: Target, *, keep_secrets: bool = False) -> ExportResult:
    """
    Write what PM has of the entities *names* to *path*, or to the next free name.

    Secrets that PM shows are left blank, which leaves them as they are when the workbook is run, unless *keep_secrets*.

    Raises:
        UsageError: If PM cannot list one of the entities.
        WorkbookError: If a name is no entity's, or the file cannot be written.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
        RowError: If PM refuses to list something.
    """
    entities = list({entity_for(name).sheet: entity_for(name) for name in names}.values())
    refused = [entity.sheet for entity in entities if entity.export is None]
    if refused or not entities:
        wrong = f"PM cannot list {', '.join(refused)}" if refused else "nothing to export was named"
        raise UsageError(f"{wrong}; what can be exported: {', '.join(exportable())}")
    with ExitStack() as files:
        spools = [
            _Spool(entity, files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")), keep_secrets=keep_secrets)
            for entity in entities
        ]
        anyio.run(partial(_fill, spools, target))
        written = write_export(path, [spool.sheet() for spool in spools])
    return ExportResult(written, {spool.entity.sheet: spool.rows for spool in spools}, tuple(s.entity.sheet for s in spools if s.withheld))


async def _fill(spools: Sequence[_Spool], target: Target) -> None:
    async with reader(target) as client:
        session = Session(client)
        for spool in spools:
            if spool.entity.export is not None:
                async for row in spool.entity.export(session):
                    spool.add(row)


@dataclass
class _Spool:
    """An entity's rows on their way: one line of JSON each, and the headers that they fill."""

    entity: Entity
    file: IO[str]
    keep_secrets: bool = field(kw_only=True)
    rows: int = 0
    headers: dict[str, Column] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)

    def add(self, row: Flat) -> None:
        """Keep *row*; what is empty is as good as left out."""
        texts: dict[str, str] = {}
        for header, value in row.items():
            column = self.headers.get(header) or _column(self.entity, header)
            text = self._text(header, column, value)
            if text or header in self.withheld:
                self.headers[header] = column
            if text:
                texts[header] = text
        self.file.write(json.dumps(texts, ensure_ascii=False) + "\n")
        self.rows += 1

    def sheet(self) -> ExportSheet:
        """The sheet, its columns in the order of their declaration; ``action`` says update, or what the entity offers instead."""
        order = {column.path: index for index, column in enumerate(self.entity.columns)}
        headers = sorted(self.headers, key=lambda header: _place(header, self.headers[header], order))
        return ExportSheet(self.entity.sheet, (ACTION.name, *headers), self._lines(headers), frozenset(self.withheld), _WITHHELD)

    def _lines(self, headers: Sequence[str]) -> Iterator[list[str]]:
        action = Operation.UPDATE if Operation.UPDATE in self.entity.by_operation else self.entity.default
        self.file.seek(0)
        for line in self.file:
            texts = json.loads(line)
            yield [action.value, *(texts.get(header, "") for header in headers)]

    def _text(self, header: str, column: Column, value: Any) -> str:
        secret = isinstance(value, Secret) or column.kind is Kind.SECRET
        if secret and value and not self.keep_secrets:
            self.withheld.add(header)
            return ""
        if isinstance(value, list | tuple):
            return ";".join(self._text(header, column, one) for one in value)
        return value.reveal() if isinstance(value, Secret) else shown(value)


def _column(entity: Entity, header: str) -> Column:
    """The column that *header* belongs to; a list of plain values may have one header per position."""
    path = pattern(header.split("."))
    column = entity.columns_by_path.get(path) or entity.columns_by_path.get(path[:-1])
    if column is None:
        raise TypeError(f"{entity.sheet}: export gives {header}, which is no column")
    return column


def _place(header: str, column: Column, order: dict[tuple[str, ...], int]) -> tuple[int, list[int], int]:
    """What sorts headers: as declared, the columns of a list of objects together, position by position."""
    own = order[column.path]
    positions = [int(part) for part in header.split(".") if part.isdigit()]
    if POSITION not in column.path:
        return own, positions, own
    first = min(index for path, index in order.items() if path[0] == column.path[0] and POSITION in path)
    return first, positions, own
