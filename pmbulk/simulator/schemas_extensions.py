"""
The schemas of the five kinds of extensions as the typed calls write them (QUIRKS 74).

Pure data, held against the contract by a test.
"""

from __future__ import annotations

from typing import Final

from pmbulk.simulator.schema_words import members

__all__ = ["CORDLESS_EXTENSION", "IP_EXTENSION", "MOBILE_EXTENSION", "MULTI_TERMINAL_EXTENSION", "VIRTUAL_EXTENSION"]

_COMMON: Final = members(
    strings="extensionNumber featureLevel customer description maximumChargingCost homeAreaCode welcomeAnnouncement "
    "continuousAnnouncement aliasNumberToUse individualAliasNumber callPickupGroup groupDoNotDisturb",
    integers="serverNumber commonServiceProfile",
    nameIdentity=members(
        strings="firstName lastName namePresentationOrder information", booleans="includeinDialbyNameDatabase restrictPresentation"
    ),
    authorizationCodes=[
        members(
            strings="authorizationCode hashType callLoggingCode customer newCustomer commonServiceProfile",
            booleans="restrictUsageToThisExtensionOnly",
        )
    ],
    ringSignals=[members(strings="callingNumber routeNumber ringType customer")],
    publicCLINumber=members(strings="publicCLINumber activateCLInumber typeOfCLInumber", booleans="publicCLINumberPresentationRestriction"),
    parallelRinging=members(strings="mdir secondaryDirectoryNumber1 secondaryDirectoryNumber2 delaySeizure"),
    huntGroup=members(strings="huntGroupNumber", booleans="groupAlias"),
)
_SIP_REMOTE: Final = members(
    strings="terminalIdentity trunkType destinationNumber defaultRemoteNumber receivedANumber",
    integers="sipRouteNumber sipBackupRoutenumber",
    booleans="singleLineAccess",
)
_SIP_AUTOMATIC: Final = members(
    strings="terminalIdentity universalResourceIdentifier portNumber transport translatedBnumberPrefix", booleans="singleLineAccess"
)
IP_EXTENSION: Final = _COMMON | members(
    strings="domainName phoneLanguage macAddress backupAnsweringPositionNumber ipExtensionType phoneType hotlineNumber",
    integers="freeOnSecondLine",
    booleans="bossSecretary allowThirdPartyClient allowSecurityException allowExtensioninCallParkPoolGroup",
    automaticSIPRegistration=_SIP_AUTOMATIC,
    sipRemoteExtension=_SIP_REMOTE,
)
VIRTUAL_EXTENSION: Final = _COMMON | members(strings="domainName", booleans="bossSecretary")
MOBILE_EXTENSION: Final = _COMMON | members(
    strings="domainName phoneLanguage extensionRouteType mobileDirectAccessDest defaultRemoteNumber receivedANumber phoneType hotlineNumber",
    booleans="forceMobileThroughPBX bossSecretary",
)
CORDLESS_EXTENSION: Final = _COMMON | members(
    strings="phoneLanguage authenticationKey internationalPortableEquipmentIdentity phoneType hotlineNumber",
    booleans="sendDuration allowThirdPartyClient",
)
# What the other kinds have at the top lies one level deeper here, and the SIP remote terminals are a list (QUIRKS 80, 82).
MULTI_TERMINAL_EXTENSION: Final = _COMMON | members(
    strings="domainName phoneLanguage backupAnsweringPositionNumber phoneType hotlineNumber",
    booleans="allowSecurityException bossSecretary",
    dectExtension=members(strings="authenticationKey internationalPortableEquipmentIdentity", booleans="sendDuration"),
    mobileExtension=members(strings="defaultRemoteNumber receivedANumber"),
    ipExtension=members(strings="macAddress", integers="maximumTerminals freeOnSecondLine", booleans="allowThirdPartyClient"),
    automaticSIPRegistration=_SIP_AUTOMATIC,
    sipRemoteExtension=[_SIP_REMOTE],
)
