"""User-defined fields: which sheets have them, their columns, and how a header bears what PM calls its field; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import create_model

from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.names import plain

__all__ = ["UDF_SHEETS", "UDF_TYPES", "captioned", "uncaptioned", "with_udfs"]

#: What user-defined fields belong to.
UDF_TYPES: Final = ("USERS", "DEPARTMENTS")
#: Sheets with user-defined fields, and what those fields belong to.
UDF_SHEETS: Final[Mapping[str, str]] = {"users": "USERS", "departments": "DEPARTMENTS"}

_CAPTIONED: Final = re.compile(r"\W*(udf[\W_]*[0-9]+)\s*\(.*\)\s*", re.IGNORECASE | re.DOTALL)


def with_udfs(model: type[Fields], count: int, *, source: str) -> Any:
    """The fields of *model* with the user-defined ones from 1 to *count*."""
    fields: dict[str, Any] = {
        f"udf{number}": (str | None, field_(f"udf{number}", label=f"UDF {number}", source=source)) for number in range(1, count + 1)
    }
    return create_model(model.__name__.removeprefix("_"), __base__=model, __doc__=model.__doc__, **fields)


def captioned(header: str, name: str) -> str:
    """The *header* of a user-defined field with what PM calls the field: ``udf3 (Cost centre)``; as it is where the *name* says no more."""
    words = " ".join(name.split())
    return header if plain(words) in {"", plain(header)} else f"{header} ({words})"


def uncaptioned(header: str) -> str:
    """*header* without what stands in brackets after a user-defined field: the number tells the field, its name may change or be another's too."""
    match = _CAPTIONED.fullmatch(header)
    return match[1] if match else header
