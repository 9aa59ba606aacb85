"""
The two languages of an extension: the readable members of the typed calls and the short ones of the print-outs (DOMAIN 5).

Pure tables and the two translations that they make; which print-outs an extension has is not known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pmbulk.simulator.shapes import integer

__all__ = [
    "CODE",
    "CORDLESS",
    "FALLBACK",
    "GENERIC",
    "IP_PHONE",
    "NAME",
    "REMOTE",
    "SERVICES",
    "TERMINAL",
    "code_shown",
    "printed",
    "written",
]

_CLEAR: Final = "CLEARTEXT"


class _Term(NamedTuple):
    """A member that both languages have, at *short* in a print-out and at *readable* in a body, where it is a *kind*."""

    short: tuple[str, ...]
    readable: tuple[str, ...]
    kind: type


def _terms(*rows: tuple[str, str, type]) -> tuple[_Term, ...]:
    return tuple(_Term(tuple(short.split(".")), tuple(readable.split(".")), kind) for short, readable, kind in rows)


#: GEDIP, from the body; a profile is an object here and a plain number there (QUIRKS 108).
GENERIC: Final = _terms(
    ("domainName", "domainName", str),
    ("csp.cspnumber", "commonServiceProfile", int),
    ("cust.custnumber", "customer", str),
    ("lang.langID", "phoneLanguage", str),
    ("featureLevel", "featureLevel", str),
    ("mcost", "maximumChargingCost", str),
    ("hacode", "homeAreaCode", str),
    ("bsec", "bossSecretary", bool),
    ("spopt", "phoneType", str),
    ("ndnum", "hotlineNumber", str),
    ("publicCliNumber", "publicCLINumber.publicCLINumber", str),
    ("typeOfNumber", "publicCLINumber.typeOfCLInumber", str),
    ("cliactive", "publicCLINumber.activateCLInumber", str),
    ("clirestriction", "publicCLINumber.publicCLINumberPresentationRestriction", bool),
)
#: GEDIP and IPEXP, from the body.
FALLBACK: Final = _terms(("bckpos", "backupAnsweringPositionNumber", str), ("secexc", "allowSecurityException", bool))
#: GEDIP too, from the part that holds the IP telephone's members: the body itself, or one below it (QUIRKS 82).
SERVICES: Final = _terms(("enhancedServices", "allowThirdPartyClient", bool), ("freeOnSecondLine", "freeOnSecondLine", int))
#: IPEXP, from the same part.
IP_PHONE: Final = _terms(("macaddr", "macAddress", str), ("maxter", "maximumTerminals", int))
#: IPEXP, from one of the SIP parts.
TERMINAL: Final = _terms(
    ("termid", "terminalIdentity", str),
    ("uri", "universalResourceIdentifier", str),
    ("slineacc", "singleLineAccess", bool),
    ("csport", "portNumber", str),
    ("defMobNum", "defaultRemoteNumber", str),
)
#: NIINP, from the body: names of the extension, which are not the user's.
NAME: Final = _terms(
    ("name1", "nameIdentity.firstName", str),
    ("name2", "nameIdentity.lastName", str),
    ("n1OrN2", "nameIdentity.namePresentationOrder", str),
    ("restr", "nameIdentity.restrictPresentation", bool),
    ("namDb", "nameIdentity.includeinDialbyNameDatabase", bool),
    ("infoText", "nameIdentity.information", str),
)
#: REEXP, from the part that holds the mobile's members.
REMOTE: Final = _terms(("defMobNum", "defaultRemoteNumber", str), ("mobType", "extensionRouteType", str))
#: The cordless authentication key, from the part that holds the DECT members.
CORDLESS: Final = _terms(
    ("autkey", "authenticationKey", str), ("ipei", "internationalPortableEquipmentIdentity", str), ("sdur", "sendDuration", bool)
)
#: AUCOP, from one code; the code itself is another matter, see `code_shown`.
CODE: Final = _terms(
    ("hashtype", "hashType", str),
    ("cilcode", "callLoggingCode", str),
    ("category.csp.cspnumber", "commonServiceProfile", str),
    ("cust", "customer", str),
    ("newCUST", "newCustomer", str),
    ("restrict", "restrictUsageToThisExtensionOnly", bool),
)


def printed(body: Mapping[str, Any], terms: Iterable[_Term]) -> dict[str, Any]:
    """The print-out of *body*: everything is text (QUIRKS 84), and what was not written is not there."""
    print_out: dict[str, Any] = {}
    for short, readable, _kind in terms:
        value = _at(body, readable)
        if value is not None and value != "":
            _put(print_out, short, str(value).lower() if isinstance(value, bool) else str(value))
    return print_out


def written(print_out: Mapping[str, Any], terms: Iterable[_Term], *, over: Mapping[str, Any]) -> dict[str, Any]:
    """The body *over* with what *print_out* says; what it does not mention stays. A text that should be a number and is none stays text."""
    body = dict(over)
    for short, readable, kind in terms:
        text = _at(print_out, short)
        if text is not None:
            _put(body, readable, _value(text, kind))
    return body


def code_shown(code: Mapping[str, Any], number: str) -> str:
    """What PM shows of the authorization *code* of extension *number*: itself if it is kept in clear, else a digest (DOMAIN 4)."""
    clear, hash_type = code["authorizationCode"], code["hashType"]
    # Any digest will do: it is only there to be something else than the code.
    return str(clear) if hash_type == _CLEAR else hashlib.sha256(f"{hash_type}:{number}:{clear}".encode()).hexdigest()


def _value(text: str, kind: type) -> Any:
    if kind is bool:
        return text.casefold() in ("true", "yes", "1")
    number = integer(text) if kind is int else None
    return text if number is None else number


def _at(source: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        source = source.get(name)
        if source is None:
            return None
    return source


def _put(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets the member at *path*; objects on the way are copied, so that nobody else's change."""
    for name in path[:-1]:
        target[name] = dict(target.get(name) or {})
        target = target[name]
    target[path[-1]] = value
