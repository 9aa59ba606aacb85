"""
HR's table as people: where the headers are, which rows count, and each person's values as texts.

Knows no file format: it is handed rows of cells. Everything wrong is a finding about a cell of HR's own file, and all are found in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pmbulk.entities.cells import EXACT, CellError, CellValue, is_blank, shown
from pmbulk.entities.headers import column_letter
from pmbulk.entities.names import fold, in_quotes, nearest_sentence, plain
from pmbulk.errors import UsageError
from pmbulk.onboarding.expressions import Expression
from pmbulk.onboarding.filters import squeezed
from pmbulk.onboarding.mapping import Rules

__all__ = ["HEADER_WITHIN", "HrFinding", "People", "Person", "Row", "header_row", "read_people", "same_header", "text_of"]

#: A row of HR's file: its number there, and its cells from column A on.
Row = tuple[int, Sequence[CellValue]]

#: Titles, dates and remarks may stand above the headers, but not more than this.
HEADER_WITHIN: Final = 50
#: How spreadsheets write a long number in a narrow column.
_SHORTENED: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+")
_COUNTED = re.compile(r"(.+?)\s*\(([1-9][0-9]?)\)")


@dataclass(frozen=True, slots=True)
class HrFinding:
    """What is wrong with a person's row: *row* in HR's file, *column* by its header there (``""``: the whole row), *index* of the column from 0 (``None``: none)."""

    row: int
    column: str
    message: str
    index: int | None = None

    @property
    def cell(self) -> str:
        """The cell as spreadsheets name it; ``""`` for the whole row."""
        return "" if self.index is None else f"{column_letter(self.index)}{self.row}"

    def __str__(self) -> str:
        where = f", column {self.column} ({self.cell})" if self.column else ""
        return f"row {self.row}{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Person:
    """One person: *key* says who it is in every export, *values* are HR's texts by the mapping's names."""

    key: str
    row: int
    values: Mapping[str, str]
    active: bool


@dataclass(slots=True)
class People:
    """
    Who is in a file.

    *header_row* is where the headers are, *headers* what each of the mapping's names is called there, with its place (from 0). *unclear* are the rows, by
    folded key, of people who are there but of whom a finding leaves nothing else to say; *nameless* rows do not even say who they are. *left_out* rows do
    not count by the mapping's filter.
    """

    header_row: int
    headers: Mapping[str, tuple[str, int]]
    people: list[Person] = field(default_factory=list)
    unclear: dict[str, int] = field(default_factory=dict)
    nameless: list[int] = field(default_factory=list)
    left_out: int = 0
    _found: dict[int, dict[HrFinding, None]] = field(default_factory=dict)

    @property
    def findings(self) -> list[HrFinding]:
        """What is wrong, each once, from the top of the file to its end."""
        return [finding for row in sorted(self._found) for finding in sorted(self._found[row], key=lambda one: one.index or 0)]

    def finding(self, row: int, names: Iterable[str], message: str, *, values: Mapping[str, str] | None = None) -> None:
        """Note what is wrong in a *row*: in the column, of those that the mapping calls by *names*, whose value is quoted, else in the first."""
        known = [name for name in names if name in self.headers]
        quoted = [name for name in known if values and _quotes(message, values.get(name, ""))]
        header, index = next((self.headers[name] for name in (*quoted, *known)), ("", None))
        self._found.setdefault(row, {})[HrFinding(row, header, message, index)] = None

    def found_in(self, row: int) -> str:
        """What is wrong in a *row*, in words; ``""`` if nothing is."""
        return "; ".join(f"column {found.column}: {found.message}" if found.column else found.message for found in self._found.get(row, ()))


def _quotes(message: str, value: str) -> bool:
    return in_quotes(value) in message if value else message.startswith("is blank")


def text_of(value: CellValue) -> str:
    """
    A cell as text: blanks squeezed, whole numbers without a point, dates as ``2026-03-01``.

    Raises:
        ValueError: If the cell holds an error, or a number that a spreadsheet has shortened.
    """
    if isinstance(value, CellError):
        raise ValueError(
            f"the cell holds {'a formula without its value' if value.text == 'formula' else f'the error {value.text}'}; type the value"
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if (isinstance(value, int) and abs(value) >= EXACT) or (isinstance(value, str) and _SHORTENED.fullmatch(value.strip())):
        raise ValueError(f"'{shown(value)}' has lost digits in a spreadsheet; format the column as text and export it again")
    return squeezed(shown(value))


def header_row(rows: Iterable[Row], wanted: Iterable[str]) -> tuple[int, int]:
    """The number of the row that has most of the *wanted* headers, the first of equals, and how many it has; twice 0 where none has any."""
    spelt = {_spelt(header) for header in wanted}
    best, most = 0, 0
    for number, cells in islice(rows, HEADER_WITHIN):
        count = len(spelt & {_spelt(cell) for cell in cells if isinstance(cell, str)})
        if count > most:
            best, most = number, count
    return best, most


def read_people(rows: Iterable[Row], rules: Rules, *, file: str) -> People:
    """
    The people in the *rows* of *file*, in their order.

    Raises:
        UsageError: If a column of the mapping is not there, or there twice; names all of them, with the nearest.
    """
    kept = list(rows)
    columns = rules.mapping.columns
    start = rules.mapping.source.header_row or header_row(kept, columns.values())[0]
    reading = _Reading(People(start, _headers(kept, start, columns, file)), rules)
    for number, cells in kept:
        if number > start and not all(map(is_blank, cells)):
            reading.add(number, cells)
    return reading.result()


def same_header(header: str, other: str) -> bool:
    """Whether a mapping that names the one also means the other."""
    return _spelt(header) == _spelt(other)


def _spelt(header: str) -> str:
    """A header for comparing; one that has nothing but signs is told by those."""
    return plain(header) or fold(header)


def _headers(rows: Sequence[Row], start: int, columns: Mapping[str, str], file: str) -> dict[str, tuple[str, int]]:
    cells = next((cells for number, cells in rows if number == start), ())
    texts = [squeezed(shown(cell)) for cell in cells]
    there = f"row {start} of {file}" if start else file
    found: dict[str, tuple[str, int]] = {}
    wrong = []
    for name, header in columns.items():
        places = _places(header, texts)
        if len(places) == 1:
            found[name] = (texts[places[0]], places[0])
        elif places:
            letters = " and ".join(map(column_letter, places))
            wrong.append(f'  {header!r} stands in columns {letters}; say which in [columns]: "{header} (1)" is the first from the left')
        else:
            wrong.append(f"  {header!r} is not there.{nearest_sentence(header, filter(None, texts))}")
    if wrong:
        raise UsageError(
            "\n".join([f"{there} does not have the columns that the mapping names in [columns]:", *wrong])
            + "\nCorrect [columns], or say with `header_row` in [source] where the headers are."
        )
    return found


def _places(header: str, texts: Sequence[str]) -> list[int]:
    """Where a header stands; ``Name (2)`` is the second of several called ``Name``."""
    places = [index for index, text in enumerate(texts) if text and same_header(text, header)]
    counted = _COUNTED.fullmatch(header)
    if places or counted is None:
        return places
    which = int(counted[2])
    return _places(counted[1], texts)[which - 1 : which]


class _Reading:
    """The people of one file, row by row; who stands in several rows is known at the end only."""

    def __init__(self, people: People, rules: Rules) -> None:
        self._people = people
        self._rules = rules
        self._above: dict[str, str] = {}
        self._above_wrong: dict[str, int] = {}
        self._rows: dict[str, list[tuple[int, Person | None]]] = {}

    def add(self, number: int, cells: Sequence[CellValue]) -> None:
        """Take a row that is not blank."""
        rules, people = self._rules, self._people
        values, wrong = self._values(number, cells)
        if all(same_header(values[name], header) for name, (header, _index) in people.headers.items()):
            return  # the headers again, as on each page of what was made for printing
        counts = self._worked_out(number, rules.filter, values, wrong)
        if counts == "":
            people.left_out += 1
            return
        for name, message in wrong.items():
            people.finding(number, (name,), message)
        key = self._worked_out(number, rules.key, values, wrong)
        if key is not None and not key.strip():
            words = "is blank, and it says who the person is; fill it, or leave such rows out with `filter` in [source]"
            people.finding(number, sorted(rules.key.names), words)
        if key is None or not key.strip():
            people.nameless.append(number)
            return
        active = self._worked_out(number, rules.active, values, wrong)
        clear = not wrong and counts is not None and active is not None
        person = Person(key, number, values, active=bool(active)) if clear else None
        self._rows.setdefault(fold(key), []).append((number, person))

    def result(self) -> People:
        """
        The people of the rows that were added.

        Of somebody who stands in several rows the only active one counts: people come back, and HR keeps their old contracts. The order of the rows decides nothing.
        """
        for key, rows in self._rows.items():
            active = [person for _number, person in rows if person is None or person.active]
            chosen = rows[0][1] if len(rows) == 1 else active[0] if len(active) == 1 else None
            if chosen is not None:
                self._people.people.append(chosen)
                continue
            self._people.unclear[key] = rows[0][0]
            if len(rows) > 1:
                numbers = [number for number, _person in rows]
                for number in numbers:
                    others = ", ".join(str(other) for other in numbers if other != number)
                    self._people.finding(
                        number, sorted(self._rules.key.names), f"'{key}' is in row {others} too; only one of the rows may stay"
                    )
        self._people.people.sort(key=lambda person: person.row)
        return self._people

    def _values(self, number: int, cells: Sequence[CellValue]) -> tuple[dict[str, str], dict[str, str]]:
        """The texts of a row by the mapping's names, and what is wrong with those that cannot be read."""
        values, wrong = {}, {}
        for name, (_header, index) in self._people.headers.items():
            try:
                values[name] = text_of(cells[index] if index < len(cells) else None)
            except ValueError as error:
                values[name], wrong[name] = "", str(error)
        for name in self._rules.mapping.source.fill_down:
            if name in wrong:
                self._above_wrong[name] = number
            elif values[name]:
                self._above[name] = values[name]
                self._above_wrong.pop(name, None)
            elif name in self._above_wrong:
                wrong[name] = f"is blank and filled from row {self._above_wrong[name]}, which cannot be read"
            else:
                values[name] = self._above.get(name, "")
        return values, wrong

    def _worked_out(self, row: int, expression: Expression | None, values: Mapping[str, str], wrong: Mapping[str, str]) -> str | None:
        """What *expression* makes of a row (``true`` where there is none); ``None`` where it cannot be worked out, and a finding says why."""
        if expression is None:
            return "true"
        if not expression.names.isdisjoint(wrong):
            return None
        try:
            return expression.evaluate(values)
        except ValueError as error:
            self._people.finding(row, sorted(expression.names), str(error), values=values)
            return None
