"""
The parts of a subsystem that differ by its type, and which part belongs to which type (PM API 7.3, 7.4, FIELDS 4).

Spellings vary from block to block and are PM's own (QUIRKS 106).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.secret import Secret

__all__ = ["BLOCKS", "SubsystemBlocks"]

#: A field of a block: what is known of them is from one place.
_field: Final = partial(field_, source="FIELDS 4")


class MxOneSubsystem(Fields):
    """A telephony server."""

    use_https: bool | None = _field("useHttps", label="Use HTTPS")
    version: str | None = _field("version")
    address: str | None = _field("ipOrFQDNAddress", label="IP or FQDN address", expected=True, example="10.1.1.10")
    port: str | None = _field("port")
    user_id: str | None = _field("userId", label="User id", expected=True)
    password: Secret | None = _field("password", expected=True)
    terminal_password: Secret | None = _field("terminalPassword")
    ip_phone_server_url: str | None = _field("ipPhoneServerUrl", help="Where telephones get their configuration files.")
    ip_phone_server_folder: str | None = _field("ipPhoneServerOrDomainFolder")
    cmg_pbx_id: str | None = _field("cmgPbxId", label="CMG PBX id", help="Only with CMG.")


class AdvancedMessagingServer(Fields):
    """A MiCollab Advanced Messaging server."""

    version: str | None = _field("version")
    address: str | None = _field("ipOrFQDNAddress", label="IP or FQDN address", expected=True)
    port: str | None = _field("port")
    user_id: str | None = _field("msgServerUserId", expected=True)
    password: Secret | None = _field("userpassword", expected=True)
    onebox_number: str | None = _field("oneboxnumber")


class CmgServer(Fields):
    """A CMG server."""

    use_https: bool | None = _field("useHttps", label="Use HTTPS")
    version: str | None = _field("version")
    address: str | None = _field("cmgServerIPOrFQDNAddress", expected=True)
    port: str | None = _field("cmgServerPort")
    user_id: str | None = _field("cmgUserId", expected=True)
    password: Secret | None = _field("cmgUserPassword", expected=True)
    multiple_root: bool | None = _field("isDepartmentStructureMultipleroot", help="Whether CMG's department tree may have several roots.")
    ivr: bool | None = _field("ivr", label="IVR")
    voicemail: bool | None = _field("voicemail")


class MmcProvisioningServer(Fields):
    """An AMC provisioning server."""

    url: str | None = _field("urlToOtherMgmtApplications", expected=True)
    location: str | None = _field("location", expected=True)


class SipDectManager(Fields):
    """A SIP-DECT manager, which belongs to a telephony subsystem."""

    telephony_subsystem: str | None = _field(
        "miVoiceMXONESubsystem", names="TelephonyServer", expected=True, example="MX1", help="Name of an existing telephony subsystem."
    )
    use_https: bool | None = _field("useHttps", label="Use HTTPS")
    subscription: bool | None = _field("subscription")
    version: str | None = _field("version")
    multi_open_mobility_manager: bool | None = _field("multiOpenMobilityManager")
    address: str | None = field_("ipOrFQDNaddress", label="IP or FQDN address", expected=True, source="QUIRKS 106")
    resiliency_address: str | None = _field("resiliencyIPAddress")
    port: str | None = _field("port")
    axi_port: str | None = _field("axiPort", label="AXI port")
    password: Secret | None = _field("password", expected=True)
    user_id: str | None = field_("userID", expected=True, source="QUIRKS 106")


class MiCollabServer(Fields):
    """A MiCollab server."""

    version: str | None = _field("miCollabServerVersion")
    address: str | None = _field("miCollabIPOrFQDNAddress", expected=True)
    user_id: str | None = _field("miCollabUserId", example="micollab_api", help="Blank for PM's default, micollab_api.")
    password: Secret | None = _field("miCollabUserPassword", expected=True)
    pool: str | None = _field("miCollabPool")
    ad_authentication: bool | None = _field("enableMiCollabADAuthentication")


class CloudLinkServer(Fields):
    """A CloudLink account."""

    api_url: str | None = _field("cloudLinkAPIURL", expected=True)
    account_id: str | None = _field("cloudLinkAccountID", expected=True)
    user_id: str | None = _field("cloudLinkUserId", expected=True, help="An account admin of CloudLink with a valid e-mail address.")
    password: Secret | None = _field("cloudLinkUserPassword", expected=True)
    gateway_url: str | None = _field("cloudLinkGatewayURL")


class OtherMgmtApplication(Fields):
    """Another management application."""

    url: str | None = _field("urlToOtherMgmtApplications", expected=True)


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
