"""
Moving an extension to another subsystem, or to another number: made there, its users relinked, taken away here, put right there (PM API 6).

PM has no such call. One row is all of them, with what takes each of them back (DOMAIN 4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final

from pydantic import create_model
from pydantic.fields import FieldInfo

from pmbulk.entities.carrying import Loss, not_given, sendable
from pmbulk.entities.compare import differences, leaves, merged, pattern
from pmbulk.entities.extension_fields import directory_number
from pmbulk.entities.extension_record import EXTENSION_TYPES, ExtensionKind
from pmbulk.entities.extension_sheets import SHEETS
from pmbulk.entities.fields import Column, Fields, FieldSpec, Kind, columns_of, field_
from pmbulk.entities.model import Action, Body, Entity, Identity, Operation, Record, key_of
from pmbulk.entities.move_holders import obstacles
from pmbulk.entities.move_preflight import UNSEEN_LINK, check_home, places_of, taken
from pmbulk.entities.move_snapshot import Belonging, Snapshot
from pmbulk.entities.move_steps import steps_of, typed
from pmbulk.entities.names import fold, with_article
from pmbulk.entities.references import extension_key, number_key
from pmbulk.entities.session import Carry, Session
from pmbulk.entities.steps import Change, Plan, Verdict
from pmbulk.entities.users import USERS
from pmbulk.errors import Finding, InvalidRowError

__all__ = ["EXTENSION_MOVES"]


class MoveAddress(Fields):
    """Which extension moves, and where to."""

    extension_number: str | None = directory_number("The number of the extension that moves.")
    from_subsystem: str | None = field_(
        "fromSubsystem",
        names="TelephonyServer",
        required=True,
        example="MX1",
        help="The telephony subsystem that has the extension.",
        source="QUIRKS 42",
    )
    to_subsystem: str | None = field_(
        "toSubsystem",
        names="TelephonyServer",
        example="MX2",
        help="The telephony subsystem that shall have it; blank to stay and get another number.",
        source="QUIRKS 42",
    )
    new_extension_number: str | None = field_(
        "newExtensionNumber",
        example="5101",
        help="Its number there; blank to keep the number.",
        rule="2 to 20 digits",
        pattern=r"^[0-9]{2,20}$",
        source="FIELDS 1a",
    )
    extension_type: str | None = field_(
        "extensionType", choices=EXTENSION_TYPES, help="Needed only where PM does not tell it.", source="QUIRKS 49"
    )
    carry: str | None = field_(
        "carry",
        choices=tuple(Carry),
        help="strict: refused where something of value would be lost. best: moved all the same. Blank: as the run is told.",
        source="DOMAIN 4",
    )


def _override(declared: FieldInfo) -> FieldInfo:
    """A field of a create as one that may be left blank: what a row does not say is taken from the extension."""
    field, extra = copy(declared), declared.json_schema_extra
    spec = extra.get("spec") if isinstance(extra, dict) else None
    if not isinstance(spec, FieldSpec):
        raise TypeError(f"{declared.alias} is not declared with field_()")
    field.json_schema_extra = {"spec": replace(spec, required=False, expected=False)}
    return field


def _overrides() -> type[Fields]:
    """The fields of all kinds; SIP terminals behind a route are a list, since one of the kinds has several (QUIRKS 80)."""
    kinds = [*(kind for kind in SHEETS if kind is not ExtensionKind.MULTI_TERMINAL), ExtensionKind.MULTI_TERMINAL]
    fields: dict[str, Any] = {}
    for kind in kinds:
        declared = SHEETS[kind].body.model_fields
        fields |= {name: (one.annotation, _override(one)) for name, one in declared.items() if name != "extension_number"}
    return create_model("MoveOverrides", __base__=Fields, __doc__="What shall be different at the target.", **fields)


MoveOverrides: Final = _overrides()
_REMOTE: Final = "sipRemoteExtension"


def _never_shown(columns: Sequence[Column]) -> Iterable[str]:
    """What PM shows of none, so that nobody knows whether it is set; objects of which nothing is shown by their own name, secrets not counted."""
    partly = {column.path[0] for column in columns if column.spec.readable}
    # The route of a remote terminal is in its address, or told to be missing.
    hidden = [one.path for one in columns if not one.spec.readable and one.path[0] != _REMOTE and one.kind is not Kind.SECRET]
    return dict.fromkeys(".".join(path) if path[0] in partly else path[0] for path in hidden)


def _caution() -> str:
    extension, user = (", ".join(_never_shown(columns)) for columns in (columns_of(MoveOverrides), USERS.columns))
    return (
        f"PM never shows {extension}; an extension that has any of it keeps it only where a cell gives it. "
        f"Nor does it show {user}; a user who has any of it may lose it, as the whole user is written to follow the extension"
    )


def _identify(record: Record) -> Identity:
    address = record.address
    target = address.to_subsystem or address.from_subsystem
    number = address.new_extension_number or address.extension_number
    return Identity(
        f"{address.extension_number} from {address.from_subsystem} to {number} in {target}",
        extension_key(target, None, number),
        (key_of("subsystems", address.from_subsystem), key_of("subsystems", target)),
        lanes=(fold(str(address.from_subsystem)), fold(str(target))),
        frees=extension_key(address.from_subsystem, None, address.extension_number),
        whole=number_key(address.extension_number),
        serves=number_key(number),
    )


def _judge(record: Record) -> tuple[Finding, ...]:
    address, body = record.address, record.body
    findings = []
    stays = not address.to_subsystem or fold(address.to_subsystem) == fold(str(address.from_subsystem))
    if stays and address.new_extension_number in {None, address.extension_number}:
        message = "is blank or the old one, and so is newExtensionNumber; fill one of the two to say where the extension goes"
        findings.append(Finding("toSubsystem", message))
    if body.server_number is not None and body.domain_name:
        findings.append(Finding("domainName", "is filled beside serverNumber; a number lives on one of the two"))
    findings += [Finding(path, "cannot be emptied by a move; update the extension afterwards") for path in sorted(record.cleared)]
    return tuple(findings)


async def _move(entity: Entity, record: Record, session: Session) -> Plan:
    if session.kept and session.seal is not None:
        # An earlier run has begun: what it has looked at is no longer there to be looked at.
        snapshot = Snapshot.from_text(session.kept, session.seal())
        if _is_of(record, snapshot):
            return replace(_plan(entity, record, session, snapshot), kept=session.kept)
    found = await taken(record, session)
    if found is None:
        source, target = await places_of(record, session)
        message = (
            f"{target} is there, and {source} is not, so nothing is left to move. What belongs to it was not compared; nothing was sent"
        )
        return Plan(Verdict.NOTHING, message=message)
    plan = _plan(entity, record, session, found)
    await check_home(session, found.target, _body(record, found))
    kept = found.to_text(session.seal()) if session.seal is not None else ""
    return replace(plan, kept=kept)


def _is_of(record: Record, snapshot: Snapshot) -> bool:
    """Whether a row says the places of *snapshot*; before a rerun somebody may have corrected it."""
    address = record.address
    source = (address.from_subsystem, address.extension_number)
    target = (address.to_subsystem or address.from_subsystem, address.new_extension_number or address.extension_number)
    return all(
        fold(str(name)) == fold(place.subsystem_name) and number == place.number
        for (name, number), place in ((source, snapshot.source), (target, snapshot.target))
    )


def _plan(entity: Entity, record: Record, session: Session, snapshot: Snapshot) -> Plan:
    """The plan that follows from the row and what PM had when it was first read."""
    lost = _lost(record, snapshot)
    strict = Carry(record.address.carry or session.carry) is Carry.STRICT
    needed = {loss.column for loss in lost if loss.needed}
    refused = [loss for loss in lost if loss.needed or (strict and loss.of_value and loss.column not in needed)]
    if refused:
        raise InvalidRowError(tuple(_refusal(loss, snapshot.kind) for loss in refused), code="NOT_CARRIED")
    body, given = _body(record, snapshot), _filled(record, snapshot.kind)
    return Plan(
        Verdict.CHANGE, steps_of(session, snapshot, body, given=given), _changes(entity, record, snapshot), _message(snapshot, lost)
    )


def _lost(record: Record, snapshot: Snapshot) -> list[Loss]:
    """What the move leaves behind, without what the row gives anew."""
    _made, losses = typed(snapshot, snapshot.target)
    words = [words for holder in snapshot.holders for words in obstacles(holder, snapshot.source, snapshot.target)]
    if snapshot.staying:
        words.append(f"{_sheets(snapshot.staying)}: there is also {', '.join(snapshot.others)}, and PM does not tell the two apart")
    lost = [*not_given(losses, _filled(record, snapshot.kind)), *(Loss(one, of_value=True) for one in (*words, *snapshot.missing))]
    if not snapshot.holders and snapshot.record.get("freeExtension") is None:
        # PM leaves out what is false (QUIRKS 19), and may never show it.
        lost.append(Loss(f"{UNSEEN_LINK}, if there is one: PM does not say that nobody has it", of_value=False))
    return lost


def _sheets(belongings: Iterable[Belonging]) -> str:
    counts = Counter(belonging.sheet for belonging in belongings)
    return ", ".join(f"{sheet} ({count})" for sheet, count in counts.items())


def _refusal(loss: Loss, kind: ExtensionKind) -> Finding:
    column = loss.column
    if kind is ExtensionKind.IP:
        column = column.replace(f"{_REMOTE}.", f"{_REMOTE}.1.")
    if loss.needed:
        return Finding(
            column,
            "cannot be carried: PM does not show it, and makes no such extension without it; fill it (add the column if need be)",
        )
    remedy = "fill it (add the column if need be), or set carry to best to lose it" if column else "set carry to best to lose it"
    return Finding(column, f"this cannot be carried: {loss.what}; {remedy}")


def _filled(record: Record, kind: ExtensionKind) -> Body:
    """
    The row's overrides in the shape of the *kind*'s create.

    Raises:
        InvalidRowError: If the kind does not have one of the fields.
    """
    filled, further = record.filled(), []
    if kind is ExtensionKind.IP and filled.get(_REMOTE):
        filled[_REMOTE], *further = filled[_REMOTE]
    known = SHEETS[kind].body_paths
    strange = [".".join(path) for path, _value in leaves(filled) if pattern(path) not in known]
    strange += [f"{_REMOTE}.{position}.{name}" for position, one in enumerate(further, start=2) for name in one]
    if strange:
        words = f"is no field of {with_article(SHEETS[kind].title)}; empty the cell"
        raise InvalidRowError(tuple(Finding(path, words) for path in strange))
    return filled


def _body(record: Record, snapshot: Snapshot) -> Body:
    """What is sent to make the extension at the target."""
    made, _losses = typed(snapshot, snapshot.target)
    filled = _filled(record, snapshot.kind)
    return sendable(merged(made, filled), filled)


def _changes(entity: Entity, record: Record, snapshot: Snapshot) -> tuple[Change, ...]:
    source, target = snapshot.source, snapshot.target
    places = (
        Change("toSubsystem", source.subsystem_name, target.subsystem_name),
        Change("newExtensionNumber", source.number, target.number),
    )
    made, _losses = typed(snapshot, target)
    given = differences(made, _filled(record, snapshot.kind), entity.columns_by_path, assume_unreadable=False)
    return (*(change for change in places if change.old != change.new), *given)


def _message(snapshot: Snapshot, lost: list[Loss]) -> str:
    """What goes with the extension, and what does not."""
    users = ", ".join(str(holder.get("userId")) for holder in snapshot.holders)
    words = [f"Users: {users}." if users else "", f"With it: {_sheets(snapshot.going)}." if snapshot.going else ""]
    words.append(f"Not carried: {'; '.join(loss.what for loss in lost)}." if lost else "")
    return " ".join(filter(None, words))


EXTENSION_MOVES = Entity(
    sheet="extension_moves",
    title="extension",
    help="Extensions that go to another telephony subsystem, or get another number, with all that belongs to them. The filled fields are different there.",
    address=MoveAddress,
    body=MoveOverrides,
    actions=(Action(Operation.MOVE, "deleteExtension", _move, help="Make it there, relink its users, and take it away here."),),
    identify=_identify,
    judge=_judge,
    after=("phone_keys", "personal_numbers", "authorization_codes", "terminal_selections"),
    caution=_caution(),
)
