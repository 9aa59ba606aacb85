"""
What to do after an attempt that PM did not say yes to.

Pure: no clock, no sleep, no random of its own. The runner acts on the decision, outside every concurrency limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from pmbulk.errors import AmbiguousError, RowError, TransientError

__all__ = ["LATE_S", "Decision", "Failures", "RetryPolicy", "Verb", "decide", "delay"]

#: The status by which PM, or what stands before it, says that it is asked too often (RFC 6585).
_TOO_OFTEN: Final = 429
#: How late a request may have its effect; one user takes PM up to 2 s (DOMAIN 4).
LATE_S: Final = 5.0


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
    *wait_initial_s* up to *wait_max_s*. *retry_deadline_s* is how long a step may be held up by waits that PM asked for before the run stops, *busy_max_s*
    how long by a busy lane before the row fails: the other lanes have nothing to do with it. Waits for a lane begin at *busy_initial_s*, because the rows
    behind it wait as well. *late_s* is how long PM may still be at work on a request that it did not answer: only then does it count that reading shows
    nothing of it.
    """

    attempts_max: int = 6
    wait_initial_s: float = 0.5
    wait_max_s: float = 30.0
    retry_deadline_s: float = 300.0
    busy_max_s: float = 60.0
    busy_initial_s: float = 0.1
    late_s: float = LATE_S


@dataclass(frozen=True, slots=True)
class Decision:
    """The *verb*, the seconds to wait before it, and whether *everyone* waits because PM asked for it."""

    verb: Verb
    wait_s: float = 0.0
    everyone: bool = False


@dataclass(slots=True)
class Failures:
    """
    What has gone wrong with one step, or one reading, so far.

    *count* are the attempts that failed. One by which PM only asked for patience is none of them: under a tight rate limit, or while the PBX runs an
    exclusive command, a row may be turned away many times without anything being wrong with it, so that is limited by a deadline alone. *asked* is how
    often PM has answered so in a row, and *asked_since* the second of the caller's clock of the first time (`None`: its last answer was another one).
    """

    count: int = 0
    asked: int = 0
    asked_since: float | None = None

    def add(self, error: RowError, *, now: float) -> None:
        """Take in how an attempt ended."""
        if not _asks_for_patience(error):
            self.count += 1
            self.asked, self.asked_since = 0, None
            return
        self.asked += 1
        if self.asked_since is None:
            self.asked_since = now


def _asks_for_patience(error: RowError) -> bool:
    """Whether PM only wants to be asked later: it said when, or that it is asked too often (429), or that the row's lane is busy."""
    if not isinstance(error, TransientError | AmbiguousError):
        return False
    return bool(error.retry_after_s) or error.http == _TOO_OFTEN or (isinstance(error, TransientError) and error.busy)


def delay(failures: int, policy: RetryPolicy, *, random: Random, initial_s: float | None = None) -> float:
    """
    Seconds to wait after so many *failures*, if PM does not say how long.

    Uniform between 0 and a ceiling that doubles from *initial_s* (`None`: *policy.wait_initial_s*), after the first, up to *policy.wait_max_s*.

    Source: design.md 3.4, point 4.
    """
    doublings = min(max(failures - 1, 0), 60)  # beyond that only the cap counts, and a float would overflow
    first_s = policy.wait_initial_s if initial_s is None else initial_s
    return random.uniform(0.0, min(policy.wait_max_s, first_s * 2**doublings))


def decide(policy: RetryPolicy, failures: Failures, *, repeatable: bool, error: RowError, now: float, random: Random) -> Decision:
    """
    What follows from *error*, the last of the *failures* of a step, at the second *now* of the caller's clock.

    A wait that PM asks for is kept in full (RFC 9110 section 10.2.3), and drawn where PM does not say how long, unless the step was held up by such waits
    for too long. What keeps one lane busy is no wait for everyone, nor their end.

    Source: design.md 3.4, points 2 to 4.
    """
    if not isinstance(error, TransientError | AmbiguousError):
        return Decision(Verb.SETTLE)
    ambiguous = isinstance(error, AmbiguousError)
    must_read = ambiguous and not repeatable
    if _asks_for_patience(error):
        held_up_s = 0.0 if failures.asked_since is None else now - failures.asked_since
        everyone = bool(error.retry_after_s) or error.http == _TOO_OFTEN
        initial_s = None if everyone else policy.busy_initial_s
        wait_s = error.retry_after_s or delay(failures.asked, policy, random=random, initial_s=initial_s)
        if held_up_s + wait_s > (policy.retry_deadline_s if everyone else policy.busy_max_s):
            return Decision(Verb.STOP if everyone else Verb.SETTLE)
        return Decision(Verb.RECONCILE if must_read else Verb.RETRY, wait_s=wait_s, everyone=everyone)
    if must_read or failures.count >= policy.attempts_max:
        return Decision(Verb.RECONCILE if ambiguous else Verb.SETTLE)
    return Decision(Verb.RETRY, wait_s=delay(failures.count, policy, random=random))
