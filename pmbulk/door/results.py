"""A job's results: from the journal to the results workbook, and to the figures that the command line shows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pmbulk.door.options import RunOptions
from pmbulk.entities.headers import places_of
from pmbulk.errors import TERMINAL, Finding, Outcome, PmbulkError
from pmbulk.jobs.journal import JobFacts, JobState, JournalledRow, RowFacts, Settlement, SheetFacts, findings_from_text
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.sheets.placing import free_path
from pmbulk.sheets.results import ResultRow, ResultSheet, write_results
from pmbulk.sheets.summary import FACT_INPUT, FACT_INPUT_PATH, FACT_INPUT_SHA256, FACT_JOB, Cause, ResultSummary

if TYPE_CHECKING:
    from pmbulk.door.checking import Checked

__all__ = ["JobResult", "job_result", "notes_of", "write_job_results"]

#: Beyond this many causes a summary no longer helps; the rows have them all.
_CAUSES_MAX: Final = 25
#: How many failed rows the terminal names one by one.
_FIRST_FAILURES: Final = 5

_PARTICULARS = re.compile(r"'[^']*'|\d+")

_REMEDIES: Final[Mapping[str, str]] = {
    "EXISTS": "Set action to update, or run again with --if-exists skip or --if-exists update.",
    "NOT_FOUND": "Check the name in the row; it may be spelt otherwise in PM, or hidden from this administrator.",
    "REFERENCE": "Correct the name in the column the message gives, or create the object first.",
    "INVALID": "Correct the marked cells.",
    "BLOCKED": "Correct the row that the message names; this one then runs with it.",
    "CHANGED": "Correct the rows in this workbook, not in the input, then rerun it.",
    "DIFFERENT": "Compare the object in PM with the row; set action to update to make it as the row says.",
}
_BY_OUTCOME: Final[Mapping[Outcome, str]] = {
    Outcome.FAILED: "Correct the rows, then rerun this workbook.",
    Outcome.UNKNOWN: "Look at the objects in PM, then rerun this workbook: it looks before it sends.",
}


@dataclass(frozen=True, slots=True)
class JobResult:
    """
    How a job stands: rows per outcome, why rows did not succeed, and where the results workbook is.

    *results* is ``None`` where it could not be written, *problem* then says why. *left_out* rows were not selected; *stopped_by* is the error that
    ended the run early. A *resumable* job has rows that a resume would take up. *seconds* is the duration of the run, *rate* its settled rows per second.
    """

    job: str
    input: Path
    pm_url: str
    counts: Mapping[Outcome, int]
    causes: tuple[Cause, ...] = ()
    first_failures: tuple[tuple[str, str], ...] = ()
    results: Path | None = None
    problem: str = ""
    left_out: int = 0
    stopped_by: PmbulkError | None = None
    resumable: bool = False
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows the input has."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many selected rows the run did not come to."""
        return self.counts.get(Outcome.NOT_RUN, 0) - self.left_out

    @property
    def rate(self) -> float:
        """Rows that came to an outcome per second of the run."""
        done = self.rows - self.counts.get(Outcome.NOT_RUN, 0)
        return done / self.seconds if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        """The exit code of design.md 3.3: a stop counts before unknown rows, those before failed ones."""
        if self.stopped_by is not None:
            return 4
        if self.counts.get(Outcome.UNKNOWN):
            return 5
        return 1 if self.rows - self.left_out > sum(self.counts.get(outcome, 0) for outcome in TERMINAL) else 0

    def to_json(self) -> dict[str, Any]:
        """The summary for scripts."""
        return {
            "job": self.job,
            "input": str(self.input),
            "pm": self.pm_url,
            "rows": self.rows,
            "outcomes": {outcome.value: self.counts.get(outcome, 0) for outcome in Outcome},
            "causes": [
                {"rows": one.count, "sheet": one.sheet, "code": one.code, "message": one.message, "remedy": one.remedy}
                for one in self.causes
            ],
            "results": str(self.results) if self.results is not None else None,
            "problem": self.problem or None,
            "stopped": str(self.stopped_by) if self.stopped_by is not None else None,
            "resumable": self.resumable,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
        }


def job_result(journal: SqliteJournal) -> JobResult:
    """How the job of *journal* stands, without writing anything."""
    facts = journal.facts()
    return _result(facts, _tally(journal, facts))


def write_job_results(
    journal: SqliteJournal,
    *,
    path: Path | None = None,
    state: JobState | None = None,
    seconds: float | None = None,
    stopped_by: PmbulkError | None = None,
    unmask: Checked | None = None,
) -> JobResult:
    """
    Write the results workbook of the job to *path* (``None``: beside the input) and say how the job stands.

    *state* is what the run that ends comes to and *seconds* how long it took (``None``: as the journal says). *unmask* is the input where secrets shall
    be kept. A workbook that cannot be written is told in the result: the journal has everything.
    """
    facts = journal.facts()
    facts = replace(facts, state=state or facts.state)
    tally = _tally(journal, facts)
    result = _result(facts, tally)
    result = replace(result, stopped_by=stopped_by, seconds=result.seconds if seconds is None else seconds)
    target = path or free_path(_beside(Path(facts.input_path)))
    summary = ResultSummary(facts=tuple(_facts(facts, result, target)), counts=tally.counts, causes=result.causes)
    sheets = (ResultSheet(sheet.name, sheet.headers, _rows(journal, sheet, facts, unmask)) for sheet in journal.sheets())
    try:
        return replace(result, results=write_results(target, summary, sheets))
    except PmbulkError as error:
        return replace(result, results=None, problem=str(error))


def _result(facts: JobFacts, tally: _Tally) -> JobResult:
    total: Counter[Outcome] = Counter()
    for counts in tally.counts.values():
        total.update(counts)
    return JobResult(
        facts.id,
        Path(facts.input_path),
        facts.pm_url,
        dict(total),
        tally.most_frequent(),
        tally.first_failures(),
        results=Path(facts.results_path) if facts.results_path else None,
        left_out=tally.left_out,
        resumable=facts.state is not JobState.FINISHED,
        seconds=(facts.finished_at - facts.created_at).total_seconds() if facts.finished_at is not None else 0.0,
    )


def _beside(path: Path) -> Path:
    stem = re.sub(r"\.results(-\d+)?$", "", path.stem)
    return path.with_name(f"{stem}.results.xlsx")


@dataclass
class _Tally:
    """One pass over a job's rows: outcomes per sheet, and why rows did not succeed."""

    counts: dict[str, Counter[Outcome]]
    causes: Counter[tuple[str, Outcome, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, Outcome, str, str], str] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    left_out: int = 0

    def failed(self, sheet: str, row: RowFacts, settlement: Settlement) -> None:
        """Count a row that did not succeed, together with those that failed for the same cause."""
        cause = (sheet, settlement.outcome, settlement.code, _without_particulars(settlement.message, row))
        self.causes[cause] += 1
        self.examples.setdefault(cause, settlement.message)
        places = self.blocked if settlement.outcome is Outcome.BLOCKED else self.failures
        if len(places) < _FIRST_FAILURES:
            places.append((f"{sheet}!row {row.number}", settlement.message))

    def first_failures(self) -> tuple[tuple[str, str], ...]:
        """Place and message of the first rows that did not succeed; what was blocked by them comes after them."""
        return tuple([*self.failures, *self.blocked][:_FIRST_FAILURES])

    def most_frequent(self) -> tuple[Cause, ...]:
        """The causes, most frequent first and consequences last, each with the message of its first row."""
        by_weight = sorted(self.causes.items(), key=lambda counted: (counted[0][1] is Outcome.BLOCKED, -counted[1]))
        return tuple(
            Cause(count, cause[0], cause[2], self.examples[cause], _REMEDIES.get(cause[2]) or _BY_OUTCOME.get(cause[1], ""))
            for cause, count in by_weight[:_CAUSES_MAX]
        )


def _tally(journal: SqliteJournal, facts: JobFacts) -> _Tally:
    options = RunOptions.from_text(facts.options)
    sheets = journal.sheets()
    tally = _Tally({sheet.name: Counter() for sheet in sheets})
    for position, counts in journal.counts().items():
        tally.counts[sheets[position].name].update(counts)
    for row in journal.rows(done=False):
        name = sheets[row.facts.sheet].name
        if row.settlement is None:
            tally.left_out += row.outcome is Outcome.NOT_RUN and not options.selects(name, row.facts.number)
        else:
            tally.failed(name, row.facts, row.settlement)
    return tally


def _without_particulars(message: str, row: RowFacts) -> str:
    """*message* without what differs from row to row, by which the same cause reads the same: the row's own cells, what is quoted, and numbers."""
    own = {text for cell in json.loads(row.cells) if len(text := str(cell)) > 1 and text in message}
    if own:
        longest_first = "|".join(re.escape(text) for text in sorted(own, key=len, reverse=True))
        message = re.sub(rf"(?<!\w)(?:{longest_first})(?!\w)", "…", message)
    return _PARTICULARS.sub("…", message)


def _facts(facts: JobFacts, result: JobResult, target: Path) -> Iterator[tuple[str, str]]:
    options = RunOptions.from_text(facts.options)
    original = Path(options.source or facts.input_path)
    yield FACT_JOB, facts.id
    yield "PM", facts.pm_url
    yield "PM version", " ".join(part for part in (facts.pm_version, facts.pm_build) if part) or "not asked"
    yield "User", facts.user
    yield "Started", f"{facts.created_at:%Y-%m-%d %H:%M:%S} UTC"
    yield "Duration", f"{result.seconds:.1f} s"
    yield "Rate", f"{result.rate:.1f} rows/s"
    if result.stopped_by is not None:
        yield "Stopped", str(result.stopped_by)
    yield "Policy", "; ".join(options.in_words())
    yield FACT_INPUT, original.name
    # Just the name where both stand in one folder: they may be moved together, and the name of the folder is nobody's business.
    yield FACT_INPUT_PATH, original.name if original.parent == target.parent.resolve() else str(original)
    yield FACT_INPUT_SHA256, options.source_sha256 or facts.input_sha256
    if options.rerun:
        yield "Rerun of", Path(facts.input_path).name
    yield "pmbulk", facts.pmbulk_version


def _rows(journal: SqliteJournal, sheet: SheetFacts, facts: JobFacts, unmask: Checked | None) -> Iterator[ResultRow]:
    options = RunOptions.from_text(facts.options)
    places = places_of(sheet.headers)
    for row in journal.rows(sheet.position):
        settlement = row.settlement
        cells = unmask.rows[row.facts.ordinal].values() if unmask is not None else json.loads(row.facts.cells)
        findings = row.facts.findings if settlement is None else settlement.findings or row.facts.findings
        yield ResultRow(
            status=row.outcome,
            message=settlement.message if settlement is not None else _not_settled(row, options, sheet.name, facts),
            code=settlement.code if settlement is not None else "",
            http=settlement.http if settlement is not None else None,
            attempts=settlement.attempts if settlement is not None else row.facts.attempts_before + row.sent,
            seconds=round(settlement.seconds, 3) if settlement is not None else 0.0,
            id=settlement.object_id if settlement is not None else "",
            finished_at=f"{settlement.finished_at:%Y-%m-%dT%H:%M:%SZ}" if settlement is not None else "",
            row=int(row.facts.label or row.facts.number),
            job=(settlement.job or facts.id) if settlement is not None else "",
            cells=cells,
            notes=notes_of(findings_from_text(findings), places),
        )


def notes_of(findings: Iterable[Finding], places: Mapping[str, int]) -> dict[int, str]:
    """What *findings* say of cells, by the index of their columns in *places*; what they say of the whole row is in its message."""
    notes: dict[int, str] = {}
    for finding in findings:
        index = places.get(finding.column)
        if index is not None:
            notes[index] = f"{notes[index]}\n{finding.message}" if index in notes else finding.message
    return notes


def _not_settled(row: JournalledRow, options: RunOptions, sheet: str, facts: JobFacts) -> str:
    if row.sent:
        return f"Sent, but the run ended before the answer was there. `pmbulk resume {facts.id}` finds out what became of it."
    if not options.selects(sheet, row.facts.number):
        return "Left out of this run by --only or --rows."
    if facts.state is JobState.FINISHED:
        return "Nothing was sent, because a row is invalid and the run was --strict. Correct that row, then rerun this workbook."
    return f"The run ended before this row's turn. `pmbulk resume {facts.id}` goes on with it."
