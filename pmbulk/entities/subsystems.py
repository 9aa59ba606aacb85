"""
Subsystems: the telephony, messaging, CMG, SIP-DECT, MiCollab, CloudLink and other servers that PM manages (PM API 7).

They are read from the list, whose shape is the one in which they are written; the call for one of them answers in another shape (QUIRKS 68).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from pmbulk.entities.directory import Listed
from pmbulk.entities.exporting import row_of, told_by_name
from pmbulk.entities.fields import Fields, Kind, columns_of, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record, key_of
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import identify_named, ids_by_name, judge_named, same_object, subsystem
from pmbulk.entities.session import Session
from pmbulk.entities.subsystem_blocks import BLOCKS, SubsystemBlocks
from pmbulk.errors import Finding, InvalidRowError, RejectedError, Severity

__all__ = ["SUBSYSTEMS"]

_BLOCK_NAMES = frozenset(BLOCKS.values())
_PLACE = frozenset({"location", "locationName"})


class SubsystemAddress(Fields):
    """What says which subsystem a row means: its id, or else its name."""

    subsystem_id: int | None = field_("subsystemId", help="PM's id. Only needed to rename a subsystem.", source="QUIRKS 43")


class _Subsystem(Fields):
    """What every subsystem has."""

    subsystem_type: str | None = field_(
        "subsystemType",
        expected=True,
        choices=tuple(BLOCKS),
        example="TelephonyServer",
        help="Decides which block of columns belongs to the subsystem.",
        source="FIELDS 4",
    )
    subsystem_name: str | None = field_(
        "subsystemName",
        names="subsystems",
        required=True,
        example="MX1",
        help="The subsystem's name, unique in PM.",
        rule="without : / ; and , because it stands in addresses and imports",
        advised=r"[^:/;,]+",
        source="FIELDS 4 (inferred)",
    )
    location: str | None = field_(
        "location", names="locations", help="Name or PM's id of the location; the column locationName is enough.", source="QUIRKS 99"
    )
    location_name: str | None = field_(
        "locationName", names="locations", example="Stockholm", help="Name of an existing location.", source="QUIRKS 99"
    )
    expiration_date: str | None = field_("expirationDate", help="As PM shows it; its form is not documented.", source="QUIRKS 99")


class Subsystem(SubsystemBlocks, _Subsystem):
    """A server that PM manages."""


#: What a block that is filled probably needs.
_PARTS = tuple(column for column in columns_of(Subsystem) if column.is_part and column.is_wanted)


def _identify(record: Record) -> Identity:
    body = record.body
    location = body.location_name or body.location
    needs = [key_of("locations", location)] if location else []
    manager = body.sip_dect
    if manager is not None and manager.telephony_subsystem:
        needs.append(key_of("subsystems", manager.telephony_subsystem))
    # Telephony comes before what belongs to it (DOMAIN 3).
    depth = 0 if body.subsystem_type in (None, "TelephonyServer") else 1
    return identify_named("subsystems", body.subsystem_name, record.address.subsystem_id, needs=needs, depth=depth)


async def _listed(record: Record, session: Session) -> Listed | None:
    number = record.address.subsystem_id
    register = session.directory.subsystems
    return await register.find_id(number) if number is not None else await register.find(record.body.subsystem_name)


async def _find(record: Record, session: Session) -> Found | None:
    listed = await _listed(record, session)
    if listed is None:
        return None
    if record.address.subsystem_id is not None and record.operation is Operation.DELETE:
        same_object("subsystemName", record.body.subsystem_name, listed.name)
    body = {name: value for name, value in listed.body.items() if name != "subsystemId" and value is not None}
    if body.get("location") and not body.get("locationName"):
        # A location that this administrator cannot see stays as PM has it.
        with suppress(InvalidRowError):
            body |= await _place(body, session)
    return Found(str(listed.id), body, listed.body)


async def _place(body: Body, session: Session) -> Body:
    """
    Both members that a location has, for the one that *body* gives by name, by id or by both; which of the two PM looks at is not said (QUIRKS 99).

    Raises:
        InvalidRowError: If PM has no such location, or if the two are not the same one's.
    """
    given = {name: str(body[name]).strip() for name in ("location", "locationName") if body.get(name)}
    try:
        found = {name: await _location(text, column=name, session=session) for name, text in given.items()}
    except RejectedError as refusal:
        if refusal.http != 403:
            raise
        return given
    ids = {listed.id for listed in found.values()}
    if len(ids) > 1:
        raise InvalidRowError(
            (Finding("location", f"is '{given['location']}', but locationName is '{given['locationName']}'; leave one of the two blank"),)
        )
    if not found:
        return {}
    listed = next(iter(found.values()))
    return {"location": listed.name if await _lists_names(session) else str(listed.id), "locationName": listed.name}


async def _lists_names(session: Session) -> bool:
    """Whether PM shows names, not ids, in the member ``location`` of the subsystems that it has."""
    shown = (str(listed.body.get("location") or "") for listed in await session.directory.subsystems.all())
    return any(text and not text.isdecimal() for text in shown)


async def _location(text: str, *, column: str, session: Session) -> Listed:
    """The location that a cell means; digits are an id unless a location is called so."""
    register = session.directory.locations
    if text.isascii() and text.isdecimal() and column == "location":
        listed = await register.find(text) or await register.by_id(int(text))
        if listed is not None:
            return listed
    return await register.get(text, column=column)


async def _resolve(record: Record, body: Body, session: Session) -> Body:
    if record.operation is Operation.UPDATE and not body.get("subsystemType"):
        listed = await _listed(record, session)
        findings = _strangers(record, str(listed.body.get("subsystemType", ""))) if listed is not None else ()
        if findings:
            raise InvalidRowError(tuple(findings))
    if _PLACE & record.cleared:
        body = {"location": "", "locationName": "", **{name: value for name, value in body.items() if value or name not in _PLACE}}
    body = {**body, **await _place(body, session)}
    manager = body.get("sipDectManager") or {}
    if manager.get("miVoiceMXONESubsystem"):
        name, _number = await subsystem(session, manager["miVoiceMXONESubsystem"], None, column="sipDectManager.miVoiceMXONESubsystem")
        body["sipDectManager"] = {**manager, "miVoiceMXONESubsystem": name}
    return body


def _strangers(record: Record, kind: str) -> list[Finding]:
    """The cells of blocks that do not belong to a subsystem of this *kind*; none where the kind is unknown."""
    own = BLOCKS.get(kind)
    filled = record.filled()
    return [
        Finding(f"{block}.{name}", f"does not belong to a {kind}, whose columns begin with {own}; empty the cell or correct subsystemType")
        for block in BLOCKS.values()
        if own is not None and block != own
        for name in filled.get(block) or ()
    ]


def _judge(record: Record) -> tuple[Finding, ...]:
    body = record.body
    findings = judge_named("subsystem", {"subsystemName": body.subsystem_name, "subsystemId": record.address.subsystem_id})
    if record.operation is Operation.DELETE:
        return tuple(findings)
    kind = body.subsystem_type
    if kind:
        findings += _strangers(record, kind)
    if record.operation is Operation.CREATE:
        if not body.location and not body.location_name:
            findings.append(Finding("locationName", "is blank; PM probably wants it to create a subsystem", Severity.WARNING))
        if kind and not record.filled().get(BLOCKS[kind]):
            block = BLOCKS[kind]
            message = f"is blank, and so is all of {block}, which a {kind} must have; fill its columns"
            findings.append(Finding(next(column.name for column in _PARTS if column.path[0] == block), message))
    return tuple(findings)


def _hidden(body: Body) -> tuple[str, ...]:
    """The password that every subsystem of the type has, where PM does not show it."""
    own = BLOCKS.get(str(body.get("subsystemType", "")))
    secrets = (column for column in _PARTS if column.path[0] == own and column.kind is Kind.SECRET)
    return tuple(column.name for column in secrets if column.path[1] not in (body.get(column.path[0]) or {}))


async def _export(session: Session) -> AsyncIterator[Flat]:
    everything = await session.directory.subsystems.all()
    named = told_by_name(everything)
    for listed in everything:
        own = BLOCKS.get(str(listed.body.get("subsystemType", "")))
        # PM may show the blocks of other types as well, empty or not; they mean nothing.
        hidden = _BLOCK_NAMES - {own} if own is not None else frozenset[str]()
        if listed.body.get("locationName"):
            hidden |= {"location"}
        body = {name: value for name, value in listed.body.items() if name not in hidden}
        row = row_of(body, Subsystem)
        yield row if listed.id in named else {"subsystemId": listed.id, **row}


SUBSYSTEMS = Entity(
    sheet="subsystems",
    title="subsystem",
    help="The servers that PM manages; the type decides which block of columns a subsystem has.",
    address=SubsystemAddress,
    body=Subsystem,
    actions=(creating("createSubsystem"), updating("updateSubsystem"), deleting("deleteSubsystem")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    judge=_judge,
    hidden=_hidden,
    key=("subsystemName",),
    after=("locations", "departments"),
    ids=ids_by_name("subsystems"),
    export=_export,
)
