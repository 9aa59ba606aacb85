"""
Chapter 5: the roles that a MiCollab subsystem offers to users of a telephony subsystem.

The server addresses are held against each other leniently: which of a subsystem's addresses PM looks at is not documented (QUIRKS 100).
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Subsystem

__all__: list[str] = []


@operation("listMiCollabRoles")
def list_micollab_roles(call: Call) -> list[dict[str, Any]]:
    """The roles, and whether users log on through a directory."""
    name = call.query["miCollabsubsystem"]
    micollab = call.world.subsystem_by_name(name)
    if micollab is None or micollab.kind != "MiCollabServer":
        raise RefusedError(404, f"There is no MiCollab subsystem {name}", code="UNKNOWN_SUBSYSTEM")
    telephony = _telephony_at(call, call.query["mxoneSubsysIP"])
    if call.query["extensionLIMIP"] not in _server_addresses(telephony):
        raise RefusedError(400, f"{telephony.name} has no server {call.query['extensionLIMIP']}", code="UNKNOWN_SERVER")
    connected = "true" if micollab.block.get("enableMiCollabADAuthentication") else "false"
    return [{"roles": list(micollab.roles), "idsConnection": connected}]


def _telephony_at(call: Call, address: str) -> Subsystem:
    for each in call.world.subsystems.values():
        if each.kind == "TelephonyServer" and address in {each.block.get("ipOrFQDNAddress"), *_server_addresses(each)}:
            return each
    raise RefusedError(400, f"There is no telephony subsystem at {address}", code="UNKNOWN_SUBSYSTEM")


def _server_addresses(subsystem: Subsystem) -> set[str]:
    return {address for lim in subsystem.lims for address in (lim.ipv4, lim.lan0, lim.lan1)}
