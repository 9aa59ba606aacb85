"""
Chapter 19: locations.

Holds the rules and shapes of locations; who uses one is asked of the world.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.paging import SortKeys, items_page, search_text
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Location

__all__: list[str] = []

_SORT_KEYS: Final[SortKeys[Location]] = {
    "locationId": lambda location: location.location_id,
    "locationName": lambda location: location.name.casefold(),
    "description": lambda location: location.description.casefold(),
}


@operation("listLocations")
def list_locations(call: Call) -> list[dict[str, Any]]:
    """One page of the locations whose name holds the text looked for."""
    sought = search_text(call)
    found = [each for each in call.world.locations.values() if sought in each.name.casefold()]
    first_page, parameter = call.settings.locations_first_page, call.settings.locations_page_parameter
    return items_page(call, found, _shown, first_page=first_page, keys=_SORT_KEYS, parameter=parameter)


@operation("createLocation")
def create_location(call: Call) -> None:
    """A new location; the answer does not say its id (QUIRKS 16)."""
    name = _checked_name(call, call.body, own_id=0)
    location_id = call.world.next_id("location")
    call.world.locations[location_id] = Location(location_id, name, call.body.get("description", ""), call.body.get("cmgCustomerGroup", ""))


@operation("updateLocation")
def update_location(call: Call) -> dict[str, Any]:
    """The changed location, without its CMG customer group (QUIRKS 103)."""
    location = _found(call)
    call.check_same("locationId", location.location_id)
    body = call.updated(_shown(location))
    location.name = _checked_name(call, body, own_id=location.location_id)
    location.description = body.get("description", "")
    location.cmg_customer_group = body.get("cmgCustomerGroup", "")
    return {"locationId": location.location_id, "locationName": location.name, "description": location.description}


@operation("deleteLocation")
def delete_location(call: Call) -> None:
    """The location is gone, unless something is still there."""
    location = _found(call)
    used = {each.location_id for each in call.world.departments.values()} | {each.location_id for each in call.world.subsystems.values()}
    if location.location_id in used:
        raise RefusedError(400, f"Location {location.name} is in use", code="IN_USE")
    del call.world.locations[location.location_id]


def _found(call: Call) -> Location:
    return call.record(call.world.locations, "locationId", "location")


def _checked_name(call: Call, body: dict[str, Any], *, own_id: int) -> str:
    name = str(body.get("locationName", "")).strip()
    if not name:
        raise RefusedError(400, "locationName is mandatory", code="MANDATORY")
    other = call.world.location_by_name(name)
    if other is not None and other.location_id != own_id:
        raise RefusedError(400, f"Location {name} already exists", code="DUPLICATE")
    return name


def _shown(location: Location) -> dict[str, Any]:
    return {
        "locationId": location.location_id,
        "locationName": location.name,
        "description": location.description,
        "cmgCustomerGroup": location.cmg_customer_group,
    }
