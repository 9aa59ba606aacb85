"""
How an extension is read back: the raw record with the print-outs of the telephony system's commands (DOMAIN 5).

Pure: from what was written to what is read. Everything in the print-outs is text, and what they do not show cannot be read.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pmbulk.simulator.state import Extension, Subsystem

__all__ = ["extension_record"]


def extension_record(extension: Extension, subsystem: Subsystem, *, held: bool) -> dict[str, Any]:
    """The record of *extension*; *held* says whether a user has it."""
    return {
        "extensionId": extension.extension_id,
        "extensionNumber": extension.number,
        "subsystemId": subsystem.subsystem_id,
        "subsystemName": subsystem.name,
        "description": extension.body.get("description", ""),
        "extensionType": extension.kind,
        "freeExtension": not held,
        "extensionVO": _print_outs(extension, subsystem),
    }


def _print_outs(extension: Extension, subsystem: Subsystem) -> dict[str, Any]:
    body, number = extension.body, extension.number
    automatic = body.get("automaticSIPRegistration") or {}
    remote = body.get("sipRemoteExtension") or {}
    print_outs: dict[str, Any] = {
        "gedi": [_generic(body, number, subsystem)],
        "ipex": [_ip(body, number, automatic or remote)],
        "auco": [_code(each, number) for each in body.get("authorizationCodes", ())],
        "niin": [_name(body, number)] if body.get("nameIdentity") else [],
    }
    if remote.get("defaultRemoteNumber"):
        print_outs["reexvos"] = [{"dir": number, "defMobNum": remote["defaultRemoteNumber"]}]
    if remote.get("receivedANumber"):
        print_outs["nutr"] = [{"dir": number, "remNum": [remote["receivedANumber"]]}]
    return print_outs


def _generic(body: dict[str, Any], number: str, subsystem: Subsystem) -> dict[str, Any]:
    """GEDIP: the member ``csp`` is an object here, a plain number in the body (QUIRKS 108)."""
    cli = body.get("publicCLINumber") or {}
    return _texts(
        dir=number,
        lim=_lim(body.get("serverNumber"), subsystem),
        domainName=body.get("domainName"),
        csp={"cspnumber": str(body["commonServiceProfile"])},
        cust={"custnumber": body.get("customer") or "0"},
        lang={"langID": body.get("phoneLanguage") or "default"},
        featureLevel=body.get("featureLevel"),
        mcost=body.get("maximumChargingCost"),
        hacode=body.get("homeAreaCode"),
        bsec=body.get("bossSecretary"),
        bckpos=body.get("backupAnsweringPositionNumber"),
        secexc=body.get("allowSecurityException"),
        enhancedServices=body.get("allowThirdPartyClient"),
        freeOnSecondLine=body.get("freeOnSecondLine"),
        spopt=body.get("phoneType"),
        ndnum=body.get("hotlineNumber"),
        publicCliNumber=cli.get("publicCLINumber"),
        typeOfNumber=cli.get("typeOfCLInumber"),
        cliactive=cli.get("activateCLInumber"),
        clirestriction=cli.get("publicCLINumberPresentationRestriction"),
    )


def _lim(server: int | None, subsystem: Subsystem) -> dict[str, Any] | None:
    found = next((lim for lim in subsystem.lims if lim.number == server), None)
    return None if found is None else {"limnumber": str(found.number), "limaddress": {"ipv4": found.ipv4}, "lan0Address": found.lan0}


def _ip(body: dict[str, Any], number: str, terminal: dict[str, Any]) -> dict[str, Any]:
    """IPEXP: the terminal, from whichever of the two SIP parts was written."""
    return _texts(
        dir=number,
        protocol="SIP",
        iptype=body.get("ipExtensionType") or "IPManualLogin",
        autreg="universalResourceIdentifier" in terminal,
        termid=terminal.get("terminalIdentity"),
        uri=terminal.get("universalResourceIdentifier"),
        slineacc=terminal.get("singleLineAccess"),
        csport=terminal.get("portNumber"),
        defMobNum=terminal.get("defaultRemoteNumber"),
        macaddr=body.get("macAddress"),
        secexc=body.get("allowSecurityException"),
        bckpos=body.get("backupAnsweringPositionNumber"),
        maxter="1",
    )


def _code(code: dict[str, Any], number: str) -> dict[str, Any]:
    """AUCOP: only a code in clear can be read back."""
    clear, hash_type = code["authorizationCode"], code["hashType"]
    # Any digest will do: it is only there to be something else than the code.
    shown = clear if hash_type == "CLEARTEXT" else hashlib.sha256(f"{hash_type}:{number}:{clear}".encode()).hexdigest()
    return _texts(
        dir=number,
        auth=shown,
        hashtype=hash_type,
        cilcode=code.get("callLoggingCode"),
        category={"csp": {"cspnumber": code["commonServiceProfile"]}} if code.get("commonServiceProfile") else None,
        cust=code.get("customer"),
        newCUST=code.get("newCustomer"),
        restrict=code.get("restrictUsageToThisExtensionOnly"),
    )


def _name(body: dict[str, Any], number: str) -> dict[str, Any]:
    """NIINP: names of the extension, which are not the user's."""
    name = body["nameIdentity"]
    return _texts(
        name1=name.get("firstName"),
        name2=name.get("lastName"),
        n1OrN2=name.get("namePresentationOrder"),
        restr=name.get("restrictPresentation"),
        namDb=name.get("includeinDialbyNameDatabase"),
        infoText=name.get("information"),
        nrType={"dir": number},
    )


def _texts(**members: Any) -> dict[str, Any]:
    """*members* with booleans and integers as text (QUIRKS 84) and without those that were not written."""
    return {name: value if isinstance(value, dict) else _text(value) for name, value in members.items() if value not in (None, "")}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
