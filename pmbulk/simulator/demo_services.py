"""
What the demonstration has beyond the basics: services for users, and an extension of every kind with all that may belong to one.

Knows the records of `state` and how they are written. Everything here comes after what `demo` makes, so that its ids are what they are.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.state import CallList, Extension, Subsystem, World
from pmbulk.simulator.subsystems import MICOLLAB_ROLES

__all__ = ["fill_services"]

_DECT: Final = {
    "miVoiceMXONESubsystem": "MX1",
    "useHttps": True,
    "subscription": True,
    "version": "8.3",
    "multiOpenMobilityManager": False,
    "ipOrFQDNaddress": "omm.example",
    "port": "12622",
    "axiPort": "12622",
    "userID": "omm",
    "password": "Omm-1234567!",
}
_MICOLLAB: Final = {
    "miCollabServerVersion": "9.8",
    "miCollabIPOrFQDNAddress": "micollab.example",
    "miCollabUserId": "micollab_api",
    "miCollabUserPassword": "Micollab-1234567!",
    "miCollabPool": "Pool 1",
    "enableMiCollabADAuthentication": False,
}
_CLOUDLINK: Final = {
    "cloudLinkAPIURL": "https://cloudlink.example/api",
    "cloudLinkAccountID": "1b2c3d4e",
    "cloudLinkUserId": "account.admin@example.com",
    "cloudLinkUserPassword": "Cloudlink-1234567!",
    "cloudLinkGatewayURL": "https://gateway.example",
}
# name, type, what is written for the type
_SUBSYSTEMS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("DECT1", "SIPDECTManager", _DECT),
    ("MICOLLAB1", "MiCollabServer", _MICOLLAB),
    ("CLOUDLINK1", "CloudLinkServer", _CLOUDLINK),
)

# subsystem, number, kind, first name, last name, what is written beside
_EXTENSIONS: Final[tuple[tuple[str, str, str, str, str, dict[str, Any]], ...]] = (
    (
        "MX1",
        "1101",
        "IP",
        "Frida",
        "Holm",
        {
            "ipExtensionType": "IPManualLogin",
            "authorizationCodes": [{"authorizationCode": "110111", "hashType": "CLEARTEXT", "callLoggingCode": "1101", "customer": "0"}],
            "callPickupGroup": "1",
            "huntGroup": {"huntGroupNumber": "3900", "groupAlias": False},
        },
    ),
    ("MX1", "1102", "MOBILE", "Gustav", "Ek", {"defaultRemoteNumber": "000701234567", "receivedANumber": "46701234567"}),
    (
        "MX1",
        "1103",
        "DECT",
        "Helga",
        "Strand",
        {"authenticationKey": "1103", "internationalPortableEquipmentIdentity": "0000707404102", "sendDuration": False},
    ),
    ("MX1", "1104", "VIRTUAL", "Service", "Desk", {"description": "Only forwards"}),
    (
        "MX1",
        "1105",
        "MULTI_TERMINAL",
        "Ivar",
        "Lund",
        {
            "ipExtension": {"maximumTerminals": 2, "macAddress": "08000F110500"},
            "mobileExtension": {"defaultRemoteNumber": "000707654321", "receivedANumber": "46707654321"},
            "authorizationCodes": [{"authorizationCode": "110511", "hashType": "MD5A1", "callLoggingCode": "1105", "customer": "0"}],
        },
    ),
    ("MX2", "5101", "MOBILE", "Jonas", "Wolf", {"defaultRemoteNumber": "0001711234567", "receivedANumber": "491711234567"}),
)
# What only MX1 knows: number, kind, first name, last name
_UNKNOWN_TO_PM: Final = (("1190", "IP", "Loading", "Dock"), ("1191", "VIRTUAL", "Night", "Service"))


def fill_services(world: World) -> None:
    """Adds the demonstration's further subsystems and extensions to *world*."""
    for name, kind, block in _SUBSYSTEMS:
        subsystem_id = world.next_id("subsystem")
        roles = MICOLLAB_ROLES if kind == "MiCollabServer" else ()
        world.subsystems[subsystem_id] = Subsystem(subsystem_id, name, kind, location_id=1, block=dict(block), roles=roles)
    for subsystem_name, number, kind, first_name, last_name, beside in _EXTENSIONS:
        subsystem = world.subsystem_by_name(subsystem_name)
        if subsystem is not None:
            body = _body(number, first_name, last_name) | beside
            world.put_extension(Extension(world.next_id("extension"), number, subsystem.subsystem_id, kind, body))
    _program(world)
    mx1 = world.subsystem_by_name("MX1")
    if mx1 is not None:
        mx1.unknown_to_pm = {number: (kind, _body(number, first, last)) for number, kind, first, last in _UNKNOWN_TO_PM}


def _body(number: str, first_name: str, last_name: str) -> dict[str, Any]:
    return {
        "extensionNumber": number,
        "serverNumber": 1,
        "commonServiceProfile": 1,
        "nameIdentity": {"firstName": first_name, "lastName": last_name},
    }


def _program(world: World) -> None:
    """Gives the first extension keys, a personal number and a terminal selection."""
    extension = world.extension_by_number("1101")
    if extension is None:
        return
    extension.panel = "Mitel6869i"
    extension.keys = {
        "Mitel6869i": {
            1: {"keyPosition": 1, "logicalKeyId": 1, "keyFunction": "TNS", "keyFunctionValue": "1002", "displayText": "Björn"},
            2: {"keyPosition": 2, "logicalKeyId": 2, "keyFunction": "DMN", "keyFunctionValue": "1003", "displayText": "Conference"},
        }
    }
    choices: dict[int, dict[str, Any]] = {
        1: {"chono": 1, "anspos": "1101", "stime": 20, "bsycho": 2},
        2: {"chono": 2, "anspos": "000701112223", "stime": 30, "bsycho": 11},
    }
    extension.call_lists = {
        1: CallList(1, "Office", active=True, choices=choices),
        2: CallList(2, "Travel", choices={1: {"chono": 1, "anspos": "000701112223", "stime": 60}}),
    }
    extension.ons = [{"onsid": "1", "onsprefix": "00", "onstranslateNo": "46850001101"}]
