"""Asking a PM that has gone silent whether it is there again."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
import respx

from pmbulk.endpoints import ENDPOINTS
from pmbulk.errors import AmbiguousError, LoginError, RowError, TransientError
from pmbulk.jobs.room import Room
from pmbulk.pm.client import _SMALL_READS, PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret

PM = "https://pm.example.com:8443"
LOGIN = {"token": "token-1", "refreshToken": "refresh-1"}
HTML = "<!doctype html><title>Down for maintenance</title>"


def client(router: respx.Router, **settings: Any) -> PmClient:
    return PmClient(Connection(PM, "admin", Secret("pw")), transport=httpx.MockTransport(router.async_handler), **settings)


@pytest.fixture
def api() -> respx.Router:
    """
    A PM that logs in, and answers what the test routes.
    """
    router = respx.Router(base_url=PM, assert_all_called=False)
    router.post("/auth/login", name="login").respond(200, json=LOGIN)
    return router


SILENCE = {
    "refused": {"side_effect": httpx.ConnectError("refused")},
    "lost": {"side_effect": httpx.ReadError("reset")},
    "late": {"side_effect": httpx.ReadTimeout("late")},
    "bad gateway": {"return_value": httpx.Response(502)},
    "unavailable": {"return_value": httpx.Response(503)},
    "gateway timeout": {"return_value": httpx.Response(504, text=HTML)},
    "web page": {"return_value": httpx.Response(200, text=HTML)},
}
ANSWERS = {
    "200": httpx.Response(200, json=[]),
    "401": httpx.Response(401),
    "403": httpx.Response(403),
    "404": httpx.Response(404),
    "500": httpx.Response(500),
    "429": httpx.Response(429, headers={"Retry-After": "5"}),
    "maintenance with an end": httpx.Response(503, headers={"Retry-After": "5"}),
}


@pytest.mark.parametrize("silence", SILENCE.values(), ids=SILENCE.keys())
@pytest.mark.parametrize("name", ["createUser", "getUserByUserId"])
async def test_silence_is_told_from_a_no(api: respx.Router, silence: dict[str, Any], name: str) -> None:
    """
    No connection, no whole answer, or a gateway's own are no answer of PM, to a write and to a read.
    """
    api.route(path__startswith="/user-ms").mock(**silence)
    arguments: dict[str, Any] = {"body": {}} if name == "createUser" else {"path": {"userId": "u1"}}
    async with client(api) as pm:
        with pytest.raises((TransientError, AmbiguousError)) as caught:
            await pm.call(name, **arguments)
    assert caught.value.unanswered


@pytest.mark.parametrize("answer", [ANSWERS[name] for name in ANSWERS if name != "200"], ids=[name for name in ANSWERS if name != "200"])
async def test_a_no_is_an_answer(api: respx.Router, answer: httpx.Response) -> None:
    """
    Whatever PM says itself shows that it is there, also a failure of its own and a wait that it asks for.
    """
    api.route(path__startswith="/user-ms").mock(return_value=answer)
    async with client(api) as pm:
        with pytest.raises(RowError) as caught:
            await pm.call("createUser", body={})
    assert not caught.value.unanswered


@pytest.mark.parametrize("silence", SILENCE.values(), ids=SILENCE.keys())
async def test_a_probe_fails_while_there_is_no_answer(api: respx.Router, silence: dict[str, Any]) -> None:
    """
    The probe raises for all that was silence to a row.
    """
    api.route(path__startswith="/auth/testToken").mock(**silence)
    async with client(api) as pm:
        with pytest.raises(TransientError) as caught:
            await pm.probe()
    assert caught.value.unanswered


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_any_word_of_pm_ends_the_probing(api: respx.Router, answer: httpx.Response) -> None:
    """
    What PM thinks of the token or the read does not matter.
    """
    api.get("/auth/testToken").mock(return_value=answer)
    async with client(api) as pm:
        await pm.probe()


@pytest.mark.parametrize("service", sorted({endpoint.path.split("/")[1] for endpoint in ENDPOINTS.values()}))
async def test_the_service_that_was_silent_is_probed(api: respx.Router, service: str) -> None:
    """
    Behind a gateway one of PM's services may be away while the others answer (QUIRKS 56); every service has a read that needs nothing.
    """
    api.route(path__startswith=f"/{service}/").mock(return_value=httpx.Response(502))
    api.route().respond(200, json=[])
    name, silent = next((name, found) for name, found in ENDPOINTS.items() if found.path.startswith(f"/{service}/") and name != "login")
    async with client(api) as pm:
        if service == "auth":
            with pytest.raises(TransientError):
                await pm.probe()
            return
        arguments = {"path": dict.fromkeys(silent.path_parameters, 1), "query": dict.fromkeys(silent.query, 1)}
        with pytest.raises((TransientError, AmbiguousError)):
            await pm.call(name, **arguments, body={} if silent.has_body else None)
        with pytest.raises(TransientError):
            await pm.probe()
    assert ENDPOINTS[_SMALL_READS[service]].method == "GET"


async def test_a_service_that_fails_at_what_it_has_done_is_silent(api: respx.Router) -> None:
    """
    A 500 to a read that nobody knows may be that read's own; one to what PM has answered before shows that PM is still at a loss.
    """
    user = api.get("/user-ms/user/by-user-id/v1/u1").mock(side_effect=[httpx.Response(200, json={"userId": "u1"}), httpx.Response(500)])
    api.get("/user-ms/locked-user/v1").respond(500)
    api.post("/user-ms/user/v1").respond(500)
    async with client(api) as pm:
        with pytest.raises(AmbiguousError):
            await pm.call("createUser", body={})
        await pm.probe()
        await pm.call("getUserByUserId", path={"userId": "u1"})
        with pytest.raises(TransientError):
            await pm.probe()
        user.mock(return_value=httpx.Response(404))
        await pm.probe()


async def test_a_probe_logs_in_only_where_the_next_request_would(api: respx.Router) -> None:
    """
    The token held is used as it is, however often; without one the login is the probe.
    """
    api.get("/auth/testToken").respond(401)
    async with client(api) as pm:
        for _ in range(5):
            await pm.probe()
    assert 1 == api["login"].call_count


async def test_a_login_refused_to_the_probe_is_told(api: respx.Router) -> None:
    """
    PM is there, and does not want us: the run must end, and no second login is tried.
    """
    api["login"].respond(401)
    async with client(api) as pm:
        for _ in range(3):
            with pytest.raises(LoginError):
                await pm.probe()
    assert 1 == api["login"].call_count


async def test_a_probe_passes_a_closed_room(api: respx.Router) -> None:
    """
    While everybody waits, the probe and the login that it may need do not.
    """
    api.get("/auth/testToken").respond(200)
    room = Room(1)
    room.pause()
    with anyio.fail_after(5):
        async with client(api, room=room) as pm:
            await pm.probe()
