from __future__ import annotations

import subprocess
import sys

import pytest

TELL = "from pmbulk.narration import Narrator; log = Narrator('pmbulk.x'); log.info('run.paused', wait_s=1); log.warning('run.stopped')"


def test_a_library_is_silent():
    """
    A script that has configured nothing reads nothing of ours, neither on stdout nor on stderr.
    """
    done = subprocess.run([sys.executable, "-c", TELL], capture_output=True, text=True, check=True)
    assert ("", "") == (done.stdout, done.stderr)


def test_a_script_can_listen():
    """
    One handler on the logger ``pmbulk`` brings the events out.
    """
    listen = "import logging; logging.basicConfig(format='%(name)s %(message)s');"
    done = subprocess.run([sys.executable, "-c", listen + TELL], capture_output=True, text=True, check=True)
    assert ("", True, False) == (done.stdout, "pmbulk.x" in done.stderr and "run.stopped" in done.stderr, "run.paused" in done.stderr)


@pytest.mark.parametrize(("verbosity", "told"), [(0, []), (1, ["run.paused", "run.stopped"])], ids=["usual", "verbose"])
def test_the_command_line_tells_on_stderr(verbosity, told):
    """
    Events come out once each, on stderr, and only where they were asked for.
    """
    configure = f"from pmbulk.cli.logs import configure_logs; configure_logs(0); configure_logs({verbosity});"
    done = subprocess.run([sys.executable, "-c", configure + TELL], capture_output=True, text=True, check=True)
    assert ("", told) == (done.stdout, [word for line in done.stderr.splitlines() for word in line.split() if word.startswith("run.")])
