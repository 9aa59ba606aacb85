"""
What PM refuses in a subsystem's body, which one others mean, and when one may be deleted (FIELDS 4).

Functions of the body and the world; they change neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call
from pmbulk.simulator.shapes import integer
from pmbulk.simulator.state import Location, Subsystem, World

__all__ = ["BLOCKS", "check_unused", "checked_subsystem", "named_subsystem"]

#: Subsystem type → member of the write shape that belongs to it (QUIRKS 105).
BLOCKS: Final[Mapping[str, str]] = {
    "TelephonyServer": "mxoneSubsystem",
    "MessagingServer": "miCollabAdvancedMessagingServer",
    "CMGServer": "cmgServer",
    "AMCProvisioningServer": "mmcProvisioningServer",
    "SIPDECTManager": "sipDectManager",
    "MiCollabServer": "miCollabServer",
    "CloudLinkServer": "cloudLinkServer",
    "Othermgmtapplication": "otherMgmtApplication",
}

#: Block → what a sensible PM needs in it.
_NEEDED: Final = {
    "mxoneSubsystem": ("ipOrFQDNAddress", "userId", "password"),
    "miCollabAdvancedMessagingServer": ("ipOrFQDNAddress", "msgServerUserId", "userpassword"),
    "cmgServer": ("cmgServerIPOrFQDNAddress", "cmgUserId", "cmgUserPassword"),
    "mmcProvisioningServer": ("urlToOtherMgmtApplications",),
    "sipDectManager": ("ipOrFQDNaddress", "userID", "password", "miVoiceMXONESubsystem"),
    "miCollabServer": ("miCollabIPOrFQDNAddress", "miCollabUserPassword"),
    "cloudLinkServer": ("cloudLinkAPIURL", "cloudLinkAccountID", "cloudLinkUserId", "cloudLinkUserPassword"),
    "otherMgmtApplication": ("urlToOtherMgmtApplications",),
}
#: The only default that the document shows in a block (QUIRKS 79).
_MICOLLAB_USER: Final = {"miCollabUserId": "micollab_api"}


def checked_subsystem(call: Call, body: dict[str, Any], *, own_id: int) -> Subsystem:
    """
    The subsystem that *body* describes; *own_id* 0 is a new one. Blocks of other types than its own are not looked at.

    Raises:
        RefusedError: 400 for the first rule that it breaks.
    """
    kind, name = body.get("subsystemType", "TelephonyServer"), body.get("subsystemName", "").strip()
    if kind not in BLOCKS:
        raise RefusedError(400, f"There is no subsystem type {kind}", code="UNKNOWN_TYPE")
    if not name:
        raise RefusedError(400, "subsystemName is mandatory", code="MANDATORY")
    other = call.world.subsystem_by_name(name)
    if other is not None and other.subsystem_id != own_id:
        raise RefusedError(400, f"Subsystem {name} already exists", code="DUPLICATE")
    block = body.get(BLOCKS[kind], {})
    if call.settings.demand_recommended:
        missing = [each for each in _NEEDED[BLOCKS[kind]] if not block.get(each)]
        if missing:
            raise RefusedError(400, f"{BLOCKS[kind]}.{missing[0]} is mandatory for a {kind}", code="MANDATORY")
    if kind == "SIPDECTManager":
        _check_telephony(call.world, block.get("miVoiceMXONESubsystem", ""))
    if kind == "MiCollabServer":
        block = _MICOLLAB_USER | block
    return Subsystem(own_id, name, kind, _location(call.world, body).location_id, block, expires=body.get("expirationDate", ""))


def named_subsystem(world: World, body: Mapping[str, Any]) -> Subsystem:
    """
    The subsystem that *body* names by id, by name or by both (QUIRKS 44, 92).

    Raises:
        RefusedError: 400 if there is none, or if the two are not the same one's.
    """
    subsystem_id, name = body.get("subsystemId", 0), body.get("subsystemName", "")
    by_id, by_name = world.subsystems.get(subsystem_id), world.subsystem_by_name(name)
    if subsystem_id and name and by_id is not by_name:
        raise RefusedError(400, f"Subsystem {subsystem_id} is not called {name}", code="ID_MISMATCH")
    found = by_id if subsystem_id else by_name
    if found is None:
        raise RefusedError(400, f"There is no subsystem {name or subsystem_id}", code="UNKNOWN_SUBSYSTEM")
    return found


def check_unused(world: World, subsystem: Subsystem) -> None:
    """
    Holds the deletion of *subsystem* against what needs it.

    Raises:
        RefusedError: 400 if it has extensions, belongs to another subsystem, or serves users.
    """
    name = subsystem.name.casefold()
    if world.extensions_of(subsystem):
        raise RefusedError(400, f"Subsystem {subsystem.name} has extensions", code="IN_USE")
    for each in world.subsystems.values():
        if each.block.get("miVoiceMXONESubsystem", "").casefold() == name:
            raise RefusedError(400, f"Subsystem {subsystem.name} is in use by {each.name}", code="IN_USE")
    for user in world.users.values():
        serving = (user.body.get("micollab", {}).get("miCollabSubsystem", ""), user.body.get("cloudlink", {}).get("cloudLinkSubsystem", ""))
        if name in (each.casefold() for each in serving):
            raise RefusedError(400, f"Subsystem {subsystem.name} is in use by {user.user_id}", code="IN_USE")


def _check_telephony(world: World, name: str) -> None:
    found = world.subsystem_by_name(name)
    if found is None or found.kind != "TelephonyServer":
        raise RefusedError(400, f"There is no telephony subsystem {name}", code="UNKNOWN_SUBSYSTEM")


def _location(world: World, body: dict[str, Any]) -> Location:
    """The location, by its id or its name in the first member, or its name in the second (QUIRKS 99)."""
    location, name = body.get("location", ""), body.get("locationName", "")
    location_id = integer(location)
    found = world.location_by_name(location or name) if location_id is None else world.locations.get(location_id)
    if found is None:
        raise RefusedError(400, f"There is no location {location or name}", code="UNKNOWN_LOCATION")
    if location and name and found.name.casefold() != name.casefold():
        raise RefusedError(400, f"Location {location} is not called {name}", code="ID_MISMATCH")
    return found
