"""
A simulated PM full of users, each with an extension that has a code, keys and groups, a mailbox and UDFs. It runs in a process of its own.

As a program (``python -m tests.benchmarks.full_pm USERS LATENCY_S``) it prints its address and serves until its stdin ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["full_pm"]

TOP = Path(__file__).parents[2]
_PANEL = "Mitel6869i"
_KEYS = 4


@contextmanager
def full_pm(users: int, latency_s: float) -> Iterator[str]:
    """The address of such a PM, which answers after *latency_s*, until the block ends."""
    command = [sys.executable, "-m", "tests.benchmarks.full_pm", str(users), str(latency_s)]
    with subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


def _serve(users: int, latency_s: float) -> None:
    from pmbulk.simulator import SimulatorSettings, running

    settings = SimulatorSettings(password="secret", latency_s=latency_s, generated_users=users, kept_requests=10)
    with running(settings) as pm:
        _furnish(pm.world)
        sys.stdout.write(f"{pm.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


def _furnish(world: object) -> None:
    """Give every generated user of *world* what users have."""
    from pmbulk.simulator.state import Extension

    subsystem = world.subsystem_by_name("MX1")
    generated = [user for user in world.users.values() if user.user_id.startswith("user0")]
    for number, user in enumerate(generated, start=100_001):
        written = {
            "extensionNumber": str(number),
            "serverNumber": 1,
            "commonServiceProfile": 1,
            "ipExtensionType": "IPManualLogin",
            "nameIdentity": {"firstName": "User", "lastName": str(number)},
            "authorizationCodes": [{"authorizationCode": str(number), "hashType": "CLEARTEXT", "callLoggingCode": str(number)}],
            "callPickupGroup": str(number % 50),
        }
        keys = {place: {"keyPosition": place, "keyFunction": "TNS", "keyFunctionValue": "1001"} for place in range(1, _KEYS + 1)}
        extension = Extension(world.next_id("extension"), str(number), subsystem.subsystem_id, "IP", written, panel=_PANEL)
        extension.keys = {_PANEL: keys}
        world.put_extension(extension)
        belongings = {
            "emailAddress": f"{user.user_id}@example.com",
            "extensions": [{"extensionNumber": str(number), "subsystemId": subsystem.subsystem_id, "subsystemName": subsystem.name}],
            "userMailBoxDTO": {"mailboxNumber": [str(number)]},
            "keyWords": ["sales", f"floor {number % 9}"],
            **{f"udf{place}": f"value {place} of {number}" for place in range(1, 11)},
        }
        world.replace_user(user, user.body | belongings)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
