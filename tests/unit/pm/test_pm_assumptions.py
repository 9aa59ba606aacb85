"""What is assumed about PM, and how a site changes it."""

from __future__ import annotations

import pytest

from pmbulk.errors import UsageError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild, security_notice


def test_values_of_a_configuration_file_are_taken() -> None:
    """
    Lists become what the field wants, and what is not named keeps its default.
    """
    values = {
        "auth_prefixes": ["Token ", ""],
        "page_size": 50,
        "first_page_items": 1,
        "token_margin_s": 5,
        "duplicate_statuses": [409],
        "unavailable_means_unprocessed": True,
    }
    expected = Assumptions(
        auth_prefixes=("Token ", ""),
        page_size=50,
        first_page_items=1,
        token_margin_s=5.0,
        duplicate_statuses=frozenset({409}),
        unavailable_means_unprocessed=True,
    )
    assert expected == Assumptions.from_mapping(values)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("page_sise", 5, "There is no assumption 'page_sise'. Did you mean 'page_size'?"),
        ("zzz", 5, None),
        ("page_size", "5", "The assumption 'page_size' must be a whole number from 1, not '5'."),
        ("page_size", 0, "The assumption 'page_size' must be a whole number from 1, not 0."),
        ("page_size", True, "The assumption 'page_size' must be a whole number from 1, not True."),
        ("first_page_items", -1, "The assumption 'first_page_items' must be a whole number from 0, not -1."),
        ("auth_header", 5, "The assumption 'auth_header' must be a text, not 5."),
        ("auth_prefixes", "Bearer", "The assumption 'auth_prefixes' must be a list of one or more texts, not 'Bearer'."),
        ("auth_prefixes", [], "The assumption 'auth_prefixes' must be a list of one or more texts, not []."),
        ("duplicate_statuses", ["x"], "The assumption 'duplicate_statuses' must be a list of one or more whole numbers, not ['x']."),
        ("token_margin_s", "x", "The assumption 'token_margin_s' must be a number of seconds from 0, not 'x'."),
        (
            "unavailable_means_unprocessed",
            1,
            "The assumption 'unavailable_means_unprocessed' must be true or false, not 1.",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(name: str, value: object, message: str | None) -> None:
    """
    A typo names the nearest assumption, a wrong value the right type.
    """
    with pytest.raises(UsageError) as caught:
        Assumptions.from_mapping({name: value})
    assert message is None or message == str(caught.value)


@pytest.mark.parametrize(
    ("build", "warned"),
    [
        ("7.3.0.0.49", False),
        ("7.3.0.0.50", True),
        ("7.8.1.0.14", True),
        ("7.8.1.0.15", False),
        ("8.0.0.0.1", False),
        ("7.10.0.0.1", False),
        ("", False),
        ("7.x.x.x.x", False),
    ],
)
def test_builds_with_the_authentication_bypass_are_noticed(build: str, warned: bool) -> None:
    """
    The builds of DOMAIN 1's security notice, both ends included, and no other.
    """
    assert warned is (security_notice(PmBuild(build=build)) is not None)
