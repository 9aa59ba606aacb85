"""Users of PM with their departments, extensions, MiCollab and CloudLink parts and user-defined fields (PM API 11)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any, Final

from pmbulk.entities.departments import department_key
from pmbulk.entities.directory import tidy_path
from pmbulk.entities.exporting import listed_cells, names_in, read_each, row_of
from pmbulk.entities.extension_fields import HASH_TYPES
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record, key_of
from pmbulk.entities.names import fold
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import extension_key, extension_key_part, identify_named, judge_named, same_ids, same_object, subsystem
from pmbulk.entities.session import Session
from pmbulk.entities.udf_fields import with_udfs
from pmbulk.errors import Finding, InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

__all__ = ["USERS", "write_shape"]

#: A field whose facts are from where most of them are.
_field: Final = partial(field_, source="FIELDS 3")
_NEVER_SHOWN: Final = "PM never shows what it has, so an update that leaves the cell blank may reset it."


class UserAddress(Fields):
    """What says which user a row means, and references by name."""

    department: list[str] | None = _field(
        "department",
        names="departments",
        example="Company/Sales/EMEA",
        help="Paths of the departments, separated by ';'. The first is the primary one.",
    )
    user_rec_id: int | None = field_(
        "userRecId", label="User record id", help="PM's id. Only needed to change a user id.", source="QUIRKS 39"
    )


class CmgSettings(Fields):
    """How CMG's directory shows an extension of a user."""

    secret: bool | None = _field("secret", help="Hidden in the CMG directory.")
    main_user: bool | None = _field("mainUser", help="The extension's main user.")
    list_: bool | None = _field("list", help="Shown in lists.")
    blu_star_web: bool | None = _field("bluStarWeb")
    ivr: bool | None = _field("ivr", label="IVR")
    voice_mail: bool | None = _field("voiceMail")


class UserExtension(Fields):
    """An existing extension that the user gets."""

    extension_number: str | None = _field("extensionNumber", expected=True, example="1001", rule="2 to 20 digits", pattern=r"^[0-9]{2,20}$")
    subsystem_id: int | None = field_("subsystemId", help="PM's id of the subsystem; the name is enough.", source="QUIRKS 92")
    subsystem_name: str | None = _field(
        "subsystemName", names="TelephonyServer", example="MX1", help="The subsystem that has the extension."
    )
    cmg_settings: CmgSettings | None = field_("cmgSettings")


class MiCollab(Fields):
    """The user's MiCollab account."""

    mxone_subsystem: str | None = _field("mxoneSubsystem", names="TelephonyServer", expected=True, help="Name of the telephony subsystem.")
    extension: str | None = _field("extension", expected=True)
    secondary_extension: str | None = _field("secondaryExtension")
    authorization_code: Secret | None = _field("authorizationCode", help="SIP password for the client.", readable=False)
    authorization_code_hash_type: str | None = field_("authorizationCodeHashType", choices=HASH_TYPES, source="FIELDS 1b")
    mi_collab_subsystem: str | None = _field("miCollabSubsystem", names="MiCollabServer", expected=True)
    mi_collab_role: str | None = _field("miCollabRole", names="micollab_roles", expected=True)
    mi_team_meeting: bool | None = _field("miTeamMeeting")
    prompt_language: str | None = _field("promptLanguage")
    enable_ad_authentication: bool | None = _field("enableADAuthentication")
    enable_cloud_link_authentication: bool | None = _field("enableCloudLinkAuthentication")


class CloudLink(Fields):
    """The user's CloudLink account."""

    mxone_subsystem: str | None = _field("mxoneSubsystem", names="TelephonyServer", expected=True, help="Name of the telephony subsystem.")
    extension: str | None = _field("extension", expected=True)
    cloud_link_subsystem: str | None = _field("cloudLinkSubsystem", names="CloudLinkServer", expected=True)
    role: str | None = _field("role", expected=True, example="User")
    mi_team_meeting: bool | None = _field("miTeamMeeting")
    softphone_client: bool | None = _field("softphoneClient")


class Mailbox(Fields):
    """The user's mailboxes; PM takes them on create only (QUIRKS 86)."""

    mailbox_number: list[str] | None = field_(
        "mailboxNumber", help="Mailbox numbers, separated by ';'. On create only.", source="QUIRKS 86"
    )


class _User(Fields):
    user_id: str | None = field_(
        "userId",
        label="User id",
        required=True,
        example="anna.berg",
        help="The login name, unique in PM.",
        rule="at most 30 characters, without blanks and / ? # %",
        advised=r"[^\s/?#%]{1,30}",
        source="FIELDS 3 (inferred)",
    )
    first_name: str | None = _field("firstName", example="Anna")
    last_name: str | None = _field("lastName", example="Berg")
    new_password: Secret | None = _field(
        "newPassword",
        label="Password",
        expected=True,
        help="The initial password, or the new one. PM's policy decides; upper and lower case, digit and special character together are safe.",
        readable=False,
    )
    current_password: Secret | None = field_(
        "currentPassword", help="Only where PM asks for it on a change.", readable=False, source="QUIRKS 87"
    )
    email_address: str | None = field_(
        "emailAddress",
        example="anna.berg@example.com",
        rule="an e-mail address",
        advised=r"[^@\s]+@[^@\s]+\.[^@\s]+",
        source="FIELDS 3 (inferred)",
    )
    sms: str | None = field_("sms", label="SMS", rule="at most 20 digits", advised=r"\+?[0-9]{1,20}", source="FIELDS 3 (inferred)")
    alt_first_names: list[str] | None = _field("altFirstNames", help="Other first names, separated by ';'.")
    alt_last_names: list[str] | None = _field("altLastNames", help="Other last names, separated by ';'.")
    key_words: list[str] | None = _field("keyWords", help="Keywords, separated by ';'.")
    department_ids: list[int] | None = _field(
        "departmentIds", help="PM's ids of the departments; the column department takes their paths.", first_counts=True
    )
    use_last_selection: bool | None = _field("useLastSelection")
    language: str | None = _field("language")
    extensions: list[UserExtension] | None = field_("extensions")
    micollab: MiCollab | None = field_("micollab")
    cloudlink: CloudLink | None = field_("cloudlink")
    # The three are in no answer, so nobody can tell whether they differ (QUIRKS 89).
    mobile_number: str | None = field_("mobileNumber", help=_NEVER_SHOWN, readable=False, source="QUIRKS 89")
    secret_mobile: bool | None = field_(
        "secretMobile", help=f"The mobile number is hidden. {_NEVER_SHOWN}", readable=False, source="QUIRKS 89"
    )
    alternative_number: str | None = field_("alternativeNumber", help=_NEVER_SHOWN, readable=False, source="QUIRKS 89")
    user_mail_box: Mailbox | None = field_("userMailBoxDTO", label="Mailbox")


User: Final = with_udfs(_User, 34, source="FIELDS 3")


def _departments(record: Record) -> list[str]:
    return [path for path in map(tidy_path, record.address.department or ()) if path]


def _account_needs(account: MiCollab | CloudLink | None, service: str) -> Iterator[str]:
    """Keys of what an *account* on the subsystem in the field *service* needs: both subsystems, its extensions and their codes (DOMAIN 3)."""
    if account is None:
        return
    telephony = account.mxone_subsystem
    yield from (key_of("subsystems", name) for name in (getattr(account, service), telephony) if name)
    for number in (account.extension, getattr(account, "secondary_extension", None)):
        if number and telephony:
            yield extension_key(telephony, None, number)
            yield key_of("authorization_codes", extension_key_part(telephony, None), number)


def _identify(record: Record) -> Identity:
    needs = [department_key(path) for path in _departments(record)]
    needs += [
        extension_key(one.subsystem_name, one.subsystem_id, one.extension_number)
        for one in record.body.extensions or ()
        if one.extension_number
    ]
    needs += _account_needs(record.body.micollab, "mi_collab_subsystem")
    needs += _account_needs(record.body.cloudlink, "cloud_link_subsystem")
    return identify_named("users", record.body.user_id, record.address.user_rec_id, needs=needs)


async def _find(record: Record, session: Session) -> Found | None:
    number = record.address.user_rec_id
    if number is not None:
        answer = await session.read("getUserByRecId", path={"userRecId": number})
    else:
        answer = await session.read("getUserByUserId", path={"userId": record.body.user_id})
        if not answer and record.operation is not Operation.CREATE:
            answer = await _otherwise_spelt(record.body.user_id, session)
    if not answer:
        return None
    if number is not None and record.operation is Operation.DELETE:
        same_object("userId", record.body.user_id, str(answer.get("userId", "")))
    return Found(str(answer.get("userRecId", "")), write_shape(answer), answer)


async def _otherwise_spelt(user_id: str, session: Session) -> dict[str, Any] | None:
    """
    The user whose login is *user_id* but for its case, which PM may want as it is; ``None`` if PM lists none.

    Raises:
        InvalidRowError: If there are several.
    """
    try:
        listed = await session.client.items("listUsers", query={"search": user_id})
    except RejectedError:
        # The list is for administrators, and what may be searched for is not documented: PM's first word has to do.
        return None
    found = [name for one in listed if fold(name := str(one.get("userId", ""))) == fold(user_id)]
    if len(found) > 1:
        message = f"PM has no user '{user_id}', but several that differ from it in case only: {', '.join(found)}; type one of them"
        raise InvalidRowError((Finding("userId", message),))
    return await session.read("getUserByUserId", path={"userId": found[0]}) if found else None


def write_shape(answer: Mapping[str, Any]) -> Body:
    """A user as PM returns it, in the shape in which PM takes it (QUIRKS 88)."""
    same = {name: value for name, value in answer.items() if name not in _READ_ONLY}
    departments = [int(one["departmentId"]) for one in answer.get("departments") or () if one.get("departmentId")]
    primary = int(answer.get("primaryDepartmentId") or 0)
    if primary:
        departments = [primary, *(number for number in departments if number != primary)]
    lists: dict[str, list[Any]] = {"departmentIds": departments, "extensions": [dict(one) for one in answer.get("userExtensions") or ()]}
    for name, member in _NAMED.items():
        lists[name] = [one.get(member, "") if isinstance(one, dict) else one for one in answer.get(name) or ()]
    return {**same, **{name: value for name, value in lists.items() if value}}


#: Lists of texts that come back as objects, and the member that has the text.
_NAMED: Final = {"altFirstNames": "altFirstName", "altLastNames": "altLastName", "keyWords": "keywordName"}
_READ_ONLY: Final = frozenset({"userRecId", "primaryDepartmentId", "securityProfile", "departments", "userExtensions", *_NAMED})


async def _resolve(record: Record, body: Body, session: Session) -> Body:
    body = dict(body)
    paths = _departments(record)
    if paths:
        found = [await session.directory.departments.get(path, column="department") for path in paths]
        ids = list(dict.fromkeys(listed.id for listed in found))
        same_ids("departmentIds", body.get("departmentIds"), ids)
        body["departmentIds"] = ids
    elif "department" in record.cleared:
        body["departmentIds"] = []
    if body.get("extensions"):
        body["extensions"] = [await _extension(position, one, session) for position, one in enumerate(body["extensions"], start=1)]
    return body


async def _extension(position: int, link: Body, session: Session) -> Body:
    name, number = link.get("subsystemName"), link.get("subsystemId")
    if name is None and number is None:
        return link
    name, number = await subsystem(session, name, number, column=f"extensions.{position}.subsystemName")
    return {**link, **{key: value for key, value in (("subsystemId", number), ("subsystemName", name)) if value is not None}}


_SUBSYSTEM: Final = frozenset({"subsystemId", "subsystemName"})


def _shape(operation: Operation, body: Body, filled: Body) -> Body:
    if operation is Operation.CREATE:
        return {name: value for name, value in body.items() if name != "currentPassword"}
    # Neither is in the body of an update (QUIRKS 85, 86); the 33rd field goes out only if the row changes it.
    sent = {name: value for name, value in body.items() if name != "userMailBoxDTO" and (name != "udf33" or name in filled)}
    typed: list[Body] = filled.get("extensions") or []
    if typed:
        links: list[Body] = sent["extensions"]
        sent["extensions"] = [*map(_link, links, typed), *links[len(typed) :]]
    return sent


def _link(link: Body, typed: Body) -> Body:
    """*link* without PM's other word for its subsystem where the row has *typed* one of the two only: it may be the old subsystem's."""
    stale = _SUBSYSTEM - typed.keys() if _SUBSYSTEM & typed.keys() else frozenset[str]()
    return {name: value for name, value in link.items() if name not in stale}


async def _parameters(record: Record, found: Found | None, _session: Session) -> Mapping[str, Any]:
    return {} if found is None else {"userRecId": found.id, "userId": found.body.get("userId", record.body.user_id)}


def _judge(record: Record) -> tuple[Finding, ...]:
    body = record.body
    findings = judge_named("user", {"userId": body.user_id, "userRecId": record.address.user_rec_id})
    if record.operation is Operation.CREATE:
        findings += _judge_new(record)
    for position, one in enumerate(body.extensions or (), start=1):
        if one.extension_number and one.subsystem_name is None and one.subsystem_id is None:
            findings.append(
                Finding(
                    f"extensions.{position}.extensionNumber",
                    f"has no subsystem; fill extensions.{position}.subsystemName",
                    Severity.WARNING,
                )
            )
    if record.operation is Operation.UPDATE and body.user_mail_box is not None:
        findings.append(Finding("userMailBoxDTO.mailboxNumber", "can only be set when the user is created; empty the cell"))
    if record.operation is Operation.UPDATE and (body.udf33 is not None or "udf33" in record.cleared):
        words = "is missing from PM's document of an update, unlike the other UDFs; "
        words += "if it is another value than PM's, PM may refuse the row or leave the field as it is"
        findings.append(Finding("udf33", words, Severity.WARNING))
    return tuple(findings)


def _judge_new(record: Record) -> Iterator[Finding]:
    """What PM probably wants of a new user, and does not always (FIELDS 3)."""
    body = record.body
    if not body.first_name and not body.last_name:
        yield Finding("firstName", "is blank, and so is lastName; PM probably wants one of them", Severity.WARNING)
    if not _departments(record) and not body.department_ids:
        yield Finding("department", "is blank; PM probably wants one to create a user", Severity.WARNING)
    if not body.email_address and (body.micollab or body.cloudlink):
        yield Finding("emailAddress", "is blank; a MiCollab or CloudLink account probably needs it", Severity.WARNING)


#: On create only (QUIRKS 86).
_NOT_EXPORTED: Final = "userMailBoxDTO"


async def _export(session: Session) -> AsyncIterator[Flat]:
    paths = await names_in(session.directory.departments)

    async def read(user_id: str) -> Mapping[str, Any] | None:
        return await session.read("getUserByUserId", path={"userId": user_id})

    # A page at a time: an export of 100,000 users holds no more than that.
    pages = ([str(one["userId"]) for one in page if one.get("userId")] async for page in session.client.pages("listUsers"))
    async for answer in read_each(session, read, pages, called=lambda user_id: f"user '{user_id}'"):
        if answer:
            yield _row(answer, paths)


def _row(answer: Mapping[str, Any], paths: Mapping[int, str]) -> Flat:
    """A user as a row: departments and subsystems by name where the names tell them."""
    body = {name: value for name, value in write_shape(answer).items() if name != _NOT_EXPORTED}
    row = row_of(body, User)
    ids = body.get("departmentIds") or ()
    if ids and all(number in paths for number in ids):
        del row["departmentIds"]
        row = listed_cells("department", [paths[number] for number in ids]) | row
    named = {f"extensions.{place}.subsystemId" for place, link in enumerate(body.get("extensions") or (), 1) if link.get("subsystemName")}
    return {header: value for header, value in row.items() if header not in named}


async def _ids(session: Session) -> Mapping[str, str]:
    listed = await session.client.items("listUsers")
    return {key_of("users", one["userId"]): str(one["userRecId"]) for one in listed if one.get("userId") and one.get("userRecId")}


USERS = Entity(
    sheet="users",
    title="user",
    help="People: login, names, departments, extensions, MiCollab, CloudLink and user-defined fields.",
    address=UserAddress,
    body=User,
    actions=(creating("createUser"), updating("updateUser"), deleting("deleteUser")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    shape=_shape,
    parameters=_parameters,
    judge=_judge,
    ids=_ids,
    key=("userId",),
    after=("departments", "authorization_codes", "terminal_selections", "personal_numbers", "phone_keys", "extension_moves"),
    export=_export,
)
