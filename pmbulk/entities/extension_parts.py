"""
What the sheets that hang on an extension share: its address, order and lane, and how its objects stand against those of a row.

Some of PM's operations name no subsystem (QUIRKS 45); there the subsystem of a row only says which extension it waits for and which lane it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pmbulk.entities.extension_fields import ExtensionAddress, directory_number
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Found, Identity, Record
from pmbulk.entities.references import extension_key, extension_key_part, judge_named, number_key, row_subsystem
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, InvalidRowError

__all__ = [
    "PlacedExtension",
    "UnplacedExtension",
    "aligned",
    "identify_part",
    "judge_number",
    "judge_place",
    "lane_of",
    "place_of",
    "place_parameters",
    "subsystem_id",
    "without_blanks",
]

#: The lane of rows that do not tell their subsystem: it may be any, so they take turns among themselves.
_SHARED_LANE: Final = "telephony"


class PlacedExtension(ExtensionAddress):
    """An extension in a subsystem that PM must be told."""

    extension_number: str | None = directory_number("The extension's directory number.")


class UnplacedExtension(Fields):
    """An extension that PM finds by its number alone."""

    extension_number: str | None = directory_number("The extension's directory number.")
    subsystem_name: str | None = field_(
        "subsystemName",
        names="TelephonyServer",
        example="MX1",
        help="Not sent. Fill it so that the row waits for an extension that the same workbook makes.",
        source="QUIRKS 45",
    )
    subsystem_id: int | None = field_("subsystemId", help="Not sent; like subsystemName.", source="QUIRKS 45")


def identify_part(record: Record, key: str, *, which: str = "", needs: Iterable[str] = ()) -> Identity:
    """
    The identity of a row's object, which hangs on an extension and is known by *key*; *which* tells it from others of that extension.

    The extension and what else it *needs* come first. All that belongs to a number is written together, whatever sheet it stands in (QUIRKS 45).
    """
    address = record.address
    extension = extension_key(address.subsystem_name, address.subsystem_id, address.extension_number)
    label = f"{which} of extension {place_of(record)}".strip()
    return Identity(label, key, (extension, *needs), lanes=(lane_of(record),), whole=number_key(address.extension_number))


async def place_parameters(record: Record, _found: Found | None, session: Session) -> Mapping[str, Any]:
    """What a call takes that wants the row's extension by its number and by PM's id of the subsystem."""
    return {"extensionNumber": record.address.extension_number, "subsystemId": await subsystem_id(record, session)}


def _part(record: Record) -> str | None:
    name, number = record.address.subsystem_name, record.address.subsystem_id
    return extension_key_part(name, number) if name or number is not None else None


def lane_of(record: Record) -> str:
    """The subsystem whose writes the row takes part in; one lane for all rows that do not tell."""
    return _part(record) or _SHARED_LANE


def place_of(record: Record) -> str:
    """The row's extension in words."""
    name, number = record.address.subsystem_name, record.address.subsystem_id
    inside = f" in {name or f'subsystem {number}'}" if name or number is not None else ""
    return f"{record.address.extension_number}{inside}"


def judge_number(number: str | None) -> list[Finding]:
    """What is missing to say which extension is meant to a call that finds it by its *number*."""
    return judge_named("extension", {"extensionNumber": number})


def judge_place(record: Record, number: str | None) -> list[Finding]:
    """What is missing to say that the extension *number* of the row's subsystem is meant."""
    findings = judge_number(number)
    if _part(record) is None:
        findings.append(Finding("subsystemName", "is blank; fill it, or subsystemId, to say in which subsystem the extension is"))
    return findings


async def subsystem_id(record: Record, session: Session) -> int:
    """
    PM's id of the row's subsystem.

    Raises:
        InvalidRowError: If PM has no such subsystem, or if only its name is given and this administrator may not list subsystems.
    """
    _name, number = await row_subsystem(record, session)
    if number is None:
        message = "is blank, and PM does not let this administrator look it up by name; fill it"
        raise InvalidRowError((Finding("subsystemId", message),), code="REFERENCE")
    return number


def aligned(held: Iterable[Body], typed: Iterable[Body], key: str) -> list[Body]:
    """
    *held* in the order in which a row has its objects: each stands where *typed* has one of the same *key*.

    Where the row names one that PM does not have, an empty object stands; where it names none, what PM has at that place, if nothing else of the row
    means it.
    """
    rest = list(held)
    named = [None if one.get(key) is None else str(one[key]) for one in typed]
    by_name = {str(one[key]): one for one in reversed(rest) if str(one.get(key)) in named}
    unnamed = {index: one for index, one in enumerate(rest) if str(one.get(key)) not in by_name}
    placed = [unnamed.get(index, {}) if name is None else by_name.get(name, {}) for index, name in enumerate(named)]
    return [*placed, *(one for one in rest if not any(one is other for other in placed))]


def without_blanks(objects: Iterable[Body]) -> list[Body]:
    """*objects* without those that say nothing."""
    return [one for one in objects if one]
