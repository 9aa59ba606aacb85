"""Multi-terminal extensions: one number that rings several terminals (PM API 6.7, 6.13, 6.1)."""

from __future__ import annotations

from pmbulk.entities.extension_fields import HomedExtension, SecuredTerminal, Telephone
from pmbulk.entities.extension_kinds import extension_entity
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.extension_terminals import (
    AutomaticSipRegistration,
    DectTerminal,
    IpTerminal,
    MobileTerminal,
    SipRemoteExtension,
    handset_findings,
    remote_findings,
)
from pmbulk.entities.fields import field_
from pmbulk.entities.model import Operation, Record
from pmbulk.errors import Finding, Severity

__all__ = ["MULTI_TERMINAL_EXTENSIONS"]


class IpTerminals(IpTerminal):
    """Telephones that log on at the PBX."""

    maximum_terminals: int | None = field_(
        "maximumTerminals",
        initial="1",
        help="How many may log on at once; an update can only raise it.",
        rule="a number from 1 to 8",
        ge=1,
        le=8,
        source="FIELDS 1b",
    )


class MultiTerminalExtension(SecuredTerminal, Telephone, HomedExtension):
    """A number with several terminals."""

    dect_extension: DectTerminal | None = field_("dectExtension", label="DECT extension")
    mobile_extension: MobileTerminal | None = field_("mobileExtension")
    ip_extension: IpTerminals | None = field_("ipExtension", label="IP extension")
    sip_remote_extension: list[SipRemoteExtension] | None = field_("sipRemoteExtension")
    automatic_sip_registration: AutomaticSipRegistration | None = field_("automaticSIPRegistration")


def _judge(record: Record) -> list[Finding]:
    body, dect = record.body, record.body.dect_extension
    findings = handset_findings(dect.identity, "dectExtension.") if dect is not None else []
    if record.operation is not Operation.CREATE:
        return findings
    findings += remote_findings(
        (f"sipRemoteExtension.{position}.", one) for position, one in enumerate(body.sip_remote_extension or (), start=1)
    )
    terminals = (dect, body.mobile_extension, body.ip_extension, body.sip_remote_extension, body.automatic_sip_registration)
    if all(terminal is None for terminal in terminals):
        findings.append(Finding("", "no terminal is filled in; PM shows a number without one as a virtual extension", Severity.WARNING))
    return findings


MULTI_TERMINAL_EXTENSIONS = extension_entity(
    ExtensionKind.MULTI_TERMINAL,
    MultiTerminalExtension,
    sheet="multi_terminal_extensions",
    title="multi-terminal extension",
    help="Numbers that ring several terminals: IP, DECT, mobile, SIP.",
    create="createMultiTerminalExtension",
    update="updateMultiTerminalExtension",
    judge=_judge,
)
