"""
What the telephony system refuses in an extension's body (FIELDS 1).

Functions of the body and the subsystem; they change neither. An empty text counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.state import Subsystem

__all__ = ["check_extension", "check_number"]

_LANGUAGES: Final = "default ar cs da de en es es-MX et eu fi fr fy it ko nl no pl pt pt-BR ro ru sv zh zh-Hant"
_MAC: Final = r"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}"
_URI: Final = r"sip:[^\s@]+@[^\s@]+"

#: Path of a text → the form that it must have, and that form in words. A path through a list means each of its elements.
_FORMS: Final = {
    "phoneLanguage": (_LANGUAGES.replace(" ", "|"), f"one of {_LANGUAGES}"),
    "maximumChargingCost": (r"[0-9]+", "digits"),
    "homeAreaCode": (r"[0-9]{1,6}", "1 to 6 digits"),
    "backupAnsweringPositionNumber": (r"\S{2,20}", "2 to 20 characters"),
    "macAddress": (_MAC, "12 hexadecimal digits, plain or in pairs with : or -"),
    "hotlineNumber": (r"[0-9*#A-E]{1,26}", "1 to 26 of the characters 0-9 * # A-E"),
    "domainName": (r"(?=.{1,253}$)[^.\s]{1,63}(\.[^.\s]{1,63})*", "a domain of at most 253 characters with labels of at most 63"),
    "nameIdentity.firstName": (r".{1,20}", "at most 20 characters"),
    "nameIdentity.lastName": (r".{1,20}", "at most 20 characters"),
    "nameIdentity.information": (r".{1,20}", "at most 20 characters"),
    "publicCLINumber.publicCLINumber": (r"[0-9]{1,20}", "1 to 20 digits"),
    "authorizationCodes.authorizationCode": (r"\S{2,64}", "2 to 64 characters"),
    "authorizationCodes.hashType": (r"CLEARTEXT|MD5A1|SHA256|SHA256_MD5A1", "one of CLEARTEXT, MD5A1, SHA256, SHA256_MD5A1"),
    "automaticSIPRegistration.terminalIdentity": (rf"(?=.{{7,100}}$){_URI}", "7 to 100 characters like sip:user@host"),
    "automaticSIPRegistration.universalResourceIdentifier": (rf"(?=.{{7,125}}$){_URI}", "7 to 125 characters like sip:user@host"),
    "sipRemoteExtension.terminalIdentity": (rf"(?=.{{7,100}}$){_URI}", "7 to 100 characters like sip:user@host"),
    "sipRemoteExtension.defaultRemoteNumber": (r"\+?[0-9]{2,25}", "2 to 25 digits"),
    "parallelRinging.secondaryDirectoryNumber1": (r"[0-9]{2,20}", "2 to 20 digits"),
    "parallelRinging.secondaryDirectoryNumber2": (r"[0-9]{2,20}", "2 to 20 digits"),
}  # fmt: skip

#: Path of a number, written as an integer or as text → its bounds.
_BOUNDS: Final = {
    "serverNumber": (1, 124),
    "commonServiceProfile": (0, 500),
    "customer": (0, 50_000),
    "freeOnSecondLine": (0, 3),
    "authorizationCodes.customer": (0, 50_000),
    "authorizationCodes.newCustomer": (0, 50_000),
    "authorizationCodes.commonServiceProfile": (0, 500),
    "automaticSIPRegistration.portNumber": (1, 65_535),
}

#: Member that is sent → what must be in it, in each element if it is a list.
_NEEDED: Final = {
    "authorizationCodes": ("authorizationCode", "hashType"),
    "automaticSIPRegistration": ("terminalIdentity", "universalResourceIdentifier"),
    "publicCLINumber": ("publicCLINumber", "typeOfCLInumber"),
    "sipRemoteExtension": ("terminalIdentity",),
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


def check_extension(subsystem: Subsystem, body: dict[str, Any]) -> None:
    """
    Holds everything but the number against the rules.

    Raises:
        RefusedError: 400 for the first rule that *body* breaks.
    """
    _check_home(subsystem, body)
    if "commonServiceProfile" not in body:
        raise RefusedError(400, "commonServiceProfile is mandatory", code="MANDATORY")
    for path, (form, words) in _FORMS.items():
        for value in _values(body, path):
            if not re.fullmatch(form, value):
                raise RefusedError(400, f"{path} must be {words}", code="INVALID_FIELD")
    for path, (low, high) in _BOUNDS.items():
        for value in _values(body, path):
            if not (str(value).isdecimal() and low <= int(value) <= high):
                raise RefusedError(400, f"{path} must be a number from {low} to {high}", code="INVALID_FIELD")
    for member, needed in _NEEDED.items():
        for element in _elements(body.get(member)):
            _check_needed(member, element, needed)


def _check_home(subsystem: Subsystem, body: dict[str, Any]) -> None:
    """An extension lives on a LIM or in a domain, never both."""
    server, domain = body.get("serverNumber"), body.get("domainName")
    if not server and not domain:
        raise RefusedError(400, "serverNumber or domainName is mandatory", code="MANDATORY")
    if server and domain:
        raise RefusedError(400, "serverNumber and domainName exclude one another", code="INVALID_FIELD")
    if server and server not in {lim.number for lim in subsystem.lims}:
        raise RefusedError(400, f"{subsystem.name} has no server {server}", code="UNKNOWN_SERVER")


def _check_needed(member: str, element: dict[str, Any], needed: tuple[str, ...]) -> None:
    if not any(element.values()):
        return
    if member == "sipRemoteExtension":
        needed = (*needed, "destinationNumber" if element.get("trunkType") == "Destination" else "sipRouteNumber")
    missing = [name for name in needed if not element.get(name)]
    if missing:
        raise RefusedError(400, f"{member}.{missing[0]} is mandatory", code="MANDATORY")


def _values(body: dict[str, Any], path: str) -> Iterator[Any]:
    """What stands at *path*, empty texts left out."""
    member, _, rest = path.partition(".")
    value = body.get(member)
    if rest:
        for element in _elements(value):
            yield from _values(element, rest)
    elif value not in (None, ""):
        yield value


def _elements(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
