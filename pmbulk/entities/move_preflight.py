"""
What must hold before a move sends anything, found out by reading: the snapshot of the source, and a target that can take it.

Every refusal names the column that mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.entities.extension_details import ANY_TYPE, TELEPHONY, Place, details_of, group_setup, groups_in
from pmbulk.entities.model import Body, Record
from pmbulk.entities.move_belongings import belongings_of, namesakes
from pmbulk.entities.move_holders import holders_of
from pmbulk.entities.move_snapshot import KINDS, Snapshot
from pmbulk.entities.number_series import all_series
from pmbulk.entities.references import subsystem
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, InvalidRowError, RejectedError

__all__ = ["UNSEEN_LINK", "check_home", "places_of", "taken"]

#: What nobody can move along.
UNSEEN_LINK: Final = "the link of a user whom this administrator does not see"


async def places_of(record: Record, session: Session) -> tuple[Place, Place]:
    """
    Where the row's extension is and where it goes.

    Raises:
        InvalidRowError: If PM has no such subsystem, or it is none with extensions.
    """
    address = record.address
    source = await _telephony(session, address.from_subsystem, "fromSubsystem")
    target = await _telephony(session, address.to_subsystem, "toSubsystem") if address.to_subsystem else source
    number = address.extension_number
    return Place(*source, number), Place(*target, address.new_extension_number or number)


async def _telephony(session: Session, typed: str, column: str) -> tuple[str, int | None]:
    name, number = await subsystem(session, typed, None, column=column)
    listed = None if number is None else await session.directory.subsystems.by_id(number)
    kind = listed.body.get("subsystemType", TELEPHONY) if listed is not None else TELEPHONY
    if kind != TELEPHONY:
        raise InvalidRowError(
            (Finding(column, f"'{name}' is a {kind}, which has no extensions; type a telephony subsystem"),), code="REFERENCE"
        )
    return str(name), number


async def taken(record: Record, session: Session) -> Snapshot | None:
    """
    The snapshot of the row's extension, once the target is found free for it; ``None`` if only the target has it, so that nothing is left to move.

    Raises:
        InvalidRowError: If a cell has to be corrected.
        RejectedError: If PM has no such extension, has one at the target, or refuses to tell.
    """
    source, target = await places_of(record, session)
    wanted = record.address.extension_type
    here = await details_of(session, source.subsystem_name, source.number, dict.fromkeys((*filter(None, (wanted,)), *ANY_TYPE)))
    there = await details_of(session, target.subsystem_name, target.number, ANY_TYPE)
    if here is None and there is not None:
        return None
    if here is None:
        message = f"PM has no extension {source.number} in {source.subsystem_name}, or this administrator cannot see it; check the number and fromSubsystem"
        raise RejectedError(message, code="NOT_FOUND", http=404)
    if there is not None:
        message = f"{target.subsystem_name} has an extension {target.number} already; fill newExtensionNumber with a free number, or delete that one first"
        raise RejectedError(message, code="EXISTS")
    await _in_series(session, target)
    return await _snapshot(session, source, target, _with_type(here, wanted))


def _with_type(answer: Mapping[str, Any], wanted: str | None) -> Mapping[str, Any]:
    """*answer* with its type, which the row gives where PM does not tell it."""
    shown = answer.get("extensionType") or wanted
    if not shown:
        raise InvalidRowError((Finding("extensionType", "is blank, and PM does not tell it; fill it"),))
    if shown not in KINDS:
        message = f"PM's type for this extension is {shown}, which no call of PM creates; it cannot be moved"
        raise InvalidRowError((Finding("extensionNumber", message),), code="UNSUPPORTED")
    if wanted and KINDS[wanted] is not KINDS[shown]:
        words = f"is {wanted}, but PM's type for this extension is {shown}; correct it, or leave it blank"
        raise InvalidRowError((Finding("extensionType", words),))
    return {**answer, "extensionType": shown}


async def _in_series(session: Session, target: Place) -> None:
    name = target.subsystem_name
    series = await session.directory.once(f"number series of {name}", lambda: all_series(session, name))
    if series and not any(target.number in one for one in series):
        ranges = ", ".join(map(str, series))
        message = f"{target.number} is in no number series for extensions of {name} ({ranges}); fill in a number of one of them"
        raise InvalidRowError((Finding("newExtensionNumber", message),), code="SERIES")


async def _snapshot(session: Session, source: Place, target: Place, record: Mapping[str, Any]) -> Snapshot:
    here = await namesakes(session, source.number, (source, target))
    there = here if target.number == source.number else await namesakes(session, target.number, (source, target))
    setup = {} if here else await group_setup(session, record, source.number)
    belongings = await belongings_of(session, source, record, by_number=not here)
    holders = await holders_of(session, source, free=record.get("freeExtension") is True)
    missing = []
    further = [str(group["grp"]) for group in (setup.get("huntGroups") or ())[1:] if group.get("grp")]
    if further:
        # A create has room for one (FIELDS 1b).
        missing.append(f"its place in the hunt groups {', '.join(further)}")
    if record.get("freeExtension") is False and not holders:
        missing.append(UNSEEN_LINK)
    if here:
        missing.append(f"the groups, keys and lists that it may have: there is also {', '.join(here)}, and PM does not tell whose they are")
    return Snapshot(source, target, record, groups_in(setup, {}), belongings, tuple(holders), tuple(missing), tuple(there))


async def check_home(session: Session, target: Place, body: Body) -> None:
    """
    Make sure that the target has the server on which the extension is to live.

    Raises:
        InvalidRowError: If it has not; names those it has.
    """
    name, server = target.subsystem_name, body.get("serverNumber")
    servers = await session.directory.once(f"servers of {name}", lambda: _servers(session, name))
    if server is None or not servers or str(server) in servers:
        return
    message = f"{name} has no server {server}; fill in one of {', '.join(servers)}"
    raise InvalidRowError((Finding("serverNumber", message),), code="REFERENCE")


async def _servers(session: Session, name: str) -> tuple[str, ...]:
    """The numbers of the servers of the subsystem called *name*; none where PM does not tell."""
    answer = await session.read("getServerDetails", path={"subsystemName": name}, query={"extensionNumber": "All"}) or {}
    return tuple(str(one["limnumber"]) for one in answer.get("lim") or () if one.get("limnumber"))
