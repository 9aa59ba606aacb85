"""
Chapter 18: definitions of user-defined fields.

They are there from the start: they can be redefined, not made or removed (FIELDS 5).
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.demo_system import UDF_COUNTS
from pmbulk.simulator.registry import Call, operation

__all__: list[str] = []


@operation("getUdfDefinition")
def get_udf_definition(call: Call) -> dict[str, Any]:
    """One definition."""
    return _found(call)


@operation("listUdfDefinitions")
def list_udf_definitions(call: Call) -> list[dict[str, Any]]:
    """All definitions, those of users first."""
    return list(call.world.udfs.values())


@operation("listUdfDefinitionsByType")
def list_udf_definitions_by_type(call: Call) -> list[dict[str, Any]]:
    """The definitions of one type."""
    sought = _kind(call)
    return [udf for (kind, _number), udf in call.world.udfs.items() if kind == sought]


@operation("updateUdfDefinition")
def update_udf_definition(call: Call) -> dict[str, Any]:
    """The changed definition."""
    old = _found(call)
    identity = {name: old[name] for name in ("udfId", "udfType")}
    for name, own in identity.items():
        call.check_same(name, own)
    new = call.updated(old) | identity
    call.world.udfs[old["udfType"], old["udfId"]] = new
    return new


def _kind(call: Call) -> str:
    kind = call.text("udfType")
    if kind not in UDF_COUNTS:
        raise RefusedError(400, f"There is no UDF type {kind}; use one of {', '.join(UDF_COUNTS)}", code="UNKNOWN_TYPE")
    return kind


def _found(call: Call) -> dict[str, Any]:
    kind, number = _kind(call), call.number("udfId")
    if (kind, number) not in call.world.udfs:
        raise RefusedError(404, f"There is no UDF {number} of {kind}", code="NOT_FOUND")
    return call.world.udfs[kind, number]
