"""
What every simulated PM has of its own: security profiles and their privileges, options, and definitions of user-defined fields.

Names and numbers are made up, but for the two profiles and two privileges that the documents name (DOMAIN 2).
"""

from __future__ import annotations

from typing import Final

from pmbulk.simulator.state import Privilege, SecurityProfile, SystemOption, World

__all__ = ["ADMINISTRATOR_ID", "END_USER_ID", "UDF_COUNTS", "fill_system"]

ADMINISTRATOR_ID: Final = 1
END_USER_ID: Final = 2

#: Type of user-defined fields → how many there are; they are redefined, never made or removed (FIELDS 5).
UDF_COUNTS: Final = {"USERS": 34, "DEPARTMENTS": 10}

_PRIVILEGES: Final = (
    ("Manage user data", "Add, change and remove users"),
    ("Manage administrator data", "Add, change and remove administrators"),
    ("Manage extension data", "Add, change and remove extensions"),
    ("Manage department data", "Add, change and remove departments"),
    ("Manage location data", "Add, change and remove locations"),
    ("Manage subsystem data", "Add, change and remove subsystems"),
    ("Manage security profile data", "Add, change and remove security profiles"),
    ("Manage UDF data", "Redefine user-defined fields"),
    ("Manage system options", "Change the options of the system"),
    ("Manage import and export", "Import and export data"),
    ("Manage backup and restore", "Back up and restore the system"),
    ("View logs", "Read audit and event logs"),
    ("Manage own phone", "Program the keys of the own telephone"),
    ("Manage own personal number", "Change the lists of the own personal number"),
)
# name, description, positions of its privileges above
_PROFILES: Final = (
    ("System Setup Admin", "The first administrator", tuple(range(1, 15))),
    ("End User", "Given to every new user", (13, 14)),
    ("System Admin", "Everything but setting the system up", tuple(range(1, 10))),
    ("User Admin", "Users, their extensions and departments", (1, 3, 4)),
    ("Help Desk", "", (3, 12)),
)
_OPTIONS: Final = (
    ("Use secure passwords", True),
    ("Force password change at first login", False),
    ("Allow users to change their PIN", True),
    ("Create a mailbox with a new user", False),
    ("Send a mail to a new user", False),
    ("Show free extensions to users", True),
    ("Offer the phone book to users", True),
    ("Log every read", False),
)
# udf number → display name, where it has one of its own
_NAMED: Final = {
    "USERS": {1: "Business phone", 2: "Mobile phone", 3: "Employee number", 4: "Cost centre", 5: "Title", 6: "Room", 33: "Badge", 34: "Contract"},
    "DEPARTMENTS": {1: "Cost centre", 2: "Manager"},
}  # fmt: skip


def fill_system(world: World) -> None:
    """Gives *world* its profiles, privileges, options and user-defined fields."""
    for name, description in _PRIVILEGES:
        privilege_id = world.next_id("privilege")
        world.privileges[privilege_id] = Privilege(privilege_id, name, description)
    for name, description, privilege_ids in _PROFILES:
        profile_id = world.next_id("profile")
        world.profiles[profile_id] = SecurityProfile(
            profile_id,
            name,
            description,
            privilege_ids,
            administers=profile_id == ADMINISTRATOR_ID,
            built_in=profile_id in (ADMINISTRATOR_ID, END_USER_ID),
        )
    for name, value in _OPTIONS:
        option_id = world.next_id("option")
        world.options[option_id] = SystemOption(option_id, name, value)
    for kind, count in UDF_COUNTS.items():
        for number in range(1, count + 1):
            display_name = _NAMED[kind].get(number, f"UDF {number}")
            world.udfs[kind, number] = {
                "udfId": number,
                "udfType": kind,
                "udfDisplayName": display_name,
                "udfFieldTypeName": "None",
                "readonly": False,
                "advance": False,
            }
