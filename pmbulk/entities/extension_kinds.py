"""
What the sheets of the five kinds of extension have in common: each is one declaration of its fields and its two calls (PM API 6).

An extension is known by its subsystem and number, whatever its kind: rows of other sheets depend on any of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import GROUPS, Place, details_if_there, details_of, groups_of, of_every_extension
from pmbulk.entities.extension_fields import ExtensionAddress, ExtensionFields, HomedExtension
from pmbulk.entities.extension_parts import judge_place
from pmbulk.entities.extension_record import EXTENSION_TYPES, ExtensionKind, extension_body
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record, key_of
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import asked_subsystem, extension_key, extension_key_part, number_key
from pmbulk.entities.session import IfExists, Session
from pmbulk.entities.steps import Change
from pmbulk.errors import Finding, InvalidRowError, Severity

__all__ = ["extension_entity", "identify_extension"]

#: The types that numbers of a kind show beside its own: an IP extension behind a SIP route, a multi-terminal one without a terminal (FIELDS 1b).
_OTHER_TYPES: Final[Mapping[ExtensionKind, tuple[str, ...]]] = {
    ExtensionKind.IP: ("REMOTE",),
    ExtensionKind.MULTI_TERMINAL: ("VIRTUAL",),
}
#: The type that a number shows as long as it has no terminal (FIELDS 1b).
_BARE: Final = ExtensionKind.VIRTUAL.value


def identify_extension(record: Record) -> Identity:
    """Which extension a row of any of the sheets means; its lane is the subsystem's."""
    name, number = record.address.subsystem_name, record.address.subsystem_id
    part = extension_key_part(name, number)
    extension = record.body.extension_number
    return Identity(
        f"{extension} in {name or f'subsystem {number}'}",
        extension_key(name, number, extension),
        (key_of("subsystems", part),),
        lanes=(part,),
        aliases=(extension_key(None, number, extension),) if name and number is not None else (),
        whole=number_key(extension),
        serves=number_key(extension),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """How extensions of one *kind*, a *title* in words, with the fields of *model* are found in PM and read out of it."""

    kind: ExtensionKind
    title: str
    model: type[ExtensionFields]

    @property
    def types(self) -> tuple[str, ...]:
        """The types that a number of this kind may show, its own first."""
        return (self.kind.value, *_OTHER_TYPES.get(self.kind, ()))

    async def parameters(self, record: Record, found: Found | None, session: Session) -> Mapping[str, Any]:
        shown = str(found.answer.get("extensionType", "")) if found is not None else ""
        return {
            "subsystemName": await asked_subsystem(record, session),
            "extensionNumber": record.body.extension_number,
            "extensionType": shown if shown in self.types else self.kind.value,
        }

    async def find(self, record: Record, session: Session) -> Found | None:
        asked = await self.parameters(record, None, session)
        creates = record.operation in {Operation.CREATE, Operation.MOVE}
        types = (*self.types, _BARE) if creates else self.types
        # A move takes away what it finds gone elsewhere, so it must be told, not guess.
        read = details_if_there if record.operation is Operation.CREATE else details_of
        answer = await read(session, asked["subsystemName"], asked["extensionNumber"], dict.fromkeys(types))
        if answer is None:
            return None
        unlike = self._another_kind(answer)
        if unlike and not creates:
            message = f"is no {self.title}: PM's type for it is {unlike[0].old}; move the row to the sheet of that type"
            raise InvalidRowError((Finding("extensionNumber", message),))
        changes = record.operation is Operation.UPDATE or session.if_exists is IfExists.UPDATE
        filled = record.filled()
        body = extension_body(answer, self.kind, by_domain=bool(filled.get("domainName")) and not filled.get("serverNumber"))
        # Reading them costs a request, which only a change and the look for what became of a create with groups are worth.
        if changes or (creates and any(name in filled for name in GROUPS)):
            body |= await groups_of(session, answer, asked["extensionNumber"], filled)
        return Found(str(answer.get("extensionId", "")), body, answer, unlike)

    def may_be_part(self, found: Found) -> bool:
        """Whether PM may have got no further than what was *found* while it made an extension of this kind (DOMAIN 1)."""
        return all(change.old == _BARE for change in found.unlike)

    async def rows(self, place: Place, session: Session) -> list[Flat]:
        # A number that shows another kind's type is listed by that kind.
        own = tuple(shown for shown in self.types if shown not in set(ExtensionKind) - {self.kind})
        known = (place.subsystem_name, place.number)
        if session.types.get(known, own[0]) not in own:
            return []
        answer = await details_if_there(session, place.subsystem_name, place.number, own)
        if answer is None or session.types.setdefault(known, str(answer.get("extensionType", own[0]))) not in own:
            return []
        body = extension_body(answer, self.kind) | await groups_of(session, answer, place.number, {})
        return [{"subsystemName": place.subsystem_name, **row_of(body, self.model)}]

    def _another_kind(self, answer: Mapping[str, Any]) -> tuple[Change, ...]:
        shown = str(answer.get("extensionType", ""))
        return () if shown not in EXTENSION_TYPES or shown in self.types else (Change("extensionType", shown, self.kind.value),)


def extension_entity(
    kind: ExtensionKind,
    body: type[ExtensionFields],
    *,
    sheet: str,
    title: str,
    help: str,  # noqa: A002 - the word of `Entity`
    create: str,
    update: str,
    judge: Callable[[Record], list[Finding]] = lambda _record: [],
) -> Entity:
    """The entity of one *kind* of extension with the fields of *body*; *judge* finds what is wrong with its own fields."""
    reading = _Reading(kind, title, body)
    homed, registers = issubclass(body, HomedExtension), kind in {ExtensionKind.IP, ExtensionKind.MULTI_TERMINAL}

    def judged(record: Record) -> tuple[Finding, ...]:
        return (
            *judge_place(record, record.body.extension_number),
            *_judge_home(record, homed=homed),
            *(_judge_registration(record) if registers else ()),
            *judge(record),
        )

    return Entity(
        sheet=sheet,
        title=title,
        help=help,
        address=ExtensionAddress,
        body=body,
        actions=(creating(create), updating(update), deleting("deleteExtension")),
        identify=identify_extension,
        find=reading.find,
        hidden=_hidden,
        partial=reading.may_be_part,
        shape=_shape,
        parameters=reading.parameters,
        judge=judged,
        after=("departments", "subsystems"),
        export=of_every_extension(reading.rows, by_number=False),
    )


def _hidden(body: Body) -> tuple[str, ...]:
    codes = enumerate(body.get("authorizationCodes") or (), start=1)
    hashed = [f"authorizationCodes.{position}.authorizationCode" for position, code in codes if "authorizationCode" not in code]
    group = body.get("huntGroup") or {}
    return (*hashed, *(["huntGroup.groupAlias"] if group.get("huntGroupNumber") and "groupAlias" not in group else []))


def _without_hashes(body: Body) -> Body:
    """*body* without the codes that PM does not show: a hash sent as a code would become the code (DOMAIN 4)."""
    if "authorizationCodes" not in body:
        return body
    codes = [code for code in body["authorizationCodes"] if "authorizationCode" in code]
    return {name: value for name, value in {**body, "authorizationCodes": codes}.items() if name != "authorizationCodes" or codes}


def _shape(operation: Operation, body: Body, filled: Body) -> Body:
    if operation is Operation.CREATE:
        return body
    body = _without_hashes(body)
    # A row that moves the number between a server and a domain gives one of the two; PM's other one must not contradict it.
    if filled.get("domainName") and not filled.get("serverNumber"):
        return {name: value for name, value in body.items() if name != "serverNumber"}
    if filled.get("serverNumber") and not filled.get("domainName"):
        return {name: value for name, value in body.items() if name != "domainName"}
    return body


def _judge_home(record: Record, *, homed: bool) -> list[Finding]:
    """What is wrong with the server or domain: a number lives in one of the two, one that is not *homed* on a server only."""
    creates = record.operation is Operation.CREATE
    server = record.body.server_number
    if not homed:
        if creates and server is None:
            return [Finding("serverNumber", "is blank; fill it to say where the number lives")]
        if record.operation is Operation.UPDATE and "serverNumber" in record.cleared:
            return [Finding("serverNumber", "cannot be emptied; the number lives there")]
        return []
    domain = record.body.domain_name
    findings = []
    if creates and server is None and not domain:
        findings.append(Finding("serverNumber", "is blank, and so is domainName; fill one of the two to say where the number lives"))
    if creates and server is not None and domain:
        findings.append(Finding("domainName", "is filled beside serverNumber; the PBX takes one of the two", Severity.WARNING))
    for header, other, given in (("serverNumber", "domainName", domain), ("domainName", "serverNumber", server)):
        if record.operation is Operation.UPDATE and header in record.cleared and not given:
            findings.append(Finding(header, f"cannot be emptied alone; fill {other} to say where the number lives instead"))
    return findings


def _judge_registration(record: Record) -> list[Finding]:
    """What is wrong with the codes of a number whose terminals log on with them."""
    if record.operation is not Operation.CREATE or record.body.authorization_codes:
        return []
    message = "is blank; without a code the PBX lets any telephone register as this number"
    return [Finding("authorizationCodes.1.authorizationCode", message, Severity.WARNING)]
