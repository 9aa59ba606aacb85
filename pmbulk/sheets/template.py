"""
Templates: empty workbooks to fill in, made wholly from the entities' declarations.

Every cell is typed as text, so that ``0012`` and ``+46…`` stay what was typed; choices are drop-downs fed from a hidden sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pmbulk.entities.binding import column_letter
from pmbulk.entities.cells import CLEAR
from pmbulk.entities.fields import Column, Kind
from pmbulk.entities.model import ACTION, Entity
from pmbulk.errors import WorkbookError

__all__ = ["write_template"]

#: Rows that carry drop-downs and text format.
_ROWS: Final = 10_000
_LISTS: Final = "_lists"
_A4: Final = 9
_GUIDE_WIDTHS: Final = (38, 34, 11, 58, 34)
#: Points; spreadsheets do not make room for a wrapped line by themselves.
_LINE_HEIGHT: Final = 15
#: Excel's limits for the little window beside a cell.
_TITLE_MAX: Final = 32
_TEXT_MAX: Final = 255
#: The moment that the document properties name: two templates made from the same declarations are the same file.
_MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

_GUIDE: Final = (
    ("Fill in the sheets, one object per row. Row 1 names the fields; keep it.", ""),
    ("A blank cell", "is not sent when something is created, and left as it is when it is updated."),
    (CLEAR, "in a cell sets the field to empty."),
    ("action", "says what to do with a row. Blank means the first action of the sheet."),
    (
        "Names",
        "stand where PM has ids: departments by their path (Company/Sales/EMEA), locations and subsystems by name. Several are separated by ;",
    ),
    (
        "Lists",
        "have a column per position: authorizationCodes.1.authorizationCode, authorizationCodes.2.authorizationCode. Add columns as you need them.",
    ),
    (
        "Your notes",
        "go into columns whose header starts with _ or #, and sheets whose name starts with _. They are carried into the results.",
    ),
    ("Order", "does not matter: rows run when what they need is there. Deletes come last."),
    ("Passwords and codes", "are masked in the results; a rerun takes them from this file again, so keep it."),
)


@dataclass
class _Lists:
    """The hidden sheet of allowed values, a column for each different list."""

    sheet: Any
    places: dict[tuple[str, ...], str] = field(default_factory=dict)

    def range_of(self, values: Sequence[str]) -> str:
        """The reference to *values*, which are written when they are first asked for."""
        key = tuple(values)
        if key not in self.places:
            column = len(self.places)
            for row, value in enumerate(key):
                self.sheet.write_string(row, column, value)
            letter = column_letter(column)
            self.places[key] = f"={_LISTS}!${letter}$1:${letter}${len(key)}"
        return self.places[key]


def write_template(
    path: Path, entities: Sequence[Entity], *, choices: Mapping[str, Sequence[str]] | None = None, positions: int = 1
) -> None:
    """
    Write a template with a Guide and a sheet for each of *entities*.

    *choices* are the allowed values of columns as a live PM has them, by column name. *positions* is how many positions a list gets; more columns can be
    added by hand.

    Raises:
        WorkbookError: If the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    try:
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
            workbook.set_properties({"title": "pmbulk template", "created": _MADE_AT})
            styles = _Styles(workbook)
            guide = workbook.add_worksheet("Guide")
            sheets = [(entity, workbook.add_worksheet(entity.sheet)) for entity in entities]
            lists = _Lists(workbook.add_worksheet(_LISTS))
            lists.sheet.very_hidden()
            for entity, sheet in sheets:
                _write_sheet(sheet, entity, styles, lists, choices or {}, positions)
            _write_guide(guide, entities, styles, positions)
            guide.activate()
    except (OSError, XlsxWriterException) as error:
        raise WorkbookError(f"The template cannot be written to {path}: {getattr(error, 'strerror', None) or error}") from error


class _Styles:
    """The formats of one template."""

    def __init__(self, workbook: Any) -> None:
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        self.title = workbook.add_format({**base, "bold": True, "font_size": 16})
        self.heading = workbook.add_format({**base, "bold": True, "font_size": 13, "font_color": "#1E3A5F"})
        self.table = workbook.add_format({**base, "bold": True, "bottom": 1, "font_color": "#334155", "text_wrap": True})
        self.bold = workbook.add_format({**base, "bold": True})
        self.wrapped = workbook.add_format({**base, "text_wrap": True, "num_format": "@"})
        self.text = workbook.add_format({**base, "num_format": "@"})
        header = {**base, "bold": True, "num_format": "@", "border": 1, "border_color": "#FFFFFF"}
        self.required = workbook.add_format({**header, "bg_color": "#1E3A5F", "font_color": "#FFFFFF"})
        self.expected = workbook.add_format({**header, "bg_color": "#7A9CC0", "font_color": "#FFFFFF"})
        self.optional = workbook.add_format({**header, "bg_color": "#D9E2EC", "font_color": "#1F2937"})

    def header(self, column: Column) -> Any:
        """The header's format: how much the column is needed."""
        return self.required if column.spec.required else self.expected if column.spec.expected else self.optional


def _headers(entity: Entity, positions: int) -> list[tuple[str, Column]]:
    """The headers of *entity*'s sheet; the columns of a list stand together, position by position."""
    headers: list[tuple[str, Column]] = []
    listed: dict[str, list[Column]] = {}
    for column in entity.columns:
        if "N" in column.path:
            group = column.path[0]
            if group not in listed:
                headers.append((group, column))
            listed.setdefault(group, []).append(column)
        else:
            headers.append((column.name, column))
    return [
        (member.at(position), member)
        for name, column in headers
        for position in (range(1, positions + 1) if name in listed else (1,))
        for member in listed.get(name, (column,))
    ]


def _write_sheet(sheet: Any, entity: Entity, styles: _Styles, lists: _Lists, choices: Mapping[str, Sequence[str]], positions: int) -> None:
    headers = _headers(entity, positions)
    for index, (header, column) in enumerate(headers):
        sheet.set_column(index, index, min(max(len(header) + 3, 12), 44), styles.text)
        sheet.write_string(0, index, header, styles.header(column))
        sheet.write_comment(0, index, _note(entity, column), {"x_scale": 2.2, "y_scale": 1.1, "author": "pmbulk"})
        sheet.data_validation(1, index, _ROWS, index, _validation(entity, column, lists, choices))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, _ROWS, len(headers) - 1)


def _needed(column: Column) -> str:
    return "yes" if column.spec.required else "probably" if column.spec.expected else ""


def _note(entity: Entity, column: Column) -> str:
    """What a person should know of the column, in the comment on its header."""
    spec = column.spec
    needed = {"yes": f"Needed to create a {entity.title}.", "probably": f"PM probably needs it to create a {entity.title}."}.get(
        _needed(column), ""
    )
    parts = [column.label.replace(" N ", " 1 ") + ".", needed, _action_help(entity) if column is ACTION else spec.help, _what(column)]
    return "\n".join(part for part in parts if part)


def _action_help(entity: Entity) -> str:
    lines = [f"{action.operation}: {action.help}" for action in entity.actions]
    return "\n".join([*lines, f"Blank means {entity.default}."])


def _what(column: Column) -> str:
    """What to type, in words."""
    spec = column.spec
    if column.kind is Kind.BOOLEAN:
        return "TRUE or FALSE."
    parts = []
    if spec.rule:
        parts.append(f"Type {spec.rule}.")
    elif spec.advised_choices:
        parts.append(f"Usually one of {', '.join(spec.advised_choices)}.")
    elif column.kind is Kind.INTEGER:
        parts.append("A whole number.")
    if spec.example:
        parts.append(f"Example: {spec.example}")
    return " ".join(parts)


def _validation(entity: Entity, column: Column, lists: _Lists, choices: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The drop-down, if there are choices, and the hint beside the cell."""
    allowed: Sequence[str] = choices.get(column.name) or column.spec.choices
    if column is ACTION:
        allowed = [action.operation.value for action in entity.actions]
    elif column.kind is Kind.BOOLEAN:
        allowed = ["TRUE", "FALSE"]
    advised = () if allowed else column.spec.advised_choices
    hint = {
        "input_title": _cut(column.spec.label if column is not ACTION else "Action", _TITLE_MAX),
        "input_message": _cut(
            _action_hint(entity) if column is ACTION else f"{column.spec.help} {_what(column)}".strip() or column.label, _TEXT_MAX
        ),
    }
    if not allowed and not advised:
        return {"validate": "any", **hint}
    return {
        "validate": "list",
        "source": lists.range_of([*(allowed or advised), *([CLEAR] if allowed and _clearable(column) else [])]),
        # What is only believed to be the whole list must not keep anybody from typing something else.
        "error_type": "stop" if allowed else "warning",
        "error_title": "Not in the list",
        "error_message": _cut(f"Type one of {', '.join(allowed or advised)}, or leave the cell blank.", _TEXT_MAX),
        **hint,
    }


def _clearable(column: Column) -> bool:
    return column is not ACTION and column.kind is not Kind.BOOLEAN and not column.spec.required


def _action_hint(entity: Entity) -> str:
    return f"{', '.join(action.operation for action in entity.actions)}. Blank means {entity.default}."


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _write_guide(guide: Any, entities: Sequence[Entity], styles: _Styles, positions: int) -> None:
    guide.hide_gridlines(2)
    guide.set_landscape()
    guide.set_paper(_A4)
    guide.fit_to_pages(1, 0)
    for column, width in enumerate(_GUIDE_WIDTHS):
        guide.set_column(column, column, width)
    guide.write_string(0, 0, "How to fill in this workbook", styles.title)
    row = 2
    for term, text in _GUIDE:
        if text:
            guide.write_string(row, 0, term, styles.bold)
            guide.merge_range(row, 1, row, 4, text, styles.wrapped)
        else:
            guide.write_string(row, 0, term, styles.text)
        row += 1
    guide.write_string(row, 0, "Then type", styles.bold)
    guide.write_string(row, 1, "pmbulk check FILE", styles.text)
    guide.write_string(row, 3, "offline: every finding of every cell", styles.text)
    guide.write_string(row + 1, 1, "pmbulk run FILE", styles.text)
    guide.write_string(row + 1, 3, "do it; the results workbook has an outcome for every row", styles.text)
    row += 4
    for entity in entities:
        row = _write_entity(guide, entity, styles, positions, row) + 2


def _write_entity(guide: Any, entity: Entity, styles: _Styles, positions: int, row: int) -> int:
    """One sheet's table in the Guide; returns the row after it."""
    guide.write_string(row, 0, f"Sheet {entity.sheet}", styles.heading)
    guide.merge_range(row, 1, row, 4, entity.help, styles.wrapped)
    row += 1
    for index, title in enumerate(("column", "means", "needed", "what to type", "example")):
        guide.write_string(row, index, title, styles.table)
    for name, column in _headers(entity, positions):
        row += 1
        spec = column.spec
        what = (
            f"{', '.join(action.operation for action in entity.actions)} (blank: {entity.default})"
            if column is ACTION
            else _what_without_example(column)
        )
        cells = (
            name,
            column.label.replace(" N ", " 1 "),
            _needed(column),
            f"{'' if column is ACTION else spec.help} {what}".strip(),
            spec.example,
        )
        guide.set_row(row, _LINE_HEIGHT * max(-(-len(text) // width) for text, width in zip(cells, _GUIDE_WIDTHS, strict=True)) or None)
        for index, text in enumerate(cells):
            if text:
                guide.write_string(row, index, text, styles.wrapped)
    return row + 1


def _what_without_example(column: Column) -> str:
    return _what(column).partition("Example:")[0].strip()
