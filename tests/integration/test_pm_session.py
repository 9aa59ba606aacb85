from __future__ import annotations

import time

import pytest

from pmbulk.door.options import RunOptions
from pmbulk.door.running import Target, resume_job, run_job
from pmbulk.errors import LoginError
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, applied_twice, statuses

ROWS = 60


@pytest.fixture
def target(pm, tmp_path):
    """
    The way to the simulated PM.
    """
    return Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path / "state")


@pytest.fixture
def users(workbook):
    """
    A workbook of new users.
    """
    rows = [[f"tok{number:03}", "Tok", str(number), "Welcome-1234!"] for number in range(ROWS)]
    return workbook({"users": [["userId", "firstName", "lastName", "newPassword"], *rows]})


def short_lived(life_s, *, ahead_s=0.0):
    """A PM whose tokens end during the run, and whose clock is *ahead_s* ahead of ours."""
    return SimulatorSettings(password=PASSWORD, latency_s=0.1, token_lifetime_s=life_s, clock=lambda: time.time() + ahead_s)


def session_calls(pm):
    """How often PM was asked to log in, and how often to refresh."""
    return tuple(sum(arrival.operation == name for arrival in pm.requests) for name in ("login", "refreshToken"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [short_lived(1.0), short_lived(1.0, ahead_s=3600.0), short_lived(1.0, ahead_s=-3600.0)],
    ids=["1 s", "1 s, PM an hour ahead", "1 s, PM an hour behind"],
)
def test_tokens_that_end_during_the_run_are_renewed(pm, target, users):
    """
    However short a token's life, and whatever PM's clock says, one login is enough: each refresh token is used for the next one.
    """
    result = run_job(users, target, options=RunOptions(concurrency=2, last_row=31))
    logins, refreshes = session_calls(pm)
    assert (0, 1) == (result.exit_code, logins)
    assert refreshes >= 1
    assert {} == applied_twice(pm)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [short_lived(1.0)], ids=["1 s"])
def test_refused_refresh_tokens_cost_a_login_each(pm, target, users):
    """
    A PM that takes no refresh token is logged in to again, once per token and not once per worker.
    """
    pm.faults.add(Fault(kind=FaultKind.REFUSE_REFRESH))
    result = run_job(users, target, options=RunOptions(concurrency=2, last_row=31))
    logins, refreshes = session_calls(pm)
    assert (0, refreshes) == (result.exit_code, logins - 1)
    assert refreshes >= 1


def test_tokens_that_end_at_once_are_replaced_once_for_all(pm, target, users):
    """
    What PM refused with 401 is replayed, nothing else; each time the workers share one refresh, and there is one login.
    """
    pm.faults.add(*(Fault(kind=FaultKind.EXPIRE_TOKENS, match="createUser", nth=nth) for nth in (10, 25, 40)))
    result = run_job(users, target, options=RunOptions(concurrency=4))
    assert (0, (1, 3)) == (result.exit_code, session_calls(pm))
    assert {} == applied_twice(pm)


def test_a_login_refused_in_mid_run_stops_it(pm, target, users):
    """
    PM sees one more login, the wrong one, however many workers want a token; no row fails for it, and resume does the rest.
    """
    administrator = pm.world.user_by_id("admin")
    pm.faults.add(Fault(kind=FaultKind.EXPIRE_TOKENS, match="createUser", nth=20), Fault(kind=FaultKind.REFUSE_REFRESH))

    def change_password(_watch):
        administrator.password = "Changed-1234!"

    result = run_job(users, target, options=RunOptions(), watch=change_password)
    assert (4, LoginError, 2) == (result.exit_code, type(result.stopped_by), session_calls(pm)[0])
    assert (1, False) == (administrator.failed_logins, administrator.locked)
    assert {"succeeded", "unknown", "not_run"} >= set(statuses(result.results, "users"))
    administrator.password = PASSWORD
    pm.faults.clear()
    resumed = resume_job(None, lambda _facts: target, target.state_dir)
    assert (0, {}) == (resumed.exit_code, applied_twice(pm))


@pytest.mark.parametrize("rows", [10, ROWS], ids=["one by one", "as a list"])
def test_a_login_refused_after_the_last_row_is_nobodys_failure(pm, target, workbook, rows):
    """
    The ids are looked up when all rows are done; where PM will not tell them any more, the results are written without.
    """
    made = [[f"tok{number:03}", "Tok", str(number), "Welcome-1234!"] for number in range(rows)]
    path = workbook({"users": [["userId", "firstName", "lastName", "newPassword"], *made]})
    pm.faults.add(Fault(kind=FaultKind.EXPIRE_TOKENS, match="reads", nth=1), Fault(kind=FaultKind.REFUSE_REFRESH))

    def change_password(_watch):
        pm.world.user_by_id("admin").password = "Changed-1234!"

    result = run_job(path, target, options=RunOptions(), watch=change_password)
    assert (0, ["succeeded"] * rows) == (result.exit_code, statuses(result.results, "users"))
    assert 2 == session_calls(pm)[0]
