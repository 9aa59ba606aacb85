"""
What a telephone's key may do and what that needs (FIELDS 6).

Pure. A function that is not in the table is let through: the list is the telephony system's, and whether PM's is the same is inferred.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError

__all__ = ["check_key"]

_NUMBER: Final = (r"[0-9]{2,20}", "2 to 20 digits")
_DIALLED: Final = (r"[0-9+*#,]{1,200}", "1 to 200 of the characters 0-9 + * # and comma")
_ADDRESS: Final = (r".{7,240}", "an address of 7 to 240 characters")
_NOTHING: Final = (r"", "empty")

#: Function → the form of its value, and that form in words.
_VALUES: Final = {
    "TNS": _DIALLED,
    "SXFER": _DIALLED,
    "DMN": _NUMBER,
    "MNS": _NUMBER,
    "MXFER": _NUMBER,
    "GMA": _NUMBER,
    "EDN": (r".+", "a line number"),
    "PEN": (r"|[0-9]{1,20}", "a number or empty"),
    "REC": _ADDRESS,
    "XML": _ADDRESS,
    "MCT": _NOTHING,
    "LOCK": _NOTHING,
    "MOB": _NOTHING,
}


def check_key(key: dict[str, Any], *, has_call_list: bool) -> None:
    """
    Holds a *key* against the rules; *has_call_list* says whether the extension has a personal number.

    Raises:
        RefusedError: 400 for the first rule that it breaks.
    """
    if not key.get("keyFunction"):
        if key.get("keyType") == "EMPTY":
            return
        raise RefusedError(400, "keyFunction is mandatory for a key in use", code="MANDATORY")
    if len(key.get("displayText", "")) > 24:
        raise RefusedError(400, "displayText must be at most 24 characters", code="INVALID_FIELD")
    function = key["keyFunction"]
    form, words = _VALUES.get(function, (r".*", ""))
    if not re.fullmatch(form, key.get("keyFunctionValue", "")):
        raise RefusedError(400, f"keyFunctionValue of {function} must be {words}", code="INVALID_FIELD")
    if function == "PEN" and not has_call_list:
        raise RefusedError(400, "A PEN key needs a personal number list", code="INVALID_FIELD")
