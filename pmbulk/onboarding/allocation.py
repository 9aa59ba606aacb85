"""
User ids and extension numbers for people: deterministic, pinned, and none twice.

Whoever has something keeps it; the others come in the order of their keys, so that the order of HR's rows does not matter. Pure but for the pins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from pmbulk.entities.names import fold, nearest_sentence
from pmbulk.entities.number_series import NumberRange
from pmbulk.onboarding.mapping_file import NumberRule, UserIdRule
from pmbulk.onboarding.pins import Pins

__all__ = ["Need", "Taken", "Unavailable", "allocate_numbers", "allocate_user_ids", "natural"]

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What PM has already: *user_ids* and, by subsystem, *numbers*, each with the key of the person whose it is (``""``: nobody's of this mapping);
    names are folded. *series* are the ranges in which a subsystem takes extensions (a subsystem that is not in it: unknown, all are taken for good).
    """

    user_ids: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    series: Mapping[str, Sequence[NumberRange]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """A person's need of a number: in which *subsystem*, and the name of the ranges to take it *by*."""

    subsystem: str
    by: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a person gets nothing, in words."""

    message: str


def natural(key: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """What sorts keys as people do, ``E9`` before ``E10``; no two keys are equal in it that differ."""
    folded = fold(key)
    parts = ((part.lstrip("0"), part) for part in _DIGITS.split(folded) if part)
    return tuple((0, len(digits), digits) if part.isdecimal() else (1, 0, part) for digits, part in parts), folded


def allocate_user_ids(
    wanted: Mapping[str, str], rule: UserIdRule, pins: Pins, taken: Taken, *, recall: bool = False
) -> dict[str, str | Unavailable]:
    """
    A user id for each key of *wanted*, whose value is the first choice; the pins are updated. With *recall* whoever has none is left out.

    ``anna.berg``, where that is taken ``anna.berg2``, ``anna.berg3`` …, shortened to fit.
    """
    used = {*map(fold, rule.reserved), *taken.user_ids, *pins.taken("user_id")}
    own: dict[str, list[str]] = {}
    for user_id, owner in taken.user_ids.items():
        own.setdefault(fold(owner), []).append(user_id)
    given: dict[str, str | Unavailable] = {}
    numbered: dict[str, Iterator[str]] = {}
    for key in sorted(wanted, key=natural):
        found = _own_user_id(key, own.get(fold(key), ()), rule, pins, taken)
        if found is None and recall:
            continue
        given[key] = found = found or _new_user_id(wanted[key], rule, used, numbered)
        if isinstance(found, str):
            used.add(fold(found))
            pins.give(key, "user_id", found)
    return given


def _own_user_id(key: str, theirs: Sequence[str], rule: UserIdRule, pins: Pins, taken: Taken) -> str | Unavailable | None:
    """The user id that the person has, in PM or by an earlier file; ``None`` if none."""
    if len(theirs) > 1:
        return Unavailable(
            f"PM has {len(theirs)} users with this key: {', '.join(sorted(theirs))}; remove the key from all but one of them there"
        )
    pinned = pins.of(key, "user_id")
    if theirs:
        # The pin has the capitals.
        return pinned if pinned is not None and fold(pinned) == theirs[0] else theirs[0]
    owner = taken.user_ids.get(fold(pinned)) if pinned is not None else None
    if pinned is not None and owner == "" and fold(pinned) not in map(fold, rule.reserved):
        return Unavailable(
            f"the user id '{pinned}' was given to this person, and PM has a user '{pinned}' without a key: if it is the same person, write the key there; "
            f'if not, add "{pinned}" to `reserved` in [user_id], and the person gets another'
        )
    return pinned if owner is None else None


def _new_user_id(first: str, rule: UserIdRule, used: set[str], numbered: dict[str, Iterator[str]]) -> str | Unavailable:
    if not first:
        return Unavailable("there is nothing to make a user id of; `take` in [user_id] gives a blank")
    shortened = first[: rule.max_length]
    if fold(shortened) not in used:
        return shortened
    if rule.collision == "fail":
        return Unavailable(f"the user id '{shortened}' is somebody else's; make `take` in [user_id] tell them apart")
    # Whoever bears a common name goes on counting where the last one stopped.
    candidates = numbered.setdefault(fold(first), _numbered(first, rule.max_length))
    return next(candidate for candidate in candidates if fold(candidate) not in used)


def _numbered(first: str, length: int) -> Iterator[str]:
    for number in count(2):
        yield f"{first[: length - len(str(number))]}{number}"


def allocate_numbers(
    name: str, wanted: Mapping[str, Need], rule: NumberRule, pins: Pins, taken: Taken, *, recall: bool = False
) -> dict[str, str | Unavailable]:
    """
    A number of the kind *name* for each key of *wanted*; the pins are updated. With *recall* whoever has none is left out.

    The first free one of the ranges that the rule has for the need: not reserved, not in PM, given to nobody else, and in one of the subsystem's series
    where those are known. Numbers that other rules gave out in the same subsystem count as taken.
    """
    used: dict[str, set[str]] = {}
    free: dict[Need, Iterator[str]] = {}
    theirs = _by_owner(taken)
    given: dict[str, str | Unavailable] = {}
    for key in sorted(wanted, key=natural):
        need = wanted[key]
        subsystem = fold(need.subsystem)
        if subsystem not in used:
            used[subsystem] = {*taken.numbers.get(subsystem, ()), *pins.numbers_in(subsystem)}
        found = _own_number(key, name, need, rule, pins, taken, theirs)
        if found is None and recall:
            continue
        given[key] = found = found or _new_number(need, rule, used[subsystem], free, taken)
        if isinstance(found, str):
            used[subsystem].add(found)
            pins.give_number(key, name, subsystem, found)
    return given


def _by_owner(taken: Taken) -> dict[tuple[str, str], list[str]]:
    """The numbers in PM by subsystem and folded key of whose they are, lowest first."""
    theirs: dict[tuple[str, str], list[str]] = {}
    for subsystem, numbers in taken.numbers.items():
        for number in sorted(numbers):
            if numbers[number]:
                theirs.setdefault((subsystem, fold(numbers[number])), []).append(number)
    return theirs


def _own_number(
    key: str, name: str, need: Need, rule: NumberRule, pins: Pins, taken: Taken, theirs: Mapping[tuple[str, str], Sequence[str]]
) -> str | Unavailable | None:
    """The number that the person has in this subsystem, in PM or by an earlier file; ``None`` if none."""
    subsystem = fold(need.subsystem)
    pinned = pins.number_of(key, name, subsystem)
    in_pm = theirs.get((subsystem, fold(key)), ())
    if pinned in in_pm:
        return pinned
    # One that another rule gave the person is not free for this one.
    elsewhere = pins.numbers_of(key, subsystem) - {pinned}
    ranges = _ranges(need, rule)
    renumbered = next((number for number in in_pm if number not in elsewhere and _within(number, ranges)), None)
    if renumbered is not None:
        return renumbered
    owner = taken.numbers.get(subsystem, {}).get(pinned) if pinned is not None else None
    if pinned is not None and owner == "" and not _within(pinned, _reserved(rule)):
        return Unavailable(
            f"the number {pinned} was given to this person, and PM has {pinned} in {need.subsystem} as nobody's: if it is the same person's, "
            f'put it under the user in PM; if not, add "{pinned}" to `reserved` in [numbers.{name}], and the person gets another'
        )
    return pinned if owner is None else None


def _ranges(need: Need, rule: NumberRule) -> list[NumberRange]:
    """The ranges that a need is served from; none if the rule has none for it."""
    by = {fold(name): ranges for name, ranges in rule.ranges.items()}
    return [NumberRange.of(written) for written in by.get(fold(need.by)) or by.get("*") or ()]


def _new_number(need: Need, rule: NumberRule, used: set[str], free: dict[Need, Iterator[str]], taken: Taken) -> str | Unavailable:
    if not need.subsystem.strip():
        return Unavailable("there is no subsystem to take a number in; `subsystem` of the rule gives a blank")
    ranges = _ranges(need, rule)
    if not ranges:
        return Unavailable(
            f"the mapping has no range of numbers for '{need.by}'; add one to `ranges`, or correct the cell.{nearest_sentence(need.by, rule.ranges)}"
        )
    series = taken.series.get(fold(need.subsystem))
    if need not in free:
        reserved = _reserved(rule)
        numbers = (number for one in ranges for number in one if not _within(number, reserved))
        free[need] = (number for number in numbers if series is None or _within(number, series))
    for number in free[need]:
        if number not in used:
            return number
    among = ", ".join(map(str, ranges))
    if series is not None:
        among += f" within PM's series for extensions there, {' and '.join(map(str, series))}"
    return Unavailable(
        f"no number is free in {need.subsystem} among {among} (those of people who left stay theirs); give '{need.by or '*'}' another range in the mapping"
    )


def _reserved(rule: NumberRule) -> list[NumberRange]:
    return [NumberRange.of(written) for written in rule.reserved]


def _within(number: str, ranges: Iterable[NumberRange]) -> bool:
    return any(number in one for one in ranges)
