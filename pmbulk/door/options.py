"""What a run is told, and how it is remembered for a resume."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from pmbulk.entities.names import plain
from pmbulk.entities.session import IfExists
from pmbulk.errors import UsageError

__all__ = ["DEFAULT_CONCURRENCY", "RunOptions", "parse_failures_max", "parse_rows"]

#: Rows in flight at once where nobody says otherwise; PM's own limit is not documented (DOMAIN 4).
DEFAULT_CONCURRENCY: Final = 8


@dataclass(frozen=True, slots=True)
class RunOptions:
    """
    How a run goes about its rows; all of it is kept in the journal.

    *failures_max* and *failures_max_percent* stop the run once more rows have failed (``None``: never). *outage_max_s* is how long a run waits for a PM that
    does not answer any more. *only* is a sheet, *first_row* and *last_row* are row
    numbers of the file; rows outside are left out. *strict* sends nothing if any row is invalid. *source* is where a rerun takes secrets from (``""``: the
    file named in the results) and *source_sha256* what that file was. *keep_secrets* writes secrets into the results.
    """

    concurrency: int = DEFAULT_CONCURRENCY
    per_subsystem: int = 1
    if_exists: IfExists = IfExists.FAIL
    failures_max: int | None = None
    failures_max_percent: float | None = None
    outage_max_s: float = 900.0
    strict: bool = False
    entity: str | None = None
    only: str | None = None
    first_row: int | None = None
    last_row: int | None = None
    keep_secrets: bool = False
    rerun: bool = False
    source: str = ""
    source_sha256: str = ""
    results: str = ""

    def selects(self, sheet: str, number: int) -> bool:
        """Whether the row *number* of *sheet* is to be run."""
        if self.only is not None and plain(self.only) != plain(sheet):
            return False
        return (self.first_row is None or number >= self.first_row) and (self.last_row is None or number <= self.last_row)

    def in_words(self) -> str:
        """The policy in force, for people."""
        budget = "stop at no number of failures"
        if self.failures_max is not None:
            budget = f"stop after {self.failures_max} failures"
        elif self.failures_max_percent is not None:
            budget = f"stop after {self.failures_max_percent:g} % failures"
        parts = [
            f"{self.concurrency} rows in flight, {self.per_subsystem} per telephony subsystem",
            f"objects that exist: {self.if_exists}",
            "nothing is sent if a row is invalid" if self.strict else "rows that fail do not hold up others",
            budget,
        ]
        return "; ".join(parts)

    def to_text(self) -> str:
        """The options as JSON, for the journal."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The options that `to_text` wrote."""
        values: dict[str, Any] = json.loads(text)
        options = cls(**values)
        return replace(options, if_exists=IfExists(options.if_exists))

    def results_path(self) -> Path | None:
        """Where the results shall be written; ``None`` for beside the input."""
        return Path(self.results) if self.results else None


def parse_rows(text: str) -> tuple[int, int | None]:
    """
    The first and last row of ``2-50``, ``7`` or ``100-`` (``None``: to the end).

    Raises:
        UsageError: If it is none of them.
    """
    first, dash, last = text.strip().partition("-")
    try:
        numbers = int(first), (int(last) if last else None) if dash else int(first)
    except ValueError:
        numbers = 0, None
    if numbers[0] < 2 or (numbers[1] is not None and numbers[1] < numbers[0]):
        raise UsageError(f"--rows '{text}' is no range of rows; type it like 2-50, 7 or 100- (row 1 holds the headers)")
    return numbers


def parse_failures_max(text: str) -> tuple[int | None, float | None]:
    """
    The number or the percentage of ``25`` or ``5%``.

    Raises:
        UsageError: If it is neither.
    """
    try:
        if text.strip().endswith("%"):
            percent = float(text.strip()[:-1])
            if 0 <= percent <= 100:
                return None, percent
        elif (number := int(text)) >= 0:
            return number, None
    except ValueError:
        pass
    raise UsageError(f"--max-failures '{text}' is neither a number nor a percentage; type it like 25 or 5%")
