"""
An exported sheet on its way: rows as texts in a temporary file, and the headers that they fill.

Which columns there are is known only after the last row; memory stays flat however many there are. A value that the sheet could not be run with again is
left out of its row, which leaves it as it is in PM.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

from pmbulk.entities.binding import Binding, bind
from pmbulk.entities.cells import CLEAR, SEPARATOR, is_clear, shown
from pmbulk.entities.compare import pattern
from pmbulk.entities.fields import POSITION, Column, Kind
from pmbulk.entities.model import ACTION, Entity, Flat, Operation
from pmbulk.entities.session import Unread
from pmbulk.errors import Finding, Severity
from pmbulk.secret import MASK, Secret
from pmbulk.sheets.export import ExportSheet
from pmbulk.sheets.writing import holds

__all__ = ["Spool"]

_WITHHELD: Final = "PM has values here; they are left out because they are secret. Blank cells are left as they are. `pmbulk export --keep-secrets` writes them."


@dataclass
class Spool:
    """
    The rows of one *entity*, a line of JSON each in *file*.

    Columns that begin with *elsewhere* are left out, because another sheet has them (``None``: none does).
    *headers* are those filled so far, *withheld* those of secrets that were left out, *captions* what stands in row 1 instead of a header. *left_out* tells
    the values, and the rows, that no cells can hold.
    """

    entity: Entity
    file: IO[str]
    keep_secrets: bool = field(kw_only=True)
    elsewhere: str | None = None
    rows: int = 0
    headers: dict[str, Column] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    captions: Mapping[str, str] = field(default_factory=dict)
    left_out: list[Unread] = field(default_factory=list)
    #: Lists of plain values that stand in one column per position, because an element of one of them holds the separator.
    _spread: set[str] = field(default_factory=set)
    #: How many elements the longest list of plain values in one cell has, by its header.
    _longest: dict[str, int] = field(default_factory=dict)
    _bound: tuple[list[str], Binding] | None = None
    _columns: dict[str, Column] = field(default_factory=dict)

    def add(self, row: Flat) -> None:
        """Keep *row*; what is empty is as good as left out."""
        texts: dict[str, str] = {}
        for header, value in row.items():
            if self.elsewhere and header.startswith(self.elsewhere):
                continue
            column = self._column(header)
            text = self._text(header, column, value)
            if header in self.withheld:
                self.headers[header] = column
            if text.strip():
                texts[header] = text
            if self._whole(header) != header:
                self._spread.add(self._whole(header))
        usable = self._usable(self._laid_out(texts))
        if usable is None:
            return
        for header in usable:
            self.headers[header] = self._column(header)
        self.file.write(json.dumps(usable) + "\n")
        self.rows += 1

    def sheet(self) -> ExportSheet:
        """The sheet, its columns in the order of their declaration; ``action`` says update, or what the entity offers instead."""
        for base in self._spread:
            column = self.headers.pop(base, None) or self._column(base)
            self.headers |= {f"{base}.{place}": column for place in range(1, self._longest.get(base, 0) + 1)}
        order = {column.path: index for index, column in enumerate(self.entity.columns)}
        headers = sorted(self.headers, key=lambda header: _place(header, self.headers[header], order))
        shown_headers = (ACTION.name, *(self.captions.get(header, header) for header in headers))
        return ExportSheet(self.entity.sheet, shown_headers, self._lines(headers), frozenset(self.withheld), _WITHHELD)

    @property
    def _action(self) -> str:
        return (Operation.UPDATE if Operation.UPDATE in self.entity.by_operation else self.entity.default).value

    def _lines(self, headers: Sequence[str]) -> Iterator[list[str]]:
        self.file.seek(0)
        for line in self.file:
            texts = self._laid_out(json.loads(line))
            yield [self._action, *(texts.get(header, "") for header in headers)]

    def _column(self, header: str) -> Column:
        """The column that *header* belongs to; a list of plain values may have one header per position."""
        column = self._columns.get(header)
        if column is None:
            path = pattern(header.split("."))
            column = self.entity.columns_by_path.get(path) or self.entity.columns_by_path.get(path[:-1])
            if column is None:
                raise TypeError(f"{self.entity.sheet}: export gives {header}, which is no column")
            self._columns[header] = column
        return column

    def _text(self, header: str, column: Column, value: Any) -> str:
        secret = isinstance(value, Secret) or column.kind is Kind.SECRET
        if secret and value and not self.keep_secrets:
            self.withheld.add(header)
            return ""
        return value.reveal() if isinstance(value, Secret) else shown(value)

    def _laid_out(self, texts: dict[str, str]) -> dict[str, str]:
        """*texts* with the lists that need it in one column per position."""
        laid: dict[str, str] = {}
        for header, text in texts.items():
            if not self._column(header).several or (whole := self._whole(header)) != header:
                laid[header] = text
                continue
            elements = text.split(SEPARATOR)
            self._longest[header] = max(len(elements), self._longest.get(header, 0))
            laid |= {f"{whole}.{place}": one for place, one in enumerate(elements, 1)} if whole in self._spread else {header: text}
        return laid

    def _whole(self, header: str) -> str:
        """The header of the list that *header* is a position of; of anything else *header* itself."""
        column = self._column(header)
        return header.rpartition(".")[0] if column.several and header.count(".") == len(column.path) else header

    def _usable(self, texts: dict[str, str]) -> dict[str, str] | None:
        """*texts* without what a check would refuse in the sheet; ``None`` where the rest does not tell an object."""
        obstacles = {header: _obstacle(text.split(SEPARATOR) if self._column(header).several else [text]) for header, text in texts.items()}
        wrong = {header: why for header, why in obstacles.items() if why}
        while True:
            # A list without one of its elements would be another list.
            lists = {self._whole(header) for header in wrong}
            texts = {header: text for header, text in texts.items() if self._whole(header) not in lists}
            label, findings = self._judged(texts)
            self.left_out += [Unread(f"{header} of {label}", f"{why}; it stays as it is in PM") for header, why in wrong.items()]
            if not findings:
                return texts
            wrong = {finding.column: finding.message for finding in findings if finding.column in texts}
            if not wrong:
                self.left_out.append(Unread(label, "; ".join(map(str, findings))))
                return None

    def _judged(self, texts: Mapping[str, str]) -> tuple[str, list[Finding]]:
        """Which object a row is about, and what keeps it from being run."""
        binding = self._binding(texts)
        record, findings = binding.read([self._action, *(texts.get(header) for header in binding.headers[1:])])
        label = self.entity.label_of(record)
        return label, [finding for finding in findings if finding.severity is Severity.ERROR]

    def _binding(self, texts: Mapping[str, str]) -> Binding:
        """What the headers mean, bound anew only when there are new ones."""
        headers, binding = self._bound or ([], None)
        new = [header for header in texts if header not in headers]
        if binding is None or new:
            headers = [header for header in (*headers, *new) if header not in self._spread]
            binding = bind(self.entity, (ACTION.name, *headers), sheet=self.entity.sheet)
            self._bound = headers, binding
        return binding


def _obstacle(texts: Sequence[str]) -> str:
    """Why one of *texts*, which stand in a cell or could come to, would be another thing there; empty where none would."""
    if any(map(is_clear, texts)):
        return f"PM has the text {CLEAR}, which in a cell means empty"
    if MASK in texts:
        return "PM has the very text that stands for a secret"
    return "" if all(map(holds, texts)) else "a cell cannot hold the text"


def _place(header: str, column: Column, order: dict[tuple[str, ...], int]) -> tuple[int, list[int], int]:
    """What sorts headers: as declared, the columns of a list of objects together, position by position."""
    own = order[column.path]
    positions = [int(part) for part in header.split(".") if part.isdigit()]
    if POSITION not in column.path:
        return own, positions, own
    first = min(index for path, index in order.items() if path[0] == column.path[0] and POSITION in path)
    return first, positions, own
