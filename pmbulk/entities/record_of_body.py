"""
An extension as a typed call writes it, in the raw record in which PM would show it: the inverse of `extension_record` (DOMAIN 5), pure.

What PM does not show of a body is not in its record, and a code that is kept as a hash stands there without the code (DOMAIN 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pmbulk.entities.extension_fields import CLEARTEXT
from pmbulk.entities.extension_print_outs import (
    AUCO,
    AUTOMATIC,
    DECT,
    GEDI,
    HOME,
    IPEX,
    MAC,
    MOBILE,
    NIIN,
    REMOTE,
    ROUTED,
    SECURED,
    SERVICES,
    TERMINALS,
    ExtensionKind,
    listed,
    printed,
)
from pmbulk.entities.model import Body

__all__ = ["record_of"]

#: The type that an IP extension behind a SIP route shows (QUIRKS 49).
_REMOTE_TYPE: Final = "REMOTE"


def record_of(body: Mapping[str, Any], kind: ExtensionKind) -> Body:
    """The detail record that reads as *body*, of an extension of this *kind*."""
    number = str(body.get("extensionNumber") or "")
    remote = kind is ExtensionKind.IP and "sipRemoteExtension" in body
    record = {
        "extensionNumber": number,
        "extensionType": _REMOTE_TYPE if remote else kind.value,
        "extensionVO": _print_outs(body, kind, {"dir": number} if number else {}),
    }
    return record | ({"description": body["description"]} if body.get("description") else {})


def _print_outs(body: Mapping[str, Any], kind: ExtensionKind, of_number: Body) -> Body:
    generic = printed(body, GEDI[kind] + HOME)
    if "domainName" in body and "lim" not in generic:
        generic["domainName"] = str(body["domainName"])
    print_outs: Body = {"gedi": [of_number | generic]}
    if body.get("nameIdentity"):
        print_outs["niin"] = [of_number | printed(body, NIIN)]
    if body.get("authorizationCodes"):
        print_outs["auco"] = [of_number | _code(code) for code in body["authorizationCodes"]]
    terminals = _TERMINALS_OF[kind](body, of_number)
    return print_outs | terminals | {"gedi": [print_outs["gedi"][0] | terminals.get("gedi", {})]}


def _code(code: Mapping[str, Any]) -> Body:
    clear = (code.get("hashType") or CLEARTEXT) == CLEARTEXT and code.get("authorizationCode")
    return printed(code, AUCO) | ({"auth": str(code["authorizationCode"])} if clear else {})


def _no_terminal(_body: Mapping[str, Any], _of_number: Body) -> Body:
    return {}


def _ip_terminal(body: Mapping[str, Any], of_number: Body) -> Body:
    common = of_number | printed(body, IPEX)
    if "sipRemoteExtension" in body:
        remote = body["sipRemoteExtension"]
        return {"ipex": [common | {"autreg": "false"} | _remote(remote)], **_behind([remote], of_number)}
    if "automaticSIPRegistration" in body:
        return {"ipex": [common | {"autreg": "true"} | printed(body["automaticSIPRegistration"], AUTOMATIC)]}
    return {"ipex": [common | {"autreg": "false"}]}


def _mobile_terminal(body: Mapping[str, Any], of_number: Body) -> Body:
    return {"reexvos": [of_number | printed(body, ROUTED)], **_received([body], of_number)}


def _cordless_terminal(body: Mapping[str, Any], of_number: Body) -> Body:
    return {"cxakp": [of_number | printed(body, DECT)]}


def _several_terminals(body: Mapping[str, Any], of_number: Body) -> Body:
    common = of_number | printed(body, SECURED)
    manual, automatic, mobile = (body.get(part) for part in ("ipExtension", "automaticSIPRegistration", "mobileExtension"))
    remotes = listed(body.get("sipRemoteExtension"))
    phones = [] if manual is None else [common | {"autreg": "false"} | printed(manual, MAC + TERMINALS)]
    phones += [] if automatic is None else [common | {"autreg": "true"} | printed(automatic, AUTOMATIC)]
    phones += [common | {"autreg": "false"} | _remote(remote) for remote in remotes]
    print_outs: Body = {"gedi": printed(manual or {}, SERVICES + TERMINALS)}
    if phones:
        print_outs["ipex"] = phones
    if "dectExtension" in body:
        print_outs["cxakp"] = [of_number | {"accessRights": "false"} | printed(body["dectExtension"], DECT)]
    return print_outs | _behind(([] if mobile is None else [mobile]) + remotes, of_number)


_TERMINALS_OF: Final[Mapping[ExtensionKind, Callable[[Mapping[str, Any], Body], Body]]] = {
    ExtensionKind.VIRTUAL: _no_terminal,
    ExtensionKind.MULTI_TERMINAL: _several_terminals,
    ExtensionKind.MOBILE: _mobile_terminal,
    ExtensionKind.IP: _ip_terminal,
    ExtensionKind.CORDLESS: _cordless_terminal,
}


def _remote(remote: Mapping[str, Any]) -> Body:
    """The print-out of a terminal behind a SIP route or a destination, which its address names (FIELDS 1b)."""
    shown = printed(remote, REMOTE)
    if remote.get("trunkType") == "Destination" and remote.get("destinationNumber"):
        return shown | {"uri": f"dest:{remote['destinationNumber']}@{remote.get('defaultRemoteNumber', '')}"}
    if remote.get("sipRouteNumber") is None:
        return shown
    backup = remote.get("sipBackupRoutenumber")
    return shown | {"uri": f"rou:{remote['sipRouteNumber']}{'' if backup is None else f'&{backup}'}"}


def _behind(parts: list[Mapping[str, Any]], of_number: Body) -> Body:
    """The print-outs of the *parts* that ring a number in a public network."""
    shown = [of_number | printed(part, MOBILE) for part in parts]
    return {"reexvos": shown, **_received(parts, of_number)} if shown else {}


def _received(parts: list[Mapping[str, Any]], of_number: Body) -> Body:
    numbers = [str(part["receivedANumber"]) for part in parts if part.get("receivedANumber")]
    return {"nutr": [of_number | {"remNum": numbers}]} if numbers else {}
