"""
What the columns of an HR export are about, guessed from their headers and values.

Says how sure it is of each guess, and why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pmbulk.entities.cells import is_blank
from pmbulk.entities.names import likeness
from pmbulk.onboarding.headers import SYNONYMS, Meaning
from pmbulk.onboarding.people import HEADER_WITHIN, Row, same_header, text_of

__all__ = ["KINDS_MAX", "SURE_ENOUGH", "Column", "Guess", "columns_in", "filled", "guesses_of", "headers_in", "table_below"]

#: What languages are called, by their code.
_LANGUAGES: Final = {"en": "English", "de": "German", "sv": "Swedish", "fr": "French", "es": "Spanish"}
#: Below this a header is not taken for a meaning.
SURE_ENOUGH: Final = 0.72
#: A column with more different values than this is no list of departments, sites or states.
KINDS_MAX: Final = 200
#: So large a share of people's numbers is there once at least.
_ONCE_MIN: Final = 0.8
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WITH_DIGIT: Final = re.compile(r".*[0-9].*")


@dataclass(frozen=True, slots=True)
class Guess:
    """That the column *header*, in *language* (ISO 639-1), means *meaning*; *sure* from 0 to 1."""

    meaning: Meaning
    header: str
    language: str
    sure: float
    why: str

    def __str__(self) -> str:
        return f"{self.meaning.value:<11} ← {self.header!r}  ({self.reason})"

    @property
    def reason(self) -> str:
        """How sure it is, and why."""
        return f"{self.sure:.0%}: a {_LANGUAGES.get(self.language, self.language)} header{self.why}"


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of HR's with its filled *values*; *share* of its cells that are filled. *name* is what a mapping calls it: the header, counted where others are
    equal to it.
    """

    index: int
    header: str
    name: str
    values: Sequence[str]
    share: float

    @property
    def kinds(self) -> list[str]:
        """The different values, the most frequent first."""
        return [value for value, _count in Counter(self.values).most_common()]

    def matching(self, pattern: re.Pattern[str]) -> float:
        """The share of values that fit *pattern*."""
        return sum(pattern.fullmatch(value) is not None for value in self.values) / len(self.values) if self.values else 0.0


def _cells(row: Sequence[Any]) -> list[str]:
    texts = []
    for cell in row:
        try:
            texts.append(text_of(cell))
        except ValueError:
            texts.append("")
    return texts


def headers_in(rows: Sequence[Row]) -> tuple[int, float]:
    """The row whose cells look most like headers, the first of equals, and how much they do."""
    best, most = rows[0][0] if rows else 1, 0.0
    for number, cells in rows:
        if number > HEADER_WITHIN:
            break
        score = sum(max(sure for _meaning, sure, _language in _meanings(text)) for text in _cells(cells) if text)
        if score > most:
            best, most = number, score
    return best, most


def table_below(rows: Sequence[Row], start: int) -> tuple[list[str], list[list[str]]]:
    """The headers in row *start*, and the rows below that are not blank, as texts."""
    headers = next((_cells(cells) for number, cells in rows if number == start), [])
    below = (_cells(cells) for number, cells in rows if number > start and not all(map(is_blank, cells)))
    # The headers come again on each page of what was made for printing.
    return headers, [cells for cells in below if cells != headers]


def filled(cells: Sequence[str], index: int) -> bool:
    """Whether a row has anything in the column at *index*."""
    return index < len(cells) and bool(cells[index])


def columns_in(headers: Sequence[str], below: Sequence[Sequence[str]]) -> list[Column]:
    """The columns that have a header, with their values in the rows *below*."""
    columns = []
    for index, header in enumerate(headers):
        if header:
            values = [cells[index] for cells in below if filled(cells, index)]
            columns.append(Column(index, header, _name(index, headers), values, len(values) / max(1, len(below))))
    return columns


def _name(index: int, headers: Sequence[str]) -> str:
    """What a mapping calls the column at *index*: ``Name (2)`` is the second of several called ``Name``."""
    equal = [place for place, header in enumerate(headers) if same_header(header, headers[index])]
    return f"{headers[index]} ({equal.index(index) + 1})" if len(equal) > 1 else headers[index]


def _meanings(header: str) -> list[tuple[Meaning, float, str]]:
    """How much *header* resembles the words for each meaning, and in which language."""
    return [
        max(
            ((meaning, likeness(header, word), language) for language, words in languages.items() for word in words), key=lambda one: one[1]
        )
        for meaning, languages in SYNONYMS.items()
    ]


def guesses_of(columns: Sequence[Column]) -> dict[Meaning, Guess]:
    """The best column for each meaning; none is taken twice."""
    scored = []
    for column in columns:
        for meaning, sure, language in _meanings(column.header):
            looks, why = _looks(meaning, column)
            guess = Guess(meaning, column.name, language, min(1.0, sure * looks), why)
            scored.append((guess.sure, -column.index, guess))
    guesses: dict[Meaning, Guess] = {}
    taken: set[int] = set()
    for sure, place, guess in sorted(scored, key=lambda one: one[:2], reverse=True):
        if sure >= SURE_ENOUGH and guess.meaning not in guesses and place not in taken:
            guesses[guess.meaning] = guess
            taken.add(place)
    if {Meaning.FIRST, Meaning.LAST} <= guesses.keys():
        guesses.pop(Meaning.NAME, None)
    elif Meaning.LAST in guesses and Meaning.NAME not in guesses:
        # ``Nom`` and ``Nombre`` alone are the whole name.
        guesses[Meaning.NAME] = replace(guesses.pop(Meaning.LAST), meaning=Meaning.NAME, sure=0.8, why=", no other column has names")
    if Meaning.NAME in guesses:
        # Half a name beside the whole one says nothing more.
        guesses.pop(Meaning.FIRST, None)
        guesses.pop(Meaning.LAST, None)
    return {meaning: guesses[meaning] for meaning in Meaning if meaning in guesses}


def _looks(meaning: Meaning, column: Column) -> tuple[float, str]:
    """How far the values speak for *meaning* (1: neither for nor against it), and in words."""
    if not column.values:
        return 0.9, ", the column is blank"
    if meaning is Meaning.EMAIL:
        share = column.matching(_EMAIL)
        return (1.2 if share > 0.8 else 0.6), f", {share:.0%} are addresses"
    if meaning is Meaning.NUMBER:
        return _looks_like_numbers(column)
    if meaning is Meaning.NAME:
        commas = sum("," in value for value in column.values) / len(column.values)
        blanks = sum(" " in value for value in column.values) / len(column.values)
        return (1.1, f", {commas:.0%} have a comma") if max(commas, blanks) > 0.6 else (0.8, ", but most are one word")
    if meaning in {Meaning.DEPARTMENT, Meaning.SITE, Meaning.STATUS}:
        few = len(column.kinds) <= min(KINDS_MAX, max(3, len(column.values) * 0.7))
        kinds = f"{len(column.kinds)} different value{'s'[: len(column.kinds) != 1]}"
        return (1.05, f", {kinds}") if few else (0.8, f", but {kinds}")
    return 1.0, ""


def _looks_like_numbers(column: Column) -> tuple[float, str]:
    if column.matching(_WITH_DIGIT) < _ONCE_MIN:
        return 0.5, ", but most have no digit"
    once = sum(count == 1 for count in Counter(column.values).values()) / len(column.values)
    if once == 1.0:
        return 1.1, ", nobody's twice"
    # HR's slips are in this column too; what most rows tell is what it is about.
    return (1.0, f", {once:.0%} are there once") if once > _ONCE_MIN else (0.7, f", but only {once:.0%} are there once")
