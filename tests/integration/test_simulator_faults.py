"""The simulated PM on a bad day, and its pace: over real sockets, because that is where replies get lost."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from time import monotonic

import httpx
import pytest

from pmbulk.simulator import Fault, FaultKind, SimulatorSettings, running

LOCATIONS = "/system-ms/location/v1"
LIST = f"{LOCATIONS}?search=*&pageNo=0&pageSize=200&orderby=locationId%20asc"


@contextmanager
def session(pm):
    """A client that is logged in as the administrator, and waits no longer than a moment."""
    with httpx.Client(base_url=pm.url, verify=False, timeout=1.5) as client:
        tokens = client.post("/auth/login", json={"username": "admin", "password": pm.settings.password}).json()
        client.headers["Authorization"] = f"Bearer {tokens['token']}"
        yield client


@pytest.fixture(scope="module")
def pm():
    with running() as simulator:
        yield simulator


@pytest.fixture
def api(pm):
    with session(pm) as client:
        yield client
    pm.faults.clear()


def create(api, name):
    return api.post(LOCATIONS, json={"locationName": name})


def exists(pm, name):
    return pm.world.location_by_name(name) is not None


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        (FaultKind.RESET_BEFORE, httpx.ReadError, False),
        (FaultKind.RESET_AFTER, httpx.ReadError, True),
        (FaultKind.TIMEOUT_BEFORE, httpx.ReadTimeout, False),
        (FaultKind.TIMEOUT_AFTER, httpx.ReadTimeout, True),
    ],
    ids=lambda value: value.value if isinstance(value, FaultKind) else "",
)
def test_lost_replies(pm, api, kind, error, done):
    """
    The client learns nothing; the work was done before the reply got lost, or was not, as the fault says.
    """
    pm.faults.add(Fault(kind=kind, match="createLocation"))
    with pytest.raises(error):
        create(api, kind.value)
    arrival = pm.requests[-1]
    assert (done, 201 if done else None, None, kind) == (exists(pm, kind.value), arrival.worked, arrival.status, arrival.fault)


def test_half_an_answer(pm, api):
    """
    A truncated answer promises its whole length and ends before.
    """
    pm.faults.add(Fault(kind=FaultKind.TRUNCATE, match="listLocations"))
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete message body"):
        api.get(LIST)


def test_half_an_empty_answer(pm, api):
    """
    An answer without a body ends within its head; the work was done.
    """
    pm.faults.add(Fault(kind=FaultKind.TRUNCATE, match="createLocation"))
    with pytest.raises(httpx.RemoteProtocolError):
        create(api, "truncated")
    assert exists(pm, "truncated")


def test_a_stalled_connection_ends_by_itself(pm, api):
    """
    A client that waits longer than the stall sees the connection reset.
    """
    pm.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, match="listLocations", seconds=0.05))
    with pytest.raises(httpx.ReadError):
        api.get(LIST)


def test_other_requests_go_on_after_a_lost_reply(pm, api):
    """
    A fault strikes its own connection; the next request is answered.
    """
    pm.faults.add(Fault(kind=FaultKind.RESET_AFTER, match="reads", nth=1))
    with pytest.raises(httpx.ReadError):
        api.get(LIST)
    assert 200 == api.get(LIST).status_code


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind=FaultKind.STATUS, status=503), (503, None, "Try again later")),
        (Fault(kind=FaultKind.STATUS, status=429, retry_after="7"), (429, "7", "Try again later")),
        (Fault(kind=FaultKind.STATUS, status=500), (500, None, "Try again later")),
        (Fault(kind=FaultKind.BUSY, status=400), (400, None, "COMMAND BUSY")),
        (Fault(kind=FaultKind.BUSY, status=500), (500, None, "COMMAND BUSY")),
    ],
    ids=["503", "429 with Retry-After", "500", "busy 400", "busy 500"],
)
def test_refusals_without_work(pm, api, fault, expected):
    """
    A refusal that strikes leaves the world as it was.
    """
    pm.faults.add(fault)
    refused = create(api, "refused")
    assert (expected, False) == (
        (refused.status_code, refused.headers.get("Retry-After"), refused.json()["errorMsg"]),
        exists(pm, "refused"),
    )


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [(FaultKind.STATUS_AFTER, 504, "application/json"), (FaultKind.HTML, 200, "text/html")],
    ids=["gateway", "html"],
)
def test_answers_that_belie_the_work(pm, api, kind, status, content_type):
    """
    A gateway's error or a proxy's page may hide that the work was done.
    """
    pm.faults.add(Fault(kind=kind, status=504))
    answer = create(api, kind.value)
    assert (status, content_type, True) == (answer.status_code, answer.headers["Content-Type"], exists(pm, kind.value))


def test_an_extension_may_be_half_made(pm, api):
    """
    A create that fails after its first command leaves an extension without a name (DOMAIN 1, partial success).
    """
    pm.faults.add(Fault(kind=FaultKind.HALF_MADE, status=500))
    body = {"extensionNumber": "2000", "serverNumber": 1, "commonServiceProfile": 1, "nameIdentity": {"firstName": "Ann"}}
    refused = api.post("/pm-extension-ms/pm-extension/v1/ip", params={"subsystemName": "MX1"}, json=body)
    query = {"extensionNumber": "2000", "extensionType": "IP", "subsystemName": "MX1"}
    record = api.get("/pm-extension-ms/pm-extension/v1/details", params=query).json()
    assert (500, "2000", []) == (refused.status_code, record["extensionNumber"], record["extensionVO"]["niin"])


def test_a_slow_answer_is_an_answer(pm, api):
    """
    Latency delays the request that it strikes and nothing more.
    """
    pm.faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.1))
    began = monotonic()
    assert (200, True) == (api.get(LIST).status_code, monotonic() - began >= 0.1)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (Fault(kind=FaultKind.STATUS, match="listLocations", nth=2), [200, 503, 200, 200]),
        (Fault(kind=FaultKind.STATUS, match="listLocations", limit=2), [503, 503, 200, 200]),
        (Fault(kind=FaultKind.STATUS, match="listUsers"), [200, 200, 200, 200]),
        (Fault(kind=FaultKind.STATUS, match="writes"), [200, 200, 200, 200]),
        (Fault(kind=FaultKind.STATUS, match="reads"), [503, 503, 503, 503]),
        (Fault(kind=FaultKind.STATUS, probability=0.0), [200, 200, 200, 200]),
    ],
    ids=["nth", "limit", "other operation", "writes", "reads", "never"],
)
def test_what_a_fault_strikes(pm, api, fault, statuses):
    """
    A fault strikes the requests that it matches, as often as it says.
    """
    pm.faults.add(fault)
    assert statuses == [api.get(LIST).status_code for _ in statuses]


def test_chances_can_be_had_again():
    """
    With the same seed the same requests are struck, and about as many as the probability says.
    """

    def statuses():
        fault = Fault(kind=FaultKind.STATUS, match="listLocations", probability=0.5)
        with running(SimulatorSettings(faults=(fault,), seed=7)) as pm, session(pm) as api:
            return [api.get(LIST).status_code for _ in range(40)]

    first = statuses()
    assert (first, True) == (statuses(), 10 < first.count(503) < 30)


def test_a_fault_for_nothing_is_a_mistake():
    """
    A fault whose *match* no operation bears is refused at once.
    """
    with pytest.raises(ValueError, match="no operation is called 'createTeapot'; or use one of all, reads, writes"):
        Fault(kind=FaultKind.STATUS, match="createTeapot")


async def create_extensions(pm, token, subsystems):
    """The statuses of creates sent at once, one for each of *subsystems*, sorted."""
    async with httpx.AsyncClient(base_url=pm.url, verify=False, headers={"Authorization": f"Bearer {token}"}) as client:
        sent = [
            client.post(
                "/pm-extension-ms/pm-extension/v1/ip",
                params={"subsystemName": name},
                json={"extensionNumber": f"{first}{position:03}", "serverNumber": 1, "commonServiceProfile": 1},
            )
            for position, (name, first) in enumerate(subsystems)
        ]
        return sorted(answer.status_code for answer in await asyncio.gather(*sent))


@pytest.mark.parametrize(
    ("subsystems", "statuses"),
    [([("MX1", 3), ("MX1", 3)], [200, 500]), ([("MX1", 3), ("MX2", 6)], [200, 200])],
    ids=["one subsystem", "two subsystems"],
)
def test_a_subsystem_bears_so_many_writes(subsystems, statuses):
    """
    Writes that overlap in one telephony subsystem are told ``COMMAND BUSY``; in two they do not meet (DOMAIN 4).
    """
    with running(SimulatorSettings(telephony_writes=1, latency_s=0.2)) as pm:
        token = pm.simulator.sessions.issue(pm.world.users[1])["token"]
        assert statuses == asyncio.run(create_extensions(pm, token, subsystems))


@pytest.mark.parametrize(
    ("second", "statuses"),
    [
        (("PUT", "/pm-extension-ms/terminal-selection-service/ons?extensionNumber=1104&subsystemId=1", {"onsVo": []}), [200, 500]),
        (("PUT", "/pm-extension-ms/terminal-selection-service/ons?extensionNumber=5101&subsystemId=2", {"onsVo": []}), [200, 200]),
        (("PUT", "/pm-extension-ms/pm-personal-number/v2/1104", {"allInactive": True}), [200, 500]),
        (("PUT", "/pm-extension-ms/pm-personal-number/v2/5101", {"allInactive": True}), [200, 200]),
        (("PUT", "/pm-extension-ms/pm-extension/v1/update?extensionNumber=1104", {"subsystemId": 1}), [200, 500]),
        (("PUT", "/pm-extension-ms/pm-extension/v1/update?extensionNumber=1104", {"subsystemName": "mx1"}), [200, 500]),
        (("PUT", "/system-ms/options/v1/update", {"options": [{"optionid": 1, "value": True}]}), [200, 200]),
    ],
    ids=["by id", "another id", "by number", "another number", "id in the body", "name in the body", "none"],
)
async def test_a_subsystem_is_the_same_however_it_is_named(second, statuses):
    """
    Writes meet in a subsystem whether they name it, give its id, or only a number that it has (QUIRKS 42-45).
    """
    first = ("PUT", "/pm-extension-ms/pm-extension/v1/virtual?subsystemName=MX1", {"extensionNumber": "1104", "commonServiceProfile": 1})
    with running(SimulatorSettings(telephony_writes=1, latency_s=0.2)) as pm:
        token = pm.simulator.sessions.issue(pm.world.users[1])["token"]
        async with httpx.AsyncClient(base_url=pm.url, verify=False, headers={"Authorization": f"Bearer {token}"}) as client:
            sent = [client.request(method, path, json=body) for method, path, body in (first, second)]
            assert statuses == sorted(answer.status_code for answer in await asyncio.gather(*sent))


def test_capacity_makes_requests_wait():
    """
    A PM that works on one request at a time takes three times as long for three.
    """
    with running(SimulatorSettings(capacity=1, latency_s=0.1)) as pm:
        token = pm.simulator.sessions.issue(pm.world.users[1])["token"]
        began = monotonic()
        statuses = asyncio.run(create_extensions(pm, token, [("MX1", 3), ("MX1", 3), ("MX1", 3)]))
    assert ([200, 200, 200], True) == (statuses, monotonic() - began >= 0.3)


def test_stopping_waits_for_nobody():
    """
    A simulator that holds a request for an hour ends at once, and leaves no thread and no open port.
    """
    fault = Fault(kind=FaultKind.TIMEOUT_BEFORE, match="testToken", seconds=3600.0)
    before = threading.active_count()
    began = monotonic()
    with running(SimulatorSettings(faults=(fault,))) as pm, session(pm) as api, pytest.raises(httpx.ReadTimeout):
        api.get("/auth/testToken", timeout=0.1)
    with pytest.raises(httpx.ConnectError):
        httpx.get(pm.url, verify=False)
    assert (before, True) == (threading.active_count(), monotonic() - began < 30.0)
