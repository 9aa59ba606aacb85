from __future__ import annotations

from random import Random

import pytest

from pmbulk.errors import AmbiguousError, RejectedError, TransientError
from pmbulk.jobs.retry import Decision, Failures, RetryPolicy, Verb, decide, delay

POLICY = RetryPolicy(attempts_max=3, wait_initial_s=0.5, wait_max_s=4.0, retry_deadline_s=60.0)


class Highest(Random):
    """Always draws the upper end."""

    def uniform(self, *bounds):
        """The higher of the bounds."""
        return max(bounds)


def decided(error, *, repeatable=False, attempt=1, held_up_s=0.0):
    failures = Failures(attempt, asked_since=100.0 - held_up_s)
    return decide(POLICY, failures, repeatable=repeatable, error=error, now=100.0, random=Highest())


@pytest.mark.parametrize(("failures", "ceiling"), [(0, 0.5), (1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 4.0), (5000, 4.0)])
def test_ceiling_doubles_up_to_the_cap(failures, ceiling):
    """
    The longest wait doubles with each failure after the first and never passes the cap, however many there were.
    """
    assert ceiling == delay(failures, POLICY, random=Highest())


@pytest.mark.parametrize("seed", range(5))
def test_wait_is_drawn_from_zero_to_the_ceiling(seed):
    """
    The jitter is full: draws spread over the whole range below the ceiling.
    """
    random = Random(seed)
    draws = [delay(3, POLICY, random=random) for _ in range(200)]
    assert 0.0 <= min(draws) < 0.2
    assert 1.8 < max(draws) <= 2.0


REJECTED = RejectedError("no")
TRANSIENT = TransientError("busy")
ASKED = TransientError("slow down", retry_after_s=20.0)
TOO_OFTEN = TransientError("slow down", http=429)
BUSY = TransientError("busy", http=500, busy=True)
AMBIGUOUS = AmbiguousError("lost")
AMBIGUOUS_ASKED = AmbiguousError("unavailable", retry_after_s=20.0)


@pytest.mark.parametrize(
    ("error", "given", "decision"),
    [
        pytest.param(REJECTED, {}, Decision(Verb.SETTLE), id="a refusal is the end"),
        pytest.param(TRANSIENT, {}, Decision(Verb.RETRY, wait_s=0.5), id="transient is tried again"),
        pytest.param(TRANSIENT, {"attempt": 2}, Decision(Verb.RETRY, wait_s=1.0), id="and again, later"),
        pytest.param(TRANSIENT, {"attempt": 3}, Decision(Verb.SETTLE), id="until the attempts are used up"),
        pytest.param(ASKED, {}, Decision(Verb.RETRY, wait_s=20.0, everyone=True), id="a wait that PM asks for is everyone's"),
        pytest.param(ASKED, {"attempt": 9}, Decision(Verb.RETRY, wait_s=20.0, everyone=True), id="and is no failed attempt"),
        pytest.param(ASKED, {"held_up_s": 40.0}, Decision(Verb.RETRY, wait_s=20.0, everyone=True), id="up to the deadline"),
        pytest.param(ASKED, {"held_up_s": 40.5}, Decision(Verb.STOP), id="beyond the deadline the run stops"),
        pytest.param(TOO_OFTEN, {"attempt": 9}, Decision(Verb.RETRY, wait_s=0.5, everyone=True), id="so is one that PM does not measure"),
        pytest.param(TOO_OFTEN, {"held_up_s": 60.0}, Decision(Verb.STOP), id="which has the same deadline"),
        pytest.param(BUSY, {"attempt": 9}, Decision(Verb.RETRY, wait_s=0.1), id="a busy lane is waited for, not by everyone"),
        pytest.param(BUSY, {"held_up_s": 60.0}, Decision(Verb.SETTLE), id="nor for ever, and it is not the run's end"),
        pytest.param(AMBIGUOUS, {}, Decision(Verb.RECONCILE), id="a lost reply is looked into"),
        pytest.param(AMBIGUOUS, {"attempt": 3}, Decision(Verb.RECONCILE), id="also on the last attempt"),
        pytest.param(AMBIGUOUS, {"repeatable": True}, Decision(Verb.RETRY, wait_s=0.5), id="what is repeatable is just repeated"),
        pytest.param(AMBIGUOUS, {"repeatable": True, "attempt": 3}, Decision(Verb.RECONCILE), id="and looked into at last"),
        pytest.param(AMBIGUOUS_ASKED, {}, Decision(Verb.RECONCILE, wait_s=20.0, everyone=True), id="looked into after PM's wait"),
        pytest.param(AMBIGUOUS_ASKED, {"held_up_s": 50.0}, Decision(Verb.STOP), id="no reading beyond the deadline"),
    ],
)
def test_decision(error, given, decision):
    """
    What follows depends on the error, whether the step is repeatable, the attempt and how long it was held up, on nothing else.
    """
    assert decision == decided(error, **given)


@pytest.mark.parametrize(
    ("errors", "failures"),
    [
        pytest.param([ASKED, AMBIGUOUS_ASKED, ASKED], Failures(0, 3, asked_since=0.0), id="waits count from the first, and as no failure"),
        pytest.param([TOO_OFTEN, BUSY], Failures(0, 2, asked_since=0.0), id="also those that PM does not measure"),
        pytest.param([TRANSIENT, REJECTED, AMBIGUOUS], Failures(3), id="all else counts"),
        pytest.param([ASKED, TRANSIENT], Failures(1), id="another answer ends the waits"),
        pytest.param([TRANSIENT, ASKED], Failures(1, 1, asked_since=1.0), id="waits count from when PM began to ask"),
    ],
)
def test_failures(errors, failures):
    """
    Attempts that PM answered with a wait are told from those that failed.
    """
    found = Failures()
    for now, error in enumerate(errors):
        found.add(error, now=float(now))
    assert failures == found
