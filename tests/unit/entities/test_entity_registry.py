from __future__ import annotations

import pytest

from pmbulk.entities.locations import LOCATIONS
from pmbulk.entities.locked_users import LOCKED_USERS
from pmbulk.entities.registry import ENTITIES, _ordered, entity_for, is_ignored, rank_of
from pmbulk.errors import WorkbookError


def test_entities_come_after_what_they_need():
    """
    Creates run from locations by extensions and what hangs on them to users.
    """
    parts = ["authorization_codes", "terminal_selections", "personal_number_lists", "call_choices", "personal_numbers", "phone_keys"]
    assert [
        "locations",
        "departments",
        "subsystems",
        "security_profiles",
        "udf_definitions",
        "system_options",
        "ip_extensions",
        "virtual_extensions",
        "multi_terminal_extensions",
        "mobile_extensions",
        "cordless_extensions",
        "extensions",
        *parts,
        "extension_moves",
        "users",
        "locked_users",
    ] == list(ENTITIES)
    assert list(range(len(ENTITIES))) == [rank_of(entity) for entity in ENTITIES.values()]


@pytest.mark.parametrize("name", ["ip_extensions", "IP Extensions", "ip-extensions", " IpExtensions ", "IP_EXTENSIONS"])
def test_a_sheet_may_be_spelt_in_many_ways(name):
    """
    Case, blanks, `-` and `_` in a sheet's name do not matter.
    """
    assert ENTITIES["ip_extensions"] is entity_for(name)


def test_an_unknown_sheet_is_refused_with_the_nearest():
    """
    The message names the nearest entity and all of them.
    """
    with pytest.raises(WorkbookError) as caught:
        entity_for("departmnts")
    assert (f"'departmnts' is none of the sheets that pmbulk knows. Nearest: departments. They are {', '.join(ENTITIES)}.") == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("name", "ignored"), [("Guide", True), ("summary", True), (" SUMMARY ", True), ("_mine", True), ("users", False), ("Sheet1", False)]
)
def test_some_sheets_are_not_read(name, ignored):
    """
    Our own sheets and those that start with `_` hold no rows.
    """
    assert ignored is is_ignored(name)


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        ((LOCATIONS, LOCATIONS), "two entities have the same sheet"),
        ((LOCATIONS, LOCKED_USERS), "no order among locked_users"),
    ],
    ids=["doubled", "after nobody"],
)
def test_an_order_that_cannot_be_fails(entities, message):
    """
    Doubled sheets and sheets after unknown ones fail when they are declared.
    """
    with pytest.raises(TypeError) as caught:
        _ordered(entities)
    assert message == str(caught.value)
