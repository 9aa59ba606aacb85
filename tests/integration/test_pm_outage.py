from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from pmbulk.door.options import RunOptions
from pmbulk.door.running import Target, resume_job, run_job
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings, running
from tests.support import PASSWORD, applied_twice, rows_of, statuses, wait_for

ROWS = 150


class Switchable:
    """A simulated PM that can be stopped and started again at its address: what it holds is kept, its tokens are lost."""

    def __init__(self, settings):
        self._settings = settings
        self._stack = ExitStack()
        self.lives = []

    def on(self):
        """Start, or start again."""
        world = self.lives[-1].world if self.lives else None
        self.lives.append(self._stack.enter_context(running(self._settings, world=world)))
        self._settings = replace(self._settings, port=int(self.lives[-1].url.rpartition(":")[2]))

    def off(self):
        """Cut every connection, and listen no more."""
        self._stack.close()

    @property
    def requests(self):
        """What arrived in all its lives."""
        return [arrival for life in self.lives for arrival in life.requests]


@pytest.fixture
def switchable():
    """
    A PM that takes its time, so that it is stopped with requests in flight.
    """
    pm = Switchable(SimulatorSettings(password=PASSWORD, latency_s=0.02))
    pm.on()
    yield pm
    pm.off()


@pytest.fixture
def target(switchable, tmp_path):
    """
    The way to it.
    """
    return Target(Connection(switchable.lives[0].url, "admin", Secret(PASSWORD)), tmp_path / "state")


@pytest.fixture
def users(workbook):
    """
    A workbook of users in a new department, some with an extension to be made before.
    """
    rows = [["userId", "firstName", "lastName", "newPassword", "department"]]
    rows += [[f"out{number:03}", "Out", str(number), "Welcome-1234!", "Company/Outage"] for number in range(ROWS)]
    extensions = [["subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile"]]
    extensions += [["MX1", str(1600 + number), 1, 1] for number in range(20)]
    return workbook({"users": rows, "departments": [["path", "location"], ["Company/Outage", "Stockholm"]], "ip_extensions": extensions})


def meddling(pm, *, back):
    """A listener that stops PM in mid-run, and starts it again, if *back*, once the run has noticed."""
    threads = []

    def meddle(watch):
        tick = threading.Event()
        while sum(watch.stats.outcomes.values()) < ROWS // 3:
            tick.wait(0.005)
        pm.off()
        while back and not watch.stats.outage:
            tick.wait(0.005)
        if back:
            pm.on()

    def watch(watch):
        threads.append(threading.Thread(target=meddle, args=(watch,)))
        threads[0].start()

    return watch, threads


@pytest.mark.slow
def test_pm_restarted_in_mid_run(switchable, target, users):
    """
    A run outlives PM's restart: every row succeeds, nothing is done twice, and one login replaces the tokens that were lost.
    """
    watch, threads = meddling(switchable, back=True)
    result = run_job(users, target, options=RunOptions(failures_max=0), watch=watch)
    threads[0].join()
    assert (0, None) == (result.exit_code, result.stopped_by)
    assert {} == applied_twice(switchable)
    assert [1, 1] == [sum(arrival.operation == "login" for arrival in life.requests) for life in switchable.lives]
    assert {f"out{number:03}" for number in range(ROWS)} <= {user.body["userId"] for user in switchable.lives[-1].world.users.values()}


@pytest.mark.slow
def test_pm_that_stays_away_stops_the_run(switchable, target, users):
    """
    At the deadline the run stops with exit code 4 and no row has failed; resume does the rest when PM is there again.
    """
    watch, threads = meddling(switchable, back=False)
    result = run_job(users, target, options=RunOptions(outage_max_s=1.5), watch=watch)
    threads[0].join()
    said = str(result.stopped_by)
    assert 4 == result.exit_code
    assert said.startswith(
        "PM has not answered for 1.5 seconds (PM cannot be reached: nothing listens at this address; check host and port.)"
    )
    assert {"succeeded", "not_run", "unknown"} >= set(statuses(result.results, "users"))
    assert "not_run" in statuses(result.results, "users")
    switchable.on()
    resumed = resume_job(None, lambda _facts: target, target.state_dir)
    assert (0, None) == (resumed.exit_code, resumed.stopped_by)
    assert {"succeeded"} == set(statuses(resumed.results, "users")) | set(statuses(resumed.results, "ip_extensions"))
    assert [number + 2 for number in range(ROWS)] == [row["_row"] for row in rows_of(resumed.results, "users")]
    assert {} == applied_twice(switchable)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no Ctrl-C can be sent to one process")
@pytest.mark.parametrize("away", [True, False], ids=["outage", "wait"])
def test_ctrl_c_ends_a_pause_at_once(command, pm, users, away):
    """
    Whoever presses Ctrl-C while everybody waits does not wait for it: results are written, and the job can be resumed.
    """
    fault = Fault(kind=FaultKind.RESET_BEFORE) if away else Fault(kind=FaultKind.STATUS, match="createUser", status=429, retry_after="120")
    process = command.start("run", users, "-q", "-v")
    lines = iter(process.stdout.readline, "")
    try:
        wait_for(pm, 20, process)
        pm.faults.add(fault)
        paused = 0
        while paused < (3 if away else 1):
            paused += "run.paused" in next(lines)
        asked_at = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
    finally:
        process.kill()
        process.communicate()
    assert 130 == process.returncode, said
    assert time.monotonic() - asked_at < 15.0
    assert "pmbulk resume" in said
    pm.faults.clear()
    command("resume", check=0)
    assert {} == applied_twice(pm)
