"""
PM's raw extension record in the shape in which the typed calls take an extension: a pure translation (DOMAIN 5).

The raw record repeats the PBX's print-outs: everything is text, names are short. What has no typed field is left out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from pmbulk.entities.extension_fields import CLEARTEXT
from pmbulk.entities.model import Body

__all__ = ["EXTENSION_TYPES", "ROUTE_TYPES", "ExtensionKind", "extension_body", "readable_code"]


class ExtensionKind(StrEnum):
    """The kinds of extension that have calls of their own; the value is PM's type (QUIRKS 49)."""

    #: A number without a terminal.
    VIRTUAL = "VIRTUAL"
    #: A number with several terminals.
    MULTI_TERMINAL = "MULTI_TERMINAL"
    #: A number with a telephone in a public network.
    MOBILE = "MOBILE"
    #: A number with SIP or H.323 terminals.
    IP = "IP"
    #: A number with a DECT handset.
    CORDLESS = "DECT"


#: All types that an extension can have; REMOTE is an IP extension behind a SIP route (QUIRKS 49).
EXTENSION_TYPES: Final = ("IP", "MOBILE", "DECT", "VIRTUAL", "MULTI_TERMINAL", "REMOTE")
#: How a mobile is reached; only these are taken from a print-out, whose words may be others (FIELDS 1a, inferred).
ROUTE_TYPES: Final = ("ISDN", "SIP")
#: The address of a terminal behind a SIP route, with its backup, or behind a destination (FIELDS 1b).
_ROUTE: Final = re.compile(r"rou:([0-9]{1,9})(?:&([0-9]{1,9}))?.*", re.IGNORECASE)
_DESTINATION: Final = re.compile(r"dest:([^@]+)@?.*", re.IGNORECASE)

Translation = tuple[tuple[str, str, Callable[[Any], Any]], ...]


def _text(value: Any) -> str:
    return str(value)


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _flag(value: Any) -> bool:
    return str(value).casefold() in {"true", "yes", "y", "1"}


def _route_type(value: Any) -> str | None:
    return next((known for known in ROUTE_TYPES if known == str(value).upper()), None)


_GENERIC: Final[Translation] = (
    ("csp.cspnumber", "commonServiceProfile", _number),
    ("cust.custnumber", "customer", _text),
    ("featureLevel", "featureLevel", _text),
    ("mcost", "maximumChargingCost", _text),
    ("hacode", "homeAreaCode", _text),
    ("publicCliNumber", "publicCLINumber.publicCLINumber", _text),
    ("typeOfNumber", "publicCLINumber.typeOfCLInumber", _text),
    ("cliactive", "publicCLINumber.activateCLInumber", _text),
    ("clirestriction", "publicCLINumber.publicCLINumberPresentationRestriction", _flag),
)
_SECRETARY: Final[Translation] = (("bsec", "bossSecretary", _flag),)
_TELEPHONE: Final[Translation] = (
    ("lang.langID", "phoneLanguage", _text),
    ("spopt", "phoneType", _text),
    ("ndnum", "hotlineNumber", _text),
)
_SECURED: Final[Translation] = (
    ("secexc", "allowSecurityException", _flag),
    ("bckpos", "backupAnsweringPositionNumber", _text),
)
_THIRD_PARTY: Final[Translation] = (("enhancedServices", "allowThirdPartyClient", _flag),)
_SERVICES: Final[Translation] = (*_THIRD_PARTY, ("freeOnSecondLine", "freeOnSecondLine", _number))
#: What the generic print-out has for each kind (FIELDS 1a).
_GEDI: Final[Mapping[ExtensionKind, Translation]] = {
    ExtensionKind.VIRTUAL: _GENERIC + _SECRETARY,
    ExtensionKind.MULTI_TERMINAL: _GENERIC + _SECRETARY + _TELEPHONE + _SECURED,
    ExtensionKind.MOBILE: _GENERIC + _SECRETARY + _TELEPHONE,
    ExtensionKind.IP: _GENERIC + _SECRETARY + _TELEPHONE + _SECURED + _SERVICES,
    ExtensionKind.CORDLESS: _GENERIC + _TELEPHONE + _THIRD_PARTY,
}
_NIIN: Final[Translation] = (
    ("name1", "nameIdentity.firstName", _text),
    ("name2", "nameIdentity.lastName", _text),
    ("n1OrN2", "nameIdentity.namePresentationOrder", _text),
    ("restr", "nameIdentity.restrictPresentation", _flag),
    ("namDb", "nameIdentity.includeinDialbyNameDatabase", _flag),
    ("infoText", "nameIdentity.information", _text),
)
_MAC: Final[Translation] = (("macaddr", "macAddress", _text),)
_IPEX: Final[Translation] = (*_MAC, ("iptype", "ipExtensionType", _text), *_SECURED)
_TERMINALS: Final[Translation] = (("maxter", "maximumTerminals", _number),)
_REMOTE: Final[Translation] = (
    ("termid", "terminalIdentity", _text),
    ("defMobNum", "defaultRemoteNumber", _text),
    ("slineacc", "singleLineAccess", _flag),
)
_AUTOMATIC: Final[Translation] = (
    ("termid", "terminalIdentity", _text),
    ("uri", "universalResourceIdentifier", _text),
    ("csport", "portNumber", _text),
    ("slineacc", "singleLineAccess", _flag),
)
_MOBILE: Final[Translation] = (("defMobNum", "defaultRemoteNumber", _text),)
_ROUTED: Final[Translation] = (*_MOBILE, ("mobType", "extensionRouteType", _route_type))
_DECT: Final[Translation] = (
    ("autkey", "authenticationKey", _text),
    ("ipei", "internationalPortableEquipmentIdentity", _text),
    ("sdur", "sendDuration", _flag),
)
_AUCO: Final[Translation] = (
    ("hashtype", "hashType", _text),
    ("cilcode", "callLoggingCode", _text),
    ("cust", "customer", _text),
    ("newCUST", "newCustomer", _text),
    ("category.csp.cspnumber", "commonServiceProfile", _text),
    ("restrict", "restrictUsageToThisExtensionOnly", _flag),
)


def extension_body(record: Mapping[str, Any], kind: ExtensionKind, *, by_domain: bool = False) -> Body:
    """
    The body of the update of an extension of this *kind* that changes nothing, from its detail *record*.

    *by_domain* prefers the domain where PM shows a LIM as well, as the PBX has chosen one for the number.
    A code itself is kept only where PM shows it in clear; what belongs to a hashed one stands in its position without it (DOMAIN 4). A handset's key
    and identity are missing once it has registered (DOMAIN 5).
    """
    raw = _first(record.get("extensionVO"))
    gedi, niin = (_first(raw.get(block)) for block in ("gedi", "niin"))
    body: Body = {"extensionNumber": str(record.get("extensionNumber") or gedi.get("dir") or "")}
    if record.get("description"):
        body["description"] = _text(record["description"])
    _carry(gedi, _GEDI[kind], body)
    if gedi:
        # Every number has a profile, and PM leaves out what is 0 (QUIRKS 19).
        body.setdefault("commonServiceProfile", 0)
    _place(gedi, body, kind, by_domain=by_domain)
    _carry(niin, _NIIN, body)
    _TERMINALS_OF[kind](record, raw, body)
    codes = [_code(auco) for auco in _all(raw.get("auco")) if isinstance(auco, Mapping)]
    if codes:
        body["authorizationCodes"] = codes
    return body


def readable_code(auco: Mapping[str, Any]) -> Body:
    """A code's print-out without what is no code: PM gives the hash, or nothing, in place of one that it keeps as a hash (DOMAIN 4)."""
    clear = (auco.get("hashtype") or CLEARTEXT) == CLEARTEXT
    return {name: value for name, value in auco.items() if value is not None and (name != "auth" or (clear and value))}


def _place(gedi: Mapping[str, Any], body: Body, kind: ExtensionKind, *, by_domain: bool) -> None:
    """Where the number lives: a LIM or a domain, never both (FIELDS 1a); a cordless one has no domain (QUIRKS 81)."""
    number = _number(_inner(gedi, "lim.limnumber") or "")
    domain = "" if kind is ExtensionKind.CORDLESS else _text(gedi.get("domainName") or "")
    if number is not None and not (domain and by_domain):
        body["serverNumber"] = number
    elif domain:
        body["domainName"] = domain


def _no_terminal(_record: Mapping[str, Any], _raw: Mapping[str, Any], _body: Body) -> None:
    pass


def _ip_terminal(record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    ipex = _first(raw.get("ipex"))
    _carry(ipex, _IPEX, body)
    if record.get("extensionType") == "REMOTE" or _is_remote(ipex):
        body["sipRemoteExtension"] = _remote(ipex) | _received(raw, 1)[0]
    elif _is_automatic(ipex):
        body["automaticSIPRegistration"] = _carry(ipex, _AUTOMATIC, {})


def _mobile_terminal(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    _carry(_first(raw.get("reexvos")), _ROUTED, body)
    body |= _received(raw, 1)[0]


def _cordless_terminal(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    _carry(_first(raw.get("cxakp")), _DECT, body)


def _several_terminals(_record: Mapping[str, Any], raw: Mapping[str, Any], body: Body) -> None:
    """Each terminal from its print-out; which is which shows in what an IP one has, and a remote one is printed twice."""
    phones = _blocks(raw.get("ipex"))
    remotes = [phone for phone in phones if _is_remote(phone)]
    automatic = next((phone for phone in phones if phone not in remotes and _is_automatic(phone)), None)
    manual = next((phone for phone in phones if phone is not automatic and phone not in remotes), None)
    behind = [phone.get("defMobNum") for phone in remotes]
    mobile = next((one for one in _blocks(raw.get("reexvos")) if one.get("defMobNum") not in behind), None)
    cordless = _first(raw.get("cxakp"))
    received = _received(raw, len(remotes) + (mobile is not None))
    if cordless:
        body["dectExtension"] = _carry(cordless, _DECT, {})
    if mobile is not None:
        body["mobileExtension"] = _carry(mobile, _MOBILE, {}) | received[0]
    if manual is not None:
        gedi = _first(raw.get("gedi"))
        body["ipExtension"] = _carry(manual, _MAC + _TERMINALS, _carry(gedi, _SERVICES + _TERMINALS, {}))
    if remotes:
        numbers = received[len(received) - len(remotes) :]
        body["sipRemoteExtension"] = [_remote(phone) | number for phone, number in zip(remotes, numbers, strict=True)]
    if automatic is not None:
        body["automaticSIPRegistration"] = _carry(automatic, _AUTOMATIC, {})
    for phone in phones:
        _carry(phone, _SECURED, body)


_TERMINALS_OF: Final[Mapping[ExtensionKind, Callable[[Mapping[str, Any], Mapping[str, Any], Body], None]]] = {
    ExtensionKind.VIRTUAL: _no_terminal,
    ExtensionKind.MULTI_TERMINAL: _several_terminals,
    ExtensionKind.MOBILE: _mobile_terminal,
    ExtensionKind.IP: _ip_terminal,
    ExtensionKind.CORDLESS: _cordless_terminal,
}


def _is_remote(ipex: Mapping[str, Any]) -> bool:
    """Whether an IP terminal is behind a SIP route: it has a remote number, or an address that names the route (FIELDS 1b)."""
    uri = str(ipex.get("uri") or "")
    return bool(ipex.get("defMobNum") or _ROUTE.fullmatch(uri) or _DESTINATION.fullmatch(uri))


def _is_automatic(ipex: Mapping[str, Any]) -> bool:
    """Whether an IP terminal has a fixed address: the PBX says so, and where PM leaves that out, only such a one has an address or identity."""
    said = ipex.get("autreg")
    return _flag(said) if said not in (None, "") else bool(ipex.get("uri") or ipex.get("termid"))


def _remote(ipex: Mapping[str, Any]) -> Body:
    remote = _carry(ipex, _REMOTE, {})
    uri = str(ipex.get("uri") or "")
    route, destination = _ROUTE.fullmatch(uri), _DESTINATION.fullmatch(uri)
    if route:
        remote |= {"trunkType": "Route", "sipRouteNumber": int(route[1])}
        remote |= {"sipBackupRoutenumber": int(route[2])} if route[2] else {}
    elif destination:
        remote |= {"trunkType": "Destination", "destinationNumber": destination[1]}
    return remote


def _received(raw: Mapping[str, Any], terminals: int) -> list[Body]:
    """The received A-number of each of so many *terminals*; nothing where the print-out does not tell whose they are."""
    numbers = [_text(number) for block in _blocks(raw.get("nutr")) for number in _all(block.get("remNum")) if number]
    if terminals == 1 and numbers:
        return [{"receivedANumber": numbers[0]}]
    if len(numbers) != terminals:
        return [{} for _ in range(terminals)]
    return [{"receivedANumber": number} for number in numbers]


def _code(auco: Mapping[str, Any]) -> Body:
    shown = readable_code(auco)
    return _carry(shown, _AUCO, {"authorizationCode": _text(shown["auth"])} if "auth" in shown else {})


def _carry(source: Mapping[str, Any], translation: Translation, target: Body) -> Body:
    """*target* with what *source* says."""
    for short, readable, convert in translation:
        value = _inner(source, short)
        if value is None or value == "" or isinstance(value, list | Mapping):
            continue
        converted = convert(value)
        if converted is None:
            continue
        *above, last = readable.split(".")
        place = target
        for part in above:
            place = place.setdefault(part, {})
        place[last] = converted
    return target


def _inner(source: Mapping[str, Any], path: str) -> Any:
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _first(block: Any) -> Mapping[str, Any]:
    """A print-out, whether PM gives it alone or as the first of a list; empty where it gives none."""
    blocks = _all(block)
    return blocks[0] if blocks and isinstance(blocks[0], Mapping) else {}


def _blocks(block: Any) -> list[Mapping[str, Any]]:
    """All print-outs of a kind."""
    return [one for one in _all(block) if isinstance(one, Mapping)]


def _all(block: Any) -> list[Any]:
    if isinstance(block, list):
        return block
    return [] if block in (None, "") else [block]
