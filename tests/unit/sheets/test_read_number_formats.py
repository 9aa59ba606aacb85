# ruff: noqa: DTZ001 - spreadsheets keep times without a zone
from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from pmbulk.sheets.number_formats import look_of, plain_number


@pytest.mark.parametrize(
    ("code", "number", "seen"),
    [
        ("00000", 123, "00123"),
        ("00000", 1234567, "1234567"),
        ("00000;-00000", 123, "00123"),
        ("0000;[Red]-0000", 12, "0012"),
        ('"+"0', 46701234567, "+46701234567"),
        ("\\+0", 4670, "+4670"),
        ("+00 000", 4612345, "+4612 345"),
        ("000-000", 12345, "012-345"),
        ("\\(000\\) 000", 12345, "(012) 345"),
        ("00000", 1.5, 1.5),
        ("00000", -5, -5),
        ("0", 5, 5),
        ("General", 5, 5),
        ("@", 5, 5),
        ("#,##0", 1234, 1234),
        ("# ##0", 1234, 1234),
        ("0.00", 1.5, 1.5),
        ("0%", 0.5, 0.5),
        ("0.00E+00", 1e20, 10**20),
        ('0 "days"', 5, 5),
        ('[$-409]#,##0.00 "kr"', 5.5, 5.5),
        ("yyyy-mm-dd", 45351, date(2024, 2, 29)),
        ("yyyy-mm-dd", 45351.5, datetime(2024, 2, 29, 12)),
        ("[$-41D]d mmmm yyyy", 45351, date(2024, 2, 29)),
        ("yyyy-mm-dd hh:mm", 45351.5625, datetime(2024, 2, 29, 13, 30)),
        ("mmm", 45351, date(2024, 2, 29)),
        ("h:mm AM/PM", 0.25, time(6)),
        ("h:mm", 45351.25, datetime(2024, 2, 29, 6)),
        ("[h]:mm", 1.25, timedelta(hours=30)),
        ("[mm]:ss", -0.5, timedelta(hours=-12)),
        ("yyyy-mm-dd", 1, date(1900, 1, 1)),
        ("yyyy-mm-dd", 61, date(1900, 3, 1)),
        ("yyyy-mm-dd", -1, -1),
        ("yyyy-mm-dd", 2958466, 2958466),
        ("[h]:mm", 1e300, int(1e300)),
    ],
)
def test_a_number_is_what_its_format_shows(code, number, seen):
    """
    Zeros in front, a plus sign, dates, times and durations are told from plain numbers by the format alone.
    """
    value = look_of(code)(float(number))

    assert (type(seen), seen) == (type(value), value)


@pytest.mark.parametrize("code", ["General", "0", "@", "#,##0.00", "0%", "[Red]0.0"])
def test_formats_that_change_nothing_are_known_by_identity(code):
    """
    The fast way is open to cells whose look is the plain number itself.
    """
    assert plain_number is look_of(code)


@pytest.mark.parametrize(("number", "value"), [(5.0, 5), (-0.0, 0), (1e15, 10**15), (0.1, 0.1), (float("inf"), float("inf"))])
def test_whole_numbers_lose_their_point(number, value):
    """
    A whole number is an `int`, exactly; all else stays as it is.
    """
    assert (type(value), value) == (type(plain_number(number)), plain_number(number))
