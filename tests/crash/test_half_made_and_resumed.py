from __future__ import annotations

import subprocess

import pytest

from pmbulk.simulator import Fault, FaultKind
from tests.support import rows_of

ROW = {
    "subsystemName": "MX1",
    "extensionNumber": "4100",
    "serverNumber": 1,
    "commonServiceProfile": 1,
    "description": "desk",
    "authorizationCodes.1.authorizationCode": "471199",
    "authorizationCodes.1.hashType": "CLEARTEXT",
}


def kill_in_stall(process, pm):
    """Kill the process once PM keeps it waiting for an answer."""
    while not any(arrival.fault is FaultKind.TIMEOUT_BEFORE for arrival in pm.requests.copy()):
        try:
            process.wait(timeout=0.01)
            break
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.communicate()


@pytest.mark.parametrize("if_exists", ["fail", "skip", "update"])
@pytest.mark.parametrize("at", ["getExtensionDetails", "updateIpExtension"], ids=["before the look", "in the completion"])
def test_a_half_made_extension_is_completed_after_a_crash(at, if_exists, command, workbook, pm):
    """
    Wherever the process dies after PM made a part, a resume completes it, whatever would become of another's extension.
    """
    pm.faults.add(
        Fault(kind=FaultKind.HALF_MADE, status=500),
        # A row that must not find its extension has asked for each of its types before.
        Fault(kind=FaultKind.TIMEOUT_BEFORE, match=at, nth=4 if at == "getExtensionDetails" and if_exists != "fail" else 1),
    )
    path = workbook({"ip_extensions": [list(ROW), list(ROW.values())]})
    kill_in_stall(command.start("run", path, "--if-exists", if_exists, "-q"), pm)
    pm.faults.clear()
    assert "description" not in pm.world.extensions[1, "4100"].body
    command("resume", check=0)
    (line,) = rows_of(path.with_name("input.results.xlsx"), "ip_extensions")
    assert "succeeded" == line["_status"]
    body = pm.world.extensions[1, "4100"].body
    assert ("desk", "471199") == (body["description"], body["authorizationCodes"][0]["authorizationCode"])
    assert 1 == sum(arrival.operation == "createIpExtension" for arrival in pm.requests)
