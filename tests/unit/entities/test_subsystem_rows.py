from __future__ import annotations

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.steps import Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError
from pmbulk.secret import Secret

LOCATIONS = [{"locationId": 4, "locationName": "Oslo"}, {"locationId": 5, "locationName": "Rome"}]
MX1 = {
    "subsystemId": 1,
    "subsystemType": "TelephonyServer",
    "subsystemName": "MX1",
    "location": "4",
    "locationName": "Oslo",
    "expirationDate": None,
    "mxoneSubsystem": {"useHttps": True, "ipOrFQDNAddress": "10.1.1.10", "port": "443", "userId": "admin", "password": "pw-of-mx1"},
    "cmgServer": {"useHttps": False, "cmgUserId": ""},
}
DECT = {
    "subsystemId": 2,
    "subsystemType": "SIPDECTManager",
    "subsystemName": "DECT",
    "location": "5",
    "locationName": "Rome",
    "sipDectManager": {"miVoiceMXONESubsystem": "MX1", "ipOrFQDNaddress": "10.1.1.11", "userID": "omm", "password": "pw-of-dect"},
}
NEW = {
    "subsystemType": "telephonyserver",
    "subsystemName": "MX2",
    "locationName": "oslo",
    "mxoneSubsystem.ipOrFQDNAddress": "10.1.1.20",
    "mxoneSubsystem.userId": "admin",
    "mxoneSubsystem.password": "pw-of-mx2",
}


@pytest.fixture
def pm(fake):
    """
    A PM with a telephony server and a SIP-DECT manager.
    """
    fake.answers = {"listLocations": LOCATIONS, "listSubsystems": [MX1, DECT]}
    return fake


@pytest.mark.parametrize(
    "place", [{"locationName": "oslo"}, {"location": "Oslo"}, {"location": 4}, {"location": "4", "locationName": "OSLO"}]
)
async def test_a_create_names_the_location_in_both_ways(place, sent, pm):
    """
    PM does not say which of the two members it looks at, so it gets both, for a location given by name, by id or by both (QUIRKS 99).
    """
    cells = {header: value for header, value in NEW.items() if header != "locationName"}
    call = await sent("subsystems", cells | place)
    assert "createSubsystem" == call.name
    assert {
        "subsystemType": "TelephonyServer",
        "subsystemName": "MX2",
        "location": "4",
        "locationName": "Oslo",
        "mxoneSubsystem": {"ipOrFQDNAddress": "10.1.1.20", "userId": "admin", "password": "pw-of-mx2"},
    } == call.wire


async def test_a_create_without_the_right_to_see_locations_sends_what_is_typed(sent, pm, refusal):
    """
    Where PM does not list locations, the name goes out as it stands in the cell.
    """
    pm.answers["listLocations"] = refusal(403)
    call = await sent("subsystems", NEW)
    assert ("oslo", False) == (call.wire["locationName"], "location" in call.wire)


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        (
            {"location": "Rome", "locationName": "Oslo"},
            "location: is 'Rome', but locationName is 'Oslo'; leave one of the two blank",
        ),
        (
            {"locationName": "Osla"},
            "locationName: PM has no location 'Osla', or this administrator cannot see it. Nearest: Oslo.",
        ),
    ],
    ids=["two places", "unknown"],
)
async def test_a_wrong_location_is_a_finding(place, finding, prepare, pm):
    """
    A location that PM does not have, or two different ones, fail before anything is sent.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("subsystems", NEW | place)
    assert [finding] == [str(found) for found in caught.value.findings]


async def test_an_update_sends_the_list_shape_whole(sent, pm):
    """
    The filled cells go into what the list shows, passwords included; the call for one subsystem, which answers in another shape, is not used.
    """
    call = await sent("subsystems", {"action": "update", "subsystemName": "mx1", "mxoneSubsystem.port": 8443})
    assert ("updateSubsystem", {"subsystemId": "1"}) == (call.name, call.path)
    whole = {name: value for name, value in MX1.items() if name not in {"subsystemId", "expirationDate"}}
    assert whole | {"mxoneSubsystem": MX1["mxoneSubsystem"] | {"port": "8443"}} == call.wire
    assert 0 == pm.count("getSubsystem")
    assert "pw-of-mx1" not in repr(call.body)


@pytest.mark.parametrize("shown", [{}, {"password": None}, {"password": "********"}], ids=["left out", "null", "masked"])
async def test_a_password_that_pm_does_not_show_is_told_of_and_never_its_mask_sent(shown, prepare, pm):
    """
    Sent back, a mask would become the password; left out, the password may be reset (QUIRKS 20).
    """
    pm.answers["listSubsystems"] = [MX1 | {"mxoneSubsystem": {"ipOrFQDNAddress": "10.1.1.10", "userId": "admin"} | shown}]
    plan = await prepare("subsystems", {"action": "update", "subsystemName": "MX1", "mxoneSubsystem.port": "8443"})
    await plan.steps[0].send()
    assert {"ipOrFQDNAddress": "10.1.1.10", "userId": "admin", "port": "8443"} == pm.writes[-1].body["mxoneSubsystem"]
    words = "PM does not show mxoneSubsystem.password, so it was not sent back; make sure that PM still has it, or fill it in the row."
    assert words == plan.message


async def test_an_update_may_move_to_another_location(sent, pm):
    """
    A location by name replaces both members.
    """
    call = await sent("subsystems", {"action": "update", "subsystemName": "MX1", "locationName": "Rome"})
    assert ("5", "Rome") == (call.wire["location"], call.wire["locationName"])


async def test_a_pm_that_shows_names_gets_names(prepare, sent, pm):
    """
    Where PM's own subsystems have a name in the first member, a name is what goes there, and the same place is no change.
    """
    pm.answers["listSubsystems"] = [MX1 | {"location": "Oslo", "locationName": None}, DECT | {"location": "Rome"}]
    cells = {"action": "update", "subsystemName": "MX1", "locationName": "oslo"}
    assert Verdict.NOTHING == (await prepare("subsystems", cells)).verdict
    call = await sent("subsystems", cells | {"locationName": "rome"})
    assert ("Rome", "Rome") == (call.wire["location"], call.wire["locationName"])


async def test_a_hidden_location_stays(sent, pm):
    """
    A subsystem whose location this administrator cannot see can be changed all the same.
    """
    pm.answers["listSubsystems"] = [MX1 | {"location": "77", "locationName": None}]
    call = await sent("subsystems", {"action": "update", "subsystemName": "MX1", "mxoneSubsystem.port": "1"})
    assert "77" == call.wire["location"]


async def test_a_cleared_location_is_emptied_in_both_members(sent, pm):
    """
    Neither of the two members keeps the old location.
    """
    call = await sent("subsystems", {"action": "update", "subsystemName": "MX1", "locationName": "<clear>"})
    assert ("", "") == (call.wire["location"], call.wire["locationName"])


async def test_an_update_to_what_is_there_sends_nothing(prepare, pm):
    """
    The same password, address and location are no change.
    """
    cells = {"subsystemName": "MX1", "locationName": "OSLO", "mxoneSubsystem.password": "pw-of-mx1", "subsystemType": "TelephonyServer"}
    assert Verdict.NOTHING == (await prepare("subsystems", {"action": "update"} | cells)).verdict


async def test_a_new_password_is_a_masked_change(prepare, pm):
    """
    A plan shows that a password changes, not what it is.
    """
    plan = await prepare("subsystems", {"action": "update", "subsystemName": "MX1", "mxoneSubsystem.password": "other"})
    (change,) = plan.changes
    assert ("mxoneSubsystem.password", Secret("other")) == (change.path, change.new)
    assert "other" not in str(change)


async def test_an_id_renames(sent, pm):
    """
    With the id, the name is a new one.
    """
    call = await sent("subsystems", {"action": "update", "subsystemId": 1, "subsystemName": "MX-ONE"})
    assert ({"subsystemId": "1"}, "MX-ONE") == (call.path, call.wire["subsystemName"])


async def test_a_delete_goes_by_id(sent, pm):
    """
    The name is enough for a delete.
    """
    call = await sent("subsystems", {"action": "delete", "subsystemName": "dect"})
    assert ("deleteSubsystem", {"subsystemId": "2"}) == (call.name, call.path)


async def test_a_delete_of_a_missing_subsystem_fails(prepare, pm):
    """
    A name that PM does not have is a mistake.
    """
    plan = await prepare("subsystems", {"action": "delete", "subsystemName": "MX9"})
    with pytest.raises(RejectedError) as caught:
        await plan.steps[0].send()
    assert ("NOT_FOUND", 404) == (caught.value.code, caught.value.http)


async def test_a_lost_create_is_reconciled(prepare, pm):
    """
    The list tells whether a create was done.
    """
    plan = await prepare("subsystems", NEW)
    assert Standing(done=False) == await plan.steps[0].reconcile()
    block = {"ipOrFQDNAddress": "10.1.1.20", "userId": "admin", "password": "pw-of-mx2"}
    made = {"subsystemId": 9, "subsystemType": "TelephonyServer", "subsystemName": "MX2", "location": "4", "mxoneSubsystem": block}
    pm.answers["listSubsystems"] = [MX1, DECT, made]
    assert Standing(done=True, id="9") == await plan.steps[0].reconcile()


async def test_the_telephony_subsystem_of_a_manager_is_looked_up(prepare, sent, pm):
    """
    A SIP-DECT manager names its telephony subsystem, in PM's own spelling; an unknown one is a finding.
    """
    cells = {"action": "update", "subsystemName": "DECT", "sipDectManager.port": "8444"}
    assert (
        "MX1"
        == (await sent("subsystems", cells | {"sipDectManager.miVoiceMXONESubsystem": "mx1"})).wire["sipDectManager"][
            "miVoiceMXONESubsystem"
        ]
    )
    with pytest.raises(InvalidRowError) as caught:
        await prepare("subsystems", cells | {"sipDectManager.miVoiceMXONESubsystem": "MX7"})
    assert ["sipDectManager.miVoiceMXONESubsystem"] == [finding.column for finding in caught.value.findings]


def findings_of(read, cells):
    return [str(finding) for finding in read("subsystems", cells)[1]]


def test_a_complete_create_has_no_findings(read):
    """
    Type, name, location and the block's address, user id and password are all that is wanted.
    """
    assert [] == findings_of(read, NEW)


@pytest.mark.parametrize(
    ("cells", "findings"),
    [
        (
            {"subsystemType": "CMGServer", "subsystemName": "C", "locationName": "Oslo"},
            [
                "cmgServer.cmgServerIPOrFQDNAddress: is blank, and so is all of cmgServer, which a CMGServer must have; fill its columns",
            ],
        ),
        (
            NEW | {"cmgServer.ivr": True},
            [
                (
                    "cmgServer.ivr: does not belong to a TelephonyServer, whose columns begin with mxoneSubsystem; "
                    "empty the cell or correct subsystemType"
                )
            ],
        ),
        (
            NEW | {"mxoneSubsystem.password": None, "locationName": None},
            [
                "locationName: is blank; PM probably wants it to create a subsystem",
                "mxoneSubsystem.password: is blank; PM probably wants it to create a subsystem",
            ],
        ),
        (
            NEW | {"subsystemName": "a:b"},
            ["subsystemName: 'a:b' should be without : / ; and , because it stands in addresses and imports; PM may refuse it"],
        ),
        (
            {"action": "delete", "subsystemType": "CMGServer"},
            ["subsystemName: is blank; fill it, or subsystemId, to say which subsystem is meant"],
        ),
    ],
    ids=["no block", "another's block", "gaps", "name", "nothing told"],
)
def test_what_is_wrong_with_a_row(cells, findings, read):
    """
    The type decides which block must be there; the others are refused, and what PM probably wants is advised.
    """
    assert findings == findings_of(read, cells)


async def test_an_update_without_a_type_is_held_against_pm(prepare, pm):
    """
    Where the row does not give the type, PM's own tells which block belongs.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("subsystems", {"action": "update", "subsystemName": "MX1", "cmgServer.ivr": True})
    assert ["cmgServer.ivr"] == [finding.column for finding in caught.value.findings]


def test_what_a_subsystem_waits_for(read):
    """
    A subsystem comes after its location and its telephony subsystem, and extensions wait for it, however it is spelt.
    """
    cells = {"subsystemType": "SIPDECTManager", "subsystemName": "D", "locationName": "Oslo", "sipDectManager.miVoiceMXONESubsystem": "mx1"}
    told = ENTITIES["subsystems"].identify(read("subsystems", cells)[0])
    assert ("subsystems|d", ("locations|oslo", "subsystems|mx1"), 1) == (told.key, told.needs, told.depth)
    telephony = ENTITIES["subsystems"].identify(read("subsystems", {"subsystemType": "TelephonyServer", "subsystemName": " MX1 "})[0])
    extension = ENTITIES["ip_extensions"].identify(read("ip_extensions", {"subsystemName": "Mx1", "extensionNumber": "1001"})[0])
    assert ("subsystems|mx1", 0) == (telephony.key, telephony.depth)
    assert telephony.key in extension.needs


async def test_an_export_run_unchanged_changes_nothing(exported, prepare, pm):
    """
    A row has its own block only, the location by its name and secrets as such; as an update it comes to nothing.
    """
    rows = await exported("subsystems")
    assert {
        "subsystemType": "TelephonyServer",
        "subsystemName": "MX1",
        "locationName": "Oslo",
        "mxoneSubsystem.useHttps": True,
        "mxoneSubsystem.ipOrFQDNAddress": "10.1.1.10",
        "mxoneSubsystem.port": "443",
        "mxoneSubsystem.userId": "admin",
        "mxoneSubsystem.password": Secret("pw-of-mx1"),
    } == rows[0]
    for row in rows:
        cells = {header: value.reveal() if isinstance(value, Secret) else value for header, value in row.items()}
        assert Verdict.NOTHING == (await prepare("subsystems", {"action": "update"} | cells)).verdict


async def test_an_export_of_doubled_names_gives_ids(exported, pm):
    """
    Where a name does not tell the subsystem, the row has its id.
    """
    pm.answers["listSubsystems"] = [MX1, MX1 | {"subsystemId": 3, "subsystemName": "mx1"}, DECT]
    assert [1, 3, None] == [row.get("subsystemId") for row in await exported("subsystems")]
