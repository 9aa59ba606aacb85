"""The simulator against the contract of PM: what it reads of a body, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pmbulk.endpoints import ENDPOINTS
from pmbulk.simulator import SimulatorSettings, running
from pmbulk.simulator.registry import OPERATIONS
from pmbulk.simulator.schemas import BODIES
from pmbulk.simulator.schemas_answers import ANSWERS
from tests.calls import CALLS

CONTRACT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
BY_NAME = {
    operation["operationId"]: operation for path in CONTRACT["paths"].values() for operation in path.values() if "operationId" in operation
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """*schema* with its reference followed and its parts joined."""
    if "$ref" in schema:
        return resolved(CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "allOf" in schema:
        properties: dict[str, Any] = {}
        for part in schema["allOf"]:
            properties |= resolved(part)["properties"]
        return {"type": "object", "properties": properties}
    return schema


def in_our_words(schema: dict[str, Any]) -> Any:
    """*schema* in the simulator's notation: a word, a list of one type, or a mapping."""
    schema = resolved(schema)
    if schema["type"] == "array":
        return [in_our_words(schema["items"])]
    if schema["type"] == "object":
        return {name: in_our_words(member) for name, member in schema.get("properties", {}).items()}
    return schema["type"]


def strangers(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The paths in *value* that *schema* does not know, or knows with another type."""
    schema = resolved(schema)
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if type(value) is not types[schema["type"]]:
        yield path
    elif isinstance(value, list):
        for element in value:
            yield from strangers(element, schema["items"], path)
    elif isinstance(value, dict) and not schema.get("additionalProperties"):
        for name, member in value.items():
            if name in schema["properties"]:
                yield from strangers(member, schema["properties"][name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"


@pytest.fixture(scope="module", params=[True, False], ids=["without empty members", "with them"])
def answers(request):
    """The answer of every operation, by a PM that prints one object where the document does."""
    one_object = SimulatorSettings(
        user_extensions_as_list=False, number_series_as_list=False, phone_lists_as_list=False, omit_empty=request.param
    )
    with running(one_object) as pm, httpx.Client(base_url=pm.url, verify=False) as client:
        found = {"login": client.post("/auth/login", json={"username": "admin", "password": pm.settings.password})}
        session = found["login"].json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        for name, path, *body in CALLS:
            found[name] = client.request(ENDPOINTS[name].method, path, json=body[0] if body else None)
        renewal = {"userRecId": 1, "refreshToken": session["refreshToken"]}
        found["refreshToken"] = client.post("/auth/refresh-token", json=renewal)
    return found


@pytest.mark.parametrize("name", sorted(BODIES))
def test_body_schema_is_the_contracts(name):
    """
    The simulator reads exactly the members of the contract, with its types.
    """
    expected = in_our_words(BY_NAME[name]["requestBody"]["content"]["application/json"]["schema"])
    assert expected == BODIES[name]


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_answer_schema_is_the_contracts(name):
    """
    The simulator describes exactly the answers of the contract; an operation that answers without a body has none.
    """
    [printed] = [answer for status, answer in BY_NAME[name]["responses"].items() if status.startswith("2")]
    expected = in_our_words(printed["content"]["application/json"]["schema"]) if "content" in printed else None
    assert expected == ANSWERS.get(name)


def test_every_operation_is_simulated():
    """
    Each of the 76 operations has its work.
    """
    assert set(BY_NAME) == set(OPERATIONS)


def test_every_body_has_a_schema():
    """
    No operation takes a body unchecked.
    """
    assert {name for name, endpoint in ENDPOINTS.items() if endpoint.has_body} == set(BODIES)


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_answers_keep_to_the_contract(answers, name):
    """
    An operation answers a status of the contract, and a body that has only the contract's members with its types.
    """
    [(status, printed)] = [each for each in BY_NAME[name]["responses"].items() if each[0].startswith("2")]
    answer = answers[name]
    if "content" not in printed:
        assert (int(status), b"") == (answer.status_code, answer.content)
    else:
        schema = printed["content"]["application/json"]["schema"]
        assert (int(status), []) == (answer.status_code, list(strangers(answer.json(), schema)))
