"""Departments, locations and subsystems of the simulated PM."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, WorldName, running
from tests.support import logged_in

DEPARTMENTS = "/system-ms/department/v1"
LOCATIONS = "/system-ms/location/v1"
SUBSYSTEMS = "/system-ms/subsystem/v1"


@pytest.fixture(scope="module")
def api():
    with running() as pm, logged_in(pm) as client:
        yield client


def department(name, parent=1, location=1, **members):
    return {"departmentName": name, "parentDepartmentId": parent, "location": {"locationId": location}, **members}


def departments(api, parent="", **asked):
    query = {"pageNo": 0, "pageSize": 100, "sortBy": "departmentName", "sortDir": "ASC"}
    return api.get(f"{DEPARTMENTS}{parent}", params=query | asked).json()[0]


def names(page):
    return [each["departmentName"] for each in page["departmentList"]]


def department_id(api, name):
    return next(each["departmentId"] for each in departments(api)["departmentList"] if each["departmentName"] == name)


def locations(api):
    query = {"search": "*", "pageNo": 0, "pageSize": 200, "orderby": "locationId asc"}
    return {each["locationName"]: each for each in api.get(LOCATIONS, params=query).json()[0]["items"]}


def test_the_demo_tree():
    """
    The demonstration starts with one root and the departments below it.
    """
    with running() as pm, logged_in(pm) as api:
        found = [names(departments(api, parent)) for parent in ("/by-parent/0", "/by-parent/1", "/by-parent/2")]
    assert [["Company"], ["Engineering", "Finance", "HR", "Sales"], ["Americas", "EMEA"]] == found


def test_a_bare_world_has_no_departments():
    """
    A bare PM has its subsystems and administrator, and an empty tree.
    """
    with running(SimulatorSettings(world=WorldName.BARE)) as pm, logged_in(pm) as api:
        page = departments(api)
        counts = pm.world.snapshot()
    assert ([], {"users": 1, "locations": 3, "departments": 0, "subsystems": 3, "extensions": 0}) == (page["departmentList"], counts)


def test_a_page_of_departments_tells_where_it_lies(api):
    """
    The answer is an array of one object with the departments and the page (QUIRKS 30).
    """
    with running() as pm, logged_in(pm) as client:
        page = departments(client, pageNo=2, pageSize=4, sortDir="DESC")
    expected = {"pageNo": 2, "pageSize": 4, "totalPages": 3, "totalElements": 9, "numberOfElements": 1, "first": False, "last": True}
    assert (["Americas"], expected) == (names(page), page["page"])


def test_a_department_lives_and_dies(api):
    """
    Create answers 201 and nothing, update 200 and the department, delete 204 and nothing.
    """
    created = api.post(DEPARTMENTS, json=department("Legal", description="old", udf1="x"))
    own_id = department_id(api, "Legal")
    updated = api.put(f"{DEPARTMENTS}/{own_id}", json=department("Law", location=2, departmentId=own_id))
    deleted = api.delete(f"{DEPARTMENTS}/{own_id}")
    assert (201, b"", 204, b"", 404) == (
        created.status_code,
        created.content,
        deleted.status_code,
        deleted.content,
        api.get(f"{DEPARTMENTS}/{own_id}").status_code,
    )
    assert {
        "departmentId": own_id,
        "departmentName": "Law",
        "parentDepartmentId": 1,
        "location": {"locationId": 2, "locationName": "Berlin", "description": "Support centre"},
    } == updated.json()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (department(""), "departmentName is mandatory"),
        (department("sales"), "Department sales already exists there"),
        (department("Orphan", parent=99), "There is no department 99"),
        (department("Nowhere", location=99), "There is no location 99"),
        ({"departmentName": "Nowhere", "parentDepartmentId": 1}, "There is no location 0"),
        ({"departmentName": "Adrift", "location": {"locationId": 1}}, "parentDepartmentId is mandatory; 0 makes a root"),
        (department("Text", parent="1"), "parentDepartmentId must be an integer of 32 bits"),
        (department("Field", udf11="x"), "Unrecognized field udf11"),
        (department("Deep", location=1) | {"location": {"name": "x"}}, "Unrecognized field location.name"),
    ],
    ids=["no name", "duplicate", "parent", "location", "no location", "no parent", "type", "unknown field", "unknown nested field"],
)
def test_refused_departments(api, body, message):
    """
    A department that breaks a rule is refused with a sentence that names the rule.
    """
    refused = api.post(DEPARTMENTS, json=body)
    assert (400, message) == (refused.status_code, refused.json()["errorMsg"])


def test_the_same_name_may_stand_below_another_parent(api):
    """
    A department's name is unique below one parent only.
    """
    assert [201, 201] == [api.post(DEPARTMENTS, json=department("Twin", parent=parent)).status_code for parent in (2, 5)]


@pytest.mark.parametrize(
    ("target", "body", "message"),
    [
        (2, department("Sales", parent=2), "Department Sales cannot lie below itself"),
        (2, department("Sales", parent=3), "Department Sales cannot lie below itself"),
        (2, department("Sales", departmentId=3), "departmentId in the body is not the one in the path"),
        (3, department("Americas", parent=2), "Department Americas already exists there"),
    ],
    ids=["itself", "child", "two ids", "duplicate"],
)
def test_refused_changes_of_departments(api, target, body, message):
    """
    No loops, no two ids, no second of a name.
    """
    assert message == api.put(f"{DEPARTMENTS}/{target}", json=body).json()["errorMsg"]


@pytest.mark.parametrize(
    ("target", "message"),
    [(2, "Department Sales has departments below it"), (3, "Department EMEA has users")],
    ids=["children", "users"],
)
def test_departments_in_use_stay(api, target, message):
    """
    A department with children or users is not deleted.
    """
    refused = api.delete(f"{DEPARTMENTS}/{target}")
    assert (400, message) == (refused.status_code, refused.json()["errorMsg"])


@pytest.mark.parametrize("path", ["/99", "/by-parent/99?pageNo=0&pageSize=1&sortBy=departmentId&sortDir=ASC"], ids=["one", "by parent"])
def test_unknown_departments_are_404(api, path):
    """
    A department that is not there is 404.
    """
    assert 404 == api.get(DEPARTMENTS + path).status_code


def test_a_location_lives_and_dies(api):
    """
    The answer of an update lacks the CMG customer group, the list has it (QUIRKS 103).
    """
    created = api.post(LOCATIONS, json={"locationName": "Oslo", "cmgCustomerGroup": "CMG-NO"})
    own_id = locations(api)["Oslo"]["locationId"]
    updated = api.put(f"{LOCATIONS}/{own_id}", json={"locationName": "Bergen", "description": "Fjord", "cmgCustomerGroup": "CMG-NO"})
    listed = locations(api)["Bergen"]
    deleted = api.delete(f"{LOCATIONS}/{own_id}")
    expected = {"locationId": own_id, "locationName": "Bergen", "description": "Fjord"}
    assert (201, b"", expected, expected | {"cmgCustomerGroup": "CMG-NO"}, 204) == (
        created.status_code,
        created.content,
        updated.json(),
        listed,
        deleted.status_code,
    )


@pytest.mark.parametrize(
    ("request_line", "body", "status", "message"),
    [
        (("POST", ""), {"locationName": "BERLIN"}, 400, "Location BERLIN already exists"),
        (("POST", ""), {"locationName": " "}, 400, "locationName is mandatory"),
        (("PUT", "/2"), {"locationName": "London"}, 400, "Location London already exists"),
        (("PUT", "/2"), {"locationName": "Berlin", "locationId": 3}, 400, "locationId in the body is not the one in the path"),
        (("PUT", "/99"), {"locationName": "Paris"}, 404, "There is no location 99"),
        (("DELETE", "/1"), None, 400, "Location Stockholm is in use"),
        (("DELETE", "/99"), None, 404, "There is no location 99"),
    ],
    ids=["duplicate", "no name", "duplicate change", "two ids", "unknown change", "in use", "unknown"],
)
def test_refused_locations(api, request_line, body, status, message):
    """
    A location that breaks a rule is refused with a sentence that names the rule.
    """
    method, path = request_line
    refused = api.request(method, LOCATIONS + path, json=body)
    assert (status, message) == (refused.status_code, refused.json()["errorMsg"])


def test_a_subsystem_has_two_shapes(api):
    """
    The list has the write shape, a single subsystem is flat (QUIRKS 68).
    """
    listed = api.get(SUBSYSTEMS, params={"subsystemType": "TelephonyServer"}).json()
    flat = api.get(f"{SUBSYSTEMS}/1").json()
    assert (["MX1", "MX2"], "mx1.example", "mx1.example", 1) == (
        [each["subsystemName"] for each in listed],
        listed[0]["mxoneSubsystem"]["ipOrFQDNAddress"],
        flat["ipaddress"],
        flat["location"]["locationId"],
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/system-ms/subsystem/v1?subsystemType=ALL", 400),
        ("/system-ms/subsystem/v1/99", 404),
        ("/system-ms/subsystem/v1/MX1", 400),
        ("/pm-extension-ms/pm-extension/v1/number-series/ALL?subsystemName=MX1", 400),
        ("/pm-extension-ms/pm-extension/v1/number-series/EX?subsystemName=MX9", 404),
        ("/pm-extension-ms/pm-extension/server-details/1?extensionNumber=All", 404),
    ],
    ids=["All is not ALL", "unknown id", "name for id", "series ALL", "series of nobody", "id for name"],
)
def test_refused_reads(api, path, status):
    """
    ``All`` is not ``ALL``, an id is not a name, and what is not there is 404 (QUIRKS 36, 46).
    """
    assert status == api.get(path).status_code


def test_an_id_may_be_taken_for_a_name():
    """
    With the other reading of the example URLs a number names a subsystem too (QUIRKS 46).
    """
    with running(SimulatorSettings(subsystem_id_as_name=True)) as pm, logged_in(pm) as api:
        found = api.get("/pm-extension-ms/pm-extension/server-details/2?extensionNumber=5001").json()
    assert [{"extension": "5001", "limnumber": "1"}] == found["extensionLimVOs"]


@pytest.mark.parametrize(
    ("as_list", "expected"),
    [
        (True, [{"start": "1000", "end": "4999", "numberType": "EX"}, {"start": "70000", "end": "70999", "numberType": "EX"}]),
        (False, {"start": "1000", "end": "4999", "numberType": "EX"}),
    ],
    ids=["list", "one object"],
)
def test_number_series_come_in_two_ways(as_list, expected):
    """
    Number series are a list, or the one object that is printed (QUIRKS 63).
    """
    with running(SimulatorSettings(number_series_as_list=as_list)) as pm, logged_in(pm) as api:
        assert expected == api.get("/pm-extension-ms/pm-extension/v1/number-series/EX?subsystemName=MX1").json()
