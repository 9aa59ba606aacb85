"""
What is different since last time: joiners, movers, leavers, and the rows that this comes to.

Compares rows with rows, wherever the earlier ones come from (an older export, PM itself). Secrets are never compared: whoever is there has theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pmbulk.entities.binding import Binding, bind
from pmbulk.entities.cells import CLEAR
from pmbulk.entities.compare import pattern
from pmbulk.entities.extension_sheets import kind_of
from pmbulk.entities.model import Entity, Operation
from pmbulk.entities.names import fold
from pmbulk.entities.registry import ENTITIES, entity_for
from pmbulk.onboarding.filters import squeezed
from pmbulk.onboarding.records import PersonRecord
from pmbulk.secret import Secret

__all__ = ["Change", "Kind", "joined", "left", "moved"]

_SUBSYSTEM: Final = "subsystemName"
_NUMBER: Final = "extensionNumber"


class Kind(StrEnum):
    """What became of a person."""

    #: New: all rows are creates.
    JOINER = "joiner"
    #: There before, and something is different.
    MOVER = "mover"
    #: Gone from HR's file, or not active any more.
    LEAVER = "leaver"
    #: Nothing is different; no row.
    UNCHANGED = "unchanged"
    #: Not to be told from the files; no row until they are corrected.
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the person *key* and *why*, in words, with the *records* that this comes to."""

    key: str
    kind: Kind
    why: str
    records: tuple[PersonRecord, ...]


def joined(key: str, records: Sequence[PersonRecord]) -> Change:
    """A person who was not there before."""
    return Change(key, Kind.JOINER, "new", tuple(records))


def left(key: str, why: str, records: Sequence[PersonRecord], before: Sequence[PersonRecord]) -> Change:
    """
    A person who is gone; *records* are what the mapping does then, and without any everything that was there *before* is deleted.
    """
    return Change(key, Kind.LEAVER, why, tuple(records) or tuple(_deleted(before)))


def moved(key: str, before: Sequence[PersonRecord], now: Sequence[PersonRecord], *, cleared: bool) -> Change:
    """
    A person who is still there: one row per object that is different.

    A blank where something was before empties the field if *cleared*, else it leaves it alone. A number in another place is moved, and what belongs to it
    moves along.
    """
    left_over = list(before)
    rows: list[PersonRecord] = []
    reasons: list[str] = []
    places: dict[tuple[str, str], tuple[str, str]] = {}
    for record in sorted(now, key=lambda one: kind_of(one.entity) is None):
        earlier = _counterpart(record, left_over)
        if earlier is None:
            rows.append(record)
            reasons.append(f"{record.entity.title} new")
            continue
        left_over.remove(earlier)
        old, new = _place(earlier.fields), _place(record.fields)
        if kind_of(record.entity) and old != new:
            places[old] = new
            rows.append(_move(record, earlier))
            reasons.append(f"{record.entity.title} {old[1]} in {old[0]} → {new[1]} in {new[0]}")
        updated, words = _updated(record, _relocated(earlier, places), cleared=cleared)
        reasons += words
        if updated is not None:
            rows.append(updated)
    gone = [record for record in left_over if cleared]
    rows += _deleted(gone)
    reasons += [f"{record.entity.title} gone" for record in gone]
    order = {sheet: rank for rank, sheet in enumerate(ENTITIES)}
    rows.sort(key=lambda row: order[row.entity.sheet])
    return Change(key, Kind.MOVER if rows else Kind.UNCHANGED, "; ".join(reasons), tuple(rows))


def _counterpart(record: PersonRecord, before: Iterable[PersonRecord]) -> PersonRecord | None:
    """The row about the same object before: the same in name, else the one that the same part of the mapping made."""
    alike = [one for one in before if one.entity is record.entity]
    if len(alike) == 1 and alike[0].rule == record.rule:
        return alike[0]
    same = next((one for one in alike if _identity(one) == _identity(record)), None)
    return same or next((one for one in alike if one.rule == record.rule), None)


def _identity(record: PersonRecord) -> str | None:
    return _identified(record.entity, record.fields)


def _identified(entity: Entity, fields: Mapping[str, str | Secret]) -> str | None:
    """Which object a row with these fields means."""
    record, _findings = _binding(entity.sheet, tuple(fields)).read(
        ["" if isinstance(value, Secret) else value for value in fields.values()]
    )
    return entity.identify(record).key


@lru_cache(maxsize=256)
def _binding(sheet: str, headers: tuple[str, ...]) -> Binding:
    """What the headers of a mapping's rows mean; there are few of them and many rows."""
    return bind(entity_for(sheet), headers, sheet=sheet)


def _naming(record: PersonRecord) -> list[str]:
    """The headers without which a row would not say which object it means."""
    whole = _identity(record)
    return [header for header in record.fields if _without(record, header) != whole]


def _without(record: PersonRecord, header: str) -> str | None:
    fields = {name: value for name, value in record.fields.items() if name != header}
    return _identified(record.entity, fields) if fields else None


def _updated(record: PersonRecord, earlier: PersonRecord, *, cleared: bool) -> tuple[PersonRecord | None, list[str]]:
    """The row that makes what was *earlier* into *record*, and why; ``None`` where nothing is different."""
    cells: dict[str, str | Secret] = {}
    words = []
    for header, value in record.fields.items():
        old = earlier.fields.get(header, "")
        if isinstance(value, Secret) or isinstance(old, Secret) or _alike(old, value):
            continue
        if not cleared and not _readable(record.entity, header):
            # PM never shows it, so a blank there says nothing.
            continue
        cells[header] = value
        words.append(f"{header} {old or 'blank'} → {value}")
    for header in earlier.fields.keys() - record.fields.keys() if cleared else ():
        cells[header] = CLEAR
        words.append(f"{header} {earlier.fields[header]} → blank")
    if not cells or Operation.UPDATE not in record.entity.by_operation:
        return None, []
    named = {header: record.fields[header] for header in _naming(record)}
    return replace(record, operation=Operation.UPDATE, fields={**named, **cells}), words


def _readable(entity: Entity, header: str) -> bool:
    """Whether PM shows what it has in the field *header*; look-ups such as a department's path are shown."""
    path = pattern(tuple(header.split(".")))
    return all(column.spec.readable for column in entity.columns if column.path == path)


def _alike(old: str, new: str) -> bool:
    """Whether two cells say the same; PM does not tell capitals apart in TRUE and FALSE, and pmbulk not blanks."""
    if {fold(old), fold(new)} <= {"true", "false"}:
        return fold(old) == fold(new)
    return squeezed(old) == squeezed(new)


def _place(fields: Mapping[str, str | Secret]) -> tuple[str, str]:
    return str(fields.get(_SUBSYSTEM, "")), str(fields.get(_NUMBER, ""))


def _move(record: PersonRecord, earlier: PersonRecord) -> PersonRecord:
    """The row of `extension_moves` that brings a number where it now belongs."""
    (source, number), (target, new_number) = _place(earlier.fields), _place(record.fields)
    fields: dict[str, str | Secret] = {
        _NUMBER: number,
        "extensionType": str(kind_of(record.entity)),
        "fromSubsystem": source,
        "toSubsystem": target,
        **({"newExtensionNumber": new_number} if new_number != number else {}),
    }
    moves = entity_for("extension_moves")
    return PersonRecord(record.rule, moves, moves.default, fields)


def _relocated(earlier: PersonRecord, places: Mapping[tuple[str, str], tuple[str, str]]) -> PersonRecord:
    """What was *earlier*, as it is once the numbers have moved."""
    fields = dict(earlier.fields)
    for header in earlier.fields:
        above, dot, last = header.rpartition(".")
        if last == _NUMBER:
            beside = f"{above}{dot}{_SUBSYSTEM}"
            moved_to = places.get((str(fields.get(beside, "")), str(fields[header])))
            if moved_to is not None:
                fields[beside], fields[header] = moved_to
    return replace(earlier, fields=fields)


def _deleted(records: Iterable[PersonRecord]) -> list[PersonRecord]:
    """Rows that delete what *records* are about, as far as it can be deleted."""
    return [
        replace(record, operation=Operation.DELETE, fields={header: record.fields[header] for header in _naming(record)})
        for record in records
        if Operation.DELETE in record.entity.by_operation
    ]
