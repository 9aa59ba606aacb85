"""
Chapter 6: extensions, of which the IP kind can be written so far.

Holds what create, update, delete and read do to the world; what is refused stands in `extension_rules`, what is read in `extension_record`.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.extension_record import extension_record
from pmbulk.simulator.extension_rules import check_extension, check_number
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Extension, Subsystem

__all__: list[str] = []

_KINDS: Final = ("IP", "MOBILE", "DECT", "VIRTUAL", "MULTI_TERMINAL", "REMOTE")
#: What a change cannot move (DOMAIN 4): an extension has to be deleted and made anew.
_HOME: Final = ("serverNumber", "domainName")


@operation("createIpExtension")
def create_ip_extension(call: Call) -> dict[str, Any]:
    """The request's body again, without an id (QUIRKS 18)."""
    return _create(call, "IP")


@operation("updateIpExtension")
def update_ip_extension(call: Call) -> dict[str, Any]:
    """The extension as it is written now."""
    return _update(call, "IP")


@operation("deleteExtension")
def delete_extension(call: Call) -> None:
    """The extension is gone, and with it the link of the user who held it."""
    subsystem = call.subsystem(missing=404)
    call.world.remove_extension(_found(call, subsystem, call.query["extensionNumber"], _asked_kind(call, _KINDS)))


@operation("getExtensionDetails")
def get_extension_details(call: Call) -> dict[str, Any]:
    """The record of one extension; ``ALL`` takes any kind (QUIRKS 50, 65)."""
    subsystem = call.subsystem(missing=404)
    kind = _asked_kind(call, (*_KINDS, "ALL"))
    return _record(call, _found(call, subsystem, call.query["extensionNumber"], kind))


@operation("getExtensionsByUserRecId")
def get_extensions_by_user_rec_id(call: Call) -> list[dict[str, Any]] | dict[str, Any]:
    """The records of the extensions that a user has."""
    user = call.world.users.get(call.number("userRecId"))
    if user is None:
        raise RefusedError(404, f"There is no user {call.text('userRecId')}", code="NOT_FOUND")
    records = [_record(call, call.world.extensions[key]) for key in user.extension_keys]
    if call.settings.user_extensions_as_list:
        return records
    return records[0] if records else {}


def _create(call: Call, kind: str) -> dict[str, Any]:
    subsystem = _telephony(call)
    number = _number(call)
    check_number(subsystem, number)
    if (subsystem.subsystem_id, number) in call.world.extensions:
        raise RefusedError(400, f"Extension {number} already exists in {subsystem.name}", code="DUPLICATE")
    check_extension(subsystem, call.body)
    call.world.put_extension(Extension(call.world.next_id("extension"), number, subsystem.subsystem_id, kind, call.body))
    return call.body


def _update(call: Call, kind: str) -> dict[str, Any]:
    subsystem = _telephony(call)
    extension = _found(call, subsystem, _number(call), kind)
    body = call.updated(extension.body)
    for member in _HOME:
        old, new = extension.body.get(member), body.get(member)
        if new and new != old:
            raise RefusedError(400, f"{member} of extension {extension.number} cannot be changed", code="NOT_CHANGEABLE")
        if old:
            body[member] = old
    check_extension(subsystem, body)
    extension.body = body
    return body


def _telephony(call: Call) -> Subsystem:
    subsystem = call.subsystem(missing=400)
    if subsystem.kind != "TelephonyServer":
        raise RefusedError(400, f"{subsystem.name} has no extensions", code="UNKNOWN_SUBSYSTEM")
    return subsystem


def _number(call: Call) -> str:
    number = call.body.get("extensionNumber", "")
    if not number:
        raise RefusedError(400, "extensionNumber is mandatory", code="MANDATORY")
    return str(number)


def _asked_kind(call: Call, kinds: tuple[str, ...]) -> str:
    kind = call.query["extensionType"]
    if kind not in kinds:
        raise RefusedError(400, f"There is no extension type {kind}; use one of {', '.join(kinds)}", code="UNKNOWN_TYPE")
    return kind


def _found(call: Call, subsystem: Subsystem, number: str, kind: str) -> Extension:
    extension = call.world.extensions.get((subsystem.subsystem_id, number))
    if extension is None or kind not in ("ALL", extension.kind):
        raise RefusedError(404, f"There is no {kind} extension {number} in {subsystem.name}", code="NOT_FOUND")
    return extension


def _record(call: Call, extension: Extension) -> dict[str, Any]:
    subsystem = call.world.subsystems[extension.subsystem_id]
    return extension_record(extension, subsystem, held=call.world.is_held(extension))
