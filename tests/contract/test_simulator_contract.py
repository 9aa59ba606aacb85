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

CONTRACT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
BY_NAME = {
    operation["operationId"]: operation for path in CONTRACT["paths"].values() for operation in path.values() if "operationId" in operation
}

READS = {
    "testToken": "/auth/testToken",
    "getExtensionsByUserRecId": "/pm-extension-ms/pm-extension/v1/2",
    "getNumberSeries": "/pm-extension-ms/pm-extension/v1/number-series/EX?subsystemName=MX1",
    "getExtensionDetails": "/pm-extension-ms/pm-extension/v1/details?extensionNumber=4000&extensionType=IP&subsystemName=MX1",
    "getServerDetails": "/pm-extension-ms/pm-extension/server-details/MX1?extensionNumber=1001,1002",
    "getSubsystem": "/system-ms/subsystem/v1/1",
    "listSubsystems": "/system-ms/subsystem/v1?subsystemType=All",
    "listUsers": "/user-ms/user/v1?search=*&importedFrom=ALL&pageno=1&pageSize=200&orderby=userId%20asc",
    "getUserByUserId": "/user-ms/user/by-user-id/v1/full",
    "getUserByRecId": "/user-ms/user/by-rec-id/v1/2",
    "listLockedUsers": "/user-ms/locked-user/v1?search=All&pageno=1&pageSize=200",
    "getDepartment": "/system-ms/department/v1/2",
    "listDepartments": "/system-ms/department/v1?pageNo=0&pageSize=10&sortBy=departmentName&sortDir=ASC",
    "listDepartmentsByParent": "/system-ms/department/v1/by-parent/1?pageNo=0&pageSize=10&sortBy=departmentName&sortDir=ASC",
    "listLocations": "/system-ms/location/v1?search=*&pageNo=0&pageSize=200&orderby=locationId%20asc",
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
        return {name: in_our_words(member) for name, member in schema["properties"].items()}
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


@pytest.fixture(scope="module")
def api():
    """A session with a PM that prints one object where the document does, and has one full user and one full extension."""
    with (
        running(SimulatorSettings(user_extensions_as_list=False, number_series_as_list=False)) as pm,
        httpx.Client(base_url=pm.url, verify=False) as client,
    ):
        session = client.post("/auth/login", json={"username": "admin", "password": pm.settings.password}).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        client.post("/pm-extension-ms/pm-extension/v1/ip?subsystemName=MX1", json=FULL_EXTENSION).raise_for_status()
        client.post("/user-ms/user/v1", json=FULL_USER).raise_for_status()
        yield client


FULL_EXTENSION = {
    "extensionNumber": "4000",
    "serverNumber": 1,
    "commonServiceProfile": 3,
    "customer": "2",
    "phoneLanguage": "sv",
    "freeOnSecondLine": 1,
    "bossSecretary": True,
    "macAddress": "00:08:5D:00:00:01",
    "nameIdentity": {"firstName": "Full", "lastName": "Extension", "restrictPresentation": True},
    "authorizationCodes": [{"authorizationCode": "123456", "hashType": "MD5A1", "commonServiceProfile": "3", "customer": "0"}],
    "publicCLINumber": {"publicCLINumber": "468123", "typeOfCLInumber": "1", "activateCLInumber": "yes"},
    "sipRemoteExtension": {
        "terminalIdentity": "sip:4000@phones.example",
        "trunkType": "Route",
        "sipRouteNumber": 3,
        "defaultRemoteNumber": "0046701234567",
        "receivedANumber": "46701234567",
    },
}
FULL_USER = {
    "userId": "full",
    "firstName": "Full",
    "lastName": "User",
    "newPassword": "User-1234567!",
    "emailAddress": "full@example.com",
    "altFirstNames": ["Fuller"],
    "altLastNames": ["Usher"],
    "keyWords": ["everything"],
    "departmentIds": [3, 2],
    "extensions": [{"extensionNumber": "4000", "subsystemName": "MX1", "cmgSettings": {"mainUser": True}}],
    "userMailBoxDTO": {"mailboxNumber": ["4000"]},
    "udf1": "first",
    "udf33": "last but one",
}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_body_schema_is_the_contracts(name):
    """
    The simulator reads exactly the members of the contract, with its types.
    """
    expected = in_our_words(BY_NAME[name]["requestBody"]["content"]["application/json"]["schema"])
    assert expected == BODIES[name]


def test_every_simulated_operation_with_a_body_has_a_schema():
    """
    No simulated operation takes a body unchecked.
    """
    assert {name for name in OPERATIONS if ENDPOINTS[name].has_body} == set(BODIES)


def test_every_simulated_read_is_held_against_the_contract():
    """
    The table of reads below is complete.
    """
    assert {name for name in OPERATIONS if ENDPOINTS[name].method == "GET"} == set(READS)


@pytest.mark.parametrize("name", sorted(READS))
def test_answers_have_no_member_that_the_contract_lacks(api, name):
    """
    What is read has only members of the contract, with its types.
    """
    answer = api.get(READS[name])
    schema = BY_NAME[name]["responses"]["200"]["content"]["application/json"]["schema"]
    assert (200, []) == (answer.status_code, list(strangers(answer.json(), schema)))
