"""
What pmbulk tells of its doings while it does them: for whoever listens, and otherwise nothing.

Events go through structlog's processors into the standard library's loggers below ``pmbulk``; only the command line decides where they come out. A
script that uses pmbulk hears them by adding a handler to the logger ``pmbulk``.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

__all__ = ["Narrator"]

# Without a handler the standard library would print warnings by itself.
logging.getLogger("pmbulk").addHandler(logging.NullHandler())


class Narrator:
    """The logger for the events of *module*; structlog takes a tenth of a second to import, so it waits for the first event that anybody may hear."""

    def __init__(self, module: str) -> None:
        self._logger = logging.getLogger(module)

    def info(self, event: str, **facts: object) -> None:
        """Tell what happened."""
        if self._logger.isEnabledFor(logging.INFO):
            self._structured.info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        """Tell what a person should act on."""
        if self._logger.isEnabledFor(logging.WARNING):
            self._structured.warning(event, **facts)

    @cached_property
    def _structured(self) -> FilteringBoundLogger:
        import structlog

        logger: FilteringBoundLogger = structlog.wrap_logger(self._logger)
        return logger
