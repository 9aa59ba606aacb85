"""
What a mapping's expressions can do with HR's texts: the filters behind ``|``.

Pure. A filter that cannot do its work raises `ValueError` with the sentence that the finding will carry.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from pmbulk.entities.names import fold, in_quotes, nearest

__all__ = ["LANGUAGES", "filters_for", "in_capitals", "squeezed"]

#: How languages write their letters without accents where that is not just leaving the accent out.
_SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "da": {"å": "aa", "æ": "ae", "ø": "oe"},
    "de": {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
    "en": {},
    "es": {},
    "fi": {"å": "a", "ä": "a", "ö": "o"},
    "fr": {"œ": "oe", "æ": "ae"},
    "nb": {"å": "aa", "æ": "ae", "ø": "oe"},
    "nl": {},
    "sv": {"å": "a", "ä": "a", "ö": "o"},
}
#: Languages whose spelling is known.
LANGUAGES: Final = tuple(_SPELLINGS)

#: Small words that belong to the last name behind them.
_PARTICLES: Final = frozenset(
    {"af", "al", "da", "de", "del", "den", "der", "di", "du", "la", "le", "ten", "ter", "van", "von", "zu", "zum", "zur"}
)
_INITIAL: Final = re.compile(r"\w\.?")
_BLANKS: Final = re.compile(r"\s+")
_EXAMPLE: Final = date(2026, 12, 31)
_TRUNK: Final = re.compile(r"\(0\)")
_NAME_ORDERS: Final = ("last, first", "first last", "last first")


def squeezed(text: str) -> str:
    """*text* with single plain blanks between its words and none at its ends, in composed letters (``é`` is one sign)."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def filters_for(*, language: str, values: Mapping[str, Mapping[str, str]]) -> dict[str, Callable[..., str]]:
    """
    The filters of a mapping by name.

    *language* is the one for ``ascii`` where an expression names none (``""``: accents are left out), *values* are the mapping's value maps.
    """

    def ascii_(text: Any, language: str = language) -> str:
        return _ascii(str(text), language)

    def from_map(text: Any, name: str) -> str:
        return _from_map(str(text), name, values)

    return {
        "ascii": ascii_,
        "cut": _cut,
        "date": _date,
        "default": _default,
        "digits": _digits,
        "e164": _e164,
        "first_name": _first_name,
        "from_map": from_map,
        "initials": _initials,
        "last_name": _last_name,
        "letters": _letters,
        "middle": _middle,
    }


def _names(text: str, order: str) -> tuple[list[str], list[str]]:
    """The words of the first and of the last name."""
    if order not in _NAME_ORDERS:
        raise ValueError(f"'{order}' is no order of names; use one of {', '.join(map(repr, _NAME_ORDERS))}")
    name = squeezed(text)
    if order == "last, first":
        last, comma, first = name.partition(",")
        if not comma:
            raise ValueError(f"{in_quotes(name)} has no comma, cannot tell last from first name")
        if not last.strip() or not first.strip():
            raise ValueError(f"{in_quotes(name)} has nothing on one side of the comma; both names are needed")
        return first.split(), last.split()
    words = name.split()
    if len(words) < 2:
        raise ValueError(f"{in_quotes(name)} is one word, cannot tell last from first name")
    if order == "last first":
        end = in_capitals(words) or next(
            place for place, word in enumerate(words, 1) if word.casefold() not in _PARTICLES or place == len(words) - 1
        )
        return words[end:], words[:end]
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return words[:start], words[start:]


def in_capitals(words: Sequence[str]) -> int:
    """How many of a name's first *words* are in capitals, as payroll systems print last names; 0 where all of them are."""
    return next((place for place, word in enumerate(words) if not word.isupper() or _INITIAL.fullmatch(word)), 0)


def _first_name(text: Any, order: str = "last, first") -> str:
    first, _last = _names(str(text), order)
    # Somebody who has nothing but initials goes by the first of them.
    return " ".join(word for word in first if not _INITIAL.fullmatch(word)) or first[0]


def _middle(text: Any, order: str = "last, first") -> str:
    first, _last = _names(str(text), order)
    return " ".join(word for word in first[1:] if _INITIAL.fullmatch(word))


def _last_name(text: Any, order: str = "last, first") -> str:
    _first, last = _names(str(text), order)
    return " ".join(last)


def _initials(text: Any) -> str:
    return "".join(word[0].upper() for word in re.split(r"[\s\-]+", squeezed(str(text))) if word[:1].isalpha())


def _ascii(text: str, language: str) -> str:
    from anyascii import anyascii

    if language and language not in _SPELLINGS:
        raise ValueError(f"'{language}' is no language that pmbulk can spell; use one of {', '.join(LANGUAGES)}")
    spelling = _SPELLINGS.get(language, {})
    letters = []
    for letter in unicodedata.normalize("NFC", text):
        plain = spelling.get(letter.lower())
        letters.append(letter if plain is None else plain.capitalize() if letter.isupper() else plain)
    return anyascii("".join(letters))


def _letters(text: Any) -> str:
    return "".join(letter for letter in str(text) if letter.isalpha())


def _digits(text: Any) -> str:
    return "".join(letter for letter in str(text) if letter in "0123456789")


def _cut(text: Any, length: int) -> str:
    return str(text)[:length].rstrip()


def _default(text: Any, value: str) -> str:
    return str(text) or value


def _e164(text: Any, country: str) -> str:
    """``+4681234567`` from ``08-123 45 67``, ``+46 (0)8 123 45 67`` or ``0046 8 …`` for *country* ``46``; blank stays blank."""
    number = str(text)
    if not number:
        return ""
    kept = _TRUNK.sub("", number) if number.lstrip().startswith(("+", "00")) else number
    digits = _digits(kept)
    if number.lstrip().startswith("+"):
        whole = digits
    elif digits.startswith("00"):
        whole = digits[2:]
    else:
        whole = _digits(country) + digits.removeprefix("0")
    if not 7 <= len(whole) <= 15:
        raise ValueError(
            f"{in_quotes(number)} is no telephone number: with the country it has {len(whole)} digits, and 7 to 15 are allowed"
        )
    return f"+{whole}"


def _date(text: Any, format: str = "%Y-%m-%d", *others: str, to: str = "%Y-%m-%d") -> str:  # noqa: A002 - the word of strptime
    """A date in the first of the formats that fits, written as *to*; two digits of a year mean 1969 to 2068. Cells that are dates need no format."""
    written = str(text)
    if not written:
        return ""
    for one in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", format, *others):
        found = _parsed(written, one)
        if found is not None:
            return found.strftime(to)
    raise ValueError(f"{in_quotes(written)} is no date like {_EXAMPLE.strftime(format)}")


def _parsed(text: str, format: str) -> date | None:  # noqa: A002 - the word of strptime
    try:
        return datetime.strptime(text, format).date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def _from_map(text: str, name: str, values: Mapping[str, Mapping[str, str]]) -> str:
    known = values.get(name)
    if known is None:
        raise ValueError(f"the mapping has no [values.{name}]")
    if text in known:
        return known[text]
    folded = {fold(squeezed(one)): value for one, value in known.items()}
    found = folded.get(fold(squeezed(text)))
    if found is None and "*" in known:
        return known["*"]
    if found is None:
        near = nearest(text, known, limit=1)
        hint = f" (nearest: '{near[0]}')" if near else ""
        raise ValueError(f"{in_quotes(text)} is not in [values.{name}] of the mapping{hint}; add a line for it there, or correct the cell")
    return found
