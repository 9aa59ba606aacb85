"""
Reading extensions: one number's record with the groups it belongs to, and all numbers of every telephony subsystem.

PM wants the type of the number that it is asked for; a kind whose numbers may show one of two types is asked for both in turn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import anyio

from pmbulk.entities.compare import guarded, leaves, pattern
from pmbulk.entities.fields import Column
from pmbulk.entities.model import Body, Flat
from pmbulk.entities.names import fold
from pmbulk.entities.session import Session
from pmbulk.errors import RejectedError

__all__ = ["details_of", "exported", "flat", "groups_of"]

#: How many numbers are read at once (DOMAIN 4, advice), and how many are waited for before their rows are handed on.
_READERS: Final = 4
_BATCH: Final = 64

#: PM's word for a telephony subsystem.
_TELEPHONY: Final = "TelephonyServer"


async def details_of(session: Session, subsystem: str | int, number: str, types: Iterable[str]) -> Mapping[str, Any] | None:
    """
    The record of the extension *number*, asked for as each of *types* until PM has it; ``None`` if it has none.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    for extension_type in types:
        query = {"subsystemName": subsystem, "extensionNumber": number, "extensionType": extension_type}
        try:
            answer: Mapping[str, Any] | None = (await session.client.call("getExtensionDetails", query=query)).content
        except RejectedError as refusal:
            # ALL is in PM's sample, but not in its list of types (QUIRKS 50).
            if refusal.http in session.client.assumptions.absent_statuses or (extension_type == "ALL" and refusal.http == 400):
                continue
            raise
        # A number that is free may be answered with an empty record instead of 404.
        if answer and (answer.get("extensionVO") or answer.get("extensionId")):
            return answer
    return None


async def groups_of(session: Session, record: Mapping[str, Any], number: str, filled: Body) -> Body:
    """
    The groups that the extension *number* belongs to, in the shape in which an update takes them.

    An update that leaves them out may end the membership (QUIRKS 20, 72). PM has each group's number and name, and either may be meant by what a row
    has *filled* (FIELDS 1a, unknown): that spelling is kept. PM asks for the number only (QUIRKS 45), so what it tells of another extension is ignored.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    try:
        answer = (await session.client.call("getGroupSetup", path={"extensionNumber": number})).content or {}
    except RejectedError as refusal:
        if refusal.http in session.client.assumptions.absent_statuses:
            return {}
        raise
    # Whether it is PM's id or the number again is not documented (QUIRKS 48).
    if str(answer.get("extensionId") or number) not in {number, str(record.get("extensionId"))}:
        return {}
    setup = answer.get("groupSetupVO") or {}
    belongings = setup.get("groupBelongingsVO") or {}
    hunt = _spelt([group.get("grp") for group in setup.get("huntGroups") or ()], (filled.get("huntGroup") or {}).get("huntGroupNumber"))
    groups: Body = {"huntGroup": {"huntGroupNumber": hunt}} if hunt else {}
    for member, header in (("pickupGroup", "callPickupGroup"), ("doNotDisturbGroup", "groupDoNotDisturb")):
        group = belongings.get(member) or {}
        spelt = _spelt([group.get("grp"), group.get("name")], filled.get(header))
        groups |= {header: spelt} if spelt else {}
    return groups


def _spelt(known: Iterable[Any], typed: Any) -> str | None:
    """The first of what PM has, or the row's own words where they say one of them; ``None`` where PM has nothing."""
    spellings = [str(text) for text in known if text]
    return str(typed) if typed and fold(str(typed)) in map(fold, spellings) else next(iter(spellings), None)


async def exported(session: Session, read: Callable[[str, str], Awaitable[Flat | None]]) -> AsyncIterator[Flat]:
    """The rows that *read* makes of each number of each telephony subsystem, given its name and the number; ``None`` makes no row."""
    for listed in await session.client.items("listSubsystems", query={"subsystemType": _TELEPHONY}):
        name = str(listed.get("subsystemName", ""))
        servers = (
            await session.client.call("getServerDetails", path={"subsystemName": name}, query={"extensionNumber": "All"})
        ).content or {}
        numbers = list(dict.fromkeys(str(one["extension"]) for one in servers.get("extensionLimVOs") or () if one.get("extension")))
        for start in range(0, len(numbers), _BATCH):
            for row in await _rows(numbers[start : start + _BATCH], name, read):
                yield row


async def _rows(numbers: list[str], name: str, read: Callable[[str, str], Awaitable[Flat | None]]) -> list[Flat]:
    """The rows of *numbers* in their order; nothing is yielded while tasks run, since a generator may be left at any yield."""
    places = anyio.CapacityLimiter(_READERS)
    rows: dict[str, Flat] = {}

    async def fetch(number: str) -> None:
        async with places:
            row = await read(name, number)
        if row is not None:
            rows[number] = row

    async with anyio.create_task_group() as tasks:
        for number in numbers:
            tasks.start_soon(fetch, number)
    return [rows[number] for number in numbers if number in rows]


def flat(body: Body, columns: Mapping[tuple[str, ...], Column]) -> Flat:
    """*body* as the cells of a row, secrets kept secret; what no column has and what is empty is left out."""
    row: Flat = {}
    for path, value in leaves(guarded(body, columns)):
        if value in (None, "", []) or pattern(path) not in columns:
            continue
        row[".".join(path)] = ";".join(map(str, value)) if isinstance(value, list) else value
    return row
