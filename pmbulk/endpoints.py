"""
The table of PM's 76 operations: pure data, held against the contract by a test.

Whatever pmbulk sends, and whatever the simulator answers, is named here first. No I/O and no foreign imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["ENDPOINTS", "Endpoint", "Lane", "Paging", "endpoint"]


class Lane(StrEnum):
    """A kind of queue whose writes must not overlap too much (DOMAIN 4, concurrency)."""

    #: The write reaches a telephony subsystem; one queue per subsystem.
    TELEPHONY = "telephony"


class Paging(StrEnum):
    """How a list is paged; which parameters that takes and where the items are in the answer (QUIRKS 21-35)."""

    #: ``pageno``, ``pageSize``, answer ``[{items, count, pageNo, pageSize}]``.
    ITEMS_PAGENO = "items-pageno"
    #: ``pageNo``, ``pageSize``, the same answer (locations).
    ITEMS_PAGE_NO = "items-pageNo"
    #: ``pageNo``, ``pageSize``, ``sortBy``, ``sortDir``, answer ``[{departmentList, page}]``.
    DEPARTMENTS = "departments"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    One operation of PM.

    *path* keeps PM's own placeholder names (``/user-ms/user/v1/{userId}``). *query* are the query parameters in the document's order, all of
    which are sent. *success* are the statuses the document gives; a client accepts any of 200, 201 and 204 (QUIRKS 17). *repeatable* says that sending
    twice has the effect of sending once. *lane* is ``None`` for what only PM itself does. *chapter* is the source's.
    """

    name: str
    method: str
    path: str
    query: tuple[str, ...] = ()
    has_body: bool = False
    success: frozenset[int] = frozenset({200})
    admin_only: bool = False
    repeatable: bool = True
    lane: Lane | None = None
    chapter: str = ""
    paging: Paging | None = None

    @property
    def of_session(self) -> bool:
        """Whether it only concerns the session, as the three calls of chapter 3 do."""
        return self.path.startswith("/auth/")

    @property
    def reads(self) -> bool:
        """Whether it shows something of PM's state."""
        return self.method == "GET" and not self.of_session

    @property
    def writes(self) -> bool:
        """Whether PM's state may be another afterwards."""
        return self.method != "GET" and not self.of_session

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The placeholders of *path*, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def _paging(query: tuple[str, ...]) -> Paging | None:
    """How a list is paged shows in its parameters: QUIRKS 21, 26 and 30 describe the same three groups."""
    if "sortBy" in query:
        return Paging.DEPARTMENTS
    if "pageNo" in query:
        return Paging.ITEMS_PAGE_NO
    return Paging.ITEMS_PAGENO if "pageno" in query else None


def _operation(
    method: str,
    row: tuple[str, str, str],
    query: tuple[str, ...],
    *,
    success: int,
    has_body: bool,
    admin_only: bool = False,
) -> Endpoint:
    """One row of the table; what follows from method and path is filled in here, so that no row can contradict the rule."""
    chapter, name, path = row
    return Endpoint(
        name=name,
        method=method,
        path=path,
        query=query,
        has_body=has_body,
        success=frozenset({success}),
        admin_only=admin_only,
        # A second GET, PUT or DELETE finds or leaves what the first one did; a second POST may make a second thing, or use up a login or a
        # refresh token. No operation is known to deviate.
        repeatable=method != "POST",
        lane=Lane.TELEPHONY if method != "GET" and path.startswith("/pm-extension-ms/") else None,
        chapter=chapter,
        paging=_paging(query),
    )


def _get(chapter: str, name: str, path: str, *query: str, admin_only: bool = False) -> Endpoint:
    return _operation("GET", (chapter, name, path), query, success=200, has_body=False, admin_only=admin_only)


def _post(chapter: str, name: str, path: str, *query: str, success: int = 200, admin_only: bool = False) -> Endpoint:
    return _operation("POST", (chapter, name, path), query, success=success, has_body=True, admin_only=admin_only)


def _put(chapter: str, name: str, path: str, *query: str, has_body: bool = True, admin_only: bool = False) -> Endpoint:
    return _operation("PUT", (chapter, name, path), query, success=200, has_body=has_body, admin_only=admin_only)


def _delete(chapter: str, name: str, path: str, *query: str, success: int = 204, admin_only: bool = False) -> Endpoint:
    return _operation("DELETE", (chapter, name, path), query, success=success, has_body=False, admin_only=admin_only)


_EXTENSION: Final = "/pm-extension-ms/pm-extension/v1"
_ROLES: Final = "/user-ms/micollab/fetchRoles"
_SUBSYSTEM: Final = "/system-ms/subsystem/v1"
_CODES: Final = "/pm-extension-ms/auth-code"
_PROFILE: Final = "/administrator-ms/security-profiles/v1"
_USER: Final = "/user-ms/user"
_ONS: Final = "/pm-extension-ms/terminal-selection-service"
_PHONE: Final = "/pm-extension-ms/pm-phone-setup"
_PERSONAL: Final = "/pm-extension-ms/pm-personal-number"
_CHOICE: Final = f"{_PERSONAL}/v2/call-list/choice"
_DEPARTMENT: Final = "/system-ms/department/v1"
_UDF: Final = "/system-ms/udf-definition/v1"
_LOCATION: Final = "/system-ms/location/v1"

_PAGED: Final = ("search", "pageno", "pageSize", "orderby")
_TREE: Final = ("pageNo", "pageSize", "sortBy", "sortDir")

_TABLE: Final = (
    # 3 Session
    _post("3.1", "login", "/auth/login"),
    _get("3.2", "testToken", "/auth/testToken"),
    _post("3.3", "refreshToken", "/auth/refresh-token"),
    # 4 System options
    _get("4.1", "listSystemOptions", "/system-ms/options/v1", *_PAGED),
    _put("4.2", "updateSystemOptions", "/system-ms/options/v1/update"),
    # 5 MiCollab roles
    _get("5.1", "listMiCollabRoles", _ROLES, "miCollabsubsystem", "extensionLIMIP", "mxoneSubsysIP", admin_only=True),
    # 6 Extensions
    _delete("6.1", "deleteExtension", _EXTENSION + "/{subsystemName}", "extensionNumber", "extensionType", admin_only=True),
    _get("6.2", "getExtensionsByUserRecId", _EXTENSION + "/{userRecId}"),
    _get("6.3", "getNumberSeries", _EXTENSION + "/number-series/{numberSeriesType}", "subsystemName"),
    _get("6.4", "getExtensionDetails", _EXTENSION + "/details", "extensionNumber", "extensionType", "subsystemName"),
    _get("6.5", "getServerDetails", "/pm-extension-ms/pm-extension/server-details/{subsystemName}", "extensionNumber"),
    _post("6.6", "createVirtualExtension", _EXTENSION + "/virtual", "subsystemName"),
    _post("6.7", "createMultiTerminalExtension", _EXTENSION + "/multi-terminal", "subsystemName"),
    _post("6.8", "createMobileExtension", _EXTENSION + "/mobile", "subsystemName"),
    _post("6.9", "createIpExtension", _EXTENSION + "/ip", "subsystemName"),
    _post("6.10", "createCordlessExtension", _EXTENSION + "/cordless", "subsystemName"),
    _put("6.11", "updateVirtualExtension", _EXTENSION + "/virtual", "subsystemName"),
    _put("6.12", "updateExtension", _EXTENSION + "/update", "extensionNumber"),
    _put("6.13", "updateMultiTerminalExtension", _EXTENSION + "/multi-terminal", "subsystemName"),
    _put("6.14", "updateMobileExtension", _EXTENSION + "/mobile", "subsystemName"),
    _put("6.15", "updateIpExtension", _EXTENSION + "/ip", "subsystemName"),
    _put("6.16", "importExtension", _EXTENSION + "/import", "extensionNumber", "subsystemId", has_body=False, admin_only=True),
    _put("6.17", "updateCordlessExtension", _EXTENSION + "/cordless", "subsystemName"),
    # 7 Subsystems
    _delete("7.1", "deleteSubsystem", _SUBSYSTEM + "/{subsystemId}", admin_only=True),
    _get("7.2", "getSubsystem", _SUBSYSTEM + "/{subsystemId}", admin_only=True),
    _get("7.3", "listSubsystems", _SUBSYSTEM, "subsystemType", admin_only=True),
    _post("7.4", "createSubsystem", _SUBSYSTEM, success=201, admin_only=True),
    _put("7.5", "updateSubsystem", _SUBSYSTEM + "/{subsystemId}", admin_only=True),
    # 8 Authorization codes
    _get("8.1", "getAuthorizationCodes", _CODES + "/authorizationcodes", "extensionNumber", "subsystemId"),
    _put("8.2", "resetAuthorizationCodes", _CODES + "/pinreset", "extensionNumber", "subsystemId"),
    # 9 Group setup
    _get("9.1", "getGroupSetup", "/pm-extension-ms/pm-group-setup/v1/{extensionNumber}"),
    # 10 Security profiles
    _delete("10.1", "deleteSecurityProfile", _PROFILE + "/{securityProfileId}"),
    _get("10.2", "getSecurityProfile", _PROFILE + "/{securityProfileId}"),
    _get("10.3", "listSecurityProfiles", _PROFILE, *_PAGED),
    _post("10.4", "createSecurityProfile", _PROFILE, success=201),
    _put("10.5", "updateSecurityProfile", _PROFILE + "/{securityProfileId}"),
    # 11 Users
    _delete("11.1", "deleteUser", _USER + "/v1/{userId}"),
    _get("11.2", "listUsers", _USER + "/v1", "search", "importedFrom", "pageno", "pageSize", "orderby", admin_only=True),
    _get("11.3", "getUserByUserId", _USER + "/by-user-id/v1/{userId}"),
    _get("11.4", "getUserByRecId", _USER + "/by-rec-id/v1/{userRecId}"),
    _post("11.5", "createUser", _USER + "/v1", success=201, admin_only=True),
    _put("11.6", "updateUser", _USER + "/v1/{userRecId}"),
    # 12 Locked users
    _get("12.1", "listLockedUsers", "/user-ms/locked-user/v1", "search", "pageno", "pageSize"),
    _put("12.2", "unlockUser", "/user-ms/locked-user/v1", "userId", has_body=False),
    # 13 Access privileges
    _get("13.1", "listAccessPrivileges", "/administrator-ms/access-privileges/v1", *_PAGED),
    # 14 Terminal selection (ONS)
    _get("14.1", "getOnsList", _ONS + "/ons-list", "extensionNumber", "subsystemId"),
    _put("14.2", "updateOns", _ONS + "/ons", "extensionNumber", "subsystemId"),
    # 15 Phone keys
    _get("15.1", "getPhoneKeys", _PHONE + "/keys/v1/{extensionNumber}", "panelTypeKey"),
    _get("15.2", "listPhoneTypes", _PHONE + "/phone-list/v1"),
    _get("15.3", "listPhonePanels", _PHONE + "/panel-list/v1/{phoneTypeKey}"),
    _post("15.4", "updatePhoneKeys", _PHONE + "/keys/v1/{extensionNumber}"),
    # 16 Personal numbers
    _delete("16.1", "deletePersonalNumberList", _PERSONAL + "/v2/{extensionNumber}", "listNumber", success=200),
    _delete("16.2", "deleteCallChoice", _CHOICE, "extensionNumber", "listNumber", "choiceNumber", success=200),
    _get("16.3", "getPersonalNumberLists", _PERSONAL + "/v2/{extensionNumber}"),
    _get("16.4", "getCallChoice", _CHOICE, "extensionNumber", "listNumber", "choiceNumber"),
    _get("16.5", "getPersonalNumberDetails", _PERSONAL + "/v1/{extensionNumber}"),
    _get("16.6", "getCallList", _PERSONAL + "/v2/call-list", "extensionNumber", "listNumber"),
    _post("16.7", "createPersonalNumberList", _PERSONAL + "/v2/{extensionNumber}"),
    _post("16.8", "createCallChoice", _CHOICE, "extensionNumber", "listNumber"),
    _put("16.9", "updatePersonalNumberLists", _PERSONAL + "/v2/{extensionNumber}"),
    _put("16.10", "updateCallChoice", _CHOICE, "extensionNumber", "listNumber"),
    _put("16.11", "updatePersonalNumberDetails", _PERSONAL + "/v1/{extensionNumber}"),
    # 17 Departments
    _delete("17.1", "deleteDepartment", _DEPARTMENT + "/{departmentId}", admin_only=True),
    _get("17.2", "getDepartment", _DEPARTMENT + "/{departmentId}", admin_only=True),
    _get("17.3", "listDepartments", _DEPARTMENT, *_TREE, admin_only=True),
    _get("17.4", "listDepartmentsByParent", _DEPARTMENT + "/by-parent/{parentDepartmentId}", *_TREE, admin_only=True),
    _post("17.5", "createDepartment", _DEPARTMENT, success=201, admin_only=True),
    _put("17.6", "updateDepartment", _DEPARTMENT + "/{departmentId}", admin_only=True),
    # 18 User-defined fields
    _get("18.1", "getUdfDefinition", _UDF + "/{udfType}/{udfId}"),
    _get("18.2", "listUdfDefinitions", _UDF, admin_only=True),
    _get("18.3", "listUdfDefinitionsByType", _UDF + "/by-udf-type/{udfType}", admin_only=True),
    _put("18.4", "updateUdfDefinition", _UDF + "/{udfType}/{udfId}", admin_only=True),
    # 19 Locations
    _delete("19.1", "deleteLocation", _LOCATION + "/{locationId}"),
    _get("19.2", "listLocations", _LOCATION, "search", "pageNo", "pageSize", "orderby"),
    _post("19.3", "createLocation", _LOCATION, success=201),
    _put("19.4", "updateLocation", _LOCATION + "/{locationId}"),
)

#: Every operation of PM by its ``operationId``, in the order of the document's chapters.
ENDPOINTS: Final[Mapping[str, Endpoint]] = MappingProxyType({row.name: row for row in _TABLE})


def endpoint(name: str) -> Endpoint:
    """
    The operation called *name* (PM's ``operationId``).

    Raises:
        KeyError: If the table has no such operation: a programmer's mistake.
    """
    return ENDPOINTS[name]
