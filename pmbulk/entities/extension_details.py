"""
Reading extensions: one number's record with the groups it belongs to, and all numbers of every telephony subsystem.

PM wants the type of the number that it is asked for; a kind whose numbers may show one of two types is asked for both in turn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pmbulk.entities.exporting import in_batches, read_each
from pmbulk.entities.extension_record import EXTENSION_TYPES
from pmbulk.entities.model import Body, Flat, Record
from pmbulk.entities.names import fold, nearest_sentence
from pmbulk.entities.references import asked_subsystem
from pmbulk.entities.session import Session, Unread
from pmbulk.errors import RejectedError, RowError, UnreachableError, UsageError

__all__ = [
    "ANY_TYPE",
    "COMMON_TYPES",
    "GROUPS",
    "TELEPHONY",
    "Place",
    "belonging_to",
    "details_if_there",
    "details_of",
    "group_setup",
    "groups_in",
    "groups_of",
    "is_own",
    "of_every_extension",
    "telephony_numbers",
]

#: Every type, though it is missing in PM's list (QUIRKS 50); the listed ones are tried where PM does not take it.
ANY_TYPE: Final = ("ALL", *EXTENSION_TYPES)
#: PM's word for a telephony subsystem.
TELEPHONY: Final = "TelephonyServer"
#: Every type, and those that a PM which does not take that word (QUIRKS 50) shows of numbers with lists and keys of their own.
COMMON_TYPES: Final = ("ALL", "IP", "MULTI_TERMINAL")
#: The fields of an extension that PM tells of its number alone, without the subsystem (getGroupSetup, QUIRKS 45).
GROUPS: Final = ("huntGroup", "callPickupGroup", "groupDoNotDisturb")


async def details_of(session: Session, subsystem: str | int, number: str, types: Iterable[str]) -> Mapping[str, Any] | None:
    """
    The record of the extension *number*, asked for as each of *types* until PM has it; ``None`` if it has none.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    refused = None
    for extension_type in types:
        query = {"subsystemName": subsystem, "extensionNumber": number, "extensionType": extension_type}
        try:
            answer = await session.read("getExtensionDetails", query=query)
        except RejectedError as refusal:
            if refusal.http != 400:
                raise
            # The number may be of another type. ALL is in PM's sample, but not in its list of types (QUIRKS 50).
            refused = refused if extension_type == "ALL" else refusal
            continue
        # A number that is free may be answered with an empty record instead of 404.
        if answer and (answer.get("extensionVO") or answer.get("extensionId")):
            return answer
    if refused is not None:
        raise refused
    return None


async def details_if_there(session: Session, subsystem: str | int, number: str, types: Iterable[str]) -> Mapping[str, Any] | None:
    """
    As `details_of`, for a *number* that PM need not have: what it does not know may be a bad request to it (QUIRKS 15).

    Raises:
        RejectedError: If PM refuses to tell.
    """
    try:
        return await details_of(session, subsystem, number, types)
    except RejectedError as refusal:
        if refusal.http != 400:
            raise
        return None


async def belonging_to(
    record: Record, session: Session, name: str, *, path: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None
) -> Body | None:
    """
    What PM answers to the read called *name* about what belongs to the row's extension; ``None`` if PM does not have the extension.

    PM may answer 404 about an extension that merely has nothing of the kind (QUIRKS 15): then it is empty.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    answer = await session.read(name, path=path, query=query)
    return {} if answer is None and await _is_there(record, session) else answer


async def _is_there(record: Record, session: Session) -> bool:
    """Whether PM has the row's extension, as far as it tells; a row without a subsystem means any (QUIRKS 45)."""
    address = record.address
    try:
        given = await asked_subsystem(record, session)
        places: list[str | int] = [given] if given is not None else [name for name, _id in await _telephony_subsystems(session)]
        for place in places:
            if await details_of(session, place, address.extension_number, COMMON_TYPES) is not None:
                return True
    except RejectedError:
        pass  # then PM's first word, that there is nothing, has to do
    return False


async def groups_of(session: Session, record: Mapping[str, Any], number: str, filled: Body) -> Body:
    """
    The groups that the extension *number* belongs to, in the shape in which an update takes them.

    An update that leaves them out may end the membership (QUIRKS 20, 72). PM has each group's number and name, and either may be meant by what a row
    has *filled* (FIELDS 1a, unknown): that spelling is kept. PM asks for the number only (QUIRKS 45), so what it tells of another extension is ignored.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    return groups_in(await group_setup(session, record, number), filled)


async def group_setup(session: Session, record: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """
    PM's answer about the groups of the extension *number*; empty where it is about another extension.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    answer = await session.read("getGroupSetup", path={"extensionNumber": number}) or {}
    return (answer.get("groupSetupVO") or {}) if is_own(answer, number, record) else {}


def is_own(answer: Mapping[str, Any], number: str, record: Mapping[str, Any]) -> bool:
    """Whether an answer is about the extension *number* of *record*; whether PM names it by its id or by its number is not documented (QUIRKS 48)."""
    return str(answer.get("extensionId") or number) in {number, str(record.get("extensionId"))}


def groups_in(setup: Mapping[str, Any], filled: Body) -> Body:
    """The groups of a *setup* as an update takes them, spelt as in *filled* where that means the same."""
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


@dataclass(frozen=True, slots=True)
class Place:
    """An extension that PM has; *subsystem_id* is ``None`` where PM does not list its subsystems to this administrator."""

    subsystem_name: str
    subsystem_id: int | None
    number: str

    def __str__(self) -> str:
        return f"extension {self.number} in {self.subsystem_name}"

    @property
    def columns(self) -> Flat:
        """The columns that say which extension a row means."""
        return {"subsystemName": self.subsystem_name, "extensionNumber": self.number}


def of_every_extension(
    rows_of: Callable[[Place, Session], Awaitable[list[Flat]]], *, by_number: bool
) -> Callable[[Session], AsyncIterator[Flat]]:
    """
    The export whose rows are what *rows_of* makes of every extension, a few extensions at a time.

    *by_number* takes a number that two subsystems have once (QUIRKS 45).
    """

    async def export(session: Session) -> AsyncIterator[Flat]:
        seen: set[str] = set()
        for name, number in await _telephony_subsystems(session):
            numbers = [one for one in await _numbers(session, name) if one not in seen and session.reads_extension(name, one)]
            if by_number:
                seen.update(numbers)
            places = [Place(name, number, one) for one in numbers]
            async for rows in read_each(session, lambda place: rows_of(place, session), in_batches(places), called=str):
                for row in rows:
                    yield row

    return export


async def telephony_numbers(session: Session) -> AsyncIterator[tuple[str, list[str]]]:
    """
    The name of every telephony subsystem, with its numbers.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    for name, _id in await _telephony_subsystems(session):
        yield name, await _numbers(session, name)


async def _telephony_subsystems(session: Session) -> list[tuple[str, int]]:
    """
    Names and ids of the telephony subsystems to read.

    Raises:
        UsageError: If the session is about one that PM does not have; names the nearest.
    """
    listed = await session.client.items("listSubsystems", query={"subsystemType": "All"})
    found = [
        (str(one["subsystemName"]), int(one["subsystemId"]))
        for one in listed
        if one.get("subsystemId") and one.get("subsystemName") and one.get("subsystemType", TELEPHONY) == TELEPHONY
    ]
    only = session.only_subsystem
    if only is None:
        return found
    chosen = [one for one in found if fold(one[0]) == fold(only)]
    if not chosen:
        names = [name for name, _number in found]
        raise UsageError(f"PM has no telephony subsystem '{only}', or this administrator cannot see it.{nearest_sentence(only, names)}")
    return chosen


async def _numbers(session: Session, name: str) -> list[str]:
    """The numbers in the subsystem called *name*; one that does not tell them is noted, and the others are read all the same."""
    try:
        answer = await session.client.call("getServerDetails", path={"subsystemName": name}, query={"extensionNumber": "All"})
    except (RowError, UnreachableError) as error:
        session.unread.append(Unread(f"all extensions in {name}", str(error)))
        return []
    content = answer.content if isinstance(answer.content, Mapping) else {}
    return list(dict.fromkeys(str(one["extension"]) for one in content.get("extensionLimVOs") or () if one.get("extension")))
