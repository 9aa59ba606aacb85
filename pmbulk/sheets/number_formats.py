"""
What a stored number stands for under its cell's number format: a number, a moment, or text such as ``00123`` that only the format shows.

Pure functions, shared by all formats that keep numbers and formats apart. Format codes: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Final

from pmbulk.entities.cells import CellValue

__all__ = ["BUILT_IN", "Look", "look_of", "plain_number"]

#: From the stored number to what the cell's reader sees.
Look = Callable[[float], CellValue]

#: The codes that a file means by number alone, as far as they change what a number is; all others are plain numbers.
BUILT_IN: Final[dict[int, str]] = {
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}

_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets keep wall-clock times without a zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001 - as above

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_DIGITS_AND_MARKS = re.compile(r"[0#+\-() ]+")


def plain_number(number: float) -> CellValue:
    """The number itself: `int` where it is whole, else `float`."""
    return int(number) if number.is_integer() else number


@lru_cache(maxsize=4096)
def look_of(code: str, *, from_1904: bool = False) -> Look:
    """
    The function that turns a stored number into what is seen under the format *code*.

    *from_1904* says that the workbook counts days from 1904, as old Mac files do. `plain_number` itself is returned where the format does not
    change what the number is, so that callers can tell by identity.
    """
    section = code.split(";", 1)[0]
    letters = _LITERAL.sub("", section)
    if _ELAPSED.search(letters):
        return _elapsed
    # `General` holds no letter of a date but the e of the era, which is not looked for.
    letters = _BRACKETS.sub("", letters).lower().replace("general", "")
    has_date, has_time = bool(re.search("[yd]", letters)), bool(re.search("[hs]", letters))
    if "m" in letters and not has_time:
        has_date = True
    if has_date or has_time:
        return partial(_moment, has_date=has_date, has_time=has_time, from_1904=from_1904)
    pattern = _BRACKETS.sub("", _LITERAL.sub(lambda match: match[1] or match[2] or "", section))
    if _DIGITS_AND_MARKS.fullmatch(pattern) and ("+" in pattern or pattern.lstrip("#-() ").count("0") > 1):
        return partial(_patterned, pattern=pattern)
    return plain_number


def _elapsed(number: float) -> CellValue:
    try:
        return timedelta(milliseconds=round(number * 86_400_000))
    except (OverflowError, ValueError):
        return plain_number(number)


def _moment(number: float, *, has_date: bool, has_time: bool, from_1904: bool) -> CellValue:
    if not 0 <= number < 2_958_466:  # the day after 9999-12-31, where Excel shows ####
        return plain_number(number)
    # Excel counts a 29 February 1900 that never was.
    epoch = _EPOCH_1904 if from_1904 else _EPOCH if number >= 60 else _EPOCH + timedelta(days=1)
    try:
        moment = epoch + timedelta(milliseconds=round(number * 86_400_000))
    except OverflowError:
        return plain_number(number)
    if not has_date and number < 1:
        return moment.time()
    return moment if has_time or moment.time() != time() else date(moment.year, moment.month, moment.day)


def _patterned(number: float, *, pattern: str) -> CellValue:
    if not number.is_integer() or number < 0:
        return plain_number(number)
    digits = list(str(int(number)))
    places = sum(mark in "0#" for mark in pattern)
    shown: list[str] = []
    for mark in reversed(pattern):
        if mark not in "0#":
            shown.append(mark)
            continue
        places -= 1
        if not places:  # the leftmost place takes all that is left
            shown.append("".join(digits) or ("0" if mark == "0" else ""))
        elif digits:
            shown.append(digits.pop())
        elif mark == "0":
            shown.append("0")
    return "".join(reversed(shown))
