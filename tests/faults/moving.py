"""
One extension with all that can belong to it, moved while a fault strikes one of the requests, and what became of it.

The truth is the simulated PM's own state before, after a calm move, and now; nothing is believed that pmbulk says of itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from pmbulk.door.results import JobResult
from pmbulk.door.running import Target, resume_job, run_job
from pmbulk.errors import UnreachableError
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, Running, SimulatorSettings, running
from pmbulk.simulator.demo import new_world
from pmbulk.simulator.extension_record import extension_record
from pmbulk.simulator.state import NumberSeries, World
from tests.processes import PROCESSES
from tests.support import PASSWORD, rows_of

__all__ = [
    "KINDS",
    "ROW",
    "Case",
    "Ending",
    "Request",
    "Stage",
    "cases",
    "crash",
    "deviations",
    "rehearsed",
    "requests_of",
    "scene",
    "struck",
]

#: Shorter than the simulator stalls.
TIMEOUT_S: Final = 0.2
STALL_S: Final = 30.0
SETTINGS: Final = SimulatorSettings(password=PASSWORD)
NUMBER: Final = "1101"
ROW: Final = {"extensionNumber": NUMBER, "fromSubsystem": "MX1", "toSubsystem": "MX2"}
HERE, THERE = ("MX1", NUMBER), ("MX2", NUMBER)
#: What strikes a request, by the name in the table.
KINDS: Final[Mapping[str, Fault]] = {
    "refused": Fault(kind=FaultKind.STATUS, status=400),
    "refused for good": Fault(kind=FaultKind.STATUS, status=400),
    "500 before": Fault(kind=FaultKind.STATUS, status=500),
    "500 after": Fault(kind=FaultKind.STATUS_AFTER, status=500),
    "timeout before": Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=STALL_S),
    "timeout after": Fault(kind=FaultKind.TIMEOUT_AFTER, seconds=STALL_S),
    "reset before": Fault(kind=FaultKind.RESET_BEFORE),
    "reset after": Fault(kind=FaultKind.RESET_AFTER),
    "html": Fault(kind=FaultKind.HTML),
    "half made": Fault(kind=FaultKind.HALF_MADE, status=500),
    "half made, refused": Fault(kind=FaultKind.HALF_MADE, status=400),
}

#: How many more requests of the operation are struck where PM never changes its mind.
LASTING: Final = 50
#: Those after which the process is killed.
CRASHES: Final = ("timeout before", "timeout after")


@dataclass(frozen=True, slots=True, order=True)
class Request:
    """The *nth* request of an operation in a run, from 1."""

    operation: str
    nth: int

    def __str__(self) -> str:
        return f"{self.operation} {self.nth}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a move, named by the fault that brings it about (``None``: nothing does), and its requests in their order."""

    name: str
    first: Request | None
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one request of a stage; *crash* kills the process there and resumes the job."""

    stage: Stage
    request: Request
    kind: str
    crash: bool = False

    def __str__(self) -> str:
        return f"{self.stage.name}: {self.request}, {self.kind}{', killed' if self.crash else ''}"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force until the move ends or is killed."""
        first = self.request.nth
        last = first + LASTING if self.kind == "refused for good" else first
        strikes = (replace(KINDS[self.kind], match=self.request.operation, nth=nth) for nth in range(first, last + 1))
        return (*_refusal(self.stage.first), *strikes)


@dataclass(frozen=True, slots=True)
class Ending:
    """
    The row's outcome with its message, and what PM then holds: ``moved``, ``as before``, or in words what is neither.

    *kept* says whether the file that the message names has all that PM had.
    """

    outcome: str
    message: str
    holds: str
    kept: bool = False

    @property
    def name(self) -> str:
        """The declared state that this is; what it is instead, where it is none."""
        if (self.outcome, self.holds) in {
            ("succeeded", "moved"),
            ("failed", "as before"),
            ("not_run", "as before"),
            ("invalid", "as before"),
        }:
            return self.holds
        if self.outcome == "failed" and self.holds == "moved" and "is gone" in self.message:
            return "moved, not compared"
        if self.outcome == "unknown" and self.kept and "in neither" not in self.holds and "nowhere" not in self.holds:
            return "unknown, kept in a file"
        return f"NOT DECLARED: {self.outcome}, {self.holds}"

    @property
    def declared(self) -> bool:
        """Whether the issue knows this state."""
        return not self.name.startswith("NOT")


def _refusal(request: Request | None) -> tuple[Fault, ...]:
    return () if request is None else (replace(KINDS["refused"], match=request.operation, nth=request.nth),)


def scene() -> World:
    """A PM whose extension has keys, lists, a terminal selection, a code and groups, and is held by two users, one with a MiCollab account."""
    world = new_world(SETTINGS)
    mx2 = world.subsystem_by_name("MX2")
    assert mx2 is not None
    mx2.series = (*mx2.series, NumberSeries("1000", "4999", "EX"))
    link = {"extensionNumber": NUMBER, "subsystemId": 1, "subsystemName": "MX1"}
    account = {"mxoneSubsystem": "MX1", "extension": NUMBER, "miCollabSubsystem": "MICOLLAB1", "miCollabRole": "Entry"}
    for user_id, more in (("anna.berg", {"micollab": account}), ("eva.lind", {})):
        user = world.user_by_id(user_id)
        assert user is not None
        world.replace_user(user, {**user.body, "extensions": [*user.body.get("extensions", ()), link], **more})
    return world


def seen(world: World) -> dict[str, Any]:
    """All extensions and users of *world* as PM shows them, without the ids that it gives and without what is empty."""
    extensions = {}
    for one in world.extensions.values():
        subsystem = world.subsystems[one.subsystem_id]
        record = extension_record(one, subsystem, held=world.is_held(one), registered=False)
        groups = {name: one.body.get(name) for name in ("huntGroup", "callPickupGroup", "groupDoNotDisturb")}
        keys = {
            panel: {place: {"keyType": "EMPTY", "isEditable": True} | key for place, key in on.items()} for panel, on in one.keys.items()
        }
        lists = {number: asdict(each) for number, each in one.call_lists.items()}
        hidden = {"extensionId": 0, "subsystemId": 0, "subsystemName": ""}
        shown = record | hidden | groups | {"keys": keys, "lists": lists, "ons": one.ons}
        for generic in shown["extensionVO"]["gedi"]:
            generic.pop("lim", None)
        extensions[subsystem.name, one.number] = _filled(shown | {"serverNumber": one.body.get("serverNumber")})
    return {"extensions": extensions, "users": {user.user_id: _filled(user.body) for user in world.users.values()}}


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: kept for name, inner in value.items() if (kept := _filled(inner)) not in (None, "", 0, False, {}, [])}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def dangling(world: World) -> list[str]:
    """Users that name an extension which is not there."""
    there = seen(world)["extensions"]
    words = []
    for user in world.users.values():
        named = [(link["subsystemName"], link["extensionNumber"]) for link in user.body.get("extensions", ())]
        accounts = [user.body[name] for name in ("micollab", "cloudlink") if user.body.get(name)]
        named += [(one["mxoneSubsystem"], one["extension"]) for one in accounts]
        words += [f"{user.user_id} points nowhere ({number} in {name})" for name, number in named if (name, number) not in there]
    return words


def deviations(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of *now* is not as *before*, in words."""
    words = []
    for what in before:
        for name in sorted({*before[what], *now[what]}, key=str):
            old, new = before[what].get(name), now[what].get(name)
            if old != new:
                members = sorted({*(old or {}), *(new or {})}, key=str)
                differ = [member for member in members if (old or {}).get(member) != (new or {}).get(member)]
                words.append(f"{name}: {'gone' if new is None else 'new' if old is None else ', '.join(differ)}")
    return words


def holds(world: World, before: Mapping[str, Any], moved: Mapping[str, Any]) -> str:
    """What *world* is: as *before* or *moved*, or else in words."""
    now = seen(world)
    if now == moved:
        return "moved"
    if now == before:
        return "as before"
    there = [place for place in (HERE, THERE) if place in now["extensions"]]
    where = {0: "in neither", 1: f"in {there[0][0]}" if there else "", 2: "in both"}[len(there)]
    return "; ".join([where, *dangling(world), *deviations(moved if there == [THERE] else before, now)])


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A workbook of moves."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("extension_moves")
    headers = list(dict.fromkeys(header for row in rows for header in row))
    for line in (headers, *([row.get(header) for header in headers] for row in rows)):
        sheet.append(line)
    book.save(path)
    return path


def target_of(url: str, folder: Path, *, timeout_s: float = TIMEOUT_S) -> Target:
    """The simulated PM for a run that waits no longer than it must."""
    return Target(Connection(url, "admin", Secret(PASSWORD), timeout_s=timeout_s), folder / "state")


def struck(faults: Sequence[Fault], folder: Path) -> tuple[Running, str, str]:
    """The PM after a move with these *faults*, the row's outcome and its message."""
    folder.mkdir(parents=True, exist_ok=True)
    with running(replace(SETTINGS, faults=tuple(faults)), world=scene()) as pm:
        result = _begun(write(folder / "moves.xlsx", [ROW]), target_of(pm.url, folder))
    assert result.results is not None
    (line,) = rows_of(result.results, "extension_moves")
    return pm, line["_status"], line["_message"] or ""


def _begun(path: Path, target: Target) -> JobResult:
    """The run; a busy machine may let a login in vain, after which a person tries again, since nothing was sent."""
    for _ in range(5):
        with suppress(UnreachableError):
            return run_job(path, target)
    return run_job(path, target)


def requests_of(pm: Running) -> list[Request]:
    """The requests of a run in their order, without the session's."""
    counts: Counter[str] = Counter()
    found = []
    for arrival in pm.requests:
        if arrival.operation and not arrival.path.startswith("/auth/"):
            counts[arrival.operation] += 1
            found.append(Request(arrival.operation, counts[arrival.operation]))
    return found


def rehearsed(folder: Path) -> tuple[dict[str, Any], dict[str, Any], list[Stage]]:
    """The state before and after a calm move, and the stages of a move with the requests that only they have."""
    before = seen(scene())
    calm, outcome, message = struck((), folder / "calm")
    assert outcome == "succeeded", message
    moved, forward = seen(calm.world), requests_of(calm)
    assert {**before["extensions"], THERE: before["extensions"][HERE]} == {**moved["extensions"], HERE: before["extensions"][HERE]}
    assert [] == dangling(calm.world)
    writes = [one for one in forward if not one.operation.startswith(("get", "list"))]
    stages = [Stage("forward", None, tuple(forward))]
    at = next(place for place, one in enumerate(writes) if one.operation == "deleteExtension")
    for name, refused in (("back before the delete", writes[at]), ("back after the delete", writes[-1])):
        pm, outcome, message = struck(_refusal(refused), folder / name)
        assert outcome == "failed", message
        went = requests_of(pm)
        stages.append(Stage(name, refused, tuple(went[went.index(refused) + 1 :])))
    return before, moved, stages


def cases(stages: Sequence[Stage]) -> Iterator[Case]:
    """Every fault at every request, one at a time; reads change nothing, so nothing happens after them that did not before."""
    for stage in stages:
        for request in stage.requests:
            reads = request.operation.startswith(("get", "list"))
            creates = request.operation.startswith("create") and request.operation.endswith("Extension")
            for kind in KINDS:
                if (reads and kind.endswith("after")) or (kind.startswith("half") and not creates):
                    continue
                yield Case(stage, request, kind)
                if kind in CRASHES:
                    yield Case(stage, request, kind, crash=True)


def crash(case: Case, folder: Path) -> tuple[Running, str, str]:
    """The same as `struck`, where the process is killed (SIGKILL) while it waits for the answer, and the job resumed by another one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write(folder / "moves.xlsx", [ROW])
    with running(replace(SETTINGS, faults=case.faults), world=scene()) as pm:
        process = PROCESSES.Process(target=_run, args=(path, pm.url, folder))
        process.start()
        stalls = KINDS[case.kind].kind
        while process.is_alive() and not any(arrival.fault is stalls for arrival in pm.requests):
            process.join(0.01)
        process.kill()
        process.join()
        assert any(arrival.fault is stalls for arrival in pm.requests), "the run came to its end before it could be killed"
        pm.faults.clear()
        target = target_of(pm.url, folder)
        result = resume_job(None, lambda _facts: target, target.state_dir)
    assert result.results is not None
    (line,) = rows_of(result.results, "extension_moves")
    return pm, line["_status"], line["_message"] or ""


def _run(path: Path, url: str, folder: Path) -> None:
    """The run that is killed; it must not give up waiting before."""
    run_job(path, target_of(url, folder, timeout_s=STALL_S))


def ended(case: Case, folder: Path, before: Mapping[str, Any], moved: Mapping[str, Any]) -> Ending:
    """What *case* comes to."""
    pm, outcome, message = crash(case, folder) if case.crash else struck(case.faults, folder)
    return Ending(outcome, message, holds(pm.world, before, moved), kept=_is_kept(message))


def _is_kept(message: str) -> bool:
    """Whether *message* names a file with the extension, what belongs to it and who has it."""
    named = re.search(r"is in (\S+\.json)", message)
    if named is None:
        return False
    text = Path(named[1]).read_text("utf-8")
    kept = json.loads(text)
    sheets = Counter(one["sheet"] for one in kept["belongings"])
    users = {one["userId"] for one in kept["holders"]}
    whole = (kept["record"]["extensionNumber"], users) == (NUMBER, {"anna.berg", "eva.lind"})
    secret = any(code in text for code in ("110111",))
    return whole and not secret and sheets == {"terminal_selections": 1, "personal_number_lists": 2, "phone_keys": 1}
