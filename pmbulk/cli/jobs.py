"""The commands around jobs: start one, go on with one, look at them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from pmbulk.cli.agreeing import Asking
from pmbulk.cli.progress import Progress
from pmbulk.cli.settings import ConnectionOptions, target_from
from pmbulk.cli.stopping import stoppable
from pmbulk.cli.summary import outcome_words, result_lines, say
from pmbulk.errors import PilotOverError, UsageError

if TYPE_CHECKING:
    from pmbulk.door.options import RunOptions
    from pmbulk.door.results import JobResult
    from pmbulk.door.running import Target
    from pmbulk.jobs.journal import JobFacts

__all__ = ["go_on", "list_all", "options_from", "show_one", "start", "write_again"]


def options_from(
    *,
    output: Path | None,
    strict: bool,
    max_failures: str | None,
    max_deletes: int | None,
    stop_at: str | None,
    concurrency: int | None,
    per_subsystem: int,
    if_exists: str,
    only: str | None,
    rows: str | None,
    keep_secrets: bool,
    carry: str = "strict",
    pilot: int | None = None,
    steady: bool = False,
    entity: str | None = None,
    rerun: bool = False,
    source: Path | None = None,
) -> RunOptions:
    """
    The run's options from what was typed.

    Raises:
        UsageError: If one of them cannot be used.
    """
    from pmbulk.door.options import DEFAULT_CONCURRENCY, RunOptions, parse_failures_max, parse_rows, parse_stop_at
    from pmbulk.entities.registry import entity_for
    from pmbulk.entities.session import Carry, IfExists

    if output is not None and output.suffix.lower() != ".xlsx":
        raise UsageError(f"-o {output}: results are written as .xlsx; give the file a name that ends so")
    if output is not None and output.exists():
        raise UsageError(f"-o {output}: the file exists, and results never overwrite one; give another name")
    if if_exists not in set(IfExists):
        raise UsageError(f"--if-exists '{if_exists}' is none of {', '.join(IfExists)}")
    if carry not in set(Carry):
        raise UsageError(f"--carry '{carry}' is none of {', '.join(Carry)}")
    first_row, last_row = parse_rows(rows) if rows else (None, None)
    failures_max, failures_max_percent = parse_failures_max(max_failures) if max_failures else (None, None)
    return RunOptions(
        concurrency=concurrency or DEFAULT_CONCURRENCY,
        steady=steady,
        per_subsystem=per_subsystem,
        if_exists=IfExists(if_exists),
        carry=Carry(carry),
        pilot=pilot,
        failures_max=failures_max,
        failures_max_percent=failures_max_percent,
        deletes_max=max_deletes,
        stop_at=parse_stop_at(stop_at, now=datetime.now()) if stop_at else None,  # noqa: DTZ005 - the clock on the wall
        strict=strict,
        entity=entity,
        only=entity_for(only).sheet if only else None,
        first_row=first_row,
        last_row=last_row,
        keep_secrets=keep_secrets,
        rerun=rerun,
        source=str(source.resolve()) if source else "",
        results=str(output.resolve()) if output else "",
    )


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
    with stoppable(words, progress.watch) as stopping, progress:
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
    from pmbulk.door.options import parse_stop_at

    configure_logs(verbose)
    return _resumed(
        job,
        lambda facts: target_from(connection, url=facts.pm_url, user=facts.user),
        connection.state(),
        stop_at=parse_stop_at(stop_at, now=datetime.now()) if stop_at else None,  # noqa: DTZ005 - the clock on the wall
        as_json=as_json,
        quiet=quiet,
    )


def _resumed(
    job: str | None, target_of: Callable[[JobFacts], Target], state_dir: Path, *, stop_at: datetime | None, as_json: bool, quiet: bool
) -> int:
    from pmbulk.door.running import resume_job

    words = sys.stderr if as_json else sys.stdout
    progress = Progress(words, quiet=quiet)
    with stoppable(words, progress.watch) as stopping, progress:
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
    say(result_lines(result), words)
    exit_code = 130 if interrupted and result.resumable else result.exit_code
    if as_json:
        typer.echo(json.dumps({**result.to_json(), "exit_code": exit_code}, ensure_ascii=False, indent=2))
    return exit_code


def list_all(connection: ConnectionOptions, *, as_json: bool) -> None:
    """Print the jobs, newest first."""
    from pmbulk.jobs.directory import list_jobs

    listed = [
        {
            "job": summary.facts.id,
            "state": "running" if summary.busy else "interrupted" if summary.facts.state == "running" else summary.facts.state.value,
            "input": summary.facts.input_path,
            "pm": summary.facts.pm_url,
            "outcomes": {outcome.value: count for outcome, count in summary.counts.items()},
            "words": outcome_words(summary.counts),
        }
        for summary in list_jobs(connection.state())
    ]
    if as_json:
        typer.echo(
            json.dumps([{key: value for key, value in one.items() if key != "words"} for one in listed], ensure_ascii=False, indent=2)
        )
        return
    if not listed:
        typer.echo(f"No jobs in {connection.state()}.")
    for one in listed:
        typer.echo(f"{one['job']}  {one['state']:<11}  {Path(str(one['input'])).name}  {one['words']}")


def show_one(job: str, connection: ConnectionOptions, *, as_json: bool) -> None:
    """Print how one job stands."""
    from pmbulk.door.results import job_result
    from pmbulk.jobs.directory import job_path
    from pmbulk.jobs.sqlite_journal import SqliteJournal

    with SqliteJournal.read(job_path(connection.state(), job)) as journal:
        result = job_result(journal)
    if as_json:
        typer.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
        return
    typer.echo(f"{result.job}  {result.input} → {result.pm_url}")
    say(result_lines(result), sys.stdout)


def write_again(job: str, output: Path | None, connection: ConnectionOptions) -> None:
    """
    Write a job's results workbook.

    Raises:
        UsageError: If the file exists.
        WorkbookError: If it cannot be written.
    """
    from pmbulk.door.results import write_job_results
    from pmbulk.errors import WorkbookError
    from pmbulk.jobs.directory import job_path
    from pmbulk.jobs.sqlite_journal import SqliteJournal

    if output is not None and output.exists():
        raise UsageError(f"-o {output}: the file exists, and results never overwrite one; give another name")
    with SqliteJournal.read(job_path(connection.state(), job)) as journal:
        result = write_job_results(journal, path=output)
    if result.problem:
        raise WorkbookError(result.problem)
    say(result_lines(result), sys.stdout)
