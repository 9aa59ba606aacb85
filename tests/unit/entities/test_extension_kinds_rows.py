from __future__ import annotations

import anyio
import pytest

from pmbulk.entities.extension_terminals import check_character
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

IPEI = "0000707404102"
KEY = "73917391"
PLACE = {"subsystemName": "MX1", "extensionNumber": "1001"}
GENERIC = {"dir": "1001", "lim": {"limnumber": "2"}, "csp": {"cspnumber": "11"}}
CORDLESS = {"cxakp": [{"autkey": KEY, "ipei": IPEI}]}
#: Sheet → PM's type, what its terminal is printed as, and what a create needs beside place and profile.
KINDS = {
    "ip_extensions": ("IP", {"ipex": [{"macaddr": "08000F123456"}]}, {}),
    "virtual_extensions": ("VIRTUAL", {}, {}),
    "multi_terminal_extensions": ("MULTI_TERMINAL", {"ipex": [{"maxter": "2"}]}, {"ipExtension.maximumTerminals": 2}),
    "mobile_extensions": ("MOBILE", {"reexvos": [{"defMobNum": "00701"}]}, {"defaultRemoteNumber": "00701"}),
    "cordless_extensions": ("DECT", CORDLESS, {"authenticationKey": KEY, "internationalPortableEquipmentIdentity": IPEI}),
}
SHEETS = pytest.mark.parametrize("sheet", KINDS)
ENDPOINT = {"ip_extensions": "Ip", "virtual_extensions": "Virtual", "mobile_extensions": "Mobile", "cordless_extensions": "Cordless"}
ENDPOINT |= {"multi_terminal_extensions": "MultiTerminal"}
GROUPS = {
    "extensionId": "70",
    "groupSetupVO": {
        "huntGroups": [{"grp": "7"}, {"grp": "8"}],
        "groupBelongingsVO": {"pickupGroup": {"name": "Sales", "grp": "3"}, "doNotDisturbGroup": {"name": "Quiet"}},
    },
}
CARRIED = {"huntGroup": {"huntGroupNumber": "7"}, "callPickupGroup": "3", "groupDoNotDisturb": "Quiet"}


def record_of(sheet, **changes):
    kind, terminal, _cells = KINDS[sheet]
    record = {"extensionId": 70, "extensionNumber": "1001", "extensionType": kind, "description": "desk"}
    return record | {"extensionVO": {"gedi": [GENERIC], **terminal}} | changes


def new(sheet):
    return PLACE | {"serverNumber": 2, "commonServiceProfile": 11} | KINDS[sheet][2]


@pytest.fixture
def pbx(fake, refusal):
    """
    A PM whose one extension is of the type that it is given; asked for another type it has none.
    """

    def details(call):
        record = fake.record
        return record if call.query["extensionType"] in {record.get("extensionType"), "ALL"} else refusal(404)

    fake.record = record_of("ip_extensions")
    fake.answers = {
        "getExtensionDetails": details,
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}],
        "getGroupSetup": GROUPS,
    }
    return fake


@SHEETS
async def test_a_create_costs_one_write(sheet, sent, pbx):
    """
    Each kind is made by its own call with the filled cells, and nothing of the extension is read before.
    """
    call = await sent(sheet, new(sheet))
    assert (f"create{ENDPOINT[sheet]}Extension", {"subsystemName": "MX1"}) == (call.name, call.query)
    assert {"extensionNumber": "1001", "serverNumber": 2, "commonServiceProfile": 11}.items() <= call.wire.items()
    assert ["listSubsystems", call.name] == [one.name for one in pbx.calls]


@SHEETS
async def test_an_update_carries_terminal_and_groups(sheet, sent, pbx):
    """
    What PM shows of the terminal, and the groups that only another call shows, go back beside the one cell (QUIRKS 20).
    """
    pbx.record = record_of(sheet)
    call = await sent(sheet, {"action": "update", "description": "new"} | PLACE)
    terminal = {
        "ip_extensions": {"macAddress": "08000F123456"},
        "multi_terminal_extensions": {"ipExtension": {"maximumTerminals": 2}},
        "mobile_extensions": {"defaultRemoteNumber": "00701"},
        "cordless_extensions": {"authenticationKey": KEY, "internationalPortableEquipmentIdentity": IPEI},
    }.get(sheet, {})
    assert f"update{ENDPOINT[sheet]}Extension" == call.name
    assert {
        "extensionNumber": "1001",
        "description": "new",
        "serverNumber": 2,
        "commonServiceProfile": 11,
    } | terminal | CARRIED == call.wire


@pytest.mark.parametrize(
    ("answer", "carried"),
    [
        (GROUPS | {"extensionId": "1001"}, CARRIED),
        (GROUPS | {"extensionId": ""}, CARRIED),
        (GROUPS | {"extensionId": "71"}, {}),
        ({}, {}),
        (RejectedError("no", http=404), {}),
    ],
    ids=["by number", "without id", "of another extension", "empty", "none"],
)
async def test_whose_groups_they_are(answer, carried, sent, pbx):
    """
    The call knows numbers only: what it tells of another subsystem's extension is left alone (QUIRKS 45, 48).
    """
    pbx.answers["getGroupSetup"] = answer
    call = await sent("ip_extensions", {"action": "update", "description": "new"} | PLACE)
    assert carried == {name: value for name, value in call.wire.items() if name in CARRIED}


async def test_groups_that_cannot_be_read_stop_an_update(prepare, pbx, refusal):
    """
    An update that might end a membership is not sent blindly.
    """
    pbx.answers["getGroupSetup"] = refusal(403)
    with pytest.raises(RejectedError):
        await prepare("ip_extensions", {"action": "update", "description": "new"} | PLACE)


@pytest.mark.parametrize(("pickup", "hunt"), [("3", 7), ("sales", 8)])
async def test_a_group_goes_by_number_or_name(pickup, hunt, prepare, pbx):
    """
    A pickup group given as PM has it, by either, is no change, and neither is any hunt group that the extension is in.
    """
    plan = await prepare("ip_extensions", {"action": "update", "callPickupGroup": pickup, "huntGroup.huntGroupNumber": hunt} | PLACE)
    assert Verdict.NOTHING == plan.verdict


@SHEETS
async def test_a_delete_names_the_type(sheet, sent, pbx):
    """
    A delete reads the record only and says PM's type.
    """
    pbx.record = record_of(sheet)
    call = await sent(sheet, {"action": "delete"} | PLACE)
    assert ({"extensionNumber": "1001", "extensionType": KINDS[sheet][0]}, 0) == (call.query, pbx.count("getGroupSetup"))


async def test_a_number_of_another_kind_is_not_touched(prepare, pbx):
    """
    Where PM tells the record of another type than the sheet's, the row is wrong.
    """
    pbx.answers["getExtensionDetails"] = record_of("mobile_extensions")
    for action in ("update", "delete"):
        with pytest.raises(InvalidRowError) as caught:
            await prepare("virtual_extensions", {"action": action} | PLACE)
        assert "extensionNumber: is no virtual extension: PM's type for it is MOBILE; move the row to the sheet of that type" == str(
            caught.value
        )


@pytest.mark.parametrize(("sheet", "other"), [("ip_extensions", "REMOTE"), ("multi_terminal_extensions", "VIRTUAL")])
async def test_a_kind_may_show_two_types(sheet, other, sent, pbx):
    """
    An IP extension behind a route and a multi-terminal one without terminals are found, and deleted, by the type that PM shows.
    """
    pbx.record = record_of(sheet, extensionType=other)
    call = await sent(sheet, {"action": "delete"} | PLACE)
    assert other == call.query["extensionType"]


async def test_a_registered_handset_is_no_difference(prepare, pbx):
    """
    After the handset has registered the PBX forgets key and IPEI, so a lost create that lacks them was done (DOMAIN 5).
    """
    pbx.record = record_of("cordless_extensions", extensionVO={"gedi": [GENERIC], "cxakp": [{"accessRights": "true"}]})
    plan = await prepare("cordless_extensions", new("cordless_extensions"))
    assert Standing(done=True, id="70") == await plan.steps[0].reconcile()


async def test_an_update_beside_a_registered_handset(sent, pbx):
    """
    Key and IPEI that PM does not show are neither asked for nor sent, and are sent where the row has them.
    """
    pbx.record = record_of("cordless_extensions", extensionVO={"gedi": [GENERIC], "cxakp": [{"accessRights": "true"}]})
    update = {"action": "update", "sendDuration": True} | PLACE
    assert "authenticationKey" not in (await sent("cordless_extensions", update)).wire
    pbx.calls.clear()
    call = await sent("cordless_extensions", update | {"authenticationKey": "4321", "internationalPortableEquipmentIdentity": IPEI})
    assert (Secret("4321"), IPEI) == (call.body["authenticationKey"], call.body["internationalPortableEquipmentIdentity"])


@pytest.mark.parametrize(
    ("digits", "character"), [("000070740410", "2"), ("000000000000", "0"), ("000000000001", "1"), ("100000000200", "*")]
)
def test_the_check_character_of_an_ipei(digits, character):
    """
    The digits times their positions, modulo 11; 10 is written as a star (DOMAIN 4).
    """
    assert character == check_character(digits)


@pytest.mark.parametrize("status", [400, 404])
async def test_a_number_that_pm_does_not_know_can_be_made(status, prepare, pbx, refusal):
    """
    What PM answers about a free number is not documented (QUIRKS 15); a bad request is no obstacle to a create that looks first.
    """
    pbx.answers["getExtensionDetails"] = refusal(status)
    assert Verdict.CREATE == (await prepare("ip_extensions", new("ip_extensions"), if_exists=IfExists.UPDATE)).verdict


@pytest.mark.parametrize(
    ("sheet", "cells", "message"),
    [
        (
            "cordless_extensions",
            {"internationalPortableEquipmentIdentity": "0000707404103"},
            "internationalPortableEquipmentIdentity: '0000707404103' has a wrong digit: its check character would be 2; copy it again from the handset",
        ),
        (
            "cordless_extensions",
            {"internationalPortableEquipmentIdentity": "000070740410"},
            "internationalPortableEquipmentIdentity: '000070740410' must be 12 digits and a check character, which is a digit or *",
        ),
        ("cordless_extensions", {"authenticationKey": "123456789"}, "authenticationKey: must be 1 to 8 digits"),
        ("cordless_extensions", {"authenticationKey": "12-4"}, "authenticationKey: must be 1 to 8 digits"),
        (
            "cordless_extensions",
            {"authenticationKey": None},
            "authenticationKey: is needed to create a cordless extension; fill the cell, for example 12345678",
        ),
        ("cordless_extensions", {"serverNumber": None}, "serverNumber: is blank; fill it to say where the number lives"),
        (
            "mobile_extensions",
            {"defaultRemoteNumber": None},
            "defaultRemoteNumber: is needed to create a mobile extension; fill the cell, for example 00701234567",
        ),
        (
            "virtual_extensions",
            {"serverNumber": None},
            "serverNumber: is blank, and so is domainName; fill one of the two to say where the number lives",
        ),
        (
            "virtual_extensions",
            {"domainName": f"{'x' * 64}.example"},
            f"domainName: '{'x' * 64}.example' must be at most 253 characters, of which 1 to 63 stand between dots",
        ),
        (
            "multi_terminal_extensions",
            {"ipExtension.maximumTerminals": 9},
            "ipExtension.maximumTerminals: '9' must be a number from 1 to 8",
        ),
        (
            "multi_terminal_extensions",
            {
                "dectExtension.sendDuration": True,
                "dectExtension.authenticationKey": "12",
                "dectExtension.internationalPortableEquipmentIdentity": "",
            },
            "dectExtension.internationalPortableEquipmentIdentity: is needed to create a multi-terminal extension; fill the cell, for example 0000707404102",
        ),
        (
            "multi_terminal_extensions",
            {"mobileExtension.receivedANumber": "0701"},
            "mobileExtension.defaultRemoteNumber: is needed to create a multi-terminal extension; fill the cell, for example 00701234567",
        ),
    ],
)
def test_rules_of_the_kinds(sheet, cells, message, read):
    """
    Values that the telephony server refuses are found before anything is sent.
    """
    _record, findings = read(sheet, new(sheet) | cells)
    assert [message] == [str(finding) for finding in findings if finding.severity is Severity.ERROR]


def test_a_gap_among_terminals_is_told_once(read):
    """
    A position that was left out lacks nothing but the position.
    """
    cells = {"sipRemoteExtension.2.terminalIdentity": "sip:1@pbx", "sipRemoteExtension.2.sipRouteNumber": 1}
    _record, findings = read("multi_terminal_extensions", new("multi_terminal_extensions") | cells)
    message = "position 2 is filled, but not 1; fill the positions from 1 on"
    assert [message] == [finding.message for finding in findings if finding.severity is Severity.ERROR]


def test_a_server_is_a_cordless_extension_s_only_home(read):
    """
    It has no domain to move to.
    """
    _record, findings = read("cordless_extensions", {"action": "update", "serverNumber": "<clear>"} | PLACE)
    assert ["serverNumber: cannot be emptied; the number lives there"] == [str(finding) for finding in findings]


def test_a_multi_terminal_extension_without_terminals(read):
    """
    It may be made, with a warning of what it will be shown as.
    """
    _record, findings = read("multi_terminal_extensions", PLACE | {"serverNumber": 1, "commonServiceProfile": 0})
    assert "no terminal is filled in; PM shows a number without one as a virtual extension" in [finding.message for finding in findings]


@SHEETS
def test_kinds_share_one_key_space(sheet, read):
    """
    Whoever needs a number needs it of whatever kind.
    """
    record, _findings = read(sheet, new(sheet))
    assert "extensions|mx1|1001" == ENTITIES[sheet].identify(record).key


async def exported(sheet, session):
    return [row async for row in ENTITIES[sheet].export(session)]


@SHEETS
async def test_an_export_changes_nothing(sheet, session_of, prepare, pbx):
    """
    What is exported, run unchanged as an update, sends nothing.
    """
    hashed = {"auth": "e3b0", "hashtype": "MD5A1", "cilcode": "1"}
    pbx.record = record_of(sheet)
    pbx.record["extensionVO"] |= {"auco": [hashed, {"auth": "4711", "hashtype": "CLEARTEXT"}], "niin": [{"name1": "Anna"}]}
    pbx.answers["getServerDetails"] = {"extensionLimVOs": [{"extension": "1001", "limnumber": "2"}]}
    (row,) = await exported(sheet, session_of())
    assert {
        "subsystemName": "MX1",
        "extensionNumber": "1001",
        "huntGroup.huntGroupNumber": "7",
        "nameIdentity.firstName": "Anna",
    }.items() <= row.items()
    assert Secret("4711") == row["authorizationCodes.2.authorizationCode"]
    cells = {header: value.reveal() if isinstance(value, Secret) else value for header, value in row.items()}
    assert Verdict.NOTHING == (await prepare(sheet, {"action": "update"} | cells)).verdict


async def test_an_export_lists_its_own_kind_in_every_subsystem(session_of, pbx, refusal):
    """
    Numbers of other kinds make no rows, each number is read once, many at a time, and the order is PM's.
    """
    running, peak = 0, 0

    async def call(name, *, path=None, query=None, body=None):
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await anyio.lowlevel.checkpoint()
        running -= 1
        return await answered(name, path=path, query=query, body=body)

    def details(one):
        odd = int(one.query["extensionNumber"]) % 2
        return refusal(404) if odd else record_of("virtual_extensions", extensionNumber=one.query["extensionNumber"])

    answered, pbx.call = pbx.call, call
    pbx.answers |= {
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}, {"subsystemId": 8, "subsystemName": "MX2"}],
        "getServerDetails": {"extensionLimVOs": [{"extension": str(number)} for number in range(1000, 1100)]},
        "getExtensionDetails": details,
    }
    rows = await exported("virtual_extensions", session_of())
    assert [(name, str(number)) for name in ("MX1", "MX2") for number in range(1000, 1100, 2)] == [
        (row["subsystemName"], row["extensionNumber"]) for row in rows
    ]
    assert (200, 32) == (pbx.count("getExtensionDetails"), peak)


async def test_a_create_may_update_a_number_of_its_kind_only(sent, prepare, pbx):
    """
    With --if-exists update the row's cells go into the extension that is there; one of another kind is left alone.
    """
    pbx.record = record_of("virtual_extensions")
    call = await sent("virtual_extensions", new("virtual_extensions") | {"description": "new"}, if_exists=IfExists.UPDATE)
    assert ("updateVirtualExtension", "new") == (call.name, call.wire["description"])
    pbx.answers["getExtensionDetails"] = record_of("mobile_extensions")
    with pytest.raises(InvalidRowError):
        await prepare("virtual_extensions", new("virtual_extensions"), if_exists=IfExists.UPDATE)


@pytest.mark.parametrize("sheet", [sheet for sheet in KINDS if sheet not in {"virtual_extensions", "multi_terminal_extensions"}])
async def test_a_number_that_got_no_terminal(sheet, prepare, pbx):
    """
    Where PM shows a new number as a virtual one (FIELDS 1b), a row of another kind is not done, and its update completes it.
    """
    bare = record_of("virtual_extensions")
    pbx.record = {name: value for name, value in bare.items() if name != "description"}
    plan = await prepare(sheet, new(sheet))
    standing = await plan.steps[0].reconcile()
    assert (None, f"update{ENDPOINT[sheet]}Extension") == (standing.done, standing.completion.name)
    await standing.completion.send()
    assert {"serverNumber": 2, "commonServiceProfile": 11}.items() <= pbx.writes[-1].wire.items()
    assert "extensionType is 'VIRTUAL'" in (await standing.completion.reconcile()).difference
    pbx.record = record_of(sheet)
    assert (await standing.completion.reconcile()).done


async def test_a_number_of_another_kind_is_no_part(prepare, pbx):
    """
    A number that has another kind of terminal is not this row's, however alike the rest is.
    """
    pbx.answers["getExtensionDetails"] = {name: value for name, value in record_of("mobile_extensions").items() if name != "description"}
    standing = await (await prepare("ip_extensions", new("ip_extensions"))).steps[0].reconcile()
    assert (None, None) == (standing.done, standing.completion)
