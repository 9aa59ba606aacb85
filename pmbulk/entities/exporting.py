"""
What exports share: objects of PM as rows, and many of them read at once.

A row made here and run unchanged as an update changes nothing. Knows columns and bodies, no kind of object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import anyio

from pmbulk.entities.cells import SEPARATOR
from pmbulk.entities.compare import declared, leaves, pattern
from pmbulk.entities.directory import Listed, Register
from pmbulk.entities.fields import Fields, columns_of
from pmbulk.entities.model import Flat
from pmbulk.entities.names import fold
from pmbulk.entities.session import Session, Unread
from pmbulk.errors import PmbulkError, RejectedError, RowError, UnreachableError

__all__ = ["in_batches", "listed_cells", "names_in", "read_each", "row_of", "told_by_name"]

#: How many objects an export asks for at a time; how many of the requests are out together is the client's affair.
_AT_ONCE: Final = 32
#: After so many objects in a row that cannot be read the others are not asked for: each of them may cost minutes of patience.
_HOPELESS: Final = 32
#: How many objects are read before the first of them is handed on.
_BATCH: Final = 256

Key = TypeVar("Key")
Read = TypeVar("Read")


def row_of(body: Mapping[str, Any], model: type[Fields]) -> Flat:
    """The filled fields of *body* that are columns of *model*, by header; secrets as `Secret`, without what PM does not show reliably."""
    columns = {column.path: column for column in columns_of(model)}
    row: Flat = {}
    for path, value in leaves(declared(body, columns)):
        column = columns.get(pattern(path))
        if column is None or not column.spec.readable or value is None or value in ("", []):
            continue
        row |= listed_cells(".".join(path), value) if isinstance(value, list) else {".".join(path): value}
    return row


def listed_cells(header: str, values: Sequence[Any]) -> Flat:
    """A list of plain values in one cell, or in one column each where the cell could not tell them apart."""
    texts = [text for value in values if (text := str(value)).strip()]
    if any(SEPARATOR in text for text in texts):
        return {f"{header}.{place}": text for place, text in enumerate(texts, start=1)}
    return {header: SEPARATOR.join(texts)}


def told_by_name(listed: Iterable[Listed]) -> frozenset[int]:
    """The ids of those objects whose name is no other's, so that a row needs no id."""
    everything = list(listed)
    count = Counter(fold(one.name) for one in everything)
    return frozenset(one.id for one in everything if one.name.strip() and count[fold(one.name)] == 1)


async def names_in(register: Register) -> Mapping[int, str]:
    """The names, by id, of the objects in *register* that go by their name; none where PM does not list them to this administrator."""
    try:
        everything = await register.all()
    except RejectedError as refusal:
        if refusal.http != 403:
            raise
        return {}
    named = told_by_name(everything)
    return {listed.id: listed.name for listed in everything if listed.id in named}


async def in_batches(keys: Sequence[Key]) -> AsyncIterator[Sequence[Key]]:
    """*keys* in pieces for `read_each`."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


async def read_each(
    session: Session, read: Callable[[Key], Awaitable[Read]], batches: AsyncIterable[Sequence[Key]], *, called: Callable[[Key], str]
) -> AsyncIterator[Read]:
    """
    What *read* gives for each key of *batches*, in their order; one batch is held at a time, many of its keys are read together.

    What cannot be read is left out and noted in the session as it is *called*, and where nothing can be read any more, so is all the rest.

    Raises:
        PmbulkError: If the session is over, such as when PM refuses the login.
    """
    failed_in_a_row = 0
    found: dict[int, Read] = {}
    fatal: list[PmbulkError] = []

    async def work(keys: Iterator[tuple[int, Key]]) -> None:
        nonlocal failed_in_a_row
        while not fatal and failed_in_a_row < _HOPELESS and (following := next(keys, None)) is not None:
            place, key = following
            try:
                found[place] = await read(key)
                failed_in_a_row = 0
            except (RowError, UnreachableError) as error:
                session.unread.append(Unread(called(key), str(error)))
                failed_in_a_row += 1
            except PmbulkError as error:
                fatal.append(error)

    async for batch in batches:
        waiting = iter(enumerate(batch))
        async with anyio.create_task_group() as workers:
            for _ in range(min(_AT_ONCE, len(batch))):
                workers.start_soon(work, waiting)
        if fatal:
            raise fatal[0]
        for place in sorted(found):
            yield found.pop(place)
        for _place, key in waiting:
            why = f"not asked for, because the {failed_in_a_row} before could not be read"
            session.unread.append(Unread(f"{called(key)} and all that follow", why))
            return
