from __future__ import annotations

import pytest

from pmbulk.entities.model import Operation
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Verdict
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import SimulatorSettings, running
from tests.support import plan_of

SHEETS = ["ip_extensions", "virtual_extensions", "multi_terminal_extensions", "mobile_extensions", "cordless_extensions"]


@pytest.fixture
async def session():
    """
    A session with a simulated PM that replaces the whole object on an update.
    """
    with running(SimulatorSettings(updates_merge=False)) as pm:
        async with PmClient(Connection(pm.url, "admin", Secret("Admin-1234567!"), insecure=True)) as client:
            await client.start()
            yield Session(client)


def without_hash(row):
    shown = row.get("authorizationCodes.1.hashType") == "CLEARTEXT"
    return {header: value for header, value in row.items() if shown or not header.startswith("authorizationCodes.")}


async def exported(sheet, session):
    return [row async for row in ENTITIES[sheet].export(session)]


@pytest.mark.parametrize("sheet", SHEETS)
async def test_what_is_exported_and_updated_stays(sheet, session):
    """
    An export run unchanged sends nothing, and an update of one cell leaves all else in PM as the export had it.

    A code that PM keeps as a hash cannot be sent back (DOMAIN 4), and a PM that replaces drops it then.
    """
    rows = await exported(sheet, session)
    assert rows
    for row in rows:
        plan = await plan_of(sheet, {"action": "update"} | row, session)
        assert (Verdict.NOTHING, ()) == (plan.verdict, plan.changes)
        key = {name: row[name] for name in ("subsystemName", "extensionNumber")}
        plan = await plan_of(sheet, {"action": "update", "description": "touched"} | key, session)
        (step,) = plan.steps
        await step.send()
        assert (await step.reconcile()).done
    assert [without_hash(row) | {"description": "touched"} for row in rows] == await exported(sheet, session)


async def test_all_kinds_are_made_and_removed(session):
    """
    A number of every kind is created, told to be there, changed by its raw record and deleted.
    """
    place = {"subsystemName": "MX1", "serverNumber": 1, "commonServiceProfile": 1}
    own = {
        "multi_terminal_extensions": {"ipExtension.maximumTerminals": 2, "mobileExtension.defaultRemoteNumber": "00701234567"},
        "mobile_extensions": {"defaultRemoteNumber": "00701234567", "receivedANumber": "0701234567"},
        "cordless_extensions": {"authenticationKey": "1234", "internationalPortableEquipmentIdentity": "0000707404102"},
    }
    for number, sheet in enumerate(SHEETS, start=4001):
        key = {"subsystemName": place["subsystemName"], "extensionNumber": str(number)}
        (step,) = (await plan_of(sheet, place | key | own.get(sheet, {}), session)).steps
        assert Operation.CREATE == ENTITIES[sheet].default
        assert (await step.reconcile()).done is False
        await step.send()
        standing = await step.reconcile()
        assert (True, "") == (standing.done, standing.difference)
        (step,) = (await plan_of("extensions", key | {"extensionVO.gedi.1.mcost": "50"}, session)).steps
        await step.send()
        assert (await step.reconcile()).done
        (row,) = [row for row in await exported(sheet, session) if row["extensionNumber"] == str(number)]
        assert "50" == row["maximumChargingCost"]
        (step,) = (await plan_of("extensions", {"action": "delete"} | key, session)).steps
        await step.send()
        assert (await step.reconcile()).done
