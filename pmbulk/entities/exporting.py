"""
What exports share: objects of PM as rows, and many of them read at once.

A row made here and run unchanged as an update changes nothing. Knows columns and bodies, no kind of object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import anyio

from pmbulk.entities.compare import guarded, leaves, pattern
from pmbulk.entities.directory import Listed, Register
from pmbulk.entities.fields import Fields, columns_of
from pmbulk.entities.model import Flat
from pmbulk.entities.names import fold
from pmbulk.errors import PmbulkError, RejectedError

__all__ = ["SEPARATOR", "names_in", "read_each", "row_of", "told_by_name"]

#: Stands between the plain values of a list in one cell.
SEPARATOR: Final = ";"
#: How many objects an export reads at a time; PM's own limit is not documented (DOMAIN 4).
_AT_ONCE: Final = 4

Key = TypeVar("Key")
Read = TypeVar("Read")


def row_of(body: Mapping[str, Any], model: type[Fields]) -> Flat:
    """The filled fields of *body* that are columns of *model*, by header; secrets as `Secret`, without what PM does not show reliably."""
    columns = {column.path: column for column in columns_of(model)}
    row: Flat = {}
    for path, value in leaves(guarded(body, columns)):
        column = columns.get(pattern(path))
        if column is None or not column.spec.readable or value is None or value in ("", []):
            continue
        row[".".join(path)] = SEPARATOR.join(map(str, value)) if isinstance(value, list) else value
    return row


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


async def read_each(read: Callable[[Key], Awaitable[Read]], keys: Iterable[Key]) -> AsyncIterator[Read]:
    """
    What *read* gives for each of *keys*, in their order, a few read at a time.

    All *keys* are read before the first one is given: hand in as many as may be held.

    Raises:
        PmbulkError: The first that *read* raises.
    """
    found: dict[int, Read] = {}
    failures: list[PmbulkError] = []
    waiting = iter(enumerate(keys))

    async def work() -> None:
        for place, key in waiting:
            if failures:
                return
            try:
                found[place] = await read(key)
            except PmbulkError as failure:
                failures.append(failure)

    async with anyio.create_task_group() as workers:
        for _ in range(_AT_ONCE):
            workers.start_soon(work)
    if failures:
        raise failures[0]
    for place in sorted(found):
        yield found.pop(place)
