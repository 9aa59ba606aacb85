"""
Whole workbooks of moves: numbers that change hands, a subsystem exported to be moved, and a pilot before the rest.
"""

from __future__ import annotations

import pytest

from pmbulk.simulator import Fault, FaultKind
from pmbulk.simulator.state import NumberSeries
from tests.integration.test_guards import type_into
from tests.support import rows_of, statuses, writes

HEADERS = ["extensionNumber", "fromSubsystem", "toSubsystem", "newExtensionNumber", "carry"]
USERS = ["action", "userId", "firstName", "lastName", "newPassword"]


@pytest.fixture
def pm(pm):
    """
    A PM whose second subsystem takes the first one's numbers.
    """
    pm.world.subsystem_by_name("MX2").series += (NumberSeries("1000", "1999", "EX"),)
    return pm


def sheet(*rows):
    return {"extension_moves": [HEADERS, *(list(row) for row in rows)]}


def name_of(pm, subsystem, number):
    """What tells an extension from others wherever it is."""
    return pm.world.extensions[pm.world.subsystem_by_name(subsystem).subsystem_id, number].body.get("nameIdentity")


def test_a_chain_of_numbers_is_carried_out_from_its_end(pm, command, workbook):
    """
    1101 goes to 1104 while 1104 goes to 1201: each finds its number free, whatever the order in the sheet; the plan foresees it.
    """
    names = [name_of(pm, "MX1", number) for number in ("1101", "1104")]
    path = workbook(sheet(("1101", "MX1", None, "1104", "best"), ("1104", "MX1", None, "1201", "best")))
    first, second = command("plan", path, "--json", check=0).summary["plan"]
    assert ["change", "change"] == [first["plan"], second["plan"]]
    assert "after extension_moves!row 3, which leaves the number; what PM has then cannot be foreseen" == first["message"]
    command("run", path, "--yes", check=0)
    assert names == [name_of(pm, "MX1", number) for number in ("1104", "1201")]


def test_the_rest_of_a_chain_is_blocked_where_its_end_fails(pm, command, workbook):
    """
    A number that was not left is not taken over.
    """
    path = workbook(sheet(("1101", "MX1", None, "1104", "best"), ("1104", "MX1", None, "9999", "best")))
    command("run", path, "--yes", check=1)
    blocked, invalid = rows_of(path.with_name("input.results.xlsx"), "extension_moves")
    assert ["blocked", "invalid"] == [blocked["_status"], invalid["_status"]]
    assert [] == writes(pm)


REFUSED = {
    "swap": (
        (("1101", "MX1", None, "1104"), ("1104", "MX1", None, "1101")),
        (
            "stands in a circle: of extension_moves!row 2, extension_moves!row 3 each goes to the number that another one leaves. Move one of them to a "
            "free number in a workbook of its own first (newExtensionNumber), run the others, and move that one on from there"
        ),
    ),
    "same target": (
        (("1101", "MX1", None, "1201"), ("1104", "MX1", None, "1201")),
        "extension 1104 from MX1 to 1201 in MX1: extension_moves!row 2 puts an extension under that number already; give one of the two another number",
    ),
    "moved twice": (
        (("1101", "MX1", "MX2", None), ("1101", "MX1", None, "1201")),
        "extension 1101 from MX1 to 1201 in MX1 is moved by extension_moves!row 2 already; remove one of the two rows",
    ),
}


@pytest.mark.parametrize(("rows", "message"), REFUSED.values(), ids=list(REFUSED))
def test_rows_that_cannot_both_be_are_refused(pm, command, workbook, rows, message):
    """
    The message names the rows and says what to do; nothing is sent.
    """
    path = workbook(sheet(*rows))
    assert message in command("check", path, check=1).stdout
    command("run", path, "--yes", "--strict", check=1)
    assert message == rows_of(path.with_name("input.results.xlsx"), "extension_moves")[-1]["_message"]
    assert [] == writes(pm)


def test_other_sheets_and_moves_do_not_meet(pm, command, workbook):
    """
    A row that moves what another sheet deletes is refused, and so is one that goes where another sheet makes something.
    """
    deletes = [["action", "subsystemName", "extensionNumber"], ["delete", "MX1", "1101"]]
    makes = [["action", "subsystemName", "extensionNumber", "serverNumber"], ["create", "MX1", "1201", 1]]
    path = workbook(
        {"extensions": deletes, "virtual_extensions": makes} | sheet(("1101", "MX1", "MX2", None), ("1104", "MX1", None, "1201"))
    )
    said = command("check", path, check=1).said
    assert "extension 1101 from MX1 to 1101 in MX2 is deleted by extensions!row 2 already; remove one of the two rows" in said
    assert "virtual_extensions!row 2 puts an extension under that number already; give one of the two another number" in said


def test_a_subsystem_is_exported_as_the_moves_that_empty_it(pm, command):
    """
    The sheet has every extension with its type, notes, and members of one group together; run as it is, it moves them.
    """
    command(
        "export", "extensions", "--subsystem", "mx1", "--as", "moves", "--to", "mx2", "--numbers", "1101-1199", "-o", "moves.xlsx", check=0
    )
    rows = rows_of(command.folder / "moves.xlsx", "extension_moves")
    number_of = pm.world.subsystem_by_name("MX1").subsystem_id
    there = {number: one for (place, number), one in pm.world.extensions.items() if place == number_of and "1101" <= number <= "1199"}
    assert set(there) == {row["extensionNumber"] for row in rows}
    assert {("move", "MX1", "MX2")} == {(row["action"], row["fromSubsystem"], row["toSubsystem"]) for row in rows}
    assert all(row["extensionType"] for row in rows)
    hidden = next(row for row in rows if row["extensionNumber"] == "1105")
    assert "authorization code, which PM keeps as a hash" in hidden["_not carried"]
    command("run", "moves.xlsx", "--yes", "--carry", "best", check=0)
    assert ["succeeded"] * len(rows) == statuses(command.folder / "moves.results.xlsx", "extension_moves")
    assert not any(place == number_of and number in there for place, number in pm.world.extensions)


WRONG = {
    "no target": (("--as", "moves"), "--as moves goes with extensions of one subsystem"),
    "no form": (("--to", "MX2"), "--to and --numbers go with --as moves"),
    "same": (("--as", "moves", "--to", "mx1"), "--to mx1 is where the extensions are; name another telephony subsystem"),
    "unknown target": (("--as", "moves", "--to", "MX9"), "PM has no subsystem 'MX9'"),
    "numbers": (("--as", "moves", "--to", "MX2", "--numbers", "20-199"), "--numbers '20-199' is no range of numbers"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_exported_is_said_in_the_options_words(command, arguments, message):
    """
    Exit code 2, and no file.
    """
    said = command("export", "extensions", "--subsystem", "MX1", *arguments, "-o", "moves.xlsx", check=2).said
    assert message in " ".join(said.split())
    assert not (command.folder / "moves.xlsx").exists()


def test_what_cannot_be_read_is_noted_and_the_rest_is_written(pm, command):
    """
    One extension that PM refuses to show leaves the others in the workbook, and stands in _not_exported.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="getExtensionDetails", nth=1, status=403))
    command(
        "export", "extensions", "--subsystem", "MX1", "--as", "moves", "--to", "MX2", "--numbers", "1101-1104", "-o", "moves.xlsx", check=1
    )
    assert 3 == len(rows_of(command.folder / "moves.xlsx", "extension_moves"))
    ((unread),) = rows_of(command.folder / "moves.xlsx", "_not_exported")
    assert ("extension_moves", True) == (unread["sheet"], unread["what"].startswith("extension 110"))


@pytest.fixture
def five_users(workbook):
    """
    A workbook with five users to create.
    """
    return workbook({"users": [USERS, *(["create", f"new.user{n}", "New", f"User{n}", "Sentinel-Pass-1!"] for n in range(5))]})


def test_a_pilot_stops_where_nobody_can_be_asked(pm, command, five_users):
    """
    The first rows are through, the results have them, and a resume does the others.
    """
    done = command("run", five_users, "--yes", "--pilot", "2", check=4)
    assert "Stopped: the pilot of 2 rows is through; look at the results and at PM, then resume the job" in done.said
    assert "3 rows not run. Go on with: pmbulk resume" in done.said
    assert ["succeeded"] * 2 + ["not_run"] * 3 == statuses(five_users.with_name("input.results.xlsx"), "users")
    assert 2 == len(writes(pm))
    command("resume", check=0)
    assert 5 == len(writes(pm))


@pytest.mark.parametrize(("answer", "exit_code", "sent"), [("y\ny", 0, 5), ("y\nn", 4, 2)], ids=["yes", "no"])
def test_a_pilot_asks_the_person(pm, command, five_users, answer, exit_code, sent):
    """
    A yes goes on in the same process, anything else leaves the rest to a resume.
    """
    ended, said = type_into(command, answer, "run", five_users, "--pilot", "2")
    assert "Go on with the other 3 rows?" in said
    assert (exit_code, sent) == (ended, len(writes(pm)))


def test_a_pilot_of_all_rows_is_the_run(command, five_users):
    """
    Where nothing is left there is nothing to ask.
    """
    command("run", five_users, "--yes", "--pilot", "5", check=0)


def test_moves_are_announced_as_moves_and_are_no_deletes(pm, command, workbook):
    """
    The lines before a run count them by themselves, and --max-deletes 0 lets them pass: nothing is gone afterwards.
    """
    done = command("run", workbook(sheet(("1104", "MX1", "MX2", None, "best"))), "--yes", "--max-deletes", "0", check=0)
    assert "  extension_moves: move 1\n" in done.said


def test_what_pm_never_shows_is_said_once(pm, command, workbook):
    """
    What PM shows of no extension, and of no user who follows it, may be lost by any move: plan and run say so once, and no row repeats it.
    """
    path = workbook(sheet(("1101", "MX1", "MX2", None, "best"), ("1102", "MX1", "MX2", None, "best")))
    for said in (command("plan", path).stdout, command("run", path, "--yes", check=0).stdout):
        assert 1 == said.count("extension_moves: PM never shows welcomeAnnouncement, ")
        assert [1, 1] == [said.count(field) for field in ("parallelRinging", "mobileNumber")]
    rows = rows_of(path.with_name("input.results.xlsx"), "extension_moves")
    assert [] == [row for row in rows if "never" in str(row["_message"])]


def test_nobody_is_given_what_has_moved_away(pm, command, workbook):
    """
    A user's row that names an extension at the place that a move leaves is refused; not where another one comes to that place.
    """
    users = [
        ["action", "userId", "extensions.1.subsystemName", "extensions.1.extensionNumber"],
        *(["update", "anna.berg", "mx1", number] for number in ("1101", "1104")),
    ]
    path = workbook(
        {"users": users} | sheet(("1101", "MX1", "MX2", "1151", None), ("1104", "MX1", None, "1201"), ("1102", "MX1", None, "1104"))
    )
    (said,) = [line for line in command("check", path, check=1).stdout.splitlines() if line.startswith("users")]
    assert said == (
        "users!row 2 names an extension that extension_moves!row 2 moves away (1101 from MX1 to 1151 in MX2). Type where it goes, or leave these cells "
        "blank: its user goes along"
    )
    command("run", path, "--yes", check=1)
    assert ["invalid", "succeeded"] == statuses(path.with_name("input.results.xlsx"), "users")
