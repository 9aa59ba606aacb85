"""
The waits of everyone in a run: those that PM asks for, and those for a PM that is away.

Keeps the scheduler from giving out rows and the room from letting requests in. Knows no rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anyio.abc import TaskGroup

from pmbulk.errors import PmbulkError, RowError, StoppedError
from pmbulk.jobs.clock import Clock
from pmbulk.jobs.outage import Outage
from pmbulk.jobs.room import Room
from pmbulk.jobs.scheduler import Scheduler
from pmbulk.jobs.stats import RunStats
from pmbulk.narration import Narrator

__all__ = ["Pauses"]

log = Narrator(__name__)


class Pauses:
    """
    One run's pauses; where several overlap, the last to end lets everybody go on.

    *probe* asks PM for something small and raises a `RowError` while PM does not answer; *stop* ends the run with the error it is given.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        room: Room,
        clock: Clock,
        *,
        outage: Outage,
        probe: Callable[[], Awaitable[None]],
        stop: Callable[[PmbulkError], None],
        stats: RunStats,
    ) -> None:
        self._scheduler = scheduler
        self._room = room
        self._clock = clock
        self._outage = outage
        self._probe = probe
        self._stop = stop
        self._stats = stats
        self._held = 0
        self._asked_until: float | None = None

    def ask(self, wait_s: float, timers: TaskGroup) -> None:
        """Have everyone wait, because PM asked for it; of several waits the longest counts."""
        until = self._clock.monotonic() + wait_s
        if self._asked_until is None:
            log.info("run.paused", wait_s=wait_s)
            self._hold()
            timers.start_soon(self._wait_as_asked)
        self._asked_until = max(until, self._asked_until or until)
        self._stats.paused_until = max(until, self._stats.paused_until or until)

    def suspect(self, timers: TaskGroup) -> None:
        """Have everyone wait until PM has been asked whether it is there at all, unless they do already."""
        if not self._stats.outage:
            self._stats.outage = True
            self._hold()
            timers.start_soon(self._wait_for_pm)

    def _hold(self) -> None:
        self._held += 1
        self._scheduler.pause()
        self._room.pause()

    def _go_on(self) -> None:
        self._held -= 1
        if not self._held:
            self._stats.paused_until = None
            self._scheduler.go_on()
            self._room.go_on()

    async def _wait_as_asked(self) -> None:
        while self._asked_until is not None and (left := self._asked_until - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        self._asked_until = None
        self._go_on()

    async def _wait_for_pm(self) -> None:
        """Ask PM with growing waits until it answers; past the deadline the run stops."""
        while (wait_s := self._outage.next_wait_s(self._clock.monotonic())) is not None:
            self._stats.paused_until = self._clock.monotonic() + wait_s
            await self._clock.sleep(wait_s)
            try:
                await self._probe()
            except RowError as error:
                log.info("run.paused", reason=error.message)
                self._outage.still_silent(error.message)
            except PmbulkError as error:
                self._stop(error)
                return
            else:
                self._outage.over()
                self._stats.outage = False
                self._go_on()
                return
        self._stop(StoppedError(self._outage.in_words()))
