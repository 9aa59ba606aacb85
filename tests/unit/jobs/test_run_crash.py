from __future__ import annotations

import itertools

import pytest

from pmbulk.errors import TERMINAL, TransientError


class KilledError(Exception):
    """Stands for the process's death."""


class Killer:
    """Kills at the point of the given number."""

    def __init__(self, number):
        self.left = number

    def __call__(self, point):
        """Count a point."""
        self.left -= 1
        if self.left <= 0:
            raise KilledError(point)


async def run_killed_at(number, journal, pm, run):
    """Kill the run at its point *number*, then resume it to its end; says whether there was such a point."""
    killer = Killer(number)
    journal.kill = pm.kill = killer
    try:
        await run(journal, 6, concurrency=3, service=pm)
    except* KilledError:
        journal.crash()
    journal.kill = pm.kill = lambda _point: None
    finished = {row.facts.ordinal: row.outcome in TERMINAL for row in journal.rows() if row.settlement is not None}
    await run(journal, 6, concurrency=3, service=pm, finished=finished, open_attempts=journal.open_attempts())
    return killer.left <= 0


@pytest.mark.parametrize("steps", [("create",), ("create", "link")], ids=["one step", "two steps"])
async def test_kill_at_any_point_loses_and_repeats_nothing(memory_journal, run, pm, steps):
    """
    Wherever the process dies, a resume leaves every row succeeded and every step done exactly once.
    """
    for number in itertools.count(1):
        journal, service = type(memory_journal)(), type(pm)()
        service.steps = steps
        service.faults = {1: [service.lost(effect=True)], 2: [service.lost(effect=False)], 3: [TransientError("busy")]}
        killed = await run_killed_at(number, journal, service, run)
        assert ["succeeded"] * 6 == [row.outcome.value for row in journal.rows()], number
        assert {(ordinal, step): 1 for ordinal in range(6) for step in steps} == dict(service.made), number
        if not killed:
            assert number > 30
            return
