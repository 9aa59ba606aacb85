"""Security profiles: named sets of access privileges for administrators (PM API 10, 13)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from pmbulk.entities.directory import Listed
from pmbulk.entities.exporting import in_batches, listed_cells, names_in, read_each, row_of, told_by_name
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import identify_named, ids_by_name, judge_named, same_ids, same_object
from pmbulk.entities.session import Session
from pmbulk.errors import Finding, Severity

__all__ = ["SECURITY_PROFILES"]


class SecurityProfileAddress(Fields):
    """What says which profile a row means, and its privileges by name."""

    security_profile_id: int | None = field_(
        "securityProfileId", help="PM's id. Only needed to rename a security profile.", source="FIELDS 5"
    )
    privileges: list[str] | None = field_(
        "privileges",
        names="privileges",
        example="Manage user data;Manage UDF data",
        help="Names of all privileges that the profile has, separated by ';'.",
        source="FIELDS 5",
    )


class AccessPrivilege(Fields):
    """One privilege of a profile, by its id."""

    privilege_id: int | None = field_(
        "privilegeId", help="PM's id of the privilege; the column privileges takes names instead.", source="FIELDS 5"
    )
    privilege_name: str | None = field_(
        "privilegeName",
        names="privileges",
        help="PM's own copy of the name; the column privileges is enough.",
        readable=False,
        source="FIELDS 5",
    )
    description: str | None = field_("description", help="PM's own copy of the privilege's description.", readable=False, source="FIELDS 5")


class SecurityProfile(Fields):
    """A set of privileges."""

    security_profile_id: int | None = field_("securityProfileId", source="FIELDS 5")
    security_profile_name: str | None = field_(
        "securityProfileName", names="security_profiles", required=True, example="Help desk", help="The profile's name.", source="FIELDS 5"
    )
    description: str | None = field_("description", help="Free text.", source="FIELDS 5")
    access_privileges: list[AccessPrivilege] | None = field_("accessPrivileges")


def _identify(record: Record) -> Identity:
    return identify_named("security_profiles", record.body.security_profile_name, record.address.security_profile_id)


async def _read(number: int, session: Session) -> Mapping[str, Any] | None:
    return await session.read("getSecurityProfile", path={"securityProfileId": number}) or None


async def _find(record: Record, session: Session) -> Found | None:
    number, name = record.address.security_profile_id, record.body.security_profile_name
    if number is None:
        listed = await session.directory.security_profiles.find(name)
        if listed is None:
            return None
        number = listed.id
    answer = await _read(number, session)
    if answer is None:
        return None
    if record.address.security_profile_id is not None and record.operation is Operation.DELETE:
        same_object("securityProfileName", name, str(answer.get("securityProfileName", "")))
    body = {name: value for name, value in answer.items() if value is not None}
    ids = _privilege_ids(body.pop("accessPrivileges", ()))
    # A row that names its privileges gives all of them: then they are compared as a whole, without regard to their order.
    whole = record.address.privileges or "privileges" in record.cleared
    return Found(str(number), {**body, "accessPrivileges": ids if whole else [{"privilegeId": one} for one in ids]}, answer)


def _privilege_ids(privileges: Iterable[Mapping[str, Any]]) -> list[int]:
    """The ids of *privileges*; PM's copies of names and descriptions would contradict a new id."""
    return [int(one["privilegeId"]) for one in privileges if one.get("privilegeId")]


async def _resolve(record: Record, body: Body, session: Session) -> Body:
    if "privileges" in record.cleared:
        return {**body, "accessPrivileges": []}
    if not record.address.privileges:
        return body
    register = session.directory.privileges
    ids = list(dict.fromkeys([(await register.get(name, column="privileges")).id for name in record.address.privileges]))
    same_ids("accessPrivileges.1.privilegeId", _privilege_ids(body.get("accessPrivileges") or ()), ids)
    return {**body, "accessPrivileges": ids}


def _shape(_operation: Operation, body: Body, _filled: Body) -> Body:
    if "accessPrivileges" not in body:
        return body
    return {**body, "accessPrivileges": [{"privilegeId": one} if isinstance(one, int) else one for one in body["accessPrivileges"]]}


def _judge(record: Record) -> tuple[Finding, ...]:
    body, number = record.body, record.address.security_profile_id
    findings = judge_named("security profile", {"securityProfileName": body.security_profile_name, "securityProfileId": number})
    if record.operation is Operation.CREATE and not record.address.privileges and not body.access_privileges:
        findings.append(Finding("privileges", "is blank; PM probably wants it to create a security profile", Severity.WARNING))
    return tuple(findings)


async def _export(session: Session) -> AsyncIterator[Flat]:
    profiles = await session.directory.security_profiles.all()
    names = await names_in(session.directory.privileges)
    told = told_by_name(profiles)

    async def read(listed: Listed) -> tuple[int, Mapping[str, Any] | None]:
        return listed.id, await _read(listed.id, session)

    async for number, answer in read_each(session, read, in_batches(profiles), called=lambda one: f"security profile '{one.name}'"):
        if answer is None:
            continue
        row = row_of({name: value for name, value in answer.items() if name != "securityProfileId"}, SecurityProfile)
        ids = _privilege_ids(answer.get("accessPrivileges") or ())
        if ids and names.keys() >= set(ids):
            row = {header: value for header, value in row.items() if not header.startswith("accessPrivileges.")}
            row |= listed_cells("privileges", [names[one] for one in ids])
        yield row if number in told else {"securityProfileId": number, **row}


SECURITY_PROFILES = Entity(
    sheet="security_profiles",
    title="security profile",
    help="Named sets of access privileges.",
    address=SecurityProfileAddress,
    body=SecurityProfile,
    actions=(creating("createSecurityProfile"), updating("updateSecurityProfile"), deleting("deleteSecurityProfile")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    shape=_shape,
    judge=_judge,
    key=("securityProfileName",),
    after=("subsystems",),
    ids=ids_by_name("security_profiles"),
    export=_export,
)
