"""
Chapters 10 and 13: security profiles and the access privileges that they are made of.

Holds their rules and shapes. No call gives a user a profile (QUIRKS 90), so a new one is nobody's.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.paging import SortKeys, items_page, search_text
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Privilege, SecurityProfile, World

__all__: list[str] = []

_PROFILE_KEYS: Final[SortKeys[SecurityProfile]] = {
    "securityProfileId": lambda profile: profile.profile_id,
    "securityProfileName": lambda profile: profile.name.casefold(),
    "description": lambda profile: profile.description.casefold(),
}
_PRIVILEGE_KEYS: Final[SortKeys[Privilege]] = {
    "privilegeId": lambda privilege: privilege.privilege_id,
    "privilegeName": lambda privilege: privilege.name.casefold(),
    "description": lambda privilege: privilege.description.casefold(),
}


@operation("listAccessPrivileges")
def list_access_privileges(call: Call) -> list[dict[str, Any]]:
    """One page of the privileges whose name holds the text looked for."""
    sought = search_text(call)
    found = [each for each in call.world.privileges.values() if sought in each.name.casefold()]
    return items_page(call, found, _shown_privilege, first_page=call.settings.privileges_first_page, keys=_PRIVILEGE_KEYS)


@operation("listSecurityProfiles")
def list_security_profiles(call: Call) -> list[dict[str, Any]]:
    """One page of the profiles whose name holds the text looked for."""
    sought = search_text(call)
    found = [each for each in call.world.profiles.values() if sought in each.name.casefold()]
    shown = partial(_shown, call.world)
    return items_page(call, found, shown, first_page=call.settings.profiles_first_page, keys=_PROFILE_KEYS)


@operation("getSecurityProfile")
def get_security_profile(call: Call) -> dict[str, Any]:
    """One profile with its privileges."""
    return _shown(call.world, _found(call))


@operation("createSecurityProfile")
def create_security_profile(call: Call) -> None:
    """A new profile; the answer does not say its id (QUIRKS 16)."""
    name, privilege_ids = _checked(call, call.body, own_id=0)
    profile_id = call.world.next_id("profile")
    call.world.profiles[profile_id] = SecurityProfile(profile_id, name, call.body.get("description", ""), privilege_ids)


@operation("updateSecurityProfile")
def update_security_profile(call: Call) -> dict[str, Any]:
    """The changed profile."""
    profile = _found(call)
    call.check_same("securityProfileId", profile.profile_id)
    body = call.updated(_shown(call.world, profile))
    name, privilege_ids = _checked(call, body, own_id=profile.profile_id)
    if profile.built_in and name != profile.name:
        raise RefusedError(400, f"Security profile {profile.name} cannot be renamed", code="NOT_CHANGEABLE")
    profile.name, profile.description, profile.privilege_ids = name, body.get("description", ""), privilege_ids
    return _shown(call.world, profile)


@operation("deleteSecurityProfile")
def delete_security_profile(call: Call) -> None:
    """The profile is gone, unless it came with PM; nobody can have another (QUIRKS 90)."""
    profile = _found(call)
    if profile.built_in:
        raise RefusedError(400, f"Security profile {profile.name} cannot be removed", code="NOT_REMOVABLE")
    del call.world.profiles[profile.profile_id]


def _shown(world: World, profile: SecurityProfile) -> dict[str, Any]:
    return {
        "securityProfileId": profile.profile_id,
        "securityProfileName": profile.name,
        "description": profile.description,
        "accessPrivileges": [_shown_privilege(world.privileges[each]) for each in profile.privilege_ids],
    }


def _found(call: Call) -> SecurityProfile:
    return call.record(call.world.profiles, "securityProfileId", "security profile")


def _checked(call: Call, body: dict[str, Any], *, own_id: int) -> tuple[str, tuple[int, ...]]:
    """Name and privileges of the profile that *body* describes; *own_id* 0 is a new one."""
    name = body.get("securityProfileName", "").strip()
    if not name:
        raise RefusedError(400, "securityProfileName is mandatory", code="MANDATORY")
    other = call.world.profile_by_name(name)
    if other is not None and other.profile_id != own_id:
        raise RefusedError(400, f"Security profile {name} already exists", code="DUPLICATE")
    privilege_ids = tuple(dict.fromkeys(each.get("privilegeId", 0) for each in body.get("accessPrivileges", ())))
    unknown = [each for each in privilege_ids if each not in call.world.privileges]
    if unknown:
        raise RefusedError(400, f"There is no access privilege {unknown[0]}", code="UNKNOWN_PRIVILEGE")
    if call.settings.demand_recommended and not privilege_ids:
        raise RefusedError(400, "accessPrivileges is mandatory", code="MANDATORY")
    return name, privilege_ids


def _shown_privilege(privilege: Privilege) -> dict[str, Any]:
    return {"privilegeId": privilege.privilege_id, "privilegeName": privilege.name, "description": privilege.description}
