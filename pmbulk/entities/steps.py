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
    """
    What PM answered to a step: *http* status, and the object's *id* if PM told it (``""``: it did not).

    *note* is what somebody should know of it even if the row succeeds (``""``: nothing).
    """

    http: int
    id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What reading shows of an ambiguous step.

    *done* is true where the object is as the step wanted it, false where the step had no effect, ``None`` where something is there but different,
    which *difference* then says in words. *id* is PM's id of the object (``""``: not known). *completion* is the request that makes a part of the
    object, all that is there, into the whole; it takes the step's place (``None``: nothing but the step itself would do). *note* is that of the reply
    that was lost.
    """

    done: bool | None
    difference: str = ""
    id: str = ""
    completion: Step | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One request of an operation.

    *name* is the endpoint's name. *repeatable* steps may be sent twice blindly. *send* does one attempt and raises a `RowError` where PM does not say
    yes. *reconcile* finds out by reading what an ambiguous attempt did; it raises a `RowError` where it cannot read. *undo* takes the step back where a
    later one fails (``None``: nothing of it has to be). A step that is the *last_word* fails the row without anything being taken back.
    """

    name: str
    repeatable: bool
    send: Callable[[], Awaitable[Reply]]
    reconcile: Callable[[], Awaitable[Standing]]
    undo: Step | None = None
    last_word: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A row's verdict, and the requests that it takes."""

    verdict: Verdict
    #: In order (none: nothing is to be sent).
    steps: tuple[Step, ...] = ()
    #: What an update makes different; a create has none, since everything of it is new.
    changes: tuple[Change, ...] = ()
    #: What was found where there is nothing to do, else what is good to know beside it; in plain words.
    message: str = ""
    #: PM's id of the object, if it exists (``""``: not known).
    id: str = ""
    #: What must outlive a crash for the plan to be made again, once some of its steps are done: text without secrets in clear (``""``: nothing).
    kept: str = ""
    #: Where to find what was, for whoever has to put it back by hand.
    rescue: str = ""
