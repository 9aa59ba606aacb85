"""
Chapter 7: subsystems.

Holds what the calls do to the world and the two unrelated shapes of a subsystem (QUIRKS 68); what is refused stands in `subsystem_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Lim, NumberSeries, Subsystem
from pmbulk.simulator.subsystem_rules import BLOCKS, check_unused, checked_subsystem

__all__ = ["MICOLLAB_ROLES"]

#: Member of the flat shape → the members of the blocks that it comes from.
_FLAT: Final[Mapping[str, tuple[str, ...]]] = {
    "version": ("version", "miCollabServerVersion"),
    "ipaddress": ("ipOrFQDNAddress", "ipOrFQDNaddress", "cmgServerIPOrFQDNAddress", "miCollabIPOrFQDNAddress"),
    "resipaddress": ("resiliencyIPAddress",),
    "port": ("port", "cmgServerPort"),
    "axiport": ("axiPort",),
    "loginName": ("userId", "userID", "msgServerUserId", "cmgUserId", "miCollabUserId", "cloudLinkUserId"),
    "loginPasswordPlain": ("password", "userpassword", "cmgUserPassword", "miCollabUserPassword", "cloudLinkUserPassword"),
    "url": ("urlToOtherMgmtApplications", "cloudLinkAPIURL"),
    "cmgPbxId": ("cmgPbxId",),
    "cmgMultiDept": ("isDepartmentStructureMultipleroot",),
    "useHttps": ("useHttps",),
    "terminalPassword": ("terminalPassword",),
    "oneboxnumber": ("oneboxnumber",),
    "ippServerUrl": ("ipPhoneServerUrl",),
    "ippServerFolder": ("ipPhoneServerOrDomainFolder",),
    "ivr": ("ivr",),
    "voicemail": ("voicemail",),
    "micollabPool": ("miCollabPool",),
    "micollabAdAuthFlag": ("enableMiCollabADAuthentication",),
}

#: The roles of every MiCollab subsystem; made up.
MICOLLAB_ROLES: Final = ("Entry", "Standard", "Premium")
#: What is found behind a telephony subsystem that is made in PM: a system has its servers and number series before PM knows it.
_FOUND_LIMS: Final = (Lim(1, "10.9.1.10", "10.9.1.11", "10.9.1.12"),)
_FOUND_SERIES: Final = (NumberSeries("1000", "9999", "EX"), NumberSeries("00", "00", "ED"))


@operation("listSubsystems")
def list_subsystems(call: Call) -> list[dict[str, Any]]:
    """The subsystems of one type, or all, in the shape they are written in."""
    kind = call.query["subsystemType"]
    if kind != "All" and kind not in BLOCKS:
        raise RefusedError(400, f"There is no subsystem type {kind}", code="UNKNOWN_TYPE")
    return [_listed(call, each) for each in call.world.subsystems.values() if kind in ("All", each.kind)]


@operation("getSubsystem")
def get_subsystem(call: Call) -> dict[str, Any]:
    """One subsystem in the flat shape."""
    return _flat(call, _found(call))


@operation("createSubsystem")
def create_subsystem(call: Call) -> None:
    """A new subsystem; the answer does not say its id (QUIRKS 16)."""
    subsystem = checked_subsystem(call, call.body, own_id=0)
    if subsystem.kind == "TelephonyServer":
        subsystem.lims, subsystem.series = _FOUND_LIMS, _FOUND_SERIES
    if subsystem.kind == "MiCollabServer":
        subsystem.roles = MICOLLAB_ROLES
    subsystem.subsystem_id = call.world.next_id("subsystem")
    call.world.subsystems[subsystem.subsystem_id] = subsystem


@operation("updateSubsystem")
def update_subsystem(call: Call) -> dict[str, Any]:
    """The changed subsystem in the flat shape, which is not the one that was sent (QUIRKS 68)."""
    old = _found(call)
    new = checked_subsystem(call, call.updated(_written(call, old)), own_id=old.subsystem_id)
    if new.kind != old.kind:
        raise RefusedError(400, f"The type of subsystem {old.name} cannot be changed", code="NOT_CHANGEABLE")
    if new.name != old.name:
        call.world.rename_subsystem(old, new.name)
    old.location_id, old.block, old.expires = new.location_id, new.block, new.expires
    return _flat(call, old)


@operation("deleteSubsystem")
def delete_subsystem(call: Call) -> None:
    """The subsystem is gone, unless something still needs it."""
    subsystem = _found(call)
    check_unused(call.world, subsystem)
    del call.world.subsystems[subsystem.subsystem_id]


def _found(call: Call) -> Subsystem:
    return call.record(call.world.subsystems, "subsystemId", "subsystem")


def _flat(call: Call, subsystem: Subsystem) -> dict[str, Any]:
    """The shape of one subsystem, its password in clear (QUIRKS 69)."""
    location = call.world.locations[subsystem.location_id]
    flat = {name: subsystem.block[source] for name, sources in _FLAT.items() for source in sources if source in subsystem.block}
    telephony = call.world.subsystem_by_name(subsystem.block.get("miVoiceMXONESubsystem", ""))
    return {
        "subsystemId": subsystem.subsystem_id,
        "subsystemName": subsystem.name,
        "subsystemType": subsystem.kind,
        "location": {
            "locationId": location.location_id,
            "locationName": location.name,
            "description": location.description,
            "cmgcustgrp": location.cmg_customer_group,
        },
        "status": "OK",
        "telephonyServerId": 0 if telephony is None else telephony.subsystem_id,
        **flat,
    }


def _listed(call: Call, subsystem: Subsystem) -> dict[str, Any]:
    return {"subsystemId": subsystem.subsystem_id, **_written(call, subsystem)}


def _written(call: Call, subsystem: Subsystem) -> dict[str, Any]:
    """The shape in which a subsystem is written; the location stands in both members that there are for it (QUIRKS 99)."""
    location = call.world.locations[subsystem.location_id]
    return {
        "subsystemType": subsystem.kind,
        "subsystemName": subsystem.name,
        "location": str(location.location_id),
        "locationName": location.name,
        "expirationDate": subsystem.expires,
        BLOCKS[subsystem.kind]: subsystem.block,
    }
