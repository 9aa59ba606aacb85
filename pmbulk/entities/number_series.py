"""The ranges of numbers that a subsystem has for extensions (PM API 6.2)."""

from __future__ import annotations

from typing import Any

from pmbulk.entities.session import Session

__all__ = ["number_series"]


async def number_series(session: Session, subsystem: str) -> list[tuple[str, str]]:
    """
    The first and the last number of each series for extensions in the subsystem; empty where PM tells none.

    Raises:
        RowError: If PM refuses to tell.
    """
    answer = await session.client.call("getNumberSeries", path={"numberSeriesType": "EX"}, query={"subsystemName": subsystem})
    content: Any = answer.content
    # A list, or a single object as the document prints it (QUIRKS 63).
    listed = content if isinstance(content, list) else [content]
    return [(str(one["start"]), str(one.get("end") or one["start"])) for one in listed if isinstance(one, dict) and one.get("start")]
