"""
PM's raw extension record in the shape in which the typed calls take an extension: a pure translation (DOMAIN 5).

The raw record repeats the PBX's print-outs: everything is text, names are short. What has no typed field is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pmbulk.entities.extension_fields import CLEARTEXT
from pmbulk.entities.extension_print_outs import (
    AUCO,
    AUTOMATIC,
    DECT,
    DESTINATION,
    EXTENSION_TYPES,
    GEDI,
    HOME,
    IPEX,
    MAC,
    MOBILE,
    NIIN,
    REMOTE,
    ROUTE,
    ROUTE_TYPES,
    ROUTED,
    SECURED,
    SERVICES,
    TERMINALS,
    ExtensionKind,
    blocks,
    carry,
    first,
    is_set,
    listed,
)
from pmbulk.entities.model import Body

__all__ = ["EXTENSION_TYPES", "ROUTE_TYPES", "ExtensionKind", "extension_body", "is_automatic", "is_remote", "readable_code", "route_of"]


def extension_body(record: Mapping[str, Any], kind: ExtensionKind, *, by_domain: bool = False) -> Body:
    """
    The body of the update of an extension of this *kind* that changes nothing, from its detail *record*.

    *by_domain* prefers the domain where PM shows a LIM as well, as the PBX has chosen one for the number.
    A code itself is kept only where PM shows it in clear; what belongs to a hashed one stands in its position without it (DOMAIN 4). A handset's key
    and identity are missing once it has registered (DOMAIN 5).
    """
    raw = first(record.get("extensionVO"))
    gedi, niin = (first(raw.get(block)) for block in ("gedi", "niin"))
    body: Body = {"extensionNumber": str(record.get("extensionNumber") or gedi.get("dir") or "")}
    if record.get("description"):
        body["description"] = str(record["description"])
    carry(gedi, GEDI[kind], body)
    if gedi:
        # Every number has a profile, and PM leaves out what is 0 (QUIRKS 19).
        body.setdefault("commonServiceProfile", 0)
    _place(gedi, body, kind, by_domain=by_domain)
    carry(niin, NIIN, body)
    _TERMINALS_OF[kind](record, raw, body)
    codes = [_code(auco) for auco in listed(raw.get("auco")) if isinstance(auco, Mapping)]
    if codes:
        body["authorizationCodes"] = codes
    return body


def readable_code(auco: Mapping[str, Any]) -> Body:
    """A code's print-out without what is no code: PM gives the hash, or nothing, in place of one that it keeps as a hash (DOMAIN 4)."""
    clear = (auco.get("hashtype") or CLEARTEXT) == CLEARTEXT
    return {name: value for name, value in auco.items() if value is not None and (name != "auth" or (clear and value))}


def _place(gedi: Mapping[str, Any], body: Body, kind: ExtensionKind, *, by_domain: bool) -> None:
    """Where the number lives: a LIM or a domain, never both (FIELDS 1a); a cordless one has no domain (QUIRKS 81)."""
    home = carry(gedi, HOME, {})
    domain = "" if kind is ExtensionKind.CORDLESS else str(gedi.get("domainName") or "")
    if home and not (domain and by_domain):
        body |= home
    elif domain:
        body["domainName"] = domain


def _no_terminal(_record: Mapping[str, Any], _raw: Mapping[str, Any], _body: Body) -> None:
    pass


def _ip_terminal(record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    ipex = first(raw.get("ipex"))
    carry(ipex, IPEX, body)
    if record.get("extensionType") == "REMOTE" or is_remote(ipex):
        body["sipRemoteExtension"] = _remote(ipex) | _received(raw, 1)[0]
    elif is_automatic(ipex):
        body["automaticSIPRegistration"] = carry(ipex, AUTOMATIC, {})


def _mobile_terminal(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    carry(first(raw.get("reexvos")), ROUTED, body)
    body |= _received(raw, 1)[0]


def _cordless_terminal(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    carry(first(raw.get("cxakp")), DECT, body)


def _several_terminals(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    """Each terminal from its print-out; which is which shows in what an IP one has, and a remote one is printed twice."""
    phones = blocks(raw.get("ipex"))
    remotes = [phone for phone in phones if is_remote(phone)]
    automatic = next((phone for phone in phones if phone not in remotes and is_automatic(phone)), None)
    manual = next((phone for phone in phones if phone not in remotes and not is_automatic(phone)), None)
    mobile = next(iter(_beside(remotes, blocks(raw.get("reexvos")))), None)
    cordless = first(raw.get("cxakp"))
    received = _received(raw, len(remotes) + (mobile is not None))
    if cordless:
        body["dectExtension"] = carry(cordless, DECT, {})
    if mobile is not None:
        body["mobileExtension"] = carry(mobile, MOBILE, {}) | received[0]
    if manual is not None:
        gedi = first(raw.get("gedi"))
        body["ipExtension"] = carry(manual, MAC + TERMINALS, carry(gedi, SERVICES + TERMINALS, {}))
    if remotes:
        numbers = received[len(received) - len(remotes) :]
        body["sipRemoteExtension"] = [_remote(phone) | number for phone, number in zip(remotes, numbers, strict=True)]
    if automatic is not None:
        body["automaticSIPRegistration"] = carry(automatic, AUTOMATIC, {})
    for phone in phones:
        carry(phone, SECURED, body)


def _beside(remotes: Iterable[Mapping[str, Any]], printed: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is *printed* of remote terminals that is not of *remotes*, which have a print-out of their own."""
    rest = list(printed)
    for remote in remotes:
        twin = next((one for one in rest if one.get("defMobNum") == remote.get("defMobNum")), None)
        rest = [one for one in rest if one is not twin]
    return rest


_TERMINALS_OF: Final[Mapping[ExtensionKind, Callable[[Mapping[str, Any], Mapping[str, Any], Body], None]]] = {
    ExtensionKind.VIRTUAL: _no_terminal,
    ExtensionKind.MULTI_TERMINAL: _several_terminals,
    ExtensionKind.MOBILE: _mobile_terminal,
    ExtensionKind.IP: _ip_terminal,
    ExtensionKind.CORDLESS: _cordless_terminal,
}


def is_remote(ipex: Mapping[str, Any]) -> bool:
    """Whether an IP terminal is behind a SIP route: it has a remote number, or an address that names the route (FIELDS 1b)."""
    return bool(ipex.get("defMobNum") or route_of(str(ipex.get("uri") or "")))


def is_automatic(ipex: Mapping[str, Any]) -> bool:
    """Whether an IP terminal has a fixed address: the PBX says so, and where PM leaves that out, only such a one has an address or identity."""
    said = ipex.get("autreg")
    return is_set(said) if said not in (None, "") else bool(ipex.get("uri") or ipex.get("termid"))


def route_of(uri: str) -> Body:
    """What the address of a terminal behind a SIP route or destination says of it; empty for any other address."""
    route, destination = ROUTE.fullmatch(uri), DESTINATION.fullmatch(uri)
    if route:
        backup = {"sipBackupRoutenumber": int(route[2])} if route[2] else {}
        return {"trunkType": "Route", "sipRouteNumber": int(route[1])} | backup
    return {"trunkType": "Destination", "destinationNumber": destination[1]} if destination else {}


def _remote(ipex: Mapping[str, Any]) -> Body:
    return carry(ipex, REMOTE, {}) | route_of(str(ipex.get("uri") or ""))


def _received(raw: Mapping[str, Any], terminals: int) -> list[Body]:
    """The received A-number of each of so many *terminals*; nothing where the print-out does not tell whose they are."""
    numbers = [str(number) for block in blocks(raw.get("nutr")) for number in listed(block.get("remNum")) if number]
    if terminals == 1 and numbers:
        return [{"receivedANumber": numbers[0]}]
    if len(numbers) != terminals:
        return [{} for _ in range(terminals)]
    return [{"receivedANumber": number} for number in numbers]


def _code(auco: Mapping[str, Any]) -> Body:
    shown = readable_code(auco)
    return carry(shown, AUCO, {"authorizationCode": str(shown["auth"])} if "auth" in shown else {})
