"""What entities need of a job while they prepare rows: the client, the names PM knows, and what to do about objects that exist already."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pmbulk.entities.directory import Directory

if TYPE_CHECKING:
    from pmbulk.pm.client import PmClient

__all__ = ["IfExists", "Session"]


class IfExists(StrEnum):
    """What becomes of a row that creates an object which PM already has."""

    #: The row fails, and says so.
    FAIL = "fail"
    #: The row is skipped.
    SKIP = "skip"
    #: The row updates the object.
    UPDATE = "update"


@dataclass
class Session:
    """One job's view of PM; with *look_first* a create looks whether its object is there before it says what it would do, and so does a delete."""

    client: PmClient
    if_exists: IfExists = IfExists.FAIL
    look_first: bool = False
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.client)
