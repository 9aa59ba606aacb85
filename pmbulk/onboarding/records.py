"""
People become rows: the names that a mapping defines are worked out for each person, in whatever order they need each other.

A person of whom something cannot be worked out becomes no row at all, so that nobody is half there; all others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pmbulk.entities.model import Entity, Operation
from pmbulk.onboarding.expressions import Expression
from pmbulk.onboarding.mapping import RecordRules, Rules
from pmbulk.onboarding.people import People, Person
from pmbulk.secret import Secret

__all__ = ["PersonRecord", "Scope", "records_of"]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One row to be: *rule* is its place among the mapping's records, *fields* its cells by header, filled ones only; secrets as `Secret`."""

    rule: int
    entity: Entity
    operation: Operation
    fields: Mapping[str, str | Secret]


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
            raise UnclearError(str(error), tuple(name for name in self._sources(expression) if name in self._columns)) from error

    def _value(self, name: str) -> str:
        if name not in self._known:
            expression = self._lets.get(name)
            # A number or id that this person does not get is a blank.
            self._known[name] = "" if expression is None else self.evaluate(expression)
        return self._known[name]

    def _sources(self, expression: Expression) -> Iterable[str]:
        for name in sorted(expression.names):
            yield name
            if name in self._lets:
                yield from self._sources(self._lets[name])


def records_of(
    person: Person, rules: Rules, people: People, given: Mapping[str, str], secrets: Mapping[str, Secret], *, leaver: bool
) -> list[PersonRecord] | None:
    """
    The rows of one person in the order of the mapping; ``None`` and a finding where one cannot be made.

    *given* is what was allocated to the person, *secrets* what was generated; a field that is anything but the secret alone is one too.
    """
    marks = {name: _mark(name) for name in secrets}
    scope = Scope(rules, {**person.values, **given, **marks})
    made = []
    try:
        for place, rule in enumerate(rules.records):
            if rule.leaver is leaver and (rule.when is None or scope.evaluate(rule.when)):
                fields = _fields(rule, scope, {marks[name]: secret for name, secret in secrets.items()})
                made.append(PersonRecord(place, rule.entity, rule.operation, fields))
    except UnclearError as error:
        people.finding(person.row, error.names, str(error))
        return None
    return made


def _mark(name: str) -> str:
    """A text that stands for a secret while expressions are worked out: no message and no filter ever sees the secret itself."""
    return f"\ue000{name}\ue001"


def _fields(rule: RecordRules, scope: Scope, secrets: Mapping[str, Secret]) -> dict[str, str | Secret]:
    fields: dict[str, str | Secret] = {}
    for header, expression in rule.fields:
        text = scope.evaluate(expression).strip()
        if not text:
            continue
        whole: str | Secret = text
        if any(mark in text for mark in secrets):
            for mark, secret in secrets.items():
                text = text.replace(mark, secret.reveal())
            whole = Secret(text)
        fields[header] = whole
    return fields
