"""Extensions of the simulated PM: what it refuses, what it echoes, and what can be read back."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, running
from tests.support import logged_in

EXTENSIONS = "/pm-extension-ms/pm-extension/v1"
MX1 = {"subsystemName": "MX1"}


@pytest.fixture(scope="module")
def api():
    with running() as pm, logged_in(pm) as client:
        yield client


def extension(number, **members):
    return {"extensionNumber": number, "serverNumber": 1, "commonServiceProfile": 1, **members}


def create(api, body, subsystem="MX1"):
    return api.post(f"{EXTENSIONS}/ip", params={"subsystemName": subsystem}, json=body)


def update(api, body):
    return api.put(f"{EXTENSIONS}/ip", params=MX1, json=body)


def details(api, number, kind="IP"):
    return api.get(f"{EXTENSIONS}/details", params={"extensionNumber": number, "extensionType": kind, **MX1})


def test_a_create_answers_its_own_body(api):
    """
    Creating answers 200 and the request again, without an id (QUIRKS 17, 18).
    """
    created = create(api, extension("2000", description="Front desk"))
    assert (200, extension("2000", description="Front desk")) == (created.status_code, created.json())


def test_what_is_written_is_read_as_print_outs(api):
    """
    The record shows texts under the telephony system's short names (DOMAIN 5).
    """
    create(
        api,
        extension(
            "2001",
            serverNumber=2,
            commonServiceProfile=7,
            customer="3",
            freeOnSecondLine=2,
            bossSecretary=False,
            nameIdentity={"firstName": "Ann", "lastName": "Other"},
            macAddress="00085D000001",
        ),
    )
    record = details(api, "2001").json()
    gedi, ipex, niin = (record["extensionVO"][block][0] for block in ("gedi", "ipex", "niin"))
    assert ("2001", "2", "7", "3", "2", "false", "00085D000001", "Ann", "Other", True) == (
        gedi["dir"],
        gedi["lim"]["limnumber"],
        gedi["csp"]["cspnumber"],
        gedi["cust"]["custnumber"],
        gedi["freeOnSecondLine"],
        gedi["bsec"],
        ipex["macaddr"],
        niin["name1"],
        niin["name2"],
        record["freeExtension"],
    )


def test_only_a_code_in_clear_can_be_read_back(api):
    """
    An authorization code comes back as it is only with ``CLEARTEXT`` (DOMAIN 4).
    """
    codes = [{"authorizationCode": "4711", "hashType": each} for each in ("CLEARTEXT", "MD5A1")]
    create(api, extension("2002", authorizationCodes=codes))
    shown = [each["auth"] for each in details(api, "2002").json()["extensionVO"]["auco"]]
    assert [True, False] == [each == "4711" for each in shown]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"serverNumber": 1, "commonServiceProfile": 1}, "extensionNumber is mandatory"),
        ({"extensionNumber": "2100", "commonServiceProfile": 1}, "serverNumber or domainName is mandatory"),
        ({"extensionNumber": "2100", "serverNumber": 1}, "commonServiceProfile is mandatory"),
        (extension("1001"), "Extension 1001 already exists in MX1"),
        (extension("5500"), "5500 is in no extension number series of MX1"),
        (extension("01000"), "01000 is in no extension number series of MX1"),
        (extension("1"), "extensionNumber must be 2 to 20 digits"),
        (extension("2+00"), "extensionNumber must be 2 to 20 digits"),
        (extension(2100), "extensionNumber must be a string"),
        (extension("2100", serverNumber=3), "MX1 has no server 3"),
        (extension("2100", serverNumber="1"), "serverNumber must be an integer of 32 bits"),
        (extension("2100", domainName="example.com"), "serverNumber and domainName exclude one another"),
        (extension("2100", commonServiceProfile=501), "commonServiceProfile must be a number from 0 to 500"),
        (extension("2100", customer="many"), "customer must be a number from 0 to 50000"),
        (extension("2100", freeOnSecondLine=4), "freeOnSecondLine must be a number from 0 to 3"),
        (extension("2100", macAddress="00:08:5D"), "macAddress must be 12 hexadecimal digits, plain or in pairs with : or -"),
        (extension("2100", macAddress="00:08-5D:00:00:01"), "macAddress must be 12 hexadecimal digits, plain or in pairs with : or -"),
        (extension("2100", homeAreaCode="1234567"), "homeAreaCode must be 1 to 6 digits"),
        (extension("2100", nameIdentity={"firstName": "x" * 21}), "nameIdentity.firstName must be at most 20 characters"),
        (extension("2100", nameIdentity={"middleName": "x"}), "Unrecognized field nameIdentity.middleName"),
        (extension("2100", authorizationCodes=[{"authorizationCode": "4711"}]), "authorizationCodes.hashType is mandatory"),
        (extension("2100", authorizationCodes={}), "authorizationCodes must be an array"),
        (extension("2100", sipRemoteExtension=[]), "sipRemoteExtension must be an object"),
        (
            extension("2100", sipRemoteExtension={"terminalIdentity": "sip:a@b.example", "trunkType": "Route"}),
            "sipRemoteExtension.sipRouteNumber is mandatory",
        ),
        (extension("2100", publicCLINumber={"publicCLINumber": "4681"}), "publicCLINumber.typeOfCLInumber is mandatory"),
        (extension("2100", authenticationKey="1234"), "Unrecognized field authenticationKey"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_extensions(api, body, message):
    """
    An extension that breaks a rule is refused with 400 and a sentence that names the rule.
    """
    refused = create(api, body)
    assert (400, message) == (refused.status_code, refused.json()["errorMsg"])


@pytest.mark.parametrize(
    ("subsystem", "message"),
    [("MX9", "There is no subsystem MX9"), ("CMG1", "CMG1 has no extensions")],
    ids=["unknown", "no telephony"],
)
def test_refused_subsystems(api, subsystem, message):
    """
    Extensions are made in telephony subsystems that PM knows.
    """
    assert message == create(api, extension("2100"), subsystem).json()["errorMsg"]


def test_empty_texts_count_as_absent(api):
    """
    An empty text breaks no rule and is not echoed.
    """
    created = create(api, extension("2003", macAddress="", domainName="", authorizationCodes=[], nameIdentity={"firstName": ""}))
    assert (200, {}) == (created.status_code, created.json()["nameIdentity"])


def test_the_same_number_may_be_in_two_subsystems(api):
    """
    A number is unique within its subsystem; series decide where it may be.
    """
    assert [200, 200] == [create(api, extension(number), name).status_code for number, name in (("4500", "MX1"), ("5500", "MX2"))]


def test_an_update_replaces_the_whole_extension(api):
    """
    What an update leaves out is gone, but for the server, which cannot change (QUIRKS 20, DOMAIN 4).
    """
    create(api, extension("2004", description="gone"))
    updated = update(api, {"extensionNumber": "2004", "commonServiceProfile": 2}).json()
    assert {"extensionNumber": "2004", "commonServiceProfile": 2, "serverNumber": 1} == updated


def test_an_update_can_merge():
    """
    With the other reading of the document an update keeps what it leaves out.
    """
    with running(SimulatorSettings(updates_merge=True)) as pm, logged_in(pm) as api:
        updated = update(api, {"extensionNumber": "1003", "description": "new"}).json()
    assert ("new", {"firstName": "Conference", "lastName": "Room 1"}) == (updated["description"], updated["nameIdentity"])


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (extension("1002", serverNumber=2), 400, "serverNumber of extension 1002 cannot be changed"),
        (
            {"extensionNumber": "1002", "commonServiceProfile": 1, "domainName": "a.example"},
            400,
            "domainName of extension 1002 cannot be changed",
        ),
        (extension("4998"), 404, "There is no IP extension 4998 in MX1"),
    ],
    ids=["server", "domain", "unknown"],
)
def test_refused_changes(api, body, status, message):
    """
    An extension cannot move to another server or domain, and has to be there.
    """
    refused = update(api, body)
    assert (status, message) == (refused.status_code, refused.json()["errorMsg"])


def test_deleting_an_extension_takes_it_from_its_user():
    """
    After the delete the number is gone and its user has no link to it.
    """
    query = {"extensionNumber": "1001", "extensionType": "IP"}
    with running() as pm, logged_in(pm) as api:
        deleted = api.delete(f"{EXTENSIONS}/MX1", params=query)
        gone = details(api, "1001").status_code
        links = api.get("/user-ms/user/by-user-id/v1/anna.berg").json()["userExtensions"]
        again = api.delete(f"{EXTENSIONS}/MX1", params=query).status_code
    assert (204, b"", 404, [], 404) == (deleted.status_code, deleted.content, gone, links, again)


@pytest.mark.parametrize(("kind", "status"), [("IP", 200), ("ALL", 200), ("MOBILE", 404), ("All", 400)])
def test_details_ask_for_a_kind(api, kind, status):
    """
    The kind must be the extension's own or ``ALL``; ``All`` is none (QUIRKS 36, 50).
    """
    assert status == details(api, "1002", kind).status_code


@pytest.mark.parametrize(("as_list", "kind"), [(True, list), (False, dict)], ids=["list", "one object"])
def test_extensions_of_a_user_come_in_two_ways(as_list, kind):
    """
    A user's extensions are a list, or the one record that is printed (QUIRKS 62).
    """
    with running(SimulatorSettings(user_extensions_as_list=as_list)) as pm, logged_in(pm) as api:
        assert kind is type(api.get(f"{EXTENSIONS}/2").json())


def test_the_same_path_means_a_subsystem_or_a_user(api):
    """
    DELETE takes a subsystem's name where GET takes a record id, and fixed words come first (QUIRKS 38, 58).
    """
    answers = [
        api.get(f"{EXTENSIONS}/MX1"),
        api.delete(f"{EXTENSIONS}/2", params={"extensionNumber": "1002", "extensionType": "IP"}),
        api.get(f"{EXTENSIONS}/details"),
    ]
    assert [
        (400, "userRecId must be an integer"),
        (404, "There is no subsystem 2"),
        (400, "Required parameter extensionNumber is not present"),
    ] == [(each.status_code, each.json()["errorMsg"]) for each in answers]
