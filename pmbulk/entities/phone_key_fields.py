"""The fields of a telephone's key, and what value each function of a key takes (PM API 15, FIELDS 6); pure."""

from __future__ import annotations

import re
from typing import Final

from pmbulk.entities.fields import Fields, field_

__all__ = ["EMPTY", "PhoneKey", "value_fault"]

#: The type of a key without a function.
EMPTY: Final = "EMPTY"

_FUNCTIONS: Final = tuple(
    "DMN EDN GMA LOCK MCT MNS MOB MOI MXFER PEN PGM REC SCA SCABR SXFER TNS XML".split()  # noqa: SIM905 - reads as the list it is
)
_NUMBER: Final = (re.compile(r"[0-9]{2,20}"), "a number of 2 to 20 digits")
_DIALLED: Final = (re.compile(r"[0-9+*#,]{1,200}"), "1 to 200 of the characters 0-9 + * # and comma")
_ADDRESS: Final = (re.compile(r".{7,240}"), "an address of 7 to 240 characters")
_NOTHING: Final = (re.compile(r""), "blank")

#: Function → the form of its value and that form in words; the others' values are not known.
_VALUES: Final = {
    "TNS": _DIALLED,
    "SXFER": _DIALLED,
    "DMN": _NUMBER,
    "MNS": _NUMBER,
    "MXFER": _NUMBER,
    "GMA": _NUMBER,
    "EDN": (re.compile(r".+"), "a line number"),
    "REC": _ADDRESS,
    "XML": _ADDRESS,
    "MCT": _NOTHING,
    "LOCK": _NOTHING,
    "MOB": _NOTHING,
}


class PhoneKey(Fields):
    """One key of the telephone or of its panel."""

    position: int | None = field_("keyPosition", example="3", help="Which key it is.", source="FIELDS 6")
    logical_id: int | None = field_(
        "logicalKeyId", help="Depends on the telephone; blank for what PM has at the position.", source="FIELDS 6"
    )
    kind: str | None = field_("keyType", help=f"{EMPTY} for a key without a function.", source="FIELDS 6")
    function: str | None = field_("keyFunction", example="TNS", advised_choices=_FUNCTIONS, source="FIELDS 6")
    value: str | None = field_("keyFunctionValue", example="1002", help="What the function needs: a number, an address.", source="FIELDS 6")
    text: str | None = field_("displayText", rule="1 to 24 characters", min_length=1, max_length=24, source="FIELDS 6")
    editable: bool | None = field_("isEditable", help="PM's own; may stay blank.", source="FIELDS 6")


def value_fault(function: str, value: str) -> str:
    """What the *value* of a key with this *function* must be, in words, where it is not; otherwise empty."""
    form, words = _VALUES.get(function.upper(), (None, ""))
    return words if form is not None and form.fullmatch(value) is None else ""
