"""
The members and types of every request body that the simulator reads.

Pure data, held against the contract by a test. A type is one of three words, a list of one type, or a mapping of member to type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["BODIES", "BOOLEAN", "INTEGER", "STRING", "Schema"]

STRING: Final = "string"
INTEGER: Final = "integer"
BOOLEAN: Final = "boolean"

#: Member name → type; `Any` because the type of a type would be recursive.
Schema = Mapping[str, Any]


def _members(*, strings: str = "", integers: str = "", booleans: str = "", **nested: Any) -> dict[str, Any]:
    """A schema from the names of its plain members, and its structured ones."""
    plain = {name: kind for kind, names in ((STRING, strings), (INTEGER, integers), (BOOLEAN, booleans)) for name in names.split()}
    return plain | nested


def _udfs(first: int, last: int) -> str:
    return " ".join(f"udf{number}" for number in range(first, last + 1))


_LOCATION_BASIC: Final = _members(integers="locationId", strings="locationName description")
_LOCATION: Final = _LOCATION_BASIC | _members(strings="cmgCustomerGroup")
_DEPARTMENT: Final = _members(
    integers="departmentId parentDepartmentId",
    strings="departmentName description " + _udfs(1, 10),
    location=_LOCATION_BASIC,
)

_EXTENSION_LINK: Final = _members(
    strings="extensionNumber subsystemName",
    integers="subsystemId",
    cmgSettings=_members(booleans="secret mainUser list bluStarWeb ivr voiceMail"),
)
_MICOLLAB: Final = _members(
    strings="mxoneSubsystem extension secondaryExtension authorizationCode authorizationCodeHashType "
    "miCollabSubsystem miCollabRole promptLanguage",
    booleans="miTeamMeeting enableADAuthentication enableCloudLinkAuthentication",
)
_CLOUDLINK: Final = _members(strings="mxoneSubsystem extension cloudLinkSubsystem role", booleans="miTeamMeeting softphoneClient")
_USER: Final = _members(
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
_USER_CREATE: Final = _USER | _members(strings="udf33", userMailBoxDTO={"mailboxNumber": [STRING]})
_USER_UPDATE: Final = _USER | _members(strings="currentPassword")

_EXTENSION: Final = _members(
    strings="extensionNumber featureLevel customer description maximumChargingCost homeAreaCode welcomeAnnouncement "
    "continuousAnnouncement aliasNumberToUse individualAliasNumber callPickupGroup groupDoNotDisturb",
    integers="serverNumber commonServiceProfile",
    nameIdentity=_members(
        strings="firstName lastName namePresentationOrder information", booleans="includeinDialbyNameDatabase restrictPresentation"
    ),
    authorizationCodes=[
        _members(
            strings="authorizationCode hashType callLoggingCode customer newCustomer commonServiceProfile",
            booleans="restrictUsageToThisExtensionOnly",
        )
    ],
    ringSignals=[_members(strings="callingNumber routeNumber ringType customer")],
    publicCLINumber=_members(
        strings="publicCLINumber activateCLInumber typeOfCLInumber", booleans="publicCLINumberPresentationRestriction"
    ),
    parallelRinging=_members(strings="mdir secondaryDirectoryNumber1 secondaryDirectoryNumber2 delaySeizure"),
    huntGroup=_members(strings="huntGroupNumber", booleans="groupAlias"),
)
_SIP_REMOTE: Final = _members(
    strings="terminalIdentity trunkType destinationNumber defaultRemoteNumber receivedANumber",
    integers="sipRouteNumber sipBackupRoutenumber",
    booleans="singleLineAccess",
)
_SIP_AUTOMATIC: Final = _members(
    strings="terminalIdentity universalResourceIdentifier portNumber transport translatedBnumberPrefix", booleans="singleLineAccess"
)
_IP_EXTENSION: Final = _EXTENSION | _members(
    strings="domainName phoneLanguage macAddress backupAnsweringPositionNumber ipExtensionType phoneType hotlineNumber",
    integers="freeOnSecondLine",
    booleans="bossSecretary allowThirdPartyClient allowSecurityException allowExtensioninCallParkPoolGroup",
    automaticSIPRegistration=_SIP_AUTOMATIC,
    sipRemoteExtension=_SIP_REMOTE,
)

#: Operation → schema of its request body.
BODIES: Final[Mapping[str, Schema]] = {
    "login": _members(strings="username password"),
    "refreshToken": _members(integers="userRecId", strings="refreshToken"),
    "createIpExtension": _IP_EXTENSION,
    "updateIpExtension": _IP_EXTENSION,
    "createUser": _USER_CREATE,
    "updateUser": _USER_UPDATE,
    "createDepartment": _DEPARTMENT,
    "updateDepartment": _DEPARTMENT,
    "createLocation": _LOCATION,
    "updateLocation": _LOCATION,
}
