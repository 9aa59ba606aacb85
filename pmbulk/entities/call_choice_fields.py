"""The fields of a call choice, which three of the personal number's sheets share, and what makes one wrong (PM API 16, FIELDS 6)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import key_of
from pmbulk.errors import Finding, Severity

__all__ = ["CallChoice", "DelayList", "call_list_key", "judge_choice", "up_to_ten"]

#: Positions of a list, and lists of an extension.
_LAST: Final = 10
#: Ends the list and reroutes the call.
_REROUTE: Final = 11

#: A field whose facts are from where most of them are.
_field: Final = partial(field_, source="FIELDS 6")


def up_to_ten(api: str, help_text: str, *, label: str = "") -> Any:
    """A field that holds the number of one of the extension's lists, or of a position in one."""
    return _field(api, label=label, example="1", help=help_text, rule=f"a number from 1 to {_LAST}", ge=1, le=_LAST)


class Origins(Fields):
    """Whose calls the choice is for."""

    internal: bool | None = _field("intPri", label="Internal and private origins")
    operator: bool | None = _field("opi", label="Operator origin")
    public: bool | None = _field("pub", label="Public origin")


class DelayList(Fields):
    """An existing delay seizure list."""

    list_number: int | None = _field("listNumber")
    list_name: str | None = _field("listName")


class CallChoice(Fields):
    """One position of a list: where the call goes, and for how long."""

    number: int | None = up_to_ten("chono", "The position in the list.", label="Position in the list")
    destination: str | None = _field("anspos", label="Answering position", required=True, example="1002", help="Where the call goes.")
    seconds: int | None = _field("stime", label="Ringing time", example="60", help="Seconds; 60 is usual.")
    on_busy: int | None = _field(
        "bsycho",
        label="Choice on busy",
        help="Where it goes on when busy: 0 nowhere, a later position, 11 end and reroute.",
        rule=f"0, {_REROUTE} or a later position up to {_LAST}",
        ge=0,
        le=_REROUTE,
    )
    on_do_not_disturb: int | None = _field(
        "dndposition",
        label="Position on do not disturb",
        help="Like bsycho, when the destination does not want to be disturbed.",
        rule=f"0, {_REROUTE} or a later position up to {_LAST}",
        advised=r"0|[2-9]|1[01]",
    )
    origins: Origins | None = field_("orgsel")
    one_call: bool | None = _field("onecal", label="One call")
    sms_support: bool | None = _field("smssupport", label="SMS support")
    im_support: bool | None = _field("imsupport", label="IM support")
    cfipt: bool | None = _field("cfipt", label="CFIPT")
    follow_me: bool | None = _field("fme", label="Follow me")
    external_follow_me: bool | None = _field("efme", label="External follow me")
    divert_immediate: bool | None = _field("divimmediate", label="Divert immediately")
    divert_on_busy: bool | None = _field("divonBusy", label="Divert on busy")
    divert_on_no_reply: bool | None = _field("divonNoReply", label="Divert on no reply")
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
