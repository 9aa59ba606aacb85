"""What goes out on stdout and stderr whatever their encoding is: signs that it lacks, and documents for scripts."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import Final

import typer

__all__ = ["say_json", "spell_signs"]

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


def say_json(document: object) -> None:
    """Write *document* to stdout as JSON; where stdout is not in UTF-8 letters are escaped, so that the reader gets back what was written."""
    is_utf = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(document, ensure_ascii=not is_utf, indent=2), file=sys.stdout)
