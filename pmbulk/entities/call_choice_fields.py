"""The fields of a call choice, which three of the personal number's sheets share, and what makes one wrong (PM API 16, FIELDS 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import key_of
from pmbulk.errors import Finding, Severity

__all__ = ["CallChoice", "DelayList", "call_list_key", "judge_choice", "up_to_ten"]

#: Positions of a list, and lists of an extension.
_LAST: Final = 10
#: Ends the list and reroutes the call.
_REROUTE: Final = 11


def up_to_ten(api: str, help_text: str, *, label: str = "") -> Any:
    """A field that holds the number of one of the extension's lists, or of a position in one."""
    return field_(api, label=label, example="1", help=help_text, rule=f"a number from 1 to {_LAST}", ge=1, le=_LAST, source="FIELDS 6")


class Origins(Fields):
    """Whose calls the choice is for."""

    internal: bool | None = field_("intPri", label="Internal and private origins", source="FIELDS 6")
    operator: bool | None = field_("opi", label="Operator origin", source="FIELDS 6")
    public: bool | None = field_("pub", label="Public origin", source="FIELDS 6")


class DelayList(Fields):
    """An existing delay seizure list."""

    list_number: int | None = field_("listNumber", source="FIELDS 6")
    list_name: str | None = field_("listName", source="FIELDS 6")


class CallChoice(Fields):
    """One position of a list: where the call goes, and for how long."""

    number: int | None = up_to_ten("chono", "The position in the list.", label="Position in the list")
    destination: str | None = field_(
        "anspos", label="Answering position", required=True, example="1002", help="Where the call goes.", source="FIELDS 6"
    )
    seconds: int | None = field_("stime", label="Ringing time", example="60", help="Seconds; 60 is usual.", source="FIELDS 6")
    on_busy: int | None = field_(
        "bsycho",
        label="Choice on busy",
        help="Where it goes on when busy: 0 nowhere, a later position, 11 end and reroute.",
        rule=f"0, {_REROUTE} or a later position up to {_LAST}",
        ge=0,
        le=_REROUTE,
        source="FIELDS 6",
    )
    on_do_not_disturb: int | None = field_(
        "dndposition",
        label="Position on do not disturb",
        help="Like bsycho, when the destination does not want to be disturbed.",
        rule=f"0, {_REROUTE} or a later position up to {_LAST}",
        advised=r"0|[2-9]|1[01]",
        source="FIELDS 6",
    )
    origins: Origins | None = field_("orgsel")
    one_call: bool | None = field_("onecal", label="One call", source="FIELDS 6")
    sms_support: bool | None = field_("smssupport", label="SMS support", source="FIELDS 6")
    im_support: bool | None = field_("imsupport", label="IM support", source="FIELDS 6")
    cfipt: bool | None = field_("cfipt", label="CFIPT", source="FIELDS 6")
    follow_me: bool | None = field_("fme", label="Follow me", source="FIELDS 6")
    external_follow_me: bool | None = field_("efme", label="External follow me", source="FIELDS 6")
    divert_immediate: bool | None = field_("divimmediate", label="Divert immediately", source="FIELDS 6")
    divert_on_busy: bool | None = field_("divonBusy", label="Divert on busy", source="FIELDS 6")
    divert_on_no_reply: bool | None = field_("divonNoReply", label="Divert on no reply", source="FIELDS 6")
    delay_list: DelayList | None = field_("delayList")


def call_list_key(extension: Any, number: Any) -> str:
    """The key under which rows know a list; PM finds it without a subsystem (QUIRKS 45)."""
    return key_of("call_list", extension, number)


def judge_choice(choice: Any, prefix: str, *, number: int | None) -> Iterator[Finding]:
    """What is wrong with a *choice* at position *number* whose headers begin with *prefix*."""
    if number is None:
        return
    places = ((choice.on_busy, "bsycho", Severity.ERROR), (choice.on_do_not_disturb, "dndposition", Severity.WARNING))
    for place, name, severity in places:
        if place not in (None, 0, _REROUTE) and place <= number:
            message = f"is {place}, which is no position behind {number}; type 0, {_REROUTE} or a later position"
            yield Finding(f"{prefix}{name}", message, severity)
