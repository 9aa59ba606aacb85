"""
The whole way from HR's rows to rows of pmbulk's sheets: people, what they are given, what is different since last time.

Knows neither files nor PM: whoever calls hands in rows, what PM has, and where secrets come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pmbulk.entities.names import fold
from pmbulk.entities.users import USERS
from pmbulk.errors import UsageError
from pmbulk.onboarding.allocation import Need, Taken, Unavailable, allocate_numbers, allocate_user_ids, natural
from pmbulk.onboarding.changes import Change, Kind, joined, left, moved
from pmbulk.onboarding.expressions import Expression
from pmbulk.onboarding.mapping import Rules
from pmbulk.onboarding.mapping_file import SecretRule
from pmbulk.onboarding.people import HrFinding, People, Person, Row, read_people
from pmbulk.onboarding.pins import Pins
from pmbulk.onboarding.records import PersonRecord, Scope, UnclearError, judge, leaver_records, records_of
from pmbulk.secret import Secret

__all__ = ["Before", "Handed", "Onboarded", "onboard"]

Wanted = TypeVar("Wanted")
#: What the pins say of the export in which a person was new.
_NEW_IN: Final = "new in"
#: What a user is called.
_NAMES: Final = ("firstName", "lastName")
#: Makes the secret of a kind for a person: the rule, the person's key, the secret's name.
Generate = Callable[[SecretRule, str, str], Secret]


@dataclass(frozen=True, slots=True)
class Before:
    """
    How things were, by folded key of the person: the *records* in the form in which the mapping would make them, and what the mapping would do if the
    person *left*. *unclear* says of whom an older export tells nothing, and why. *exact* ones come from such an export, where a blank was a blank; those of
    PM have more than HR ever said.
    """

    records: Mapping[str, Sequence[PersonRecord]]
    left: Mapping[str, Sequence[PersonRecord]] = field(default_factory=dict)
    unclear: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[HrFinding] = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """What one new person is handed: names from the mapping with their values, secrets among them."""

    key: str
    values: Mapping[str, str | Secret]


@dataclass(slots=True)
class Onboarded:
    """
    What an export comes to: *changes* in the order of the people's keys, findings in *people*, and what is to be handed over. *not_active* is how many are
    neither active nor were there before. *before_findings* are those of the export before.
    """

    people: People
    changes: list[Change] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    not_active: int = 0
    before_findings: Sequence[HrFinding] = ()


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
    export: str = "",
) -> Onboarded:
    """
    What HR's *rows* of *file* come to by the mapping's *rules*; *pins* are updated.

    *taken* is what PM has already. Without *since* (the rows of the last export) and *before* (what PM has of these people) everybody is new. *export* tells
    this file from others: it is remembered with those who are new in it.

    Raises:
        UsageError: If the columns of the mapping are not there, or nothing is remembered of the people of *since*.
    """
    taken = taken or Taken()
    if since is not None:
        before = _by_export(since, rules, file=f"the export before {file}", pins=pins, taken=taken, generate=generate)
    before = before or Before({})
    people = read_people(rows, rules, file=file)
    result = Onboarded(people, before_findings=before.findings)
    known = pins.keys
    active = [person for person in people.people if person.active]
    result.not_active = sum(not person.active and fold(person.key) not in before.records for person in people.people)
    made = _made(active, people, rules, pins, taken, generate)
    gone = before.records.keys() - people.unclear.keys() - {fold(person.key) for person in people.people}
    shortened = {_shortened(key): key for key in gone}
    for person in active:
        key = fold(person.key)
        found = made.get(key)
        if found is None:
            continue
        doubt = _doubt(key, before, pins, export, shortened)
        if doubt:
            people.finding(person.row, sorted(rules.key.names), doubt)
            del made[key]
        elif key in before.records:
            result.changes.append(moved(found.key, before.records[key], found.records, cleared=before.exact))
        else:
            pins.give(key, _NEW_IN, pins.of(key, _NEW_IN) or export)
            result.changes.append(joined(found.key, found.records))
    # Whoever gets no row leaves what was meant for them to others.
    pins.forget({fold(person.key) for person in active} - made.keys() - known)
    alike = {shortened[_shortened(fold(person.key))] for person in active if _shortened(fold(person.key)) in shortened}
    result.changes += _renumbered(
        _leavers(people, rules, pins, taken, generate, before, gone=gone, alike=alike), result.changes, before, rules.keep_in
    )
    result.changes.sort(key=lambda change: natural(change.key))
    result.handed = list(_handed(result.changes, made))
    return result


def _doubt(key: str, before: Before, pins: Pins, export: str, shortened: Mapping[str, str]) -> str:
    """Why it cannot be told whether a person is new or what has changed; ``""`` if it can."""
    if key in before.records:
        return ""
    longer = shortened.get(_shortened(key), key)
    if longer != key:
        return (
            f"'{key}' is new and '{longer}' is gone: it looks as if zeros at the start were lost or added. Correct the cells, or give every key as many digits: "
            f'`key = "{{{{ … .zfill({max(len(key), len(longer))}) }}}}"` in [person]'
        )
    if key in before.unclear and pins.of(key, _NEW_IN) not in {None, export}:
        return f"was onboarded by an earlier export, and the last one does not tell how: {before.unclear[key]}; correct it there"
    return ""


def _shortened(key: str) -> str:
    """A key without the zeros that spreadsheets take away from numbers."""
    return key.lstrip("0") if key.isdecimal() else key


def _handed(changes: Iterable[Change], made: Mapping[str, _Made]) -> Iterator[Handed]:
    """What people are told of whom a row sets something secret: new ones, and others who get something new."""
    for change in changes:
        found = made.get(fold(change.key))
        if found is not None and any(isinstance(value, Secret) for record in change.records for value in record.fields.values()):
            used = {name for record in change.records for name in record.secrets}
            secrets = {name: secret for name, secret in found.secrets.items() if name in used}
            yield Handed(change.key, {**found.given, **secrets})


@dataclass(frozen=True, slots=True)
class _Made:
    key: str
    records: list[PersonRecord]
    given: Mapping[str, str]
    secrets: Mapping[str, Secret]


def _by_export(rows: Iterable[Row], rules: Rules, *, file: str, pins: Pins, taken: Taken, generate: Generate) -> Before:
    """
    How things were by an older export; whoever was not active then was not there, nor was anybody who was given nothing.

    Raises:
        UsageError: If what most of its people were given is not remembered.
    """
    people = read_people(rows, rules, file=file)
    active = [person for person in people.people if person.active]
    known = pins.keys
    remembered = [person for person in active if fold(person.key) in known]
    if len(remembered) * 2 < len(active):
        raise UsageError(
            f"{len(active) - len(remembered)} of the {len(active)} people of {file} were never onboarded with this mapping and --state-dir, so their user ids and "
            "numbers are not known here. Give the --state-dir of last time, or compare with PM by --live. If nothing was lost, onboard that export again first: "
            "it writes a workbook and changes nothing in PM."
        )
    there, leaving = (_made(remembered, people, rules, pins, taken, generate, leavers=leavers, recall=True) for leavers in (False, True))
    unclear = dict(people.unclear) | {fold(person.key): person.row for person in remembered if fold(person.key) not in there}
    return Before(
        {key: found.records for key, found in there.items()},
        {key: found.records for key, found in leaving.items()},
        {key: f"row {row}, {people.found_in(row)}" for key, row in unclear.items()},
        people.findings,
        exact=True,
    )


def _leavers(
    people: People,
    rules: Rules,
    pins: Pins,
    taken: Taken,
    generate: Generate,
    before: Before,
    *,
    gone: AbstractSet[str],
    alike: AbstractSet[str],
) -> Iterator[Change]:
    """What becomes of those who were there before and are not active now, or *gone* from the file; of those *alike* to a new one it is not told."""
    inactive = [person for person in people.people if not person.active and fold(person.key) in before.records]
    made = _made(inactive, people, rules, pins, taken, generate, leavers=True, recall=True)
    for key, found in made.items():
        yield left(found.key, "not active any more", found.records, before.records[key], exact=before.exact)
    nameless = ", ".join(map(str, people.nameless[:3])) + (" …" if len(people.nameless) > 3 else "")
    for key in sorted(gone, key=natural):
        if nameless:
            yield Change(key, Kind.UNCLEAR, f"not in the file any more, unless it is row {nameless}: there it is not told who it is", ())
        elif key in alike:
            yield Change(key, Kind.UNCLEAR, "not in the file any more, unless zeros of the key were lost", ())
        elif before.exact or not any(record.leaver for record in rules.records):
            yield left(key, "not in the file any more", before.left.get(key, ()), before.records[key], exact=before.exact)
        else:
            yield _left_pm(key, people, rules, taken, generate, before)
    still = {fold(person.key) for person in people.people} | people.unclear.keys()
    for key in sorted(before.unclear.keys() - still, key=natural):
        yield Change(
            key, Kind.UNCLEAR, f"not in the file any more, and the last one does not tell what there was: {before.unclear[key]}", ()
        )


def _renumbered(leavers: Iterable[Change], others: Iterable[Change], before: Before, keep_in: str | None) -> Iterator[Change]:
    """*leavers*, each with a word about somebody new who has the same name: HR may have given one person another number."""
    new = {_name(change.records): change.key for change in others if change.kind is Kind.JOINER}
    for leaver in leavers:
        name = _name(before.records.get(fold(leaver.key), ()))
        if leaver.kind is Kind.LEAVER and any(name) and name in new and keep_in is not None:
            words = (
                f"if that is one person, leave these rows out, write {new[name]} into {keep_in} of the user in PM, and compare by --live"
            )
            yield replace(leaver, why=f"{leaver.why}, and {new[name]} of the same name is new: {words}")
        else:
            yield leaver


def _name(records: Iterable[PersonRecord]) -> tuple[str, ...]:
    """The name of the person's user, for comparing; empty where no row is about a user."""
    return next((tuple(fold(str(record.fields.get(part, ""))) for part in _NAMES) for record in records if record.entity is USERS), ())


def _left_pm(key: str, people: People, rules: Rules, taken: Taken, generate: Generate, before: Before) -> Change:
    """What the mapping does when somebody is gone of whom PM tells no more than the key and the user id."""
    user_ids = [user_id for user_id, owner in taken.user_ids.items() if fold(owner) == key]
    given = {"user_id": user_ids[0]} if len(user_ids) == 1 else {}
    column = rules.key.text.strip("{ }")
    if column in people.headers:
        given[column] = key
    try:
        records = leaver_records(rules, given, _secrets(rules, key, generate))
    except UnclearError as error:
        return Change(key, Kind.UNCLEAR, f"not in the file any more; {error}", ())
    return left(key, "not in the file any more", records, before.records[key], exact=before.exact)


def _made(
    chosen: Sequence[Person],
    people: People,
    rules: Rules,
    pins: Pins,
    taken: Taken,
    generate: Generate,
    *,
    leavers: bool = False,
    recall: bool = False,
) -> dict[str, _Made]:
    """
    The rows of each of the *chosen* by folded key, of those for whom everything could be worked out.

    With *recall* people have what they were given before and get nothing new.
    """
    given = _Given(chosen, people, rules, recall=recall)
    given.user_ids(pins, taken)
    for name in rules.numbers:
        given.numbers(name, pins, taken)
    made = {}
    for person in chosen:
        own = given.of.get(person.key)
        if own is None:
            judge(person, rules, people, {}, leaver=leavers)
            continue
        secrets = _secrets(rules, fold(person.key), generate)
        records = records_of(person, rules, people, own, secrets, leaver=leavers, without=given.without.get(person.key, frozenset()))
        if records is not None:
            made[fold(person.key)] = _Made(person.key, records, own, secrets)
    return made


def _secrets(rules: Rules, key: str, generate: Generate) -> dict[str, Secret]:
    """All secrets of the person with the folded *key*, by name."""
    return {name: generate(rule, key, name) for name, rule in rules.mapping.secrets.items()}


class _Given:
    """What each of the *chosen* is given, by name; whoever cannot be given something is no longer among them, and a finding says why."""

    def __init__(self, chosen: Sequence[Person], people: People, rules: Rules, *, recall: bool) -> None:
        self.of: dict[str, dict[str, str]] = {person.key: {} for person in chosen}
        self._chosen = {person.key: person for person in chosen}
        #: What of the mapping's names people do not have, where nothing new is given.
        self.without: dict[str, set[str]] = {}
        self._recall = recall
        self._people = people
        self._rules = rules

    def user_ids(self, pins: Pins, taken: Taken) -> None:
        """Give everyone a user id, if the mapping has a rule for it."""
        take, rule = self._rules.user_id, self._rules.mapping.user_id
        if take is not None and rule is not None:
            wanted = self._wanted(lambda scope: scope.evaluate(take))
            self._settle("user_id", wanted, allocate_user_ids(wanted, rule, pins, taken, recall=self._recall), [take])

    def numbers(self, name: str, pins: Pins, taken: Taken) -> None:
        """Give a number of the kind *name* to everyone who is to have one."""
        by, subsystem, when = self._rules.numbers[name]

        def need(scope: Scope) -> Need | None:
            return Need(scope.evaluate(subsystem), scope.evaluate(by)) if when is None or scope.evaluate(when) else None

        needs = {key: wanted for key, wanted in self._wanted(need).items() if wanted is not None}
        rule = self._rules.mapping.numbers[name]
        self._settle(name, needs, allocate_numbers(name, needs, rule, pins, taken, recall=self._recall), [subsystem, by])

    def _wanted(self, work_out: Callable[[Scope], Wanted]) -> dict[str, Wanted]:
        """What *work_out* makes for everyone who is still among them."""
        wanted = {}
        for person in self._chosen.values():
            if person.key in self.of:
                try:
                    wanted[person.key] = work_out(Scope(self._rules, person.values))
                except UnclearError as error:
                    self._drop(person.key, error.names, str(error))
        return wanted

    def _settle(self, name: str, wanted: Iterable[str], found: Mapping[str, str | Unavailable], expressions: Iterable[Expression]) -> None:
        for key in wanted:
            value = found.get(key)
            if value is None:
                self.without.setdefault(key, set()).add(name)
            elif isinstance(value, Unavailable):
                scope = Scope(self._rules, {})
                self._drop(key, [source for one in expressions for source in scope.sources(one)], value.message)
            else:
                self.of[key][name] = value

    def _drop(self, key: str, names: Iterable[str], message: str) -> None:
        person = self._chosen[key]
        self._people.finding(person.row, names, message, values=person.values)
        del self.of[key]
