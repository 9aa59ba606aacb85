from __future__ import annotations

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

SENTINEL = "Sentinel-7391!"
ANNA = {
    "userRecId": 17,
    "userId": "anna",
    "firstName": "Anna",
    "lastName": "Berg",
    "primaryDepartmentId": 3,
    "securityProfile": {"securityProfileName": "End User"},
    "departments": [{"departmentId": 1, "departmentName": "Company"}, {"departmentId": 3, "departmentName": "EMEA"}],
    "keyWords": [{"keywordId": 1, "keywordName": "boss"}, {"keywordId": 2, "keywordName": "north"}],
    "altFirstNames": [{"altFirstNameId": 9, "altFirstName": "Ann"}],
    "userExtensions": [
        {"extensionNumber": "1001", "subsystemId": 9, "subsystemName": "MX1", "cmgSettings": {"list": True}},
        {"extensionNumber": "1002", "subsystemId": 9, "subsystemName": "MX1"},
    ],
    "micollab": {"miCollabRole": "UCC", "authorizationCode": SENTINEL},
    "userMailBoxDTO": {"mailboxNumber": ["7001"]},
    "udf1": "one",
    "udf33": "three",
}
WRITTEN = {
    "userId": "anna",
    "firstName": "Anna",
    "lastName": "Berg",
    "departmentIds": [3, 1],
    "keyWords": ["boss", "north"],
    "altFirstNames": ["Ann"],
    "extensions": ANNA["userExtensions"],
    "micollab": ANNA["micollab"],
    "udf1": "one",
}


@pytest.fixture
def pm_with_anna(fake):
    """
    A PM with one user, three departments and two subsystems.
    """
    fake.answers = {
        "getUserByUserId": lambda call: ANNA if call.path["userId"].casefold() == "anna" else RejectedError("no", http=404),
        "getUserByRecId": lambda call: ANNA if call.path["userRecId"] == 17 else RejectedError("no", http=404),
        "listDepartments": [
            {"departmentId": 1, "departmentName": "Company"},
            {"departmentId": 2, "departmentName": "Sales", "parentDepartmentId": 1},
            {"departmentId": 3, "departmentName": "EMEA", "parentDepartmentId": 2},
        ],
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}, {"subsystemId": 8, "subsystemName": "MX2"}],
    }
    return fake


async def test_a_create_takes_names_for_ids(sent, pm_with_anna):
    """
    Departments and subsystems by name become ids, in the order of the cell and each once.
    """
    call = await sent(
        "users",
        {
            "userId": "bo",
            "department": "company/sales; Company ;/Company/Sales/",
            "extensions.1.extensionNumber": "0012",
            "extensions.1.subsystemName": "mx2",
            "keyWords": "a;b",
            "newPassword": SENTINEL,
        },
    )
    assert {
        "userId": "bo",
        "departmentIds": [2, 1],
        "extensions": [{"extensionNumber": "0012", "subsystemId": 8, "subsystemName": "MX2"}],
        "keyWords": ["a", "b"],
        "newPassword": SENTINEL,
    } == call.wire
    assert ("createUser", {}, Secret(SENTINEL)) == (call.name, call.path, call.body["newPassword"])


async def test_the_current_password_is_no_part_of_a_create(sent, pm_with_anna):
    """
    The current password is in the body of an update only (QUIRKS 86).
    """
    call = await sent("users", {"userId": "bo", "currentPassword": "x", "userMailBoxDTO.mailboxNumber": "7001;7002"})
    assert {"userId": "bo", "userMailBoxDTO": {"mailboxNumber": ["7001", "7002"]}} == call.wire


async def test_an_update_sends_the_user_in_the_shape_of_writing(sent, pm_with_anna):
    """
    What PM returns in other shapes goes back as it is written, primary department first; mailbox and udf33 stay out (QUIRKS 85, 86, 88).
    """
    call = await sent("users", {"action": "update", "userId": "ANNA", "lastName": "Ek"})
    assert ("updateUser", {"userRecId": "17"}) == (call.name, call.path)
    assert WRITTEN | {"lastName": "Ek"} == call.wire
    assert SENTINEL not in repr(call)


async def test_udf33_goes_out_if_the_row_changes_it(sent, pm_with_anna):
    """
    The field that the update's document lacks is sent only if asked for (QUIRKS 85).
    """
    call = await sent("users", {"action": "update", "userId": "anna", "udf33": "3"})
    assert WRITTEN | {"udf33": "3"} == call.wire


async def test_udf33_stays_at_home_if_the_row_repeats_it(sent, pm_with_anna):
    """
    An exported user has the field, and what is changed beside it must not be refused because of it (QUIRKS 85).
    """
    call = await sent("users", {"action": "update", "userId": "anna", "udf33": "three", "lastName": "Ek"})
    assert WRITTEN | {"lastName": "Ek"} == call.wire


async def test_a_user_is_renamed_by_record_id(sent, pm_with_anna):
    """
    With the record id given, the user id is the new one.
    """
    call = await sent("users", {"action": "update", "userRecId": 17, "userId": "anna.berg"})
    assert ({"userRecId": "17"}, WRITTEN | {"userId": "anna.berg"}) == (call.path, call.wire)


@pytest.mark.parametrize("cells", [{"userId": "anna"}, {"userRecId": 17}, {"userRecId": 17, "userId": "Anna"}])
async def test_a_delete_goes_by_user_id(cells, sent, pm_with_anna):
    """
    Updates address the record id, deletes the login (QUIRKS 39).
    """
    call = await sent("users", {"action": "delete"} | cells)
    assert ("deleteUser", {"userId": "anna"}) == (call.name, call.path)


@pytest.mark.parametrize("cells", [{"action": "update", "firstName": "Anne"}, {"action": "delete"}], ids=["update", "delete"])
async def test_a_user_is_found_whatever_the_case_of_the_cell(cells, sent, pm_with_anna):
    """
    A PM that takes a login only as it spells it is asked for its list, so that names have no case here either.
    """
    pm_with_anna.answers["getUserByUserId"] = lambda call: ANNA if call.path["userId"] == "anna" else RejectedError("no", http=404)
    pm_with_anna.answers["listUsers"] = [{"userId": "hanna"}, {"userId": "anna"}]
    call = await sent("users", {"userId": "ANNA"} | cells)
    assert "anna" == (call.path | (call.body or {}))["userId"]
    assert [{"search": "ANNA"}] == [call.query for call in pm_with_anna.calls if call.name == "listUsers"]


async def test_logins_that_differ_in_case_only_are_not_guessed_at(prepare, pm_with_anna, refusal):
    """
    Where PM has several such users the finding lists them.
    """
    pm_with_anna.answers |= {"getUserByUserId": refusal(404), "listUsers": [{"userId": "anna"}, {"userId": "Anna"}]}
    with pytest.raises(InvalidRowError) as caught:
        await prepare("users", {"action": "delete", "userId": "ANNA"})
    assert "userId: PM has no user 'ANNA', but several that differ from it in case only: anna, Anna; type one of them" == str(caught.value)


async def test_a_delete_of_another_user_is_refused(prepare, pm_with_anna):
    """
    A record id and a login of two different people delete nobody.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("users", {"action": "delete", "userRecId": 17, "userId": "bo"})
    assert "userId: is 'bo', but the id belongs to 'anna'; correct one of the two or leave one blank" == str(caught.value)


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ({"department": "Company/Sales"}, {"departmentIds": [2]}),
        ({"department": "Company; Company/Sales/EMEA"}, {"departmentIds": [1, 3]}),
        ({"department": "<clear>"}, {"departmentIds": []}),
        ({"departmentIds": "<clear>"}, {"departmentIds": []}),
        ({"keyWords": "<clear>"}, {"keyWords": []}),
        ({"keyWords": "north"}, {"keyWords": ["north"]}),
        ({"firstName": "<clear>"}, {"firstName": ""}),
        ({"micollab.miCollabRole": "<clear>"}, {"micollab": ANNA["micollab"] | {"miCollabRole": ""}}),
        (
            {"extensions.1.cmgSettings.list": "no"},
            {"extensions": [ANNA["userExtensions"][0] | {"cmgSettings": {"list": False}}, ANNA["userExtensions"][1]]},
        ),
        (
            {"extensions.2.subsystemName": "MX2"},
            {"extensions": [ANNA["userExtensions"][0], {"extensionNumber": "1002", "subsystemId": 8, "subsystemName": "MX2"}]},
        ),
        (
            {"extensions.3.extensionNumber": "1003", "extensions.3.subsystemId": 8},
            {"extensions": [*ANNA["userExtensions"], {"extensionNumber": "1003", "subsystemId": 8, "subsystemName": "MX2"}]},
        ),
    ],
    ids=[
        "departments",
        "another primary",
        "clear departments",
        "clear ids",
        "clear list",
        "shorter list",
        "clear text",
        "clear nested",
        "nested flag",
        "another subsystem",
        "one more extension",
    ],
)
async def test_an_update_changes_the_filled_cells_only(cells, changed, sent, pm_with_anna):
    """
    Filled cells and `<clear>` change what they name, lists of plain values as a whole, and nothing else.
    """
    call = await sent("users", {"action": "update", "userId": "anna"} | cells)
    assert WRITTEN | changed == call.wire


@pytest.mark.parametrize(
    "cells",
    [
        {"firstName": "Anna"},
        {"department": "Company/Sales/EMEA;Company"},
        {"departmentIds": "3;1"},
        {"keyWords": "north;boss"},
        {"extensions.1.subsystemName": "mx1"},
        {"emailAddress": "<clear>"},
        {"useLastSelection": "no"},
    ],
)
async def test_a_row_that_pm_already_is_sends_nothing(cells, prepare, pm_with_anna):
    """
    What PM has already, in whatever shape, and what is empty on both sides, is no change.
    """
    plan = await prepare("users", {"action": "update", "userId": "anna"} | cells)
    assert (Verdict.NOTHING, "17") == (plan.verdict, plan.id)


async def test_a_subsystem_that_cannot_be_looked_up_leaves_no_old_id(sent, pm_with_anna, refusal):
    """
    Without the right to list subsystems the row's name goes alone: PM's id of the old one would contradict it (QUIRKS 92).
    """
    pm_with_anna.answers["listSubsystems"] = refusal(403)
    call = await sent("users", {"action": "update", "userId": "anna", "extensions.2.subsystemName": "MX2"})
    assert [ANNA["userExtensions"][0], {"extensionNumber": "1002", "subsystemName": "MX2"}] == call.wire["extensions"]


async def test_a_gap_in_a_list_is_refused(prepare, pm_with_anna):
    """
    A position beyond those that PM has may not leave one out.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare(
            "users", {"action": "update", "userId": "anna", "extensions.4.extensionNumber": "1004", "extensions.4.subsystemId": 9}
        )
    assert "extensions.3: is blank, and PM has no position 3 here; fill the positions without leaving one out" == str(caught.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"department": "Company/Sale"}, "department: PM has no department 'Company/Sale', or this administrator cannot see it. Nearest: "),
        (
            {"department": "Company", "departmentIds": "1;2"},
            "departmentIds: has the ids 1, 2, but the names belong to the ids 1; correct one",
        ),
        (
            {"extensions.1.extensionNumber": "1001", "extensions.1.subsystemName": "MX1", "extensions.1.subsystemId": 8},
            "extensions.1.subsystemId: is 8, but 'MX1' has the id 9; correct one of the two or leave the id blank",
        ),
    ],
    ids=["no such department", "other ids", "other subsystem id"],
)
async def test_references_that_do_not_hold(cells, message, prepare, pm_with_anna):
    """
    Names that PM does not have, and ids that contradict names, are findings at their column.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("users", {"userId": "bo"} | cells)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (RejectedError("no", http=404), Standing(done=False)),
        (ANNA, Standing(done=True, id="17")),
        (ANNA | {"lastName": "Ek"}, Standing(done=None, difference="lastName is 'Ek', not 'Berg'", id="17")),
    ],
    ids=["not there", "there", "different"],
)
async def test_a_lost_create_of_a_user(answer, standing, prepare, pm_with_anna):
    """
    Secrets and what PM never returns are taken for done; everything else must be as the row has it.
    """
    pm_with_anna.answers["getUserByUserId"] = answer
    plan = await prepare(
        "users",
        {
            "userId": "anna",
            "lastName": "Berg",
            "newPassword": SENTINEL,
            "mobileNumber": "0701",
            "keyWords": "north;boss",
            "department": "Company/Sales/EMEA;Company",
        },
    )
    assert standing == await plan.steps[0].reconcile()


async def test_a_lost_update_of_a_user(prepare, pm_with_anna):
    """
    An update is done if the filled cells are in PM; it is not if they are not.
    """
    plan = await prepare("users", {"action": "update", "userId": "anna", "lastName": "Ek"})
    assert Standing(done=False, id="17") == await plan.steps[0].reconcile()
    pm_with_anna.answers["getUserByUserId"] = ANNA | {"lastName": "Ek"}
    assert Standing(done=True, id="17") == await plan.steps[0].reconcile()
    pm_with_anna.answers["getUserByUserId"] = None
    assert Standing(done=None, difference="user 'anna' is no longer in PM") == await plan.steps[0].reconcile()


async def test_a_password_is_always_written(prepare, pm_with_anna):
    """
    PM shows no password, so a row that gives one changes it; the change shows a mask.
    """
    plan = await prepare("users", {"action": "update", "userId": "anna", "newPassword": SENTINEL})
    assert (Verdict.CHANGE, ["newPassword"]) == (plan.verdict, [change.path for change in plan.changes])
    assert SENTINEL not in repr(plan)


async def test_a_code_that_changes_shows_neither_old_nor_new(prepare, pm_with_anna):
    """
    Where PM returns a secret in clear, its old text is masked like the new one.
    """
    plan = await prepare("users", {"action": "update", "userId": "anna", "micollab.authorizationCode": "Sentinel-new"})
    assert "Sentinel" not in repr(plan)


async def test_an_existing_user_gets_no_mailbox(prepare, pm_with_anna):
    """
    A create that turns into an update cannot carry the mailbox, and does not take it for a change (QUIRKS 86).
    """
    plan = await prepare("users", {"userId": "anna", "userMailBoxDTO.mailboxNumber": "9"}, if_exists=IfExists.UPDATE)
    assert Verdict.NOTHING == plan.verdict


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"action": "update", "firstName": "x"},
            "userId: is blank; fill it, or userRecId, to say which user is meant",
        ),
        (
            {"action": "update", "userId": "anna", "userMailBoxDTO.mailboxNumber": "9"},
            "userMailBoxDTO.mailboxNumber: can only be set when the user is created; empty the cell",
        ),
    ],
)
def test_what_a_user_row_cannot_ask_for(cells, message, read):
    """
    A row without a user, and a mailbox on an update, are errors.
    """
    assert [message] == [str(one) for one in read("users", cells)[1] if one.severity is Severity.ERROR]


def test_advice_on_a_user_row(read):
    """
    What PM probably wants is advised, not demanded.
    """
    cells = {"userId": "an na", "emailAddress": "anna", "sms": "07x", "extensions.1.extensionNumber": "1001"}
    assert [
        "newPassword: is blank; PM probably wants it to create a user",
        "firstName: is blank, and so is lastName; PM probably wants one of them",
        "department: is blank; PM probably wants one to create a user",
        "extensions.1.extensionNumber: has no subsystem; fill extensions.1.subsystemName",
        "userId: 'an na' should be at most 30 characters, without blanks and / ? # %; PM may refuse it",
        "emailAddress: 'anna' should be an e-mail address; PM may refuse it",
        "sms: '07x' should be at most 20 digits; PM may refuse it",
    ] == [str(finding) for finding in read("users", cells)[1]]


def test_an_account_wants_an_address(read):
    """
    The services of MiCollab and CloudLink know a person by the e-mail address (FIELDS 3).
    """
    account = {"mxoneSubsystem": "MX1", "extension": "1001", "cloudLinkSubsystem": "Cloud", "role": "User"}
    cells = {"userId": "bo", "firstName": "Bo", "newPassword": "x", "department": "Company"}
    cells |= {f"cloudlink.{name}": value for name, value in account.items()}
    findings = read("users", cells)[1]
    assert ["emailAddress: is blank; a MiCollab or CloudLink account probably needs it"] == [str(finding) for finding in findings]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"micollab.miTeamMeeting": True}, ["mxoneSubsystem", "extension", "miCollabSubsystem", "miCollabRole"]),
        ({"cloudlink.role": "User"}, ["mxoneSubsystem", "extension", "cloudLinkSubsystem"]),
        ({"extensions.2.subsystemName": "MX1", "extensions.1.extensionNumber": "1001", "extensions.1.subsystemId": 9}, ["extensionNumber"]),
    ],
    ids=["MiCollab", "CloudLink", "extension"],
)
def test_what_the_parts_of_a_new_user_need(cells, wanted, read):
    """
    An account or an extension of a new user is told what it probably needs; an update leaves the rest to what PM has (FIELDS 3).
    """
    given = {"userId": "bo", "firstName": "Bo", "newPassword": "x", "department": "Company", "emailAddress": "bo@example.com"}
    assert wanted == [finding.column.rpartition(".")[2] for finding in read("users", given | cells)[1]]
    assert () == read("users", {"action": "update", "userId": "bo"} | cells)[1]


@pytest.mark.parametrize(
    ("cells", "label", "key"),
    [
        ({"userId": "Anna"}, "'Anna'", "users|anna"),
        ({"userRecId": 17}, "with id 17", None),
        ({"userRecId": 17, "userId": "Anna"}, "with id 17", "users|anna"),
    ],
)
def test_which_user_a_row_is_about(cells, label, key, read):
    """
    The login is the key; a record id alone does not tell it.
    """
    identity = ENTITIES["users"].identify(read("users", {"action": "update"} | cells)[0])
    assert (label, key) == (identity.label, identity.key)


def test_what_a_user_waits_for(read):
    """
    A user's departments and extensions come first if the workbook makes them, however they are spelt.
    """
    cells = {
        "userId": "bo",
        "department": "/Company / Sales;Company",
        "extensions.1.extensionNumber": "1001",
        "extensions.1.subsystemName": "MX1",
    }
    needs = ENTITIES["users"].identify(read("users", cells)[0]).needs
    assert ("departments|company/sales", "departments|company", "extensions|mx1|1001") == needs
    department = ENTITIES["departments"].identify(read("departments", {"path": "company/SALES"})[0])
    extension = ENTITIES["ip_extensions"].identify(read("ip_extensions", {"subsystemName": "mx1", "extensionNumber": 1001})[0])
    assert (department.key, extension.key) == (needs[0], needs[2])


def test_a_user_waits_for_the_subsystems_of_the_accounts(read):
    """
    Subsystems that a user's MiCollab and CloudLink accounts are on come first if the workbook makes them, each once.
    """
    cells = {
        "userId": "bo",
        "micollab.mxoneSubsystem": "MX1",
        "micollab.miCollabSubsystem": "Collab",
        "cloudlink.mxoneSubsystem": "MX1",
        "cloudlink.cloudLinkSubsystem": "Cloud",
    }
    needs = ENTITIES["users"].identify(read("users", cells)[0]).needs
    assert ("subsystems|collab", "subsystems|mx1", "subsystems|cloud") == needs


def test_an_account_waits_for_its_extensions_and_their_codes(read):
    """
    MiCollab and CloudLink need the account's extension, and MiCollab its code, which rows of the same workbook may make (DOMAIN 3).
    """
    cells = {"userId": "bo", "micollab.mxoneSubsystem": "MX1", "micollab.extension": "1001", "micollab.secondaryExtension": "1002"}
    needs = ENTITIES["users"].identify(read("users", cells)[0]).needs
    place = {"subsystemName": "mx1", "extensionNumber": "1001"}
    made = {ENTITIES[sheet].identify(read(sheet, place)[0]).key for sheet in ("ip_extensions", "authorization_codes")}
    assert {"subsystems|mx1", "extensions|mx1|1002", "authorization_codes|mx1|1002", *made} == set(needs)


@pytest.mark.parametrize("cell", ["3", "<clear>"])
def test_udf33_in_an_update_is_a_warning(cell, read):
    """
    Whether PM takes another value is not known (QUIRKS 85): the row goes out and says so; a create has no doubt.
    """
    words = "udf33: is missing from PM's document of an update, unlike the other UDFs; if it is another value than PM's, PM may refuse the row or leave the field as it is"
    _record, findings = read("users", {"action": "update", "userId": "anna", "udf33": cell})
    assert [(words, "warning")] == [(str(finding), finding.severity) for finding in findings]
    _record, findings = read("users", {"userId": "anna", "firstName": "A", "newPassword": "x", "department": "Company", "udf33": cell})
    assert () == findings


async def test_another_error_of_the_look_up_is_no_absence(prepare, pm_with_anna, refusal):
    """
    Only 404 says that a user is not there.
    """
    pm_with_anna.answers["getUserByUserId"] = refusal(403)
    with pytest.raises(RejectedError) as caught:
        await prepare("users", {"action": "update", "userId": "anna", "firstName": "x"})
    assert 403 == caught.value.http
