"""Logging in, renewing ahead of time, once for all, and never a second login after a refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from pmbulk.errors import AmbiguousError, LoginError, RejectedError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild
from pmbulk.pm.classify import Answer, UnauthorizedError
from pmbulk.pm.tokens import TokenKeeper, claims
from pmbulk.secret import Secret


def jwt(serial: int, *, issued_at: float | None = None, life_s: float | None = 2700, **more: Any) -> str:
    told: dict[str, Any] = {"sub": "admin", "serial": serial, "USER_REC_ID": "7", **more}
    if issued_at is not None:
        told["iat"] = int(issued_at)
    if life_s is not None:
        told["exp"] = int((issued_at or 0) + life_s)
    middle = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    return f"e30.{middle}.c2ln"


class _Pm:
    """A PM that answers the session's calls from a script, on a clock that the test moves."""

    def __init__(self, *, life_s: float | None = 2700, ahead_s: float = 0.0) -> None:
        self.now = 1_700_000_000.0
        self.life_s = life_s
        self.ahead_s = ahead_s
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[Exception | None] = []
        self.opaque = False
        self.fixed = ""

    def clock(self) -> float:
        return self.now

    async def exchange(self, name: str, body: Mapping[str, Any]) -> Answer:
        self.calls.append((name, dict(body)))
        await anyio.lowlevel.checkpoint()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        serial = len(self.calls)
        token = f"opaque-{serial}" if self.opaque else jwt(serial, issued_at=self.now + self.ahead_s, life_s=self.life_s)
        token = self.fixed or token
        return Answer(200, {"token": token, "refreshToken": f"refresh-{serial}", "version": "7.8", "build": "7.8.2.0.1", "brand": "mxone"})

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def keeper(self, **assumed: Any) -> TokenKeeper:
        return TokenKeeper(self.exchange, user="admin", password=Secret("pw"), assumptions=Assumptions(**assumed), clock=self.clock)


def refused(status: int = 401) -> Exception:
    refusal = RejectedError("Bad credentials.", code=f"HTTP_{status}", http=status)
    return UnauthorizedError(refusal) if status == 401 else refusal


async def test_one_login_serves_all() -> None:
    """
    Fifty requests that find no token cause exactly one login.
    """
    pm = _Pm()
    keeper = pm.keeper()
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(keeper.token)
    assert [("login", {"username": "admin", "password": Secret("pw")})] == pm.calls
    assert PmBuild("7.8", "7.8.2.0.1") == keeper.build


async def test_many_waiters_share_one_refresh() -> None:
    """
    Fifty requests that find a token about to end cause exactly one refresh, with the record id as a number (QUIRKS 4).
    """
    pm = _Pm()
    keeper = pm.keeper()
    await keeper.token()
    pm.now += 2640
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(keeper.token)
    assert ("refreshToken", {"userRecId": 7, "refreshToken": Secret("refresh-1")}) == pm.calls[1]
    assert 2 == len(pm.calls)


@pytest.mark.parametrize(
    ("life_s", "after_s", "names"),
    [
        (2700, 2639, ["login"]),
        (2700, 2640, ["login", "refreshToken"]),
        (10, 7, ["login"]),
        (10, 8, ["login", "refreshToken"]),
        (None, 99_999, ["login"]),
        (-5, 99_999, ["login"]),
    ],
    ids=["60 s ahead: not yet", "60 s ahead", "a fifth: not yet", "a fifth ahead", "no end", "over at receipt"],
)
async def test_a_token_is_renewed_ahead_of_its_end(life_s: float | None, after_s: float, names: list[str]) -> None:
    """
    The margin is a minute or a fifth of the token's life, whichever is less.
    """
    pm = _Pm(life_s=life_s)
    keeper = pm.keeper()
    await keeper.token()
    pm.now += after_s
    await keeper.token()
    assert names == pm.names


@pytest.mark.parametrize("ahead_s", [-86_400, 86_400], ids=["PM a day behind", "PM a day ahead"])
async def test_a_clock_that_is_off_does_no_harm(ahead_s: float) -> None:
    """
    Only the token's length of life counts, whatever PM's clock says.
    """
    pm = _Pm(ahead_s=ahead_s)
    keeper = pm.keeper()
    await keeper.token()
    pm.now += 2639
    await keeper.token()
    pm.now += 1
    await keeper.token()
    assert ["login", "refreshToken"] == pm.names


@pytest.mark.parametrize("ahead_s", [-3600, 0, 3600], ids=["PM an hour behind", "same", "PM an hour ahead"])
async def test_a_clock_that_cannot_be_compared_does_no_harm(ahead_s: float) -> None:
    """
    A token that tells its end alone may be over before we think so: PM's 401 costs a refresh, and no login.
    """
    pm = _Pm()
    keeper = pm.keeper()
    for serial in range(3):
        pm.fixed = jwt(serial, issued_at=None, life_s=pm.now + 2700 + ahead_s)
        used = await keeper.token()
        pm.now += 2700
        await keeper.replace(used)
    assert 1 == pm.names.count("login")
    assert {"login", "refreshToken"} == set(pm.names)


async def test_the_latest_refresh_token_is_used() -> None:
    """
    Each refresh answers with the next refresh token (QUIRKS 8).
    """
    pm = _Pm()
    keeper = pm.keeper()
    for _ in range(3):
        await keeper.token()
        pm.now += 2700
    assert [Secret("refresh-1"), Secret("refresh-2")] == [body["refreshToken"] for name, body in pm.calls if name == "refreshToken"]


async def test_a_token_replaced_by_another_worker_is_just_replayed() -> None:
    """
    After a 401 the token used is compared with the token held: one refresh for all who were refused.
    """
    pm = _Pm()
    keeper = pm.keeper()
    used = await keeper.token()
    tokens = [await keeper.replace(used) for _ in range(5)]
    assert ["login", "refreshToken"] == pm.names
    assert 1 == len(set(tokens))
    assert used not in tokens


async def test_a_new_token_of_the_same_text_is_a_new_one() -> None:
    """
    PM may sign the same text twice within a second; the second refused worker still sees that it was replaced.
    """
    pm = _Pm()
    pm.fixed = "opaque"
    keeper = pm.keeper()
    used = await keeper.token()
    for _ in range(5):
        await keeper.replace(used)
    assert ["login", "login"] == pm.names


async def test_a_token_that_is_no_jwt_works() -> None:
    """
    An opaque token is held until PM refuses it, and then replaced by a login, as its user's record id is not known.
    """
    pm = _Pm()
    pm.opaque = True
    keeper = pm.keeper()
    used = await keeper.token()
    pm.now += 99_999
    assert used == await keeper.token()
    assert Secret("opaque-2") == await keeper.replace(used)
    assert ["login", "login"] == pm.names


@pytest.mark.parametrize("fault", [refused(400), refused(401), AmbiguousError("lost")], ids=["refused", "unauthorized", "answer lost"])
async def test_a_refresh_that_fails_becomes_a_login(fault: Exception) -> None:
    """
    A refresh token that PM does not take, or that may be used up, is given up for a login.
    """
    pm = _Pm()
    keeper = pm.keeper()
    used = await keeper.token()
    pm.faults = [fault]
    await keeper.replace(used)
    assert ["login", "refreshToken", "login"] == pm.names


async def test_an_error_during_refresh_frees_the_lock() -> None:
    """
    A refresh that fails for now fails for one caller; the next one tries again.
    """
    pm = _Pm()
    keeper = pm.keeper()
    used = await keeper.token()
    pm.faults = [TransientError("outage")]
    with pytest.raises(TransientError):
        await keeper.replace(used)
    with anyio.fail_after(5):
        await keeper.replace(used)
    assert ["login", "refreshToken", "refreshToken"] == pm.names


async def test_many_waiters_share_one_failure() -> None:
    """
    Fifty requests that wait for the same login hear of its failure together: each of them would wait as long for its own. The next one tries again.
    """
    pm = _Pm()
    keeper = pm.keeper()
    pm.faults = [TransientError("down", unanswered=True)]
    heard: list[TransientError] = []

    async def wait() -> None:
        try:
            await keeper.token()
        except TransientError as error:
            heard.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(wait)
    assert (["login"], ["down"] * 50) == (pm.names, [error.message for error in heard])
    await keeper.token()
    assert ["login", "login"] == pm.names


@pytest.mark.parametrize("status", [400, 401, 403, 423])
async def test_a_refused_login_is_never_tried_again(status: int) -> None:
    """
    PM locks accounts, so ten callers see one login and the same error.
    """
    pm = _Pm()
    pm.faults = [refused(status)]
    keeper = pm.keeper()
    for _ in range(10):
        with pytest.raises(LoginError) as caught:
            await keeper.token()
    assert ["login"] == pm.names
    assert (
        "PM refuses the login of 'admin': Bad credentials. It is not tried again, because PM locks accounts: check user and password."
        == str(caught.value)
    )


@pytest.mark.parametrize(
    ("fault", "unanswered"),
    [
        (TransientError("down", unanswered=True), True),
        (AmbiguousError("failed", http=500), True),
        (AmbiguousError("busy", http=503, retry_after_s=5.0), False),
        (TransientError("slowly", http=429, retry_after_s=5.0), False),
        (refused(404), True),
    ],
    ids=["unsent", "failed", "busy", "slowly", "no PM there"],
)
async def test_without_a_session_pm_is_as_good_as_away(fault: Exception, unanswered: bool) -> None:
    """
    A login that fails for now befalls all rows alike, so the run waits for PM rather than let each of them log in; a wait that PM asks for is kept.
    """
    pm = _Pm()
    keeper = pm.keeper()
    used = await keeper.token()
    pm.faults = [refused(400), fault]
    with pytest.raises(TransientError) as caught:
        await keeper.replace(used)
    assert (unanswered, None) == (caught.value.unanswered, keeper.held)


async def test_a_token_that_cannot_be_refreshed_is_given_up_before_the_login() -> None:
    """
    A token of no use is not held on to when the login fails for now.
    """
    pm = _Pm()
    pm.opaque = True
    keeper = pm.keeper()
    used = await keeper.token()
    pm.faults = [TransientError("down")]
    with pytest.raises(TransientError):
        await keeper.replace(used)
    assert keeper.held is None


@pytest.mark.parametrize("fault", [TransientError("down"), AmbiguousError("lost"), refused(404)], ids=["unsent", "lost", "no PM there"])
async def test_a_login_that_says_nothing_about_the_credentials_may_be_repeated(fault: Exception) -> None:
    """
    An outage during a login is not remembered as a refusal.
    """
    pm = _Pm()
    pm.faults = [fault]
    keeper = pm.keeper()
    with pytest.raises(TransientError):
        await keeper.token()
    await keeper.token()
    assert ["login", "login"] == pm.names


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.!!!.c", "a.bm8.c", "a.WzFd.c", "å.é.ö"],
    ids=["empty", "two parts", "no base64", "no JSON", "no object", "no ASCII"],
)
def test_what_is_no_jwt_says_nothing(token: str) -> None:
    """
    A token that cannot be read has no claims and does no harm.
    """
    assert {} == claims(token)
