"""Virtual extensions: numbers without a terminal of their own (PM API 6.6, 6.11, 6.1)."""

from __future__ import annotations

from pmbulk.entities.extension_fields import HomedExtension
from pmbulk.entities.extension_kinds import extension_entity
from pmbulk.entities.extension_record import ExtensionKind

__all__ = ["VIRTUAL_EXTENSIONS"]


class VirtualExtension(HomedExtension):
    """A number without a terminal."""


VIRTUAL_EXTENSIONS = extension_entity(
    ExtensionKind.VIRTUAL,
    VirtualExtension,
    sheet="virtual_extensions",
    title="virtual extension",
    help="Numbers without a terminal, for example to be diverted.",
    create="createVirtualExtension",
    update="updateVirtualExtension",
)
