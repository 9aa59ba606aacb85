"""Call choices: the positions of an extension's personal number lists (PM API 16.8, 16.10, 16.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pmbulk.entities.call_choice_fields import CallChoice, call_list_key, judge_choice, up_to_ten
from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import Place, of_every_extension
from pmbulk.entities.extension_parts import (
    UnplacedExtension,
    identify_part,
    judge_number,
)
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Record, key_of
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.session import Session
from pmbulk.errors import Finding

__all__ = ["CALL_CHOICES"]


class ChoiceAddress(UnplacedExtension):
    """What says which choice a row means."""

    list_number: int | None = up_to_ten("listNumber", "The list of the extension.")
    choice_number: int | None = up_to_ten("choiceNumber", "The position in the list, like chono; one of the two is enough.")


def _number(record: Record) -> Any:
    typed = record.body.number
    return typed if typed is not None else record.address.choice_number


def _identify(record: Record) -> Identity:
    extension, number = record.address.extension_number, record.address.list_number
    key = key_of("call_choices", extension, number, _number(record))
    return identify_part(record, key, which=f"{_number(record)} in list {number}", needs=[call_list_key(extension, number)])


async def _parameters(record: Record, _found: Found | None, _session: Session) -> Mapping[str, Any]:
    address = record.address
    return {"extensionNumber": address.extension_number, "listNumber": address.list_number, "choiceNumber": _number(record)}


async def _find(record: Record, session: Session) -> Found | None:
    answer = await session.read("getCallChoice", query=await _parameters(record, None, session))
    # A position that is free may be answered with an empty choice instead of 404.
    if not answer or not (answer.get("chono") or answer.get("anspos")):
        return None
    return Found("", {**answer, "chono": _number(record)})


async def _resolve(record: Record, body: Body, _session: Session) -> Body:
    return {**body, "chono": _number(record)}


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_number(record.address.extension_number)
    address, body = record.address, record.body
    if address.list_number is None:
        findings.append(Finding("listNumber", "is blank; fill it to say in which list the choice is"))
    if _number(record) is None:
        findings.append(Finding("chono", "is blank; fill it to say which position of the list is meant"))
    elif address.choice_number not in (None, _number(record)):
        findings.append(Finding("choiceNumber", f"is {address.choice_number}, but chono is {body.number}; leave one of the two blank"))
    findings += judge_choice(body, "", number=_number(record))
    return tuple(findings)


async def _rows(place: Place, session: Session) -> list[Flat]:
    answer = await session.read("getPersonalNumberLists", path={"extensionNumber": place.number}) or {}
    rows = []
    for number in [one["listNo"] for one in answer.get("list") or () if one.get("listNo")]:
        query = {"extensionNumber": place.number, "listNumber": number}
        choices = (await session.read("getCallList", query=query) or {}).get("chos") or ()
        rows += [{**place.columns, "listNumber": number, **row_of(choice, CallChoice)} for choice in choices if choice.get("chono")]
    return rows


CALL_CHOICES = Entity(
    sheet="call_choices",
    title="call choice",
    help="The positions of personal number lists, one row per position.",
    address=ChoiceAddress,
    body=CallChoice,
    actions=(creating("createCallChoice"), updating("updateCallChoice"), deleting("deleteCallChoice")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    parameters=_parameters,
    judge=_judge,
    after=("personal_number_lists",),
    export=of_every_extension(_rows, by_number=True),
)
