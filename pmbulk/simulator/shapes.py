"""
Whether what a request holds has the members and the types that PM reads.

A pure function over the data of `schemas`; the meaning of a value is the chapters' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.schema_words import BOOLEAN, INTEGER, STRING, Schema

__all__ = ["checked_body", "integer"]

_INT32: Final = 2**31


def integer(text: str) -> int | None:
    """The integer of 32 bits that *text* writes, ``None`` if it is none."""
    # Python refuses to read thousands of digits, so they are not tried.
    number = int(text) if len(text) <= 11 and text.isascii() and text.removeprefix("-").isdigit() else _INT32
    return number if -_INT32 <= number < _INT32 else None


def checked_body(body: object, schema: Schema) -> dict[str, Any]:
    """
    *body* without its ``null`` members, which PM reads as absent.

    Raises:
        RefusedError: 400 for a member that *schema* does not know or that has another type; the message names its path.
    """
    if not isinstance(body, Mapping):
        raise _wrong("the body", "a JSON object")
    return _checked_object(body, schema, path="")


def _checked_object(value: Mapping[str, Any], schema: Schema, *, path: str) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, member in value.items():
        where = f"{path}.{name}" if path else name
        if name not in schema:
            raise RefusedError(400, f"Unrecognized field {where}", code="UNKNOWN_FIELD")
        if member is not None:
            checked[name] = _checked(member, schema[name], path=where)
    return checked


def _checked(value: Any, kind: Any, *, path: str) -> Any:
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise _wrong(path, "an array")
        return [_checked(element, kind[0], path=f"{path}.{position}") for position, element in enumerate(value, start=1)]
    if isinstance(kind, Mapping):
        if not isinstance(value, Mapping):
            raise _wrong(path, "an object")
        return _checked_object(value, kind, path=path)
    if kind == STRING and not isinstance(value, str):
        raise _wrong(path, "a string")
    if kind == BOOLEAN and not isinstance(value, bool):
        raise _wrong(path, "a boolean")
    if kind == INTEGER and (isinstance(value, bool) or not isinstance(value, int) or not -_INT32 <= value < _INT32):
        raise _wrong(path, "an integer of 32 bits")
    return value


def _wrong(path: str, expected: str) -> RefusedError:
    return RefusedError(400, f"{path} must be {expected}", code="WRONG_TYPE")
