from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from random import Random

import pytest

from pmbulk.simulator import SimulatorSettings
from tests.support import PASSWORD, applied_twice, rows_of, statuses

USERS = 300


@pytest.fixture
def settings():
    """
    A PM that takes its time, so that a kill meets requests in flight.
    """
    return SimulatorSettings(password=PASSWORD, latency_s=0.02)


def settled(state):
    """How many rows the journal holds an outcome of."""
    (path,) = (state / "jobs").glob("*.db")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
        return journal.execute("SELECT count(*) FROM settlements").fetchone()[0]


def kill_after(process, pm, requests):
    """Kill the process once PM has got that many more requests."""
    wanted = len(pm.requests) + requests
    while len(pm.requests) < wanted:
        try:
            process.wait(timeout=0.005)
            break
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_run_is_resumed_without_loss_or_repetition(command, workbook, pm, tmp_path, seed):
    """
    A run that is killed at a random moment, twice, and resumed ends with every row succeeded, and PM did nothing twice.
    """
    random = Random(seed)
    rows = [["userId", "firstName", "lastName", "newPassword", "department"]]
    rows += [[f"k{number:04}", "Kim", str(number), "Welcome-1234!", "Company/Crash/Test"] for number in range(USERS)]
    path = workbook(
        {"users": rows, "departments": [["path", "location"], ["Company/Crash/Test", "Stockholm"], ["Company/Crash", "Stockholm"]]}
    )
    kill_after(command.start("run", path, "--concurrency", "16", "-q"), pm, random.randrange(30, USERS // 3))
    kill_after(command.start("resume", "-q"), pm, random.randrange(30, USERS // 3))
    before = settled(tmp_path / "state")
    command("resume", check=0)
    results = path.with_name("input.results.xlsx")
    assert before < USERS + 2
    assert ["succeeded"] * USERS == statuses(results, "users")
    assert ["succeeded"] * 2 == statuses(results, "departments")
    assert {} == applied_twice(pm)
    assert {f"k{number:04}" for number in range(USERS)} <= {user.body["userId"] for user in pm.world.users.values()}
    assert [number + 2 for number in range(USERS)] == [row["_row"] for row in rows_of(results, "users")]
