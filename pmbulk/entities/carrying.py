"""What of an extension can be made again elsewhere, and what cannot: from PM's raw record to the body of a create (DOMAIN 4, 5); pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pmbulk.entities.extension_record import ExtensionKind, extension_body
from pmbulk.entities.model import Body

__all__ = ["Loss", "carried"]


@dataclass(frozen=True, slots=True)
class Loss:
    """*what* cannot be carried, in words; *of_value* is true where somebody would miss it, *column* is the one that mends it (``""``: none does)."""

    what: str
    of_value: bool
    column: str = ""


def carried(record: Mapping[str, Any], kind: ExtensionKind) -> tuple[Body, tuple[Loss, ...]]:
    """The body that makes the extension of the detail *record* again, and what it leaves out."""
    body = extension_body(record, kind)
    losses = [
        Loss(
            f"authorization code {position}, which PM keeps as a hash",
            of_value=True,
            column=f"authorizationCodes.{position}.authorizationCode",
        )
        for position, code in enumerate(body.get("authorizationCodes", ()), start=1)
        if "authorizationCode" not in code
    ]
    return body, tuple(losses)
