"""PM's ids of what a run has made: PM does not tell them when it makes something (QUIRKS 16), so they are asked for together at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

import anyio

from pmbulk.door.checking import CheckedRow
from pmbulk.door.job import Job
from pmbulk.entities.model import Entity, Operation
from pmbulk.entities.session import Session
from pmbulk.errors import Outcome, PmbulkError, TransientError
from pmbulk.jobs.sqlite_journal import SqliteJournal

__all__ = ["look_up_ids"]

#: So few objects are asked for one by one, even where PM can list them all: a list may be long.
_FEW: Final = 20
#: How often one read is tried.
_TRIES: Final = 4

Answer = TypeVar("Answer")


async def look_up_ids(job: Job, journal: SqliteJournal, session: Session) -> None:
    """
    Note in *journal* the ids of all objects that rows of this job made; what cannot be read stays without one.

    The rows have succeeded, so an error here is nobody's failure, not even a login that PM refuses by now.
    """
    settled = journal.settled()
    identified = journal.identified()
    for position, sheet in enumerate(job.checked.sheets):
        if sheet.entity.find is None:
            continue
        made = [
            row
            for row in job.checked.rows
            if row.sheet == position
            and row.operation is Operation.CREATE
            and row.node is not None
            and settled.get(row.ordinal) is Outcome.SUCCEEDED
            and row.ordinal not in identified
        ]
        if made:
            journal.identify(await _ids(sheet.entity, made, job, session))


async def _ids(entity: Entity, made: Sequence[CheckedRow], job: Job, session: Session) -> dict[int, str]:
    if entity.ids is not None and len(made) > _FEW:
        try:
            known = await _asked(partial(entity.ids, session))
        except PmbulkError:
            return {}
        keys = ((row.ordinal, row.node.key) for row in made if row.node is not None and row.node.key is not None)
        return {ordinal: known[key] for ordinal, key in keys if key in known}
    found: dict[int, str] = {}
    rows = iter(made)
    async with anyio.create_task_group() as asking:
        for _ in range(min(len(made), job.options.concurrency)):
            asking.start_soon(_ask, entity, rows, job, session, found)
    return found


async def _ask(entity: Entity, rows: Iterator[CheckedRow], job: Job, session: Session, found: dict[int, str]) -> None:
    for row in rows:
        try:
            there = await _asked(partial(entity.find, job.checked.record(row.ordinal), session)) if entity.find is not None else None
        except PmbulkError:
            continue
        if there is not None and there.id:
            found[row.ordinal] = there.id


async def _asked(read: Callable[[], Awaitable[Answer]]) -> Answer:
    """What *read* finds out; a hiccup of PM's is worth another try, a wait that it asks for is not."""
    for _ in range(_TRIES - 1):
        try:
            return await read()
        except TransientError as error:
            if error.retry_after_s:
                raise
    return await read()
