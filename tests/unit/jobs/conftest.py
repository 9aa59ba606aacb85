# ruff: noqa: D102 - the doubles' methods are documented in the protocols they stand for
"""
A clock that is turned by waiting, a journal in memory, and a PM of a few lines, for the tests of `pmbulk.jobs`.
"""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from random import Random

import anyio
import pytest
from anyio.lowlevel import checkpoint

from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import TERMINAL, AmbiguousError, TransientError
from pmbulk.jobs.journal import JobFacts, JournalledRow, OpenAttempt, RowFacts, Settlement, SheetFacts
from pmbulk.jobs.order import RowNode, put_in_order
from pmbulk.jobs.runner import RunSettings, run_rows
from pmbulk.jobs.sqlite_journal import SqliteJournal

START = datetime(2026, 11, 23, 20, 56, 32, tzinfo=UTC)
FACTS = JobFacts(
    "20261123-205632-k3f9", "users.xlsx", "ab12", "https://pm.example", "admin", "7.6", "12", '{"strict":true}', START, "0.1.0"
)
SHEETS = (SheetFacts(0, "users", "users", ("userId", "password")), SheetFacts(1, "Departments", "departments", ("path",)))


class FakeClock:
    """Stands still while anything else can run; then it is the moment that the first sleeper waits for."""

    def __init__(self):
        self.now = 0.0
        self.slept = []
        self._dues = []

    def monotonic(self):
        return self.now

    def utc_now(self):
        return START + timedelta(seconds=self.now)

    async def sleep(self, seconds):
        due = self.now + seconds
        self.slept.append(seconds)
        self._dues.append(due)
        try:
            while self.now < due:
                for _ in range(20):
                    await checkpoint()
                if due == min(self._dues):
                    self.now = max(self.now, due)
        finally:
            self._dues.remove(due)


class MemoryJournal:
    """Keeps the contract of `Journal` in memory; what was not made durable is lost by `crash`."""

    def __init__(self, facts=FACTS, sheets=SHEETS):
        self.job, self.job_sheets = facts, sheets
        self.kept_rows, self.attempts, self.settlements, self.texts = {}, [], {}, {}
        self._lines = []
        self._broken = None
        self.kill = lambda _point: None

    def add_rows(self, rows):
        for row in list(rows):
            self.kept_rows[row.ordinal] = row
            if row.settlement is not None:
                self.settlements[row.ordinal] = self._ours(row.settlement)

    async def sent(self, ordinal, step, *, attempt, sent_at):
        self.kill("before sent")
        self._lines.append(("sent", ordinal, step, attempt, sent_at))
        await self.flush()
        self.kill("after sent")

    def keep(self, ordinal, text):
        self._lines.append(("keep", ordinal, text))

    def kept(self, ordinal):
        return self.texts.get(ordinal, "")

    def settle(self, ordinal, settlement):
        self.kill("before settle")
        if self._broken:
            raise self._broken
        self._lines.append(("settle", ordinal, self._ours(settlement)))
        self.kill("after settle")

    async def flush(self):
        await checkpoint()
        lines, self._lines = self._lines, []
        if self._broken:
            raise self._broken
        before = (list(self.attempts), dict(self.settlements))
        for kind, ordinal, *values in lines:
            taken = any(attempt[:3] == (ordinal, *values[:2]) for attempt in self.attempts) if kind == "sent" else False
            if ordinal in self.settlements or ordinal not in self.kept_rows or taken:
                self.attempts, self.settlements = before
                self._broken = ValueError("the journal refuses this change")
                raise self._broken
            if kind == "sent":
                self.attempts.append((ordinal, *values))
            elif kind == "keep":
                self.texts[ordinal] = values[0]
            else:
                self.settlements[ordinal] = values[0]

    def crash(self):
        self._lines.clear()

    async def finish(self, state, *, finished_at, results_path=""):
        await self.flush()
        values = {name: getattr(self.job, name) for name in JobFacts.__slots__}
        self.job = JobFacts(**values | {"state": state, "finished_at": finished_at, "results_path": results_path})

    def facts(self):
        return self.job

    def sheets(self):
        return self.job_sheets

    def identify(self, ordinals):
        for ordinal, object_id in ordinals.items():
            values = {name: getattr(self.settlements[ordinal], name) for name in Settlement.__slots__}
            self.settlements[ordinal] = Settlement(**values | {"object_id": object_id})

    def identified(self):
        return frozenset(ordinal for ordinal, settlement in self.settlements.items() if settlement.object_id)

    def settled(self):
        return {ordinal: settlement.outcome for ordinal, settlement in self.settlements.items()}

    def rows(self, sheet=None, *, done=True):
        for ordinal, row in sorted(self.kept_rows.items()):
            settlement = self.settlements.get(ordinal)
            if sheet in (None, row.sheet) and (done or settlement is None or settlement.outcome not in TERMINAL):
                bare = RowFacts(**{name: getattr(row, name) for name in RowFacts.__slots__} | {"settlement": None})
                sent = sum(attempt[0] == ordinal for attempt in self.attempts)
                yield JournalledRow(bare, self.settlements.get(ordinal), sent=sent)

    def open_attempts(self):
        last = {}
        for ordinal, step, attempt, _sent_at in self.attempts:
            if ordinal not in self.settlements:
                last[ordinal, step] = OpenAttempt(ordinal, step, attempt)
        return tuple(sorted(last.values(), key=lambda attempt: attempt.ordinal))

    def counts(self):
        positions = {row.facts.sheet for row in self.rows()}
        return {position: dict(Counter(row.outcome for row in self.rows(position))) for position in positions}

    def close(self):
        pass

    def _ours(self, settlement):
        values = {name: getattr(settlement, name) for name in type(settlement).__slots__}
        return type(settlement)(**values | {"job": settlement.job or self.job.id})


class FakePm:
    """Objects by row, each with the number of times it was made; *faults* and *read_faults* are raised in turn, by row."""

    def __init__(self):
        self.made = Counter()
        self.sends, self.reads, self.prepared = [], [], []
        self.faults, self.read_faults, self.prepare_faults, self.standings = {}, {}, {}, {}
        self.steps = ("create",)
        self.repeatable = self.reads_first = False
        self.nothing = set()
        self.in_flight = self.most_in_flight = 0
        self.rows_in_flight, self.met = set(), set()
        self.probes = []
        self.down = False
        self.room = None
        self.kill = lambda _point: None

    async def probe(self):
        """Answers unless PM is down."""
        await checkpoint()
        self.probes.append(self.down)
        if self.down:
            raise self.gone()

    def gone(self):
        """What every request comes to while PM is down."""
        return TransientError("PM cannot be reached", code="UNREACHABLE", unanswered=True)

    def operation(self, ordinal):
        return _Operation(self, ordinal)

    def lost(self, *, effect):
        """A fault whose reply is lost, with or without the request's effect."""
        return AmbiguousError("PM did not answer in time", code="TIMEOUT"), effect


class _Operation:
    label = "user anna"

    def __init__(self, pm, ordinal):
        self.pm, self.ordinal = pm, ordinal

    async def prepare(self):
        self.pm.kill("prepare")
        self.pm.prepared.append(self.ordinal)
        await checkpoint()
        if self.pm.down and self.pm.reads_first:
            raise self.pm.gone()
        if faults := self.pm.prepare_faults.get(self.ordinal):
            raise faults.pop(0)
        if self.ordinal in self.pm.nothing:
            return Plan(Verdict.NOTHING, message="already so")
        return Plan(Verdict.CREATE, tuple(self.step(name) for name in self.pm.steps))

    def step(self, name):
        pm, key = self.pm, (self.ordinal, name)

        async def send():
            async with pm.room.place(name, in_lane=False) if pm.room else nullcontext():
                return await arrive()

        async def arrive():
            pm.kill("before send")
            pm.sends.append(key)
            pm.in_flight += 1
            pm.most_in_flight = max(pm.most_in_flight, pm.in_flight)
            pm.met |= {(row, self.ordinal) for row in pm.rows_in_flight}
            pm.rows_in_flight.add(self.ordinal)
            try:
                await checkpoint()
                fault, effect = (pm.gone(), False) if pm.down else (None, True)
                if faults := pm.faults.get(self.ordinal):
                    fault = faults.pop(0)
                    fault, effect = fault if isinstance(fault, tuple) else (fault, False)
                if effect:
                    pm.made[key] += 1
                pm.kill("after send")
                if fault is not None:
                    raise fault
                return Reply(201, f"id{self.ordinal}")
            finally:
                pm.in_flight -= 1
                pm.rows_in_flight.discard(self.ordinal)

        async def reconcile():
            pm.kill("reconcile")
            pm.reads.append(key)
            await checkpoint()
            if pm.down:
                raise pm.gone()
            if faults := pm.read_faults.get(self.ordinal):
                raise faults.pop(0)
            if standings := pm.standings.get(self.ordinal):
                return standings.pop(0)
            return Standing(key in pm.made, id=f"id{self.ordinal}")

        return Step(name, pm.repeatable, send, reconcile)


@pytest.fixture
def start():
    """When all jobs of these tests began."""
    return START


@pytest.fixture
def job_facts():
    """The facts of the one job."""
    return FACTS


@pytest.fixture
def job_sheets():
    """The sheets of the one job."""
    return SHEETS


@pytest.fixture
def clock():
    """A clock that nobody waits for in earnest."""
    return FakeClock()


@pytest.fixture
def pm():
    """An empty PM."""
    return FakePm()


@pytest.fixture
def memory_journal():
    """A journal in memory."""
    return MemoryJournal()


@pytest.fixture(params=["memory", "sqlite"])
def journal(request, tmp_path):
    """Each implementation of `Journal` in turn."""
    journal = MemoryJournal() if request.param == "memory" else SqliteJournal.create(tmp_path / "jobs" / f"{FACTS.id}.db", FACTS, SHEETS)
    yield journal
    journal.close()


@pytest.fixture
def add_rows():
    """Fills a journal with a number of plain rows."""

    def add(journal, count, *, sheet=0):
        journal.add_rows(RowFacts(n, sheet, n + 2, b"\x01\x02", f'["u{n}"]') for n in range(count))

    return add


@pytest.fixture
def run(pm, clock, add_rows):
    """Runs plain rows, or the given nodes, against the fake PM; rows are called ``users!row N``."""

    async def run(
        journal,
        rows=1,
        *,
        nodes=None,
        lanes=None,
        concurrency=4,
        per_lane=1,
        failures_max=None,
        failures_max_percent=None,
        stop_at=None,
        service=None,
        **options,
    ):
        nodes = nodes or [RowNode(n, 0) for n in range(rows)]
        if not list(journal.rows()):
            add_rows(journal, len(nodes))
        settings = RunSettings(
            concurrency=concurrency,
            per_lane=per_lane,
            failures_max=failures_max,
            failures_max_percent=failures_max_percent,
            stop_at=stop_at,
        )
        with anyio.fail_after(20):
            return await run_rows(
                put_in_order(nodes),
                journal,
                operations=(service or pm).operation,
                lanes_of=lambda ordinal: (lanes[ordinal] or "") if lanes else "",
                name_of=lambda ordinal: f"users!row {ordinal + 2}",
                probe=pm.probe,
                settings=settings,
                clock=clock,
                random=Random(7),
                **options,
            )

    return run


@pytest.fixture
def settlements():
    """What became of each row, by ordinal; `None` where it was not settled."""
    return lambda journal: {row.facts.ordinal: row.settlement for row in journal.rows()}


@pytest.fixture
def outcomes():
    """The outcome of each row, in order."""
    return lambda journal: [row.outcome.value for row in journal.rows()]
