"""
PM's operations, one attempt per call: addressing, the token, and the answer's meaning.

It never waits and never retries: that is the runner's decision. There are two exceptions: after a 401 the call is replayed once with another
token, which is safe for every request, because PM refused it before it did any work; and a read that is answered with nothing is asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType, TracebackType
from typing import Any, Final, Protocol, Self
from urllib.parse import quote

import anyio
import httpx

from pmbulk.endpoints import Endpoint, Lane, endpoint
from pmbulk.errors import LoginError, RejectedError, RowError, TransientError, UnreachableError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild
from pmbulk.pm.classify import Answer, Code, UnauthorizedError, classify, failure
from pmbulk.pm.paging import DEFAULTS, PAGE_PARAMETERS, Habit, page_of, pages
from pmbulk.pm.tokens import TokenKeeper
from pmbulk.pm.transport import Connection, base_url, open_transport
from pmbulk.secret import Secret

__all__ = ["Attempting", "Places", "PmClient"]

_NOTHING: Final[Mapping[str, str | int]] = MappingProxyType({})

#: A small read of each service (QUIRKS 56), by the first part of its paths: one that is away does not show in another's answers.
_SMALL_READS: Final = {
    "auth": "testToken",
    "user-ms": "listLockedUsers",
    "system-ms": "listLocations",
    "administrator-ms": "listAccessPrivileges",
    "pm-extension-ms": "getExtensionsByUserRecId",
}
#: Seconds that such a read may take: longer is no sign of life.
_PROBE_TIMEOUT_S: Final = 15.0

#: How often a read is asked again before it is believed that nothing is there: a gateway may lose what PM said, and no read is documented without a body.
_ASKED_AGAIN: Final = 3

#: Carries out an operation by attempts at it; each call of the function it is given is one.
Attempting = Callable[[Endpoint, Callable[[], Awaitable[Answer]]], Awaitable[Answer]]


class Places(Protocol):
    """Who decides how many requests are out at once."""

    def place(self, kind: str, *, in_lane: bool) -> AbstractAsyncContextManager[None]:
        """What a request of this *kind* stands in while it is out; *in_lane* is a write to a telephony subsystem. Errors pass through it."""
        ...


class _Unlimited:
    def place(self, kind: str, *, in_lane: bool) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 # all the same here
        return nullcontext()


async def _once(_operation: Endpoint, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    return await attempt()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A request without its token; *secrets* are the texts that its body reveals."""

    endpoint: Endpoint
    url: str
    content: bytes | None
    secrets: tuple[str, ...]


class PmClient:
    """
    A session with one PM; use it with ``async with``.

    *clock* gives seconds since 1970. *on_request* is told the seconds of every request that ends; each stands in a place of *room* while it is out (``None``:
    there is no limit). *attempting* carries out each operation after the login, by one attempt unless the caller has more patience. *transport* replaces
    the network.

    Raises:
        UsageError: If the connection's address or CA file cannot be used.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        assumptions: Assumptions | None = None,
        clock: Callable[[], float] = time.time,
        on_request: Callable[[float], None] | None = None,
        room: Places | None = None,
        attempting: Attempting = _once,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._assumptions = assumptions or Assumptions()
        self._clock = clock
        self._on_request = on_request
        self._base = base_url(connection)
        self._transport = transport or open_transport(connection)
        self._prefix = self._assumptions.auth_prefixes[0]
        self._keeper = TokenKeeper(
            self._without_token, user=connection.user, password=connection.password, assumptions=self._assumptions, clock=clock
        )
        self._habits: dict[str, Habit] = {}
        self._room = room or _Unlimited()
        self._silent = endpoint("testToken")
        self._answered: dict[str, _Prepared] = {}  # the last small read that each service has answered well
        self._attempting = attempting

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with anyio.CancelScope(shield=True):
            await self._transport.aclose()

    @property
    def assumptions(self) -> Assumptions:
        """What this session assumes about PM."""
        return self._assumptions

    @property
    def build(self) -> PmBuild:
        """Which PM answered the login; empty before `start`."""
        return self._keeper.build

    async def start(self) -> PmBuild:
        """
        Log in, and find out how PM wants the token to be sent (DOMAIN 1).

        Raises:
            LoginError: PM refuses the credentials, or its own token in every form that we know.
            UnreachableError: PM does not answer.
        """
        try:
            token = await self._keeper.token()
            prefix = await self._accepted_prefix(token)
            if prefix is None:  # PM may have taken the token back in this very moment
                prefix = await self._accepted_prefix(await self._keeper.replace(token))
        except TransientError as exc:
            raise UnreachableError(exc.message) from exc
        if prefix is None:
            raise LoginError(
                f"PM takes the login but not its own token in the header {self._assumptions.auth_header}: "
                "set the assumptions auth_header and auth_prefixes as this PM wants them."
            )
        self._prefix = prefix
        return self.build

    async def _accepted_prefix(self, token: Secret) -> str | None:
        """The first prefix that PM takes the token behind, ``None`` for none; a PM may stumble (500) over one that it does not expect."""
        stumble: TransientError | None = None
        for prefix in self._assumptions.auth_prefixes:
            try:
                if await self._accepts(prefix, token):
                    return prefix
            except TransientError as exc:
                if exc.http != 500:
                    raise
                stumble = exc
        if stumble is not None:
            raise stumble
        return None

    async def _accepts(self, prefix: str, token: Secret) -> bool:
        """Whether PM takes the token behind this prefix; a PM without the token test is taken to do so."""
        try:
            await self._attempt(_prepared(self._base, endpoint("testToken")), token, prefix)
        except UnauthorizedError:
            return False
        except RejectedError as exc:
            return exc.http == 404
        return True

    async def call(
        self,
        endpoint_name: str,
        *,
        path: Mapping[str, str | int] = _NOTHING,
        query: Mapping[str, str | int] = _NOTHING,
        body: Any = None,
    ) -> Answer:
        """
        One attempt of an operation, with all its path and query parameters; `Secret` values in *body* are revealed on the wire only.

        Raises:
            RejectedError: PM said no, or a path value cannot be addressed (nothing was sent).
            TransientError: Nothing was done, or the operation is repeatable.
            AmbiguousError: It may have been done, and must not be done twice.
            LoginError: PM refuses the credentials.
            KeyError: There is no such operation.
            TypeError: Parameters or body are missing or unknown: a programmer's mistake.
        """
        operation = endpoint(endpoint_name)
        if query.keys() != set(operation.query):
            raise TypeError(f"{endpoint_name} takes the query parameters {operation.query}, not {tuple(query)}")
        if operation.has_body is (body is None):
            raise TypeError(f"{endpoint_name} takes {'a' if operation.has_body else 'no'} body")
        return await self._authorized(_prepared(self._base, operation, path=path, query=query, body=body))

    async def pages(
        self, endpoint_name: str, *, path: Mapping[str, str | int] = _NOTHING, query: Mapping[str, str | int] = _NOTHING
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """
        A list's pages that are not empty, each as its objects; a list without paging is one page.

        List parameters that *query* leaves out ask for everything in a stable order. Errors are those of `call`, and
        RejectedError where the answer is no list or PM ignores the page number.
        """
        operation = endpoint(endpoint_name)
        if operation.paging is None:
            content = (await self.call(endpoint_name, path=path, query=query)).content
            if objects := page_of([content] if isinstance(content, dict) else content).items:
                yield objects
            return
        given = {**DEFAULTS.get(endpoint_name, _NOTHING), **query}
        if given.keys() != set(operation.query) - PAGE_PARAMETERS:
            raise TypeError(f"{endpoint_name} takes the query parameters {operation.query}, not {tuple(given)}")

        async def fetch(parameters: Mapping[str, str | int]) -> Answer:
            return await self._authorized(_prepared(self._base, operation, path=path, query=parameters))

        habit = self._habits.setdefault(endpoint_name, Habit())
        async for page in pages(operation, fetch, query=given, assumptions=self._assumptions, habit=habit):
            yield page

    async def items(
        self, endpoint_name: str, *, path: Mapping[str, str | int] = _NOTHING, query: Mapping[str, str | int] = _NOTHING
    ) -> list[dict[str, Any]]:
        """All objects of a list, in PM's order; errors and parameters as for `pages`."""
        return [found async for page in self.pages(endpoint_name, path=path, query=query) for found in page]

    async def probe(self) -> None:
        """
        Ask the service that did not answer last for something small, past the room; whatever PM says is an answer, but that it fails at what it has done before.

        It asks with the token held, whether or not PM still takes it; without one it logs in, as the next request would have to.

        Raises:
            TransientError: PM does not answer.
            LoginError: PM refuses the credentials.
        """
        known = self._answered.get(_service(self._silent))
        small = known or _small_read(self._base, self._silent)
        try:
            with anyio.fail_after(_PROBE_TIMEOUT_S):
                token = self._keeper.held or await self._keeper.token()
                await self._attempt(small, token, self._prefix, room=_Unlimited())
        except TimeoutError as exc:
            raise TransientError("PM did not answer in time.", code=Code.TIMEOUT, unanswered=True) from exc
        except (RejectedError, UnauthorizedError):
            return
        except TransientError as exc:
            if exc.unanswered or (known is not None and exc.failing):
                raise

    async def _authorized(self, prepared: _Prepared) -> Answer:
        """The operation, by as many attempts as the caller makes of it."""
        return await self._attempting(prepared.endpoint, lambda: self._told(prepared))

    async def _told(self, prepared: _Prepared) -> Answer:
        """One attempt, and to a read with an empty answer a few more."""
        answer = await self._replayed(prepared)
        for _ in range(_ASKED_AGAIN):
            if prepared.endpoint.writes or answer.content is not None:
                break
            answer = await self._replayed(prepared)
        return answer

    async def _replayed(self, prepared: _Prepared) -> Answer:
        """The attempt with the token held, replayed once with another if PM does not accept that."""
        token = await self._keeper.token()
        try:
            return await self._attempt(prepared, token, self._prefix)
        except UnauthorizedError:
            token = await self._keeper.replace(token)
        try:
            return await self._attempt(prepared, token, self._prefix)
        except UnauthorizedError as exc:
            # Nothing was done, and the token may have been taken back in this very moment: the runner tries again, as often as it is patient.
            raise TransientError(exc.refusal.message, code=exc.refusal.code, http=exc.refusal.http) from exc

    async def _without_token(self, endpoint_name: str, body: Mapping[str, Any]) -> Answer:
        # Past the room: it is one request for all, and must not wait behind those that wait for it.
        return await self._attempt(_prepared(self._base, endpoint(endpoint_name), body=body), room=_Unlimited())

    async def _attempt(
        self,
        prepared: _Prepared,
        token: Secret | None = None,
        prefix: str = "",
        *,
        room: Places | None = None,
    ) -> Answer:
        """One request and what its answer means; *room* is entered in place of the client's."""
        headers = {"Accept": "application/json"}
        secrets = prepared.secrets
        if token is not None:
            headers[self._assumptions.auth_header] = prefix + token.reveal()
            secrets = (*secrets, token.reveal())
        if prepared.content is not None:
            headers["Content-Type"] = "application/json"
        request = httpx.Request(prepared.endpoint.method, _url(prepared.url), headers=headers, content=prepared.content)
        operation = prepared.endpoint
        try:
            async with (room or self._room).place(operation.name, in_lane=operation.lane is Lane.TELEPHONY):
                status, answer_headers, content = await self._exchanged(operation, request)
                answer = classify(
                    operation,
                    status,
                    headers=answer_headers,
                    body=content,
                    assumptions=self._assumptions,
                    now_s=self._clock(),
                    secrets=secrets,
                )
        except RowError as exc:
            if exc.unanswered or exc.failing:
                self._silent = operation
            raise
        if operation.method == "GET" and operation.paging is None:
            self._answered[_service(operation)] = prepared
        return answer

    async def _exchanged(self, operation: Endpoint, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body of PM's whole answer."""
        started = time.perf_counter()
        try:
            response = await self._transport.handle_async_request(request)
            return response.status_code, response.headers, await response.aread()
        except httpx.HTTPError as exc:
            raise failure(operation, exc) from exc
        finally:
            if self._on_request is not None:
                self._on_request(time.perf_counter() - started)


#: Parsing an address costs as much as all the rest of a request; creates share theirs.
_url: Final = lru_cache(maxsize=64)(httpx.URL)


def _prepared(
    base: str, operation: Endpoint, *, path: Mapping[str, str | int] = _NOTHING, query: Mapping[str, str | int] = _NOTHING, body: Any = None
) -> _Prepared:
    """The request as it goes out, but for its token."""
    secrets: list[str] = []

    def revealed(value: object) -> str:
        if not isinstance(value, Secret):
            raise TypeError(f"{type(value).__name__} has no place in JSON")
        secrets.append(value.reveal())
        return secrets[-1]

    content = None
    if body is not None:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=revealed)
        content = text.encode(errors="backslashreplace")  # halves of characters, which UTF-8 cannot hold, come and go as JSON's escapes
    return _Prepared(operation, base + _target(operation, path, query), content, tuple(secrets))


def _service(operation: Endpoint) -> str:
    return operation.path.split("/")[1]


def _small_read(base: str, silent: Endpoint) -> _Prepared:
    """A read of one object at most from the service of *silent*; an answer is all that is wanted of it."""
    operation = endpoint(_SMALL_READS[_service(silent)])
    query: dict[str, str | int] = {**dict.fromkeys(operation.query, 1), **DEFAULTS.get(operation.name, _NOTHING)}
    return _prepared(base, operation, path=dict.fromkeys(operation.path_parameters, 1), query=query)


def _target(operation: Endpoint, path: Mapping[str, str | int], query: Mapping[str, str | int]) -> str:
    """
    Path and query with every value percent-encoded in full (QUIRKS 51).

    A value of dots, or none, would address the path above: servers resolve `..` however it is encoded.
    """
    if path.keys() != set(operation.path_parameters):
        raise TypeError(f"{operation.name} takes the path parameters {operation.path_parameters}, not {tuple(path)}")
    for name, value in path.items():
        if str(value) in {"", ".", ".."}:
            raise RejectedError(f"{name} cannot be {str(value)!r}: PM could not be asked about it.", code=Code.UNADDRESSABLE)
    target = operation.path.format_map({name: _quoted(value) for name, value in path.items()}) if path else operation.path
    return f"{target}?{'&'.join(f'{name}={_quoted(value)}' for name, value in query.items())}" if query else target


def _quoted(value: str | int) -> str:
    return quote(str(value), safe="", errors="surrogatepass")
