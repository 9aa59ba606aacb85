"""A job's rows between the workbook and the journal: their order, what is settled before the run, and how each is prepared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pmbulk.door.checking import Checked, CheckedRow, check_workbook
from pmbulk.door.options import RunOptions
from pmbulk.door.rerunning import Earlier
from pmbulk.door.snapshots import Snapshots
from pmbulk.entities.model import Operation
from pmbulk.entities.references import extension_key_part
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Plan
from pmbulk.errors import Finding, InvalidRowError, Outcome, PmbulkError, Severity
from pmbulk.jobs.journal import RowFacts, Settlement, SheetFacts, findings_to_text
from pmbulk.jobs.order import Order, put_in_order
from pmbulk.pm.assumptions import LikelyRules

__all__ = ["Job", "RowOperation", "check_input", "join_lanes", "ordered", "row_facts", "sheet_facts"]


@dataclass
class Job:
    """
    A workbook's rows on their way through a run.

    *earlier* is what a results workbook tells of them. *refused* are rows that a resume cannot go on with, with their outcomes, and *notices* say so.
    """

    checked: Checked
    options: RunOptions
    earlier: Earlier | None = None
    refused: Mapping[int, Settlement] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def settled_before(self, row: CheckedRow) -> Settlement | None:
        """The settlement of a row that an earlier job has done, or that cannot be sent; ``None`` for a row that is to run."""
        if self.earlier is not None and (done := self.earlier.of_row(self.checked, row.ordinal).settlement) is not None:
            return done
        if row.valid or row.node is None:
            return None
        errors = [finding for finding in row.findings if finding.severity is Severity.ERROR]
        return Settlement(
            Outcome.INVALID,
            datetime.now(UTC),
            message="; ".join(map(str, errors)),
            code="INVALID",
            attempts=row.attempts_before,
            findings=findings_to_text(row.findings),
        )


@dataclass(frozen=True, slots=True)
class RowOperation:
    """One row's intent, its record made when its turn comes; *snapshots* is where the row's end may leave what was (``None``: nothing is sent)."""

    checked: Checked
    session: Session
    ordinal: int
    snapshots: Snapshots | None = None

    @property
    def label(self) -> str:
        """Which object the row is about."""
        return self.checked.label_of(self.ordinal)

    async def prepare(self) -> Plan:
        """Read what is there and plan what to send; findings name the sheet's own headers."""
        row = self.checked.rows[self.ordinal]
        sheet = self.checked.sheets[row.sheet]
        record = self.checked.record(self.ordinal)
        try:
            plan = await sheet.entity.by_operation[record.operation].prepare(sheet.entity, record, self.session)
        except InvalidRowError as error:
            raise type(error)(sheet.binding.located(error.findings), code=error.code) from error
        if self.snapshots is None or not plan.kept:
            return plan
        return replace(plan, rescue=self.snapshots.sentence(sheet.name, row.number))


def check_input(path: Path, *, entity: str | None = None, state_dir: Path | None = None, likely_rules: LikelyRules = "warn") -> Checked:
    """
    Read and judge the workbook at *path*, the order of its rows included: whatever a run finds before it asks PM. Arguments and errors are those of `check_workbook`.
    """
    checked = check_workbook(path, entity=entity, state_dir=state_dir, likely_rules=likely_rules)
    ordered(Job(checked, RunOptions()))
    return checked


def ordered(job: Job) -> Order:
    """The order of the rows; those left out have no place in it. Rows that wait for each other become invalid, and so do those that need what has moved away."""
    checked = job.checked
    for row in checked.rows:
        if not job.options.selects(checked.sheets[row.sheet].name, row.number):
            row.node = None
    order = put_in_order(row.node for row in checked.rows if row.node is not None)
    for cycle in order.cycles:
        for ordinal in cycle:
            checked.refuse(ordinal, Finding("", _circle(checked, cycle)))
    _refuse_deserted(checked)
    return order


def _refuse_deserted(checked: Checked) -> None:
    """Refuse rows that need an object at the place that a row before them moves it away from, and where none brings another one."""
    nodes = [row.node for row in checked.rows if row.valid and row.node is not None]
    made = {node.provides for node in nodes}
    left = {node.frees: node for node in nodes if node.frees is not None and node.frees not in made}
    for node in nodes if left else ():
        mover = next((left[key] for key in node.needs if key in left), None)
        if mover is not None and not node.deletes and node.rank > mover.rank:
            sheet = checked.sheets[checked.rows[mover.ordinal].sheet]
            label = sheet.entity.identify(checked.record(mover.ordinal)).label
            words = (
                f"names an {sheet.entity.title} that {checked.name_of(mover.ordinal)} moves away ({label}). Type where it goes, or leave these cells blank: "
                "its user goes along"
            )
            checked.refuse(node.ordinal, Finding("", words))


def _circle(checked: Checked, cycle: Sequence[int]) -> str:
    """Why none of the rows of *cycle* can run, and what to do about it."""
    if len(cycle) == 1:
        return "needs itself to be there first; correct the reference"
    names = ", ".join(checked.name_of(ordinal) for ordinal in cycle)
    if all(checked.rows[ordinal].operation is Operation.MOVE for ordinal in cycle):
        return (
            f"stands in a circle: of {names} each goes to the number that another one leaves. Move one of them to a free number in a workbook of "
            "its own first (newExtensionNumber), run the others, and move that one on from there"
        )
    return f"stands in a circle: of {names} each needs another one first; correct the reference"


async def join_lanes(job: Job, session: Session) -> None:
    """Give rows that tell their subsystem by its id the lane of those that tell its name; where PM does not list subsystems, lanes stay as they are."""
    by_id = [row for row in job.checked.rows if any(lane.startswith("#") for lane in row.lanes)]
    if not by_id:
        return
    try:
        listed = await session.directory.subsystems.all()
    except PmbulkError:
        # The rows will meet it too, and there it is told.
        return
    names = {extension_key_part(None, one.id): extension_key_part(one.name, one.id) for one in listed}
    for row in by_id:
        row.lanes = tuple(names.get(lane, lane) for lane in row.lanes)


def sheet_facts(checked: Checked) -> Iterator[SheetFacts]:
    """The sheets as a journal keeps them."""
    for position, sheet in enumerate(checked.sheets):
        yield SheetFacts(position, sheet.name, sheet.entity.sheet, sheet.binding.headers)


def row_facts(job: Job) -> Iterator[RowFacts]:
    """The rows as a journal keeps them: secrets masked, and settled where nothing is left to do."""
    for row in job.checked.rows:
        yield RowFacts(
            row.ordinal,
            row.sheet,
            row.number,
            row.fingerprint,
            job.checked.masked_cells(row),
            findings=findings_to_text(row.findings),
            label=row.label,
            attempts_before=row.attempts_before,
            settlement=job.settled_before(row),
        )
