"""What entities need of a job while they prepare rows: the client, the names PM knows, and what to do about objects that exist already."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pmbulk.entities.directory import Directory
from pmbulk.entities.names import fold
from pmbulk.errors import RejectedError

if TYPE_CHECKING:
    from pmbulk.pm.client import PmClient
    from pmbulk.seal import Seal

__all__ = ["Carry", "IfExists", "Session", "Unread"]


class IfExists(StrEnum):
    """What becomes of a row that creates an object which PM already has."""

    #: The row fails, and says so.
    FAIL = "fail"
    #: The row is skipped.
    SKIP = "skip"
    #: The row updates the object.
    UPDATE = "update"


class Carry(StrEnum):
    """What becomes of a move that cannot carry everything."""

    #: The row is refused where something of value would be lost.
    STRICT = "strict"
    #: The row goes on and tells what was lost.
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Unread:
    """What an export leaves out, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass
class Session:
    """One job's view of PM."""

    client: PmClient
    if_exists: IfExists = IfExists.FAIL
    #: What becomes of moves whose rows do not say it.
    carry: Carry = Carry.STRICT
    #: Whether a create or a delete looks for its object before it says what it would do.
    look_first: bool = False
    #: The one subsystem whose extensions an export reads (``None``: all).
    only_subsystem: str | None = None
    #: The only extensions that an export reads, by folded name of the subsystem and number (``None``: all).
    only_extensions: Container[tuple[str, str]] | None = None
    #: Gives what seals a row's secrets where the journal has to keep them (``None``: nothing is kept).
    seal: Callable[[], Seal] | None = None
    #: What an earlier run kept for the row.
    kept: str = ""
    #: What PM did not let an export read.
    unread: list[Unread] = field(default_factory=list, init=False)
    #: What each number of a subsystem turned out to be while it was exported.
    types: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.client)

    def reads_extension(self, subsystem: str, number: str) -> bool:
        """Whether an export reads the extension *number* of the *subsystem*."""
        return self.only_extensions is None or (fold(subsystem), number) in self.only_extensions

    def taken_up(self, kept: str) -> Session:
        """
        The session for a row that an earlier run has sent, and for which it *kept* what it needs.

        That run has looked before, so what is there now may be the row's own and is not skipped.
        """
        if_exists = IfExists.FAIL if self.if_exists is IfExists.SKIP else self.if_exists
        return self._but(if_exists=if_exists, kept=kept)

    def finding(self, if_exists: IfExists) -> Session:
        """The session for a row that goes by *if_exists*, whatever the job's own policy, and looks no further than it must."""
        return self._but(if_exists=if_exists, look_first=False, kept="")

    def _but(self, **changes: Any) -> Session:
        session = replace(self, **changes)
        session.directory = self.directory
        return session

    async def read(
        self, name: str, *, path: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """
        What PM answers to the read called *name*; ``None`` where it says that the object is not there.

        Raises:
            RejectedError: If PM refuses to tell.
        """
        try:
            content = (await self.client.call(name, path=dict(path or {}), query=dict(query or {}))).content
        except RejectedError as refusal:
            if refusal.http in self.client.assumptions.absent_statuses:
                return None
            raise
        return dict(content) if isinstance(content, Mapping) else {}
