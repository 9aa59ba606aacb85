"""What is wrong with a mapping is told at once, each with the line that has to be changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.errors import UsageError
from pmbulk.onboarding.mapping import rules_of
from tests.unit.onboarding.conftest import MAPPING


def errors(text):
    """The lines of the error of a mapping; none if it is right."""
    try:
        rules_of(text, name="hr.toml")
    except UsageError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{{ number }}", "{{ numbr }}", "person.key: 'numbr' is defined nowhere. Nearest: number."),
        ("status == 'Active'", "status = 'Active'", "person.active: cannot be understood: to compare, write == instead of ="),
        ("status == 'Active'", "status == Active'", "person.active: cannot be understood: unexpected char \"'\" at 19"),
        ("status == 'Active'", "status Active", "person.active: cannot be understood: 'Active' is out of place"),
        ("status == 'Active'", "status ==", "person.active: cannot be understood: it ends in the middle"),
        ("first_name", "firstname", "let.first: cannot be understood: No filter named 'firstname'. Nearest: first_name, first, list."),
        ('language = "sv"', 'language = "xx"', "source.language: 'xx' is not known; use one of da, de, en, es, fi, fr, nb, nl, sv"),
        ("2000-2999", "2999-2000", "numbers.extension.ranges.Stockholm.1: '2999-2000' is no range: both numbers have as many digits, and the lower one comes first"),
        ("length = 13", "length = 3", "secrets.password.length: input should be greater than or equal to 4"),
        ("length = 13", 'length = "13"', "secrets.password.length: is a whole number; write it without quotes"),
        ("length = 13", "lenght = 13", "secrets.password.lenght: is no key that a mapping has here; remove it or correct its spelling. Nearest: length."),
        ('ranges.Berlin = "3000-3999"', "ranges.Berlin = 3000", 'numbers.extension.ranges.Berlin: is a text or a list of texts; write it in quotes, like "1000-1999" or ["1000", "2000-2999"]'),
        ('keep_in = "udf1"', "keep_in = 1", "person.keep_in: is a text; write it in quotes"),
        ('keep_in = "udf1"', 'keep_in = ""', "person.keep_in: is blank; fill it"),
        ('lastName = "{{ last }}"', 'lastName = ["{{ last }}"]', "record.2.fields.lastName: is a text in quotes, a whole number, true or false"),
        ('lastName = "{{ last }}"', 'userMailBoxDTO.mailboxNumber = "1"', 'record.2.fields.userMailBoxDTO: is a header with dots; write all of it in quotes, "userMailBoxDTO.mailboxNumber" = …'),
        ("from_map('subsystem')", "from_map('subsys')", "let.subsystem: [values.subsys] is not in the mapping. Nearest: subsystem."),
        ('last = "{{ name|last_name', "last = \"{{ name|last_name('Last, First')", "let.last: 'Last, First' is no order of names; use one of 'last, first', 'first last', 'last first'"),
        ("{{ first|ascii|lower", "{{ first|ascii('se')|lower", "user_id.take: 'se' is no language that pmbulk can spell; use one of da, de, en, es, fi, fr, nb, nl, sv"),
        ('last = "{{ name|last_name', "last = \"{{ name|date('dd.mm.yyyy')", "let.last: 'dd.mm.yyyy' is no format of dates; write %d for the day, %m for the month, %Y or %y for the year"),
        ("serverNumber", "serverNumbr", "record.1.fields.serverNumbr: 'serverNumbr' is no field of ip_extensions. Nearest: serverNumber, ringSignals.1.routeNumber, individualAliasNumber."),
        ('action = "create"', 'action = "creat"', "record.2.action: 'creat' is no action of users; use one of create, update, delete"),
        ('lastName = "{{ last }}"', 'lastName = "{{ password }}"', "record.2.fields.lastName: shows the secret 'password' to everybody; put it into a field for passwords or codes"),
        ("{{ site|from_map('subsystem') }}", "{{ user_id }}", "numbers.extension.subsystem: needs 'user_id' by way of [let], and that is not known yet where this is worked out"),
        ('keep_in = "udf1"', 'keep_in = "udf99"', "person.keep_in: 'udf99' is no field of users. Nearest: udf9, udf19, udf29."),
        ('keep_in = "udf1"', 'keep_in = "udf2"', "person.keep_in: no record of users fills udf2, so nobody could be found by it; add `udf2 = \"{{ number }}\"` there"),
        ('keep_in = "udf1"', 'keep_in = "mobileNumber"', "person.keep_in: PM never shows mobileNumber; keep the key in another field, such as udf1"),
        ('first = "{{ name|first_name }}"', 'first = "{{ last }}"\nlast2 = "{{ last2 }}"', "let.last2: needs itself; break the circle"),
    ],
)  # fmt: skip
def test_an_error_names_line_and_key(old, new, words):
    """
    And says what to type.
    """
    text = MAPPING.replace('sheet = "users"', 'sheet = "users"\naction = "create"').replace(old, new, 1)
    key = re.sub(r"\.\d+$", "", words.partition(": ")[0]).rpartition(".")[2]
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if re.search(rf"\b{key}(\.\w+)? =", line)]
    assert set(errors(text)) & {f"hr.toml, line {number}, {words}" for number in lines}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('keep_in = "udf1"', 'keep_in = "udf1"\nkeep_in = "udf2"', "Cannot overwrite a value (at line 22, column 17). A key stands once in its table."),
        ("[[record]]", "[record]", "Cannot declare ('record',) twice (at line 49, column 8). A table stands once; records are written in two brackets, [[record]]."),
        ("{{ number }}", '{{ number|default("x") }}', "Texts stand in quotes, one `key = \"text\"` to a line, and quotes inside them are the other ones, '…'."),
    ],
    ids=["key twice", "table twice", "quotes"],
)  # fmt: skip
def test_what_is_no_toml_is_told_with_what_to_write(old, new, words):
    """
    After TOML's own words, which name the line.
    """
    (error,) = errors(MAPPING.replace(old, new))
    assert error.startswith("hr.toml: ")
    assert error.endswith(words)


@pytest.mark.parametrize("written", ["udf1", "UDF1", "udf 1", "udf1 (Personnel number)"])
def test_the_field_that_keeps_the_key_is_spelt_as_in_sheets(written):
    """
    Capitals, blanks and PM's own name for the field make no difference.
    """
    assert "udf1" == rules_of(MAPPING.replace('keep_in = "udf1"', f'keep_in = "{written}"'), name="hr.toml").keep_in


def test_the_mapping_of_these_tests_is_right():
    """
    So that what is told of changed ones comes from the change.
    """
    assert [] == errors(MAPPING)


LINES = MAPPING.splitlines()


@given(st.integers(0, len(LINES) - 1), st.sampled_from(["gone", "renamed", "number", "syntax", "unknown"]))
def test_the_line_of_an_error_holds_its_key(place, how):
    """
    Whatever line of a mapping is spoilt, the error's line holds a part of the key that it names, or TOML's own words name a line.
    """
    line = LINES[place]
    key, equals, _value = line.partition(" = ")
    spoilt = {
        "gone": "",
        "renamed": line.replace(key, f"{key}x", 1) if equals else line,
        "number": f"{key} = 7.5" if equals else line,
        "syntax": f'{key} = "{{{{ |"' if equals else line,
        "unknown": f'{key} = "{{{{ nobody }}}}"' if equals else line,
    }[how]
    lines = [*LINES[:place], spoilt, *LINES[place + 1 :]]
    for error in errors("\n".join(lines)):
        told = re.match(r"hr\.toml, line (\d+), (\S+): ", error)
        if told is None:
            assert re.match(r"hr\.toml: .*(line \d+|end of document)", error) or re.match(r"hr\.toml, \w+: is needed; add it", error), error
            continue
        named = lines[int(told[1]) - 1]
        assert any(part in named for part in told[2].split(".") if not part.isdecimal()), (error, named)
