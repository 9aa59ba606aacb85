"""
A journal in one SQLite file per job; the only module that knows SQL.

One writer thread drains what has gathered and commits it at once, so that many rows share one sync of the disk and each still waits for its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import anyio
from filelock import FileLock

from pmbulk.errors import Outcome, StoppedError, UsageError
from pmbulk.jobs.job_lock import lock
from pmbulk.jobs.journal import JobFacts, JobState, JournalledRow, OpenAttempt, RowFacts, Settlement, SheetFacts
from pmbulk.jobs.loop import call_in
from pmbulk.jobs.queries import query, script_text

__all__ = ["SqliteJournal"]

#: Each brings a journal from the version before it to its own number, counted from 1.
MIGRATIONS: Final = ("0001_job.sql", "0002_kept.sql")

#: How long a settlement may stay in memory when nothing else asks for durability.
_SETTLED_SOON_S: Final = 0.2

#: WAL with FULL has the disk sync every commit: an announcement that a power loss takes back would let a request go out twice, so NORMAL, which syncs
#: at checkpoints only, is not enough. On macOS a plain sync stops at the disk's own cache. One commit is shared by all rows that wait for it.
_SETTINGS: Final = ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "foreign_keys = ON")

#: One write that waits for its commit: a query's name and its values.
_Line = tuple[str, tuple[Any, ...]]


class _Drain:
    """What gathers between two commits, and the event that all who wait for it share, with the way to *tell* them."""

    __slots__ = ("committed", "error", "lines", "tell")

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.committed: anyio.Event | None = None
        self.error: Exception | None = None
        self.tell: Callable[[], None] = lambda: None


class SqliteJournal:
    """
    The journal of one job in the file *path*; keeps every promise of `Journal`.

    Made by `create`, `open` (to go on with a job) or `read` (to look at one, also while another process runs it).
    """

    def __init__(self, path: Path, db: sqlite3.Connection, held: FileLock | None) -> None:
        self.path = path
        self._db = db
        self._lock = held
        self._job_id = ""
        self._gathering = _Drain()
        self._guard = threading.Lock()
        self._kicks: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closing = False
        self._broken: Exception | None = None

    @classmethod
    def create(cls, path: Path, facts: JobFacts, sheets: Iterable[SheetFacts]) -> Self:
        """
        A new journal for a job that starts to run, readable by its owner only.

        Raises:
            StoppedError: If the file cannot be written, or is there already.
        """
        with _told(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        created = (facts.id, facts.input_path, facts.input_sha256, facts.pm_url, facts.user, facts.pm_version, facts.pm_build)
        lines: list[_Line] = [("add_job", (*created, facts.options, facts.created_at.isoformat(), facts.pmbulk_version))]
        lines.extend(("add_sheet", (sheet.position, sheet.name, sheet.entity, json.dumps(sheet.headers))) for sheet in sheets)
        return cls._begin(path, lines)

    @classmethod
    def open(cls, path: Path) -> Self:
        """
        The journal of a job that is to go on; it counts as running from here.

        Raises:
            JobBusyError: If another process holds it.
            UsageError: If there is no such job, or the file is not a journal of this version of pmbulk.
            StoppedError: If it cannot be written.
        """
        _must_exist(path)
        return cls._begin(path, [("take_up", ())])

    @classmethod
    def read(cls, path: Path) -> Self:
        """
        The journal of a job, to read from only.

        Raises:
            UsageError: If there is no such job, or the file is not a journal of this version of pmbulk.
            JobBusyError: If it is of an older version and another process holds it.
        """
        _must_exist(path)
        with _told(path):
            db = _connect(path) if os.access(path.parent, os.W_OK) else _connect_read_only(path)
            if _version(db, path) < len(MIGRATIONS):
                db.close()
                db, held = _locked(path)
                held.release()
            db.execute("PRAGMA query_only = ON")
        return cls(path, db, None)

    @classmethod
    def _begin(cls, path: Path, lines: list[_Line]) -> Self:
        """The journal at *path*, locked, once *lines* are written."""
        db, held = _locked(path)
        with ExitStack() as undo:
            undo.callback(held.release)
            undo.callback(db.close)
            with _transaction(db, path):
                for name, values in lines:
                    db.execute(query(name), values)
            undo.pop_all()
        return cls(path, db, held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def add_rows(self, rows: Iterable[RowFacts]) -> None:
        """Add the input's rows, all or none; durable on return."""
        settled: list[tuple[Any, ...]] = []

        def lines() -> Iterator[tuple[Any, ...]]:
            for row in rows:
                if row.settlement is not None:
                    settled.append(self._settlement_values(row.ordinal, row.settlement))
                yield (row.ordinal, row.sheet, row.number, row.label, row.fingerprint, row.cells, row.findings, row.attempts_before)

        with _transaction(self._db, self.path) as db:
            db.executemany(query("add_row"), lines())
            db.executemany(query("settle"), settled)

    def identify(self, ordinals: Mapping[int, str]) -> None:
        """Keep PM's ids of objects that rows made; durable on return."""
        with _transaction(self._db, self.path) as db:
            db.executemany(query("identify"), ((ordinal, _storable(told)) for ordinal, told in ordinals.items()))

    async def sent(self, ordinal: int, step: str, *, attempt: int, sent_at: datetime) -> None:
        """Announce an attempt; durable on return."""
        await self._durable(("add_attempt", (ordinal, step, attempt, sent_at.isoformat())))

    def keep(self, ordinal: int, text: str) -> None:
        """Keep what a row needs to go on after a crash; durable with the next `sent` or `flush`."""
        self._soon(("keep", (ordinal, _storable(text))))

    def kept(self, ordinal: int) -> str:
        """What was kept for a row; ``""`` for nothing."""
        return next((str(text) for (text,) in self._each("kept", ordinal)), "")

    def settle(self, ordinal: int, settlement: Settlement) -> None:
        """Record a row's outcome; durable with the next `sent` or `flush`, or a moment later by itself."""
        self._soon(("settle", self._settlement_values(ordinal, settlement)))

    async def flush(self) -> None:
        """Return when everything so far is durable."""
        await self._durable(None)

    async def finish(self, state: JobState, *, finished_at: datetime, results_path: str = "") -> None:
        """Record how the job stands at the end of a run; durable on return."""
        await self._durable(("finish", (state.value, finished_at.isoformat(), results_path)))

    def facts(self) -> JobFacts:
        """The job as a whole."""
        with _told(self.path):
            row = self._db.execute(query("facts")).fetchone()
        if row is None:
            raise UsageError(f"{self.path} holds no job; its run ended before anything was sent")
        created_at, version, state, finished_at, results_path = row[8:]
        ended_at = datetime.fromisoformat(finished_at) if finished_at else None
        values = (*row[:8], datetime.fromisoformat(created_at), version, JobState(state), ended_at, results_path)
        return JobFacts(*values)

    def sheets(self) -> tuple[SheetFacts, ...]:
        """The sheets, in the input's order."""
        return tuple(
            SheetFacts(position, name, entity, tuple(json.loads(headers))) for position, name, entity, headers in self._each("sheets")
        )

    def rows(self, sheet: int | None = None, *, done: bool = True) -> Iterator[JournalledRow]:
        """The rows of a sheet (`None`: of all) in the input's order, streamed; only those that are not done where *done* is false."""
        for row in self._each("rows", sheet, done):
            settlement = None if row[9] is None else Settlement(Outcome(row[9]), datetime.fromisoformat(row[10]), *row[11:])
            yield JournalledRow(RowFacts(*row[:8]), settlement, sent=row[8])

    def settled(self) -> dict[int, Outcome]:
        """The outcomes of all settled rows, by ordinal."""
        return {ordinal: Outcome(outcome) for ordinal, outcome in self._each("settled")}

    def open_attempts(self) -> tuple[OpenAttempt, ...]:
        """Per unsettled row and step the last attempt announced."""
        return tuple(OpenAttempt(ordinal, step, attempt) for ordinal, step, attempt in self._each("open_attempts"))

    def identified(self) -> frozenset[int]:
        """The ordinals of settled rows whose object's id is known."""
        return frozenset(ordinal for (ordinal,) in self._each("identified"))

    def counts(self) -> dict[int, dict[Outcome, int]]:
        """How many rows of each sheet have each outcome, absent ones left out."""
        counts: dict[int, dict[Outcome, int]] = {}
        for sheet, outcome, rows in self._each("counts"):
            counts.setdefault(sheet, {})[Outcome(outcome)] = rows
        return counts

    def close(self) -> None:
        """Make everything durable that is not yet, and let go of the file."""
        if self._writer is not None:
            self._closing = True
            self._kicks.put(None)
            self._writer.join()
            self._writer = None
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    def _settlement_values(self, ordinal: int, settlement: Settlement) -> tuple[Any, ...]:
        s = settlement
        if not (s.job or self._job_id):
            self._job_id = self.facts().id
        told = (_storable(s.message), _storable(s.code), s.http, s.attempts, s.seconds, _storable(s.object_id), _storable(s.findings))
        return (ordinal, s.outcome.value, s.finished_at.isoformat(), *told, s.job or self._job_id)

    def _each(self, name: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with _told(self.path), closing(self._db.execute(query(name), values)) as cursor:
            yield from cursor

    def _soon(self, line: _Line) -> None:
        """Have *line* written with the next commit."""
        self._ready()
        with self._guard:
            self._gathering.lines.append(line)

    async def _durable(self, line: _Line | None) -> None:
        """Have *line* written behind everything so far, and wait for the commit."""
        self._ready()
        with self._guard:
            drain = self._gathering
            if line is not None:
                drain.lines.append(line)
            if drain.committed is None:
                drain.committed = anyio.Event()
                drain.tell = partial(call_in, asyncio.get_running_loop(), drain.committed.set)
                self._kicks.put(None)
        await drain.committed.wait()
        if drain.error is not None:
            raise drain.error

    def _ready(self) -> None:
        """Have a writer that takes lines, unless one has failed: nothing may follow what was not written."""
        if self._broken is not None:
            raise self._broken
        if self._writer is None:
            with _told(self.path):
                db = _connect(self.path)
            self._writer = threading.Thread(target=self._write, args=(db,), name=f"journal {self.path.stem}", daemon=True)
            self._writer.start()

    def _write(self, db: sqlite3.Connection) -> None:
        """The writer thread: one commit for all that gathered while the last one was under way."""
        going_on = True
        with closing(db):
            while going_on:
                with suppress(queue.Empty):
                    self._kicks.get(timeout=_SETTLED_SOON_S)
                going_on = not self._closing  # asked before the drain is taken: what came before `close` is in it
                with self._guard:
                    drain, self._gathering = self._gathering, _Drain()
                drain.error = self._broken or self._commit(db, drain.lines)
                self._broken = drain.error
                drain.tell()

    def _commit(self, db: sqlite3.Connection, lines: list[_Line]) -> Exception | None:
        """Write *lines* durably; otherwise write none and return why."""
        if not lines:
            return None
        try:
            with _transaction(db, self.path):
                for name, values in lines:
                    db.execute(query(name), values)
        except Exception as error:  # noqa: BLE001 - whoever waits for the commit must hear of it, or waits for ever
            return error
        return None


def _storable(text: str) -> str:
    """The *text*, with halves of characters replaced: PM's JSON may hold them, UTF-8 cannot."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise UsageError(f"there is no job {path.stem}; `pmbulk jobs` lists those there are")


def _locked(path: Path) -> tuple[sqlite3.Connection, FileLock]:
    """The file at its newest version, and the lock that keeps other processes off it."""
    with ExitStack() as undo, _told(path):
        held = lock(path)
        undo.callback(held.release)
        db = _connect(path)
        undo.callback(db.close)
        _migrate(db, path)
        undo.pop_all()
    return db, held


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
    with ExitStack() as undo:
        undo.callback(db.close)
        for setting in _SETTINGS:
            db.execute(f"PRAGMA {setting}")
        undo.pop_all()
    return db


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """The journal where its folder takes no file: what was committed last may still stand in the log beside it, which only then is needed."""
    log = path.with_name(f"{path.name}-wal")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{'' if log.exists() else '&immutable=1'}", uri=True, isolation_level=None)


def _version(db: sqlite3.Connection, path: Path) -> int:
    """The journal's schema version; one of a newer pmbulk is refused."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        db.close()
        raise UsageError(f"job {path.stem} was written by a newer pmbulk; update pmbulk to read it")
    return version


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the journal up to the newest version, one number at a time; a crash between leaves a whole version."""
    for number in range(_version(db, path) + 1, len(MIGRATIONS) + 1):
        script = script_text(MIGRATIONS[number - 1])
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


@contextmanager
def _transaction(db: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """All or nothing, durable at the end."""
    with _told(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite and the disk say, in our words."""
    try:
        yield
    except sqlite3.IntegrityError as exc:
        raise ValueError(f"the journal refuses this change: {exc}") from exc
    except (sqlite3.OperationalError, OSError) as exc:
        raise StoppedError(
            f"the journal {path} cannot be used ({exc}); see to it that the disk has room and the file may be written, "
            "then resume the job, or run it again if `pmbulk jobs` does not list it"
        ) from exc
    except sqlite3.DatabaseError as exc:
        raise UsageError(f"{path} is not a journal of pmbulk, or is damaged ({exc})") from exc
