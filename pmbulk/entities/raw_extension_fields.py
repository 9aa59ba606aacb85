"""
The fields of PM's raw extension record: PM's own data and the print-outs of the PBX's commands, all text (DOMAIN 5, QUIRKS 73).

A list of names, held against PM's document by a test; what the names mean stands in DOMAIN 5.
"""

from __future__ import annotations

from functools import partial
from types import GenericAlias
from typing import Any, Final

from pydantic import create_model

from pmbulk.entities.fields import Fields, field_
from pmbulk.secret import Secret, is_secret

__all__ = ["CallListStatus", "ExtensionVO", "PhonePanel", "PhoneType", "SubscriberStatus"]


def _block(texts: str = "", /, *, help: str = "", **parts: Any) -> Any:  # noqa: A002 - the word of `field_`
    """The fields of a print-out: its *texts*, and *parts* that are print-outs themselves; one in brackets stands for a list of them."""
    # What of secrets the PBX forgets (DOMAIN 5) or does not show cannot be compared.
    fields: dict[str, Any] = {
        f"{name}_": (Secret | None, field_(name, fades=True)) if is_secret(name) else (str | None, field_(name, help=help))
        for name in texts.split()
    }
    types = {name: GenericAlias(list, tuple(part)) if isinstance(part, list) else part for name, part in parts.items()}
    fields |= {f"{name}_": (kind | None, field_(name, help=help)) for name, kind in types.items()}
    return create_model("Block", __base__=Fields, **fields)


#: A print-out of what is going on at the moment.
_state: Final = partial(_block, help="Status.")


_CUSTOMER: Final = _block("reseller custname custnumber")
_CSP: Final = _block("cspnumber cspname", cust=_CUSTOMER)
_LANGUAGE: Final = _block("langID langnumber langname")
_LIM: Final = _block("limnumber limtype lan0Address lan1Address", limaddress=_block("ipv4 ipv6"))
_HARDWARE: Final = _block("position description")
_DISPLAY: Final = _block("dir displayNumber")
#: What the print-outs of categories have in common.
_CATEGORY: Final = {
    "divEx": _block("divIC divB divNoA divFM divRemFM"),
    "dnd": _block("dndInd"),
    "inTr": _block("inTrReq inTrRec inTrP"),
    "tcdd": _block("tcddName tcddNumber"),
    "tcdn": _block("tcdnName tcdnNumber"),
    "trafCc": _block("trafCcName trafCcNumber"),
    "trf": _block("trfPub trfRec trfReq trfInt"),
    "rpDivEx": _block("rpfm rpecf rpDivNoA rpDivB rpDivIC rpDivGRP"),
}
_CATEGORY_TEXTS: Final = (
    "dir abbtc acoc autRS cab callMet didc divO ecf emeSw frl intO lcr mct mmw netAff pres priO pubO rerLmt trm numPstn hospitality "
    "alarmSignal collectCall callOfferedState callOfferedTimer silentIntrusion acd forcedDisconnect answerHandling deflectSst"
)
_WAITING: Final = _block("cawRec cawReq")

_GENERIC: Final = _block(
    "domainName bstarModel enhancedServices videoFunction featureLevel freeOnSecondLine groupNumber publicCliNumber typeOfNumber mcost hacode "
    "dir spopt ndnum maxter cliactive clirestriction secexc bsec bckpos terminalTypes lic licedn amc",
    lang=_LANGUAGE,
    csp=_CSP,
    lim=_LIM,
    cust=_CUSTOMER,
)
#: The state of a subscriber, which PM shows and probably does not take.
SubscriberStatus: Final = _state(
    "listno tru lineStatus dir",
    activeDiversions=_state(activeDiversion=[str]),
    rou=_state("rouname rounumber"),
    trafficStatus=_state("trafficState odnstatus"),
    additionalInfo=_state("authlock mmw rdc directoryState fre publicNumber ecf list fme"),
    hardware=_state("position description"),
)
#: The state of the call lists, called ``pelcvo`` here and ``pelc`` beside them (QUIRKS 114).
CallListStatus: Final = _state("dispidle frt dispconp fme dir")
_NAME: Final = _block(
    "limnumber name1 name2 restr n1OrN2 namDb infoText cti auxInfoText rounumber", cust=_CUSTOMER, nrType=_block("ope grp dir")
)
_TRANSLATION: Final = _block(
    "prefix numberType dir conversionType route truncate newType cont targetDest bcap hlc convertedNum", remNum=[str]
)
_DIVERSION: Final = _block(
    "dir div divdestbsy divdestnrply divnpres divBusy divImmediate divNoReply divIcs divpresBusy divpresNoreply divpresUnconditional "
    "divDestyBusy divDestyNoreply divDestyUnconditional"
)

#: The print-outs by the names that PM has for them.
ExtensionVO: Final = _block(
    ipex=[
        _block("defMobNum slineacc uri ipaddress iptype autreg termid protocol dir maxter secexc macaddr bckpos csport password rasport")
    ],
    gedi=[_GENERIC],
    auco=[_block("cust dir auth hashtype cilcode newCUST restrict", category=_block(csp=_CSP))],
    susi=SubscriberStatus,
    iper=[_block("ver aastraExpModule protocol iptype dir")],
    niin=[_NAME],
    nutr=[_TRANSLATION],
    emergencyLocation=_block("locationid dir"),
    ksddp=_block("calAlt callAltExt times dir", csp=_CSP, cust=_CUSTOMER, hardware=_HARDWARE),
    kscap=[_block(f"{_CATEGORY_TEXTS} auCIL bsec clipro itype numLog agentPos mmb", caw=_WAITING, lang=_LANGUAGE, **_CATEGORY)],
    ksadp=[_DISPLAY],
    spexp=_block("dir autoAnswerExtn alarmExtn masterExtn nonDialledConnExtn nonDialledConnNumber"),
    cdidp=[_DIVERSION],
    exddp=_block("times dir", csp=_CSP, cust=_CUSTOMER, hardware=_HARDWARE),
    excap=[_block(f"{_CATEGORY_TEXTS} auCIL bsec", caw=_WAITING, **_CATEGORY)],
    exadp=[_DISPLAY],
    ksanp=_block(
        f"{_CATEGORY_TEXTS} calAlt callAltExt numLog agentPos mmb adn",
        categorytypeInfo=_block(csp=_CSP),
        cawreq=_WAITING,
        lang=_LANGUAGE,
        csp=_CSP,
        cust=_CUSTOMER,
        **_CATEGORY,
    ),
    cxakp=[_block("sdur dir autkey ipei accessRights autpar")],
    pelcvo=CallListStatus,
    reexvos=[_block("defMobNum actMobNum mobType dir")],
)
PhoneType: Final = _block("phoneTypeKey phoneTypeValue description displayName isActive", displayOrder=int)
PhonePanel: Final = _block("panelTypeKey panelTypeValue phoneTypeKey description displayName panelModel", displayOrder=int)
