"""
Chapter 17: the department tree.

Holds its rules and shapes: unique below one parent, no loops, nothing deleted that is still used.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.paging import SortKeys, cut, in_order
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.state import Department

__all__: list[str] = []

#: What a department carries beside its place in the tree.
_TEXTS: Final = ("description", *(f"udf{number}" for number in range(1, 11)))

_SORT_KEYS: Final[SortKeys[Department]] = {
    "departmentId": lambda department: department.department_id,
    "departmentName": lambda department: department.name.casefold(),
    "parentDepartmentId": lambda department: department.parent_id,
    "description": lambda department: department.texts.get("description", "").casefold(),
}


@operation("getDepartment")
def get_department(call: Call) -> dict[str, Any]:
    """One department."""
    return _shown(call, _found(call))


@operation("listDepartments")
def list_departments(call: Call) -> list[dict[str, Any]]:
    """One page of all departments."""
    return _page(call, list(call.world.departments.values()))


@operation("listDepartmentsByParent")
def list_departments_by_parent(call: Call) -> list[dict[str, Any]]:
    """One page of the departments right below a parent; 0 asks for the roots (inferred)."""
    parent_id = call.number("parentDepartmentId")
    if parent_id and parent_id not in call.world.departments:
        raise RefusedError(404, f"There is no department {parent_id}", code="NOT_FOUND")
    return _page(call, call.world.children(parent_id))


@operation("createDepartment")
def create_department(call: Call) -> None:
    """A new department; the answer does not say its id (QUIRKS 16)."""
    department = _checked(call, call.body, department_id=0)
    department.department_id = call.world.next_id("department")
    call.world.put_department(department)


@operation("updateDepartment")
def update_department(call: Call) -> dict[str, Any]:
    """The changed department; its users and children stay with it."""
    old = _found(call)
    call.check_same("departmentId", old.department_id)
    new = _checked(call, call.updated(_shown(call, old)), department_id=old.department_id)
    call.world.remove_department(old)
    call.world.put_department(new)
    return _shown(call, new)


@operation("deleteDepartment")
def delete_department(call: Call) -> None:
    """The department is gone, unless somebody or something is still below it."""
    department = _found(call)
    if call.world.children(department.department_id):
        raise RefusedError(400, f"Department {department.name} has departments below it", code="IN_USE")
    if any(department.department_id in user.department_ids for user in call.world.users.values()):
        raise RefusedError(400, f"Department {department.name} has users", code="IN_USE")
    call.world.remove_department(department)


def _found(call: Call) -> Department:
    return call.record(call.world.departments, "departmentId", "department")


def _checked(call: Call, body: dict[str, Any], *, department_id: int) -> Department:
    """The department that *body* describes; *department_id* 0 is a new one."""
    world = call.world
    name = str(body.get("departmentName", "")).strip()
    if not name:
        raise RefusedError(400, "departmentName is mandatory", code="MANDATORY")
    location_id = body.get("location", {}).get("locationId", 0)
    if location_id not in world.locations:
        raise RefusedError(400, f"There is no location {location_id}", code="UNKNOWN_LOCATION")
    parent_id = _parent_id(call, body)
    if department_id and world.is_below(parent_id, department_id):
        raise RefusedError(400, f"Department {name} cannot lie below itself", code="LOOP")
    other = world.department_under(parent_id, name)
    if other is not None and other.department_id != department_id:
        raise RefusedError(400, f"Department {name} already exists there", code="DUPLICATE")
    return Department(department_id, name, parent_id, location_id, {key: body[key] for key in _TEXTS if body.get(key)})


def _parent_id(call: Call, body: dict[str, Any]) -> int:
    """The parent that *body* names, 0 for a root."""
    settings, parent_id = call.settings, body.get("parentDepartmentId")
    if parent_id is None and settings.root_parent_sent and settings.demand_recommended:
        raise RefusedError(400, "parentDepartmentId is mandatory; 0 makes a root", code="MANDATORY")
    if parent_id is None or (parent_id == 0 and settings.root_parent_sent):
        return 0
    if parent_id not in call.world.departments:
        raise RefusedError(400, f"There is no department {parent_id}", code="UNKNOWN_DEPARTMENT")
    return int(parent_id)


def _shown(call: Call, department: Department) -> dict[str, Any]:
    location = call.world.locations[department.location_id]
    return {
        "departmentId": department.department_id,
        "departmentName": department.name,
        **({"parentDepartmentId": department.parent_id} if department.parent_id or call.settings.root_parent_sent else {}),
        "location": {"locationId": location.location_id, "locationName": location.name, "description": location.description},
        **department.texts,
    }


def _page(call: Call, departments: list[Department]) -> list[dict[str, Any]]:
    """One page in the shape that only departments have (QUIRKS 30)."""
    ordered = in_order(departments, _SORT_KEYS, orderby=f"{call.query['sortBy']} {call.query['sortDir']}")
    page = cut(ordered, call, first_page=call.settings.departments_first_page, parameter="pageNo", default_size=10)
    pages = -(-page.total // page.size)
    return [
        {
            "departmentList": [_shown(call, each) for each in page.records],
            "page": {
                "pageNo": page.number,
                "pageSize": page.size,
                "totalPages": pages,
                "totalElements": page.total,
                "numberOfElements": len(page.records),
                "first": page.position == 0,
                "last": page.position >= pages - 1,
            },
        }
    ]
