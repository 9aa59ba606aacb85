"""
What PM has of the people whom a mapping knows: their rows as the mapping would make them, and which ids and numbers are taken.

Reads only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.entities.cells import shown
from pmbulk.entities.extension_details import telephony_numbers
from pmbulk.entities.model import Entity, Flat
from pmbulk.entities.names import fold
from pmbulk.entities.number_series import all_series
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session, Unread
from pmbulk.entities.users import USERS
from pmbulk.errors import PmbulkError, RowError, UsageError
from pmbulk.onboarding.allocation import Taken
from pmbulk.onboarding.mapping import Rules
from pmbulk.onboarding.onboard import Before
from pmbulk.onboarding.records import PersonRecord
from pmbulk.secret import Secret

__all__ = ["InPm", "people_in_pm"]

_Place = tuple[str, str]
#: How much of what PM does not tell is named.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class InPm:
    """What is there *before* (``None``: PM was not asked) and what is *taken*."""

    taken: Taken | None = None
    before: Before | None = None


async def people_in_pm(target: Target, rules: Rules, *, strangers: Container[str]) -> InPm:
    """
    What PM has; users whose folded ids are among *strangers* are none of the mapping's people, whatever PM keeps with them.

    Raises:
        UsageError: If the mapping does not say where PM keeps the people's keys.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
        RowError: If PM refuses to list something.
        PmbulkError: If PM does not tell of a user, or of something of the people's.
    """
    column = rules.keep_in
    if column is None:
        raise UsageError(
            '--live compares people by their key in PM; say in the mapping where it is kept, like `keep_in = "udf1"` in [person]'
        )
    async with reader(target) as client:
        session = Session(client)
        found = _Found(column, strangers)
        async for row in _exported(USERS, session):
            found.add_user(row)
        numbers: dict[str, dict[str, str]] = {}
        series = {}
        async for subsystem, listed in telephony_numbers(session):
            place = fold(subsystem)
            numbers[place] = {number: found.owners.get((place, number), "") for number in listed}
            with suppress(RowError):  # then all of its numbers are taken for good
                series[place] = await all_series(session, subsystem)
        session.only_extensions = found.owners
        sheets = {rule.entity.sheet for rule in rules.records if rule.entity is not USERS}
        for sheet, entity in ENTITIES.items():
            if sheet in sheets:
                async for row in _exported(entity, session):
                    found.add(entity, row)
        _told(list(dict.fromkeys(session.unread)))
        return InPm(Taken(found.user_ids, numbers, {place: ranges for place, ranges in series.items() if ranges}), Before(found.records))


def _told(unread: Sequence[Unread]) -> None:
    """
    Refuse to go by half of what PM has: who cannot be read would be taken for new, and what is somebody's would stay when they leave.

    Raises:
        PmbulkError: If PM did not tell all; names it.
    """
    if unread:
        further = [f"  and {len(unread) - _SHOWN:,} more"] if len(unread) > _SHOWN else []
        words = ["PM does not tell all that --live compares, so nobody can tell who is new and who has what:"]
        words += [f"  {one}" for one in unread[:_SHOWN]]
        raise PmbulkError("\n".join([*words, *further, "Try again, or compare with the last export by --since."]))


async def _exported(entity: Entity, session: Session) -> AsyncIterator[Flat]:
    if entity.export is not None:
        async for row in entity.export(session):
            yield row


@dataclass
class _Found:
    """What the walk over PM has come to so far; *column* is where users keep the person's key, but for *strangers*."""

    column: str
    strangers: Container[str]
    records: dict[str, list[PersonRecord]] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)
    owners: dict[_Place, str] = field(default_factory=dict)

    def add_user(self, row: Flat) -> None:
        """Note a user, whose person it is, and which numbers are that person's."""
        user_id = fold(shown(row.get("userId")))
        key = "" if user_id in self.strangers else shown(row.get(self.column)).strip()
        self.user_ids[user_id] = key
        if not key:
            return
        self.records.setdefault(fold(key), []).append(_record(USERS, row))
        for place in _places(row):
            self.owners[place] = key

    def add(self, entity: Entity, row: Flat) -> None:
        """Note what belongs to one of the numbers of a person."""
        key = next((self.owners[place] for place in _places(row) if place in self.owners), None)
        if key is not None:
            self.records[fold(key)].append(_record(entity, row))


def _places(row: Flat) -> Sequence[_Place]:
    """The numbers that a row is about, each with its subsystem."""
    places = []
    for header, number in row.items():
        above, dot, last = header.rpartition(".")
        if last == "extensionNumber":
            places.append((fold(shown(row.get(f"{above}{dot}subsystemName"))), shown(number)))
    return places


def _record(entity: Entity, row: Flat) -> PersonRecord:
    fields: Mapping[str, str | Secret] = {header: value if isinstance(value, Secret) else shown(value) for header, value in row.items()}
    return PersonRecord(-1, entity, entity.default, fields)
