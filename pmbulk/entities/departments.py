"""Departments: a tree below locations, named by paths such as ``Company/Sales/EMEA`` (PM API 17)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from pmbulk.entities.directory import PATH_SEPARATOR, Listed, tidy_path
from pmbulk.entities.exporting import names_in, row_of, told_by_name
from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Body, Entity, Flat, Found, Identity, Operation, Record, id_keys, key_of
from pmbulk.entities.names import fold, in_quotes
from pmbulk.entities.operations import creating, deleting, updating
from pmbulk.entities.references import agreed, ids_by_name, same_object
from pmbulk.entities.session import IfExists, Session
from pmbulk.entities.udf_fields import with_udfs
from pmbulk.errors import Finding, Severity

__all__ = ["DEPARTMENTS", "department_key"]


class DepartmentAddress(Fields):
    """What says which department a row means, and references by name."""

    path: str | None = field_(
        "path",
        names="departments",
        example="Company/Sales/EMEA",
        help="Name and parents in one, from the root down. Instead of departmentName and parent.",
    )
    parent: str | None = field_(
        "parent", names="departments", example="Company/Sales", help="Path of the parent; blank for a root department."
    )
    location: str | None = field_("location", names="locations", example="Stockholm", help="Name of the location.")
    department_id: int | None = field_("departmentId", help="PM's id. Only needed to rename or move a department.", source="FIELDS 5")


class LocationReference(Fields):
    """The location of a department, by its id."""

    location_id: int | None = field_(
        "locationId", help="PM's id of the location; the column location takes its name instead.", source="FIELDS 5"
    )
    location_name: str | None = field_(
        "locationName",
        names="locations",
        help="PM's own copy of the name; the column location is enough.",
        readable=False,
        source="FIELDS 5",
    )
    description: str | None = field_(
        "description", help="PM's own copy of the location's description.", readable=False, source="QUIRKS 104"
    )


class _Department(Fields):
    department_id: int | None = field_("departmentId", source="QUIRKS 93")
    department_name: str | None = field_(
        "departmentName", example="EMEA", help="The department's own name, without its parents.", source="FIELDS 5"
    )
    parent_department_id: int | None = field_(
        "parentDepartmentId", help="PM's id of the parent; the column parent takes its path instead.", source="FIELDS 5"
    )
    location: LocationReference | None = field_("location")
    description: str | None = field_("description", help="Free text.", source="FIELDS 5")


Department: Final = with_udfs(_Department, 10, source="FIELDS 5")


def department_key(path: str) -> str:
    """The key under which rows know the department at *path*."""
    return key_of("departments", tidy_path(path))


def _path(record: Record) -> str | None:
    """The path that a row names; ``None`` where only ids tell."""
    address, name = record.address, record.body.department_name
    if address.path:
        return tidy_path(address.path)
    if name and address.parent:
        return f"{tidy_path(address.parent)}{PATH_SEPARATOR}{name}"
    if name and address.department_id is None and record.body.parent_department_id in (None, 0):
        return str(name)
    return None


def _parent_of(path: str) -> str:
    return path.rpartition(PATH_SEPARATOR)[0]


def _identify(record: Record) -> Identity:
    path, number = _path(record), record.address.department_id
    needs = [key_of("locations", record.address.location)] if record.address.location else []
    if record.address.parent:
        needs.append(department_key(record.address.parent))
    if path is None:
        name, above = record.body.department_name, record.body.parent_department_id
        key = key_of("departments", f"#{above}", name) if name and above else None
        label = f"{in_quotes(name or '')} below the department with id {above}" if number is None else f"with id {number}"
        return Identity(label, key, tuple(needs), aliases=id_keys("departments", number))
    parent = _parent_of(path)
    if parent:
        needs.append(department_key(parent))
    label = in_quotes(path) if number is None else f"with id {number}"
    depth = path.count(PATH_SEPARATOR)
    return Identity(label, department_key(path), tuple(dict.fromkeys(needs)), depth, aliases=id_keys("departments", number), name=path)


async def _listed(record: Record, session: Session) -> Listed | None:
    register = session.directory.departments
    path = _path(record)
    if path is not None:
        return await register.find(path)
    parent = await register.by_id(record.body.parent_department_id)
    return None if parent is None else await register.find(f"{parent.name}{PATH_SEPARATOR}{record.body.department_name}")


async def _find(record: Record, session: Session) -> Found | None:
    number = record.address.department_id
    if number is None:
        listed = await _listed(record, session)
        if listed is None:
            return None
        number = listed.id
    answer = await session.read("getDepartment", path={"departmentId": number})
    if answer is None:
        return None
    if record.address.department_id is not None and record.operation is Operation.DELETE:
        typed = record.body.department_name or (_path(record) or "").rpartition(PATH_SEPARATOR)[2]
        same_object("departmentName" if record.body.department_name else "path", typed, str(answer.get("departmentName", "")))
    return Found(str(number), dict(answer), answer)


async def _is_new_root(record: Record, session: Session) -> bool:
    """Whether a department without a parent is made; one that is there stays where it is, for its parent may be hidden from this administrator."""
    if record.operation is not Operation.CREATE or session.client.assumptions.root_parent_id is None:
        return False
    return session.if_exists is not IfExists.UPDATE or await _listed(record, session) is None


async def _resolve(record: Record, body: Body, session: Session) -> Body:
    body = dict(body)
    path = _path(record)
    if record.address.path and path and "departmentName" not in body:
        body["departmentName"] = path.rpartition(PATH_SEPARATOR)[2]
    parent = record.address.parent or (_parent_of(path) if record.address.path and path else "")
    if parent:
        listed = await session.directory.departments.get(tidy_path(parent), column="parent" if record.address.parent else "path")
        body["parentDepartmentId"] = agreed(body.get("parentDepartmentId"), listed, "parentDepartmentId")
    elif "parent" in record.cleared:
        body["parentDepartmentId"] = 0
    elif "parentDepartmentId" not in body and await _is_new_root(record, session):
        body["parentDepartmentId"] = session.client.assumptions.root_parent_id
    if record.address.location:
        listed = await session.directory.locations.get(record.address.location, column="location")
        location = dict(body.get("location") or {})
        location["locationId"] = agreed(location.get("locationId"), listed, "location.locationId")
        body["location"] = location
    elif "location" in record.cleared:
        body["location"] = {"locationId": 0}
    return body


def _shape(_operation: Operation, body: Body, filled: Body) -> Body:
    location = filled.get("location") or {}
    if "locationId" in location:
        # PM's copies of the old location's name and description would contradict the new id.
        body = {**body, "location": location}
    return {name: value for name, value in body.items() if value is not None}


def _judge(record: Record) -> tuple[Finding, ...]:
    address, name, creates = record.address, record.body.department_name, record.operation is Operation.CREATE
    if not address.path and not name and (creates or address.department_id is None):
        return (Finding("path", "is blank; fill it (or departmentName and parent) to say which department is meant"),)
    if address.path and "" in tidy_path(address.path).split(PATH_SEPARATOR):
        return (Finding("path", f"{in_quotes(address.path)} has an empty name in it; write it like Company/Sales/EMEA"),)
    return tuple(_judge_new(record)) if creates else ()


def _judge_new(record: Record) -> Iterator[Finding]:
    """How path, name and parent of a new department contradict one another, and what PM probably wants of it (FIELDS 5)."""
    address, body, name = record.address, record.body, record.body.department_name
    path = tidy_path(address.path or "")
    above, _, own = path.rpartition(PATH_SEPARATOR)
    if path and name and fold(own) != fold(name):
        yield Finding("departmentName", f"is '{name}', but path ends in '{own}'; leave one of the two blank")
    if path and address.parent and fold(above) != fold(tidy_path(address.parent)):
        told = f"path says '{above}'" if above else f"path '{path}' has none"
        yield Finding("parent", f"is '{address.parent}', but {told}; leave one of the two blank")
    if not path and PATH_SEPARATOR in name:
        message = f"'{name}' has '{PATH_SEPARATOR}' in it, which separates names in paths: it becomes one department; for several fill path"
        yield Finding("departmentName", message, Severity.WARNING)
    if not address.location and (body.location is None or body.location.location_id is None):
        yield Finding("location", "is blank; PM probably wants it to create a department", Severity.WARNING)


async def _export(session: Session) -> AsyncIterator[Flat]:
    everything = await session.directory.departments.all()
    named = told_by_name(everything)
    places = await names_in(session.directory.locations)
    for listed in sorted(everything, key=lambda one: fold(one.name).split(PATH_SEPARATOR)):
        row = row_of(listed.body, Department)
        place = places.get(row.get("location.locationId", 0))
        if place is not None:
            row = {"location": place, **{header: value for header, value in row.items() if header != "location.locationId"}}
        own = str(listed.body.get("departmentName", ""))
        if listed.id in named and PATH_SEPARATOR not in own:
            ids = {"departmentId", "departmentName", "parentDepartmentId"}
            row = {"path": listed.name, **{header: value for header, value in row.items() if header not in ids}}
        yield row


DEPARTMENTS = Entity(
    sheet="departments",
    title="department",
    help="The department tree. Parents are made before their children, whatever their order in the sheet.",
    address=DepartmentAddress,
    body=Department,
    actions=(creating("createDepartment"), updating("updateDepartment"), deleting("deleteDepartment")),
    identify=_identify,
    find=_find,
    resolve=_resolve,
    shape=_shape,
    judge=_judge,
    key=("departmentName",),
    after=("locations",),
    ids=ids_by_name("departments"),
    export=_export,
)
