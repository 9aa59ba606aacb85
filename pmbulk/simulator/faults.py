"""
What goes wrong on a bad day: a plan of faults, drawn once for every request.

Decides only which fault strikes; `app` does the damage. Seeded, so that a bad day can be had again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pmbulk.endpoints import ENDPOINTS, Endpoint

__all__ = ["HONEST", "WITHOUT_WORK", "Fault", "FaultKind", "FaultPlan"]

_GROUPS: Final = frozenset({"all", "reads", "writes"})


class FaultKind(StrEnum):
    """What a fault does to the request that it strikes."""

    #: Waits, then works as usual.
    LATENCY = "latency"
    #: Answers ``status`` without doing the work.
    STATUS = "status"
    #: Does the work and answers ``status`` all the same, as a gateway may.
    STATUS_AFTER = "status-after"
    #: Answers ``COMMAND BUSY`` with ``status`` without doing the work (DOMAIN 4, concurrency).
    BUSY = "busy"
    #: Does not do the work and does not answer.
    TIMEOUT_BEFORE = "timeout-before"
    #: Does the work and does not answer.
    TIMEOUT_AFTER = "timeout-after"
    #: Resets the connection without doing the work.
    RESET_BEFORE = "reset-before"
    #: Does the work and resets the connection.
    RESET_AFTER = "reset-after"
    #: Does the work and sends half of the answer.
    TRUNCATE = "truncate"
    #: Does the work and answers 200 with a page of HTML, as a proxy might.
    HTML = "html"
    #: Makes an extension without its name, codes and terminal, and answers ``status``; strikes extension creates only (DOMAIN 1).
    HALF_MADE = "half-made"
    #: Lets every access token expire, this request's included.
    EXPIRE_TOKENS = "expire-tokens"
    #: Refuses a refresh token that is good; strikes nothing but ``refreshToken``.
    REFUSE_REFRESH = "refuse-refresh"


#: Kinds that leave the world as it was.
WITHOUT_WORK: Final = frozenset(
    {FaultKind.STATUS, FaultKind.BUSY, FaultKind.TIMEOUT_BEFORE, FaultKind.RESET_BEFORE, FaultKind.REFUSE_REFRESH}
)
#: Kinds whose answer, or half of one, is what the work came to.
HONEST: Final = frozenset({FaultKind.LATENCY, FaultKind.EXPIRE_TOKENS, FaultKind.TRUNCATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One rule of a plan.

    *match* is an operation's name, ``reads``, ``writes`` (neither includes the session calls) or ``all``. Of the requests that match,
    *nth* picks one (from 1; ``None``: every one), of those *probability* leaves some alone, and *limit* ends it (``None``: never).
    *status* is what the kinds that answer one answer, *retry_after* goes with it as it stands (seconds or a date). *seconds* is how long
    ``latency`` waits, and how long a timeout holds the connection.

    Raises:
        ValueError: If *match* names nothing that PM has.
    """

    kind: FaultKind
    match: str = "all"
    nth: int | None = None
    probability: float = 1.0
    limit: int | None = None
    status: int = 503
    retry_after: str | None = None
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.match not in _GROUPS and self.match not in ENDPOINTS:
            raise ValueError(f"no operation is called {self.match!r}; or use one of {', '.join(sorted(_GROUPS))}")

    def matches(self, endpoint: Endpoint) -> bool:
        """Whether *endpoint* is among what this fault may strike."""
        if self.kind is FaultKind.REFUSE_REFRESH:
            return endpoint.name == "refreshToken"
        if self.kind is FaultKind.HALF_MADE:
            return endpoint.name.startswith("create") and endpoint.name.endswith("Extension")
        if self.match == "writes":
            return endpoint.writes
        if self.match == "reads":
            return endpoint.reads
        return self.match in ("all", endpoint.name)


@dataclass(slots=True)
class _Tally:
    matched: int = 0
    struck: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The faults in force, and how often each has matched and struck; may be changed while the simulator runs."""

    seed: int = 0
    _rules: list[tuple[Fault, _Tally]] = field(init=False, default_factory=list)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable by intent; nothing secret is drawn

    def add(self, *faults: Fault) -> None:
        """Puts *faults* in force, after those that already are."""
        self._rules = [*self._rules, *((fault, _Tally()) for fault in faults)]

    def clear(self) -> None:
        """Ends the bad day."""
        self._rules = []

    def struck(self) -> int:
        """How often any fault in force has struck."""
        return sum(tally.struck for _, tally in self._rules)

    def draw(self, endpoint: Endpoint) -> Fault | None:
        """The first fault that strikes this request; every rule that matches counts it, struck or not."""
        drawn: Fault | None = None
        for fault, tally in self._rules:
            if not fault.matches(endpoint):
                continue
            tally.matched += 1
            if drawn is None and self._strikes(fault, tally):
                tally.struck += 1
                drawn = fault
        return drawn

    def _strikes(self, fault: Fault, tally: _Tally) -> bool:
        if fault.nth is not None and fault.nth != tally.matched:
            return False
        if fault.limit is not None and tally.struck >= fault.limit:
            return False
        return fault.probability >= 1.0 or self._random.random() < fault.probability
