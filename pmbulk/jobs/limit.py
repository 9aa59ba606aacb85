"""
How many requests PM bears at once, found out from how long it takes and what it refuses.

Pure: no clock, no I/O; moments come with the calls. Each kind of request is compared with what is usual for it, and the gradient is the ratio of the two
sums: by Little's law that is how many times more requests are out than PM works on, so it tells how far to step back.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

__all__ = ["Limit", "Trip"]

#: Requests at once until something is known of PM.
START: Final = 4
#: The gradient that is aimed at: enough for PM never to be idle, too little to be felt.
AIM: Final = 1.15
#: The gradient at which doubling ends.
FELT: Final = 1.25
#: A gradient below this is no load at all, and the limit creeps up; after so many windows in a row it leaps, if it is not on the way back to where load was felt.
UNFELT: Final = 1.05
CREEP: Final = 1.08
LEAP: Final = 1.5
UNFELT_WINDOWS: Final = 3
#: Once so much is left of the limit, it must show whether latency sank with it.
SUNK: Final = 0.8
#: A gradient below this means that PM has become faster by itself.
FASTER: Final = 0.8
#: Answers of a window at least; how far off its gradient may be by chance (standard error) before it waits for more, and how many it waits for at most.
ANSWERS_MIN: Final = 8
CHANCE: Final = 0.07
ANSWERS_MAX: Final = 64
#: The same while doubling and nothing is felt, where haste is worth more than precision.
ANSWERS_MIN_DOUBLING: Final = 4
CHANCE_DOUBLING: Final = 0.1
#: How much is left of the limit when PM refuses for its load.
CUT: Final = 0.7
#: How much is left of it while the usual latency is measured anew, and the windows between two such probes.
PROBE: Final = 0.6
PROBE_EVERY: Final = 20
FIRST_PROBE: Final = 3
#: How far a probe moves what is usual towards what it found, at least.
LEARN: Final = 0.5
#: One of so many requests may still be out when a window closes.
STRAGGLERS: Final = 8
#: Shorter latencies count as this long: what differs below is this machine's doing.
SHORTEST_S: Final = 0.01
#: The most that one latency counts, in usual ones.
OUTLIER: Final = 4.0

_NO_WINDOW: Final = -1


@dataclass(slots=True, eq=False)
class Trip:
    """One request, out and back: its *kind*, the *window* that it counts in, when it was answered (``None``: it is out), and whether it is *void*."""

    kind: str
    began_s: float
    window: int
    ended_s: float | None = None
    void: bool = False


class Limit:
    """
    A number of `places` between 1 and *ceiling*, moved by what is told of requests that began and ended.

    It doubles until latency rises, then follows PM's capacity; it grows only while it is used. Now and then it steps down for a moment to see
    whether the usual latency is still the same; so it follows a PM that becomes slower or faster by itself.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = float(ceiling)
        self._limit = float(min(START, ceiling))
        self._doubling = True
        self._unfelt = 0
        self._felt_at = math.inf
        self._usual_s: dict[str, float] = {}
        self._known: Counter[str] = Counter()
        self._gradient = 1.0
        self._to_probe = PROBE_EVERY
        self._probed_from: float | None = None
        self._sinks_from: tuple[float, float] | None = None
        self._cut_at_s = -math.inf
        self._falling = False
        self._window = self._size = self._out = self._most = 0
        self._trips: list[Trip] = []
        self._go_to(self._limit)

    @property
    def places(self) -> int:
        """How many requests may be out."""
        return int(self._limit)

    def began(self, kind: str, now_s: float, *, out: int | None) -> Trip:
        """A request of this *kind* leaves; with it *out* are out (``None``: something else limits those, and their latency tells nothing)."""
        if out is None or len(self._trips) == self._size:
            return Trip(kind, now_s, _NO_WINDOW)
        trip = Trip(kind, now_s, self._window)
        self._trips.append(trip)
        self._most = max(self._most, out)
        return trip

    def answered(self, trip: Trip, now_s: float) -> None:
        """PM answered, whatever it said."""
        trip.ended_s = now_s
        self._ended(trip, now_s)

    def lost(self, trip: Trip, now_s: float) -> None:
        """The request ended in a way that tells nothing about PM's load."""
        trip.void = True
        self._ended(trip, now_s)

    def overloaded(self, trip: Trip, now_s: float) -> None:
        """PM refused or lost the request for its load; others that were out at the same time say the same and count no more."""
        if trip.began_s < self._cut_at_s:
            self.lost(trip, now_s)
            return
        self._cut_at_s = now_s
        self._doubling = False
        self._unfelt = 0
        limit = self._probed_from or self._limit
        if not self._falling:
            self._felt_at = limit
        self._falling = True
        self._probed_from = self._sinks_from = None
        self._go_to(limit * CUT)

    def _ended(self, trip: Trip, now_s: float) -> None:
        """Close the window when all its requests have ended, but for stragglers."""
        if trip.window != self._window:
            return
        self._out -= 1
        if self._out > self._size // STRAGGLERS or len(self._trips) < self._size:
            return
        seen = self._seen(now_s)
        if 2 * sum(map(len, seen.values())) < self._size:
            self._go_to(self._limit)
            return
        hasty = self._doubling and self._measured(seen) < FELT
        wanted = _answers_wanted(seen, CHANCE_DOUBLING) if hasty else max(ANSWERS_MIN, _answers_wanted(seen, CHANCE))
        more = min(ANSWERS_MAX, wanted) - self._size
        if more > 0 and self.places > 1:
            self._size += more
            self._out += more
        else:
            self._conclude(seen)

    def _seen(self, now_s: float) -> dict[str, list[float]]:
        """The window's latencies by kind; a straggler's counts as what it is by now, once that is more than usual."""
        seen: dict[str, list[float]] = {}
        for trip in self._trips:
            took_s = max(SHORTEST_S, (now_s if trip.ended_s is None else trip.ended_s) - trip.began_s)
            usual_s = self._usual_s.get(trip.kind, took_s)
            if not trip.void and (trip.ended_s is not None or took_s > usual_s):
                seen.setdefault(trip.kind, []).append(min(took_s, OUTLIER * usual_s))
        return seen

    def _go_to(self, limit: float) -> None:
        """A new limit, and a new window: only requests that begin from now on have met it."""
        grown = limit - self._limit
        self._limit = max(1.0, min(self._ceiling, limit))
        self._size = round(max(ANSWERS_MIN_DOUBLING, grown) if self._doubling else max(min(ANSWERS_MIN, 4 * self._limit), self._limit))
        self._window += 1
        self._trips = []
        self._out = self._size
        self._most = 0

    def _conclude(self, seen: dict[str, list[float]]) -> None:
        """The window is full: learn from it, then step."""
        self._gradient = self._measured(seen)
        if self._probed_from is not None:
            self._learn(seen, at_least=LEARN)
            limit, self._probed_from = self._probed_from, None
            self._go_to(limit)
            return
        self._meet_new_kinds(seen)
        if self.places == 1:  # there is no load of ours to feel
            self._learn(seen, at_least=LEARN)
            self._gradient = 1.0
        elif self._doubling and self._gradient < FELT:
            self._learn(seen)
        self._explain()
        if self._gradient < FASTER:
            self._rescale(self._gradient)
        self._to_probe -= 1
        if self._to_probe <= 0:
            self._to_probe = PROBE_EVERY
            self._felt_at = math.inf
            self._probed_from = self._limit
            self._go_to(self._limit * PROBE)
            return
        self._step()

    def _measured(self, seen: dict[str, list[float]]) -> float:
        """The window's gradient; the last one's where most requests were of new kinds."""
        known = [(latencies, self._usual_s[kind]) for kind, latencies in seen.items() if kind in self._usual_s]
        if 2 * sum(len(latencies) for latencies, _ in known) < self._size:
            return self._gradient
        return sum(sum(latencies) for latencies, _ in known) / sum(len(latencies) * usual_s for latencies, usual_s in known)

    def _meet_new_kinds(self, seen: dict[str, list[float]]) -> None:
        """Take new kinds to suffer from the load as the others do."""
        for kind, latencies in seen.items():
            if kind not in self._usual_s:
                self._usual_s[kind] = sum(latencies) / len(latencies) / self._gradient

    def _learn(self, seen: dict[str, list[float]], *, at_least: float = 0.0) -> None:
        """What is seen without load is what is usual; it counts by its number, but *at_least* as this share."""
        for kind, latencies in seen.items():
            mean_s = sum(latencies) / len(latencies)
            self._known[kind] += len(latencies)
            share = max(at_least, len(latencies) / self._known[kind])
            self._usual_s[kind] = share * mean_s + (1 - share) * self._usual_s.get(kind, mean_s)

    def _rescale(self, ratio: float) -> None:
        """PM itself takes *ratio* times as long as it did."""
        self._usual_s = {kind: usual_s * ratio for kind, usual_s in self._usual_s.items()}
        self._gradient /= ratio

    def _explain(self) -> None:
        """Whether latency sank when the limit did; if not, our load was not the cause, and PM has become slower by itself."""
        if self._sinks_from is None:
            return
        limit, gradient = self._sinks_from
        if self._limit <= SUNK * limit:
            if self._gradient > gradient * math.sqrt(self._limit / limit):
                self._rescale(self._gradient)
            self._sinks_from = None

    def _step(self) -> None:
        used = 2 * self._most >= self._limit
        if not used or self._gradient > AIM:
            self._unfelt = 0
        elif self._gradient < UNFELT:
            self._unfelt += 1
        if self._doubling and (self._gradient >= FELT or self._limit == self._ceiling):
            self._doubling = False
            self._to_probe = FIRST_PROBE
        self._falling = False
        limit = self._limit * self._factor()
        if limit > self._limit:
            self._sinks_from = None
            limit = limit if used else self._limit
        elif self._sinks_from is None:
            self._sinks_from = self._limit, self._gradient
        if limit < SUNK * self._limit:
            self._felt_at = self._limit
        self._go_to(limit)

    def _factor(self) -> float:
        """What to multiply the limit with."""
        if self._doubling:
            return 2.0
        if self._gradient < UNFELT:
            leaps = self._unfelt >= UNFELT_WINDOWS and self._limit * LEAP < self._felt_at
            return LEAP if leaps else CREEP
        return AIM / self._gradient


def _answers_wanted(seen: dict[str, list[float]], chance: float) -> int:
    """How many answers, scattered as these are, make a gradient that is off by no more than *chance*."""
    squares = count = 0.0
    for latencies in seen.values():
        mean_s = sum(latencies) / len(latencies)
        squares += sum((latency / mean_s - 1) ** 2 for latency in latencies)
        count += len(latencies) - 1
    return round(squares / count / chance**2) if count else 0
