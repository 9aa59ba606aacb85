"""
HR's table as people: where the headers are, which rows count, and each person's values as texts.

Knows no file format: it is handed rows of cells. Everything wrong is a finding about a cell of HR's own file, and all are found in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pmbulk.entities.binding import column_letter
from pmbulk.entities.cells import CellError, CellValue, is_blank, shown
from pmbulk.entities.names import fold, nearest_sentence, plain
from pmbulk.errors import UsageError
from pmbulk.onboarding.expressions import Expression
from pmbulk.onboarding.filters import squeezed
from pmbulk.onboarding.mapping import Rules

__all__ = ["HrFinding", "People", "Person", "Row", "header_row", "read_people", "text_of"]

#: A row of HR's file: its number there, and its cells from column A on.
Row = tuple[int, Sequence[CellValue]]

#: Titles, dates and remarks may stand above the headers, but not more than this.
_HEADER_WITHIN = 50


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

    *header_row* is where the headers are, *headers* what each of the mapping's names is called there, with its place (from 0). *left_out* rows do not
    count by the mapping's filter.
    """

    header_row: int
    headers: Mapping[str, tuple[str, int]]
    people: list[Person] = field(default_factory=list)
    findings: list[HrFinding] = field(default_factory=list)
    left_out: int = 0

    def finding(self, row: int, names: Iterable[str], message: str) -> None:
        """Note what is wrong in a *row*, in the first of the columns that the mapping calls by one of *names*."""
        header, index = next((self.headers[name] for name in names if name in self.headers), ("", None))
        found = HrFinding(row, header, message, index)
        if found not in self.findings:
            self.findings.append(found)


def text_of(value: CellValue) -> str:
    """
    A cell as text: blanks squeezed, whole numbers without a point, dates as ``2026-03-01``.

    Raises:
        ValueError: If the cell holds an error.
    """
    if isinstance(value, CellError):
        raise ValueError(
            f"the cell holds {'a formula without its value' if value.text == 'formula' else f'the error {value.text}'}; type the value"
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return squeezed(shown(value))


def header_row(rows: Iterable[Row], wanted: Iterable[str]) -> int:
    """The number of the row that has most of the *wanted* headers, the first of equals; 0 where none has any."""
    spelt = {plain(header) for header in wanted}
    best, most = 0, 0
    for number, cells in islice(rows, _HEADER_WITHIN):
        count = len(spelt & {plain(str(cell)) for cell in cells if isinstance(cell, str)})
        if count > most:
            best, most = number, count
    return best


def read_people(rows: Iterable[Row], rules: Rules, *, file: str) -> People:
    """
    The people in the *rows* of *file*.

    Raises:
        UsageError: If a column of the mapping is not there; names all that are missing, with the nearest.
    """
    kept = list(rows)
    mapping = rules.mapping
    start = mapping.source.header_row or header_row(kept, mapping.columns.values())
    people = People(start, _headers(kept, start, mapping.columns, file))
    seen: dict[str, int] = {}
    above: dict[str, str] = {}
    for number, cells in kept:
        if number > start and not all(map(is_blank, cells)):
            values = _values(people, number, cells)
            for name in mapping.source.fill_down:
                above[name] = values[name] = values[name] or above.get(name, "")
            _add(people, rules, number, values, seen)
    return people


def _headers(rows: Sequence[Row], start: int, columns: Mapping[str, str], file: str) -> dict[str, tuple[str, int]]:
    cells = next((cells for number, cells in rows if number == start), ())
    texts = [squeezed(shown(cell)) for cell in cells]
    places = {plain(text): (text, index) for index, text in reversed(list(enumerate(texts))) if text}
    missing = [header for header in columns.values() if plain(header) not in places]
    if missing:
        there = f"row {start} of {file}" if start else file
        words = "\n".join(f"  {header!r}.{nearest_sentence(header, filter(None, texts))}" for header in missing)
        raise UsageError(
            f"{there} lacks columns that the mapping names in [columns]:\n{words}\nCorrect [columns], or say with `header_row` in [source] where the headers are."
        )
    return {name: places[plain(header)] for name, header in columns.items()}


def _values(people: People, number: int, cells: Sequence[CellValue]) -> dict[str, str]:
    values = {}
    for name, (_header, index) in people.headers.items():
        try:
            values[name] = text_of(cells[index] if index < len(cells) else None)
        except ValueError as error:
            people.finding(number, (name,), str(error))
            values[name] = ""
    return values


def _add(people: People, rules: Rules, number: int, values: Mapping[str, str], seen: dict[str, int]) -> None:
    """Add the person in a row, unless the row is none or says nobody."""
    if rules.filter is not None:
        counts = worked_out(people, number, rules.filter, values)
        people.left_out += counts == ""
        if not counts:
            return
    key = worked_out(people, number, rules.key, values)
    if key is None:
        return
    if not key.strip():
        people.finding(
            number, rules.key.names, "is blank, and it says who the person is; fill it, or leave such rows out with `filter` in [source]"
        )
        return
    if fold(key) in seen:
        people.finding(number, rules.key.names, f"'{key}' is in row {seen[fold(key)]} already; one of the two rows has to go")
        return
    seen[fold(key)] = number
    active = "true" if rules.active is None else worked_out(people, number, rules.active, values)
    if active is not None:
        people.people.append(Person(key, number, values, active=bool(active)))


def worked_out(people: People, row: int, expression: Expression, values: Mapping[str, str]) -> str | None:
    """What *expression* makes of a person's values; ``None`` and a finding where it cannot be worked out."""
    try:
        return expression.evaluate(values)
    except ValueError as error:
        people.finding(row, (name for name in people.headers if name in expression.names), str(error))
        return None
