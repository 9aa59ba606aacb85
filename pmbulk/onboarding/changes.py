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
from pmbulk.entities.cells import CLEAR, SEPARATOR
from pmbulk.entities.compare import pattern
from pmbulk.entities.extension_sheets import kind_of
from pmbulk.entities.model import Entity, Operation
from pmbulk.entities.names import fold
from pmbulk.entities.registry import entity_for, rank_of
from pmbulk.onboarding.filters import squeezed
from pmbulk.onboarding.records import PersonRecord
from pmbulk.secret import Secret

__all__ = ["Change", "Kind", "joined", "left", "moved"]

_SUBSYSTEM: Final = "subsystemName"
_NUMBER: Final = "extensionNumber"
#: Columns of names that are looked up without regard to capitals.
_LOOKED_UP: Final = frozenset({_SUBSYSTEM, "department", "location", "parent", "userId"})


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


def left(key: str, why: str, records: Sequence[PersonRecord], before: Sequence[PersonRecord], *, exact: bool) -> Change:
    """
    A person who is gone; *records* are what the mapping does then, and without any everything that was there *before* is deleted.

    What of it is done already is not done again; whether something that is not among *before* is gone, only PM can tell (not *exact*).
    """
    if not records:
        return Change(key, Kind.LEAVER, why, tuple(_deleted(before)))
    left_to_do = tuple(record for record in records if not _is_done(record, before, exact=exact))
    return Change(key, Kind.LEAVER, why, left_to_do) if left_to_do else Change(key, Kind.UNCHANGED, "", ())


def _is_done(record: PersonRecord, before: Iterable[PersonRecord], *, exact: bool) -> bool:
    """Whether a leaver's row would change nothing, as far as can be compared."""
    same = next((one for one in before if one.entity is record.entity and _identity(one) == _identity(record)), None)
    if same is None or record.operation is not Operation.UPDATE:
        return same is None and record.operation is Operation.DELETE and not exact
    naming = _naming(record)
    wanted = {
        header: value
        for header, value in record.fields.items()
        if not (header in naming or isinstance(value, Secret)) and _readable(record.entity, header)
    }
    return bool(wanted) and all(
        _alike(header, str(same.fields.get(header, "")), "" if value == CLEAR else value) for header, value in wanted.items()
    )


def moved(key: str, before: Sequence[PersonRecord], now: Sequence[PersonRecord], *, cleared: bool) -> Change:
    """
    A person who is still there: one row per object that is different.

    A blank where something was before empties the field if *cleared*, else it leaves it alone. A number in another place is moved, and what belongs to it
    moves along.
    """
    left_over = list(before)
    rows: list[PersonRecord] = []
    reasons: list[str] = []
    places: dict[tuple[str, str], PersonRecord] = {}
    for record in sorted(now, key=lambda one: kind_of(one.entity) is None):
        earlier = _counterpart(record, left_over) or _elsewhere(record, left_over, now)
        if earlier is None:
            rows.append(record)
            reasons.append(f"{record.entity.title} new")
            continue
        left_over.remove(earlier)
        old, new = _place(earlier.fields), _place(record.fields)
        if kind_of(record.entity) and old != new:
            places[old] = record
            rows.append(_move(record, earlier))
            reasons.append(f"{record.entity.title} {_where(earlier)} → {_where(record)}")
        updated, words = _updated(record, _relocated(earlier, places), cleared=cleared)
        reasons += words
        if updated is not None:
            rows.append(updated)
    gone = [record for record in left_over if cleared]
    rows += _deleted(gone)
    reasons += [f"{record.entity.title} gone" for record in gone]
    rows.sort(key=lambda row: rank_of(row.entity))
    return Change(key, Kind.MOVER if rows else Kind.UNCHANGED, "; ".join(reasons), tuple(rows))


def _counterpart(record: PersonRecord, before: Iterable[PersonRecord]) -> PersonRecord | None:
    """The row about the same object before: the same in name, else the one that the same part of the mapping made."""
    alike = [one for one in before if one.entity is record.entity]
    if len(alike) == 1 and alike[0].rule == record.rule:
        return alike[0]
    same = next((one for one in alike if _identity(one) == _identity(record)), None)
    return same or next((one for one in alike if one.rule == record.rule), None)


def _elsewhere(record: PersonRecord, before: Iterable[PersonRecord], now: Iterable[PersonRecord]) -> PersonRecord | None:
    """The only extension of its kind that was *before* in another subsystem and is not there *now*: PM does not say which part of the mapping made it."""
    if kind_of(record.entity) is None:
        return None
    still = {_identity(one) for one in now if one.entity is record.entity}
    gone = [one for one in before if one.entity is record.entity and _identity(one) not in still]
    return gone[0] if len(gone) == 1 and _place(gone[0].fields)[0] != _place(record.fields)[0] else None


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
        if isinstance(value, Secret) or isinstance(old, Secret) or _alike(header, old, value):
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


def _alike(header: str, old: str, new: str) -> bool:
    """Whether two cells of a column say the same; names that are looked up have no capitals, nor have TRUE and FALSE, and blanks do not count."""
    if header.rpartition(".")[2] in _LOOKED_UP or {fold(old), fold(new)} <= {"true", "false"}:
        return [fold(squeezed(part)) for part in old.split(SEPARATOR)] == [fold(squeezed(part)) for part in new.split(SEPARATOR)]
    return squeezed(old) == squeezed(new)


def _place(fields: Mapping[str, str | Secret]) -> tuple[str, str]:
    """Where an extension is, for comparing."""
    return fold(str(fields.get(_SUBSYSTEM, ""))), str(fields.get(_NUMBER, ""))


def _where(record: PersonRecord) -> str:
    return f"{record.fields.get(_NUMBER, '')} in {record.fields.get(_SUBSYSTEM, '')}"


def _move(record: PersonRecord, earlier: PersonRecord) -> PersonRecord:
    """The row of `extension_moves` that brings a number where it now belongs."""
    number, new_number = earlier.fields.get(_NUMBER, ""), record.fields.get(_NUMBER, "")
    fields: dict[str, str | Secret] = {
        _NUMBER: number,
        "extensionType": str(kind_of(record.entity)),
        "fromSubsystem": earlier.fields.get(_SUBSYSTEM, ""),
        "toSubsystem": record.fields.get(_SUBSYSTEM, ""),
        **({"newExtensionNumber": new_number} if new_number != number else {}),
    }
    moves = entity_for("extension_moves")
    return PersonRecord(record.rule, moves, moves.default, fields)


def _relocated(earlier: PersonRecord, places: Mapping[tuple[str, str], PersonRecord]) -> PersonRecord:
    """What was *earlier*, as it is once the numbers have moved."""
    fields = dict(earlier.fields)
    for header in earlier.fields:
        above, dot, last = header.rpartition(".")
        if last == _NUMBER:
            beside = f"{above}{dot}{_SUBSYSTEM}"
            moved_to = places.get((fold(str(fields.get(beside, ""))), str(fields[header])))
            if moved_to is not None:
                fields[beside], fields[header] = moved_to.fields[_SUBSYSTEM], moved_to.fields[_NUMBER]
    return replace(earlier, fields=fields)


def _deleted(records: Iterable[PersonRecord]) -> list[PersonRecord]:
    """Rows that delete what *records* are about, as far as it can be deleted."""
    return [
        replace(record, operation=Operation.DELETE, fields={header: record.fields[header] for header in _naming(record)})
        for record in records
        if Operation.DELETE in record.entity.by_operation
    ]
