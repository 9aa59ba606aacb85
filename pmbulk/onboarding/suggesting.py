"""
A first mapping for an HR export, guessed from its headers and values; a person reads it through and corrects it.

Says how sure it is of each guess. What it writes is a valid mapping.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pmbulk.entities.cells import is_blank
from pmbulk.entities.names import likeness
from pmbulk.errors import UsageError
from pmbulk.onboarding.filters import LANGUAGES, in_capitals
from pmbulk.onboarding.headers import LAST_FIRST, SYNONYMS, Meaning
from pmbulk.onboarding.people import HEADER_WITHIN, Row, same_header, text_of

__all__ = ["Guess", "Suggestion", "headers_in", "suggest"]

#: What languages are called, by their code.
_LANGUAGES: Final = {"en": "English", "de": "German", "sv": "Swedish", "fr": "French", "es": "Spanish"}
#: Below this a header is not taken for a meaning.
_SURE_ENOUGH: Final = 0.72
#: A column with more different values than this is no list of departments, sites or states.
_KINDS_MAX: Final = 200
#: So large a share of people's numbers is there once at least.
_ONCE_MIN: Final = 0.8
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WITH_DIGIT: Final = re.compile(r".*[0-9].*")
#: Words for somebody who works there.
_ACTIVE: Final = frozenset(
    {
        *("active", "active employee", "employed", "yes", "a"),
        *("aktiv", "beschäftigt", "ja"),
        *("anställd", "tillsvidare"),
        *("actif", "en poste", "oui"),
        *("activo", "activa", "en alta", "sí", "si"),
    }
)


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
class Suggestion:
    """The *text* of a mapping file, and in *words* what was guessed."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Column:
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


def suggest(rows: Sequence[Row], *, sheet: str | None, file: str) -> Suggestion:
    """
    A first mapping for the *rows* of a *sheet* of *file* (``None``: of its only one, which another month's file may call otherwise).

    Raises:
        UsageError: If nothing there looks like the names of people.
    """
    start, _score = headers_in(rows)
    columns = _columns(rows, start)
    guesses = _guesses(columns)
    number = guesses.get(Meaning.NUMBER)
    if number is not None:
        # Sums and remarks are nobody's.
        columns = _columns(rows, start, filled=next(column.index for column in columns if column.name == number.header))
    if Meaning.NAME not in guesses and not {Meaning.FIRST, Meaning.LAST} <= guesses.keys():
        raise UsageError(
            f"{file}: no column looks like people's names; put headers such as Name, or First name and Last name, above the columns"
        )
    by_meaning = {meaning: next(one for one in columns if one.name == guess.header) for meaning, guess in guesses.items()}
    return Suggestion(_text(guesses, by_meaning, sheet=sheet, start=start), tuple(str(guess) for guess in guesses.values()))


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


def _columns(rows: Sequence[Row], start: int, *, filled: int | None = None) -> list[_Column]:
    """The columns below the headers in row *start*; only of rows where the column *filled* is (``None``: of all)."""
    headers = next((_cells(cells) for number, cells in rows if number == start), [])
    below = [_cells(cells) for number, cells in rows if number > start and not all(map(is_blank, cells))]
    # They come again on each page of what was made for printing.
    below = [cells for cells in below if cells != headers]
    below = [cells for cells in below if filled is None or (filled < len(cells) and cells[filled])]
    columns = []
    for index, header in enumerate(headers):
        if header:
            values = [cells[index] for cells in below if index < len(cells) and cells[index]]
            columns.append(_Column(index, header, _name(index, headers), values, len(values) / max(1, len(below))))
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


def _guesses(columns: Sequence[_Column]) -> dict[Meaning, Guess]:
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
        if sure >= _SURE_ENOUGH and guess.meaning not in guesses and place not in taken:
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


def _looks(meaning: Meaning, column: _Column) -> tuple[float, str]:
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
        few = len(column.kinds) <= min(_KINDS_MAX, max(3, len(column.values) * 0.7))
        kinds = f"{len(column.kinds)} different value{'s'[: len(column.kinds) != 1]}"
        return (1.05, f", {kinds}") if few else (0.8, f", but {kinds}")
    return 1.0, ""


def _looks_like_numbers(column: _Column) -> tuple[float, str]:
    if column.matching(_WITH_DIGIT) < _ONCE_MIN:
        return 0.5, ", but most have no digit"
    once = sum(count == 1 for count in Counter(column.values).values()) / len(column.values)
    if once == 1.0:
        return 1.1, ", nobody's twice"
    # HR's slips are in this column too; what most rows tell is what it is about.
    return (1.0, f", {once:.0%} are there once") if once > _ONCE_MIN else (0.7, f", but only {once:.0%} are there once")


def _quoted(text: str) -> str:
    """*text* as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter >= " " else f"\\u{ord(letter):04x}" for letter in escaped) + '"'


def _text(guesses: Mapping[Meaning, Guess], columns: Mapping[Meaning, _Column], *, sheet: str | None, start: int) -> str:
    parts = [
        "# What HR's columns mean, and which rows each person becomes. Guessed from the file: read it through, correct it, keep it.",
        "version = 1",
        "",
        "[source]",
        *([] if sheet is None else [f"sheet = {_quoted(sheet)}"]),
        f"header_row = {start}",
        *_source(guesses, columns),
        "",
        "[columns]  # this mapping's name for a column = the column's header",
        *(f"{meaning.value} = {_quoted(guess.header)}  # {guess.reason}" for meaning, guess in guesses.items()),
        *_values(columns),
        "",
        "[person]",
        *_person(columns),
        "",
        "[let]  # names worked out from the columns",
        *_lets(columns),
        *_ALLOCATED,
        *_ranges(columns),
        *_SECRETS,
        *_records(columns),
    ]
    return "\n".join(parts) + "\n"


def _source(guesses: Mapping[Meaning, Guess], columns: Mapping[Meaning, _Column]) -> list[str]:
    ((language, _count),) = Counter(guess.language for guess in guesses.values()).most_common(1)
    lines = [f'language = "{language}"  # how å, ä, ö, ü, ø … are written without accents: {" ".join(LANGUAGES)}']
    if Meaning.NUMBER in columns:
        lines.append('filter = "number"  # a row without a number is no person')
    department = columns.get(Meaning.DEPARTMENT)
    if department is not None and 0 < department.share < 0.6:
        lines.append('fill_down = ["department"]  # most cells are blank: the title stands on the first row of each')
    return lines


def _values(columns: Mapping[Meaning, _Column]) -> list[str]:
    lines = []
    department, site = columns.get(Meaning.DEPARTMENT), columns.get(Meaning.SITE)
    if department is not None:
        lines += ["", "[values.department]  # HR's word = the department's path in PM"]
        lines += [f"{_quoted(kind)} = {_quoted('Company/' + kind.replace('/', '-'))}" for kind in sorted(department.kinds)[:_KINDS_MAX]]
    if site is not None:
        lines += ["", "[values.subsystem]  # HR's word = the subsystem's name in PM"]
        lines += [f'{_quoted(kind)} = "MX1"' for kind in sorted(site.kinds)[:_KINDS_MAX]]
    return lines


def _person(columns: Mapping[Meaning, _Column]) -> list[str]:
    better = "" if Meaning.NUMBER in columns else "; a number would be better"
    lines = [f"key = {_quoted(_key(columns))}  # who somebody is in every export{better}"]
    lines.append('keep_in = "udf1"  # the users\' field in which PM keeps the key')
    status = columns.get(Meaning.STATUS)
    if status is not None and status.kinds:
        active = [kind for kind in status.kinds if kind.casefold() in _ACTIVE] or status.kinds[:1]
        condition = f"status == {active[0]!r}" if len(active) == 1 else f"status in {tuple(sorted(active))!r}"
        lines.append(f"active = {_quoted(condition)}  # who does not fit is a leaver; seen: {', '.join(sorted(status.kinds)[:5])}")
    elif Meaning.END in columns:
        never = " or '9999' in end" if any("9999" in value for value in columns[Meaning.END].values) else ""
        lines.append(f'active = "not end{never}"  # whoever has a last day is a leaver')
    return lines


def _key(columns: Mapping[Meaning, _Column]) -> str:
    """What tells people apart."""
    alone = next((meaning for meaning in (Meaning.NUMBER, Meaning.EMAIL, Meaning.NAME) if meaning in columns), None)
    return f"{{{{ {alone.value} }}}}" if alone else "{{ last }}, {{ first }}"


def _lets(columns: Mapping[Meaning, _Column]) -> list[str]:
    lines = []
    name = columns.get(Meaning.NAME)
    if name is not None:
        order = _order(name)
        lines += [f"first_name = \"{{{{ name|first_name('{order}') }}}}\"", f"last_name = \"{{{{ name|last_name('{order}') }}}}\""]
    else:
        lines += ['first_name = "{{ first }}"', 'last_name = "{{ last }}"']
    lines.append(
        "subsystem = \"{{ site|from_map('subsystem') }}\"" if Meaning.SITE in columns else 'subsystem = "MX1"  # the telephony subsystem'
    )
    return lines


def _order(name: _Column) -> str:
    """In which order whole names are written."""
    if sum("," in value for value in name.values) * 2 > len(name.values):
        return "last, first"
    capitals = sum(in_capitals(value.split()) > 0 for value in name.values) * 2 > len(name.values)
    return "last first" if capitals or max(likeness(name.header, words) for words in LAST_FIRST) > _SURE_ENOUGH else "first last"


_ALLOCATED: Final = (
    "",
    "[user_id]",
    'take = "{{ first_name|ascii|lower|letters }}.{{ last_name|ascii|lower|letters }}"',
    'collision = "number"  # anna.berg, anna.berg2, anna.berg3 …; or "fail"',
    "",
    "[numbers.extension]  # the next free number of a range",
    'subsystem = "{{ subsystem }}"',
)


def _ranges(columns: Mapping[Meaning, _Column]) -> list[str]:
    site = columns.get(Meaning.SITE)
    if site is None or not site.kinds:
        return ['ranges."*" = "1000-1999"']
    lines = ['by = "{{ site }}"']
    lines += [f'ranges.{_quoted(kind)} = "{1000 + 100 * place}-{1099 + 100 * place}"' for place, kind in enumerate(sorted(site.kinds)[:80])]
    return [*lines, 'reserved = ["1000-1009"]']


_SECRETS: Final = (
    "",
    "[secrets.password]  # generated; written to the encrypted hand-over workbook only",
    'kind = "password"',
    "length = 13",
    "",
    "[secrets.code]",
    'kind = "code"',
    "length = 6",
)


def _records(columns: Mapping[Meaning, _Column]) -> list[str]:
    lines = [
        "",
        "[[record]]",
        'sheet = "ip_extensions"',
        "[record.fields]",
        'subsystemName = "{{ subsystem }}"',
        'extensionNumber = "{{ extension }}"',
        "serverNumber = 1",
        "commonServiceProfile = 0",
        '"nameIdentity.firstName" = "{{ first_name|cut(20) }}"',
        '"nameIdentity.lastName" = "{{ last_name|cut(20) }}"',
        '"authorizationCodes.1.authorizationCode" = "{{ code }}"',
        '"authorizationCodes.1.hashType" = "CLEARTEXT"',
        "",
        "[[record]]",
        'sheet = "users"',
        "[record.fields]",
        'userId = "{{ user_id }}"',
        'firstName = "{{ first_name }}"',
        'lastName = "{{ last_name }}"',
        'newPassword = "{{ password }}"',
        '"extensions.1.subsystemName" = "{{ subsystem }}"',
        '"extensions.1.extensionNumber" = "{{ extension }}"',
        f"udf1 = {_quoted(_key(columns))}",
    ]
    if Meaning.DEPARTMENT in columns:
        lines.append("department = \"{{ department|from_map('department') }}\"")
    if Meaning.EMAIL in columns:
        lines.append('emailAddress = "{{ email|lower }}"')
    return lines
