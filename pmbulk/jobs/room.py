"""
How many requests may be out at PM at once, and who goes next.

Workers outnumber the places by a few: while their requests wait here the journal already has them, so a place is never idle for the length of a commit.
Knows neither endpoints nor HTTP: what a request's end says about PM's load is read from the errors alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final

import anyio

from pmbulk.errors import AmbiguousError, RejectedError, StoppedError, TransientError
from pmbulk.jobs.limit import Limit, Trip

__all__ = ["Room", "TurnedAwayError"]

#: Places for each further worker, who announces his next request while all places are taken.
PLACES_PER_SPARE: Final = 8
#: Statuses by which PM, or what stands before it, says that it is too much.
_OVERLOAD: Final = frozenset({429, 502, 503, 504})


class TurnedAwayError(StoppedError):
    """The run ended while a request waited for the end of a pause: it was announced but not sent, and resume takes up its row."""


class Room:
    """
    Places for requests: never more than *ceiling*, and as many of them as PM is found to bear (all, if *steady*).

    Writes to a telephony subsystem stand in its lane already: they take places under the ceiling, go first, and say nothing about PM's pace.
    Nobody enters while PM has asked for silence.
    """

    def __init__(self, ceiling: int, *, steady: bool = False, clock: Callable[[], float] = time.perf_counter) -> None:
        self._ceiling = ceiling
        self._limit = None if steady else Limit(ceiling)
        self._clock = clock
        self._paused = self._closed = False
        self._turned_away: set[anyio.Event] = set()
        self._out = self._shared_out = 0
        self._waiting: deque[anyio.Event] = deque()
        self._waiting_in_lanes: deque[anyio.Event] = deque()
        self._workers = 0
        #: Hears of every new number of `workers`.
        self.on_change: Callable[[], None] = lambda: None

    @property
    def places(self) -> int:
        """How many requests may be out now, writes in lanes aside."""
        return self._ceiling if self._limit is None else self._limit.places

    @property
    def workers(self) -> int:
        """How many rows should be worked on, so that no place is idle."""
        return self.places + self.places // PLACES_PER_SPARE

    @property
    def workers_max(self) -> int:
        """The most that `workers` may become."""
        return self._ceiling + self._ceiling // PLACES_PER_SPARE

    def pause(self) -> None:
        """Let nobody in until `go_on`."""
        self._paused = True
        self._turn_away()

    def close(self) -> None:
        """Turn away who waits for the end of a pause, now and later, since the run ends before it; without a pause all may still enter."""
        self._closed = True
        self._turn_away()

    def _turn_away(self) -> None:
        if self._paused and self._closed:
            for waiting in (self._waiting, self._waiting_in_lanes):
                self._turned_away.update(waiting)
                while waiting:
                    waiting.popleft().set()

    def go_on(self) -> None:
        """End a pause."""
        self._paused = False
        self._admit()

    def place(self, kind: str, *, in_lane: bool = False) -> _Place:
        """What a request of this *kind* stands in (``async with``) while it is out; *in_lane* is a write whose lane limits it."""
        return _Place(self, kind, in_lane=in_lane)

    async def enter(self, *, in_lane: bool) -> None:
        """Take a place, waiting for it."""
        waiting = self._waiting_in_lanes if in_lane else self._waiting
        if not waiting and self._free(in_lane=in_lane):
            self._take(in_lane=in_lane)
            return
        turn = anyio.Event()
        waiting.append(turn)
        self._turn_away()
        try:
            await turn.wait()
        except BaseException:
            if turn in self._turned_away:
                self._turned_away.remove(turn)
            elif turn.is_set():
                self._leave(in_lane=in_lane)
            else:
                waiting.remove(turn)
            raise
        if turn in self._turned_away:
            self._turned_away.remove(turn)
            raise TurnedAwayError("The run ended before this request was sent; resume the job.")

    def began(self, kind: str, *, in_lane: bool) -> Trip | None:
        """Note that a request leaves; ``None`` where nothing is to be learned from it."""
        if self._limit is None:
            return None
        return self._limit.began(kind, self._clock(), out=None if in_lane else self._shared_out)

    def ended(self, trip: Trip | None, error: BaseException | None, *, in_lane: bool) -> None:
        """Free the place of a request and learn from how it ended."""
        if self._limit is not None and trip is not None:
            self._learn(self._limit, trip, error, in_lane=in_lane)
        self._leave(in_lane=in_lane)
        if self.workers != self._workers:
            self._workers = self.workers
            self.on_change()

    def _learn(self, limit: Limit, trip: Trip, error: BaseException | None, *, in_lane: bool) -> None:
        now_s = self._clock()
        if isinstance(error, RejectedError):
            trip.kind = f"{trip.kind} {error.http}"  # a refusal may take PM less time than the work
        if error is None or isinstance(error, RejectedError):
            limit.answered(trip, now_s)
        elif isinstance(error, TransientError | AmbiguousError) and _overloaded(error, in_lane=in_lane):
            limit.overloaded(trip, now_s)
        else:
            limit.lost(trip, now_s)

    def _free(self, *, in_lane: bool) -> bool:
        return not self._paused and self._out < self._ceiling and (in_lane or self._shared_out < self.places)

    def _take(self, *, in_lane: bool) -> None:
        self._out += 1
        self._shared_out += not in_lane

    def _leave(self, *, in_lane: bool) -> None:
        self._out -= 1
        self._shared_out -= not in_lane
        self._admit()

    def _admit(self) -> None:
        """Hand free places to those who wait longest, first to writes in lanes, which are few."""
        for waiting, in_lane in ((self._waiting_in_lanes, True), (self._waiting, False)):
            while waiting and self._free(in_lane=in_lane):
                self._take(in_lane=in_lane)
                waiting.popleft().set()


class _Place:
    """One request's place."""

    __slots__ = ("_in_lane", "_kind", "_room", "_trip")

    def __init__(self, room: Room, kind: str, *, in_lane: bool) -> None:
        self._room = room
        self._kind = kind
        self._in_lane = in_lane

    async def __aenter__(self) -> None:
        await self._room.enter(in_lane=self._in_lane)
        self._trip = self._room.began(self._kind, in_lane=self._in_lane)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._room.ended(self._trip, error, in_lane=self._in_lane)


def _overloaded(error: TransientError | AmbiguousError, *, in_lane: bool) -> bool:
    """Whether *error* says that PM has too much to do; a busy telephony system says so of the lane only, which the scheduler narrows."""
    if isinstance(error, TransientError) and error.busy:
        return not in_lane
    return error.http in _OVERLOAD or error.code == "TIMEOUT"
