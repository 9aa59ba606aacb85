"""
The telephones and key panels that the simulated PM knows, and where their keys are.

Pure data. Keys and names follow the form that is known (``Mitel6869i``); how many keys a model has is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

__all__ = ["PANELS", "PHONES", "Panel", "Phone"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A model of telephone; its keys are numbered through in the order of these four groups, from 1."""

    key: str
    order: int
    terminal_keys: int
    soft_keys: int
    line_keys: int
    more_keys: int

    def shown(self) -> dict[str, Any]:
        """The model as PM lists it; ``isActive`` is a text here (QUIRKS 111)."""
        name = self.key.replace("Mitel", "Mitel ")
        return {
            "phoneTypeKey": self.key,
            "phoneTypeValue": name,
            "description": f"{name} SIP phone",
            "displayName": name,
            "displayOrder": self.order,
            "isActive": "true",
        }

    def groups(self) -> dict[str, range]:
        """The positions of every group of keys, under PM's names."""
        groups, start = {}, 1
        sizes = {"terminalKeys": self.terminal_keys, "softKeys": self.soft_keys, "lineKeys": self.line_keys, "moreKeys": self.more_keys}
        for name, size in sizes.items():
            groups[name] = range(start, start + size)
            start += size
        return groups


@dataclass(frozen=True, slots=True)
class Panel:
    """What a telephone may be extended by, or nothing: *modules* with so many *keys_each* after the telephone's own keys."""

    key: str
    order: int
    phone: str
    model: str
    modules: int = 0
    keys_each: int = 0

    def shown(self) -> dict[str, Any]:
        """The panel as PM lists it."""
        name = f"{self.modules} x {self.model}" if self.modules else "No panel"
        return {
            "panelTypeKey": self.key,
            "panelTypeValue": name,
            "phoneTypeKey": self.phone,
            "description": f"{name} on {self.phone}",
            "displayName": name,
            "displayOrder": self.order,
            "panelModel": self.model,
        }

    def groups(self) -> dict[str, range]:
        """The positions of every module's keys; PM calls the modules what it likes (QUIRKS 71)."""
        start = max((positions.stop for positions in PHONES[self.phone].groups().values()), default=1)
        return {
            str(module + 1): range(start + module * self.keys_each, start + (module + 1) * self.keys_each) for module in range(self.modules)
        }


_PHONES: Final = (
    Phone("Mitel6863i", 1, terminal_keys=3, soft_keys=0, line_keys=2, more_keys=0),
    Phone("Mitel6865i", 2, terminal_keys=8, soft_keys=0, line_keys=2, more_keys=0),
    Phone("Mitel6867i", 3, terminal_keys=6, soft_keys=4, line_keys=2, more_keys=20),
    Phone("Mitel6869i", 4, terminal_keys=12, soft_keys=5, line_keys=2, more_keys=24),
)
#: Models by ``phoneTypeKey``.
PHONES: Final = MappingProxyType({phone.key: phone for phone in _PHONES})

#: Model of a panel → its keys, and the telephones that take up to three of it.
_MODULES: Final = {"M680i": (16, ("Mitel6865i", "Mitel6867i", "Mitel6869i")), "M685i": (28, ("Mitel6867i", "Mitel6869i"))}
_PANELS: Final = (
    *(Panel(phone.key, 0, phone.key, "") for phone in _PHONES),
    *(
        Panel(f"{phone}_{modules}_{model}", modules, phone, model, modules, keys)
        for model, (keys, phones) in _MODULES.items()
        for phone in phones
        for modules in (1, 2, 3)
    ),
)
#: Panels by ``panelTypeKey``; a telephone without one has its own key there.
PANELS: Final = MappingProxyType({panel.key: panel for panel in _PANELS})
