from __future__ import annotations

import pytest

from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError

PRIVILEGES = [
    {"privilegeId": 1, "privilegeName": "Manage user data", "description": "users"},
    {"privilegeId": 2, "privilegeName": "Manage UDF data"},
    {"privilegeId": 3, "privilegeName": "Backup"},
]
DESK = {"securityProfileId": 7, "securityProfileName": "Help desk", "description": "first line", "accessPrivileges": PRIVILEGES[:2]}
UDFS = [
    {"udfId": 1, "udfType": "USERS", "udfDisplayName": "Cost centre", "readonly": False, "advance": None, "udfFieldTypeName": "None"},
    {"udfId": 2, "udfType": "USERS", "udfDisplayName": "", "readonly": True},
]
OPTIONS = [
    {"optionid": 11, "optionName": "Send e-mail", "value": True},
    {"optionid": 12, "optionName": "Days to keep", "value": 30},
    {"optionid": 13, "optionName": "Banner", "value": "Hello"},
    {"optionid": 14, "optionName": "Quiet"},
    {"optionid": 15, "optionName": "Printed", "value": "false"},
]


@pytest.fixture
def pm(fake):
    """
    A PM with a profile, three privileges, two fields of users and four options.
    """
    fake.answers = {
        "listSecurityProfiles": [{"securityProfileId": 7, "securityProfileName": "Help desk"}],
        "getSecurityProfile": DESK,
        "listAccessPrivileges": PRIVILEGES,
        "listUdfDefinitionsByType": lambda call: UDFS if call.path["udfType"] == "USERS" else [],
        "getUdfDefinition": lambda call: next(udf for udf in UDFS if udf["udfId"] == int(call.path["udfId"])),
        "listSystemOptions": OPTIONS,
    }
    return fake


async def test_a_profile_gets_its_privileges_by_name(sent, pm):
    """
    Names of privileges become ids, without regard to case and each once.
    """
    cells = {"securityProfileName": "Backup desk", "privileges": "backup; manage udf data;BACKUP", "securityProfileId": 0}
    call = await sent("security_profiles", cells)
    assert (
        "createSecurityProfile",
        {"securityProfileName": "Backup desk", "accessPrivileges": [{"privilegeId": 3}, {"privilegeId": 2}]},
    ) == (
        call.name,
        call.body,
    )


@pytest.mark.parametrize(
    ("privileges", "ids"),
    [("Backup", [3]), ("Manage user data", [1]), ("Backup;Manage UDF data;Manage user data", [3, 2, 1]), ("<clear>", [])],
    ids=["another", "one fewer", "one more", "none"],
)
async def test_an_update_gives_all_privileges(privileges, ids, sent, pm):
    """
    The names in a row are the whole list: what is not among them is taken away, and the rest of the profile stays.
    """
    call = await sent("security_profiles", {"action": "update", "securityProfileName": "help desk", "privileges": privileges})
    assert ("updateSecurityProfile", {"securityProfileId": "7"}) == (call.name, call.path)
    assert DESK | {"accessPrivileges": [{"privilegeId": one} for one in ids]} == call.body


async def test_privileges_in_another_order_are_no_change(prepare, pm):
    """
    PM's order of privileges means nothing.
    """
    cells = {"securityProfileName": "Help desk", "privileges": "Manage UDF data;Manage user data"}
    assert Verdict.NOTHING == (await prepare("security_profiles", {"action": "update"} | cells)).verdict


async def test_one_privilege_may_be_given_by_position(sent, pm):
    """
    A position alone changes that position.
    """
    cells = {"action": "update", "securityProfileName": "Help desk", "accessPrivileges.2.privilegeId": 3}
    assert [{"privilegeId": 1}, {"privilegeId": 3}] == (await sent("security_profiles", cells)).body["accessPrivileges"]


@pytest.mark.parametrize(
    ("cells", "finding"),
    [
        (
            {"privileges": "Bakup"},
            "privileges: PM has no access privilege 'Bakup', or this administrator cannot see it. Nearest: Backup.",
        ),
        (
            {"privileges": "Backup", "accessPrivileges.1.privilegeId": 2},
            "accessPrivileges.1.privilegeId: has the ids 2, but the names belong to the ids 3; correct one of the two or leave the ids blank",
        ),
    ],
    ids=["unknown", "contradiction"],
)
async def test_wrong_privileges_are_findings(cells, finding, prepare, pm):
    """
    Names that PM does not have, and names beside other ids, fail before anything is sent.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("security_profiles", {"securityProfileName": "New"} | cells)
    assert [finding] == [str(found) for found in caught.value.findings]


@pytest.mark.parametrize(
    "privileges", [{"privileges": "Backup;Manage user data"}, {"accessPrivileges.1.privilegeId": 1, "accessPrivileges.2.privilegeId": 3}]
)
async def test_a_lost_create_of_a_profile_is_reconciled(privileges, prepare, pm):
    """
    Reading tells whether a profile was made, whichever way its privileges were given.
    """
    plan = await prepare("security_profiles", {"securityProfileName": "New"} | privileges)
    assert Standing(done=False) == await plan.steps[0].reconcile()
    pm.answers["listSecurityProfiles"] = [{"securityProfileId": 8, "securityProfileName": "New"}]
    made = {"securityProfileId": 8, "securityProfileName": "New", "accessPrivileges": [PRIVILEGES[0], PRIVILEGES[2]]}
    pm.answers["getSecurityProfile"] = made
    assert Standing(done=True, id="8") == await plan.steps[0].reconcile()
    pm.answers["getSecurityProfile"] = made | {"accessPrivileges": PRIVILEGES[1:2]}
    assert (None, "8") == ((standing := await plan.steps[0].reconcile()).done, standing.id)


async def test_a_profile_that_exists_may_be_updated(sent, pm):
    """
    With --if-exists update a create becomes an update.
    """
    call = await sent("security_profiles", {"securityProfileName": "HELP DESK", "privileges": "Backup"}, if_exists=IfExists.UPDATE)
    assert DESK | {"accessPrivileges": [{"privilegeId": 3}]} == call.body


async def test_a_profile_is_deleted_by_name(sent, pm):
    """
    The name is enough, and an id with another name is refused.
    """
    call = await sent("security_profiles", {"action": "delete", "securityProfileName": "Help desk"})
    assert ("deleteSecurityProfile", {"securityProfileId": "7"}) == (call.name, call.path)


async def test_an_id_of_another_name_is_not_deleted(prepare, pm):
    """
    A delete whose id and name are not one profile's is refused.
    """
    with pytest.raises(InvalidRowError):
        await prepare("security_profiles", {"action": "delete", "securityProfileId": 7, "securityProfileName": "Guest"})


async def test_a_profile_that_is_gone_is_missing(prepare, pm, refusal):
    """
    A 404 of the single call says that the profile is not there; any other error does not.
    """
    pm.answers["getSecurityProfile"] = refusal(404)
    with pytest.raises(RejectedError) as caught:
        await prepare("security_profiles", {"action": "update", "securityProfileId": 7, "description": "x"})
    assert "NOT_FOUND" == caught.value.code
    pm.answers["getSecurityProfile"] = refusal(403)
    with pytest.raises(RejectedError) as caught:
        await prepare("security_profiles", {"action": "update", "securityProfileId": 7, "description": "x"})
    assert 403 == caught.value.http


@pytest.mark.parametrize(
    ("sheet", "cells", "findings"),
    [
        (
            "security_profiles",
            {"action": "update", "description": "x"},
            ["securityProfileName: is blank; fill it, or securityProfileId, to say which security profile is meant"],
        ),
        ("security_profiles", {"securityProfileName": "x"}, ["privileges: is blank; PM probably wants it to create a security profile"]),
        (
            "udf_definitions",
            {"readonly": True},
            [
                "udfType: is blank; type one of USERS, DEPARTMENTS to say what the field belongs to",
                "udfId: is blank; fill it, or udfDisplayName, to say which field is meant",
            ],
        ),
        ("udf_definitions", {"udfType": "PHONES", "udfId": 1}, ["udfType: 'PHONES' is not allowed; type one of USERS, DEPARTMENTS"]),
        (
            "system_options",
            {"value": None},
            [
                "optionName: is blank; fill it, or optionid, to say which option is meant",
                "value: is blank; type the value that the option gets",
            ],
        ),
        ("system_options", {"optionid": 1, "value": "<clear>"}, ["value: cannot be emptied; type the value that the option gets"]),
        ("system_options", {"optionid": 1, "value": "maybe"}, ["value: 'maybe' should be one of TRUE, FALSE; PM may refuse it"]),
    ],
)
def test_what_is_wrong_with_a_row(sheet, cells, findings, read):
    """
    A row says which object it means, and what shall be set.
    """
    assert findings == [str(finding) for finding in read(sheet, cells)[1]]


@pytest.mark.parametrize(
    "cells",
    [{"udfId": 1, "udfDisplayName": "Cost unit"}, {"udfDisplayName": "cost CENTRE", "udfAdDisplayName": "cc"}],
    ids=["by id", "by name"],
)
async def test_a_field_is_redefined_whole(cells, sent, pm):
    """
    A blank action updates: the definition is read, the filled cells go in; the name tells the field or, beside the number, is its new one.
    """
    call = await sent("udf_definitions", {"udfType": "users"} | cells)
    assert ("updateUdfDefinition", {"udfType": "USERS", "udfId": "1"}) == (call.name, call.path)
    whole = {"udfId": 1, "udfType": "USERS", "udfDisplayName": "Cost centre", "readonly": False, "udfFieldTypeName": "None"}
    new = {"udfDisplayName": "Cost unit"} if "udfId" in cells else {"udfAdDisplayName": "cc"}
    assert whole | new == call.body


@pytest.mark.parametrize("cells", [{"udfType": "DEPARTMENTS", "udfDisplayName": "Cost centre"}, {"udfType": "USERS", "udfId": 99}])
async def test_a_field_that_is_not_there_is_missing(cells, prepare, pm, refusal):
    """
    Names are looked up within the type, numbers by asking PM.
    """
    pm.answers["getUdfDefinition"] = refusal(404)
    with pytest.raises(RejectedError) as caught:
        await prepare("udf_definitions", cells | {"readonly": True})
    assert "NOT_FOUND" == caught.value.code


async def test_a_field_of_a_name_that_is_not_there_names_the_nearest(prepare, pm):
    """
    A slip of the keyboard in a display name is answered with what PM has.
    """
    with pytest.raises(RejectedError) as caught:
        await prepare("udf_definitions", {"udfType": "USERS", "udfDisplayName": "cost center", "readonly": True})
    words = "PM has no user-defined field 'cost center' of USERS, or this administrator cannot see it. Nearest: Cost centre."
    assert words == caught.value.message


@pytest.mark.parametrize(
    ("cells", "option"),
    [
        ({"optionName": "send E-MAIL", "value": False}, {"optionid": 11, "value": False}),
        ({"optionid": 11, "value": "no"}, {"optionid": 11, "value": False}),
        ({"optionid": 12, "optionName": "Days to keep", "value": 31}, {"optionid": 12, "value": 31}),
        ({"optionName": "Banner", "value": "Hi"}, {"optionid": 13, "value": "Hi"}),
        ({"optionName": "Quiet", "value": "TRUE"}, {"optionid": 14, "value": True}),
        ({"optionName": "Printed", "value": "TRUE"}, {"optionid": 15, "value": True}),
    ],
    ids=["by name", "by id", "a number", "a text", "left out by PM", "false as a text"],
)
async def test_an_option_is_set_alone(cells, option, sent, pm):
    """
    One request sets one option, to a value of the kind that PM holds (QUIRKS 66, 67).
    """
    call = await sent("system_options", cells)
    assert ("updateSystemOptions", {"options": [option]}) == (call.name, call.body)


@pytest.mark.parametrize("cells", [{"optionName": "Send e-mail", "value": "yes"}, {"optionName": "Quiet", "value": False}])
async def test_an_option_that_is_set_already_is_left_alone(cells, prepare, pm):
    """
    What PM leaves out is false (QUIRKS 19).
    """
    plan = await prepare("system_options", cells)
    assert (Verdict.NOTHING, ()) == (plan.verdict, plan.steps)


@pytest.mark.parametrize(
    ("cells", "finding"),
    [
        (
            {"optionName": "Send mail", "value": True},
            "optionName: PM has no system option 'Send mail', or this administrator cannot see it. Nearest: Send e-mail.",
        ),
        ({"optionid": 99, "value": True}, "optionid: PM has no system option with the id 99"),
        (
            {"optionid": 12, "optionName": "Send e-mail", "value": True},
            "optionid: is 12, but 'Send e-mail' has the id 11; correct one of the two or leave the id blank",
        ),
        ({"optionid": 12, "value": "many"}, "value: 'many' is not a whole number; type digits only"),
    ],
    ids=["unknown name", "unknown id", "contradiction", "another kind"],
)
async def test_a_wrong_option_is_a_finding(cells, finding, prepare, pm):
    """
    Options that PM does not have, and values of another kind than PM's, fail before anything is sent.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("system_options", cells)
    assert [finding] == [str(found) for found in caught.value.findings]


async def test_a_lost_setting_is_reconciled(prepare, pm):
    """
    The list tells whether the option has its value.
    """
    plan = await prepare("system_options", {"optionid": 11, "value": False})
    (step,) = plan.steps
    assert (True, Standing(done=False, id="11")) == (step.repeatable, await step.reconcile())
    pm.answers["listSystemOptions"] = [{"optionid": 11, "optionName": "Send e-mail"}]
    assert Standing(done=True, id="11") == await step.reconcile()


EXPORTS = {
    "security_profiles": [
        {"securityProfileName": "Help desk", "description": "first line", "privileges": "Manage user data;Manage UDF data"},
    ],
    "udf_definitions": [
        {"udfId": 1, "udfType": "USERS", "udfDisplayName": "Cost centre", "readonly": False, "udfFieldTypeName": "None"},
        {"udfId": 2, "udfType": "USERS", "readonly": True},
    ],
    "system_options": [
        {"optionName": "Send e-mail", "value": True},
        {"optionName": "Days to keep", "value": 30},
        {"optionName": "Banner", "value": "Hello"},
        {"optionName": "Quiet", "value": False},
        {"optionName": "Printed", "value": False},
    ],
}


async def test_an_export_of_profiles_without_the_names_of_privileges(exported, pm, refusal):
    """
    Where PM does not list the privileges, the profiles have their ids.
    """
    pm.answers["listAccessPrivileges"] = refusal(403)
    (row,) = await exported("security_profiles")
    assert {"securityProfileName", "description", "accessPrivileges.1.privilegeId", "accessPrivileges.2.privilegeId"} == row.keys()


@pytest.mark.parametrize("sheet", EXPORTS)
async def test_an_export_run_unchanged_changes_nothing(sheet, exported, prepare, pm):
    """
    Rows have names instead of ids; as updates they come to nothing.
    """
    rows = await exported(sheet)
    assert EXPORTS[sheet] == rows
    for row in rows:
        assert Verdict.NOTHING == (await prepare(sheet, {"action": "update"} | row)).verdict
