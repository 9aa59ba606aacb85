"""
A move with every fault at every one of its requests, one at a time, and where it ends: ``python -m tests.faults.moves`` from the top.

The table of the README comes from here; pytest runs a part of it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from tests.faults.moving import KINDS, Case, Ending, cases, ended, rehearsed

__all__ = ["main"]


def main() -> int:
    """Move again and again, and show where it ended; 0 if every end is a declared one."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.moves", description=__doc__)
    parser.add_argument("--stage", action="append", help="one part of the move; may be repeated")
    parser.add_argument("--kind", action="append", choices=[*KINDS], help="one kind of fault; may be repeated")
    parser.add_argument("--request", action="append", help="one operation; may be repeated")
    parser.add_argument("--crash", action=argparse.BooleanOptionalAction, default=None, help="only, or no, kills of the process")
    parser.add_argument("--processes", type=int, default=2, help="moves side by side")
    options = parser.parse_args()
    _be_quiet()
    with tempfile.TemporaryDirectory(prefix="pmbulk-moves-") as name:
        folder = Path(name)
        before, moved, stages = rehearsed(folder)
        chosen = [
            case
            for case in cases(stages)
            if (not options.stage or case.stage.name in options.stage)
            and (not options.kind or case.kind in options.kind)
            and (not options.request or case.request.operation in options.request)
            and options.crash in {None, case.crash}
        ]
        with ProcessPoolExecutor(options.processes, initializer=_be_quiet) as pool:
            endings = list(pool.map(partial(_ended, folder=folder, before=before, moved=moved), enumerate(chosen)))
    _show(chosen, endings)
    return 0 if all(ending.declared for ending in endings) else 1


def _ended(numbered: tuple[int, Case], folder: Path, before: dict[str, Any], moved: dict[str, Any]) -> Ending:
    number, case = numbered
    try:
        return ended(case, folder / str(number), before, moved)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is an end that nobody declared
        return Ending("broken", str(error), f"{type(error).__name__}: {error}")


def _show(chosen: list[Case], endings: list[Ending]) -> None:
    """One line for each request, one column for each declared end, then what is none, and the sums."""
    names = sorted({ending.name for ending in endings if ending.declared})
    lines = Counter((case.stage.name, str(case.request), ending.name) for case, ending in zip(chosen, endings, strict=True))
    said = [f"{'stage':24}{'request':32}" + "".join(name.rjust(22) for name in names)]
    for stage, request in dict.fromkeys((case.stage.name, str(case.request)) for case in chosen):
        said.append(f"{stage:24}{request:32}" + "".join(str(lines[stage, request, name] or "").rjust(22) for name in names))
    sums = Counter(ending.name if ending.declared else "NOT DECLARED" for ending in endings)
    said.append(f"{len(chosen)} faults: " + ", ".join(f"{count} {name}" for name, count in sums.most_common()))
    said += [f"{case}: {ending.name}; {ending.message}" for case, ending in zip(chosen, endings, strict=True) if not ending.declared]
    sys.stdout.write("\n".join(said) + "\n")
    sys.stdout.flush()


def _be_quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


if __name__ == "__main__":
    sys.exit(main())
