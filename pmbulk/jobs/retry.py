"""
What to do after an attempt that PM did not say yes to.

Pure: no clock, no sleep, no random of its own. The runner acts on the decision, outside every concurrency limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from pmbulk.errors import AmbiguousError, PmbulkError, RowError, TransientError

__all__ = ["Decision", "RetryPolicy", "Verb", "decide", "delay", "uses_up"]


class Verb(StrEnum):
    """What comes next for the row."""

    #: The error is the row's end.
    SETTLE = "settle"
    #: The same step is tried again after the wait.
    RETRY = "retry"
    #: What the attempt did is found out by reading, after the wait.
    RECONCILE = "reconcile"
    #: PM is not there: the row goes on where it was once PM answers again.
    AWAIT = "await"
    #: The whole run ends; the row stays unsettled and is taken up by resume.
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    How patient a run is.

    *attempts_max* is the number of tries of one step, the first included. The wait between two tries is drawn below a ceiling that doubles from
    *wait_initial_s* up to *wait_max_s*. *retry_deadline_s* is how long a step may be held up by waits that PM asked for before the run stops.
    """

    attempts_max: int = 6
    wait_initial_s: float = 0.5
    wait_max_s: float = 30.0
    retry_deadline_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The *verb*, the seconds to wait before it, and whether *everyone* waits because PM asked for it."""

    verb: Verb
    wait_s: float = 0.0
    everyone: bool = False


def delay(attempt: int, policy: RetryPolicy, *, retry_after_s: float | None, random: Random) -> float:
    """
    Seconds to wait before the attempt that follows *attempt* (from 1).

    Uniform between 0 and a ceiling that doubles from *policy.wait_initial_s* up to *policy.wait_max_s*. A *retry_after_s* given by PM replaces
    the draw, not the deadline; `None` means PM gave none.

    Raises:
        ValueError: If *attempt* is below 1.

    Source: RFC 9110 section 10.2.3; design.md 3.4, point 4.
    """
    if attempt < 1:
        raise ValueError(f"attempts are counted from 1, not {attempt}")
    if retry_after_s is not None:
        return retry_after_s
    doublings = min(attempt - 1, 60)  # beyond that only the cap counts, and a float would overflow
    return random.uniform(0.0, min(policy.wait_max_s, policy.wait_initial_s * 2**doublings))


def uses_up(error: RowError) -> bool:
    """Whether *error* uses up one of the attempts that the policy grants; being asked to wait does not."""
    return not (isinstance(error, TransientError | AmbiguousError) and error.retry_after_s)


def decide(policy: RetryPolicy, *, repeatable: bool, attempt: int, held_up_s: float, error: PmbulkError, random: Random) -> Decision:
    """
    What follows from *error* on the given *attempt* (from 1) of a step.

    *held_up_s* are the seconds since PM began to answer the step with nothing but waits. Attempts that it answered so are limited by the deadline alone:
    under a tight rate limit a row may be turned away many times without anything being wrong with it, so the caller does not count them in *attempt*.

    Raises:
        ValueError: If *attempt* is below 1.

    Source: design.md 3.4, points 2 to 4.
    """
    if not isinstance(error, RowError):
        return Decision(Verb.STOP)
    if not isinstance(error, TransientError | AmbiguousError):
        return Decision(Verb.SETTLE)
    ambiguous = isinstance(error, AmbiguousError)
    must_read = ambiguous and not repeatable
    if error.retry_after_s:
        if held_up_s + error.retry_after_s > policy.retry_deadline_s:
            return Decision(Verb.STOP)
        return Decision(Verb.RECONCILE if must_read else Verb.RETRY, wait_s=error.retry_after_s, everyone=True)
    if must_read or attempt >= policy.attempts_max:
        return Decision(Verb.RECONCILE if ambiguous else Verb.SETTLE)
    return Decision(Verb.RETRY, wait_s=delay(attempt, policy, retry_after_s=None, random=random))
