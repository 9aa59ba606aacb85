"""What ends the command line where nothing else does: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

import typer

from pmbulk.errors import PmbulkError

__all__ = ["ended_well"]

#: The exit code of a mistake in pmbulk itself (``EX_SOFTWARE``); the log has its traceback.
_EXIT_BUG: Final = 70


def ended_well(command: Callable[[], None]) -> None:
    """Run *command*; whatever goes wrong in it ends the process with a sentence."""
    from pmbulk.cli.logs import log_crash

    try:
        command()
    except PmbulkError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        # Typer makes a silent exit of Ctrl-C; where a run was stopped, `stopping` has said more already.
        if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
            typer.echo("\nInterrupted.", err=True)
        raise
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last net: a user never sees a traceback
        typer.echo(log_crash(error), err=True)
        sys.exit(_EXIT_BUG)
