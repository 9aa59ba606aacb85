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

#: The path of an object below an address or body: names and, in lists, positions from 1.
_Path = tuple[str | int, ...]
#: The objects that a row's cells are put into, by their paths; the empty one is the address or body itself.
_Objects = dict[_Path, dict[Any, Any]]

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
        #: The paths of the lists that cells are put into by position.
        self._lists = tuple(
            dict.fromkeys(path[:-1] for one in self._fields for path in _ways((*one.above, one.last)) if isinstance(path[-1], int))
        )
        above = dict.fromkeys(path for one in self._fields if one.in_body for path in _ways(one.above))
        wanted = [column for column in columns_of(entity.body) if column.is_wanted and column.is_part]
        #: What an object below the body cannot do without, by the path of the object.
        self._parts = {path: columns for path in above if (columns := [one for one in wanted if one.path[:-1] == _declared(path)])}
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
        record, objects = self._made(cells, findings)
        self._required(record, cells, findings)
        # What is wrong in a cell is not in the record, so nothing is said about that column a second time.
        spoilt = {finding.column for finding in findings if finding.severity is Severity.ERROR}
        findings.extend(finding for finding in self.located(self.entity.judge(record)) if finding.column not in spoilt)
        if self._parts and record.operation is Operation.CREATE:
            self._complete(objects, findings)
        self._advise(cells, findings, spoilt)
        return record, tuple(findings)

    def record(self, cells: Sequence[CellValue]) -> Record:
        """The record of one row that `read` has judged before."""
        return self._made(cells, [])[0]

    def masked(self, cells: Sequence[CellValue]) -> list[CellValue]:
        """*cells* with every secret replaced by the mask, for whatever outlives the row."""
        hidden = self.secret_columns
        return [MASK if index in hidden and not is_blank(value) and not is_clear(value) else value for index, value in enumerate(cells)]

    def _made(self, cells: Sequence[CellValue], findings: list[Finding]) -> tuple[Record, _Objects]:
        """The record of one row and the objects that its body was made of; what single cells show to be wrong is added to *findings*."""
        operation = self._operation(cells, findings)
        address: _Objects = {(): {}}
        body: _Objects = {(): {}}
        cleared = self._fill(address, body, cells, findings)
        self._beyond(cells, findings)
        for path in self._lists:
            for objects in (address, body):
                if path in objects:
                    self._make_list(objects, path, findings, holes=operation is not Operation.CREATE)
        record = Record(
            operation,
            self._validated(self.entity.address, address[()], findings),
            self._validated(self.entity.body, body[()], findings),
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

    def _fill(self, address: _Objects, body: _Objects, cells: Sequence[CellValue], findings: list[Finding]) -> list[str]:
        """Put the parsed cells into the objects of the address and of the body, which grow as needed; returns the paths of those to be cleared."""
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
            above = one.above
            if one.in_body:
                (body.get(above) or _object_at(above, body))[one.last] = parsed
            if one.in_address:
                (address.get(above) or _object_at(above, address))[one.last] = parsed
        return cleared

    def _parsed(self, one: Bound, value: CellValue, findings: list[Finding], cleared: list[str]) -> Any:
        """The value of one cell; `_NOTHING` where it is blank, to be cleared or wrong."""
        if isinstance(value, str):
            if not value.strip():
                return _NOTHING
            if is_clear(value):
                self._judge_clearing(one, findings)
                cleared.append(".".join(one.path))
                return _NOTHING
        try:
            return one.parse(value)
        except ValueError as error:
            findings.append(Finding(one.header, str(error)))
            return _NOTHING

    def _judge_clearing(self, one: Bound, findings: list[Finding]) -> None:
        if one.column.spec.required and not one.column.is_part:
            findings.append(Finding(one.header, f"cannot be emptied with {CLEAR}; every {self.entity.title} has one"))
        elif one.column.several and one.path != one.column.path:
            findings.append(
                Finding(one.header, f"cannot be emptied alone; use one column {one.column.name} for the list and type what shall stay")
            )

    def _make_list(self, objects: _Objects, path: _Path, findings: list[Finding], *, holes: bool) -> None:
        """Turn what is at *path*, by position, into a list; *holes* allows positions of an object's list to be left as they are."""
        by_position = objects[path]
        last = max(by_position)
        missing = [position for position in range(1, last) if position not in by_position]
        of_objects = (*path, last) in objects
        if missing and not (holes and of_objects):
            message = f"position {last} is filled, but not {', '.join(map(str, missing))}; fill the positions from 1 on"
            findings.append(Finding(self._header_at(".".join(map(str, (*path, last)))), message))
        positions = range(1, last + 1) if of_objects else sorted(by_position)
        objects[path[:-1]][path[-1]] = [by_position.get(position, {}) for position in positions]

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
        for fault in faults:
            values = _without(values, fault["loc"])
        return model.model_validate(values)

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

    def _complete(self, objects: _Objects, findings: list[Finding]) -> None:
        """Ask for what one of the *objects* in the body of something new lacks; advice waits until nothing is wrong with the object."""
        lacking = [
            (above, column)
            for above, columns in self._parts.items()
            if (part := objects.get(above))
            for column in columns
            if column.path[-1] not in part
        ]
        if not lacking:
            return
        wrong = [self._path_of.get(finding.column, finding.column) for finding in findings if finding.severity is Severity.ERROR]
        for above, column in lacking:
            whole = f"{'.'.join(map(str, above))}."
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


def _without(values: Any, place: Sequence[str | int]) -> Any:
    """*values* without what is at *place*; of a list of plain values the whole goes, for without one of its elements it would be another list."""
    first, *rest = place
    if isinstance(values, list):
        return [_without(value, rest) if index == first else value for index, value in enumerate(values)]
    if len(rest) > 1 or (rest and isinstance(rest[0], str)):
        return {name: _without(value, rest) if name == first else value for name, value in values.items()}
    return {name: value for name, value in values.items() if name != first}


def _ways(path: _Path) -> Iterator[_Path]:
    """*path*, and all paths on the way to it but the empty one, the shortest first."""
    return (path[:length] for length in range(1, len(path) + 1))


def _declared(path: _Path) -> tuple[str, ...]:
    """*path* as columns are declared, with `POSITION` for positions."""
    return tuple(POSITION if isinstance(part, int) else part for part in path)


def _object_at(path: _Path, objects: _Objects) -> dict[Any, Any]:
    """The object at *path*, made, with those above it, where there is none yet; positions are its keys until `_make_list` makes it a list."""
    found = objects.get(path)
    if found is None:
        found = objects[path] = {}
        _object_at(path[:-1], objects)[path[-1]] = found
    return found


def bind(entity: Entity, headers: Sequence[CellValue], *, sheet: str) -> Binding:
    """
    What reads the rows of a *sheet* whose row 1 has these *headers*.

    Raises:
        WorkbookError: If headers are unknown or doubled; the message has all of them, with the nearest fields.
    """
    return Binding(entity, tuple(shown(header).strip() for header in headers), bound_headers(entity, headers, sheet=sheet))
