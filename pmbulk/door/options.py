"""What a run is told, and how it is remembered for a resume."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from pmbulk.entities.names import plain
from pmbulk.entities.session import Carry, IfExists
from pmbulk.errors import UsageError

__all__ = ["DEFAULT_CONCURRENCY", "RunOptions", "parse_failures_max", "parse_rows", "parse_stop_at"]

#: Requests out at once at most where nobody says otherwise; PM's own limit is not documented (DOMAIN 4) and is found out below this.
DEFAULT_CONCURRENCY: Final = 100


@dataclass(frozen=True, slots=True)
class RunOptions:
    """
    How a run goes about its rows; all of it is kept in the journal.

    *concurrency* is the ceiling that the limit found out stays below; *steady* keeps to the ceiling instead. *failures_max* and *failures_max_percent* stop
    the run once more rows have failed (``None``: never). *outage_max_s* is how long a run waits for a PM that does not answer any more. A workbook with more
    deletes than *deletes_max* is refused before anything is sent (``None``: no limit). The run stops at *stop_at*; as it is a moment and no time of day, a
    resume knows whether it has been used up. After the first *pilot* rows it stops too, once (``None``: it does not). *only* is a sheet, *first_row* and
    *last_row* are row numbers of the file; rows outside are left out. *strict* sends nothing if any row is invalid. *source* is where a rerun takes
    secrets from (``""``: the file named in the results) and *source_sha256* what that file was. *carry* is what becomes of moves that would lose
    something of value. *keep_secrets* writes secrets into the results.
    """

    concurrency: int = DEFAULT_CONCURRENCY
    steady: bool = False
    per_subsystem: int = 1
    if_exists: IfExists = IfExists.FAIL
    carry: Carry = Carry.STRICT
    failures_max: int | None = None
    failures_max_percent: float | None = None
    outage_max_s: float = 900.0
    deletes_max: int | None = None
    stop_at: datetime | None = None
    pilot: int | None = None
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

    def in_words(self) -> tuple[str, str]:
        """The policy in force, for people, in the words of the options: how the run goes about it, and what ends it."""
        failures = f"{self.failures_max_percent:g}%" if self.failures_max_percent is not None else _limit(self.failures_max)
        until = f"{self.stop_at.astimezone():%Y-%m-%d %H:%M}" if self.stop_at is not None else "none"
        steady, strict = " steady" if self.steady else "", ", strict" if self.strict else ""
        carry = f", carry {self.carry}" if self.carry is Carry.BEST else ""
        return (
            f"concurrency {self.concurrency}{steady}, per-subsystem {self.per_subsystem}, if-exists {self.if_exists}{carry}{strict}",
            f"max-failures {failures}, max-deletes {_limit(self.deletes_max)}, stop-at {until}{f', pilot {self.pilot}' if self.pilot else ''}",
        )

    def to_text(self) -> str:
        """The options as JSON, for the journal."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The options that `to_text` wrote."""
        values: dict[str, Any] = json.loads(text)
        options = cls(**values)
        stop_at = datetime.fromisoformat(values["stop_at"]) if values.get("stop_at") else None
        return replace(options, if_exists=IfExists(options.if_exists), carry=Carry(options.carry), stop_at=stop_at)

    def results_path(self) -> Path | None:
        """Where the results shall be written; ``None`` for beside the input."""
        return Path(self.results) if self.results else None


def _limit(number: int | None) -> str:
    return "none" if number is None else f"{number}"


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


def parse_stop_at(text: str, *, now: datetime) -> datetime:
    """
    The moment (UTC) at which the clock on the wall next shows ``22:30``; *now* is local and bears no time zone.

    Raises:
        UsageError: If it is no time of day.
    """
    try:
        time = datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - the time of the computer's own zone is meant
    except ValueError as error:
        raise UsageError(f"--stop-at '{text}' is no time of day; type it like 22:30") from error
    moment = datetime.combine(now, time)
    # Counted on the wall and turned into UTC afterwards: a day on which the clocks change has 23 or 25 hours.
    return (moment if moment > now else moment + timedelta(days=1)).astimezone(UTC)
