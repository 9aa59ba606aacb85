"""IP extensions: telephone numbers with SIP or H.323 terminals in a telephony subsystem (PM API 6.9, 6.15, 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pmbulk.entities.extension_fields import LANGUAGES, ExtensionAddress, ExtensionFields
from pmbulk.entities.extension_record import ip_extension_body
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Found, Identity, Operation, Record, key_of
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import extension_key_part, subsystem
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, RejectedError, Severity

__all__ = ["IP_EXTENSIONS"]

_DELETABLE = frozenset({"IP", "REMOTE"})


class AutomaticSipRegistration(Fields):
    """A SIP terminal with a fixed address."""

    terminal_identity: str | None = field_(
        "terminalIdentity",
        example="sip:1001@pbx",
        rule="like sip:user@host, 7 to 100 characters",
        pattern=r"^sip:.+@.+$",
        min_length=7,
        max_length=100,
        source="FIELDS 1b",
    )
    single_line_access: bool | None = field_("singleLineAccess", source="FIELDS 1b")
    universal_resource_identifier: str | None = field_(
        "universalResourceIdentifier", rule="a SIP URI of 7 to 125 characters", min_length=7, max_length=125, source="FIELDS 1b"
    )
    port_number: str | None = field_("portNumber", rule="a port from 1 to 65535", advised=r"[0-9]{1,5}", source="FIELDS 1b")
    transport: str | None = field_("transport", readable=False, advised_choices=("udp", "tcp", "tls"), source="FIELDS 1b")
    translated_prefix: str | None = field_(
        "translatedBnumberPrefix", label="Translated B-number prefix", readable=False, source="FIELDS 1b"
    )


class SipRemoteExtension(Fields):
    """A SIP terminal or mobile behind a SIP route."""

    terminal_identity: str | None = field_(
        "terminalIdentity",
        rule="like sip:user@host, 7 to 100 characters",
        pattern=r"^sip:.+@.+$",
        min_length=7,
        max_length=100,
        source="FIELDS 1b",
    )
    trunk_type: str | None = field_("trunkType", readable=False, advised_choices=("Route", "Destination"), source="FIELDS 1b")
    sip_route_number: int | None = field_("sipRouteNumber", readable=False, help="An existing SIP route.", source="FIELDS 1b")
    sip_backup_route_number: int | None = field_(
        "sipBackupRoutenumber", label="SIP backup route number", readable=False, source="FIELDS 1b"
    )
    destination_number: str | None = field_("destinationNumber", readable=False, source="FIELDS 1b")
    default_remote_number: str | None = field_(
        "defaultRemoteNumber",
        help="With the external destination code.",
        rule="2 to 25 digits",
        advised=r"\+?[0-9]{2,25}",
        source="FIELDS 1a",
    )
    received_a_number: str | None = field_("receivedANumber", rule="digits", advised=r"\+?[0-9]+", source="FIELDS 1a")
    single_line_access: bool | None = field_("singleLineAccess", source="FIELDS 1b")


class IpExtension(ExtensionFields):
    """A number with IP terminals."""

    domain_name: str | None = field_(
        "domainName", help="An IP domain instead of a server.", rule="at most 253 characters", max_length=253, source="FIELDS 1a"
    )
    phone_language: str | None = field_("phoneLanguage", advised_choices=LANGUAGES, source="FIELDS 1a")
    boss_secretary: bool | None = field_("bossSecretary", help="Secretary right.", source="FIELDS 1a")
    mac_address: str | None = field_(
        "macAddress",
        label="MAC address",
        example="08:00:0F:12:34:56",
        rule="12 hexadecimal digits, with or without ':' or '-' between pairs",
        pattern=r"^(?:[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})$",
        normal=lambda text: text.replace(":", "").replace("-", "").casefold(),
        source="FIELDS 1a",
    )
    allow_third_party_client: bool | None = field_(
        "allowThirdPartyClient", help="Allows a SIP terminal of another make.", source="FIELDS 1a"
    )
    backup_answering_position: str | None = field_(
        "backupAnsweringPositionNumber",
        help="Where calls go while no terminal can be reached.",
        rule="2 to 20 characters",
        min_length=2,
        max_length=20,
        source="FIELDS 1a",
    )
    allow_security_exception: bool | None = field_("allowSecurityException", help="May log on without TLS and SRTP.", source="FIELDS 1a")
    ip_extension_type: str | None = field_("ipExtensionType", label="IP extension type", example="IPManualLogin", source="FIELDS 1a")
    free_on_second_line: int | None = field_(
        "freeOnSecondLine", rule="0 (yes), 1 (no), 2 (yes, fixed) or 3 (no, fixed)", ge=0, le=3, source="FIELDS 1a"
    )
    # The capitals are PM's own (QUIRKS 115).
    call_park_pool: bool | None = field_(
        "allowExtensioninCallParkPoolGroup", label="Allow extension in call park pool group", readable=False, source="FIELDS 1a"
    )
    automatic_sip_registration: AutomaticSipRegistration | None = field_("automaticSIPRegistration")
    sip_remote_extension: SipRemoteExtension | None = field_("sipRemoteExtension")
    phone_type: str | None = field_("phoneType", help="One letter; the hot-line option, not the model.", source="FIELDS 1a (inferred)")
    hotline_number: str | None = field_(
        "hotlineNumber",
        help="Dialled by itself; needs the hot-line option.",
        rule="1 to 26 of the characters 0-9 A-E * #",
        pattern=r"^[0-9A-Ea-e*#]{1,26}$",
        source="FIELDS 1a",
    )


def _identify(record: Record) -> Identity:
    name, number = record.address.subsystem_name, record.address.subsystem_id
    part = extension_key_part(name, number)
    extension = record.body.extension_number
    return Identity(
        f"{extension} in {name or f'subsystem {number}'}", key_of("extensions", part, extension), (key_of("subsystems", part),), lane=part
    )


async def _parameters(record: Record, found: Found | None, session: Session) -> Mapping[str, Any]:
    name, number = await subsystem(session, record.address.subsystem_name, record.address.subsystem_id, column="subsystemName")
    kind = str(found.answer.get("extensionType", "")) if found is not None else ""
    return {
        "subsystemName": name if name is not None else number,
        "extensionNumber": record.body.extension_number,
        "extensionType": kind if kind in _DELETABLE else "IP",
    }


async def _find(record: Record, session: Session) -> Found | None:
    query = await _parameters(record, None, session)
    try:
        answer = (await session.client.call("getExtensionDetails", query=query)).content
    except RejectedError as refusal:
        if refusal.http in session.client.assumptions.absent_statuses:
            return None
        raise
    # A number that is free may be answered with an empty record instead of 404.
    if not answer or not (answer.get("extensionVO") or answer.get("extensionId")):
        return None
    return Found(str(answer.get("extensionId", "")), ip_extension_body(answer), answer)


def _without_hashes(body: Body) -> Body:
    """*body* without the codes that PM does not show: a hash sent as a code would become the code (DOMAIN 4)."""
    if "authorizationCodes" not in body:
        return body
    codes = [code for code in body["authorizationCodes"] if "authorizationCode" in code]
    return {name: value for name, value in {**body, "authorizationCodes": codes}.items() if name != "authorizationCodes" or codes}


def _shape(operation: Operation, body: Body, filled: Body) -> Body:
    if operation is Operation.CREATE:
        return body
    body = _without_hashes(body)
    # A row that moves the number between a server and a domain gives one of the two; PM's other one must not contradict it.
    if filled.get("domainName") and not filled.get("serverNumber"):
        return {name: value for name, value in body.items() if name != "serverNumber"}
    if filled.get("serverNumber") and not filled.get("domainName"):
        return {name: value for name, value in body.items() if name != "domainName"}
    return body


def _judge_place(record: Record) -> list[Finding]:
    """What is wrong with the server or domain: a number lives in one of the two."""
    server, domain = record.body.server_number, record.body.domain_name
    findings = []
    if record.operation is Operation.CREATE and server is None and not domain:
        findings.append(Finding("serverNumber", "is blank, and so is domainName; fill one of the two to say where the number lives"))
    if record.operation is Operation.CREATE and server is not None and domain:
        findings.append(Finding("domainName", "is filled beside serverNumber; the PBX takes one of the two", Severity.WARNING))
    for header, other, filled in (("serverNumber", "domainName", domain), ("domainName", "serverNumber", server)):
        if record.operation is Operation.UPDATE and header in record.cleared and not filled:
            findings.append(Finding(header, f"cannot be emptied alone; fill {other} to say where the number lives instead"))
    return findings


def _judge(record: Record) -> tuple[Finding, ...]:
    body, address = record.body, record.address
    findings = []
    if not body.extension_number:
        findings.append(Finding("extensionNumber", "is blank; fill it to say which extension is meant"))
    if not address.subsystem_name and address.subsystem_id is None:
        findings.append(Finding("subsystemName", "is blank; fill it, or subsystemId, to say in which subsystem the extension is"))
    findings += _judge_place(record)
    if record.operation is Operation.CREATE and not body.authorization_codes:
        findings.append(
            Finding(
                "authorizationCodes.1.authorizationCode",
                "is blank; without a code the PBX lets any telephone register as this number",
                Severity.WARNING,
            )
        )
    for position, code in enumerate(body.authorization_codes or (), start=1):
        if code.authorization_code is not None and not 2 <= code.authorization_code.length <= 64:
            findings.append(Finding(f"authorizationCodes.{position}.authorizationCode", "must have 2 to 64 characters"))
    return tuple(findings)


IP_EXTENSIONS = Entity(
    sheet="ip_extensions",
    title="IP extension",
    help="Telephone numbers with SIP or H.323 terminals.",
    address=ExtensionAddress,
    body=IpExtension,
    actions=(creating("createIpExtension"), updating("updateIpExtension"), deleting("deleteExtension")),
    identify=_identify,
    find=_find,
    shape=_shape,
    parameters=_parameters,
    judge=_judge,
    after=("subsystems",),
)
