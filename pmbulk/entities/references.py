"""How rows say which object they mean: by its name, by PM's id of it, or by both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pmbulk.entities.directory import Listed
from pmbulk.entities.model import Identity, Record, id_keys, key_of
from pmbulk.entities.names import fold, in_quotes
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, InvalidRowError, RejectedError

__all__ = [
    "agreed",
    "asked_subsystem",
    "extension_key",
    "extension_key_part",
    "identify_named",
    "ids_by_name",
    "judge_named",
    "number_key",
    "row_subsystem",
    "same_ids",
    "same_object",
    "subsystem",
]


async def subsystem(session: Session, name: str | None, number: int | None, *, column: str) -> tuple[str | None, int | None]:
    """
    The name, as PM spells it, and the id of the subsystem that a row gives by *name*, by *number* or by both.

    Only administrators may list subsystems; where PM refuses the list, what the row gives is taken as it is.

    Raises:
        InvalidRowError: If PM has no such subsystem, or if name and id are not the same one's.
    """
    register = session.directory.subsystems
    try:
        if name:
            listed = await register.get(name, column=column)
            agreed(number, listed, column.replace("subsystemName", "subsystemId"))
            return listed.name, listed.id
        if number is not None:
            found = await register.by_id(number)
            if found is None:
                raise InvalidRowError(
                    (Finding(column.replace("subsystemName", "subsystemId"), f"PM has no subsystem with the id {number}"),),
                    code="REFERENCE",
                )
            return found.name, found.id
    except RejectedError as refusal:
        if refusal.http != 403:
            raise
    return name, number


async def row_subsystem(record: Record, session: Session) -> tuple[str | None, int | None]:
    """
    Name and id of the `subsystem` that the row's address gives.

    Raises:
        InvalidRowError: If PM has no such subsystem, or if name and id are not the same one's.
    """
    return await subsystem(session, record.address.subsystem_name, record.address.subsystem_id, column="subsystemName")


async def asked_subsystem(record: Record, session: Session) -> Any:
    """How PM is asked about the row's subsystem: by its name, or failing that by its id, which some calls may take too (QUIRKS 46)."""
    name, number = await row_subsystem(record, session)
    return name if name is not None else number


def agreed(typed: int | None, listed: Listed, column: str) -> int:
    """
    The id of *listed*.

    Raises:
        InvalidRowError: If the row gives another id than the name's.
    """
    if typed is not None and typed != listed.id:
        raise InvalidRowError(
            (Finding(column, f"is {typed}, but '{listed.name}' has the id {listed.id}; correct one of the two or leave the id blank"),)
        )
    return listed.id


def same_ids(column: str, typed: Sequence[int] | None, ids: Sequence[int]) -> None:
    """
    Make sure that the ids *typed* in *column*, if there are any, are those of the names beside them.

    Raises:
        InvalidRowError: If they are not.
    """
    if typed and set(typed) != set(ids):
        given, meant = (", ".join(map(str, numbers)) for numbers in (typed, ids))
        message = f"has the ids {given}, but the names belong to the ids {meant}; correct one of the two or leave the ids blank"
        raise InvalidRowError((Finding(column, message),))


def identify_named(sheet: str, name: str | None, number: int | None, *, needs: Sequence[str] = (), depth: int = 0) -> Identity:
    """Which object of *sheet* a row means by its *name*, by PM's *number* for it, or by a number with a new name."""
    label = in_quotes(name or "") if number is None else f"with id {number}"
    key = key_of(sheet, name) if name else None
    return Identity(label, key, tuple(dict.fromkeys(needs)), depth, aliases=id_keys(sheet, number), name=name or "")


def judge_named(title: str, given: Mapping[str, Any]) -> list[Finding]:
    """Ask which *title* is meant where all columns that could say so, *given* with their values, are blank."""
    if any(value not in (None, "") for value in given.values()):
        return []
    first, *others = given
    instead = f", or {' or '.join(others)}," if others else ""
    return [Finding(first, f"is blank; fill it{instead} to say which {title} is meant")]


def ids_by_name(sheet: str) -> Callable[[Session], Awaitable[Mapping[str, str]]]:
    """What tells PM's ids of all objects that the directory holds for *sheet*, by their keys."""

    async def ids(session: Session) -> Mapping[str, str]:
        registers = session.directory.of_sheet[sheet]
        return {key_of(sheet, listed.name): str(listed.id) for register in registers for listed in await register.all()}

    return ids


def extension_key_part(name: str | None, number: Any) -> str:
    """How keys and lanes name a subsystem that a row gives by name or, failing that, by id."""
    return fold(name) if name else f"#{number}"


def number_key(extension: Any) -> str:
    """The key of everything that goes by one extension number: some of PM's operations name no subsystem (QUIRKS 45)."""
    return key_of("numbers", extension)


def extension_key(name: str | None, number: int | None, extension: Any) -> str:
    """The key of an *extension* in the subsystem that a row gives by name or by id; of its number where it gives none."""
    if not name and number is None:
        return number_key(extension)
    return key_of("extensions", extension_key_part(name, number), extension)


def same_object(column: str, typed: str | None, actual: str) -> None:
    """
    Make sure that a row which gives an id and, in *column*, a name as well means one object; only where the name is not a new one.

    Raises:
        InvalidRowError: If the object with the id has another name than the one *typed*.
    """
    if typed and fold(typed) != fold(actual):
        raise InvalidRowError(
            (Finding(column, f"is '{typed}', but the id belongs to '{actual}'; correct one of the two or leave one blank"),)
        )
