"""
The Guide of a template: how to fill the workbook in, and a table of its columns sheet by sheet.

Draws only; the words of the columns come from `wording`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pmbulk.entities.cells import CLEAR
from pmbulk.entities.fields import Column
from pmbulk.entities.model import ACTION, Entity
from pmbulk.secret import MASK
from pmbulk.sheets.wording import allowed, goes_to, label, need, typed
from pmbulk.sheets.writing import A4, DARK_HEADER, FONT, LIGHT_HEADER, LINE_HEIGHT, NAVY, SLATE, STEEL, TEXT, lines

__all__ = ["write_guide"]

_COLUMNS: Final = (
    ("column", 44),
    ("means", 32),
    ("needed", 10),
    ("what to type", 52),
    ("allowed values", 34),
    ("example", 26),
    ("goes to", 24),
)
_LAST: Final = len(_COLUMNS) - 1
#: The texts beside a term run from the second column to the fifth.
_TEXT_END: Final = 4
_TEXT_WIDTH: Final = sum(width for _title, width in _COLUMNS[1 : _TEXT_END + 1])

_RULES: Final = (
    (
        "Rows",
        "Each row is one object. Row 1 names the fields; keep it. The order of rows and sheets does not matter: a row runs when what it needs is there.",
    ),
    ("action", "Says what to do with the row. Blank means the first action of the sheet."),
    ("A blank cell", "Is not sent when something is created, and left as it is when something is updated."),
    (CLEAR, "Typed into a cell, it sets the field to empty."),
    (
        "Names instead of ids",
        "Departments by their path (Company/Sales/EMEA), locations and subsystems by name. Columns for ids may stay blank; where both are filled they must agree.",
    ),
    (
        "Several values",
        "Are separated by ; in one cell. Lists of objects have a column per position: authorizationCodes.1.hashType, authorizationCodes.2.hashType; add columns as you need them.",
    ),
    (
        "Your own notes",
        "Go into columns whose header starts with _ or #. They are ignored, and carried into the results. Sheets whose name starts with _ are ignored.",
    ),
    ("Passwords and codes", f"Are shown as {MASK} in the results; a rerun takes them from this workbook again, so keep it."),
    ("Columns you do not need", "May be deleted or stay blank."),
)
_COMMANDS: Final = (
    ("pmbulk check FILE", "Offline: every finding of every cell at once. Nothing is sent."),
    ("pmbulk plan FILE", "Online, read-only: what each row would do to PM as it is now. Nothing is sent."),
    ("pmbulk run FILE", "Carries out the rows and writes FILE's results workbook with an outcome for each row."),
    ("pmbulk rerun RESULTS", "After you corrected cells in the results: runs only what did not succeed."),
)


class _Styles:
    """The formats of the Guide."""

    def __init__(self, workbook: Any) -> None:
        table = {**TEXT, "text_wrap": True, "bottom": 4, "bottom_color": "#CBD5E1"}
        self.title = workbook.add_format(
            {**FONT, "bold": True, "font_size": 20, "font_color": "#FFFFFF", "bg_color": NAVY, "valign": "vcenter", "indent": 1}
        )
        self.heading = workbook.add_format({**FONT, "bold": True, "font_size": 14, "font_color": NAVY, "valign": "vcenter"})
        self.link = workbook.add_format({**FONT, "bold": True, "font_size": 14, "font_color": NAVY, "underline": 1, "valign": "vcenter"})
        self.help = workbook.add_format({**TEXT, "text_wrap": True, "font_color": SLATE, "valign": "vcenter"})
        self.term = workbook.add_format({**TEXT, "bold": True, "font_color": SLATE})
        self.code = workbook.add_format({**TEXT, "font_name": "Consolas", "bg_color": "#F1F5F9", "font_color": NAVY})
        self.wrapped = workbook.add_format({**TEXT, "text_wrap": True})
        self.titles = workbook.add_format(LIGHT_HEADER)
        self.cell = workbook.add_format(table)
        self.name = workbook.add_format({**table, "bold": True})
        self.dim = workbook.add_format({**table, "font_color": SLATE})
        swatch = {**DARK_HEADER, "align": "center"}
        self.needs = {"yes": workbook.add_format(swatch), "probably": workbook.add_format({**swatch, "bg_color": STEEL})}


def write_guide(workbook: Any, guide: Any, sheets: Sequence[tuple[Entity, Sequence[tuple[str, Column]]]]) -> None:
    """Fill *guide*, a sheet of *workbook*, for the entities in *sheets* and the headers that each has."""
    styles = _Styles(workbook)
    guide.hide_gridlines(2)
    guide.set_tab_color(STEEL)
    guide.set_landscape()
    guide.set_paper(A4)
    guide.fit_to_pages(1, 0)
    for column, (_title, width) in enumerate(_COLUMNS):
        guide.set_column(column, column, width)
    guide.set_row(0, 36)
    guide.merge_range(0, 0, 0, _LAST, "", styles.title)
    guide.write_text(0, 0, "How to fill in this workbook", styles.title)
    row = _write_terms(guide, styles.term, styles.wrapped, _RULES, 2)
    row = _write_legend(guide, styles, row)
    row = _write_heading(guide, styles, "Then type", row + 1)
    row = _write_terms(guide, styles.code, styles.wrapped, _COMMANDS, row)
    for entity, headers in sheets:
        row = _write_entity(guide, styles, entity, headers, row + 2)


def _write_heading(guide: Any, styles: _Styles, text: str, row: int) -> int:
    guide.set_row(row, 26)
    guide.write_text(row, 0, text, styles.heading)
    return row + 1


def _write_terms(guide: Any, term_style: Any, text_style: Any, terms: Sequence[tuple[str, str]], row: int) -> int:
    """A line for each term with its text; returns the row after them."""
    for number, (term, text) in enumerate(terms, start=row):
        guide.set_row(number, LINE_HEIGHT * lines(text, _TEXT_WIDTH) + 3)
        guide.merge_range(number, 1, number, _TEXT_END, "", text_style)
        guide.write_text(number, 0, term, term_style)
        guide.write_text(number, 1, text, text_style)
    return row + len(terms)


def _write_legend(guide: Any, styles: _Styles, row: int) -> int:
    """What the colours of the headers say; returns the row after it."""
    guide.write_text(row, 0, "Colours of the headers", styles.term)
    guide.write_text(row, 1, "needed on create", styles.needs["yes"])
    guide.write_text(row + 1, 1, "PM probably needs it", styles.needs["probably"])
    guide.write_text(row + 2, 1, "may stay blank", styles.titles)
    return row + 3


def _write_entity(guide: Any, styles: _Styles, entity: Entity, headers: Sequence[tuple[str, Column]], row: int) -> int:
    """One sheet's table; returns the row after it."""
    guide.set_row(row, 30)
    guide.merge_range(row, 1, row, _TEXT_END, "", styles.help)
    guide.write_url(row, 0, f"internal:'{entity.sheet}'!A1", styles.link, entity.sheet)
    guide.write_text(row, 1, entity.help, styles.help)
    row += 1
    for index, (title, _width) in enumerate(_COLUMNS):
        guide.write_text(row, index, title, styles.titles)
    for header, column in headers:
        row += 1
        _write_column(guide, styles, row, entity, header, column)
    return row + 1


def _write_column(guide: Any, styles: _Styles, row: int, entity: Entity, header: str, column: Column) -> None:
    """One column's line in the table."""
    blank = f" Blank means {entity.default}." if column is ACTION else ""
    cells = (
        (header, styles.name),
        (label(column, "1"), styles.cell),
        (need(column), styles.needs.get(need(column), styles.cell)),
        (typed(column) + blank, styles.cell),
        (allowed(entity, column), styles.cell),
        (column.spec.example, styles.cell),
        (goes_to(entity, column), styles.dim),
    )
    height = max(lines(text, width) for (text, _style), (_title, width) in zip(cells, _COLUMNS, strict=True))
    guide.set_row(row, LINE_HEIGHT * height + 2)
    for index, (text, style) in enumerate(cells):
        if text:
            guide.write_text(row, index, text, style)
        else:
            guide.write_blank(row, index, None, style)
