"""
Definitions of user-defined fields of users and departments (PM API 18).

They are there from the start: a row can redefine one, not make or remove it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pmbulk.entities.exporting import row_of
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Entity, Flat, Found, Identity, Record, id_keys, key_of
from pmbulk.entities.operations import updating
from pmbulk.entities.references import judge_named
from pmbulk.entities.session import Session
from pmbulk.entities.udf_fields import UDF_TYPES
from pmbulk.errors import Finding

__all__ = ["UDF_DEFINITIONS"]

_TYPE_HELP = "What the field belongs to."
_NUMBER_HELP = "The field's number. Blank where udfDisplayName tells the field; needed to give it another name."


class UdfAddress(Fields):
    """What says which field a row means: its type with its number, or else with its display name."""

    udf_type: str | None = field_(
        "udfType", label="UDF type", required=True, choices=UDF_TYPES, example="USERS", help=_TYPE_HELP, source="FIELDS 5"
    )
    udf_id: int | None = field_("udfId", label="UDF id", help=_NUMBER_HELP, example="1", source="FIELDS 5")


class UdfDefinition(Fields):
    """A user-defined field: what it is called and where its values go."""

    udf_id: int | None = field_("udfId", label="UDF id", source="QUIRKS 93")
    udf_type: str | None = field_("udfType", label="UDF type", choices=UDF_TYPES, source="QUIRKS 93")
    display_name: str | None = field_(
        "udfDisplayName",
        names="udf_definitions",
        label="UDF display name",
        example="Cost centre",
        help="What PM calls the field.",
        source="FIELDS 5",
    )
    cmg_display_name: str | None = field_("udfCmgDisplayName", label="UDF CMG display name", help="Its name in CMG.", source="FIELDS 5")
    readonly: bool | None = field_("readonly", label="Read only", source="FIELDS 5")
    advance: bool | None = field_("advance", source="FIELDS 5")
    cmg_misc_number: str | None = field_("udfCmgMiscNumber", label="UDF CMG misc number", source="FIELDS 5")
    field_type_name: str | None = field_("udfFieldTypeName", label="UDF field type name", example="None", source="FIELDS 5")
    ad_display_name: str | None = field_(
        "udfAdDisplayName", label="UDF AD display name", help="Its name in Active Directory.", source="FIELDS 5"
    )


def _identify(record: Record) -> Identity:
    kind, number, name = record.address.udf_type, record.address.udf_id, record.body.display_name
    label = f"{number} of {kind}" if number is not None else f"'{name}' of {kind}"
    key = key_of("udf_definitions", kind, name) if name else None
    return Identity(label, key, aliases=id_keys("udf_definitions", kind, number), name=name or "")


async def _find(record: Record, session: Session) -> Found | None:
    kind, number = record.address.udf_type, record.address.udf_id
    if number is None:
        listed = await session.directory.udf_definitions[kind].find(record.body.display_name)
        if listed is None:
            return None
        number = listed.id
    answer = await session.read("getUdfDefinition", path={"udfType": kind, "udfId": number})
    if not answer:
        return None
    body = {name: value for name, value in answer.items() if value is not None}
    # The body repeats what the path says (QUIRKS 93).
    return Found(str(number), {**body, "udfId": number, "udfType": kind}, answer)


async def _parameters(record: Record, found: Found | None, _session: Session) -> Mapping[str, Any]:
    return {} if found is None else {"udfType": record.address.udf_type, "udfId": found.id}


def _judge(record: Record) -> tuple[Finding, ...]:
    findings = []
    if not record.address.udf_type:
        findings.append(Finding("udfType", f"is blank; type one of {', '.join(UDF_TYPES)} to say what the field belongs to"))
    findings += judge_named("field", {"udfId": record.address.udf_id, "udfDisplayName": record.body.display_name})
    return tuple(findings)


async def _export(session: Session) -> AsyncIterator[Flat]:
    for kind, register in session.directory.udf_definitions.items():
        for listed in await register.all():
            # The number stays, although the name may tell the field: the name is what people want to change.
            yield row_of({**listed.body, "udfId": listed.id, "udfType": kind}, UdfDefinition)


UDF_DEFINITIONS = Entity(
    sheet="udf_definitions",
    title="user-defined field",
    help="What the user-defined fields of users and departments are called and where their values go.",
    address=UdfAddress,
    body=UdfDefinition,
    actions=(updating("updateUdfDefinition"),),
    identify=_identify,
    find=_find,
    parameters=_parameters,
    judge=_judge,
    key=("udfDisplayName",),
    after=("subsystems",),
    export=_export,
)
