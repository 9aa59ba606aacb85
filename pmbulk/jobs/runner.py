"""
Running a job's rows: a fixed pool of workers that pull, timers for rows that wait, and the ways a run ends early.

Knows neither Excel nor HTTP nor SQL: it takes operations, a journal and a clock. Workers pull instead of a worker per row, because 100,000 rows must cost
neither memory nor throughput.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random, SystemRandom
from typing import Final

import anyio
from anyio.abc import TaskGroup

from pmbulk.errors import TERMINAL, Outcome, PmbulkError, StoppedError
from pmbulk.jobs.clock import Clock, SystemClock
from pmbulk.jobs.journal import Journal, OpenAttempt, Settlement
from pmbulk.jobs.loop import call_in
from pmbulk.jobs.order import Order
from pmbulk.jobs.outage import Outage, OutagePolicy
from pmbulk.jobs.pauses import Pauses
from pmbulk.jobs.retry import RetryPolicy
from pmbulk.jobs.room import Room, TurnedAwayError
from pmbulk.jobs.row_run import Operation, RowRun, Surroundings, Wait
from pmbulk.jobs.scheduler import Scheduler
from pmbulk.jobs.stats import RunStats
from pmbulk.narration import Narrator

__all__ = ["RunEnd", "RunSettings", "Stop", "run_rows"]

log = Narrator(__name__)

#: Outcomes that use up the failure budget; blocked rows are consequences and do not.
FAILURES: Final = frozenset({Outcome.FAILED, Outcome.INVALID, Outcome.UNKNOWN})

#: Seconds between two looks at the clock on the wall, where the run is to stop at a time.
_LOOK_AT_THE_CLOCK_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    """
    How a run goes about it.

    *concurrency* is how many requests may be out at once at most, *per_lane* how many rows of one lane may be in flight, *retries* how patient it is with
    each row. The run stops once more rows than *failures_max*, or a larger share than *failures_max_percent* of those to run, have failed (`None`: no such
    limit), and at *stop_at*.
    """

    concurrency: int = 100
    per_lane: int = 1
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    outage: OutagePolicy = field(default_factory=OutagePolicy)
    failures_max: int | None = None
    failures_max_percent: float | None = None
    stop_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunEnd:
    """
    How a run ended.

    *left* rows have no outcome and are taken up by resume. *stopped_by* is the error that ended the run early (`None`: none did, but it may have been
    asked to stop).
    """

    left: int
    stopped_by: PmbulkError | None


class Stop:
    """A way to ask a run to end: rows in flight finish and are settled, nothing new begins."""

    def __init__(self) -> None:
        self.requested = False
        self._closers: list[Callable[[], None]] = []

    def request_stop(self) -> None:
        """Ask for the end, from a signal's handler or any thread; asking again changes nothing."""
        if not self.requested:
            self.requested = True
            for close in self._closers:
                close()

    def on_request(self, close: Callable[[], None]) -> None:
        """Have *close* called in the running event loop at the request, or now if that was made already."""
        self._closers.append(partial(call_in, asyncio.get_running_loop(), close))
        if self.requested:  # asked last: a request may come between any two lines
            close()


async def run_rows(
    order: Order,
    journal: Journal,
    *,
    operations: Callable[[int], Operation],
    lanes_of: Callable[[int], Sequence[str]],
    name_of: Callable[[int], str],
    probe: Callable[[], Awaitable[None]],
    settings: RunSettings | None = None,
    room: Room | None = None,
    finished: Mapping[int, bool] | None = None,
    attempts_before: Mapping[int, int] | None = None,
    open_attempts: Iterable[OpenAttempt] = (),
    in_doubt: Container[int] = (),
    stop: Stop | None = None,
    stats: RunStats | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
) -> RunEnd:
    """
    Carry out the rows of *order* and settle each in *journal*; on return everything is durable.

    *operations* makes the operation of a row when its turn comes, *lanes_of* names its lanes (none: it has none), *name_of* the row itself for people
    (``users!row 17``). *probe* asks PM for something small, past the room, and raises a `RowError` while PM does not answer. *room* is what requests
    have to enter, which is closed while everyone waits. Rows in *finished* are left alone; the value tells whether rows that need them may go ahead.
    *attempts_before* are requests sent by earlier jobs; rows with *open_attempts* are reconciled before anything is sent, and so are those
    *in_doubt*, of which an earlier job could not find out what it did.

    Errors that end a run (`LoginError`, `StoppedError` …) are told in the result, after what was in flight has been settled. Anything but a
    `PmbulkError` is a mistake in the program and is raised, after the journal was flushed; so is cancellation.

    Source: design.md 3.4.
    """
    opened: dict[int, dict[str, int]] = {}
    for attempt in open_attempts:
        opened.setdefault(attempt.ordinal, {})[attempt.step] = attempt.attempt
    attempts = attempts_before or {}
    settings, clock, stats = settings or RunSettings(), clock or SystemClock(), stats or RunStats()
    stats.rows = len(order.rows) - len(finished or {})
    scheduler = Scheduler(order, lanes_of=lanes_of, per_lane=settings.per_lane, finished=finished)
    room = room or Room(settings.concurrency, steady=True)
    outage = Outage(settings.outage)
    around = Surroundings(journal, settings.retries, clock, random or SystemRandom(), outage, lambda: scheduler.paused)

    def begin(ordinal: int) -> RowRun:
        opened_steps, doubtful = opened.get(ordinal, {}), ordinal in in_doubt
        return RowRun(ordinal, operations(ordinal), around, attempts=attempts.get(ordinal, 0), opened=opened_steps, in_doubt=doubtful)

    run = _Run(
        scheduler,
        room,
        journal,
        clock,
        settings,
        pauses=Pauses(scheduler, room, clock, outage, probe, stats),
        stats=stats,
        asked=stop or Stop(),
        begin=begin,
        attempts_before=attempts,
        name_of=name_of,
    )
    return await run.all()


@dataclass(slots=True)
class _Run:
    """One call of `run_rows`: the workers and what they share."""

    scheduler: Scheduler
    room: Room
    journal: Journal
    clock: Clock
    settings: RunSettings
    pauses: Pauses
    stats: RunStats
    asked: Stop
    begin: Callable[[int], RowRun]
    attempts_before: Mapping[int, int]
    name_of: Callable[[int], str]
    _aside: dict[int, RowRun] = field(default_factory=dict, init=False)
    _failures: int = field(default=0, init=False)
    _stopped_by: PmbulkError | None = field(default=None, init=False)

    def _close(self) -> None:
        """Begin nothing more, and end a pause for those in it without their turn."""
        self.scheduler.close()
        self.room.close()

    async def all(self) -> RunEnd:
        """Run until every row is settled or the run is stopped."""
        self.asked.on_request(self._close)
        self.room.on_change = self._follow_room
        self._follow_room()
        try:
            await self._work_off()
        except BaseExceptionGroup as group:
            error: BaseException = group
            while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                error = error.exceptions[0]
            raise error from None
        finally:
            with anyio.CancelScope(shield=True):
                await self._flush()
        return RunEnd(self.scheduler.left, self._stopped_by)

    async def _work_off(self) -> None:
        async with anyio.create_task_group() as timers:
            self._settle_blocked(self.scheduler.blocked_at_start)
            if self.settings.stop_at is not None:
                timers.start_soon(self._stop_at, self.settings.stop_at)
            async with anyio.create_task_group() as workers:
                for _ in range(self.room.workers_max):
                    workers.start_soon(self._work, timers)
            timers.cancel_scope.cancel()

    def _follow_room(self) -> None:
        """Work on as many rows as keep the room's places taken."""
        self.stats.places = self.room.places
        self.scheduler.share(self.room.workers)

    async def _flush(self) -> None:
        try:
            await self.journal.flush()
        except StoppedError as error:
            self._stop(error)

    async def _work(self, timers: TaskGroup) -> None:
        """One worker: take, carry on, settle or put aside, until there is nothing left to take."""
        while (ordinal := await self.scheduler.take()) is not None:
            if self.asked.requested:  # the loop has not come to `close` yet
                self.scheduler.release(ordinal)
                return
            self.stats.in_flight += 1
            try:
                row = self._aside.pop(ordinal, None) or self.begin(ordinal)
                come_to = await row.advance()
                if isinstance(come_to, Settlement):
                    self._settle(ordinal, come_to)
                else:
                    self._put_aside(row, come_to, timers)
            except TurnedAwayError:
                self.scheduler.release(ordinal)
            except PmbulkError as error:
                self.scheduler.release(ordinal)
                self._stop(error)
            finally:
                self.stats.in_flight -= 1

    def _settle(self, ordinal: int, settlement: Settlement) -> None:
        self.journal.settle(ordinal, settlement)
        self._count(settlement)
        self.scheduler.widen(ordinal)
        self._settle_blocked(self.scheduler.settled(ordinal, ok=settlement.outcome in TERMINAL))

    def _settle_blocked(self, blocked: Iterable[tuple[int, int]]) -> None:
        for ordinal, blocker in blocked:
            message = f"Nothing was sent: {self.name_of(blocker)} did not succeed. Correct that row, then run this one again."
            attempts = self.attempts_before.get(ordinal, 0)
            settlement = Settlement(Outcome.BLOCKED, self.clock.utc_now(), message=message, code="BLOCKED", attempts=attempts)
            self.journal.settle(ordinal, settlement)
            self._count(settlement)

    def _count(self, settlement: Settlement) -> None:
        self.stats.outcomes[settlement.outcome] += 1
        if settlement.outcome in FAILURES:
            self._failures += 1
            self._check_budget(self._failures)

    def _check_budget(self, failures: int) -> None:
        most, percent = self.settings.failures_max, self.settings.failures_max_percent
        if (most is not None and failures > most) or (percent is not None and failures * 100 > percent * self.stats.rows):
            limit = f"{most}" if percent is None else f"{percent:g} %"
            self._stop(StoppedError(f"{failures} rows failed, more than the {limit} allowed; correct the cause, then resume the job"))

    def _stop(self, error: PmbulkError) -> None:
        """Begin nothing more; the first error is the one that is told."""
        if self._stopped_by is None:
            self._stopped_by = error
            log.warning("run.stopped", reason=str(error), left=self.scheduler.left)
        self._close()

    async def _stop_at(self, moment: datetime) -> None:
        """End the run at *moment*, which the clock on the wall decides: the other one stands still while a laptop sleeps."""
        while (left := (moment - self.clock.utc_now()).total_seconds()) > 0:
            await self.clock.sleep(min(left, _LOOK_AT_THE_CLOCK_S))
        self._stop(
            StoppedError(f"it is {moment.astimezone():%H:%M}, when the run was to stop; resume the job when PM may be changed again")
        )

    def _put_aside(self, row: RowRun, wait: Wait, timers: TaskGroup) -> None:
        """Free the row's worker until its wait is over, and its lanes unless they are what it waits for."""
        self.stats.retries += wait.seconds > 0
        self.stats.aside += 1
        self._aside[row.ordinal] = row
        if wait.everyone:
            self.pauses.ask(wait.seconds, timers)
        self.pauses.look_out(timers, stop=self._stop)
        if wait.busy:
            self.scheduler.narrow(row.ordinal)
        if wait.busy and not wait.everyone:
            timers.start_soon(self._release_later, row.ordinal, wait.seconds)
            return
        self.scheduler.release(row.ordinal)
        if wait.everyone or not wait.seconds:
            self._put_back(row.ordinal)
        else:
            timers.start_soon(self._put_back_later, row.ordinal, wait.seconds)

    def _put_back(self, ordinal: int) -> None:
        self.stats.aside -= 1
        self.scheduler.put_back(ordinal)

    async def _release_later(self, ordinal: int, wait_s: float) -> None:
        """Keep a row's lanes until its wait is over: whoever came next there would be told the same."""
        await self.clock.sleep(wait_s)
        self.scheduler.release(ordinal)
        self._put_back(ordinal)

    async def _put_back_later(self, ordinal: int, wait_s: float) -> None:
        await self.clock.sleep(wait_s)
        self._put_back(ordinal)
