"""
What equal means between a sheet and PM, and how filled cells go into an object that PM has; pure.

PM leaves fields out of its answers that are 0 or empty (QUIRKS 19), so a missing field equals every empty value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pmbulk.entities.fields import POSITION, Column, Kind
from pmbulk.entities.model import Body
from pmbulk.entities.steps import Change
from pmbulk.secret import Secret

__all__ = ["declared", "differences", "gaps", "is_part", "leaves", "merged", "nested", "pattern", "sentence"]

_WHOLE: Final = re.compile(r"-?[0-9]+")
#: What servers write in place of a secret.
_MASK: Final = re.compile(r"[*•●]{3,}")


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All plain values below *value* with their field paths (positions from 1); a list of plain values is one leaf."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, str(name)))
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for position, inner in enumerate(value, start=1):
            yield from leaves(inner, (*path, str(position)))
    else:
        yield path, value


def merged(current: Any, wanted: Any) -> Any:
    """*current* with everything that *wanted* has in its place; objects in lists are merged by position, lists of plain values replaced."""
    if isinstance(current, dict) and isinstance(wanted, dict):
        return {**current, **{name: merged(current.get(name), value) for name, value in wanted.items()}}
    if isinstance(current, list) and isinstance(wanted, list) and any(isinstance(inner, dict) for inner in wanted):
        kept = current[len(wanted) :]
        return [merged(current[index] if index < len(current) else None, inner) for index, inner in enumerate(wanted)] + kept
    return wanted


def nested(path: Sequence[str], value: Any) -> Any:
    """*value* at *path*, as what is `merged` into a body; places of a list before it say nothing."""
    for part in reversed(path):
        value = [*({} for _ in range(int(part) - 1)), value] if part.isdigit() else {part: value}
    return value


def gaps(current: Any, wanted: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of objects in *wanted*'s lists that say nothing and that *current* does not have either: there is nothing to leave as it is."""
    if isinstance(wanted, dict):
        for name, inner in wanted.items():
            yield from gaps(current.get(name) if isinstance(current, dict) else None, inner, (*path, name))
    elif isinstance(wanted, list):
        held = current if isinstance(current, list) else []
        for position, inner in enumerate(wanted, start=1):
            if inner == {} and position > len(held):
                yield (*path, str(position))
            yield from gaps(held[position - 1] if position <= len(held) else None, inner, (*path, str(position)))


def declared(body: Any, columns: Mapping[tuple[str, ...], Column]) -> Any:
    """
    *body*, as PM returned it, as PM's document has it: what goes back in an update must be nothing else.

    Members that no *column* names are left out, and so are those that are null or a mask that stands for a secret; numbers and booleans that PM printed as
    texts are what they should be, and texts of secret columns are `Secret`. A tuple cannot be PM's: it is the entity's own, and stays as it is.
    """
    return _declared(body, columns, _all_prefixes(tuple(columns)), ())


def _declared(body: Any, columns: Mapping[tuple[str, ...], Column], known: frozenset[tuple[str, ...]], path: tuple[str, ...]) -> Any:
    if isinstance(body, dict):
        return {
            name: _declared(value, columns, known, (*path, name))
            for name, value in body.items()
            if isinstance(value, tuple) or ((*path, name) in known and _says_something(value, columns.get((*path, name))))
        }
    if isinstance(body, list):
        inner = path if path in columns and columns[path].several else (*path, POSITION)
        return [_declared(value, columns, known, inner) for value in body]
    column = columns.get(path)
    return body if column is None else _typed(body, column.kind)


def _says_something(value: Any, column: Column | None) -> bool:
    """Whether a *value* of PM's is one: sent back, a mask would become the secret that it stands for."""
    hides = column is not None and column.kind is Kind.SECRET and isinstance(value, str)
    return value is not None and not (hides and _MASK.fullmatch(value))


@lru_cache(maxsize=64)
def _all_prefixes(paths: tuple[tuple[str, ...], ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(path[:length] for path in paths for length in range(1, len(path) + 1))


def _typed(value: Any, kind: Kind) -> Any:
    """A plain *value* of PM's in the type that a field of this *kind* has; one that cannot be read so stays as it is."""
    match kind:
        case Kind.SECRET if isinstance(value, str):
            return Secret(value)
        case Kind.INTEGER if isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value)
        case Kind.BOOLEAN if isinstance(value, str) and value.casefold() in {"true", "false"}:
            return value.casefold() == "true"
        case Kind.TEXT if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return value


def differences(current: Body, wanted: Body, columns: Mapping[tuple[str, ...], Column], *, assume_unreadable: bool) -> tuple[Change, ...]:
    """
    Where *current*, as PM has it, is not yet as *wanted*.

    *columns* are the entity's, by path with positions as ``N``. What PM never returns counts as equal where *assume_unreadable* is true (looking whether
    something was done), else as different (it has to be written).
    """
    held = dict(leaves(current))
    changes = []
    for path, new in leaves(wanted):
        column = columns.get(pattern(path))
        old = held.get(path)
        if column is not None and not _shown(current, path, column, held):
            if not assume_unreadable and new is not None:
                changes.append(Change(".".join(path), None, new))
            continue
        if not _same(old, new, column):
            changes.append(Change(".".join(path), old, new))
    return tuple(changes)


def is_part(current: Body, wanted: Body, columns: Mapping[tuple[str, ...], Column]) -> bool:
    """Whether *current* has nothing that *wanted* does not have too, but what is empty and what PM fills in by itself."""
    given = dict(leaves(wanted))
    for path, held in leaves(current):
        column = columns.get(pattern(path))
        untold = column is not None and column.spec.initial != "" and _flat(held) == column.spec.initial
        if held != [] and not untold and not _same(held, given.get(path), column):
            return False
    return True


def sentence(changes: Collection[Change]) -> str:
    """*changes* in words, for a message."""
    return "; ".join(f"{change.path} is {_quoted(change.old)}, not {_quoted(change.new)}" for change in changes)


def _shown(current: Body, path: tuple[str, ...], column: Column, held: Collection[tuple[str, ...]]) -> bool:
    """
    Whether PM would show in *current* what it has at *path*.

    What fades, and a secret, may be missing beside the rest of its object; where the whole object is missing, it was not made.
    """
    if not column.spec.readable:
        return False
    return path in held or not (column.spec.fades or column.kind is Kind.SECRET) or not _has_object(current, path[:-1])


def _has_object(current: Any, path: tuple[str, ...]) -> bool:
    for part in path:
        if isinstance(current, list):
            current = current[int(part) - 1] if part.isdigit() and int(part) <= len(current) else None
        else:
            current = current.get(part) if isinstance(current, dict) else None
    return current is not None


def _quoted(value: Any) -> str:
    if value in (None, "", []):
        return "empty"
    return str(value) if isinstance(value, bool | int | Secret) else f"'{value}'"


def pattern(path: Iterable[str]) -> tuple[str, ...]:
    """A field path as its column has it, with positions written as ``N``."""
    return tuple(POSITION if part.isdigit() else part for part in path)


def _same(old: Any, new: Any, column: Column | None) -> bool:
    if isinstance(new, list):
        # A list in a cell loses what is blank throughout.
        held, given = ([_flat(value) for value in values if str(value).strip()] for values in (old or (), new))
        # PM promises no order; only of a user's departments the first one counts.
        return sorted(held) == sorted(given) and (column is None or not column.spec.first_counts or held[:1] == given[:1])
    if isinstance(new, Secret):
        return (old if isinstance(old, Secret) else Secret("" if old is None else str(old))) == new
    normal = column.spec.normal if column is not None and column.spec.normal is not None else str
    return normal(_flat(old)) == normal(_flat(new))


def _flat(value: Any) -> str:
    if value is None or value is False or value == 0:
        return ""
    # Cells lose blanks at the ends of a text.
    text = str(value).strip()
    # The raw extension record writes booleans and numbers as text (QUIRKS 84).
    return "" if text.casefold() in {"false", "0"} else text
