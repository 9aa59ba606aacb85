"""The system's sheets and all exports against the simulated PM, over TCP."""

from __future__ import annotations

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Verdict
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from tests.support import PASSWORD, applied_twice, plan_of, rows_of, statuses


@pytest.fixture
async def session(pm):
    """
    A job's session with `pm`.
    """
    async with PmClient(Connection(url=pm.url, user="admin", password=Secret(PASSWORD), insecure=True)) as client:
        await client.start()
        yield Session(client)


@pytest.mark.parametrize("sheet", [sheet for sheet, entity in ENTITIES.items() if entity.export and "update" in entity.by_operation])
async def test_an_export_run_unchanged_changes_nothing(sheet, session):
    """
    Every row that an export gives comes to nothing as an update.
    """
    entity = ENTITIES[sheet]
    rows = [row async for row in entity.export(session)]
    assert rows
    for row in rows[:40]:
        plan = await plan_of(sheet, {"action": "update"} | row, session)
        assert Verdict.NOTHING == plan.verdict, (row, plan.changes)


def test_system_sheets_run(command, workbook, pm):
    """
    Locations, subsystems, profiles, fields and options are made, changed and removed by name, each row in its place.
    """
    telephony = ["mxoneSubsystem.ipOrFQDNAddress", "mxoneSubsystem.userId", "mxoneSubsystem.password"]
    manager = ["sipDectManager.ipOrFQDNaddress", "sipDectManager.userID", "sipDectManager.password", "sipDectManager.miVoiceMXONESubsystem"]
    path = workbook(
        {
            "ip_extensions": [["subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile"], ["MX9", "2001", 1, 1]],
            "subsystems": [
                ["action", "subsystemType", "subsystemName", "locationName", *telephony, *manager],
                [None, "SIPDECTManager", "DECT 9", "Kiruna", None, None, None, "10.9.9.2", "omm", "dect-secret", "mx9"],
                [None, "TelephonyServer", "MX9", "Kiruna", "10.9.9.1", "admin", "mx-secret"],
            ],
            "security_profiles": [
                ["action", "securityProfileName", "privileges", "description"],
                ["create", "Night desk", "view LOGS;Manage user data", None],
                ["update", "help desk", "View logs", "first line"],
                ["delete", "User Admin", None, None],
            ],
            "udf_definitions": [
                ["udfType", "udfId", "udfDisplayName", "udfAdDisplayName"],
                ["USERS", 1, "Desk phone", None],
                ["DEPARTMENTS", None, "manager", "managedBy"],
            ],
            "system_options": [["optionName", "value"], ["log every READ", "yes"], ["Use secure passwords", True]],
            "locations": [["locationName"], ["Kiruna"]],
        }
    )
    command("run", path, check=0)
    results = path.with_name("input.results.xlsx")
    assert ["succeeded", "succeeded"] == statuses(results, "subsystems")
    assert ["succeeded", "succeeded", "succeeded"] == statuses(results, "security_profiles")
    assert ["succeeded", "succeeded"] == statuses(results, "udf_definitions")
    assert ["succeeded", "skipped"] == statuses(results, "system_options")
    assert ["succeeded"] == statuses(results, "ip_extensions")
    assert {} == applied_twice(pm)
    assert "mx-secret" not in str(rows_of(results, "subsystems"))
    again = command("run", path, "--if-exists", "update", check=1)
    results = path.with_name("input.results-2.xlsx")
    assert ["skipped", "skipped"] == statuses(results, "subsystems"), again.said
    assert ["skipped", "skipped", "failed"] == statuses(results, "security_profiles")
