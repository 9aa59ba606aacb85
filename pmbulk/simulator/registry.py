"""
Which function does the work of which operation.

A chapter registers its functions here under the names of the endpoint table; `app` finds them. Knows neither chapters nor ASGI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pmbulk.endpoints import Endpoint, endpoint
from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.settings import SimulatorSettings
from pmbulk.simulator.shapes import integer
from pmbulk.simulator.state import Extension, Subsystem, User, World

if TYPE_CHECKING:
    from pmbulk.simulator.auth import Sessions

__all__ = ["OPERATIONS", "Call", "Operation", "operation"]

_T = TypeVar("_T")


@dataclass(slots=True)
class Call:
    """One authorized request whose parameters are there and whose body has the right members and types."""

    endpoint: Endpoint
    settings: SimulatorSettings
    world: World
    sessions: Sessions
    caller: User
    header: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    #: Whether a fault lets only the first of a create's commands succeed.
    half_made: bool = False

    def text(self, name: str) -> str:
        """The path or query parameter *name*."""
        return self.path[name] if name in self.path else self.query[name]

    def number(self, name: str) -> int:
        """
        The path or query parameter *name* as an integer.

        Raises:
            RefusedError: 400 if it is none.
        """
        number = integer(self.text(name))
        if number is None:
            raise RefusedError(400, f"{name} must be an integer", code="WRONG_TYPE")
        return number

    def record(self, records: Mapping[int, _T], name: str, what: str) -> _T:
        """
        The one of *records* whose id is the path or query parameter *name*; *what* is the word for it.

        Raises:
            RefusedError: 404 if there is none, 400 if the parameter is no integer.
        """
        found = records.get(self.number(name))
        if found is None:
            raise RefusedError(404, f"There is no {what} {self.text(name)}", code="NOT_FOUND")
        return found

    def check_same(self, name: str, own: object) -> None:
        """
        Holds the member *name* of the body, if it is sent and not empty, against the path's *own*.

        Raises:
            RefusedError: 400 if they differ.
        """
        if self.body.get(name, own) not in (0, "", own):
            raise RefusedError(400, f"{name} in the body is not the one in the path", code="ID_MISMATCH")

    def subsystem(self, *, missing: int) -> Subsystem:
        """
        The subsystem that the parameter ``subsystemName`` means.

        Raises:
            RefusedError: *missing*, if there is none.
        """
        name = self.text("subsystemName")
        found = self.world.subsystem_by_name(name)
        subsystem_id = integer(name)
        if found is None and self.settings.subsystem_id_as_name and subsystem_id is not None:
            found = self.world.subsystems.get(subsystem_id)
        if found is None:
            raise RefusedError(missing, f"There is no subsystem {name}", code="UNKNOWN_SUBSYSTEM")
        return found

    def extension(self) -> Extension:
        """
        The extension that the parameter ``extensionNumber`` means, in the subsystem that ``subsystemId`` means if there is such a parameter.

        Raises:
            RefusedError: 404, if there is none.
        """
        number = self.text("extensionNumber")
        if "subsystemId" in self.endpoint.query:
            found = self.world.extensions.get((self.number("subsystemId"), number))
        else:
            found = self.world.extension_by_number(number)
        if found is None:
            raise RefusedError(404, f"There is no extension {number}", code="NOT_FOUND")
        return found

    def updated(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """What an update with this body makes of *old*: the body alone, or merged over it (QUIRKS 20)."""
        return {**old, **self.body} if self.settings.updates_merge else dict(self.body)


@dataclass(frozen=True, slots=True)
class Operation:
    """What does an endpoint's work: *work* returns the body of the answer, ``None`` for an empty one. *public* is done without asking for a token."""

    endpoint: Endpoint
    work: Callable[[Call], Any]
    public: bool


_operations: dict[str, Operation] = {}

#: Operation name → what does its work.
OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(_operations)


def operation(name: str, *, public: bool = False) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """
    Registers the decorated function as the work of the operation *name*.

    Raises:
        TypeError: If the work of *name* is registered already.
        KeyError: If PM has no such operation.
    """

    def register(work: Callable[[Call], Any]) -> Callable[[Call], Any]:
        if name in _operations:
            raise TypeError(f"{name} is simulated twice")
        _operations[name] = Operation(endpoint(name), work, public)
        return work

    return register
