"""
The fault suite in full: every kind of fault alone and all of them mixed, over many seeds: ``python -m tests.faults`` from the top.

The figures of the README come from here; pytest runs a smaller one.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import structlog

from pmbulk.cli.chaos import Figures, rehearse
from pmbulk.simulator import FaultKind


def main() -> int:
    """Rehearse, and show the figures of each kind of fault as soon as they are there; 0 if nothing contradicts the simulator's books."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rows", type=int, default=1000, help="rows of each run")
    parser.add_argument("--seeds", type=int, default=20, help="runs of each kind of fault")
    parser.add_argument("--probability", type=float, default=0.1, help="share of the requests that a fault strikes")
    parser.add_argument("--only", action="append", choices=[*FaultKind, "mixed"], help="one kind; may be repeated")
    parser.add_argument("--processes", type=int, default=2, help="runs side by side")
    options = parser.parse_args()
    total = Figures("all")
    _say(Figures.headline())
    with ProcessPoolExecutor(options.processes, initializer=_be_quiet) as pool:
        for name in options.only or [*FaultKind, "mixed"]:
            one = partial(_rehearsed, str(name), options.rows, options.probability)
            figures = sum(pool.map(one, range(1, options.seeds + 1)), start=Figures(str(name)))
            _say(figures.line(), *figures.contradictions)
            total += figures
    _say(total.line())
    return 1 if total.contradictions else 0


def _rehearsed(name: str, rows: int, probability: float, seed: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="pmbulk-faults-") as folder:
        kind = None if name == "mixed" else FaultKind(name)
        return rehearse(kind, seed=seed, rows=rows, folder=Path(folder), probability=probability)


def _be_quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
