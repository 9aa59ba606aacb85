"""
Chapter 4: system options.

Holds which options there are to switch; an option here is always true or false, as the document prints it (QUIRKS 67).
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.paging import SortKeys, items_page, search_text
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import SystemOption

__all__: list[str] = []

_SORT_KEYS: Final[SortKeys[SystemOption]] = {
    "optionid": lambda option: option.option_id,
    "optionName": lambda option: option.name.casefold(),
}


@operation("listSystemOptions")
def list_system_options(call: Call) -> list[dict[str, Any]]:
    """One page of the options whose name holds the text looked for."""
    sought = search_text(call)
    found = [each for each in call.world.options.values() if sought in each.name.casefold()]
    return items_page(call, found, _shown, first_page=call.settings.options_first_page, keys=_SORT_KEYS)


@operation("updateSystemOptions")
def update_system_options(call: Call) -> dict[str, Any]:
    """The last of the options that were sent, although all are changed (QUIRKS 66); none is if one is wrong."""
    sent = call.body.get("options", [])
    if not sent:
        raise RefusedError(400, "options is mandatory", code="MANDATORY")
    changes = [(_found(call, each), _value(each)) for each in sent]
    for option, value in changes:
        option.value = value
    return _shown(changes[-1][0])


def _found(call: Call, sent: dict[str, Any]) -> SystemOption:
    option = call.world.options.get(sent.get("optionid", 0))
    if option is None:
        raise RefusedError(400, f"There is no option {sent.get('optionid', 0)}", code="UNKNOWN_OPTION")
    return option


def _value(sent: dict[str, Any]) -> bool:
    if "value" not in sent:
        raise RefusedError(400, "options.value is mandatory", code="MANDATORY")
    return bool(sent["value"])


def _shown(option: SystemOption) -> dict[str, Any]:
    return {"optionid": option.option_id, "optionName": option.name, "value": option.value}
