"""
What a template says of a column: in the comment on its header, beside its cells, and in the Guide.

Words only, all derived from the declarations; knows no file format. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pmbulk.entities.cells import CLEAR
from pmbulk.entities.fields import POSITION, Column, Kind
from pmbulk.entities.model import ACTION, Entity, Operation
from pmbulk.secret import MASK

__all__ = ["Choices", "allowed", "choices_of", "goes_to", "key", "label", "need", "note", "typed", "wanted"]

_BOOLEANS: Final = ("TRUE", "FALSE")


@dataclass(frozen=True, slots=True)
class Choices:
    """The *values* of a drop-down; *complete* says that nothing else can be right."""

    values: tuple[str, ...]
    complete: bool


def choices_of(entity: Entity, column: Column, live: Mapping[str, Sequence[str]]) -> Choices | None:
    """
    What to offer in a cell of *column*; ``None`` where there is nothing to choose from.

    *live* values, by `key`, are never complete: the same workbook may make what PM does not have yet.
    """
    if column is ACTION:
        return Choices(tuple(action.operation.value for action in entity.actions), complete=True)
    if live.get(key(entity, column)):
        return Choices(tuple(live[key(entity, column)]), complete=False)
    if column.kind is Kind.BOOLEAN:
        return Choices(_BOOLEANS, complete=True)
    if column.spec.choices:
        emptied = () if (column.spec.required and not column.is_part) or column.path not in entity.body_paths else (CLEAR,)
        return Choices((*column.spec.choices, *emptied), complete=not column.several)
    return Choices(column.spec.advised_choices, complete=False) if column.spec.advised_choices else None


def key(entity: Entity, column: Column) -> str:
    """What a column is called among those of all sheets, such as ``users.department``."""
    return f"{entity.sheet}.{column.name}"


def need(column: Column) -> str:
    """How much a create needs the column, in a word or two; empty where it does not, or only together with others."""
    if column.is_part:
        return ""
    return "yes" if column.spec.required else "probably" if column.spec.expected else ""


def note(entity: Entity, column: Column, header: str, extra: str) -> str:
    """The comment on *header*, which is one of *column*'s, with *extra* words."""
    position = next((part for part in header.split(".") if part.isdigit()), "1")
    masking = f"Shown as {MASK} in the results." if column.kind is Kind.SECRET else ""
    lines = [
        label(column, position),
        _needed(entity, column, header),
        typed(column),
        extra,
        _actions(entity) if column is ACTION else allowed(entity, column),
        _example(column),
        masking,
    ]
    return "\n".join(line for line in lines if line)


def _needed(entity: Entity, column: Column, header: str) -> str:
    if column.is_part:
        if not column.is_wanted or entity.default is not Operation.CREATE:
            return ""
        words = "Needed" if column.spec.required else "PM probably needs it"
        return f"{words} on {entity.default} where another column of {header.rpartition('.')[0]} is filled."
    return {"yes": f"* Needed on {entity.default}.", "probably": f"PM probably needs it on {entity.default}."}.get(need(column), "")


def label(column: Column, position: str) -> str:
    """The readable name with the list *position* in its place (``""``: without one)."""
    return column.label.replace(f" {POSITION} ", f" {position} " if position else " ")


def wanted(entity: Entity, column: Column, extra: str) -> str:
    """The hint beside a cell, with *extra* words."""
    parts = [typed(column), extra, allowed(entity, column), f"Blank means {entity.default}." if column is ACTION else "", _example(column)]
    return "\n".join(part for part in parts if part) or "Free text."


def typed(column: Column) -> str:
    """What the column is for and what goes into its cells."""
    spec = column.spec
    parts = [spec.help]
    if spec.rule and not spec.choices:
        parts.append(f"Type {spec.rule}.")
    elif column.kind is Kind.INTEGER:
        parts.append("Type a whole number.")
    if column.several and ";" not in spec.help:
        parts.append("Separate several by ;")
    return " ".join(part for part in parts if part)


def allowed(entity: Entity, column: Column) -> str:
    """The values that may be chosen; empty where anything may be typed."""
    if column is ACTION:
        return f"{_or([action.operation.value for action in entity.actions])}."
    if column.kind is Kind.BOOLEAN:
        return f"{_or(_BOOLEANS)}."
    if column.spec.choices:
        return f"{_or(column.spec.choices)}."
    return f"Usually {_or(column.spec.advised_choices)}." if column.spec.advised_choices else ""


def _or(values: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(values[:-1]), values[-1]) if part)


def _actions(entity: Entity) -> str:
    return "\n".join([*(f"{action.operation}: {action.help}" for action in entity.actions), f"Blank means {entity.default}."])


def _example(column: Column) -> str:
    return f"Example: {column.spec.example}" if column.spec.example else ""


def goes_to(entity: Entity, column: Column) -> str:
    """Who takes what stands in the column."""
    if column is ACTION:
        return "pmbulk"
    return "PM" if column.path in entity.body_paths else "pmbulk, to find it in PM"
