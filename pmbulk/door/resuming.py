"""
What a resume makes of an input that is no longer as it was when the job began: rows that are the same go on, the others are refused and named.

A row is the same if its cells are, wherever in its sheet it stands now. The journal says what the rows were, secrets excepted.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from pmbulk.door.checking import Checked, CheckedRow, CheckedSheet
from pmbulk.door.job import Job
from pmbulk.door.options import RunOptions
from pmbulk.entities.binding import bind
from pmbulk.entities.cells import CellValue, shown
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import Finding, Outcome, WorkbookError
from pmbulk.jobs.journal import JournalledRow, Settlement, SheetFacts, findings_to_text
from pmbulk.jobs.sqlite_journal import SqliteJournal

__all__ = ["take_up"]

#: So many rows are named one by one; all of them are in the results.
_NAMED: Final = 5


def take_up(now: Checked, journal: SqliteJournal, options: RunOptions) -> Job:
    """
    The job of *journal*, its rows with the cells of the file as it is *now* where they are the same.

    Raises:
        WorkbookError: If none of the rows that are left is as it was.
    """
    sheets = journal.sheets()
    checked = Checked(now.path, now.sha256, tuple(map(_as_it_was, sheets)))
    refused: dict[int, Settlement] = {}
    steps: dict[int, list[str]] = defaultdict(list)
    for attempt in journal.open_attempts():
        steps[attempt.ordinal].append(attempt.step)
    told = _Told()
    same_left = 0
    for facts in sheets:
        found = _Found(facts, now)
        rows = list(journal.rows(facts.position))
        found.pair(rows)
        for row in rows:
            same = found.same.get(row.facts.ordinal)
            _add(checked, row, same)
            left = row.settlement is None and options.selects(facts.name, row.facts.number)
            same_left += left and same is not None
            if same is None:
                difference = found.difference(row)
                if left:
                    refused[row.facts.ordinal] = _refusal(row, difference, steps[row.facts.ordinal], checked)
                told.lost(checked.name_of(row.facts.ordinal), row, difference, left=left)
        told.new += [now.name_of(row.ordinal) for row in found.extra()]
    known = {facts.name for facts in sheets}
    told.new += [now.name_of(row.ordinal) for row in now.rows if now.sheets[row.sheet].name not in known]
    if not same_left:
        job = journal.facts().id
        raise WorkbookError(
            f"{now.path.name} is not what job {job} began with: none of the rows that are left is as it was. Put the old file back, or write the results "
            f"with `pmbulk results {job}`, correct the rows there and use `pmbulk rerun`."
        )
    return Job(checked, options, refused=refused, notices=told.sentences())


def _as_it_was(facts: SheetFacts) -> CheckedSheet:
    entity = ENTITIES[facts.entity]
    return CheckedSheet(facts.name, entity, bind(entity, facts.headers, sheet=facts.name))


def _add(checked: Checked, row: JournalledRow, same: CheckedRow | None) -> None:
    """Add the journal's *row* under the number that it had; its secrets are known only if it is still the *same*."""
    added = checked.add(row.facts.sheet, row.facts.number, same.values() if same is not None else json.loads(row.facts.cells))
    added.label, added.attempts_before = row.facts.label, row.facts.attempts_before
    added.in_doubt = same is not None and same.in_doubt


@dataclass(frozen=True, slots=True)
class _Difference:
    """How a row is no longer what it was: *columns* with old and new value; none where it is gone, and then *why* says how."""

    columns: tuple[tuple[str, str], ...] = ()
    why: str = ""

    def __str__(self) -> str:
        return self.why or "; ".join(f"{header}: {change}" for header, change in self.columns)


class _Found:
    """What the file has now of one of the journal's sheets."""

    def __init__(self, facts: SheetFacts, now: Checked) -> None:
        self.same: dict[int, CheckedRow] = {}
        self._now = now
        position = next((index for index, sheet in enumerate(now.sheets) if sheet.name == facts.name), None)
        self._sheet = now.sheets[position] if position is not None else None
        self._rows = [row for row in now.rows if row.sheet == position]
        self._by_number = {row.number: row for row in self._rows}
        self._headers_changed = self._sheet is not None and self._sheet.binding.headers != facts.headers
        self._unpaired: dict[int, CheckedRow] = {}

    def pair(self, rows: Sequence[JournalledRow]) -> None:
        """Find the journal's *rows* again: first where they were, then anywhere in the sheet, each one once."""
        if not self._headers_changed:
            for row in rows:
                here = self._by_number.get(row.facts.number)
                if here is not None and here.fingerprint == row.facts.fingerprint:
                    self.same[row.facts.ordinal] = here
        paired = {row.ordinal for row in self.same.values()}
        elsewhere: dict[bytes, deque[CheckedRow]] = defaultdict(deque)
        for one in self._rows:
            if one.ordinal not in paired and not self._headers_changed:
                elsewhere[one.fingerprint].append(one)
        for row in rows:
            if row.facts.ordinal not in self.same and elsewhere[row.facts.fingerprint]:
                self.same[row.facts.ordinal] = elsewhere[row.facts.fingerprint].popleft()
        paired = {row.ordinal for row in self.same.values()}
        self._unpaired = {row.number: row for row in self._rows if row.ordinal not in paired}
        self._numbers = {row.facts.number for row in rows if row.facts.ordinal not in self.same}

    def extra(self) -> list[CheckedRow]:
        """Rows that the job does not know, and that stand in nobody's place."""
        return [row for number, row in self._unpaired.items() if number not in self._numbers]

    def difference(self, row: JournalledRow) -> _Difference:
        """How *row*, which is not among the `same`, is no longer what it was."""
        here = self._unpaired.get(row.facts.number)
        if self._sheet is None:
            return _Difference(why="its sheet is gone")
        if self._headers_changed:
            return _Difference(why="the headers of its sheet were changed")
        if here is None:
            return _Difference(why="it is gone")
        headers = self._sheet.binding.headers
        old, new = json.loads(row.facts.cells), json.loads(self._now.masked_cells(here))
        columns = tuple(_differences(headers, old, new))
        # What is masked looks the same before and after.
        return _Difference(columns or tuple((headers[index], "another secret") for index in self._sheet.binding.secret_columns))


def _differences(headers: Sequence[str], old: Sequence[CellValue], new: Sequence[CellValue]) -> Iterable[tuple[str, str]]:
    for index in range(max(len(old), len(new))):
        before, after = (shown(cells[index]) if index < len(cells) else "" for cells in (old, new))
        if before != after:
            yield headers[index] if index < len(headers) else "", f"{before or '(empty)'} → {after or '(empty)'}"


def _refusal(row: JournalledRow, difference: _Difference, steps: Sequence[str], checked: Checked) -> Settlement:
    """The outcome of a row that is left and cannot go on: nothing is sent for it any more in this job."""
    findings = tuple(Finding(header, f"was changed after the job began ({change})") for header, change in difference.columns)
    attempts = row.facts.attempts_before + row.sent
    if not row.sent:
        message = f"Nothing was sent: this row is not as it was when the job began ({difference}). Here it is as it was; correct it here and rerun this workbook."
        return Settlement(
            Outcome.INVALID, datetime.now(UTC), message=message, code="CHANGED", attempts=attempts, findings=findings_to_text(findings)
        )
    message = (
        f"It is not known whether PM has done this: an earlier run sent {', '.join(steps)} for this row, the answer was lost, and the row is no longer as it was "
        f"({difference}). Look at {checked.label_of(row.facts.ordinal)} in PM; here the row is as it was, and a rerun of this workbook looks before it sends."
    )
    return Settlement(
        Outcome.UNKNOWN, datetime.now(UTC), message=message, code="CHANGED", attempts=attempts, findings=findings_to_text(findings)
    )


@dataclass
class _Told:
    """The rows that are no longer as they were, by what that means for them."""

    refused: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    def lost(self, name: str, row: JournalledRow, difference: _Difference, *, left: bool) -> None:
        """Note a row that is not the same any more; of those with an outcome only changed ones matter."""
        words = f"{name} ({difference.why or ', '.join(header for header, _change in difference.columns)})"
        if left:
            (self.unknown if row.sent else self.refused).append(words)
        elif difference.columns and row.settlement is not None:
            self.settled.append(words)

    def sentences(self) -> tuple[str, ...]:
        """What has to be said, for people."""
        meanings: Mapping[str, list[str]] = {
            "Changed since the job began, so not sent": self.refused,
            "Changed since it was sent and the answer was lost, so unknown": self.unknown,
            "Changed, but its outcome stands": self.settled,
            "New, and not part of this job": self.new,
        }
        return tuple(f"{meaning}: {_listed(names)}." for meaning, names in meanings.items() if names)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
