"""
What stands in row 1 of a sheet: which column each header means. Done once per sheet, before any row is read; pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pmbulk.entities.cells import CellError, CellValue, parser, shown
from pmbulk.entities.fields import POSITION, Column, Kind, columns_of
from pmbulk.entities.model import Entity
from pmbulk.entities.names import in_quotes, nearest_sentence, plain
from pmbulk.entities.udf_fields import uncaptioned
from pmbulk.errors import WorkbookError

__all__ = ["Bound", "bound_headers", "column_letter", "is_note", "places_of"]

#: More list positions than any object of PM has, a telephone with its key panels included; a header beyond it is a slip of the keyboard.
_POSITIONS_MAX = 500


def is_note(header: CellValue) -> bool:
    """Whether a column belongs to the person who keeps the sheet: ignored, and carried into the results."""
    return isinstance(header, str) and header.strip()[:1] in {"_", "#"}


def column_letter(index: int) -> str:
    """
    The spreadsheet's letters for the column at *index* (from 0).

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def places_of(headers: Sequence[str]) -> dict[str, int]:
    """The index of each column by what findings call it: its header, or its letters where row 1 is blank."""
    return {header or column_letter(index): index for index, header in enumerate(headers)}


@dataclass(frozen=True, slots=True)
class Bound:
    """One header, understood."""

    #: The place in the row, from 0.
    index: int
    #: As the sheet has it.
    header: str
    #: The field path, with list positions (from 1) in it.
    path: tuple[str, ...]
    column: Column
    #: Makes a cell's value.
    parse: Callable[[CellValue], Any]
    in_address: bool
    in_body: bool
    #: Where the value goes: the path of what it is put into, positions as numbers, and its name or position there.
    above: tuple[str | int, ...]
    last: str | int
    #: Whether the cells are texts that any text will do for: then *parse* need not be asked.
    plain: bool


def bound_headers(entity: Entity, headers: Sequence[CellValue], *, sheet: str) -> tuple[Bound, ...]:
    """
    *entity*'s columns as the *headers* of a *sheet* name them: field paths in any case, or readable labels; UDFs also with PM's name for them in brackets.

    The columns are in the order of the file; headers that are blank or notes have none.

    Raises:
        WorkbookError: If headers are unknown or doubled; the message has all of them, with the nearest fields.
    """
    known = _Names(entity)
    wrong: list[str] = []
    bound: dict[tuple[str, ...], Bound] = {}
    for index, cell in enumerate(headers):
        header, where = shown(cell).strip(), f"sheet {sheet}, cell {column_letter(index)}1"
        if isinstance(cell, CellError):
            wrong.append(f"{where}: the header is a formula without a usable value; type the name of the field instead.")
        elif header and not is_note(header):
            one = known.find(header, index)
            if one is None:
                wrong.append(f"{where}: {in_quotes(header)} is no field of {entity.sheet}.{nearest_sentence(header, known.names)}")
            elif (first := bound.setdefault(one.path, one)) is not one:
                earlier = f"{column_letter(first.index)}1"
                wrong.append(f"{where}: {in_quotes(header)} stands a second time (first in {earlier}); remove one of the two columns.")
    if not bound:
        wrong.append(
            f"sheet {sheet}: row 1 has no header that {entity.sheet} knows; put the field names in row 1, as `pmbulk template {entity.sheet}` does."
        )
    wrong += [
        f"sheet {sheet}, cell {column_letter(one.index)}1: '{one.header}' stands beside its own positions; use one cell or one column each."
        for one in bound.values()
        if one.column.several and any(other[:-1] == one.path for other in bound)
    ]
    if wrong:
        raise WorkbookError("\n".join(wrong))
    return tuple(bound.values())


class _Names:
    """All spellings under which an entity's columns may stand in row 1."""

    def __init__(self, entity: Entity) -> None:
        self._address = {column.path for column in columns_of(entity.address)}
        self._body = {column.path for column in columns_of(entity.body)}
        self.names: Final = [column.at() for column in entity.columns]
        self._spellings = [(self._spelling(column), column) for column in entity.columns]
        self._labels = {plain(column.spec.label): column for column in entity.columns if len(column.path) == 1}

    def find(self, header: str, index: int) -> Bound | None:
        """What the *header* of the column at *index* means; ``None`` if it means nothing."""
        spelling = plain(uncaptioned(header))
        for pattern, column in self._spellings:
            match = pattern.fullmatch(spelling)
            if match is None:
                continue
            positions = [int(digits) for digits in match.groups() if digits is not None]
            if any(not 1 <= position <= _POSITIONS_MAX for position in positions):
                return None
            numbers = iter(positions)
            path = tuple(str(next(numbers)) if part == POSITION else part for part in column.path)
            return self._bound(header, index, (*path, *(str(position) for position in numbers)), column)
        labelled = self._labels.get(spelling)
        return None if labelled is None else self._bound(header, index, labelled.path, labelled)

    def _bound(self, header: str, index: int, path: tuple[str, ...], column: Column) -> Bound:
        # A position of a list of plain values holds one of them.
        cells = replace(column, several=False) if path[-1].isdigit() else column
        keys = tuple(int(part) if part.isdigit() else part for part in path)
        return Bound(
            index=index,
            header=header,
            path=path,
            column=column,
            parse=parser(cells),
            in_address=column.path in self._address,
            in_body=column.path in self._body,
            above=keys[:-1],
            last=keys[-1],
            plain=cells.kind is Kind.TEXT and not cells.spec.choices and not cells.several,
        )

    @staticmethod
    def _spelling(column: Column) -> re.Pattern[str]:
        parts = "".join(r"(\d{1,9})" if part == POSITION else re.escape(plain(part)) for part in column.path)
        return re.compile(parts + (r"(\d{1,9})?" if column.several else ""))
