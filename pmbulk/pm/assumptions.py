"""
What pmbulk assumes about PM where PM's own document leaves the answer open.

One field per assumption, with its source and how sure it is, so that a site can switch it by configuration and `doctor` can replace it by a fact.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, Self, get_args

from pmbulk.errors import UsageError

__all__ = ["Assumptions", "LikelyRules"]

#: What becomes of a cell that breaks a rule which is likely or inferred, not stated (FIELDS; each finding says "probably" or "may").
LikelyRules = Literal["warn", "refuse", "ignore"]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The open questions about PM, each with the answer that is most likely; change one with `from_mapping`."""

    #: The header that carries the token. Not documented; the usual one (DOMAIN 1, QUIRKS 5; unknown).
    auth_header: str = "Authorization"
    #: What stands before the token, tried in this order against the token test; the first that PM accepts is kept (DOMAIN 1; likely, then unknown).
    auth_prefixes: tuple[str, ...] = ("Bearer ", "")
    #: Longest time before a token's end at which it is renewed, in seconds; never more than a fifth of its life (own choice).
    token_margin_s: float = 60.0

    #: Entries to ask for per page. Documented default of most lists; no maximum is documented (QUIRKS 25; inferred).
    page_size: int = 200
    #: First page of lists with `pageno`; ``None``: find out. The document says 0 and 1 (QUIRKS 23; contradiction).
    first_page_items: int | None = None
    #: First page of locations; ``None``: find out. The document says 0 (QUIRKS 24; stated, but beside a doubtful spelling).
    first_page_locations: int | None = None
    #: First page of departments; ``None``: find out, which starts with the documented 0 (QUIRKS 24; stated).
    first_page_departments: int | None = None

    #: Statuses that say that PM did nothing: any request may be sent again later (RFC 9110, RFC 6585; none is documented, QUIRKS 15).
    unprocessed_statuses: frozenset[int] = frozenset({408, 425, 429})
    #: Statuses from 500 on that are a plain no; all others are transient, or ambiguous where sending twice does harm (QUIRKS 15; inferred).
    refusing_server_statuses: frozenset[int] = frozenset({501, 505})
    #: Whether a 503 with `Retry-After` says that PM did nothing. RFC 9110 section 15.6.4 would have it so, a gateway may say it of what PM has done
    #: (unknown).
    unavailable_means_unprocessed: bool = False
    #: What the telephony server answers while an exclusive command runs; compared without regard to case (DOMAIN 4; stated for the PBX).
    busy_marker: str = "COMMAND BUSY"
    #: Statuses that may mean that the object exists already; the caller reads back and compares (DOMAIN 1; likely).
    duplicate_statuses: frozenset[int] = frozenset({400, 409})
    #: The parent that a department at the root is created with; ``None``: the field is left out (FIELDS 5; unknown, 0 is the sample).
    root_parent_id: int | None = 0
    #: Statuses that say that the object asked for is not there (QUIRKS 15; documented for every read).
    absent_statuses: frozenset[int] = frozenset({404})
    #: What becomes of a cell that breaks a rule which is only likely.
    likely_rules: LikelyRules = "warn"

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """
        The assumptions with *values* in place of the defaults, as a configuration file gives them.

        Raises:
            UsageError: If a name is unknown (the nearest is named) or a value has the wrong type (the right one is named).
        """
        kinds = {field.name: _KINDS[str(field.type)] for field in fields(cls)}
        accepted: dict[str, Any] = {}
        for name, value in values.items():
            if name not in kinds:
                near = difflib.get_close_matches(name, kinds, n=1, cutoff=0.0)[0]
                raise UsageError(f"There is no assumption {name!r}. Did you mean {near!r}?")
            words, converted = kinds[name]
            try:
                accepted[name] = converted(value)
            except ValueError:
                raise UsageError(f"The assumption {name!r} must be {words}, not {value!r}.") from None
        return cls(**accepted)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _one_of(*words: str) -> Callable[[object], object]:
    def chosen(value: object) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return chosen


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _size(value: object) -> int:
    if (size := _count(value)) < 1:
        raise ValueError
    return size


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise ValueError
    return float(value)


def _listed(value: object) -> list[object]:
    if not isinstance(value, list | tuple | set | frozenset) or not value:
        raise ValueError
    return list(value)


#: A field's annotation -> what it takes in words, and how a value of a configuration file becomes it.
_KINDS: Final[dict[str, tuple[str, Callable[[object], object]]]] = {
    "str": ("a text", _text),
    "bool": ("true or false", _flag),
    "LikelyRules": (f"one of {', '.join(get_args(LikelyRules))}", _one_of(*get_args(LikelyRules))),
    "int": ("a whole number from 1", _size),
    "int | None": ("a whole number from 0", lambda value: None if value is None else _count(value)),
    "float": ("a number of seconds from 0", _seconds),
    "tuple[str, ...]": ("a list of one or more texts", lambda value: tuple(_text(part) for part in _listed(value))),
    "frozenset[int]": ("a list of one or more whole numbers", lambda value: frozenset(_count(part) for part in _listed(value))),
}
