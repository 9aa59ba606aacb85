from __future__ import annotations

import json
import pickle
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from pmbulk.entities.cells import CellError, shown
from pmbulk.entities.fields import label_of
from pmbulk.entities.model import Found, key_of
from pmbulk.entities.names import fold, in_quotes, nearest, nearest_sentence, plain
from pmbulk.secret import MASK, Secret

SENTINEL = "Sentinel-7391!"


@pytest.mark.parametrize(
    ("name", "found"),
    [("emailAdress", "emailAddress"), ("EMAIL", "emailAddress"), ("frist name", "firstName"), ("SALES", "Company/Sales")],
)
def test_the_nearest_name_comes_first(name, found):
    """
    A slip of the keyboard, another case or a part finds the name that was meant.
    """
    assert found == nearest(name, ["lastName", "emailAddress", "firstName", "Company/Sales"])[0]


@pytest.mark.parametrize(("text", "told"), [("Anna", "'Anna'"), ("x" * 32_767, f"'{'x' * 300}…'")], ids=["short", "long"])
def test_what_stands_in_a_cell_is_told_as_far_as_one_reads(text, told):
    """
    A whole book in a cell does not drown what is said about it.
    """
    assert told == in_quotes(text)


def test_a_short_name_is_not_near_a_long_one():
    """
    A name that is hardly more than a letter of the one that was typed is no proposal.
    """
    assert ["Company"] == nearest("Kompany", ["A", "Company"])


@pytest.mark.parametrize(
    ("one", "other"),
    [("Caf\u00e9", "Cafe\u0301"), ("Stra\u00dfe", "STRASSE"), ("Head\u00a0office", "head office"), (" Oslo\u00a0", "oslo")],
    ids=["composed", "sharp s", "fixed blank", "outer blanks"],
)
def test_names_that_look_the_same_are_the_same(one, other):
    """
    Neither how a letter is made up nor which blank was typed tells names apart.
    """
    assert fold(one) == fold(other)


def test_nothing_near_is_nothing():
    """
    Where no name resembles, none is proposed.
    """
    assert ([], "") == (nearest("zzzz", ["emailAddress"]), nearest_sentence("zzzz", ["emailAddress"]))
    assert ([], "") == (nearest("", []), nearest_sentence("", []))


@given(name=st.text(max_size=20), candidates=st.lists(st.text(max_size=20), max_size=10))
def test_proposals_are_candidates(name, candidates):
    """
    At most three, no one twice, all of them candidates.
    """
    found = nearest(name, candidates)
    assert len(set(found)) == len(found) <= 3
    assert set(found) <= set(candidates)


@pytest.mark.parametrize(
    ("api", "label"),
    [
        ("emailAddress", "Email address"),
        ("udf12", "Udf 12"),
        ("publicCLINumber", "Public CLI number"),
        ("automaticSIPRegistration", "Automatic SIP registration"),
        ("ivr", "Ivr"),
    ],
)
def test_labels_read_like_words(api, label):
    """
    A name of the API is told in words, abbreviations kept.
    """
    assert label == label_of(api)


def test_names_are_compared_without_case():
    """
    Names fold case and outer blanks; headers also punctuation; keys fold each part.
    """
    assert ("straße".casefold(), "nameidentityfirstname") == (fold(" STRASSE "), plain("Name_identity. first-name"))
    assert key_of("extensions", "MX1", " 1001") == key_of("extensions", "mx1", "1001 ")


@pytest.mark.parametrize(
    "told",
    [repr, str, lambda secret: f"{secret}", lambda secret: f"{secret:>12}", lambda secret: f"{secret!r}", lambda secret: str([secret])],
    ids=["repr", "str", "f-string", "format", "!r", "in a list"],
)
def test_a_secret_does_not_tell_itself(told):
    """
    Every way of turning a secret into text gives the mask.
    """
    text = told(Secret(SENTINEL))
    assert SENTINEL not in text
    assert MASK in text


@pytest.mark.parametrize("dump", [json.dumps, pickle.dumps], ids=["json", "pickle"])
def test_a_secret_is_not_written_down(dump):
    """
    JSON and pickle refuse a secret, and their refusal does not show it.
    """
    with pytest.raises(TypeError) as caught:
        dump({"password": Secret(SENTINEL)})
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


class Login(BaseModel):
    """A model with a secret."""

    password: Secret


def test_a_model_keeps_a_secret_a_secret():
    """
    A model makes secrets of texts, shows them neither in its repr nor in its errors, and writes no JSON of them.
    """
    login = Login.model_validate({"password": SENTINEL})
    assert Secret(SENTINEL) == login.password == login.model_dump()["password"]
    assert SENTINEL not in f"{login!r} {login} {login.model_dump()}"
    with pytest.raises(ValidationError) as caught:
        Login.model_validate({"password": 7})
    assert "Secret" in str(caught.value)


def test_secrets_are_equal_by_their_text():
    """
    Two secrets of one text are one in a set; a secret equals no plain text.
    """
    assert 1 == len({Secret("a"), Secret("a")})
    assert Secret("a") != "a"
    assert (True, False) == (bool(Secret("a")), bool(Secret("")))
    assert (True, False) == (Secret("ab").fits(re.compile("[ab]+")), Secret("ab!").fits(re.compile("[ab]+")))


def test_what_was_found_in_pm_shows_no_content():
    """
    An object from PM may hold codes in clear, so its repr has the id only.
    """
    assert "Found(id='7')" == repr(Found("7", {"code": SENTINEL}, {"code": SENTINEL}))


@pytest.mark.parametrize(("value", "text"), [(None, ""), (True, "TRUE"), (7, "7"), (CellError("#N/A"), "#N/A")], ids=repr)
def test_cells_are_shown_as_they_look(value, text):
    """
    Messages show a cell as the spreadsheet does.
    """
    assert text == shown(value)
