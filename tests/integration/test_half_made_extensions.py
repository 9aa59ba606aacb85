"""Extensions of which PM makes only a part before it fails (DOMAIN 1): completed over TCP, by the row that made them."""

from __future__ import annotations

from dataclasses import replace

import pytest

import pmbulk
from pmbulk.door.options import RunOptions
from pmbulk.door.running import Target
from pmbulk.entities.session import IfExists
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, rows_of

NEW = {
    "subsystemName": "MX1",
    "extensionNumber": "4100",
    "serverNumber": 1,
    "commonServiceProfile": 1,
    "description": "desk",
    "nameIdentity.firstName": "Ann",
    "authorizationCodes.1.authorizationCode": "471199",
    "authorizationCodes.1.hashType": "SHA256",
}
HANDSET = {"authenticationKey": "1234", "internationalPortableEquipmentIdentity": "0000707404102"}
#: What of its own each kind's row fills; the sheet's name begins with the kind.
OWN = {
    "ip": {"macAddress": "08000F123456", "phoneLanguage": "sv"},
    "virtual": {},
    "multi_terminal": {"ipExtension.maximumTerminals": 2} | {f"dectExtension.{name}": value for name, value in HANDSET.items()},
    "mobile": {"defaultRemoteNumber": "00701234567", "receivedANumber": "0701234567"},
    "cordless": HANDSET,
}
WORDS = {"ip": "Ip", "virtual": "Virtual", "multi_terminal": "MultiTerminal", "mobile": "Mobile", "cordless": "Cordless"}
KINDS = pytest.mark.parametrize("kind", OWN)
TERMINAL = {"ip": "macAddress", "multi_terminal": "ipExtension", "mobile": "defaultRemoteNumber", "cordless": "authenticationKey"}


@pytest.fixture
def settings():
    """
    A PM that shows of handsets neither key nor identity, and replaces what it updates.
    """
    return SimulatorSettings(password=PASSWORD, dect_handsets_registered=True)


@pytest.fixture
def all_carried_out(pm, workbook, tmp_path):
    """
    Carries a row of each kind out in one job and gives their lines in the results.
    """

    def run(rows, **options):
        path = workbook({f"{kind}_extensions": [list(cells), list(cells.values())] for kind, cells in rows.items()})
        target = Target(Connection(pm.url, "admin", Secret(PASSWORD), timeout_s=1.0), tmp_path / "state")
        results = pmbulk.run(path, target, options=RunOptions(**options)).results
        return {kind: rows_of(results, f"{kind}_extensions")[0] for kind in rows}

    return run


@pytest.fixture
def carried_out(all_carried_out):
    """
    Carries a row of a kind out and gives its line in the results.
    """
    return lambda kind, **options: all_carried_out({kind: NEW | OWN[kind]}, **options)[kind]


def written(pm):
    """The writes that PM was asked for, in order."""
    return [arrival.operation for arrival in pm.requests if arrival.method in {"POST", "PUT", "DELETE"} and arrival.operation != "login"]


def whole(pm, kind, number="4100"):
    """Whether PM has all of the extension that the row asks for."""
    body = pm.world.extensions[1, number].body
    own = kind == "virtual" or bool(body.get(TERMINAL[kind]))
    return own and body["description"] == "desk" and body["nameIdentity"] == {"firstName": "Ann"} and len(body["authorizationCodes"]) == 1


@KINDS
def test_a_half_made_extension_is_completed(kind, pm, carried_out):
    """
    Where PM failed after the first of its commands, the same row writes the rest with an update, and nothing is made twice.
    """
    pm.faults.add(Fault(kind=FaultKind.HALF_MADE, status=500))
    line = carried_out(kind)
    assert ("succeeded", None, 2, True) == (line["_status"], line["_message"], line["_attempts"], whole(pm, kind))
    assert [f"create{WORDS[kind]}Extension", f"update{WORDS[kind]}Extension"] == written(pm)


@pytest.mark.parametrize(
    "second",
    [
        Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=5.0),
        Fault(kind=FaultKind.RESET_AFTER),
        Fault(kind=FaultKind.STATUS, status=503),
        Fault(kind=FaultKind.STATUS_AFTER, status=502),
        Fault(kind=FaultKind.HTML),
        Fault(kind=FaultKind.BUSY, status=500),
    ],
    ids=lambda fault: fault.kind.value,
)
def test_the_completion_has_a_bad_day_too(second, pm, all_carried_out):
    """
    A completion whose own answer is lost is sent again, which does no harm; the create is not.
    """
    numbers = dict(zip(OWN, ("4100", "4101", "4102", "4103", "4104"), strict=True))
    for word in WORDS.values():
        pm.faults.add(
            Fault(kind=FaultKind.HALF_MADE, match=f"create{word}Extension", status=500),
            replace(second, match=f"update{word}Extension", limit=1),
        )
    lines = all_carried_out(
        {kind: NEW | OWN[kind] | {"extensionNumber": number} for kind, number in numbers.items()}, per_subsystem=len(OWN)
    )
    assert dict.fromkeys(OWN, ("succeeded", 3, True)) == {
        kind: (line["_status"], line["_attempts"], whole(pm, kind, numbers[kind])) for kind, line in lines.items()
    }
    for word in WORDS.values():
        update = f"update{word}Extension"
        assert [f"create{word}Extension", update, update] == [name for name in written(pm) if name.endswith(f"ate{word}Extension")]


@KINDS
def test_a_completion_that_pm_refuses(kind, pm, carried_out):
    """
    The row fails, and says that the extension is there in part and how to go on.
    """
    pm.faults.add(
        Fault(kind=FaultKind.HALF_MADE, status=500),
        Fault(kind=FaultKind.STATUS, match=f"update{WORDS[kind]}Extension", status=400),
    )
    line = carried_out(kind)
    assert "failed" == line["_status"]
    assert line["_message"].endswith(
        "extension 4100 in MX1 is in PM only in part, and PM refuses the rest; correct the row and run it again with --if-exists update. "
        "PM says: Try again later (HTTP 400)"
    )


def test_another_s_extension_is_not_completed(pm, carried_out):
    """
    Where the number has something that the row does not say, it is left alone, and the row tells the difference.
    """
    pm.world.extensions[1, "4100"] = type(other := pm.world.extensions[1, "1101"])(
        999, "4100", 1, "IP", {**other.body, "extensionNumber": "4100"}
    )
    before = dict(pm.world.extensions[1, "4100"].body)
    pm.faults.add(Fault(kind=FaultKind.RESET_BEFORE, match="createIpExtension"))
    line = carried_out("ip")
    assert ("failed", "DIFFERENT", before) == (line["_status"], line["_code"], pm.world.extensions[1, "4100"].body)


@pytest.mark.parametrize(
    ("kind", "if_exists", "status"),
    [(kind, IfExists.SKIP, 400) for kind in OWN] + [("ip", IfExists.UPDATE, 404), ("cordless", IfExists.UPDATE, 422)],
)
def test_a_refusal_that_left_a_part_where_nothing_was(kind, if_exists, status, pm, carried_out):
    """
    A row that has looked before knows that the part is its own, whatever PM says, and completes it.
    """
    pm.faults.add(Fault(kind=FaultKind.HALF_MADE, status=status))
    line = carried_out(kind, if_exists=if_exists)
    assert ("succeeded", 2, True) == (line["_status"], line["_attempts"], whole(pm, kind))
    assert [f"create{WORDS[kind]}Extension", f"update{WORDS[kind]}Extension"] == written(pm)


@KINDS
def test_a_refusal_that_left_a_part(kind, pm, carried_out):
    """
    Unless the row has looked, a clear no may be a duplicate's: it tells what there is and how to complete it, and overwrites nothing unasked.
    """
    pm.faults.add(Fault(kind=FaultKind.HALF_MADE, status=400))
    line = carried_out(kind)
    assert ("failed", "EXISTS") == (line["_status"], line["_code"])
    assert "extension 4100 in MX1 exists already" in line["_message"]
    assert "description is empty, not 'desk'" in line["_message"]
    pm.faults.clear()
    line = carried_out(kind, if_exists=IfExists.UPDATE)
    assert ("succeeded", True) == (line["_status"], whole(pm, kind))
    assert [f"create{WORDS[kind]}Extension", f"update{WORDS[kind]}Extension"] == written(pm)
