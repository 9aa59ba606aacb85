"""
The members and types of every answer that has a body, as the document prints them.

Pure data for the description of the API, held against the contract by a test; most answers have the shape of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.schema_words import INTEGER, STRING, members
from pmbulk.simulator.schemas import BODIES
from pmbulk.simulator.schemas_print_outs import LIM, PHONE_PANEL, PHONE_TYPE

__all__ = ["ANSWERS", "ERROR"]

#: The body of a refusal, of which only the session's calls tell (QUIRKS 14).
ERROR: Final = members(strings="mitelErrorCode errorMsg developerMsg responseStatus", integers="responseCode")

_TOKENS: Final = members(strings="token refreshToken")
#: The document does not print what is in a list (QUIRKS 31).
_ITEMS: Final = [members(integers="count pageNo pageSize", items=[{}])]
_DEPARTMENTS: Final = [
    {
        "departmentList": [BODIES["createDepartment"]],
        "page": members(integers="pageNo pageSize totalPages totalElements numberOfElements", booleans="first last"),
    }
]
_SUBSYSTEM: Final = members(
    strings="subsystemName subsystemType version ipaddress resipaddress port axiport loginName loginPasswordPlain url cmgPbxId "
    "terminalPassword status oneboxnumber ippServerUrl ippServerFolder featureLevel micollabPool",
    integers="subsystemId telephonyServerId",
    booleans="cmgMultiDept useHttps manualServerUrl ivr voicemail micollabAdAuthFlag",
    location=members(integers="locationId", strings="locationName description cmgcustgrp"),
)
_LOCATION: Final = members(integers="locationId", strings="locationName description")
_USER_WRITTEN: Final = BODIES["createUser"]
_USER: Final = {
    **{name: STRING for name in _USER_WRITTEN if name.startswith("udf")},
    **members(integers="userRecId primaryDepartmentId", strings="userId firstName lastName emailAddress sms language"),
    **{name: _USER_WRITTEN[name] for name in ("useLastSelection", "micollab", "cloudlink", "userMailBoxDTO")},
    "securityProfile": BODIES["createSecurityProfile"],
    "altFirstNames": [members(integers="altFirstNameId", strings="altFirstName")],
    "altLastNames": [members(integers="altLastNameId", strings="altLastName")],
    "keyWords": [members(integers="keywordId", strings="keywordName")],
    # The location in here has no description (QUIRKS 104).
    "departments": [
        members(
            integers="departmentId parentDepartmentId",
            strings="departmentName",
            location=members(integers="locationId", strings="locationName"),
        )
    ],
    "userExtensions": _USER_WRITTEN["extensions"],
}
_DEFINITIONS: Final = [BODIES["updateUdfDefinition"]]
_GROUP: Final = members(strings="name grp")
_KEYS: Final = BODIES["updatePhoneKeys"]["addedKeys"]

#: Operation → schema of its answer; an operation that is not here answers without a body.
ANSWERS: Final[Mapping[str, Any]] = {
    "login": _TOKENS | members(strings="version build brand"),
    "testToken": STRING,
    "refreshToken": _TOKENS,
    **dict.fromkeys(("listSystemOptions", "listSecurityProfiles", "listUsers", "listLockedUsers"), _ITEMS),
    **dict.fromkeys(("listAccessPrivileges", "listLocations"), _ITEMS),
    "updateSystemOptions": members(strings="optionName", integers="optionid", booleans="value"),
    "listMiCollabRoles": [members(strings="idsConnection", roles=[STRING])],
    **{name: body for name, body in BODIES.items() if name.endswith("Extension")},
    **dict.fromkeys(("getExtensionDetails", "getExtensionsByUserRecId", "importExtension"), BODIES["updateExtension"]),
    "getNumberSeries": members(strings="start end numberType"),
    "getServerDetails": {"extensionLimVOs": [members(strings="extension limnumber")], "lim": [LIM]},
    **dict.fromkeys(("getSubsystem", "updateSubsystem"), _SUBSYSTEM),
    "listSubsystems": [{"subsystemId": INTEGER, **BODIES["createSubsystem"]}],
    "getAuthorizationCodes": BODIES["resetAuthorizationCodes"],
    "getGroupSetup": members(
        strings="extensionId",
        groupSetupVO=members(
            strings="dir",
            groupBelongingsVO=members(strings="dir", pickupGroup=_GROUP, doNotDisturbGroup=_GROUP),
            huntGroups=[members(strings="grp")],
        ),
    ),
    **dict.fromkeys(("getSecurityProfile", "updateSecurityProfile"), BODIES["createSecurityProfile"]),
    **dict.fromkeys(("getUserByUserId", "getUserByRecId", "updateUser"), _USER),
    "unlockUser": members(strings="userId message"),
    "getOnsList": BODIES["updateOns"],
    "getPhoneKeys": members(strings="extensionId", terminalKeys=_KEYS, softKeys=_KEYS, lineKeys=_KEYS, moreKeys=_KEYS, panelKeys={}),
    "updatePhoneKeys": BODIES["updatePhoneKeys"],
    "listPhoneTypes": PHONE_TYPE,
    "listPhonePanels": PHONE_PANEL,
    **dict.fromkeys(
        ("getPersonalNumberLists", "createPersonalNumberList", "updatePersonalNumberLists"), BODIES["updatePersonalNumberLists"]
    ),
    **dict.fromkeys(("deletePersonalNumberList", "deleteCallChoice"), STRING),
    **dict.fromkeys(("getCallChoice", "createCallChoice", "updateCallChoice"), BODIES["createCallChoice"]),
    "getCallList": {"chos": [BODIES["createCallChoice"]]},
    # Two other chapters answer with a personal number too (QUIRKS 60, 61).
    **dict.fromkeys(
        ("getPersonalNumberDetails", "updatePersonalNumberDetails", "resetAuthorizationCodes", "updateOns"),
        BODIES["updatePersonalNumberDetails"],
    ),
    **dict.fromkeys(("getDepartment", "updateDepartment"), BODIES["createDepartment"]),
    **dict.fromkeys(("listDepartments", "listDepartmentsByParent"), _DEPARTMENTS),
    **dict.fromkeys(("getUdfDefinition", "updateUdfDefinition"), BODIES["updateUdfDefinition"]),
    **dict.fromkeys(("listUdfDefinitions", "listUdfDefinitionsByType"), _DEFINITIONS),
    "updateLocation": _LOCATION,
}
