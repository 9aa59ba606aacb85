"""
How a field is declared, and the columns that follow from a declaration.

A pydantic model lists an object's fields with the API's own names; `columns_of` flattens it into the columns that a sheet may have. Pure.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pmbulk.secret import Secret

__all__ = ["POSITION", "Column", "FieldSpec", "Fields", "Kind", "columns_of", "field_", "label_of"]

#: Stands in a column's path where a list position goes; positions start at 1 in sheets.
POSITION: Final = "N"

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


class Kind(StrEnum):
    """What a column's cells hold."""

    #: Text, kept as it stands; whole numbers become digits.
    TEXT = "text"
    #: A whole number.
    INTEGER = "integer"
    #: TRUE or FALSE.
    BOOLEAN = "boolean"
    #: Text that is masked wherever it would be shown.
    SECRET = "secret"  # noqa: S105 - the name of a kind, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """What is known of one field beyond its type."""

    #: PM's name for it.
    api: str
    #: The readable name.
    label: str
    help: str = ""
    #: Completes the sentence "must be …".
    rule: str = ""
    example: str = ""
    #: Where the facts are from.
    source: str = ""
    #: Nothing is made without it; below an object: no such object.
    required: bool = False
    #: PM probably wants it: only warned of where it is missing.
    expected: bool = False
    #: Anything else is refused.
    choices: tuple[str, ...] = ()
    #: Whose names it takes: a register of the directory (``departments``), a type of subsystem (``TelephonyServer``), or ``micollab_roles``.
    names: str = ""
    #: Warns only, because the source is an inference.
    advised: re.Pattern[str] | None = None
    #: Likewise.
    advised_choices: tuple[str, ...] = ()
    #: False for what PM never returns: it cannot be compared.
    readable: bool = True
    #: What PM has, as text, in a new object that was told nothing (``""``: nothing).
    initial: str = ""
    #: True for what PM shows only for a while: where it is missing it cannot be compared.
    fades: bool = False
    #: Maps spellings that PM holds for equal onto one.
    normal: Callable[[str], str] | None = None
    #: True for a list of plain values whose first one has a meaning of its own; no other order matters.
    first_counts: bool = False


class Fields(BaseModel):
    """The root of all field lists: nothing unknown, nothing converted behind the sheet's back, every field optional."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False, arbitrary_types_allowed=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column that a sheet may have.

    *path* is the field path in parts, with `POSITION` for list positions. *several* is true for a list of plain values, which stands in one cell
    separated by ``;`` or in one column per position.
    """

    path: tuple[str, ...]
    kind: Kind
    spec: FieldSpec
    several: bool = False

    @property
    def name(self) -> str:
        """The field path with positions written as ``N``."""
        return ".".join(self.path)

    @property
    def label(self) -> str:
        """The readable name, which may stand in row 1 as well; list positions are written as ``N``."""
        if len(self.path) == 1:
            return self.spec.label
        words = " ".join(part if part == POSITION else label_of(part).lower() for part in self.path)
        return words[:1].upper() + words[1:]

    @property
    def is_part(self) -> bool:
        """Whether the field belongs to an object in the body: it is needed where something of that object is filled, else not."""
        return len(self.path) > 1

    @property
    def is_wanted(self) -> bool:
        """Whether PM, or the telephony server behind it, certainly or probably makes nothing without it."""
        return self.spec.required or self.spec.expected

    def at(self, *positions: int) -> str:
        """The header for the list *positions* (from 1); those that are not given are 1."""
        numbers = iter((*positions, *(1 for _ in self.path)))
        return ".".join(str(next(numbers)) if part == POSITION else part for part in self.path)


def label_of(api: str) -> str:
    """
    The readable form of an API name.

    >>> label_of("emailAddress"), label_of("udf12"), label_of("publicCLINumber")
    ('Email address', 'Udf 12', 'Public CLI number')
    """
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in _WORD.findall(api)]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def field_(
    api: str,
    /,
    *,
    label: str = "",
    help: str = "",  # noqa: A002 - the word that typer and argparse use as well
    rule: str = "",
    example: str = "",
    source: str = "",
    required: bool = False,
    expected: bool = False,
    choices: tuple[str, ...] = (),
    names: str = "",
    advised: str = "",
    advised_choices: tuple[str, ...] = (),
    readable: bool = True,
    initial: str = "",
    fades: bool = False,
    normal: Callable[[str], str] | None = None,
    first_counts: bool = False,
    form: str = "",
    **constraints: Any,
) -> Any:
    """
    A field of a `Fields` class, named *api* in PM.

    The parameters are those of `FieldSpec`; *advised* is the text of a pattern. *constraints* are pydantic's
    (``pattern``, ``min_length``, ``ge`` …) and need a *rule*; *form* is the pattern of a secret, which pydantic cannot hold against one.

    Raises:
        TypeError: If there are constraints without a rule that says them in words.
    """
    if (constraints or advised or form) and not rule:
        raise TypeError(f"{api}: constraints need a rule in words")
    spec = FieldSpec(
        api=api,
        label=label or label_of(api),
        help=help,
        rule=rule or (f"one of {', '.join(choices)}" if choices else ""),
        example=example,
        source=source,
        required=required,
        expected=expected,
        choices=choices,
        names=names,
        advised=re.compile(advised) if advised else None,
        advised_choices=advised_choices,
        readable=readable,
        initial=initial,
        fades=fades,
        normal=normal,
        first_counts=first_counts,
    )
    field = Field(default=None, alias=api, json_schema_extra={"spec": spec}, **constraints)  # type: ignore[dict-item] # pydantic types it as JSON; it never leaves the process
    if form:
        field.metadata.append(AfterValidator(_of_form(re.compile(form))))
    return field


def _of_form(form: re.Pattern[str]) -> Callable[[Secret], Secret]:
    def fitting(secret: Secret) -> Secret:
        if not secret.fits(form):
            raise ValueError("of another form")
        return secret

    return fitting


_KINDS: Final[dict[Any, Kind]] = {str: Kind.TEXT, int: Kind.INTEGER, bool: Kind.BOOLEAN, Secret: Kind.SECRET}


@cache
def columns_of(model: type[Fields]) -> tuple[Column, ...]:
    """
    The columns of *model*, in the order of its declaration.

    Raises:
        TypeError: If a field's type is none that a cell can hold, or if it was not declared with `field_`.
    """
    return tuple(_walk(model, ()))


def _walk(model: type[Fields], above: tuple[str, ...]) -> Iterator[Column]:
    for name, declared in model.model_fields.items():
        extra = declared.json_schema_extra
        spec = extra.get("spec") if isinstance(extra, dict) else None
        if not isinstance(spec, FieldSpec):
            raise TypeError(f"{model.__name__}.{name} is not declared with field_()")
        inner = _without_none(declared.annotation)
        path = (*above, spec.api)
        if get_origin(inner) is list:
            (element,) = get_args(inner)
            if isinstance(element, type) and issubclass(element, Fields):
                yield from _walk(element, (*path, POSITION))
            elif element in _KINDS:
                yield Column(path, _KINDS[element], spec, several=True)
            else:
                raise TypeError(f"{model.__name__}.{name}: no cell can hold a list of {element!r}")
        elif isinstance(inner, type) and issubclass(inner, Fields):
            yield from _walk(inner, path)
        elif inner in _KINDS:
            yield Column(path, _KINDS[inner], spec)
        else:
            raise TypeError(f"{model.__name__}.{name}: no cell can hold {inner!r}")


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, types.UnionType}:
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    return annotation
