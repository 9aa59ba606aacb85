"""The commands around jobs: start one, go on with one, look at them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from pmbulk.cli.agreeing import Asking
from pmbulk.cli.last_net import EXIT_INTERRUPTED
from pmbulk.cli.options import PlanArguments, RunArguments
from pmbulk.cli.progress import Progress
from pmbulk.cli.settings import ConnectionOptions, target_from
from pmbulk.cli.stopping import stoppable
from pmbulk.cli.streams import said_to_nobody, say_json
from pmbulk.cli.summary import outcome_words, result_lines, say
from pmbulk.cli.workbooks import new_xlsx
from pmbulk.errors import PilotOverError, UsageError

if TYPE_CHECKING:
    from pmbulk.door.options import RunOptions
    from pmbulk.door.results import JobResult
    from pmbulk.door.running import Target
    from pmbulk.jobs.journal import JobFacts

__all__ = ["go_on", "list_all", "plan_options", "run_options", "show_one", "start", "write_again"]


def plan_options(typed: PlanArguments, *, entity: str | None) -> RunOptions:
    """
    What a plan and a run are told alike.

    Raises:
        UsageError: If one of the options cannot be used.
    """
    from pmbulk.door.options import DEFAULT_CONCURRENCY, RunOptions, parse_rows
    from pmbulk.entities.registry import entity_for
    from pmbulk.entities.session import Carry, IfExists

    if typed.if_exists not in set(IfExists):
        raise UsageError(f"--if-exists '{typed.if_exists}' is none of {', '.join(IfExists)}")
    if typed.carry not in set(Carry):
        raise UsageError(f"--carry '{typed.carry}' is none of {', '.join(Carry)}")
    first_row, last_row = parse_rows(typed.rows) if typed.rows else (None, None)
    return RunOptions(
        concurrency=typed.concurrency or DEFAULT_CONCURRENCY,
        if_exists=IfExists(typed.if_exists),
        carry=Carry(typed.carry),
        entity=entity,
        only=entity_for(typed.only).sheet if typed.only else None,
        first_row=first_row,
        last_row=last_row,
    )


def run_options(typed: RunArguments, *, entity: str | None = None, rerun: bool = False, source: Path | None = None) -> RunOptions:
    """
    What a run is told; *rerun* and *source* are a rerun's.

    Raises:
        UsageError: If one of the options cannot be used.
    """
    from pmbulk.door.options import parse_failures_max

    new_xlsx(typed.output)
    failures_max, failures_max_percent = parse_failures_max(typed.max_failures) if typed.max_failures else (None, None)
    return replace(
        plan_options(typed, entity=entity),
        steady=typed.steady,
        per_subsystem=typed.per_subsystem,
        pilot=typed.pilot,
        failures_max=failures_max,
        failures_max_percent=failures_max_percent,
        deletes_max=typed.max_deletes,
        stop_at=_moment(typed.stop_at),
        strict=typed.strict,
        keep_secrets=typed.keep_secrets,
        rerun=rerun,
        source=str(source.resolve()) if source else "",
        results=str(typed.output.resolve()) if typed.output else "",
    )


def _moment(stop_at: str | None) -> datetime | None:
    from pmbulk.door.options import parse_stop_at

    return parse_stop_at(stop_at, now=datetime.now()) if stop_at else None  # noqa: DTZ005 - the clock on the wall


def start(file: Path, options: RunOptions, connection: ConnectionOptions, *, yes: bool, as_json: bool, quiet: bool, verbose: int) -> int:
    """Run or rerun *file* and return the exit code."""
    from pmbulk.cli.logs import configure_logs
    from pmbulk.door.running import rerun_job, run_job

    configure_logs(verbose)
    words = sys.stderr if as_json else sys.stdout
    target = target_from(connection)
    asking = Asking(words, yes)
    do = rerun_job if options.rerun else run_job
    progress = Progress(words, quiet=quiet)
    with stoppable(progress.say, progress.watch) as stopping, progress:
        result = do(
            file,
            target,
            options=asking.guarded(options),
            agree=asking.agree,
            watch=stopping.watch,
            stop=stopping.stop,
        )
    exit_code = _tell(result, words, as_json=as_json, interrupted=stopping.stop.requested)
    if not isinstance(result.stopped_by, PilotOverError) or as_json or not asking.goes_on(result.left):
        return exit_code
    return _resumed(result.job, lambda _facts: target, connection.state(), stop_at=options.stop_at, as_json=as_json, quiet=quiet)


def go_on(job: str | None, connection: ConnectionOptions, *, stop_at: str | None, as_json: bool, quiet: bool, verbose: int) -> int:
    """Resume *job* (``None``: the latest) and return the exit code."""
    from pmbulk.cli.logs import configure_logs

    configure_logs(verbose)
    return _resumed(
        job,
        lambda facts: target_from(connection, url=facts.pm_url, user=facts.user),
        connection.state(),
        stop_at=_moment(stop_at),
        as_json=as_json,
        quiet=quiet,
    )


def _resumed(
    job: str | None, target_of: Callable[[JobFacts], Target], state_dir: Path, *, stop_at: datetime | None, as_json: bool, quiet: bool
) -> int:
    from pmbulk.door.running import resume_job

    words = sys.stderr if as_json else sys.stdout
    progress = Progress(words, quiet=quiet)
    with stoppable(progress.say, progress.watch) as stopping, progress:
        result = resume_job(
            job,
            target_of,
            state_dir,
            stop_at=stop_at,
            agree=Asking(words, yes=True).agree,
            watch=stopping.watch,
            stop=stopping.stop,
        )
    return _tell(result, words, as_json=as_json, interrupted=stopping.stop.requested)


def _tell(result: JobResult, words: TextIO, *, as_json: bool, interrupted: bool) -> int:
    exit_code = EXIT_INTERRUPTED if interrupted and result.resumable else result.exit_code
    with said_to_nobody():
        say(result_lines(result), words)
        if as_json:
            say_json({**result.to_json(), "exit_code": exit_code})
    return exit_code


def list_all(connection: ConnectionOptions, *, as_json: bool) -> None:
    """Print the jobs, newest first."""
    from pmbulk.jobs.directory import list_jobs

    summaries = list(list_jobs(connection.state()))
    listed = [
        {
            "job": summary.facts.id,
            "state": "running" if summary.busy else "interrupted" if summary.facts.state == "running" else summary.facts.state.value,
            "input": summary.facts.input_path,
            "pm": summary.facts.pm_url,
            "outcomes": {outcome.value: count for outcome, count in summary.counts.items()},
        }
        for summary in summaries
    ]
    if as_json:
        say_json(listed)
        return
    if not listed:
        typer.echo(f"No jobs in {connection.state()}.")
    for one, summary in zip(listed, summaries, strict=True):
        typer.echo(f"{one['job']}  {one['state']:<11}  {Path(summary.facts.input_path).name}  {outcome_words(summary.counts)}")


def show_one(job: str, connection: ConnectionOptions, *, as_json: bool) -> None:
    """Print how one job stands."""
    from pmbulk.door.results import job_result
    from pmbulk.jobs.directory import job_path
    from pmbulk.jobs.sqlite_journal import SqliteJournal

    with SqliteJournal.read(job_path(connection.state(), job)) as journal:
        result = job_result(journal)
    if as_json:
        say_json(result.to_json())
        return
    typer.echo(f"{result.job}  {result.input} → {result.pm_url}")
    say(result_lines(result), sys.stdout)


def write_again(job: str, output: Path | None, connection: ConnectionOptions) -> None:
    """
    Write a job's results workbook.

    Raises:
        UsageError: If the file exists, or is to be of another kind.
        WorkbookError: If it cannot be written.
    """
    from pmbulk.door.results import write_job_results
    from pmbulk.errors import WorkbookError
    from pmbulk.jobs.directory import job_path
    from pmbulk.jobs.sqlite_journal import SqliteJournal

    new_xlsx(output)
    with SqliteJournal.read(job_path(connection.state(), job)) as journal:
        result = write_job_results(journal, path=output)
    if result.problem:
        raise WorkbookError(result.problem)
    say(result_lines(result), sys.stdout)
