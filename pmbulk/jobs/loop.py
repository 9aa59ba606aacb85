"""Reaching a run's event loop from outside it: from another thread, or from a signal's handler, which does not end the loop's sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

__all__ = ["call_in"]


def call_in(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have *call* made in *loop*, which is woken for it; nothing, if the loop has ended, and with it all who waited."""
    with suppress(RuntimeError):  # to ask beforehand whether it is closed leaves a moment in which it closes
        loop.call_soon_threadsafe(call)
