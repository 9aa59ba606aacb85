from __future__ import annotations

import re

import anyio
import pytest
from anyio.lowlevel import checkpoint

from pmbulk.entities.exporting import read_each
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Verdict
from pmbulk.errors import LoginError, RejectedError, UnreachableError, UsageError

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
    {"departmentId": 8, "departmentName": "A;B", "parentDepartmentId": 1},
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
EVA = {"userRecId": 19, "userId": "eva", "departments": [{"departmentId": 8}, {"departmentId": 2}]}


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
        {"path": "Company/A;B"},
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
        {"department.1": "Company/A;B", "department.2": "Company/Sales", "userId": "eva"},
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


async def test_names_are_told_where_pm_writes_ids_as_texts(exported, prepare, pm):
    """
    An id is the same one whether PM gives a number or its digits, as it does for some (QUIRKS 41).
    """
    user = EVA | {"departments": [{"departmentId": "8"}, {"departmentId": "2"}], "primaryDepartmentId": "2"}
    pm.answers |= {"listUsers": [{"userId": "eva"}], "getUserByUserId": user}
    (row,) = await exported("users")
    assert {"department.1": "Company/Sales", "department.2": "Company/A;B", "userId": "eva"} == row
    assert Verdict.NOTHING == (await prepare("users", {"action": "update"} | row)).verdict


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


@pytest.fixture
def reading(session_of):
    """
    Reads numbers in batches of 50; gives what was read, and what the session notes of the others.
    """

    async def read_all(read, count):
        async def batches():
            for start in range(0, count, 50):
                yield range(start, min(start + 50, count))

        session = session_of()
        with anyio.fail_after(5):
            found = [one async for one in read_each(session, read, batches(), called=lambda key: f"number {key}")]
        return found, [f"{one.what}: {one.why}" for one in session.unread]

    return read_all


async def test_many_are_read_at_a_time_and_a_batch_is_held(reading):
    """
    At most 32 reads are under way together and never two batches, and the order is that of the keys.
    """
    under_way, most = set(), 0

    async def read(key):
        nonlocal most
        under_way.add(key)
        most = max(most, len(under_way))
        for _ in range(10 - key % 10):
            await checkpoint()
        assert 1 == len({one // 50 for one in under_way})
        under_way.discard(key)
        return key * 10

    assert ([key * 10 for key in range(120)], []) == await reading(read, 120)
    assert 32 == most


@pytest.mark.parametrize("error", [RejectedError("no", http=500), UnreachableError("no")], ids=["refused", "no answer"])
async def test_what_cannot_be_read_is_left_out(error, reading):
    """
    One object that PM refuses, or is silent about, is named, and all the others are read.
    """

    async def read(key):
        await checkpoint()
        if key == 3:
            raise error
        return key

    assert ([0, 1, 2, *range(4, 120)], ["number 3: no"]) == await reading(read, 120)


async def test_a_hopeless_list_is_given_up(reading):
    """
    After 32 failures in a row no more is asked for, since each may cost minutes; the first that was not asked for is named.
    """
    asked = []

    async def read(key):
        asked.append(key)
        await checkpoint()
        if key >= 60:
            raise RejectedError("no", http=500)
        return key

    found, unread = await reading(read, 1000)
    assert list(range(60)) == found
    assert re.fullmatch(r"number \d+ and all that follow: not asked for, because the \d+ before could not be read", unread[-1])
    assert len(asked) < 130


async def test_a_session_that_is_over_ends_the_reading(reading):
    """
    A login that PM refuses comes out as it is, and nothing more is read.
    """
    asked = []

    async def read(key):
        asked.append(key)
        await checkpoint()
        raise LoginError("refused")

    with pytest.raises(LoginError):
        await reading(read, 200)
    assert 32 >= len(asked)


NUMBERS = {"MX1": ["1001", "1002"], "MX2": ["2001"]}


@pytest.fixture
def numbered(fake, refusal):
    """
    A PM with two subsystems of IP extensions.
    """

    def details(call):
        query = call.query
        known = query["extensionNumber"] in NUMBERS[query["subsystemName"]] and query["extensionType"] == "IP"
        shown = {
            "extensionId": 1,
            "extensionNumber": query["extensionNumber"],
            "extensionType": "IP",
            "extensionVO": {"dir": query["extensionNumber"]},
        }
        return shown if known else refusal(404)

    fake.answers = {
        "listSubsystems": [{"subsystemId": number, "subsystemName": name} for number, name in enumerate(NUMBERS, start=1)],
        "getServerDetails": lambda call: {"extensionLimVOs": [{"extension": one} for one in NUMBERS[call.path["subsystemName"]]]},
        "getExtensionDetails": details,
        "getGroupSetup": {},
    }
    return fake


async def told(sheet, session):
    """The numbers that a sheet's export gives."""
    return [row["extensionNumber"] async for row in ENTITIES[sheet].export(session)]


@pytest.mark.parametrize("status", [500, 404], ids=["refused", "absent"])
async def test_a_subsystem_that_does_not_tell_its_numbers_is_left_out(status, numbered, session_of, refusal):
    """
    The other subsystems are read, and the one that is not is named.
    """
    tell = numbered.answers["getServerDetails"]
    numbered.answers["getServerDetails"] = lambda call: refusal(status) if call.path["subsystemName"] == "MX1" else tell(call)
    session = session_of()
    assert ["2001"] == await told("ip_extensions", session)
    assert [("all extensions in MX1", f"PM says: no (HTTP {status})")] == [(one.what, one.why) for one in session.unread]


async def test_an_extension_that_cannot_be_read_is_left_out(numbered, session_of, refusal):
    """
    One number whose record PM does not give costs its own row alone.
    """
    details = numbered.answers["getExtensionDetails"]
    numbered.answers["getExtensionDetails"] = lambda call: refusal(500) if call.query["extensionNumber"] == "1002" else details(call)
    session = session_of()
    assert ["1001", "2001"] == await told("ip_extensions", session)
    assert ["extension 1002 in MX1"] == [one.what for one in session.unread]


async def test_a_number_of_another_kind_may_be_a_bad_request(numbered, session_of, refusal):
    """
    A PM that answers 400 where it has no such number of the type (QUIRKS 15) leaves nothing unread.
    """
    numbered.answers["getExtensionDetails"] = refusal(400)
    session = session_of()
    assert [] == await told("virtual_extensions", session)
    assert [] == session.unread


async def test_a_number_is_of_one_kind(numbered, session_of):
    """
    What one sheet has found to be of its kind the sheets of the other kinds do not ask for again.
    """
    session = session_of()
    assert ["1001", "1002", "2001"] == await told("ip_extensions", session)
    before = numbered.count("getExtensionDetails")
    for sheet in ("virtual_extensions", "multi_terminal_extensions", "mobile_extensions", "cordless_extensions"):
        assert [] == await told(sheet, session)
    assert before == numbered.count("getExtensionDetails")


async def test_extensions_of_one_subsystem(numbered, fake):
    """
    Only its numbers are read, its name in any case; one that PM does not have ends the export.
    """
    assert ["2001"] == await told("ip_extensions", Session(fake, only_subsystem="mx2"))
    assert 1 == numbered.count("getServerDetails")
    with pytest.raises(
        UsageError, match=r"^PM has no telephony subsystem 'MX3', or this administrator cannot see it\. Nearest: MX1, MX2\.$"
    ):
        await told("ip_extensions", Session(fake, only_subsystem="MX3"))
