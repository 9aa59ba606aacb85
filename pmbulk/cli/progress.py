"""A run as it goes: a live line on a terminal, plain lines otherwise, so that a long run is never silent."""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TextIO

from pmbulk.cli.streams import said_to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from pmbulk.door.running import Watch

__all__ = ["Progress", "figures"]

#: Seconds between two plain lines.
_HEARTBEAT_S: Final = 5.0
#: Refreshes of the live line per second.
_REFRESHES: Final = 4


class Progress:
    """Shows a run on *stream* from `watch` on until the context ends; *quiet* shows nothing."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._console: Console | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def watch(self, watch: Watch) -> None:
        """Begin to show *watch*."""
        if watch.notice:
            self._stream.write(f"Warning: {watch.notice}\n")
        if self._quiet:
            return
        self._stream.write(f"Job {watch.job}\n")
        show = self._live if self._stream.isatty() and os.environ.get("TERM") != "dumb" else self._lines
        self._thread = threading.Thread(target=self._shown, args=(show, watch), name="progress", daemon=True)
        self._thread.start()

    def say(self, words: str) -> None:
        """Write *words*, above what is live."""
        with said_to_nobody():
            if self._console is not None:
                self._console.print(words, markup=False, highlight=False)
            else:
                self._stream.write(f"\n{words}\n")
                self._stream.flush()

    def _shown(self, show: Callable[[Watch], None], watch: Watch) -> None:
        with said_to_nobody():
            show(watch)

    def _lines(self, watch: Watch) -> None:
        while not self._over.wait(_HEARTBEAT_S):
            self._stream.write(f"{time.strftime('%H:%M:%S')} {figures(watch)}\n")
            self._stream.flush()

    def _live(self, watch: Watch) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        self._console = Console(file=self._stream)
        with Live(console=self._console, refresh_per_second=_REFRESHES, transient=True) as live:
            while not self._over.wait(1 / _REFRESHES):
                live.update(Text(figures(watch), overflow="ellipsis", no_wrap=True))


def figures(watch: Watch) -> str:
    """
    The run in one line, what matters most first, since a narrow terminal cuts off the rest: rows done, what it waits for, time left, rows that did not
    succeed, then rate, p95 of the last requests, rows in flight, how many requests PM bears at once, and retries.

    The time left is told once enough rows are done for it to mean something.
    """
    stats = watch.stats
    done = sum(stats.outcomes.values())
    rate = done / max(time.monotonic() - watch.started_s, 1e-9)
    parts = [f"{done:,} of {stats.rows:,} rows"]
    if stats.paused_until is not None:
        wait_s = max(0.0, stats.paused_until - time.monotonic())
        parts.append(f"PM does not answer, asked again in {wait_s:.0f} s" if stats.outage else f"PM asked to wait, {wait_s:.0f} s left")
    if done >= 20 and done < stats.rows:
        parts.append(f"about {_duration((stats.rows - done) / rate)} left")
    failed = sum(count for outcome, count in stats.outcomes.items() if outcome in {"failed", "invalid", "blocked", "unknown"})
    if failed:
        parts.append(f"{failed:,} not succeeded")
    if stats.paused_until is None and stats.aside:
        parts.append(f"{stats.aside} waiting to be tried again")
    parts.append(f"{rate:,.1f}/s")
    latencies = sorted(watch.latencies_s.copy())
    if latencies:
        parts.append(f"p95 {latencies[int(0.95 * (len(latencies) - 1))] * 1000:,.0f} ms")
    parts.append(f"{stats.in_flight} in flight" + (f" (PM bears {stats.places})" if stats.places else ""))
    if stats.retries:
        parts.append(f"{stats.retries:,} {'retry' if stats.retries == 1 else 'retries'}")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
