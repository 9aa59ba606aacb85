"""
Chapter 6: extensions of all kinds, written by one call for each kind.

Holds what the calls do to the world; what is refused stands in `extension_rules`, what is read in `extension_record`, and the one update
that takes the raw record in `extension_updates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.extension_record import extension_record
from pmbulk.simulator.extension_rules import check_extension, check_number
from pmbulk.simulator.extension_updates import change_extension, raw_changes
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Extension, Subsystem
from pmbulk.simulator.subsystem_rules import named_subsystem

__all__: list[str] = []

_KINDS: Final = ("IP", "MOBILE", "DECT", "VIRTUAL", "MULTI_TERMINAL", "REMOTE")
#: Which kind each pair of calls writes; cordless is another word for DECT (QUIRKS 49).
_WRITTEN: Final = {"Virtual": "VIRTUAL", "MultiTerminal": "MULTI_TERMINAL", "Mobile": "MOBILE", "Ip": "IP", "Cordless": "DECT"}
#: What makes a multi-terminal extension one.
_TERMINALS: Final = ("dectExtension", "mobileExtension", "ipExtension", "sipRemoteExtension", "automaticSIPRegistration")
#: What the first of the commands behind a create takes; names, codes and terminals are made by later ones.
_FIRST_COMMAND: Final = ("extensionNumber", "serverNumber", "domainName", "commonServiceProfile", "customer")


def _creating(kind: str) -> Callable[[Call], dict[str, Any]]:
    def create(call: Call) -> dict[str, Any]:
        """The request's body again, without an id (QUIRKS 18)."""
        subsystem = _telephony(call)
        number = _number(call)
        check_number(subsystem, number)
        if (subsystem.subsystem_id, number) in call.world.extensions or number in subsystem.unknown_to_pm:
            raise RefusedError(400, f"Extension {number} already exists in {subsystem.name}", code="DUPLICATE")
        check_extension(subsystem, kind, call.body)
        body = _first_command(call.body) if call.half_made else call.body
        shown = _shown_kind(call, kind, body)
        call.world.put_extension(Extension(call.world.next_id("extension"), number, subsystem.subsystem_id, shown, body))
        return call.body

    return create


def _updating(kind: str) -> Callable[[Call], dict[str, Any]]:
    def update(call: Call) -> dict[str, Any]:
        """The extension as it is written now."""
        subsystem = _telephony(call)
        number = _number(call)
        extension = call.world.extensions.get((subsystem.subsystem_id, number))
        # A multi-terminal extension without a terminal is a virtual one until it gets one.
        if extension is None or extension.kind not in {kind, _shown_kind(call, kind, extension.body)}:
            raise _missing(kind, number, subsystem)
        body = change_extension(call, subsystem, extension, kind, call.updated(extension.body))
        extension.kind = _shown_kind(call, kind, body)
        return body

    return update


for _name, _kind in _WRITTEN.items():
    operation(f"create{_name}Extension")(_creating(_kind))
    operation(f"update{_name}Extension")(_updating(_kind))


@operation("updateExtension")
def update_extension(call: Call) -> dict[str, Any]:
    """The record of the extension after the changes that the raw record in the body makes."""
    subsystem = named_subsystem(call.world, call.body)
    extension = _found(call, subsystem, call.query["extensionNumber"], "ALL")
    change_extension(call, subsystem, extension, extension.kind, raw_changes(extension, call.body))
    return _record(call, extension)


@operation("importExtension")
def import_extension(call: Call) -> dict[str, Any]:
    """The record of a number that only the telephony system knew until now; one that PM knows already is read again (DOMAIN 4)."""
    number = call.query["extensionNumber"]
    subsystem = call.record(call.world.subsystems, "subsystemId", "subsystem")
    waiting = subsystem.unknown_to_pm.pop(number, None)
    if waiting is not None:
        kind, body = waiting
        call.world.put_extension(Extension(call.world.next_id("extension"), number, subsystem.subsystem_id, kind, body))
    return _record(call, _found(call, subsystem, number, "ALL"))


@operation("deleteExtension")
def delete_extension(call: Call) -> None:
    """The extension is gone with all that belongs to it, and with it the link of the user who held it."""
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
    user = call.record(call.world.users, "userRecId", "user")
    records = [_record(call, call.world.extensions[key]) for key in user.extension_keys]
    if call.settings.user_extensions_as_list:
        return records
    return records[0] if records else {}


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


def _first_command(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in _FIRST_COMMAND}


def _shown_kind(call: Call, kind: str, body: dict[str, Any]) -> str:
    """The kind that an extension shows: a multi-terminal one without terminals shows up as virtual (FIELDS 1b)."""
    if kind == "IP" and call.settings.remote_shown and any(body.get("sipRemoteExtension", {}).values()):
        return "REMOTE"
    return "VIRTUAL" if kind == "MULTI_TERMINAL" and not any(body.get(name) for name in _TERMINALS) else kind


def _asked_kind(call: Call, kinds: tuple[str, ...]) -> str:
    kind = call.query["extensionType"]
    if kind not in kinds:
        raise RefusedError(400, f"There is no extension type {kind}; use one of {', '.join(kinds)}", code="UNKNOWN_TYPE")
    return kind


def _found(call: Call, subsystem: Subsystem, number: str, kind: str) -> Extension:
    extension = call.world.extensions.get((subsystem.subsystem_id, number))
    if extension is None or kind not in ("ALL", extension.kind):
        raise _missing(kind, number, subsystem)
    return extension


def _missing(kind: str, number: str, subsystem: Subsystem) -> RefusedError:
    return RefusedError(404, f"There is no {kind} extension {number} in {subsystem.name}", code="NOT_FOUND")


def _record(call: Call, extension: Extension) -> dict[str, Any]:
    subsystem = call.world.subsystems[extension.subsystem_id]
    held, registered = call.world.is_held(extension), call.settings.dect_handsets_registered
    return extension_record(extension, subsystem, held=held, registered=registered)
