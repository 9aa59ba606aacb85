"""Where jobs live on disk and what they are called: one journal per job in ``<state_dir>/jobs``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from pmbulk.errors import Outcome, PmbulkError, UsageError
from pmbulk.jobs.job_lock import is_busy
from pmbulk.jobs.journal import JobFacts
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.narration import Narrator

__all__ = ["JobSummary", "job_path", "list_jobs", "new_job_id"]

log = Narrator(__name__)

#: Letters and digits that are not taken for one another.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_JOB_ID: Final = re.compile(r"\d{8}-\d{6}-[a-z0-9]{4}")


@dataclass(frozen=True, slots=True)
class JobSummary:
    """One job of the list: its facts, its rows per outcome, and whether a process is *busy* with it now (a running job without one was interrupted)."""

    facts: JobFacts
    counts: dict[Outcome, int]
    busy: bool


def new_job_id(now: datetime, *, random: Random | None = None) -> str:
    """A name for a job that starts *now* (UTC), such as ``20261123-205632-k3f9``: sorts by time, and can be read out on the telephone."""
    tail = "".join((random or SystemRandom()).choices(_LETTERS, k=4))
    return f"{now:%Y%m%d-%H%M%S}-{tail}"


def job_path(state_dir: Path, job_id: str) -> Path:
    """
    The journal of the job.

    Raises:
        UsageError: If *job_id* is not the name of a job.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise UsageError(f"{job_id!r} is not a job's name, which looks like 20261123-205632-k3f9; `pmbulk jobs` lists those there are")
    return state_dir / "jobs" / f"{job_id}.db"


def list_jobs(state_dir: Path) -> Iterator[JobSummary]:
    """The jobs, newest first; a file that cannot be read is left out with a warning in the log."""
    found = [path for path in (state_dir / "jobs").glob("*.db") if _JOB_ID.fullmatch(path.stem)]
    for path in sorted(found, reverse=True):
        try:
            with SqliteJournal.read(path) as journal:
                summary = JobSummary(journal.facts(), _total(journal.counts()), is_busy(path))
        except PmbulkError as error:
            log.warning("job.unreadable", path=str(path), reason=str(error))
            continue
        yield summary


def _total(counts: Mapping[int, Mapping[Outcome, int]]) -> dict[Outcome, int]:
    total: Counter[Outcome] = Counter()
    for of_sheet in counts.values():
        total.update(of_sheet)
    return dict(total)
