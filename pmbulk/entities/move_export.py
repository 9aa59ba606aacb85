"""
The extensions of a subsystem as rows that move them: types filled, and notes on what a person may want to look at first.

Rows are put in order by what they share: who is called together should move together (DOMAIN 4).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from typing import Any

from pmbulk.entities.carrying import carried
from pmbulk.entities.extension_details import ANY_TYPE, Place, details_of, groups_of, of_every_extension
from pmbulk.entities.extension_record import extension_body
from pmbulk.entities.model import Body, Flat
from pmbulk.entities.move_snapshot import KINDS
from pmbulk.entities.number_series import NumberRange
from pmbulk.entities.session import Session
from pmbulk.errors import RejectedError

__all__ = ["NOTES", "groups_together", "moves_from"]

#: Columns for the reader, which a run carries along.
NOTES = ("_name", "_group", "_not carried")


def moves_from(session: Session, *, to: str, numbers: NumberRange | None) -> AsyncIterator[Flat]:
    """
    A row for each extension of the session's subsystem that goes to the one called *to*; only for some *numbers* (``None``: for all).

    Raises:
        UsageError: If PM has no such subsystem.
        RejectedError: If PM refuses to tell which numbers there are.
    """

    async def rows_of(place: Place, session: Session) -> list[Flat]:
        if numbers is not None and place.number not in numbers:
            return []
        answer = await details_of(session, place.subsystem_name, place.number, ANY_TYPE)
        if answer is None:
            raise RejectedError("PM lists it, and shows no such extension")
        groups: Body = {}
        # Only the order of the rows hangs on them, and PM may not tell those of a number that two subsystems have (QUIRKS 45).
        with suppress(RejectedError):
            groups = await groups_of(session, answer, place.number, {})
        where = {"extensionNumber": place.number, "fromSubsystem": place.subsystem_name, "toSubsystem": to}
        shown = str(answer.get("extensionType") or "")
        return [{**where, "extensionType": shown, "_group": ", ".join(_groups(groups)), **_notes(answer, shown)}]

    return of_every_extension(rows_of, by_number=False)(session)


def _groups(groups: Body) -> list[str]:
    """The groups that are called together, in words; who may not be disturbed together can be so from anywhere."""
    hunt, pickup = (groups.get("huntGroup") or {}).get("huntGroupNumber"), groups.get("callPickupGroup")
    return [f"{word} {group}" for word, group in (("hunt", hunt), ("pickup", pickup)) if group]


def _notes(answer: Mapping[str, Any], shown: str) -> Flat:
    kind = KINDS.get(shown)
    if kind is None:
        return {"_name": "", "_not carried": f"anything: PM creates no extension of type {shown or 'unknown'}"}
    name = extension_body(answer, kind).get("nameIdentity") or {}
    _body, losses = carried(answer, kind)
    words = " ".join(str(name[part]) for part in ("firstName", "lastName") if name.get(part))
    return {"_name": words, "_not carried": "; ".join(loss.what for loss in losses if loss.of_value)}


def groups_together(groups_of_rows: Iterable[str]) -> list[int]:
    """
    The positions of rows with these ``_group`` notes so that those of one group follow each other, also where only a third row links two groups.

    Otherwise they stay in order: a group stands where its first row does.
    """
    notes = [note.split(", ") if note else [] for note in groups_of_rows]
    linked: dict[str, str] = {}

    def head(group: str) -> str:
        while linked.setdefault(group, group) != group:
            group = linked[group] = linked[linked[group]]
        return group

    for groups in notes:
        for other in groups[1:]:
            linked[head(other)] = head(groups[0])
    heads = [head(groups[0]) if groups else "" for groups in notes]
    first = {group: position for position, group in reversed(list(enumerate(heads))) if group}
    return sorted(range(len(notes)), key=lambda position: (first.get(heads[position], position), notes[position], position))
