"""How names are compared and which are near a misspelt one; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["fold", "likeness", "nearest", "nearest_sentence", "plain"]

_NOT_PLAIN = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """*name* for comparing without regard to case and to blanks at the ends."""
    return name.strip().casefold()


def plain(header: str) -> str:
    """*header* for comparing without regard to case, blanks and punctuation (names of sheets and columns)."""
    return _NOT_PLAIN.sub("", header.casefold())


def nearest(name: str, candidates: Iterable[str], *, limit: int = 3) -> list[str]:
    """At most *limit* of *candidates* that resemble *name*, best first; empty if none does."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        name, list(dict.fromkeys(candidates)), scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=60
    )
    return [candidate for candidate, _score, _index in found]


def likeness(name: str, other: str) -> float:
    """How much two names resemble each other, from 0 to 1, without regard to case, blanks and punctuation."""
    from rapidfuzz import fuzz

    return fuzz.ratio(plain(name), plain(other)) / 100


def nearest_sentence(name: str, candidates: Iterable[str]) -> str:
    """``Nearest: …`` with a blank in front, or nothing where nothing is near."""
    found = nearest(name, candidates)
    return f" Nearest: {', '.join(found)}." if found else ""
