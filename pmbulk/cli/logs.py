"""The only place that configures logging: to stderr, as much as was asked for."""

from __future__ import annotations

import logging
import sys

__all__ = ["configure_logs", "log_crash"]


def configure_logs(verbosity: int) -> None:
    """Log errors (0), events (1) or everything with tracebacks (2) to stderr, as lines of text."""
    level = (logging.ERROR, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    events = logging.getLogger("pmbulk")
    events.handlers = [logging.StreamHandler(sys.stderr)]
    events.setLevel(level)
    events.propagate = False
    if not verbosity:
        return
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S"),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
    )


def log_crash(error: Exception) -> str:
    """
    What a user is told of a mistake in pmbulk; with ``-vv`` the traceback goes to stderr.

    Local variables are never shown, so no secret can be among them.
    """
    verbose = any(argument.startswith("-vv") for argument in sys.argv)
    if verbose:
        logging.basicConfig(stream=sys.stderr)
        logging.getLogger("pmbulk").error("crashed", exc_info=error)
    hint = "" if verbose else " Run it again with -vv to see where."
    return (
        f"Something went wrong inside pmbulk ({type(error).__name__}). This is a mistake in pmbulk, not in your file.{hint} "
        "Whatever was sent is in the journal: `pmbulk jobs` lists it, `pmbulk resume` goes on."
    )
