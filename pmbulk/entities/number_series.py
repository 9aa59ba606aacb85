"""The ranges of numbers that a subsystem has for extensions (PM API 6.3)."""

from __future__ import annotations

from typing import Any

from pmbulk.entities.session import Session

__all__ = ["all_series", "number_series"]


async def number_series(session: Session, subsystem: str) -> list[tuple[str, str]]:
    """
    The first and the last number of each series for extensions in the subsystem; empty where PM tells none.

    Raises:
        RowError: If PM refuses to tell.
    """
    answer = await _asked(session, subsystem)
    # A list, or a single object as the document prints it (QUIRKS 63).
    return _ranges(answer if isinstance(answer, list) else [answer])


async def all_series(session: Session, subsystem: str) -> list[tuple[str, str]]:
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


def _ranges(listed: list[Any]) -> list[tuple[str, str]]:
    return [(str(one["start"]), str(one.get("end") or one["start"])) for one in listed if isinstance(one, dict) and one.get("start")]
