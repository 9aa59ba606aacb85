"""
What keeps a slip from becoming an accident: limits, words to type, refusals before anything is sent.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing

import pytest
from openpyxl import load_workbook

from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, applied_twice, rows_of, statuses, writes

USERS = ["action", "userId", "firstName", "lastName", "newPassword"]


@pytest.fixture
def settings():
    """
    A PM with users enough to delete.
    """
    return SimulatorSettings(password=PASSWORD, generated_users=40)


@pytest.fixture
def deletes(workbook, pm):
    """
    Writes a workbook that deletes so many users.
    """

    def write(count):
        ids = [user.body["userId"] for user in pm.world.users.values() if not user.body.get("extensions")]
        return workbook({"users": [["action", "userId"], *(["delete", user_id] for user_id in ids[-count:])]})

    return write


def type_into(command, answer, *arguments):
    """Run a command on a terminal of 80 columns, type the answer to its question, and return its exit code and what it said."""
    import pty
    import subprocess
    import termios

    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-m", "pmbulk", *map(str, arguments)],
        cwd=command.folder,
        env=command.environment | {"TERM": "dumb"},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    os.write(ours, f"{answer}\n".encode())
    said = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return process.wait(timeout=60), said.decode().replace("\r\n", "\n")


def test_many_deletes_are_refused_unless_their_number_is_allowed(command, deletes, pm):
    """
    With --yes more than 25 deletes are refused before anything is sent, with what to type; that option lets them go.
    """
    path = deletes(26)
    done = command("run", path, "--yes", check=2)
    assert (
        "input.xlsx deletes 26 objects, more than the 25 that may go. Nothing was sent. If all of them are to go, add --max-deletes 26.\n"
        == done.stderr
    )
    assert [] == list(pm.requests)
    command("run", path, "--yes", "--max-deletes", "26", check=0)
    assert 26 == len(writes(pm))


def test_few_deletes_go(command, deletes, pm):
    """
    Up to 25 deletes need nothing but the usual agreement.
    """
    command("run", deletes(25), "--yes", check=0)
    assert 25 == len(writes(pm))


def test_limit_on_deletes_is_a_limit(command, deletes, pm):
    """
    More deletes than --max-deletes are refused, however few.
    """
    command("run", deletes(2), "--yes", "--max-deletes", "1", check=2)
    assert [] == list(pm.requests)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
@pytest.mark.parametrize(
    ("count", "answer", "exit_code", "question"),
    [
        (26, "delete 26", 0, "That is a lot. Type 'delete 26' to send it:"),
        (26, "y", 2, "That is a lot. Type 'delete 26' to send it:"),
        (25, "y", 0, "Send? [y/N]:"),
        (25, "", 2, "Send? [y/N]:"),
        (25, "\x04", 130, "Interrupted; nothing was sent."),
        (26, "\x04", 130, "Interrupted; nothing was sent."),
    ],
    ids=["typed", "only yes", "few", "no", "few, and nobody there", "many, and nobody there"],
)
def test_person_types_what_shall_be_deleted(command, deletes, pm, count, answer, exit_code, question):
    """
    A person agrees to few deletes with yes, and to many by typing how many; whatever else is typed sends nothing, and who leaves interrupts.
    """
    ended, said = type_into(command, answer, "run", deletes(count))
    assert (exit_code, 0 if exit_code else count) == (ended, len(writes(pm)))
    assert question in said


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_terminal_is_not_overrun(command, deletes):
    """
    On a terminal of 80 columns every line fits, apart from paths and the line that moves.
    """
    _ended, said = type_into(
        command, "no", "run", deletes(26), "--max-failures", "5%", "--stop-at", "22:30", "--per-subsystem", "2", "--strict"
    )
    assert [] == [line for line in said.split("\n") if len(line) > 80]
    assert (
        "  policy: concurrency 100, per-subsystem 2, if-exists fail, strict\n  limits: max-failures 5%, max-deletes none, stop-at 2" in said
    )


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"users": [["userId", "firstName"]]}, "input.xlsx has no rows: every sheet ends after its headers. Fill in rows from row 2 on.\n"),
        (
            {"users": []},
            "input.xlsx is empty: there is nothing on users, not even headers. `pmbulk template` writes a workbook to fill in.\n",
        ),
    ],
    ids=["headers only", "empty sheet"],
)
def test_input_without_rows_is_refused(command, workbook, pm, sheets, words):
    """
    A workbook without any row is a mistake, not a job that is done.
    """
    assert words == command("run", workbook(sheets), "--yes", check=2).stderr
    assert [] == list(pm.requests)


def test_causes_come_before_their_consequences(command, workbook):
    """
    Rows that fail alike are told once, however PM spells their names, and rows that they block come after them.
    """
    places = [["locationName"], ["Lund"], ["Visby"], ["Kiruna"]]
    command("run", workbook({"locations": places}), check=0)
    path = workbook({"departments": [["path", "location"], ["Company/A", "Lund"], ["Company/B", "Visby"]], "locations": places})
    done = command("run", path, check=1)
    told = [" ".join(line.split()[:5]) for line in done.stdout.splitlines() if line.startswith("  ") and ("!row" in line or "×" in line)]
    assert [
        "locations!row 2: location 'Lund' exists",
        "locations!row 3: location 'Visby' exists",
        "locations!row 4: location 'Kiruna' exists",
        "departments!row 2: Nothing was sent:",
        "departments!row 3: Nothing was sent:",
        "3 × locations DUPLICATE: location",
        "2 × departments BLOCKED: Nothing",
    ] == told


def test_results_that_were_not_written_can_be_had(command, deletes, tmp_path):
    """
    What `show` says of a job without a results workbook is what to type for it.
    """
    path = deletes(2)
    (tmp_path / "later").mkdir()
    job = command("run", path, "-o", tmp_path / "later" / "out.xlsx", "--json", check=0).summary["job"]
    with closing(sqlite3.connect(tmp_path / "state" / "jobs" / f"{job}.db")) as journal, journal:
        journal.execute("UPDATE job SET results_path = ''")
    assert f"Results: none written so far; pmbulk results {job} writes them\n" in command("show", job, check=0).stdout
    command("results", job, "-o", tmp_path / "again.xlsx", check=0)
    assert ["succeeded"] * 2 == statuses(tmp_path / "again.xlsx", "users")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("run", "input.xlsx", "-o", "out.csv"), "-o out.csv: what is written is .xlsx; give the file a name that ends so\n"),
        (("run", "input.xlsx", "-o", "no/out.xlsx"), "-o no/out.xlsx: there is no folder no; make it first, or give another place\n"),
        (("template", "users", "-o", "new.csv"), "-o new.csv: what is written is .xlsx; give the file a name that ends so\n"),
        (("template", "users", "-o", "input.xlsx"), "-o input.xlsx: the file exists and is not overwritten; give another name\n"),
        (("demo", "-o", "input.xlsx/demo"), "input.xlsx/demo cannot be made (Not a directory); give another folder with -o\n"),
    ],
    ids=["another kind", "no folder", "template of another kind", "taken", "no place for the demo"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows writes paths, and calls this error, in its own way")
def test_what_cannot_be_written_is_told_before_any_work(command, deletes, pm, words, refusal):
    """
    A name that no workbook can have, and a place that is not there, are refused before PM is asked anything.
    """
    deletes(2)
    assert refusal == command(*words, check=2).stderr
    assert [] == list(pm.requests)


def test_every_step_names_the_next(command, deletes):
    """
    What was checked is planned, what was planned is run, and what was run wrong is run again.
    """
    path = deletes(2)
    assert f"Next: pmbulk plan {path}" == command("check", path, check=0).stdout.splitlines()[-1]
    assert f"Next: pmbulk run {path}" == command("plan", path, check=0).stdout.splitlines()[-1]
    assert f"Next: pmbulk run {path}, with the same options" == command("plan", path, "--rows", "2", check=0).stdout.splitlines()[-1]
    command("run", path, check=0)
    told = command("plan", path, "-o", "plan.xlsx", check=1).stdout.splitlines()[-2:]
    assert ["Plan: plan.xlsx", f"Correct conflicts and invalid rows, or leave them: pmbulk run {path}"] == told


def test_selection_without_rows_is_refused(command, deletes, pm):
    """
    A selection that leaves nothing is a slip of the keyboard.
    """
    assert "--only and --rows leave no row of input.xlsx; nothing was sent\n" == command("run", deletes(2), "--rows", "50-", check=2).stderr
    assert [] == list(pm.requests)


def test_rerun_with_nothing_left_to_do_is_no_mistake(command, deletes, pm):
    """
    A rerun of results in which every row succeeded sends nothing and ends with 0.
    """
    path = deletes(2)
    command("run", path, check=0)
    pm.requests.clear()
    command("rerun", path.with_name("input.results.xlsx"), "--yes", check=0)
    assert [] == list(pm.requests)


def test_strict_refusal_is_no_job_to_resume(command, workbook):
    """
    Rows that were not sent because another one is invalid say so, and send nobody to resume.
    """
    path = workbook({"users": [USERS, ["create", "ok1", "O", "K", "Welcome-1234!"], ["create", None, "N", "O", "Welcome-1234!"]]})
    done = command("run", path, "--strict", check=1)
    assert "resume" not in done.said
    assert (
        "Nothing was sent, because a row is invalid and the run was --strict. Correct that row, then rerun this workbook."
        == (rows_of(path.with_name("input.results.xlsx"), "users")[0]["_message"])
    )


@pytest.mark.parametrize("there", [True, False], ids=["there", "not there"])
def test_unknown_create_is_looked_for_before_it_is_sent_again(command, workbook, pm, there):
    """
    A create whose answer was lost and that could not be read back is read first by the rerun, and sent only if it is not there.
    """
    kind = FaultKind.RESET_AFTER if there else FaultKind.RESET_BEFORE
    pm.faults.add(Fault(kind=kind, match="createUser"), Fault(kind=FaultKind.STATUS, match="reads", status=403))
    path = workbook({"users": [USERS, ["create", "doubt.one", "D", "One", "Welcome-1234!"]]})
    command("run", path, check=5)
    pm.faults.clear()
    pm.requests.clear()
    results = path.with_name("input.results.xlsx")
    command("rerun", results, "--yes", check=0)
    assert ([] if there else [("createUser", "doubt.one")]) == writes(pm)
    assert {} == applied_twice(pm)
    (row,) = rows_of(path.with_name("input.results-2.xlsx"), "users")
    assert ("succeeded", 1 if there else 2) == (row["_status"], row["_attempts"])
    assert 1 == sum(user.body["userId"] == "doubt.one" for user in pm.world.users.values())


def test_doubt_outlasts_a_rerun_that_did_not_come_to_the_row(command, workbook, pm):
    """
    A row in doubt that a rerun finds invalid is looked at all the same once it has been corrected.
    """
    pm.faults.add(Fault(kind=FaultKind.RESET_AFTER, match="createUser"), Fault(kind=FaultKind.STATUS, match="reads", status=403))
    path = workbook({"users": [USERS, ["create", "doubt.two", "D", "Two", "Welcome-1234!"]]})
    command("run", path, check=5)
    pm.faults.clear()
    for results, action, exit_code in (("input.results.xlsx", "creat", 1), ("input.results-2.xlsx", "create", 0)):
        book = load_workbook(path.with_name(results))
        column = next(cell.column for cell in book["users"][1] if cell.value == "action")
        book["users"].cell(2, column).value = action
        book.save(path.with_name(results))
        pm.requests.clear()
        command("rerun", path.with_name(results), check=exit_code)
        assert [] == writes(pm)
    assert ["succeeded"] == statuses(path.with_name("input.results-3.xlsx"), "users")


def test_failure_budget_in_percent(command, workbook, pm):
    """
    A share of failures beyond the budget stops the run with 4; a resume does the rest.
    """
    rows = [["create", f"eva.lind{'' if number % 2 else number}", "E", "L", "Welcome-1234!"] for number in range(40)]
    path = workbook({"users": [USERS, *rows]})
    done = command("run", path, "--max-failures", "0%", "--concurrency", "1", "--json", check=4)
    assert "1 rows failed, more than the 0 % allowed; correct the cause, then resume the job" == done.summary["stopped"]
    assert done.summary["resumable"]
