"""
From a row's cells to its record, and what is wrong with each cell; pure.

A sheet is bound once; `Binding.read` runs once per row and is kept lean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final

from pydantic import ValidationError

from pmbulk.entities.cells import CLEAR, CellValue, is_blank, is_clear, shown
from pmbulk.entities.fields import POSITION, Column, Fields, Kind, columns_of
from pmbulk.entities.headers import Bound, bound_headers, column_letter
from pmbulk.entities.model import ACTION, Body, Entity, Operation, Record
from pmbulk.entities.names import fold, in_quotes, with_article
from pmbulk.errors import Finding, Severity
from pmbulk.secret import MASK

__all__ = ["Binding", "bind"]

#: Stands for the value of a cell that has none.
_NOTHING: Final = object()


class Binding:
    """
    A sheet's headers, understood: reads rows into records.

    *bound* are the columns in use, in file order.
    """

    def __init__(self, entity: Entity, headers: tuple[str, ...], bound: tuple[Bound, ...]) -> None:
        self.entity = entity
        self.headers = headers
        self._bound = bound
        self._action = next((one for one in bound if one.column is ACTION), None)
        self._fields = tuple(one for one in bound if one.column is not ACTION)
        self._header_of = {".".join(one.path): one.header for one in bound}
        self._path_of = {header: path for path, header in self._header_of.items()}
        self._advised = tuple(one for one in self._fields if one.column.spec.advised or one.column.spec.advised_choices)
        self._operations = {fold(action.operation): action.operation for action in entity.actions}
        index_of = {".".join(one.path): one.index for one in bound}
        self._wanted = tuple(
            (column, self.header_of(column.name), index_of.get(column.name))
            for column in entity.columns
            if column.is_wanted and not column.is_part
        )
        objects = {one.column.path[:length] for one in self._fields for length in range(1, len(one.column.path))}
        parts = [column for column in columns_of(entity.body) if column.is_wanted and column.path[:-1] in objects]
        #: What an object below the body cannot do without, by the path of the object.
        self._parts = {above: [one for one in parts if one.path[:-1] == above] for above in dict.fromkeys(one.path[:-1] for one in parts)}
        self._has_lists = any(isinstance(part, int) for one in bound for part in (*one.above, one.last))
        self._headless = tuple(index for index, header in enumerate(headers) if not header)
        #: What every row that lacks a cell is told, once for all of them.
        self._wishes: dict[tuple[str, Operation], Finding] = {}

    @cached_property
    def secret_columns(self) -> frozenset[int]:
        """The positions (from 0) of columns whose cells are masked wherever they are shown."""
        return frozenset(one.index for one in self._bound if one.column.kind is Kind.SECRET)

    @property
    def paths(self) -> tuple[str, ...]:
        """The field paths of the columns in use, in file order."""
        return tuple(".".join(one.path) for one in self._bound)

    def header_of(self, path: str) -> str:
        """The header that the sheet has for a field *path*; the path itself where it has none."""
        return self._header_of.get(path, path)

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """*findings* with field paths replaced by the sheet's own headers."""
        return tuple(Finding(self.header_of(finding.column), finding.message, finding.severity) for finding in findings)

    def _header_at(self, path: str) -> str:
        """The first header at *path* or below it; the path itself where there is none."""
        return next((one.header for one in self._fields if f"{'.'.join(one.path)}.".startswith(f"{path}.")), path)

    def read(self, cells: Sequence[CellValue]) -> tuple[Record, tuple[Finding, ...]]:
        """
        The record of one row, and all findings of its cells. Where one is an error the record tells which object the row is about, no more.
        """
        findings: list[Finding] = []
        record, body = self._made(cells, findings)
        self._required(record, cells, findings)
        # What is wrong in a cell is not in the record, so nothing is said about that column a second time.
        spoilt = {finding.column for finding in findings if finding.severity is Severity.ERROR}
        findings.extend(finding for finding in self.located(self.entity.judge(record)) if finding.column not in spoilt)
        if self._parts and record.operation is Operation.CREATE:
            self._complete(body, findings)
        self._advise(cells, findings, spoilt)
        return record, tuple(findings)

    def record(self, cells: Sequence[CellValue]) -> Record:
        """The record of one row that `read` has judged before."""
        return self._made(cells, [])[0]

    def masked(self, cells: Sequence[CellValue]) -> list[CellValue]:
        """*cells* with every secret replaced by the mask, for whatever outlives the row."""
        hidden = self.secret_columns
        return [MASK if index in hidden and not is_blank(value) and not is_clear(value) else value for index, value in enumerate(cells)]

    def _made(self, cells: Sequence[CellValue], findings: list[Finding]) -> tuple[Record, Body]:
        """The record of one row and the body that it was made of; what single cells show to be wrong is added to *findings*."""
        operation = self._operation(cells, findings)
        address, body, cleared = self._values(cells, findings)
        self._beyond(cells, findings)
        if self._has_lists:
            gaps: list[Finding] = []
            for values in (address, body):
                _lists(values, gaps, (), holes=operation is not Operation.CREATE)
            findings.extend(Finding(self._header_at(gap.column), gap.message) for gap in gaps)
        record = Record(
            operation,
            self._validated(self.entity.address, address, findings),
            self._validated(self.entity.body, body, findings),
            frozenset(cleared),
        )
        return record, body

    def _operation(self, cells: Sequence[CellValue], findings: list[Finding]) -> Operation:
        if self._action is None or self._action.index >= len(cells) or is_blank(cells[self._action.index]):
            return self.entity.default
        text = shown(cells[self._action.index])
        found = self._operations.get(fold(text))
        if found is None:
            allowed = ", ".join(self._operations)
            findings.append(
                Finding(
                    self._action.header, f"{in_quotes(text)} is no action of {self.entity.sheet}; type one of {allowed}, or leave it blank"
                )
            )
            return self.entity.default
        return found

    def _values(self, cells: Sequence[CellValue], findings: list[Finding]) -> tuple[Body, Body, list[str]]:
        """The parsed cells of the address and of the body in PM's nesting, and the paths of those to be cleared."""
        address: Body = {}
        body: Body = {}
        cleared: list[str] = []
        width = len(cells)
        for one in self._fields:
            value = cells[one.index] if one.index < width else None
            if value is None:
                continue
            # Nearly all cells are plain text, and there are millions of them.
            if one.plain and isinstance(value, str) and "<" not in value:
                parsed: Any = value.strip()
                if not parsed:
                    continue
            else:
                parsed = self._parsed(one, value, findings, cleared)
                if parsed is _NOTHING:
                    continue
            if one.in_address:
                _put(address, one, parsed)
            if one.in_body:
                if one.above:
                    _put(body, one, parsed)
                else:
                    body[str(one.last)] = parsed
        return address, body, cleared

    def _parsed(self, one: Bound, value: CellValue, findings: list[Finding], cleared: list[str]) -> Any:
        """The value of one cell; `_NOTHING` where it is blank, to be cleared or wrong."""
        if is_blank(value):
            return _NOTHING
        if is_clear(value):
            if one.column.spec.required and not one.column.is_part:
                findings.append(Finding(one.header, f"cannot be emptied with {CLEAR}; every {self.entity.title} has one"))
            elif one.column.several and one.path != one.column.path:
                findings.append(
                    Finding(one.header, f"cannot be emptied alone; use one column {one.column.name} for the list and type what shall stay")
                )
            cleared.append(".".join(one.path))
            return _NOTHING
        try:
            return one.parse(value)
        except ValueError as error:
            findings.append(Finding(one.header, str(error)))
            return _NOTHING

    def _beyond(self, cells: Sequence[CellValue], findings: list[Finding]) -> None:
        stray = (index for index in (*self._headless, *range(len(self.headers), len(cells))) if index < len(cells))
        findings.extend(
            Finding(column_letter(index), "the cell is filled, but row 1 has no header above it; add one or empty the cell")
            for index in stray
            if not is_blank(cells[index])
        )

    def _validated(self, model: type[Fields], values: Body, findings: list[Finding]) -> Fields:
        """*values* as a *model*, without those that break a rule."""
        try:
            return model.model_validate(values)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
        for fault in faults:
            path = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
            finding = self._fault(path, fault["input"])
            if finding not in findings:
                findings.append(finding)
        wrong = {fault["loc"][0] for fault in faults}
        return model.model_validate({name: value for name, value in values.items() if name not in wrong})

    def _fault(self, path: str, value: Any) -> Finding:
        bound = next((one for one in self._fields if ".".join(one.path) == path), None)
        # The position within a one-cell list is not part of its header.
        bound = bound or next((one for one in self._fields if path.startswith(".".join(one.path) + ".")), None)
        if bound is None:
            return Finding(path, "cannot be used as it stands")
        rule = bound.column.spec.rule or "of another kind"
        if bound.column.kind is Kind.SECRET:
            return Finding(bound.header, f"must be {rule}")
        return Finding(bound.header, f"{in_quotes(str(value))} must be {rule}")

    def _required(self, record: Record, cells: Sequence[CellValue], findings: list[Finding]) -> None:
        if record.operation in {Operation.UPDATE, Operation.DELETE}:
            return
        spoilt = {finding.column for finding in findings}
        for column, header, index in self._wanted:
            if header not in spoilt and (index is None or index >= len(cells) or is_blank(cells[index])):
                findings.append(self._wants(header, column, record.operation))

    def _complete(self, body: Body, findings: list[Finding]) -> None:
        """Ask for what an object in the *body* of something new lacks; advice waits until nothing is wrong with the object."""
        lacking = [
            (whole, column)
            for above, columns in self._parts.items()
            for whole, part in _objects(body, above)
            if part
            for column in columns
            if column.path[-1] not in part
        ]
        if not lacking:
            return
        wrong = [self._path_of.get(finding.column, finding.column) for finding in findings if finding.severity is Severity.ERROR]
        for whole, column in lacking:
            path = f"{whole}{column.path[-1]}"
            if path not in wrong and (column.spec.required or not any(one.startswith(whole) for one in wrong)):
                findings.append(self._wants(self.header_of(path), column, Operation.CREATE))

    def _wants(self, header: str, column: Column, operation: Operation) -> Finding:
        wish = self._wishes.get((header, operation))
        if wish is None:
            purpose = f"to {operation} {with_article(self.entity.title)}"
            example = f", for example {column.spec.example}" if column.spec.example else ""
            if column.spec.required:
                wish = Finding(header, f"is needed {purpose}; fill the cell{example}")
            else:
                wish = Finding(header, f"is blank; PM probably wants it {purpose}{example}", Severity.WARNING)
            self._wishes[header, operation] = wish
        return wish

    def _advise(self, cells: Sequence[CellValue], findings: list[Finding], spoilt: Collection[str]) -> None:
        for one in self._advised:
            value = cells[one.index] if one.index < len(cells) else None
            if is_blank(value) or is_clear(value) or one.header in spoilt:
                continue
            spec = one.column.spec
            text = shown(value).strip()
            fits = (
                spec.advised.fullmatch(text) is not None
                if spec.advised
                else fold(text) in {fold(choice) for choice in spec.advised_choices}
            )
            if not fits:
                words = spec.rule or f"one of {', '.join(spec.advised_choices)}"
                seen = "" if one.column.kind is Kind.SECRET else f"{in_quotes(text)} "
                findings.append(Finding(one.header, f"{seen}should be {words}; PM may refuse it", Severity.WARNING))


def _objects(body: Any, path: tuple[str, ...], above: str = "") -> Iterator[tuple[str, Body]]:
    """The objects in *body* along *path*, with what the field paths of their members begin with."""
    if not path:
        yield above, body
    elif path[0] == POSITION:
        for position, element in enumerate(body, start=1):
            yield from _objects(element, path[1:], f"{above}{position}.")
    elif path[0] in body:
        yield from _objects(body[path[0]], path[1:], f"{above}{path[0]}.")


def _put(target: dict[Any, Any], one: Bound, value: Any) -> None:
    """Set *value* where *one* says; list positions become keys, which `_lists` turns into lists once all cells are read."""
    for part in one.above:
        target = target.setdefault(part, {})
    target[one.last] = value


def _lists(target: dict[Any, Any], findings: list[Finding], above: tuple[str, ...], *, holes: bool) -> None:
    """Turn the position keys below *target*, which is at the path *above*, into lists; *holes* allows positions of an object's list to be left as they are."""
    for name, value in target.items():
        if not isinstance(value, dict):
            continue
        if not isinstance(next(iter(value)), int):
            _lists(value, findings, (*above, name), holes=holes)
            continue
        last = max(value)
        missing = [position for position in range(1, last) if position not in value]
        objects = all(isinstance(element, dict) for element in value.values())
        if missing and not (holes and objects):
            findings.append(
                Finding(
                    ".".join((*above, name, str(last))),
                    f"position {last} is filled, but not {', '.join(map(str, missing))}; fill the positions from 1 on",
                )
            )
        elements = (
            [value.get(position, {}) for position in range(1, last + 1)] if objects else [value[position] for position in sorted(value)]
        )
        for position, element in enumerate(elements if objects else (), start=1):
            _lists(element, findings, (*above, name, str(position)), holes=holes)
        target[name] = elements


def bind(entity: Entity, headers: Sequence[CellValue], *, sheet: str) -> Binding:
    """
    What reads the rows of a *sheet* whose row 1 has these *headers*.

    Raises:
        WorkbookError: If headers are unknown or doubled; the message has all of them, with the nearest fields.
    """
    return Binding(entity, tuple(shown(header).strip() for header in headers), bound_headers(entity, headers, sheet=sheet))
