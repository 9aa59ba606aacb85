"""Personal numbers: all lists of an extension with their choices in one record, the older of PM's two forms (PM API 16.5, 16.11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import create_model

from pmbulk.entities.call_choice_fields import CallChoice, judge_choice, up_to_ten
from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import Place, belonging_to, of_every_extension
from pmbulk.entities.extension_parts import (
    UnplacedExtension,
    aligned,
    identify_part,
    judge_number,
    without_blanks,
)
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Operation, Record, key_of
from pmbulk.entities.operations import updating
from pmbulk.entities.raw_extension_fields import CallListStatus, SubscriberStatus
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, Severity

__all__ = ["PERSONAL_NUMBERS", "PersonalNumber"]

#: What PM tells of the extension's state; it goes back as it came (DOMAIN 5).
_STATUS: Final = ("susi", "pelc")
_SOURCE: Final = "DOMAIN 5"


class NumberedList(Fields):
    """One list with its choices."""

    number: int | None = up_to_ten("listno", "The number of the list; older PBXs have 5 lists.")
    name: str | None = field_("listName", source="FIELDS 6")
    delay_list_number: str | None = field_("delayListNumber", help="Number of an existing delay seizure list.", source="FIELDS 6")
    choices: list[CallChoice] | None = field_("chos")


class Lists(Fields):
    """The lists of the extension."""

    lists: list[NumberedList] | None = field_("lists")
    dir_: str | None = field_("dir", help="The extension's own number; may stay blank.", source=_SOURCE)
    cust: str | None = field_("cust", label="Customer", source=_SOURCE)


class _NumberRecord(Fields):
    """The record as PM keeps it."""

    lists: Lists | None = field_("pelp")
    dir_: str | None = field_("dir", help="The extension's own number; may stay blank.", source=_SOURCE)


NumberRecord = create_model(
    "NumberRecord",
    __base__=_NumberRecord,
    subscriber=(SubscriberStatus | None, field_("susi")),
    call_lists=(CallListStatus | None, field_("pelc")),
)


class _PersonalNumber(Fields):
    """The record as PM takes it."""

    extension_id: str | None = field_("extensionId", help="PM's own; may stay blank.", source="QUIRKS 48")


PersonalNumber = create_model("PersonalNumber", __base__=_PersonalNumber, record=(NumberRecord | None, field_("personalNumberVO")))


def _lists(body: Body) -> list[Body]:
    lists: list[Body] = ((body.get("personalNumberVO") or {}).get("pelp") or {}).get("lists") or []
    return lists


def _with_lists(body: Body, lists: list[Body]) -> Body:
    """*body* with other *lists*."""
    record = body.get("personalNumberVO") or {}
    return {**body, "personalNumberVO": {**record, "pelp": {**(record.get("pelp") or {}), "lists": lists}}}


async def _find(record: Record, session: Session) -> Found | None:
    answer = await belonging_to(record, session, "getPersonalNumberDetails", path={"extensionNumber": record.address.extension_number})
    if answer is None:
        return None
    typed = _lists(record.filled())
    lists = aligned(_lists(answer), typed, "listno")
    for index, one in enumerate(typed):
        if one.get("chos"):
            lists[index] = {**lists[index], "chos": aligned(lists[index].get("chos") or (), one["chos"], "chono")}
    return Found("", _with_lists(answer, lists), answer)


def _shape(_operation: Operation, body: Body, _filled: Body) -> Body:
    lists = [{**one, "chos": without_blanks(one["chos"])} if one.get("chos") else one for one in without_blanks(_lists(body))]
    return _with_lists(body, lists)


async def _parameters(record: Record, _found: Found | None, _session: Session) -> Mapping[str, Any]:
    return {"extensionNumber": record.address.extension_number}


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_number(record.address.extension_number)
    sent = record.filled().get("personalNumberVO") or {}
    for position, one in enumerate(_lists(record.filled()), start=1):
        header = f"personalNumberVO.pelp.lists.{position}"
        if one and one.get("listno") is None:
            findings.append(Finding(f"{header}.listno", "is blank; fill it to say which list is meant"))
        for place, choice in enumerate(one.get("chos") or (), start=1):
            if choice and choice.get("chono") is None:
                findings.append(Finding(f"{header}.chos.{place}.chono", "is blank; fill it to say which position of the list is meant"))
            findings += judge_choice(CallChoice.model_validate(choice), f"{header}.chos.{place}.", number=choice.get("chono"))
    for header, value in (("personalNumberVO.dir", sent.get("dir")), ("personalNumberVO.pelp.dir", (sent.get("pelp") or {}).get("dir"))):
        if value and value != record.address.extension_number:
            findings.append(Finding(header, f"is '{value}', but the row is about {record.address.extension_number}; leave it blank"))
    findings += [
        Finding(f"personalNumberVO.{block}.{name}", "is a status; PM probably ignores it", Severity.WARNING)
        for block in _STATUS
        for name in sent.get(block) or ()
    ]
    return tuple(findings)


async def _rows(place: Place, session: Session) -> list[Flat]:
    answer = await session.read("getPersonalNumberDetails", path={"extensionNumber": place.number}) or {}
    lists = [one for one in _lists(answer) if one.get("listno")]
    return [{**place.columns, **row_of(_with_lists({}, lists), PersonalNumber)}] if lists else []


PERSONAL_NUMBERS = Entity(
    sheet="personal_numbers",
    title="personal number",
    help="All personal number lists of an extension with their choices in one row; personal_number_lists and call_choices are easier to fill.",
    address=UnplacedExtension,
    body=PersonalNumber,
    actions=(updating("updatePersonalNumberDetails"),),
    identify=lambda record: identify_part(record, key_of("personal_numbers", record.address.extension_number)),
    find=_find,
    shape=_shape,
    parameters=_parameters,
    judge=_judge,
    after=("call_choices",),
    export=of_every_extension(_rows, by_number=True),
    # The rows say again what lists and their choices say, and would set back what is changed there.
    by_name_only=True,
)
