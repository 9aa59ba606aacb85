"""
What a mapping's expressions can do with HR's texts: the filters behind ``|``.

Pure. A filter that cannot do its work raises `ValueError` with the sentence that the finding will carry.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from pmbulk.entities.names import fold, in_quotes, nearest, nearest_sentence

__all__ = ["LANGUAGES", "arguments_of", "filters_for", "in_capitals", "squeezed"]

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
    {
        *("af", "al", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "la", "las", "le", "los"),
        *("ten", "ter", "van", "vom", "von", "zu", "zum", "zur"),
    }
)
#: What stands before a name without being one. ``Nat`` and ``Phil`` are names, ``rer. nat.`` and ``phil.`` are none.
_TITLE: Final = re.compile(
    r"(?:dr|prof|mr|mrs|ms)\.?|(?:dipl|mag|univ|med|rer|nat|phil|jur|ing)\.|(?:dr|dipl)\.?-\w+\.?|herr|frau|mme|mlle", re.IGNORECASE
)
#: What tells two of one name apart.
_GENERATION: Final = re.compile(r"(?i:jr|sr)\.?|II|III|IV")
#: That, and degrees.
_BEHIND: Final = re.compile(rf"{_GENERATION.pattern}|(?i:ph\.?d|mba|m\.?sc|b\.?sc|esq|m\.d)\.?")
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


def arguments_of(values: Mapping[str, Mapping[str, str]]) -> dict[str, Callable[[str], None]]:
    """
    What judges the arguments of a filter, by its name: raises `ValueError` where the filter could do its work on no text with them.

    *values* are the mapping's value maps.
    """
    return {
        **dict.fromkeys(("first_name", "last_name", "middle"), _known_order),
        "ascii": _known_language,
        "date": _known_format,
        "from_map": lambda name: _known_map(name, values),
    }


def _known_order(order: str) -> None:
    if order not in _NAME_ORDERS:
        raise ValueError(f"'{order}' is no order of names; use one of {', '.join(map(repr, _NAME_ORDERS))}")


def _known_language(language: str) -> None:
    if language and language not in _SPELLINGS:
        raise ValueError(f"'{language}' is no language that pmbulk can spell; use one of {', '.join(LANGUAGES)}")


def _known_format(format: str) -> None:  # noqa: A002 - the word of strptime
    if "%" not in format:
        raise ValueError(f"'{format}' is no format of dates; write %d for the day, %m for the month, %Y or %y for the year")


def _known_map(name: str, values: Mapping[str, Mapping[str, str]]) -> None:
    if name not in values:
        raise ValueError(f"[values.{name}] is not in the mapping.{nearest_sentence(name, values)}")


def _names(text: str, order: str) -> tuple[list[str], list[str]]:
    """The words of the first and of the last name, without titles and degrees; ``Jr.`` belongs to the last name."""
    _known_order(order)
    name = squeezed(text)
    whole, *others = [part.split() for part in name.split(",")]
    behind = [part for part in others if all(_BEHIND.fullmatch(word) for word in part)]
    stripped = [_without_titles(part) for part in (whole, *(part for part in others if part not in behind))]
    parts = [words for words, _behind in stripped]
    further = chain(*(words for _words, words in stripped), *behind)
    generation = [word for word in further if _GENERATION.fullmatch(word)]
    if order == "last, first":
        first, last = _around_comma(name, parts)
    elif len(parts) > 1:
        raise ValueError(f"{in_quotes(name)} has a comma; if the last name stands before it, the order is 'last, first'")
    else:
        first, last = _apart(name, parts[0], order)
    return first, [*last, *generation]


def _without_titles(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """A part of a name without the titles before it, and what stood behind it; one word is left at least."""
    start, end = 0, len(words)
    while start < end - 1 and _TITLE.fullmatch(words[start]):
        start += 1
    while start < end - 1 and _BEHIND.fullmatch(words[end - 1]):
        end -= 1
    return list(words[start:end]), list(words[end:])


def _around_comma(name: str, parts: Sequence[list[str]]) -> tuple[list[str], list[str]]:
    if "," not in name:
        raise ValueError(f"{in_quotes(name)} has no comma, cannot tell last from first name")
    if len(parts) > 2:
        raise ValueError(f"{in_quotes(name)} has several commas, cannot tell last from first name")
    if len(parts) < 2 or not parts[0]:
        raise ValueError(f"{in_quotes(name)} has nothing on one side of the comma; both names are needed")
    return parts[1], parts[0]


def _apart(name: str, words: list[str], order: str) -> tuple[list[str], list[str]]:
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

    _known_language(language)
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
    own = _digits(country)
    if number.lstrip().startswith("+"):
        whole = digits
    elif digits.startswith("00"):
        whole = digits[2:]
    elif not digits.startswith(own):
        whole = own + digits.removeprefix("0")
    elif own == "1":
        whole = digits  # no area of North America begins with 1
    else:
        raise ValueError(
            f"{in_quotes(number)} may begin with the country's {own} or not; write it with + or with the 0 of the area, or take +{{{{ …|digits }}}} in the mapping "
            "where all have the country"
        )
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
    _known_map(name, values)
    known = values[name]
    if text in known:
        return known[text]
    folded = {fold(squeezed(one)): value for one, value in known.items()}
    found = folded.get(fold(squeezed(text)))
    if found is None and "*" in known:
        return known["*"]
    if found is None and not text.strip():
        raise ValueError(f'is blank, and [values.{name}] of the mapping has no line for that; fill the cell, or add one for "" there')
    if found is None:
        near = nearest(text, known, limit=1)
        hint = f" (nearest: '{near[0]}')" if near else ""
        raise ValueError(f"{in_quotes(text)} is not in [values.{name}] of the mapping{hint}; add a line for it there, or correct the cell")
    return found
