"""
The notation in which the schemas of request bodies are written: pure data, without a meaning of its own.

A type is one of three words, a list of one type, or a mapping of member to type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["BOOLEAN", "INTEGER", "STRING", "Schema", "members"]

STRING: Final = "string"
INTEGER: Final = "integer"
BOOLEAN: Final = "boolean"

#: Member name → type; `Any` because the type of a type would be recursive.
Schema = Mapping[str, Any]


def members(*, strings: str = "", integers: str = "", booleans: str = "", **nested: Any) -> dict[str, Any]:
    """A schema from the names of its plain members, and its structured ones."""
    plain = {name: kind for kind, names in ((STRING, strings), (INTEGER, integers), (BOOLEAN, booleans)) for name in names.split()}
    return plain | nested
