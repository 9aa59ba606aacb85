"""
What hangs on an extension and goes with it: read as rows of their own sheets, and put on another extension by the same rows.

Most of PM's calls for it name no subsystem (QUIRKS 45): they are made only while one extension has the number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import ANY_TYPE, TELEPHONY, Place, details_of, is_own
from pmbulk.entities.model import Entity, Operation, Record
from pmbulk.entities.move_snapshot import Belonging
from pmbulk.entities.names import fold
from pmbulk.entities.personal_number_lists import PERSONAL_NUMBER_LISTS, PersonalNumberList
from pmbulk.entities.personal_numbers import PERSONAL_NUMBERS, PersonalNumber
from pmbulk.entities.phone_keys import PHONE_KEYS, KeysAddress, used_keys
from pmbulk.entities.session import IfExists, Session
from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.entities.terminal_selections import TERMINAL_SELECTIONS, TerminalSelection
from pmbulk.errors import RejectedError

__all__ = ["belongings_of", "namesakes", "put_back", "put_back_all", "shortfall"]

Seen = TypeVar("Seen")
#: The entities of belongings by their sheets, in the order in which they are put back: a key may need a list (FIELDS 6).
_ENTITIES: Final[Mapping[str, Entity]] = {
    entity.sheet: entity for entity in (TERMINAL_SELECTIONS, PERSONAL_NUMBER_LISTS, PERSONAL_NUMBERS, PHONE_KEYS)
}


async def belongings_of(session: Session, place: Place, record: Mapping[str, Any], *, by_number: bool) -> tuple[Belonging, ...]:
    """
    What belongs to the extension in *place*, whose detail record PM gave; only what is asked for with its subsystem where *by_number* is false.

    Raises:
        RejectedError: If PM refuses to tell.
    """
    found = [one async for one in _selection(session, place)]
    if not by_number:
        return tuple(found)
    lists = [one async for one in _lists(session, place, record)]
    found += lists or [one async for one in _older_form(session, place, record)]
    return (*found, *[one async for one in _keys(session, place, record)])


async def _selection(session: Session, place: Place) -> AsyncIterator[Belonging]:
    if place.subsystem_id is None:
        return
    answer = await session.read("getOnsList", query={"extensionNumber": place.number, "subsystemId": place.subsystem_id}) or {}
    entries = [{name: value for name, value in entry.items() if name != "onsid"} for entry in answer.get("onsVo") or ()]
    row = row_of({"onsVo": entries}, TerminalSelection)
    if row:
        yield Belonging(TERMINAL_SELECTIONS.sheet, "update", row)


async def _lists(session: Session, place: Place, record: Mapping[str, Any]) -> AsyncIterator[Belonging]:
    answer = await session.read("getPersonalNumberLists", path={"extensionNumber": place.number}) or {}
    if not is_own(answer, place.number, record):
        return
    for one in answer.get("list") or ():
        if not one.get("listNo"):
            continue
        query = {"extensionNumber": place.number, "listNumber": one["listNo"]}
        choices = (await session.read("getCallList", query=query) or {}).get("chos") or ()
        row = row_of({"list": one, "chos": [choice for choice in choices if choice.get("chono")]}, PersonalNumberList)
        yield Belonging(PERSONAL_NUMBER_LISTS.sheet, "create", row)


async def _older_form(session: Session, place: Place, record: Mapping[str, Any]) -> AsyncIterator[Belonging]:
    """The lists that PM shows in their older form only."""
    answer = await session.read("getPersonalNumberDetails", path={"extensionNumber": place.number}) or {}
    lists = ((answer.get("personalNumberVO") or {}).get("pelp") or {}).get("lists") or ()
    row = row_of({"personalNumberVO": {"pelp": {"lists": [one for one in lists if one.get("listno")]}}}, PersonalNumber)
    if row and is_own(answer, place.number, record):
        yield Belonging(PERSONAL_NUMBERS.sheet, "update", row)


async def _keys(session: Session, place: Place, record: Mapping[str, Any]) -> AsyncIterator[Belonging]:
    """The keys on the panel that PM has for the extension; without one nobody knows where to look."""
    panel = str((record.get("phonePanelDTO") or {}).get("panelTypeKey") or "")
    if not panel:
        return
    answer = await session.read("getPhoneKeys", path={"extensionNumber": place.number}, query={"panelTypeKey": panel}) or {}
    keys = used_keys(dict(answer))
    if keys and is_own(answer, place.number, record):
        yield Belonging(PHONE_KEYS.sheet, "update", {"phonePanelType": panel, **row_of({"keys": keys}, KeysAddress)})


async def namesakes(session: Session, number: str, own: Sequence[Place]) -> list[str]:
    """
    Extensions with this *number* that are in none of their *own* places, in words: what is asked for or written by number may be theirs.

    What PM does not let this administrator see is not what it takes him to mean (inferred).
    """
    listed = await _permitted(session.directory.subsystems.all()) or ()
    names = [one.name for one in listed if one.body.get("subsystemType", TELEPHONY) == TELEPHONY] or [place.subsystem_name for place in own]
    known = {fold(place.subsystem_name) for place in own if place.number == number}
    others = [name for name in names if fold(name) not in known]
    return [f"{number} in {name}" for name in others if await _permitted(details_of(session, name, number, ANY_TYPE)) is not None]


async def _permitted(read: Awaitable[Seen | None]) -> Seen | None:
    """What *read* gives; ``None`` where this administrator may not see it."""
    try:
        return await read
    except RejectedError as refusal:
        if refusal.http != 403:
            raise
        return None


def put_back(session: Session, belonging: Belonging, place: Place) -> Step:
    """The step that lets the extension in *place* have *belonging*; it looks before it sends, so sending twice does no harm."""
    back = _PuttingBack(session, belonging, place)
    return Step(back.endpoint, repeatable=True, send=back.send, reconcile=back.reconcile)


class _PuttingBack:
    def __init__(self, session: Session, belonging: Belonging, place: Place) -> None:
        self._session = session.finding(IfExists.SKIP)
        self._entity = _ENTITIES[belonging.sheet]
        self._record: Record = belonging.record(self._entity, place)
        self._action = self._entity.by_operation[self._record.operation]
        self.endpoint = self._action.endpoint

    async def plan(self) -> Plan:
        """What is still to be done."""
        return await self._action.prepare(self._entity, self._record, self._session)

    async def send(self) -> Reply:
        reply = Reply(200)
        for step in (await self.plan()).steps:
            reply = await step.send()
        return reply

    async def reconcile(self) -> Standing:
        if self._record.operation is not Operation.CREATE:
            return Standing(done=(await self.plan()).verdict is Verdict.NOTHING)
        fresh = self._session.finding(IfExists.FAIL)
        (step,) = (await self._action.prepare(self._entity, self._record, fresh)).steps
        return await step.reconcile()


async def put_back_all(session: Session, belongings: tuple[Belonging, ...], place: Place) -> None:
    """
    Let the extension in *place* have all of *belongings* that it lacks.

    Raises:
        RowError: If PM does not take one; the others are put back all the same.
    """
    refusals = []
    for belonging in belongings:
        try:
            await _PuttingBack(session, belonging, place).send()
        except RejectedError as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]


async def shortfall(session: Session, belongings: tuple[Belonging, ...], place: Place) -> list[str]:
    """
    What the extension in *place* does not have of *belongings*, in words.

    Raises:
        RowError: If it cannot be read.
    """
    words = []
    for belonging in belongings:
        try:
            standing = await _PuttingBack(session, belonging, place).reconcile()
        except RejectedError as refusal:
            standing = Standing(done=False, difference=refusal.message)
        if not standing.done:
            words.append(f"{_ENTITIES[belonging.sheet].title}: {standing.difference or 'not as it was'}")
    return words
