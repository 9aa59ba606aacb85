"""Cordless extensions: numbers with a DECT handset (PM API 6.10, 6.17, 6.1); PM's type for them is DECT (QUIRKS 49)."""

from __future__ import annotations

from pmbulk.entities.extension_fields import ExtensionFields, Telephone
from pmbulk.entities.extension_kinds import extension_entity
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.extension_terminals import DectTerminal, handset_findings
from pmbulk.entities.fields import field_
from pmbulk.entities.model import Record
from pmbulk.errors import Finding

__all__ = ["CORDLESS_EXTENSIONS"]


class CordlessExtension(DectTerminal, Telephone, ExtensionFields):
    """A number with a DECT handset."""

    allow_third_party_client: bool | None = field_("allowThirdPartyClient", help="Allows a terminal of another make.", source="FIELDS 1a")


def _judge(record: Record) -> list[Finding]:
    return handset_findings(record.body.identity)


CORDLESS_EXTENSIONS = extension_entity(
    ExtensionKind.CORDLESS,
    CordlessExtension,
    sheet="cordless_extensions",
    title="cordless extension",
    help="Numbers with a DECT handset.",
    create="createCordlessExtension",
    update="updateCordlessExtension",
    judge=_judge,
)
