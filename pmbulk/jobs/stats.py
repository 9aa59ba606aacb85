"""The live figures of a run, for whoever shows them; it holds no rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pmbulk.errors import Outcome

__all__ = ["RunStats"]


@dataclass(slots=True)
class RunStats:
    """
    What is going on, for whoever shows it.

    *in_flight* rows are with a worker, *aside* are waiting for their next attempt; *places* is how many requests PM is taken to bear at once (0: not
    known yet). Until the clock's monotonic second *paused_until* everyone waits (`None`: nobody does), because PM asked for it or, where *outage* is
    true, because PM does not answer and is asked again then.
    """

    rows: int = 0
    in_flight: int = 0
    aside: int = 0
    retries: int = 0
    places: int = 0
    paused_until: float | None = None
    outage: bool = False
    outcomes: Counter[Outcome] = field(default_factory=Counter)
