from __future__ import annotations

import time

import pytest

from pmbulk.cli.progress import figures
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
    assert told == line.split(" · ")[-1]
