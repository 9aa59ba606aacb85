"""Sessions with the simulated PM: login, tokens and their ends, rights, and what no path or method answers."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import httpx
import pytest

from pmbulk.endpoints import ENDPOINTS
from pmbulk.simulator import Fault, FaultKind, HeaderScheme, SimulatorSettings, running

TEST = "/auth/testToken"
DEMO_PASSWORD = "User-1234567!"


@pytest.fixture(scope="module")
def clock():
    """A clock that is set by hand."""
    return SimpleNamespace(now=1_800_000_000.0)


@pytest.fixture(scope="module")
def pm(clock):
    with running(SimulatorSettings(clock=lambda: clock.now)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def api(pm):
    with httpx.Client(base_url=pm.url, verify=False) as client:
        yield client


def log_in(api, username="admin", password="Admin-1234567!"):
    return api.post("/auth/login", json={"username": username, "password": password})


def bearer(session):
    return {"Authorization": f"Bearer {session['token']}"}


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_login_tells_tokens_and_version(api):
    """
    A login answers both tokens, version, build and brand.
    """
    assert {"token", "refreshToken", "version", "build", "brand"} == set(log_in(api).json())


def test_the_token_carries_pms_claims(api, clock):
    """
    The claims are PM's; the record id is a text, and the life is 45 minutes (QUIRKS 2, 4).
    """
    found = claims(log_in(api).json()["token"])
    assert ("1", "1", "admin", clock.now, clock.now + 2700) == tuple(found[key] for key in ("role", "USER_REC_ID", "sub", "iat", "exp"))


def test_the_test_call_answers_the_bare_token(api):
    """
    The test call answers the token itself as a JSON string (QUIRKS 6).
    """
    session = log_in(api).json()
    assert session["token"] == api.get(TEST, headers=bearer(session)).json()


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer rubbish"}, {"Authorization": "Bearer"}, {"Authorization": ""}],
    ids=["missing", "garbled", "no token", "empty"],
)
def test_no_good_token_is_refused(api, header):
    """
    The test call refuses a token that is none as the session's other calls refuse, with 400 (QUIRKS 14).
    """
    assert 400 == api.get(TEST, headers=header).status_code


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer rubbish"}], ids=["missing", "garbled"])
def test_no_good_token_is_401_elsewhere(api, header):
    """
    All other calls have a status of their own for it.
    """
    assert 401 == api.get("/system-ms/udf-definition/v1", headers=header).status_code


def test_a_token_ends_with_its_claim(api, clock):
    """
    A token is good until the second that its ``exp`` names.
    """
    session = log_in(api).json()
    clock.now += 2699
    before = api.get(TEST, headers=bearer(session)).status_code
    clock.now += 1
    assert (200, 400) == (before, api.get(TEST, headers=bearer(session)).status_code)


@pytest.mark.parametrize(
    ("scheme", "with_bearer", "raw"),
    [(HeaderScheme.BEARER, 200, 400), (HeaderScheme.RAW, 400, 200), (HeaderScheme.ANY, 200, 200)],
    ids=["bearer", "raw", "any"],
)
def test_the_header_scheme_is_a_choice(scheme, with_bearer, raw):
    """
    The token is taken with the prefix, without it, or both ways (QUIRKS 5).
    """
    with running(SimulatorSettings(header_scheme=scheme, header_name="X-Token")) as pm, httpx.Client(base_url=pm.url, verify=False) as api:
        token = log_in(api).json()["token"]
        answers = [api.get(TEST, headers={"X-Token": text}).status_code for text in (f"Bearer {token}", token)]
    assert [with_bearer, raw] == answers


def test_a_refresh_token_is_good_once(api):
    """
    A refresh answers a new pair; the old refresh token is used up, the new one is good.
    """
    first = log_in(api).json()
    second = api.post("/auth/refresh-token", json={"userRecId": 1, "refreshToken": first["refreshToken"]})
    again = api.post("/auth/refresh-token", json={"userRecId": 1, "refreshToken": first["refreshToken"]})
    third = api.post("/auth/refresh-token", json={"userRecId": 1, "refreshToken": second.json()["refreshToken"]})
    assert ([200, 400, 200], {"token", "refreshToken"}) == ([second.status_code, again.status_code, third.status_code], set(second.json()))


def test_a_refresh_token_ends(api, clock):
    """
    An old refresh token is refused.
    """
    session = log_in(api).json()
    clock.now += 7200
    assert 400 == api.post("/auth/refresh-token", json={"userRecId": 1, "refreshToken": session["refreshToken"]}).status_code


def test_a_refresh_token_is_its_users(api):
    """
    Somebody else's record id does not go with a refresh token.
    """
    session = log_in(api).json()
    assert 400 == api.post("/auth/refresh-token", json={"userRecId": 2, "refreshToken": session["refreshToken"]}).status_code


def test_refresh_wants_the_record_id_as_a_number(api):
    """
    The text of the claim is refused: the body's ``userRecId`` is an integer (QUIRKS 4).
    """
    session = log_in(api).json()
    refused = api.post("/auth/refresh-token", json={"userRecId": "1", "refreshToken": session["refreshToken"]})
    assert (400, "userRecId must be an integer of 32 bits") == (refused.status_code, refused.json()["errorMsg"])


def test_too_many_wrong_passwords_lock_the_account(pm, api):
    """
    After five wrong passwords the right one is refused too, until somebody unlocks the account.
    """
    wrong = [log_in(api, "anna.berg", "wrong").status_code for _ in range(5)]
    locked = log_in(api, "anna.berg", DEMO_PASSWORD).json()["errorMsg"]
    administrator = bearer(log_in(api).json())
    unlocked = api.put("/user-ms/locked-user/v1", params={"userId": "anna.berg"}, headers=administrator)
    assert ([400] * 5, "The account is locked", 200, 200) == (
        wrong,
        locked,
        unlocked.status_code,
        log_in(api, "anna.berg", DEMO_PASSWORD).status_code,
    )


def test_an_error_body_names_its_status(api):
    """
    A refused login explains itself in the documented shape.
    """
    assert {
        "mitelErrorCode": "BAD_CREDENTIALS",
        "errorMsg": "Wrong user name or password",
        "developerMsg": "Wrong user name or password",
        "responseStatus": "400 BAD_REQUEST",
        "responseCode": 400,
    } == log_in(api, password="wrong").json()


def test_users_may_not_call_what_is_for_administrators(api):
    """
    An End User gets 403 where the document says "admin only", and an answer elsewhere.
    """
    header = bearer(log_in(api, "anna.berg", DEMO_PASSWORD).json())
    departments = api.get("/system-ms/department/v1/1", headers=header).status_code
    assert (403, 200) == (departments, api.get("/user-ms/user/by-user-id/v1/anna.berg", headers=header).status_code)


def test_error_bodies_can_be_left_out():
    """
    Other calls than the session's may refuse without a word (QUIRKS 14).
    """
    with running(SimulatorSettings(error_bodies=False)) as pm, httpx.Client(base_url=pm.url, verify=False) as api:
        silent = api.get("/user-ms/user/by-user-id/v1/nobody", headers=bearer(log_in(api).json()))
    assert (404, b"") == (silent.status_code, silent.content)


def test_pm_describes_itself(api):
    """
    The OpenAPI document needs no token and has every operation once.
    """
    answer = api.get("/v3/api-docs")
    described = [operation["operationId"] for path in answer.json()["paths"].values() for operation in path.values()]
    assert (200, sorted(ENDPOINTS)) == (answer.status_code, sorted(described))


def test_pm_describes_what_it_reads(api):
    """
    A described body has the members that the operation takes, with their types.
    """
    described = api.get("/v3/api-docs").json()["paths"]["/system-ms/options/v1/update"]["put"]
    option = {"type": "object", "properties": {"optionid": {"type": "integer"}, "value": {"type": "boolean"}}}
    expected = {"type": "object", "properties": {"options": {"type": "array", "items": option}}}
    assert expected == described["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("as_list", [True, False])
def test_pm_describes_what_it_answers(as_list):
    """
    A described answer has its members, and is a list where the settings make it one (QUIRKS 63).
    """
    with running(SimulatorSettings(number_series_as_list=as_list)) as pm:
        paths = httpx.get(f"{pm.url}/v3/api-docs").json()["paths"]
    described = paths["/pm-extension-ms/pm-extension/v1/number-series/{numberSeriesType}"]["get"]["responses"]
    series = {"type": "object", "properties": {name: {"type": "string"} for name in ("start", "end", "numberType")}}
    expected = {"type": "array", "items": series} if as_list else series
    assert (["200", "400", "401", "403", "404"], expected) == (list(described), described["200"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize(
    ("settings", "scheme"),
    [
        (SimulatorSettings(), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (SimulatorSettings(header_scheme=HeaderScheme.RAW), {"type": "apiKey", "in": "header", "name": "Authorization"}),
        (SimulatorSettings(header_name="X-Token"), {"type": "apiKey", "in": "header", "name": "X-Token"}),
    ],
    ids=["bearer", "raw", "another header"],
)
def test_pm_describes_how_the_token_is_sent(settings, scheme):
    """
    The security scheme follows the settings, so that a client can read it from the document (DOMAIN 1).
    """
    with running(settings) as pm:
        assert {"token": scheme} == httpx.get(f"{pm.url}/v3/api-docs").json()["components"]["securitySchemes"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PATCH", "/user-ms/user/v1", 405)], ids=["path", "method"]
)
def test_strange_requests(api, method, path, status):
    """
    A path that PM does not have is 404, a method that a path does not have 405.
    """
    assert status == api.request(method, path).status_code


def test_a_refused_method_is_told_the_others(api):
    """
    A 405 names the methods that the path has, as HTTP demands.
    """
    assert "GET, PUT" == api.patch("/user-ms/locked-user/v1").headers["Allow"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 400),
        ({}, 400),
        ({"json": ["admin"]}, 400),
        ({"json": {"username": 1}}, 400),
        ({"json": {"user": "admin"}}, 400),
    ],
    ids=["not JSON", "not called JSON", "no body", "not an object", "wrong type", "unknown member"],
)
def test_bodies_that_cannot_be_read(api, sent, status):
    """
    A body that is not a JSON object with known members of the right types is refused.
    """
    assert status == api.post("/auth/login", **sent).status_code


def test_requests_are_logged_without_showing_their_bodies(pm, api):
    """
    The log knows what arrived and what was answered; a password in a body is not in its text.
    """
    log_in(api)
    arrival = pm.requests[-1]
    assert ("login", "POST", "/auth/login", 200, False) == (
        arrival.operation,
        arrival.method,
        arrival.path,
        arrival.status,
        pm.settings.password in repr([arrival, pm.settings]),
    )


def test_all_tokens_can_expire_at_once(pm, api):
    """
    The fault takes every token away with the request that it strikes; the refresh token survives.
    """
    session = log_in(api).json()
    pm.faults.add(Fault(kind=FaultKind.EXPIRE_TOKENS, match="testToken", limit=1))
    refused = api.get(TEST, headers=bearer(session)).status_code
    fresh = api.post("/auth/refresh-token", json={"userRecId": 1, "refreshToken": session["refreshToken"]}).json()
    assert (400, 200) == (refused, api.get(TEST, headers=bearer(fresh)).status_code)


def test_a_good_refresh_token_can_be_refused(pm, api):
    """
    The fault refuses a refresh and leaves the token as good as it was.
    """
    session = log_in(api).json()
    pm.faults.add(Fault(kind=FaultKind.REFUSE_REFRESH, limit=1))
    body = {"userRecId": 1, "refreshToken": session["refreshToken"]}
    assert [400, 200] == [api.post("/auth/refresh-token", json=body).status_code for _ in range(2)]
