"""
A workbook, read and judged: every finding of every cell in one pass, and the rows kept compactly for a run.

Joins `sheets` (cells) with `entities` (records). Rows are kept as JSON text, not as models: 100,000 models would cost a gigabyte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Final

from pmbulk.entities.binding import Binding, bind
from pmbulk.entities.cells import CellValue, is_blank, shown
from pmbulk.entities.headers import column_letter, is_note
from pmbulk.entities.model import Entity, Identity, Operation, Record
from pmbulk.entities.registry import ENTITIES, entity_for, is_ignored, rank_of, unknown_sheets
from pmbulk.errors import Finding, Severity, WorkbookError
from pmbulk.jobs.order import RowNode
from pmbulk.pm.assumptions import LikelyRules
from pmbulk.seal import SEALED, Seal
from pmbulk.secret import MASK
from pmbulk.sheets.read import Sheet, open_workbook

__all__ = ["Checked", "CheckedRow", "CheckedSheet", "LocatedFinding", "check_workbook"]

#: What leaves an object where there was none.
_MAKING: Final = frozenset({Operation.CREATE, Operation.IMPORT, Operation.MOVE})


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    """A finding with its place: *sheet*, *row* as the file counts it, and the *cell* (``D17``; ``""``: the whole row)."""

    sheet: str
    row: int
    cell: str
    finding: Finding

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell or f'row {self.row}'}"
        kind = "" if self.finding.severity is Severity.ERROR else "warning: "
        return f"{place} {kind}{self.finding}"


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """A sheet with its entity and what its headers mean."""

    name: str
    entity: Entity
    binding: Binding


@dataclass(slots=True)
class CheckedRow:
    """
    One row of the file.

    *ordinal* counts the rows through all sheets, *sheet* is the index of its sheet, *number* the row's number in the file. *cells* is JSON, secrets included:
    it stays in this process. *node* is its place in the order (``None``: left out of the run), *lanes* the queues for its writes. *label* is what an earlier
    job calls the row, *attempts_before* are the requests sent for it there, *in_doubt* says that it is not known what they did.
    """

    ordinal: int
    sheet: int
    number: int
    operation: Operation
    cells: str
    findings: tuple[Finding, ...] = ()
    node: RowNode | None = None
    lanes: tuple[str, ...] = ()
    label: str = ""
    attempts_before: int = 0
    in_doubt: bool = False

    @property
    def valid(self) -> bool:
        """Whether nothing keeps the row from being sent."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def fingerprint(self) -> bytes:
        """16 bytes that change with any cell."""
        return blake2b(self.cells.encode(), digest_size=16).digest()

    def values(self) -> list[CellValue]:
        """The cells again."""
        cells: list[CellValue] = json.loads(self.cells)
        return cells


@dataclass(slots=True)
class Checked:
    """A workbook's sheets and rows with all findings; *sha256* is the file's, *likely_rules* what breaking a rule comes to that is only likely."""

    path: Path
    sha256: str
    sheets: tuple[CheckedSheet, ...]
    rows: list[CheckedRow] = field(default_factory=list)
    likely_rules: LikelyRules = "warn"
    #: Which row is the first to create an object, by its key.
    _makers: dict[str, int] = field(default_factory=dict)
    #: Which row is the first to take an object away, by its key.
    _takers: dict[str, int] = field(default_factory=dict)

    def add(self, sheet: int, number: int, cells: list[CellValue]) -> CheckedRow:
        """Judge one more row, the last of all so far; *sheet* is the index of its sheet, *number* the row's number in it."""
        binding = self.sheets[sheet].binding
        record, findings = binding.read(cells)
        for index in binding.secret_columns:
            hidden = _hidden(cells[index]) if index < len(cells) else ""
            if hidden:
                findings += (Finding(binding.headers[index], hidden),)
        row = CheckedRow(len(self.rows), sheet, number, record.operation, _json(cells), _weighed(findings, self.likely_rules))
        self.rows.append(row)
        identity = binding.entity.identify(record)
        self._claim(row, identity)
        row.lanes = identity.lanes
        row.node = _node(row, identity, rank_of(binding.entity))
        return row

    def _claim(self, row: CheckedRow, identity: Identity) -> None:
        """Note what *row* makes and takes away, and refuse it where an earlier one has done so."""
        title = self.sheets[row.sheet].entity.title
        taken = identity.key if row.operation is Operation.DELETE else identity.frees
        if identity.key is not None and row.operation in _MAKING:
            earlier = self._makers.setdefault(identity.key, row.ordinal)
            if earlier != row.ordinal and row.valid:
                self.refuse(row.ordinal, Finding("", self._made_twice(row, identity, title, earlier)))
        if taken is None:
            return
        if row.operation is Operation.DELETE:
            self._makers.pop(taken, None)
        earlier = self._takers.setdefault(taken, row.ordinal)
        moved, gone = row.operation is Operation.MOVE, self.rows[earlier].operation
        if earlier != row.ordinal and row.valid and (moved or gone is Operation.MOVE):
            verb = "moved" if gone is Operation.MOVE else "deleted"
            words = f"{title} {identity.label} is {verb} by {self.name_of(earlier)} already; remove one of the two rows"
            self.refuse(row.ordinal, Finding("", words))

    def _made_twice(self, row: CheckedRow, identity: Identity, title: str, earlier: int) -> str:
        """Why an object that the row *earlier* makes cannot be made again."""
        if Operation.MOVE not in {row.operation, self.rows[earlier].operation}:
            return f"{title} {identity.label} is created by {self.name_of(earlier)} already; remove one of the two rows"
        return f"{title} {identity.label}: {self.name_of(earlier)} puts an extension under that number already; give one of the two another number"

    def label_of(self, ordinal: int) -> str:
        """Which object a row is about, for people."""
        entity = self.sheets[self.rows[ordinal].sheet].entity
        return entity.label_of(self.record(ordinal))

    def name_of(self, ordinal: int) -> str:
        """A row's place in words: ``users!row 17``."""
        row = self.rows[ordinal]
        return f"{self.sheets[row.sheet].name}!row {row.number}"

    def record(self, ordinal: int) -> Record:
        """The record of a valid row, made anew."""
        row = self.rows[ordinal]
        return self.sheets[row.sheet].binding.record(row.values())

    def masked_cells(self, row: CheckedRow) -> str:
        """A row's cells as JSON with every secret masked."""
        binding = self.sheets[row.sheet].binding
        if not binding.secret_columns:
            return row.cells
        return _json(binding.masked(row.values()))

    def findings(self) -> Iterator[LocatedFinding]:
        """All findings in the order of the file."""
        for row in self.rows:
            for finding in row.findings:
                sheet = self.sheets[row.sheet]
                yield LocatedFinding(sheet.name, row.number, _cell(sheet.binding, row.number, finding.column), finding)

    @property
    def invalid(self) -> int:
        """How many rows cannot be sent."""
        return sum(not row.valid for row in self.rows)

    def cautions(self, names: Container[str]) -> tuple[str, ...]:
        """What to know before rows of the sheets with these *names* are sent, in words."""
        return tuple(f"{sheet.name}: {sheet.entity.caution}" for sheet in self.sheets if sheet.name in names and sheet.entity.caution)

    def refuse(self, ordinal: int, finding: Finding) -> None:
        """Add an error to a row, which is thereby not sent."""
        self.rows[ordinal].findings += (finding,)


def _cell(binding: Binding, number: int, column: str) -> str:
    if not column:
        return ""
    if column in binding.headers:
        return f"{column_letter(binding.headers.index(column))}{number}"
    # A stray cell's finding carries the letter itself; a header that the sheet lacks has no cell.
    return f"{column}{number}" if column.isascii() and column.isupper() and len(column) <= 3 else ""


#: Changes the cells of a row before they are judged; given the sheet, the row's number and its cells.
Amend = Callable[[CheckedSheet, int, list[CellValue]], list[CellValue]]


def _weighed(findings: tuple[Finding, ...], likely_rules: LikelyRules) -> tuple[Finding, ...]:
    """*findings* with the warnings among them as *likely_rules* wants them."""
    if likely_rules == "refuse":
        return tuple(replace(finding, severity=Severity.ERROR) for finding in findings)
    return findings if likely_rules == "warn" else tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def check_workbook(
    path: Path,
    *,
    entity: str | None = None,
    amend: Amend | None = None,
    state_dir: Path | None = None,
    likely_rules: LikelyRules = "warn",
) -> Checked:
    """
    Read and judge the workbook at *path*; rows that are blank throughout are left out.

    *entity* names what a file of one sheet holds where its name does not tell. *amend* is used by a rerun to put secrets
    back in. Secrets that `onboard` sealed are opened with the key in *state_dir* (``None``: they stay sealed). *likely_rules* says what
    becomes of a cell that breaks a rule which is only likely.

    Raises:
        WorkbookError: If the file cannot be read, has unknown sheets or headers, or no row at all.
    """
    with open_workbook(path) as workbook:
        pairs = _entities(workbook.sheets, path, entity=entity)
        sheets, wrong = [], []
        for source, kind in pairs:
            try:
                sheets.append(CheckedSheet(source.name, kind, bind(kind, source.headers, sheet=source.name)))
            except WorkbookError as error:
                wrong.append(str(error))
        if wrong:
            raise WorkbookError("\n".join(wrong))
        checked = Checked(path, workbook.sha256, tuple(sheets), likely_rules=likely_rules)
        amend = _unsealing(state_dir, amend)
        for position, (source, _kind) in enumerate(pairs):
            _read_rows(checked, position, source, amend)
    if not checked.rows:
        raise WorkbookError(f"{path.name} has no rows: every sheet ends after its headers. Fill in rows from row 2 on.")
    return checked


def _entities(sheets: Sequence[Sheet], path: Path, *, entity: str | None) -> list[tuple[Sheet, Entity]]:
    """
    Each sheet that is to be read with its entity; one that *entity* tells bears its name from here on, so that the results are an input like any other.

    Raises:
        WorkbookError: With all sheets that no entity knows.
    """
    if entity is not None:
        kind = entity_for(entity)
        candidates = [sheet for sheet in sheets if not is_ignored(sheet.name)]
        if len(candidates) != 1:
            raise WorkbookError(
                f"--entity goes with a file of one sheet; {path.name} has {len(candidates)}. Leave --entity out and name the sheets instead."
            )
        return [(replace(candidates[0], name=kind.sheet), kind)]
    found, unknown = [], []
    for sheet in sheets:
        if is_ignored(sheet.name) or _is_empty(sheet):
            continue
        try:
            found.append((sheet, entity_for(sheet.name)))
        except WorkbookError:
            unknown.append(sheet.name)
    if unknown:
        remedy = "Rename the sheet, or put _ in front of its name to have it left out."
        if path.suffix.lower() == ".csv":
            remedy = "Give the file the name of its sheet, or say what it holds with --entity."
        raise WorkbookError(f"{unknown_sheets(unknown)}\n{remedy}")
    empty = [sheet.name for sheet in sheets if not is_ignored(sheet.name) and _is_empty(sheet)]
    if not found and empty:
        raise WorkbookError(
            f"{path.name} is empty: there is nothing on {', '.join(empty)}, not even headers. `pmbulk template` writes a workbook to fill in."
        )
    if not found:
        raise WorkbookError(f"{path.name} has no sheet that pmbulk knows; name one of its sheets {', '.join(ENTITIES)}.")
    return found


def _is_empty(sheet: Sheet) -> bool:
    """Whether a sheet holds nothing at all, like the one that Excel puts into every new workbook."""
    return not sheet.headers and next(iter(sheet.rows()), None) is None


def _hidden(value: CellValue) -> str:
    """Why what stands in a secret's cell is not the secret itself; ``""`` where it is."""
    if value == MASK:
        return "holds the mask of a secret, not the secret; type it again, or use `pmbulk rerun`"
    if isinstance(value, str) and value.startswith(SEALED):
        return "was sealed by `pmbulk onboard` with the key of another --state-dir, or has been changed; use that one, or type the secret itself"
    return ""


def _unsealing(state_dir: Path | None, amend: Amend | None) -> Amend | None:
    """*amend*, and then every sealed secret opened with the key in *state_dir*; what does not open stays as it is."""
    if state_dir is None:
        return amend
    seal: Seal | None = None

    def opened(sheet: CheckedSheet, number: int, cells: list[CellValue]) -> list[CellValue]:
        nonlocal seal
        values = cells if amend is None else amend(sheet, number, cells)
        for index in sheet.binding.secret_columns:
            value = values[index] if index < len(values) else None
            if isinstance(value, str) and value.startswith(SEALED):
                seal = seal or Seal.of(state_dir)
                with suppress(ValueError):
                    values[index] = seal.open(value).reveal()
        return values

    return opened


def _read_rows(checked: Checked, position: int, source: Sheet, amend: Amend | None) -> None:
    sheet = checked.sheets[position]
    width = len(sheet.binding.headers)
    notes = [is_note(header) for header in sheet.binding.headers]
    for number, cells in source.rows():
        values: list[CellValue] = list(cells)
        if all(is_blank(value) for index, value in enumerate(values) if index >= width or not notes[index]):
            continue
        checked.add(position, number, values if amend is None else amend(sheet, number, values))


def _node(row: CheckedRow, identity: Identity, rank: int) -> RowNode:
    """What the order needs of a row; rows with errors have their place too, because others may wait for them."""
    return RowNode(
        row.ordinal,
        rank,
        deletes=row.operation is Operation.DELETE,
        depth=identity.depth,
        key=identity.key,
        provides=identity.key if row.operation in _MAKING else None,
        needs=identity.needs,
        aliases=identity.aliases,
        whole=identity.whole,
        serves=identity.serves,
        frees=identity.frees if identity.frees != identity.key else None,
    )


#: One encoder for all rows: `json.dumps` would make one for each.
_json: Final[Callable[[Sequence[CellValue]], str]] = json.JSONEncoder(separators=(",", ":"), default=shown).encode
