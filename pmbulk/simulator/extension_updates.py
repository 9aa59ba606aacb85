"""
What a change makes of an extension: the rules that compare old and new, and the raw record as a source of changes.

Knows bodies and print-outs; the calls themselves stand in `extensions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.extension_rules import check_extension
from pmbulk.simulator.extension_terms import CODE, CORDLESS, FALLBACK, GENERIC, IP_PHONE, NAME, REMOTE, SERVICES, code_shown, written
from pmbulk.simulator.registry import Call
from pmbulk.simulator.state import Extension, Subsystem

__all__ = ["change_extension", "raw_changes", "written_codes"]

#: What a change cannot move (DOMAIN 4): an extension has to be deleted and made anew.
_HOME: Final = ("serverNumber", "domainName")
#: What a cordless telephone that has logged on keeps, although it can no longer be read.
_REGISTRATION: Final = ("authenticationKey", "internationalPortableEquipmentIdentity")


def change_extension(call: Call, subsystem: Subsystem, extension: Extension, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """
    Gives *extension* the new *body*, which comes back as it is kept.

    Raises:
        RefusedError: 400 if it would move to another server or domain, allow fewer terminals, or break a rule of its *kind*.
    """
    for member in _HOME:
        old, new = extension.body.get(member), body.get(member)
        if new and new != old:
            raise RefusedError(400, f"{member} of extension {extension.number} cannot be changed", code="NOT_CHANGEABLE")
        if old:
            body[member] = old
    old_limit, new_limit = (each.get("ipExtension", {}).get("maximumTerminals", 0) for each in (extension.body, body))
    if 0 < new_limit < old_limit:
        raise RefusedError(400, f"ipExtension.maximumTerminals can only grow, it is {old_limit}", code="NOT_CHANGEABLE")
    if call.settings.dect_handsets_registered:
        body = _with_registration(body, extension.body, kind)
    check_extension(subsystem, kind, body)
    extension.body = body
    return body


def raw_changes(extension: Extension, record: Mapping[str, Any]) -> dict[str, Any]:
    """
    The body of *extension* after what the raw *record* says; what it does not mention stays.

    Which members PM honours is not documented (DOMAIN 5), so these are the ones that the typed calls have too.

    Raises:
        RefusedError: 400 if the record is of another extension.
    """
    if record.get("extensionNumber", extension.number) != extension.number:
        raise RefusedError(400, "extensionNumber in the body is not the one in the query", code="ID_MISMATCH")
    if record.get("extensionId", extension.extension_id) not in (0, extension.extension_id):
        raise RefusedError(400, "extensionId in the body is not the extension's", code="ID_MISMATCH")
    raw: Mapping[str, Any] = record.get("extensionVO", {})
    generic, phone = _first(raw, "gedi"), _first(raw, "ipex")
    body = written(generic, GENERIC + FALLBACK, over=extension.body)
    body = written(_first(raw, "niin"), NAME, over=body)
    if "limnumber" in generic.get("lim", {}):
        body["serverNumber"] = int(generic["lim"]["limnumber"]) if generic["lim"]["limnumber"].isdecimal() else 0
    if "description" in record:
        body["description"] = record["description"]
    if "auco" in raw:
        body["authorizationCodes"] = written_codes(extension, raw["auco"])
    match extension.kind:
        case "IP":
            body = written(generic, SERVICES, over=written({"macaddr": phone.get("macaddr")}, IP_PHONE, over=body))
        case "MOBILE":
            body = written(_first(raw, "reexvos"), REMOTE, over=body)
        case "DECT":
            body = written(_first(raw, "cxakp"), CORDLESS, over=written(generic, SERVICES[:1], over=body))
        case "MULTI_TERMINAL":
            body = _multi_terminal(body, raw)
    return body


def written_codes(extension: Extension, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The authorization codes that the print-outs *shown* stand for.

    One that PM itself showed as a digest is still the code that it was; any other text is a code.
    """
    known = {code_shown(code, extension.number): code["authorizationCode"] for code in extension.body.get("authorizationCodes", ())}
    codes = []
    for each in shown:
        code = written(each, CODE, over={"authorizationCode": known.get(each.get("auth", ""), each.get("auth", ""))})
        codes.append({"hashType": "CLEARTEXT"} | code)
    return codes


def _multi_terminal(body: dict[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """*body* with what *raw* says of the parts that it has already."""
    generic = _first(raw, "gedi")
    parts = (
        ("ipExtension", generic, SERVICES),
        ("ipExtension", _first(raw, "ipex"), IP_PHONE),
        ("mobileExtension", _first(raw, "reexvos"), REMOTE[:1]),
        ("dectExtension", _first(raw, "cxakp"), CORDLESS),
    )
    for part, print_out, terms in parts:
        if body.get(part):
            body = body | {part: written(print_out, terms, over=body[part])}
    return body


def _with_registration(body: dict[str, Any], old: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """*body* with the key and identity of a registered telephone where it gives none."""
    if kind == "DECT":
        kept = {name: old[name] for name in _REGISTRATION if name in old and not body.get(name)}
        return body | kept
    if body.get("dectExtension") and old.get("dectExtension"):
        return body | {"dectExtension": _with_registration(body["dectExtension"], old["dectExtension"], "DECT")}
    return body


def _first(raw: Mapping[str, Any], block: str) -> dict[str, Any]:
    return next(iter(raw.get(block, ())), {})
