"""
What becomes of a member of the raw extension record that no typed call writes, when the extension is made again elsewhere: a table (DOMAIN 5).

The rest of a block stands for all its members that have no line of their own; whether a member holds anything is judged in `carrying`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pmbulk.entities.extension_print_outs import (
    AUCO,
    AUTOMATIC,
    DECT,
    GEDI,
    IPEX,
    NIIN,
    ROUTED,
    SERVICES,
    TERMINALS,
    Translation,
)

__all__ = ["Fate", "fate_of"]


class Fate(NamedTuple):
    """The member in *words* (``""``: the new extension gets it by itself), whether losing it costs something, and the column that gives it."""

    words: str
    of_value: bool = True
    column: str = ""


#: Of a member that is in no document.
_UNKNOWN: Final = Fate("what pmbulk does not know")

_BY_ITSELF: Final = Fate("")


def _written(block: str, *translations: Translation) -> Iterator[tuple[str, Fate]]:
    """What typed calls write, where PM's words for it cannot be understood or the kind's call does not have it."""
    for short, readable, _convert in (row for translation in translations for row in translation):
        yield f"{block}.{short}", Fate(readable, column=readable)


_FATES: Final[dict[str, Fate]] = {
    **dict(_written("gedi", *GEDI.values())),
    **dict(_written("niin", NIIN)),
    **dict(_written("ipex", IPEX, TERMINALS, AUTOMATIC)),
    **dict(_written("reexvos", ROUTED)),
    **dict(_written("cxakp", DECT)),
    **dict(_written("auco", AUCO)),
    # The whole record.
    **dict.fromkeys(
        ("extensionId", "extensionNumber", "extensionType", "subsystemId", "subsystemName", "freeExtension", "lastRemoved"), _BY_ITSELF
    ),
    **dict.fromkeys(("mobExtSupport", "terminalType", "manualServerUrl"), _BY_ITSELF),
    # The model of the telephone is written with its keys.
    **dict.fromkeys(("phoneDTO", "phonePanelDTO"), _BY_ITSELF),
    "description": Fate("description", column="description"),
    "ippServerUrl": Fate("the telephone's own server"),
    "ippServerFolder": Fate("the telephone's own server"),
    "lcrentries": Fate("entries of least cost routing"),
    "micollabExtension": Fate("use by MiCollab"),
    "extensionVO": _UNKNOWN,
    # Generic extension data: the target has its own names for LIM, profile, customer and language.
    **dict.fromkeys(("gedi.lim", "gedi.domainName", "gedi.csp", "gedi.cust", "gedi.lang"), _BY_ITSELF),
    **dict.fromkeys(("gedi.terminalTypes", "gedi.lic", "gedi.licedn"), _BY_ITSELF),
    "gedi.groupNumber": Fate("alias or group number", column="individualAliasNumber"),
    "gedi.bstarModel": Fate("BluStar model"),
    "gedi.videoFunction": Fate("video"),
    "gedi.amc": Fate("mobile client"),
    "gedi.maxter": Fate("number of terminals", of_value=False),
    # Of no use without a telephone of the kind that has it.
    "gedi.lang.langID": Fate("phoneLanguage", of_value=False, column="phoneLanguage"),
    "gedi.spopt": Fate("phoneType", of_value=False),
    "gedi.secexc": Fate("allowSecurityException", of_value=False),
    **{f"gedi.{short}": Fate(readable, of_value=False) for short, readable, _convert in SERVICES},
    **dict.fromkeys(("niin.cust", "niin.nrType", "niin.limnumber", "niin.rounumber"), _BY_ITSELF),
    "niin.auxInfoText": Fate("second text of the name"),
    "niin.cti": Fate("computer telephony mark of the name", of_value=False),
    # Where a telephone that logs on happens to be.
    **dict.fromkeys(("ipex.ipaddress", "ipex.protocol", "ipex.autreg", "ipex.rasport"), _BY_ITSELF),
    **dict.fromkeys(("ipex.csport", "ipex.termid", "ipex.uri", "ipex.iptype"), _BY_ITSELF),
    "ipex.slineacc": Fate("singleLineAccess", of_value=False),
    "ipex.macaddr": Fate("macAddress", of_value=False, column="macAddress"),
    "ipex.defMobNum": Fate("defaultRemoteNumber", column="defaultRemoteNumber"),
    "ipex.password": Fate("the IP telephone's own password"),
    "iper": _BY_ITSELF,
    "reexvos.actMobNum": Fate("the mobile number in force"),
    # Told as the handset's registration.
    **dict.fromkeys(("cxakp.accessRights", "cxakp.autpar"), _BY_ITSELF),
    "auco.category": _BY_ITSELF,
    # Told as a code whose text PM does not show.
    "auco.auth": _BY_ITSELF,
    "nutr": Fate("number translation"),
    "nutr.remNum": Fate("receivedANumber", column="receivedANumber"),
    # States, and what users have switched on at the telephone.
    "susi": _BY_ITSELF,
    "susi.activeDiversions": Fate("active diversion"),
    "susi.additionalInfo.fme": Fate("follow-me"),
    "susi.additionalInfo.ecf": Fate("external follow-me"),
    "susi.additionalInfo.authlock": Fate("lock by code", of_value=False),
    "pelcvo": Fate("state of the personal number lists", of_value=False),
    "cdidp": Fate("individual diversion"),
    "spexp": Fate("special purpose"),
    "emergencyLocation": Fate("emergency location"),
    # Digital and analogue telephones, which no call makes; their categories come from the service profile.
    **dict.fromkeys(("ksddp", "ksadp", "ksanp"), Fate("digital telephone")),
    **dict.fromkeys(("exddp", "exadp"), Fate("analogue telephone")),
    **dict.fromkeys(("kscap", "excap"), Fate("category, which the service profile sets today", of_value=False)),
}


def fate_of(path: tuple[str, ...]) -> tuple[Fate, tuple[str, ...]]:
    """What becomes of the member at *path* (without positions), and the part of the path that the words do not name."""
    # Every print-out repeats the number.
    if path[1:] == ("dir",):
        return _BY_ITSELF, ()
    for length in range(len(path), 0, -1):
        fate = _FATES.get(".".join(path[:length]))
        if fate is not None:
            return fate, path[length:]
    return _UNKNOWN, path
