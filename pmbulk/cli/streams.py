"""What goes out on stdout and stderr whatever their encoding is: signs that it lacks, and documents for scripts."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

__all__ = ["said_to_nobody", "say_json", "spell_signs"]

#: The name under which Python knows our way with signs that an encoding lacks.
_SPELT: Final = "pmbulk.spelt"


def spell_signs() -> None:
    """
    Have stdout and stderr spell the signs that their encoding lacks in ASCII, ``→`` as ``>``, instead of failing on them.

    A pipe or a file takes what the system's encoding has; on Windows that has no arrows, and not every letter.
    """
    codecs.register_error(_SPELT, _spelt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SPELT)


def _spelt(error: UnicodeError) -> tuple[str, int]:
    from anyascii import anyascii

    if not isinstance(error, UnicodeEncodeError):
        raise error
    return anyascii(error.object[error.start : error.end]) or "?", error.end


@contextmanager
def said_to_nobody() -> Iterator[None]:
    """Let what is said be lost where nobody can hear it any more, because the reader of a pipe is gone or the disk is full: no outcome hangs on it."""
    try:
        yield
    except OSError:
        # Python would try once more at its end, and make an exit code of its own of that.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)


def say_json(document: object) -> None:
    """Write *document* to stdout as JSON; where stdout is not in UTF-8 letters are escaped, so that the reader gets back what was written."""
    is_utf = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(document, ensure_ascii=not is_utf, indent=2), file=sys.stdout)
