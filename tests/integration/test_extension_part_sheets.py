"""The sheets that hang on an extension against the simulated PM: what their rows make, and that an export of it changes nothing."""

from __future__ import annotations

import anyio
import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Verdict
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import SimulatorSettings, running
from tests.support import plan_of

HERE = {"subsystemName": "mx1", "extensionNumber": "2901"}
CODES = "authorizationCodeVO.auco"
LIST = "personalNumberVO.pelp.lists.1"
ROWS = [
    ("ip_extensions", {"commonServiceProfile": 1, "serverNumber": 1}),
    ("authorization_codes", {f"{CODES}.1.auth": "4711", f"{CODES}.1.hashtype": "CLEARTEXT", f"{CODES}.1.category.csp.cspnumber": "1"}),
    ("authorization_codes", {f"{CODES}.1.cilcode": "77"}),
    ("terminal_selections", {"onsVo.1.onsprefix": "9", "onsVo.1.onstranslateNo": "2902"}),
    ("terminal_selections", {"onsVo.2.onsprefix": "8", "onsVo.2.onstranslateNo": "2903"}),
    ("personal_number_lists", {"list.listNo": 2, "list.listName": "Day", "chos.1.chono": 1, "chos.1.anspos": "2902"}),
    ("personal_number_lists", {"list.listNo": 3, "list.isActive": True, "chos.1.chono": 1, "chos.1.anspos": "2902"}),
    ("personal_number_lists", {"action": "update", "list.listNo": 2, "list.isActive": True, "list.listName": "Late"}),
    ("call_choices", {"listNumber": 2, "chono": 2, "anspos": "2903", "stime": 60, "orgsel.pub": True}),
    ("call_choices", {"action": "update", "listNumber": 2, "chono": 2, "bsycho": 11}),
    ("personal_numbers", {f"{LIST}.listno": 2, f"{LIST}.chos.1.chono": 2, f"{LIST}.chos.1.stime": 30}),
    ("phone_keys", {"phonePanelType": "PANEL", "keys.1.keyPosition": 1, "keys.1.keyFunction": "TNS", "keys.1.keyFunctionValue": "2902"}),
    ("phone_keys", {"keys.1.keyPosition": 1, "keys.1.displayText": "Bo", "keys.2.keyPosition": 2, "keys.2.keyFunction": "PEN"}),
    ("phone_keys", {"action": "add", "keys.1.keyPosition": 4, "keys.1.keyFunction": "LOCK"}),
    ("phone_keys", {"removedKeys.1.keyPosition": 4, "addedKeys.1.keyPosition": 45, "addedKeys.1.keyFunction": "MOB"}),
    ("phone_keys", {"action": "remove", "keys.1.keyPosition": 45}),
]
PARTS = ["authorization_codes", "terminal_selections", "personal_number_lists", "call_choices", "personal_numbers", "phone_keys"]


async def carried_out(session, sheet, cells):
    """Send a row's only step; afterwards reading must show it done."""
    plan = await plan_of(sheet, cells, session)
    (step,) = plan.steps
    await step.send()
    assert True is (await step.reconcile()).done, sheet


async def story(settings, panel):
    with running(settings) as pm:
        connection = Connection(pm.url, "admin", Secret(pm.settings.password), insecure=True)
        async with PmClient(connection) as client:
            await client.start()
            session = Session(client)
            for sheet, cells in ROWS:
                await carried_out(session, sheet, HERE | {name: panel if value == "PANEL" else value for name, value in cells.items()})
            exports = {sheet: [row async for row in ENTITIES[sheet].export(session)] for sheet in PARTS}
            for sheet, rows in exports.items():
                action = "reset" if sheet == "authorization_codes" else "update"
                for row in rows:
                    cells = {name: value.reveal() if isinstance(value, Secret) else value for name, value in row.items()}
                    assert Verdict.NOTHING is (await plan_of(sheet, {"action": action} | cells, session)).verdict, (sheet, row)
            for sheet, cells in (("call_choices", {"listNumber": 2, "chono": 2}), ("personal_number_lists", {"listNumber": 3})):
                await carried_out(session, sheet, HERE | {"action": "delete"} | cells)
            return {sheet: [row for row in rows if row["extensionNumber"] == "2901"] for sheet, rows in exports.items()}


@pytest.mark.parametrize(
    "settings",
    [SimulatorSettings(), SimulatorSettings(omit_false=True), SimulatorSettings(updates_merge=True), SimulatorSettings(omit_empty=False)],
    ids=["replaces", "omits false", "merges", "shows empty"],
)
async def test_rows_make_what_they_say_and_exports_change_nothing(settings):
    """
    Every row is done once sent, whether PM replaces or merges and whatever it leaves out; an export of it, run again, sends nothing.
    """
    with anyio.fail_after(60):
        exports = await story(settings, "Mitel6869i_1_M680i")
    place = {"subsystemName": "MX1", "extensionNumber": "2901"}
    (codes,) = exports["authorization_codes"]
    assert (Secret("4711"), "77") == (codes[f"{CODES}.1.auth"], codes[f"{CODES}.1.cilcode"])
    assert [(2, "Late", True), (3, None, False)] == [
        (row["list.listNo"], row.get("list.listName"), row.get("list.isActive", False)) for row in exports["personal_number_lists"]
    ]
    assert [(2, 1, None), (2, 2, 30), (3, 1, None)] == [
        (row["listNumber"], row["chono"], row.get("stime")) for row in exports["call_choices"]
    ]
    (keys,) = exports["phone_keys"]
    assert ("TNS", "Bo", "PEN") == (keys["keys.1.keyFunction"], keys["keys.1.displayText"], keys["keys.2.keyFunction"])
    assert place == {name: exports["terminal_selections"][0][name] for name in place}
