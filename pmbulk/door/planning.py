"""
What a workbook's rows would do to PM as it is now: the code of a run up to the write, and nothing after it.

Every row is prepared against the live PM. What earlier rows of the same workbook make or remove is not there to be read, so it is remembered here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio

from pmbulk.door.checking import Checked, check_workbook
from pmbulk.door.job import Job, RowOperation, ordered
from pmbulk.door.options import RunOptions
from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.entities.cells import is_blank
from pmbulk.entities.model import Operation
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Change, Verdict
from pmbulk.errors import Finding, InvalidRowError, RowError, Severity, UnknownNameError
from pmbulk.jobs.order import Order
from pmbulk.secret import MASK, Secret

__all__ = ["CellChange", "JobPlan", "PlanVerdict", "PlannedRow", "plan_job"]


class PlanVerdict(StrEnum):
    """What a row would come to."""

    #: The object is not there and will be made.
    CREATE = "create"
    #: The object is there and will be changed.
    CHANGE = "change"
    #: The object is there and will go.
    DELETE = "delete"
    #: PM already is as the row asks for; nothing will be sent.
    NOTHING = "nothing"
    #: What PM has, or has not, stands against the row.
    CONFLICT = "conflict"
    #: A cell breaks a rule; the row will not be sent.
    INVALID = "invalid"
    #: The row was not selected.
    LEFT_OUT = "left_out"


_BAD: Final = frozenset({PlanVerdict.CONFLICT, PlanVerdict.INVALID})
#: What a row does that cannot be read up to its end, by its operation; whatever is not here changes something.
_BY_OPERATION: Final = {Operation.CREATE: PlanVerdict.CREATE, Operation.DELETE: PlanVerdict.DELETE}
#: Ids in PM's objects for which sheets have names: the column of the names, and the register that knows both.
_NAMED: Final = {
    "departmentIds": ("department", "departments"),
    "parentDepartmentId": ("parent", "departments"),
    "location.locationId": ("location", "locations"),
}


@dataclass(frozen=True, slots=True)
class CellChange:
    """One difference as texts: *column* is the sheet's header, or the field's path where the sheet has none; secrets are masked."""

    column: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.column}: {self.words}"

    @property
    def words(self) -> str:
        """The two texts, for people."""
        return f"{self.old or '(empty)'} → {self.new or '(empty)'}"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row's verdict; *message* says what stands against it or what it waits for, *changes* what it makes different, *id* is PM's id of the object."""

    ordinal: int
    verdict: PlanVerdict
    message: str = ""
    changes: tuple[CellChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    id: str = ""


@dataclass
class JobPlan:
    """What a workbook would do; *rows* are in the order of the file."""

    checked: Checked
    pm_url: str
    pm_version: str
    options: RunOptions
    rows: list[PlannedRow] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The workbook."""
        return self.checked.path

    @property
    def counts(self) -> Mapping[str, Counter[PlanVerdict]]:
        """The verdicts per sheet, in the order of the file."""
        counts: dict[str, Counter[PlanVerdict]] = {sheet.name: Counter() for sheet in self.checked.sheets}
        for row in self.rows:
            counts[self.sheet_of(row)][row.verdict] += 1
        return counts

    @property
    def exit_code(self) -> int:
        """1 if a row is invalid or in conflict (design.md 3.3)."""
        return 1 if any(row.verdict in _BAD for row in self.rows) else 0

    def sheet_of(self, row: PlannedRow) -> str:
        """The name of the row's sheet."""
        return self.checked.sheets[self.checked.rows[row.ordinal].sheet].name

    def to_json(self) -> dict[str, Any]:
        """The plan for scripts."""
        return {
            "input": str(self.path),
            "pm": self.pm_url,
            "rows": len(self.rows),
            "verdicts": {verdict.value: sum(counts[verdict] for counts in self.counts.values()) for verdict in PlanVerdict},
            "sheets": {name: {verdict.value: count for verdict, count in counts.items()} for name, counts in self.counts.items()},
            "plan": [
                {
                    "sheet": self.sheet_of(row),
                    "row": self.checked.rows[row.ordinal].number,
                    "plan": row.verdict.value,
                    "message": row.message,
                    "id": row.id,
                    "changes": [{"column": one.column, "old": one.old, "new": one.new} for one in row.changes],
                }
                for row in self.rows
            ],
            "exit_code": self.exit_code,
        }


def plan_job(path: Path, target: Target, *, options: RunOptions | None = None) -> JobPlan:
    """
    What each row of the workbook at *path* would do; nothing is written to PM.

    Raises:
        WorkbookError: If the workbook cannot be read.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
        StoppedError: If PM asks for too long a wait.
    """
    options = options or RunOptions()
    likely_rules = target.assumptions.likely_rules
    job = Job(check_workbook(path, entity=options.entity, state_dir=target.state_dir, likely_rules=likely_rules), options)
    order = ordered(job)
    return anyio.run(partial(_planned, job, order, target))


async def _planned(job: Job, order: Order, target: Target) -> JobPlan:
    async with reader(target, concurrency=job.options.concurrency) as client:
        plan = JobPlan(job.checked, target.connection.url, f"{client.build.version} {client.build.build}".strip(), job.options)
        plan.rows = await _plan_rows(job, order, Session(client, job.options.if_exists, job.options.carry, look_first=True))
        return plan


async def _plan_rows(job: Job, order: Order, session: Session) -> list[PlannedRow]:
    """Every row of *job* with its verdict, in the order of the file; *session* looks first."""
    planner = _Planner(job, order, session)
    try:
        async with anyio.create_task_group() as workers:
            rows = iter(order.rows)
            for _ in range(job.options.concurrency):
                workers.start_soon(planner.work, rows)
    except BaseExceptionGroup as group:
        # One worker's error is the plan's; the others were only told to stop.
        raise group.exceptions[0] from None
    return [planner.planned.get(row.ordinal) or _not_asked(row.ordinal, job) for row in job.checked.rows]


def _not_asked(ordinal: int, job: Job) -> PlannedRow:
    """A row that has no place in the order."""
    row = job.checked.rows[ordinal]
    if not job.options.selects(job.checked.sheets[row.sheet].name, row.number):
        return PlannedRow(ordinal, PlanVerdict.LEFT_OUT, "Left out by --only or --rows.")
    return _invalid(ordinal, row.findings)


def _invalid(ordinal: int, findings: tuple[Finding, ...]) -> PlannedRow:
    errors = [str(finding) for finding in findings if finding.severity is Severity.ERROR]
    return PlannedRow(ordinal, PlanVerdict.INVALID, "; ".join(errors), findings=findings)


class _Planner:
    """The rows that were planned so far, and what of them later rows must know."""

    def __init__(self, job: Job, order: Order, session: Session) -> None:
        self.planned: dict[int, PlannedRow] = {}
        self._checked = job.checked
        self._order = order
        self._session = session
        self._under_way: dict[int, anyio.Event] = {}
        #: Which row made (true) or removed (false) an object, by its key.
        self._fates: dict[str, tuple[bool, int]] = {}
        #: Rows that may give an object the name by which later rows refer to it.
        self._renaming: set[int] = set()
        #: Which row changes which columns of an object, by its key.
        self._changers: dict[str, dict[str, int]] = {}

    async def work(self, rows: Iterator[int]) -> None:
        """Plan row after row; a row that others come before waits for them, which are under way already."""
        for ordinal in rows:
            event = self._under_way[ordinal] = anyio.Event()
            if self._checked.rows[ordinal].valid:
                # An invalid row needs nothing of the others, and may be one of those that wait for each other.
                for earlier in (*self._order.hard.of(ordinal), *self._order.soft.of(ordinal)):
                    if earlier in self._under_way:
                        await self._under_way[earlier].wait()
            self.planned[ordinal] = await self._plan(ordinal)
            del self._under_way[ordinal]
            event.set()

    async def _plan(self, ordinal: int) -> PlannedRow:
        row = self._checked.rows[ordinal]
        if not row.valid:
            return _invalid(ordinal, row.findings)
        befores = self._order.hard.of(ordinal)
        for earlier in befores:
            if self.planned[earlier].verdict in _BAD:
                words = f"waits for {self._checked.name_of(earlier)}, which cannot be carried out ({self.planned[earlier].verdict.value})"
                return PlannedRow(ordinal, PlanVerdict.CONFLICT, words)
        makers = [earlier for earlier in befores if self.planned[earlier].verdict is PlanVerdict.CREATE or self._moves(earlier)]
        makers += [earlier for earlier in self._order.soft.of(ordinal) if earlier in self._renaming]
        keys = row.node.keys if row.node is not None else ()
        fate = next((self._fates[key] for key in keys if key in self._fates), None)
        if fate is None:
            planned = await self._prepared(ordinal, makers)
        else:
            planned = await self._after(ordinal, fate)
        if planned.verdict in {PlanVerdict.CREATE, PlanVerdict.DELETE}:
            self._fates |= dict.fromkeys(keys, (planned.verdict is PlanVerdict.CREATE, ordinal))
        elif planned.verdict is PlanVerdict.CHANGE and row.node is not None and row.node.frees is not None:
            self._fates |= {key: (row.node.makes(key), ordinal) for key in keys}
        self._expect_name(planned)
        return planned if self._moves(ordinal) else self._changed_again(planned, keys)

    async def _prepared(self, ordinal: int, makers: list[int]) -> PlannedRow:
        """The verdict of a row about an object that no earlier row makes or removes; *makers* are rows that make what it refers to."""
        try:
            plan = await RowOperation(self._checked, self._session, ordinal).prepare()
        except RowError as error:
            if makers and _is_missing(error):
                return self._unforeseen(ordinal, makers)
            return self._refused(ordinal, error)
        changes = tuple([await self._cell_change(ordinal, change) for change in plan.changes])
        message = plan.message
        if makers and plan.verdict is not Verdict.NOTHING:
            message = f"after {self._names(makers)}"
        return PlannedRow(ordinal, PlanVerdict(plan.verdict.value), message, changes, id=plan.id)

    async def _after(self, ordinal: int, fate: tuple[bool, int]) -> PlannedRow:
        """The verdict of a row about an object that an earlier row makes or removes."""
        made, earlier = fate
        creates = self._checked.rows[ordinal].operation is Operation.CREATE
        name = self._checked.name_of(earlier)
        if self._moves(ordinal):
            words = f"after {name}, which leaves the number; what PM has then cannot be foreseen"
            return PlannedRow(ordinal, PlanVerdict.CHANGE, words)
        if made and not creates:
            return self._unforeseen(ordinal, [earlier])
        if made or not creates:
            words = f"{name} makes it already" if made else f"{name} removes it before"
            return PlannedRow(ordinal, PlanVerdict.CONFLICT, words)
        # It is still there, and will not be when this row's turn comes.
        session = Session(self._session.client, self._session.if_exists, self._session.carry)
        session.directory = self._session.directory
        try:
            await RowOperation(self._checked, session, ordinal).prepare()
        except RowError as error:
            return self._refused(ordinal, error)
        return PlannedRow(ordinal, PlanVerdict.CREATE, f"after {name}")

    def _moves(self, ordinal: int) -> bool:
        """Whether a row leaves one number for another."""
        node = self._checked.rows[ordinal].node
        return node is not None and node.frees is not None

    def _unforeseen(self, ordinal: int, makers: list[int]) -> PlannedRow:
        verdict = _BY_OPERATION.get(self._checked.rows[ordinal].operation, PlanVerdict.CHANGE)
        words = f"after {self._names(makers)}; PM does not have that yet, so nothing more can be foreseen of this row"
        return PlannedRow(ordinal, verdict, words)

    def _changed_again(self, planned: PlannedRow, keys: tuple[str, ...]) -> PlannedRow:
        """*planned*, with what earlier rows about the same object change before it: PM will not be as it was read."""
        row = self._checked.rows[planned.ordinal]
        headers = self._checked.sheets[row.sheet].binding.headers
        filled = [header for header, value in zip(headers, row.values(), strict=False) if not is_blank(value)]
        changers = [self._changers.setdefault(key, {}) for key in keys]
        earlier = sorted({of_key[header] for of_key in changers for header in filled if header in of_key})
        for of_key in changers:
            of_key |= {change.column: planned.ordinal for change in planned.changes}
        if not earlier or planned.verdict not in {PlanVerdict.CHANGE, PlanVerdict.NOTHING}:
            return planned
        words = f"after {self._names(earlier)}, which changes the same cells; what is different then cannot be foreseen"
        return replace(planned, verdict=PlanVerdict.CHANGE, message=words)

    def _refused(self, ordinal: int, error: RowError) -> PlannedRow:
        findings = error.findings if isinstance(error, InvalidRowError) else ()
        return PlannedRow(ordinal, PlanVerdict.CONFLICT, error.message, findings=findings)

    def _names(self, ordinals: list[int]) -> str:
        return ", ".join(self._checked.name_of(ordinal) for ordinal in ordinals)

    def _expect_name(self, planned: PlannedRow) -> None:
        """Let later rows refer to what this one makes, or gives another name."""
        row = self._checked.rows[planned.ordinal]
        renames = planned.verdict is PlanVerdict.CHANGE and row.node is not None and bool(row.node.aliases)
        if renames or planned.verdict is PlanVerdict.CREATE:
            entity = self._checked.sheets[row.sheet].entity
            self._session.directory.expect(entity.sheet, entity.identify(self._checked.record(planned.ordinal)).name)
        if renames:
            self._renaming.add(planned.ordinal)

    async def _cell_change(self, ordinal: int, change: Change) -> CellChange:
        """*change* under the sheet's own header, with names in place of ids where the sheet has a column for them."""
        binding = self._checked.sheets[self._checked.rows[ordinal].sheet].binding
        column, register = _NAMED.get(change.path, ("", ""))
        if column and binding.header_of(change.path) not in binding.headers:
            old, new = [await self._named(register, value) for value in (change.old, change.new)]
            return CellChange(binding.header_of(column), old, new)
        return CellChange(binding.header_of(change.path), _text(change.old), _text(change.new))

    async def _named(self, register: str, value: Any) -> str:
        ids = value if isinstance(value, list) else [value] if value else []
        found = [await getattr(self._session.directory, register).by_id(int(number)) for number in ids]
        return ";".join(one.name if one is not None else str(number) for one, number in zip(found, ids, strict=True))


def _is_missing(error: RowError) -> bool:
    """Whether *error* may come of something that is not there yet; names that earlier rows make are known, so an unknown one is a slip."""
    return not isinstance(error, UnknownNameError) and (error.code == "REFERENCE" or error.http in {400, 404})


def _text(value: Any) -> str:
    """A plain value as a sheet would have it."""
    if value is None:
        return ""
    if isinstance(value, Secret):
        return MASK if value else ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return ";".join(map(_text, value)) if isinstance(value, list) else str(value)
