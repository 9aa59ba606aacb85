"""
The rows of a rehearsal: mixed entities, made, changed and removed, with a few rows that must not succeed.

Every row bears a mark that no other row has, so that what PM did for it can be told from the books. Knows what PM's demo world holds and
nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

from pmbulk.simulator.extension_rules import ipei_check_character

__all__ = ["Rehearsed", "made_up_users", "rehearsal"]

#: Users that a team's rows find there, change or remove; the simulator makes them up (`SimulatorSettings.generated_users`).
_USERS_PER_TEAM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """
    A row to rehearse, and what must come of it.

    *subject* is the object it is about, as kind and names. *operation* is PM's name of the write, whose body holds *mark*; a delete has no
    mark. *outcome* is the row's right end, in the words of the results.
    """

    sheet: str
    cells: Mapping[str, str]
    subject: tuple[str, ...]
    operation: str
    mark: str = ""
    outcome: str = "succeeded"

    @property
    def removes(self) -> bool:
        """Whether the row takes its subject away."""
        return self.operation.startswith("delete")

    @property
    def creates(self) -> bool:
        """Whether PM must do the row's write once and no more."""
        return self.operation.startswith("create") or self.operation == "updatePhoneKeys"


def made_up_users(rows: int) -> int:
    """How many users the simulator must make up for a rehearsal of *rows* rows."""
    return _USERS_PER_TEAM * (rows // _ROWS_AT_LEAST + 1)


def rehearsal(rows: int) -> tuple[Rehearsed, ...]:
    """The first *rows* rows of the rehearsal; each comes after those it needs."""
    teams = (row for number in count() for row in _team(number))
    return tuple(islice(teams, rows))


#: No team has fewer rows.
_ROWS_AT_LEAST = 30


def _team(number: int) -> Iterator[Rehearsed]:
    """One team's rows: where it sits, its departments, telephones and people."""
    marks = (f"q{number:04}{place:02}" for place in count())
    yield from _places(marks)
    yield from _telephones(number, marks)
    yield from _people(number, marks)


def _places(marks: Iterator[str]) -> Iterator[Rehearsed]:
    """A location, departments in it, a subsystem and a security profile; one of each is changed or removed again."""
    site, team, desk, gone, server, profile = (next(marks) for _ in range(6))
    location = ("location", site)
    yield Rehearsed(sheet="locations", cells={"locationName": site}, subject=location, operation="createLocation", mark=site)
    yield _changed("locations", {"locationName": site}, location, "updateLocation", next(marks))
    path = f"Company/{team}"
    for mark, name in ((team, path), (desk, f"{path}/{desk}"), (gone, f"{path}/{gone}")):
        cells = {"path": name, "location": site}
        yield Rehearsed(sheet="departments", cells=cells, subject=("department", name), operation="createDepartment", mark=mark)
    yield _changed("departments", {"path": f"{path}/{desk}"}, ("department", f"{path}/{desk}"), "updateDepartment", next(marks))
    yield _removed("departments", {"path": f"{path}/{gone}"}, ("department", f"{path}/{gone}"), "deleteDepartment")
    block = {"cmgServerIPOrFQDNAddress": "cmg.example", "cmgUserId": "pm", "cmgUserPassword": "Cmg-1234567!"}
    cells = {"subsystemType": "CMGServer", "subsystemName": server, "location": site} | {f"cmgServer.{key}": block[key] for key in block}
    yield Rehearsed(sheet="subsystems", cells=cells, subject=("subsystem", server), operation="createSubsystem", mark=server)
    cells = {"securityProfileName": profile, "privileges": "View logs"}
    subject = ("profile", profile)
    yield Rehearsed(sheet="security_profiles", cells=cells, subject=subject, operation="createSecurityProfile", mark=profile)
    yield _changed("security_profiles", {"securityProfileName": profile}, subject, "updateSecurityProfile", next(marks))


#: Sheet, PM's name of the create, subsystem, and where a team's number lies within its ten.
_KINDS = (
    ("ip_extensions", "createIpExtension", "MX1", 0),
    ("ip_extensions", "createIpExtension", "MX2", 0),
    ("virtual_extensions", "createVirtualExtension", "MX1", 1),
    ("virtual_extensions", "createVirtualExtension", "MX2", 1),
    ("multi_terminal_extensions", "createMultiTerminalExtension", "MX1", 2),
    ("mobile_extensions", "createMobileExtension", "MX2", 2),
    ("cordless_extensions", "createCordlessExtension", "MX1", 3),
)
#: First numbers of the teams in the subsystems' number series.
_FIRST_NUMBERS = {"MX1": 2000, "MX2": 5300}


def _telephones(number: int, marks: Iterator[str]) -> Iterator[Rehearsed]:
    """An extension of every kind and what may belong to one; one is changed, one removed, and one cannot be made."""
    for sheet, operation, subsystem, place in _KINDS:
        address = _address(number, subsystem, place)
        yield _extension(sheet, operation, address | _needed(sheet, address["extensionNumber"]), next(marks))
    ip, other, removed = _address(number, "MX1", 0), _address(number, "MX2", 0), _address(number, "MX2", 1)
    yield _changed("ip_extensions", ip, _of(ip), "updateIpExtension", next(marks), header="nameIdentity.lastName")
    yield _removed("virtual_extensions", removed, _of(removed), "deleteExtension")
    yield _changed(
        "terminal_selections", other | {"onsVo.1.onsprefix": "9"}, _of(other), "updateOns", next(marks), header="onsVo.1.onstranslateNo"
    )
    mark = next(marks)
    keys = {"action": "add", "phonePanelType": "Mitel6869i", "keys.1.keyPosition": "1", "keys.1.keyFunction": "TNS"}
    keys |= {"keys.1.keyFunctionValue": "1001", "keys.1.displayText": mark}
    yield Rehearsed(sheet="phone_keys", cells=ip | keys, subject=_of(ip), operation="updatePhoneKeys", mark=mark)
    mark = next(marks)
    cells = ip | {"list.listNo": "2", "list.listName": mark, "chos.1.chono": "1", "chos.1.anspos": "1001"}
    yield Rehearsed(sheet="personal_number_lists", cells=cells, subject=_of(ip), operation="createPersonalNumberList", mark=mark)
    # Outside every number series.
    beyond = {"subsystemName": "MX1", "extensionNumber": str(8000 + number)}
    yield _extension("ip_extensions", "createIpExtension", beyond, next(marks), outcome="failed")


def _people(number: int, marks: Iterator[str]) -> Iterator[Rehearsed]:
    """New users, changed and removed ones, one whose login name is taken, one in no department, and one who waits for a number in vain."""
    person = {"firstName": "Kim", "newPassword": "Welcome-1234!"}
    for held in ({}, _link(_address(number, "MX1", 2)), _link(_address(number, "MX2", 2))):
        mark = next(marks)
        cells = {"userId": mark, "lastName": "Ek", **person, "department": "Company/Sales", **held}
        yield Rehearsed(sheet="users", cells=cells, subject=("user", mark), operation="createUser", mark=mark)
    first, second, third, fourth, taken = (f"user{number * _USERS_PER_TEAM + place:06}" for place in range(1, _USERS_PER_TEAM + 1))
    for user_id in (first, second):
        yield _changed("users", {"userId": user_id}, ("user", user_id), "updateUser", next(marks), header="lastName")
    for user_id in (third, fourth):
        yield _removed("users", {"userId": user_id}, ("user", user_id), "deleteUser")
    mark = next(marks)
    cells = {"userId": taken, "lastName": mark, **person}
    yield Rehearsed(sheet="users", cells=cells, subject=("user", taken), operation="createUser", mark=mark, outcome="failed")
    mark = next(marks)
    cells = {"userId": mark, "lastName": "Ek", **person, "department": "Company/Nowhere"}
    yield Rehearsed(sheet="users", cells=cells, subject=("user", mark), operation="createUser", mark=mark, outcome="invalid")
    mark = next(marks)
    cells = {"userId": mark, "lastName": "Ek", **person, **_link({"subsystemName": "MX1", "extensionNumber": str(8000 + number)})}
    yield Rehearsed(sheet="users", cells=cells, subject=("user", mark), operation="createUser", mark=mark, outcome="blocked")


def _address(number: int, subsystem: str, place: int) -> dict[str, str]:
    return {"subsystemName": subsystem, "extensionNumber": str(_FIRST_NUMBERS[subsystem] + 10 * number + place)}


def _needed(sheet: str, number: str) -> dict[str, str]:
    """What a sheet asks for besides."""
    if sheet == "mobile_extensions":
        return {"defaultRemoteNumber": f"0070{number}"}
    if sheet == "cordless_extensions":
        identity = f"00007074{number}"
        return {"authenticationKey": number, "internationalPortableEquipmentIdentity": identity + ipei_check_character(identity)}
    return {}


def _of(address: Mapping[str, str]) -> tuple[str, ...]:
    return ("extension", address["subsystemName"], address["extensionNumber"])


def _link(address: Mapping[str, str]) -> dict[str, str]:
    return {f"extensions.1.{name}": value for name, value in address.items()}


def _extension(sheet: str, operation: str, address: Mapping[str, str], mark: str, *, outcome: str = "succeeded") -> Rehearsed:
    cells = {**address, "serverNumber": "1", "commonServiceProfile": "1", "nameIdentity.firstName": mark}
    return Rehearsed(sheet=sheet, cells=cells, subject=_of(address), operation=operation, mark=mark, outcome=outcome)


def _changed(
    sheet: str, cells: Mapping[str, str], subject: tuple[str, ...], operation: str, mark: str, *, header: str = "description"
) -> Rehearsed:
    return Rehearsed(sheet=sheet, cells={"action": "update", **cells, header: mark}, subject=subject, operation=operation, mark=mark)


def _removed(sheet: str, cells: Mapping[str, str], subject: tuple[str, ...], operation: str) -> Rehearsed:
    return Rehearsed(sheet=sheet, cells={"action": "delete", **cells}, subject=subject, operation=operation)
