"""
A first mapping for an HR export, written from what its columns seem to be about; a person reads it through and corrects it.

What it writes is a valid mapping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pmbulk.entities.names import likeness
from pmbulk.errors import UsageError
from pmbulk.onboarding.filters import LANGUAGES, in_capitals
from pmbulk.onboarding.guessing import KINDS_MAX, SURE_ENOUGH, Column, Guess, columns_in, filled, guesses_of, headers_in, table_below
from pmbulk.onboarding.headers import LAST_FIRST, Meaning
from pmbulk.onboarding.people import Row

__all__ = ["Suggestion", "suggest"]

#: What every person has, the surest first.
_OF_EVERYBODY: Final = (Meaning.NAME, Meaning.LAST, Meaning.SITE, Meaning.DEPARTMENT, Meaning.EMAIL)
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
class Suggestion:
    """The *text* of a mapping file, and in *words* what was guessed."""

    text: str
    words: tuple[str, ...]


def suggest(rows: Sequence[Row], *, sheet: str | None, file: str) -> Suggestion:
    """
    A first mapping for the *rows* of a *sheet* of *file* (``None``: of its only one, which another month's file may call otherwise).

    Raises:
        UsageError: If nothing there looks like the names of people.
    """
    start, _score = headers_in(rows)
    headers, below = table_below(rows, start)
    columns = columns_in(headers, below)
    guesses = guesses_of(columns)
    number = guesses.get(Meaning.NUMBER)
    remarks: list[list[str]] = []
    if number is not None:
        # Sums and remarks are nobody's.
        place = next(column.index for column in columns if column.name == number.header)
        remarks = [cells for cells in below if not filled(cells, place)]
        columns = columns_in(headers, [cells for cells in below if filled(cells, place)])
    if Meaning.NAME not in guesses and not {Meaning.FIRST, Meaning.LAST} <= guesses.keys():
        raise UsageError(
            f"{file}: no column looks like people's names; put headers such as Name, or First name and Last name, above the columns"
        )
    by_meaning = {meaning: next(one for one in columns if one.name == guess.header) for meaning, guess in guesses.items()}
    text = _text(guesses, by_meaning, remarks, sheet=sheet, start=start)
    return Suggestion(text, tuple(str(guess) for guess in guesses.values()))


def _quoted(text: str) -> str:
    """*text* as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter >= " " else f"\\u{ord(letter):04x}" for letter in escaped) + '"'


def _text(
    guesses: Mapping[Meaning, Guess], columns: Mapping[Meaning, Column], remarks: Sequence[Sequence[str]], *, sheet: str | None, start: int
) -> str:
    parts = [
        "# What HR's columns mean, and which rows each person becomes. Guessed from the file: read it through, correct it, keep it.",
        "version = 1",
        "",
        "[source]",
        *([] if sheet is None else [f"sheet = {_quoted(sheet)}"]),
        f"header_row = {start}",
        *_source(guesses, columns, remarks),
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


def _source(guesses: Mapping[Meaning, Guess], columns: Mapping[Meaning, Column], remarks: Sequence[Sequence[str]]) -> list[str]:
    ((language, _count),) = Counter(guess.language for guess in guesses.values()).most_common(1)
    lines = [f'language = "{language}"  # how å, ä, ö, ü, ø … are written without accents: {" ".join(LANGUAGES)}']
    if Meaning.NUMBER in columns:
        # A person whose number got lost is to be found, not to be gone.
        besides = [one for one in _OF_EVERYBODY if one in columns and not any(filled(cells, columns[one].index) for cells in remarks)]
        lines.append(
            f'filter = "number or {besides[0].value}"  # a row with neither is no person'
            if besides
            else 'filter = "number"  # a row without a number is no person'
        )
    department = columns.get(Meaning.DEPARTMENT)
    if department is not None and 0 < department.share < 0.6:
        lines.append('fill_down = ["department"]  # most cells are blank: the title stands on the first row of each')
    return lines


def _values(columns: Mapping[Meaning, Column]) -> list[str]:
    lines = []
    department, site = columns.get(Meaning.DEPARTMENT), columns.get(Meaning.SITE)
    if department is not None:
        lines += ["", "[values.department]  # HR's word = the department's path in PM"]
        lines += [f"{_quoted(kind)} = {_quoted('Company/' + kind.replace('/', '-'))}" for kind in sorted(department.kinds)[:KINDS_MAX]]
    if site is not None:
        lines += ["", "[values.subsystem]  # HR's word = the subsystem's name in PM"]
        lines += [f'{_quoted(kind)} = "MX1"' for kind in sorted(site.kinds)[:KINDS_MAX]]
    return lines


def _person(columns: Mapping[Meaning, Column]) -> list[str]:
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


def _key(columns: Mapping[Meaning, Column]) -> str:
    """What tells people apart."""
    alone = next((meaning for meaning in (Meaning.NUMBER, Meaning.EMAIL, Meaning.NAME) if meaning in columns), None)
    return f"{{{{ {alone.value} }}}}" if alone else "{{ last }}, {{ first }}"


def _lets(columns: Mapping[Meaning, Column]) -> list[str]:
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


def _order(name: Column) -> str:
    """In which order whole names are written."""
    if sum("," in value for value in name.values) * 2 > len(name.values):
        return "last, first"
    capitals = sum(in_capitals(value.split()) > 0 for value in name.values) * 2 > len(name.values)
    return "last first" if capitals or max(likeness(name.header, words) for words in LAST_FIRST) > SURE_ENOUGH else "first last"


_ALLOCATED: Final = (
    "",
    "[user_id]",
    'take = "{{ first_name|ascii|lower|letters }}.{{ last_name|ascii|lower|letters }}"',
    'collision = "number"  # anna.berg, anna.berg2, anna.berg3 …; or "fail"',
    "",
    "[numbers.extension]  # the next free number of a range",
    'subsystem = "{{ subsystem }}"',
)


def _ranges(columns: Mapping[Meaning, Column]) -> list[str]:
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


def _records(columns: Mapping[Meaning, Column]) -> list[str]:
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
