"""Every operation of PM that writes, sent from a spreadsheet's row over TCP and held against the contract; together the rows fill every column."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import pmbulk
from pmbulk.door.running import Target
from pmbulk.endpoints import ENDPOINTS
from pmbulk.entities.fields import Kind, columns_of
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.subsystem_blocks import BLOCKS
from pmbulk.errors import Outcome
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from tests.support import PASSWORD, rows_of

CONTRACT = json.loads((Path(__file__).parents[1] / "contract" / "openapi.json").read_text("utf-8"))
WRITES = sorted(name for name, one in ENDPOINTS.items() if one.writes)
#: What a cell holds where the declaration gives neither an example nor choices.
BY_KIND = {Kind.TEXT: "12", Kind.INTEGER: 1, Kind.BOOLEAN: True, Kind.SECRET: "123456"}
#: Columns whose rule no such value keeps, by the end of their name.
BY_NAME = {
    "terminalIdentity": "sip:4100@phones.example",
    "universalResourceIdentifier": "sip:4100@192.0.2.1",
    "hashType": "MD5A1",
    "stime": 30,
    "anspos": "1002",
    "bsycho": 11,
    "dndposition": 11,
    "phonePanelType": "Mitel6869i_1_M680i",
    "panelTypeKey": "Mitel6869i_1_M680i",
    "trunkType": "Route",
    "phoneLanguage": "en",
    "limnumber": "1",
    "langID": "en",
    "macaddr": "08000F123456",
    "freeOnSecondLine": 1,
    "hashtype": "CLEARTEXT",
    "maximumTerminals": 2,
}
#: Columns that no row fills, and why.
NEVER_FILLED: dict[tuple[str, str], str] = {}
KINDS = {"Ip": "ip", "Virtual": "virtual", "MultiTerminal": "multi_terminal", "Mobile": "mobile", "Cordless": "cordless"}
DEMO = {"ip": "1101", "virtual": "1104", "multi_terminal": "1105", "mobile": "1102", "cordless": "1103"}
HERE = {"subsystemName": "MX1", "subsystemId": 1, "extensionNumber": "1101"}
USER = {
    "department": "Company/HR",
    "departmentIds": "9",
    "extensions.1.extensionNumber": "1003",
    "extensions.1.subsystemName": "MX1",
    "extensions.1.subsystemId": 1,
    "micollab.mxoneSubsystem": "MX1",
    "micollab.extension": "1003",
    "micollab.miCollabSubsystem": "MICOLLAB1",
    "micollab.miCollabRole": "Entry",
    "cloudlink.mxoneSubsystem": "MX1",
    "cloudlink.extension": "1003",
    "cloudlink.cloudLinkSubsystem": "CLOUDLINK1",
    "newPassword": "Sentinel-User-1!",
}
KEY_2 = {"keyPosition": 5, "keyFunction": "TNS", "keyFunctionValue": "1002", "displayText": "Bo"}
KEY = KEY_2 | {"logicalKeyId": 5, "keyType": "KEY", "isEditable": True}


def row(sheet, action, cells):
    return sheet, {"action": action} | cells


def full(sheet, action, cells, *, omit="^$"):
    """A row with every column of the sheet's body, but those whose names match *omit*; *cells* go before."""
    filled = {}
    for column in columns_of(ENTITIES[sheet].body):
        if not re.search(omit, column.name):
            choices = (*column.spec.choices, column.spec.example)
            filled[column.at()] = BY_NAME.get(column.path[-1], choices[0] or BY_KIND[column.kind])
    return row(sheet, action, filled | cells)


def created(kind):
    """A new extension with everything, and one that names the domain, since a server excludes it."""
    sheet, place = f"{kind}_extensions", HERE | {"extensionNumber": "4100", "serverNumber": 1, "commonServiceProfile": 1}
    whole = full(sheet, "create", place, omit="^domainName$")
    if "domainName" not in {column.name for column in ENTITIES[sheet].columns}:
        return [whole]
    return [whole, full(sheet, "create", place | {"extensionNumber": "4101", "serverNumber": None, "domainName": "phones.example"})]


def updated(kind):
    """All of an extension but what cannot be changed."""
    place = HERE | {"extensionNumber": DEMO[kind], "serverNumber": 1, "commonServiceProfile": 1}
    return [full(f"{kind}_extensions", "update", place, omit="^domainName$")]


def subsystem(kind, block):
    others = "|".join(other for other in BLOCKS.values() if other != block)
    cells = {"subsystemType": kind, "subsystemName": f"NEW {kind}", "locationName": "London"}
    return full("subsystems", "create", cells | ({f"{block}.miVoiceMXONESubsystem": "MX1"} if kind == "SIPDECTManager" else {}), omit=f"^({others}|location$)")  # fmt: skip


def keys(header, key):
    return {f"{header}.1.{name}": value for name, value in key.items()}


def moving(kind):
    """
    Moves of an extension with all that a new one can have, the second to a domain, since a server excludes it.
    """
    there = {"fromSubsystem": "MX1", "toSubsystem": "MX2", "extensionNumber": DEMO[kind], "carry": "best", "extensionType": TYPES[kind]}
    for number, (_sheet, cells) in enumerate(created(kind)):
        kept = {name: value for name, value in cells.items() if name not in {"action", *HERE}}
        if kind == "ip":
            # A number has one of the two terminals; behind a route they are a list, since another kind has several of them.
            kept = {
                name: value
                for name, value in kept.items()
                if not name.startswith(("sipRemoteExtension.", "automaticSIPRegistration.")[number])
            }
            kept = {re.sub(r"^sipRemoteExtension\.", "sipRemoteExtension.1.", name): value for name, value in kept.items()}
        server = {} if cells.get("serverNumber") is None else {"serverNumber": 2}
        yield row("extension_moves", "move", kept | there | {"newExtensionNumber": f"519{number}"} | server)


TYPES = {"ip": "IP", "virtual": "VIRTUAL", "multi_terminal": "MULTI_TERMINAL", "mobile": "MOBILE", "cordless": "DECT"}
#: Operation → rows of which at least one is sent with it.
ROWS = {
    "createLocation": [full("locations", "create", {"locationName": "Kiruna"}, omit="locationId")],
    "updateLocation": [full("locations", "update", {"locationId": 1, "locationName": "Kiruna"})],
    "deleteLocation": [row("locations", "delete", {"locationName": "London"})],
    "createDepartment": [full("departments", "create", {"path": "Company/EMEA", "location": "London"}, omit="Id$|^location")],
    "updateDepartment": [
        full(
            "departments",
            "update",
            {"departmentId": 4, "departmentName": "East", "parentDepartmentId": 1, "parent": "Company"}
            | {"location.locationId": 3, "location.locationName": "London"},
        )
    ],
    "deleteDepartment": [row("departments", "delete", {"path": "Company/Sales/Americas"})],
    "createSubsystem": [subsystem(kind, block) for kind, block in BLOCKS.items()],
    "updateSubsystem": [
        row("subsystems", "update", {"subsystemId": 1, "subsystemName": "MX1", "location": "3", "mxoneSubsystem.version": "7.9"})
    ],
    "deleteSubsystem": [row("subsystems", "delete", {"subsystemName": "CMG1"})],
    "createSecurityProfile": [
        row("security_profiles", "create", {"securityProfileName": "Night desk", "description": "x", "privileges": "View logs"})
    ],
    "updateSecurityProfile": [
        full("security_profiles", "update", {"securityProfileId": 5, "accessPrivileges.1.privilegeName": "Manage user data"})
    ],
    "deleteSecurityProfile": [row("security_profiles", "delete", {"securityProfileName": "Help Desk"})],
    "updateUdfDefinition": [full("udf_definitions", "update", {"udfType": "USERS", "udfId": 3})],
    "updateSystemOptions": [row("system_options", "update", {"optionName": "Log every read", "optionid": 8, "value": "yes"})],
    **{f"create{word}Extension": created(kind) for word, kind in KINDS.items()},
    **{f"update{word}Extension": updated(kind) for word, kind in KINDS.items()},
    "deleteExtension": [
        row("mobile_extensions", "delete", {"subsystemName": "MX2", "extensionNumber": "5101"}),
        row("extensions", "delete", {"subsystemName": "MX1", "extensionNumber": "1104", "extensionType": "VIRTUAL"}),
    ],
    "updateExtension": [
        created("ip")[1],
        full("extensions", "update", HERE, omit="domainName|^extensionId$|^extensionType$"),
        row("extensions", "update", HERE | {"extensionId": 7, "extensionType": "IP", "description": "raw"}),
        row(
            "extensions",
            "update",
            HERE | {"extensionNumber": "4101", "description": "x", "extensionVO.gedi.1.domainName": "phones.example"},
        ),
    ],
    "importExtension": [row("extensions", "import", {"subsystemName": "MX1", "extensionNumber": "1190"})],
    "resetAuthorizationCodes": [full("authorization_codes", "reset", HERE | {"authorizationCodeVO.auco.1.dir": "1101"})],
    "updateOns": [full("terminal_selections", "update", HERE)],
    "createPersonalNumberList": [
        full("personal_number_lists", "create", HERE | {"list.listNo": 3, "extensionId": "1101"}, omit="allInactive|delayseizurelist")
    ],
    "updatePersonalNumberLists": [
        full(
            "personal_number_lists",
            "update",
            HERE | {"listNumber": 2, "list.listNo": 2, "extensionId": "1101", "list.isActive": False},
            omit="^chos",
        )
    ],
    "deletePersonalNumberList": [row("personal_number_lists", "delete", HERE | {"listNumber": 2})],
    "createCallChoice": [full("call_choices", "create", HERE | {"listNumber": 2, "chono": 2})],
    "updateCallChoice": [full("call_choices", "update", HERE | {"listNumber": 2, "choiceNumber": 1, "chono": 1})],
    "deleteCallChoice": [row("call_choices", "delete", HERE | {"listNumber": 1, "choiceNumber": 2})],
    "updatePersonalNumberDetails": [
        full(
            "personal_numbers",
            "update",
            HERE | {"extensionId": "1101", "personalNumberVO.dir": "1101", "personalNumberVO.pelp.dir": "1101"},
        )
    ],
    "updatePhoneKeys": [
        row("phone_keys", "add", HERE | {"panelTypeKey": "Mitel6869i", "extensionId": "1101"} | keys("keys", KEY)),
        row(
            "phone_keys",
            "update",
            HERE
            | {"phonePanelType": "Mitel6869i"}
            | keys("addedKeys", KEY | {"keyPosition": 6})
            | keys("updatedKeys", KEY | {"keyPosition": 1})
            | keys("removedKeys", KEY | {"keyPosition": 2}),
        ),
    ],
    "createUser": [full("users", "create", USER | {"userId": "new.one"}, omit="currentPassword")],
    "updateUser": [full("users", "update", USER | {"userRecId": 6, "userId": "eva.lind"}, omit="userMailBoxDTO|udf33")],
    "deleteUser": [row("users", "delete", {"userId": "eva.lind"})],
    "unlockUser": [row("locked_users", "unlock", {"userId": "david.cole"})],
}


def resolved(schema):
    if "$ref" in schema:
        return resolved(CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "allOf" in schema:
        return {
            "type": "object",
            "properties": {name: one for part in schema["allOf"] for name, one in resolved(part)["properties"].items()},
        }
    return schema


def strangers(value, schema, path=""):
    """The paths in *value* that *schema* does not know, or knows with another type."""
    schema = resolved(schema)
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if type(value) is not types[schema["type"]]:
        yield f"{path} is no {schema['type']}"
    elif isinstance(value, list):
        for element in value:
            yield from strangers(element, schema["items"], path)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name in schema["properties"]:
                yield from strangers(member, schema["properties"][name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"


def deviations(arrival):
    """What in a request is not as the contract has it."""
    path, operation = next(
        (path, methods[arrival.method.lower()])
        for path, methods in CONTRACT["paths"].items()
        if methods.get(arrival.method.lower(), {}).get("operationId") == arrival.operation
    )
    if not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), arrival.path):
        yield f"path {arrival.path}"
    declared = {one["name"]: one for one in map(resolved, operation.get("parameters", ())) if one["in"] == "query"}
    yield from (f"query {name}" for name in arrival.query if name not in declared)
    yield from (f"no {name}" for name, one in declared.items() if one.get("required") and not arrival.query.get(name))
    if "requestBody" in operation:
        yield from strangers(arrival.body, operation["requestBody"]["content"]["application/json"]["schema"])
    elif arrival.body is not None:
        yield "body"


def members(value, path=()):
    """The names of all plain values in a body, without list positions: a sheet may give one object where PM takes a list (QUIRKS 66, 94)."""
    if isinstance(value, list):
        return {one for element in value for one in members(element, path)}
    if isinstance(value, dict):
        return {one for name, member in value.items() for one in members(member, (*path, name))}
    return {".".join(path).removeprefix("options.")}


def typed(name, rows):
    """The columns of a body that *rows* fill for the operation."""
    found = set()
    for sheet, cells in rows:
        entity = ENTITIES[sheet]
        if ENDPOINTS[name].has_body and entity.by_operation[cells["action"]].endpoint == name:
            found |= {column.name.replace(".N", "") for column in columns_of(entity.body) if cells.get(column.at()) is not None}
    return found


def sheets(rows):
    """The workbook of *rows*: each sheet with the columns of all of its rows."""
    tables = {}
    for sheet, cells in rows:
        tables.setdefault(sheet, []).append(cells)
    return {
        sheet: [
            headers := list({name: None for cells in lines for name in cells}),
            *([cells.get(name) for name in headers] for cells in lines),
        ]
        for sheet, lines in tables.items()
    }


def check_sent(pm, name):
    """PM got the operation, as the contract has it, and did it."""
    sent = [arrival for arrival in pm.requests if arrival.operation == name]
    assert sent
    assert [] == [(arrival.path, found) for arrival in sent for found in deviations(arrival)]
    assert {True} == {arrival.worked is not None and arrival.worked < 300 for arrival in sent}


@pytest.mark.parametrize("name", WRITES)
def test_a_row_sends_what_the_contract_has(name, workbook, pm, tmp_path):
    """
    The rows succeed; their requests have the contract's path and all required parameters, and in the body every filled cell, known and of its type.
    """
    target = Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path / "state")
    result = pmbulk.run(workbook(sheets(ROWS[name])), target)
    told = [(line["_status"], line["_message"]) for sheet, _cells in ROWS[name] for line in rows_of(result.results, sheet)]
    assert {Outcome.SUCCEEDED} == {one for one, count in result.counts.items() if count}, told
    check_sent(pm, name)
    sent = {one for arrival in pm.requests if arrival.operation == name for one in members(arrival.body)}
    assert set() == typed(name, ROWS[name]) - sent


@pytest.mark.parametrize(("operation", "moved"), [(f"create{word}Extension", one) for word, kind in KINDS.items() for one in moving(kind)])
def test_a_move_sends_every_field_that_its_row_fills(operation, moved, workbook, pm, tmp_path):
    """
    Whatever a create of the kind can have can be different at the target; the other sheets' tests hold the request against the contract.
    """
    target = Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path / "state")
    result = pmbulk.run(workbook(sheets([moved])), target)
    told = [(line["_status"], line["_message"]) for line in rows_of(result.results, "extension_moves")]
    assert {Outcome.SUCCEEDED} == {one for one, count in result.counts.items() if count}, told
    check_sent(pm, operation)
    sent = {one for arrival in pm.requests if arrival.operation == operation for one in members(arrival.body)}
    assert set() == typed(operation, [moved]) - sent


@pytest.mark.parametrize("name", ["createUser", "updateIpExtension", "updatePhoneKeys", "deleteCallChoice"])
def test_the_command_sends_the_same(name, workbook, command, pm):
    """
    The real command sends what a run within the process does.
    """
    command("run", workbook(sheets(ROWS[name])), check=0)
    check_sent(pm, name)


def test_every_operation_has_a_row():
    """
    Nothing that PM can write is out of a spreadsheet's reach.
    """
    assert WRITES == sorted(ROWS)


@pytest.mark.parametrize("sheet", ENTITIES)
def test_every_column_is_filled(sheet):
    """
    Each column of each sheet stands in some row that is sent here.
    """
    every = [*ROWS.values(), *map(moving, KINDS.values())]
    rows = [cells for rows in every for named, cells in rows if named == sheet]
    filled = {re.sub(r"\.\d+(?=\.|$)", ".N", name) for cells in rows for name, value in cells.items() if value is not None}
    missing = {column.name for column in ENTITIES[sheet].columns} - filled
    assert {column for named, column in NEVER_FILLED if named == sheet} == missing
