"""
Extensions of any type: delete, import from the PBX, and change in the PBX's own words (PM API 6.1, 6.12, 6.16).

A change sends back PM's whole raw record with the filled cells in it. The sheets of the five kinds have readable names and rules: prefer them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import create_model

from pmbulk.entities.extension_details import ANY_TYPE, details_of
from pmbulk.entities.extension_fields import ExtensionAddress, directory_number
from pmbulk.entities.extension_kinds import identify_extension
from pmbulk.entities.extension_parts import judge_place, subsystem_id
from pmbulk.entities.extension_record import EXTENSION_TYPES, readable_code
from pmbulk.entities.fields import field_
from pmbulk.entities.model import Action, Body, Entity, Found, Operation, Record
from pmbulk.entities.operations import deleting, updating, write
from pmbulk.entities.raw_extension_fields import ExtensionVO, PhonePanel, PhoneType
from pmbulk.entities.references import asked_subsystem, row_subsystem
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Plan, Standing
from pmbulk.errors import Finding, InvalidRowError

__all__ = ["EXTENSIONS"]

#: Print-outs of what is going on at the moment: sent back they would be old news (DOMAIN 5).
_STATUS: Final = frozenset({"susi", "iper"})


class _ExtensionRecord(ExtensionAddress):
    extension_id: int | None = field_(
        "extensionId", help="PM's id; only to make sure that the right extension is meant.", source="QUIRKS 48"
    )
    extension_number: str | None = directory_number()
    extension_type: str | None = field_(
        "extensionType", choices=EXTENSION_TYPES, help="Needed only where PM does not tell it.", source="QUIRKS 49"
    )
    description: str | None = field_("description", help="Free text, kept in PM.", source="FIELDS 1a")
    mobile_support: bool | None = field_("mobExtSupport", label="Mobile extension support", source="DOMAIN 5")
    lcr_entries: list[str] | None = field_("lcrentries", label="LCR entries", source="DOMAIN 5")
    terminal_type: str | None = field_("terminalType", source="DOMAIN 5")
    free_extension: bool | None = field_("freeExtension", help="No user has it.", source="DOMAIN 5")
    last_removed: str | None = field_("lastRemoved", source="DOMAIN 5")
    manual_server_url: bool | None = field_("manualServerUrl", label="Manual server URL", source="DOMAIN 5")
    phone_server_url: str | None = field_("ippServerUrl", label="IP phone server URL", source="DOMAIN 5")
    phone_server_folder: str | None = field_("ippServerFolder", label="IP phone server folder", source="DOMAIN 5")
    micollab_extension: str | None = field_("micollabExtension", label="MiCollab extension", source="DOMAIN 5")


ExtensionRecord = create_model(
    "ExtensionRecord",
    __base__=_ExtensionRecord,
    extension_vo=(ExtensionVO | None, field_("extensionVO")),
    phone=(PhoneType | None, field_("phoneDTO")),
    panel=(PhonePanel | None, field_("phonePanelDTO")),
)


async def _find(record: Record, session: Session) -> Found | None:
    name, number = await row_subsystem(record, session)
    place = name if name is not None else number
    wanted = record.body.extension_type
    answer = None if place is None else await details_of(session, place, record.body.extension_number, (wanted,) if wanted else ANY_TYPE)
    if answer is None:
        return None
    for header, typed in (("extensionId", record.body.extension_id), ("extensionType", wanted)):
        if typed is not None and answer.get(header, typed) != typed:
            raise InvalidRowError((Finding(header, f"is {typed}, but the extension's is {answer[header]}; correct it or empty the cell"),))
    # The update has no other way to say which subsystem is meant (QUIRKS 44).
    place_known = {"subsystemName": name, "subsystemId": number}
    whole = {"extensionNumber": record.body.extension_number, **{key: value for key, value in place_known.items() if value is not None}}
    return Found(str(answer.get("extensionId", "")), whole | _without_hashes(answer), answer)


def _without_hashes(answer: Mapping[str, Any]) -> Body:
    raw = answer.get("extensionVO")
    if not isinstance(raw, dict) or not isinstance(raw.get("auco"), list):
        return dict(answer)
    return {**answer, "extensionVO": {**raw, "auco": [readable_code(code) for code in raw["auco"] if isinstance(code, dict)]}}


async def _resolve(_record: Record, body: Body, _session: Session) -> Body:
    """*body* without the subsystem, which PM's record names in PM's own spelling."""
    return {name: value for name, value in body.items() if name not in {"subsystemName", "subsystemId"}}


def _shape(_operation: Operation, body: Body, filled: Body) -> Body:
    raw, typed = body.get("extensionVO"), filled.get("extensionVO") or {}
    if not isinstance(raw, dict):
        return body
    kept = {block: value for block, value in raw.items() if block not in _STATUS or block in typed}
    if "auco" in kept:
        kept["auco"] = _with_codes(kept["auco"], typed.get("auco") or ())
    return body | {"extensionVO": {block: value for block, value in kept.items() if block != "auco" or value}}


def _with_codes(held: Iterable[Body], typed: Sequence[Body]) -> list[Body]:
    """
    What of *held* has a code, which PM shows or the row has *typed*.

    Raises:
        InvalidRowError: If the row has typed what belongs to a code, and not the code.
    """
    codes, findings = [], []
    for index, code in enumerate(held):
        if "auth" in code:
            codes.append(code)
        elif index < len(typed) and typed[index]:
            message = "is blank, and PM does not show what it has; type it again to change what belongs to it"
            findings.append(Finding(f"extensionVO.auco.{index + 1}.auth", message))
    if findings:
        raise InvalidRowError(tuple(findings))
    return codes


def _hidden(body: Body) -> tuple[str, ...]:
    raw = body.get("extensionVO")
    codes = enumerate((raw.get("auco") if isinstance(raw, dict) else None) or (), start=1)
    return tuple(f"extensionVO.auco.{position}.auth" for position, code in codes if "auth" not in code)


async def _parameters(record: Record, found: Found | None, session: Session) -> Mapping[str, Any]:
    shown = found.answer.get("extensionType") if found is not None else None
    wanted = record.body.extension_type or shown
    if record.operation is Operation.DELETE and not wanted:
        raise InvalidRowError((Finding("extensionType", f"is blank, and PM does not tell it; type one of {', '.join(EXTENSION_TYPES)}"),))
    return {
        "subsystemName": await asked_subsystem(record, session),
        "extensionNumber": record.body.extension_number,
        "extensionType": wanted,
    }


async def _import(entity: Entity, record: Record, session: Session) -> Plan:
    async def reconcile() -> Standing:
        found = await _find(record, session)
        return Standing(done=found is not None, id=found.id if found is not None else "")

    query = {"extensionNumber": record.body.extension_number, "subsystemId": await subsystem_id(record, session)}
    return write(entity.by_operation[Operation.IMPORT], session, path={}, query=query, reconcile=reconcile)


EXTENSIONS = Entity(
    sheet="extensions",
    title="extension",
    help="Extensions of any type: delete, import from the PBX, or change in the PBX's own words.",
    address=ExtensionAddress,
    body=ExtensionRecord,
    actions=(
        updating("updateExtension"),
        Action(Operation.IMPORT, "importExtension", _import, help="Take a number that only the PBX has into PM."),
        deleting("deleteExtension"),
    ),
    identify=identify_extension,
    find=_find,
    resolve=_resolve,
    shape=_shape,
    hidden=_hidden,
    parameters=_parameters,
    judge=lambda record: tuple(judge_place(record, record.body.extension_number)),
    after=("ip_extensions", "virtual_extensions", "multi_terminal_extensions", "mobile_extensions", "cordless_extensions"),
)
