"""
The whole way from HR's rows to rows of pmbulk's sheets: people, what they are given, what is different since last time.

Knows neither files nor PM: whoever calls hands in rows, what PM has, and where secrets come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pmbulk.entities.names import fold
from pmbulk.onboarding.allocation import Need, Taken, Unavailable, allocate_numbers, allocate_user_ids, natural
from pmbulk.onboarding.changes import Change, joined, left, moved
from pmbulk.onboarding.mapping import Rules
from pmbulk.onboarding.mapping_file import SecretRule
from pmbulk.onboarding.people import People, Person, Row, read_people
from pmbulk.onboarding.pins import Pins
from pmbulk.onboarding.records import PersonRecord, Scope, UnclearError, records_of
from pmbulk.secret import Secret

__all__ = ["Before", "Handed", "Onboarded", "onboard"]

Wanted = TypeVar("Wanted")
#: Makes the secret of a kind for a person: the rule, the person's key, the secret's name.
Generate = Callable[[SecretRule, str, str], Secret]


@dataclass(frozen=True, slots=True)
class Before:
    """
    How things were, by folded key of the person: the *records* in the form in which the mapping would make them, and what the mapping would do if the
    person *left*. *exact* ones come from an older export, where a blank was a blank; those of PM have more than HR ever said.
    """

    records: Mapping[str, Sequence[PersonRecord]]
    left: Mapping[str, Sequence[PersonRecord]] = field(default_factory=dict)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """What one new person is handed: names from the mapping with their values, secrets among them."""

    key: str
    values: Mapping[str, str | Secret]


@dataclass(slots=True)
class Onboarded:
    """What an export comes to: *changes* in the order of the people's keys, findings in *people*, and what is to be handed over."""

    people: People
    changes: list[Change] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)


def onboard(
    rows: Iterable[Row],
    rules: Rules,
    *,
    file: str,
    pins: Pins,
    generate: Generate,
    taken: Taken | None = None,
    since: Iterable[Row] | None = None,
    before: Before | None = None,
) -> Onboarded:
    """
    What HR's *rows* of *file* come to by the mapping's *rules*; *pins* are updated.

    *taken* is what PM has already. Without *since* (the rows of the last export) and *before* (what PM has of these people) everybody is new.

    Raises:
        UsageError: If the columns of the mapping are not there.
    """
    taken = taken or Taken()
    if since is not None:
        before = _by_export(since, rules, file=f"the export before {file}", pins=pins, taken=taken)
    before = before or Before({})
    result = Onboarded(read_people(rows, rules, file=file))
    people = result.people
    made = _made([person for person in people.people if person.active], people, rules, pins, taken, generate, leavers=False)
    for key, found in made.items():
        had = before.records.get(key)
        if had is None:
            result.changes.append(joined(found.key, found.records))
            result.handed.append(Handed(found.key, {**found.given, **found.secrets}))
        else:
            result.changes.append(moved(found.key, had, found.records, cleared=before.exact))
    result.changes += _leavers(people, rules, pins, taken, before)
    result.changes.sort(key=lambda change: natural(change.key))
    result.handed.sort(key=lambda handed: natural(handed.key))
    return result


@dataclass(frozen=True, slots=True)
class _Made:
    key: str
    records: list[PersonRecord]
    given: Mapping[str, str]
    secrets: Mapping[str, Secret]


def _no_secret(_rule: SecretRule, _key: str, _name: str) -> Secret:
    return Secret("")


def _by_export(rows: Iterable[Row], rules: Rules, *, file: str, pins: Pins, taken: Taken) -> Before:
    """How things were by an older export; whoever was not active then was not there."""
    people = read_people(rows, rules, file=file)
    active = [person for person in people.people if person.active]
    there, leaving = (_made(active, people, rules, pins, taken, _no_secret, leavers=leavers) for leavers in (False, True))
    return Before({key: found.records for key, found in there.items()}, {key: found.records for key, found in leaving.items()}, exact=True)


def _leavers(people: People, rules: Rules, pins: Pins, taken: Taken, before: Before) -> Iterator[Change]:
    """What becomes of those who were there before and are not active now, or not in the file at all."""
    by_key = {fold(person.key): person for person in people.people}
    inactive = [person for key, person in by_key.items() if key in before.records and not person.active]
    made = _made(inactive, people, rules, pins, taken, _no_secret, leavers=True)
    for key, had in before.records.items():
        person = by_key.get(key)
        if person is None:
            yield left(key, "not in the file any more", before.left.get(key, ()), had)
        elif key in made:
            yield left(person.key, "not active any more", made[key].records, had)


def _made(
    chosen: Sequence[Person], people: People, rules: Rules, pins: Pins, taken: Taken, generate: Generate, *, leavers: bool
) -> dict[str, _Made]:
    """The rows of each of the *chosen* by folded key, of those for whom everything could be worked out."""
    given = _Given(chosen, people, rules)
    given.user_ids(pins, taken)
    for name in rules.numbers:
        given.numbers(name, pins, taken)
    made = {}
    for person in chosen:
        own = given.of.get(person.key)
        if own is None:
            continue
        secrets = {name: generate(rule, person.key, name) for name, rule in rules.mapping.secrets.items()}
        records = records_of(person, rules, people, own, secrets, leaver=leavers)
        if records is not None:
            made[fold(person.key)] = _Made(person.key, records, own, secrets)
    return made


class _Given:
    """What each of the *chosen* is given, by name; whoever cannot be given something is no longer among them, and a finding says why."""

    def __init__(self, chosen: Sequence[Person], people: People, rules: Rules) -> None:
        self.of: dict[str, dict[str, str]] = {person.key: {} for person in chosen}
        self._chosen = chosen
        self._people = people
        self._rules = rules

    def user_ids(self, pins: Pins, taken: Taken) -> None:
        """Give everyone a user id, if the mapping has a rule for it."""
        take, rule = self._rules.user_id, self._rules.mapping.user_id
        if take is not None and rule is not None:
            wanted = self._wanted(lambda scope: scope.evaluate(take))
            self._settle("user_id", allocate_user_ids(wanted, rule, pins, taken), take.names)

    def numbers(self, name: str, pins: Pins, taken: Taken) -> None:
        """Give a number of the kind *name* to everyone who is to have one."""
        by, subsystem, when = self._rules.numbers[name]

        def need(scope: Scope) -> Need | None:
            return Need(scope.evaluate(subsystem), scope.evaluate(by)) if when is None or scope.evaluate(when) else None

        needs = {key: wanted for key, wanted in self._wanted(need).items() if wanted is not None}
        self._settle(name, allocate_numbers(name, needs, self._rules.mapping.numbers[name], pins, taken), by.names)

    def _wanted(self, work_out: Callable[[Scope], Wanted]) -> dict[str, Wanted]:
        """What *work_out* makes for everyone who is still among them."""
        wanted = {}
        for person in self._chosen:
            if person.key in self.of:
                try:
                    wanted[person.key] = work_out(Scope(self._rules, person.values))
                except UnclearError as error:
                    self._drop(person.key, error.names, str(error))
        return wanted

    def _settle(self, name: str, found: Mapping[str, str | Unavailable], names: Iterable[str]) -> None:
        for key, value in found.items():
            if isinstance(value, Unavailable):
                self._drop(key, names, value.message)
            else:
                self.of[key][name] = value

    def _drop(self, key: str, names: Iterable[str], message: str) -> None:
        row = next(person.row for person in self._chosen if person.key == key)
        self._people.finding(row, names, message)
        del self.of[key]
