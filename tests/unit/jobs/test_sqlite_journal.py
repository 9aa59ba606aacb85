from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import anyio
import pytest
from filelock import FileLock

from pmbulk.errors import Finding, JobBusyError, Outcome, StoppedError, UsageError
from pmbulk.jobs.job_lock import is_busy
from pmbulk.jobs.journal import JobState, Settlement, findings_from_text, findings_to_text
from pmbulk.jobs.sqlite_journal import MIGRATIONS, SqliteJournal


@pytest.fixture
def path(tmp_path, job_facts):
    """Where the job's journal is."""
    return tmp_path / "state" / "jobs" / f"{job_facts.id}.db"


@pytest.fixture
def create(path, job_facts, job_sheets):
    """Makes the journal."""
    return lambda: SqliteJournal.create(path, job_facts, job_sheets)


async def test_reopened_journal_holds_everything(create, path, add_rows, start):
    """
    What was settled without waiting is there after closing, and the job counts as running again.
    """
    with create() as journal:
        add_rows(journal, 2)
        await journal.sent(0, "create", attempt=1, sent_at=start)
        await journal.finish(JobState.STOPPED, finished_at=start)
        journal.settle(1, Settlement(Outcome.FAILED, start, message="half \ud83d of a sign"))
    with SqliteJournal.open(path) as journal:
        assert ["unknown", "failed"] == [row.outcome.value for row in journal.rows()]
        assert "half ? of a sign" == list(journal.rows())[1].settlement.message
        assert (JobState.RUNNING, None) == (journal.facts().state, journal.facts().finished_at)


async def test_settlement_becomes_durable_by_itself(create, path, add_rows, start):
    """
    A row that nobody waits for is on disk a moment later.
    """
    with create() as journal, SqliteJournal.read(path) as other:
        add_rows(journal, 1)
        journal.settle(0, Settlement(Outcome.SUCCEEDED, start))
        with anyio.fail_after(10):
            while not other.settled():
                await anyio.wait_all_tasks_blocked()


async def test_many_announcements_share_few_commits(create, path, add_rows, start):
    """
    A hundred rows that wait at the same time are committed in a handful of drains.
    """
    with create() as journal:
        add_rows(journal, 100)
        commits = []
        commit = journal._commit
        journal._commit = lambda db, lines: commits.append(len(lines)) or commit(db, lines)
        async with anyio.create_task_group() as rows:
            for ordinal in range(100):
                rows.start_soon(lambda n: journal.sent(n, "create", attempt=1, sent_at=start), ordinal)
        assert 100 == sum(commits)
        assert len([lines for lines in commits if lines]) < 10


def test_running_job_is_busy(create, path):
    """
    A second run of a job is refused; looking at it is not.
    """
    with create():
        assert is_busy(path)
        with pytest.raises(
            JobBusyError, match=f"^job {path.stem} is being run by another process; wait until it has ended, or stop it there$"
        ):
            SqliteJournal.open(path)
        with SqliteJournal.read(path) as journal:
            assert JobState.RUNNING is journal.facts().state
    assert not is_busy(path)


def test_a_look_at_a_job_does_not_make_it_busy(create, path):
    """
    Whoever looks whether a job is busy holds its lock for a moment, which is waited for.
    """
    create().close()
    looking = FileLock(path.with_suffix(".lock"), thread_local=False)
    looking.acquire()
    threading.Timer(0.01, looking.release).start()
    SqliteJournal.open(path).close()


def test_lock_dies_with_its_process(create, path):
    """
    A job whose process was killed can be taken up at once, though the lock file is still there.
    """
    create().close()
    script = (
        "import os, sys, pathlib; from pmbulk.jobs.sqlite_journal import SqliteJournal\n"
        "journal = SqliteJournal.open(pathlib.Path(sys.argv[1])); os._exit(9)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert 9 == subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=False).returncode
    with SqliteJournal.open(path) as journal:
        assert JobState.RUNNING is journal.facts().state


@pytest.mark.skipif(os.name != "posix", reason="other systems have no file modes")
async def test_files_are_for_their_owner_only(create, path, add_rows):
    """
    The journal and everything beside it can be read by nobody else.
    """
    with create() as journal:
        add_rows(journal, 1)
        await journal.flush()
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {0o600} == set(modes.values())
    assert 4 == len(modes)


def test_existing_journal_is_not_overwritten(create):
    """
    A job's name that is taken already is refused.
    """
    create().close()
    with pytest.raises(StoppedError, match="File exists"):
        create()


def test_missing_job_is_a_usage_error(path):
    """
    A job that is not there is told with the command that lists those that are.
    """
    with pytest.raises(UsageError, match=f"^there is no job {path.stem}; `pmbulk jobs` lists those there are$"):
        SqliteJournal.read(path)


@pytest.mark.parametrize("opened", [SqliteJournal.open, SqliteJournal.read], ids=["open", "read"])
def test_foreign_file_is_a_usage_error(path, opened):
    """
    A file that is no journal is refused in words, and not left locked.
    """
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK\x03\x04" * 300)
    with pytest.raises(UsageError, match="is not a journal of pmbulk, or is damaged"):
        opened(path)
    assert not is_busy(path)


@pytest.mark.parametrize("opened", [SqliteJournal.open, SqliteJournal.read], ids=["open", "read"])
def test_newer_journal_is_refused(create, path, opened):
    """
    A journal of a later version of pmbulk is not touched.
    """
    create().close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(UsageError, match=f"^job {path.stem} was written by a newer pmbulk; update pmbulk to read it$"):
        opened(path)


def test_migrating_an_empty_file_equals_creating_one(create, path, tmp_path):
    """
    An old file brought up to date has the same tables as a new one.
    """

    def schema(file):
        with closing(sqlite3.connect(file)) as db:
            return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()

    create().close()
    old = tmp_path / "20250101-000000-aaaa.db"
    sqlite3.connect(old).close()
    SqliteJournal.read(old).close()
    assert schema(path) == schema(old)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE settlements SET outcome = 'succeeded'", id="another outcome"),
        pytest.param("DELETE FROM settlements", id="no outcome"),
        pytest.param("UPDATE job SET state = 'paused'", id="unknown state"),
        pytest.param("INSERT INTO settlements SELECT 1, 'not_run', '', '', '', NULL, 0, 0.0, '', '', ''", id="unknown outcome"),
        pytest.param("INSERT INTO attempts (ordinal, step, attempt, sent_at) VALUES (0, 'x', 1, '')", id="sent after its end"),
        pytest.param("INSERT INTO attempts (ordinal, step, attempt, sent_at) VALUES (1, 'x', 0, '')", id="attempt 0"),
    ],
)
async def test_database_refuses_illegal_changes(create, path, add_rows, start, change):
    """
    What must not happen to a job is refused by the file itself, whoever tries.
    """
    with create() as journal:
        add_rows(journal, 2)
        journal.settle(0, Settlement(Outcome.FAILED, start))
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(change)


async def test_full_disk_stops_the_run_in_words(create, add_rows, start):
    """
    A journal that cannot grow says so, and what to do; nothing after that is taken.
    """
    resource = pytest.importorskip("resource", reason="a file's size cannot be limited")
    with create() as journal:
        add_rows(journal, 1)
        await journal.flush()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
        try:
            with pytest.raises(StoppedError) as stopped:
                await journal.sent(0, "create", attempt=1, sent_at=start)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (
            f"the journal {journal.path} cannot be used (disk I/O error); see to it that the disk has room and the file may be written, "
            "then resume the job, or run it again if `pmbulk jobs` does not list it"
        ) == str(stopped.value)
        with pytest.raises(StoppedError):
            journal.settle(0, Settlement(Outcome.FAILED, start, job="x"))


def test_loop_that_ends_during_a_commit_ends_no_writer(create, path, add_rows, start):
    """
    Who waited for a commit may be gone with the event loop, even in the moment in which the writer wants to tell; what comes after is kept all the same.
    """
    begun, ended = threading.Event(), threading.Event()

    async def wait_in_vain():
        loop = asyncio.get_running_loop()
        loop.is_closed = lambda: False  # as it was a moment ago
        waiting = asyncio.ensure_future(journal.sent(0, "create", attempt=1, sent_at=start))
        await asyncio.to_thread(begun.wait)
        waiting.cancel()
        return loop

    with create() as journal:
        add_rows(journal, 2)
        commit = journal._commit
        journal._commit = lambda db, lines: begun.set() or (ended.wait(5) and commit(db, lines))
        loop = asyncio.run(wait_in_vain())
        ended.set()
        journal.settle(1, Settlement(Outcome.SUCCEEDED, start))
    del loop.is_closed
    with SqliteJournal.read(path) as journal:
        assert ["unknown", "succeeded"] == [row.outcome.value for row in journal.rows()]


def test_rows_are_added_all_or_none(create, add_rows):
    """
    A source of rows that breaks off leaves none behind.
    """
    with create() as journal:
        with pytest.raises(ValueError, match="refuses"):
            add_rows(journal, 3, sheet=99)
        assert [] == list(journal.rows())


async def test_a_writer_that_fails_is_heard_of(create, add_rows, start):
    """
    Whatever befalls the writer's thread is raised to who waits for it, who would wait for ever otherwise.
    """
    with create() as journal:
        add_rows(journal, 1)
        journal.settle(0, Settlement(Outcome.FAILED, start, http=2**70))
        with anyio.fail_after(5), pytest.raises(OverflowError):
            await journal.flush()


async def test_findings_with_halves_of_characters_are_kept(create, add_rows, start):
    """
    A name in PM's JSON may hold what UTF-8 cannot; a finding that cites it does not end the run.
    """
    findings = findings_to_text([Finding("department", "the nearest is '\ud83d'")])
    with create() as journal:
        add_rows(journal, 1)
        journal.settle(0, Settlement(Outcome.INVALID, start, findings=findings))
        await journal.flush()
        assert ["the nearest is '?'"] == [
            finding.message for row in journal.rows() for finding in findings_from_text(row.settlement.findings)
        ]
