from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.errors import UsageError
from pmbulk.seal import SEALED, Seal
from pmbulk.secret import Secret

SEAL = Seal(bytes(range(64)))


@given(st.text())
def test_what_was_sealed_opens_again(text):
    """
    Whatever the secret is, it comes back as it was, and nothing longer than a character of it stands in the sealed text.
    """
    sealed = SEAL.seal(Secret(text))
    assert Secret(text) == SEAL.open(sealed)
    assert sealed.startswith(SEALED)
    assert sealed == SEAL.seal(Secret(text))


@pytest.mark.parametrize(
    "text",
    [SEALED, f"{SEALED}AAAA", f"{SEALED}!", f"{SEALED}é", Seal(bytes(64)).seal(Secret("a")), SEAL.seal(Secret("abc"))[:-4]],
    ids=["nothing", "short", "no base 64", "no ascii", "another key", "cut"],
)
def test_what_was_sealed_elsewhere_or_changed_does_not_open(text):
    """
    And the error does not tell more than that.
    """
    with pytest.raises(ValueError, match=r"^was sealed with another key, or has been changed$"):
        SEAL.open(text)


@given(st.integers(4, 64), st.lists(st.text(), max_size=3))
def test_a_password_has_all_kinds_of_characters(length, context):
    """
    Upper and lower case, digit and sign, whatever it is for; the same again, and another one for another person.
    """
    password = SEAL.password(length, *context)
    text = password.reveal()
    assert length == len(text)
    assert all(any(test(letter) for letter in text) for test in (str.isupper, str.islower, str.isdigit, lambda letter: letter in "!#%+-=?"))
    assert password == SEAL.password(length, *context)


@given(st.integers(4, 64), st.lists(st.text(), max_size=3))
def test_a_code_is_not_one_that_anybody_would_try_first(length, context):
    """
    Digits only, neither all the same nor counted up or down.
    """
    digits = SEAL.code(length, *context).reveal()
    assert (length, True) == (len(digits), digits.isdecimal())
    assert {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(digits)} not in ({0}, {1}, {9})


def test_no_two_people_have_the_same_secrets():
    """
    Also where their keys put together would read the same.
    """
    assert 4 == len({SEAL.password(16, *context).reveal() for context in (("a", "bc"), ("ab", "c"), ("abc",), ("", "abc"))})


def test_the_key_is_made_once_and_seen_by_its_owner_alone(tmp_path):
    """
    The same state directory has the same seal.
    """
    sealed = Seal.of(tmp_path / "state").seal(Secret("a"))
    assert Secret("a") == Seal.of(tmp_path / "state").open(sealed)
    assert ["seal.key"] == [path.name for path in (tmp_path / "state").iterdir()]
    assert 0o600 == (tmp_path / "state" / "seal.key").stat().st_mode & 0o777


def test_a_damaged_key_is_refused(tmp_path):
    """
    A key that was cut would seal with something else.
    """
    (tmp_path / "seal.key").write_bytes(b"short")
    with pytest.raises(UsageError, match="is damaged; put it back from a backup"):
        Seal.of(tmp_path)


def test_a_seal_shows_nothing():
    """
    Not even where it is printed.
    """
    assert "Seal()" == repr(SEAL)
