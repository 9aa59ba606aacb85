"""How names are compared and which are near a misspelt one; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["fold", "in_quotes", "likeness", "nearest", "nearest_sentence", "plain", "with_article"]

_NOT_PLAIN = re.compile(r"[\W_]+")
#: Paths of departments are the longest names that people type.
_QUOTED_MAX = 300


def fold(name: str) -> str:
    """*name* for comparing without regard to case, to blanks at the ends and to how letters are made up (``é`` of one character or two)."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return name.strip().casefold()


def plain(header: str) -> str:
    """*header* for comparing without regard to case, blanks and punctuation (names of sheets and columns)."""
    return _NOT_PLAIN.sub("", header.casefold())


def in_quotes(text: str) -> str:
    """
    *text* in quotes, as a message tells it: no longer than is needed to know it again, so that what is to be done about it stays in sight.
    """
    return f"'{text}'" if len(text) <= _QUOTED_MAX else f"'{text[:_QUOTED_MAX]}…'"


def with_article(noun: str) -> str:
    """
    *noun* with ``a`` or ``an``.

    >>> with_article("IP extension"), with_article("user")
    ('an IP extension', 'a user')
    """
    return f"{'an' if noun[:1] in set('aeioAEIO') else 'a'} {noun}"


def nearest(name: str, candidates: Iterable[str], *, limit: int = 3) -> list[str]:
    """At most *limit* of *candidates* that resemble *name*, best first; empty if none does."""
    from rapidfuzz import fuzz, process, utils

    # Part of a name is near it, but not a single letter.
    long_enough = [candidate for candidate in dict.fromkeys(candidates) if len(candidate) * 3 >= len(name)]
    found = process.extract(name, long_enough, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=60)
    return [candidate for candidate, _score, _index in found]


def likeness(name: str, other: str) -> float:
    """How much two names resemble each other, from 0 to 1, without regard to case, blanks and punctuation."""
    from rapidfuzz import fuzz

    return fuzz.ratio(plain(name), plain(other)) / 100


def nearest_sentence(name: str, candidates: Iterable[str]) -> str:
    """``Nearest: …`` with a blank in front, or nothing where nothing is near."""
    found = nearest(name, candidates)
    return f" Nearest: {', '.join(found)}." if found else ""
