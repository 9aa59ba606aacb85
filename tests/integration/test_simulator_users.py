"""Users of the simulated PM: how they are written, read back, refused, found and unlocked."""

from __future__ import annotations

from itertools import chain
from urllib.parse import quote

import pytest

from pmbulk.simulator import SimulatorSettings, running
from tests.support import logged_in

USERS = "/user-ms/user/v1"
AWKWARD = "a/b?c#d%e|f)(g=}<]@&^+>!."


@pytest.fixture(scope="module")
def pm():
    with running() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def api(pm):
    with logged_in(pm) as client:
        yield client


def user(user_id, **members):
    return {"userId": user_id, "firstName": "Test", "newPassword": "Test-1234567!", "departmentIds": [1], **members}


def read(api, user_id):
    return api.get(f"/user-ms/user/by-user-id/v1/{quote(user_id, safe='')}").json()


def list_users(api, **asked):
    query = {"search": "*", "importedFrom": "ALL", "pageno": 1, "pageSize": 200, "orderby": "userId asc"}
    return api.get(USERS, params=query | asked)


def ids(answer):
    return [each["userId"] for each in answer.json()[0]["items"]]


def test_a_create_answers_nothing(api):
    """
    A new user is 201 with an empty body: no record id (QUIRKS 16).
    """
    created = api.post(USERS, json=user("empty.answer"))
    assert (201, b"") == (created.status_code, created.content)


def test_a_user_reads_back_in_another_shape(api):
    """
    Links, departments and alternative names have other names and types than they were written with (QUIRKS 88).
    """
    link = {"extensionNumber": "1003", "subsystemId": 1, "subsystemName": "MX1"}
    api.post(USERS, json=user("shape", departmentIds=[3, 1], altFirstNames=["Tess"], keyWords=["vip"], extensions=[link]))
    shown = read(api, "shape")
    assert {
        "primaryDepartmentId": 3,
        "departments": [3, 1],
        "altFirstNames": [{"altFirstNameId": 1, "altFirstName": "Tess"}],
        "keyWords": [{"keywordId": 1, "keywordName": "vip"}],
        "userExtensions": [link],
        "securityProfile": "End User",
    } == {
        "primaryDepartmentId": shown["primaryDepartmentId"],
        "departments": [each["departmentId"] for each in shown["departments"]],
        "altFirstNames": shown["altFirstNames"],
        "keyWords": shown["keyWords"],
        "userExtensions": shown["userExtensions"],
        "securityProfile": shown["securityProfile"]["securityProfileName"],
    }


def test_some_members_are_never_read_back(api):
    """
    Passwords and three numbers are in no answer (QUIRKS 89).
    """
    hidden = {"mobileNumber": "0701", "secretMobile": True, "alternativeNumber": "0702"}
    created = api.post(USERS, json=user("hidden", **hidden))
    assert (201, set()) == (created.status_code, (set(hidden) | {"newPassword"}) & set(read(api, "hidden")))


def test_nought_and_empty_are_left_out(api):
    """
    A member that is "" is missing from the answer; one that is false stays (QUIRKS 19).
    """
    api.post(USERS, json=user("sparse", lastName="", udf1="", useLastSelection=False))
    shown = read(api, "sparse")
    assert [False, False, True] == [name in shown for name in ("lastName", "udf1", "useLastSelection")]


def test_an_id_that_looks_like_a_path_is_one_segment(api):
    """
    A login name with reserved characters works when it is percent-encoded (QUIRKS 51).
    """
    created = api.post(USERS, json=user(AWKWARD)).status_code
    found = read(api, AWKWARD)["userId"]
    deleted = api.delete(f"{USERS}/{quote(AWKWARD, safe='')}").status_code
    assert (201, AWKWARD, 204) == (created, found, deleted)


def test_the_same_path_means_a_login_name_or_a_record_id(api):
    """
    DELETE takes the login name and PUT the record id: a number sent to DELETE addresses a login name (QUIRKS 39).
    """
    api.post(USERS, json=user("by.number"))
    rec_id = read(api, "by.number")["userRecId"]
    updated = api.put(f"{USERS}/{rec_id}", json=user("by.number", firstName="Changed"))
    deleted = api.delete(f"{USERS}/{rec_id}")
    assert (200, "Changed", 404) == (updated.status_code, updated.json()["firstName"], deleted.status_code)


def test_an_update_replaces_the_whole_user(api):
    """
    What an update leaves out is gone, but for the password and the members that its body lacks (QUIRKS 20, 85).
    """
    api.post(USERS, json=user("replaced", lastName="Gone", udf1="gone", udf33="kept"))
    rec_id = read(api, "replaced")["userRecId"]
    shown = api.put(f"{USERS}/{rec_id}", json={"userId": "replaced", "firstName": "New"}).json()
    login = api.post("/auth/login", json={"username": "replaced", "password": "Test-1234567!"}).status_code
    assert (None, None, "kept", 200) == (shown.get("lastName"), shown.get("udf1"), shown["udf33"], login)


def test_an_update_can_merge():
    """
    With the other reading of the document an update keeps what it leaves out.
    """
    with running(SimulatorSettings(updates_merge=True)) as pm, logged_in(pm) as api:
        shown = api.put(f"{USERS}/2", json={"lastName": "Bergman"}).json()
    assert ("anna.berg", "Anna", "Bergman") == (shown["userId"], shown["firstName"], shown["lastName"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (user(""), "userId is mandatory"),
        (user("x" * 31), "userId must be at most 30 printable characters"),
        (user("ANNA.Berg"), "User ANNA.Berg already exists"),
        (user("r1", firstName=""), "firstName or lastName is mandatory"),
        (user("r2", newPassword=""), "newPassword is mandatory for a new user"),
        (user("r3", emailAddress="nobody"), "emailAddress is no mail address"),
        (user("r4", sms="070-1"), "sms must be at most 20 digits"),
        (user("r5", departmentIds=[1, 99]), "There is no department 99"),
        (user("r6", departmentIds=["1"]), "departmentIds.1 must be an integer of 32 bits"),
        (user("r7", department="Sales"), "Unrecognized field department"),
        (user("r8", userExtensions=[]), "Unrecognized field userExtensions"),
        (user("r9", useLastSelection="true"), "useLastSelection must be a boolean"),
        (user("r10", extensions=[{"extensionNumber": "4999", "subsystemName": "MX1"}]), "There is no extension 4999 in MX1"),
        (user("r11", extensions=[{"extensionNumber": "1001", "subsystemName": "MX9"}]), "There is no subsystem MX9"),
        (user("r12", extensions=[{"extensionNumber": "1001", "subsystemId": 2, "subsystemName": "MX1"}]), "Subsystem 2 is not called MX1"),
        (user("r13", extensions=[{"extensionNumber": 1001}]), "extensions.1.extensionNumber must be a string"),
        (user("r14", micollab={"extension": "1001"}), "micollab.mxoneSubsystem is mandatory"),
        (user("r15", currentPassword="x"), "Unrecognized field currentPassword"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_users(api, body, message):
    """
    A user that breaks a rule is refused with 400 and a sentence that names the rule.
    """
    refused = api.post(USERS, json=body)
    assert (400, message) == (refused.status_code, refused.json()["errorMsg"])


def test_the_update_body_is_another(api):
    """
    ``udf33`` and ``userMailBoxDTO`` can be created but not updated (QUIRKS 85, 86).
    """
    refused = [api.put(f"{USERS}/2", json=user("anna.berg", **{name: value})) for name, value in (("udf33", "x"), ("userMailBoxDTO", {}))]
    assert ["Unrecognized field udf33", "Unrecognized field userMailBoxDTO"] == [each.json()["errorMsg"] for each in refused]


@pytest.mark.parametrize("path", ["/user-ms/user/by-user-id/v1/nobody", "/user-ms/user/by-rec-id/v1/999"], ids=["login name", "record id"])
def test_unknown_users_are_404(api, path):
    """
    A user who is not there is 404.
    """
    assert 404 == api.get(path).status_code


def test_a_record_id_is_a_number(api):
    """
    A record id that is no number is 400, not 404.
    """
    assert 400 == api.get("/user-ms/user/by-rec-id/v1/anna.berg").status_code


def test_the_first_administrator_stays(api):
    """
    The account that set PM up cannot be deleted (DOMAIN 2).
    """
    assert 400 == api.delete(f"{USERS}/admin").status_code


def test_a_deleted_user_leaves_a_free_extension(api):
    """
    The extension of a deleted user stays and becomes free.
    """
    link = {"extensionNumber": "5002", "subsystemName": "MX2"}
    asked = {"extensionNumber": "5002", "extensionType": "IP", "subsystemName": "MX2"}
    api.post(USERS, json=user("leaver", extensions=[link]))
    before = api.get("/pm-extension-ms/pm-extension/v1/details", params=asked).json()["freeExtension"]
    api.delete(f"{USERS}/leaver")
    assert (False, True) == (before, api.get("/pm-extension-ms/pm-extension/v1/details", params=asked).json()["freeExtension"])


@pytest.mark.parametrize("missing", ["search", "importedFrom", "pageno", "pageSize", "orderby"])
def test_every_list_parameter_is_demanded(api, missing):
    """
    A list without one of its parameters is refused (QUIRKS 34).
    """
    everything = {"search": "*", "importedFrom": "ALL", "pageno": 1, "pageSize": 9, "orderby": "userId"}
    refused = api.get(USERS, params={name: value for name, value in everything.items() if name != missing})
    assert (400, f"Required parameter {missing} is not present") == (refused.status_code, refused.json()["errorMsg"])


@pytest.mark.parametrize(
    "asked",
    [{"pageno": "one"}, {"pageno": -1}, {"pageSize": 0}, {"importedFrom": "all"}, {"orderby": "shoeSize asc"}, {"orderby": "userId up"}],
    ids=["page", "negative page", "size", "origin", "field", "direction"],
)
def test_bad_list_parameters_are_400(api, asked):
    """
    A list parameter that means nothing is refused.
    """
    assert 400 == list_users(api, **asked).status_code


@pytest.mark.parametrize("search", ["BERG", "1001", "emea"], ids=["name", "number", "department"])
def test_users_are_found_by_name_number_and_department(api, search):
    """
    The search looks at names, numbers and departments, without regard to case.
    """
    assert "anna.berg" in ids(list_users(api, search=search))


def test_all_users_are_on_the_pages_of_a_list():
    """
    Pages of a large world hold everybody once, in the order asked for; the last is short (QUIRKS 29, 32).
    """
    with running(SimulatorSettings(generated_users=250)) as pm, logged_in(pm) as api:
        pages = [list_users(api, pageno=number, pageSize=100, orderby="userId desc") for number in (1, 2, 3, 4)]
        everybody = sorted((each.user_id for each in pm.world.users.values()), reverse=True)
    found = [ids(page) for page in pages]
    assert ([100, 100, 56, 0], everybody, 256) == ([len(page) for page in found], list(chain(*found)), pages[0].json()[0]["count"])


@pytest.mark.parametrize(
    ("settings", "page", "first", "count"),
    [
        (SimulatorSettings(users_first_page=0), 0, "admin", 6),
        (SimulatorSettings(users_first_page=0), 1, "bjorn.dahl", 6),
        (SimulatorSettings(users_first_page=1), 0, "admin", 6),
        (SimulatorSettings(users_first_page=1), 1, "admin", 6),
        (SimulatorSettings(count_is_total=False), 1, "admin", 2),
        (SimulatorSettings(max_page_size=2), 2, "bjorn.dahl", 6),
    ],
    ids=["from 0: 0", "from 0: 1", "from 1: 0", "from 1: 1", "count of the page", "largest page"],
)
def test_what_is_open_about_pages_is_a_choice(settings, page, first, count):
    """
    The number of the first page, the meaning of ``count`` and the largest page are settings (QUIRKS 23, 32).
    """
    with running(settings) as pm, logged_in(pm) as api:
        answer = list_users(api, pageno=page, pageSize=2).json()[0]
    assert (first, count, 2) == (answer["items"][0]["userId"], answer["count"], answer["pageSize"])


def test_locked_users_are_listed_and_unlocked():
    """
    A locked user is in the list until unlocked; unlocking again does no harm.
    """
    asked = {"search": "All", "pageno": 1, "pageSize": 200}
    with running() as pm, logged_in(pm) as api:
        before = ids(api.get("/user-ms/locked-user/v1", params=asked))
        answers = [api.put("/user-ms/locked-user/v1", params={"userId": "david.cole"}).json()["message"] for _ in range(2)]
        after = ids(api.get("/user-ms/locked-user/v1", params=asked))
    assert (["david.cole"], ["User david.cole is unlocked", "User david.cole was not locked"], []) == (before, answers, after)


def test_an_administrator_may_see_only_his_own():
    """
    With scoped visibility a user whom somebody else made is 404, and creating him is a duplicate all the same (DOMAIN 2).
    """
    with running(SimulatorSettings(scoped_visibility=True)) as pm, logged_in(pm) as api:
        pm.world.users[2].made_by = 99
        found = (
            read(api, "anna.berg")["responseCode"],
            "anna.berg" in ids(list_users(api)),
            api.post(USERS, json=user("anna.berg")).status_code,
        )
    assert (404, False, 400) == found
