"""The terminals that an extension can have: alone in their own kinds of extension, side by side in a multi-terminal one (FIELDS 1, QUIRKS 82)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.names import fold
from pmbulk.errors import Finding, Severity
from pmbulk.secret import Secret

__all__ = [
    "AutomaticSipRegistration",
    "DectTerminal",
    "IpTerminal",
    "MobileTerminal",
    "SipRemoteExtension",
    "check_character",
    "handset_findings",
    "remote_findings",
]


#: What a terminal behind a SIP route or a destination is reached by; others may exist (FIELDS 1b).
TRUNK_TYPES: Final = ("Route", "Destination")


def _default_remote_number(*, required: bool = False, expected: bool = False) -> Any:
    """The field for the public number behind an extension."""
    return field_(
        "defaultRemoteNumber",
        required=required,
        expected=expected,
        example="00701234567",
        help="With the external destination code.",
        rule="2 to 25 digits",
        advised=r"\+?[0-9]{2,25}",
        source="FIELDS 1a",
    )


def _received_a_number() -> Any:
    """The field for the number by which the PBX knows the mobile when it calls."""
    return field_(
        "receivedANumber",
        help="The caller's number as the mobile network sends it.",
        rule="digits",
        advised=r"\+?[0-9]+",
        source="FIELDS 1a",
    )


class MobileTerminal(Fields):
    """A telephone in a public network."""

    default_remote_number: str | None = _default_remote_number(required=True)
    received_a_number: str | None = _received_a_number()


class SipTerminal(Fields):
    """A terminal that the PBX knows by its SIP identity."""

    terminal_identity: str | None = field_(
        "terminalIdentity",
        required=True,
        example="sip:1001@pbx",
        rule="like sip:user@host, 7 to 100 characters",
        pattern=r"^sip:.+@.+$",
        min_length=7,
        max_length=100,
        source="FIELDS 1b",
    )
    single_line_access: bool | None = field_("singleLineAccess", source="FIELDS 1b")


class AutomaticSipRegistration(SipTerminal):
    """A SIP terminal with a fixed address."""

    universal_resource_identifier: str | None = field_(
        "universalResourceIdentifier",
        required=True,
        rule="a SIP URI of 7 to 125 characters",
        min_length=7,
        max_length=125,
        source="FIELDS 1b",
    )
    port_number: str | None = field_(
        "portNumber",
        rule="a port from 1 to 65535",
        advised=r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]",
        source="FIELDS 1b",
    )
    transport: str | None = field_("transport", readable=False, advised_choices=("udp", "tcp", "tls"), source="FIELDS 1b")
    translated_prefix: str | None = field_(
        "translatedBnumberPrefix", label="Translated B-number prefix", readable=False, source="FIELDS 1b"
    )


class SipRemoteExtension(SipTerminal):
    """A SIP terminal or mobile behind a SIP route."""

    trunk_type: str | None = field_("trunkType", readable=False, advised_choices=TRUNK_TYPES, source="FIELDS 1b")
    sip_route_number: int | None = field_("sipRouteNumber", readable=False, help="An existing SIP route.", source="FIELDS 1b")
    sip_backup_route_number: int | None = field_(
        "sipBackupRoutenumber", label="SIP backup route number", readable=False, source="FIELDS 1b"
    )
    destination_number: str | None = field_("destinationNumber", readable=False, source="FIELDS 1b")
    default_remote_number: str | None = _default_remote_number(expected=True)
    received_a_number: str | None = _received_a_number()


class IpTerminal(Fields):
    """A telephone that logs on at the PBX."""

    mac_address: str | None = field_(
        "macAddress",
        label="MAC address",
        example="08:00:0F:12:34:56",
        rule="12 hexadecimal digits, with or without ':' or '-' between pairs",
        pattern=r"^(?:[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})$",
        normal=lambda text: text.replace(":", "").replace("-", "").casefold(),
        source="FIELDS 1a",
    )
    allow_third_party_client: bool | None = field_(
        "allowThirdPartyClient", help="Allows a SIP terminal of another make.", source="FIELDS 1a"
    )
    free_on_second_line: int | None = field_(
        "freeOnSecondLine", rule="0 (yes), 1 (no), 2 (yes, fixed) or 3 (no, fixed)", ge=0, le=3, source="FIELDS 1a"
    )


class DectTerminal(Fields):
    """A cordless handset; the PBX forgets key and identity once it has registered (DOMAIN 5)."""

    authentication_key: Secret | None = field_(
        "authenticationKey",
        required=True,
        fades=True,
        example="12345678",
        help="Registers the handset.",
        rule="1 to 8 digits",
        form=r"[0-9]{1,8}",
        source="FIELDS 1a",
    )
    identity: str | None = field_(
        "internationalPortableEquipmentIdentity",
        label="IPEI",
        required=True,
        fades=True,
        example="0000707404102",
        help="The handset's IPEI, without blanks.",
        rule="12 digits and a check character, which is a digit or *",
        pattern=r"^[0-9]{12}[0-9*]$",
        source="FIELDS 1a, DOMAIN 4",
    )
    send_duration: bool | None = field_("sendDuration", help="The registration must be renewed.", source="FIELDS 1a")


def check_character(digits: str) -> str:
    """
    The last character of an IPEI whose first 12 are *digits*.

    Source: DOMAIN 4; the sum of each digit times its position, modulo 11, where 10 is ``*``.

    >>> check_character("000070740410")
    '2'
    """
    rest = sum(position * int(digit) for position, digit in enumerate(digits, start=1)) % 11
    return "*" if rest == 10 else str(rest)


def remote_findings(remotes: Iterable[tuple[str, SipRemoteExtension]]) -> list[Finding]:
    """What a new SIP terminal behind a route or a destination probably lacks; *remotes* stand with what their headers begin with (FIELDS 1b)."""
    findings = []
    for above, remote in remotes:
        route, destination = remote.sip_route_number is not None, bool(remote.destination_number)
        if not route and not destination:
            message = "is blank, and so is destinationNumber; the PBX probably wants the SIP route or the destination of this terminal"
            findings.append(Finding(f"{above}sipRouteNumber", message, Severity.WARNING))
        for trunk, header, given in zip(TRUNK_TYPES, ("sipRouteNumber", "destinationNumber"), (route, destination), strict=True):
            if fold(remote.trunk_type or "") == fold(trunk) and not given and (route or destination):
                message = f"is blank, but trunkType is {trunk}; the PBX probably wants it then"
                findings.append(Finding(f"{above}{header}", message, Severity.WARNING))
    return findings


def handset_findings(identity: str | None, above: str = "") -> list[Finding]:
    """What is wrong with the *identity* of a handset, whose column stands below *above*."""
    if not identity or check_character(identity[:12]) == identity[12:]:
        return []
    message = (
        f"'{identity}' has a wrong digit: its check character would be {check_character(identity[:12])}; copy it again from the handset"
    )
    return [Finding(f"{above}internationalPortableEquipmentIdentity", message)]
