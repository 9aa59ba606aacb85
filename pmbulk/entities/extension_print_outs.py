"""
The two languages of an extension as tables: the short members of the PBX's print-outs and the readable ones of the typed calls (DOMAIN 5).

Read one way by `extension_record` and the other by `record_of_body`; which print-outs an extension has is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from pmbulk.entities.model import Body

__all__ = [
    "AUCO",
    "AUTOMATIC",
    "DECT",
    "DESTINATION",
    "EXTENSION_TYPES",
    "GEDI",
    "HOME",
    "IPEX",
    "MAC",
    "MOBILE",
    "NIIN",
    "REMOTE",
    "ROUTE",
    "ROUTED",
    "ROUTE_TYPES",
    "SECURED",
    "SERVICES",
    "TERMINALS",
    "ExtensionKind",
    "Translation",
    "blocks",
    "carry",
    "first",
    "inner",
    "is_set",
    "listed",
    "printed",
]


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
#: The address of a terminal behind a SIP route, with its backup (FIELDS 1b).
ROUTE: Final = re.compile(r"rou:([0-9]{1,9})(?:&([0-9]{1,9}))?.*", re.IGNORECASE | re.DOTALL)
#: The same behind a destination.
DESTINATION: Final = re.compile(r"dest:([^@]+)@?.*", re.IGNORECASE | re.DOTALL)

#: Rows of a short path, the readable path, and what makes the readable value of a printed one (``None``: it cannot be understood).
Translation = tuple[tuple[str, str, Callable[[Any], Any]], ...]


def _text(value: Any) -> str:
    return str(value)


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 16 else None


def is_set(value: Any) -> bool:
    """Whether a printed flag says yes."""
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
    ("clirestriction", "publicCLINumber.publicCLINumberPresentationRestriction", is_set),
)
_SECRETARY: Final[Translation] = (("bsec", "bossSecretary", is_set),)
_TELEPHONE: Final[Translation] = (
    ("lang.langID", "phoneLanguage", _text),
    ("spopt", "phoneType", _text),
    ("ndnum", "hotlineNumber", _text),
)
#: Of the generic print-out and of IP terminals.
SECURED: Final[Translation] = (
    ("secexc", "allowSecurityException", is_set),
    ("bckpos", "backupAnsweringPositionNumber", _text),
)
_THIRD_PARTY: Final[Translation] = (("enhancedServices", "allowThirdPartyClient", is_set),)
#: Of the generic print-out, but written with the IP terminal (QUIRKS 82).
SERVICES: Final[Translation] = (*_THIRD_PARTY, ("freeOnSecondLine", "freeOnSecondLine", _number))
#: What the generic print-out has for each kind (FIELDS 1a).
GEDI: Final[Mapping[ExtensionKind, Translation]] = {
    ExtensionKind.VIRTUAL: _GENERIC + _SECRETARY,
    ExtensionKind.MULTI_TERMINAL: _GENERIC + _SECRETARY + _TELEPHONE + SECURED,
    ExtensionKind.MOBILE: _GENERIC + _SECRETARY + _TELEPHONE,
    ExtensionKind.IP: _GENERIC + _SECRETARY + _TELEPHONE + SECURED + SERVICES,
    ExtensionKind.CORDLESS: _GENERIC + _TELEPHONE + _THIRD_PARTY,
}
#: Of the generic print-out: the LIM that has the number.
HOME: Final[Translation] = (("lim.limnumber", "serverNumber", _number),)
#: The print-out of the name.
NIIN: Final[Translation] = (
    ("name1", "nameIdentity.firstName", _text),
    ("name2", "nameIdentity.lastName", _text),
    ("n1OrN2", "nameIdentity.namePresentationOrder", _text),
    ("restr", "nameIdentity.restrictPresentation", is_set),
    ("namDb", "nameIdentity.includeinDialbyNameDatabase", is_set),
    ("infoText", "nameIdentity.information", _text),
)
#: Of an IP terminal: what says which telephone it is.
MAC: Final[Translation] = (("macaddr", "macAddress", _text),)
#: The print-out of an IP extension.
IPEX: Final[Translation] = (*MAC, ("iptype", "ipExtensionType", _text), *SECURED)
#: How many telephones may log on.
TERMINALS: Final[Translation] = (("maxter", "maximumTerminals", _number),)
#: Of an IP terminal behind a SIP route.
REMOTE: Final[Translation] = (
    ("termid", "terminalIdentity", _text),
    ("defMobNum", "defaultRemoteNumber", _text),
    ("slineacc", "singleLineAccess", is_set),
)
#: Of an IP terminal with a fixed address.
AUTOMATIC: Final[Translation] = (
    ("termid", "terminalIdentity", _text),
    ("uri", "universalResourceIdentifier", _text),
    ("csport", "portNumber", _text),
    ("slineacc", "singleLineAccess", is_set),
)
#: Of a telephone in a public network, beside other terminals.
MOBILE: Final[Translation] = (("defMobNum", "defaultRemoteNumber", _text),)
#: Of a telephone in a public network, alone.
ROUTED: Final[Translation] = (*MOBILE, ("mobType", "extensionRouteType", _route_type))
#: The print-out of a cordless handset.
DECT: Final[Translation] = (
    ("autkey", "authenticationKey", _text),
    ("ipei", "internationalPortableEquipmentIdentity", _text),
    ("sdur", "sendDuration", is_set),
)
#: The print-out of an authorization code, all but the code.
AUCO: Final[Translation] = (
    ("hashtype", "hashType", _text),
    ("cilcode", "callLoggingCode", _text),
    ("cust", "customer", _text),
    ("newCUST", "newCustomer", _text),
    ("category.csp.cspnumber", "commonServiceProfile", _text),
    ("restrict", "restrictUsageToThisExtensionOnly", is_set),
)


def carry(source: Mapping[str, Any], translation: Translation, target: Body) -> Body:
    """*target* with what the print-out *source* says."""
    for short, readable, convert in translation:
        value = inner(source, short)
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


def printed(body: Mapping[str, Any], translation: Translation) -> Body:
    """The print-out of what *body* says: all of it text, and nothing of what it does not say (QUIRKS 84)."""
    print_out: Body = {}
    for short, readable, _convert in translation:
        value = inner(body, readable)
        if value is None or value == "":
            continue
        *above, last = short.split(".")
        place = print_out
        for part in above:
            place = place.setdefault(part, {})
        place[last] = str(value).lower() if isinstance(value, bool) else str(value)
    return print_out


def inner(source: Any, path: str) -> Any:
    """What stands at the dotted *path*; ``None`` where nothing does."""
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def first(block: Any) -> Mapping[str, Any]:
    """A print-out, whether PM gives it alone or as the first of a list; empty where it gives none."""
    blocks = listed(block)
    return blocks[0] if blocks and isinstance(blocks[0], Mapping) else {}


def blocks(block: Any) -> list[Mapping[str, Any]]:
    """All print-outs of a kind."""
    return [one for one in listed(block) if isinstance(one, Mapping)]


def listed(block: Any) -> list[Any]:
    """What PM gives as a list, or alone, as a list."""
    if isinstance(block, list):
        return block
    return [] if block in (None, "") else [block]
