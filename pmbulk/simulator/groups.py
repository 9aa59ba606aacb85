"""
Chapter 9: the groups that an extension belongs to.

Read only; they are written with the extension (QUIRKS 72).
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.registry import Call, operation

__all__: list[str] = []


@operation("getGroupSetup")
def get_group_setup(call: Call) -> dict[str, Any]:
    """The pickup, do-not-disturb and hunt groups of an extension."""
    extension = call.extension()
    hunt_group = extension.body.get("huntGroup", {}).get("huntGroupNumber", "")
    return {
        "extensionId": str(extension.extension_id),
        "groupSetupVO": {
            "dir": extension.number,
            "groupBelongingsVO": {
                "dir": extension.number,
                "pickupGroup": _group(extension.body.get("callPickupGroup", "")),
                "doNotDisturbGroup": _group(extension.body.get("groupDoNotDisturb", "")),
            },
            "huntGroups": [{"grp": hunt_group}] if hunt_group else [],
        },
    }


def _group(written: str) -> dict[str, str]:
    """A group by number or by name: which of the two is written is not documented (FIELDS 1a)."""
    if not written:
        return {}
    return {"name": f"Group {written}", "grp": written} if written.isdecimal() else {"name": written}
