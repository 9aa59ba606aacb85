"""
How an extension is read back: the raw record with the print-outs of the telephony system's commands (DOMAIN 5).

Pure: from what was written to what is read. What the print-outs do not show cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pmbulk.simulator.extension_terms import (
    CODE,
    CORDLESS,
    FALLBACK,
    GENERIC,
    IP_PHONE,
    NAME,
    REMOTE,
    SERVICES,
    TERMINAL,
    code_shown,
    printed,
)
from pmbulk.simulator.phones import PANELS, PHONES
from pmbulk.simulator.state import Extension, Subsystem

__all__ = ["extension_record", "shown_codes"]

#: Kinds that have an IP telephone even if nothing is written about it.
_IP_KINDS: Final = ("IP", "REMOTE")


def extension_record(extension: Extension, subsystem: Subsystem, *, held: bool, registered: bool) -> dict[str, Any]:
    """The record of *extension*; *held* says whether a user has it, *registered* whether cordless telephones have logged on."""
    record = {
        "extensionId": extension.extension_id,
        "extensionNumber": extension.number,
        "subsystemId": subsystem.subsystem_id,
        "subsystemName": subsystem.name,
        "description": extension.body.get("description", ""),
        "extensionType": extension.kind,
        "freeExtension": not held,
        "extensionVO": _print_outs(extension, subsystem, registered=registered),
    }
    panel = PANELS.get(extension.panel)
    if panel is not None:
        record["phoneDTO"], record["phonePanelDTO"] = PHONES[panel.phone].shown(), panel.shown()
    return record


def shown_codes(extension: Extension) -> list[dict[str, Any]]:
    """AUCOP: the authorization codes."""
    return [
        {"dir": extension.number, "auth": code_shown(code, extension.number), **printed(code, CODE)}
        for code in extension.body.get("authorizationCodes", ())
    ]


def _print_outs(extension: Extension, subsystem: Subsystem, *, registered: bool) -> dict[str, Any]:
    body, number = extension.body, extension.number
    print_outs: dict[str, Any] = {
        "gedi": [_generic(extension, subsystem)],
        "auco": shown_codes(extension),
        "niin": [{"nrType": {"dir": number}, **printed(body, NAME)}] if body.get("nameIdentity") else [],
    }
    phones = list(_ip_phones(extension))
    cordless = body if extension.kind == "DECT" else body.get("dectExtension")
    mobiles = list(_mobiles(extension))
    received = [each["receivedANumber"] for each in mobiles if each.get("receivedANumber")]
    if phones:
        print_outs["ipex"] = phones
    if cordless:
        print_outs["cxakp"] = [_cordless(cordless, number, registered=registered)]
    if mobiles:
        print_outs["reexvos"] = [{"dir": number, **printed(each, REMOTE)} for each in mobiles]
    if received:
        print_outs["nutr"] = [{"dir": number, "remNum": received}]
    return print_outs


def _generic(extension: Extension, subsystem: Subsystem) -> dict[str, Any]:
    """GEDIP, with the language and customer that a number has if none is written."""
    body = extension.body
    generic: dict[str, Any] = {"dir": extension.number, "cust": {"custnumber": "0"}}
    if extension.kind != "VIRTUAL":
        generic["lang"] = {"langID": "default"}
    generic |= printed(body, GENERIC) | printed(body, FALLBACK) | printed(body.get("ipExtension") or body, SERVICES)
    home = next((lim for lim in subsystem.lims if lim.number == body.get("serverNumber")), None)
    if home is not None:
        generic["lim"] = {"limnumber": str(home.number), "limaddress": {"ipv4": home.ipv4}, "lan0Address": home.lan0}
    return generic


def _ip_phones(extension: Extension) -> Iterator[dict[str, Any]]:
    """IPEXP: one print-out for every IP telephone, of a multi-terminal extension for every part that describes one."""
    body, number = extension.body, extension.number
    common = {"dir": number, "protocol": "SIP", **printed(body, FALLBACK)}
    automatic, remotes = body.get("automaticSIPRegistration"), _remotes(body)
    if extension.kind in _IP_KINDS:
        terminal = automatic or next(iter(remotes), {})
        kind = body.get("ipExtensionType") or "IPManualLogin"
        yield common | {"iptype": kind, "autreg": _flag(automatic), "maxter": "1"} | printed(body, IP_PHONE) | printed(terminal, TERMINAL)
        return
    if body.get("ipExtension"):
        yield common | {"autreg": "false", "maxter": "1"} | printed(body["ipExtension"], IP_PHONE)
    if automatic:
        yield common | {"autreg": "true"} | printed(automatic, TERMINAL)
    for remote in remotes:
        yield common | {"autreg": "false"} | printed(remote, TERMINAL)


def _mobiles(extension: Extension) -> Iterator[Mapping[str, Any]]:
    """The parts that send calls to a number in a public network."""
    body = extension.body
    if extension.kind == "MOBILE":
        yield {"extensionRouteType": "ISDN", **body}
    if body.get("mobileExtension"):
        yield body["mobileExtension"]
    yield from (each for each in _remotes(body) if each.get("defaultRemoteNumber") or each.get("receivedANumber"))


def _remotes(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The SIP remote parts: a list in one kind of extension, one object in another (QUIRKS 80)."""
    written = body.get("sipRemoteExtension") or []
    return written if isinstance(written, list) else [written]


def _cordless(part: Mapping[str, Any], number: str, *, registered: bool) -> dict[str, Any]:
    """The cordless key; once a telephone has logged on, the telephony system forgets key and identity (DOMAIN 5)."""
    shown = {"dir": number, "accessRights": _flag(registered), **printed(part, CORDLESS)}
    return {name: text for name, text in shown.items() if name not in ("autkey", "ipei")} if registered else shown


def _flag(value: object) -> str:
    return "true" if value else "false"
