"""The authorization codes of an extension, which are its telephones' log-on codes too (PM API 8)."""

from __future__ import annotations

from pmbulk.entities.exporting import row_of
from pmbulk.entities.extension_details import Place, belonging_to, of_every_extension
from pmbulk.entities.extension_fields import CLEARTEXT, HASH_TYPES, NEW_CUSTOMER_HELP, code_field, customer_field, profile_field
from pmbulk.entities.extension_parts import (
    PlacedExtension,
    identify_part,
    judge_place,
    lane_of,
    place_parameters,
)
from pmbulk.entities.extension_record import readable_code
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Action, Body, Entity, Flat, Found, Operation, Record, key_of
from pmbulk.entities.operations import change, looked_up
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Plan
from pmbulk.errors import Finding, InvalidRowError, Severity
from pmbulk.secret import Secret

__all__ = ["AUTHORIZATION_CODES"]


class CodeCustomer(Fields):
    """The customer of a service profile."""

    reseller: str | None = field_("reseller", source="contract 8.2")
    custname: str | None = field_("custname", label="Customer name", source="contract 8.2")
    custnumber: str | None = field_("custnumber", label="Customer number", source="DOMAIN 5")


class CodeProfile(Fields):
    """The service profile in force while the code is used."""

    cspnumber: str | None = profile_field("cspnumber", label="CSP number")
    cspname: str | None = field_("cspname", label="CSP name", source="DOMAIN 5")
    cust: CodeCustomer | None = field_("cust")


class CodeCategory(Fields):
    """What the code allows."""

    csp: CodeProfile | None = field_("csp")


class ListedCode(Fields):
    """One code, with PM's short names."""

    auth: Secret | None = code_field("auth", label="Authorization code")
    hashtype: str | None = field_("hashtype", label="Hash type", choices=HASH_TYPES, example=CLEARTEXT, source="FIELDS 1b")
    cilcode: str | None = field_(
        "cilcode", label="Call logging code", help="The logged caller's identity; often the extension number.", source="DOMAIN 5"
    )
    category: CodeCategory | None = field_("category")
    cust: str | None = customer_field("cust", label="Customer")
    new_cust: str | None = customer_field("newCUST", label="New customer", help_text=NEW_CUSTOMER_HELP)
    restrict: str | None = field_(
        "restrict", help="Whether the code works on this extension only; a text in PM.", normal=str.casefold, source="DOMAIN 5"
    )
    dir_: str | None = field_("dir", label="Extension number", help="The extension's own number; may stay blank.", source="DOMAIN 5")


class CodeList(Fields):
    """All codes of the extension."""

    auco: list[ListedCode] | None = field_("auco")


class AuthorizationCodes(Fields):
    """The codes as PM takes them."""

    authorization_codes: CodeList | None = field_("authorizationCodeVO")


def _codes(body: Body) -> list[Body]:
    codes = (body.get("authorizationCodeVO") or {}).get("auco") or []
    # A single one may stand there without its list, as PM prints other single things (QUIRKS 62-64).
    return [codes] if isinstance(codes, dict) else list(codes)


async def _find(record: Record, session: Session) -> Found | None:
    answer = await belonging_to(record, session, "getAuthorizationCodes", query=await place_parameters(record, None, session))
    return None if answer is None else Found("", {"authorizationCodeVO": {"auco": [readable_code(code) for code in _codes(answer)]}})


async def _reset(entity: Entity, record: Record, session: Session) -> Plan:
    found = await looked_up(entity, record, session)
    plan = await change(entity, record, session, found)
    if plan.steps:
        _refuse_hidden(record, found)
    return plan


def _refuse_hidden(record: Record, found: Found) -> None:
    """
    Refuse a reset that would lack a code which PM has: it takes the full list, and may remove what is left out (QUIRKS 96).

    Raises:
        InvalidRowError: If PM keeps a code as a hash, and the row does not give it.
    """
    typed = _codes(record.filled())
    hidden = [index for index, code in enumerate(_codes(found.body)) if "auth" not in code]
    findings = tuple(
        Finding(
            f"authorizationCodeVO.auco.{index + 1}.auth",
            "is blank, and PM does not show what it has; type it again, since a reset sends the full list",
        )
        for index in hidden
        if index >= len(typed) or "auth" not in typed[index]
    )
    if findings:
        raise InvalidRowError(findings)


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = judge_place(record, record.address.extension_number)
    codes = record.body.authorization_codes
    if codes is None or not codes.auco:
        findings.append(Finding("authorizationCodeVO.auco.1.auth", "is blank, so the row changes nothing", Severity.WARNING))
        return tuple(findings)
    for position, code in enumerate(codes.auco, start=1):
        header = f"authorizationCodeVO.auco.{position}"
        if code.dir_ and code.dir_ != record.address.extension_number:
            findings.append(
                Finding(f"{header}.dir", f"is '{code.dir_}', but the row is about {record.address.extension_number}; leave it blank")
            )
    return tuple(findings)


async def _rows(place: Place, session: Session) -> list[Flat]:
    query = {"extensionNumber": place.number, "subsystemId": place.subsystem_id}
    answer = await session.read("getAuthorizationCodes", query=query) or {}
    codes = [readable_code(code) for code in _codes(answer)]
    cells = row_of({"authorizationCodeVO": {"auco": codes}}, AuthorizationCodes)
    return [{**place.columns, **cells}] if cells else []


AUTHORIZATION_CODES = Entity(
    sheet="authorization_codes",
    title="code list",
    help="The authorization codes of extensions, one row per extension. They are log-on codes too.",
    address=PlacedExtension,
    body=AuthorizationCodes,
    actions=(
        Action(
            Operation.RESET,
            "resetAuthorizationCodes",
            _reset,
            help="Give the extension the filled codes by their positions, and leave its other ones.",
        ),
    ),
    identify=lambda record: identify_part(record, key_of("authorization_codes", lane_of(record), record.address.extension_number)),
    find=_find,
    parameters=place_parameters,
    judge=_judge,
    after=("extensions",),
    export=of_every_extension(_rows, by_number=False),
)
