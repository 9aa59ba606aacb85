"""
The schema of the raw extension record, which is made of the telephony system's print-outs (QUIRKS 73, DOMAIN 5).

Pure data, held against the contract by a test.
"""

from __future__ import annotations

from typing import Final

from pmbulk.simulator.schema_words import STRING, members

__all__ = ["AUCO", "EXTENSION_RECORD", "LIM", "PELC", "PHONE_PANEL", "PHONE_TYPE", "SUSI"]

_IPEX: Final = members(
    strings="defMobNum slineacc uri ipaddress iptype autreg termid protocol dir maxter secexc macaddr bckpos csport password rasport"
)
_LANGUAGE_REF: Final = members(strings="langID langnumber langname")
_CUSTOMER: Final = members(strings="reseller custname custnumber")
_CSP: Final = members(strings="cspnumber cspname", cust=_CUSTOMER)
_LIM_ADDRESS: Final = members(strings="ipv4 ipv6")
LIM: Final = members(strings="limnumber limtype lan0Address lan1Address", limaddress=_LIM_ADDRESS)
_GEDI: Final = members(
    strings="domainName bstarModel enhancedServices videoFunction featureLevel freeOnSecondLine groupNumber "
    "publicCliNumber typeOfNumber mcost hacode dir spopt ndnum maxter cliactive clirestriction secexc "
    "bsec bckpos terminalTypes lic licedn amc",
    lang=_LANGUAGE_REF,
    csp=_CSP,
    lim=LIM,
    cust=_CUSTOMER,
)
_CSP_CATEGORY: Final = members(csp=_CSP)
AUCO: Final = members(strings="cust dir auth hashtype cilcode newCUST restrict", category=_CSP_CATEGORY)
_ACTIVE_DIVERSIONS: Final = members(activeDiversion=[STRING])
_ROU: Final = members(strings="rouname rounumber")
_TRAFFIC_STATUS: Final = members(strings="trafficState odnstatus")
_SUSI_ADDITIONAL_INFO: Final = members(strings="authlock mmw rdc directoryState fre publicNumber ecf list fme")
_HARDWARE: Final = members(strings="position description")
SUSI: Final = members(
    strings="listno tru lineStatus dir",
    activeDiversions=_ACTIVE_DIVERSIONS,
    rou=_ROU,
    trafficStatus=_TRAFFIC_STATUS,
    additionalInfo=_SUSI_ADDITIONAL_INFO,
    hardware=_HARDWARE,
)
_IPER: Final = members(strings="ver aastraExpModule protocol iptype dir")
_NR_TYPE: Final = members(strings="ope grp dir")
_NIIN: Final = members(
    strings="limnumber name1 name2 restr n1OrN2 namDb infoText cti auxInfoText rounumber", cust=_CUSTOMER, nrType=_NR_TYPE
)
_NUTR: Final = members(
    strings="prefix numberType dir conversionType route truncate newType cont targetDest bcap hlc convertedNum", remNum=[STRING]
)
_EMERGENCY_LOCATION: Final = members(strings="locationid dir")
_KSDDP: Final = members(strings="calAlt callAltExt times dir", csp=_CSP, cust=_CUSTOMER, hardware=_HARDWARE)
#: What the print-outs of categories have in common.
_CATEGORIES: Final = members(
    strings="dir abbtc acoc autRS cab callMet didc divO ecf emeSw frl intO lcr mct mmw netAff pres priO pubO rerLmt trm numPstn "
    "hospitality alarmSignal collectCall callOfferedState callOfferedTimer silentIntrusion acd forcedDisconnect answerHandling deflectSst",
    divEx=members(strings="divIC divB divNoA divFM divRemFM"),
    dnd=members(strings="dndInd"),
    inTr=members(strings="inTrReq inTrRec inTrP"),
    tcdd=members(strings="tcddName tcddNumber"),
    tcdn=members(strings="tcdnName tcdnNumber"),
    trafCc=members(strings="trafCcName trafCcNumber"),
    trf=members(strings="trfPub trfRec trfReq trfInt"),
    rpDivEx=members(strings="rpfm rpecf rpDivNoA rpDivB rpDivIC rpDivGRP"),
)
_CAW: Final = members(strings="cawRec cawReq")
_EXCAP: Final = _CATEGORIES | members(strings="auCIL bsec", caw=_CAW)
_KSCAP: Final = _EXCAP | members(strings="clipro itype numLog agentPos mmb", lang=_LANGUAGE_REF)
_KSANP: Final = _CATEGORIES | members(
    strings="calAlt callAltExt numLog agentPos mmb adn",
    categorytypeInfo=_CSP_CATEGORY,
    cawreq=_CAW,
    lang=_LANGUAGE_REF,
    csp=_CSP,
    cust=_CUSTOMER,
)
_DIR_DISPLAY_NUMBER: Final = members(strings="dir displayNumber")
_SPEXP: Final = members(strings="dir autoAnswerExtn alarmExtn masterExtn nonDialledConnExtn nonDialledConnNumber")
_CDIDP: Final = members(
    strings="dir div divdestbsy divdestnrply divnpres divBusy divImmediate divNoReply divIcs divpresBusy "
    "divpresNoreply divpresUnconditional divDestyBusy divDestyNoreply divDestyUnconditional"
)
_EXDDP: Final = members(strings="times dir", csp=_CSP, cust=_CUSTOMER, hardware=_HARDWARE)
_CXAKP: Final = members(strings="sdur dir autkey ipei accessRights autpar")
PELC: Final = members(strings="dispidle frt dispconp fme dir")
_REEXVO: Final = members(strings="defMobNum actMobNum mobType dir")
_EXTENSION_VO: Final = members(
    ipex=[_IPEX],
    gedi=[_GEDI],
    auco=[AUCO],
    susi=SUSI,
    iper=[_IPER],
    niin=[_NIIN],
    nutr=[_NUTR],
    emergencyLocation=_EMERGENCY_LOCATION,
    ksddp=_KSDDP,
    kscap=[_KSCAP],
    ksadp=[_DIR_DISPLAY_NUMBER],
    spexp=_SPEXP,
    cdidp=[_CDIDP],
    exddp=_EXDDP,
    excap=[_EXCAP],
    exadp=[_DIR_DISPLAY_NUMBER],
    ksanp=_KSANP,
    cxakp=[_CXAKP],
    pelcvo=PELC,
    reexvos=[_REEXVO],
)
PHONE_TYPE: Final = members(strings="phoneTypeKey phoneTypeValue description displayName isActive", integers="displayOrder")
PHONE_PANEL: Final = members(strings="panelTypeKey panelTypeValue phoneTypeKey description displayName panelModel", integers="displayOrder")
EXTENSION_RECORD: Final = members(
    strings="extensionNumber subsystemName description terminalType lastRemoved ippServerUrl ippServerFolder "
    "micollabExtension extensionType",
    integers="extensionId subsystemId",
    booleans="mobExtSupport freeExtension manualServerUrl",
    lcrentries=[STRING],
    extensionVO=_EXTENSION_VO,
    phoneDTO=PHONE_TYPE,
    phonePanelDTO=PHONE_PANEL,
)
