"""
Schemathesis against the simulator over TCP: whatever is asked, right or wrong, the answer is one that the contract knows.

Every operation meets a PM of its own, at which the calls of `tests.calls` that come before its own were made, so that the contract's
examples, which are those calls, succeed. Draws are derandomized, but they include constants of whichever modules a worker has loaded, so a
request may differ from run to run: what is excused below is excused by what it is, not because it was met.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, missing_required_header, negative_data_rejection, unsupported_method

from pmbulk.endpoints import ENDPOINTS
from pmbulk.simulator import SimulatorSettings, running
from tests.calls import CALLS

CONTRACT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
CLOSED = {"additionalProperties": False}

# Where the contract is silent or known to be wrong. All else that it says is held.

#: Operation whose answer is printed as one object where several are to be expected → who says so; PM may do either.
ONE_OR_MANY = {
    "getExtensionsByUserRecId": "QUIRKS 62",
    "getNumberSeries": "QUIRKS 63",
    "listPhoneTypes": "QUIRKS 64",
    "listPhonePanels": "QUIRKS 64",
}
#: Check that is not made → why not.
LEFT_OUT = {
    "positive_data_acceptance": "the contract has lost what is mandatory and which values there are (QUIRKS 76-79)",
    "allow_header_conformance": "a fixed path is also another path's placeholder, with that one's methods (QUIRKS 38, 58)",
}
#: Operation → checks that are not made of it.
LEFT_OUT_OF = {
    # They want a 401, which the session's calls do not know (QUIRKS 14).
    "testToken": [missing_required_header, ignored_auth],
    # Its path with PUT is updateUdfDefinition's too (QUIRKS 58).
    "listUdfDefinitionsByType": [unsupported_method],
}

LOGIN = {"username": "admin", "password": SimulatorSettings().password}
#: Stands for the renewal of the session that is open, whose token nobody can know beforehand.
RENEWAL = {"userRecId": 1, "refreshToken": "of the session"}
#: Operation → its example: address, and body if it takes one.
EXAMPLES = {"login": ("/auth/login", LOGIN), "refreshToken": ("/auth/refresh-token", RENEWAL)} | {name: call for name, *call in CALLS}
#: Operation → the member of its body that only one object may have.
KEYS = {
    "createUser": "userId",
    "createDepartment": "departmentName",
    "createLocation": "locationName",
    "createSecurityProfile": "securityProfileName",
    "createSubsystem": "subsystemName",
    **{name: "extensionNumber" for name in EXAMPLES if name.startswith("create") and name.endswith("Extension")},
}


def sharpened(schema: dict[str, Any], *, null: bool = False) -> dict[str, Any]:
    """
    *schema* in one piece, and with no room for members that it does not name.

    With *null* a member may be ``null``, which PM reads as absent (inferred).
    """
    if "$ref" in schema:
        return sharpened(CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], null=null)
    if "allOf" in schema:
        parts = [sharpened(part, null=null)["properties"] for part in schema["allOf"]]
        return {"type": "object", "properties": {name: member for part in parts for name, member in part.items()}} | CLOSED
    if "items" in schema:
        return {"type": "array", "items": sharpened(schema["items"], null=null)}
    if "properties" in schema:
        members = {name: sharpened(member, null=null) for name, member in schema["properties"].items()}
        if null:
            members = {name: member | {"type": [member["type"], "null"]} for name, member in members.items()}
        return {"type": "object", "properties": members} | CLOSED
    if isinstance(schema.get("additionalProperties"), dict):
        return {"type": "object", "additionalProperties": sharpened(schema["additionalProperties"], null=null)}
    return {key: schema[key] for key in ("type", "format") if key in schema}


def sharpen(name: str, operation: dict[str, Any]) -> None:
    """Makes the bodies of *operation* as narrow as they are known to be."""
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["schema"] = sharpened(content["schema"], null=True)
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "content" in answer:
            content = answer["content"]["application/json"]
            content["schema"] = sharpened(content["schema"])
            if name in ONE_OR_MANY:
                content["schema"] = {"anyOf": [content["schema"], {"type": "array", "items": content["schema"]}]}


def give_example(template: str, operation: dict[str, Any], address: str, body: Any = None) -> None:
    """Makes the call of *address* with *body* the example of *operation*, whose path is *template*."""
    parts = urlsplit(address)
    values = dict(parse_qsl(parts.query, keep_blank_values=True))
    values |= {name[1:-1]: value for name, value in zip(template.split("/"), parts.path.split("/"), strict=True) if name.startswith("{")}
    for parameter in operation.get("parameters", ()):
        text = values[parameter["name"]]
        parameter["example"] = int(text) if parameter["schema"]["type"] == "integer" else text
    if body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = body


def sharpened_contract() -> dict[str, Any]:
    """The contract with an example of each operation, and schemas that leave nothing open but what is known to be."""
    contract: dict[str, Any] = json.loads(json.dumps(CONTRACT))
    for template, path in contract["paths"].items():
        for operation in path.values():
            if "operationId" in operation:
                sharpen(operation["operationId"], operation)
                give_example(template, operation, *EXAMPLES[operation["operationId"]])
    return contract


class Rehearsal:
    """A session with a PM, and what became of the operation that it is about."""

    def __init__(self, url, session):
        self.url = url
        self.session = session
        self.operation = None
        self.successes = 0
        tokens = session.post(f"{url}/auth/login", json=LOGIN).json()
        self.renewal = RENEWAL | {"refreshToken": tokens["refreshToken"]}
        session.headers["Authorization"] = f"Bearer {tokens['token']}"

    def play_until(self, operation):
        """Makes the calls that come before the one of *operation*, once."""
        if self.operation is None:
            self.operation = operation
            played = CALLS if any(operation == name for name, *_ in CALLS) else ()
            for name, address, *body in itertools.takewhile(lambda call: call[0] != operation, played):
                answer = self.session.request(ENDPOINTS[name].method, self.url + address, json=body[0] if body else None)
                assert answer.ok, (name, answer.text)

    def ask(self, case):
        """The answer to *case*, after what only this session knows is filled in and what must be new is made new."""
        key = KEYS.get(self.operation)
        if case.body == RENEWAL:
            case.body = self.renewal
        elif key and case.meta.generation.mode.is_positive and case.body.get(key) == EXAMPLES[self.operation][1][key]:
            case.body = case.body | {key: increased(case.body[key], self.successes)}
        answer = case.call(base_url=self.url, session=self.session)
        self.successes += answer.status_code in ENDPOINTS[self.operation].success
        return answer


def unread_by_pm(operation, name, value):
    """
    Whether the query parameter *name* with *value* may be wrong without PM's minding it.

    Like most servers PM passes over a parameter it does not know, and reads a blank one, which is what empty texts and objects become, as absent (inferred).
    """
    return name not in ENDPOINTS[operation].query or value in ("", {}, [])


def increased(key, number):
    """The *number*-th name or extension number after *key*."""
    return str(int(key) + number) if key.isdecimal() else f"{key}{number}"


CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"deterministic": True, "max-examples": 10},
        # Their bodies are those of the creates of extensions, whose every value is tried there.
        "operations": [{"include-operation-id-regex": "^update.*Extension$", "phases": {"coverage": {"enabled": False}}}],
    }
)

schema = schemathesis.openapi.from_dict(sharpened_contract(), config=CONFIG)
schema.config.checks.update(excluded_check_names=list(LEFT_OUT))


@pytest.fixture
def rehearsal():
    """
    A PM that nobody has used.
    """
    with running() as pm, requests.Session() as session:
        made = Rehearsal(pm.url, session)
        yield made
    assert made.successes, f"{made.operation} never succeeded, so nothing is known of its answer"


# One PM for all requests of an operation is what is wanted, and how long they take is not what is tested.
@pytest.mark.slow
@schema.parametrize()
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_answer_is_outside_the_contract(case, rehearsal):
    """
    No failure of PM itself, no status, content type or member that the contract does not know, and nothing without a session.
    """
    operation = case.operation.definition.raw["operationId"]
    rehearsal.play_until(operation)
    answer = rehearsal.ask(case)
    # Asking again without a session, and with a wrong one, is enough after the first success.
    once = [ignored_auth] if rehearsal.successes > 1 else []
    unread = [negative_data_rejection] if any(unread_by_pm(operation, name, value) for name, value in (case.query or {}).items()) else []
    case.validate_response(answer, excluded_checks=[*LEFT_OUT_OF.get(operation, ()), *once, *unread])
