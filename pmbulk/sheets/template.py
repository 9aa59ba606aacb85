"""
Templates: empty workbooks to fill in, made wholly from the entities' declarations.

Every cell is typed as text, so that ``0012`` and ``+46…`` stay what was typed; choices are drop-downs fed from a hidden sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pmbulk.entities.fields import POSITION, Column
from pmbulk.entities.headers import column_letter
from pmbulk.entities.model import Entity
from pmbulk.sheets.guide import write_guide
from pmbulk.sheets.wording import Choices, choices_of, key, label, need, note, wanted
from pmbulk.sheets.writing import DARK_HEADER, FONT, LIGHT_HEADER, NAVY, RULED, STEEL, TEXT, cut, lines, write_workbook

__all__ = ["write_template"]

#: Rows that carry drop-downs and the autofilter; the text format goes on to the end of the sheet.
_ROWS: Final = 10_000
_LISTS: Final = "_lists"
#: How many positions a list of objects gets; more columns can be added by hand.
_LIST_POSITIONS: Final = 2
_NOTE_COLUMNS: Final = 52
#: Excel's limits for the little windows of a cell.
_TITLE_MAX: Final = 32
_TEXT_MAX: Final = 255
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
#: The moment that the document properties name: two templates made from the same declarations are the same file.
_MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@dataclass
class _Lists:
    """The hidden sheet of allowed values, a column for each different list."""

    columns: dict[tuple[str, ...], int] = field(default_factory=dict)

    def range_of(self, values: Sequence[str]) -> str:
        """The reference to *values*, which get a column when they are first asked for."""
        key = tuple(values)
        letter = column_letter(self.columns.setdefault(key, len(self.columns)))
        return f"={_LISTS}!${letter}$1:${letter}${len(key)}"

    def write(self, sheet: Any, style: Any) -> None:
        """Fill the sheet with all lists that were asked for."""
        for row, values in enumerate(zip_longest(*self.columns)):
            for column, value in enumerate(values):
                if value is not None:
                    sheet.write_text(row, column, value, style)


@dataclass(frozen=True, slots=True)
class _Live:
    """What a live PM adds to the declarations: *choices*, *notes* and other *headers* by the columns' keys."""

    choices: Mapping[str, Sequence[str]]
    notes: Mapping[str, str]
    headers: Mapping[str, str]


class _Styles:
    """The formats of the sheets to fill in."""

    def __init__(self, workbook: Any) -> None:
        ruled = {**RULED, "valign": "vcenter"}
        self.text = workbook.add_format(TEXT)
        self._required = workbook.add_format({**DARK_HEADER, **ruled})
        self._expected = workbook.add_format({**DARK_HEADER, **ruled, "bg_color": STEEL})
        self._optional = workbook.add_format({**LIGHT_HEADER, **ruled})

    def header(self, column: Column) -> Any:
        """The header's format: the darker, the more the column is needed."""
        return {"yes": self._required, "probably": self._expected}.get(need(column), self._optional)


def write_template(
    path: Path,
    entities: Sequence[Entity],
    *,
    choices: Mapping[str, Sequence[str]] = _NONE,
    notes: Mapping[str, str] = _NONE,
    headers: Mapping[str, str] = _NONE,
) -> Path:
    """
    Write a template with a Guide and a sheet for each of *entities*, and return where it is; where a file is in the way the next free name is taken.

    *choices* are values that a live PM has, by sheet and column (``users.department``, ``users.extensions.N.subsystemName``); others are
    warned of, not refused. *notes* are words to add to what is said of a column, *headers* what stands in row 1 instead of the field path, by the same names.

    Raises:
        WorkbookError: If the file cannot be written.
    """
    live = _Live(choices, notes, headers)
    remedy = "Give another place with -o."
    return write_workbook("template", path, lambda workbook: _write(workbook, entities, live), remedy=remedy, created=_MADE_AT)


def _write(workbook: Any, entities: Sequence[Entity], live: _Live) -> None:
    styles, lists = _Styles(workbook), _Lists()
    guide = workbook.add_worksheet("Guide")
    for entity in entities:
        headers = _headers(entity, _LIST_POSITIONS, live)
        _write_sheet(workbook.add_worksheet(entity.sheet), entity, headers, styles, lists, live)
    write_guide(workbook, guide, [(entity, _headers(entity, 1, live)) for entity in entities])
    hidden = workbook.add_worksheet(_LISTS)
    lists.write(hidden, styles.text)
    hidden.very_hidden()
    guide.activate()


def _headers(entity: Entity, list_positions: int, live: _Live) -> list[tuple[str, Column]]:
    """The headers of *entity*'s sheet; the columns of a list of objects stand together, position by position."""
    headers: dict[str, Column] = {}
    for column in entity.columns:
        if POSITION not in column.path:
            headers[live.headers.get(key(entity, column), column.name)] = column
            continue
        group = [one for one in entity.columns if one.path[0] == column.path[0]]
        headers |= {one.at(position): one for position in range(1, list_positions + 1) for one in group}
    return list(headers.items())


def _write_sheet(sheet: Any, entity: Entity, headers: Sequence[tuple[str, Column]], styles: _Styles, lists: _Lists, live: _Live) -> None:
    sheet.set_tab_color(NAVY)
    sheet.set_row(0, 24)
    for index, (header, column) in enumerate(headers):
        sheet.set_column(index, index, min(max(len(header) + 5, len(column.spec.example) + 3, 14), 46), styles.text)
        sheet.write_text(0, index, header, styles.header(column))
        _write_note(sheet, index, note(entity, column, header, live.notes.get(key(entity, column), "")))
        sheet.data_validation(1, index, _ROWS, index, _validation(entity, column, lists, live))
    sheet.freeze_panes(1, 1 + sum(column.spec.required and not column.is_part for _header, column in headers[:3]))
    sheet.autofilter(0, 0, _ROWS, len(headers) - 1)


def _write_note(sheet: Any, index: int, text: str) -> None:
    """What a person should know of the column, as the comment on its header."""
    height = 16 + 18 * lines(text, _NOTE_COLUMNS)
    font = {"font_name": FONT["font_name"], "font_size": 10, "color": "#F8FAFC"}
    sheet.write_comment(0, index, text, {"author": "pmbulk", "width": 340, "height": height, **font})


def _validation(entity: Entity, column: Column, lists: _Lists, live: _Live) -> dict[str, Any]:
    """The drop-down, if there are choices, and the hint beside the cell."""
    options: dict[str, Any] = {
        "validate": "any",
        "input_title": cut(label(column, ""), _TITLE_MAX),
        "input_message": cut(wanted(entity, column, live.notes.get(key(entity, column), "")), _TEXT_MAX),
    }
    found = choices_of(entity, column, live.choices)
    if found is None:
        return options
    return options | {
        "validate": "list",
        "source": lists.range_of(found.values),
        "error_type": "stop" if found.complete else "warning",
        "error_title": "Not in the list",
        "error_message": _refusal(found),
    }


def _refusal(choices: Choices) -> str:
    """What the window says about a value that is not in the list; the list is shortened, never the advice."""
    advice = "or leave the cell blank." if choices.complete else "or keep what you typed if you know that PM takes it."
    values = ", ".join(choices.values)
    return f"Type one of {cut(values, _TEXT_MAX - len(advice) - 14)}, {advice}"
