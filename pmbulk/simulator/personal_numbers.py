"""
Chapter 16: the personal number of an extension, up to ten lists of up to ten choices.

Holds both of its shapes, the lists with their choices apart (v2) and the whole in one object (v1); what is refused stands in `call_choices`.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.call_choices import check_list_number, checked_choice, checked_choices
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.shapes import integer
from pmbulk.simulator.state import CallList, Extension

__all__ = ["check_extension_id", "shown_personal_number"]

#: What the two deletes answer: a placeholder of the document, not a status (QUIRKS 12).
_DELETED: Final = "100 CONTINUE"


@operation("getPersonalNumberLists")
def get_personal_number_lists(call: Call) -> dict[str, Any]:
    """The lists of an extension, without their choices."""
    return _shown_lists(call.extension())


@operation("createPersonalNumberList")
def create_personal_number_list(call: Call) -> dict[str, Any]:
    """All lists of the extension after the new one was added; a new active list ends the activity of the others."""
    extension = _named(call)
    sent = call.body.get("list", {})
    number = check_list_number(sent.get("listNo", 0), "list.listNo")
    if number in extension.call_lists:
        raise RefusedError(400, f"Extension {extension.number} has a list {number} already", code="DUPLICATE")
    sent_choices = call.body.get("chos", [])
    if call.settings.demand_recommended and not sent_choices:
        raise RefusedError(400, "chos is mandatory", code="MANDATORY")
    new = CallList(number, sent.get("listName", ""), sent.get("delayListNumber", ""), choices=checked_choices(sent_choices))
    extension.call_lists[number] = new
    if sent.get("isActive"):
        _activate(extension, number)
    return _shown_lists(extension)


@operation("updatePersonalNumberLists")
def update_personal_number_lists(call: Call) -> dict[str, Any]:
    """All lists of the extension after their names and activity were changed; lists that are left out stay as they are."""
    extension = _named(call)
    sent = call.body.get("list", [])
    changes = [(_found_list(extension, each.get("listNo", 0), missing=400), each) for each in sent]
    active = [each.number for each, change in changes if change.get("isActive")]
    if len(active) > 1 or (active and call.body.get("allInactive")):
        raise RefusedError(400, "Only one list can be active", code="INVALID_FIELD")
    for call_list, change in changes:
        call_list.name = change.get("listName", call_list.name)
        call_list.delay_list = change.get("delayListNumber", call_list.delay_list)
        call_list.active = change.get("isActive", call_list.active)
    if active or call.body.get("allInactive"):
        _activate(extension, active[0] if active else None)
    return _shown_lists(extension)


@operation("deletePersonalNumberList")
def delete_personal_number_list(call: Call) -> str:
    """A word that means nothing; the list is gone (QUIRKS 12)."""
    extension = call.extension()
    del extension.call_lists[_asked_list(call, extension).number]
    return _DELETED


@operation("getCallList")
def get_call_list(call: Call) -> dict[str, Any]:
    """The choices of one list."""
    return {"chos": _choices(_asked_list(call, call.extension()))}


@operation("getCallChoice")
def get_call_choice(call: Call) -> dict[str, Any]:
    """One choice of a list."""
    call_list = _asked_list(call, call.extension())
    return _found_choice(call_list, call.number("choiceNumber"))


@operation("createCallChoice")
def create_call_choice(call: Call) -> dict[str, Any]:
    """The choice as it was added to a list; which one it is stands in its body (QUIRKS 95)."""
    call_list = _asked_list(call, call.extension())
    choice = checked_choice(call.body)
    if choice["chono"] in call_list.choices:
        raise RefusedError(400, f"List {call_list.number} has a choice {choice['chono']} already", code="DUPLICATE")
    call_list.choices[choice["chono"]] = choice
    return choice


@operation("updateCallChoice")
def update_call_choice(call: Call) -> dict[str, Any]:
    """The changed choice; which one it is stands in its body (QUIRKS 95)."""
    call_list = _asked_list(call, call.extension())
    old = _found_choice(call_list, call.body.get("chono", 0))
    new = checked_choice(call.updated(old))
    call_list.choices[new["chono"]] = new
    return new


@operation("deleteCallChoice")
def delete_call_choice(call: Call) -> str:
    """A word that means nothing; the choice is gone (QUIRKS 12)."""
    call_list = _asked_list(call, call.extension())
    del call_list.choices[_found_choice(call_list, call.number("choiceNumber"))["chono"]]
    return _DELETED


@operation("getPersonalNumberDetails")
def get_personal_number_details(call: Call) -> dict[str, Any]:
    """The lists with their choices, and the status of the extension, in one object."""
    return shown_personal_number(call.extension())


@operation("updatePersonalNumberDetails")
def update_personal_number_details(call: Call) -> dict[str, Any]:
    """
    The changed personal number: the lists that were sent, and where updates merge those that were left out.

    Which list is active stays; the status blocks are not looked at (DOMAIN 5).
    """
    extension = _named(call)
    sent = call.body.get("personalNumberVO", {}).get("pelp", {}).get("lists")
    if sent is None:
        raise RefusedError(400, "personalNumberVO.pelp.lists is mandatory", code="MANDATORY")
    lists = dict(extension.call_lists) if call.settings.updates_merge else {}
    for each in sent:
        number = check_list_number(each.get("listno", 0), "listno")
        old = extension.call_lists.get(number)
        lists[number] = CallList(
            number,
            each.get("listName", ""),
            each.get("delayListNumber", ""),
            active=old is not None and old.active,
            choices=checked_choices(each.get("chos", [])),
        )
    extension.call_lists = lists
    return shown_personal_number(extension)


def shown_personal_number(extension: Extension) -> dict[str, Any]:
    """The personal number in one object, which two other chapters answer with too (QUIRKS 60, 61)."""
    active = next((each.number for each in extension.call_lists.values() if each.active), None)
    diversions = [] if active is None else [f"Personal number list {active}"]
    return {
        "extensionId": str(extension.extension_id),
        "personalNumberVO": {
            "dir": extension.number,
            "pelp": {
                "dir": extension.number,
                "cust": extension.body.get("customer", "0"),
                "lists": [
                    {"listno": each.number, "listName": each.name, "delayListNumber": each.delay_list, "chos": _choices(each)}
                    for each in _in_order(extension)
                ],
            },
            "susi": {
                "dir": extension.number,
                "lineStatus": "idle",
                "listno": "" if active is None else str(active),
                "activeDiversions": {"activeDiversion": diversions},
            },
            "pelc": {"dir": extension.number, "fme": "0"},
        },
    }


def check_extension_id(extension: Extension, sent: str) -> None:
    """
    Holds the member ``extensionId`` of a body against the extension of the path; it may be the id or the number (QUIRKS 48).

    Raises:
        RefusedError: 400 if it is neither.
    """
    if sent not in ("", "0", str(extension.extension_id), extension.number):
        raise RefusedError(400, "extensionId in the body is not the extension in the path", code="ID_MISMATCH")


def _named(call: Call) -> Extension:
    extension = call.extension()
    check_extension_id(extension, call.body.get("extensionId", ""))
    return extension


def _asked_list(call: Call, extension: Extension) -> CallList:
    return _found_list(extension, call.number("listNumber"), missing=404)


def _found_list(extension: Extension, number: int, *, missing: int) -> CallList:
    if number not in extension.call_lists:
        raise RefusedError(missing, f"Extension {extension.number} has no list {number}", code="NOT_FOUND")
    return extension.call_lists[number]


def _found_choice(call_list: CallList, number: int) -> dict[str, Any]:
    if number not in call_list.choices:
        raise RefusedError(404, f"List {call_list.number} has no choice {number}", code="NOT_FOUND")
    return call_list.choices[number]


def _activate(extension: Extension, number: int | None) -> None:
    """Makes one list active, or none; there is never more than one (FIELDS 6, inferred)."""
    for each in extension.call_lists.values():
        each.active = each.number == number


def _in_order(extension: Extension) -> list[CallList]:
    return [extension.call_lists[number] for number in sorted(extension.call_lists)]


def _choices(call_list: CallList) -> list[dict[str, Any]]:
    return [call_list.choices[number] for number in sorted(call_list.choices)]


def _shown_lists(extension: Extension) -> dict[str, Any]:
    lists = _in_order(extension)
    named = sorted({number for each in lists if (number := integer(each.delay_list) or 0) > 0})
    return {
        "extensionId": str(extension.extension_id),
        "list": [
            {"isActive": each.active, "listNo": each.number, "delayListNumber": each.delay_list, "listName": each.name} for each in lists
        ],
        "allInactive": not any(each.active for each in lists),
        "delayseizurelist": [{"listNumber": number, "listName": f"Delay {number}"} for number in named],
    }
