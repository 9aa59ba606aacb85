"""
Chapters 11 and 12: users and locked users.

Holds how a user is written, how it is read back in another shape (QUIRKS 88-90), and who may be deleted.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.demo_system import ADMINISTRATOR_ID, END_USER_ID
from pmbulk.simulator.paging import SortKeys, items_page, search_text
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import SecurityProfile, User, World
from pmbulk.simulator.user_rules import checked_user

__all__: list[str] = []

#: Members that are read back as they were written.
_PLAIN: Final = (
    *("userId", "firstName", "lastName", "emailAddress", "sms", "language", "useLastSelection", "micollab", "cloudlink", "userMailBoxDTO"),
    *(f"udf{number}" for number in range(1, 35)),
)
#: Members that the update body lacks, so that replacing cannot take them away (QUIRKS 85, 86).
_ONLY_CREATED: Final = ("udf33", "userMailBoxDTO")

_SORT_KEYS: Final[SortKeys[User]] = {
    "userId": lambda user: user.user_id.casefold(),
    "userRecId": lambda user: user.rec_id,
    "firstName": lambda user: user.body.get("firstName", "").casefold(),
    "lastName": lambda user: user.body.get("lastName", "").casefold(),
    "emailAddress": lambda user: user.body.get("emailAddress", "").casefold(),
}


@operation("listUsers")
def list_users(call: Call) -> list[dict[str, Any]]:
    """One page of the users whose name, number or department holds the text looked for."""
    origin = call.query["importedFrom"]
    if origin not in ("ALL", "Active Directory"):
        raise RefusedError(400, f"There is no origin {origin}; use ALL or Active Directory", code="UNKNOWN_ORIGIN")
    sought = search_text(call)
    # Nobody here was imported from a directory.
    everybody = call.world.users.values() if origin == "ALL" else ()
    found = [user for user in everybody if _visible(call, user) and (not sought or sought in _searched(call.world, user))]
    return items_page(call, found, partial(_shown, call.world), first_page=call.settings.users_first_page, keys=_SORT_KEYS)


@operation("getUserByUserId")
def get_user_by_user_id(call: Call) -> dict[str, Any]:
    """The user with this login name."""
    return _shown(call.world, _by_user_id(call))


@operation("getUserByRecId")
def get_user_by_rec_id(call: Call) -> dict[str, Any]:
    """The user with this record id."""
    return _shown(call.world, _by_rec_id(call))


@operation("createUser")
def create_user(call: Call) -> None:
    """A new End User; the answer does not say the record id (QUIRKS 16)."""
    if call.settings.demand_recommended and not call.body.get("newPassword"):
        raise RefusedError(400, "newPassword is mandatory for a new user", code="MANDATORY")
    body = checked_user(call.world, call.body, settings=call.settings, own_rec_id=0)
    password = body.pop("newPassword", "")
    call.world.put_user(User(call.world.next_id("user"), body, password, call.world.profiles[END_USER_ID], made_by=call.caller.rec_id))


@operation("updateUser")
def update_user(call: Call) -> dict[str, Any]:
    """The changed user; a password is changed only by giving a new one."""
    user = _by_rec_id(call)
    body = checked_user(call.world, call.updated(user.body), settings=call.settings, own_rec_id=user.rec_id)
    user.password = body.pop("newPassword", "") or user.password
    body.pop("currentPassword", None)
    kept = {name: user.body[name] for name in _ONLY_CREATED if name in user.body}
    call.world.replace_user(user, body | kept)
    return _shown(call.world, user)


@operation("deleteUser")
def delete_user(call: Call) -> None:
    """The user is gone; extensions stay and become free."""
    user = _by_user_id(call)
    # Whoever has this profile is the first administrator: no call gives it to another (QUIRKS 90).
    if user.profile.profile_id == ADMINISTRATOR_ID:
        raise RefusedError(400, "The first administrator cannot be removed", code="NOT_REMOVABLE")
    call.world.remove_user(user)


@operation("listLockedUsers")
def list_locked_users(call: Call) -> list[dict[str, Any]]:
    """One page of the locked users whose login name holds the text looked for."""
    sought = search_text(call, everything="All")
    found = [user for user in call.world.users.values() if user.locked and sought in user.user_id.casefold()]
    return items_page(call, found, _shown_locked, first_page=call.settings.locked_users_first_page)


@operation("unlockUser")
def unlock_user(call: Call) -> dict[str, Any]:
    """The user may log in again; unlocking one who may already changes nothing."""
    user = _by_user_id(call)
    message = f"User {user.user_id} is unlocked" if user.locked else f"User {user.user_id} was not locked"
    user.locked, user.failed_logins = False, 0
    return {"userId": user.user_id, "message": message}


def _by_user_id(call: Call) -> User:
    return _expected(call, call.world.user_by_id(call.text("userId")), call.text("userId"))


def _by_rec_id(call: Call) -> User:
    return _expected(call, call.world.users.get(call.number("userRecId")), call.text("userRecId"))


def _expected(call: Call, user: User | None, asked: str) -> User:
    if user is None or not _visible(call, user):
        raise RefusedError(404, f"There is no user {asked}", code="NOT_FOUND")
    return user


def _visible(call: Call, user: User) -> bool:
    """Administrators see those they made, and themselves (DOMAIN 2)."""
    return not call.settings.scoped_visibility or call.caller.rec_id in (user.made_by, user.rec_id)


def _searched(world: World, user: User) -> str:
    """The text in which a user is looked for."""
    departments = (world.departments[each].name for each in user.department_ids)
    numbers = (number for _, number in user.extension_keys)
    words = (user.user_id, user.body.get("firstName", ""), user.body.get("lastName", ""), *numbers, *departments)
    return "\n".join(words).casefold()


def _shown_locked(user: User) -> dict[str, Any]:
    """The document shows nothing of a locked user (QUIRKS 31); this much identifies one."""
    names = {name: user.body.get(name, "") for name in ("firstName", "lastName")}
    return {"userRecId": user.rec_id, "userId": user.user_id, **names}


def _shown(world: World, user: User) -> dict[str, Any]:
    """A user as PM reads it back: without passwords and the three numbers of QUIRKS 89, with other names and types (QUIRKS 88)."""
    shown: dict[str, Any] = {"userRecId": user.rec_id} | {name: user.body[name] for name in _PLAIN if name in user.body}
    for member, id_name, text_name in (
        ("altFirstNames", "altFirstNameId", "altFirstName"),
        ("altLastNames", "altLastNameId", "altLastName"),
        ("keyWords", "keywordId", "keywordName"),
    ):
        shown[member] = [{id_name: position, text_name: text} for position, text in enumerate(user.body.get(member, ()), start=1)]
    shown["departments"] = [_shown_department(world, each) for each in user.department_ids]
    shown["primaryDepartmentId"] = next(iter(user.department_ids), 0)
    shown["userExtensions"] = user.body.get("extensions", [])
    shown["securityProfile"] = _shown_profile(user.profile)
    return shown


def _shown_department(world: World, department_id: int) -> dict[str, Any]:
    department = world.departments[department_id]
    location = world.locations[department.location_id]
    return {
        "departmentId": department_id,
        "departmentName": department.name,
        "parentDepartmentId": department.parent_id,
        "location": {"locationId": location.location_id, "locationName": location.name},
    }


def _shown_profile(profile: SecurityProfile) -> dict[str, Any]:
    return {"securityProfileId": profile.profile_id, "securityProfileName": profile.name, "description": profile.description}
