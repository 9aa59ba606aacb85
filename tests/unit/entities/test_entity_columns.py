"""The declarations against the contract: each body field has its column, and no column is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import create_model

from pmbulk.endpoints import ENDPOINTS, endpoint
from pmbulk.entities.extension_record import ExtensionKind, extension_body
from pmbulk.entities.extension_sheets import SHEETS
from pmbulk.entities.fields import POSITION, Fields, Kind, columns_of, field_
from pmbulk.entities.model import Action, Entity, Identity, Operation
from pmbulk.entities.operations import create
from pmbulk.entities.registry import ENTITIES

CONTRACT = json.loads((Path(__file__).parents[2] / "contract" / "openapi.json").read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: operation
    for methods in CONTRACT["paths"].values()
    for operation in methods.values()
    if isinstance(operation, dict) and "operationId" in operation
}
KINDS = {"string": Kind.TEXT, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN}


def resolved(schema):
    while "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def properties(schema):
    schema = resolved(schema)
    own = {}
    for part in schema.get("allOf", ()):
        own |= properties(part)
    return own | schema.get("properties", {})


def fields_of(schema, above=()):
    """Every plain value below a schema: path → (kind, whether it is a list)."""
    for name, declared in properties(schema).items():
        inner = resolved(declared)
        if inner.get("type") == "array":
            element = resolved(inner["items"])
            if properties(element):
                yield from fields_of(element, (*above, name, POSITION))
            else:
                yield (*above, name), (KINDS[element["type"]], True)
        elif properties(inner):
            yield from fields_of(inner, (*above, name))
        else:
            secret = inner.get("format") == "password"
            yield (*above, name), (Kind.SECRET if secret else KINDS[inner["type"]], False)


#: Where a row is one object of a list that PM takes as a whole (QUIRKS 66): the list.
ONE_OF = {"updateSystemOptions": ("options", POSITION)}
#: Columns of another kind than the document's, because PM may have more (QUIRKS 67).
WIDER = {("updateSystemOptions", ("value",)): Kind.TEXT}


def body_fields(operation):
    schema = OPERATIONS[operation]["requestBody"]["content"]["application/json"]["schema"]
    above = ONE_OF.get(operation, ())
    return {
        path[len(above) :]: (WIDER.get((operation, path[len(above) :]), kind), several)
        for path, (kind, several) in fields_of(schema)
        if path[: len(above)] == above
    }


def answer_fields(operation):
    return dict(fields_of(OPERATIONS[operation]["responses"]["200"]["content"]["application/json"]["schema"]))


WRITES = {
    action.endpoint: entity
    for entity in ENTITIES.values()
    for action in entity.actions
    if action.operation in {"create", "update", "reset"}
}


def column_path(operation, path):
    """The column of a body's field: a row has one personal number list, of which the update's body has several (QUIRKS 94)."""
    return ("list", *path[2:]) if operation == "updatePersonalNumberLists" and path[:2] == ("list", POSITION) else path


@pytest.mark.parametrize("operation", WRITES)
def test_every_body_field_has_a_column_of_its_kind(operation):
    """
    What PM's document lists in a body can be filled in the sheet, as text, number, flag or secret as the document says.
    """
    columns = {column.path: (column.kind, column.several) for column in columns_of(WRITES[operation].body)}
    fields = {column_path(operation, path): kind for path, kind in body_fields(operation).items()}
    assert fields
    assert fields == {path: columns.get(path) for path in fields}


@pytest.mark.parametrize("sheet", ENTITIES)
def test_no_column_of_a_body_is_made_up(sheet):
    """
    Every column that goes into a body is in the body of the create or of the update.
    """
    # A move makes an extension of any kind.
    sheets = {entity.sheet for entity in SHEETS.values()} if sheet == "extension_moves" else {sheet}
    known = {path for operation, entity in WRITES.items() if entity.sheet in sheets for path in body_fields(operation)}
    assert set() == {column.path for column in columns_of(ENTITIES[sheet].body)} - known


@pytest.mark.parametrize(
    ("sheet", "action"),
    [pytest.param(entity.sheet, action, id=action.endpoint) for entity in ENTITIES.values() for action in entity.actions],
)
def test_parameters_can_be_had(sheet, action):
    """
    Each path and query parameter of an action is a column, or follows from what PM says of the object.
    """
    entity, known = ENTITIES[sheet], endpoint(action.endpoint)
    followed = {"extensionType"}
    if sheet == "extension_moves":
        followed |= {"subsystemName"}
    columns = {column.name for column in entity.columns}
    assert set() == {*known.path_parameters, *known.query} - columns - followed


def test_an_unreadable_user_field_is_in_no_answer():
    """
    A user's field is declared unreadable if the answer lacks it (QUIRKS 89), and readable if the answer has it, secrets apart.
    """
    renamed = {"departmentIds": ("departments", "N", "departmentId"), "keyWords": ("keyWords", "N", "keywordName")}
    renamed |= {"altFirstNames": ("altFirstNames", "N", "altFirstName"), "altLastNames": ("altLastNames", "N", "altLastName")}
    answered = answer_fields("getUserByUserId")
    for column in columns_of(ENTITIES["users"].body):
        path = renamed.get(column.name, column.path)
        path = ("userExtensions", *path[1:]) if path[0] == "extensions" else path
        if column.kind is not Kind.SECRET:
            assert column.spec.readable == (path in answered), column.name


EXTENSION_SHEETS = [
    pytest.param("ip_extensions", ExtensionKind.IP, id="ip"),
    pytest.param("virtual_extensions", ExtensionKind.VIRTUAL, id="virtual"),
    pytest.param("multi_terminal_extensions", ExtensionKind.MULTI_TERMINAL, id="multi-terminal"),
    pytest.param("mobile_extensions", ExtensionKind.MOBILE, id="mobile"),
    pytest.param("cordless_extensions", ExtensionKind.CORDLESS, id="cordless"),
]
#: What another call than the details shows.
GROUPS = {("huntGroup", "huntGroupNumber"), ("callPickupGroup",), ("groupDoNotDisturb",)}


@pytest.mark.parametrize(("sheet", "kind"), EXTENSION_SHEETS)
def test_a_readable_extension_field_can_be_read(sheet, kind):
    """
    Where a field of an extension counts as readable, the records translate into it; else it would always seem to differ.
    """
    phone = FULL_RECORD["ipex"][0]
    manual = phone | {"defMobNum": "", "uri": "", "termid": "", "autreg": "false"}
    shown = [
        FULL_RECORD | {"ipex": [manual, phone | {"defMobNum": ""}, phone | {"defMobNum": "0701"}], "nutr": [{"remNum": ["1", "2"]}]},
        FULL_RECORD | {"ipex": [phone | {"defMobNum": ""}]},
        FULL_RECORD | {"ipex": [phone]},
        {"gedi": {"domainName": "DEFAULT"}},
    ]
    translated = {path for raw in shown for path in plain_paths(extension_body({"description": "x", "extensionVO": raw}, kind)) if path}
    assert {column.path for column in columns_of(ENTITIES[sheet].body) if column.spec.readable} == translated | GROUPS


def plain_paths(value, above=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from plain_paths(inner, (*above, name))
    elif isinstance(value, list):
        for inner in value:
            yield from plain_paths(inner, (*above, POSITION))
    else:
        yield above


def filled(schema):
    """An object with every field of a schema filled with 1."""
    schema = resolved(schema)
    if schema.get("type") == "array":
        return [filled(schema["items"])]
    inner = properties(schema)
    return {name: filled(declared) for name, declared in inner.items()} if inner else "1"


FULL_RECORD = {name: filled(declared) for name, declared in properties({"$ref": "#/components/schemas/ExtensionVO"}).items()}
FULL_RECORD["auco"][0]["hashtype"] = "CLEARTEXT"
FULL_RECORD["reexvos"][0]["mobType"] = "ISDN"


class Empty(Fields):
    """No columns."""


async def nothing(_record, _session):
    """Nothing is found."""


def declared(**changes):
    given = {
        "sheet": "things",
        "title": "thing",
        "help": "",
        "address": Empty,
        "body": Empty,
        "actions": (Action(Operation.CREATE, "createLocation", create),),
        "identify": lambda _record: Identity("it"),
        "find": nothing,
    }
    return Entity(**(given | changes))


TWICE = create_model("Twice", __base__=Fields, one=(str | None, field_("same")), two=(str | None, field_("same")))
UNDECLARED = create_model("Undeclared", __base__=Fields, one=(str | None, None))
ODD = create_model("Odd", __base__=Fields, one=(bytes | None, field_("one")))
ODD_LIST = create_model("OddList", __base__=Fields, one=(list[float] | None, field_("one")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"actions": ()}, "things: no action is declared", id="no action"),
        pytest.param(
            {"actions": (Action(Operation.CREATE, "createCastle", create),)},
            "things: no operation of PM is called createCastle",
            id="unknown endpoint",
        ),
        pytest.param({"find": None}, "things: createLocation is not repeatable and needs find", id="no find"),
        pytest.param(
            {"actions": (Action(Operation.CREATE, "createLocation", create),) * 2},
            "things: an action is declared twice",
            id="doubled action",
        ),
        pytest.param({"body": TWICE}, "things: Twice declares a column twice", id="doubled column"),
        pytest.param({"body": UNDECLARED}, "Undeclared.one is not declared with field_()", id="plain field"),
        pytest.param({"address": ODD}, "Odd.one: no cell can hold <class 'bytes'>", id="odd kind"),
        pytest.param({"body": ODD_LIST}, "OddList.one: no cell can hold a list of <class 'float'>", id="list of an odd kind"),
    ],
)
def test_a_declaration_that_cannot_work_fails_at_once(changes, message):
    """
    A mistake in a declaration is a `TypeError` when it is made, not a surprise in a run.
    """
    with pytest.raises(TypeError) as caught:
        declared(**changes)
    assert message == str(caught.value)


def test_constraints_need_words():
    """
    A field that refuses values must say what it takes.
    """
    with pytest.raises(TypeError) as caught:
        field_("port", ge=1)
    assert "port: constraints need a rule in words" == str(caught.value)


def test_columns_begin_with_the_action():
    """
    The action stands first in every sheet, and no column stands twice.
    """
    for entity in ENTITIES.values():
        names = [column.name for column in entity.columns]
        assert "action" == names[0]
        assert len(set(names)) == len(names)


def test_only_extensions_and_their_parts_are_telephony():
    """
    Rows that PM's own database answers for share no lane.
    """
    kinds = {
        "ip_extensions",
        "virtual_extensions",
        "multi_terminal_extensions",
        "mobile_extensions",
        "cordless_extensions",
        "extensions",
        "extension_moves",
    }
    telephony = {sheet for sheet, entity in ENTITIES.items() if entity.telephony}
    parts = {"authorization_codes", "terminal_selections", "phone_keys", "personal_number_lists", "call_choices", "personal_numbers"}
    assert {*kinds, *parts} == telephony


def test_all_actions_write():
    """
    No row's action is a read.
    """
    assert all(ENDPOINTS[action.endpoint].writes for entity in ENTITIES.values() for action in entity.actions)
