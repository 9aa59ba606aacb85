"""The terminal selection (ONS) of an extension: entries of a prefix and the number that it becomes (PM API 14)."""

from __future__ import annotations

from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import Place, belonging_to, of_every_extension
from pmbulk.entities.extension_parts import (
    PlacedExtension,
    aligned,
    identify_part,
    judge_place,
    lane_of,
    place_parameters,
    without_blanks,
)
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Operation, Record, key_of
from pmbulk.entities.operations import updating
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, Severity

__all__ = ["TERMINAL_SELECTIONS", "TerminalSelection"]


class SelectionEntry(Fields):
    """One entry of the list."""

    ons_id: str | None = field_(
        "onsid", label="ONS id", help="PM's id of an entry that is there; blank for the entry at this position.", source="FIELDS 6"
    )
    prefix: str | None = field_("onsprefix", label="ONS prefix", source="FIELDS 6")
    number: str | None = field_("onstranslateNo", label="ONS translated number", source="FIELDS 6")


class ResultParameter(Fields):
    """A field that PM's result is about."""

    field_name: str | None = field_("fieldName", source="QUIRKS 97")
    value: str | None = field_("value", source="QUIRKS 97")
    item: str | None = field_("item", source="QUIRKS 97")


class ResultOfUpdate(Fields):
    """PM's result; it stands in the body of an update too, and is best left blank."""

    reason: str | None = field_("reason", source="QUIRKS 97")
    parameters: list[ResultParameter] | None = field_("parameterList")
    message: str | None = field_("message", source="QUIRKS 97")
    component: str | None = field_("component", source="QUIRKS 97")
    id_: str | None = field_("id", label="Result id", source="QUIRKS 97")


class TerminalSelection(Fields):
    """The entries as PM takes them."""

    entries: list[SelectionEntry] | None = field_("onsVo")
    result: ResultOfUpdate | None = field_("info")


async def _find(record: Record, session: Session) -> Found | None:
    answer = await belonging_to(record, session, "getOnsList", query=await place_parameters(record, None, session))
    if answer is None:
        return None
    entries = aligned(answer.get("onsVo") or (), record.filled().get("onsVo") or (), "onsid")
    return Found("", {"onsVo": entries, "info": answer.get("info") or {}})


def _shape(_operation: Operation, body: Body, filled: Body) -> Body:
    # What PM said last time is no input (QUIRKS 97).
    sent = {name: value for name, value in body.items() if name != "info" or name in filled}
    return {**sent, "onsVo": without_blanks(sent.get("onsVo") or ())}


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_place(record, record.address.extension_number)
    if record.body.result is not None:
        findings += [
            Finding(f"info.{name}", "is a part of PM's results, not of an update; PM probably ignores it", Severity.WARNING)
            for name in record.filled()["info"]
        ]
    return tuple(findings)


async def _rows(place: Place, session: Session) -> list[Flat]:
    query = {"extensionNumber": place.number, "subsystemId": place.subsystem_id}
    answer = await session.read("getOnsList", query=query) or {}
    cells = row_of({"onsVo": answer.get("onsVo") or []}, TerminalSelection)
    return [{**place.columns, **cells}] if cells else []


TERMINAL_SELECTIONS = Entity(
    sheet="terminal_selections",
    title="terminal selection",
    help="The terminal selection (ONS) of extensions, one row per extension.",
    address=PlacedExtension,
    body=TerminalSelection,
    actions=(updating("updateOns"),),
    identify=lambda record: identify_part(record, key_of("terminal_selections", lane_of(record), record.address.extension_number)),
    find=_find,
    shape=_shape,
    parameters=place_parameters,
    judge=_judge,
    after=("extensions",),
    export=of_every_extension(_rows, by_number=False),
)
