"""The demo: the main job from a workbook with slips in it to a workbook in which every row succeeded, on a simulated PM."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pmbulk.cli.sample import CORRECTIONS, write_sample
from pmbulk.cli.summary import intent_lines, result_lines, say
from pmbulk.errors import UsageError

if TYPE_CHECKING:
    from pmbulk.door.intent import Intent
    from pmbulk.door.results import JobResult
    from pmbulk.door.running import Target

__all__ = ["run_demo"]


def run_demo(folder: Path | None) -> None:
    """
    Run the demo in *folder* (``None``: a new temporary one).

    Raises:
        UsageError: If the simulator is not installed, or the folder has files of an earlier demo.
        RuntimeError: If the story does not end as it should: a mistake in pmbulk.
    """
    try:
        from pmbulk.simulator import SimulatorSettings, running
    except ImportError as error:
        raise UsageError("The demo needs the simulator; install it with: pip install 'pmbulk[simulator]'") from error
    place = folder or Path(tempfile.mkdtemp(prefix="pmbulk-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    sample = place / "new_site.xlsx"
    if sample.exists():
        raise UsageError(f"{place} has the files of an earlier demo; give another folder with -o")
    write_sample(sample)
    settings = SimulatorSettings(latency_s=0.02)
    with running(settings) as pm:
        typer.echo(f"A simulated PM answers at {pm.url}.\n")
        target = _target(pm.url, settings.username, settings.password, place / "state")
        first = _told("run", sample, target)
        corrected = place / "new_site.corrected.xlsx"
        _correct(first.results, corrected)
        typer.echo(f"\nNow the slips are corrected in a copy of the results, as you would in Excel ({corrected.name}):")
        for sheet, header, slip, right in CORRECTIONS:
            typer.echo(f"  {sheet}, {header}: '{slip}' → '{right}'")
        typer.echo("")
        second = _told("rerun", corrected, target)
    typer.echo(f"\nThe files are in {place}; open the two .results.xlsx in Excel or LibreOffice.")
    if second.exit_code:
        raise RuntimeError("the demo's rerun left rows that did not succeed")


def _target(url: str, user: str, password: str, state_dir: Path) -> Target:
    from pmbulk.door.running import Target
    from pmbulk.pm.transport import Connection
    from pmbulk.secret import Secret

    return Target(Connection(url, user, Secret(password)), state_dir)


def _show(intent: Intent) -> bool:
    say(intent_lines(intent), sys.stdout)
    return True


def _told(command: str, path: Path, target: Target) -> JobResult:
    """The end of `run` or `rerun`, shown as on the command line."""
    from pmbulk.door.running import rerun_job, run_job

    typer.echo(f"$ pmbulk {command} {path.name}")
    result = (rerun_job if command == "rerun" else run_job)(path, target, agree=_show)
    say(result_lines(result), sys.stdout)
    return result


def _correct(results: Path | None, corrected: Path) -> None:
    """Copy the results workbook and type the right values over the slips."""
    from openpyxl import load_workbook

    if results is None:
        raise RuntimeError("the demo's results were not written")
    workbook = load_workbook(results)
    for sheet in workbook.worksheets:
        headers = [cell.value for cell in sheet[1]]
        for name, header, slip, right in CORRECTIONS:
            if sheet.title != name:
                continue
            for (cell,) in sheet.iter_rows(min_row=2, min_col=headers.index(header) + 1, max_col=headers.index(header) + 1):
                if cell.value == slip:
                    cell.value = right
    workbook.save(corrected)
