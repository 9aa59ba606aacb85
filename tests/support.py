"""Running the command, reading what became of it, and asking a simulated PM directly."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx
import structlog
from openpyxl import load_workbook

from pmbulk.cli.main import main
from pmbulk.entities.binding import bind
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import Severity
from pmbulk.secret import Secret

PASSWORD = "Sentinel-Pass-1!"
WRITES = {"POST", "PUT", "DELETE"}


@dataclass
class Done:
    """A command that ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def summary(self):
        """The JSON of `--json`."""
        return json.loads(self.stdout)

    @property
    def said(self):
        """Everything a person could have read."""
        return self.stdout + self.stderr


def exit_code_of(command):
    """What the process would end with."""
    try:
        command()
    except SystemExit as end:
        return end.code or 0
    return 0


@contextmanager
def quiet_logs():
    """What a command does to logging ends with the block."""
    events = logging.getLogger("pmbulk")
    before = events.handlers, events.level, events.propagate
    try:
        yield
    finally:
        events.handlers, level, events.propagate = before
        events.setLevel(level)  # loggers below remember whether they are heard, until this tells them otherwise
        structlog.reset_defaults()


@dataclass
class Commands:
    """
    Runs `pmbulk` in a folder of its own: where a command is called, in this process, which takes a tenth of the time; where one is started,
    as the process that a person starts.
    """

    folder: Path
    environment: dict

    def __call__(self, *arguments, check=None, **environment):
        """Run to the end, in this process; *check* is the exit code that is wanted."""
        words = [str(argument) for argument in arguments]
        with (
            patch.object(sys, "argv", ["pmbulk", *words]),
            patch.dict(os.environ, {**self.environment, **environment}, clear=True),
            chdir(self.folder),
            quiet_logs(),
            Path(os.devnull).open(encoding="utf-8") as nothing,
            patch.object(sys, "stdin", nothing),
            redirect_stdout(io.StringIO()) as out,
            redirect_stderr(io.StringIO()) as err,
        ):
            exit_code = exit_code_of(main)
        result = Done(exit_code, out.getvalue(), err.getvalue())
        assert "Traceback" not in result.said, result.said
        if check is not None:
            assert check == result.exit_code, result.said
        return result

    def start(self, *arguments, **options):
        """Start and leave it running; *options* are for the new process."""
        return subprocess.Popen(
            [sys.executable, "-m", "pmbulk", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=options.pop("stderr", subprocess.STDOUT),
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            **options,
        )


@contextmanager
def logged_in(pm):
    """A bare HTTP client that is logged in at a simulated PM as the administrator."""
    with httpx.Client(base_url=pm.url, verify=False) as client:
        tokens = client.post("/auth/login", json={"username": "admin", "password": pm.settings.password}).json()
        client.headers["Authorization"] = f"Bearer {tokens['token']}"
        yield client


def refused(answer):
    """The status and PM's words of a refusal."""
    return answer.status_code, answer.json()["errorMsg"]


def wait_for(pm, requests, process):
    """Wait until PM has got so many more requests, or the process has ended."""
    wanted, until = len(pm.requests) + requests, time.monotonic() + 60
    while len(pm.requests) < wanted and time.monotonic() < until and process.poll() is None:
        time.sleep(0.002)


async def plan_of(sheet, row, session):
    """The plan of one row, which may be an export's; it must have no errors."""
    cells = {header: value.reveal() if isinstance(value, Secret) else value for header, value in row.items()}
    entity = ENTITIES[sheet]
    record, findings = bind(entity, list(cells), sheet=sheet).read(list(cells.values()))
    assert [] == [str(finding) for finding in findings if finding.severity is Severity.ERROR]
    return await entity.by_operation[record.operation].prepare(entity, record, session)


def rows_of(path, sheet):
    """The rows of a results sheet as dicts by header."""
    lines = list(load_workbook(path)[sheet].iter_rows(values_only=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def statuses(path, sheet):
    """The outcomes of a results sheet in the order of its rows."""
    return [row["_status"] for row in rows_of(path, sheet)]


def writes(pm):
    """What PM was asked to write: operation and the natural key that the body has."""
    names = ("userId", "extensionNumber", "departmentName", "locationName")
    seen = []
    for arrival in pm.requests:
        if arrival.method in WRITES and not arrival.path.startswith("/auth/"):
            body = arrival.body if isinstance(arrival.body, dict) else {}
            seen.append((arrival.operation, next((body[name] for name in names if body.get(name)), arrival.path.rpartition("/")[2])))
    return seen


def applied_twice(pm):
    """Writes that are not repeatable and were done more than once."""
    counts = Counter(
        (arrival.operation, arrival.path, json.dumps(dict(arrival.query)), json.dumps(arrival.body, sort_keys=True))
        for arrival in pm.requests
        if arrival.method == "POST" and not arrival.path.startswith("/auth/") and arrival.worked is not None and arrival.worked < 300
    )
    return {key: count for key, count in counts.items() if count > 1}
