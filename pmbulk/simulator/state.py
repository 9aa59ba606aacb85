"""
What the simulated PM holds: records, the ids it gives out, and the indexes by which it finds them.

Keeps its indexes true and nothing more: rules, shapes and HTTP live with the chapters. One event loop changes it, without awaiting
in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

__all__ = [
    "CallList",
    "Department",
    "Extension",
    "Lim",
    "Location",
    "NumberSeries",
    "Privilege",
    "SecurityProfile",
    "Subsystem",
    "SystemOption",
    "User",
    "World",
]


#: Members of subsystems' blocks, users' services and users' links that hold the name of a subsystem.
_SUBSYSTEM_NAMES: Final = ("miVoiceMXONESubsystem", "mxoneSubsystem", "miCollabSubsystem", "cloudLinkSubsystem", "subsystemName")


@dataclass(frozen=True, slots=True)
class Privilege:
    """A right that profiles are made of."""

    privilege_id: int
    name: str
    description: str = ""


@dataclass(slots=True)
class SecurityProfile:
    """A set of rights; one that administers may use the calls marked "admin only", one that is built in cannot be removed."""

    profile_id: int
    name: str
    description: str = ""
    privilege_ids: tuple[int, ...] = ()
    administers: bool = False
    built_in: bool = False


@dataclass(slots=True)
class SystemOption:
    """A switch of PM itself."""

    option_id: int
    name: str
    value: bool


@dataclass(slots=True)
class Location:
    """A place that departments and subsystems belong to."""

    location_id: int
    name: str
    description: str = ""
    cmg_customer_group: str = ""


@dataclass(slots=True)
class Department:
    """A node of the tree; *parent_id* 0 is a root. *texts* are its description and user-defined fields under PM's names."""

    department_id: int
    name: str
    parent_id: int
    location_id: int
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lim:
    """A server of a telephony subsystem."""

    number: int
    ipv4: str
    lan0: str
    lan1: str


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """A range of numbers and what they are for (``EX``: extensions)."""

    start: str
    end: str
    kind: str

    def holds(self, number: str) -> bool:
        """Whether *number* lies in the range; numbers are texts, so another length is another number."""
        return len(number) == len(self.start) and self.start <= number <= self.end


@dataclass(slots=True)
class Subsystem:
    """A system that PM administers; *block* is the part of the write shape that belongs to its type, with PM's names."""

    subsystem_id: int
    name: str
    kind: str
    location_id: int
    block: dict[str, Any]
    expires: str = ""
    #: What only a telephony subsystem has. *unknown_to_pm* are numbers that exist there and wait for an import: kind and body.
    lims: tuple[Lim, ...] = ()
    series: tuple[NumberSeries, ...] = ()
    unknown_to_pm: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    #: The roles that a MiCollab subsystem offers.
    roles: tuple[str, ...] = ()


@dataclass(slots=True)
class CallList:
    """A list of an extension's personal number; *choices* are where calls go, by position, with PM's names."""

    number: int
    name: str = ""
    delay_list: str = ""
    active: bool = False
    choices: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Extension:
    """
    A number in a telephony subsystem, with all that vanishes with it; *body* is what was written, with PM's names.

    *panel* is the key panel of its telephone, empty if none was chosen. *keys* are the programmed keys of every panel by position,
    *call_lists* the personal number's, *ons* the terminal selection's entries.
    """

    extension_id: int
    number: str
    subsystem_id: int
    kind: str
    body: dict[str, Any]
    panel: str = ""
    keys: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    call_lists: dict[int, CallList] = field(default_factory=dict)
    ons: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class User:
    """An account; *body* is what was written, without passwords, with PM's names and with both names of every extension's subsystem."""

    rec_id: int
    body: dict[str, Any]
    password: str
    profile: SecurityProfile
    made_by: int = 0
    failed_logins: int = 0
    locked: bool = False

    @property
    def user_id(self) -> str:
        """The login name."""
        return str(self.body["userId"])

    @property
    def department_ids(self) -> list[int]:
        """Its departments, the primary one first (QUIRKS 91, inferred)."""
        return list(self.body.get("departmentIds", ()))

    @property
    def extension_keys(self) -> list[tuple[int, str]]:
        """Subsystem id and number of its extensions."""
        return [(link["subsystemId"], link["extensionNumber"]) for link in self.body.get("extensions", ())]


@dataclass(slots=True)
class World:
    """
    All records of one PM. Names are unique without regard to case.

    *udfs* are the definitions of user-defined fields by type and number, with PM's names.
    """

    options: dict[int, SystemOption] = field(default_factory=dict)
    privileges: dict[int, Privilege] = field(default_factory=dict)
    profiles: dict[int, SecurityProfile] = field(default_factory=dict)
    udfs: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    departments: dict[int, Department] = field(default_factory=dict)
    subsystems: dict[int, Subsystem] = field(default_factory=dict)
    extensions: dict[tuple[int, str], Extension] = field(default_factory=dict)
    _ids: dict[str, Iterator[int]] = field(init=False, default_factory=dict)
    _rec_ids: dict[str, int] = field(init=False, default_factory=dict)
    _holders: dict[tuple[int, str], set[int]] = field(init=False, default_factory=dict)
    _department_ids: dict[tuple[int, str], int] = field(init=False, default_factory=dict)

    def next_id(self, kind: str) -> int:
        """The next id of *kind*, from 1; ids are never given twice."""
        return next(self._ids.setdefault(kind, count(1)))

    # Security profiles

    def profile_by_name(self, name: str) -> SecurityProfile | None:
        """The security profile called *name*."""
        return next((each for each in self.profiles.values() if each.name.casefold() == name.casefold()), None)

    # Users

    def user_by_id(self, user_id: str) -> User | None:
        """The user who logs in as *user_id*."""
        rec_id = self._rec_ids.get(user_id.casefold())
        return None if rec_id is None else self.users[rec_id]

    def put_user(self, user: User) -> None:
        """Adds *user*."""
        self.users[user.rec_id] = user
        self._rec_ids[user.user_id.casefold()] = user.rec_id
        for key in user.extension_keys:
            self._holders.setdefault(key, set()).add(user.rec_id)

    def replace_user(self, user: User, body: dict[str, Any]) -> None:
        """Gives *user* another body."""
        self._unfile_user(user)
        user.body = body
        self.put_user(user)

    def remove_user(self, user: User) -> None:
        """Forgets *user*; the extensions stay and become free (DOMAIN 2, inferred)."""
        self._unfile_user(user)
        del self.users[user.rec_id]

    def _unfile_user(self, user: User) -> None:
        del self._rec_ids[user.user_id.casefold()]
        for key in user.extension_keys:
            self._holders[key].discard(user.rec_id)

    # Locations

    def location_by_name(self, name: str) -> Location | None:
        """The location called *name*."""
        return next((each for each in self.locations.values() if each.name.casefold() == name.casefold()), None)

    # Departments

    def department_under(self, parent_id: int, name: str) -> Department | None:
        """The child of *parent_id* that is called *name*."""
        department_id = self._department_ids.get((parent_id, name.casefold()))
        return None if department_id is None else self.departments[department_id]

    def put_department(self, department: Department) -> None:
        """Adds *department*."""
        self.departments[department.department_id] = department
        self._department_ids[department.parent_id, department.name.casefold()] = department.department_id

    def remove_department(self, department: Department) -> None:
        """Forgets *department*."""
        del self.departments[department.department_id]
        del self._department_ids[department.parent_id, department.name.casefold()]

    def children(self, parent_id: int) -> list[Department]:
        """The departments right below *parent_id*."""
        return [each for each in self.departments.values() if each.parent_id == parent_id]

    def is_below(self, department_id: int, ancestor_id: int) -> bool:
        """Whether *department_id* is *ancestor_id* or lies anywhere under it."""
        while department_id:
            if department_id == ancestor_id:
                return True
            department_id = self.departments[department_id].parent_id
        return False

    # Subsystems and extensions

    def subsystem_by_name(self, name: str) -> Subsystem | None:
        """The subsystem called *name*."""
        return next((each for each in self.subsystems.values() if each.name.casefold() == name.casefold()), None)

    def rename_subsystem(self, subsystem: Subsystem, name: str) -> None:
        """Gives *subsystem* another *name*, wherever subsystems and users mention it."""
        old, subsystem.name = subsystem.name, name
        for other in self.subsystems.values():
            other.block = _renamed(other.block, old, name)
        for user in self.users.values():
            body = dict(user.body)
            for member in ("micollab", "cloudlink"):
                if member in body:
                    body[member] = _renamed(body[member], old, name)
            if "extensions" in body:
                body["extensions"] = [_renamed(link, old, name) for link in body["extensions"]]
            user.body = body

    def extensions_of(self, subsystem: Subsystem) -> list[Extension]:
        """The extensions that PM knows in *subsystem*."""
        return [each for each in self.extensions.values() if each.subsystem_id == subsystem.subsystem_id]

    def extension_by_number(self, number: str) -> Extension | None:
        """The extension with this *number*, of the oldest subsystem that has it: some calls name no subsystem (QUIRKS 45)."""
        keys = ((subsystem_id, number) for subsystem_id in self.subsystems)
        return next((self.extensions[key] for key in keys if key in self.extensions), None)

    def put_extension(self, extension: Extension) -> None:
        """Adds *extension*."""
        self.extensions[extension.subsystem_id, extension.number] = extension

    def remove_extension(self, extension: Extension) -> None:
        """Forgets *extension*, and the link of every user who holds it."""
        key = (extension.subsystem_id, extension.number)
        for rec_id in list(self._holders.pop(key, ())):
            user = self.users[rec_id]
            kept = [link for link in user.body["extensions"] if (link["subsystemId"], link["extensionNumber"]) != key]
            user.body = {**user.body, "extensions": kept}
        del self.extensions[key]

    def is_held(self, extension: Extension) -> bool:
        """Whether a user has *extension*."""
        return bool(self._holders.get((extension.subsystem_id, extension.number)))

    def snapshot(self) -> Mapping[str, int]:
        """How many records there are of each kind."""
        return {
            "users": len(self.users),
            "locations": len(self.locations),
            "departments": len(self.departments),
            "subsystems": len(self.subsystems),
            "extensions": len(self.extensions),
        }


def _renamed(record: dict[str, Any], old: str, name: str) -> dict[str, Any]:
    """*record* with *name* where a member that holds a subsystem's name says *old*."""
    mentions = {member: name for member in _SUBSYSTEM_NAMES if str(record.get(member, "")).casefold() == old.casefold()}
    return {**record, **mentions}
