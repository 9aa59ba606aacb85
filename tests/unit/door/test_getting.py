from __future__ import annotations

import json
from pathlib import Path

import pytest

from pmbulk.door.getting import read_of
from pmbulk.endpoints import ENDPOINTS
from pmbulk.entities.fields import Kind
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import UsageError
from pmbulk.secret import MASK, masked

CONTRACT = json.loads((Path(__file__).parents[2] / "contract" / "openapi.json").read_text("utf-8"))
READS = [one for one in ENDPOINTS.values() if one.reads]
OTHERS = [one for one in ENDPOINTS.values() if one not in READS]


@pytest.mark.parametrize("known", READS, ids=lambda one: one.name)
def test_every_read_is_found_by_name_and_by_path(known):
    """
    Each read operation is itself under its name and under its path with values.
    """
    values = dict.fromkeys((*known.path_parameters, *known.query), "7")
    parameters = [f"{name}={value}" for name, value in values.items()]
    by_name = read_of(known.name, parameters)
    address = known.path.format_map(values) + "?" + "&".join(f"{name}=7" for name in known.query)
    assert by_name == read_of(address)
    assert known == by_name.endpoint
    assert dict.fromkeys(known.path_parameters, "7") == by_name.path
    assert {"7"} >= set(by_name.query.values())


@pytest.mark.parametrize("known", OTHERS, ids=lambda one: one.name)
def test_nothing_that_writes_is_ever_read(known):
    """
    No operation that writes, and none about the session, can be asked for by name.
    """
    with pytest.raises(UsageError, match="only reads"):
        read_of(known.name)


def test_values_in_a_path_are_decoded():
    """
    A path is taken as a browser shows it, so that PM gets each value encoded once.
    """
    assert {"userId": "a b|c"} == read_of("https://pm.example.com/user-ms/user/by-user-id/v1/a%20b%7Cc").path
    assert {"userId": "a#b/c?d"} == read_of("/user-ms/user/by-user-id/v1/a#b%2Fc%3Fd").path


def test_what_is_no_address_is_refused():
    """
    An address that cannot be one ends in a sentence.
    """
    with pytest.raises(UsageError, match=r"^'https://\[pm/x' is no address: "):
        read_of("https://[pm/x")


def passwords_of(node):
    """Names that the contract marks as passwords."""
    if isinstance(node, dict):
        yield from (
            name for name, inner in node.items() if isinstance(inner, dict) and inner.get("format") == "password" and name != "schema"
        )
        for inner in node.values():
            yield from passwords_of(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from passwords_of(inner)


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *passwords_of(CONTRACT),
            *(column.path[-1] for entity in ENTITIES.values() for column in entity.columns if column.kind is Kind.SECRET),
        }
    ),
)
def test_every_secret_member_is_masked(name):
    """
    What the contract or an entity holds for a secret is masked at any depth, and nothing else is.
    """
    content = [{"userId": "anna", "inner": [{name: "hidden", "keyFunction": "tns"}], name: ["hidden"]}]
    assert [{"userId": "anna", "inner": [{name: MASK, "keyFunction": "tns"}], name: [MASK]}] == masked(content)
    assert {name: ""} == masked({name: ""})
