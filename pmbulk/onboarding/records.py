"""
People become rows: the names that a mapping defines are worked out for each person, in whatever order they need each other.

A person of whom something cannot be worked out becomes no row at all, so that nobody is half there; all others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pmbulk.entities.model import Entity, Operation
from pmbulk.onboarding.expressions import Expression
from pmbulk.onboarding.mapping import RecordRules, Rules
from pmbulk.onboarding.people import People, Person
from pmbulk.secret import Secret

__all__ = ["PersonRecord", "Scope", "UnclearError", "judge", "leaver_records", "records_of"]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One row to be: *rule* is its place among the mapping's records, *fields* its cells by header, filled ones only; secrets as `Secret`, their names in *secrets*."""

    rule: int
    entity: Entity
    operation: Operation
    fields: Mapping[str, str | Secret]
    secrets: frozenset[str] = frozenset()


class UnclearError(Exception):
    """Something of a person cannot be worked out; *names* are the columns it comes from."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


class Scope:
    """
    What the names of a mapping mean for one person, each worked out when it is first needed.

    *given* are HR's values, what was allocated, and for each secret the text that stands for it.
    """

    def __init__(self, rules: Rules, given: Mapping[str, str]) -> None:
        self._lets = rules.lets
        self._known = dict(given)
        self._columns = rules.mapping.columns

    def evaluate(self, expression: Expression) -> str:
        """
        What *expression* makes.

        Raises:
            UnclearError: If it cannot be worked out.
        """
        try:
            return expression.evaluate({name: self._value(name) for name in expression.names})
        except ValueError as error:
            raise UnclearError(str(error), tuple(name for name in self.sources(expression) if name in self._columns)) from error

    def _value(self, name: str) -> str:
        if name not in self._known:
            expression = self._lets.get(name)
            # A number or id that this person does not get is a blank.
            self._known[name] = "" if expression is None else self.evaluate(expression)
        return self._known[name]

    def sources(self, expression: Expression) -> Iterable[str]:
        """The names that an expression uses, and those that they use."""
        for name in sorted(expression.names):
            yield name
            if name in self._lets:
                yield from self.sources(self._lets[name])


def records_of(
    person: Person,
    rules: Rules,
    people: People,
    given: Mapping[str, str],
    secrets: Mapping[str, Secret],
    *,
    leaver: bool,
    without: AbstractSet[str] = frozenset(),
) -> list[PersonRecord] | None:
    """
    The rows of one person in the order of the mapping; ``None`` and a finding where one cannot be made.

    *given* is what was allocated to the person, *secrets* what was generated; a field that is anything but the secret alone is one too. Rows that
    need anything of what the person goes *without* are not made.
    """
    scope = Scope(rules, {**person.values, **given, **{name: _mark(name) for name in secrets}})
    try:
        return list(_records(rules, scope, secrets, leaver=leaver, without=without))
    except UnclearError as error:
        people.finding(person.row, error.names, str(error), values=person.values)
        judge(person, rules, people, given, leaver=leaver)
        return None


def judge(person: Person, rules: Rules, people: People, given: Mapping[str, str], *, leaver: bool) -> None:
    """Note whatever else cannot be worked out of somebody who becomes no row, so that HR hears of all at once."""
    marks = {name: _mark(name) for name in rules.mapping.secrets}
    scope = Scope(rules, {**person.values, **given, **marks})
    without = {"user_id", *rules.numbers} - given.keys()

    def known(expression: Expression) -> str:
        try:
            return scope.evaluate(expression) if without.isdisjoint(scope.sources(expression)) else ""
        except UnclearError as error:
            people.finding(person.row, error.names, str(error), values=person.values)
            return ""

    for rule in rules.records:
        if rule.leaver is leaver and (rule.when is None or known(rule.when)):
            for _header, expression in rule.fields:
                known(expression)


def leaver_records(rules: Rules, given: Mapping[str, str], secrets: Mapping[str, Secret]) -> list[PersonRecord]:
    """
    The rows for somebody who is gone and of whom nothing is known but what is *given*, by the mapping's names, and the *secrets*.

    Raises:
        UnclearError: If a rule needs more than that.
    """
    scope = Scope(rules, {**given, **{name: _mark(name) for name in secrets}})
    for rule in rules.records:
        if rule.leaver:
            missing = sorted(_names(rule, scope) - given.keys() - secrets.keys() - rules.lets.keys())
            if missing:
                raise UnclearError(f"the mapping's rows for leavers need {', '.join(missing)}, and only HR's file could tell", ())
    return list(_records(rules, scope, secrets, leaver=True))


def _records(
    rules: Rules, scope: Scope, secrets: Mapping[str, Secret], *, leaver: bool, without: AbstractSet[str] = frozenset()
) -> Iterator[PersonRecord]:
    for place, rule in enumerate(rules.records):
        if rule.leaver is not leaver or (without and not without.isdisjoint(_names(rule, scope))):
            continue
        if rule.when is None or scope.evaluate(rule.when):
            yield PersonRecord(place, rule.entity, rule.operation, *_fields(rule, scope, secrets))


def _names(rule: RecordRules, scope: Scope) -> set[str]:
    """Every name that a row needs."""
    expressions = [expression for _header, expression in rule.fields] + ([rule.when] if rule.when else [])
    return {name for expression in expressions for name in scope.sources(expression)}


def _mark(name: str) -> str:
    """A text that stands for a secret while expressions are worked out: no message and no filter ever sees the secret itself."""
    return f"\ue000{name}\ue001"


def _fields(rule: RecordRules, scope: Scope, secrets: Mapping[str, Secret]) -> tuple[dict[str, str | Secret], frozenset[str]]:
    """The cells of a row, and the names of the secrets in them."""
    fields: dict[str, str | Secret] = {}
    used: set[str] = set()
    for header, expression in rule.fields:
        text = scope.evaluate(expression).strip()
        if not text:
            continue
        inside = [name for name in secrets if _mark(name) in text]
        for name in inside:
            text = text.replace(_mark(name), secrets[name].reveal())
        if "\ue000" in text or "\ue001" in text:
            raise UnclearError(f"the mapping changes a secret in {header}; secrets are taken as they are, without a filter", ())
        fields[header] = Secret(text) if inside else text
        used.update(inside)
    return fields, frozenset(used)
