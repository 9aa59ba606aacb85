"""
All that PM has of an extension before it moves, as a text that outlives a crash.

What was read once is not read again: after a crash the moved extension is nowhere as it was. Knows no requests that change anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pmbulk.entities.binding import bind
from pmbulk.entities.extension_details import Place
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.model import Body, Entity, Flat, Record
from pmbulk.errors import RejectedError
from pmbulk.seal import Seal
from pmbulk.secret import Secret

__all__ = ["KINDS", "Belonging", "Snapshot"]

#: PM's types and the kinds that make them; REMOTE has no create of its own (QUIRKS 49).
KINDS: Mapping[str, ExtensionKind] = {**{kind.value: kind for kind in ExtensionKind}, "REMOTE": ExtensionKind.IP}


@dataclass(frozen=True, slots=True)
class Belonging:
    """What hangs on an extension, as a *row* of its *sheet* that says no place; *action* is the row's."""

    sheet: str
    action: str
    row: Flat

    @property
    def by_number(self) -> bool:
        """Whether PM's calls for it name no subsystem; those for the terminal selection do."""
        return self.sheet != "terminal_selections"

    def record(self, entity: Entity, place: Place) -> Record:
        """The record of the row for the extension in *place*."""
        return _record_of(entity, {"action": self.action, **_columns(place), **self.row})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    An extension in *source*, on its way to *target*: PM's *record* with its *groups*, what belongs to it, and the *holders* as PM answers them.

    *missing* says in words what PM has, but does not show or can not be told of another number's. *others* are, in words, further extensions with the
    target's number: what is asked for or written by number may then be theirs (QUIRKS 45).
    """

    source: Place
    target: Place
    record: Mapping[str, Any] = field(repr=False)
    groups: Body
    belongings: tuple[Belonging, ...] = ()
    holders: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def going(self) -> tuple[Belonging, ...]:
        """What belongs to it and can be put on the target."""
        return tuple(one for one in self.belongings if not (self.others and one.by_number))

    @property
    def staying(self) -> tuple[Belonging, ...]:
        """What belongs to it and cannot."""
        return tuple(one for one in self.belongings if self.others and one.by_number)

    @property
    def shown_type(self) -> str:
        """PM's word for the extension's type."""
        return str(self.record["extensionType"])

    @property
    def kind(self) -> ExtensionKind:
        """The kind whose calls make the extension."""
        return KINDS[self.shown_type]

    def to_text(self, seal: Seal) -> str:
        """The snapshot as a whole under *seal*: it has codes in clear."""
        return seal.seal(Secret(json.dumps(asdict(self))))

    @classmethod
    def from_text(cls, text: str, seal: Seal) -> Self:
        """
        The snapshot that `to_text` wrote.

        Raises:
            RejectedError: If another state directory's key sealed it.
        """
        try:
            values = json.loads(seal.open(text).reveal())
        except ValueError as error:
            message = (
                "what an earlier run has kept for this row cannot be read: the key of the state directory is another one; put seal.key back"
            )
            raise RejectedError(message, code="SNAPSHOT") from error
        places = {name: Place(**values[name]) for name in ("source", "target")}
        belongings = tuple(Belonging(**one) for one in values["belongings"])
        lists = {name: tuple(values[name]) for name in ("holders", "missing", "others")}
        return cls(**{**values, **places, **lists, "belongings": belongings})


def _record_of(entity: Entity, cells: Flat) -> Record:
    """The record of a row with these *cells* by header."""
    return bind(entity, list(cells), sheet=entity.sheet).read(list(cells.values()))[0]


def _columns(place: Place) -> Flat:
    """The columns that say where a belonging is; the id only where the name is not known."""
    return {"subsystemId": place.subsystem_id, **place.columns} if place.subsystem_id is not None else place.columns
