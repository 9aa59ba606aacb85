"""
A PM that costs nothing: every answer is fixed bytes, after a wait if one is asked for. It runs in a process of its own.

As a program (``python -m tests.benchmarks.server LATENCY_S [CAPACITY]``) it prints its address, and for every line on stdin what it saw since the last one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from tests.benchmarks.workbook import DEPARTMENTS, SUBSYSTEM

__all__ = ["FreePm", "Seen", "free_pm"]

TOP = Path(__file__).parents[2]
#: Where PM has a capacity no two requests take it quite as long: up to this share of the latency more or less.
JITTER = 0.1


@dataclass
class Seen:
    """
    What the server saw: *creates* that it answered, and the seconds from the first one's arrival to the last one's answer.

    *stays* are the creates in the order of their answers, each with the seconds from the first arrival to its own arrival and to its answer.
    """

    creates: int = 0
    seconds: float = 0.0
    stays: list[tuple[float, float]] = field(default_factory=list)

    @classmethod
    def of(cls, stays: list[tuple[float, float]]) -> Seen:
        """What moments of arrival and answer come to."""
        first = min((arrived for arrived, _ in stays), default=0.0)
        since = [(arrived - first, answered - first) for arrived, answered in stays]
        return cls(len(since), since[-1][1] if since else 0.0, since)


def _answer(status: str, content: object = None) -> bytes:
    body = b"" if content is None else json.dumps(content).encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _token() -> str:
    parts = {"alg": "HS512"}, {"USER_REC_ID": "1", "iat": int(time.time()), "exp": int(time.time()) + 2700}
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "signature"])


_LOGGED_IN = _answer("200 OK", {"token": _token(), "refreshToken": "refresh"})
_CREATED = _answer("201 Created")
_ABSENT = _answer("404 Not Found")
_DEPARTMENT_PAGE = {
    "departmentList": [{"departmentId": number, "departmentName": name} for number, name in enumerate(DEPARTMENTS, start=1)],
    "page": {"pageNo": 0, "pageSize": 200, "totalPages": 1, "totalElements": len(DEPARTMENTS), "first": True, "last": True},
}
#: Answers by how the request begins.
_ANSWERS = (
    (b"POST /user-ms/user/v1 ", _CREATED),
    (b"POST /auth/", _LOGGED_IN),
    (b"GET /auth/", _answer("200 OK", "valid")),
    (b"GET /system-ms/department/v1", _answer("200 OK", [_DEPARTMENT_PAGE])),
    (b"GET /system-ms/subsystem/v1", _answer("200 OK", [{"subsystemId": 1, "subsystemName": SUBSYSTEM}])),
)


class _Pace:
    """How long an answer takes, and how many are worked on at once; the others wait their turn."""

    def __init__(self, latency_s: float, capacity: int | None) -> None:
        self._latency_s = latency_s
        self._jitter = 0.0 if capacity is None else JITTER
        self._free = sys.maxsize if capacity is None else capacity
        self._waiting: deque[Callable[[], None]] = deque()
        self._random = random.Random(1)

    def after(self, give: Callable[[], None]) -> None:
        """Call *give* when PM has done the work."""
        if not self._latency_s:
            give()
        elif self._free:
            self._free -= 1
            self._work(give)
        else:
            self._waiting.append(give)

    def _work(self, give: Callable[[], None]) -> None:
        seconds = self._latency_s * (1 + self._jitter * self._random.uniform(-1, 1))
        asyncio.get_running_loop().call_later(seconds, self._done, give)

    def _done(self, give: Callable[[], None]) -> None:
        give()
        if self._waiting:
            self._work(self._waiting.popleft())
        else:
            self._free += 1


class _Conversation(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, pace: _Pace, stays: list[tuple[float, float]]) -> None:
        self._pace = pace
        self._stays = stays
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n") + 4) > 3:
            head = self._unread[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 : head.find(b"\r", at)]) if at >= 0 else 0
            if len(self._unread) < end + length:
                return
            request, self._unread = self._unread[:end], self._unread[end + length :]
            answer = next((answer for start, answer in _ANSWERS if request.startswith(start)), _ABSENT)
            self._pace.after(partial(self._give, answer, time.perf_counter()))

    def _give(self, answer: bytes, arrived_s: float) -> None:
        self._transport.write(answer)
        if answer is _CREATED:
            self._stays.append((arrived_s, time.perf_counter()))


async def _serve(latency_s: float, capacity: int | None) -> None:
    loop = asyncio.get_running_loop()
    stays: list[tuple[float, float]] = []
    pace = _Pace(latency_s, capacity)
    server = await loop.create_server(lambda: _Conversation(pace, stays), "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await loop.run_in_executor(None, sys.stdin.readline):
        seen = Seen.of(stays)
        stays.clear()
        sys.stdout.write(json.dumps(asdict(seen)) + "\n")
        sys.stdout.flush()


class FreePm:
    """The server's process, from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = process.stdout.readline().strip()

    def seen(self) -> Seen:
        """What it saw since it was last asked."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Seen(**json.loads(self._process.stdout.readline()))


@contextmanager
def free_pm(latency_s: float = 0.0, *, capacity: int | None = None) -> Iterator[FreePm]:
    """A server that answers after *latency_s*, and works on as many requests as its *capacity* at once (``None``: all), until the block ends."""
    command = [sys.executable, "-m", "tests.benchmarks.server", str(latency_s), *([] if capacity is None else [str(capacity)])]
    with subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield FreePm(process)
        process.stdin.close()


def _precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are not rounded up to the next millisecond, as those of epoll are."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_precise_loop) as runner:
        runner.run(_serve(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None))
