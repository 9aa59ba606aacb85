"""
The simulator's books held against what a run says of its rows: nothing lost, nothing done twice, no outcome that is not so.

The books are the log of requests, each with the status that its work came to, and the world as it is in the end.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pmbulk.simulator.app import Arrival
from pmbulk.simulator.faults import WITHOUT_WORK, FaultKind
from pmbulk.simulator.rehearsal import Rehearsed
from pmbulk.simulator.state import World

__all__ = ["Audit", "audit"]

_MARK = re.compile(r"q\d{6}")
#: What reads one object of a kind; all others are found in lists, which are read for many rows at once.
_READS = {"user": "getUserByUserId", "extension": "getExtensionDetails"}
#: The writes that are read back so, by the ends of their names.
_READ_BACK = ("User", "Extension")
_DONE = frozenset({"succeeded", "skipped"})
#: After these nobody but PM knows whether the work was done; of the statuses, those that PM or a gateway gives in the middle of it.
_AMBIGUOUS = frozenset({*FaultKind} - {*WITHOUT_WORK, FaultKind.LATENCY, FaultKind.EXPIRE_TOKENS}) | {
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.RESET_BEFORE,
}
_AMBIGUOUS_STATUSES = frozenset({500, 502, 504})
#: What says that nothing of the row was done.
_UNDONE = frozenset({"failed", "invalid", "blocked", "not_run"})


@dataclass(slots=True)
class Audit:
    """
    What the books say of a run; each row that is not as it should be is named with the reason.

    *lost* rows have no outcome, or are called done and are not. *duplicated* writes were done twice though they must not be, or sent again blindly,
    which a PM that takes doubles would have done twice. *wrong* outcomes contradict the books otherwise. *unknown* rows could not be settled, and
    rightly so as far as the books tell. *given_up* rows failed or were blocked because PM did nothing for them however often it was asked,
    *half_made* ones because PM did half of it.
    """

    rows: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    half_made: list[str] = field(default_factory=list)

    @property
    def contradictions(self) -> list[str]:
        """Everything in which the run and the books differ."""
        return [*self.lost, *self.duplicated, *self.wrong]


@dataclass(frozen=True, slots=True)
class _Books:
    """
    What was done for whom.

    *full* and *half* say how often a marked write was done, *marks* what was done in full at all, *there* which subjects PM has had.
    """

    full: Mapping[tuple[str, str], int]
    half: Mapping[tuple[str, str], int]
    marks: frozenset[str]
    there: frozenset[tuple[str, ...]]
    requests: Sequence[Arrival]
    world: World

    @classmethod
    def of(cls, rows: Iterable[Rehearsed], requests: Sequence[Arrival], world: World) -> _Books:
        full: Counter[tuple[str, str]] = Counter()
        half: Counter[tuple[str, str]] = Counter()
        for arrival in requests:
            if arrival.method in {"POST", "PUT"} and arrival.worked is not None and arrival.worked < 300:
                done = half if arrival.fault is FaultKind.HALF_MADE else full
                done.update((arrival.operation, mark) for mark in _marks_of(arrival))
        marks = frozenset(mark for _operation, mark in full)
        makers = {row.subject: row.mark for row in rows if row.operation.startswith("create") and row.outcome == "succeeded"}
        there = frozenset(row.subject for row in rows if row.subject not in makers or makers[row.subject] in marks)
        return cls(full, half, marks, there, requests, world)

    def holds(self, row: Rehearsed) -> bool:
        """Whether PM is as *row* asks for; what PM never had was not removed."""
        found = _subject(self.world, row.subject)
        if row.removes:
            return found is None and row.subject in self.there
        return found is not None and row.mark in repr(found)

    def told(self, row: Rehearsed) -> bool:
        """
        Whether PM has shown the row's subject after the last write for it, so that its outcome could be known.

        That it is not there proves less: an extension may be there as one of another kind, and a request may still be under way.
        """
        read = _READS.get(row.subject[0], "")
        sent = [place for place, arrival in enumerate(self.requests) if arrival.operation == row.operation and _is_for(arrival, row)]
        since = self.requests[sent[-1] + 1 :] if sent else self.requests
        return row.operation.endswith(_READ_BACK) and any(
            each.operation == read and each.fault is None and each.status == 200 and _is_for(each, row) for each in since
        )

    def blindly_resent(self, row: Rehearsed) -> bool:
        """Whether a create of *row* followed an ambiguous one without a look in between at what that had done."""
        ambiguous = looked = False
        for each in self.requests:
            if each.operation == row.operation and row.mark in _marks_of(each):
                if ambiguous and not looked:
                    return True
                ambiguous = each.fault in _AMBIGUOUS or (each.fault is FaultKind.STATUS and each.status in _AMBIGUOUS_STATUSES)
                looked = False
            elif each.method == "GET" and each.status is not None and each.status < 500:
                looked = looked or _shows(each, row)
        return False


def _shows(read: Arrival, row: Rehearsed) -> bool:
    """Whether a read tells of the row's subject: by its name, or as one of a list."""
    return _is_for(read, row) if row.subject[0] in _READS else read.operation.startswith("list")


def _marks_of(arrival: Arrival) -> set[str]:
    return set(_MARK.findall(json.dumps(arrival.body)))


def _is_for(arrival: Arrival, row: Rehearsed) -> bool:
    """Whether a request names the last name of the row's subject."""
    named = {*arrival.path.split("/"), *arrival.query.values()}
    return row.subject[-1] in named or bool(row.mark and row.mark in _marks_of(arrival))


def audit(rows: Sequence[Rehearsed], outcomes: Sequence[str | None], *, requests: Iterable[Arrival], world: World) -> Audit:
    """
    The *rows* with their *outcomes* (``None``: the results have none) against *requests* and *world*.

    A row whose subject another row removes is judged by the requests alone.

    Raises:
        ValueError: If there are not as many outcomes as rows.
    """
    books, found = _Books.of(rows, list(requests), world), Audit(len(rows))
    removed = {row.subject for row in rows if row.removes}
    for number, (row, outcome) in enumerate(zip(rows, outcomes, strict=True)):
        name = f"row {number} ({row.operation} of {' '.join(row.subject)}, {outcome}, should be {row.outcome})"
        _judge(row, outcome, name, books, found, passing=row.subject in removed and not row.removes)
    return found


def _judge(row: Rehearsed, outcome: str | None, name: str, books: _Books, found: Audit, *, passing: bool) -> None:
    """Enters *row* where it belongs."""
    full, half = books.full.get((row.operation, row.mark), 0), books.half.get((row.operation, row.mark), 0)
    done = row.mark in books.marks if passing else books.holds(row)
    if row.creates and full + half > 1:
        found.duplicated.append(f"{name} was done {full + half} times")
    elif row.creates and books.blindly_resent(row):
        found.duplicated.append(f"{name} was sent again without a look at what the first request had done")
    if outcome is None or outcome == "not_run":
        found.lost.append(f"{name} has no outcome")
    elif outcome in _DONE and not done:
        found.lost.append(f"{name} is not in PM")
    elif outcome == "unknown":
        (found.wrong if books.told(row) else found.unknown).append(name)
    elif outcome in _UNDONE and ((full if row.mark else done) or (done and row.outcome == "succeeded")):
        found.wrong.append(f"{name} was done")
    elif outcome in _UNDONE and half:
        found.half_made.append(name)
    elif outcome in _UNDONE and row.outcome == "succeeded":
        found.given_up.append(name)
    elif outcome != row.outcome:
        found.wrong.append(f"{name} was sent")


def _subject(world: World, subject: tuple[str, ...]) -> object | None:
    """What PM holds of *subject*; ``None`` if it has no such thing."""
    kind, *names = subject
    if kind == "department":
        return _department(world, names[0])
    if kind == "extension":
        subsystem = world.subsystem_by_name(names[0])
        return None if subsystem is None else world.extensions.get((subsystem.subsystem_id, names[1]))
    by_name = {
        "location": world.location_by_name,
        "subsystem": world.subsystem_by_name,
        "profile": world.profile_by_name,
        "user": world.user_by_id,
    }
    return by_name[kind](names[0])


def _department(world: World, path: str) -> object | None:
    parent = 0
    for name in path.split("/"):
        department = world.department_under(parent, name)
        if department is None:
            return None
        parent = department.department_id
    return department
