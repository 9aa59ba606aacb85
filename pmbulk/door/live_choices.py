"""
What a template can offer of a live PM: the names that its references may take, and what PM calls its own fields.

Reads only. A list that PM does not give leaves its columns as they are, and is told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio

from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.entities.directory import Listed, Register
from pmbulk.entities.extension_details import TELEPHONY
from pmbulk.entities.fields import Column
from pmbulk.entities.micollab_roles import micollab_roles
from pmbulk.entities.model import Entity
from pmbulk.entities.number_series import number_series
from pmbulk.entities.session import Session
from pmbulk.entities.subsystem_blocks import BLOCKS
from pmbulk.entities.udf_fields import UDF_SHEETS, captioned
from pmbulk.errors import RowError

__all__ = ["LiveChoices", "live_choices"]


@dataclass(frozen=True, slots=True)
class LiveChoices:
    """
    What PM has for the columns of a template, each called by its sheet and name (``users.department``).

    *choices* are values to choose from, *notes* words to add to a header's comment, *headers* what stands in row 1 instead of the field path, *left_out*
    sentences about what PM would not tell.
    """

    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def live_choices(target: Target, entities: Sequence[Entity]) -> LiveChoices:
    """
    What PM has for the columns of *entities*; only what they need is read.

    Raises:
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
    """
    return anyio.run(partial(_collected, target, entities))


def _names(listed: Iterable[Listed]) -> list[str]:
    return [one.name for one in listed if one.name]


async def _collected(target: Target, entities: Sequence[Entity]) -> LiveChoices:
    async with reader(target) as client:
        reading = _Reading(Session(client))
        for entity in entities:
            for column in entity.columns:
                await reading.add(entity, column)
        return LiveChoices(reading.choices, reading.notes, reading.headers, tuple(reading.refusals.values()))


@dataclass
class _Reading:
    """One walk over the columns; every list is asked for once, also one that is refused."""

    session: Session
    choices: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    series: str | None = None

    async def add(self, entity: Entity, column: Column) -> None:
        """Find out what PM has for *column*, if it is one of those that PM has something for."""
        key, names = f"{entity.sheet}.{column.name}", column.spec.names
        directory = self.session.directory
        if names in BLOCKS:
            self._offer(key, _names(await self._subsystems(names)))
        elif names == "udf_definitions":
            for kind, register in directory.udf_definitions.items():
                self._offer(key, _names(await self._listed(f"UDFs of {kind}", register)))
        elif names == "micollab_roles":
            self._offer(key, await self._roles())
        elif names:
            self._offer(key, _names(await self._listed(names.replace("_", " "), getattr(directory, names))))
        elif column.path[-1] in {"extensionNumber", "newExtensionNumber"}:
            self._remark(key, await self._number_series())
        elif entity.sheet in UDF_SHEETS and column.name.startswith("udf"):
            kind = UDF_SHEETS[entity.sheet]
            for one in await self._listed(f"UDFs of {kind}", directory.udf_definitions[kind]):
                if column.name == f"udf{one.id}" and one.name:
                    self._remark(key, f"PM calls it '{one.name}'.")
                    self.headers[key] = captioned(column.name, one.name)

    def _offer(self, key: str, names: Iterable[str]) -> None:
        offered = {*self.choices.get(key, ()), *names}
        if offered:
            self.choices[key] = sorted(offered, key=lambda name: (name.casefold(), name))

    def _remark(self, key: str, words: str) -> None:
        if words:
            self.notes[key] = words

    async def _listed(self, title: str, register: Register) -> Sequence[Listed]:
        """All objects of *register*; none if PM does not list them."""
        if title in self.refusals:
            return ()
        try:
            return await register.all()
        except RowError as error:
            self.refusals[title] = f"{title} are left out: {error.message}"
            return ()

    async def _subsystems(self, kind: str) -> list[Listed]:
        listed = await self._listed("subsystems", self.session.directory.subsystems)
        return [one for one in listed if one.body.get("subsystemType") == kind]

    async def _roles(self) -> list[str]:
        """The roles of every MiCollab subsystem; a telephony subsystem may have none there."""
        roles = []
        for micollab in await self._subsystems("MiCollabServer"):
            for telephony in await self._subsystems(TELEPHONY):
                try:
                    roles += await micollab_roles(self.session, micollab.name, telephony)
                except RowError as error:
                    title = f"roles of {micollab.name} for users of {telephony.name}"
                    self.refusals[title] = f"{title} are left out: {error.message}"
        return roles

    async def _number_series(self) -> str:
        """The numbers that each telephony subsystem has for extensions, in words; empty where PM tells none."""
        if self.series is None:
            ranges = [await self._ranges(one.name) for one in await self._subsystems(TELEPHONY)]
            told = "; ".join(one for one in ranges if one)
            self.series = f"Number series: {told}." if told else ""
        return self.series

    async def _ranges(self, subsystem: str) -> str:
        title = f"number series of {subsystem}"
        try:
            ranges = await number_series(self.session, subsystem)
        except RowError as error:
            self.refusals[title] = f"{title} are left out: {error.message}"
            return ""
        return f"{subsystem} {', '.join(map(str, ranges))}" if ranges else ""
