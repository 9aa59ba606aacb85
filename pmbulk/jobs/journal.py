"""
The durable truth of a job: what a journal holds and promises, whatever keeps it.

Cells, headers, options and findings are opaque text here, already masked by whoever wrote them; only the runner's side is asynchronous.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pmbulk.errors import Finding, Outcome, Severity

__all__ = [
    "JobFacts",
    "JobState",
    "Journal",
    "JournalledRow",
    "OpenAttempt",
    "RowFacts",
    "Settlement",
    "SheetFacts",
    "findings_from_text",
    "findings_to_text",
]


class JobState(StrEnum):
    """Where a job stands; a running job whose journal nobody holds was interrupted."""

    #: A run is working on it, or was when its process died.
    RUNNING = "running"
    #: Its run ended early; resume takes up the rest.
    STOPPED = "stopped"
    #: Every row that was to run has its outcome.
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """
    What is known of a job as a whole.

    *options* is opaque text. *finished_at* is `None` while the job runs; *results_path* is ``""`` until the results are written.
    """

    id: str
    input_path: str
    input_sha256: str
    pm_url: str
    user: str
    pm_version: str
    pm_build: str
    options: str
    created_at: datetime
    pmbulk_version: str
    state: JobState = JobState.RUNNING
    finished_at: datetime | None = None
    results_path: str = ""


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """One sheet of the input: its place, its name in the file, its entity and its headers in order."""

    position: int
    name: str
    entity: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    A row's outcome, as the results workbook shows it.

    *http* is the last status (`None`: no answer came). *attempts* counts the requests sent for the row in all its jobs, *seconds* the time from its first
    read to its end. *findings* is text of `findings_to_text` (``""``: none). *job* is the job that settled it (``""``: this one).
    """

    outcome: Outcome
    finished_at: datetime
    message: str = ""
    code: str = ""
    http: int | None = None
    attempts: int = 0
    seconds: float = 0.0
    object_id: str = ""
    findings: str = ""
    job: str = ""

    def __post_init__(self) -> None:
        if self.outcome is Outcome.NOT_RUN:
            raise ValueError("a row that did not run is not settled")


@dataclass(frozen=True, slots=True)
class RowFacts:
    """
    One row as the input holds it.

    *ordinal* counts the rows through all sheets; *sheet* is the sheet's position, *number* the row's number in it, and *label* what a results workbook
    that is run again calls the row (``""``: the number). *attempts_before* are the requests that earlier jobs sent for it. *settlement* is given where
    the row needs no run: it is invalid, or an earlier job settled it.
    """

    ordinal: int
    sheet: int
    number: int
    fingerprint: bytes
    cells: str
    findings: str = ""
    label: str = ""
    attempts_before: int = 0
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class JournalledRow:
    """
    A row with what became of it.

    *settlement* is `None` where it did not run. *sent* is the number of requests that this job announced for it.
    """

    facts: RowFacts
    settlement: Settlement | None
    sent: int = 0

    @property
    def outcome(self) -> Outcome:
        """
        The outcome for ``_status``.

        A row that was sent but never settled is unknown until a resume has found out.
        """
        if self.settlement is not None:
            return self.settlement.outcome
        return Outcome.UNKNOWN if self.sent else Outcome.NOT_RUN


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """The last attempt of a step that was announced for a row which is not settled: what it did is not known."""

    ordinal: int
    step: str
    attempt: int


class Journal(Protocol):
    """
    One job's durable record.

    What is announced or settled is kept in the order of the calls: when `sent` or `flush` has returned, everything before it survives a crash of the
    machine. Every method may raise `StoppedError`: the journal cannot be written, and the run must end. A change of state that must not be (a row
    settled twice, an attempt announced twice or after the row's end) is refused with `ValueError`, at the latest by the next `sent` or `flush`;
    the journal then takes nothing more.
    """

    def add_rows(self, rows: Iterable[RowFacts]) -> None:
        """Add the input's rows, all or none; durable on return. Belongs before the first `sent`."""
        ...

    async def sent(self, ordinal: int, step: str, *, attempt: int, sent_at: datetime) -> None:
        """Announce that *attempt* (from 1) of *step* is about to be sent; durable on return."""
        ...

    def keep(self, ordinal: int, text: str) -> None:
        """Keep what a row needs to go on after a crash, in place of what was kept for it before; durable with the next `sent` or `flush`."""
        ...

    def kept(self, ordinal: int) -> str:
        """What was kept for a row; ``""`` for nothing."""
        ...

    def settle(self, ordinal: int, settlement: Settlement) -> None:
        """Record a row's outcome; durable with the next `sent` or `flush`, or a moment later by itself."""
        ...

    async def flush(self) -> None:
        """Return when everything so far is durable."""
        ...

    async def finish(self, state: JobState, *, finished_at: datetime, results_path: str = "") -> None:
        """Record how the job stands at the end of a run, and where its results are; durable on return."""
        ...

    def facts(self) -> JobFacts:
        """The job as a whole."""
        ...

    def sheets(self) -> tuple[SheetFacts, ...]:
        """The sheets, in the input's order."""
        ...

    def identify(self, ordinals: Mapping[int, str]) -> None:
        """Keep PM's ids of objects that rows made, by ordinal, where PM did not tell them when it made them; durable on return."""
        ...

    def rows(self, sheet: int | None = None, *, done: bool = True) -> Iterator[JournalledRow]:
        """The rows of a sheet (`None`: of all) in the input's order, streamed; without those that succeeded or were skipped where *done* is false."""
        ...

    def settled(self) -> dict[int, Outcome]:
        """The outcomes of all settled rows, by ordinal."""
        ...

    def open_attempts(self) -> tuple[OpenAttempt, ...]:
        """Per unsettled row and step the last attempt announced, by ordinal; within a row by the order in which the steps were first sent."""
        ...

    def identified(self) -> frozenset[int]:
        """The ordinals of settled rows whose object's id is known."""
        ...

    def counts(self) -> dict[int, dict[Outcome, int]]:
        """How many rows of each sheet, by position, have each outcome, absent ones left out; reckoned as in `JournalledRow.outcome`."""
        ...

    def close(self) -> None:
        """Make everything durable that is not yet, and let go of the journal; doing so again changes nothing."""
        ...


def findings_to_text(findings: Iterable[Finding]) -> str:
    """The findings as the JSON text that journals keep; ``""`` for none."""
    rows = [[finding.column, finding.message, finding.severity.value] for finding in findings]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def findings_from_text(text: str) -> tuple[Finding, ...]:
    """The findings that `findings_to_text` wrote."""
    return tuple(Finding(column, message, Severity(severity)) for column, message, severity in json.loads(text)) if text else ()
