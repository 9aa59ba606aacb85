"""
Whether PM is there at all, judged by how often in a row it does not answer, and when it is asked again.

Pure: no clock, no sleep and no request of its own. One worker's bad luck is a matter of `retry`; what befalls all of them one after the other is an
outage, and none of them is to blame for it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Outage", "OutagePolicy"]


@dataclass(frozen=True, slots=True)
class OutagePolicy:
    """
    When a run takes PM for gone, and how long it waits for it.

    *misses_max* is the number of requests without an answer, and with none answered in between, that makes a suspicion: few enough for a row that is
    alone to raise it before its attempts are used up. PM is then asked after waits that double from *wait_initial_s* up to *wait_max_s*, for the last
    time *deadline_s* after the suspicion.
    """

    misses_max: int = 5
    wait_initial_s: float = 1.0
    wait_max_s: float = 60.0
    deadline_s: float = 900.0


class Outage:
    """
    One run's view of PM's absence.

    It is only suspected until PM has been asked once more, and did not answer; *confirmed* counts those suspicions that were true, so that a row can
    tell whether its failures were its own.
    """

    def __init__(self, policy: OutagePolicy) -> None:
        self.policy = policy
        self.confirmed = 0
        #: The second of the caller's clock at which the suspicion was raised; `None` while there is none.
        self.suspected_at: float | None = None
        #: Why the last request that was not answered was not, in words; ``""`` before there is one.
        self.reason = ""
        self._misses = 0
        self._probes = 0

    @property
    def suspected(self) -> bool:
        """Whether everybody waits until PM has been asked."""
        return self.suspected_at is not None

    def answered(self) -> None:
        """Note that PM answered a request, whatever it said."""
        self._misses = 0

    def missed(self, reason: str, *, now: float, at_once: bool = False) -> None:
        """Note that a request was not answered; *at_once* raises the suspicion without waiting for more of them."""
        self.reason = reason
        self._misses += 1
        if not self.suspected and (at_once or self._misses >= self.policy.misses_max):
            self.suspected_at = now
            self._probes = 0

    def next_wait_s(self, now: float) -> float | None:
        """Seconds until PM is to be asked again; `None` if it was asked for the last time, or nothing is suspected."""
        if self.suspected_at is None:
            return None
        left = self.suspected_at + self.policy.deadline_s - now
        doublings = min(self._probes, 60)  # beyond that only the cap counts, and a float would overflow
        return min(left, self.policy.wait_max_s, self.policy.wait_initial_s * 2**doublings) if left > 0 else None

    def still_silent(self, reason: str) -> None:
        """Note that PM was asked and did not answer."""
        self.reason = reason
        self.confirmed += self._probes == 0
        self._probes += 1

    def in_words(self) -> str:
        """What a run that waited in vain is stopped with."""
        deadline_s = self.policy.deadline_s
        waited = f"{deadline_s / 60:g} minutes" if deadline_s >= 60 else f"{deadline_s:g} seconds"
        return f"PM has not answered for {waited} ({self.reason}); resume the job when it is there again"

    def over(self) -> None:
        """Note that PM was asked and answered."""
        self.suspected_at = None
        self._misses = 0
