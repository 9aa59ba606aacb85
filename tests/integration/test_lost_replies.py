"""Every operation that must not be sent twice blindly, with its answer lost in every way, from a spreadsheet's row over TCP."""

from __future__ import annotations

from dataclasses import replace

import pytest

import pmbulk
from pmbulk.door.options import RunOptions
from pmbulk.door.running import Target
from pmbulk.endpoints import ENDPOINTS
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, rows_of

ONCE = sorted(name for name, one in ENDPOINTS.items() if not one.repeatable and one.writes)
NEW = {"subsystemName": "MX1", "serverNumber": 1, "commonServiceProfile": 1, "nameIdentity.firstName": "Ann", "description": "desk"}
CODE = {"authorizationCodes.1.authorizationCode": "471199", "authorizationCodes.1.hashType": "MD5A1"}
HANDSET = {"authenticationKey": "1234", "internationalPortableEquipmentIdentity": "0000707404102"}
PANEL = {"extensionNumber": "1101", "subsystemName": "MX1", "panelTypeKey": "Mitel6869i"}
#: Operation → the sheet and the row that is sent with it.
ROWS = {
    "createCallChoice": ("call_choices", {"extensionNumber": "1101", "listNumber": 2, "chono": 2, "anspos": "1002"}),
    "createCordlessExtension": ("cordless_extensions", {"extensionNumber": "4100"} | NEW | HANDSET),
    "createDepartment": ("departments", {"path": "Company/EMEA", "location": "London", "description": "new"}),
    "createIpExtension": (
        "ip_extensions",
        {"extensionNumber": "4101"} | NEW | CODE | {"ringSignals.1.callingNumber": "5", "customer": "0"},
    ),
    "createLocation": ("locations", {"locationName": "Kiruna", "description": "north"}),
    "createMobileExtension": (
        "mobile_extensions",
        {"extensionNumber": "4102"} | NEW | {"defaultRemoteNumber": "00701234567", "receivedANumber": "0701234567"},
    ),
    "createMultiTerminalExtension": (
        "multi_terminal_extensions",
        {"extensionNumber": "4103"}
        | NEW
        | CODE
        | {"ipExtension.maximumTerminals": 2}
        | {f"dectExtension.{name}": value for name, value in HANDSET.items()},
    ),
    "createPersonalNumberList": (
        "personal_number_lists",
        {"extensionNumber": "1101", "list.listNo": 3, "list.listName": "Away", "chos.1.chono": 1, "chos.1.anspos": "1002"},
    ),
    "createSecurityProfile": (
        "security_profiles",
        {"securityProfileName": "Night desk", "description": "new", "privileges": "View logs; Manage user data"},
    ),
    "createSubsystem": (
        "subsystems",
        {"subsystemType": "TelephonyServer", "subsystemName": "MX9", "locationName": "London"}
        | {"mxoneSubsystem.ipOrFQDNAddress": "192.0.2.9", "mxoneSubsystem.userId": "admin", "mxoneSubsystem.password": "Sentinel-9!"},
    ),
    "createUser": (
        "users",
        {"userId": "new.one", "firstName": "New", "lastName": "One", "newPassword": "Sentinel-User-1!", "department": "Company/HR"}
        | {"mobileNumber": "0701", "keyWords": "b; a", "emailAddress": "new.one@example.com"}
        | {"extensions.1.extensionNumber": "1003", "extensions.1.subsystemName": "MX1"},
    ),
    "createVirtualExtension": ("virtual_extensions", {"extensionNumber": "4104"} | NEW),
    "updatePhoneKeys": (
        "phone_keys",
        {"action": "add"} | PANEL | {"keys.1.keyPosition": 5, "keys.1.keyFunction": "TNS", "keys.1.keyFunctionValue": "1002"},
    ),
}
FAULTS = {
    "timeout before": Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=5.0),
    "timeout after": Fault(kind=FaultKind.TIMEOUT_AFTER, seconds=5.0),
    "reset before": Fault(kind=FaultKind.RESET_BEFORE),
    "reset after": Fault(kind=FaultKind.RESET_AFTER),
    "truncated": Fault(kind=FaultKind.TRUNCATE),
    "500 before": Fault(kind=FaultKind.STATUS, status=500),
    "502 after": Fault(kind=FaultKind.STATUS_AFTER, status=502),
    "503 with a wait after": Fault(kind=FaultKind.STATUS_AFTER, status=503, retry_after="0"),
    "HTML": Fault(kind=FaultKind.HTML),
}
#: Faults after which PM has done the work.
DONE = {"timeout after", "reset after", "truncated", "502 after", "503 with a wait after", "HTML"}


@pytest.fixture
def settings():
    """
    A PM that shows as little as the document lets it: nothing empty, no `false`, and of handsets neither key nor identity.
    """
    return SimulatorSettings(password=PASSWORD, omit_false=True, dect_handsets_registered=True)


def carried_out(pm, name):
    """How often PM did the operation, and how often it was asked to."""
    worked = [arrival.worked for arrival in pm.requests if arrival.operation == name]
    return sum(status is not None and status < 300 for status in worked), len(worked)


@pytest.mark.parametrize("bad_day", FAULTS)
def test_a_lost_reply_does_nothing_twice(bad_day, workbook, pm, tmp_path):
    """
    Where each operation's answer is lost once, each row succeeds, PM did each operation once, and was asked again only where it had not done it.
    """
    pm.faults.add(*(replace(FAULTS[bad_day], match=name, limit=1) for name in ONCE))
    # Short only where an answer is waited for in vain: a busy machine answers late as well.
    connection = Connection(pm.url, "admin", Secret(PASSWORD), timeout_s=1.0 if bad_day.startswith("timeout") else 30.0)
    book = workbook({sheet: [list(cells), list(cells.values())] for sheet, cells in ROWS.values()})
    target = Target(connection, tmp_path / "state")
    results = pmbulk.run(book, target, options=RunOptions(per_subsystem=len(ONCE))).results
    lines = {name: rows_of(results, sheet)[0] for name, (sheet, _cells) in ROWS.items()}
    assert dict.fromkeys(ONCE, ("succeeded", None)) == {name: (line["_status"], line["_message"]) for name, line in lines.items()}
    assert dict.fromkeys(ONCE, (1, 1 if bad_day in DONE else 2)) == {name: carried_out(pm, name) for name in ONCE}


def test_every_operation_has_a_row():
    """
    No operation that must not be sent twice is left out.
    """
    assert sorted(ROWS) == ONCE
