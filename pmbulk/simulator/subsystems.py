"""
Chapter 7: subsystems, read only so far, and what telephony subsystems say of themselves (6.3, 6.5).

Holds the two unrelated shapes of a subsystem (QUIRKS 68).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Lim, Subsystem

__all__: list[str] = []

#: Subsystem type → member of the write shape that belongs to it (QUIRKS 105).
_BLOCKS: Final[Mapping[str, str]] = {
    "TelephonyServer": "mxoneSubsystem",
    "MessagingServer": "miCollabAdvancedMessagingServer",
    "CMGServer": "cmgServer",
    "AMCProvisioningServer": "mmcProvisioningServer",
    "SIPDECTManager": "sipDectManager",
    "MiCollabServer": "miCollabServer",
    "CloudLinkServer": "cloudLinkServer",
    "Othermgmtapplication": "otherMgmtApplication",
}

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

_SERIES_TYPES: Final = frozenset(
    "All EX R1 R2 R3 AC AI OC OD OI OE ED EC PD RD DI DN LC CP EN DP PG GR FD".split()  # noqa: SIM905  # a list of codes reads best as one
)


@operation("listSubsystems")
def list_subsystems(call: Call) -> list[dict[str, Any]]:
    """The subsystems of one type, or all, in the shape they are written in."""
    kind = call.query["subsystemType"]
    if kind != "All" and kind not in _BLOCKS:
        raise RefusedError(400, f"There is no subsystem type {kind}", code="UNKNOWN_TYPE")
    return [_listed(call, each) for each in call.world.subsystems.values() if kind in ("All", each.kind)]


@operation("getSubsystem")
def get_subsystem(call: Call) -> dict[str, Any]:
    """One subsystem in the flat shape."""
    subsystem = call.world.subsystems.get(call.number("subsystemId"))
    if subsystem is None:
        raise RefusedError(404, f"There is no subsystem {call.text('subsystemId')}", code="NOT_FOUND")
    location = call.world.locations[subsystem.location_id]
    flat = {name: subsystem.block[source] for name, sources in _FLAT.items() for source in sources if source in subsystem.block}
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
        **flat,
    }


@operation("getNumberSeries")
def get_number_series(call: Call) -> list[dict[str, str]] | dict[str, str]:
    """The number series of one type, or all."""
    kind = call.text("numberSeriesType")
    if kind not in _SERIES_TYPES:
        raise RefusedError(400, f"There is no number series type {kind}", code="UNKNOWN_TYPE")
    series = [
        {"start": each.start, "end": each.end, "numberType": each.kind}
        for each in call.subsystem(missing=404).series
        if kind in ("All", each.kind)
    ]
    if call.settings.number_series_as_list:
        return series
    return series[0] if series else {}


@operation("getServerDetails")
def get_server_details(call: Call) -> dict[str, Any]:
    """The LIMs of a telephony subsystem, and on which of them the numbers asked for are."""
    subsystem = call.subsystem(missing=404)
    asked = call.query["extensionNumber"]
    wanted = None if asked == "All" else {number.strip() for number in asked.split(",")}
    return {
        "extensionLimVOs": [
            {"extension": each.number, "limnumber": str(each.body.get("serverNumber", ""))}
            for each in call.world.extensions.values()
            if each.subsystem_id == subsystem.subsystem_id and (wanted is None or each.number in wanted)
        ],
        "lim": [_lim(each) for each in subsystem.lims],
    }


def _lim(lim: Lim) -> dict[str, Any]:
    return {
        "limnumber": str(lim.number),
        "limaddress": {"ipv4": lim.ipv4},
        "limtype": "MX-ONE",
        "lan0Address": lim.lan0,
        "lan1Address": lim.lan1,
    }


def _listed(call: Call, subsystem: Subsystem) -> dict[str, Any]:
    location = call.world.locations[subsystem.location_id]
    return {
        "subsystemId": subsystem.subsystem_id,
        "subsystemType": subsystem.kind,
        "subsystemName": subsystem.name,
        "location": str(location.location_id),
        "locationName": location.name,
        _BLOCKS[subsystem.kind]: subsystem.block,
    }
