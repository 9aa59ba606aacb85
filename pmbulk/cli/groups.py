"""Options that belong together, declared once as a dataclass, and spread out over the commands that take them all."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints

__all__ = ["spread"]


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """
    *command* as Typer wants it: each parameter that is a dataclass of options is replaced by its fields, and is made of them again for the call.

    Typer has no groups of its own; it goes by a function's signature.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Any] = {one.name: one.annotation for one in signature.parameters.values() if is_dataclass(one.annotation)}
    parameters: list[inspect.Parameter] = []
    for one in signature.parameters.values():
        parameters += _members(groups[one.name]) if one.name in groups else [one]

    @wraps(command)
    def called(**typed: Any) -> None:
        made = {name: group(**{member.name: typed.pop(member.name) for member in fields(group)}) for name, group in groups.items()}
        command(**typed, **made)

    called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # functions have it, whatever the stubs say
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _members(group: Any) -> list[inspect.Parameter]:
    """The fields of *group* as parameters."""
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for one in fields(group)
    ]
