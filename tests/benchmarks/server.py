"""
A PM that costs nothing: every answer is fixed bytes, after a wait if one is asked for. It runs in a process of its own.

As a program (``python -m tests.benchmarks.server LATENCY_S``) it prints its address, and for every line on stdin what it saw since the last one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.workbook import DEPARTMENTS, SUBSYSTEM

__all__ = ["FreePm", "Seen", "free_pm"]

TOP = Path(__file__).parents[2]


@dataclass
class Seen:
    """What the server saw: *creates* that it answered, and the seconds from the first one's arrival to the last one's answer."""

    creates: int = 0
    seconds: float = 0.0


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


class _Conversation(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, latency_s: float, times: list[float]) -> None:
        self._latency_s = latency_s
        self._times = times
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
            self._take(request)

    def _take(self, request: bytes) -> None:
        answer = next((answer for start, answer in _ANSWERS if request.startswith(start)), _ABSENT)
        if answer is _CREATED:
            self._times.append(time.perf_counter())
        if self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._give, answer)
        else:
            self._give(answer)

    def _give(self, answer: bytes) -> None:
        self._transport.write(answer)
        if answer is _CREATED:
            self._times.append(time.perf_counter())


async def _serve(latency_s: float) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    server = await loop.create_server(lambda: _Conversation(latency_s, times), "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await loop.run_in_executor(None, sys.stdin.readline):
        seen = Seen(len(times) // 2, times[-1] - times[0] if times else 0.0)
        times.clear()
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
def free_pm(latency_s: float = 0.0) -> Iterator[FreePm]:
    """A server that answers after *latency_s* until the block ends."""
    command = [sys.executable, "-m", "tests.benchmarks.server", str(latency_s)]
    with subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield FreePm(process)
        process.stdin.close()


def _precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are not rounded up to the next millisecond, as those of epoll are."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_precise_loop) as runner:
        runner.run(_serve(float(sys.argv[1])))
