"""Personal number lists: up to ten lists of call choices that an extension may follow, one of them active (PM API 16.7, 16.9, 16.1)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pmbulk.entities.call_choice_fields import CallChoice, DelayList, call_list_key, judge_choice, up_to_ten
from pmbulk.entities.compare import declared
from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import Place, of_every_extension
from pmbulk.entities.extension_parts import (
    UnplacedExtension,
    aligned,
    identify_part,
    judge_number,
    without_blanks,
)
from pmbulk.entities.fields import Fields, columns_of, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, Severity

__all__ = ["PERSONAL_NUMBER_LISTS", "PersonalNumberList"]

#: Where a found list keeps the extension's other ones until an update is built; no field of PM.
_OTHERS: Final = "others"
#: What only one of the two bodies has.
_CREATE_ONLY: Final = frozenset({"chos"})
_UPDATE_ONLY: Final = frozenset({"allInactive", "delayseizurelist"})


class ListAddress(UnplacedExtension):
    """What says which list a row means."""

    list_number: int | None = up_to_ten("listNumber", "The number of the list, like list.listNo; one of the two is enough.")


class PersonalList(Fields):
    """The list itself; PM takes one on create and all on update (QUIRKS 94), a row always has one."""

    number: int | None = up_to_ten("listNo", "The number of the list; older PBXs have 5 lists.")
    name: str | None = field_("listName", source="FIELDS 6")
    active: bool | None = field_("isActive", help="Whether the extension follows this list; it ends another one's turn.", source="FIELDS 6")
    delay_list_number: str | None = field_("delayListNumber", help="Number of an existing delay seizure list.", source="FIELDS 6")


class PersonalNumberList(Fields):
    """One list as PM takes it."""

    extension_id: str | None = field_("extensionId", help="PM's own; may stay blank.", source="QUIRKS 48")
    list_: PersonalList | None = field_("list")
    choices: list[CallChoice] | None = field_("chos")
    all_inactive: bool | None = field_(
        "allInactive", help="TRUE: the extension follows none of its lists. On update only.", source="FIELDS 6"
    )
    delay_lists: list[DelayList] | None = field_("delayseizurelist")


def _number(record: Record) -> Any:
    typed = record.body.list_.number if record.body.list_ is not None else None
    return typed if typed is not None else record.address.list_number


def _identify(record: Record) -> Identity:
    number = _number(record)
    return identify_part(record, call_list_key(record.address.extension_number, number), which=str(number))


async def _parameters(record: Record, _found: Found | None, _session: Session) -> Mapping[str, Any]:
    return {"extensionNumber": record.address.extension_number, "listNumber": _number(record)}


def _listed(answer: Mapping[str, Any]) -> list[Body]:
    """The extension's lists as PM takes them."""
    columns = {column.path: column for column in columns_of(PersonalNumberList)}
    return [declared({"list": one}, columns)["list"] for one in answer.get("list") or ()]


async def _find(record: Record, session: Session) -> Found | None:
    extension, number = record.address.extension_number, _number(record)
    answer = await session.read("getPersonalNumberLists", path={"extensionNumber": extension})
    lists = _listed(answer or {})
    own = next((one for one in lists if one.get("listNo") == number), None)
    if answer is None or own is None:
        return None
    filled = record.filled()
    body = {
        "extensionId": answer.get("extensionId"),
        "list": own,
        "allInactive": answer.get("allInactive"),
        "delayseizurelist": aligned(answer.get("delayseizurelist") or (), filled.get("delayseizurelist") or (), "listNumber"),
        _OTHERS: tuple(one for one in lists if one is not own),
    }
    if filled.get("chos"):
        query = {"extensionNumber": extension, "listNumber": number}
        choices = (await session.read("getCallList", query=query) or {}).get("chos") or ()
        body["chos"] = aligned(choices, filled["chos"], "chono")
    return Found("", {name: value for name, value in body.items() if value is not None}, answer)


async def _resolve(record: Record, body: Body, _session: Session) -> Body:
    return {**body, "list": {**(body.get("list") or {}), "listNo": _number(record)}}


def _shape(operation: Operation, body: Body, filled: Body) -> Body:
    if operation is Operation.CREATE:
        return {name: value for name, value in body.items() if name not in _UPDATE_ONLY}
    own, others = dict(body["list"]), [dict(one) for one in body.get(_OTHERS, ())]
    # An extension follows one list at most, so one that starts ends the others.
    if filled.get("allInactive"):
        own["isActive"] = False
    if filled.get("allInactive") or (filled.get("list") or {}).get("isActive"):
        for other in others:
            other["isActive"] = False
    lists = sorted((own, *others), key=lambda one: int(one.get("listNo") or 0))
    whole = {name: value for name, value in body.items() if name not in _CREATE_ONLY and name != _OTHERS}
    whole["list"] = lists
    whole["allInactive"] = filled.get("allInactive", not any(one.get("isActive") for one in lists))
    whole["delayseizurelist"] = without_blanks(body.get("delayseizurelist") or ())
    return whole


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_number(record.address.extension_number)
    number, body = _number(record), record.body
    if number is None:
        findings.append(Finding("list.listNo", "is blank; fill it to say which list is meant"))
    elif record.address.list_number not in (None, number):
        findings.append(Finding("listNumber", f"is {record.address.list_number}, but list.listNo is {number}; leave one of the two blank"))
    if body.all_inactive and body.list_ is not None and body.list_.active:
        findings.append(Finding("allInactive", "is TRUE, and so is list.isActive; leave one of the two blank"))
    for position, choice in enumerate(body.choices or (), start=1):
        findings += judge_choice(choice, f"chos.{position}.", number=choice.number)
    return (*findings, *(_judge_create(record) if record.operation is Operation.CREATE else _judge_update(record)))


def _judge_create(record: Record) -> list[Finding]:
    findings = [
        Finding(name, "is no part of a new list; leave it blank, or set action to update", Severity.WARNING)
        for name in sorted(_UPDATE_ONLY & record.filled().keys())
    ]
    if not record.body.choices:
        findings.append(
            Finding("chos.1.anspos", "is blank; PM probably wants at least one choice to create a personal number list", Severity.WARNING)
        )
    for position, choice in enumerate(record.body.choices or (), start=1):
        if choice.number is None:
            findings.append(Finding(f"chos.{position}.chono", "is blank; fill it to say which position of the list this is"))
    return findings


def _judge_update(record: Record) -> list[Finding]:
    if record.operation is not Operation.UPDATE:
        return []
    filled = (f"chos.{position}.{name}" for position, choice in enumerate(record.filled().get("chos") or (), start=1) for name in choice)
    words = "can only be set when the list is created; use the sheet call_choices instead"
    return [Finding(header, words) for header in islice(filled, 1)]


async def _rows(place: Place, session: Session) -> list[Flat]:
    answer = await session.read("getPersonalNumberLists", path={"extensionNumber": place.number}) or {}
    return [{**place.columns, **row_of({"list": one}, PersonalNumberList)} for one in _listed(answer) if one.get("listNo")]


PERSONAL_NUMBER_LISTS = Entity(
    sheet="personal_number_lists",
    title="personal number list",
    help="Lists of places where calls to an extension go, one row per list. Choices of a list that is there: sheet call_choices.",
    address=ListAddress,
    body=PersonalNumberList,
    actions=(creating("createPersonalNumberList"), updating("updatePersonalNumberLists"), deleting("deletePersonalNumberList")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    shape=_shape,
    parameters=_parameters,
    judge=_judge,
    after=("extensions",),
    export=of_every_extension(_rows, by_number=True),
)
