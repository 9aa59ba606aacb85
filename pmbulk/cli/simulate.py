"""The simulated PM as a server in the foreground."""

from __future__ import annotations

import os
import secrets
from typing import Final

import typer

from pmbulk.errors import UsageError

__all__ = ["serve_simulator"]

#: How long a request that gets no answer is held: longer than people look at it, shorter than pmbulk waits.
_HANG_S: Final = 20.0


def serve_simulator(
    *,
    host: str,
    port: int,
    username: str,
    token_lifetime_s: float,
    latency_s: float,
    capacity: int | None,
    users: int,
    fault_share: float = 0.0,
) -> None:
    """
    Serve until Ctrl-C; *fault_share* of the requests go wrong in one way or another.

    Raises:
        UsageError: If the address cannot be used, or the extra is not installed.
    """
    try:
        from pmbulk.simulator import SimulatorSettings, serve
        from pmbulk.simulator.chaos import bad_day
    except ImportError as error:
        raise UsageError('The simulator is an extra; install it with: pip install "pmbulk[simulator]"') from error
    password = os.environ.get("PMBULK_PASSWORD")
    settings = SimulatorSettings(
        host=host,
        port=port,
        username=username,
        password=password or f"Sim-{secrets.token_urlsafe(9)}1!",
        token_lifetime_s=token_lifetime_s,
        latency_s=latency_s,
        capacity=capacity,
        generated_users=users,
        faults=bad_day(probability=fault_share, hang_s=_HANG_S) if fault_share else (),
    )

    def ready(url: str) -> None:
        typer.echo(f"A simulated PM answers at {url} until Ctrl-C. In another terminal:")
        typer.echo(f"  PMBULK_URL={url}  PMBULK_USER={username}  PMBULK_PASSWORD={'(as set here)' if password else settings.password}")

    try:
        serve(settings, on_ready=ready)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"{host}:{port} cannot be used ({reason}); give another --port (0 for a free one) or --host") from error
