"""
PM's raw extension record in the shape in which the typed calls take an extension: a pure translation (DOMAIN 5).

The raw record repeats the PBX's print-outs: everything is text, names are short. What has no typed field is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pmbulk.entities.model import Body

__all__ = ["ip_extension_body"]

#: The one kind of code that can be read back.
_CLEAR: Final = "CLEARTEXT"

Translation = tuple[tuple[str, str, Callable[[Any], Any]], ...]


def _text(value: Any) -> str:
    return str(value)


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _flag(value: Any) -> bool:
    return str(value).casefold() in {"true", "yes", "y", "1"}


_GEDI: Final[Translation] = (
    ("csp.cspnumber", "commonServiceProfile", _number),
    ("cust.custnumber", "customer", _text),
    ("featureLevel", "featureLevel", _text),
    ("lang.langID", "phoneLanguage", _text),
    ("mcost", "maximumChargingCost", _text),
    ("hacode", "homeAreaCode", _text),
    ("bsec", "bossSecretary", _flag),
    ("bckpos", "backupAnsweringPositionNumber", _text),
    ("secexc", "allowSecurityException", _flag),
    ("enhancedServices", "allowThirdPartyClient", _flag),
    ("freeOnSecondLine", "freeOnSecondLine", _number),
    ("spopt", "phoneType", _text),
    ("ndnum", "hotlineNumber", _text),
    ("publicCliNumber", "publicCLINumber.publicCLINumber", _text),
    ("typeOfNumber", "publicCLINumber.typeOfCLInumber", _text),
    ("cliactive", "publicCLINumber.activateCLInumber", _text),
    ("clirestriction", "publicCLINumber.publicCLINumberPresentationRestriction", _flag),
)
_NIIN: Final[Translation] = (
    ("name1", "nameIdentity.firstName", _text),
    ("name2", "nameIdentity.lastName", _text),
    ("n1OrN2", "nameIdentity.namePresentationOrder", _text),
    ("restr", "nameIdentity.restrictPresentation", _flag),
    ("namDb", "nameIdentity.includeinDialbyNameDatabase", _flag),
    ("infoText", "nameIdentity.information", _text),
)
_IPEX: Final[Translation] = (
    ("macaddr", "macAddress", _text),
    ("iptype", "ipExtensionType", _text),
    ("secexc", "allowSecurityException", _flag),
    ("bckpos", "backupAnsweringPositionNumber", _text),
)
_REMOTE: Final[Translation] = (
    ("termid", "sipRemoteExtension.terminalIdentity", _text),
    ("defMobNum", "sipRemoteExtension.defaultRemoteNumber", _text),
    ("slineacc", "sipRemoteExtension.singleLineAccess", _flag),
)
_AUTOMATIC: Final[Translation] = (
    ("termid", "automaticSIPRegistration.terminalIdentity", _text),
    ("uri", "automaticSIPRegistration.universalResourceIdentifier", _text),
    ("csport", "automaticSIPRegistration.portNumber", _text),
    ("slineacc", "automaticSIPRegistration.singleLineAccess", _flag),
)
_AUCO: Final[Translation] = (
    ("hashtype", "hashType", _text),
    ("cilcode", "callLoggingCode", _text),
    ("cust", "customer", _text),
    ("newCUST", "newCustomer", _text),
    ("category.csp.cspnumber", "commonServiceProfile", _text),
    ("restrict", "restrictUsageToThisExtensionOnly", _flag),
)


def ip_extension_body(record: Mapping[str, Any]) -> Body:
    """
    The body of an IP extension's update that changes nothing, from its detail *record*.

    A code itself is kept only where PM shows it in clear; what belongs to a hashed one stands in its position without it (DOMAIN 4).
    """
    raw = _first(record.get("extensionVO"))
    gedi, niin, ipex = (_first(raw.get(block)) for block in ("gedi", "niin", "ipex"))
    body: Body = {"extensionNumber": str(record.get("extensionNumber") or gedi.get("dir") or "")}
    if record.get("description"):
        body["description"] = _text(record["description"])
    _carry(ipex, _IPEX, body)
    _carry(gedi, _GEDI, body)
    if gedi:
        # Every number has a profile, and PM leaves out what is 0 (QUIRKS 19).
        body.setdefault("commonServiceProfile", 0)
    _place(gedi, body)
    _carry(niin, _NIIN, body)
    if ipex.get("defMobNum") or record.get("extensionType") == "REMOTE":
        _carry(ipex, _REMOTE, body)
        received = _all(_first(raw.get("nutr")).get("remNum"))
        if received:
            body.setdefault("sipRemoteExtension", {})["receivedANumber"] = _text(received[0])
    elif ipex.get("uri") or ipex.get("termid"):
        _carry(ipex, _AUTOMATIC, body)
    codes = [_code(auco) for auco in _all(raw.get("auco")) if isinstance(auco, Mapping)]
    if codes:
        body["authorizationCodes"] = codes
    return body


def _place(gedi: Mapping[str, Any], body: Body) -> None:
    """Where the number lives: a LIM or a domain, never both (FIELDS 1a)."""
    number = _number(_inner(gedi, "lim.limnumber") or "")
    if number is not None:
        body["serverNumber"] = number
    elif gedi.get("domainName"):
        body["domainName"] = _text(gedi["domainName"])


def _code(auco: Mapping[str, Any]) -> Body:
    code: Body = {}
    if auco.get("auth") and (auco.get("hashtype") or _CLEAR) == _CLEAR:
        code["authorizationCode"] = _text(auco["auth"])
    _carry(auco, _AUCO, code)
    return code


def _carry(source: Mapping[str, Any], translation: Translation, target: Body) -> None:
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


def _inner(source: Mapping[str, Any], path: str) -> Any:
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _first(block: Any) -> Mapping[str, Any]:
    """A print-out, whether PM gives it alone or as the first of a list; empty where it gives none."""
    blocks = _all(block)
    return blocks[0] if blocks and isinstance(blocks[0], Mapping) else {}


def _all(block: Any) -> list[Any]:
    if isinstance(block, list):
        return block
    return [] if block in (None, "") else [block]
