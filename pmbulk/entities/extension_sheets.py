"""Which sheet holds which kind of extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pmbulk.entities.cordless_extensions import CORDLESS_EXTENSIONS
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.ip_extensions import IP_EXTENSIONS
from pmbulk.entities.mobile_extensions import MOBILE_EXTENSIONS
from pmbulk.entities.model import Entity
from pmbulk.entities.multi_terminal_extensions import MULTI_TERMINAL_EXTENSIONS
from pmbulk.entities.virtual_extensions import VIRTUAL_EXTENSIONS

__all__ = ["SHEETS", "kind_of"]

#: The entity of each kind.
SHEETS: Final[Mapping[ExtensionKind, Entity]] = {
    ExtensionKind.IP: IP_EXTENSIONS,
    ExtensionKind.VIRTUAL: VIRTUAL_EXTENSIONS,
    ExtensionKind.MULTI_TERMINAL: MULTI_TERMINAL_EXTENSIONS,
    ExtensionKind.MOBILE: MOBILE_EXTENSIONS,
    ExtensionKind.CORDLESS: CORDLESS_EXTENSIONS,
}


def kind_of(entity: Entity) -> ExtensionKind | None:
    """The kind of the extensions that *entity*'s sheet holds; ``None`` where it holds none."""
    return next((kind for kind, sheet in SHEETS.items() if sheet is entity), None)
