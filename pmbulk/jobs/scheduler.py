"""
Whose turn it is: the next row that waits for nobody, has room in its lanes and stands behind no barrier.

Holds states and heaps of ints, no clock: waits that have an end are the runner's. Each call costs O(log n).
"""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Final

import anyio

from pmbulk.jobs.order import Order

__all__ = ["Scheduler"]

#: Rows for each place of a narrowed lane that must go through before it gets one more.
SUCCESSES_TO_WIDEN: Final = 8


class _State(IntEnum):
    #: Waits for other rows, for its turn, or aside for its next attempt.
    WAITING = 0
    #: A worker has it, and it takes up room in its lane.
    TAKEN = 1
    #: It has its outcome.
    SETTLED = 2


class _Lane:
    """One lane: how many may be in it, at most and for now, who is in it, and who is next."""

    __slots__ = ("capacity", "excused", "most", "ready", "successes", "taken")

    def __init__(self, capacity: int) -> None:
        self.most = self.capacity = capacity
        self.taken: set[int] = set()
        self.ready: list[int] = []
        self.excused: set[int] = set()  # rows that were in it when it was narrowed: their word is no news
        self.successes = 0

    @property
    def full(self) -> bool:
        return len(self.taken) >= self.capacity


class Scheduler:
    """
    Gives out the rows of *order*, each when its turn has come.

    *lanes_of* names the lanes of a row (none: it shares one with all such rows, whose room `share` sets); *per_lane* is how many rows of one
    lane may be taken at once. A row of several lanes is taken once it is the next in each and all have room, so that none waits in one for another
    and none is passed over. Rows in *finished* have had their turn before: they are never given out, and the value tells whether rows that need
    them may go ahead.
    """

    def __init__(
        self, order: Order, *, lanes_of: Callable[[int], Sequence[str]], per_lane: int = 1, finished: Mapping[int, bool] | None = None
    ) -> None:
        size = len(order.phases)
        self._order = order
        self._hard_after = order.hard.reversed()
        self._soft_after = order.soft.reversed()
        self._place = array("i", bytes(4 * size))
        self._waits = array("i", bytes(4 * size))
        self._states = bytearray(size)
        self._blocker: dict[int, int] = {}
        self._shared = _Lane(size)
        self._lanes_of: list[tuple[_Lane, ...]] = [(self._shared,)] * size
        self._offered: list[int] = []
        self._behind: dict[int, list[int]] = {}
        self._left_in: dict[int, int] = {}
        self._phase = -1
        self._waiters: deque[anyio.Event] = deque()
        self._closed = False
        self._paused = False
        self.left = len(order.rows)
        #: Rows found blocked because of rows in *finished*, as (row, the row that blocks it).
        self.blocked_at_start: tuple[tuple[int, int], ...] = ()
        self._arrange(lanes_of, per_lane)
        self._begin(finished or {})

    @property
    def paused(self) -> bool:
        """Whether nothing is given out for now."""
        return self._paused

    async def take(self) -> int | None:
        """
        The next row in order whose turn it is, waiting until there is one; room in its lanes is taken with it.

        `None` once every row is settled, or after `close`.
        """
        while not (self._closed or not self.left):
            ordinal = self._next()
            if ordinal is not None:
                if self._offered:
                    self._wake()
                return ordinal
            event = anyio.Event()
            self._waiters.append(event)
            try:
                await event.wait()
            except BaseException:
                if event.is_set():
                    self._wake()  # the turn that this worker was woken for goes to another
                else:
                    self._waiters.remove(event)
                raise
        return None

    def release(self, ordinal: int) -> None:
        """Free the lanes of a taken row that is put aside; `put_back` brings the row into the queue again."""
        self._states[ordinal] = _State.WAITING
        self._leave_lanes(ordinal)

    def put_back(self, ordinal: int) -> None:
        """Give a released row its place in the queue again."""
        self._offer(ordinal)

    def settled(self, ordinal: int, *, ok: bool) -> list[tuple[int, int]]:
        """
        Note that *ordinal* has its outcome, and let those that waited for it go ahead.

        Returns the rows that can never run now, transitively, each with the row whose failure is the cause; they count as settled.
        """
        blocked: list[tuple[int, int]] = []
        ended = [(ordinal, ok)]
        while ended:
            row, row_ok = ended.pop()
            if self._states[row] == _State.TAKEN:
                self._leave_lanes(row)
            self._states[row] = _State.SETTLED
            self.left -= 1
            self._left_in[self._order.phases[row]] -= 1
            for follower in self._hard_after.of(row):
                if not row_ok:
                    self._blocker.setdefault(follower, self._blocker.get(row, row))
                self._one_less(follower, ended)
            for follower in self._soft_after.of(row):
                self._one_less(follower, ended)
            if row != ordinal:
                blocked.append((row, self._blocker[row]))
        self._pass_barriers()
        if not self.left:
            self._wake_all()
        return blocked

    def pause(self) -> None:
        """Give nothing out until `go_on`."""
        self._paused = True

    def go_on(self) -> None:
        """End a pause."""
        self._paused = False
        self._wake_all()

    def close(self) -> None:
        """Give nothing out any more; workers that wait are sent home."""
        self._closed = True
        self._wake_all()

    def narrow(self, ordinal: int) -> None:
        """Halve the room in each of the row's lanes, down to one, because PM named contention there; once for all rows that are in it."""
        for lane in self._lanes_of[ordinal]:
            lane.successes = 0
            if ordinal not in lane.excused and lane is not self._shared:
                lane.capacity = max(1, lane.capacity // 2)
                lane.excused = lane.taken - {ordinal}

    def widen(self, ordinal: int) -> None:
        """Give a narrowed lane room for one more, after some rows in a row that went through without contention."""
        for lane in self._lanes_of[ordinal]:
            if lane.capacity == lane.most:
                continue
            lane.successes += 1
            if lane.successes >= SUCCESSES_TO_WIDEN * lane.capacity:
                lane.successes = 0
                lane.capacity += 1
                self._show_head(lane)

    def share(self, capacity: int) -> None:
        """Give the rows without a lane of their own so much room together."""
        self._shared.capacity = self._shared.most = capacity
        self._show_head(self._shared)

    def _arrange(self, lanes_of: Callable[[int], Sequence[str]], per_lane: int) -> None:
        lanes: dict[str, _Lane] = {}
        together: dict[tuple[str, ...], tuple[_Lane, ...]] = {}
        for place, ordinal in enumerate(self._order.rows):
            self._place[ordinal] = place
            self._waits[ordinal] = len(self._order.hard.of(ordinal)) + len(self._order.soft.of(ordinal))
            phase = self._order.phases[ordinal]
            self._left_in[phase] = self._left_in.get(phase, 0) + 1
            names = tuple(dict.fromkeys(lanes_of(ordinal)))
            if names and names not in together:
                together[names] = tuple(lanes.setdefault(name, _Lane(per_lane)) for name in names)
            if names:
                self._lanes_of[ordinal] = together[names]

    def _begin(self, finished: Mapping[int, bool]) -> None:
        for ordinal in finished:
            self._states[ordinal] = _State.SETTLED
        for ordinal in self._order.rows:
            if self._states[ordinal] == _State.WAITING and not self._waits[ordinal]:
                self._offer(ordinal)
        blocked: list[tuple[int, int]] = []
        for ordinal in self._order.rows:
            if ordinal in finished:
                blocked += self.settled(ordinal, ok=finished[ordinal])
        self.blocked_at_start = tuple(blocked)
        self._pass_barriers()

    def _one_less(self, ordinal: int, ended: list[tuple[int, bool]]) -> None:
        """One row fewer for *ordinal* to wait for; if it was the last, it has its turn or, blocked, its end."""
        self._waits[ordinal] -= 1  # never 0 for a row that the order leaves out: it starts there
        if self._waits[ordinal] or self._states[ordinal] == _State.SETTLED:
            return
        if ordinal in self._blocker:
            ended.append((ordinal, False))
        else:
            self._offer(ordinal)

    def _offer(self, ordinal: int) -> None:
        phase = self._order.phases[ordinal]
        if phase > self._phase:
            self._behind.setdefault(phase, []).append(ordinal)
            return
        place = self._place[ordinal]
        for lane in self._lanes_of[ordinal]:
            heapq.heappush(lane.ready, place)
        for lane in self._lanes_of[ordinal]:
            self._show_head(lane)

    def _show_head(self, lane: _Lane) -> None:
        """Put the lane's next row among those that may be taken; one shown twice is passed over the second time."""
        if lane.ready and not lane.full:
            heapq.heappush(self._offered, lane.ready[0])
            self._wake()

    def _next(self) -> int | None:
        """The first offered row that still may be taken, now taken; `None` if there is none."""
        while self._offered and not self._paused:
            place = heapq.heappop(self._offered)
            ordinal = self._order.rows[place]
            lanes = self._lanes_of[ordinal]
            if any(lane.full or not lane.ready or lane.ready[0] != place for lane in lanes):
                continue  # it is shown again by the lane that makes it wait
            for lane in lanes:
                heapq.heappop(lane.ready)
                lane.taken.add(ordinal)
            for lane in lanes:
                self._show_head(lane)
            self._states[ordinal] = _State.TAKEN
            return ordinal
        return None

    def _leave_lanes(self, ordinal: int) -> None:
        for lane in self._lanes_of[ordinal]:
            lane.taken.discard(ordinal)
            lane.excused.discard(ordinal)
            # Nobody is woken: the worker that leaves comes for its next row at once, and wakes another if there is more.
            if lane.ready and not lane.full:
                heapq.heappush(self._offered, lane.ready[0])

    def _pass_barriers(self) -> None:
        """Go on to the first phase that has unsettled rows, and offer those that waited for it."""
        phase = min((phase for phase, left in self._left_in.items() if left), default=self._phase)
        if phase == self._phase:
            return
        self._phase = phase
        for ordinal in self._behind.pop(phase, ()):
            self._offer(ordinal)

    def _wake(self) -> None:
        if self._waiters:
            self._waiters.popleft().set()

    def _wake_all(self) -> None:
        while self._waiters:
            self._waiters.popleft().set()
