"""The client's calls: addressing, the token, one replay, and what it never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import respx

from pmbulk.errors import AmbiguousError, LoginError, RejectedError, TransientError, UnreachableError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild
from pmbulk.pm.client import PmClient
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret

PM = "https://pm.example.com:8443"
LOGIN = {"token": "token-1", "refreshToken": "refresh-1", "version": "7.8", "build": "7.8.2.0.1", "brand": "mxone"}


@pytest.fixture
def api() -> AsyncIterator[respx.Router]:
    """
    A PM that answers what the test routes; every route must be called.
    """
    router = respx.Router(base_url=PM)
    yield router
    router.assert_all_called()


def client(api: respx.Router, **settings: Any) -> PmClient:
    connection = Connection(settings.pop("url", PM), "admin", Secret("pw"))
    return PmClient(connection, transport=httpx.MockTransport(api.async_handler), **settings)


def logins(api: respx.Router, *tokens: str) -> respx.Route:
    answers = [httpx.Response(200, json={**LOGIN, "token": token}) for token in tokens or ("token-1",)]
    return api.post("/auth/login").mock(side_effect=answers)


async def test_start_logs_in_and_tells_the_build(api: respx.Router) -> None:
    """
    One login, one token test with the usual prefix, and PM's build.
    """
    login = logins(api)
    test = api.get("/auth/testToken", headers={"Authorization": "Bearer token-1"}).respond(200, json="token-1")
    async with client(api) as pm:
        assert PmBuild("7.8", "7.8.2.0.1") == await pm.start()
    assert (1, 1) == (login.call_count, test.call_count)
    assert b'{"username":"admin","password":"pw"}' == login.calls[0].request.content


@pytest.mark.parametrize("status", [400, 401, 403, 500])
async def test_the_raw_token_is_tried_second_and_kept(api: respx.Router, status: int) -> None:
    """
    A PM that does not take the prefix, in whatever words, gets the raw token from then on.
    """
    logins(api)
    api.get("/auth/testToken", headers={"Authorization": "Bearer token-1"}).respond(status)
    api.get("/auth/testToken", headers={"Authorization": "token-1"}).respond(200, text="token-1")
    api.get("/user-ms/user/by-user-id/v1/u1", headers={"Authorization": "token-1"}).respond(200, json={"userId": "u1"})
    async with client(api) as pm:
        await pm.start()
        assert {"userId": "u1"} == (await pm.call("getUserByUserId", path={"userId": "u1"})).content


class Room:
    """Places for all, and who stood in them."""

    def __init__(self) -> None:
        self.stood: list[tuple[str, bool, str]] = []

    @asynccontextmanager
    async def place(self, kind: str, *, in_lane: bool) -> AsyncIterator[None]:
        """Notes who comes and how it ended."""
        try:
            yield
        except Exception as error:
            self.stood.append((kind, in_lane, type(error).__name__))
            raise
        self.stood.append((kind, in_lane, ""))


async def test_every_request_but_the_login_stands_in_a_place(api: respx.Router) -> None:
    """
    The room hears of each what it is, whether it writes to a telephony subsystem, and the error that its answer comes to; a login is for all and waits for nobody.
    """
    logins(api)
    api.get("/auth/testToken").respond(200)
    api.get("/user-ms/user/by-user-id/v1/u1").respond(503, headers={"Retry-After": "3"})
    api.delete("/system-ms/subsystem/v1/7").respond(204)
    api.post("/pm-extension-ms/pm-extension/v1/virtual").respond(500, text="COMMAND BUSY")
    room = Room()
    async with client(api, room=room) as pm:
        await pm.start()
        with pytest.raises(TransientError):
            await pm.call("getUserByUserId", path={"userId": "u1"})
        await pm.call("deleteSubsystem", path={"subsystemId": 7})
        with pytest.raises(TransientError):
            await pm.call("createVirtualExtension", query={"subsystemName": "MX1"}, body={})
    assert [
        ("testToken", False, ""),
        ("getUserByUserId", False, "TransientError"),
        ("deleteSubsystem", False, ""),
        ("createVirtualExtension", True, "TransientError"),
    ] == room.stood


async def test_another_header_can_be_assumed(api: respx.Router) -> None:
    """
    Header and prefixes are a site's choice.
    """
    logins(api)
    api.get("/auth/testToken", headers={"X-Auth": "Token token-1"}).respond(200)
    async with client(api, assumptions=Assumptions(auth_header="X-Auth", auth_prefixes=("Token ",))) as pm:
        await pm.start()


async def test_a_token_that_pm_takes_in_no_form_ends_the_start(api: respx.Router) -> None:
    """
    Each form is tried once with the token of the login and once with another one.
    """
    login = logins(api, "token-1", "token-2")
    test = api.get("/auth/testToken").respond(401)
    async with client(api) as pm:
        with pytest.raises(LoginError, match="not its own token in the header Authorization"):
            await pm.start()
    assert (2, 4) == (login.call_count, test.call_count)


async def test_a_token_that_pm_takes_back_at_once_is_replaced(api: respx.Router) -> None:
    """
    A start whose first token PM does not know any more goes on with another one.
    """
    logins(api, "token-1", "token-2")
    api.get("/auth/testToken", headers={"Authorization": "Bearer token-2"}).respond(200)
    api.get("/auth/testToken").respond(401)
    async with client(api) as pm:
        await pm.start()


async def test_a_pm_without_the_token_test_is_taken_as_it_is(api: respx.Router) -> None:
    """
    A 404 of the token test says nothing against the token.
    """
    logins(api)
    api.get("/auth/testToken").respond(404)
    async with client(api) as pm:
        await pm.start()


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_login_ends_the_start(api: respx.Router, status: int) -> None:
    """
    One login, one error; nothing in it shows the password.
    """
    login = api.post("/auth/login").respond(status, json={"errorMsg": "Wrong password pw"})
    async with client(api) as pm:
        for _ in range(2):
            with pytest.raises(LoginError) as caught:
                await pm.start()
    assert 1 == login.call_count
    assert "PM says: Wrong password •••••• (HTTP" in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(500),
        httpx.Response(404),
        httpx.Response(302),
        httpx.Response(200, text="<html>"),
        httpx.ConnectError("x"),
    ],
    ids=["503", "500", "404", "redirect", "web page", "no connection"],
)
async def test_no_pm_at_the_address_is_unreachable(api: respx.Router, answer: Any) -> None:
    """
    What says nothing about the credentials is no refused login.
    """
    api.post("/auth/login").mock(side_effect=[answer])
    async with client(api) as pm:
        with pytest.raises(UnreachableError):
            await pm.start()


async def test_a_login_without_a_token_is_told() -> None:
    """
    An answer to the login that holds no token ends the start, once and for all.
    """
    api = respx.Router(base_url=PM)
    login = api.post("/auth/login").respond(200, json={"version": "7.8"})
    async with client(api) as pm:
        for _ in range(2):
            with pytest.raises(LoginError, match="PM's answer holds no token"):
                await pm.start()
    assert 1 == login.call_count


async def test_a_login_may_be_wrapped_in_an_array(api: respx.Router) -> None:
    """
    PM wraps some objects in an array; the login's is read either way.
    """
    api.post("/auth/login").respond(200, json=[LOGIN])
    api.get("/auth/testToken").respond(200)
    async with client(api) as pm:
        await pm.start()
        assert ("7.8.2.0.1", Assumptions()) == (pm.build.build, pm.assumptions)


@pytest.mark.parametrize(("status", "error"), [(503, UnreachableError), (500, UnreachableError)])
async def test_a_token_test_that_fails_is_unreachable(api: respx.Router, status: int, error: type[Exception]) -> None:
    """
    A PM that stumbles over its token in every form is not ready, which says nothing about the credentials.
    """
    logins(api)
    api.get("/auth/testToken").respond(status)
    async with client(api) as pm:
        with pytest.raises(error):
            await pm.start()


async def test_a_401_is_replayed_once_with_the_next_token(api: respx.Router) -> None:
    """
    A create that PM refused for its token is sent once more with another one.
    """
    logins(api, "token-1", "token-2")
    create = api.post("/user-ms/user/v1").mock(side_effect=[httpx.Response(401), httpx.Response(201)])
    async with client(api) as pm:
        assert 201 == (await pm.call("createUser", body={"userId": "u1"})).status
    assert ["Bearer token-1", "Bearer token-2"] == [call.request.headers["Authorization"] for call in create.calls]


async def test_a_second_401_ends_the_call(api: respx.Router) -> None:
    """
    A 401 in spite of a new token ends the call without a third attempt; PM did nothing, so the runner may try again.
    """
    logins(api, "token-1", "token-2")
    create = api.post("/user-ms/user/v1").respond(401)
    async with client(api) as pm:
        with pytest.raises(TransientError) as caught:
            await pm.call("createUser", body={"userId": "u1"})
    assert ("HTTP_401", 2) == (caught.value.code, create.call_count)


async def test_fifty_refused_calls_share_one_new_token(api: respx.Router) -> None:
    """
    When the token dies under fifty calls, one login follows, and each is replayed once.
    """
    login = logins(api, "token-1", "token-2")
    arrived = 0
    everybody = anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal arrived
        if request.headers["Authorization"] == "Bearer token-2":
            return httpx.Response(200, json={})
        arrived += 1
        if arrived == 50:
            everybody.set()
        await everybody.wait()
        return httpx.Response(401)

    read = api.get("/user-ms/user/by-user-id/v1/u1").mock(side_effect=answer)
    async with client(api) as pm, anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(lambda: pm.call("getUserByUserId", path={"userId": "u1"}))
    assert (2, 100) == (login.call_count, read.call_count)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ReadTimeout("x"), httpx.ReadError("x")], ids=["500", "timeout", "lost"])
async def test_a_create_is_attempted_once(api: respx.Router, answer: Any) -> None:
    """
    The client never retries: what may have been done is ambiguous and left to the runner.
    """
    logins(api)
    create = api.post("/user-ms/user/v1").mock(side_effect=[answer])
    async with client(api) as pm:
        with pytest.raises(AmbiguousError):
            await pm.call("createUser", body={"userId": "u1"})
    assert 1 == create.call_count


async def test_an_outage_of_the_login_leaves_a_create_unsent(api: respx.Router) -> None:
    """
    A token that cannot be had at the moment is a transient error of the call, which was not sent.
    """
    api.post("/auth/login").mock(side_effect=[httpx.ReadTimeout("x")])
    async with client(api) as pm:
        with pytest.raises(TransientError):
            await pm.call("createUser", body={"userId": "u1"})


async def test_the_body_is_compact_utf_8_with_its_secrets(api: respx.Router) -> None:
    """
    Secrets are revealed in the body and nowhere else, and letters stay letters.
    """
    logins(api)
    create = api.post("/user-ms/user/v1").respond(400, json={"errorMsg": "Weak: s3cret-pin"})
    body = {"firstName": "Åsa", "codes": [{"code": Secret("s3cret-pin")}], "admin": False}
    async with client(api) as pm:
        with pytest.raises(RejectedError) as caught:
            await pm.call("createUser", body=body)
    assert '{"firstName":"Åsa","codes":[{"code":"s3cret-pin"}],"admin":false}'.encode() == create.calls[0].request.content
    assert "PM says: Weak: •••••• (HTTP 400)" == str(caught.value)


async def test_a_token_that_pm_repeats_is_masked(api: respx.Router) -> None:
    """
    PM's words are shown without the token in them.
    """
    logins(api)
    api.get("/user-ms/user/by-user-id/v1/u1").respond(403, text="token-1 may not")
    async with client(api) as pm:
        with pytest.raises(RejectedError) as caught:
            await pm.call("getUserByUserId", path={"userId": "u1"})
    assert "PM says: •••••• may not (HTTP 403)" == str(caught.value)


async def test_a_path_prefix_of_the_address_is_kept(api: respx.Router) -> None:
    """
    A PM behind a path of a front server is addressed below it.
    """
    api.post("/pm/auth/login").respond(200, json=LOGIN)
    api.get("/pm/system-ms/subsystem/v1/7").respond(200, json={})
    async with client(api, url=f"{PM}/pm/") as pm:
        await pm.call("getSubsystem", path={"subsystemId": 7})


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("noSuch", {}, KeyError),
        ("getUserByUserId", {}, TypeError),
        ("getUserByUserId", {"path": {"userId": "a", "other": "b"}}, TypeError),
        ("importExtension", {"query": {"extensionNumber": "1"}}, TypeError),
        ("importExtension", {"query": {"extensionNumber": "1", "subsystemId": 1, "x": 1}}, TypeError),
        ("createUser", {}, TypeError),
        ("createUser", {"body": {"at": object()}}, TypeError),
        ("testToken", {"body": {}}, TypeError),
    ],
    ids=["operation", "path missing", "path unknown", "query missing", "query unknown", "body missing", "body not JSON", "body unknown"],
)
async def test_programmers_mistakes_send_nothing(api: respx.Router, name: str, arguments: dict[str, Any], error: type[Exception]) -> None:
    """
    Parameters that do not fit the operation are told before anything goes out.
    """
    async with client(api) as pm:
        with pytest.raises(error):
            await pm.call(name, **arguments)


async def test_items_collects_all_pages(api: respx.Router) -> None:
    """
    A paged list is read to its end, with every parameter sent (QUIRKS 34).
    """
    logins(api)
    users = [{"userId": f"u{number}"} for number in range(201)]
    first = api.get("/user-ms/user/v1", params={"pageno": 0}).respond(200, json=[{"items": users[:200], "count": 201}])
    api.get("/user-ms/user/v1", params={"pageno": 1}).respond(200, json=[{"items": users[200:], "count": 201}])
    async with client(api) as pm:
        assert users == await pm.items("listUsers")
    assert b"/user-ms/user/v1?search=%2A&importedFrom=ALL&orderby=userId%20asc&pageno=0&pageSize=200" == first.calls[0].request.url.raw_path


@pytest.mark.parametrize(
    ("content", "found"), [([{"id": 1}, {"id": 2}], 2), ({"id": 1}, 1), ([], 0), (None, 0)], ids=["array", "object", "empty", "nothing"]
)
async def test_a_list_without_paging_is_one_page(api: respx.Router, content: Any, found: int) -> None:
    """
    Some lists are plain arrays, or a single object where there is one (QUIRKS 33, 62-64).
    """
    logins(api)
    api.get("/system-ms/subsystem/v1").respond(200, json=content)
    async with client(api) as pm:
        assert found == len(await pm.items("listSubsystems", query={"subsystemType": "All"}))


async def test_a_list_knows_its_parameters(api: respx.Router) -> None:
    """
    An unknown list parameter is a programmer's mistake.
    """
    async with client(api) as pm:
        with pytest.raises(TypeError):
            await pm.items("listUsers", query={"serach": "x"})


async def test_halves_of_characters_are_sent_back_as_they_came(api: respx.Router) -> None:
    """
    JSON can hold what UTF-8 cannot; an update that returns it to PM escapes it again, and in an address it names nothing.
    """
    logins(api)
    create = api.post("/user-ms/user/v1").respond(201)
    read = api.get("/user-ms/user/by-user-id/v1/%ED%A0%BD").respond(404)
    async with client(api) as pm:
        await pm.call("createUser", body={"firstName": "Å\ud83d"})
        with pytest.raises(RejectedError):
            await pm.call("getUserByUserId", path={"userId": "\ud83d"})
    assert ('{"firstName":"Å\\ud83d"}'.encode(), 1) == (create.calls[0].request.content, read.call_count)


async def test_a_session_that_is_cancelled_closes_its_connections() -> None:
    """
    Closing takes more than one moment, and none of them is cut off.
    """
    closed: list[bool] = []

    class Connections(httpx.AsyncBaseTransport):
        async def aclose(self) -> None:
            await anyio.lowlevel.checkpoint()
            closed.append(True)

    with anyio.CancelScope() as scope:
        async with PmClient(Connection(PM, "admin", Secret("pw")), transport=Connections()):
            scope.cancel()
    assert [True] == closed


@pytest.mark.parametrize(("status", "body"), [(200, ""), (200, "null"), (204, "")], ids=["empty", "null", "no content"])
async def test_a_read_that_is_answered_with_nothing_is_asked_again(api: respx.Router, status: int, body: str) -> None:
    """
    Something before PM may lose what it said, so that nothing seems to be there; a PM that says nothing each time is believed, and a write has its answer.
    """
    logins(api)
    nothing = httpx.Response(status, text=body)
    found = api.get("/user-ms/user/by-user-id/v1/u1").mock(side_effect=[nothing, nothing, httpx.Response(200, json={"userId": "u1"})])
    absent = api.get("/user-ms/user/by-user-id/v1/u2").mock(return_value=nothing)
    update = api.put("/user-ms/user/v1/7").mock(return_value=nothing)
    async with client(api) as pm:
        assert {"userId": "u1"} == (await pm.call("getUserByUserId", path={"userId": "u1"})).content
        assert None is (await pm.call("getUserByUserId", path={"userId": "u2"})).content
        await pm.call("updateUser", path={"userRecId": 7}, body={})
    assert (3, 4, 1) == (found.call_count, absent.call_count, update.call_count)


async def test_every_request_is_seen(api: respx.Router) -> None:
    """
    Progress hears how long each request took, the login and one without an answer included.
    """
    logins(api)
    api.get("/user-ms/user/by-user-id/v1/u1").mock(side_effect=[httpx.Response(200, json={}), httpx.ReadTimeout("x")])
    seen: list[float] = []
    async with client(api, on_request=seen.append) as pm:
        await pm.call("getUserByUserId", path={"userId": "u1"})
        with pytest.raises(TransientError):
            await pm.call("getUserByUserId", path={"userId": "u1"})
    assert [True] * 3 == [0.0 <= seconds < 60.0 for seconds in seen]


def test_a_clients_repr_shows_no_password() -> None:
    """
    A connection can be logged without its password.
    """
    assert "geheim" not in repr(Connection(PM, "admin", Secret("geheim")))
