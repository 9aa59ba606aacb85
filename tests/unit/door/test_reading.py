# ruff: noqa: D102 - the double's methods are documented in the class that it stands for
from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from pmbulk.door.reading import Patience
from pmbulk.endpoints import endpoint
from pmbulk.errors import RejectedError, StoppedError, TransientError, UnreachableError
from pmbulk.jobs.retry import RetryPolicy
from pmbulk.jobs.room import Room
from pmbulk.pm.classify import Answer

READ = endpoint("listLocations")
POLICY = RetryPolicy(attempts_max=3, retry_deadline_s=60)


class Clock:
    """Time that passes only in sleep."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def utc_now(self):
        return datetime.fromtimestamp(self.now, UTC)

    async def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    """
    A clock at 0.
    """
    return Clock()


@pytest.fixture
def patience(clock):
    """
    Three attempts, and up to a minute of silence.
    """
    return Patience(Room(1), policy=POLICY, clock=clock, random=Random(1))


def answering(*answers):
    """An attempt that gives, or raises, one after the other; and the list of those that are left."""
    left = list(answers)

    async def attempt():
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return attempt, left


async def test_what_is_transient_is_tried_again(patience):
    """
    A read that fails for a moment gives its answer in the end.
    """
    attempt, left = answering(TransientError("busy", http=503), TransientError("busy", http=503), Answer(200, []))
    assert Answer(200, []) == await patience(READ, attempt)
    assert [] == left


async def test_pms_wait_is_kept_and_does_not_count(patience, clock):
    """
    However often PM asks for a wait, it is kept, as long as the deadline allows.
    """
    waits = [TransientError("slowly", http=429, retry_after_s=10.0)] * 5
    attempt, _left = answering(*waits, Answer(200, []))
    await patience(READ, attempt)
    assert 50.0 == clock.now
    attempt, _left = answering(TransientError("slowly", http=429, retry_after_s=61.0))
    with pytest.raises(StoppedError, match="PM keeps asking to wait"):
        await patience(READ, attempt)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransientError("down", http=503), TransientError),
        (TransientError("no route"), UnreachableError),
        (RejectedError("no", http=404), RejectedError),
    ],
    ids=["answered", "no answer", "refused"],
)
async def test_patience_ends(patience, error, expected):
    """
    An error that stays is told as it is; a PM that never answers ends the command.
    """
    attempt, _left = answering(error, error, error)
    with pytest.raises(expected):
        await patience(READ, attempt)


async def test_a_write_never_leaves(patience):
    """
    A session that reads cannot be made to write.
    """
    attempt, left = answering(Answer(201, None))
    with pytest.raises(TypeError, match="createLocation writes, and this session only reads"):
        await patience(endpoint("createLocation"), attempt)
    assert 1 == len(left)
