"""System options of PM: switches that a row sets one at a time (PM API 4, QUIRKS 66)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pmbulk.endpoints import endpoint
from pmbulk.entities.cells import parser
from pmbulk.entities.compare import differences
from pmbulk.entities.directory import Listed
from pmbulk.entities.exporting import told_by_name
from pmbulk.entities.fields import Column, Fields, FieldSpec, Kind, field_
from pmbulk.entities.model import Action, Entity, Flat, Found, Identity, Operation, Record
from pmbulk.entities.references import agreed, identify_named, judge_named
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import Finding, InvalidRowError

__all__ = ["SYSTEM_OPTIONS"]


class OptionAddress(Fields):
    """What says which option a row means: its name, or else its id."""

    option_name: str | None = field_("optionName", names="options", help="The option's name, as PM lists it.", source="QUIRKS 28")
    option_id: int | None = field_("optionid", label="Option id", help="PM's id; the name is enough.", source="FIELDS 5")


class Option(Fields):
    """The option's value."""

    option_id: int | None = field_("optionid", label="Option id", source="FIELDS 5")
    # Text, because options that are neither true nor false are not excluded (QUIRKS 67); PM's own value tells the kind.
    value: str | None = field_("value", example="TRUE", advised_choices=("TRUE", "FALSE"), source="FIELDS 5")


def _identify(record: Record) -> Identity:
    name, number = record.address.option_name, record.address.option_id
    return identify_named("system_options", name, number)


async def _find(record: Record, session: Session) -> Found:
    name, number = record.address.option_name, record.address.option_id
    register = session.directory.options
    if name:
        listed: Listed | None = await register.find(name) or await register.get(name, column="optionName")
    else:
        listed = await register.find_id(number)
    if listed is None:
        raise InvalidRowError((Finding("optionid", f"PM has no system option with the id {number}"),), code="REFERENCE")
    agreed(number, listed, "optionid")
    return Found(str(listed.id), {"optionid": listed.id, "value": _value_of(listed.body)}, listed.body)


def _value_of(listed: Mapping[str, Any]) -> Any:
    """The option's value; the fields of PM's lists are not documented (QUIRKS 31), so true and false may stand there as texts."""
    value = listed.get("value")
    return {"true": True, "false": False}.get(value.casefold(), value) if isinstance(value, str) else value


_KINDS = {bool: Kind.BOOLEAN, int: Kind.INTEGER}


def _typed(text: str, held: Any) -> Any:
    """
    The cell's *text* as the kind of value that PM holds.

    Raises:
        InvalidRowError: If it is of another kind.
    """
    try:
        return parser(Column(("value",), _KINDS.get(type(held), Kind.TEXT), FieldSpec(api="value", label="Value")))(text)
    except ValueError as error:
        raise InvalidRowError((Finding("value", str(error)),)) from error


async def _set(entity: Entity, record: Record, session: Session) -> Plan:
    found = await _find(record, session)
    # What PM leaves out is false or empty (QUIRKS 19), and the document prints no other options than true ones.
    held = found.body["value"]
    wanted = {"optionid": int(found.id), "value": _typed(record.body.value, False if held is None else held)}
    changes = differences(found.body, wanted, entity.columns_by_path, assume_unreadable=False)
    if not changes:
        label = entity.label_of(record)
        return Plan(Verdict.NOTHING, message=f"{label} already is as this row asks for; nothing was sent", id=found.id)
    action = entity.by_operation[Operation.UPDATE]

    async def send() -> Reply:
        answer = await session.client.call(action.endpoint, body={"options": [wanted]})
        session.directory.changed(entity.sheet)
        return Reply(answer.status, found.id)

    async def reconcile() -> Standing:
        session.directory.changed(entity.sheet)
        now = await _find(record, session)
        return Standing(done=not differences(now.body, wanted, entity.columns_by_path, assume_unreadable=True), id=found.id)

    step = Step(action.endpoint, endpoint(action.endpoint).repeatable, send, reconcile)
    return Plan(Verdict.CHANGE, (step,), changes, id=found.id)


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_named("option", {"optionName": record.address.option_name, "optionid": record.address.option_id})
    if "value" in record.cleared:
        findings.append(Finding("value", "cannot be emptied; type the value that the option gets"))
    elif record.body.value is None:
        findings.append(Finding("value", "is blank; type the value that the option gets"))
    return tuple(findings)


async def _export(session: Session) -> AsyncIterator[Flat]:
    everything = await session.directory.options.all()
    named = told_by_name(everything)
    for listed in everything:
        address = {"optionName": listed.name} if listed.id in named else {"optionid": listed.id}
        yield {**address, "value": False if (value := _value_of(listed.body)) is None else value}


SYSTEM_OPTIONS = Entity(
    sheet="system_options",
    title="system option",
    help="Settings of PM itself; each row sets one option.",
    address=OptionAddress,
    body=Option,
    actions=(Action(Operation.UPDATE, "updateSystemOptions", _set, help="Set the option to the value."),),
    identify=_identify,
    find=_find,
    judge=_judge,
    after=("subsystems",),
    export=_export,
)
