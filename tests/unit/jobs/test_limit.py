from __future__ import annotations

import heapq
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.jobs.limit import Limit

LATENCY_S = 0.2


class Fixed:
    """A limit that somebody has set."""

    def __init__(self, places):
        self.places = places

    def began(self, *_told, **_more):
        """Hears nothing."""

    answered = began


class QueueingPm:
    """A PM in virtual time that works on *knee* requests at once while the others wait; *pace* gives its seconds for one at a moment."""

    def __init__(self, knee, *, seed=1, pace=lambda _now_s: LATENCY_S, kinds=("create",)):
        self.knee = knee
        self.random = Random(seed)
        self.pace = pace
        self.kinds = kinds
        self.now_s = 0.0
        self.answers = []

    def serve(self, limit, rows):
        """Answer *rows* requests, of which as many are out as *limit* wants; the seconds that took."""
        started = out = 0
        working, waiting = [], []
        while len(self.answers) < rows:
            while out < limit.places and started < rows:
                out, started = out + 1, started + 1
                kind = self.kinds[started * len(self.kinds) // (rows + 1)]
                waiting.append((started, kind, self.now_s, limit.began(kind, self.now_s, out=out)))
            while waiting and len(working) < self.knee:
                number, kind, began_s, trip = waiting.pop(0)
                needs_s = self.pace(self.now_s) * (10 if kind == "slow" else 1) * self.random.uniform(0.85, 1.15)
                heapq.heappush(working, (self.now_s + needs_s, number, began_s, trip))
            self.now_s, _, began_s, trip = heapq.heappop(working)
            out -= 1
            self.answers.append((self.now_s, self.now_s - began_s))
            limit.answered(trip, self.now_s)
        return self.now_s

    def calm(self):
        """The share of seconds in which the 95th percentile of the latency was under twice the unloaded one."""
        seconds = {}
        for ended_s, took_s in self.answers:
            seconds.setdefault(int(ended_s), []).append(took_s)
        return sum(sorted(took)[int(0.95 * (len(took) - 1))] < 2 * LATENCY_S for took in seconds.values()) / len(seconds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("knee", [4, 16, 64])
def test_limit_finds_the_best_concurrency(knee, seed):
    """
    Told nothing it takes at most 15 % longer than the best fixed concurrency, and PM's latency stays under twice the unloaded one nine tenths of the time.
    """
    rows = 100 * knee
    best_s = min(QueueingPm(knee, seed=seed).serve(Fixed(places), rows) for places in (knee, knee + 1, 2 * knee))
    pm = QueueingPm(knee, seed=seed)
    assert pm.serve(Limit(100), rows) <= 1.15 * best_s
    assert pm.calm() >= 0.9


@pytest.mark.parametrize("factor", [0.5, 2.0], ids=["faster", "slower"])
@pytest.mark.parametrize("seed", range(5))
def test_limit_follows_a_pm_that_changes_by_itself(seed, factor):
    """
    A PM whose every answer takes another time from some moment on is used as well as before.
    """
    pm, limit = QueueingPm(16, seed=seed, pace=lambda now_s: LATENCY_S * (factor if now_s > 20 else 1)), Limit(100)
    pm.serve(limit, 4_000)
    last_s = pm.answers[-1][0] - pm.answers[-800][0]
    assert last_s <= 1.15 * 800 / 16 * LATENCY_S * factor


def test_slow_kind_is_no_load():
    """
    Requests that take ten times as long as those before them do not lower the limit, because each kind is compared with itself.
    """
    pm, limit = QueueingPm(16, kinds=("fast", "slow")), Limit(100)
    pm.serve(limit, 2_000)
    assert 14 <= limit.places <= 26


class Together:
    """A PM that answers all that is out at the same moment."""

    def __init__(self, limit):
        self.limit = limit
        self.now_s = 0.0

    def begin(self, count, *, out=None):
        """Requests that leave now."""
        return [self.limit.began("create", self.now_s, out=out or self.limit.places) for _ in range(count)]

    def answer(self, latency_s, *, count=None, out=None):
        """One round trip of *count* requests, or of as many as there are places."""
        trips = self.begin(count or self.limit.places, out=out)
        self.now_s += latency_s
        for trip in trips:
            self.limit.answered(trip, self.now_s)

    def refuse(self, count):
        """One round trip at the end of which PM has too much to do."""
        trips = self.begin(count)
        self.now_s += 0.1
        for trip in trips:
            self.limit.overloaded(trip, self.now_s)


def test_limit_doubles_until_latency_rises():
    """
    It begins small and doubles with each round trip, and goes back to PM's capacity when that is passed.
    """
    limit, places = Limit(100), []
    pm = Together(limit)
    for latency_s in (0.1, 0.1, 0.1, 0.2, 0.2):
        places.append(limit.places)
        pm.answer(latency_s)
    assert ([4, 8, 16, 32], True) == (places[:4], 16 <= places[4] <= 19)


def test_limit_grows_only_while_it_is_used():
    """
    Where few requests are out, nothing is known about more.
    """
    limit = Limit(100)
    pm = Together(limit)
    for _ in range(100):
        pm.answer(0.1, count=1, out=1)
    assert 4 == limit.places


def test_ceiling_is_never_passed():
    """
    A PM that bears everything gets as much as the user allows.
    """
    limit, most = Limit(10), 0
    pm = Together(limit)
    for _ in range(500):
        pm.answer(0.1)
        most = max(most, limit.places)
    assert 10 == most


def test_refusals_of_one_round_trip_are_one():
    """
    Requests that were out together and are refused together lower the limit once; one that began later lowers it again.
    """
    limit = Limit(100)
    pm = Together(limit)
    pm.answer(0.1)
    pm.refuse(8)
    once = limit.places
    pm.refuse(1)
    assert (5, 3) == (once, limit.places)


def test_limit_recovers_from_a_series_of_refusals():
    """
    After many refusals one request at a time is left, and some round trips without any bring the limit back.
    """
    limit, trips = Limit(100), 0
    pm = Together(limit)
    while limit.places < 32:
        pm.answer(0.1)
    for _ in range(30):
        pm.refuse(1)
    least = limit.places
    while limit.places < 20 and trips < 200:
        pm.answer(0.1)
        trips += 1
    assert (1, True) == (least, trips < 60)


def test_requests_in_lanes_tell_no_latency_but_refusals():
    """
    A telephony write may take as long as it likes; one that is refused for PM's load lowers the limit all the same.
    """
    limit = Limit(100)
    for seconds in range(50):
        limit.answered(limit.began("slow", float(seconds), out=None), seconds + 30.0)
    before = limit.places
    limit.overloaded(limit.began("slow", 100.0, out=None), 101.0)
    assert (4, 2) == (before, limit.places)


def test_lost_requests_tell_nothing():
    """
    While nothing is answered the limit neither grows nor sinks.
    """
    limit = Limit(100)
    for seconds in range(100):
        limit.lost(limit.began("create", float(seconds), out=4), seconds + 0.1)
    assert 4 == limit.places


@given(
    st.integers(1, 256), st.lists(st.tuples(st.sampled_from(["answered", "lost", "overloaded"]), st.sampled_from("abc"), st.floats(0, 200)))
)
def test_limit_stays_between_one_and_the_ceiling(ceiling, ends):
    """
    Whatever happens, at least one request may be out and never more than the ceiling.
    """
    limit, now_s = Limit(ceiling), 0.0
    for end, kind, seconds in ends:
        trip = limit.began(kind, now_s, out=limit.places)
        now_s += seconds
        getattr(limit, end)(trip, now_s)
        assert 1 <= limit.places <= ceiling
