"""
How fast the simulated PM works, how much at once, and how many writes a telephony subsystem bears.

Knows time and numbers, nothing of what the work is.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.settings import SimulatorSettings

__all__ = ["Pace"]


class Pace:
    """The turns that requests take."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._random = random.Random(settings.seed)  # noqa: S311  # jitter that can be had again
        self._capacity = None if settings.capacity is None else asyncio.Semaphore(settings.capacity)
        self._writes: Counter[str] = Counter()
        #: False where a turn would cost time for nothing.
        self.matters = bool(settings.latency_s or settings.jitter_s or settings.capacity or settings.telephony_writes)

    @asynccontextmanager
    async def turn(self, lane: str | None) -> AsyncIterator[None]:
        """
        Waits until PM has done what a request costs; *lane* is the subsystem that it writes to, ``None`` for any other request.

        Raises:
            RefusedError: That it is busy, if the subsystem has as many writes as it bears.
        """
        if lane is None:
            async with self._capacity or nullcontext():
                await self._wait()
                yield
            return
        limit = self._settings.telephony_writes
        if limit is not None and self._writes[lane] >= limit:
            raise RefusedError(self._settings.busy_status, self._settings.busy_words, code="COMMAND_BUSY")
        self._writes[lane] += 1
        try:
            async with self._capacity or nullcontext():
                await self._wait()
                yield
        finally:
            self._writes[lane] -= 1

    async def _wait(self) -> None:
        seconds = self._settings.latency_s + self._settings.jitter_s * self._random.random()
        if seconds:
            await asyncio.sleep(seconds)
