"""
How many requests PM bears at once, found out from how long it takes and what it refuses.

Pure: no clock, no I/O; moments come with the calls. Each kind of request is compared with what is usual for it, and the gradient is the ratio of the two
sums: by Little's law that is how many times more requests are out than PM works on, so it tells how far to step back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Limit", "Trip"]

#: Requests at once until something is known of PM.
START: Final = 4
#: The gradient that is aimed at: enough for PM never to be idle, too little to be felt.
AIM: Final = 1.15
#: The gradient at which doubling ends.
FELT: Final = 1.25
#: A gradient below this is no load at all, and the limit creeps up; after so many windows of the kind it leaps, as long as it stays below where load was felt.
UNFELT: Final = 1.05
CREEP: Final = 1.08
UNFELT_WINDOWS: Final = 3
LEAP: Final = 1.5
#: How much is left of the limit when PM refuses for its load.
CUT: Final = 0.7
#: Once so much is left of a limit that latency lowered, latency must have sunk with it; a gradient below that which follows is PM's own doing too.
SUNK: Final = 0.8
FASTER: Final = 0.8
#: How much is left of the limit while the usual latency is measured anew, the windows between two such probes, and before the first one.
PROBE: Final = 0.6
PROBE_EVERY: Final = 20
FIRST_PROBE: Final = 3
#: How far a probe moves what is usual towards what it found, at least.
LEARN: Final = 0.5
#: Answers in a window at least, how far off its gradient may be by chance (standard error) before it waits for more, and for how many at most.
ANSWERS_MIN: Final = 8
CHANCE: Final = 0.07
ANSWERS_MAX: Final = 64
#: The same while doubling and nothing is felt, where haste is worth more than precision.
ANSWERS_MIN_DOUBLING: Final = 4
CHANCE_DOUBLING: Final = 0.1
#: One of so many requests may still be out when a window closes.
STRAGGLERS: Final = 8
#: Shorter latencies count as this long: what differs below is this machine's doing.
SHORTEST_S: Final = 0.01
#: The most that one latency counts, in usual ones.
OUTLIER: Final = 4.0

#: Seconds that answers took, by kind of request.
Latencies = Mapping[str, Sequence[float]]


@dataclass(slots=True, eq=False)
class Trip:
    """One request, out and back: the *window* that it counts in (``None``: in none), and when it was answered (``None``: it was not)."""

    kind: str
    began_s: float
    window: _Window | None
    answered_s: float | None = None
    lost: bool = False


class _Window:
    """The next *size* requests that begin, until they have ended: all of them have met the same limit, and the slow ones are not left out."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.trips: list[Trip] = []
        self.ended = 0
        self.most_out = 0

    @property
    def full(self) -> bool:
        """Whether no more requests count."""
        return len(self.trips) == self.size

    @property
    def over(self) -> bool:
        """Whether it is full and its requests have ended, but for stragglers."""
        return self.full and self.size - self.ended <= self.size // STRAGGLERS

    def latencies(self, now_s: float, usual: _Usual) -> Latencies:
        """What its requests took; stragglers count once they take longer than usual, for as long as it is by now."""
        found: dict[str, list[float]] = {}
        for trip in self.trips:
            took_s = max(SHORTEST_S, (now_s if trip.answered_s is None else trip.answered_s) - trip.began_s)
            usual_s = usual.seconds.get(trip.kind, took_s)
            if not trip.lost and (trip.answered_s is not None or took_s > usual_s):
                found.setdefault(trip.kind, []).append(min(took_s, OUTLIER * usual_s))
        return found


class _Usual:
    """How long each kind of request takes without load."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._known: Counter[str] = Counter()

    def gradient(self, found: Latencies) -> float | None:
        """How many times as long as usual requests took; ``None`` if most are of kinds that nothing is known of."""
        known = {kind: latencies for kind, latencies in found.items() if kind in self.seconds}
        if 2 * _count(known) < _count(found):
            return None
        return sum(map(sum, known.values())) / sum(len(latencies) * self.seconds[kind] for kind, latencies in known.items())

    def meet(self, found: Latencies, *, gradient: float) -> None:
        """Take kinds that are new to suffer from the load as the others do."""
        for kind, latencies in found.items():
            self.seconds.setdefault(kind, sum(latencies) / len(latencies) / gradient)

    def learn(self, found: Latencies, *, at_least: float = 0.0) -> None:
        """Take in latencies without load by their number, but *at_least* by this share."""
        for kind, latencies in found.items():
            mean_s = sum(latencies) / len(latencies)
            self._known[kind] += len(latencies)
            share = max(at_least, len(latencies) / self._known[kind])
            self.seconds[kind] = share * mean_s + (1 - share) * self.seconds.get(kind, mean_s)

    def rescale(self, ratio: float) -> None:
        """PM by itself takes *ratio* times as long as it did."""
        self.seconds = {kind: usual_s * ratio for kind, usual_s in self.seconds.items()}


class Limit:
    """
    A number of `places` between 1 and *ceiling*, moved by what is told of requests that began and ended.

    It doubles until latency rises, then follows PM's capacity; it grows only while it is used. Now and then it steps down for a moment to see
    whether the usual latency is still the same; so it follows a PM that becomes slower or faster by itself.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = float(ceiling)
        self._limit = float(min(START, ceiling))
        self._window = _Window(ANSWERS_MIN_DOUBLING)
        self._usual = _Usual()
        self._gradient = 1.0
        self._doubling = True
        self._unfelt = 0
        self._felt_at = math.inf
        self._sinks_from: tuple[float, float] | None = None  # limit and gradient
        self._to_probe = PROBE_EVERY
        self._probed_from: float | None = None
        self._cut_at_s = -math.inf
        self._cuts_go_on = False

    @property
    def places(self) -> int:
        """How many requests may be out."""
        return int(self._limit)

    def began(self, kind: str, now_s: float, *, out: int | None) -> Trip:
        """A request of this *kind* leaves; with it *out* are out (``None``: something else limits those, and their latency tells nothing)."""
        window = self._window
        if out is None or window.full:
            return Trip(kind, now_s, None)
        trip = Trip(kind, now_s, window)
        window.trips.append(trip)
        window.most_out = max(window.most_out, out)
        return trip

    def answered(self, trip: Trip, now_s: float) -> None:
        """PM answered, whatever it said."""
        trip.answered_s = now_s
        self._ended(trip, now_s)

    def lost(self, trip: Trip, now_s: float) -> None:
        """The request ended in a way that tells nothing about PM's load."""
        trip.lost = True
        self._ended(trip, now_s)

    def overloaded(self, trip: Trip, now_s: float) -> None:
        """PM refused or lost the request for its load; others that were out at the same time say the same and count no more."""
        if trip.began_s < self._cut_at_s:
            self.lost(trip, now_s)
            return
        limit = self._probed_from or self._limit
        if not self._cuts_go_on:
            self._felt_at = limit
        self._cut_at_s, self._cuts_go_on = now_s, True
        self._doubling, self._unfelt = False, 0
        self._probed_from = self._sinks_from = None
        self._go_to(limit * CUT)

    def _go_to(self, limit: float) -> None:
        """A new limit, and a window for what begins under it: those for whom there is room at once while doubling, else a whole round."""
        grown = limit - self._limit
        self._limit = max(1.0, min(self._ceiling, limit))
        self._window = _Window(
            round(max(ANSWERS_MIN_DOUBLING, grown) if self._doubling else max(min(ANSWERS_MIN, 4 * self._limit), self._limit))
        )

    def _ended(self, trip: Trip, now_s: float) -> None:
        """Conclude the window with its last request, unless what it shows may be chance."""
        window = self._window
        if trip.window is not window:
            return
        window.ended += 1
        if not window.over:
            return
        found = window.latencies(now_s, self._usual)
        if 2 * _count(found) < window.size:
            self._go_to(self._limit)
        elif self.places > 1 and self._wanted(found) > window.size:
            window.size = self._wanted(found)
        else:
            self._conclude(found)

    def _wanted(self, found: Latencies) -> int:
        """How many answers make a gradient to go by."""
        if self._doubling and (self._usual.gradient(found) or 1.0) < FELT:
            return min(ANSWERS_MAX, _against_chance(found, CHANCE_DOUBLING))
        return min(ANSWERS_MAX, max(ANSWERS_MIN, _against_chance(found, CHANCE)))

    def _conclude(self, found: Latencies) -> None:
        """Learn from the window, then step."""
        self._gradient = self._usual.gradient(found) or self._gradient
        if self._probed_from is not None:
            self._usual.learn(found, at_least=LEARN)
            limit, self._probed_from = self._probed_from, None
            self._go_to(limit)
            return
        self._usual.meet(found, gradient=self._gradient)
        self._set_right(found)
        self._to_probe -= 1
        if self._to_probe > 0:
            self._step()
            return
        self._to_probe = PROBE_EVERY
        self._felt_at = math.inf
        self._probed_from = self._limit
        self._go_to(self._limit * PROBE)

    def _set_right(self, found: Latencies) -> None:
        """Correct what is usual where the window shows it: without load, or where latency does not move as the limit does."""
        if self.places == 1:
            self._usual.learn(found, at_least=LEARN)
            self._gradient = 1.0
        elif self._doubling and self._gradient < FELT:
            self._usual.learn(found)
        by_itself = self._gradient < FASTER
        if self._sinks_from is not None:
            limit, gradient = self._sinks_from
            if self._limit <= SUNK * limit:
                self._sinks_from = None
                by_itself |= self._gradient > gradient * math.sqrt(self._limit / limit)
        if by_itself:
            self._usual.rescale(self._gradient)
            self._gradient = 1.0

    def _step(self) -> None:
        """The next limit."""
        used = 2 * self._window.most_out >= self._limit
        self._cuts_go_on = False
        if self._doubling and (self._gradient >= FELT or self._limit == self._ceiling):
            self._doubling, self._to_probe = False, FIRST_PROBE
        if not used or self._gradient > AIM:
            self._unfelt = 0
        elif self._gradient < UNFELT:
            self._unfelt += 1
        limit = self._limit * self._factor()
        if limit > self._limit:
            self._sinks_from = None
        elif self._sinks_from is None:
            self._sinks_from = self._limit, self._gradient
        if limit < SUNK * self._limit:
            self._felt_at = self._limit
        self._go_to(limit if used else min(limit, self._limit))

    def _factor(self) -> float:
        """What to multiply the limit with."""
        if self._doubling:
            return 2.0
        if self._gradient >= UNFELT:
            return AIM / self._gradient
        leaps = self._unfelt >= UNFELT_WINDOWS and self._limit * LEAP < self._felt_at
        return LEAP if leaps else CREEP


def _count(latencies: Latencies) -> int:
    return sum(map(len, latencies.values()))


def _against_chance(found: Latencies, chance: float) -> int:
    """How many answers, scattered as these are, make a gradient that is off by no more than *chance*."""
    squares = degrees = 0.0
    for latencies in found.values():
        mean_s = sum(latencies) / len(latencies)
        squares += sum((latency_s / mean_s - 1) ** 2 for latency_s in latencies)
        degrees += len(latencies) - 1
    return round(squares / degrees / chance**2) if degrees else 0
