"""
What the telephony system refuses in an extension's body (FIELDS 1).

Functions of the body and the subsystem; they change neither. An empty text counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.shapes import integer
from pmbulk.simulator.state import Subsystem

__all__ = ["check_extension", "check_number", "ipei_check_character"]

_LANGUAGES: Final = "default ar cs da de en es es-MX et eu fi fr fy it ko nl no pl pt pt-BR ro ru sv zh zh-Hant"
_MAC: Final = r"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}"
_URI: Final = r"sip:[^\s@]+@[^\s@]+"


class _Rule(NamedTuple):
    """What a value must fulfil, and that in words."""

    holds: Callable[[Any], object]
    words: str


def _form(pattern: str, words: str) -> _Rule:
    return _Rule(re.compile(pattern).fullmatch, words)


def _bounds(low: int, high: int) -> _Rule:
    """Bounds of a number, which is written as an integer or as text."""

    def holds(value: object) -> bool:
        number = integer(str(value))
        return number is not None and low <= number <= high

    return _Rule(holds, f"a number from {low} to {high}")


def ipei_check_character(digits: str) -> str:
    """The character that belongs after the first 12 of *digits*: their sum, each times its position, modulo 11; 10 is ``*`` (DOMAIN 4)."""
    rest = sum(position * int(digit) for position, digit in enumerate(digits[:12], start=1)) % 11
    return "*" if rest == 10 else str(rest)


_NAME: Final = _form(r".{1,20}", "at most 20 characters")
_MAC_ADDRESS: Final = _form(_MAC, "12 hexadecimal digits, plain or in pairs with : or -")
_REMOTE_NUMBER: Final = _form(r"\+?[0-9]{2,25}", "2 to 25 digits")
_DIRECTORY_NUMBER: Final = _form(r"[0-9]{2,20}", "2 to 20 digits")
_IDENTITY: Final = _form(rf"(?=.{{7,100}}$){_URI}", "7 to 100 characters like sip:user@host")
_DECT_KEY: Final = _form(r"[0-9]{1,8}", "1 to 8 digits")
_IPEI: Final = _form(r"[0-9]{12}[0-9*]", "12 digits and a check character")
_CHECKED_IPEI: Final = _Rule(lambda value: ipei_check_character(value) == value[-1], "an identity with the right check character")
_CUSTOMER: Final = _bounds(0, 50_000)
_PROFILE: Final = _bounds(0, 500)

#: Path of a value → its rule. A path through a list means each of its elements.
_RULES: Final = (
    ("serverNumber", _bounds(1, 124)),
    ("commonServiceProfile", _PROFILE),
    ("customer", _CUSTOMER),
    ("phoneLanguage", _form(_LANGUAGES.replace(" ", "|"), f"one of {_LANGUAGES}")),
    ("maximumChargingCost", _form(r"[0-9]+", "digits")),
    ("homeAreaCode", _form(r"[0-9]{1,6}", "1 to 6 digits")),
    ("backupAnsweringPositionNumber", _form(r"\S{2,20}", "2 to 20 characters")),
    ("macAddress", _MAC_ADDRESS),
    ("freeOnSecondLine", _bounds(0, 3)),
    ("hotlineNumber", _form(r"[0-9*#A-E]{1,26}", "1 to 26 of the characters 0-9 * # A-E")),
    ("domainName", _form(r"(?=.{1,253}$)[^.\s]{1,63}(\.[^.\s]{1,63})*", "a domain of at most 253 characters with labels of at most 63")),
    ("defaultRemoteNumber", _REMOTE_NUMBER),
    ("authenticationKey", _DECT_KEY),
    ("internationalPortableEquipmentIdentity", _IPEI),
    ("internationalPortableEquipmentIdentity", _CHECKED_IPEI),
    ("nameIdentity.firstName", _NAME),
    ("nameIdentity.lastName", _NAME),
    ("nameIdentity.information", _NAME),
    ("publicCLINumber.publicCLINumber", _form(r"[0-9]{1,20}", "1 to 20 digits")),
    ("authorizationCodes.authorizationCode", _form(r"\S{2,64}", "2 to 64 characters")),
    ("authorizationCodes.hashType", _form(r"CLEARTEXT|MD5A1|SHA256|SHA256_MD5A1", "one of CLEARTEXT, MD5A1, SHA256, SHA256_MD5A1")),
    ("authorizationCodes.customer", _CUSTOMER),
    ("authorizationCodes.newCustomer", _CUSTOMER),
    ("authorizationCodes.commonServiceProfile", _PROFILE),
    ("automaticSIPRegistration.terminalIdentity", _IDENTITY),
    (
        "automaticSIPRegistration.universalResourceIdentifier",
        _form(rf"(?=.{{7,125}}$){_URI}", "7 to 125 characters like sip:user@host"),
    ),
    ("automaticSIPRegistration.portNumber", _bounds(1, 65_535)),
    ("sipRemoteExtension.terminalIdentity", _IDENTITY),
    ("sipRemoteExtension.defaultRemoteNumber", _REMOTE_NUMBER),
    ("parallelRinging.secondaryDirectoryNumber1", _DIRECTORY_NUMBER),
    ("parallelRinging.secondaryDirectoryNumber2", _DIRECTORY_NUMBER),
    ("dectExtension.authenticationKey", _DECT_KEY),
    ("dectExtension.internationalPortableEquipmentIdentity", _IPEI),
    ("dectExtension.internationalPortableEquipmentIdentity", _CHECKED_IPEI),
    ("mobileExtension.defaultRemoteNumber", _REMOTE_NUMBER),
    ("ipExtension.macAddress", _MAC_ADDRESS),
    ("ipExtension.freeOnSecondLine", _bounds(0, 3)),
    ("ipExtension.maximumTerminals", _bounds(1, 8)),
)  # fmt: skip


def _by_member() -> dict[str, list[tuple[str, str, _Rule]]]:
    """The rules by the first step of their paths, so that only those of members that were sent are looked at."""
    found: dict[str, list[tuple[str, str, _Rule]]] = {}
    for path, rule in _RULES:
        member, _, rest = path.partition(".")
        found.setdefault(member, []).append((path, rest, rule))
    return found


_RULES_OF: Final = _by_member()

#: Member that is sent → what must be in it, in each element if it is a list.
_NEEDED: Final = {
    "authorizationCodes": ("authorizationCode", "hashType"),
    "automaticSIPRegistration": ("terminalIdentity", "universalResourceIdentifier"),
    "dectExtension": ("authenticationKey", "internationalPortableEquipmentIdentity"),
    "mobileExtension": ("defaultRemoteNumber",),
    "publicCLINumber": ("publicCLINumber", "typeOfCLInumber"),
    "sipRemoteExtension": ("terminalIdentity",),
}
#: Kind of extension → what its one terminal needs.
_NEEDED_BY_KIND: Final = {
    "DECT": ("authenticationKey", "internationalPortableEquipmentIdentity"),
    "MOBILE": ("defaultRemoteNumber",),
}


def check_number(subsystem: Subsystem, number: str) -> None:
    """
    Holds a new *number* against the numbering of *subsystem*.

    Raises:
        RefusedError: 400 unless it is 2 to 20 digits within a number series for extensions.
    """
    if not re.fullmatch(r"[0-9]{2,20}", number):
        raise RefusedError(400, "extensionNumber must be 2 to 20 digits", code="INVALID_FIELD")
    if not any(series.kind == "EX" and series.holds(number) for series in subsystem.series):
        raise RefusedError(400, f"{number} is in no extension number series of {subsystem.name}", code="NO_SERIES")


def check_extension(subsystem: Subsystem, kind: str, body: dict[str, Any]) -> None:
    """
    Holds everything but the number of an extension of this *kind* against the rules.

    Raises:
        RefusedError: 400 for the first rule that *body* breaks.
    """
    _check_home(subsystem, kind, body)
    if "commonServiceProfile" not in body:
        raise RefusedError(400, "commonServiceProfile is mandatory", code="MANDATORY")
    missing = [name for name in _NEEDED_BY_KIND.get(kind, ()) if not body.get(name)]
    if missing:
        raise RefusedError(400, f"{missing[0]} is mandatory", code="MANDATORY")
    _check_values(body)
    for member, needed in _NEEDED.items():
        value = body.get(member)
        for element in _elements(value):
            # An empty object is none, but in a list it stands for something.
            if isinstance(value, list) or any(element.values()):
                _check_needed(member, element, needed)


def _check_values(body: dict[str, Any]) -> None:
    for member, value in body.items():
        for path, rest, rule in _RULES_OF.get(member, ()):
            held = [value] if not rest else [element.get(rest) for element in _elements(value)]
            if not all(each is None or each == "" or rule.holds(each) for each in held):
                raise RefusedError(400, f"{path} must be {rule.words}", code="INVALID_FIELD")


def _check_home(subsystem: Subsystem, kind: str, body: dict[str, Any]) -> None:
    """An extension lives on a LIM or in a domain, never both; cordless ones have no domain (QUIRKS 81)."""
    server, domain = body.get("serverNumber"), body.get("domainName")
    if not server and not domain:
        choice = "serverNumber is mandatory" if kind == "DECT" else "serverNumber or domainName is mandatory"
        raise RefusedError(400, choice, code="MANDATORY")
    if server and domain:
        raise RefusedError(400, "serverNumber and domainName exclude one another", code="INVALID_FIELD")
    if server and server not in {lim.number for lim in subsystem.lims}:
        raise RefusedError(400, f"{subsystem.name} has no server {server}", code="UNKNOWN_SERVER")


def _check_needed(member: str, element: dict[str, Any], needed: tuple[str, ...]) -> None:
    if member == "sipRemoteExtension":
        needed = (*needed, "destinationNumber" if element.get("trunkType") == "Destination" else "sipRouteNumber")
    missing = [name for name in needed if not element.get(name)]
    if missing:
        raise RefusedError(400, f"{member}.{missing[0]} is mandatory", code="MANDATORY")


def _elements(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
