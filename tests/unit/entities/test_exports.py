from __future__ import annotations

import anyio
import pytest
from anyio.lowlevel import checkpoint

from pmbulk.entities.exporting import read_each
from pmbulk.entities.steps import Verdict
from pmbulk.errors import RejectedError

DEPARTMENTS = [
    {"departmentId": 3, "departmentName": "EMEA", "parentDepartmentId": 2, "udf3": "x"},
    {"departmentId": 2, "departmentName": "Sales", "parentDepartmentId": 1, "description": "sells"},
    {
        "departmentId": 1,
        "departmentName": "Company",
        "parentDepartmentId": 0,
        "location": {"locationId": 4, "locationName": "Oslo", "description": "north"},
    },
    {"departmentId": 5, "departmentName": "R/D", "parentDepartmentId": 1},
    {"departmentId": 6, "departmentName": "Twin", "parentDepartmentId": 1},
    {"departmentId": 7, "departmentName": "Twin", "parentDepartmentId": 1, "location": {"locationId": 9}},
]
ANNA = {
    "userRecId": 17,
    "userId": "anna",
    "firstName": "Anna",
    "lastName": "Berg",
    "securityProfile": "End User",
    "departments": [{"departmentId": 3}, {"departmentId": 1}],
    "primaryDepartmentId": 1,
    "userExtensions": [
        {"extensionNumber": "1001", "subsystemId": 1, "subsystemName": "MX1", "cmgSettings": {"secret": False}},
    ],
    "altFirstNames": [{"id": 1, "altFirstName": "Ann"}, {"id": 2, "altFirstName": "Annie"}],
    "micollab": {"extension": "1001", "authorizationCode": "code-of-anna"},
    "userMailBoxDTO": {"mailboxNumber": ["1001"]},
    "udf33": "z",
}
BO = {"userRecId": 18, "userId": "bo", "departments": [{"departmentId": 6}]}
EVA = {"userRecId": 19, "userId": "eva"}


@pytest.fixture
def pm(fake, refusal):
    """
    A PM with two locations, a tree of departments with awkward names, and users of whom one goes while they are read.
    """
    users = {user["userId"]: user for user in (ANNA, BO, EVA)}
    fake.answers = {
        "listLocations": [
            {"locationId": 4, "locationName": "Oslo", "description": "north", "cmgcustgrp": "2"},
            {"locationId": 8, "locationName": "Rome"},
            {"locationId": 9, "locationName": "ROME"},
        ],
        "listDepartments": DEPARTMENTS,
        "getDepartment": lambda call: next(one for one in DEPARTMENTS if one["departmentId"] == int(call.path["departmentId"])),
        "listSubsystems": [{"subsystemId": 1, "subsystemName": "MX1"}, {"subsystemId": 2, "subsystemName": "MX2"}],
        "listUsers": [{"userId": name} for name in ("anna", "gone", "bo", "eva")] + [{"userId": ""}],
        "getUserByUserId": lambda call: users.get(call.path["userId"], refusal(404)),
        "listLockedUsers": [{"userId": "anna", "attempts": 5}, {}],
    }
    return fake


EXPORTS = {
    "locations": [
        {"locationName": "Oslo", "description": "north", "cmgCustomerGroup": "2"},
        {"locationId": 8, "locationName": "Rome"},
        {"locationId": 9, "locationName": "ROME"},
    ],
    "departments": [
        {"path": "Company", "location": "Oslo"},
        {"departmentId": 5, "departmentName": "R/D", "parentDepartmentId": 1},
        {"path": "Company/Sales", "description": "sells"},
        {"path": "Company/Sales/EMEA", "udf3": "x"},
        {"departmentId": 6, "departmentName": "Twin", "parentDepartmentId": 1},
        {"departmentId": 7, "departmentName": "Twin", "parentDepartmentId": 1, "location.locationId": 9},
    ],
    "users": [
        {
            "department": "Company;Company/Sales/EMEA",
            "userId": "anna",
            "firstName": "Anna",
            "lastName": "Berg",
            "altFirstNames": "Ann;Annie",
            "extensions.1.extensionNumber": "1001",
            "extensions.1.subsystemName": "MX1",
            "extensions.1.cmgSettings.secret": False,
            "micollab.extension": "1001",
            "udf33": "z",
        },
        {"userId": "bo", "departmentIds": "6"},
        {"userId": "eva"},
    ],
}


@pytest.mark.parametrize("sheet", EXPORTS)
async def test_an_export_run_unchanged_changes_nothing(sheet, exported, prepare, pm):
    """
    Rows have names where names tell the object and ids where they do not, parents before children; as updates they come to nothing.
    """
    rows = await exported(sheet)
    assert EXPORTS[sheet] == rows
    for row in rows:
        assert Verdict.NOTHING == (await prepare(sheet, {"action": "update"} | row)).verdict, row


async def test_locked_users_are_listed(exported, pm):
    """
    The export of locked users says who is locked.
    """
    assert [{"userId": "anna"}] == await exported("locked_users")


@pytest.mark.parametrize(
    ("sheet", "hidden", "row"),
    [
        ("users", "listDepartments", {"userId": "bo", "departmentIds": "6"}),
        ("departments", "listLocations", {"path": "Company", "location.locationId": 4}),
    ],
)
async def test_an_export_without_the_right_to_see_names_gives_ids(sheet, hidden, row, exported, pm, refusal):
    """
    Where PM does not list what a row refers to, its ids stand.
    """
    pm.answers[hidden] = refusal(403)
    assert row in await exported(sheet)


async def test_an_export_that_may_not_list_fails(exported, pm, refusal):
    """
    What PM refuses to list cannot be exported, and other errors of a look-up are no reason to go on without names.
    """
    pm.answers["listDepartments"] = refusal(500)
    for sheet in ("users", "departments"):
        with pytest.raises(RejectedError):
            await exported(sheet)


async def test_a_few_are_read_at_a_time():
    """
    At most four reads are under way together, and their order is that of the keys.
    """
    under_way, most = set(), 0

    async def read(key):
        nonlocal most
        under_way.add(key)
        most = max(most, len(under_way))
        for _ in range(10 - key):
            await checkpoint()
        under_way.discard(key)
        return key * 10

    assert [key * 10 for key in range(10)] == [found async for found in read_each(read, range(10))]
    assert 4 == most


async def test_a_read_that_fails_ends_the_others():
    """
    The error comes out as it is, and nothing more is read.
    """
    asked = []

    async def read(key):
        asked.append(key)
        await checkpoint()
        raise RejectedError(f"no {key}", http=500)

    with anyio.fail_after(1), pytest.raises(RejectedError) as caught:
        [_ async for _ in read_each(read, range(100))]
    assert ("no 0", [0, 1, 2, 3]) == (caught.value.message, asked)
