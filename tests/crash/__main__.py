"""
The crash suite by itself, on as many jobs as one likes: ``python -m tests.crash`` from the top.

Each job is killed at random moments and resumed each time; the figures are those of the fault suite.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash.killing import Figures, killed_and_resumed


def main() -> int:
    """Kill, resume, and show the figures of each job; 0 if nothing contradicts the simulator's books."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--rows", type=int, default=450, help="rows of each job")
    parser.add_argument("--kills", type=int, default=50, help="how often each job is killed")
    parser.add_argument("--seeds", type=int, default=1, help="how many jobs")
    parser.add_argument("--probability", type=float, default=0.0, help="share of the requests that a fault strikes besides")
    options = parser.parse_args()
    total = Figures("killed")
    sys.stdout.write(Figures.headline() + "\n")
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory(prefix="pmbulk-crash-") as folder:
            figures = killed_and_resumed(Path(folder), seed=seed, rows=options.rows, kills=options.kills, probability=options.probability)
        sys.stdout.write("\n".join([figures.line(), *figures.contradictions]) + "\n")
        sys.stdout.flush()
        total += figures
    return 1 if total.contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
