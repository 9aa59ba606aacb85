"""
The waits of everyone in a run: those that PM asks for, and those for a PM that is away.

Keeps the scheduler from giving out rows and the room from letting requests in. Knows no rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Pauses:
    """
    One run's pauses; where several overlap, the last to end lets everybody go on.

    *probe* asks PM for something small and raises a `RowError` while PM does not answer.
    """

    scheduler: Scheduler
    room: Room
    clock: Clock
    outage: Outage
    probe: Callable[[], Awaitable[None]]
    stats: RunStats
    _held: int = field(default=0, init=False)
    _asked_until: float | None = field(default=None, init=False)
    _asking_pm: bool = field(default=False, init=False)

    def ask(self, wait_s: float, timers: TaskGroup) -> None:
        """Have everyone wait, because PM asked for it; of several waits the longest counts."""
        until = self.clock.monotonic() + wait_s
        if self._asked_until is None:
            log.info("run.paused", wait_s=wait_s)
            self._hold()
            timers.start_soon(self._wait_as_asked)
        self._asked_until = max(until, self._asked_until or until)
        self.stats.paused_until = max(until, self.stats.paused_until or until)

    def look_out(self, timers: TaskGroup, *, stop: Callable[[PmbulkError], None]) -> None:
        """
        Where PM is suspected to be away, have everyone wait until it has been asked, unless they do already.

        *stop* ends the run; it is called with the reason if PM does not come back in time, or does not want us any more.
        """
        if self.outage.suspected and not self._asking_pm:
            self._asking_pm = self.stats.outage = True
            self._hold()
            timers.start_soon(self._wait_for_pm, stop)

    def _hold(self) -> None:
        self._held += 1
        self.scheduler.pause()
        self.room.pause()

    def _go_on(self) -> None:
        self._held -= 1
        if not self._held:
            self.stats.paused_until = None
            self.scheduler.go_on()
            self.room.go_on()

    async def _wait_as_asked(self) -> None:
        while self._asked_until is not None and (left := self._asked_until - self.clock.monotonic()) > 0:
            await self.clock.sleep(left)
        self._asked_until = None
        self._go_on()

    async def _wait_for_pm(self, stop: Callable[[PmbulkError], None]) -> None:
        """Ask PM with growing waits until it answers; past the deadline the run stops."""
        while (wait_s := self.outage.next_wait_s(self.clock.monotonic())) is not None:
            self.stats.paused_until = self.clock.monotonic() + wait_s
            await self.clock.sleep(wait_s)
            try:
                await self.probe()
            except RowError as error:
                log.info("run.paused", reason=error.message)
                self.outage.still_silent(error.message)
            except PmbulkError as error:
                stop(error)
                return
            else:
                self.outage.over()
                self._asking_pm = self.stats.outage = False
                self._go_on()
                return
        stop(StoppedError(self.outage.in_words()))
