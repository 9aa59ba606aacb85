"""
Chapter 14: the terminal selection of an extension (ONS).

What the entries mean is not documented, so nothing but their identity is looked at.
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.personal_numbers import shown_personal_number
from pmbulk.simulator.registry import Call, operation

__all__: list[str] = []


@operation("getOnsList")
def get_ons_list(call: Call) -> dict[str, Any]:
    """The entries of an extension."""
    return {"onsVo": call.extension().ons}


@operation("updateOns")
def update_ons(call: Call) -> dict[str, Any]:
    """
    The personal number of the extension, as the document prints it (QUIRKS 61), after its entries were replaced.

    Where updates merge, entries that are left out stay. The block ``info`` is a result, and is not looked at (QUIRKS 97).
    """
    extension = call.extension()
    sent = call.body.get("onsVo")
    if sent is None:
        raise RefusedError(400, "onsVo is mandatory", code="MANDATORY")
    entries = {each["onsid"]: each for each in extension.ons} if call.settings.updates_merge else {}
    named = [each["onsid"] for each in sent if each.get("onsid")]
    if len(named) != len(set(named)):
        raise RefusedError(400, "onsVo has the same onsid twice", code="DUPLICATE")
    for each in sent:
        own_id = each.get("onsid") or _free_id({*entries, *named})
        entries[own_id] = each | {"onsid": own_id}
    extension.ons = list(entries.values())
    return shown_personal_number(extension)


def _free_id(taken: set[str]) -> str:
    number = 1
    while str(number) in taken:
        number += 1
    return str(number)
