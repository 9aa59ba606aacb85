"""
What a rerun takes from a results workbook: which rows are done, and where the secrets behind the masks are.

A row's identity is its ``_row`` in the original input; the secrets come from there, unless the file has changed since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pmbulk.door.checking import Checked, CheckedSheet
from pmbulk.entities.cells import CellValue, shown
from pmbulk.entities.names import plain
from pmbulk.errors import TERMINAL, Outcome, PmbulkError, UsageError
from pmbulk.jobs.directory import job_path
from pmbulk.jobs.journal import Settlement
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.secret import MASK
from pmbulk.sheets.read import open_workbook
from pmbulk.sheets.summary import FACT_INPUT_PATH, FACT_INPUT_SHA256, FACT_JOB, read_summary

__all__ = ["Earlier", "EarlierRow"]

#: No status, number of attempts or of seconds is as large.
_NO_FIGURE: Final = 1e9


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """
    A row as the results workbook tells it: its *label* (``_row``), *attempts* so far, the *settlement* if nothing is left to do, and the *job* that it was in.

    *in_doubt* are rows for which something was sent whose effect nobody knows; they are looked at before anything is sent again.
    """

    label: str
    attempts: int
    settlement: Settlement | None
    in_doubt: bool = False
    job: str = ""


@dataclass
class Earlier:
    """
    A results workbook's rows by sheet and row number, collected while it is read.

    *input_path* and *input_sha256* are those of the original input (``""``: the Summary does not tell).
    """

    input_path: str
    input_sha256: str
    rows: dict[tuple[str, int], EarlierRow] = field(default_factory=dict)
    _secrets: dict[str, dict[str, dict[str, CellValue]]] | None = None

    @classmethod
    def of(cls, results: Path, *, source: str = "") -> Earlier:
        """
        The earlier run that *results* tells of; *source* replaces the input's path.

        Raises:
            UsageError: If the workbook is no results workbook.
        """
        facts = read_summary(results)
        if FACT_JOB not in facts:
            raise UsageError(
                f"{results.name} is no results workbook: it has no Summary sheet with a job. Use `pmbulk run {results.name}` for an input."
            )
        original = results.resolve().parent / facts.get(FACT_INPUT_PATH, "")
        earlier = cls(source or str(original), facts.get(FACT_INPUT_SHA256, ""))
        if source:
            earlier._secrets = _read_originals(Path(source), earlier.input_sha256)
            if earlier._secrets is None:
                raise UsageError(
                    f"--source {source} is not the file that {results.name} came from (its contents differ, or it is not there)"
                )
        return earlier

    def amend(self, sheet: CheckedSheet, number: int, cells: list[CellValue]) -> list[CellValue]:
        """Note what the results say of a row, and put its secrets back where they are masked."""
        told = {
            header: shown(cells[index])
            for index, header in enumerate(sheet.binding.headers)
            if header.startswith("_") and index < len(cells)
        }
        label = told.get("_row") or str(number)
        settlement = _settlement(told)
        attempts = int(_figure(told, "_attempts"))
        self.rows[sheet.name, number] = EarlierRow(label, attempts, settlement, _is_in_doubt(told, attempts), told.get("_job", ""))
        hidden = [index for index in sheet.binding.secret_columns if index < len(cells) and cells[index] == MASK]
        if not hidden or settlement is not None:
            return cells
        original = self._originals(sheet).get(label, {})
        for index in hidden:
            cells[index] = original.get(plain(sheet.binding.headers[index]), MASK)
        return cells

    def settle_done(self, checked: Checked) -> None:
        """Tell the rows what is known of them, and take those that are done out of the run: what the check says of them no longer matters."""
        for row in checked.rows:
            earlier = self.of_row(checked, row.ordinal)
            row.label, row.attempts_before, row.in_doubt = earlier.label, earlier.attempts, earlier.in_doubt
            if earlier.settlement is not None:
                row.findings = ()

    def of_row(self, checked: Checked, ordinal: int) -> EarlierRow:
        """What the results say of a row."""
        row = checked.rows[ordinal]
        return self.rows[checked.sheets[row.sheet].name, row.number]

    def kept(self, checked: Checked, state_dir: Path) -> Iterator[tuple[int, str]]:
        """What the journals in *state_dir* have kept of rows in doubt, by ordinal; of a journal that is not there, nothing."""
        by_job: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for row in checked.rows:
            if row.in_doubt:
                by_job[self.of_row(checked, row.ordinal).job][checked.sheets[row.sheet].name, row.label] = row.ordinal
        for job, wanted in by_job.items():
            with suppress(PmbulkError), SqliteJournal.read(job_path(state_dir, job)) as journal:
                names = {sheet.position: sheet.name for sheet in journal.sheets()}
                for one in journal.rows(done=False):
                    ordinal = wanted.get((names[one.facts.sheet], one.facts.label or str(one.facts.number)))
                    if ordinal is not None and (kept := journal.kept(one.facts.ordinal)):
                        yield ordinal, kept

    def _originals(self, sheet: CheckedSheet) -> dict[str, dict[str, CellValue]]:
        """The original input's cells of the sheet, by row label and header; empty where the file is not there or is another one."""
        if self._secrets is None:
            self._secrets = _read_originals(Path(self.input_path), self.input_sha256) or {}
        # The only sheet of a file may have another name, which --entity replaced.
        found = next(iter(self._secrets.values())) if len(self._secrets) == 1 else self._secrets.get(plain(sheet.name))
        return found or {}


def _read_originals(path: Path, sha256: str) -> dict[str, dict[str, dict[str, CellValue]]] | None:
    """The cells of the file by sheet, row label and header; ``None`` where the file is not there or is another one."""
    if not path.is_file():
        return None
    with open_workbook(path) as workbook:
        if workbook.sha256 != sha256:
            return None
        return {
            plain(sheet.name): {str(number): _by_header(sheet.headers, cells) for number, cells in sheet.rows()}
            for sheet in workbook.sheets
        }


def _by_header(headers: Sequence[CellValue], cells: Sequence[CellValue]) -> dict[str, CellValue]:
    return {plain(shown(header)): value for header, value in zip(headers, cells, strict=False)}


def _is_in_doubt(told: dict[str, str], attempts: int) -> bool:
    """Whether a row's requests may have had an effect that was never found out; one that was not come to since counts as well."""
    status = told.get("_status", "").strip().casefold()
    return status == Outcome.UNKNOWN or (attempts > 0 and status in {Outcome.INVALID, Outcome.BLOCKED, Outcome.NOT_RUN})


def _settlement(told: dict[str, str]) -> Settlement | None:
    """The settlement of a row that is done; ``None`` for one that is to run again."""
    try:
        outcome = Outcome(told.get("_status", "").strip().casefold())
    except ValueError:
        return None
    if outcome not in TERMINAL:
        return None
    try:
        finished_at = datetime.fromisoformat(told.get("_finished_at", ""))
    except ValueError:
        finished_at = datetime.now(UTC)
    return Settlement(
        outcome,
        finished_at,
        message=told.get("_message", ""),
        code=told.get("_code", ""),
        http=int(_figure(told, "_http")) or None,
        attempts=int(_figure(told, "_attempts")),
        seconds=_figure(told, "_seconds"),
        object_id=told.get("_id", ""),
        job=told.get("_job", ""),
    )


def _figure(told: dict[str, str], name: str) -> float:
    """The figure under *name*; 0 where there is none, or where somebody has typed over it what can be none."""
    try:
        figure = float(told.get(name) or 0)
    except ValueError:
        return 0.0
    return figure if 0.0 <= figure < _NO_FIGURE else 0.0
