"""
A session with PM that only reads: what is transient is tried again, and a write is a programmer's mistake that never leaves.

Plans, exports and single reads all go through here, so none of them can change anything.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

from pmbulk.door.options import DEFAULT_CONCURRENCY
from pmbulk.door.running import Target
from pmbulk.endpoints import Endpoint
from pmbulk.errors import RowError, StoppedError, TransientError, UnreachableError
from pmbulk.jobs.clock import Clock, SystemClock
from pmbulk.jobs.retry import Failures, RetryPolicy, Verb, decide, delay
from pmbulk.jobs.room import Room
from pmbulk.pm.classify import Answer
from pmbulk.pm.client import PmClient

__all__ = ["Patience", "reader"]


class Patience:
    """
    Carries out reads, each with as many attempts as *policy* grants; a wait that PM asks for is everybody's, through *room*.

    While PM answers nobody, attempts are not counted: it may be restarting, and is waited for as long as for a wait that it asks for.

    Raises:
        TypeError: If it is asked to write.
        UnreachableError: If PM does not answer, however often it is asked.
        StoppedError: If PM asks for a longer wait than *policy* allows.
    """

    def __init__(self, room: Room, *, policy: RetryPolicy | None = None, clock: Clock | None = None, random: Random | None = None) -> None:
        self._room = room
        self._policy = policy or RetryPolicy()
        self._clock = clock or SystemClock()
        self._random = random or Random()  # noqa: S311 - spreads retries, guards nothing
        self._silent_until = 0.0
        self._heard_at = -math.inf

    async def __call__(self, operation: Endpoint, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to *operation*; errors that trying again does not mend are raised as they are."""
        if operation.writes:
            raise TypeError(f"{operation.name} writes, and this session only reads")
        failures = Failures()
        troubled_at: float | None = None
        while True:
            try:
                answer = await attempt()
            except RowError as error:
                now = self._clock.monotonic()
                failures.add(error, now=now)
                if error.http is not None and not error.unanswered:
                    self._heard_at = now
                troubled_at = now if troubled_at is None else troubled_at
                if error.unanswered and self._heard_at < troubled_at:
                    await self._outlast(error, failures, now - troubled_at)
                else:
                    await self._after(error, failures, now)
            else:
                self._heard_at = self._clock.monotonic()
                return answer

    async def _outlast(self, error: RowError, failures: Failures, held_up_s: float) -> None:
        """Have everybody wait for a PM that answers nobody."""
        wait_s = delay(failures.count, self._policy, random=self._random)
        if held_up_s + wait_s > self._policy.retry_deadline_s:
            raise UnreachableError(error.message) from error
        await self._silence(wait_s)

    async def _after(self, error: RowError, failures: Failures, now: float) -> None:
        """Wait as long as *error* wants before the next attempt, or raise it."""
        decision = decide(self._policy, failures, repeatable=True, error=error, now=now, random=self._random)
        if decision.verb is Verb.STOP:
            raise StoppedError(
                f"PM keeps asking to wait ({error.message}), longer than {self._policy.retry_deadline_s:g} s; try again later"
            ) from error
        if decision.verb is not Verb.RETRY:
            if isinstance(error, TransientError) and error.http is None:
                raise UnreachableError(error.message) from error
            raise error
        if decision.everyone:
            await self._silence(decision.wait_s)
        else:
            await self._clock.sleep(decision.wait_s)

    async def _silence(self, seconds: float) -> None:
        """Keep everybody from asking for *seconds*; who asked for the longest silence ends it."""
        until = self._clock.monotonic() + seconds
        self._silent_until = max(self._silent_until, until)
        self._room.pause()
        await self._clock.sleep(seconds)
        if self._silent_until <= until:
            self._room.go_on()


@asynccontextmanager
async def reader(target: Target, *, concurrency: int = DEFAULT_CONCURRENCY) -> AsyncIterator[PmClient]:
    """
    A session that is logged in and only reads, with at most *concurrency* requests out at once.

    Raises:
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
    """
    room = Room(concurrency)
    async with PmClient(target.connection, assumptions=target.assumptions, room=room, attempting=Patience(room)) as client:
        await client.start()
        yield client
