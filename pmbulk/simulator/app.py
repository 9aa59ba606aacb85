"""
The simulated PM as an ASGI application: one request in, its fault, its turn, its work, its answer.

The work itself is never interrupted by another request: no chapter awaits.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl

from pmbulk.endpoints import Endpoint, Lane
from pmbulk.simulator import (
    auth,
    authorization_codes,
    departments,
    extensions,
    groups,
    locations,
    micollab_roles,
    personal_numbers,
    phone_keys,
    security_profiles,
    subsystems,
    system_options,
    telephony,
    terminal_selection,
    udf_definitions,
    users,
)
from pmbulk.simulator.answers import Answer, RefusedError, error_answer, json_answer, without_empty
from pmbulk.simulator.api_docs import API_DOCS_PATH, api_docs
from pmbulk.simulator.auth import Sessions
from pmbulk.simulator.demo import new_world
from pmbulk.simulator.faults import HONEST, WITHOUT_WORK, Fault, FaultKind, FaultPlan
from pmbulk.simulator.pace import Pace
from pmbulk.simulator.paging import PAGING
from pmbulk.simulator.registry import OPERATIONS, Call
from pmbulk.simulator.routes import Routes
from pmbulk.simulator.schemas import BODIES
from pmbulk.simulator.settings import SimulatorSettings
from pmbulk.simulator.shapes import checked_body
from pmbulk.simulator.state import SecurityProfile, User, World
from pmbulk.simulator.wire import Receive, Scope, Send, Wire, content_of, send_whole

__all__ = ["CHAPTERS", "Arrival", "Simulator"]

#: The modules that do the work of all operations; importing one registers them.
CHAPTERS: Final = (
    *(auth, system_options, micollab_roles, telephony, extensions, subsystems, authorization_codes, groups, security_profiles, users),
    *(terminal_selection, phone_keys, personal_numbers, departments, udf_definitions, locations),
)

_NOBODY: Final = User(0, {"userId": ""}, "", SecurityProfile(0, "Nobody"))
_ROUTES: Final = Routes()
_HTML: Final = Answer(200, b"<!doctype html><title>Sign in</title><p>Please sign in to continue.", ((b"content-type", b"text/html"),))
_MALFORMED: Final = object()
_NO_BODY: Final = object()


@dataclass(slots=True)
class Arrival:
    """
    One request that arrived, and what became of it.

    *at* is the settings' clock. *operation* is empty where no endpoint was found. *body* is the parsed JSON (``None``: no body, or not
    JSON) and is not shown. *worked* is the status that the work came to (``None``: nothing was done), *status* the one that the client
    was sent whole (``None``: none).
    """

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    operation: str = ""
    body: Any = field(default=None, repr=False)
    worked: int | None = None
    status: int | None = None
    fault: FaultKind | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """A request whose endpoint is known."""

    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    body: Any
    half_made: bool = False


class Simulator:
    """
    One simulated PM; its world, log of requests and faults may be looked at, and the faults changed, while it runs.

    *world* is what it holds at the start (``None``: what the settings name); that of another one makes it this one's restart, which lost its tokens.
    """

    def __init__(self, settings: SimulatorSettings, world: World | None = None) -> None:
        self.settings = settings
        self.world = world or new_world(settings)
        self.sessions = Sessions(settings, self.world)
        self.faults = FaultPlan(settings.seed)
        self.faults.add(*settings.faults)
        self.requests: deque[Arrival] = deque(maxlen=settings.kept_requests)
        self.wire = Wire()
        self._pace = Pace(settings)
        self._header = settings.header_name.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        content = await content_of(receive)
        raw_path = scope["raw_path"].decode("latin-1")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        arrival = Arrival(self.settings.clock(), scope["method"], raw_path, query)
        self.requests.append(arrival)
        if (arrival.method, raw_path) == ("GET", API_DOCS_PATH):
            await self._finish(arrival, json_answer(200, api_docs(self.settings)), send)
            return
        try:
            endpoint, path = _ROUTES.find(scope["method"], raw_path)
        except RefusedError as refused:
            await self._finish(arrival, self._refusal(refused), send)
            return
        body = _parsed(content)
        request = _Request(endpoint, path, query, dict(scope["headers"]), body)
        arrival.operation, arrival.body = endpoint.name, None if body in (_NO_BODY, _MALFORMED) else body
        fault = self.faults.draw(endpoint)
        if fault is None:
            answer = await self._worked(request, arrival)
            await self._finish(arrival, answer, send)
            return
        arrival.fault = fault.kind
        await self._suffer(fault, request, arrival, (scope, receive, send))

    async def _suffer(self, fault: Fault, request: _Request, arrival: Arrival, asgi: tuple[Scope, Receive, Send]) -> None:
        """Serves a request that *fault* strikes: perhaps the work, then what the client gets of it."""
        scope, receive, send = asgi
        answer = self._instead(fault)
        if fault.kind not in WITHOUT_WORK:
            worked = await self._worked(await self._prepared(fault, request), arrival)
            answer = worked if fault.kind in HONEST else answer
        match fault.kind:
            case FaultKind.TIMEOUT_BEFORE | FaultKind.TIMEOUT_AFTER:
                await self.wire.stall(scope, receive, seconds=fault.seconds)
            case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
                await self.wire.reset(scope, receive)
            case FaultKind.TRUNCATE:
                await self.wire.send_half(answer, scope, receive)
            case _:
                await self._finish(arrival, answer, send)

    async def _prepared(self, fault: Fault, request: _Request) -> _Request:
        """What *fault* does before the work, and the request that the work then gets."""
        if fault.kind is FaultKind.LATENCY:
            await asyncio.sleep(fault.seconds)
        if fault.kind is FaultKind.EXPIRE_TOKENS:
            self.sessions.expire_tokens()
        return replace(request, half_made=True) if fault.kind is FaultKind.HALF_MADE else request

    def _instead(self, fault: Fault) -> Answer:
        """What *fault* answers in place of what the work came to."""
        if fault.kind is FaultKind.HTML:
            return _HTML
        if fault.kind is FaultKind.REFUSE_REFRESH:
            return self._refusal(self.sessions.refused_refresh())
        if fault.kind is FaultKind.BUSY:
            return error_answer(fault.status, self.settings.busy_words, code="COMMAND_BUSY")
        waiting = () if fault.retry_after is None else ((b"retry-after", fault.retry_after.encode()),)
        return error_answer(fault.status, "Try again later", code="", headers=waiting)

    async def _worked(self, request: _Request, arrival: Arrival) -> Answer:
        """The answer to *request* after its turn; the world is changed."""
        try:
            if self._pace.matters:
                async with self._pace.turn(self._lane(request)):
                    answer = self._work(request)
            else:
                answer = self._work(request)
        except RefusedError as refused:
            answer = self._refusal(refused, request.endpoint)
        arrival.worked = answer.status
        return answer

    def _lane(self, request: _Request) -> str | None:
        """The telephony subsystem that *request* writes to, however it names it; ``None`` for one that writes to none."""
        if request.endpoint.lane is not Lane.TELEPHONY:
            return None
        body = request.body if isinstance(request.body, Mapping) else {}
        named = {**body, **request.path, **request.query}
        if "subsystemName" in named:
            return str(named["subsystemName"]).casefold()
        extension = None if "subsystemId" in named else self.world.extension_by_number(str(named.get("extensionNumber", "")))
        subsystem_id = named.get("subsystemId", "") if extension is None else extension.subsystem_id
        subsystem = next((each for each in self.world.subsystems.values() if str(each.subsystem_id) == str(subsystem_id)), None)
        return "" if subsystem is None else subsystem.name.casefold()

    def _work(self, request: _Request) -> Answer:
        """Does what *request* asks for, without awaiting anything."""
        endpoint = request.endpoint
        header = request.headers.get(self._header, b"").decode("latin-1")
        found = OPERATIONS[endpoint.name]
        caller = _NOBODY if found.public else self.sessions.caller(header)
        if endpoint.admin_only and not caller.profile.administers:
            raise RefusedError(403, f"{endpoint.name} is for administrators")
        query = self._query(request)
        body = checked_body(_body(request), BODIES[endpoint.name]) if endpoint.has_body else {}
        call = Call(endpoint, self.settings, self.world, self.sessions, caller, header, request.path, query, body, request.half_made)
        result = found.work(call)
        if self.settings.omit_empty and not found.public:
            result = without_empty(result, omit_false=self.settings.omit_false)
        return json_answer(min(endpoint.success), result)

    def _query(self, request: _Request) -> Mapping[str, str]:
        """What *request* asks for, with defaults where PM has any."""
        query, wanted = request.query, request.endpoint.query
        if self.settings.paging_defaults:
            query = {**dict.fromkeys(PAGING, ""), **query}
        if request.endpoint.name == "listLocations":
            wanted = tuple(self.settings.locations_page_parameter if name == "pageNo" else name for name in wanted)
        missing = [name for name in wanted if name not in query]
        if missing:
            raise RefusedError(400, f"Required parameter {missing[0]} is not present", code="MISSING_PARAMETER")
        return query

    def _refusal(self, refused: RefusedError, endpoint: Endpoint | None = None) -> Answer:
        """The answer to *refused*; the session's calls always explain themselves (QUIRKS 14), and *endpoint* is ``None`` where there is none."""
        settings, status = self.settings, refused.status
        explained = settings.error_bodies or endpoint is None or endpoint.of_session or refused.code == "COMMAND_BUSY"
        if refused.code == "DUPLICATE":
            status = settings.duplicate_status
        elif status == 404 and endpoint is not None:
            status = settings.absent_status
        return error_answer(status, refused.message, code=refused.code, with_body=explained, headers=refused.headers)

    @staticmethod
    async def _finish(arrival: Arrival, answer: Answer, send: Send) -> None:
        arrival.status = answer.status
        await send_whole(answer, send)


def _parsed(content: bytes) -> Any:
    if not content:
        return _NO_BODY
    try:
        body = json.loads(content)
        if b"\\ud" in content.lower():
            # Half of a pair of characters is none, and could not be sent back.
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return _MALFORMED
    return body


def _body(request: _Request) -> Any:
    """The JSON that was sent, refused where there is none."""
    kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if request.body is not _NO_BODY and kind != b"application/json":
        raise RefusedError(400, f"Content type {kind.decode('latin-1') or 'missing'} is not supported", code="NOT_JSON")
    if request.body in (_NO_BODY, _MALFORMED):
        raise RefusedError(400, "Required request body is missing or not JSON", code="NO_BODY")
    return request.body
