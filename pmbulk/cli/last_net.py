"""
What ends the command line where nothing else does: a sentence and an exit code, never a traceback.

A script that asked for JSON gets the same on stdout, so that it always has one document to read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, NoReturn

from pmbulk.cli.streams import said_to_nobody, say_json
from pmbulk.cli.summary import say
from pmbulk.errors import PmbulkError, StoppedError, UsageError

__all__ = ["EXIT_INTERRUPTED", "ended_well"]

#: The exit code of a mistake in pmbulk itself (``EX_SOFTWARE``); the log has its traceback.
_EXIT_BUG: Final = 70
#: The exit code of a command that Ctrl-C ended (design.md 3.3).
EXIT_INTERRUPTED: Final = 130


def ended_well(command: Callable[[], None]) -> None:
    """Run *command*; whatever goes wrong in it ends the process with a sentence."""
    try:
        command()
    except PmbulkError as error:
        _end(str(error), error.exit_code)
    except SystemExit as end:
        # Typer makes a silent exit of Ctrl-C; where a run was stopped, `stopping` has said more already.
        if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
            _end("\nInterrupted.", EXIT_INTERRUPTED)
        # What is wrong with the options it has told people, but no script.
        wrong = getattr(end.__context__, "format_message", None)
        if wrong is not None:
            _say_to_scripts(wrong(), UsageError.exit_code)
        raise
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        # No mistake: a full disk, mostly, below what is said.
        with said_to_nobody():
            sys.stdout.flush()
        _end(f"pmbulk cannot go on: {error}", StoppedError.exit_code)
    except Exception as error:  # noqa: BLE001 - the last net: a user never sees a traceback
        from pmbulk.cli.logs import log_crash

        _end(log_crash(error), _EXIT_BUG)


def _end(words: str, exit_code: int) -> NoReturn:
    with said_to_nobody():
        say(words.splitlines(), sys.stderr)
        _say_to_scripts(words, exit_code)
    sys.exit(exit_code)


def _say_to_scripts(words: str, exit_code: int) -> None:
    if "--json" in sys.argv:
        say_json({"error": words.strip(), "exit_code": exit_code})
