"""
The time that a run lives by: an argument everywhere, so that a test can turn it.

Waiting is part of it, because whoever decides what time it is must also decide when a wait is over.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

import anyio

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What a run asks about time."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def utc_now(self) -> datetime:
        """The moment in UTC, for people to read."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return *seconds* later."""
        ...


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The machine's calendar clock in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep in the event loop."""
        await anyio.sleep(seconds)
