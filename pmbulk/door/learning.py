"""
What people have after all, learnt from the jobs that ran a mapping's workbooks: ids and numbers are corrected by hand, in review or in results.

Reads journals; what it learns goes into the pins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pmbulk.entities.cells import shown
from pmbulk.entities.extension_moves import EXTENSION_MOVES
from pmbulk.entities.extension_sheets import kind_of
from pmbulk.entities.registry import entity_for
from pmbulk.entities.users import USERS
from pmbulk.errors import TERMINAL
from pmbulk.jobs.directory import job_path, list_jobs
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.onboarding.pins import Pins

__all__ = ["MAPPING", "PERSON", "WHY", "learn"]

#: The note that says whose row it is.
PERSON: Final = "_person"
#: The note that says why the row is there.
WHY: Final = "_why"
#: The note that says by which mapping the person is known so.
MAPPING: Final = "_mapping"

#: Where a move says what is, and what was if it stays.
_MOVED: Final = (("toSubsystem", "fromSubsystem"), ("newExtensionNumber", "extensionNumber"))


def learn(pins: Pins, state_dir: Path, mapping: str) -> None:
    """Let *pins* have the ids and numbers with which rows of people of the *mapping* have succeeded since they learnt last."""
    since = until = pins.learnt_until
    for summary in reversed([*list_jobs(state_dir)]):
        finished_at = summary.facts.finished_at
        if finished_at is not None and finished_at.isoformat() <= since:
            continue
        with SqliteJournal.read(job_path(state_dir, summary.facts.id)) as journal:
            for sheet, settled_at, cells in _done(journal, mapping):
                if settled_at > since:
                    _learn(pins, sheet, cells)
                    until = max(until, settled_at)
    pins.learnt_until = until


def _done(journal: SqliteJournal, mapping: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """The entity, the moment and the cells by header of each row of the *mapping*'s people that is done."""
    for sheet in journal.sheets():
        if MAPPING not in sheet.headers:
            continue
        for row in journal.rows(sheet.position):
            if row.settlement is not None and row.settlement.outcome in TERMINAL:
                texts = map(shown, json.loads(row.facts.cells))
                cells = dict(zip(sheet.headers, texts, strict=False))
                if cells.get(MAPPING) == mapping:
                    yield sheet.entity, row.settlement.finished_at.isoformat(), cells


def _learn(pins: Pins, sheet: str, cells: Mapping[str, str]) -> None:
    """Let *pins* have what the row of a *sheet* with these *cells* says of its person."""
    person = cells.get(PERSON, "")
    if sheet == USERS.sheet:
        pins.correct(person, "user_id", cells.get("userId", ""))
    elif sheet == EXTENSION_MOVES.sheet:
        place, number = (cells.get(new) or cells.get(old, "") for new, old in _MOVED)
        pins.correct_number(person, place, number)
    elif kind_of(entity_for(sheet)) is not None:
        pins.correct_number(person, cells.get("subsystemName", ""), cells.get("extensionNumber", ""))
