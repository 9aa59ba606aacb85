"""
PM's ids by the names that people use: looked up once per job, kept, compared without regard to case.

A `Register` holds one kind of object. What a row of the same job makes is found by loading again, but only when a name is missing and something was
made since the last load.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio

from pmbulk.entities.names import fold, in_quotes, nearest_sentence
from pmbulk.entities.udf_fields import UDF_TYPES
from pmbulk.errors import Finding, InvalidRowError, RejectedError, UnknownNameError

if TYPE_CHECKING:
    from pmbulk.pm.client import PmClient

__all__ = ["PATH_SEPARATOR", "Directory", "Listed", "Register", "tidy_path"]

#: Stands between the names of a department path.
PATH_SEPARATOR: Final = "/"

Once = TypeVar("Once")

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@lru_cache(1024)
def tidy_path(path: str) -> str:
    """*path* without separators at its ends and without blanks round its names."""
    return PATH_SEPARATOR.join(name.strip() for name in path.split(PATH_SEPARATOR)).strip(PATH_SEPARATOR)


@dataclass(frozen=True, slots=True)
class Listed:
    """An object that PM lists: its *id*, its *name* (a department's whole path) and its *body* as listed."""

    id: int
    name: str
    body: Mapping[str, Any]


class Register:
    """All objects of one kind by name and by id; *title* is the word for one of them, *load* lists them, names are compared when *tidy*."""

    def __init__(self, title: str, load: Callable[[], Awaitable[list[Listed]]], *, tidy: Callable[[str], str] = lambda name: name) -> None:
        self._title = title
        self._tidy = tidy
        self._load = load
        self._lock = anyio.Lock()
        self._by_name: dict[str, list[Listed]] = {}
        self._by_id: dict[int, Listed] = {}
        #: How often something was changed, and how much of that the last load has seen (-1: nothing was loaded yet).
        self._changes = 0
        self._seen = -1
        self._forbidden: RejectedError | None = None
        self._expected: dict[str, Listed] = {}

    def changed(self) -> None:
        """Note that a row made, changed or removed an object of this kind."""
        self._changes += 1

    def expect(self, name: str) -> None:
        """Let references to *name* hold although PM has no such object: an earlier row makes it. Until then its id is a negative number."""
        self._expected.setdefault(self._key(name), Listed(-1 - len(self._expected), name, {}))

    async def find(self, name: str) -> Listed | None:
        """
        The object called *name* as PM has it since the last change; ``None`` if there is none.

        Raises:
            InvalidRowError: If several objects have the name; lists them.
        """
        await self._fresh(missing=lambda: True)
        found = self._by_name.get(self._key(name), [])
        if len(found) > 1:
            ids = ", ".join(f"{listed.name} (id {listed.id})" for listed in found)
            raise InvalidRowError(
                (
                    Finding(
                        "",
                        f"PM has several objects of kind {self._title} called {in_quotes(name)}: {ids}. Give the id instead of the name.",
                    ),
                )
            )
        return found[0] if found else None

    async def get(self, name: str, *, column: str) -> Listed:
        """
        The object called *name*, which *column* of a row refers to.

        Raises:
            UnknownNameError: If there is none, or several; the finding lists the nearest names.
        """
        found = await self._matches(name)
        if len(found) == 1:
            return found[0]
        if not found and self._key(name) in self._expected:
            return self._expected[self._key(name)]
        if found:
            ids = ", ".join(str(listed.id) for listed in found)
            message = f"PM has several objects of kind {self._title} called {in_quotes(name)} (ids {ids}); give the id instead of the name"
        else:
            message = f"PM has no {self._title} {in_quotes(name)}, or this administrator cannot see it.{self.nearest(name)}"
        raise UnknownNameError((Finding(column, message),), code="REFERENCE")

    async def by_id(self, number: int) -> Listed | None:
        """The object with the id *number*; ``None`` if PM lists none."""
        if number < 0:
            return next((listed for listed in self._expected.values() if listed.id == number), None)
        await self._fresh(missing=lambda: number not in self._by_id)
        return self._by_id.get(number)

    async def all(self) -> list[Listed]:
        """All objects, in PM's order, as PM has them since the last change."""
        await self._fresh(missing=lambda: True)
        return list(self._by_id.values())

    def nearest(self, name: str) -> str:
        """What resembles *name* among the objects that were loaded, as a sentence with a blank in front; empty where nothing does."""
        return nearest_sentence(name, [listed.name for listed in (*self._by_id.values(), *self._expected.values())])

    async def find_id(self, number: int) -> Listed | None:
        """The object with the id *number* as PM has it since the last change; ``None`` if PM lists none."""
        await self._fresh(missing=lambda: True)
        return self._by_id.get(number)

    async def _matches(self, name: str) -> list[Listed]:
        key = self._key(name)
        await self._fresh(missing=lambda: key not in self._by_name)
        return self._by_name.get(key, [])

    def _key(self, name: str) -> str:
        return fold(self._tidy(name))

    async def _fresh(self, *, missing: Callable[[], bool]) -> None:
        """Load, unless what is held will do: nothing changed since, or what is looked for is there."""
        if self._will_do(missing):
            return
        async with self._lock:
            # Whoever waited for the lock may find the work done.
            if self._will_do(missing):
                return
            # What is changed while the answer is under way may not be in it.
            changes = self._changes
            listed = await self._permitted()
            # A list that changes while its pages are read may show an object on two of them.
            self._by_id = {one.id: one for one in listed}
            self._by_name = {}
            for one in self._by_id.values():
                self._by_name.setdefault(self._key(one.name), []).append(one)
            self._seen = changes

    async def _permitted(self) -> list[Listed]:
        """The list; whether this administrator may have it is asked once."""
        if self._forbidden is None:
            try:
                return await self._load()
            except RejectedError as refusal:
                if refusal.http != 403:
                    raise
                self._forbidden = refusal
        raise RejectedError(self._forbidden.message, code=self._forbidden.code, http=403)

    def _will_do(self, missing: Callable[[], bool]) -> bool:
        return self._seen == self._changes or (self._seen >= 0 and not missing())


class Directory:
    """The registers of one job."""

    def __init__(self, client: PmClient) -> None:
        self._client = client
        self._loaded: dict[str, Any] = {}
        self._locks: dict[str, anyio.Lock] = {}
        self.locations: Final = Register("location", self._loader("listLocations", "locationId", name="locationName"))
        self.departments: Final = Register("department", self._load_departments, tidy=tidy_path)
        self.subsystems: Final = Register(
            "subsystem", self._loader("listSubsystems", "subsystemId", name="subsystemName", query={"subsystemType": "All"})
        )
        self.security_profiles: Final = Register(
            "security profile", self._loader("listSecurityProfiles", "securityProfileId", name="securityProfileName")
        )
        self.privileges: Final = Register("access privilege", self._loader("listAccessPrivileges", "privilegeId", name="privilegeName"))
        self.options: Final = Register("system option", self._loader("listSystemOptions", "optionid", name="optionName"))
        #: User-defined fields by what they belong to.
        self.udf_definitions: Final[Mapping[str, Register]] = {
            kind: Register(
                f"UDF of {kind}", self._loader("listUdfDefinitionsByType", "udfId", name="udfDisplayName", path={"udfType": kind})
            )
            for kind in UDF_TYPES
        }

        #: What rows of a sheet make, change and remove.
        self.of_sheet: Final[Mapping[str, tuple[Register, ...]]] = {
            "locations": (self.locations,),
            "departments": (self.departments,),
            "subsystems": (self.subsystems,),
            "security_profiles": (self.security_profiles,),
            "system_options": (self.options,),
            "udf_definitions": tuple(self.udf_definitions.values()),
        }

    def _loader(
        self,
        endpoint_name: str,
        number: str,
        *,
        name: str,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
    ) -> Callable[[], Awaitable[list[Listed]]]:
        """What loads a list whose objects have their id in *number* and their name in *name*."""

        async def load() -> list[Listed]:
            listed = await self._client.items(endpoint_name, path=path, query=query)
            return [Listed(int(one[number]), str(one.get(name) or ""), one) for one in listed if one.get(number)]

        return load

    async def once(self, name: str, load: Callable[[], Awaitable[Once]]) -> Once:
        """What *load* gives, asked for once per job and then known by *name*; a load that fails is tried again by the next who asks."""
        async with self._locks.setdefault(name, anyio.Lock()):
            if name not in self._loaded:
                self._loaded[name] = await load()
            loaded: Once = self._loaded[name]
            return loaded

    def known(self, name: str) -> Any:
        """What `once` has given for *name*; ``None`` where nobody has asked."""
        return self._loaded.get(name)

    def lock(self, name: str) -> anyio.Lock:
        """What keeps two rows of the job from writing the object called *name* at the same time."""
        return self._locks.setdefault(name, anyio.Lock())

    def changed(self, sheet: str) -> None:
        """Note that a row of *sheet* made, changed or removed an object."""
        for register in self.of_sheet.get(sheet, ()):
            register.changed()

    def nearest(self, sheet: str, name: str) -> str:
        """What resembles *name* among the objects that rows of *sheet* are about, as `Register.nearest` tells it; empty for kinds without a register."""
        return next(filter(None, (register.nearest(name) for register in self.of_sheet.get(sheet, ()))), "") if name else ""

    def expect(self, sheet: str, name: str) -> None:
        """Let references to the object called *name* hold that a row of *sheet* is going to make; kinds that nobody refers to by name are left alone."""
        for register in self.of_sheet.get(sheet, ()) if name else ():
            register.expect(name)

    async def _load_departments(self) -> list[Listed]:
        nodes = {int(one["departmentId"]): one for one in await self._client.items("listDepartments") if one.get("departmentId")}
        return [Listed(number, _path_of(number, nodes), one) for number, one in nodes.items()]


def _path_of(number: int, nodes: Mapping[int, Mapping[str, Any]]) -> str:
    """The names from the root down to *number*; a parent that PM does not list (0, hidden) ends the path, and so does a circle."""
    names: list[str] = []
    seen: set[int] = set()
    while number in nodes and number not in seen:
        seen.add(number)
        names.append(str(nodes[number].get("departmentName", "")).strip())
        number = int(nodes[number].get("parentDepartmentId") or 0)
    return PATH_SEPARATOR.join(reversed(names))
