from __future__ import annotations

import copy

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Change, Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

SENTINEL = "Sentinel-7391"
RECORD = {
    "extensionId": 70,
    "extensionNumber": "1001",
    "extensionType": "IP",
    "description": "desk",
    "extensionVO": {
        "gedi": [{"dir": "1001", "lim": {"limnumber": "2"}, "csp": {"cspnumber": "11"}, "lang": {"langID": "sv"}, "bsec": "true"}],
        "niin": [{"name1": "Anna", "name2": "Berg", "namDb": "true"}],
        "ipex": [{"macaddr": "08000f123456", "iptype": "IPManualLogin"}],
        "auco": [{"auth": SENTINEL, "hashtype": "CLEARTEXT", "cilcode": "1001"}],
    },
}
WRITTEN = {
    "extensionNumber": "1001",
    "description": "desk",
    "serverNumber": 2,
    "commonServiceProfile": 11,
    "phoneLanguage": "sv",
    "bossSecretary": True,
    "nameIdentity": {"firstName": "Anna", "lastName": "Berg", "includeinDialbyNameDatabase": True},
    "macAddress": "08000f123456",
    "ipExtensionType": "IPManualLogin",
    "authorizationCodes": [{"authorizationCode": SENTINEL, "hashType": "CLEARTEXT", "callLoggingCode": "1001"}],
}
ROW = {"subsystemName": "mx1", "extensionNumber": "1001"}
UPDATE = {"action": "update"} | ROW
NEW = ROW | {"commonServiceProfile": 11, "serverNumber": 2}
REMOTE = {"sipRemoteExtension.terminalIdentity": "sip:1@pbx", "sipRemoteExtension.defaultRemoteNumber": "00701234567"}
HASHED = copy.deepcopy(RECORD)
HASHED["extensionVO"]["auco"][0] |= {"auth": "e3b0c442", "hashtype": "MD5A1"}


@pytest.fixture
def pbx(fake):
    """
    A PM with one extension in one of two subsystems.
    """
    fake.answers = {
        "getExtensionDetails": RECORD,
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}, {"subsystemId": 8, "subsystemName": "MX2"}],
    }
    return fake


@pytest.mark.parametrize("where", [{"subsystemName": "mx1"}, {"subsystemId": 9}, {"subsystemName": "MX1", "subsystemId": "9"}])
async def test_a_create_goes_to_the_subsystem_by_its_name(where, sent, pbx):
    """
    The query names the subsystem as PM spells it, whichever way the row gives it; neither is in the body.
    """
    call = await sent("ip_extensions", where | {"extensionNumber": "0012", "commonServiceProfile": 0, "serverNumber": "1"})
    assert ("createIpExtension", {"subsystemName": "MX1"}) == (call.name, call.query)
    assert {"extensionNumber": "0012", "commonServiceProfile": 0, "serverNumber": 1} == call.wire


async def test_a_create_without_the_right_to_list_subsystems(sent, pbx, refusal):
    """
    Where PM refuses the list of subsystems, the row is taken at its word.
    """
    pbx.answers["listSubsystems"] = refusal(403)
    call = await sent("ip_extensions", NEW)
    assert {"subsystemName": "mx1"} == call.query


async def test_an_update_of_one_nested_field_preserves_the_rest(sent, pbx):
    """
    Names, codes and all else that the record shows goes back unchanged beside the one cell.
    """
    call = await sent("ip_extensions", UPDATE | {"nameIdentity.firstName": "Ann"})
    assert ("updateIpExtension", {"subsystemName": "MX1"}) == (call.name, call.query)
    assert WRITTEN | {"nameIdentity": WRITTEN["nameIdentity"] | {"firstName": "Ann"}} == call.wire


async def test_a_code_in_pm_is_secret_all_the_way(prepare, pbx):
    """
    A code that PM shows in clear is in no plan, and is a `Secret` in the body, so that the client can mask what PM echoes.
    """
    plan = await prepare("ip_extensions", UPDATE | {"authorizationCodes.1.authorizationCode": "Sentinel-new"})
    assert (Change("authorizationCodes.1.authorizationCode", Secret(SENTINEL), Secret("Sentinel-new")),) == plan.changes
    assert "Sentinel" not in repr(plan)
    await plan.steps[0].send()
    assert "Sentinel" not in repr(pbx.writes)


async def test_another_field_leaves_codes_secret(sent, pbx):
    """
    Codes that are only carried along are secrets in the body too.
    """
    call = await sent("ip_extensions", UPDATE | {"customer": "5"})
    assert Secret(SENTINEL) == call.body["authorizationCodes"][0]["authorizationCode"]


@pytest.mark.parametrize(
    "cells",
    [
        {"authorizationCodes.1.authorizationCode": SENTINEL},
        {"authorizationCodes.1.callLoggingCode": "1001"},
        {"macAddress": "08-00-0F-12-34-56"},
        {"commonServiceProfile": "11", "serverNumber": 2.0, "customer": "0", "allowThirdPartyClient": False},
        {"sipRemoteExtension.receivedANumber": "<clear>"},
    ],
    ids=["the code", "beside the code", "another spelling", "numbers", "clear of nothing"],
)
async def test_a_row_that_pm_already_is_sends_nothing(cells, prepare, pbx):
    """
    Equal values, in whatever spelling, are no change.
    """
    plan = await prepare("ip_extensions", UPDATE | cells)
    assert Verdict.NOTHING == plan.verdict


async def test_a_hash_is_never_sent_as_a_code(sent, pbx):
    """
    A code that PM keeps as a hash stays out of an update, which would make the hash the code (DOMAIN 4).
    """
    pbx.answers["getExtensionDetails"] = HASHED
    call = await sent("ip_extensions", UPDATE | {"description": "new"})
    assert {name: value for name, value in WRITTEN.items() if name != "authorizationCodes"} | {"description": "new"} == call.wire


async def test_what_belongs_to_a_hash_wants_the_code_again(prepare, pbx):
    """
    What stands beside a hashed code cannot be written without the code, and the row is told so.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    with pytest.raises(InvalidRowError) as caught:
        await prepare("ip_extensions", UPDATE | {"authorizationCodes.1.callLoggingCode": "1002"})
    assert (
        "authorizationCodes.1.authorizationCode: is blank, and PM does not show what it has; type it again to change what belongs to it"
        == str(caught.value)
    )


async def test_a_new_code_takes_a_hash_s_place(sent, pbx):
    """
    A code in the row is written with what PM has beside the old one.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    call = await sent("ip_extensions", UPDATE | {"authorizationCodes.1.authorizationCode": "4711"})
    assert [{"authorizationCode": "4711", "hashType": "MD5A1", "callLoggingCode": "1001"}] == call.wire["authorizationCodes"]


@pytest.mark.parametrize(
    ("record", "standing"),
    [
        (RejectedError("no", http=404), Standing(done=False)),
        ({}, Standing(done=False)),
        ({"extensionNumber": "1001"}, Standing(done=False)),
        (RECORD, Standing(done=True, id="70")),
        (RECORD | {"description": "other"}, Standing(done=None, difference="description is 'other', not 'desk'", id="70")),
    ],
    ids=["not there", "empty", "free number", "there", "different"],
)
async def test_a_lost_create_of_an_extension(record, standing, prepare, pbx):
    """
    The records tell whether the number was made; lists that they do not show are taken for done.
    """
    pbx.answers["getExtensionDetails"] = record
    pbx.answers["getGroupSetup"] = {"extensionId": "70", "groupSetupVO": {"huntGroups": [{"grp": "7"}]}}
    plan = await prepare(
        "ip_extensions",
        NEW
        | {
            "description": "desk",
            "authorizationCodes.1.authorizationCode": SENTINEL,
            "parallelRinging.secondaryDirectoryNumber1": "1002",
            "ringSignals.1.callingNumber": "5",
            "huntGroup.huntGroupNumber": "7",
        },
    )
    assert standing == await plan.steps[0].reconcile()


async def test_a_lost_create_with_a_hashed_code_was_done(prepare, pbx):
    """
    PM shows the kind of a hashed code but not the code; that is no difference.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    plan = await prepare(
        "ip_extensions", NEW | {"authorizationCodes.1.authorizationCode": "4711", "authorizationCodes.1.hashType": "MD5A1"}
    )
    assert Standing(done=True, id="70") == await plan.steps[0].reconcile()


async def test_another_code_in_clear_is_a_difference_without_showing_it(prepare, pbx):
    """
    Where PM shows a code in clear it is compared, and the difference is told with masks.
    """
    plan = await prepare("ip_extensions", NEW | {"authorizationCodes.1.authorizationCode": "Sentinel-x"})
    standing = await plan.steps[0].reconcile()
    assert standing.done is None
    assert "Sentinel" not in standing.difference


@pytest.mark.parametrize(("kind", "sent_as"), [("IP", "IP"), ("REMOTE", "REMOTE"), ("Desk phone", "IP"), (None, "IP")])
async def test_a_delete_names_the_subsystem_and_the_type(kind, sent_as, sent, pbx):
    """
    Extensions are deleted by subsystem name, number and type; other kinds' types are never sent from here.
    """
    pbx.answers["getExtensionDetails"] = RECORD | {"extensionType": kind}
    call = await sent("ip_extensions", {"action": "delete"} | ROW)
    assert ("deleteExtension", {"subsystemName": "MX1"}, {"extensionNumber": "1001", "extensionType": sent_as}) == (
        call.name,
        call.path,
        call.query,
    )


async def test_a_record_that_may_not_be_read_fails_the_row(prepare, pbx, refusal):
    """
    Only 404 says that an extension is not there.
    """
    pbx.answers["getExtensionDetails"] = refusal(403)
    with pytest.raises(RejectedError) as caught:
        await prepare("ip_extensions", UPDATE | {"description": "x"})
    assert 403 == caught.value.http


def test_an_update_says_which_extension(read):
    """
    A row without number and subsystem means no extension.
    """
    assert [
        "extensionNumber: is blank; fill it to say which extension is meant",
        "subsystemName: is blank; fill it, or subsystemId, to say in which subsystem the extension is",
    ] == [str(finding) for finding in read("ip_extensions", {"action": "update", "description": "x"})[1]]


async def test_a_row_takes_two_reads_and_one_write(sent, pbx):
    """
    An update costs the list of subsystems once per job, two reads and one write: the groups have a call of their own.
    """
    await sent("ip_extensions", UPDATE | {"description": "new"})
    assert ["listSubsystems", "getExtensionDetails", "getGroupSetup", "updateIpExtension"] == [call.name for call in pbx.calls]


@pytest.mark.parametrize(
    ("cells", "there", "gone"),
    [({"domainName": "DEFAULT"}, "domainName", "serverNumber"), ({"serverNumber": 3}, "serverNumber", "domainName")],
)
async def test_a_number_lives_in_one_place(cells, there, gone, sent, pbx):
    """
    A row that gives a domain takes the server away, and the other way round.
    """
    call = await sent("ip_extensions", UPDATE | cells)
    assert (cells[there], False) == (call.wire[there], gone in call.wire)


async def test_clearing_the_server_goes_with_a_domain(sent, pbx):
    """
    A server that is emptied in favour of a domain is not sent as number 0.
    """
    call = await sent("ip_extensions", UPDATE | {"serverNumber": "<clear>", "domainName": "DEFAULT"})
    assert ("DEFAULT", False) == (call.wire["domainName"], "serverNumber" in call.wire)


@pytest.mark.parametrize(("header", "other"), [("serverNumber", "domainName"), ("domainName", "serverNumber")])
def test_a_number_cannot_live_nowhere(header, other, read):
    """
    Emptying one of server and domain needs the other.
    """
    findings = read("ip_extensions", UPDATE | {header: "<clear>"})[1]
    assert [f"{header}: cannot be emptied alone; fill {other} to say where the number lives instead"] == [str(one) for one in findings]


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ({"description": "<clear>"}, {"description": ""}),
        ({"commonServiceProfile": "0"}, {"commonServiceProfile": 0}),
        ({"freeOnSecondLine": 2}, {"freeOnSecondLine": 2}),
        ({"nameIdentity.lastName": "<clear>"}, {"nameIdentity": WRITTEN["nameIdentity"] | {"lastName": ""}}),
        ({"bossSecretary": "<clear>"}, {"bossSecretary": False}),
        ({"huntGroup.huntGroupNumber": 7}, {"huntGroup": {"huntGroupNumber": "7"}}),
        ({"authorizationCodes.1.customer": 5}, {"authorizationCodes": [WRITTEN["authorizationCodes"][0] | {"customer": "5"}]}),
        (
            {"authorizationCodes.2.authorizationCode": "0815"},
            {"authorizationCodes": [*WRITTEN["authorizationCodes"], {"authorizationCode": "0815"}]},
        ),
    ],
)
async def test_an_update_changes_the_filled_cells_only(cells, changed, sent, pbx):
    """
    Filled cells and `<clear>` change what they name and nothing else.
    """
    call = await sent("ip_extensions", UPDATE | cells)
    assert WRITTEN | changed == call.wire


async def test_a_create_of_an_existing_number_may_update(sent, pbx):
    """
    With --if-exists update the row's cells go into the extension that is there.
    """
    call = await sent("ip_extensions", NEW | {"description": "new"}, if_exists=IfExists.UPDATE)
    assert ("updateIpExtension", WRITTEN | {"description": "new"}) == (call.name, call.wire)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"authorizationCodes.1.authorizationCode": "1" * 65},
            "authorizationCodes.1.authorizationCode: must be 2 to 64 characters",
        ),
        ({"hotlineNumber": "12x"}, "hotlineNumber: '12x' must be 1 to 26 of the characters 0-9 A-E * #"),
        ({"serverNumber": 125}, "serverNumber: '125' must be a number from 1 to 124"),
        ({"freeOnSecondLine": 4}, "freeOnSecondLine: '4' must be 0 (yes), 1 (no), 2 (yes, fixed) or 3 (no, fixed)"),
        ({"customer": "50001"}, "customer: '50001' must be a number from 0 to 50000"),
        (
            {
                "automaticSIPRegistration.terminalIdentity": "1001@pbx",
                "automaticSIPRegistration.universalResourceIdentifier": "sip:1@h.x",
            },
            "automaticSIPRegistration.terminalIdentity: '1001@pbx' must be like sip:user@host, 7 to 100 characters",
        ),
        ({"publicCLINumber.publicCLINumber": "+468"}, "publicCLINumber.publicCLINumber: '+468' must be 1 to 20 digits"),
    ],
)
def test_rules_of_an_extension(cells, message, read):
    """
    Values that the telephony server refuses are found before anything is sent.
    """
    _record, findings = read("ip_extensions", NEW | cells)
    assert [message] == [str(finding) for finding in findings if finding.severity is Severity.ERROR]


def test_which_extension_a_row_is_about(read):
    """
    Subsystem and number are the key; the subsystem is the lane.
    """
    identity = ENTITIES["ip_extensions"].identify(read("ip_extensions", NEW | {"subsystemName": "MX1"})[0])
    assert ("1001 in MX1", "extensions|mx1|1001", ("subsystems|mx1",), ("mx1",)) == (
        identity.label,
        identity.key,
        identity.needs,
        identity.lanes,
    )
    identity = ENTITIES["ip_extensions"].identify(read("ip_extensions", {"subsystemId": 9, "extensionNumber": "1001"})[0])
    assert ("1001 in subsystem 9", ("#9",)) == (identity.label, identity.lanes)


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ({"description": "new"}, "authorizationCodes.1.authorizationCode"),
        ({"authorizationCodes.1.authorizationCode": "4711"}, ""),
        (
            {"description": "new", "huntGroup.huntGroupNumber": "7"},
            "authorizationCodes.1.authorizationCode, huntGroup.groupAlias",
        ),
        ({"authorizationCodes.1.authorizationCode": "4711", "huntGroup.huntGroupNumber": "7", "huntGroup.groupAlias": True}, ""),
    ],
    ids=["a hash", "typed again", "a group", "all typed"],
)
async def test_an_update_says_what_pm_does_not_show(cells, names, prepare, pbx):
    """
    A PM that replaces whole objects would lose what an update cannot send back, so plan and results name it (QUIRKS 20).
    """
    pbx.answers["getExtensionDetails"] = HASHED
    plan = await prepare("ip_extensions", UPDATE | cells)
    message = f"PM does not show {names}, so it was not sent back; make sure that PM still has it, or fill it in the row." if names else ""
    assert (Verdict.CHANGE, message) == (plan.verdict, plan.message)


async def test_an_update_that_nobody_can_see_is_not_taken_for_done(prepare, pbx):
    """
    Where PM shows nothing of what changes, reading cannot tell whether an update came through: it is sent again.
    """
    pbx.answers["getExtensionDetails"] = HASHED
    hidden = await prepare("ip_extensions", UPDATE | {"authorizationCodes.1.authorizationCode": "4711"})
    assert Standing(done=False, id="70") == await hidden.steps[0].reconcile()
    both = await prepare("ip_extensions", UPDATE | {"authorizationCodes.1.authorizationCode": "4711", "description": "new"})
    pbx.answers["getExtensionDetails"] = HASHED | {"description": "new"}
    assert Standing(done=True, id="70") == await both.steps[0].reconcile()


async def test_two_spellings_of_a_hot_line(prepare, pbx):
    """
    The PBX takes A and B for * and #, and shows these.
    """
    record = copy.deepcopy(RECORD)
    record["extensionVO"]["gedi"][0]["ndnum"] = "*12#"
    pbx.answers["getExtensionDetails"] = record
    assert Verdict.NOTHING == (await prepare("ip_extensions", UPDATE | {"hotlineNumber": "a12B"})).verdict


def test_advice_on_an_extension(read):
    """
    Rules that are only inferred warn (FIELDS 1a, 1b).
    """
    cells = {
        "description": "x" * 251,
        "phoneType": "direct",
        "individualAliasNumber": "1o01",
        "authorizationCodes.1.customer": "50001",
        "automaticSIPRegistration.portNumber": 65536,
    }
    assert [
        f"description: '{'x' * 251}' should be at most 250 characters; PM may refuse it",
        "phoneType: 'direct' should be one letter; PM may refuse it",
        "individualAliasNumber: '1o01' should be digits; PM may refuse it",
        "authorizationCodes.1.customer: '50001' should be a number from 0 to 50000; PM may refuse it",
        "automaticSIPRegistration.portNumber: '65536' should be a port from 1 to 65535; PM may refuse it",
    ] == [str(finding) for finding in read("ip_extensions", UPDATE | cells)[1]]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"automaticSIPRegistration.portNumber": 5060}, ["terminalIdentity", "universalResourceIdentifier"]),
        (
            {"automaticSIPRegistration.terminalIdentity": "sip:1@pbx", "automaticSIPRegistration.universalResourceIdentifier": "sip:1@h.x"},
            [],
        ),
        ({"sipRemoteExtension.sipRouteNumber": 1}, ["terminalIdentity", "defaultRemoteNumber"]),
        (REMOTE, ["sipRouteNumber"]),
        (REMOTE | {"sipRemoteExtension.destinationNumber": "7"}, []),
        (REMOTE | {"sipRemoteExtension.trunkType": "route", "sipRemoteExtension.destinationNumber": "7"}, ["sipRouteNumber"]),
        (REMOTE | {"sipRemoteExtension.trunkType": "Destination", "sipRemoteExtension.sipRouteNumber": 1}, ["destinationNumber"]),
        ({"authorizationCodes.1.authorizationCode": "4711"}, ["hashType"]),
        ({"authorizationCodes.1.hashType": "MD5A1"}, ["authorizationCode"]),
        ({"publicCLINumber.activateCLInumber": "yes"}, ["publicCLINumber", "typeOfCLInumber"]),
        ({"publicCLINumber.publicCLINumber": "4685551001", "publicCLINumber.typeOfCLInumber": "1"}, []),
    ],
    ids=[
        "automatic",
        "whole automatic",
        "remote",
        "remote without route",
        "remote by destination",
        "remote without its route",
        "remote without its destination",
        "code",
        "hash of no code",
        "public number",
        "whole public number",
    ],
)
def test_what_a_part_of_a_new_extension_needs(cells, columns, read):
    """
    A terminal, a code or a public number that a new extension has is asked for what it does not work without (FIELDS 1b).
    """
    given = {"authorizationCodes.1.hashType": "MD5A1", "authorizationCodes.1.authorizationCode": "4711"}
    row = NEW | (cells if any(header in cells for header in given) else given | cells)
    assert columns == [finding.column.rpartition(".")[2] for finding in read("ip_extensions", row)[1]]
    assert () == read("ip_extensions", UPDATE | cells)[1]
