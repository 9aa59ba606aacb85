"""
Extensions that move between two subsystems of a simulated PM, with all that belongs to them, and moves that are taken back.
"""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from openpyxl import load_workbook

from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from pmbulk.simulator.state import NumberSeries
from tests.support import PASSWORD, logged_in, rows_of, statuses, writes

HEADERS = ["extensionNumber", "fromSubsystem", "toSubsystem", "newExtensionNumber", "carry"]
CODE = "authorizationCodes.1.authorizationCode"
#: Holder of each kind's number.
HELD = {"1101": "anna.berg", "1102": "bjorn.dahl", "1103": "carla.meier", "1104": "david.cole", "1105": "eva.lind"}
SECRETS = ("110111", "110511", "Sentinel-Pass-1!")


@pytest.fixture
def pm(pm):
    """
    A PM whose second subsystem takes the first one's numbers, and where an extension of every kind has all that one can have, and a user.
    """
    world = pm.world
    world.subsystem_by_name("MX2").series += (NumberSeries("1000", "1999", "EX"),)
    first = world.extension_by_number("1101")
    for number, user_id in HELD.items():
        extension = world.extension_by_number(number)
        extension.call_lists, extension.ons = deepcopy(first.call_lists), deepcopy(first.ons)
        if extension.kind in {"IP", "MULTI_TERMINAL"}:
            extension.panel, extension.keys = first.panel, deepcopy(first.keys)
        user = world.user_by_id(user_id)
        accounts = {
            "micollab": {"mxoneSubsystem": "MX1", "extension": number, "miCollabSubsystem": "MICOLLAB1", "miCollabRole": "Entry"},
            "cloudlink": {"mxoneSubsystem": "MX1", "extension": number, "cloudLinkSubsystem": "CLOUDLINK1", "role": "User"},
        }
        link = {"extensionNumber": number, "subsystemId": 1, "subsystemName": "MX1", "cmgSettings": {"voiceMail": True}}
        world.replace_user(user, {**user.body, **accounts, "extensions": [*user.body.get("extensions", []), link]})
    return pm


def belongings(pm, subsystem, number):
    """All that PM would show of an extension, and of its holder, without what says where it is."""
    world = pm.world
    extension = world.extensions[world.subsystem_by_name(subsystem).subsystem_id, number]
    with logged_in(pm) as client:
        query = {"subsystemName": subsystem, "extensionNumber": number, "extensionType": "ALL"}
        record = client.get("/pm-extension-ms/pm-extension/v1/details", params=query).json()
        panel = {"panelTypeKey": extension.panel or "Mitel6869i"}
        keys = client.get(f"/pm-extension-ms/pm-phone-setup/keys/v1/{number}", params=panel).json()
    place = {"extensionId", "subsystemId", "subsystemName"}
    raw = record["extensionVO"]
    raw["gedi"][0]["lim"] = raw["gedi"][0]["lim"]["limnumber"]
    shown = {name: value for name, value in record.items() if name not in place}
    return shown, {**keys, "extensionId": ""}, extension.call_lists, extension.ons


def everything(pm):
    """The world's extensions and users as texts, to be compared whole; an extension made again has another id."""
    extensions = {key: (one.kind, one.body, one.panel, one.keys, one.call_lists, one.ons) for key, one in pm.world.extensions.items()}
    return deepcopy((extensions, {user.user_id: user.body for user in pm.world.users.values()}))


def links(pm, user_id):
    """Where a user's links and accounts point to."""
    body = pm.world.user_by_id(user_id).body
    accounts = [(body[name]["mxoneSubsystem"], body[name]["extension"]) for name in ("micollab", "cloudlink") if name in body]
    return [(one["subsystemName"], one["extensionNumber"]) for one in body.get("extensions", ())], accounts


def moved(command, workbook, *rows, headers=(*HEADERS, CODE), check=0, arguments=()):
    """Run rows of the sheet and return their results."""
    path = workbook({"extension_moves": [list(headers), *(list(row) for row in rows)]})
    results = command.folder / "results.xlsx"
    results.unlink(missing_ok=True)
    done = command("run", path, "--yes", "-o", results, *arguments, check=check)
    return rows_of(results, "extension_moves"), done


@pytest.mark.parametrize("number", HELD)
def test_an_extension_moves_with_all_that_belongs_to_it(pm, command, workbook, number):
    """
    The extension is at the target as it was at the source: record, codes, groups, keys, terminal selection, lists with choices, and its user.
    """
    before = belongings(pm, "MX1", number)
    old_links, _ = links(pm, HELD[number])
    code = "110511" if number == "1105" else None
    (row,), _ = moved(command, workbook, (number, "MX1", "MX2", None, None, code))
    assert ("succeeded", "") == (row["_status"], row["_code"] or "")
    after = belongings(pm, "MX2", number)
    if number == "1105":
        # The digest that PM shows is the same, since the row gave the code anew.
        assert "MD5A1" == before[0]["extensionVO"]["auco"][0]["hashtype"]
    assert before == after
    assert (1, number) not in pm.world.extensions
    new_links = [("MX2", number) if one == ("MX1", number) else one for one in old_links]
    assert (new_links, [("MX2", number)] * 2) == links(pm, HELD[number])


def test_an_extension_gets_another_number_where_it_is(pm, command, workbook):
    """
    A blank toSubsystem renumbers: everything but the number stays.
    """
    before = belongings(pm, "MX1", "1101")[1:]
    (row,), _ = moved(command, workbook, ("1101", "MX1", None, "1201", None, None))
    assert "succeeded" == row["_status"]
    assert before == belongings(pm, "MX1", "1201")[1:]
    assert [("MX1", "1201")] * 2 == links(pm, "anna.berg")[1]


def test_a_plan_tells_what_a_row_will_do(pm, command, workbook):
    """
    A plan names both places, the users and what goes along, and sends nothing.
    """
    path = workbook({"extension_moves": [[*HEADERS, "serverNumber"], ["1101", "MX1", "MX2", "5151", None, 2]]})
    (planned,) = command("plan", path, "--json", check=0).summary["plan"]
    assert "change" == planned["plan"]
    assert {
        "toSubsystem": ("MX1", "MX2"),
        "newExtensionNumber": ("1101", "5151"),
        "serverNumber": ("1", "2"),
    } == {one["column"]: (one["old"], one["new"]) for one in planned["changes"]}
    assert planned["message"].startswith("Users: anna.berg. With it: terminal_selections (1), personal_number_lists (2), phone_keys (1).")
    assert [] == writes(pm)


REFUSED = {
    "unknown target": (
        ("1101", "MX1", "MX3", None),
        "toSubsystem: PM has no subsystem 'MX3', or this administrator cannot see it. Nearest: MX1, MX2.",
    ),
    "no telephony": (
        ("1101", "MX1", "CMG1", None),
        "toSubsystem: 'CMG1' is a CMGServer, which has no extensions; type a telephony subsystem",
    ),
    "another type": (
        ("1101", "MX1", "MX2", None, None, None, None, "DECT"),
        "extensionType: is DECT, but PM's type for this extension is IP; correct it, or leave it blank",
    ),
    "no such extension": (
        ("1999", "MX1", "MX2", None),
        "PM has no extension 1999 in MX1, or this administrator cannot see it; check the number and fromSubsystem",
    ),
    "taken": (
        ("1101", "MX1", "MX2", "5001"),
        "MX2 has an extension 5001 already; fill newExtensionNumber with a free number, or delete that one first",
    ),
    "no series": (
        ("1101", "MX1", "MX2", "7001"),
        "newExtensionNumber: 7001 is in no number series for extensions of MX2 (5000-6999, 1000-1999); fill in a number of one of them",
    ),
    "no server": (("1101", "MX1", "MX2", None, None, 9), "serverNumber: MX2 has no server 9; fill in one of 1, 2"),
    "other kind's field": (
        ("1104", "MX1", "MX2", None, None, None, "08000F110500"),
        "macAddress: is no field of a virtual extension; empty the cell",
    ),
    "second remote terminal of one": (
        ("1101", "MX1", "MX2", None, None, None, None, None, "sip:a@b.example"),
        "sipRemoteExtension.2.terminalIdentity: is no field of an IP extension; empty the cell",
    ),
    "hashed code": (
        ("1105", "MX1", "MX2", None),
        f"{CODE}: this cannot be carried: authorization code, which PM keeps as a hash; fill it (add the column if need be), or set carry to best to lose it",
    ),
}


@pytest.mark.parametrize(("row", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_moved_is_refused_before_anything_is_sent(pm, command, workbook, row, message):
    """
    The row says what stands against it and what to type; PM is as it was.
    """
    before = everything(pm)
    (result,), _ = moved(
        command,
        workbook,
        row,
        headers=(*HEADERS, "serverNumber", "macAddress", "extensionType", "sipRemoteExtension.2.terminalIdentity"),
        check=1,
    )
    assert message == result["_message"]
    assert ([], before) == (writes(pm), everything(pm))


def test_best_moves_on_and_tells_what_was_lost(pm, command, workbook):
    """
    With carry set to best a hashed code stays behind, and the results say so.
    """
    (row,), _ = moved(command, workbook, ("1105", "MX1", "MX2", None, "best", None))
    assert "succeeded" == row["_status"]
    assert "Not carried: authorization code, which PM keeps as a hash" in row["_message"]


def test_a_row_that_is_done_does_nothing_again(pm, command, workbook):
    """
    An extension that is at the target, and not at the source any more, is skipped.
    """
    moved(command, workbook, ("1104", "MX1", "MX2", None, None, None))
    sent = len(writes(pm))
    (row,), _ = moved(command, workbook, ("1104", "MX1", "MX2", None, None, None))
    assert "skipped" == row["_status"]
    assert row["_message"].startswith("extension 1104 in MX2 is there, and extension 1104 in MX1 is not, so nothing is left to move.")
    assert sent == len(writes(pm))


TAKEN_BACK = {
    "create": ("createIpExtension", 1),
    "relink": ("updateUser", 1),
    "delete": ("deleteExtension", 1),
    "terminal selection": ("updateOns", 1),
    "second list": ("createPersonalNumberList", 2),
    "keys": ("updatePhoneKeys", 1),
}


@pytest.mark.parametrize(("operation", "nth"), TAKEN_BACK.values(), ids=list(TAKEN_BACK))
def test_a_refusal_leaves_everything_as_it_was(pm, command, workbook, operation, nth):
    """
    Whichever request PM refuses, the source is there with all that belongs to it, the target is not, and the user has the source.
    """
    before, shown = everything(pm), belongings(pm, "MX1", "1101")
    pm.faults.add(Fault(kind=FaultKind.STATUS, match=operation, nth=nth, status=403))
    (row,), _ = moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=1)
    assert "failed" == row["_status"]
    taken_back = "What had been done for this row was taken back." in row["_message"]
    assert taken_back is (operation != "createIpExtension")
    after = everything(pm)
    # An extension that was made again has PM's defaults written out, so it is compared as PM shows it.
    assert shown == belongings(pm, "MX1", "1101")
    assert (before[0].keys(), before[1]) == (after[0].keys(), after[1])


def test_half_of_a_target_is_taken_away_again(pm, command, workbook):
    """
    A refused create that left a part of the target fails, and the part goes.
    """
    before = everything(pm)
    pm.faults.add(Fault(kind=FaultKind.HALF_MADE, nth=1, status=400))
    (row,), _ = moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=1)
    assert "failed" == row["_status"]
    assert "What the refused request had left of extension 1101 in MX2 was taken away." in row["_message"]
    assert before == everything(pm)


@pytest.mark.parametrize("settings", [SimulatorSettings(password=PASSWORD, number_series_as_list=False)], ids=["one series"])
def test_a_series_that_pm_shows_alone_refuses_nothing(pm, command, workbook):
    """
    A PM that tells a single series outside a list may have others (QUIRKS 63), so whether the number is in one is left to it.
    """
    (row,), _ = moved(command, workbook, ("1104", "MX1", "MX2", None, None, None))
    assert "succeeded" == row["_status"]


def test_a_code_that_the_row_gives_is_put_back_too(pm, command, workbook):
    """
    An extension whose code PM keeps as a hash is made again at the source with the code that the row gave for the target.
    """
    shown = belongings(pm, "MX1", "1105")
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="updateOns", nth=1, status=403))
    (row,), _ = moved(command, workbook, ("1105", "MX1", "MX2", None, None, "110511"), check=1)
    assert row["_message"].count("taken back") == 1
    assert "code" not in row["_message"].partition("taken back")[2]
    assert shown == belongings(pm, "MX1", "1105")


def test_what_cannot_be_made_anew_is_refused_with_either_policy(pm, command, workbook):
    """
    No policy helps where PM makes no such extension: a registered handset's key has to be typed.
    """
    del pm.world.extension_by_number("1103").body["authenticationKey"]
    (row,), _ = moved(command, workbook, ("1103", "MX1", "MX2", None, "best", None), check=1)
    assert ("invalid", []) == (row["_status"], writes(pm))
    assert row["_message"] == (
        "authenticationKey: cannot be carried: PM does not show it, and makes no such extension without it; fill it (add the column if need be)"
    )


def test_what_cannot_be_taken_back_names_a_file_with_what_was(pm, command, workbook):
    """
    Where the source can be neither left nor made again the row is unknown, and its message names a file with what PM had; codes are sealed there.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="updateOns", status=403))
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="createIpExtension", nth=2, status=403))
    (row,), _ = moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=5)
    assert "unknown" == row["_status"]
    (file,) = (command.folder / "state" / "jobs").glob("*.snapshots/extension_moves-2.json")
    assert row["_message"].endswith(f"What PM had before this row began is in {file}.")
    snapshot = json.loads(file.read_text(encoding="utf-8"))
    assert ("1101", "anna.berg") == (snapshot["source"]["number"], snapshot["holders"][0]["userId"])
    assert snapshot["record"]["extensionVO"]["auco"][0]["auth"].startswith("sealed:")


def test_codes_are_nowhere_in_clear(pm, command, workbook):
    """
    Neither the journal nor a log, a result or a snapshot has a code of PM or of the row.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="updateOns", status=403))
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="createIpExtension", nth=2, status=403))
    rows = [("1101", "MX1", "MX2", None, None, None), ("1105", "MX1", "MX2", None, None, "110511")]
    _results, done = moved(command, workbook, *rows, check=5, arguments=("-vv",))
    input_file = command.folder / "input.xlsx"
    written = [path for path in command.folder.rglob("*") if path.is_file() and path != input_file]
    assert [] == [(path, secret) for path in written for secret in SECRETS if secret.encode() in path.read_bytes()]
    assert [] == [secret for secret in SECRETS if secret in done.said]


#: What cannot be done for a while, and where the extension stands meanwhile.
STRANDED = {
    "at the target, without all that belongs to it": ({"updateOns": None, "createIpExtension": 2}, {"MX2"}),
    "in both": ({"deleteExtension": None}, {"MX1", "MX2"}),
    "at the source again, without all that belongs to it": ({"updateOns": None}, {"MX1"}),
}


@pytest.mark.parametrize(("refused", "places"), STRANDED.values(), ids=list(STRANDED))
def test_a_rerun_ends_what_an_unknown_move_began(pm, command, workbook, refused, places):
    """
    However a row that ended unknown has left things: once PM does its part, a rerun moves what the first run had found, with all that belongs to it.
    """
    before = belongings(pm, "MX1", "1101")
    for match, nth in refused.items():
        pm.faults.add(Fault(kind=FaultKind.STATUS, match=match, nth=nth, status=403))
    (row,), _ = moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=5)
    assert ("unknown", places) == (
        row["_status"],
        {pm.world.subsystems[place].name for place, number in pm.world.extensions if number == "1101"},
    )
    # A rerun that gets no further hands on what it knows.
    command("rerun", "results.xlsx", "--yes", "-o", "again.xlsx", check=5)
    pm.faults.clear()
    command("rerun", "again.xlsx", "--yes", "-o", "done.xlsx", check=0)
    assert ["succeeded"] == statuses(command.folder / "done.xlsx", "extension_moves")
    assert before == belongings(pm, "MX2", "1101")
    assert ["MX2"] == [pm.world.subsystems[place].name for place, number in pm.world.extensions if number == "1101"]


def test_a_rerun_goes_by_the_row_where_that_says_another_place_now(pm, command, workbook):
    """
    What was kept of a move elsewhere is of no use to a row that has been corrected.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="deleteExtension", status=403))
    moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=5)
    pm.faults.clear()
    path = command.folder / "results.xlsx"
    book = load_workbook(path)
    sheet = book["extension_moves"]
    sheet.cell(2, [cell.value for cell in sheet[1]].index("newExtensionNumber") + 1).value = "1150"
    book.save(path)
    command("rerun", path, "--yes", "--carry", "best", check=0)
    assert {("MX2", "1101"), ("MX2", "1150")} == {
        (pm.world.subsystems[place].name, number) for place, number in pm.world.extensions if number in {"1101", "1150"}
    }


def test_a_refusal_says_at_which_step(pm, command, workbook):
    """
    A move is many requests: what PM says no to is named.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="updateUser", status=403, limit=1))
    (row,), _ = moved(command, workbook, ("1101", "MX1", "MX2", None, None, None), check=1)
    assert ("failed", True) == (row["_status"], row["_message"].startswith("At the step updateUser: "))
