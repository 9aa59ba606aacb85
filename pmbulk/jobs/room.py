"""
How many requests may be out at PM at once.

Workers outnumber the places by a few: while their requests wait here the journal already has them, so a place is never idle for the length of a commit.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final

import anyio

from pmbulk.errors import StoppedError

__all__ = ["WORKERS_PER_PLACE", "Room", "TurnedAwayError"]

#: Workers that announce their next request while all places are taken, as a share of the places.
WORKERS_PER_PLACE: Final = 1 + 1 / 8


class TurnedAwayError(StoppedError):
    """The run ended while a request waited for the end of a pause: it was announced but not sent, and resume takes up its row."""


class Room:
    """*places* for requests, each of which stands in an ``async with`` while it is out; nobody enters while PM has asked for silence."""

    def __init__(self, places: int) -> None:
        self._places = anyio.Semaphore(places, fast_acquire=True)
        self._opened: anyio.Event | None = None
        self._closed = False

    def pause(self) -> None:
        """Let nobody in until `go_on`."""
        if self._opened is None:
            self._opened = anyio.Event()

    def go_on(self) -> None:
        """End a pause."""
        if self._opened is not None:
            self._opened.set()
            self._opened = None

    def close(self) -> None:
        """Turn away who waits for the end of a pause, now and later, since the run ends before it; without a pause all may still enter."""
        self._closed = True
        if self._opened is not None:
            self._opened.set()

    async def __aenter__(self) -> None:
        await self._places.acquire()
        try:
            await self._pause_over()
        except BaseException:
            self._places.release()
            raise

    async def _pause_over(self) -> None:
        while self._opened is not None:
            if self._closed:
                raise TurnedAwayError("The run ended before this request was sent; resume the job.")
            await self._opened.wait()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._places.release()
