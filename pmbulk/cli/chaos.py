"""
A rehearsal of bad days: a workbook of mixed entities is run against a simulated PM that fails in every way, then held against its books.

Joins the simulator's rehearsal with real runs over TCP; decides nothing about either.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pmbulk.cli.logs import configure_logs
from pmbulk.errors import LoginError, PmbulkError, UnreachableError, UsageError

if TYPE_CHECKING:
    from pmbulk.door.results import JobResult
    from pmbulk.door.running import Target
    from pmbulk.simulator import Fault, FaultKind, Running, SimulatorSettings
    from pmbulk.simulator.books import Audit
    from pmbulk.simulator.rehearsal import Rehearsed

__all__ = ["Figures", "figures_of", "outcomes_of", "rehearse", "rehearse_for_people", "write_rehearsal"]

#: How long the client waits for an answer; shorter than the simulator stalls.
_TIMEOUT_S: Final = 0.2
#: Requests on their way at once.
_CONCURRENCY: Final = 16
#: Logins in vain, and stops, after which a rehearsal is called off.
_PATIENCE: Final = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What rehearsals with the same faults came to; the fields are the columns of the table.

    *starts* are the runs that it took, since a login in vain ends a run and a stopped job is resumed. *contradictions* are named in words.
    """

    faults: str
    rows: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    unknown: int = 0
    half_made: int = 0
    given_up: int = 0
    requests: int = 0
    struck: int = 0
    starts: int = 0
    seconds: float = 0.0
    contradictions: tuple[str, ...] = ()

    def __add__(self, other: Figures) -> Figures:
        """Both together."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _SUMMED}
        return Figures(self.faults, **sums)

    def line(self) -> str:
        """The line of the table."""
        return _line([self.faults, *(f"{getattr(self, name):.0f}" for name in _FIGURES)])

    @staticmethod
    def headline() -> str:
        """The headers of the table."""
        return _line(["faults", *(name.replace("_", " ") for name in _FIGURES)])


_SUMMED: Final = tuple(each.name for each in fields(Figures))[1:]
_FIGURES: Final = _SUMMED[:-1]


def _line(cells: Sequence[str]) -> str:
    return cells[0].ljust(15) + "".join(cell.rjust(11) for cell in cells[1:])


def rehearse(
    kind: FaultKind | None, *, seed: int, rows: int, folder: Path, probability: float = 0.1, before: tuple[Fault, ...] = ()
) -> Figures:
    """
    Run a workbook of *rows* rows through faults of one *kind*, or of all (``None``), and those *before*; files are written to *folder*.

    Raises:
        UnreachableError: If PM never let the run begin.
        LoginError: If PM took back the token at every start.
    """
    from pmbulk.simulator import SimulatorSettings, running
    from pmbulk.simulator.books import audit
    from pmbulk.simulator.chaos import TOKEN_LIFETIME_S, bad_day, latency_s
    from pmbulk.simulator.rehearsal import made_up_users, rehearsal

    plan = rehearsal(rows)
    folder.mkdir(parents=True, exist_ok=True)
    workbook = write_rehearsal(plan, folder / "rehearsal.xlsx")
    settings = SimulatorSettings(
        generated_users=made_up_users(rows),
        faults=(*before, *bad_day(kind, probability=probability)),
        latency_s=latency_s(kind),
        token_lifetime_s=TOKEN_LIFETIME_S,
        seed=seed,
    )
    began = time.monotonic()
    with running(settings) as pm:
        result, starts = _carried_out(workbook, _target(pm.url, settings, folder / "state"))
        seconds = time.monotonic() - began
        outcomes = outcomes_of(plan, result.results)
        found = audit(plan, outcomes, requests=list(pm.requests), world=pm.world)
        return figures_of(found, faults=kind.value if kind else "mixed", pm=pm, starts=starts, seconds=seconds)


def figures_of(found: Audit, *, faults: str, pm: Running, starts: int, seconds: float) -> Figures:
    """The figures of one rehearsal against *pm*."""
    return Figures(
        faults=faults,
        rows=found.rows,
        lost=len(found.lost),
        duplicated=len(found.duplicated),
        wrong=len(found.wrong),
        unknown=len(found.unknown),
        half_made=len(found.half_made),
        given_up=len(found.given_up),
        requests=len(pm.requests),
        struck=pm.faults.struck(),
        starts=starts,
        seconds=seconds,
        contradictions=tuple(found.contradictions),
    )


def _target(url: str, settings: SimulatorSettings, state: Path) -> Target:
    from pmbulk.door.running import Target
    from pmbulk.pm.transport import Connection
    from pmbulk.secret import Secret

    return Target(Connection(url, settings.username, Secret(settings.password), timeout_s=_TIMEOUT_S), state)


def _carried_out(workbook: Path, target: Target) -> tuple[JobResult, int]:
    """The job run to its end as a person would, and how many starts that took: a login in vain is tried again, a stopped job resumed."""
    from pmbulk.door.options import RunOptions
    from pmbulk.door.running import resume_job, run_job

    result: JobResult | None = None
    unreached: PmbulkError | None = None
    for start in range(1, _PATIENCE + 1):
        try:
            if result is None:
                result = run_job(workbook, target, options=RunOptions(concurrency=_CONCURRENCY))
            else:
                result = resume_job(result.job, lambda _facts: target, target.state_dir)
        except (UnreachableError, LoginError) as error:
            # A token may be taken back while the start tries it out; nothing was sent.
            unreached = error
            continue
        if not result.left:
            return result, start
    if result is None and unreached is not None:
        raise unreached
    if result is None:
        raise RuntimeError("a rehearsal came to no result")
    return result, _PATIENCE


def write_rehearsal(rows: Sequence[Rehearsed], path: Path) -> Path:
    """The workbook of *rows* at *path*, one sheet per entity."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for name in dict.fromkeys(row.sheet for row in rows):
        own = [row.cells for row in rows if row.sheet == name]
        headers = dict.fromkeys(["action", *(header for cells in own for header in cells)])
        sheet = workbook.create_sheet(name)
        sheet.append(list(headers))
        for cells in own:
            sheet.append([cells.get(header) for header in headers])
    workbook.save(path)
    return path


def outcomes_of(rows: Sequence[Rehearsed], results: Path | None) -> list[str | None]:
    """The outcome of each of *rows* in a results workbook, by its sheet and row number; ``None`` where it has none."""
    from openpyxl import load_workbook

    if results is None:
        return [None] * len(rows)
    told: dict[tuple[str, int], str] = {}
    workbook = load_workbook(results, read_only=True)
    for sheet in workbook.worksheets:
        lines = sheet.iter_rows(values_only=True)
        headers = list(next(lines))
        if "_row" in headers:
            status, number = headers.index("_status"), headers.index("_row")
            told |= {(sheet.title, int(str(line[number]))): str(line[status]) for line in lines}
    workbook.close()
    return [told.get(place) for place in _places(rows)]


def _places(rows: Sequence[Rehearsed]) -> Iterator[tuple[str, int]]:
    """Sheet and row number of each row."""
    last: dict[str, int] = {}
    for row in rows:
        last[row.sheet] = last.get(row.sheet, 1) + 1
        yield row.sheet, last[row.sheet]


def rehearse_for_people(*, seed: int, rows: int) -> int:
    """
    Rehearse every kind of fault alone, then all mixed, and show the figures of each; 0 if the books agree with all outcomes, else 1.

    Raises:
        UsageError: If the simulator is not installed.
    """
    try:
        from pmbulk.simulator import FaultKind
    except ImportError as error:
        raise UsageError('The rehearsal needs the simulator; install it with: pip install "pmbulk[simulator]"') from error
    configure_logs(0)
    typer.echo(Figures.headline())
    contradictions: list[str] = []
    with tempfile.TemporaryDirectory(prefix="pmbulk-chaos-", ignore_cleanup_errors=True) as folder:
        for kind in (*FaultKind, None):
            figures = rehearse(kind, seed=seed, rows=rows, folder=Path(folder) / (kind.value if kind else "mixed"))
            typer.echo(figures.line())
            contradictions += figures.contradictions
    typer.echo("\n".join(contradictions) or "The simulator's books agree with every outcome.")
    return 1 if contradictions else 0
