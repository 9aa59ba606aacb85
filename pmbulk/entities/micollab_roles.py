"""The roles that a MiCollab subsystem has for the users of a telephony subsystem (PM API 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pmbulk.entities.directory import Listed
from pmbulk.entities.session import Session

__all__ = ["micollab_roles"]


async def micollab_roles(session: Session, micollab: str, telephony: Listed) -> list[str]:
    """
    The names of the roles; empty where PM tells none, or not the addresses that it wants to be asked with (QUIRKS 100).

    One of these is the server's that has the user's extension; any server will do to be told what roles there are.

    Raises:
        RowError: If PM refuses to tell.
    """
    address = str((telephony.body.get("mxoneSubsystem") or {}).get("ipOrFQDNAddress") or "")
    details = await session.client.call("getServerDetails", path={"subsystemName": telephony.name}, query={"extensionNumber": "All"})
    servers = details.content.get("lim") if isinstance(details.content, Mapping) else ()
    server = next(filter(None, map(_address, servers or ())), address)
    if not address or not server:
        return []
    query = {"miCollabsubsystem": micollab, "extensionLIMIP": server, "mxoneSubsysIP": address}
    listed = await session.client.items("listMiCollabRoles", query=query)
    return [str(role) for one in listed for role in one.get("roles") or ()]


def _address(server: Mapping[str, Any]) -> str:
    own = server.get("limaddress") or {}
    return str(own.get("ipv4") or server.get("lan0Address") or own.get("ipv6") or "")
