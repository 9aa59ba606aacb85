"""
Run, rerun and resume: a workbook's rows, ordered, journalled, sent, settled and written down.

Joins the rooms and holds no rule of its own: `checking` reads, `jobs` runs, `results` writes.
"""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import anyio

from pmbulk import __version__
from pmbulk.door.checking import check_workbook
from pmbulk.door.intent import Intent, intent_of, refuse
from pmbulk.door.job import Job, RowOperation, join_lanes, ordered, row_facts, sheet_facts
from pmbulk.door.naming import look_up_ids
from pmbulk.door.options import RunOptions
from pmbulk.door.rerunning import Earlier
from pmbulk.door.results import JobResult, job_result, write_job_results
from pmbulk.door.resuming import take_up
from pmbulk.door.snapshots import Snapshots
from pmbulk.entities.session import Session
from pmbulk.errors import TERMINAL, PilotOverError, UsageError
from pmbulk.jobs.directory import job_path, list_jobs, new_job_id
from pmbulk.jobs.journal import JobFacts, JobState
from pmbulk.jobs.order import Order
from pmbulk.jobs.outage import OutagePolicy
from pmbulk.jobs.retry import LATE_S, RetryPolicy
from pmbulk.jobs.room import Room
from pmbulk.jobs.runner import RunEnd, RunSettings, Stop, run_rows
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.jobs.stats import RunStats
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild, security_notice
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.seal import Seal

__all__ = ["Target", "Watch", "rerun_job", "resume_job", "run_job"]


@dataclass(frozen=True, slots=True)
class Target:
    """The PM to work on, what is assumed of it, and where jobs are kept."""

    connection: Connection
    state_dir: Path
    assumptions: Assumptions = field(default_factory=Assumptions)


@dataclass
class Watch:
    """
    A run as it goes, for whoever shows it.

    *stats* change while rows are carried out, *latencies_s* are those of the last requests, *notice* is what is known against this build of PM (``""``:
    nothing).
    """

    job: str = ""
    notice: str = ""
    stats: RunStats = field(default_factory=RunStats)
    started_s: float = field(default_factory=time.monotonic)
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=500))


def _agree(_intent: Intent) -> bool:
    return True


def _no_watch(_watch: Watch) -> None:
    pass


def run_job(
    path: Path,
    target: Target,
    *,
    options: RunOptions | None = None,
    agree: Callable[[Intent], bool] = _agree,
    watch: Callable[[Watch], None] = _no_watch,
    stop: Stop | None = None,
) -> JobResult:
    """
    Carry out a workbook's rows and write its results; blocks until it is done.

    *agree* is asked once what would be sent is known, *watch* is given the live figures, *stop* ends the run early.

    Raises:
        WorkbookError: If the workbook cannot be read.
        UsageError: If an option cannot be used, or *agree* said no.
        UnreachableError: If PM does not answer; nothing was sent.
        LoginError: If PM refuses the credentials; nothing was sent.
    """
    return _begin(_load(path, options or RunOptions(), target), target, agree=agree, watch=watch, stop=stop)


def rerun_job(
    path: Path,
    target: Target,
    *,
    options: RunOptions | None = None,
    agree: Callable[[Intent], bool] = _agree,
    watch: Callable[[Watch], None] = _no_watch,
    stop: Stop | None = None,
) -> JobResult:
    """
    Carry out what did not succeed in a results workbook; rows that are done are carried over unchanged.

    Secrets behind masks come from the original input. Arguments and errors are those of `run_job`.
    """
    options = replace(options or RunOptions(), rerun=True)
    return _begin(_load(path, options, target), target, agree=agree, watch=watch, stop=stop)


def resume_job(
    job_id: str | None,
    target_of: Callable[[JobFacts], Target],
    state_dir: Path,
    *,
    watch: Callable[[Watch], None] = _no_watch,
    stop: Stop | None = None,
    stop_at: datetime | None = None,
    agree: Callable[[Intent], bool] = _agree,
) -> JobResult:
    """
    Go on with a job whose run was interrupted or stopped (``None``: the latest such job).

    *target_of* gives the connection for the job's PM. Rows in doubt are reconciled before anything is sent; rows that the file no longer has as they were
    are refused. The job's own time to stop holds while it lies ahead, *stop_at* is another one. A pilot is over.

    Of a finished job nothing is left: it is told as it stands, and neither PM nor *agree* is asked.

    Raises:
        UsageError: If there is no such job, or *agree* said no.
        JobBusyError: If another process is running it.
        WorkbookError: If the input is no longer there, or has none of the rows that are left.
    """
    path = job_path(state_dir, job_id or _latest_unfinished(state_dir))
    with SqliteJournal.read(path) as journal:
        if journal.facts().state is JobState.FINISHED:
            return job_result(journal)
    with SqliteJournal.open(path) as journal:
        facts = journal.facts()
        target = target_of(facts)
        job = _taken_up(journal, facts, target)
        stop_at = stop_at or job.options.stop_at
        ahead = stop_at if stop_at is not None and stop_at > datetime.now(UTC) else None
        job.options = replace(job.options, stop_at=ahead, pilot=None)
        order = ordered(job)
        if not agree(intent_of(job, target.connection.url, journal.settled())):
            raise UsageError("Nothing was sent.")
        return anyio.run(partial(_carry_out, job, order, target, lambda _build: journal, watch=watch, stop=stop))


def _load(path: Path, options: RunOptions, target: Target) -> Job:
    check = partial(check_workbook, path, entity=options.entity, state_dir=target.state_dir, likely_rules=target.assumptions.likely_rules)
    if not options.rerun:
        return Job(check(), options)
    # A source that the journal remembers may be gone by now; one that somebody types must be the right one.
    remembered = options.source if options.source_sha256 else ""
    earlier = Earlier.of(path, source="" if remembered else options.source)
    earlier.input_path = remembered or earlier.input_path
    checked = check(amend=earlier.amend)
    earlier.settle_done(checked)
    return Job(checked, replace(options, source=earlier.input_path, source_sha256=earlier.input_sha256), earlier)


def _taken_up(journal: SqliteJournal, facts: JobFacts, target: Target) -> Job:
    """The job of *journal* with the rows of its input as that is now."""
    job = _load(Path(facts.input_path), RunOptions.from_text(facts.options), target)
    if job.checked.sha256 != facts.input_sha256:
        return take_up(job.checked, journal, job.options)
    if not journal.counts():
        # The run died between the journal's first two writes.
        ordered(job)
        journal.add_rows(row_facts(job))
    return job


def _latest_unfinished(state_dir: Path) -> str:
    for summary in list_jobs(state_dir):
        if summary.facts.state is not JobState.FINISHED and not summary.busy:
            return summary.facts.id
    raise UsageError("there is no job to resume; `pmbulk jobs` lists all jobs")


def _begin(job: Job, target: Target, *, agree: Callable[[Intent], bool], watch: Callable[[Watch], None], stop: Stop | None) -> JobResult:
    order = ordered(job)
    settled = {row.ordinal: settlement.outcome for row in job.checked.rows if (settlement := job.settled_before(row)) is not None}
    intent = intent_of(job, target.connection.url, settled)
    refuse(job, intent)
    if not agree(intent):
        raise UsageError("Nothing was sent.")
    if not intent.rows:
        # PM is not even asked to log us in.
        with _create_journal(job, target, PmBuild()) as journal:
            return anyio.run(partial(_close, job, journal, JobState.FINISHED, RunEnd(0, None), started_s=time.monotonic()))
    return anyio.run(partial(_carry_out, job, order, target, partial(_create_journal, job, target), watch=watch, stop=stop))


def _create_journal(job: Job, target: Target, build: PmBuild) -> SqliteJournal:
    """A new job's journal with all its rows."""
    checked = job.checked
    now = datetime.now(UTC)
    facts = JobFacts(
        id=new_job_id(now),
        input_path=str(checked.path.resolve()),
        input_sha256=checked.sha256,
        pm_url=target.connection.url,
        user=target.connection.user,
        pm_version=build.version,
        pm_build=build.build,
        options=job.options.to_text(),
        created_at=now,
        pmbulk_version=__version__,
    )
    with ExitStack() as undo:
        journal = undo.enter_context(SqliteJournal.create(job_path(target.state_dir, facts.id), facts, sheet_facts(checked)))
        journal.add_rows(row_facts(job))
        for ordinal, kept in job.earlier.kept(checked, target.state_dir) if job.earlier is not None else ():
            journal.keep(ordinal, kept)
        undo.pop_all()
    return journal


async def _carry_out(
    job: Job,
    order: Order,
    target: Target,
    journal_of: Callable[[PmBuild], SqliteJournal],
    *,
    watch: Callable[[Watch], None],
    stop: Stop | None,
) -> JobResult:
    seen, room = Watch(), Room(job.options.concurrency, steady=job.options.steady)
    async with PmClient(target.connection, assumptions=target.assumptions, on_request=seen.latencies_s.append, room=room) as client:
        build = await client.start()
        with journal_of(build) as journal:
            for ordinal, settlement in job.refused.items():
                journal.settle(ordinal, settlement)
            await journal.flush()
            rows = job.checked.rows
            finished = {ordinal: outcome in TERMINAL for ordinal, outcome in journal.settled().items() if rows[ordinal].node is not None}
            seen.job, seen.notice, seen.started_s = journal.facts().id, security_notice(build) or "", time.monotonic()
            watch(seen)
            seal = cache(partial(Seal.of, target.state_dir))
            snapshots = Snapshots.of(target.state_dir, seen.job, seal)
            session = Session(client, job.options.if_exists, job.options.carry, seal=seal)
            await join_lanes(job, session)
            pilot = job.options.pilot
            first = order if pilot is None else order.first(pilot, beside=finished)
            # The rows stay to the end: the garbage collector need not walk over them again and again.
            gc.freeze()
            try:
                end = await _run(
                    job,
                    first,
                    journal,
                    session,
                    snapshots=snapshots,
                    room=room,
                    finished=finished,
                    stats=seen.stats,
                    stop=stop,
                    timeout_s=target.connection.timeout_s,
                )
            finally:
                gc.unfreeze()
            end = _paused_after(end, pilot, left=len(order.rows) - len(first.rows), asked=stop is not None and stop.requested)
            if end.stopped_by is None and not (stop and stop.requested):
                await look_up_ids(job, journal, session)
            await journal.flush()
            snapshots.write(journal, job.checked)
            state = JobState.STOPPED if end.left else JobState.FINISHED
            return await _close(job, journal, state, end, started_s=seen.started_s)


async def _run(
    job: Job,
    order: Order,
    journal: SqliteJournal,
    session: Session,
    *,
    snapshots: Snapshots,
    room: Room,
    finished: dict[int, bool],
    stats: RunStats,
    stop: Stop | None,
    timeout_s: float,
) -> RunEnd:
    options, rows = job.options, job.checked.rows
    opened = journal.open_attempts()
    doubtful = {attempt.ordinal for attempt in opened}

    def session_of(ordinal: int) -> Session:
        kept = journal.kept(ordinal) if ordinal in doubtful or rows[ordinal].in_doubt else ""
        return session.taken_up(kept) if kept or ordinal in doubtful else session

    return await run_rows(
        order,
        journal,
        operations=lambda ordinal: RowOperation(job.checked, session_of(ordinal), ordinal, snapshots),
        lanes_of=lambda ordinal: rows[ordinal].lanes,
        name_of=job.checked.name_of,
        probe=session.client.probe,
        settings=RunSettings(
            concurrency=options.concurrency,
            per_lane=options.per_subsystem,
            # Nothing is taken to be under way for longer than its answer would have been waited for.
            retries=RetryPolicy(late_s=min(LATE_S, timeout_s)),
            outage=OutagePolicy(deadline_s=options.outage_max_s),
            failures_max=options.failures_max,
            failures_max_percent=options.failures_max_percent,
            stop_at=options.stop_at,
        ),
        room=room,
        finished=finished,
        attempts_before={row.ordinal: row.attempts_before for row in rows if row.attempts_before},
        open_attempts=opened,
        in_doubt={row.ordinal for row in rows if row.in_doubt},
        stats=stats,
        stop=stop,
    )


def _paused_after(end: RunEnd, pilot: int | None, *, left: int, asked: bool) -> RunEnd:
    """How a run with a *pilot* ended that kept back the *left* rows; it stopped because of that unless it was *asked* to, or had another reason."""
    stopped_by = end.stopped_by
    if left and not end.left and stopped_by is None and not asked:
        stopped_by = PilotOverError(f"the pilot of {pilot:,} rows is through; look at the results and at PM, then resume the job")
    return replace(end, left=end.left + left, stopped_by=stopped_by)


async def _close(job: Job, journal: SqliteJournal, state: JobState, end: RunEnd, *, started_s: float) -> JobResult:
    """Write the results, and only then note in the journal how the job stands: who dies in between can resume it, and gets them."""
    result = write_job_results(
        journal,
        path=job.options.results_path(),
        state=state,
        seconds=time.monotonic() - started_s,
        stopped_by=end.stopped_by,
        unmask=job.checked if job.options.keep_secrets else None,
    )
    await journal.finish(state, finished_at=datetime.now(UTC), results_path=str(result.results or ""))
    if result.rows != len(job.checked.rows):
        raise RuntimeError(
            f"{len(job.checked.rows)} rows came in and {result.rows} went out; the journal of job {result.job} has what happened"
        )
    return result
