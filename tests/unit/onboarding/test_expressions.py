"""Expressions and their filters: what they make of HR's texts, and that they come to a finding at worst."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.onboarding.expressions import Language

LANGUAGE = Language(language="sv", values={"site": {"Stockholm": "MX1", "Malmö ": "MX2"}, "any": {"A": "1", "*": "9"}})


def worked_out(source, **values):
    """What *source* makes of *values*."""
    return LANGUAGE.text(source).evaluate(values)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ x|last_name }}", "Öberg, Åsa  M.", "Öberg"),
        ("{{ x|first_name }}", "Öberg, Åsa  M.", "Åsa"),
        ("{{ x|middle }}", "Öberg, Åsa  M.", "M."),
        ("{{ x|first_name }}", "Ek, J. P.", "J."),
        ("{{ x|last_name('first last') }}", "Anna van der Berg", "van der Berg"),
        ("{{ x|last_name('last first') }}", "Berg Anna Maria", "Berg"),
        ("{{ x|last_name('last first') }}", "von der Heide Änne", "von der Heide"),
        ("{{ x|last_name('last first') }}", "DE LA FONTAINE Jean-Noël", "DE LA FONTAINE"),
        ("{{ x|first_name('last first') }}", "ÖBERG Åsa M.", "Åsa"),
        ("{{ x|first_name('last first') }}", "VAN DEN", "DEN"),
        ("{{ x|first_name }}", "Weber, Prof. Dr. med. Hans", "Hans"),
        ("{{ x|last_name }}", "Dr.-Ing. Weber, Hans", "Weber"),
        ("{{ x|first_name }}", "Collins, Phil", "Phil"),
        ("{{ x|first_name }}", "Smith, Jr., John", "John"),
        ("{{ x|last_name }}", "Smith, Jr., John", "Smith Jr."),
        ("{{ x|last_name }}", "Smith, John Jr.", "Smith Jr."),
        ("{{ x|last_name }}", "Smith, John, Ph.D.", "Smith"),
        ("{{ x|first_name }}", "Ek, Eva,", "Eva"),
        ("{{ x|first_name('first last') }}", "Dr. Hans Weber", "Hans"),
        ("{{ x|last_name('first last') }}", "Robert Downey, Jr.", "Downey Jr."),
        ("{{ x|last_name('first last') }}", "Jane Doe, PhD", "Doe"),
        ("{{ x|last_name('first last') }}", "María de los Santos", "de los Santos"),
        ("{{ x|last_name('last first') }}", "KING Martin Luther Jr.", "KING Jr."),
        ("{{ x|last_name }}", "Mag., Eva", "Mag."),
        ("{{ x|initials }}", "Anna-Lena Berg", "ALB"),
        ("{{ x|ascii }}", "Åsa Öberg", "Asa Oberg"),
        ("{{ x|ascii('de') }}", "Jürgen Weiß", "Juergen Weiss"),
        ("{{ x|ascii('nb') }}", "Ågot Ødegård", "Aagot Oedegaard"),
        ("{{ x|letters|lower }}", "O'Neil-Berg", "oneilberg"),
        ("{{ x|digits }}", "+46 (8) 12", "46812"),
        ("{{ x|e164('46') }}", "08-123 45 67", "+4681234567"),
        ("{{ x|e164('46') }}", "+46 (0)8 123 45 67", "+4681234567"),
        ("{{ x|e164('46') }}", "0046 8 123 45 67", "+4681234567"),
        ("{{ x|e164('46') }}", "", ""),
        ("{{ x|e164('1') }}", "1-212-555-0123", "+12125550123"),
        ("{{ x|e164('1') }}", "(212) 555-0123", "+12125550123"),
        ("{{ x|e164('46') }}", "70 123 45 67", "+46701234567"),
        ("{{ x|date('%d.%m.%y') }}", "01.03.26", "2026-03-01"),
        ("{{ x|date('%d.%m.%y') }}", "31.12.69", "1969-12-31"),
        ("{{ x|date('%d.%m.%y', to='%d/%m/%Y') }}", "2026-03-01", "01/03/2026"),
        ("{{ x|from_map('site') }}", "malmö", "MX2"),
        ("{{ x|from_map('any') }}", "B", "9"),
        ("{{ x|default('none') }}", "", "none"),
        ("{{ x.zfill(5) }}", "123", "00123"),
        ("{{ none if x == '-' else x }}", "-", ""),
        ("{{ x|cut(3) }}", "ab cd", "ab"),
    ],
)
def test_what_filters_make(source, value, expected):
    """
    Of what HR types.
    """
    assert expected == worked_out(source, x=value)


@pytest.mark.parametrize(
    ("source", "value", "words"),
    [
        ("{{ x|first_name }}", "Anna Berg", "'Anna Berg' has no comma, cannot tell last from first name"),
        ("{{ x|first_name }}", "Berg,", "'Berg,' has nothing on one side of the comma; both names are needed"),
        ("{{ x|first_name }}", "Berg, Anna, Stockholm", "'Berg, Anna, Stockholm' has several commas, cannot tell last from first name"),
        ("{{ x|first_name }}", "Smith, Jr.", "'Smith, Jr.' has nothing on one side of the comma; both names are needed"),
        (
            "{{ x|first_name('first last') }}",
            "Berg, Anna",
            "'Berg, Anna' has a comma; if the last name stands before it, the order is 'last, first'",
        ),
        (
            "{{ x|e164('46') }}",
            "46 70 123 45 67",
            "'46 70 123 45 67' may begin with the country's 46 or not; write it with + or with the 0 of the area, or take +{{ …|digits }} in the mapping where all have the country",
        ),
        (
            "{{ x|from_map('site') }}",
            "",
            'is blank, and [values.site] of the mapping has no line for that; fill the cell, or add one for "" there',
        ),
        ("{{ x|e164('46') }}", "12", "'12' is no telephone number: with the country it has 4 digits, and 7 to 15 are allowed"),
        ("{{ x|date('%d.%m.%y') }}", "1/3", "'1/3' is no date like 31.12.26"),
        (
            "{{ x|from_map('site') }}",
            "Stokholm",
            "'Stokholm' is not in [values.site] of the mapping (nearest: 'Stockholm'); add a line for it there, or correct the cell",
        ),
        ("{{ x.y }}", "a", "the expression cannot be worked out ('str object' has no attribute 'y')"),
        ("{{ 9 ** 9 }}", "", "the expression cannot be worked out (** is not for cells)"),
        ("{{ x * 20000 }}", "a", "the expression makes a text of 20,000 characters"),
    ],
)
def test_what_cannot_be_worked_out_is_a_sentence(source, value, words):
    """
    The same every day, and it quotes the cell.
    """
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        worked_out(source, x=value)
    assert words == str(caught.value)


def test_a_condition_on_what_is_not_there_is_a_finding():
    """
    Not an error of the program: also what is asked at the very end is caught.
    """
    with pytest.raises(ValueError, match="cannot be worked out"):
        LANGUAGE.condition("x.nothing").evaluate({"x": "a"})


# Texts that look like expressions, made of what those are made of.
_PARTS = st.sampled_from(
    ["{{", "}}", "{%", "%}", "x", " ", "|", "first_name", "upper", "(", ")", "'", "[0]", "1", "+", "~", "**", ".", "if", "else", "endif", "for",
     "in", "endfor", "e164('46')", "date", "from_map('site')", "cut(1)", "none", "/", "0", "join", "format", "sort", "include 'x'", "import", "set"]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=12).map(" ".join), st.text(max_size=10))
def test_an_expression_comes_to_a_text_or_a_sentence(source, value):
    """
    Whatever it is and whatever the cell holds; for texts and for conditions.
    """
    for make in (LANGUAGE.text, LANGUAGE.condition):
        with suppress(ValueError):
            assert isinstance(make(source).evaluate(dict.fromkeys([*make(source).names], value)), str)


@given(
    st.text(alphabet=string.printable + "åäöÅÄÖßéñŁøæ李", max_size=30),
    st.sampled_from(["", *["da", "de", "en", "es", "fi", "fr", "nb", "nl", "sv"]]),
)
def test_ascii_is_ascii(text, language):
    """
    In every language, whatever the letters.
    """
    assert worked_out("{{ x|ascii(language) }}", x=text, language=language).isascii()
