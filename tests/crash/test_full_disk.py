from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pmbulk.simulator import SimulatorSettings
from tests.support import PASSWORD, applied_twice, statuses

ROWS = 300
#: The journal's log of changes passes this in mid-run.
ROOM_BYTES = 1_000_000
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from pmbulk.cli.main import main
main()
"""


@pytest.fixture
def settings():
    """
    A PM that takes its time, so that the disk fills up with requests in flight.
    """
    return SimulatorSettings(password=PASSWORD, latency_s=0.01)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a file's size cannot be limited")
def test_a_full_disk_stops_the_run(command, workbook, pm):
    """
    When the journal cannot be written, nothing more is sent, the message says what to do, and resume does the rest without repeating anything.
    """
    rows = [[f"d{number:04}", "Dee", str(number), "Welcome-1234!"] for number in range(ROWS)]
    path = workbook({"users": [["userId", "firstName", "lastName", "newPassword"], *rows]})
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(ROOM_BYTES), "run", str(path), "--yes", "-q"],
        env=command.environment,
        cwd=command.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert 4 == done.returncode, said
    assert "Traceback" not in said
    assert "see to it that the disk has room and the file may be written, then resume the job" in said
    made = sum(arrival.operation == "createUser" for arrival in pm.requests)
    assert 0 < made < ROWS
    command("resume", check=0)
    assert ["succeeded"] * ROWS == statuses(path.with_name("input.results.xlsx"), "users")
    assert {} == applied_twice(pm)
