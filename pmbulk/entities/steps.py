"""
What a row comes to: its verdict, the cells it changes and the requests it takes.

An entity prepares a `Plan` by reading; the runner sends its steps. The runner sees callables only: it knows neither HTTP nor PM.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Change", "Plan", "Reply", "Standing", "Step", "Verdict"]


class Verdict(StrEnum):
    """What a row would do to PM as it is now."""

    #: The object is not there and will be made.
    CREATE = "create"
    #: The object is there and some cells differ.
    CHANGE = "change"
    #: The object is there and will go.
    DELETE = "delete"
    #: PM already is as the row asks for.
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """One field's difference: *path* as the sheet's header, *old* and *new* as plain values; secrets are given as `Secret`."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What PM answered to a step: *http* status, and the object's *id* if PM told it (``""``: it did not)."""

    http: int
    id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What reading shows of an ambiguous step.

    *done* is true where the object is as the step wanted it, false where the step had no effect, ``None`` where something is there but different,
    which *difference* then says in words. *id* is PM's id of the object (``""``: not known). *completion* is the request that makes a part of the
    object, all that is there, into the whole; it takes the step's place (``None``: nothing but the step itself would do).
    """

    done: bool | None
    difference: str = ""
    id: str = ""
    completion: Step | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """
    One request of an operation.

    *name* is the endpoint's name. *repeatable* steps may be sent twice blindly. *send* does one attempt and raises a `RowError` where PM does not say
    yes. *reconcile* finds out by reading what an ambiguous attempt did; it raises a `RowError` where it cannot read.
    """

    name: str
    repeatable: bool
    send: Callable[[], Awaitable[Reply]]
    reconcile: Callable[[], Awaitable[Standing]]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A row's verdict with its steps in order (none: nothing is to be sent).

    *changes* are what an update makes different; a create has none, since everything of it is new. *message* says in plain words what was found where there is nothing to do, else what is good to know beside it. *id* is PM's id of the object, if it exists (``""``: not known).
    """

    verdict: Verdict
    steps: tuple[Step, ...] = ()
    changes: tuple[Change, ...] = ()
    message: str = ""
    id: str = ""
