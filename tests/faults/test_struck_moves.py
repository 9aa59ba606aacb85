"""A part of ``python -m tests.faults.moves``: every request of a move struck by one kind of fault, its writes by more, and some kills."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.moving import cases, ended, rehearsed

STAGES = ["forward", "back before the delete", "back after the delete"]
WRITES = ("create", "update", "delete")
#: Requests of the way forward at whose answer the process is killed.
KILLED = ["createIpExtension", "updateUser", "deleteExtension", "updatePhoneKeys", "getUserByRecId"]


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """
    What PM holds before and after a calm move, and the stages of moves with their requests.
    """
    return rehearsed(tmp_path_factory.mktemp("calm"))


def undeclared(chosen, folder, calm):
    """
    The cases that end in no declared state, run side by side because they mostly wait.
    """
    before, moved, _stages = calm
    with ThreadPoolExecutor(max_workers=5) as pool:
        endings = pool.map(lambda one: ended(one[1], folder / str(one[0]), before, moved), enumerate(chosen))
        return [f"{case}: {ending.name}; {ending.message}" for case, ending in zip(chosen, endings, strict=True) if not ending.declared]


@pytest.mark.slow
@pytest.mark.parametrize("name", STAGES)
def test_a_fault_at_any_request_ends_in_a_declared_state(calm, tmp_path, name):
    """
    The extension has moved with all that belongs to it, or all is as it was, or the row is unknown and names a file with what was.
    """
    (stage,) = (one for one in calm[2] if one.name == name)
    chosen = []
    for place, request in enumerate(stage.requests):
        can = [case for case in cases([stage]) if case.request == request and not case.crash]
        always = {"refused", "timeout after"} if request.operation.startswith(WRITES) else set()
        turn = can[place % len(can)]
        chosen += [case for case in can if case is turn or case.kind in always]
    assert [] == undeclared(chosen, tmp_path, calm)


@pytest.mark.slow
def test_a_kill_at_a_request_ends_in_a_declared_state(calm, tmp_path):
    """
    So it is where the process is killed while it waits for the answer and the job is resumed.
    """
    forward = calm[2][0]
    last = {request.operation: request for request in forward.requests}
    killed = {last[operation] for operation in KILLED}
    # A read changes nothing, so it does not matter whether PM had answered it.
    chosen = [
        case
        for case in cases([forward])
        if case.crash and case.request in killed and (case.kind.endswith("after") or not case.request.operation.startswith(WRITES))
    ]
    assert len(killed) == len(chosen)
    assert [] == undeclared(chosen, tmp_path, calm)
