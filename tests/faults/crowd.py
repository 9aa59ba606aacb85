"""
Many extensions of all kinds with all that can belong to them, each with a user, and their moves: stopped and resumed, and compared as a whole.

``python -m tests.faults.crowd`` from the top; pytest moves a smaller crowd.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog

from pmbulk.door.options import RunOptions
from pmbulk.door.running import resume_job, run_job
from pmbulk.simulator import Running, running
from pmbulk.simulator.demo import new_world
from pmbulk.simulator.extension_rules import check_extension, ipei_check_character
from pmbulk.simulator.state import CallList, Extension, NumberSeries, User, World
from tests.faults.moving import SETTINGS, dangling, deviations, seen, target_of, write
from tests.processes import PROCESSES
from tests.support import applied_twice, rows_of

__all__ = ["Crowd", "main", "moved"]

#: Of every so many extensions one has a code that PM keeps as a hash, which the row gives.
_HASHED: Final = 7
_FIRST: Final = 20_000
#: About as many requests as a move takes.
_REQUESTS: Final = 24
_PANEL: Final = "Mitel6869i"


@dataclass(frozen=True, slots=True)
class Crowd:
    """*size* extensions in MX1, for which MX2 has room."""

    size: int

    @property
    def numbers(self) -> list[str]:
        """The numbers that move."""
        return [str(_FIRST + place) for place in range(self.size)]

    def rows(self) -> list[dict[str, Any]]:
        """The moves, with what PM does not show."""
        return [
            {"extensionNumber": number, "fromSubsystem": "MX1", "toSubsystem": "MX2", **_given(place)}
            for place, number in enumerate(self.numbers)
        ]

    def world(self) -> World:
        """A PM that has the extensions and a user for each; of all that is in them it would take every bit from a create."""
        world = new_world(SETTINGS)
        mx1, mx2 = (world.subsystem_by_name(name) for name in ("MX1", "MX2"))
        assert mx1 is not None
        assert mx2 is not None
        for subsystem in (mx1, mx2):
            subsystem.series = (*subsystem.series, NumberSeries(str(_FIRST), str(_FIRST + 9999), "EX"))
        for place, number in enumerate(self.numbers):
            kind, terminal = _terminal(place, number)
            body = _body(place, number) | terminal
            check_extension(mx1, kind, body)
            extension = Extension(world.next_id("extension"), number, mx1.subsystem_id, kind, body)
            _equip(extension, place)
            world.put_extension(extension)
            # Every fifth user has the next number too, so that two rows change one user at the same time.
            held = [number, self.numbers[place + 1]] if place % 5 == 1 and place + 1 < self.size else [number]
            links = [{"extensionNumber": one, "subsystemId": mx1.subsystem_id, "subsystemName": mx1.name} for one in held]
            user = {"userId": f"holder{number}", "firstName": "Holder", "lastName": number, "emailAddress": f"{number}@example.com"}
            account = {"mxoneSubsystem": "MX1", "extension": number, "miCollabSubsystem": "MICOLLAB1", "miCollabRole": "Entry"}
            more = {"micollab": account} if place % 3 == 0 else {}
            world.put_user(User(world.next_id("user"), user | {"extensions": links} | more, "User-1234567!", world.profiles[2], made_by=1))
        return world


def _body(place: int, number: str) -> dict[str, Any]:
    code = {"authorizationCode": f"4{number}", "hashType": _hash(place), "callLoggingCode": number, "customer": "0"}
    return {
        "extensionNumber": number,
        "serverNumber": 1 + place % 2,
        "commonServiceProfile": place % 20,
        "customer": str(place % 3),
        "description": f"desk {place}",
        "maximumChargingCost": "500",
        "homeAreaCode": "8",
        "nameIdentity": {"firstName": "Åsa", "lastName": number, "includeinDialbyNameDatabase": place % 2 == 0},
        "publicCLINumber": {"publicCLINumber": f"850{number}", "typeOfCLInumber": "2"},
        "authorizationCodes": [code | {"commonServiceProfile": "1"}, {"authorizationCode": f"5{number}", "hashType": "CLEARTEXT"}],
        "callPickupGroup": str(1 + place % 9),
        "huntGroup": {"huntGroupNumber": "3900"},
    }


def _hash(place: int) -> str:
    return "MD5A1" if place % _HASHED == 0 else "CLEARTEXT"


def _terminal(place: int, number: str) -> tuple[str, dict[str, Any]]:
    """The type of the extension in this *place*, and what only that has."""
    mac, outside = f"08000F{place:06X}", f"00070{number}"
    sip = {"terminalIdentity": f"sip:{number}@phones.example", "singleLineAccess": True}
    handset = {"authenticationKey": number, "internationalPortableEquipmentIdentity": _ipei(place), "sendDuration": place % 2 == 0}
    telephone = {"phoneLanguage": "sv", "phoneType": "R", "hotlineNumber": "1001"}
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("IP", telephone | {"ipExtensionType": "IPManualLogin", "macAddress": mac, "freeOnSecondLine": 2, "allowSecurityException": True}),
        ("VIRTUAL", {"bossSecretary": True}),
        ("MOBILE", telephone | {"defaultRemoteNumber": outside, "receivedANumber": f"4670{number}", "extensionRouteType": "SIP"}),
        ("DECT", telephone | handset | {"allowThirdPartyClient": True}),
        (
            "MULTI_TERMINAL",
            telephone
            | {
                "ipExtension": {"maximumTerminals": 2, "macAddress": mac, "freeOnSecondLine": 1},
                "mobileExtension": {"defaultRemoteNumber": outside, "receivedANumber": f"4670{number}"},
                "dectExtension": handset,
            },
        ),
        ("IP", {"automaticSIPRegistration": sip | {"universalResourceIdentifier": f"sip:{number}@192.0.2.1", "portNumber": "5060"}}),
        ("IP", {"sipRemoteExtension": sip | {"trunkType": "Route", "sipRouteNumber": 7, "defaultRemoteNumber": outside}}),
    )
    return kinds[place % len(kinds)]


def _given(place: int) -> dict[str, Any]:
    """What the row of this *place* gives, since PM does not show it."""
    cells: dict[str, Any] = {"authorizationCodes.1.authorizationCode": f"4{_FIRST + place}"} if _hash(place) != "CLEARTEXT" else {}
    if "sipRemoteExtension" in _terminal(place, "0")[1]:
        cells |= {"sipRemoteExtension.1.trunkType": "Route", "sipRemoteExtension.1.sipRouteNumber": 7}
    return cells


def _ipei(place: int) -> str:
    digits = f"{place:012}"
    return digits + ipei_check_character(digits)


def _equip(extension: Extension, place: int) -> None:
    """Keys, personal number and terminal selection: all of them, some, or none."""
    if extension.kind in {"IP", "MULTI_TERMINAL"} and place % 2 == 0:
        extension.panel = _PANEL
        key = {"keyFunction": "TNS", "keyFunctionValue": "1002", "displayText": "Björn"}
        extension.keys = {_PANEL: {at: {"keyPosition": at, "logicalKeyId": at} | key for at in (1, 2)}}
    if place % 3 != 1:
        choices: dict[int, dict[str, Any]] = {
            1: {"chono": 1, "anspos": extension.number, "stime": 20, "bsycho": 2},
            2: {"chono": 2, "anspos": "000701112223", "stime": 30, "bsycho": 11},
        }
        extension.call_lists = {1: CallList(1, "Office", active=place % 2 == 0, choices=choices)}
    if place % 4 != 2:
        extension.ons = [{"onsid": "1", "onsprefix": "00", "onstranslateNo": f"4685{extension.number}"}]


@dataclass(frozen=True, slots=True)
class Moves:
    """What a crowd's moves came to; *wrong* says in words what is not as it should be."""

    outcomes: Mapping[str, int]
    killed: int
    wrong: tuple[str, ...]
    requests: int
    seconds: float


def moved(crowd: Crowd, folder: Path, *, kills: int = 0, seed: int = 0) -> Moves:
    """Move the *crowd*, killed (SIGKILL) and resumed so often at random moments, and hold PM against what it had before."""
    random = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = write(folder / "moves.xlsx", crowd.rows())
    world = crowd.world()
    before = deepcopy(seen(world))
    began = time.monotonic()
    with running(replace(SETTINGS, kept_requests=1_000_000), world=world) as pm:
        options = RunOptions(per_subsystem=8)
        killed = 0
        while killed < kills:
            after = 1 + int(random.random() * 2 * _REQUESTS * crowd.size / (kills + 1))
            if not _is_killed(pm, path, folder, options, after=after, first=killed == 0):
                break
            killed += 1
        if killed == kills:
            target = target_of(pm.url, folder, timeout_s=30.0)
            _ = resume_job(None, lambda _facts: target, target.state_dir) if kills else run_job(path, target, options=options)
        wrong = (*_deviations(crowd, before, seen(pm.world)), *dangling(pm.world), *(f"twice: {key[:3]}" for key in applied_twice(pm)))
        return Moves(_outcomes(folder), killed, wrong, len(pm.requests), time.monotonic() - began)


def _is_killed(pm: Running, path: Path, folder: Path, options: RunOptions, *, after: int, first: bool) -> bool:
    """Run, or resume, in a process of its own until PM has got so many more requests; false if it came to its end before."""
    wanted = len(pm.requests) + after
    process = PROCESSES.Process(target=_run, args=(path, pm.url, folder, options, first))
    process.start()
    while process.is_alive() and len(pm.requests) < wanted:
        process.join(0.005)
    process.kill()
    process.join()
    return process.exitcode != 0


def _run(path: Path, url: str, folder: Path, options: RunOptions, first: bool) -> None:
    target = target_of(url, folder, timeout_s=30.0)
    if first:
        run_job(path, target, options=options)
    else:
        resume_job(None, lambda _facts: target, target.state_dir)


def _deviations(crowd: Crowd, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as it was, but for the subsystem."""
    moving = set(crowd.numbers)
    extensions = {("MX2" if number in moving else name, number): one for (name, number), one in before["extensions"].items()}
    text = json.dumps(before["users"])
    for number in crowd.numbers:
        text = text.replace(
            f'"extensionNumber": "{number}", "subsystemId": 1, "subsystemName": "MX1"',
            f'"extensionNumber": "{number}", "subsystemId": 2, "subsystemName": "MX2"',
        ).replace(f'"mxoneSubsystem": "MX1", "extension": "{number}"', f'"mxoneSubsystem": "MX2", "extension": "{number}"')
    return deviations({"extensions": extensions, "users": json.loads(text)}, now)


def _outcomes(folder: Path) -> Counter[str]:
    results = max(folder.glob("moves.results*.xlsx"), key=lambda one: one.stat().st_mtime_ns)
    return Counter(row["_status"] for row in rows_of(results, "extension_moves"))


def main() -> int:
    """Move a crowd and say what it came to; 0 if all is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crowd", description=__doc__)
    parser.add_argument("--rows", type=int, default=500, help="extensions that move")
    parser.add_argument("--kills", type=int, default=0, help="how often the process is killed and the job resumed")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="pmbulk-crowd-") as folder:
        came_to = moved(Crowd(options.rows), Path(folder), kills=options.kills, seed=options.seed)
    said = ", ".join(f"{count} {outcome}" for outcome, count in came_to.outcomes.items())
    lines = [f"{options.rows} moves, killed {came_to.killed} times: {said}; {came_to.requests} requests, {came_to.seconds:.0f} s"]
    lines.append(f"not as it should be: {len(came_to.wrong)}")
    sys.stdout.write("\n".join([*lines, *came_to.wrong[:20]]) + "\n")
    return 1 if came_to.wrong or came_to.outcomes != {"succeeded": options.rows} else 0


if __name__ == "__main__":
    sys.exit(main())
