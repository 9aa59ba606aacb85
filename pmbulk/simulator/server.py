"""
The simulated PM on a socket: in the foreground for the command line, in a thread for scripts and tests.

Owns threads and sockets and leaves none behind.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn

from pmbulk.simulator.app import Arrival, Simulator
from pmbulk.simulator.faults import FaultPlan
from pmbulk.simulator.settings import SimulatorSettings
from pmbulk.simulator.state import World

__all__ = ["Running", "running", "serve"]


#: Turns of the loop after which a connection that was just being accepted is there to be cut.
_TURNS: Final = 5


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator that answers at *url* until its ``with`` block ends."""

    url: str
    simulator: Simulator

    @property
    def settings(self) -> SimulatorSettings:
        """What it was started with."""
        return self.simulator.settings

    @property
    def world(self) -> World:
        """What PM holds now; to be looked at, not changed."""
        return self.simulator.world

    @property
    def requests(self) -> deque[Arrival]:
        """Every request that arrived, oldest first, as far as the settings keep them."""
        return self.simulator.requests

    @property
    def faults(self) -> FaultPlan:
        """The faults in force; `add` and `clear` take effect with the next request."""
        return self.simulator.faults


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, simulator: Simulator, on_ready: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        config = uvicorn.Config(
            simulator,
            http=simulator.wire.protocol(),
            # Resets need a plain socket behind the transport, so no other loop than asyncio's own.
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_ready(asyncio.get_running_loop())


class _ThreadServer(_Server):
    """A server that another thread ends at once, where uvicorn's own looks ten times a second whether it should."""

    def __init__(self, simulator: Simulator, on_ready: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        super().__init__(simulator, on_ready)
        self._wire = simulator.wire
        self._over = asyncio.Event()

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ends the server, whatever it is doing; its thread goes on in *loop* until that is done."""
        loop.call_soon_threadsafe(self._over.set)

    async def main_loop(self) -> None:
        await self.on_tick(0)  # the headers of every answer are made here
        await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in [*self.servers, *(sockets or ())]:
            listening.close()
        for _turn in range(_TURNS):
            self._wire.cut()
            await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=self.config.timeout_graceful_shutdown)
        for server in self.servers:
            await server.wait_closed()


def serve(settings: SimulatorSettings, *, on_ready: Callable[[str], None] | None = None) -> None:
    """
    Serves until it is interrupted; *on_ready* is called once with the address.

    Raises:
        OSError: If the address is taken or not this machine's.
        KeyboardInterrupt: After the orderly end that Ctrl-C asks for.
    """
    listener = _listener(settings)

    def ready(_loop: asyncio.AbstractEventLoop) -> None:
        if on_ready is not None:
            on_ready(_url(listener))

    with listener:
        _Server(Simulator(settings), ready).run(sockets=[listener])


@contextmanager
def running(settings: SimulatorSettings | None = None, *, world: World | None = None) -> Iterator[Running]:
    """
    A simulator in a thread of its own, stopped when the block ends, whatever it was doing; *world* as for `Simulator`.

    Raises:
        OSError: If the address is taken or not this machine's.
    """
    simulator = Simulator(settings or SimulatorSettings(), world)
    loops: list[asyncio.AbstractEventLoop] = []
    listens = threading.Event()

    def ready(loop: asyncio.AbstractEventLoop) -> None:
        loops.append(loop)
        listens.set()

    with _listener(simulator.settings) as listener:
        server = _ThreadServer(simulator, ready)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
        url = _url(listener)
        thread.start()
        listens.wait()
        try:
            yield Running(url, simulator)
        finally:
            server.end(loops[0])
            thread.join()


def _listener(settings: SimulatorSettings) -> socket.socket:
    return socket.create_server((settings.host, settings.port), backlog=2048)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
