"""
One valid call of every operation but the session's two, in an order in which each finds what it needs.

They start from the demonstration's world; ids in addresses are its own, or the next that it gives out.
"""

from __future__ import annotations

EXTENSION = "/pm-extension-ms/pm-extension/v1"
CODES, ONS = "/pm-extension-ms/auth-code", "/pm-extension-ms/terminal-selection-service"
PHONE, PERSONAL = "/pm-extension-ms/pm-phone-setup", "/pm-extension-ms/pm-personal-number"
PROFILES, SUBSYSTEMS, UDFS = "/administrator-ms/security-profiles/v1", "/system-ms/subsystem/v1", "/system-ms/udf-definition/v1"
PAGE, TREE = "search=*&pageno=1&pageSize=200&orderby=", "pageNo=0&pageSize=10&sortBy=departmentName&sortDir=ASC"
OF_1101 = "extensionNumber=1101&subsystemId=1"


def extension(number, **members):
    return {"extensionNumber": number, "serverNumber": 1, "commonServiceProfile": 3, **members}


FULL_EXTENSION = extension(
    "4000",
    customer="2",
    phoneLanguage="sv",
    freeOnSecondLine=1,
    bossSecretary=True,
    macAddress="00:08:5D:00:00:01",
    nameIdentity={"firstName": "Full", "lastName": "Extension", "restrictPresentation": True},
    authorizationCodes=[{"authorizationCode": "123456", "hashType": "MD5A1", "commonServiceProfile": "3", "customer": "0"}],
    publicCLINumber={"publicCLINumber": "468123", "typeOfCLInumber": "1", "activateCLInumber": "yes"},
    sipRemoteExtension={
        "terminalIdentity": "sip:4000@phones.example",
        "trunkType": "Route",
        "sipRouteNumber": 3,
        "defaultRemoteNumber": "0046701234567",
        "receivedANumber": "46701234567",
    },
)
MULTI_TERMINAL = extension(
    "4001",
    dectExtension={"authenticationKey": "1234", "internationalPortableEquipmentIdentity": "0000707404102"},
    mobileExtension={"defaultRemoteNumber": "0046701234567", "receivedANumber": "46701234567"},
    ipExtension={"maximumTerminals": 3, "macAddress": "00085D000001", "allowThirdPartyClient": True, "freeOnSecondLine": 2},
    automaticSIPRegistration={
        "terminalIdentity": "sip:a@pbx.example",
        "universalResourceIdentifier": "sip:a@192.0.2.1",
        "portNumber": "5060",
    },
    sipRemoteExtension=[FULL_EXTENSION["sipRemoteExtension"]],
)
MOBILE = extension("4002", defaultRemoteNumber="0046701234567", receivedANumber="46701234567", extensionRouteType="ISDN")
CORDLESS = extension("4003", authenticationKey="1234", internationalPortableEquipmentIdentity="0000707404102", sendDuration=True)
FULL_USER = {
    "userId": "full",
    "firstName": "Full",
    "lastName": "User",
    "newPassword": "User-1234567!",
    "emailAddress": "full@example.com",
    "altFirstNames": ["Fuller"],
    "altLastNames": ["Usher"],
    "keyWords": ["everything"],
    "departmentIds": [3, 2],
    "extensions": [{"extensionNumber": "4000", "subsystemName": "MX1", "cmgSettings": {"mainUser": True}}],
    "micollab": {"mxoneSubsystem": "MX1", "extension": "4000", "miCollabSubsystem": "MICOLLAB1", "miCollabRole": "Entry"},
    "cloudlink": {"mxoneSubsystem": "MX1", "extension": "4000", "cloudLinkSubsystem": "CLOUDLINK1", "role": "User"},
    "userMailBoxDTO": {"mailboxNumber": ["4000"]},
    "udf1": "first",
    "udf33": "last but one",
}
CODE = {"auth": "4711", "hashtype": "CLEARTEXT", "cilcode": "1101", "category": {"csp": {"cspnumber": "3"}}, "restrict": "true"}
KEY = {"keyPosition": 5, "logicalKeyId": 5, "keyType": "KEY", "keyFunction": "TNS", "keyFunctionValue": "1002"}
CHOICE = {"chono": 2, "anspos": "1002", "stime": 20, "bsycho": 3, "orgsel": {"pub": True}, "delayList": {"listNumber": 1}, "fme": True}
MICOLLAB = {"miCollabIPOrFQDNAddress": "m.example", "miCollabUserPassword": "Secret-1234567!"}
SUBSYSTEM = {"subsystemType": "MiCollabServer", "subsystemName": "M2", "location": "1", "miCollabServer": MICOLLAB}
PROFILE = {"securityProfileName": "Auditor", "accessPrivileges": [{"privilegeId": 12}]}
DEPARTMENT = {"departmentName": "Legal", "parentDepartmentId": 1, "location": {"locationId": 1}}
#: Operation, address, and body if it takes one.
CALLS = [
    ("testToken", "/auth/testToken"),
    ("listSystemOptions", f"/system-ms/options/v1?{PAGE}optionid%20asc"),
    ("updateSystemOptions", "/system-ms/options/v1/update", {"options": [{"optionid": 2, "value": True}]}),
    ("listMiCollabRoles", "/user-ms/micollab/fetchRoles?miCollabsubsystem=MICOLLAB1&extensionLIMIP=10.1.1.10&mxoneSubsysIP=mx1.example"),
    ("createIpExtension", f"{EXTENSION}/ip?subsystemName=MX1", FULL_EXTENSION),
    ("createMultiTerminalExtension", f"{EXTENSION}/multi-terminal?subsystemName=MX1", MULTI_TERMINAL),
    ("createMobileExtension", f"{EXTENSION}/mobile?subsystemName=MX1", MOBILE),
    ("createCordlessExtension", f"{EXTENSION}/cordless?subsystemName=MX1", CORDLESS),
    ("createVirtualExtension", f"{EXTENSION}/virtual?subsystemName=MX1", extension("4004", bossSecretary=True)),
    ("updateIpExtension", f"{EXTENSION}/ip?subsystemName=MX1", FULL_EXTENSION),
    ("updateMultiTerminalExtension", f"{EXTENSION}/multi-terminal?subsystemName=MX1", MULTI_TERMINAL),
    ("updateMobileExtension", f"{EXTENSION}/mobile?subsystemName=MX1", MOBILE),
    ("updateCordlessExtension", f"{EXTENSION}/cordless?subsystemName=MX1", CORDLESS),
    ("updateVirtualExtension", f"{EXTENSION}/virtual?subsystemName=MX1", extension("4004", description="new")),
    ("updateExtension", f"{EXTENSION}/update?extensionNumber=1101", {"subsystemName": "MX1", "description": "raw"}),
    ("importExtension", f"{EXTENSION}/import?extensionNumber=1190&subsystemId=1"),
    ("createUser", "/user-ms/user/v1", FULL_USER),
    ("getExtensionsByUserRecId", f"{EXTENSION}/7"),
    ("getNumberSeries", f"{EXTENSION}/number-series/EX?subsystemName=MX1"),
    ("getExtensionDetails", f"{EXTENSION}/details?extensionNumber=4000&extensionType=IP&subsystemName=MX1"),
    ("getServerDetails", "/pm-extension-ms/pm-extension/server-details/MX1?extensionNumber=1001,1002"),
    ("deleteExtension", f"{EXTENSION}/MX1?extensionNumber=4004&extensionType=VIRTUAL"),
    ("createSubsystem", SUBSYSTEMS, SUBSYSTEM),
    ("updateSubsystem", f"{SUBSYSTEMS}/7", SUBSYSTEM),
    ("getSubsystem", f"{SUBSYSTEMS}/1"),
    ("listSubsystems", f"{SUBSYSTEMS}?subsystemType=All"),
    ("deleteSubsystem", f"{SUBSYSTEMS}/7"),
    ("resetAuthorizationCodes", f"{CODES}/pinreset?{OF_1101}", {"authorizationCodeVO": {"auco": [CODE]}}),
    ("getAuthorizationCodes", f"{CODES}/authorizationcodes?{OF_1101}"),
    ("getGroupSetup", "/pm-extension-ms/pm-group-setup/v1/1101"),
    ("createSecurityProfile", PROFILES, PROFILE),
    ("updateSecurityProfile", f"{PROFILES}/6", PROFILE),
    ("getSecurityProfile", f"{PROFILES}/6"),
    ("listSecurityProfiles", f"{PROFILES}?{PAGE}securityProfileName%20asc"),
    ("deleteSecurityProfile", f"{PROFILES}/6"),
    ("listUsers", f"/user-ms/user/v1?importedFrom=ALL&{PAGE}userId%20asc"),
    ("getUserByUserId", "/user-ms/user/by-user-id/v1/full"),
    ("getUserByRecId", "/user-ms/user/by-rec-id/v1/7"),
    ("updateUser", "/user-ms/user/v1/2", {"userId": "anna.berg", "lastName": "Holm"}),
    ("listLockedUsers", "/user-ms/locked-user/v1?search=All&pageno=1&pageSize=200"),
    ("unlockUser", "/user-ms/locked-user/v1?userId=david.cole"),
    ("deleteUser", "/user-ms/user/v1/eva.lind"),
    ("listAccessPrivileges", f"/administrator-ms/access-privileges/v1?{PAGE}privilegeId%20asc"),
    ("updateOns", f"{ONS}/ons?{OF_1101}", {"onsVo": [{"onsprefix": "00", "onstranslateNo": "4681101"}], "info": {"id": "0"}}),
    ("getOnsList", f"{ONS}/ons-list?{OF_1101}"),
    ("updatePhoneKeys", f"{PHONE}/keys/v1/1101", {"phonePanelType": "Mitel6869i_1_M680i", "addedKeys": [KEY]}),
    ("getPhoneKeys", f"{PHONE}/keys/v1/1101?panelTypeKey=Mitel6869i_1_M680i"),
    ("listPhoneTypes", f"{PHONE}/phone-list/v1"),
    ("listPhonePanels", f"{PHONE}/panel-list/v1/Mitel6869i"),
    (
        "createPersonalNumberList",
        f"{PERSONAL}/v2/1101",
        {"list": {"listNo": 3, "listName": "Home", "delayListNumber": "1"}, "chos": [CHOICE]},
    ),
    ("updatePersonalNumberLists", f"{PERSONAL}/v2/1101", {"extensionId": "1101", "list": [{"listNo": 3, "isActive": True}]}),
    ("getPersonalNumberLists", f"{PERSONAL}/v2/1101"),
    ("createCallChoice", f"{PERSONAL}/v2/call-list/choice?extensionNumber=1101&listNumber=3", CHOICE | {"chono": 1}),
    ("updateCallChoice", f"{PERSONAL}/v2/call-list/choice?extensionNumber=1101&listNumber=3", CHOICE),
    ("getCallChoice", f"{PERSONAL}/v2/call-list/choice?extensionNumber=1101&listNumber=3&choiceNumber=2"),
    ("getCallList", f"{PERSONAL}/v2/call-list?extensionNumber=1101&listNumber=3"),
    ("getPersonalNumberDetails", f"{PERSONAL}/v1/1101"),
    ("updatePersonalNumberDetails", f"{PERSONAL}/v1/1101", {"personalNumberVO": {"pelp": {"lists": [{"listno": 3, "chos": [CHOICE]}]}}}),
    ("deleteCallChoice", f"{PERSONAL}/v2/call-list/choice?extensionNumber=1101&listNumber=3&choiceNumber=2"),
    ("deletePersonalNumberList", f"{PERSONAL}/v2/1101?listNumber=3"),
    ("createDepartment", "/system-ms/department/v1", DEPARTMENT),
    ("updateDepartment", "/system-ms/department/v1/10", DEPARTMENT | {"description": "new"}),
    ("getDepartment", "/system-ms/department/v1/2"),
    ("listDepartments", f"/system-ms/department/v1?{TREE}"),
    ("listDepartmentsByParent", f"/system-ms/department/v1/by-parent/1?{TREE}"),
    ("deleteDepartment", "/system-ms/department/v1/10"),
    ("getUdfDefinition", f"{UDFS}/USERS/34"),
    ("listUdfDefinitions", UDFS),
    ("listUdfDefinitionsByType", f"{UDFS}/by-udf-type/DEPARTMENTS"),
    ("updateUdfDefinition", f"{UDFS}/USERS/34", {"udfDisplayName": "Contract", "readonly": True}),
    ("createLocation", "/system-ms/location/v1", {"locationName": "Paris"}),
    ("updateLocation", "/system-ms/location/v1/4", {"locationName": "Lyon"}),
    ("listLocations", "/system-ms/location/v1?search=*&pageNo=0&pageSize=200&orderby=locationId%20asc"),
    ("deleteLocation", "/system-ms/location/v1/4"),
]
