"""
Chapter 15: the keys of an extension's telephone, and the telephones and panels that there are.

Keys are read in groups and written as changes (QUIRKS 70). What a key may do stands in `key_functions`.
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.key_functions import check_key
from pmbulk.simulator.personal_numbers import check_extension_id
from pmbulk.simulator.phones import PANELS, PHONES, Panel
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Extension

__all__: list[str] = []

Keys = dict[int, dict[str, Any]]


@operation("listPhoneTypes")
def list_phone_types(call: Call) -> list[dict[str, Any]] | dict[str, Any]:
    """The telephones that PM knows, or the first (QUIRKS 64)."""
    shown = [phone.shown() for phone in PHONES.values()]
    return shown if call.settings.phone_lists_as_list else shown[0]


@operation("listPhonePanels")
def list_phone_panels(call: Call) -> list[dict[str, Any]] | dict[str, Any]:
    """The panels that a telephone may have, or the first (QUIRKS 64)."""
    phone = call.text("phoneTypeKey")
    if phone not in PHONES:
        raise RefusedError(404, f"There is no phone type {phone}", code="NOT_FOUND")
    shown = [panel.shown() for panel in PANELS.values() if panel.phone == phone]
    return shown if call.settings.phone_lists_as_list else shown[0]


@operation("getPhoneKeys")
def get_phone_keys(call: Call) -> dict[str, Any]:
    """All keys of a telephone in their groups; those without a function are empty ones."""
    extension = call.extension()
    panel = _panel(call.query["panelTypeKey"], missing=404)
    keys = extension.keys.get(panel.key, {})
    groups = PHONES[panel.phone].groups()
    return {
        "extensionId": str(extension.extension_id),
        **{name: _shown(positions, keys) for name, positions in groups.items()},
        "panelKeys": {module: _shown(positions, keys) for module, positions in panel.groups().items()},
    }


@operation("updatePhoneKeys")
def update_phone_keys(call: Call) -> dict[str, Any]:
    """The request's body again, after its keys were removed, changed and added in this order; none is if one is wrong."""
    extension = call.extension()
    check_extension_id(extension, call.body.get("extensionId", ""))
    if not call.body.get("phonePanelType"):
        raise RefusedError(400, "phonePanelType is mandatory", code="MANDATORY")
    if not any(call.body.get(member) for member in ("addedKeys", "updatedKeys", "removedKeys")):
        raise RefusedError(400, "addedKeys, updatedKeys or removedKeys is mandatory", code="MANDATORY")
    panel = _panel(call.body["phonePanelType"], missing=400)
    keys = dict(extension.keys.get(panel.key, {}))
    for key in call.body.get("removedKeys", ()):
        del keys[_used(keys, _position(panel, key))]
    for key in call.body.get("updatedKeys", ()):
        position = _used(keys, _position(panel, key))
        keys[position] = _kept(extension, position, {**keys[position], **key} if call.settings.updates_merge else key)
    for key in call.body.get("addedKeys", ()):
        position = _position(panel, key)
        if position in keys:
            raise RefusedError(400, f"Key {position} is in use", code="DUPLICATE")
        keys[position] = _kept(extension, position, key)
    extension.keys[panel.key], extension.panel = keys, panel.key
    return call.body


def _panel(key: str, *, missing: int) -> Panel:
    if key not in PANELS:
        raise RefusedError(missing, f"There is no panel type {key}", code="UNKNOWN_PANEL")
    return PANELS[key]


def _position(panel: Panel, key: dict[str, Any]) -> int:
    """Where a key is; the telephone with its panel must have one there."""
    last = max(positions.stop for positions in (*PHONES[panel.phone].groups().values(), *panel.groups().values())) - 1
    position = int(key.get("keyPosition", 0))
    if not 1 <= position <= last:
        raise RefusedError(400, f"keyPosition must be a number from 1 to {last} on {panel.key}", code="INVALID_FIELD")
    return position


def _used(keys: Keys, position: int) -> int:
    if position not in keys:
        raise RefusedError(400, f"Key {position} is not in use", code="NOT_FOUND")
    return position


def _kept(extension: Extension, position: int, key: dict[str, Any]) -> dict[str, Any]:
    check_key(key, has_call_list=bool(extension.call_lists))
    return {"logicalKeyId": position} | key


def _shown(positions: range, keys: Keys) -> list[dict[str, Any]]:
    return [{"keyPosition": each, "logicalKeyId": each, "keyType": "EMPTY", "isEditable": True} | keys.get(each, {}) for each in positions]
