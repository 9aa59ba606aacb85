"""The fields that all kinds of extensions share (PM API 6, FIELDS 1)."""

from __future__ import annotations

from typing import Any, Final

from pmbulk.entities.fields import Fields, field_
from pmbulk.secret import Secret

__all__ = [
    "CLEARTEXT",
    "HASH_TYPES",
    "NEW_CUSTOMER_HELP",
    "AuthorizationCode",
    "ExtensionAddress",
    "ExtensionFields",
    "HomedExtension",
    "HuntGroup",
    "NameIdentity",
    "ParallelRinging",
    "PublicCliNumber",
    "RingSignal",
    "SecuredTerminal",
    "Telephone",
    "code_field",
    "customer_field",
    "directory_number",
    "profile_field",
]

#: The one way of keeping an authorization code in which it can be read back (DOMAIN 4).
CLEARTEXT: Final = "CLEARTEXT"
#: How an authorization code is kept.
HASH_TYPES: Final = (CLEARTEXT, "MD5A1", "SHA256", "SHA256_MD5A1")

#: Display languages of the 7.x command; whether PM takes just these is an inference (FIELDS 1a).
_LANGUAGES: Final = tuple(
    "default ar cs da de en es es-MX et eu fi fr fy it ko nl no pl pt pt-BR ro ru sv zh zh-Hant".split()  # noqa: SIM905 - reads as the list it is
)

_NUMBER_RULE = "2 to 20 digits"
_NUMBER = r"^[0-9]{2,20}$"


def _other_number(api: str, help_text: str = "") -> str | None:
    """A field that holds another extension's number."""
    return field_(api, help=help_text, rule=_NUMBER_RULE, advised=r"[0-9]{2,20}", readable=False, source="FIELDS 1")  # type: ignore[no-any-return] # field_ stands for any type


def directory_number(help_text: str = "The directory number, in a number series for extensions.") -> str | None:
    """The field that holds the extension's own number."""
    return field_(  # type: ignore[no-any-return] # field_ stands for any type
        "extensionNumber",
        required=True,
        example="1001",
        help=help_text,
        rule=_NUMBER_RULE,
        pattern=_NUMBER,
        source="FIELDS 1a",
    )


#: What the new customer of an authorization code is.
NEW_CUSTOMER_HELP: Final = "The customer to use when the code is dialled."


def code_field(api: str, *, label: str = "", expected: bool = False) -> Any:
    """A field that holds an authorization code."""
    return field_(
        api,
        label=label,
        expected=expected,
        help="2 to 64 characters; older releases take 1 to 7 digits.",
        rule="2 to 64 characters",
        form=r"(?s).{1,64}",
        advised=r"(?s).{2,64}",
        source="FIELDS 1b",
    )


def customer_field(api: str, *, label: str = "", help_text: str = "") -> Any:
    """A field of an authorization code that holds a customer's number."""
    return field_(
        api, label=label, help=help_text, rule="a number from 0 to 50000", advised=r"[0-4]?[0-9]{1,4}|50000", source="FIELDS 1b (inferred)"
    )


def profile_field(api: str, *, label: str = "") -> Any:
    """A field of an authorization code that holds the number of the service profile in force while the code is used, as text."""
    return field_(api, label=label, rule="a number from 0 to 500", advised=r"[0-4]?[0-9]{1,2}|500", source="FIELDS 1b, DOMAIN 5")


class ExtensionAddress(Fields):
    """What says in which subsystem the extension is."""

    subsystem_name: str | None = field_(
        "subsystemName", names="TelephonyServer", example="MX1", help="The telephony subsystem that has the extension.", source="QUIRKS 42"
    )
    subsystem_id: int | None = field_("subsystemId", help="PM's id of the subsystem; the name is enough.", source="QUIRKS 43")


class NameIdentity(Fields):
    """The name on displays, kept in the PBX apart from the user's."""

    first_name: str | None = field_("firstName", example="Anna", rule="at most 20 characters", advised=r".{0,20}", source="FIELDS 1b")
    last_name: str | None = field_("lastName", example="Berg", rule="at most 20 characters", advised=r".{0,20}", source="FIELDS 1b")
    # The capitals are PM's own (QUIRKS 115).
    in_dial_by_name: bool | None = field_("includeinDialbyNameDatabase", label="Include in dial by name database", source="FIELDS 1b")
    presentation_order: str | None = field_("namePresentationOrder", help="Which name is cut on short displays.", source="FIELDS 1b")
    restrict_presentation: bool | None = field_("restrictPresentation", help="The name is not shown.", source="FIELDS 1b")
    information: str | None = field_(
        "information", rule="at most 20 characters", max_length=20, help="Needs a hospitality licence.", source="FIELDS 1b"
    )


class AuthorizationCode(Fields):
    """A code that is also the telephone's log-on PIN; without one, registration is not checked."""

    authorization_code: Secret | None = code_field("authorizationCode", expected=True)
    hash_type: str | None = field_("hashType", expected=True, choices=HASH_TYPES, example=CLEARTEXT, source="FIELDS 1b")
    call_logging_code: str | None = field_(
        "callLoggingCode", help="The logged caller's identity; often the extension number.", source="FIELDS 1b"
    )
    customer: str | None = customer_field("customer")
    new_customer: str | None = customer_field("newCustomer", help_text=NEW_CUSTOMER_HELP)
    # Text here, a number on the extension itself (QUIRKS 108).
    common_service_profile: str | None = profile_field("commonServiceProfile")
    only_this_extension: bool | None = field_(
        "restrictUsageToThisExtensionOnly", help="The code works on this extension only.", source="FIELDS 1b"
    )


class RingSignal(Fields):
    """Distinctive ringing by caller or by route; the detail record does not show it."""

    calling_number: str | None = field_("callingNumber", readable=False, source="FIELDS 1b")
    route_number: str | None = field_("routeNumber", readable=False, source="FIELDS 1b")
    ring_type: str | None = field_("ringType", readable=False, source="FIELDS 1b")
    customer: str | None = field_("customer", readable=False, source="FIELDS 1b")


class PublicCliNumber(Fields):
    """The number shown in the public network."""

    number: str | None = field_(
        "publicCLINumber", label="Public CLI number", expected=True, rule="1 to 20 digits", pattern=r"^[0-9]{1,20}$", source="FIELDS 1b"
    )
    activate: str | None = field_("activateCLInumber", label="Activate CLI number", help="Text, not TRUE or FALSE.", source="FIELDS 1b")
    kind: str | None = field_(
        "typeOfCLInumber",
        label="Type of CLI number",
        expected=True,
        help="PBX codes: 0 unknown, 1 international, 2 national, 3 network, 4 local.",
        source="FIELDS 1b",
    )
    restricted: bool | None = field_("publicCLINumberPresentationRestriction", help="The number is not shown.", source="FIELDS 1b")


class ParallelRinging(Fields):
    """Numbers that ring at the same time; the detail record does not show them."""

    main: str | None = _other_number("mdir", "Main number of the list.")
    secondary_1: str | None = _other_number("secondaryDirectoryNumber1")
    secondary_2: str | None = _other_number("secondaryDirectoryNumber2")
    delay_seizure: str | None = field_(
        "delaySeizure", help="Number of an existing delay list; 0 for none.", readable=False, source="FIELDS 1b"
    )


class HuntGroup(Fields):
    """The hunt group that the extension belongs to."""

    number: str | None = field_("huntGroupNumber", help="An existing group.", source="FIELDS 1b")
    group_alias: bool | None = field_("groupAlias", readable=False, source="FIELDS 1b")


class ExtensionFields(Fields):
    """What every extension has."""

    extension_number: str | None = directory_number()
    server_number: int | None = field_(
        "serverNumber", example="1", help="The LIM that has the number.", rule="a number from 1 to 124", ge=1, le=124, source="FIELDS 1a"
    )
    common_service_profile: int | None = field_(
        "commonServiceProfile",
        required=True,
        example="0",
        help="Number of an existing CSP: traffic, service and diversion rights.",
        rule="a number from 0 to 500",
        ge=0,
        le=500,
        source="FIELDS 1a",
    )
    customer: str | None = field_("customer", rule="a number from 0 to 50000", pattern=r"^(?:[0-4]?[0-9]{1,4}|50000)$", source="FIELDS 1a")
    feature_level: str | None = field_("featureLevel", help="Takes a licence; only where levels are licensed.", source="FIELDS 1a")
    description: str | None = field_(
        "description", help="Free text, kept in PM.", rule="at most 250 characters", advised=r"(?s).{0,250}", source="FIELDS 1a (inferred)"
    )
    maximum_charging_cost: str | None = field_(
        "maximumChargingCost", help="In pulses; blank for no limit.", rule="digits", pattern=r"^[0-9]*$", source="FIELDS 1a"
    )
    home_area_code: str | None = field_("homeAreaCode", rule="1 to 6 digits", pattern=r"^[0-9]{1,6}$", source="FIELDS 1a")
    name_identity: NameIdentity | None = field_("nameIdentity")
    # What the detail record shows of announcements is not documented, so they are taken as unreadable.
    welcome_announcement: str | None = field_("welcomeAnnouncement", readable=False, source="FIELDS 1a")
    continuous_announcement: str | None = field_("continuousAnnouncement", readable=False, source="FIELDS 1a")
    authorization_codes: list[AuthorizationCode] | None = field_("authorizationCodes")
    ring_signals: list[RingSignal] | None = field_("ringSignals")
    public_cli_number: PublicCliNumber | None = field_("publicCLINumber")
    parallel_ringing: ParallelRinging | None = field_("parallelRinging")
    alias_number_to_use: str | None = field_("aliasNumberToUse", readable=False, source="FIELDS 1a")
    individual_alias_number: str | None = field_(
        "individualAliasNumber", rule="digits", advised=r"[0-9]+", readable=False, source="FIELDS 1a (inferred)"
    )
    hunt_group: HuntGroup | None = field_("huntGroup")
    call_pickup_group: str | None = field_("callPickupGroup", help="An existing pickup group.", source="FIELDS 1a")
    group_do_not_disturb: str | None = field_("groupDoNotDisturb", help="An existing group.", source="FIELDS 1a")


class HomedExtension(ExtensionFields):
    """What every extension has but a cordless one, which lives on a server only."""

    domain_name: str | None = field_(
        "domainName",
        help="An IP domain instead of a server.",
        rule="at most 253 characters, of which 1 to 63 stand between dots",
        pattern=r"^[^.]{1,63}(?:\.[^.]{1,63})*$",
        max_length=253,
        source="FIELDS 1a",
    )
    boss_secretary: bool | None = field_("bossSecretary", help="Secretary right.", source="FIELDS 1a")


class Telephone(Fields):
    """What extensions with any terminal have."""

    phone_language: str | None = field_("phoneLanguage", advised_choices=_LANGUAGES, initial="default", source="FIELDS 1a")
    phone_type: str | None = field_(
        "phoneType",
        help="The hot-line option, not the model.",
        rule="one letter",
        advised=r"[A-Za-z]",
        initial="R",
        source="FIELDS 1a (inferred)",
    )
    hotline_number: str | None = field_(
        "hotlineNumber",
        help="Dialled by itself; needs the hot-line option.",
        rule="1 to 26 of the characters 0-9 A-E * #",
        pattern=r"^[0-9A-Ea-e*#]{1,26}$",
        # The PBX takes A and B for * and #.
        normal=lambda text: text.upper().replace("A", "*").replace("B", "#"),
        source="FIELDS 1a",
    )


class SecuredTerminal(Fields):
    """What extensions with IP terminals have."""

    backup_answering_position: str | None = field_(
        "backupAnsweringPositionNumber",
        help="Where calls go while no terminal can be reached.",
        rule="2 to 20 characters",
        min_length=2,
        max_length=20,
        source="FIELDS 1a",
    )
    allow_security_exception: bool | None = field_(
        "allowSecurityException", help="May log on without TLS and SRTP.", initial="True", source="FIELDS 1a"
    )
