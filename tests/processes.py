"""Processes that have loaded the program before they begin, where the system can do that: they are made to be killed, again and again."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from pmbulk.cli.main import main

__all__ = ["PROCESSES", "started"]

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
PROCESSES.set_forkserver_preload(["pmbulk.cli.jobs", "pmbulk.door.running", "pmbulk.sheets.results", "tests.faults.moving"])


def started(arguments, *, folder, environment, said):
    """The process of the command with these *arguments*, in *folder*; what it says is written to the file *said*."""
    process = PROCESSES.Process(target=_command, args=(arguments, folder, environment, said))
    process.start()
    return process


def _command(arguments: list[str], folder: Path, environment: dict[str, str], said: Path) -> None:
    """What the new process does; `main` ends it with the exit code."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with said.open("w", encoding="utf-8") as told:
        for stream in (1, 2):
            os.dup2(told.fileno(), stream)
    sys.argv = ["pmbulk", *arguments]
    main()
