"""
How fast pmbulk is, measured side by side with what a user would write instead: ``python -m tests.benchmarks`` from the top.

Self-contained and no part of the test run. Ratios count, not seconds: they are formed within each round, and what lies between brackets is the noise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.cases import CASES, Table


def main() -> None:
    """Run the cases and show each as soon as it is done."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure pmbulk beside what a user would write instead."
    )
    parser.add_argument("--only", choices=CASES, metavar="NAME", action="append", help=f"one case ({', '.join(CASES)}); may be repeated")
    parser.add_argument("--quick", action="store_true", help="smaller workbooks and fewer rounds: tells whether it works, not how fast")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    options = parser.parse_args()
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    tables: dict[str, Table] = {}
    if not options.json:
        _say(machine)
    with tempfile.TemporaryDirectory(prefix="pmbulk-benchmark-") as folder:
        for name in options.only or CASES:
            tables[name] = CASES[name](Path(folder), quick=options.quick)
            if not options.json:
                _say("", *_lines(tables[name]))
    if options.json:
        found = {
            name: asdict(table) | {"aims": [asdict(aim) | {"reached": aim.reached} for aim in table.aims]} for name, table in tables.items()
        }
        _say(json.dumps({"machine": machine, "quick": options.quick, "cases": found}, indent=2, ensure_ascii=False))


def _lines(table: Table) -> list[str]:
    """*table* as text, numbers to the right."""
    cells = [list(table.rows[0]), *(list(row.values()) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in cells]
    return [table.title, *lines, *map(str, table.aims)]


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
