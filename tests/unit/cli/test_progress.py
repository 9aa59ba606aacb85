from __future__ import annotations

import io
import threading
import time

import pytest

from pmbulk.cli.progress import Progress, figures
from pmbulk.door.running import Watch
from pmbulk.jobs.stats import RunStats


@pytest.mark.parametrize(
    ("outage", "told"), [(False, "PM asked to wait, 30 s left"), (True, "PM does not answer, asked again in 30 s")], ids=["asked", "away"]
)
def test_a_pause_says_why_and_how_long(outage, told):
    """
    Whoever looks at a run that stands still reads what it waits for.
    """
    line = figures(Watch(stats=RunStats(rows=9, outage=outage, paused_until=time.monotonic() + 30.4)))
    assert told == line.split(" · ")[1]


class Screen(io.StringIO):
    """A terminal; *told* is set once *words* were written to it."""

    def __init__(self, words):
        super().__init__()
        self.told = threading.Event()
        self._words = words

    def isatty(self):
        """It is one."""
        return True

    def write(self, text):
        """Take *text* as terminals do."""
        super().write(text)
        if self._words in self.getvalue():
            self.told.set()
        return len(text)


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_narrow_terminals_show_what_matters(terminal, monkeypatch):
    """
    On 80 columns the line says what a run waits for; a terminal that only prints gets lines. What is said meanwhile stands above.
    """
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("pmbulk.cli.progress._HEARTBEAT_S", 0.01)
    stats = RunStats(rows=90_000, in_flight=26, places=16, retries=129, aside=25, paused_until=time.monotonic() + 600)
    screen = Screen(" s left")
    watch = Watch(stats=stats, latencies_s=[0.337] * 9)
    with Progress(screen) as progress:
        progress.watch(watch)
        assert screen.told.wait(20), screen.getvalue()
        progress.say("Finishing the rows in flight.")
    assert "Finishing the rows in flight.\n" in screen.getvalue()
