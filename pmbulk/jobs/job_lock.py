"""
The lock that keeps two processes off one job: a file beside the journal that the operating system frees when its process ends, however that ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from pmbulk.errors import JobBusyError

__all__ = ["is_busy", "lock"]

#: Seconds to wait for the lock: who only looks whether a job is busy holds it for a moment.
_MOMENT_S: Final = 0.2


def lock(path: Path) -> FileLock:
    """
    The lock of the job whose journal is at *path*, taken.

    Raises:
        JobBusyError: If another process holds it.
        OSError: If the file cannot be written.
    """
    taken = FileLock(_lock_path(path), timeout=_MOMENT_S, mode=0o600, thread_local=False)
    try:
        taken.acquire()
    except Timeout as exc:
        raise JobBusyError(f"job {path.stem} is being run by another process; wait until it has ended, or stop it there") from exc
    return taken


def is_busy(path: Path) -> bool:
    """Whether a process holds the job at *path*; a lock file without its process does not count, nor does one on a disk that takes no writes."""
    lock_path = _lock_path(path)
    if not lock_path.exists():
        return False
    try:
        with FileLock(lock_path, timeout=0, thread_local=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")
