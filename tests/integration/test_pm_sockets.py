"""The PM client against real sockets that close, truncate, stall and talk rubbish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import anyio
import pytest

from pmbulk.errors import AmbiguousError, RejectedError, RowError, TransientError, UnreachableError
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret

TOKEN = b'{"token":"opaque-token","refreshToken":"r","version":"7.8","build":"7.8.2.0.1","brand":"mxone"}'


@dataclass
class _Wire:
    """A raw server: every request's first line and headers are kept, and *play* writes what it likes."""

    port: int = 0
    requests: list[str] = field(default_factory=list)

    @property
    def targets(self) -> list[str]:
        """The request targets as they arrived, without the session's own calls."""
        return [line.split(" ")[1] for line in self.requests if "/auth/" not in line.split("\r\n")[0]]


Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def ok(body: bytes, status: str = "200 OK", headers: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode() + headers + b"\r\n" + body


@asynccontextmanager
async def serving(play: Play) -> AsyncIterator[_Wire]:
    """A server that logs everybody in and lets *play* answer all else."""
    wire = _Wire()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
                await reader.readexactly(length)
                wire.requests.append(head)
                if "/auth/" in head.split("\r\n")[0]:
                    writer.write(ok(TOKEN))
                else:
                    await play(reader, writer)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


def answers(*pieces: bytes, close: bool = False, reset: bool = False) -> Play:
    async def play(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        if reset:
            writer.transport.abort()
        elif close:
            writer.close()

    return play


async def stalls(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await anyio.sleep_forever()


def client(wire: _Wire, **settings: float) -> PmClient:
    return PmClient(Connection(f"http://127.0.0.1:{wire.port}", "admin", Secret("pw-sentinel"), **settings))  # type: ignore[arg-type]


async def create(pm: PmClient) -> object:
    return await pm.call("createUser", body={"userId": "u1", "password": Secret("pin-sentinel")})


async def read(pm: PmClient) -> object:
    return await pm.call("getUserByUserId", path={"userId": "u1"})


FAULTS = {
    "closes": (answers(close=True), "CONNECTION_LOST"),
    "resets": (answers(reset=True), "CONNECTION_LOST"),
    "truncated body": (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", close=True), "CONNECTION_LOST"),
    "truncated head": (answers(b"HTTP/1.1 200 OK\r\nConte", close=True), "CONNECTION_LOST"),
    "truncated chunks": (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", close=True), "CONNECTION_LOST"),
    "rubbish": (answers(b"220 mail.example.com ESMTP\r\n\r\n", close=True), "NOT_HTTP"),
    "bad gzip": (answers(ok(b"not gzip", headers=b"Content-Encoding: gzip\r\n")), "NOT_HTTP"),
    "web page": (answers(ok(b"<!DOCTYPE html><html>portal</html>")), "NOT_JSON"),
    "cut JSON": (answers(ok(b'{"userId": "u')), "NOT_JSON"),
}


@pytest.mark.parametrize(("play", "code"), FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(("send", "error"), [(create, AmbiguousError), (read, TransientError)], ids=["create", "read"])
async def test_a_spoiled_answer_is_ambiguous_for_a_create_only(play: Play, code: str, send: Callable, error: type[RowError]) -> None:
    """
    Whatever goes wrong after the request went out, a create may have been done, and a read may be repeated.
    """
    with anyio.fail_after(20):
        async with serving(play) as wire, client(wire) as pm:
            with pytest.raises(error) as caught:
                await send(pm)
    assert code == caught.value.code
    assert "sentinel" not in str(caught.value)


async def delete(pm: PmClient) -> object:
    return await pm.call("deleteUser", path={"userId": "u1"})


@pytest.mark.parametrize(
    ("send", "error", "target"),
    [(create, AmbiguousError, "/user-ms/user/v1"), (delete, TransientError, "/user-ms/user/v1/u1")],
    ids=["create", "delete"],
)
async def test_a_write_on_a_connection_that_dies_is_sent_once(send: Callable, error: type[RowError], target: str) -> None:
    """
    No layer below repeats what was sent on a kept connection that the server drops: the runner decides.
    """
    with anyio.fail_after(20):
        async with serving(answers(close=True)) as wire, client(wire) as pm:
            await pm.start()
            with pytest.raises(error):
                await send(pm)
    assert [target] == wire.targets


async def test_a_connection_closed_while_idle_does_no_harm() -> None:
    """
    A server that closes after each answer gets every create once, over new connections.
    """
    with anyio.fail_after(20):
        async with serving(answers(ok(b"", "201 Created", b"Connection: close\r\n"))) as wire, client(wire) as pm:
            for _ in range(3):
                await create(pm)
    assert 3 == len(wire.targets)


@pytest.mark.parametrize(("send", "error"), [(create, AmbiguousError), (read, TransientError)], ids=["create", "read"])
@pytest.mark.parametrize("play", [stalls, answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")], ids=["no answer", "half an answer"])
async def test_a_stalled_answer_times_out(play: Play, send: Callable, error: type[RowError]) -> None:
    """
    An answer that does not come, or not wholly, ends as a timeout.
    """
    with anyio.fail_after(20):
        async with serving(play) as wire, client(wire, timeout_s=0.3) as pm:
            with pytest.raises(error) as caught:
                await send(pm)
    assert "TIMEOUT" == caught.value.code


async def test_an_answer_that_trickles_has_an_end() -> None:
    """
    A server that sends a byte now and then does not hold a request for longer than the whole answer may take.
    """

    async def trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)

    with anyio.fail_after(20):
        async with serving(trickle) as wire, client(wire, timeout_s=0.2, connect_timeout_s=1.0) as pm:
            with pytest.raises(AmbiguousError) as caught:
                await create(pm)
    assert "TIMEOUT" == caught.value.code


async def test_nothing_listening_is_unreachable() -> None:
    """
    A refused connection proves that nothing was sent, also for a create, and the message says what to check.
    """
    async with serving(answers()) as wire:
        pass
    async with client(wire) as pm:
        with pytest.raises(UnreachableError) as caught:
            await pm.start()
        with pytest.raises(TransientError) as create_failed:
            await create(pm)
    assert "PM cannot be reached: nothing listens at this address; check host and port." == str(caught.value)
    assert "UNREACHABLE" == create_failed.value.code


async def test_plain_http_behind_https_is_named() -> None:
    """
    A server without TLS at an https address is told as such.
    """

    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(b"", "400 Bad Request"))
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    with anyio.fail_after(20):
        async with PmClient(Connection(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", "a", Secret("b"))) as pm:
            with pytest.raises(UnreachableError, match="there is no TLS at this address"):
                await pm.start()
        server.close()
        await server.wait_closed()


async def test_a_server_that_accepts_and_never_shakes_hands_is_unsent() -> None:
    """
    A TLS handshake that stalls ends within the connection's time and proves that nothing was sent.
    """

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(f"https://127.0.0.1:{port}", "a", Secret("b"), connect_timeout_s=0.2)
    with anyio.fail_after(20):
        async with PmClient(connection) as pm:
            with pytest.raises(UnreachableError) as caught:
                await pm.start()
        server.close()
        await server.wait_closed()
    assert "PM cannot be reached: no connection in time." == str(caught.value)


EVERY_SIGN = "".join(map(chr, range(0x20, 0x7F))) + "åé€😀"


@pytest.mark.parametrize(
    "user_id", [EVERY_SIGN, "a/../b", "%2F%2e%25", "a;b", "a?b#c", " +&=", "|)(#=}<]@&^+>!.", "..."], ids=lambda value: value[:8]
)
async def test_every_sign_of_a_user_id_arrives(user_id: str) -> None:
    """
    Path and query arrive percent-encoded in full, so that no sign of an id can address another object.
    """
    async with serving(answers(ok(b"{}"))) as wire, client(wire) as pm:
        await pm.call("getUserByUserId", path={"userId": user_id})
        await pm.call("unlockUser", query={"userId": user_id})
    encoded = quote(user_id, safe="")
    assert [f"/user-ms/user/by-user-id/v1/{encoded}", f"/user-ms/locked-user/v1?userId={encoded}"] == wire.targets


@pytest.mark.parametrize("user_id", ["", ".", ".."])
async def test_ids_that_climb_the_path_are_not_sent(user_id: str) -> None:
    """
    A server would take dots for the path above, so such an id is refused here.
    """
    async with serving(answers()) as wire, client(wire) as pm:
        with pytest.raises(RejectedError) as caught:
            await pm.call("deleteUser", path={"userId": user_id})
    assert ("UNADDRESSABLE", []) == (caught.value.code, wire.targets)


async def test_a_cancelled_request_leaves_nothing_open() -> None:
    """
    A cancelled call closes its connection, and the client goes on working.
    """
    with anyio.fail_after(20):
        async with serving(stalls) as wire, client(wire) as pm:
            with anyio.move_on_after(0.1) as scope:
                await read(pm)
            await pm.start()
    assert scope.cancelled_caught


async def test_more_requests_than_any_pool_are_in_flight_at_once() -> None:
    """
    The pool sets no limit of its own: 150 requests wait for their answers at the same time.
    """
    arrived = 0
    everybody = asyncio.Event()

    async def gather_first(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 150:
            everybody.set()
        await everybody.wait()
        writer.write(ok(b"{}"))

    with anyio.fail_after(30):
        async with serving(gather_first) as wire, client(wire) as pm, anyio.create_task_group() as group:
            await pm.start()
            for _ in range(150):
                group.start_soon(read, pm)
    assert 150 == arrived


async def test_a_read_survives_a_connection_that_was_just_given_up() -> None:
    """
    A PM that closes after every answer without saying so costs no read: it is repeated at once; a write is not.
    """

    async def then_closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(b'{"userId":"u1"}'))
        writer.transport.pause_reading()  # type: ignore[attr-defined] # what comes next is lost
        asyncio.get_running_loop().call_later(0.05, writer.close)

    async with serving(then_closes) as wire, client(wire) as pm:
        await read(pm)
        await read(pm)
        with pytest.raises(AmbiguousError):
            await create(pm)
    assert ["/user-ms/user/by-user-id/v1/u1"] * 2 == wire.targets
