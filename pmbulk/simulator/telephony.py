"""
Chapter 6, as far as it is about telephony subsystems and not their extensions: number series (6.3) and servers (6.5).

They are the telephony system's own; PM only shows them.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Lim

__all__: list[str] = []

_SERIES_TYPES: Final = frozenset(
    "All EX R1 R2 R3 AC AI OC OD OI OE ED EC PD RD DI DN LC CP EN DP PG GR FD".split()  # noqa: SIM905  # a list of codes reads best as one
)


@operation("getNumberSeries")
def get_number_series(call: Call) -> list[dict[str, str]] | dict[str, str]:
    """The number series of one type, or all."""
    kind = call.text("numberSeriesType")
    if kind not in _SERIES_TYPES:
        raise RefusedError(400, f"There is no number series type {kind}", code="UNKNOWN_TYPE")
    series = [
        {"start": each.start, "end": each.end, "numberType": each.kind}
        for each in call.subsystem(missing=404).series
        if kind in ("All", each.kind)
    ]
    if call.settings.number_series_as_list:
        return series
    return series[0] if series else {}


@operation("getServerDetails")
def get_server_details(call: Call) -> dict[str, Any]:
    """The LIMs of a telephony subsystem, and on which of them the numbers asked for are."""
    subsystem = call.subsystem(missing=404)
    asked = call.query["extensionNumber"]
    wanted = None if asked == "All" else {number.strip() for number in asked.split(",")}
    return {
        "extensionLimVOs": [
            {"extension": each.number, "limnumber": str(each.body.get("serverNumber", ""))}
            for each in call.world.extensions.values()
            if each.subsystem_id == subsystem.subsystem_id and (wanted is None or each.number in wanted)
        ],
        "lim": [_lim(each) for each in subsystem.lims],
    }


def _lim(lim: Lim) -> dict[str, Any]:
    return {
        "limnumber": str(lim.number),
        "limaddress": {"ipv4": lim.ipv4},
        "limtype": "MX-ONE",
        "lan0Address": lim.lan0,
        "lan1Address": lim.lan1,
    }
