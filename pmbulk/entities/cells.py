"""
What one cell may hold, and how it becomes a field's value: pure functions.

`sheets` delivers cell values of the type here; nothing in this module knows a file format. A parser returns the value or raises `ValueError` with
the sentence that the finding will carry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from pmbulk.entities.fields import Column, Kind
from pmbulk.entities.names import fold, in_quotes, nearest
from pmbulk.secret import Secret

__all__ = ["CLEAR", "EXACT", "SEPARATOR", "CellError", "CellValue", "is_blank", "is_clear", "parser", "shown"]

#: Typed into a cell to set the field to empty; a blank cell leaves it alone (design.md 3.1).
CLEAR: Final = "<clear>"

#: Whole numbers from this on lose digits in a spreadsheet.
EXACT: Final = 10**15

#: Stands between the plain values of a list in one cell.
SEPARATOR: Final = ";"

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")

_TRUTH: Final = {**dict.fromkeys(("true", "yes", "1", "y", "on"), True), **dict.fromkeys(("false", "no", "0", "n", "off"), False)}


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a usable value: *text* is Excel's error (``#N/A``) or, for a formula that was saved without its value, ``formula``."""

    text: str


#: What a reader delivers for one cell; ``None`` is a blank cell. Text is as it stands in the file.
CellValue = str | int | float | bool | datetime | date | time | timedelta | CellError | None


def is_blank(value: CellValue) -> bool:
    """Whether a cell holds nothing a person can see."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_clear(value: CellValue) -> bool:
    """Whether a cell asks for the field to be emptied."""
    return isinstance(value, str) and "<" in value and value.strip().casefold() == CLEAR


def shown(value: CellValue) -> str:
    """The cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    return str(value)


def parser(column: Column) -> Callable[[CellValue], Any]:
    """The function that turns a cell of *column* into its value; for a list of plain values, into the whole list."""
    one = _with_choices(_PARSERS[column.kind], column.spec.choices) if column.spec.choices else _PARSERS[column.kind]
    if column.spec.choices or column.kind is Kind.BOOLEAN:
        one = lru_cache(64, typed=True)(one)  # few values, in very many cells
    if not column.several:
        return one

    def several(value: CellValue) -> list[Any]:
        parts = value.split(SEPARATOR) if isinstance(value, str) else [value]
        return [one(part) for part in parts if not is_blank(part)]

    return several


def _text(value: CellValue) -> str:
    if isinstance(value, str):
        return value.strip()
    return _number_or_refusal(value)


def _secret(value: CellValue) -> Secret:
    # Blanks at the ends of a password may be meant, so nothing is trimmed.
    if isinstance(value, date | time | timedelta):
        # The finding must not show what stands in the cell.
        raise ValueError("the spreadsheet holds a date where text is wanted; format the cell as text and type it again")
    return Secret(value if isinstance(value, str) else _number_or_refusal(value))


def _number_or_refusal(value: CellValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        if abs(value) >= EXACT:
            raise ValueError("the spreadsheet keeps only 15 digits of a number; format the cell as text and type the number again")
        return str(value)
    if isinstance(value, float):
        # As many digits as a spreadsheet shows: the sixteenth is noise.
        return f"{value:.15g}"
    if isinstance(value, date | time | timedelta):
        raise ValueError(f"the spreadsheet holds a date ({shown(value)}) where text is wanted; format the cell as text and type it again")
    raise ValueError(_unusable(value))


def _integer(value: CellValue) -> int:
    if isinstance(value, CellError):
        raise ValueError(_unusable(value))
    number: int | None = None
    if isinstance(value, str):
        number = int(value) if _WHOLE.fullmatch(value.strip()) else None
    elif (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()):
        number = int(value)
    if number is None:
        raise ValueError(f"{in_quotes(shown(value))} is not a whole number; type digits only")
    if abs(number) >= EXACT:
        raise ValueError(f"{in_quotes(shown(value))} is larger than any number of PM; type it again")
    return number


def _boolean(value: CellValue) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, CellError):
        raise ValueError(_unusable(value))
    truth = _TRUTH.get(shown(value).strip().casefold())
    if truth is not None:
        return truth
    raise ValueError(f"{in_quotes(shown(value))} is neither TRUE nor FALSE; type one of the two")


def _unusable(value: CellValue) -> str:
    if isinstance(value, CellError) and value.text == "formula":
        return "the formula was saved without its value; open the file in Excel, save it again, or type the value"
    return f"the cell holds the error {shown(value)}; type the value itself"


def _with_choices(parse: Callable[[CellValue], Any], choices: tuple[str, ...]) -> Callable[[CellValue], Any]:
    spellings = {fold(choice): choice for choice in choices}

    def chosen(value: CellValue) -> str:
        text = str(parse(value))
        found = spellings.get(fold(text))
        if found is None:
            hint = nearest(text, choices)
            raise ValueError(
                f"{in_quotes(text)} is not allowed; type one of {', '.join(choices)}" + (f" (nearest: {hint[0]})" if hint else "")
            )
        return found

    return chosen


_PARSERS: Final[dict[Kind, Callable[[CellValue], Any]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.SECRET: _secret,
}
