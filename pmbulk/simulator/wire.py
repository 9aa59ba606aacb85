"""
What happens on the socket: an answer goes out whole, in half, or not at all.

Reaches a connection's transport by the client's address, which both asyncio and ASGI name; uvicorn's inside stays its own.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from pmbulk.simulator.answers import Answer

__all__ = ["Receive", "Scope", "Send", "Wire", "content_of", "send_whole"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: Closing with "linger, for no time" makes the kernel send a reset instead of an orderly end.
_RESET: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Wire:
    """The connections that are open."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Uvicorn's protocol, which also enters its connections here."""
        transports = self._transports

        class Watched(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # uvicorn chooses the class when it is imported
            def connection_made(self, transport: asyncio.Transport) -> None:
                self.peer = transport.get_extra_info("peername")[:2]
                transports[self.peer] = transport
                # asyncio does this only for sockets made with the protocol's number; without it every other answer waits 40 ms.
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.peer, None)
                super().connection_lost(exc)

        return Watched

    async def send_half(self, answer: Answer, scope: Scope, receive: Receive) -> None:
        """Promises all of *answer*, sends half of its content, or half of its head if it has none, and closes the connection."""
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode()]
        lines += [name + b": " + value for name, value in _headers(answer)]
        head, content = b"\r\n".join([*lines, b"", b""]), answer.content
        transport = self._transports.get(scope["client"])
        if transport is not None:
            # Past uvicorn, which would complain of an answer that is not finished.
            transport.write(head + content[: len(content) // 2] if content else head[: len(head) // 2])
            transport.close()
        await _until_gone(receive)

    async def stall(self, scope: Scope, receive: Receive, *, seconds: float) -> None:
        """Says nothing until the client has gone, or *seconds* have passed and the connection is reset."""
        try:
            await asyncio.wait_for(_until_gone(receive), seconds)
        except TimeoutError:
            await self.reset(scope, receive)

    async def reset(self, scope: Scope, receive: Receive) -> None:
        """Resets the connection."""
        transport = self._transports.get(scope["client"])
        if transport is not None:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        await _until_gone(receive)

    def cut(self) -> None:
        """Ends every connection, so that nobody who stalls holds up the end."""
        for transport in list(self._transports.values()):
            transport.abort()


async def send_whole(answer: Answer, send: Send) -> None:
    """Sends *answer* as it should be."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer)})
    await send({"type": "http.response.body", "body": answer.content})


async def content_of(receive: Receive) -> bytes:
    """The request's body."""
    message = await receive()
    content: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        content += message.get("body", b"")
    return content


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    # RFC 9110 section 8.6: a 204 has no length.
    length = () if answer.status == 204 else ((b"content-length", str(len(answer.content)).encode()),)
    return [*answer.headers, *length]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
