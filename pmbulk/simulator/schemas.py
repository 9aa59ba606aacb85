"""
The members and types of every request body that the simulator reads.

Pure data, held against the contract by a test; extensions, the bulk of it, stand in two modules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pmbulk.simulator.schema_words import INTEGER, STRING, Schema, members
from pmbulk.simulator.schemas_extensions import (
    CORDLESS_EXTENSION,
    IP_EXTENSION,
    MOBILE_EXTENSION,
    MULTI_TERMINAL_EXTENSION,
    VIRTUAL_EXTENSION,
)
from pmbulk.simulator.schemas_print_outs import AUCO, EXTENSION_RECORD, PELC, SUSI

__all__ = ["BODIES"]


def _udfs(first: int, last: int) -> str:
    return " ".join(f"udf{number}" for number in range(first, last + 1))


_LOCATION_BASIC: Final = members(integers="locationId", strings="locationName description")
_LOCATION: Final = _LOCATION_BASIC | members(strings="cmgCustomerGroup")
_DEPARTMENT: Final = members(
    integers="departmentId parentDepartmentId",
    strings="departmentName description " + _udfs(1, 10),
    location=_LOCATION_BASIC,
)

_EXTENSION_LINK: Final = members(
    strings="extensionNumber subsystemName",
    integers="subsystemId",
    cmgSettings=members(booleans="secret mainUser list bluStarWeb ivr voiceMail"),
)
_MICOLLAB: Final = members(
    strings="mxoneSubsystem extension secondaryExtension authorizationCode authorizationCodeHashType "
    "miCollabSubsystem miCollabRole promptLanguage",
    booleans="miTeamMeeting enableADAuthentication enableCloudLinkAuthentication",
)
_CLOUDLINK: Final = members(strings="mxoneSubsystem extension cloudLinkSubsystem role", booleans="miTeamMeeting softphoneClient")
_USER: Final = members(
    strings="userId firstName lastName newPassword emailAddress sms language mobileNumber alternativeNumber " + _udfs(1, 32) + " udf34",
    booleans="useLastSelection secretMobile",
    altFirstNames=[STRING],
    altLastNames=[STRING],
    keyWords=[STRING],
    departmentIds=[INTEGER],
    extensions=[_EXTENSION_LINK],
    micollab=_MICOLLAB,
    cloudlink=_CLOUDLINK,
)
# The document's two user bodies differ in three members (QUIRKS 85, 86).
_USER_CREATE: Final = _USER | members(strings="udf33", userMailBoxDTO={"mailboxNumber": [STRING]})
_USER_UPDATE: Final = _USER | members(strings="currentPassword")

_SUBSYSTEM: Final = members(
    strings="subsystemType subsystemName location locationName expirationDate",
    mxoneSubsystem=members(
        strings="version ipOrFQDNAddress port userId password terminalPassword ipPhoneServerUrl ipPhoneServerOrDomainFolder cmgPbxId",
        booleans="useHttps",
    ),
    miCollabAdvancedMessagingServer=members(strings="version ipOrFQDNAddress port msgServerUserId userpassword oneboxnumber"),
    cmgServer=members(
        strings="version cmgServerIPOrFQDNAddress cmgServerPort cmgUserId cmgUserPassword",
        booleans="useHttps isDepartmentStructureMultipleroot ivr voicemail",
    ),
    mmcProvisioningServer=members(strings="urlToOtherMgmtApplications location"),
    sipDectManager=members(
        strings="miVoiceMXONESubsystem version ipOrFQDNaddress resiliencyIPAddress port axiPort password userID",
        booleans="useHttps subscription multiOpenMobilityManager",
    ),
    miCollabServer=members(
        strings="miCollabServerVersion miCollabIPOrFQDNAddress miCollabUserId miCollabUserPassword miCollabPool",
        booleans="enableMiCollabADAuthentication",
    ),
    cloudLinkServer=members(
        strings="cloudLinkAPIURL cloudLinkAccountID cloudLinkUserId cloudLinkUserPassword cloudLinkGatewayURL",
    ),
    otherMgmtApplication=members(strings="urlToOtherMgmtApplications"),
)
_SECURITY_PROFILE: Final = members(
    integers="securityProfileId",
    strings="securityProfileName description",
    accessPrivileges=[members(integers="privilegeId", strings="privilegeName description")],
)
_ONS_LIST: Final = members(
    onsVo=[members(strings="onsid onsprefix onstranslateNo")],
    info=members(strings="reason message component id", parameterList=[members(strings="fieldName value item")]),
)
_PHONE_KEY: Final = members(
    integers="keyPosition logicalKeyId", strings="keyType displayText keyFunction keyFunctionValue", booleans="isEditable"
)
_PHONE_KEY_CHANGE: Final = members(
    strings="extensionId phonePanelType", addedKeys=[_PHONE_KEY], updatedKeys=[_PHONE_KEY], removedKeys=[_PHONE_KEY]
)
_DELAY_LIST: Final = members(integers="listNumber", strings="listName")
_CALL_CHOICE: Final = members(
    strings="anspos",
    integers="chono stime bsycho dndposition",
    booleans="cfipt divimmediate divonBusy divonNoReply efme fme imsupport onecal smssupport",
    orgsel=members(booleans="intPri opi pub"),
    delayList=_DELAY_LIST,
)
_PERSONAL_LIST: Final = members(integers="listNo", strings="delayListNumber listName", booleans="isActive")
# The list is one object here and an array in the update (QUIRKS 94).
_PERSONAL_LIST_CREATE: Final = members(strings="extensionId", list=_PERSONAL_LIST, chos=[_CALL_CHOICE])
_PERSONAL_LISTS: Final = members(strings="extensionId", booleans="allInactive", list=[_PERSONAL_LIST], delayseizurelist=[_DELAY_LIST])
_PERSONAL_NUMBER: Final = members(
    strings="extensionId",
    personalNumberVO=members(
        strings="dir",
        pelp=members(
            strings="dir cust",
            lists=[members(integers="listno", strings="delayListNumber listName", chos=[_CALL_CHOICE])],
        ),
        susi=SUSI,
        pelc=PELC,
    ),
)
_UDF_DEFINITION: Final = members(
    integers="udfId",
    strings="udfType udfDisplayName udfCmgDisplayName udfAdDisplayName udfCmgMiscNumber udfFieldTypeName",
    booleans="readonly advance",
)

#: Operation → schema of its request body.
BODIES: Final[Mapping[str, Schema]] = {
    "login": members(strings="username password"),
    "refreshToken": members(integers="userRecId", strings="refreshToken"),
    "updateSystemOptions": members(options=[members(integers="optionid", booleans="value")]),
    "createVirtualExtension": VIRTUAL_EXTENSION,
    "createMultiTerminalExtension": MULTI_TERMINAL_EXTENSION,
    "createMobileExtension": MOBILE_EXTENSION,
    "createIpExtension": IP_EXTENSION,
    "createCordlessExtension": CORDLESS_EXTENSION,
    "updateVirtualExtension": VIRTUAL_EXTENSION,
    "updateExtension": EXTENSION_RECORD,
    "updateMultiTerminalExtension": MULTI_TERMINAL_EXTENSION,
    "updateMobileExtension": MOBILE_EXTENSION,
    "updateIpExtension": IP_EXTENSION,
    "updateCordlessExtension": CORDLESS_EXTENSION,
    "createSubsystem": _SUBSYSTEM,
    "updateSubsystem": _SUBSYSTEM,
    "resetAuthorizationCodes": members(authorizationCodeVO=members(auco=[AUCO])),
    "createSecurityProfile": _SECURITY_PROFILE,
    "updateSecurityProfile": _SECURITY_PROFILE,
    "createUser": _USER_CREATE,
    "updateUser": _USER_UPDATE,
    "updateOns": _ONS_LIST,
    "updatePhoneKeys": _PHONE_KEY_CHANGE,
    "createPersonalNumberList": _PERSONAL_LIST_CREATE,
    "createCallChoice": _CALL_CHOICE,
    "updatePersonalNumberLists": _PERSONAL_LISTS,
    "updateCallChoice": _CALL_CHOICE,
    "updatePersonalNumberDetails": _PERSONAL_NUMBER,
    "createDepartment": _DEPARTMENT,
    "updateDepartment": _DEPARTMENT,
    "updateUdfDefinition": _UDF_DEFINITION,
    "createLocation": _LOCATION,
    "updateLocation": _LOCATION,
}
