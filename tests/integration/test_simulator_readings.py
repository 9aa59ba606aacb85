"""What the documents leave open, as PM may turn out to be: each is a setting of the simulator."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, running
from tests.support import logged_in

LOCATIONS = "/system-ms/location/v1"
EXTENSIONS = "/pm-extension-ms/pm-extension/v1"
REMOTE = {
    "extensionNumber": "4000",
    "serverNumber": 1,
    "commonServiceProfile": 3,
    "sipRemoteExtension": {"terminalIdentity": "sip:4000@far.example", "trunkType": "Route", "sipRouteNumber": 3},
}


@pytest.mark.parametrize(
    ("settings", "status"), [(SimulatorSettings(), 400), (SimulatorSettings(duplicate_status=409), 409)], ids=["as documented", "conflict"]
)
def test_a_duplicate_is_refused_with_a_status_of_choice(settings, status):
    """
    The document has no status for what is there already (QUIRKS 15); other refusals keep theirs.
    """
    with running(settings) as pm, logged_in(pm) as api:
        answers = [api.post(LOCATIONS, json={"locationName": name}).status_code for name in ("Stockholm", "")]
    assert [status, 400] == answers


@pytest.mark.parametrize("status", [404, 410], ids=["as documented", "gone"])
def test_what_is_not_there_is_refused_with_a_status_of_choice(status):
    """
    A path that PM does not have at all keeps its 404 (QUIRKS 15).
    """
    with running(SimulatorSettings(absent_status=status)) as pm, logged_in(pm) as api:
        answers = [api.get(path).status_code for path in ("/system-ms/department/v1/999", "/user-ms/user/by-user-id/v1/nobody", "/nowhere")]
    assert [status, status, 404] == answers


@pytest.mark.parametrize(("sent", "statuses"), [(True, [201, 400]), (False, [400, 201])], ids=["parent 0", "no parent"])
def test_a_root_is_written_in_one_of_two_ways(sent, statuses):
    """
    With the parent 0 or with none: the document has no department at the root (FIELDS 5). It is read, and written again, as it was made.
    """
    root = {"departmentName": "Root", "location": {"locationId": 1}}
    with running(SimulatorSettings(root_parent_sent=sent, omit_empty=False)) as pm, logged_in(pm) as api:
        made = [api.post("/system-ms/department/v1", json=body).status_code for body in (root | {"parentDepartmentId": 0}, root)]
        page = {"pageNo": 0, "pageSize": 200, "sortBy": "departmentId", "sortDir": "asc"}
        shown = api.get("/system-ms/department/v1", params=page).json()[0]["departmentList"][-1]
        changed = api.put(f"/system-ms/department/v1/{shown['departmentId']}", json=shown).status_code
    assert (statuses, sent, 200) == (made, "parentDepartmentId" in shown, changed)


def test_everything_has_another_word_for_locked_users(pm):
    """
    ``All`` is everything in the list of locked users and a text elsewhere, ``*`` the other way round (QUIRKS 35).
    """
    with logged_in(pm) as api:
        locked = [
            api.get("/user-ms/locked-user/v1", params={"search": search, "pageno": 1, "pageSize": 200}).json()[0]["items"]
            for search in ("All", "all")
        ]
        found = [
            api.get(LOCATIONS, params={"search": search, "pageNo": 0, "pageSize": 200, "orderby": ""}).json()[0]["items"]
            for search in ("*", "All")
        ]
    assert ([1, 0], [3, 0]) == ([len(each) for each in locked], [len(each) for each in found])


@pytest.mark.parametrize(
    ("settings", "sent", "status", "names"),
    [
        (SimulatorSettings(), {"pageNo": 1}, 200, ["Berlin"]),
        (SimulatorSettings(), {"pageno": 1}, 400, None),
        (SimulatorSettings(locations_page_parameter="pageno"), {"pageno": 1}, 200, ["Berlin"]),
        (SimulatorSettings(locations_page_parameter="pageno"), {"pageNo": 1}, 400, None),
        (SimulatorSettings(locations_page_parameter="pageno", paging_defaults=True), {"pageNo": 1}, 200, ["Stockholm"]),
    ],
    ids=["the table's", "the table's, other sent", "the URL's", "the URL's, other sent", "the URL's, other sent and not missed"],
)
def test_the_page_of_locations_has_one_of_two_names(settings, sent, status, names):
    """
    Under the other name the page is missed, or it is overlooked and the first one comes every time (QUIRKS 22, 34).
    """
    with running(settings) as pm, logged_in(pm) as api:
        answer = api.get(LOCATIONS, params={"search": "*", "pageSize": 1, "orderby": "locationId asc", **sent})
    found = [each["locationName"] for each in answer.json()[0]["items"]] if status == 200 else None
    assert (status, names) == (answer.status_code, found)


def test_a_list_can_be_asked_for_without_paging():
    """
    A PM that uses its defaults sends the first page of 10 departments (QUIRKS 25, 34).
    """
    with running(SimulatorSettings(paging_defaults=True)) as pm, logged_in(pm) as api:
        page = api.get("/system-ms/department/v1").json()[0]["page"]
    assert (10, True) == (page["pageSize"], page["first"])


@pytest.mark.parametrize("shown", [False, True], ids=["IP", "REMOTE"])
def test_an_extension_behind_a_sip_route_may_be_remote(shown):
    """
    It is made and changed as an IP extension, but goes by the type that it shows (QUIRKS 49).
    """
    kind = "REMOTE" if shown else "IP"
    with running(SimulatorSettings(remote_shown=shown)) as pm, logged_in(pm) as api:
        api.post(f"{EXTENSIONS}/ip?subsystemName=MX1", json=REMOTE)
        changed = api.put(f"{EXTENSIONS}/ip?subsystemName=MX1", json=REMOTE | {"description": "far away"}).status_code
        address = {"subsystemName": "MX1", "extensionNumber": "4000", "extensionType": kind}
        record = api.get(f"{EXTENSIONS}/details", params=address).json()
        deleted = [
            api.delete(f"{EXTENSIONS}/MX1", params={"extensionNumber": "4000", "extensionType": each}).status_code
            for each in ("VIRTUAL", kind)
        ]
    assert (200, kind, "far away", [404, 204]) == (changed, record["extensionType"], record["description"], deleted)


def test_a_remote_extension_without_its_route_is_an_ip_extension_again():
    """
    The type follows what the extension has.
    """
    with running(SimulatorSettings(remote_shown=True)) as pm, logged_in(pm) as api:
        api.post(f"{EXTENSIONS}/ip?subsystemName=MX1", json=REMOTE)
        api.put(f"{EXTENSIONS}/ip?subsystemName=MX1", json={name: value for name, value in REMOTE.items() if name != "sipRemoteExtension"})
        address = {"subsystemName": "MX1", "extensionNumber": "4000", "extensionType": "ALL"}
        assert "IP" == api.get(f"{EXTENSIONS}/details", params=address).json()["extensionType"]


def test_nobody_logs_in_without_a_password():
    """
    A PM that makes users without a password does not let them in (FIELDS 3 recommends one).
    """
    with running(SimulatorSettings(demand_recommended=False)) as pm, logged_in(pm) as api:
        made = api.post("/user-ms/user/v1", json={"userId": "new"}).status_code
        assert (201, 400) == (made, api.post("/auth/login", json={"username": "new", "password": ""}).status_code)
