from __future__ import annotations

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, TransientError

OSLO = {"locationId": 4, "locationName": "Oslo", "description": "north", "cmgCustomerGroup": "2"}
DEPARTMENTS = {
    1: {"departmentId": 1, "departmentName": "Company", "location": {"locationId": 4, "locationName": "Oslo", "description": "north"}},
    2: {"departmentId": 2, "departmentName": "Sales", "parentDepartmentId": 1, "description": "sells", "udf3": "x"},
    3: {"departmentId": 3, "departmentName": "EMEA", "parentDepartmentId": 2},
}


@pytest.fixture
def tree(fake):
    """
    A PM with two locations and three departments.
    """
    fake.answers = {
        "listLocations": [OSLO, {"locationId": 5, "locationName": "Rome"}],
        "listDepartments": list(DEPARTMENTS.values()),
        "getDepartment": lambda call: DEPARTMENTS[int(call.path["departmentId"])],
    }
    return fake


async def test_a_create_sends_the_filled_cells(sent, fake):
    """
    Exactly what the row gives is sent; blank cells are not.
    """
    call = await sent("locations", {"locationName": "Rome", "description": None, "cmgCustomerGroup": 7})
    assert ("createLocation", {"locationName": "Rome", "cmgCustomerGroup": "7"}) == (call.name, call.body)
    assert [call] == fake.calls


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [
        ("locations", {"locationId": 9, "locationName": "Bergen"}),
        ("departments", {"departmentId": 9, "departmentName": "Bergen"}),
        ("security_profiles", {"securityProfileId": 9, "securityProfileName": "Bergen"}),
    ],
)
async def test_a_new_object_gets_its_id_from_pm(sheet, cells, sent, fake):
    """
    An id typed beside a new name is not sent: what PM makes of it is not said (QUIRKS 93).
    """
    fake.answers = {"listLocations": [], "listDepartments": []}
    _id, name = cells
    assert {name: "Bergen"}.items() <= (body := (await sent(sheet, cells)).wire).items()
    assert _id not in body


async def test_a_create_is_sent_once(prepare):
    """
    The one step of a create is not repeatable.
    """
    plan = await prepare("locations", {"locationName": "Rome", "description": "x"})
    assert Verdict.CREATE == plan.verdict
    assert (["createLocation"], [False]) == ([step.name for step in plan.steps], [step.repeatable for step in plan.steps])


async def test_a_create_that_exists_may_be_skipped(prepare, tree):
    """
    With --if-exists skip an object that is there is left alone.
    """
    plan = await prepare("locations", {"locationName": "oslo", "description": "new"}, if_exists=IfExists.SKIP)
    assert (Verdict.NOTHING, (), "location 'oslo' exists already; left as it is", "4") == (plan.verdict, plan.steps, plan.message, plan.id)


async def test_a_create_that_exists_may_update(sent, tree):
    """
    With --if-exists update the filled cells go into what is there, and the rest is kept.
    """
    call = await sent("locations", {"locationName": "Oslo", "description": "new"}, if_exists=IfExists.UPDATE)
    assert ("updateLocation", {"locationId": "4"}, OSLO | {"description": "new"}) == (call.name, call.path, call.body)


@pytest.mark.parametrize("if_exists", [IfExists.SKIP, IfExists.UPDATE])
async def test_a_create_of_something_new_is_a_create(if_exists, sent, tree):
    """
    Whatever is to become of existing objects, one that is not there is made.
    """
    call = await sent("locations", {"locationName": "Paris"}, if_exists=if_exists)
    assert ("createLocation", {"locationName": "Paris"}) == (call.name, call.body)


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize(("code", "told"), [("", "EXISTS"), ("4711", "4711")], ids=["no code", "PM's code"])
async def test_a_refused_create_of_an_existing_object_is_explained(status, code, told, prepare, tree, refusal):
    """
    PM has no status for duplicates: the refusal is explained by looking, with our code where PM gives none (QUIRKS 15).
    """
    tree.answers["createLocation"] = refusal(status, code)
    plan = await prepare("locations", {"locationName": "Oslo"})
    with pytest.raises(RejectedError) as caught:
        await plan.steps[0].send()
    assert (
        "location 'Oslo' exists already; set action to update, or run with --if-exists skip or --if-exists update. "
        f"PM says: no (HTTP {status})"
    ) == caught.value.message
    assert (told, status) == (caught.value.code, caught.value.http)


@pytest.mark.parametrize(
    ("status", "listed"),
    [(400, []), (403, [OSLO]), (400, TransientError("busy", http=503)), (400, RejectedError("hidden", http=403))],
    ids=["not there", "another status", "PM is busy", "no right to look"],
)
async def test_any_other_refusal_stays_as_pm_said_it(status, listed, prepare, tree, refusal):
    """
    Where the object is not there, or looking for it fails, PM's own words stand.
    """
    tree.answers |= {"createLocation": refusal(status), "listLocations": listed}
    plan = await prepare("locations", {"locationName": "Oslo"})
    with pytest.raises(RejectedError) as caught:
        await plan.steps[0].send()
    assert (f"PM says: no (HTTP {status})", status) == (caught.value.message, caught.value.http)


@pytest.mark.parametrize(
    ("listed", "standing"),
    [
        ([], Standing(done=False)),
        ([{"locationId": 9, "locationName": "Rome"}], Standing(done=True, id="9")),
        (
            [{"locationId": 9, "locationName": "Rome", "cmgCustomerGroup": "3"}],
            Standing(done=None, difference="cmgCustomerGroup is '3', not '0'", id="9"),
        ),
    ],
    ids=["not there", "there, 0 left out", "there but different"],
)
async def test_a_lost_create_is_reconciled(listed, standing, prepare, fake):
    """
    Reading tells whether the create was done, not done, or something else is there.
    """
    fake.answers = {"listLocations": listed}
    plan = await prepare("locations", {"locationName": "Rome", "cmgCustomerGroup": "0"})
    assert standing == await plan.steps[0].reconcile()


async def test_reconcile_raises_where_it_cannot_read(prepare, fake, refusal):
    """
    A right that is missing leaves the outcome unknown; it is not taken for an answer.
    """
    fake.answers = {"listLocations": refusal(403)}
    plan = await prepare("locations", {"locationName": "Rome"})
    with pytest.raises(RejectedError):
        await plan.steps[0].reconcile()


async def test_an_update_that_changes_nothing_sends_nothing(prepare, tree):
    """
    A row that says what PM has already comes to nothing, 0 and empty included.
    """
    plan = await prepare("locations", {"action": "update", "locationName": "Oslo", "description": "north"})
    assert (Verdict.NOTHING, (), "location 'Oslo' already is as this row asks for; nothing was sent") == (
        plan.verdict,
        plan.steps,
        plan.message,
    )
    assert [] == tree.writes


async def test_a_location_is_renamed_by_its_id(sent, tree):
    """
    With the id given the name is a new one.
    """
    call = await sent("locations", {"action": "update", "locationId": 4, "locationName": "Oslo 2"})
    assert ({"locationId": "4"}, OSLO | {"locationName": "Oslo 2"}) == (call.path, call.body)


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [
        ("locations", {"locationName": "OSLO", "description": "north"}),
        ("departments", {"path": "company/SALES", "description": "sells"}),
        ("departments", {"departmentName": "sales", "parent": "COMPANY", "description": "sells"}),
    ],
)
async def test_another_case_is_no_new_name(sheet, cells, prepare, tree):
    """
    Names are compared without regard to case, so a row that spells one otherwise does not rename the object.
    """
    plan = await prepare(sheet, {"action": "update"} | cells)
    assert Verdict.NOTHING == plan.verdict


async def test_an_id_lets_a_name_change_its_case(sent, tree):
    """
    With the id given, a name in another case is a new name.
    """
    call = await sent("locations", {"action": "update", "locationId": 4, "locationName": "OSLO"})
    assert OSLO | {"locationName": "OSLO"} == call.body


async def test_a_name_that_pm_spells_otherwise_was_created(prepare, fake):
    """
    A PM that changes the case of a new name has done what was asked for.
    """
    fake.answers = {"listLocations": [{"locationId": 9, "locationName": "ROME"}]}
    plan = await prepare("locations", {"locationName": "Rome"})
    assert Standing(done=True, id="9") == await plan.steps[0].reconcile()


async def test_an_update_of_nothing_fails(prepare, tree):
    """
    The message says that it is not there or cannot be seen.
    """
    with pytest.raises(RejectedError) as caught:
        await prepare("locations", {"action": "update", "locationName": "Atlantis", "description": "x"})
    assert "PM has no location 'Atlantis', or this administrator cannot see it; check the name" == caught.value.message
    assert ("NOT_FOUND", 404) == (caught.value.code, caught.value.http)


async def test_an_update_of_what_is_nearly_there_names_it(prepare, tree):
    """
    A slip of the keyboard in the name of the object itself is answered as one in a reference is.
    """
    with pytest.raises(RejectedError) as caught:
        await prepare("locations", {"action": "update", "locationName": "Osloo", "description": "x"})
    assert "PM has no location 'Osloo', or this administrator cannot see it. Nearest: Oslo." == caught.value.message


async def test_clear_empties_a_text(sent, tree):
    """
    `<clear>` sends the empty text, and everything else as it was.
    """
    call = await sent("locations", {"action": "update", "locationName": "Oslo", "description": "<CLEAR>"})
    assert OSLO | {"description": ""} == call.body


async def test_clearing_what_is_empty_changes_nothing(prepare, tree):
    """
    `<clear>` on a field that PM does not have is no change.
    """
    plan = await prepare("locations", {"action": "update", "locationName": "Rome", "description": "<clear>"})
    assert Verdict.NOTHING == plan.verdict


async def test_a_delete_goes_by_id(sent, tree):
    """
    A location named in the row is deleted by the id that PM lists for it.
    """
    call = await sent("locations", {"action": "delete", "locationName": "rome"})
    assert ("deleteLocation", {"locationId": "5"}, None) == (call.name, call.path, call.body)


def test_which_location_a_row_is_about(read):
    """
    The name is the key; an id alone does not tell it.
    """
    identities = [
        ENTITIES["locations"].identify(read("locations", {"action": "delete"} | cells)[0])
        for cells in ({"locationId": 4}, {"locationId": 4, "locationName": "Oslo"})
    ]
    assert [("with id 4", None), ("with id 4", "locations|oslo")] == [(one.label, one.key) for one in identities]


@pytest.mark.parametrize(
    ("sheet", "cells", "message"),
    [
        ("locations", {"locationId": 4, "locationName": "Rome"}, "locationName: is 'Rome', but the id belongs to 'Oslo'"),
        ("departments", {"departmentId": 2, "path": "Company/Support"}, "path: is 'Support', but the id belongs to 'Sales'"),
        ("departments", {"departmentId": 2, "departmentName": "Support"}, "departmentName: is 'Support', but the id belongs to 'Sales'"),
    ],
)
async def test_a_delete_by_id_and_another_name_is_refused(sheet, cells, message, prepare, tree):
    """
    Where id and name of a delete do not agree, nothing is deleted.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare(sheet, {"action": "delete"} | cells)
    assert f"{message}; correct one of the two or leave one blank" == str(caught.value)


async def test_a_delete_of_nothing_fails_when_it_is_sent(prepare, fake):
    """
    After a crash the object may be gone by this row's own request, so only sending tells that it is missing.
    """
    fake.answers = {"listLocations": []}
    plan = await prepare("locations", {"action": "delete", "locationName": "Oslo"})
    assert Standing(done=True) == await plan.steps[0].reconcile()
    with pytest.raises(RejectedError) as caught:
        await plan.steps[0].send()
    assert "NOT_FOUND" == caught.value.code
    assert [] == fake.writes


async def test_a_lost_delete_is_reconciled(prepare, tree):
    """
    The delete was done if the object is gone.
    """
    plan = await prepare("locations", {"action": "delete", "locationName": "Oslo"})
    assert Standing(done=False, id="4") == await plan.steps[0].reconcile()
    tree.answers["listLocations"] = []
    assert Standing(done=True, id="4") == await plan.steps[0].reconcile()


@pytest.mark.parametrize(
    "cells",
    [
        {"path": "company/sales/APAC", "location": "oslo"},
        {"path": "/Company / Sales/APAC/", "location": "Oslo"},
        {"departmentName": "APAC", "parent": "Company/Sales", "location": "Oslo"},
        {"departmentName": "APAC", "parentDepartmentId": 2, "location.locationId": 4},
        {"path": "Company/Sales/APAC", "parentDepartmentId": 2, "location.locationId": 4, "location": "Oslo"},
    ],
    ids=["path", "untidy path", "parent and name", "ids", "all of them"],
)
async def test_a_department_is_placed_by_names_or_ids(cells, sent, tree):
    """
    Path, parent and id columns come to one body.
    """
    call = await sent("departments", cells)
    assert {"departmentName": "APAC", "parentDepartmentId": 2, "location": {"locationId": 4}} == call.body


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"path": "Company/Sales/APAC", "parentDepartmentId": 3},
            "parentDepartmentId: is 3, but 'Company/Sales' has the id 2; correct one of the two or leave the id blank",
        ),
        (
            {"path": "Company/APAC", "location": "Oslo", "location.locationId": 5},
            "location.locationId: is 5, but 'Oslo' has the id 4; correct one of the two or leave the id blank",
        ),
        (
            {"path": "Company/Sale/APAC"},
            "path: PM has no department 'Company/Sale', or this administrator cannot see it. Nearest: Company/Sales, Company, Company/Sales/EMEA.",
        ),
        ({"path": "Company/APAC", "location": "Paris"}, "location: PM has no location 'Paris', or this administrator cannot see it."),
    ],
    ids=["another parent id", "another location id", "no such parent", "no such location"],
)
async def test_a_department_whose_places_disagree(cells, message, prepare, tree):
    """
    References that are none, or that contradict an id, are findings at their column.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("departments", cells)
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"description": "x"}, "path: is blank; fill it (or departmentName and parent) to say which department is meant"),
        ({"departmentId": 5}, "path: is blank; fill it (or departmentName and parent) to say which department is meant"),
        ({"path": "Company//EMEA"}, "path: 'Company//EMEA' has an empty name in it; write it like Company/Sales/EMEA"),
        ({"path": "/"}, "path: '/' has an empty name in it; write it like Company/Sales/EMEA"),
        (
            {"path": "Company/EMEA", "departmentName": "APAC"},
            "departmentName: is 'APAC', but path ends in 'EMEA'; leave one of the two blank",
        ),
        ({"path": "Company/EMEA", "parent": "Sales"}, "parent: is 'Sales', but path says 'Company'; leave one of the two blank"),
        ({"path": "Company", "location": ""}, "location: is blank; PM probably wants it to create a department"),
    ],
)
def test_a_department_that_contradicts_itself(cells, message, read):
    """
    What the row alone shows to be wrong is told without asking PM.
    """
    assert [message] == [str(finding) for finding in read("departments", {"location": "Oslo"} | cells)[1]]


async def test_a_department_update_keeps_the_rest(sent, tree):
    """
    The whole object goes back with the filled cell changed.
    """
    call = await sent("departments", {"action": "update", "path": "Company/Sales", "udf4": "y"})
    assert ({"departmentId": "2"}, DEPARTMENTS[2] | {"udf4": "y"}) == (call.path, call.body)


async def test_another_location_takes_no_copies_of_the_old_one(sent, tree):
    """
    PM's copies of a location's name and description go with its id; with a new id they would contradict it.
    """
    call = await sent("departments", {"action": "update", "path": "Company", "location": "Rome"})
    assert {"locationId": 5} == call.body["location"]
    assert "Company" == call.body["departmentName"]


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ({"departmentId": 3, "departmentName": "Europe"}, {"departmentName": "Europe"}),
        ({"path": "Company/Sales/EMEA", "departmentName": "Europe"}, {"departmentName": "Europe"}),
        ({"departmentId": 3, "path": "Company/Europe"}, {"departmentName": "Europe", "parentDepartmentId": 1}),
        ({"path": "Company/Sales/EMEA", "parent": "Company"}, {"parentDepartmentId": 1}),
        ({"departmentId": 3, "parent": "<clear>"}, {"parentDepartmentId": 0}),
        ({"departmentName": "emea", "parentDepartmentId": 2, "description": "x"}, {"description": "x"}),
        ({"departmentId": 3, "parentDepartmentId": "<clear>"}, {"parentDepartmentId": 0}),
    ],
    ids=[
        "rename by id",
        "rename by path",
        "move and rename by id",
        "move by path",
        "to the root",
        "found by the parent id",
        "to the root by id column",
    ],
)
async def test_departments_are_renamed_and_moved(cells, changed, sent, tree):
    """
    An id or a path says which department, the other columns what becomes of it.
    """
    call = await sent("departments", {"action": "update"} | cells)
    assert ({"departmentId": "3"}, DEPARTMENTS[3] | changed) == (call.path, call.body)


async def test_a_location_is_cleared(sent, tree):
    """
    `<clear>` in the location column takes the department's location away.
    """
    call = await sent("departments", {"action": "update", "path": "Company", "location": "<clear>"})
    assert {"locationId": 0} == call.body["location"]


async def test_a_department_that_may_not_be_read_fails_the_row(prepare, tree, refusal):
    """
    Only 404 says that a department is not there.
    """
    tree.answers["getDepartment"] = refusal(403)
    with pytest.raises(RejectedError) as caught:
        await prepare("departments", {"action": "update", "path": "Company", "description": "x"})
    assert 403 == caught.value.http


async def test_a_department_that_vanished_is_not_found(prepare, tree, refusal):
    """
    A department that is listed but cannot be read is taken as not there.
    """
    tree.answers["getDepartment"] = refusal(404)
    with pytest.raises(RejectedError) as caught:
        await prepare("departments", {"action": "update", "path": "Company", "description": "x"})
    assert "NOT_FOUND" == caught.value.code


async def test_a_root_is_made_below_the_root_of_pm(sent, tree):
    """
    A department without a parent is made with the parent id that means none.
    """
    call = await sent("departments", {"path": "Group"}, if_exists=IfExists.UPDATE)
    assert {"departmentName": "Group", "parentDepartmentId": 0} == call.body


async def test_a_hidden_parent_is_kept(sent, tree):
    """
    A department whose parent this administrator cannot see is not moved to the root by a create that turns into an update.
    """
    tree.answers["listDepartments"] = [DEPARTMENTS[3]]
    call = await sent("departments", {"path": "EMEA", "description": "new"}, if_exists=IfExists.UPDATE)
    assert ("updateDepartment", DEPARTMENTS[3] | {"description": "new"}) == (call.name, call.body)


@pytest.mark.parametrize(
    ("cells", "identity"),
    [
        ({"path": "Company/Sales"}, ("'Company/Sales'", "departments|company/sales", ("departments|company",), 1)),
        ({"departmentName": "Sales", "parent": "/Company"}, ("'Company/Sales'", "departments|company/sales", ("departments|company",), 1)),
        ({"departmentName": "Company", "location": "Oslo"}, ("'Company'", "departments|company", ("locations|oslo",), 0)),
        (
            {"departmentName": "Sales", "parentDepartmentId": 1},
            ("'Sales' below the department with id 1", "departments|#1|sales", (), 0),
        ),
        (
            {"action": "update", "departmentId": 2, "path": "Group/Sales"},
            ("with id 2", "departments|group/sales", ("departments|group",), 1),
        ),
        ({"action": "update", "departmentId": 2, "departmentName": "X"}, ("with id 2", None, (), 0)),
    ],
)
def test_which_department_a_row_is_about(cells, identity, read):
    """
    Key, needs and depth follow from path or from parent and name; with nothing but ids the file does not tell.
    """
    told = ENTITIES["departments"].identify(read("departments", cells)[0])
    assert identity == (told.label, told.key, told.needs, told.depth)


async def test_unlocking_a_user(prepare, fake):
    """
    The user id goes in the query; whether it was done shows in the list of locked users.
    """
    fake.answers = {"listLockedUsers": [{"userId": "Anna"}]}
    plan = await prepare("locked_users", {"userId": "anna"})
    assert Standing(done=False) == await plan.steps[0].reconcile()
    await plan.steps[0].send()
    fake.answers = {"listLockedUsers": []}
    assert Standing(done=True) == await plan.steps[0].reconcile()
    assert [("unlockUser", {"userId": "anna"}, None)] == [(call.name, call.query, call.body) for call in fake.writes]


def test_a_name_with_the_separator_of_paths_is_a_warning(read):
    """
    A department may be called so in PM; who meant a path is told what becomes of it.
    """
    _record, findings = read("departments", {"departmentName": "R/D", "location": "Oslo"})
    words = "departmentName: 'R/D' has '/' in it, which separates names in paths: it becomes one department; for several fill path"
    assert [(words, "warning")] == [(str(finding), finding.severity) for finding in findings]
