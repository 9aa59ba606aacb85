"""What a move finds out before it sends anything, where another extension has one of its numbers (QUIRKS 45)."""

from __future__ import annotations

import pytest

from pmbulk.entities.move_preflight import taken
from pmbulk.errors import InvalidRowError, RejectedError

TELEPHONY = [
    {"subsystemId": number, "subsystemName": name, "subsystemType": "TelephonyServer"}
    for number, name in enumerate(("MX1", "MX2", "MX3"), start=1)
]
BY_NUMBER = ["getGroupSetup", "getPersonalNumberLists", "getPersonalNumberDetails", "getCallList", "getPhoneKeys"]
VO = {"gedi": [{"csp": {"cspnumber": "1"}, "lim": {"limnumber": "1"}}]}
CELLS = {"extensionNumber": "1001", "fromSubsystem": "MX1", "toSubsystem": "MX2", "newExtensionNumber": "2001"}
ONS = {"onsVo": [{"onsid": "1", "onsprefix": "1", "onstranslateNo": "77"}]}


def record(number):
    """The detail record of an IP extension that has a panel."""
    return {
        "extensionId": int(number),
        "extensionType": "IP",
        "phonePanelDTO": {"panelTypeKey": "P"},
        "freeExtension": True,
        "extensionVO": VO,
    }


@pytest.fixture
def snapshot_of(read, fake, session_of):
    """
    The snapshot of 1001, on its way from MX1 to 2001 in MX2, in a PM that *has* these extensions too.
    """

    async def found(*has):
        there = {("MX1", "1001"), *has}
        fake.answers |= {
            "listSubsystems": fake.answers.get("listSubsystems", TELEPHONY),
            "listUsers": [],
            "getNumberSeries": [],
            "getOnsList": ONS,
            "getExtensionDetails": lambda call: (
                record(call.query["extensionNumber"])
                if (call.query["subsystemName"], call.query["extensionNumber"]) in there
                else {"freeExtension": True}
            ),
            "getGroupSetup": {"groupSetupVO": {"huntGroups": [{"grp": "9"}]}},
        }
        return await taken(read("extension_moves", CELLS)[0], session_of())

    return found


@pytest.mark.parametrize("name", ["MX2", "MX3"])
async def test_nothing_is_asked_by_number_where_another_extension_has_it(snapshot_of, fake, name):
    """
    Whose groups, keys and lists PM would tell is not known, so they count as missing; what is asked for with its subsystem goes along.
    """
    snapshot = await snapshot_of((name, "1001"))
    words = f"the groups, keys and lists that it may have: there is also 1001 in {name}, and PM does not tell whose they are"
    assert ((words,), ["terminal_selections"]) == (snapshot.missing, [one.sheet for one in snapshot.going])
    assert [] == [asked for asked in BY_NUMBER if fake.count(asked)]


async def test_nothing_is_put_by_number_where_another_extension_has_the_new_one(snapshot_of, fake):
    """
    Keys and lists stay, and groups, which are made with the extension, go; all of it is known, should the source have to be made again.
    """
    fake.answers["getPhoneKeys"] = {"terminalKeys": [{"keyPosition": 1, "keyType": "F", "keyFunction": "MOB"}]}
    snapshot = await snapshot_of(("MX3", "2001"))
    assert ((), ("2001 in MX3",), {"huntGroup": {"huntGroupNumber": "9"}}) == (snapshot.missing, snapshot.others, snapshot.groups)
    assert ([["terminal_selections"], ["phone_keys"]]) == [[one.sheet for one in some] for some in (snapshot.going, snapshot.staying)]


async def test_an_extension_whose_numbers_are_its_own_is_asked_for_by_number(snapshot_of):
    """
    Otherwise everything goes along.
    """
    snapshot = await snapshot_of()
    assert ((), (), {"huntGroup": {"huntGroupNumber": "9"}}) == (snapshot.missing, snapshot.others, snapshot.groups)


async def test_other_subsystems_that_may_not_be_seen_are_not_asked(snapshot_of, fake, refusal):
    """
    The two that the row names are asked all the same.
    """
    await snapshot_of()
    fake.answers["listSubsystems"] = refusal(403)
    assert (1, ()) == (len((await snapshot_of(("MX2", "1001"))).missing), (await snapshot_of(("MX3", "2001"))).others)


async def test_a_subsystem_that_may_not_be_looked_into_is_none_of_the_row_s_business(snapshot_of, fake, read, session_of, refusal):
    """
    An administrator of two sites moves between them, whatever else PM has; any other refusal is the row's end.
    """
    await snapshot_of()
    found = fake.answers["getExtensionDetails"]

    def refused_there(status):
        fake.answers["getExtensionDetails"] = lambda call: refusal(status) if call.query["subsystemName"] == "MX3" else found(call)
        return taken(read("extension_moves", CELLS)[0], session_of())

    assert ((), ()) == ((await refused_there(403)).missing, (await refused_there(403)).others)
    with pytest.raises(RejectedError, match="HTTP 405"):
        await refused_there(405)


async def test_a_user_whom_nobody_sees_may_have_it(prepare, fake, snapshot_of):
    """
    PM leaves out what is false (QUIRKS 19): where it does not call an extension free and no user with it is seen, that is told, and refused where PM says so.
    """
    await snapshot_of()
    told = {}
    for free in (True, None, False):
        shown = record("1001") | {"freeExtension": free}
        fake.answers["getExtensionDetails"] = lambda call, shown=shown: shown if call.query["subsystemName"] == "MX1" else {}
        try:
            cells = {"extensionNumber": "1001", "fromSubsystem": "MX1", "toSubsystem": "MX2"}
            told[free] = (await prepare("extension_moves", cells)).message.partition("With it: terminal_selections (1).")[2]
        except InvalidRowError as error:
            told[free] = str(error)
    link = "the link of a user whom this administrator does not see"
    assert {
        True: "",
        None: f" Not carried: {link}, if there is one: PM does not say that nobody has it.",
        False: f"this cannot be carried: {link}; set carry to best to lose it",
    } == told
