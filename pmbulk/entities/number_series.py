"""Ranges of numbers, and those that a subsystem has for extensions (PM API 6.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from pmbulk.entities.session import Session

__all__ = ["NumberRange", "all_series", "number_series"]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The numbers from *first* to *last*, which have as many digits; numbers are texts, because 0100 is another one than 100."""

    first: str
    last: str

    @classmethod
    def of(cls, written: str) -> Self:
        """The range that is *written* as ``2000-2999``, or as ``2000`` where it has one number."""
        first, _dash, last = (part.strip() for part in written.partition("-"))
        return cls(first, last or first)

    def __contains__(self, number: str) -> bool:
        return len(number) == len(self.first) and self.first <= number <= self.last

    def __iter__(self) -> Iterator[str]:
        return (str(number).zfill(len(self.first)) for number in range(int(self.first), int(self.last) + 1))

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


async def number_series(session: Session, subsystem: str) -> list[NumberRange]:
    """
    The series for extensions in the subsystem; empty where PM tells none.

    Raises:
        RowError: If PM refuses to tell.
    """
    answer = await _asked(session, subsystem)
    # A list, or a single object as the document prints it (QUIRKS 63).
    return _ranges(answer if isinstance(answer, list) else [answer])


async def all_series(session: Session, subsystem: str) -> list[NumberRange]:
    """
    The same; empty too where PM tells a single one outside a list, beside which it may have others (QUIRKS 63).

    Raises:
        RowError: If PM refuses to tell.
    """
    answer = await _asked(session, subsystem)
    return _ranges(answer) if isinstance(answer, list) else []


async def _asked(session: Session, subsystem: str) -> Any:
    query = {"subsystemName": subsystem}
    return (await session.client.call("getNumberSeries", path={"numberSeriesType": "EX"}, query=query)).content


def _ranges(listed: list[Any]) -> list[NumberRange]:
    told = (one for one in listed if isinstance(one, dict) and one.get("start"))
    return [NumberRange(str(one["start"]), str(one.get("end") or one["start"])) for one in told]
