"""What a run is about to do: counted for whoever must agree, and refused where nobody can have meant it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pmbulk.door.job import Job
from pmbulk.door.options import RunOptions
from pmbulk.entities.model import Operation
from pmbulk.errors import TERMINAL, Outcome, UsageError

__all__ = ["Intent", "intent_of", "refuse"]


@dataclass(frozen=True, slots=True)
class Intent:
    """
    What a run is about to do, for whoever must agree: rows per sheet and operation, and rows that will not be sent.

    *done* rows are so already, *ended* ones have another outcome that stands. *notices* tell what is no longer as it was when the job began, and what to know of
    the rows before they are sent.
    """

    input: Path
    pm_url: str
    options: RunOptions
    operations: Mapping[tuple[str, Operation], int]
    invalid: int
    done: int
    ended: int
    left_out: int
    notices: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows will be sent; none if an invalid one forbids it."""
        return 0 if self.options.strict and self.invalid else sum(self.operations.values())

    @property
    def deletes(self) -> int:
        """How many objects will be removed."""
        return sum(count for (_sheet, operation), count in self.operations.items() if operation is Operation.DELETE)

    @property
    def moves(self) -> int:
        """How many objects will be somewhere else; that takes away none, so these are no deletes."""
        return sum(count for (_sheet, operation), count in self.operations.items() if operation is Operation.MOVE)

    @property
    def changes(self) -> int:
        """How many rows change something that is there, deletes and moves not counted."""
        harmless = {Operation.CREATE, Operation.IMPORT, Operation.DELETE, Operation.MOVE}
        return sum(count for (_sheet, operation), count in self.operations.items() if operation not in harmless)


def intent_of(job: Job, pm_url: str, settled: Mapping[int, Outcome]) -> Intent:
    """What the rows of *job* that have not *settled* would do."""
    operations: Counter[tuple[str, Operation]] = Counter()
    outcomes: Counter[Outcome] = Counter()
    left_out = 0
    for row in job.checked.rows:
        if row.ordinal in job.refused:
            continue
        if row.node is None:
            left_out += 1
        elif row.ordinal in settled:
            outcomes[settled[row.ordinal]] += 1
        else:
            operations[job.checked.sheets[row.sheet].name, row.operation] += 1
    done = sum(outcomes[outcome] for outcome in TERMINAL)
    invalid = outcomes[Outcome.INVALID]
    ended = outcomes.total() - done - invalid
    notices = (*job.notices, *job.checked.cautions({sheet for sheet, _operation in operations}))
    return Intent(job.checked.path, pm_url, job.options, operations, invalid, done, ended, left_out, notices)


def refuse(job: Job, intent: Intent) -> None:
    """
    Make sure that a new job is one that somebody can have meant.

    Raises:
        UsageError: If no row is selected, or more would be deleted than is allowed.
    """
    if intent.left_out == len(job.checked.rows):
        raise UsageError(f"--only and --rows leave no row of {intent.input.name}; nothing was sent")
    most = job.options.deletes_max
    if most is not None and intent.deletes > most:
        raise UsageError(
            f"{intent.input.name} deletes {intent.deletes:,} objects, more than the {most:,} that may go. Nothing was sent. "
            f"If all of them are to go, add --max-deletes {intent.deletes}."
        )
