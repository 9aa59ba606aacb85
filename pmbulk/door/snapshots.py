"""
What the journal has kept of rows whose end is not known, written out for whoever puts it right by hand.

Secrets in the files are sealed one by one: typed into a workbook's cell, a sealed one is as good as the secret itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pmbulk.door.checking import Checked
from pmbulk.errors import Outcome
from pmbulk.jobs.directory import job_path
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.seal import Seal
from pmbulk.secret import Secret, masked

__all__ = ["Snapshots"]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The files of one job in *folder*, with secrets under *seal*."""

    folder: Path
    seal: Callable[[], Seal]

    @classmethod
    def of(cls, state_dir: Path, job: str, seal: Callable[[], Seal]) -> Snapshots:
        """Those of the job called *job*."""
        return cls(job_path(state_dir, job).with_suffix(".snapshots"), seal)

    def path(self, sheet: str, number: int) -> Path:
        """The file of the row *number* of *sheet*."""
        return self.folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', sheet)}-{number}.json"

    def sentence(self, sheet: str, number: int) -> str:
        """Where to find what was, in words."""
        return f"What PM had before this row began is in {self.path(sheet, number)}."

    def write(self, journal: SqliteJournal, checked: Checked) -> None:
        """Write the file of every row that ended unknown, as far as something was kept for it; what cannot be written stays in the journal."""
        for ordinal, outcome in journal.settled().items():
            kept = journal.kept(ordinal) if outcome is Outcome.UNKNOWN else ""
            if not kept:
                continue
            row = checked.rows[ordinal]
            # Where a file cannot be written nothing else can either, and the run's end must not hang on it.
            with suppress(OSError):
                self._write(self.path(checked.sheets[row.sheet].name, row.number), kept)

    def _write(self, path: Path, kept: str) -> None:
        seal = self.seal()
        content = masked(json.loads(seal.open(kept).reveal()), cover=lambda text: seal.seal(Secret(text)))
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever else uses the computer has no business with it.
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8", errors="backslashreplace")
