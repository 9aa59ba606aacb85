from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.compare import declared, differences, gaps, is_part, merged, sentence
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.steps import Change
from pmbulk.secret import MASK, Secret

EXTENSION = ENTITIES["ip_extensions"].columns_by_path
USER = ENTITIES["users"].columns_by_path

plain = st.one_of(st.text(max_size=8), st.integers(-5, 5), st.booleans())
names = st.sampled_from(["one", "two", "three", "four"])
bodies = st.recursive(
    st.dictionaries(names, plain | st.lists(plain, max_size=3), max_size=4),
    lambda inner: st.dictionaries(names, inner | st.lists(inner.filter(bool), min_size=1, max_size=3), max_size=3),
    max_leaves=12,
)


def changes(current, wanted, columns=EXTENSION, *, assume_unreadable=False):
    return differences(current, wanted, columns, assume_unreadable=assume_unreadable)


def without_empty(value):
    """What PM answers: fields that are 0 or empty are left out (QUIRKS 19)."""
    if not isinstance(value, dict):
        return value
    return {name: without_empty(inner) for name, inner in value.items() if inner not in (0, "", False, [])}


@given(current=bodies, wanted=bodies)
def test_what_is_merged_does_not_differ(current, wanted):
    """
    After a merge nothing that was wanted differs.
    """
    assert () == changes(merged(current, wanted), wanted)


@given(body=bodies)
def test_a_body_does_not_differ_from_itself(body):
    """
    An object equals itself, and itself without what is 0 or empty.
    """
    assert () == changes(body, body)
    assert () == changes(without_empty(body), body)


@given(current=bodies, wanted=bodies)
def test_a_merge_keeps_what_is_not_wanted(current, wanted):
    """
    A merge changes nothing that is not wanted, at any depth.
    """
    assert_kept(current, wanted, merged(current, wanted))


def assert_kept(current, wanted, after):
    for name, value in current.items():
        if name not in wanted:
            assert value == after[name]
        elif isinstance(value, dict) and isinstance(wanted[name], dict):
            assert_kept(value, wanted[name], after[name])


@pytest.mark.parametrize("empty", [0, "", False, "0", "false"], ids=repr)
def test_a_missing_field_equals_every_empty_value(empty):
    """
    PM leaves out what is 0 or empty, so an empty value is no change to a missing one (QUIRKS 19).
    """
    assert () == changes({}, {"customer": empty})
    assert () == changes({"customer": empty}, {"customer": 0})


@pytest.mark.parametrize("spelling", ["08000f123456", "08:00:0F:12:34:56", "08-00-0f-12-34-56"])
def test_a_mac_address_has_several_spellings(spelling):
    """
    MAC addresses are compared by their digits.
    """
    assert () == changes({"macAddress": "08:00:0f:12:34:56"}, {"macAddress": spelling})
    assert ("macAddress",) == tuple(change.path for change in changes({"macAddress": "08000f123457"}, {"macAddress": spelling}))


@pytest.mark.parametrize(("assume_unreadable", "paths"), [(True, []), (False, ["parallelRinging.mdir", "welcomeAnnouncement"])])
def test_what_pm_never_shows(assume_unreadable, paths):
    """
    An unreadable field counts as done when looking whether something was done, and as different when it has to be written.
    """
    wanted = {"parallelRinging": {"mdir": "1002"}, "welcomeAnnouncement": "3"}
    assert paths == [change.path for change in changes({}, wanted, assume_unreadable=assume_unreadable)]


def test_a_secret_is_compared_where_pm_shows_it():
    """
    A code in clear is compared; one that PM does not show is written, and assumed to be right when looking whether it was.
    """
    wanted = {"authorizationCodes": [{"authorizationCode": Secret("4711")}]}
    for held, equal in (("4711", True), (Secret("4711"), True), ("4712", False), (Secret("4712"), False)):
        assert equal is not bool(changes({"authorizationCodes": [{"authorizationCode": held}]}, wanted, assume_unreadable=True))
    assert () == changes({"authorizationCodes": [{"hashType": "MD5A1"}]}, wanted, assume_unreadable=True)
    assert (Change("authorizationCodes.1.authorizationCode", None, Secret("4711")),) == changes({}, wanted)


def test_a_list_of_plain_values_is_replaced():
    """
    Plain values are replaced as a whole, objects are merged by position.
    """
    current = {"keyWords": ["a", "b"], "extensions": [{"extensionNumber": "1", "subsystemId": 1}, {"extensionNumber": "2"}]}
    wanted = {"keyWords": ["c"], "extensions": [{"extensionNumber": "3"}]}
    assert {"keyWords": ["c"], "extensions": [{"extensionNumber": "3", "subsystemId": 1}, {"extensionNumber": "2"}]} == merged(
        current, wanted
    )


@pytest.mark.parametrize(
    ("name", "held", "given", "equal"),
    [
        ("keyWords", ["b", "a"], ["a", "b"], True),
        ("keyWords", ["a"], ["a", "b"], False),
        ("departmentIds", [4, 9, 7], [4, 7, 9], True),
        ("departmentIds", [7, 4], [4, 7], False),
        ("keyWords", None, [], True),
    ],
    ids=["other order", "one more", "primary kept", "another primary", "none"],
)
def test_the_order_of_a_list_matters_for_the_primary_department_only(name, held, given, equal):
    """
    PM promises no order of its lists; a user's first department is the primary one.
    """
    assert equal is not bool(changes({name: held}, {name: given}, USER))


def test_changes_are_told_in_words():
    """
    A message shows old and new values, and masks for secrets.
    """
    told = sentence((Change("a.1.b", None, "x"), Change("c", 5, 6), Change("d", None, Secret("Sentinel"))))
    assert f"a.1.b is empty, not 'x'; c is 5, not 6; d is empty, not {MASK}" == told


def test_positions_that_pm_does_not_have_are_gaps():
    """
    An object that says nothing is fine where PM has one to keep, and a gap where it has none.
    """
    wanted = {"extensions": [{}, {}, {"extensionNumber": "1"}]}
    assert [("extensions", "2")] == list(gaps({"extensions": [{"extensionNumber": "5"}]}, wanted))
    assert [] == list(gaps({"extensions": [{"extensionNumber": "5"}] * 2}, wanted))


def test_what_pm_shows_of_secrets_is_guarded():
    """
    Codes that PM returns become secrets before anything can show them.
    """
    body = {"authorizationCodes": [{"authorizationCode": "Sentinel", "customer": "0"}], "description": "x"}
    declared_body = declared(body, EXTENSION)
    assert "Sentinel" not in repr(declared_body)
    assert {"authorizationCodes": [{"authorizationCode": Secret("Sentinel"), "customer": "0"}], "description": "x"} == declared_body


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        pytest.param({"userId": "a", "own": ({"x": None},)}, {"userId": "a", "own": ({"x": None},)}, id="an entity's own"),
        pytest.param({"userId": "a", "lastModified": "x"}, {"userId": "a"}, id="a member that no document has"),
        pytest.param(
            {"extensions": [{"extensionNumber": "1", "self": "x"}]}, {"extensions": [{"extensionNumber": "1"}]}, id="inside a list"
        ),
        pytest.param({"userId": "a", "sms": None, "micollab": None}, {"userId": "a"}, id="null"),
        pytest.param({"departmentIds": ["7", 8]}, {"departmentIds": [7, 8]}, id="numbers as texts"),
        pytest.param({"extensions": [{"subsystemId": "31"}]}, {"extensions": [{"subsystemId": 31}]}, id="a number as text inside"),
        pytest.param(
            {"useLastSelection": "true", "secretMobile": "False"}, {"useLastSelection": True, "secretMobile": False}, id="booleans"
        ),
        pytest.param({"sms": 12, "keyWords": [3]}, {"sms": "12", "keyWords": ["3"]}, id="texts as numbers"),
        pytest.param({"departmentIds": ["x"]}, {"departmentIds": ["x"]}, id="no number"),
    ],
)
def test_what_pm_shows_goes_back_as_its_document_has_it(shown, kept):
    """
    A strict PM refuses members and types in a body that its own answers may well have.
    """
    assert kept == declared(shown, USER)


@pytest.mark.parametrize(
    ("held", "path"),
    [
        ({}, "authorizationCodes.1.authorizationCode"),
        ({"authorizationCodes": [{}]}, None),
        ({"authorizationCodes": []}, "authorizationCodes.1.authorizationCode"),
    ],
    ids=["no codes", "a hidden code", "an empty list"],
)
def test_a_secret_is_not_assumed_where_its_object_is_missing(held, path):
    """
    PM may hide a code, but not that there is one: looking whether it was made, a missing one was not.
    """
    wanted = {"authorizationCodes": [{"authorizationCode": Secret("4711")}]}
    assert [path] * (path is not None) == [change.path for change in changes(held, wanted, assume_unreadable=True)]


@pytest.mark.parametrize(
    ("held", "part"),
    [
        ({}, True),
        ({"customer": "0", "phoneLanguage": "default", "ipExtensionType": "IPManualLogin", "description": ""}, True),
        ({"serverNumber": 1, "nameIdentity": {"firstName": "Ann"}}, True),
        ({"serverNumber": 2}, False),
        ({"description": "other"}, False),
        ({"phoneLanguage": "de"}, False),
        ({"nameIdentity": {"firstName": "Ann", "lastName": "Berg"}}, False),
        ({"authorizationCodes": [{"authorizationCode": "4712"}]}, False),
    ],
    ids=["nothing", "untold", "some of it", "elsewhere", "another text", "another language", "more than it", "another code"],
)
def test_what_is_a_part_of_a_row(held, part):
    """
    A part has nothing that the row does not have too, but what is empty and what PM fills in by itself.
    """
    wanted = {"serverNumber": 1, "nameIdentity": {"firstName": "Ann"}, "phoneLanguage": "sv"}
    wanted["authorizationCodes"] = [{"authorizationCode": Secret("4711")}]
    assert part is is_part(held, wanted, EXTENSION)
