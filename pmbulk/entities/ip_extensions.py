"""IP extensions: telephone numbers with SIP or H.323 terminals in a telephony subsystem (PM API 6.9, 6.15, 6.1)."""

from __future__ import annotations

from pmbulk.entities.extension_fields import HomedExtension, SecuredTerminal, Telephone
from pmbulk.entities.extension_kinds import extension_entity
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.extension_terminals import AutomaticSipRegistration, IpTerminal, SipRemoteExtension, remote_findings
from pmbulk.entities.fields import field_
from pmbulk.entities.model import Operation, Record
from pmbulk.errors import Finding

__all__ = ["IP_EXTENSIONS"]


class IpExtension(IpTerminal, SecuredTerminal, Telephone, HomedExtension):
    """A number with IP terminals."""

    ip_extension_type: str | None = field_(
        "ipExtensionType", label="IP extension type", example="IPManualLogin", initial="IPManualLogin", source="FIELDS 1a"
    )
    # The capitals are PM's own (QUIRKS 115).
    call_park_pool: bool | None = field_(
        "allowExtensioninCallParkPoolGroup", label="Allow extension in call park pool group", readable=False, source="FIELDS 1a"
    )
    automatic_sip_registration: AutomaticSipRegistration | None = field_("automaticSIPRegistration")
    sip_remote_extension: SipRemoteExtension | None = field_("sipRemoteExtension")


def _judge(record: Record) -> list[Finding]:
    if record.operation is not Operation.CREATE:
        return []
    remote = record.body.sip_remote_extension
    return remote_findings([("sipRemoteExtension.", remote)] if remote is not None else [])


IP_EXTENSIONS = extension_entity(
    ExtensionKind.IP,
    IpExtension,
    sheet="ip_extensions",
    title="IP extension",
    help="Telephone numbers with SIP or H.323 terminals.",
    create="createIpExtension",
    update="updateIpExtension",
    judge=_judge,
)
