"""
The worlds that a simulator starts with; the same records with the same ids every time.

Knows the records of `state` and how they are written, nothing of HTTP.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.demo_services import fill_services
from pmbulk.simulator.demo_system import ADMINISTRATOR_ID, END_USER_ID, fill_system
from pmbulk.simulator.settings import SimulatorSettings, WorldName
from pmbulk.simulator.state import Department, Extension, Lim, Location, NumberSeries, Subsystem, User, World

__all__ = ["new_world"]

_DEMO_PASSWORD: Final = "User-1234567!"  # noqa: S105  # accounts of a simulated PM
_LOCATIONS: Final = (("Stockholm", "Head office", "CMG-SE"), ("Berlin", "Support centre", "CMG-DE"), ("London", "Sales office", ""))
_SERIES: Final = {
    "MX1": (
        NumberSeries("1000", "4999", "EX"),
        NumberSeries("70000", "70999", "EX"),
        NumberSeries("00", "00", "ED"),
        NumberSeries("90", "99", "AC"),
    ),
    "MX2": (NumberSeries("5000", "6999", "EX"), NumberSeries("00", "00", "ED"), NumberSeries("*70", "*79", "PG")),
}
_CMG: Final = {
    "useHttps": True,
    "version": "8.5",
    "cmgServerIPOrFQDNAddress": "cmg.example",
    "cmgServerPort": "443",
    "cmgUserId": "pm",
    "cmgUserPassword": "Cmg-1234567!",
    "isDepartmentStructureMultipleroot": False,
    "ivr": True,
    "voicemail": True,
}
_TREE: Final = (
    "Company",
    "Company/Sales",
    "Company/Sales/EMEA",
    "Company/Sales/Americas",
    "Company/Engineering",
    "Company/Engineering/Platform",
    "Company/Engineering/Support",
    "Company/Finance",
    "Company/HR",
)
# name, number, first name, last name
_EXTENSIONS: Final = (
    ("MX1", "1001", "Anna", "Berg"),
    ("MX1", "1002", "Björn", "Dahl"),
    ("MX1", "1003", "Conference", "Room 1"),
    ("MX1", "70010", "Lobby", ""),
    ("MX2", "5001", "Carla", "Meier"),
    ("MX2", "5002", "Reception", "Berlin"),
)
# user id, first name, last name, department, subsystem and number
_USERS: Final = (
    ("anna.berg", "Anna", "Berg", "Company/Sales/EMEA", ("MX1", "1001")),
    ("bjorn.dahl", "Björn", "Dahl", "Company/Engineering/Platform", ("MX1", "1002")),
    ("carla.meier", "Carla", "Meier", "Company/Engineering/Support", ("MX2", "5001")),
    ("david.cole", "David", "Cole", "Company/Finance", None),
    ("eva.lind", "Eva", "Lind", "Company/HR", None),
)
_LOCKED: Final = "david.cole"


def new_world(settings: SimulatorSettings) -> World:
    """The world that *settings* name, with the administrator's account."""
    world = World()
    fill_system(world)
    for name, description, group in _LOCATIONS:
        location_id = world.next_id("location")
        world.locations[location_id] = Location(location_id, name, description, group)
    for subsystem in _subsystems(world):
        world.subsystems[subsystem.subsystem_id] = subsystem
    _add_user(world, {"userId": settings.username, "firstName": "System", "lastName": "Administrator"}, settings.password, ADMINISTRATOR_ID)
    if settings.world is WorldName.DEMO:
        _fill(world)
        fill_services(world)
    for number in range(1, settings.generated_users + 1):
        body: dict[str, Any] = {"userId": f"user{number:06}", "firstName": "User", "lastName": f"{number:06}"}
        _add_user(world, body | _department(world, number), _DEMO_PASSWORD, END_USER_ID)
    return world


def _subsystems(world: World) -> tuple[Subsystem, ...]:
    return (
        _telephony(world, "MX1", net="10.1", location_id=1),
        _telephony(world, "MX2", net="10.2", location_id=2),
        Subsystem(world.next_id("subsystem"), "CMG1", "CMGServer", location_id=1, block=dict(_CMG)),
    )


def _telephony(world: World, name: str, *, net: str, location_id: int) -> Subsystem:
    return Subsystem(
        subsystem_id=world.next_id("subsystem"),
        name=name,
        kind="TelephonyServer",
        location_id=location_id,
        block={
            "useHttps": True,
            "version": "7.8",
            "ipOrFQDNAddress": f"{name.lower()}.example",
            "port": "22",
            "userId": "mxone_admin",
            "password": "Mxone-1234567!",
            "terminalPassword": "Terminal-1234567!",
            "ipPhoneServerUrl": f"https://{name.lower()}.example/phones",
            "ipPhoneServerOrDomainFolder": "default",
        },
        lims=tuple(Lim(number, f"{net}.{number}.10", f"{net}.{number}.11", f"{net}.{number}.12") for number in (1, 2)),
        series=_SERIES[name],
    )


def _fill(world: World) -> None:
    """The departments, extensions and users of the demonstration."""
    ids: dict[str, int] = {"": 0}
    for path in _TREE:
        parent, _, name = path.rpartition("/")
        ids[path] = world.next_id("department")
        world.put_department(Department(ids[path], name, ids[parent], location_id=1))
    for subsystem_name, number, first_name, last_name in _EXTENSIONS:
        subsystem = world.subsystem_by_name(subsystem_name)
        if subsystem is not None:
            written: dict[str, Any] = {
                "extensionNumber": number,
                "serverNumber": 1,
                "commonServiceProfile": 1,
                "ipExtensionType": "IPManualLogin",
                "nameIdentity": {"firstName": first_name, "lastName": last_name},
            }
            world.put_extension(Extension(world.next_id("extension"), number, subsystem.subsystem_id, "IP", written))
    for user_id, first_name, last_name, path, held in _USERS:
        body: dict[str, Any] = {"userId": user_id, "firstName": first_name, "lastName": last_name, "emailAddress": f"{user_id}@example.com"}
        user = _add_user(world, body | {"departmentIds": [ids[path]]} | _link(world, held), _DEMO_PASSWORD, END_USER_ID)
        user.locked = user_id == _LOCKED


def _link(world: World, held: tuple[str, str] | None) -> dict[str, Any]:
    subsystem = world.subsystem_by_name(held[0]) if held else None
    if held is None or subsystem is None:
        return {}
    return {"extensions": [{"extensionNumber": held[1], "subsystemId": subsystem.subsystem_id, "subsystemName": subsystem.name}]}


def _department(world: World, number: int) -> dict[str, Any]:
    ids = list(world.departments)
    return {"departmentIds": [ids[number % len(ids)]]} if ids else {}


def _add_user(world: World, body: dict[str, Any], password: str, profile_id: int) -> User:
    # Everybody here was made by the first administrator, whose own number is 1.
    user = User(world.next_id("user"), body, password, world.profiles[profile_id], made_by=1)
    world.put_user(user)
    return user
