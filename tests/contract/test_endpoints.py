"""The endpoint table against the contract of PM (``openapi.json``), field by field, one id per operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pmbulk.endpoints import ENDPOINTS, Lane, Paging, endpoint

CONTRACT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
METHODS = {"get", "post", "put", "delete"}
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: {**operation, "method": method.upper()}
    for path in CONTRACT["paths"].values()
    for method, operation in path.items()
    if method in METHODS
}
each_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


def parameters(name: str, place: str) -> list[str]:
    """The names PM prints for the parameters in *place*; ``x-source-name`` is kept where the contract had to merge two path patterns."""
    return [each.get("x-source-name", each["name"]) for each in OPERATIONS[name].get("parameters", []) if each["in"] == place]


def answer_schema(name: str) -> dict[str, Any]:
    for status, response in OPERATIONS[name]["responses"].items():
        if status.startswith("2"):
            return response.get("content", {}).get("application/json", {}).get("schema", {})
    return {}


def paging_by_answer(name: str) -> Paging | None:
    """What the answer's schema and the spelling of the page parameter say together."""
    answer = answer_schema(name).get("items", {}).get("$ref", "").rsplit("/", 1)[-1]
    if answer == "DepartmentPage":
        return Paging.DEPARTMENTS
    if answer != "PagedResult":
        return None
    return Paging.ITEMS_PAGENO if "pageno" in parameters(name, "query") else Paging.ITEMS_PAGE_NO


def test_all_76_operations_are_in_the_table():
    """
    The contract has 76 operations and the table has exactly these.
    """
    assert len(OPERATIONS) == 76
    assert set(OPERATIONS) == set(ENDPOINTS)


def test_names_are_their_own_keys():
    """
    Every row is found under its own name, and no name stands twice.
    """
    assert list(ENDPOINTS) == [endpoint(name).name for name in ENDPOINTS]


def test_the_table_cannot_be_changed():
    """
    The mapping refuses assignment.
    """
    with pytest.raises(TypeError):
        ENDPOINTS["login"] = endpoint("testToken")  # type: ignore[index]  # the refusal is what is tested


def test_an_unknown_name_is_a_key_error():
    """
    A name that PM does not have raises.
    """
    with pytest.raises(KeyError, match="createTeapot"):
        endpoint("createTeapot")


def test_no_two_operations_share_method_and_path_pattern():
    """
    Method and path pattern together address one operation.
    """
    patterns = [
        (row.method, "/".join("{}" if part.startswith("{") else part for part in row.path.split("/"))) for row in ENDPOINTS.values()
    ]
    assert len(patterns) == len(set(patterns))


@each_operation
def test_method(name):
    """
    The method is the contract's.
    """
    assert OPERATIONS[name]["method"] == endpoint(name).method


@each_operation
def test_path(name):
    """
    The path is the printed one, with PM's own placeholder names (QUIRKS 38, 39).
    """
    assert OPERATIONS[name]["x-source-path"] == endpoint(name).path


@each_operation
def test_path_parameters(name):
    """
    The placeholders are the contract's path parameters.
    """
    assert set(parameters(name, "path")) == set(endpoint(name).path_parameters)


@each_operation
def test_query(name):
    """
    The query parameters are the contract's, all of them, in its order (QUIRKS 34).
    """
    assert parameters(name, "query") == list(endpoint(name).query)


@each_operation
def test_body(name):
    """
    A body is sent where the contract asks for one.
    """
    assert ("requestBody" in OPERATIONS[name]) == endpoint(name).has_body


@each_operation
def test_success(name):
    """
    The success statuses are those of the contract.
    """
    assert {int(status) for status in OPERATIONS[name]["responses"] if status.startswith("2")} == set(endpoint(name).success)


@each_operation
def test_admin_only(name):
    """
    The calls marked "admin only" are marked so (QUIRKS 119).
    """
    assert OPERATIONS[name].get("x-admin-only", False) == endpoint(name).admin_only


@each_operation
def test_chapter(name):
    """
    The chapter is the source's section number.
    """
    assert OPERATIONS[name]["x-section"] == endpoint(name).chapter


@each_operation
def test_repeatable(name):
    """
    GET, PUT and DELETE are repeatable, POST is not.
    """
    assert (OPERATIONS[name]["method"] != "POST") == endpoint(name).repeatable


@each_operation
def test_lane(name):
    """
    What changes something in a telephony subsystem goes through that subsystem's lane, and nothing else does.
    """
    reaches_telephony = OPERATIONS[name]["x-source-path"].startswith("/pm-extension-ms/") and OPERATIONS[name]["method"] != "GET"
    assert (Lane.TELEPHONY if reaches_telephony else None) == endpoint(name).lane


@each_operation
def test_paging(name):
    """
    A list is paged as its answer's schema and its page parameter say (QUIRKS 21, 29, 30).
    """
    assert paging_by_answer(name) == endpoint(name).paging


@each_operation
def test_an_operation_reads_or_writes_or_concerns_the_session(name):
    """
    Chapter 3 is the session's; of the others those with GET read, and all others write.
    """
    known, session = endpoint(name), OPERATIONS[name]["x-section"].startswith("3.")
    read = OPERATIONS[name]["method"] == "GET"
    assert (session, read and not session, not read and not session) == (known.of_session, known.reads, known.writes)
