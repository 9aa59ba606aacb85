from __future__ import annotations

import pytest

from pmbulk.entities.registry import entity_for
from pmbulk.onboarding.changes import Kind, moved
from pmbulk.onboarding.records import PersonRecord

USERS = entity_for("users")


def user(**fields):
    """A row of a user."""
    return PersonRecord(0, USERS, USERS.default, {"userId": "anna.berg", **fields})


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        pytest.param("mobileNumber", "+46701234567", Kind.UNCHANGED, id="not-shown"),
        pytest.param("department", "Company/Sales", Kind.MOVER, id="looked-up"),
        pytest.param("udf1", "4711", Kind.MOVER, id="shown"),
    ],
)
def test_what_pm_never_shows_is_no_change_against_pm(field, value, kind):
    """
    A field that PM keeps to itself is blank in every comparison with PM, so only fields that it shows can have changed.
    """
    assert kind is moved("4711", [user()], [user(**{field: value})], cleared=False).kind


def test_what_pm_never_shows_is_a_change_against_an_export():
    """
    HR's last export says what was there, whatever PM shows.
    """
    assert Kind.MOVER is moved("4711", [user()], [user(mobileNumber="+46701234567")], cleared=True).kind
