"""
What pmbulk tells of its doings while it does them: for whoever listens, and otherwise nothing.

Events go through structlog's processors into the standard library's loggers below ``pmbulk``; only the command line decides where they come out. A
script that uses pmbulk hears them by adding a handler to the logger ``pmbulk``.
"""

from __future__ import annotations

import logging

import structlog
from structlog.typing import FilteringBoundLogger

__all__ = ["narrator"]

# Without a handler the standard library would print warnings by itself.
logging.getLogger("pmbulk").addHandler(logging.NullHandler())


def narrator(module: str) -> FilteringBoundLogger:
    """The logger for the events of *module*."""
    logger: FilteringBoundLogger = structlog.wrap_logger(logging.getLogger(module))
    return logger
