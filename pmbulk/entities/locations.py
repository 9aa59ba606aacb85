"""Locations: the places that departments and subsystems belong to (PM API 19)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pmbulk.entities.directory import Listed
from pmbulk.entities.exporting import row_of, told_by_name
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import identify_named, ids_by_name, judge_named, same_object
from pmbulk.entities.session import Session
from pmbulk.errors import Finding

__all__ = ["LOCATIONS"]


class LocationAddress(Fields):
    """What says which location a row means: its id, or else its name."""

    location_id: int | None = field_("locationId", help="PM's id. Only needed to rename a location.", source="FIELDS 5")


class Location(Fields):
    """A place."""

    location_id: int | None = field_("locationId", source="FIELDS 5")
    location_name: str | None = field_(
        "locationName", names="locations", required=True, example="Stockholm", help="The location's name.", source="FIELDS 5"
    )
    description: str | None = field_("description", help="Free text.", source="FIELDS 5")
    # PM answers an update without this field, so only the list shows it (QUIRKS 103).
    cmg_customer_group: str | None = field_(
        "cmgCustomerGroup", label="CMG customer group", help="The customer group in CMG.", source="QUIRKS 103"
    )


def _identify(record: Record) -> Identity:
    return identify_named("locations", record.body.location_name, record.address.location_id)


async def _find(record: Record, session: Session) -> Found | None:
    number, name = record.address.location_id, record.body.location_name
    register = session.directory.locations
    listed = await register.find_id(number) if number is not None else await register.find(name)
    if listed is None:
        return None
    if number is not None and record.operation is Operation.DELETE:
        same_object("locationName", name, listed.name)
    return Found(str(listed.id), _body(listed))


def _body(listed: Listed) -> Body:
    """A location as PM lists it, in the shape in which PM takes it."""
    group = listed.body.get("cmgCustomerGroup", listed.body.get("cmgcustgrp"))
    body = {"locationId": listed.id, "locationName": listed.name, "description": listed.body.get("description"), "cmgCustomerGroup": group}
    return {name: value for name, value in body.items() if value is not None}


def _judge(record: Record) -> tuple[Finding, ...]:
    return tuple(judge_named("location", {"locationName": record.body.location_name, "locationId": record.address.location_id}))


async def _export(session: Session) -> AsyncIterator[Flat]:
    everything = await session.directory.locations.all()
    named = told_by_name(everything)
    for listed in everything:
        row = row_of(_body(listed), Location)
        yield {header: value for header, value in row.items() if header != "locationId" or listed.id not in named}


LOCATIONS = Entity(
    sheet="locations",
    title="location",
    help="Places that departments and subsystems belong to.",
    address=LocationAddress,
    body=Location,
    actions=(creating("createLocation"), updating("updateLocation"), deleting("deleteLocation")),
    identify=_identify,
    find=_find,
    judge=_judge,
    key=("locationName",),
    ids=ids_by_name("locations"),
    export=_export,
)
