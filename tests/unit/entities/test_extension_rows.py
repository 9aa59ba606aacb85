from __future__ import annotations

import pytest

from pmbulk.entities.model import Operation
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.steps import Change, Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

PLACE = {"subsystemName": "mx1", "extensionNumber": "1001"}
CODE = "Sentinel-7391"
RECORD = {
    "extensionId": 70,
    "extensionNumber": "1001",
    "subsystemId": 9,
    "subsystemName": "MX1",
    "extensionType": "IP",
    "description": "desk",
    "terminalType": "unknown to us",
    "extensionVO": {
        "gedi": [{"dir": "1001", "mcost": "10", "csp": {"cspnumber": "11"}, "newer": "unknown"}],
        "ipex": [{"dir": "1001", "macaddr": "08000F123456"}],
        "auco": [{"auth": CODE, "hashtype": "CLEARTEXT"}],
        "susi": {"lineStatus": "busy"},
        "iper": [{"ver": "6.1"}],
    },
}
STEADY = {name: value for name, value in RECORD["extensionVO"].items() if name not in {"susi", "iper"}}


@pytest.fixture
def pbx(fake):
    """
    A PM with one extension.
    """
    fake.answers = {"getExtensionDetails": RECORD, "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}]}
    return fake


async def test_an_update_sends_pm_s_record_with_the_cells_in_it(sent, pbx):
    """
    All that PM's document has goes back; what it does not know, and what is going on at the moment (DOMAIN 5), is left out.
    """
    call = await sent("extensions", {"description": "new", "extensionVO.gedi.1.mcost": 20} | PLACE)
    gedi = {"dir": "1001", "mcost": "20", "csp": {"cspnumber": "11"}}
    assert ("updateExtension", {"extensionNumber": "1001"}) == (call.name, call.query)
    assert RECORD | {"description": "new", "extensionVO": STEADY | {"gedi": [gedi]}} == call.wire


async def test_a_code_in_the_record_is_secret(sent, pbx):
    """
    Codes that are carried along are secrets in the body.
    """
    call = await sent("extensions", {"description": "new"} | PLACE)
    assert Secret(CODE) == call.body["extensionVO"]["auco"][0]["auth"]


async def test_a_member_beside_a_secret_that_pm_does_not_show(prepare, pbx):
    """
    The record of a terminal has no password, which is no reason to ask for one.
    """
    plan = await prepare("extensions", {"extensionVO.ipex.1.macaddr": "08000F654321"} | PLACE)
    assert (Change("extensionVO.ipex.1.macaddr", "08000F123456", "08000F654321"),) == plan.changes


@pytest.mark.parametrize(
    "cells",
    [{"extensionVO.gedi.1.mcost": "10"}, {"description": "desk", "subsystemId": 9}, {"extensionType": "ip", "extensionId": 70}],
    ids=["member", "names in another case", "what must agree"],
)
async def test_a_row_that_pm_already_is_sends_nothing(cells, prepare, pbx):
    """
    Equal values are no change.
    """
    assert Verdict.NOTHING == (await prepare("extensions", cells | PLACE)).verdict


async def test_a_record_without_its_subsystem_gets_one(sent, pbx):
    """
    The call's query has the number only, so the body must say which subsystem is meant (QUIRKS 44).
    """
    pbx.answers["getExtensionDetails"] = {"extensionId": 70, "extensionVO": {"gedi": [{"dir": "1001"}]}}
    call = await sent("extensions", {"description": "new"} | PLACE)
    assert {"subsystemName": "MX1", "subsystemId": 9, "extensionNumber": "1001"}.items() <= call.wire.items()


@pytest.mark.parametrize(("header", "typed", "held"), [("extensionId", 71, 70), ("extensionType", "DECT", "IP")])
async def test_what_the_row_says_of_the_extension_must_agree(header, typed, held, prepare, pbx):
    """
    An id or type that is not the extension's means that another one was meant.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("extensions", {"action": "delete", header: typed} | PLACE)
    assert f"{header}: is {typed}, but the extension's is {held}; correct it or empty the cell" == str(caught.value)


@pytest.mark.parametrize("kind", ["IP", "MOBILE", "DECT", "VIRTUAL", "MULTI_TERMINAL", "REMOTE"])
async def test_a_delete_says_the_type_that_pm_shows(kind, sent, pbx):
    """
    The row need not know the type.
    """
    pbx.answers["getExtensionDetails"] = RECORD | {"extensionType": kind}
    call = await sent("extensions", {"action": "delete"} | PLACE)
    assert ("deleteExtension", {"subsystemName": "MX1"}, {"extensionNumber": "1001", "extensionType": kind}) == (
        call.name,
        call.path,
        call.query,
    )


async def test_a_type_that_nobody_tells_is_asked_for(prepare, pbx):
    """
    Where PM leaves the type out, the row has to give it.
    """
    pbx.answers["getExtensionDetails"] = {"extensionId": 70}
    with pytest.raises(InvalidRowError) as caught:
        await prepare("extensions", {"action": "delete"} | PLACE)
    assert "extensionType: is blank, and PM does not tell it; type one of IP, MOBILE, DECT, VIRTUAL, MULTI_TERMINAL, REMOTE" == str(
        caught.value
    )
    plan = await prepare("extensions", {"action": "delete", "extensionType": "DECT"} | PLACE)
    await plan.steps[0].send()
    assert "DECT" == pbx.writes[-1].query["extensionType"]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_pm_that_does_not_know_all_types_at_once(status, sent, pbx, refusal):
    """
    `ALL` is in PM's sample but not in its list (QUIRKS 50); the listed types are asked for then.
    """
    pbx.answers["getExtensionDetails"] = lambda call: RECORD if call.query["extensionType"] == "IP" else refusal(status)
    call = await sent("extensions", {"description": "new"} | PLACE)
    assert "new" == call.wire["description"]


async def test_a_pm_that_refuses_to_be_asked_for_another_type(prepare, pbx, refusal):
    """
    A 400 may be about the type, so the other types are asked for; where none is the number's, PM's refusal stands.
    """
    pbx.answers["getExtensionDetails"] = lambda call: RECORD if call.query["extensionType"] == "REMOTE" else refusal(400)
    assert "change" == (await prepare("extensions", {"description": "new"} | PLACE)).verdict
    pbx.answers["getExtensionDetails"] = refusal(400)
    with pytest.raises(RejectedError, match="HTTP 400"):
        await prepare("extensions", {"description": "new"} | PLACE)


async def test_a_number_that_is_nowhere(prepare, pbx, refusal):
    """
    An update of a number that PM does not have fails the row.
    """
    pbx.answers["getExtensionDetails"] = refusal(404)
    with pytest.raises(RejectedError) as caught:
        await prepare("extensions", {"description": "new"} | PLACE)
    assert "PM has no extension 1001 in mx1, or this administrator cannot see it; check the name" == str(caught.value)


async def test_an_import_goes_by_the_subsystem_s_id(sent, pbx):
    """
    Of all extension calls this one takes the id; the row's name is looked up.
    """
    call = await sent("extensions", {"action": "import"} | PLACE)
    assert ("importExtension", {"extensionNumber": "1001", "subsystemId": 9}) == (call.name, call.query)


async def test_an_import_whose_answer_was_lost(prepare, pbx, refusal):
    """
    PM knows the number if the import was done.
    """
    plan = await prepare("extensions", {"action": "import"} | PLACE)
    assert Standing(done=True, id="70") == await plan.steps[0].reconcile()
    pbx.answers["getExtensionDetails"] = refusal(404)
    assert Standing(done=False) == await plan.steps[0].reconcile()


async def test_an_import_needs_the_id_where_nobody_may_look_it_up(prepare, pbx, refusal):
    """
    Where PM refuses the list of subsystems the row has to give the id.
    """
    pbx.answers["listSubsystems"] = refusal(403)
    with pytest.raises(InvalidRowError) as caught:
        await prepare("extensions", {"action": "import"} | PLACE)
    assert "subsystemId: is blank, and PM does not let this administrator look it up by name; fill it" == str(caught.value)


def test_a_row_says_which_extension(read):
    """
    A blank action is an update, and a row without number and subsystem means no extension.
    """
    record, findings = read("extensions", {"description": "x"})
    assert Operation.UPDATE == record.operation
    assert ["extensionNumber", "subsystemName"] == [finding.column for finding in findings if finding.severity is Severity.ERROR]


def test_raw_rows_share_the_key_of_the_kinds(read):
    """
    Rows of all extension sheets about one number are about one extension.
    """
    assert "extensions|mx1|1001" == ENTITIES["extensions"].identify(read("extensions", PLACE)[0]).key


HASHED = RECORD | {"extensionVO": RECORD["extensionVO"] | {"auco": [{"auth": "e3b0", "hashtype": "MD5A1"}, {"auth": CODE}]}}


async def test_a_hash_in_the_record_is_not_sent_back(prepare, pbx):
    """
    A hash sent as a code would become the code (DOMAIN 4), so that code is left out, and the row says so.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    plan = await prepare("extensions", {"description": "new"} | PLACE)
    await plan.steps[0].send()
    assert [{"auth": CODE}] == pbx.writes[0].wire["extensionVO"]["auco"]
    assert (
        "PM does not show extensionVO.auco.1.auth, so it was not sent back; make sure that PM still has it, or fill it in the row."
        == plan.message
    )


async def test_what_belongs_to_a_hash_in_the_record_wants_the_code(sent, prepare, pbx):
    """
    A cell beside a hashed code needs the code again; with it, both are written.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    with pytest.raises(InvalidRowError) as caught:
        await prepare("extensions", {"extensionVO.auco.1.cilcode": "7"} | PLACE)
    message = "is blank, and PM does not show what it has; type it again to change what belongs to it"
    assert f"extensionVO.auco.1.auth: {message}" == str(caught.value)
    call = await sent("extensions", {"extensionVO.auco.1.cilcode": "7", "extensionVO.auco.1.auth": "0815"} | PLACE)
    assert [{"auth": "0815", "hashtype": "MD5A1", "cilcode": "7"}, {"auth": CODE}] == call.wire["extensionVO"]["auco"]
