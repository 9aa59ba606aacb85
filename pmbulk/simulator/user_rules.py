"""
What PM refuses in a user's body.

A function of the body and the world; it changes neither.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.settings import SimulatorSettings
from pmbulk.simulator.state import World
from pmbulk.simulator.subsystem_rules import named_subsystem

__all__ = ["checked_user"]

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: Member → what all that it needs once it is sent (FIELDS 3).
_NEEDED: Final = {
    "micollab": ("mxoneSubsystem", "extension", "miCollabSubsystem", "miCollabRole"),
    "cloudlink": ("mxoneSubsystem", "extension", "cloudLinkSubsystem", "role"),
}
#: Member that names a subsystem → the type that it must have.
_KINDS: Final = {"mxoneSubsystem": "TelephonyServer", "miCollabSubsystem": "MiCollabServer", "cloudLinkSubsystem": "CloudLinkServer"}


def checked_user(world: World, body: dict[str, Any], *, settings: SimulatorSettings, own_rec_id: int) -> dict[str, Any]:
    """
    *body* with both names of every extension's subsystem; *own_rec_id* 0 is a new user.

    Raises:
        RefusedError: 400 for the first rule that it breaks.
    """
    _check_user_id(world, body, own_rec_id)
    if settings.demand_recommended and not (body.get("firstName") or body.get("lastName")):
        raise RefusedError(400, "firstName or lastName is mandatory", code="MANDATORY")
    if body.get("emailAddress") and not _EMAIL.fullmatch(body["emailAddress"]):
        raise RefusedError(400, "emailAddress is no mail address", code="INVALID_FIELD")
    if body.get("sms") and not re.fullmatch(r"[0-9]{1,20}", body["sms"]):
        raise RefusedError(400, "sms must be at most 20 digits", code="INVALID_FIELD")
    unknown = [each for each in body.get("departmentIds", ()) if each not in world.departments]
    if unknown:
        raise RefusedError(400, f"There is no department {unknown[0]}", code="UNKNOWN_DEPARTMENT")
    for member, needed in _NEEDED.items():
        if body.get(member):
            _check_service(world, body, member, needed)
    if "extensions" not in body:
        return body
    return body | {"extensions": [_checked_link(world, link) for link in body["extensions"]]}


def _check_user_id(world: World, body: dict[str, Any], own_rec_id: int) -> None:
    user_id = body.get("userId", "")
    if not user_id:
        raise RefusedError(400, "userId is mandatory", code="MANDATORY")
    if len(user_id) > 30 or not user_id.isprintable():
        raise RefusedError(400, "userId must be at most 30 printable characters", code="INVALID_FIELD")
    other = world.user_by_id(user_id)
    if other is not None and other.rec_id != own_rec_id:
        raise RefusedError(400, f"User {user_id} already exists", code="DUPLICATE")


def _check_service(world: World, body: dict[str, Any], member: str, needed: tuple[str, ...]) -> None:
    """A MiCollab or CloudLink account needs all of its references, and a mail address."""
    service = body[member]
    missing = [name for name in needed if not service.get(name)]
    if missing:
        raise RefusedError(400, f"{member}.{missing[0]} is mandatory", code="MANDATORY")
    if not body.get("emailAddress"):
        raise RefusedError(400, f"emailAddress is mandatory with {member}", code="MANDATORY")
    for name, kind in _KINDS.items():
        subsystem = world.subsystem_by_name(service[name]) if name in needed else None
        if name in needed and (subsystem is None or subsystem.kind != kind):
            raise RefusedError(400, f"There is no {kind} {service[name]}", code="UNKNOWN_SUBSYSTEM")
        if subsystem is not None and subsystem.roles and service["miCollabRole"] not in subsystem.roles:
            raise RefusedError(400, f"{subsystem.name} has no role {service['miCollabRole']}", code="UNKNOWN_ROLE")
    telephony = world.subsystem_by_name(service["mxoneSubsystem"])
    if telephony is None or (telephony.subsystem_id, service["extension"]) not in world.extensions:
        raise RefusedError(400, f"There is no extension {service['extension']}", code="UNKNOWN_EXTENSION")


def _checked_link(world: World, link: dict[str, Any]) -> dict[str, Any]:
    subsystem = named_subsystem(world, link)
    number = link.get("extensionNumber", "")
    if (subsystem.subsystem_id, number) not in world.extensions:
        raise RefusedError(400, f"There is no extension {number} in {subsystem.name}", code="UNKNOWN_EXTENSION")
    return link | {"subsystemId": subsystem.subsystem_id, "subsystemName": subsystem.name}
