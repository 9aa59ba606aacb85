"""Mobile extensions: numbers that ring a telephone in a public network (PM API 6.8, 6.14, 6.1)."""

from __future__ import annotations

from pmbulk.entities.extension_fields import HomedExtension, Telephone
from pmbulk.entities.extension_kinds import extension_entity
from pmbulk.entities.extension_record import ROUTE_TYPES, ExtensionKind
from pmbulk.entities.extension_terminals import MobileTerminal
from pmbulk.entities.fields import field_

__all__ = ["MOBILE_EXTENSIONS"]


class MobileExtension(MobileTerminal, Telephone, HomedExtension):
    """A number with a mobile telephone."""

    route_type: str | None = field_(
        "extensionRouteType",
        advised_choices=ROUTE_TYPES,
        example="ISDN",
        help="How the mobile is reached.",
        initial="ISDN",
        source="FIELDS 1a (inferred)",
    )
    direct_access: str | None = field_("mobileDirectAccessDest", readable=False, source="FIELDS 1a")
    force_through_pbx: bool | None = field_(
        "forceMobileThroughPBX",
        label="Force mobile through PBX",
        readable=False,
        help="Calls of the mobile go by the PBX.",
        source="FIELDS 1a",
    )


MOBILE_EXTENSIONS = extension_entity(
    ExtensionKind.MOBILE,
    MobileExtension,
    sheet="mobile_extensions",
    title="mobile extension",
    help="Numbers that ring a mobile telephone.",
    create="createMobileExtension",
    update="updateMobileExtension",
)
