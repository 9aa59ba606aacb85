from __future__ import annotations

from dataclasses import replace

import pytest

from pmbulk.cli.chaos import outcomes_of, write_rehearsal
from pmbulk.door.running import Target, run_job
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import FaultKind, SimulatorSettings, running
from pmbulk.simulator.books import audit
from pmbulk.simulator.rehearsal import made_up_users, rehearsal

ROWS = rehearsal(33)


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """
    One team's rows after a calm day: their outcomes, the requests, and what PM then holds.
    """
    folder = tmp_path_factory.mktemp("calm")
    with running(SimulatorSettings(generated_users=made_up_users(len(ROWS)))) as pm:
        target = Target(Connection(pm.url, "admin", Secret(pm.settings.password)), folder / "state")
        result = run_job(write_rehearsal(ROWS, folder / "rows.xlsx"), target)
        yield outcomes_of(ROWS, result.results), list(pm.requests), pm.world


def place_of(operation, outcome="succeeded"):
    return next(place for place, row in enumerate(ROWS) if (row.operation, row.outcome) == (operation, outcome))


def test_a_calm_day_has_no_contradictions(calm):
    """
    What is told agrees with the books.
    """
    outcomes, requests, world = calm
    assert [row.outcome for row in ROWS] == outcomes
    assert [] == audit(ROWS, outcomes, requests=requests, world=world).contradictions


@pytest.mark.parametrize(
    ("operation", "outcome", "told", "where"),
    [
        ("createUser", "succeeded", None, "lost"),
        ("createUser", "succeeded", "not_run", "lost"),
        ("createUser", "succeeded", "failed", "wrong"),
        ("createUser", "succeeded", "unknown", "wrong"),
        ("createUser", "succeeded", "skipped", "wrong"),
        ("createUser", "failed", "succeeded", "lost"),
        ("createUser", "invalid", "succeeded", "lost"),
        ("createVirtualExtension", "succeeded", "failed", "wrong"),
        ("updateLocation", "succeeded", "failed", "wrong"),
        ("deleteUser", "succeeded", "failed", "wrong"),
        ("createLocation", "succeeded", "unknown", "unknown"),
    ],
)
def test_an_outcome_that_is_not_so_is_found(calm, operation, outcome, told, where):
    """
    A row that is told otherwise than the books have it is named.
    """
    outcomes, requests, world = calm
    place = place_of(operation, outcome)
    told_wrong = [told if each == place else one for each, one in enumerate(outcomes)]
    found = audit(ROWS, told_wrong, requests=requests, world=world)
    assert 1 == len(getattr(found, where))
    assert (1 if where != "unknown" else 0) == len(found.contradictions)


def test_a_write_done_twice_is_found(calm):
    """
    A create that PM has carried out twice is a contradiction, whatever the row says.
    """
    outcomes, requests, world = calm
    create = next(arrival for arrival in requests if arrival.operation == "createPersonalNumberList")
    assert 1 == len(audit(ROWS, outcomes, requests=[*requests, create], world=world).duplicated)


def test_a_half_made_extension_is_told_apart(calm):
    """
    Half a create that failed in the end is no contradiction; it is counted by itself.
    """
    outcomes, requests, world = calm
    removed = next(row.subject for row in ROWS if row.operation == "deleteExtension")
    place = next(place for place, row in enumerate(ROWS) if row.subject == removed)
    mark = ROWS[place].mark
    halved = [replace(one, fault=FaultKind.HALF_MADE) if one.body and mark in str(one.body) else one for one in requests]
    told = ["failed" if each == place else one for each, one in enumerate(outcomes)]
    found = audit(ROWS, told, requests=halved, world=world)
    assert (1, []) == (len(found.half_made), found.wrong)


@pytest.mark.parametrize("looked", [True, False], ids=["looked", "blind"])
def test_a_create_sent_again_blindly_is_found(calm, looked):
    """
    A create that follows one whose reply was lost counts as done twice, unless PM was asked in between.
    """
    outcomes, requests, world = calm
    row = ROWS[place_of("createUser")]
    at = next(place for place, each in enumerate(requests) if each.operation == "createUser" and row.mark in repr(each.body))
    lost = replace(requests[at], fault=FaultKind.TIMEOUT_BEFORE, worked=None, status=None)
    look = replace(requests[at], method="GET", operation="getUserByUserId", path=f"/by-user-id/{row.subject[-1]}", body=None, status=404)
    again = [*requests[:at], lost, *([look] if looked else []), *requests[at:]]
    found = audit(ROWS, outcomes, requests=again, world=world)
    assert (0 if looked else 1) == len(found.duplicated)
