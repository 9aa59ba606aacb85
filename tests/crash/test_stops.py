"""
Every way in which a run can be cut short has one defined end: exit code, what is in the results, and what a resume makes of it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pmbulk.door.options import RunOptions
from pmbulk.door.running import Target, rerun_job, resume_job, run_job
from pmbulk.errors import Outcome, StoppedError, WorkbookError
from pmbulk.jobs.sqlite_journal import SqliteJournal
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.sheets.summary import read_summary
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, applied_twice, rows_of, statuses, wait_for, writes

USERS = ["action", "userId", "firstName", "lastName", "newPassword"]
COUNT = 120
WINDOWS = sys.platform == "win32"
posix_only = pytest.mark.skipif(WINDOWS, reason="this trick is POSIX's")


@pytest.fixture
def settings():
    """
    A PM that takes its time, so that a stop meets requests in flight.
    """
    return SimulatorSettings(password=PASSWORD, latency_s=0.02)


@pytest.fixture
def users(workbook):
    """
    A workbook with many users to create.
    """
    return workbook({"users": [USERS, *(["create", f"s{number:03}", "S", str(number), "Welcome-1234!"] for number in range(COUNT))]})


@pytest.fixture
def target(pm, tmp_path):
    """
    The PM for the library.
    """
    return Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path / "state")


def start(command, *arguments, **options):
    """Start a command that can be sent the signal of Ctrl-C (on Windows of Ctrl-Break)."""
    if WINDOWS:
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    return command.start(*arguments, **options)


def interrupt(process):
    """What a person does with Ctrl-C."""
    process.send_signal(signal.CTRL_BREAK_EVENT if WINDOWS else signal.SIGINT)


def is_whole(path, pm, *, count=COUNT):
    """Check that all rows succeeded, none twice."""
    assert ["succeeded"] * count == statuses(path, "users")
    assert {} == applied_twice(pm)


def results_of(path):
    """The last results workbook beside the input."""
    return max(path.parent.glob("input.results*.xlsx"), key=lambda found: found.stat().st_mtime_ns)


def test_reader_that_goes_away_ends_nothing(command, users, pm):
    """
    Where nobody reads any more what a run says, it goes on without, shows no traceback, and ends with its own exit code.
    """
    code = "from pmbulk.cli import main, progress; progress._HEARTBEAT_S = 0.01; main.main()"
    words = [sys.executable, "-c", code, "run", str(users), "--yes"]
    with subprocess.Popen(words, env=command.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not process.stdout.readline().startswith("Job "):
            pass
        process.stdout.close()
        assert (0, "") == (process.wait(60), process.stderr.read())
    is_whole(results_of(users), pm)


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(interrupt, id="ctrl-c"),
        pytest.param(lambda process: process.send_signal(signal.SIGTERM), id="sigterm", marks=posix_only),
    ],
)
def test_stop_by_hand_finishes_what_is_in_flight(command, users, pm, stop):
    """
    One stop: rows in flight are settled, the results are written, the exit code is 130, and a resume does the rest.
    """
    process = start(command, "run", users, "-q")
    wait_for(pm, 30, process)
    stop(process)
    said = process.communicate(timeout=60)[0]
    assert 130 == process.returncode, said
    assert "Finishing the rows in flight, then writing the results. Once more to stop now." in said
    assert {"succeeded", "not_run"} == set(statuses(users.with_name("input.results.xlsx"), "users"))
    command("resume", check=0)
    is_whole(results_of(users), pm)


def test_second_stop_ends_at_once(command, users, pm):
    """
    A second stop does not wait for answers: the exit code is 130, the job is named, and a resume finds out and does the rest.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_AFTER, match="createUser", nth=20))
    process = start(command, "run", users, "-q")
    wait_for(pm, 30, process)
    interrupt(process)
    for line in process.stdout:
        if "Finishing" in line:
            break
    began = time.monotonic()
    interrupt(process)
    said = process.communicate(timeout=60)[0]
    assert 130 == process.returncode, said
    assert "Stopped at once. What was sent is in the journal; go on with: pmbulk resume 2" in said
    assert "Traceback" not in said
    assert 30 > time.monotonic() - began
    command("resume", check=0)
    is_whole(results_of(users), pm)


def test_stop_before_anything_is_sent_ends_at_once(command, users, pm):
    """
    While PM is still being logged in to, one stop is enough; there is no job, and the words do not speak of one.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, match="login"))
    process = start(command, "run", users, "-q", "--json", stderr=subprocess.PIPE)
    wait_for(pm, 1, process)
    interrupt(process)
    told, said = process.communicate(timeout=60)
    assert (130, "Interrupted; nothing was sent.") == (process.returncode, said.strip().splitlines()[-1])
    assert {"error": "Interrupted; nothing was sent.", "exit_code": 130} == json.loads(told)
    assert [] == list((command.folder / "state").rglob("*.db"))


def test_stop_of_a_read_speaks_of_no_job(command, pm):
    """
    A plan or an export that is interrupted says no more than that.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, match="reads"))
    process = start(command, "export", "users", "-o", "live.xlsx")
    wait_for(pm, 2, process)
    interrupt(process)
    said = process.communicate(timeout=60)[0]
    assert (130, "Interrupted.") == (process.returncode, said.strip())
    assert [] == list(command.folder.glob("live*"))


def test_time_to_stop_is_kept_and_used_up(users, target, pm):
    """
    A run ends at its time with exit code 4 and the rest not run, also while PM has asked it to wait; a resume after it is not stopped by it again.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="createUser", nth=5, retry_after="200"))
    options = RunOptions(concurrency=1, last_row=11, stop_at=datetime.now(UTC) + timedelta(seconds=4))
    stopped = run_job(users, target, options=options)
    assert (4, True) == (stopped.exit_code, stopped.resumable)
    assert f"it is {options.stop_at.astimezone():%H:%M}, when the run was to stop; resume the job when PM may be changed again" == str(
        stopped.stopped_by
    )
    assert ["succeeded"] * 4 + ["unknown"] + ["not_run"] * (COUNT - 5) == statuses(stopped.results, "users")
    resumed = resume_job(stopped.job, lambda _facts: target, target.state_dir)
    assert 0 == resumed.exit_code
    assert (["succeeded"] * 10, {}) == (statuses(resumed.results, "users")[:10], applied_twice(pm))


def test_journal_is_durable_when_it_says_so(tmp_path, users, target):
    """
    Power loss: the journal has every commit synced to the disk, by full syncs where the system knows them.
    """
    job = run_job(users, target, options=RunOptions(last_row=3)).job
    with SqliteJournal.open(tmp_path / "state" / "jobs" / f"{job}.db") as journal:
        settings = [journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "fullfsync")]
    assert ["wal", 2, 1] == settings


def test_copy_of_the_disk_at_any_moment_can_be_resumed(command, users, pm, tmp_path):
    """
    Power loss: what was on the disk at a moment in the middle of a run is a journal that resume goes on from, with nothing done twice.
    """
    process = start(command, "run", users, "-q")
    wait_for(pm, 40, process)
    process.kill()
    process.communicate()
    before = tmp_path / "before"
    shutil.copytree(tmp_path / "state", before)
    (before / "jobs" / next((tmp_path / "state" / "jobs").glob("*.lock")).name).unlink()
    command("resume", "--state-dir", before, check=0)
    is_whole(results_of(users), pm)


@posix_only
def test_full_disk_stops_the_run_and_loses_nothing(command, users, pm):
    """
    When the journal cannot grow any more the run ends with 4 and says so; with room again a resume does the rest, nothing twice.
    """
    import resource

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    process = start(command, "run", users, "-q", preexec_fn=little_room)
    said = process.communicate(timeout=60)[0]
    assert 4 == process.returncode, said
    assert "see to it that the disk has room and the file may be written, then" in said
    assert "Traceback" not in said
    assert 0 < len(writes(pm)) < COUNT
    command("resume", check=0)
    is_whole(results_of(users), pm)


@posix_only
def test_state_that_cannot_be_written_stops_before_anything_is_sent(command, users, pm, tmp_path):
    """
    A place for journals that does not take any ends the run with 4; nothing is sent without a journal.
    """
    (tmp_path / "file").touch()
    done = command("run", users, "--state-dir", tmp_path / "file" / "state", check=4)
    assert "cannot be used" in done.said
    assert [] == writes(pm)


@pytest.mark.skipif(WINDOWS or shutil.which("unshare") is None, reason="needs a mount of its own")
def test_read_only_disk(command, users, pm, tmp_path):
    """
    On a read-only disk a run ends with 4 before anything is sent; the jobs there can still be listed, shown and written as results.
    """
    command("run", users, "--rows", "2-3", check=0)
    pm.requests.clear()
    state = tmp_path / "state"
    script = f"mount --bind {state} {state} && mount -o remount,bind,ro {state} && exec {sys.executable} -m pmbulk "

    def on_read_only_disk(*arguments):
        line = ["unshare", "--map-root-user", "--mount", "sh", "-c", script + " ".join(map(str, arguments))]
        return subprocess.run(line, cwd=command.folder, env=command.environment, capture_output=True, text=True, timeout=60, check=False)

    listed = on_read_only_disk("jobs")
    if "unshare" in listed.stderr or "mount" in listed.stderr:
        pytest.skip("this system allows no mount of one's own")
    assert (0, 1) == (listed.returncode, listed.stdout.count("finished")), listed.stderr
    job = listed.stdout.split()[0]
    assert 0 == on_read_only_disk("results", job, "-o", "again.xlsx").returncode
    assert ["succeeded"] * 2 == statuses(command.folder / "again.xlsx", "users")[:2]
    run = on_read_only_disk("run", users)
    assert 4 == run.returncode, run.stderr
    assert "Read-only file system" in run.stderr
    assert [] == writes(pm)


def test_locked_results_are_written_later(users, target, monkeypatch):
    """
    Results that Excel holds, or whose folder takes no file, do not fail the job: it says where they are and how to get them.
    """

    def locked(*_arguments, **_options):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as excel:
        excel.setattr(os, "link", locked)
        excel.setattr(Path, "replace", locked)
        done = run_job(users, target, options=RunOptions(last_row=4))
    results = users.with_name("input.results.xlsx")
    assert (0, None, False) == (done.exit_code, done.results, results.exists())
    assert (
        f"The results cannot be written to {results} (Permission denied). Nothing is lost: `pmbulk results {done.job}` writes them again, with -o to "
        "another place." == done.problem
    )
    assert [] == list(users.parent.glob(".pmbulk-*"))


def test_death_before_the_results_are_written_is_resumed(users, target, pm, monkeypatch):
    """
    A job counts as finished only once its results are there: a resume after a death just before that writes them, and sends nothing again.
    """

    class DeadError(BaseException):
        """What a power cut is to a process."""

    def dead(*_arguments, **_options):
        raise DeadError

    with monkeypatch.context() as power_cut:
        power_cut.setattr(os, "link", dead)
        power_cut.setattr(Path, "replace", dead)
        with pytest.raises(DeadError):
            run_job(users, target)
    sent = len(writes(pm))
    is_whole(resume_job(None, lambda _facts: target, target.state_dir).results, pm)
    assert COUNT == sent == len(writes(pm))


def test_finished_job_is_told_as_it_stands(command, users, pm):
    """
    A resume of a job of which nothing is left asks PM for nothing and writes nothing: it tells the outcomes and where the results are.
    """
    first = command("run", users, "--rows", "2-3", "--json", check=0).summary
    pm.requests.clear()
    again = command("resume", first["job"], "--json", check=0).summary
    assert (first["outcomes"], first["results"]) == (again["outcomes"], again["results"])
    assert ([], [users.with_name("input.results.xlsx")]) == (list(pm.requests), list(users.parent.glob("*.results*")))


def test_job_has_one_run_at_a_time(command, users, pm):
    """
    A resume of a job that is being run is refused with 2, and disturbs nothing.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, match="createUser", nth=20))
    process = start(command, "run", users, "-q")
    wait_for(pm, 30, process)
    (journal,) = (command.folder / "state" / "jobs").glob("*.db")
    refused = command("resume", journal.stem, check=2)
    assert f"job {journal.stem} is being run by another process; wait until it has ended, or stop it there\n" == refused.stderr
    assert process.poll() is None
    process.kill()
    process.communicate()
    command("resume", journal.stem, check=0)
    is_whole(results_of(users), pm)


def interrupted(users, target):
    """A job that was stopped after some rows; returns its id and the rows that are left, by number."""
    from pmbulk.jobs.runner import Stop

    stop = Stop()
    stopped = run_job(users, target, options=RunOptions(concurrency=1), watch=lambda watch: watch_until(watch, 5, stop), stop=stop)
    return stopped.job, [row["_row"] for row in rows_of(stopped.results, "users") if row["_status"] == "not_run"]


def watch_until(watch, count, stop):
    """Ask for a stop once so many rows are settled."""
    counter = watch.stats.outcomes

    class Counting(type(counter)):
        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            if sum(self.values()) >= count:
                stop.request_stop()

    watch.stats.outcomes = Counting(counter)


def edit(path, change):
    """Change the input as a person would."""
    book = load_workbook(path)
    change(book["users"])
    book.save(path)


def test_rows_that_changed_are_refused_and_the_rest_goes_on(users, target, pm):
    """
    A resume sends the rows that are as they were, also those that moved; changed and missing ones are invalid, new ones are not run, all are named.
    """
    job, left = interrupted(users, target)

    def change(sheet):
        sheet.cell(left[3], 3).value = "Other"
        sheet.cell(left[4], 5).value = "Other-1234!"
        sheet.delete_rows(left[5])
        sheet.append(["create", "new.one", "N", "One", "Welcome-1234!"])
        sheet.cell(2, 4).value = "Late"

    edit(users, change)
    intents = []
    done = resume_job(job, lambda _facts: target, target.state_dir, agree=lambda intent: intents.append(intent) or True)
    rows = {row["_row"]: row for row in rows_of(done.results, "users")}
    assert [*range(2, COUNT + 2)] == list(rows)
    assert {left[3]: "invalid", left[4]: "invalid", left[5]: "invalid"} == {
        number: row["_status"] for number, row in rows.items() if row["_status"] != "succeeded"
    }
    words = "Nothing was sent: this row is not as it was when the job began ({}). Here it is as it was; correct it here and rerun this workbook."
    assert [words.format(difference) for difference in ("firstName: S → Other", "newPassword: another secret", "it is gone")] == [
        rows[number]["_message"] for number in left[3:6]
    ]
    assert "S" == rows[left[3]]["firstName"]
    assert (
        f"Changed since the job began, so not sent: users!row {left[3]} (firstName), users!row {left[4]} (newPassword), users!row {left[5]} (it is gone).",
        "Changed, but its outcome stands: users!row 2 (lastName).",
        f"New, and not part of this job: users!row {COUNT + 1}.",
    ) == intents[0].notices
    assert (1, {}) == (done.exit_code, applied_twice(pm))
    assert "new.one" not in {user.body["userId"] for user in pm.world.users.values()}


def test_changed_row_that_was_sent_is_unknown(command, users, target, pm):
    """
    A row that was sent, whose answer nobody has and that changed since, cannot be reconciled: it is unknown, says what to look at, and is not sent.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_AFTER, match="createUser", nth=10))
    process = start(command, "run", users, "-q", "--concurrency", "1")
    wait_for(pm, 12, process)
    process.kill()
    process.communicate()
    edit(users, lambda sheet: setattr(sheet.cell(11, 3), "value", "Other"))
    pm.requests.clear()
    done = resume_job(None, lambda _facts: target, target.state_dir)
    rows = {row["_row"]: row for row in rows_of(done.results, "users")}
    assert (5, "unknown", 1) == (done.exit_code, rows[11]["_status"], sum(row["_status"] != "succeeded" for row in rows.values()))
    assert (
        "It is not known whether PM has done this: an earlier run sent createUser for this row, the answer was lost, and the row is no longer as it was "
        "(firstName: S → Other). Look at user s009 in PM; here the row is as it was, and a rerun of this workbook looks before it sends."
    ) == rows[11]["_message"].replace("'", "")
    assert "s009" not in [name for _operation, name in writes(pm)]


def test_dependants_of_a_refused_row_are_blocked(workbook, target, pm):
    """
    What needs a row that changed is blocked by it, as by any row that did not succeed.
    """
    path = workbook(
        {
            "locations": [["locationName"], ["Kiruna"]],
            "departments": [["path", "location"], ["Company/A", "Kiruna"], ["Company/A/B", "Kiruna"], ["Company/C", "Kiruna"]],
        }
    )
    job = stopped_at_once(path, target)
    book = load_workbook(path)
    book["departments"].cell(2, 2).value = "Stockholm"
    book.save(path)
    done = resume_job(job, lambda _facts: target, target.state_dir)
    assert ["invalid", "blocked", "succeeded"] == statuses(done.results, "departments")


def stopped_at_once(path, target):
    """A job whose run ended before its first row."""
    from pmbulk.jobs.runner import Stop

    stop = Stop()
    stop.request_stop()
    return run_job(path, target, stop=stop).job


def test_input_with_nothing_left_of_the_job_is_refused(users, target, pm):
    """
    If none of the rows that are left is as it was, somebody has put another file there: nothing is settled, and the old file can be put back.
    """
    job, left = interrupted(users, target)
    kept = users.read_bytes()

    def change(sheet):
        for row in left:
            sheet.cell(row, 4).value = "Other"

    edit(users, change)
    with pytest.raises(WorkbookError, match=f"^input.xlsx is not what job {job} began with: none of the rows that are left is as it was"):
        resume_job(job, lambda _facts: target, target.state_dir)
    users.write_bytes(kept)
    is_whole(resume_job(job, lambda _facts: target, target.state_dir).results, pm)


def test_journal_without_rows_gets_them_from_the_input(users, target, pm, tmp_path):
    """
    A process that dies between the journal's first two writes leaves a job that resume begins from the start.
    """
    job = stopped_at_once(users, target)
    with closing(sqlite3.connect(tmp_path / "state" / "jobs" / f"{job}.db")) as journal:
        journal.execute("DELETE FROM rows")
        journal.commit()
    is_whole(resume_job(job, lambda _facts: target, target.state_dir).results, pm)


def test_resume_judges_rows_as_the_profile_wants(users, workbook, target, tmp_path):
    """
    A resume that gives the journal its rows refuses what is only likely wrong, as a run would.
    """
    strict = replace(target, assumptions=Assumptions(likely_rules="refuse"))
    sure = ["create", "s000", "Anna", "Berg", "Welcome-1234!", "Company/HR"]
    doubtful = ["create", "far.too.long.for.a.login.name.in.pm", "Lou", "Berg", "Welcome-1234!", "Company/HR"]
    job = stopped_at_once(workbook({"users": [[*USERS, "department"], sure, doubtful]}), target)
    with closing(sqlite3.connect(tmp_path / "state" / "jobs" / f"{job}.db")) as journal:
        journal.execute("DELETE FROM rows")
        journal.commit()
    assert {Outcome.SUCCEEDED: 1, Outcome.INVALID: 1} == resume_job(job, lambda _facts: strict, strict.state_dir).counts


def test_library_reruns_with_options(workbook, target, pm):
    """
    A script's rerun with options of its own is a rerun: what is done stays done.
    """
    first = run_job(workbook({"locations": [["action", "locationName"], ["create", "Lund"]]}), target)
    sent = len(writes(pm))
    again = rerun_job(first.results, target, options=RunOptions(strict=True))
    assert ({Outcome.SUCCEEDED: 1}, sent) == (again.counts, len(writes(pm)))


def test_rerun_does_without_figures_that_are_none(workbook, target, pm):
    """
    Somebody may have typed over what the results say beside an outcome: the row stays done.
    """
    first = run_job(workbook({"locations": [["action", "locationName"], ["create", "Lund"]]}), target)
    book = load_workbook(first.results)
    headers = [cell.value for cell in book["locations"][1]]
    for header, typed in {"_attempts": "many", "_seconds": -3, "_http": "1e400", "_finished_at": "today"}.items():
        book["locations"].cell(2, headers.index(header) + 1).value = typed
    book.save(first.results)
    again = rerun_job(first.results, target)
    (row,) = rows_of(again.results, "locations")
    assert ({Outcome.SUCCEEDED: 1}, 0, 0) == (again.counts, row["_attempts"], row["_seconds"])


def test_rerun_is_resumed_without_its_original(command, users, pm, tmp_path):
    """
    A rerun that needed nothing from the original input does not need it when it is resumed either.
    """
    command("run", users, "--rows", "2-3", check=0)
    results = users.with_name("input.results.xlsx")
    book = load_workbook(results)
    column = next(cell.column for cell in book["users"][1] if cell.value == "newPassword")
    for row in range(2, COUNT + 2):
        book["users"].cell(row, column).value = "Welcome-1234!"
    book.save(results)
    users.unlink()
    process = start(command, "rerun", results, "-q")
    wait_for(pm, 30, process)
    process.kill()
    process.communicate()
    command("resume", check=0)
    assert "input.xlsx" == Path(read_summary(results)["Input"]).name
    is_whole(results_of(users), pm)


def test_stopped_error_is_the_librarys_too(users, target, tmp_path):
    """
    A journal that cannot be made is an error that a script can catch.
    """
    (tmp_path / "state").touch()
    with pytest.raises(StoppedError, match="cannot be used"):
        run_job(users, target)
