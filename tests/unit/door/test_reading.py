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


async def test_a_wait_after_slow_failures_is_within_the_deadline(patience, clock):
    """
    The deadline is for waits that PM asks for, not for the time that attempts took before it first did.
    """
    attempt, left = answering(
        *[TransientError("failed", http=500)] * 2, TransientError("slowly", http=429, retry_after_s=10.0), Answer(200, [])
    )

    async def slowly():
        clock.now += 40.0
        return await attempt()

    await patience(READ, slowly)
    assert [] == left


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


async def test_a_pm_that_answers_nobody_is_waited_for(patience, clock):
    """
    A restart of PM costs time and no attempts; beyond the deadline PM counts as gone.
    """
    gone = TransientError("PM cannot be reached", unanswered=True)
    attempt, left = answering(*[gone] * 8, Answer(200, []))
    await patience(READ, attempt)
    assert [] == left
    assert 0 < clock.now < 60
    attempt, _left = answering(*[gone] * 1000)
    began = clock.now
    with pytest.raises(UnreachableError, match="PM cannot be reached"):
        await patience(READ, attempt)
    assert clock.now - began <= 60


async def test_a_read_that_alone_gets_no_answer_has_an_end(patience):
    """
    While PM answers others, a read that a gateway gives up has its usual attempts.
    """
    late = TransientError("late", http=504, unanswered=True)
    answer, _left = answering(*[Answer(200, [])] * 9)
    attempt, left = answering(*[late] * 9)

    async def both():
        await patience(READ, answer)
        return await attempt()

    with pytest.raises(TransientError, match="late"):
        await patience(READ, both)
    assert 6 == len(left)


async def test_a_write_never_leaves(patience):
    """
    A session that reads cannot be made to write.
    """
    attempt, left = answering(Answer(201, None))
    with pytest.raises(TypeError, match="createLocation writes, and this session only reads"):
        await patience(endpoint("createLocation"), attempt)
    assert 1 == len(left)
