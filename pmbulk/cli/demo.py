"""The demo: from a list that HR sends to people in PM, with one row that fails on the way and is corrected, on a simulated PM."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pmbulk.cli.hr_sample import write_hr_list, write_hr_mapping
from pmbulk.cli.onboard import onboard_lines, password_lines
from pmbulk.cli.plan import plan_lines
from pmbulk.cli.summary import intent_lines, result_lines, say
from pmbulk.cli.workbooks import check_lines
from pmbulk.errors import UsageError

if TYPE_CHECKING:
    from pmbulk.door.intent import Intent
    from pmbulk.door.results import JobResult
    from pmbulk.door.running import Target

__all__ = ["run_demo"]

_LIST: Final = "personallista.csv"
_MAPPING: Final = "hr_personallista.toml"
_WORKBOOK: Final = "joiners.xlsx"
_CORRECTED: Final = "joiners.corrected.xlsx"
#: Another Anna Berg is in PM already: sheet, header, what the list came to, what is typed over it.
_CORRECTION: Final = ("users", "userId", "anna.berg", "anna.berg2")


def run_demo(folder: Path | None) -> None:
    """
    Run the demo in *folder* (``None``: a new temporary one).

    Raises:
        UsageError: If the simulator is not installed, or the folder cannot be made, or has files of an earlier demo.
        RuntimeError: If the story does not end as it should: a mistake in pmbulk.
    """
    try:
        from pmbulk.simulator import SimulatorSettings, running
    except ImportError as error:
        raise UsageError('The demo needs the simulator; install it with: pip install "pmbulk[simulator]"') from error
    place = folder or Path(tempfile.mkdtemp(prefix="pmbulk-demo-"))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{place} cannot be made ({error.strerror or error}); give another folder with -o") from error
    if (place / _LIST).exists():
        raise UsageError(f"{place} has the files of an earlier demo; give another folder with -o")
    write_hr_list(place / _LIST)
    write_hr_mapping(place / _MAPPING)
    settings = SimulatorSettings(latency_s=0.02)
    with running(settings) as pm:
        last = _Story(place, _target(pm.url, settings.username, settings.password, place / "state")).tell()
    say(["", f"The files are in {place}; open the two .results.xlsx in Excel or LibreOffice."], sys.stdout)
    if last.exit_code:
        raise RuntimeError("the demo's rerun left rows that did not succeed")


def _target(url: str, user: str, password: str, state_dir: Path) -> Target:
    from pmbulk.door.running import Target
    from pmbulk.pm.transport import Connection
    from pmbulk.secret import Secret

    return Target(Connection(url, user, Secret(password)), state_dir)


@dataclass(frozen=True, slots=True)
class _Story:
    """The commands of the story, told as if they were typed in the folder *place*."""

    place: Path
    target: Target

    def tell(self) -> JobResult:
        """What the last command ends with."""
        from pmbulk.door.job import check_input
        from pmbulk.door.planning import plan_job
        from pmbulk.door.running import rerun_job, run_job

        typer.echo(f"A simulated PM answers at {self.target.connection.url}; HR has sent {_LIST}.")
        self._onboard()
        workbook = self.place / _WORKBOOK
        self._typed(f"check {_WORKBOOK}")
        self._say(check_lines(check_input(workbook, state_dir=self.target.state_dir)))
        self._typed(f"plan {_WORKBOOK}")
        # Conflicts come first: what the run below will fail on.
        self._say(plan_lines(plan_job(workbook, self.target), shown=1))
        self._typed(f"run {_WORKBOOK}")
        first = self._ran(run_job, workbook)
        self._correct(first.results)
        self._typed(f"rerun {_CORRECTED}")
        return self._ran(rerun_job, self.place / _CORRECTED)

    def _onboard(self) -> None:
        from pmbulk.door.onboarding import onboard_file

        self._typed(f"onboard {_LIST} --mapping {_MAPPING} -o {_WORKBOOK}")
        result = onboard_file(self.place / _LIST, self.place / _MAPPING, self.place / _WORKBOOK, self.target.state_dir)
        self._say([*onboard_lines(result), *password_lines(result)])

    def _ran(self, job: Callable[..., JobResult], path: Path) -> JobResult:
        result = job(path, self.target, agree=self._agree)
        self._say(result_lines(result))
        return result

    def _agree(self, intent: Intent) -> bool:
        self._say(intent_lines(intent, policy=False))
        return True

    def _correct(self, results: Path | None) -> None:
        """Copy the results workbook and type the right value over the one that failed."""
        from openpyxl import load_workbook

        if results is None:
            raise RuntimeError("the demo's results were not written")
        name, header, wrong, right = _CORRECTION
        workbook = load_workbook(results)
        sheet = workbook[name]
        column = next(cell.column for cell in sheet[1] if cell.value == header)
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, column).value == wrong:
                sheet.cell(row, column).value = right
        workbook.save(self.place / _CORRECTED)
        self._say(["", f"Typed over it in a copy of the results: {header} '{wrong}' → '{right}'"])
        self._say(["With --live `onboard` looks in PM first and gives everybody a free id."])

    def _typed(self, command: str) -> None:
        self._say(["", f"$ pmbulk {command}"])

    def _say(self, lines: Iterable[str]) -> None:
        say((line.replace(f"{self.place}{os.sep}", "") for line in lines), sys.stdout)
