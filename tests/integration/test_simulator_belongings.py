"""What belongs to an extension of the simulated PM: codes, groups, terminal selection and keys."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, running
from tests.support import logged_in, refused

EXTENSIONS = "/pm-extension-ms/pm-extension/v1"
CODES = "/pm-extension-ms/auth-code"
GROUPS = "/pm-extension-ms/pm-group-setup/v1"
ONS = "/pm-extension-ms/terminal-selection-service"
PHONE = "/pm-extension-ms/pm-phone-setup"
PERSONAL = "/pm-extension-ms/pm-personal-number"
OF_1104 = {"extensionNumber": "1104", "subsystemId": 1}
PANEL = "Mitel6869i_1_M680i"


# Authorization codes


def codes(api, number="1104"):
    query = {"extensionNumber": number, "subsystemId": 1}
    return [each["auth"] for each in api.get(f"{CODES}/authorizationcodes", params=query).json()["authorizationCodeVO"]["auco"]]


def reset(api, *auco):
    return api.put(f"{CODES}/pinreset", params=OF_1104, json={"authorizationCodeVO": {"auco": list(auco)}})


def test_codes_are_those_that_the_extension_was_made_with(api):
    """
    A code in clear is listed as it is, any other as a digest (DOMAIN 4).
    """
    assert (["110111"], False) == (codes(api, "1101"), codes(api, "1105") == ["110511"])


def test_a_reset_replaces_all_codes_and_answers_something_else(api):
    """
    The answer is a personal number (QUIRKS 60); the codes are in the list, and in the extension's record.
    """
    reset(api, {"auth": "1111"}, {"auth": "2222", "cilcode": "1104", "restrict": "true"})
    answer = reset(api, {"auth": "2222"}, {"auth": "3333", "hashtype": "CLEARTEXT"})
    query = {"extensionNumber": "1104", "extensionType": "ALL", "subsystemName": "MX1"}
    record = [each["auth"] for each in api.get(f"{EXTENSIONS}/details", params=query).json()["extensionVO"]["auco"]]
    assert (200, {"extensionId", "personalNumberVO"}, ["2222", "3333"], ["2222", "3333"]) == (
        answer.status_code,
        set(answer.json()),
        codes(api),
        record,
    )


def test_a_reset_may_keep_what_it_leaves_out(merging):
    """
    With the other reading of the document codes are added to those that are there (QUIRKS 96).
    """
    reset(merging, {"auth": "1111"})
    reset(merging, {"auth": "2222"})
    assert ["1111", "2222"] == codes(merging)


def test_a_digest_that_comes_back_is_still_its_code(api):
    """
    Sending back what was read changes no code.
    """
    reset(api, {"auth": "4711", "hashtype": "SHA256"})
    [digest] = codes(api)
    reset(api, {"auth": digest, "hashtype": "SHA256"})
    assert [digest] == codes(api)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "authorizationCodeVO.auco is mandatory"),
        ({"authorizationCodeVO": {"auco": [{"auth": "1"}]}}, "authorizationCodes.authorizationCode must be 2 to 64 characters"),
        ({"authorizationCodeVO": {"auco": [{"cilcode": "1104"}]}}, "authorizationCodes.authorizationCode is mandatory"),
        ({"authorizationCodeVO": {"auco": [{"auth": "1111", "dir": "1001"}]}}, "dir in the body is not the extension in the query"),
        ({"authorizationCodeVO": {"auco": [{"auth": "1111", "restrict": True}]}}, "authorizationCodeVO.auco.1.restrict must be a string"),
    ],
    ids=["none", "short", "no code", "other extension", "type"],
)
def test_refused_codes(api, body, message):
    """
    A reset keeps to the rules of a code, and to its extension.
    """
    assert (400, message) == refused(api.put(f"{CODES}/pinreset", params=OF_1104, json=body))


@pytest.mark.parametrize("path", [f"{CODES}/authorizationcodes", f"{ONS}/ons-list"], ids=["codes", "ons"])
def test_an_extension_is_looked_for_in_its_subsystem(api, path):
    """
    A number of another subsystem is not found.
    """
    assert (404, "There is no extension 5001") == refused(api.get(path, params={"extensionNumber": "5001", "subsystemId": 1}))


# Groups


def test_groups_are_those_that_were_written_with_the_extension(api):
    """
    The read side shows number and name where the write side has one text (QUIRKS 72).
    """
    body = {
        "extensionNumber": "2000",
        "serverNumber": 1,
        "commonServiceProfile": 1,
        "callPickupGroup": "12",
        "groupDoNotDisturb": "Board",
        "huntGroup": {"huntGroupNumber": "3900"},
    }
    api.post(f"{EXTENSIONS}/virtual", params={"subsystemName": "MX1"}, json=body).raise_for_status()
    assert {
        "dir": "2000",
        "groupBelongingsVO": {"dir": "2000", "pickupGroup": {"name": "Group 12", "grp": "12"}, "doNotDisturbGroup": {"name": "Board"}},
        "huntGroups": [{"grp": "3900"}],
    } == api.get(f"{GROUPS}/2000").json()["groupSetupVO"]


def test_a_number_alone_means_the_oldest_subsystem(api):
    """
    Where no subsystem can be named, the first that has the number is meant (QUIRKS 45).
    """
    body = {"extensionNumber": "70010", "serverNumber": 1, "commonServiceProfile": 1}
    telephony = {"ipOrFQDNAddress": "a.example", "userId": "u", "password": "Secret-1!"}
    api.post("/system-ms/subsystem/v1", json={"subsystemName": "MX3", "location": "1", "mxoneSubsystem": telephony}).raise_for_status()
    api.post(f"{EXTENSIONS}/virtual", params={"subsystemName": "MX3"}, json=body | {"extensionNumber": "1001"}).raise_for_status()
    query = {"extensionNumber": "1001", "extensionType": "ALL", "subsystemName": "MX1"}
    own_id = api.get(f"{EXTENSIONS}/details", params=query).json()["extensionId"]
    assert str(own_id) == api.get(f"{GROUPS}/1001").json()["extensionId"]


# Terminal selection


def ons(api):
    return api.get(f"{ONS}/ons-list", params=OF_1104).json()["onsVo"]


def write_ons(api, *entries, **members):
    return api.put(f"{ONS}/ons", params=OF_1104, json={"onsVo": list(entries), **members})


def test_a_terminal_selection_is_replaced(api):
    """
    Entries without an id get one; the answer is a personal number (QUIRKS 61), and the block ``info`` is not kept.
    """
    write_ons(api, {"onsprefix": "99"})
    answer = write_ons(api, {"onsid": "5", "onsprefix": "00", "onstranslateNo": "468"}, {"onsprefix": "01"}, info={"id": "9"})
    expected = [{"onsid": "5", "onsprefix": "00", "onstranslateNo": "468"}, {"onsid": "1", "onsprefix": "01"}]
    assert ({"extensionId", "personalNumberVO"}, expected) == (set(answer.json()), ons(api))


def test_a_terminal_selection_may_keep_what_is_left_out(merging):
    """
    With the other reading of the document entries are changed by their ids.
    """
    write_ons(merging, {"onsprefix": "00"}, {"onsprefix": "01"})
    write_ons(merging, {"onsid": "2", "onsprefix": "02"}, {"onsprefix": "03"})
    assert ["00", "02", "03"] == [each["onsprefix"] for each in ons(merging)]


@pytest.mark.parametrize(
    ("body", "message"),
    [({}, "onsVo is mandatory"), ({"onsVo": [{"onsid": "1"}, {"onsid": "1"}]}, "onsVo has the same onsid twice")],
    ids=["none", "twice"],
)
def test_refused_terminal_selections(api, body, message):
    """
    There must be a list, with every id once.
    """
    assert (400, message) == refused(api.put(f"{ONS}/ons", params=OF_1104, json=body))


# Phone keys


def key(position, function="TNS", value="1002", **members):
    return {"keyPosition": position, "logicalKeyId": position, "keyFunction": function, "keyFunctionValue": value, **members}


def change_keys(api, number="1104", panel=PANEL, **lists):
    return api.post(f"{PHONE}/keys/v1/{number}", json={"phonePanelType": panel, **lists})


def keys(api, number="1104", panel=PANEL):
    return api.get(f"{PHONE}/keys/v1/{number}", params={"panelTypeKey": panel}).json()


@pytest.mark.parametrize(("as_list", "kind"), [(True, list), (False, dict)], ids=["list", "one object"])
def test_phones_and_panels_come_in_two_ways(as_list, kind):
    """
    The two lists are lists, or the one object that is printed (QUIRKS 64).
    """
    with running(SimulatorSettings(phone_lists_as_list=as_list)) as pm, logged_in(pm) as api:
        found = [api.get(f"{PHONE}/{path}").json() for path in ("phone-list/v1", "panel-list/v1/Mitel6869i")]
    assert [kind, kind] == [type(each) for each in found]


def test_a_panel_belongs_to_its_phone(api):
    """
    Panels are listed for one telephone, the one without a panel first.
    """
    panels = api.get(f"{PHONE}/panel-list/v1/Mitel6865i").json()
    unknown = api.get(f"{PHONE}/panel-list/v1/Mitel1i")
    assert ({"Mitel6865i"}, "Mitel6865i", (404, "There is no phone type Mitel1i")) == (
        {each["phoneTypeKey"] for each in panels},
        panels[0]["panelTypeKey"],
        refused(unknown),
    )


def test_keys_are_written_as_changes_and_read_in_groups(api):
    """
    Positions decide the group; a panel's keys stand in a map, and keys without a function are empty ones (QUIRKS 70, 71).
    """
    first = change_keys(api, addedKeys=[key(1, displayText="Two"), key(13), key(44)])
    change_keys(api, updatedKeys=[key(1, "LOCK", "")], removedKeys=[{"keyPosition": 13}], addedKeys=[key(14)])
    found = keys(api)
    used = {
        name: [each["keyPosition"] for each in group if each["keyType"] != "EMPTY" or "keyFunction" in each]
        for name, group in {
            **{name: found[name] for name in ("terminalKeys", "softKeys", "lineKeys", "moreKeys")},
            **found["panelKeys"],
        }.items()
    }
    assert (200, {"terminalKeys": [1], "softKeys": [14], "lineKeys": [], "moreKeys": [], "1": [44]}, "LOCK") == (
        first.status_code,
        used,
        found["terminalKeys"][0]["keyFunction"],
    )


def test_keys_belong_to_their_panel_and_name_it_in_the_record(api):
    """
    Another panel has other keys; the record shows the one that was written last.
    """
    change_keys(api, addedKeys=[key(1)])
    empty = keys(api, panel="Mitel6863i")
    query = {"extensionNumber": "1104", "extensionType": "ALL", "subsystemName": "MX1"}
    record = api.get(f"{EXTENSIONS}/details", params=query).json()
    assert ("EMPTY", PANEL, "Mitel6869i") == (
        empty["terminalKeys"][0]["keyType"],
        record["phonePanelDTO"]["panelTypeKey"],
        record["phoneDTO"]["phoneTypeKey"],
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"addedKeys": [key(1)]}, "phonePanelType is mandatory"),
        ({"phonePanelType": PANEL}, "addedKeys, updatedKeys or removedKeys is mandatory"),
        ({"phonePanelType": "X", "addedKeys": [key(1)]}, "There is no panel type X"),
        ({"phonePanelType": PANEL, "extensionId": "1", "addedKeys": [key(1)]}, "extensionId in the body is not the extension in the path"),
        ({"phonePanelType": PANEL, "addedKeys": [key(1), key(1)]}, "Key 1 is in use"),
        ({"phonePanelType": PANEL, "updatedKeys": [key(1)]}, "Key 1 is not in use"),
        ({"phonePanelType": PANEL, "removedKeys": [key(1)]}, "Key 1 is not in use"),
        ({"phonePanelType": PANEL, "addedKeys": [key(0)]}, f"keyPosition must be a number from 1 to 59 on {PANEL}"),
        ({"phonePanelType": "Mitel6863i", "addedKeys": [key(6)]}, "keyPosition must be a number from 1 to 5 on Mitel6863i"),
        ({"phonePanelType": PANEL, "addedKeys": [key(1, "")]}, "keyFunction is mandatory for a key in use"),
        ({"phonePanelType": PANEL, "addedKeys": [key(1, displayText="x" * 25)]}, "displayText must be at most 24 characters"),
        ({"phonePanelType": PANEL, "addedKeys": [key(1, "DMN", "1")]}, "keyFunctionValue of DMN must be 2 to 20 digits"),
        ({"phonePanelType": PANEL, "addedKeys": [key(1, "MOB", "1")]}, "keyFunctionValue of MOB must be empty"),
        (
            {"phonePanelType": PANEL, "addedKeys": [key(1, "XML", "short")]},
            "keyFunctionValue of XML must be an address of 7 to 240 characters",
        ),
        ({"phonePanelType": PANEL, "addedKeys": [key(1, "PEN", "")]}, "A PEN key needs a personal number list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_keys(api, body, message):
    """
    A wrong key is refused with a sentence, and nothing is changed.
    """
    answer = api.post(f"{PHONE}/keys/v1/1104", json=body)
    assert ((400, message), "EMPTY") == (refused(answer), keys(api)["terminalKeys"][0]["keyType"])


def test_other_functions_and_empty_keys_are_let_through(api):
    """
    What is not known of functions is not refused; a personal number makes its key possible.
    """
    added = [key(1, "MOI", "anything"), {"keyPosition": 2, "keyType": "EMPTY"}, key(3, "PEN", "")]
    assert 200 == change_keys(api, "1101", addedKeys=added).status_code


# All together


def test_everything_vanishes_with_the_extension(api):
    """
    A number that is deleted and made again has no codes, keys, lists and terminal selection.
    """
    api.delete(f"{EXTENSIONS}/MX1", params={"extensionNumber": "1101", "extensionType": "IP"}).raise_for_status()
    body = {"extensionNumber": "1101", "serverNumber": 1, "commonServiceProfile": 1}
    api.post(f"{EXTENSIONS}/ip", params={"subsystemName": "MX1"}, json=body).raise_for_status()
    selection = api.get(f"{ONS}/ons-list", params={"extensionNumber": "1101", "subsystemId": 1}).json()
    assert ([], [], {"onsVo": []}, "EMPTY") == (
        codes(api, "1101"),
        api.get(f"{PERSONAL}/v2/1101").json()["list"],
        selection,
        keys(api, "1101", "Mitel6869i")["terminalKeys"][0]["keyType"],
    )
