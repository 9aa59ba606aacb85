"""What the simulated PM has of its own: options, security profiles and privileges, user-defined fields, and subsystems with their roles."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, WorldName, running
from tests.support import logged_in, refused

OPTIONS = "/system-ms/options/v1"
PROFILES = "/administrator-ms/security-profiles/v1"
PRIVILEGES = "/administrator-ms/access-privileges/v1"
UDFS = "/system-ms/udf-definition/v1"
SUBSYSTEMS = "/system-ms/subsystem/v1"
ROLES = "/user-ms/micollab/fetchRoles"


def page(api, path, **asked):
    return api.get(path, params={"search": "*", "pageno": 1, "pageSize": 200, "orderby": ""} | asked).json()[0]


def listed(api):
    return {each["subsystemName"]: each for each in api.get(SUBSYSTEMS, params={"subsystemType": "All"}).json()}


# Options


def test_options_are_switched_together_and_one_is_answered(api):
    """
    All options of the list change; the answer is the last of them alone (QUIRKS 66).
    """
    changed = api.put(f"{OPTIONS}/update", json={"options": [{"optionid": 2, "value": True}, {"optionid": 1, "value": False}]}).json()
    values = {each["optionid"]: each["value"] for each in page(api, OPTIONS)["items"]}
    assert ((1, False), (False, True)) == ((changed["optionid"], changed["value"]), (values[1], values[2]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "options is mandatory"),
        ([{"optionid": 2, "value": True}, {"optionid": 99, "value": True}], "There is no option 99"),
        ([{"optionid": 2}], "options.value is mandatory"),
        ([{"optionid": 2, "value": "true"}], "options.1.value must be a boolean"),
    ],
    ids=["none", "unknown", "no value", "wrong type"],
)
def test_refused_options(api, options, message):
    """
    A list with one wrong option changes nothing.
    """
    answer = api.put(f"{OPTIONS}/update", json={"options": options})
    unchanged = next(each for each in page(api, OPTIONS)["items"] if each["optionid"] == 2)
    assert ((400, message), False) == (refused(answer), unchanged["value"])


def test_options_are_searched_and_sorted(api):
    """
    The list takes part of a name and an order.
    """
    found = page(api, OPTIONS, search="mail", orderby="optionName desc")
    assert ["Send a mail to a new user", "Create a mailbox with a new user"] == [each["optionName"] for each in found["items"]]


# Security profiles and privileges


def test_a_profile_lives_and_dies(api):
    """
    Create answers 201 and nothing, update the profile, delete 204; the privileges come back with their names.
    """
    created = api.post(PROFILES, json={"securityProfileName": "Auditor", "accessPrivileges": [{"privilegeId": 12}]})
    own_id = next(each["securityProfileId"] for each in page(api, PROFILES, search="Auditor")["items"])
    updated = api.put(f"{PROFILES}/{own_id}", json={"securityProfileName": "Reviewer", "accessPrivileges": [{"privilegeId": 8}]}).json()
    deleted = api.delete(f"{PROFILES}/{own_id}").status_code
    gone = api.get(f"{PROFILES}/{own_id}").status_code
    privilege = {"privilegeId": 8, "privilegeName": "Manage UDF data", "description": "Redefine user-defined fields"}
    assert (201, b"", "Reviewer", [privilege], 204, 404) == (
        created.status_code,
        created.content,
        updated["securityProfileName"],
        updated["accessPrivileges"],
        deleted,
        gone,
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"accessPrivileges": [{"privilegeId": 1}]}, "securityProfileName is mandatory"),
        ({"securityProfileName": "end user", "accessPrivileges": [{"privilegeId": 1}]}, "Security profile end user already exists"),
        ({"securityProfileName": "New", "accessPrivileges": [{"privilegeId": 99}]}, "There is no access privilege 99"),
        ({"securityProfileName": "New"}, "accessPrivileges is mandatory"),
    ],
    ids=["no name", "duplicate", "unknown privilege", "no privileges"],
)
def test_refused_profiles(api, body, message):
    """
    A profile needs a name of its own and privileges that exist.
    """
    assert (400, message) == refused(api.post(PROFILES, json=body))


@pytest.mark.parametrize("profile_id", [1, 2], ids=["first administrator", "end user"])
def test_built_in_profiles_stay(api, profile_id):
    """
    What came with PM is not removed, and keeps its name.
    """
    name = api.get(f"{PROFILES}/{profile_id}").json()["securityProfileName"]
    renamed = api.put(f"{PROFILES}/{profile_id}", json={"securityProfileName": "Other", "accessPrivileges": [{"privilegeId": 1}]})
    assert [(400, f"Security profile {name} cannot be removed"), (400, f"Security profile {name} cannot be renamed")] == [
        refused(api.delete(f"{PROFILES}/{profile_id}")),
        refused(renamed),
    ]


def test_a_profile_body_must_not_name_another(api):
    """
    The id in the body is that of the path, or 0.
    """
    body = {"securityProfileId": 4, "securityProfileName": "User Admin", "accessPrivileges": [{"privilegeId": 1}]}
    assert (400, "securityProfileId in the body is not the one in the path") == refused(api.put(f"{PROFILES}/5", json=body))


def test_privileges_are_listed(api):
    """
    The two privileges that documents name are there (DOMAIN 2).
    """
    names = [each["privilegeName"] for each in page(api, PRIVILEGES, orderby="privilegeName asc")["items"]]
    assert (True, sorted(names, key=str.casefold)) == ({"Manage user data", "Manage UDF data"} <= set(names), names)


# User-defined fields


def test_udf_definitions_are_there_from_the_start(api):
    """
    There are 34 for users and 10 for departments, the fixed path before the placeholders (QUIRKS 58).
    """
    kinds = [each["udfType"] for each in api.get(UDFS).json()]
    numbers = [each["udfId"] for each in api.get(f"{UDFS}/by-udf-type/USERS").json()]
    assert (["USERS"] * 34 + ["DEPARTMENTS"] * 10, list(range(1, 35))) == (kinds, numbers)


def test_a_udf_is_redefined(api):
    """
    What an update leaves out is gone, but for the identity.
    """
    changed = api.put(f"{UDFS}/DEPARTMENTS/10", json={"udfDisplayName": "Region", "readonly": True}).json()
    expected = {"udfId": 10, "udfType": "DEPARTMENTS", "udfDisplayName": "Region", "readonly": True}
    assert (expected, expected) == (changed, api.get(f"{UDFS}/DEPARTMENTS/10").json())


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("ROOMS/1", {}, (400, "There is no UDF type ROOMS; use one of USERS, DEPARTMENTS")),
        ("USERS/35", {}, (404, "There is no UDF 35 of USERS")),
        ("USERS/1", {"udfId": 2}, (400, "udfId in the body is not the one in the path")),
        ("USERS/1", {"udfType": "DEPARTMENTS"}, (400, "udfType in the body is not the one in the path")),
    ],
    ids=["type", "number", "other number", "other type"],
)
def test_refused_udfs(api, path, body, expected):
    """
    A definition that does not exist cannot be written, nor can one become another.
    """
    assert expected == refused(api.put(f"{UDFS}/{path}", json=body))


# Subsystems


BLOCKS = {
    "TelephonyServer": {"mxoneSubsystem": {"ipOrFQDNAddress": "a.example", "userId": "u", "password": "Secret-1!"}},
    "MessagingServer": {"miCollabAdvancedMessagingServer": {"ipOrFQDNAddress": "a.example", "msgServerUserId": "u", "userpassword": "Secret-1!"}},
    "CMGServer": {"cmgServer": {"cmgServerIPOrFQDNAddress": "a.example", "cmgUserId": "u", "cmgUserPassword": "Secret-1!"}},
    "AMCProvisioningServer": {"mmcProvisioningServer": {"urlToOtherMgmtApplications": "https://a.example"}},
    "SIPDECTManager": {"sipDectManager": {"miVoiceMXONESubsystem": "MX1", "ipOrFQDNaddress": "a.example", "userID": "u", "password": "Secret-1!"}},
    "MiCollabServer": {"miCollabServer": {"miCollabIPOrFQDNAddress": "a.example", "miCollabUserPassword": "Secret-1!"}},
    "CloudLinkServer": {
        "cloudLinkServer": {
            "cloudLinkAPIURL": "https://a.example",
            "cloudLinkAccountID": "1",
            "cloudLinkUserId": "u",
            "cloudLinkUserPassword": "Secret-1!",
        }
    },
    "Othermgmtapplication": {"otherMgmtApplication": {"urlToOtherMgmtApplications": "https://a.example"}},
}  # fmt: skip


def subsystem(kind, name="New", **members):
    return {"subsystemType": kind, "subsystemName": name, "location": "1", **BLOCKS[kind], **members}


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_subsystem_is_listed_as_it_was_written(api, kind):
    """
    The list has the write shape with the location by id and by name (QUIRKS 68, 99).
    """
    created = api.post(SUBSYSTEMS, json=subsystem(kind, expirationDate="2030-12-31"))
    expected = subsystem(kind, expirationDate="2030-12-31", locationName="Stockholm", subsystemId=7)
    if kind == "MiCollabServer":
        expected["miCollabServer"] = expected["miCollabServer"] | {"miCollabUserId": "micollab_api"}
    assert (201, b"", expected) == (created.status_code, created.content, listed(api)["New"])


def test_an_update_answers_the_flat_shape_with_the_password(api):
    """
    What was written as one block comes back flat, the password in clear (QUIRKS 68, 69).
    """
    answer = api.put(f"{SUBSYSTEMS}/4", json=subsystem("SIPDECTManager", "DECT1", location="", locationName="berlin")).json()
    assert ("a.example", "u", "Secret-1!", "Berlin", 1) == (
        answer["ipaddress"],
        answer["loginName"],
        answer["loginPasswordPlain"],
        answer["location"]["locationName"],
        answer["telephonyServerId"],
    )


def test_a_renamed_subsystem_is_renamed_wherever_it_is_mentioned(api):
    """
    A user's extension and services, and the subsystems that belong to it, show the new name.
    """
    service = {"mxoneSubsystem": "MX1", "extension": "1001", "cloudLinkSubsystem": "CLOUDLINK1", "role": "User"}
    link = {"extensionNumber": "1001", "subsystemName": "mx1"}
    user = {"userId": "u", "lastName": "U", "newPassword": "User-1234567!", "emailAddress": "u@example.com"}
    api.post("/user-ms/user/v1", json=user | {"cloudlink": service, "extensions": [link]}).raise_for_status()
    api.put(f"{SUBSYSTEMS}/1", json=subsystem("TelephonyServer", "MX-North")).raise_for_status()
    shown = api.get("/user-ms/user/by-user-id/v1/u").json()
    assert ([{"extensionNumber": "1001", "subsystemId": 1, "subsystemName": "MX-North"}], service | {"mxoneSubsystem": "MX-North"}) == (
        shown["userExtensions"],
        shown["cloudlink"],
    )
    assert "MX-North" == listed(api)["DECT1"]["sipDectManager"]["miVoiceMXONESubsystem"]


def test_a_new_telephony_subsystem_takes_extensions(api):
    """
    The telephony system behind a new subsystem has a server and a number series already.
    """
    api.post(SUBSYSTEMS, json=subsystem("TelephonyServer", "MX3"))
    body = {"extensionNumber": "2000", "serverNumber": 1, "commonServiceProfile": 1}
    assert 200 == api.post("/pm-extension-ms/pm-extension/v1/virtual", params={"subsystemName": "MX3"}, json=body).status_code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (subsystem("MiCollabServer", "mx1"), "Subsystem mx1 already exists"),
        (subsystem("MiCollabServer", ""), "subsystemName is mandatory"),
        (subsystem("MiCollabServer", subsystemType="Toaster"), "There is no subsystem type Toaster"),
        (subsystem("MiCollabServer", location="9"), "There is no location 9"),
        (subsystem("MiCollabServer", location=""), "There is no location "),
        (subsystem("MiCollabServer", locationName="Berlin"), "Location 1 is not called Berlin"),
        (subsystem("MiCollabServer", miCollabServer={}), "miCollabServer.miCollabIPOrFQDNAddress is mandatory for a MiCollabServer"),
        (
            subsystem("SIPDECTManager", sipDectManager=BLOCKS["SIPDECTManager"]["sipDectManager"] | {"miVoiceMXONESubsystem": "CMG1"}),
            "There is no telephony subsystem CMG1",
        ),
    ],
    ids=["duplicate", "no name", "type", "location", "no location", "two locations", "no block", "telephony"],
)
def test_refused_subsystems(api, body, message):
    """
    A subsystem needs a name of its own, the block of its type, and what it refers to.
    """
    assert (400, message) == refused(api.post(SUBSYSTEMS, json=body))


def test_a_subsystem_keeps_its_type(api):
    """
    An update cannot make another kind of subsystem.
    """
    assert (400, "The type of subsystem CMG1 cannot be changed") == refused(
        api.put(f"{SUBSYSTEMS}/3", json=subsystem("MessagingServer", "CMG1"))
    )


def test_only_what_nobody_needs_is_deleted(api):
    """
    A subsystem with extensions, with another that belongs to it, or with users stays.
    """
    service = {"mxoneSubsystem": "MX1", "extension": "1001", "cloudLinkSubsystem": "CLOUDLINK1", "role": "User"}
    user = {"userId": "u", "lastName": "U", "newPassword": "User-1234567!", "emailAddress": "u@example.com", "cloudlink": service}
    api.post("/user-ms/user/v1", json=user).raise_for_status()
    api.post(SUBSYSTEMS, json=subsystem("TelephonyServer", "MX3"))
    api.put(f"{SUBSYSTEMS}/4", json=subsystem("SIPDECTManager", "DECT1", sipDectManager=_dect_of("MX3")))
    answers = [refused(api.delete(f"{SUBSYSTEMS}/{own_id}")) for own_id in (1, 7, 6)]
    assert (
        [
            (400, "Subsystem MX1 has extensions"),
            (400, "Subsystem MX3 is in use by DECT1"),
            (400, "Subsystem CLOUDLINK1 is in use by u"),
        ],
        204,
        404,
    ) == (answers, api.delete(f"{SUBSYSTEMS}/5").status_code, api.delete(f"{SUBSYSTEMS}/5").status_code)


def _dect_of(telephony):
    return BLOCKS["SIPDECTManager"]["sipDectManager"] | {"miVoiceMXONESubsystem": telephony}


def test_a_bare_world_has_what_every_pm_has():
    """
    Profiles, options and user-defined fields are there without the demonstration; its services are not.
    """
    with running(SimulatorSettings(world=WorldName.BARE)) as pm, logged_in(pm) as api:
        names = set(listed(api))
        assert ({"MX1", "MX2", "CMG1"}, 44, 5) == (names, len(api.get(UDFS).json()), page(api, PROFILES)["count"])


# MiCollab roles


@pytest.mark.parametrize("address", ["mx1.example", "10.1.1.10"], ids=["its name", "its server"])
def test_roles_of_a_micollab(api, address):
    """
    The roles come for a server of a telephony subsystem, which may be named by either address (QUIRKS 100).
    """
    query = {"miCollabsubsystem": "MICOLLAB1", "extensionLIMIP": "10.1.2.10", "mxoneSubsysIP": address}
    assert [{"roles": ["Entry", "Standard", "Premium"], "idsConnection": "false"}] == api.get(ROLES, params=query).json()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"miCollabsubsystem": "MX1"}, (404, "There is no MiCollab subsystem MX1")),
        ({"extensionLIMIP": "1"}, (400, "MX1 has no server 1")),
        ({"mxoneSubsysIP": "1"}, (400, "There is no telephony subsystem at 1")),
    ],
    ids=["no micollab", "no server", "no telephony"],
)
def test_refused_questions_for_roles(api, changed, expected):
    """
    All three parameters must mean something that PM knows.
    """
    query = {"miCollabsubsystem": "MICOLLAB1", "extensionLIMIP": "10.1.1.10", "mxoneSubsysIP": "mx1.example"}
    assert expected == refused(api.get(ROLES, params=query | changed))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"miCollabRole": "King"}, "MICOLLAB1 has no role King"),
        ({"miCollabSubsystem": "CMG1"}, "There is no MiCollabServer CMG1"),
        ({"mxoneSubsystem": "CMG1"}, "There is no TelephonyServer CMG1"),
    ],
    ids=["role", "micollab", "telephony"],
)
def test_a_users_role_must_exist(api, changed, message):
    """
    A MiCollab user has a role that the subsystem offers.
    """
    service = {"mxoneSubsystem": "MX1", "extension": "1001", "miCollabSubsystem": "MICOLLAB1", "miCollabRole": "Entry"}
    user = {"userId": "u", "lastName": "U", "newPassword": "User-1234567!", "emailAddress": "u@example.com", "micollab": service | changed}
    assert (400, message) == refused(api.post("/user-ms/user/v1", json=user))
