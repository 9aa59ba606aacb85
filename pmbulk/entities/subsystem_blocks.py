"""
The parts of a subsystem that differ by its type, and which part belongs to which type (PM API 7.3, 7.4, FIELDS 4).

Spellings vary from block to block and are PM's own (QUIRKS 106).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.secret import Secret

__all__ = ["BLOCKS", "SubsystemBlocks"]

_TELEPHONY = "Name of an existing telephony subsystem."
_SOURCE = "FIELDS 4"


class MxOneSubsystem(Fields):
    """A telephony server."""

    use_https: bool | None = field_("useHttps", label="Use HTTPS", source=_SOURCE)
    version: str | None = field_("version", source=_SOURCE)
    address: str | None = field_("ipOrFQDNAddress", label="IP or FQDN address", expected=True, example="10.1.1.10", source=_SOURCE)
    port: str | None = field_("port", source=_SOURCE)
    user_id: str | None = field_("userId", label="User id", expected=True, source=_SOURCE)
    password: Secret | None = field_("password", expected=True, source=_SOURCE)
    terminal_password: Secret | None = field_("terminalPassword", source=_SOURCE)
    ip_phone_server_url: str | None = field_("ipPhoneServerUrl", help="Where telephones get their configuration files.", source=_SOURCE)
    ip_phone_server_folder: str | None = field_("ipPhoneServerOrDomainFolder", source=_SOURCE)
    cmg_pbx_id: str | None = field_("cmgPbxId", label="CMG PBX id", help="Only with CMG.", source=_SOURCE)


class AdvancedMessagingServer(Fields):
    """A MiCollab Advanced Messaging server."""

    version: str | None = field_("version", source=_SOURCE)
    address: str | None = field_("ipOrFQDNAddress", label="IP or FQDN address", expected=True, source=_SOURCE)
    port: str | None = field_("port", source=_SOURCE)
    user_id: str | None = field_("msgServerUserId", expected=True, source=_SOURCE)
    password: Secret | None = field_("userpassword", expected=True, source=_SOURCE)
    onebox_number: str | None = field_("oneboxnumber", source=_SOURCE)


class CmgServer(Fields):
    """A CMG server."""

    use_https: bool | None = field_("useHttps", label="Use HTTPS", source=_SOURCE)
    version: str | None = field_("version", source=_SOURCE)
    address: str | None = field_("cmgServerIPOrFQDNAddress", expected=True, source=_SOURCE)
    port: str | None = field_("cmgServerPort", source=_SOURCE)
    user_id: str | None = field_("cmgUserId", expected=True, source=_SOURCE)
    password: Secret | None = field_("cmgUserPassword", expected=True, source=_SOURCE)
    multiple_root: bool | None = field_(
        "isDepartmentStructureMultipleroot", help="Whether CMG's department tree may have several roots.", source=_SOURCE
    )
    ivr: bool | None = field_("ivr", label="IVR", source=_SOURCE)
    voicemail: bool | None = field_("voicemail", source=_SOURCE)


class MmcProvisioningServer(Fields):
    """An AMC provisioning server."""

    url: str | None = field_("urlToOtherMgmtApplications", expected=True, source=_SOURCE)
    location: str | None = field_("location", expected=True, source=_SOURCE)


class SipDectManager(Fields):
    """A SIP-DECT manager, which belongs to a telephony subsystem."""

    telephony_subsystem: str | None = field_("miVoiceMXONESubsystem", expected=True, example="MX1", help=_TELEPHONY, source=_SOURCE)
    use_https: bool | None = field_("useHttps", label="Use HTTPS", source=_SOURCE)
    subscription: bool | None = field_("subscription", source=_SOURCE)
    version: str | None = field_("version", source=_SOURCE)
    multi_open_mobility_manager: bool | None = field_("multiOpenMobilityManager", source=_SOURCE)
    address: str | None = field_("ipOrFQDNaddress", label="IP or FQDN address", expected=True, source="QUIRKS 106")
    resiliency_address: str | None = field_("resiliencyIPAddress", source=_SOURCE)
    port: str | None = field_("port", source=_SOURCE)
    axi_port: str | None = field_("axiPort", label="AXI port", source=_SOURCE)
    password: Secret | None = field_("password", expected=True, source=_SOURCE)
    user_id: str | None = field_("userID", expected=True, source="QUIRKS 106")


class MiCollabServer(Fields):
    """A MiCollab server."""

    version: str | None = field_("miCollabServerVersion", source=_SOURCE)
    address: str | None = field_("miCollabIPOrFQDNAddress", expected=True, source=_SOURCE)
    user_id: str | None = field_("miCollabUserId", example="micollab_api", help="Blank for PM's default, micollab_api.", source=_SOURCE)
    password: Secret | None = field_("miCollabUserPassword", expected=True, source=_SOURCE)
    pool: str | None = field_("miCollabPool", source=_SOURCE)
    ad_authentication: bool | None = field_("enableMiCollabADAuthentication", source=_SOURCE)


class CloudLinkServer(Fields):
    """A CloudLink account."""

    api_url: str | None = field_("cloudLinkAPIURL", expected=True, source=_SOURCE)
    account_id: str | None = field_("cloudLinkAccountID", expected=True, source=_SOURCE)
    user_id: str | None = field_(
        "cloudLinkUserId", expected=True, help="An account admin of CloudLink with a valid e-mail address.", source=_SOURCE
    )
    password: Secret | None = field_("cloudLinkUserPassword", expected=True, source=_SOURCE)
    gateway_url: str | None = field_("cloudLinkGatewayURL", source=_SOURCE)


class OtherMgmtApplication(Fields):
    """Another management application."""

    url: str | None = field_("urlToOtherMgmtApplications", expected=True, source=_SOURCE)


class SubsystemBlocks(Fields):
    """The blocks; a subsystem has the one of its type."""

    mxone: MxOneSubsystem | None = field_("mxoneSubsystem")
    advanced_messaging: AdvancedMessagingServer | None = field_("miCollabAdvancedMessagingServer")
    cmg: CmgServer | None = field_("cmgServer")
    mmc: MmcProvisioningServer | None = field_("mmcProvisioningServer")
    sip_dect: SipDectManager | None = field_("sipDectManager")
    mi_collab: MiCollabServer | None = field_("miCollabServer")
    cloud_link: CloudLinkServer | None = field_("cloudLinkServer")
    other: OtherMgmtApplication | None = field_("otherMgmtApplication")


#: Subsystem type → the block that belongs to it (QUIRKS 105).
BLOCKS: Final[Mapping[str, str]] = {
    "TelephonyServer": "mxoneSubsystem",
    "MessagingServer": "miCollabAdvancedMessagingServer",
    "CMGServer": "cmgServer",
    "AMCProvisioningServer": "mmcProvisioningServer",
    "SIPDECTManager": "sipDectManager",
    "MiCollabServer": "miCollabServer",
    "CloudLinkServer": "cloudLinkServer",
    "Othermgmtapplication": "otherMgmtApplication",
}
