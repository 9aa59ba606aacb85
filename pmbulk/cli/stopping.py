"""
What Ctrl-C comes to: until anything is sent the end at once, questions included; then once an orderly stop, and twice the end at once.

SIGTERM, and Ctrl-Break on Windows, mean the same.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import typer

from pmbulk.cli.last_net import EXIT_INTERRUPTED
from pmbulk.errors import PmbulkError

if TYPE_CHECKING:
    from pmbulk.door.running import Watch
    from pmbulk.jobs.runner import Stop

__all__ = ["InterruptedRunError", "Stopping", "stoppable"]

#: What services and schedulers stop a program with, and a console that is closed; not every system has them.
_LIKE_CTRL_C: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name))


class InterruptedRunError(PmbulkError):
    """The run was stopped at once by hand; the message says what to do now."""

    exit_code = EXIT_INTERRUPTED


class Stopping:
    """A run's *stop*, and its *job* from the moment at which it begins: only then are there rows in flight to wait for."""

    def __init__(self, say: Callable[[str], None], show: Callable[[Watch], None]) -> None:
        from pmbulk.jobs.runner import Stop

        self.stop: Stop = Stop()
        self.job = ""
        self._say = say
        self._show = show
        self._at_once: Any = None

    def watch(self, watch: Watch) -> None:
        """Note that the run begins, and have it shown; called in its event loop."""
        self.job = watch.job
        self.stop.on_request(self._tell)
        # What stood there until now is the event loop's own way to end at once: it cancels, and leaves no task behind to complain.
        self._at_once = signal.signal(signal.SIGINT, self._ask)
        self._show(watch)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.stop.requested:
            _call(self._at_once, number, frame)
        else:
            self.stop.request_stop()

    def _tell(self) -> None:
        self._say("Finishing the rows in flight, then writing the results. Once more to stop now.")


def _call(handler: Any, number: int, frame: FrameType | None) -> None:
    """Do as *handler* of Ctrl-C does; where Ctrl-C is ignored, as it is for what a script leaves in the background, interrupt."""
    if not callable(handler):
        raise KeyboardInterrupt
    handler(number, frame)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    _call(signal.getsignal(signal.SIGINT), number, frame)


@contextmanager
def stoppable(say: Callable[[str], None], show: Callable[[Watch], None]) -> Iterator[Stopping]:
    """
    A run that can be stopped by hand; *say* tells about that, *show* is told when it begins.

    Raises:
        InterruptedRunError: If it was stopped at once.
    """
    stopping = Stopping(say, show)
    before: dict[int, Any] = {number: signal.signal(number, _as_ctrl_c) for number in _LIKE_CTRL_C}
    before[signal.SIGINT] = signal.getsignal(signal.SIGINT)
    try:
        yield stopping
    except (KeyboardInterrupt, typer.Abort):
        if not stopping.job:
            raise InterruptedRunError("\nInterrupted; nothing was sent.") from None
        raise InterruptedRunError(f"\nStopped at once. What was sent is in the journal; go on with: pmbulk resume {stopping.job}") from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
