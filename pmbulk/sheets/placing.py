"""
How a workbook gets its name: written beside it first, named once complete, and never in the place of another file.

Knows no format.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["claim", "free_path", "unfinished_beside"]

_NUMBERED: Final = re.compile(r"(.+\.results)-(\d+)")


def free_path(path: Path) -> Path:
    """*path* itself, or the next of ``….results-2.xlsx``, ``….results-3.xlsx`` … where files are in the way."""
    numbered = _NUMBERED.fullmatch(path.stem)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (path.stem, 1)
    free = path
    # A link to nowhere does not exist, and is in the way all the same.
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{stem}-{number}{path.suffix}")
    return free


@contextmanager
def unfinished_beside(path: Path) -> Iterator[Path]:
    """A temporary file in the folder of *path*, gone when the block ends."""
    number, name = tempfile.mkstemp(prefix=".pmbulk-", suffix=".tmp", dir=path.parent)
    os.close(number)
    unfinished = Path(name)
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the file's bytes on the disk before it gets its name."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def claim(unfinished: Path, path: Path) -> Path:
    """Give the complete file the first free name, without a moment in which another file could be overwritten; returns that name."""
    _sync(unfinished)
    while True:
        free = free_path(path)
        try:
            _name(unfinished, free)
        except FileExistsError:
            continue
        return free


def _name(unfinished: Path, free: Path) -> None:
    """
    Let the file be known as *free*.

    Raises:
        FileExistsError: If another file was faster.
    """
    try:
        os.link(unfinished, free)
    except FileExistsError:
        raise
    except OSError:
        # Sticks and some network drives have no links: there an empty file holds the name for a moment.
        free.touch(mode=0o600, exist_ok=False)
        try:
            unfinished.replace(free)
        except OSError:
            free.unlink()
            raise
