"""
Phone keys: what the keys of an extension's telephone do (PM API 15).

PM shows the keys as they are and takes what shall be added, updated and removed (QUIRKS 70); the difference is worked out here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pmbulk.endpoints import endpoint
from pmbulk.entities.call_choice_fields import call_list_key
from pmbulk.entities.compare import declared, differences
from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import COMMON_TYPES, Place, belonging_to, details_of, of_every_extension
from pmbulk.entities.extension_parts import (
    UnplacedExtension,
    identify_part,
    judge_number,
    place_of,
)
from pmbulk.entities.fields import Fields, columns_of, field_
from pmbulk.entities.model import Action, Body, Entity, Flat, Found, Identity, Operation, Record, key_of
from pmbulk.entities.operations import looked_up
from pmbulk.entities.phone_key_fields import EMPTY, PhoneKey, value_fault
from pmbulk.entities.references import asked_subsystem
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Change, Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import Finding, InvalidRowError, RejectedError, Severity

__all__ = ["PHONE_KEYS", "KeysAddress", "used_keys"]

_ENDPOINT: Final = "updatePhoneKeys"
_GROUPS: Final = ("terminalKeys", "softKeys", "lineKeys", "moreKeys")
#: The lists of keys that a row may have; those of the last one go.
_LISTS: Final = ("keys", "addedKeys", "updatedKeys", "removedKeys")
_CALL_LISTS: Final = range(1, 11)
#: What of a key `<clear>` can empty.
_TEXTS: Final = ("keyType", "keyFunction", "keyFunctionValue", "displayText")


class KeysAddress(UnplacedExtension):
    """Which telephone a row means, and what its keys shall be."""

    panel_type_key: str | None = field_(
        "panelTypeKey", help="The panel, like phonePanelType; blank for the one that PM has for the extension.", source="QUIRKS 117"
    )
    keys: list[PhoneKey] | None = field_("keys")


class PhoneKeys(Fields):
    """The changes as PM takes them; `keys` of the address is easier to fill."""

    extension_id: str | None = field_("extensionId", help="PM's own; may stay blank.", source="QUIRKS 48")
    panel_type: str | None = field_(
        "phonePanelType",
        help="The panel; blank for the one that PM has for the extension, if subsystemName is filled.",
        source="QUIRKS 117",
    )
    added: list[PhoneKey] | None = field_("addedKeys")
    updated: list[PhoneKey] | None = field_("updatedKeys")
    removed: list[PhoneKey] | None = field_("removedKeys")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A key as the row has it: *header* is what its cells' headers begin with, *goes* says that the place shall be free."""

    header: str
    key: Body
    goes: bool

    @property
    def position(self) -> int | None:
        position: int | None = self.key.get("keyPosition")
        return position


@dataclass(slots=True)
class _Difference:
    """What is still to be done to a telephone."""

    lists: dict[str, list[Body]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def add(self, name: str, key: Body, changes: list[Change]) -> None:
        self.lists.setdefault(name, []).append(key)
        self.changes += changes


def _asked(record: Record) -> Iterator[_Asked]:
    """All keys that the row names; a cell with `<clear>` is an empty text."""
    given = {**record.filled(), "keys": record.address.model_dump(by_alias=True, exclude_unset=True).get("keys")}
    for name in _LISTS:
        goes = name == "removedKeys" or (name == "keys" and record.operation is Operation.REMOVE)
        for place, key in enumerate(given.get(name) or (), start=1):
            header = f"{name}.{place}."
            whole = {**key, **{text: "" for text in _TEXTS if f"{header}{text}" in record.cleared}}
            if whole:
                yield _Asked(header, whole, goes or _is_empty(whole))


def _is_empty(key: Body) -> bool:
    """Whether the row says that a key has no function, rather than nothing of its function."""
    return not key.get("keyFunction") and (key.get("keyType") == EMPTY or "keyFunction" in key)


def _in_use(key: Body | None) -> bool:
    return key is not None and bool(key.get("keyFunction") or key.get("keyType", EMPTY) not in ("", EMPTY))


def _held(answer: Body) -> list[Body]:
    """The keys that PM shows, whatever group they are in, as PM takes them."""
    groups = [*(answer.get(name) for name in _GROUPS), *(answer.get("panelKeys") or {}).values()]
    columns = {column.path: column for column in columns_of(KeysAddress)}
    keys: list[Body] = declared({"keys": [key for group in groups for key in group or ()]}, columns)["keys"]
    return keys


def used_keys(answer: Body) -> list[Body]:
    """The keys with a function that PM shows, as a row would name them."""
    return [{name: value for name, value in key.items() if name != "isEditable"} for key in _held(answer) if _in_use(key)]


def _at(held: list[Body], asked: _Asked) -> Body | None:
    """
    The key that PM has where the row means one.

    Raises:
        InvalidRowError: If there are several at the position.
    """
    there = [key for key in held if int(key.get("keyPosition") or 0) == asked.position]
    if len(there) > 1:
        there = [key for key in there if key.get("logicalKeyId") == asked.key.get("logicalKeyId")]
        if len(there) != 1:
            message = f"is {asked.position}, where the telephone has several keys; fill logicalKeyId to say which one is meant"
            raise InvalidRowError((Finding(f"{asked.header}keyPosition", message),))
    return there[0] if there else None


def _difference(record: Record, held: list[Body]) -> _Difference:
    """
    What makes the keys that PM has into those of the row.

    Raises:
        InvalidRowError: If the row leaves out what a key needs.
    """
    rest = _Difference()
    for asked in _asked(record):
        now = _at(held, asked)
        if asked.goes:
            if now is not None and _in_use(now):
                rest.add("removedKeys", now, [Change(f"{asked.header}keyFunction", now.get("keyFunction"), None)])
        elif now is None or not _in_use(now):
            key = {**{name: value for name, value in (now or {}).items() if name == "logicalKeyId"}, **asked.key}
            _need_function(asked)
            rest.add("addedKeys", _sound(asked, key), [Change(f"{asked.header}{name}", None, value) for name, value in asked.key.items()])
        else:
            key = {**_without_old_value(now, asked.key), **asked.key}
            changes = [Change(f"{asked.header}{one.path}", one.old, one.new) for one in differences(now, key, {}, assume_unreadable=False)]
            if changes:
                rest.add("updatedKeys", _sound(asked, key), changes)
    return rest


def _without_old_value(now: Body, wanted: Body) -> Body:
    """*now* without the value of its function, where it gets another function: a value belongs to its function."""
    if wanted.get("keyFunction", now.get("keyFunction")) == now.get("keyFunction"):
        return now
    return {name: value for name, value in now.items() if name != "keyFunctionValue"}


def _need_function(asked: _Asked) -> None:
    if not asked.key.get("keyFunction") and not asked.key.get("keyType"):
        message = f"is blank, and the telephone has no key in use at position {asked.position}; fill it to say what the key does"
        raise InvalidRowError((Finding(f"{asked.header}keyFunction", message),))


def _sound(asked: _Asked, key: Body) -> Body:
    words = value_fault(str(key.get("keyFunction") or ""), str(key.get("keyFunctionValue") or ""))
    if words:
        raise InvalidRowError((Finding(f"{asked.header}keyFunctionValue", f"must be {words} for the function {key['keyFunction']}"),))
    return key


async def _panel_of(session: Session, extension: str, name: Any) -> str:
    """The panel that PM has for an extension of the subsystem called *name*; empty if there is none."""
    answer = await details_of(session, name, extension, COMMON_TYPES)
    return str(((answer or {}).get("phonePanelDTO") or {}).get("panelTypeKey") or "")


async def _panel(record: Record, session: Session) -> str:
    """
    The panel of the row's telephone.

    Raises:
        InvalidRowError: If neither the row nor PM tells it.
    """
    typed = record.body.panel_type or record.address.panel_type_key
    if typed:
        return str(typed)
    panel = await _panel_of(session, record.address.extension_number, await asked_subsystem(record, session))
    if not panel:
        raise InvalidRowError((Finding("phonePanelType", "is blank, and PM has no panel for this extension; fill it"),), code="REFERENCE")
    return panel


async def _find(record: Record, session: Session) -> Found | None:
    """The keys of the telephone; the id is its panel."""
    panel = await _panel(record, session)
    path = {"extensionNumber": record.address.extension_number}
    answer = await belonging_to(record, session, "getPhoneKeys", path=path, query={"panelTypeKey": panel})
    return None if answer is None else Found("", {"phonePanelType": panel, "extensionId": answer.get("extensionId")}, answer)


async def _change(entity: Entity, record: Record, session: Session) -> Plan:
    found = await looked_up(entity, record, session)
    wanted = _difference(record, _held(dict(found.answer)))
    if not wanted.lists:
        return Plan(Verdict.NOTHING, message=f"the keys of {place_of(record)} already are as this row asks for; nothing was sent")
    if record.operation is Operation.ADD and "updatedKeys" in wanted.lists:
        taken = ", ".join(str(key.get("keyPosition")) for key in wanted.lists["updatedKeys"])
        raise RejectedError(f"the telephone has other keys at position {taken} already; set action to update to change them", code="EXISTS")
    named = {"extensionId": record.body.extension_id or found.body.get("extensionId"), "phonePanelType": found.body["phonePanelType"]}
    body = {**{name: value for name, value in named.items() if value}, **wanted.lists}

    async def send() -> Reply:
        path = {"extensionNumber": record.address.extension_number}
        return Reply((await session.client.call(_ENDPOINT, path=path, query={}, body=body)).status)

    async def reconcile() -> Standing:
        now = await looked_up(entity, record, session)
        left = _difference(record, _held(dict(now.answer)))
        if not left.lists:
            return Standing(done=True)
        if left.lists == wanted.lists:
            return Standing(done=False)
        return Standing(done=None, difference="only a part of the keys is as the row asks for")

    verdict = Verdict.DELETE if record.operation is Operation.REMOVE else Verdict.CHANGE
    return Plan(verdict, (Step(_ENDPOINT, endpoint(_ENDPOINT).repeatable, send, reconcile),), tuple(wanted.changes))


def _identify(record: Record) -> Identity:
    address = record.address
    # A personal number's key needs one of the extension's lists (FIELDS 6); which one its value means is not known.
    personal = any(str(asked.key.get("keyFunction", "")).upper() == "PEN" for asked in _asked(record))
    lists = [call_list_key(address.extension_number, number) for number in _CALL_LISTS] if personal else []
    return identify_part(record, key_of("phone_keys", address.extension_number), needs=lists)


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_number(record.address.extension_number)
    address, panel = record.address, record.body.panel_type
    if panel and address.panel_type_key and panel != address.panel_type_key:
        findings.append(
            Finding("panelTypeKey", f"is '{address.panel_type_key}', but phonePanelType is '{panel}'; leave one of the two blank")
        )
    if not (panel or address.panel_type_key or address.subsystem_name) and address.subsystem_id is None:
        findings.append(Finding("phonePanelType", "is blank; fill it, or subsystemName, so that PM can tell the panel"))
    asked = list(_asked(record))
    if not asked:
        findings.append(Finding("keys.1.keyPosition", "is blank, so the row changes nothing", Severity.WARNING))
    seen: dict[tuple[Any, Any], str] = {}
    for one in asked:
        findings += _judge_key(one)
        place = (one.position, one.key.get("logicalKeyId"))
        first = seen.setdefault(place, one.header)
        if first != one.header and one.position is not None:
            findings.append(Finding(f"{one.header}keyPosition", f"is {one.position}, as in {first}keyPosition; remove one of the two"))
    return tuple(findings)


def _judge_key(asked: _Asked) -> Iterator[Finding]:
    if asked.position is None:
        yield Finding(f"{asked.header}keyPosition", "is blank; fill it to say which key is meant")
    function, value = asked.key.get("keyFunction"), asked.key.get("keyFunctionValue")
    words = value_fault(function, value) if function and value else ""
    if words and not asked.goes:
        yield Finding(f"{asked.header}keyFunctionValue", f"'{value}' must be {words} for the function {function}")


async def _rows(place: Place, session: Session) -> list[Flat]:
    panel = await _panel_of(session, place.number, place.subsystem_name)
    if not panel:
        return []
    answer = await session.read("getPhoneKeys", path={"extensionNumber": place.number}, query={"panelTypeKey": panel}) or {}
    keys = used_keys(answer)
    return [{**place.columns, "phonePanelType": panel, **row_of({"keys": keys}, KeysAddress)}] if keys else []


PHONE_KEYS = Entity(
    sheet="phone_keys",
    title="telephone",
    help="What the keys of telephones do, one row per extension. Fill keys.1, keys.2 and so on; keys that are not named stay.",
    address=KeysAddress,
    body=PhoneKeys,
    actions=(
        Action(Operation.UPDATE, _ENDPOINT, _change, help="Make the named keys as the row says, whether they are in use or not."),
        Action(Operation.ADD, _ENDPOINT, _change, help="Put keys on free places; fails where another key is."),
        Action(Operation.REMOVE, _ENDPOINT, _change, help="Free the places that keys.N.keyPosition names."),
    ),
    identify=_identify,
    find=_find,
    judge=_judge,
    after=("personal_number_lists",),
    export=of_every_extension(_rows, by_number=True),
)
