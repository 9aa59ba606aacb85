"""
Cutting lists into pages and putting them in order, in PM's two ways (QUIRKS 21-35).

Knows parameters and answers' shapes, not what the records are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call

__all__ = ["PAGING", "Page", "SortKeys", "cut", "in_order", "items_page", "search_text"]

_T = TypeVar("_T")
#: Parameters of lists that have a default, if PM uses it (QUIRKS 34).
PAGING: Final = ("pageno", "pageNo", "pageSize", "orderby", "sortBy", "sortDir")

#: Sortable field → the value to sort a record by.
SortKeys = Mapping[str, Callable[[_T], Any]]


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """Some of *total* records; *number* is the page's as the client counts, *position* counts from 0."""

    records: list[_T]
    total: int
    number: int
    size: int
    position: int


def search_text(call: Call, *, everything: str = "*") -> str:
    """The text to look for without regard to case, empty for *everything*, which is a word of the list's own (QUIRKS 35)."""
    text = call.query["search"]
    return "" if text == everything else text.casefold().strip("*")


def in_order(records: Iterable[_T], keys: SortKeys[_T], *, orderby: str) -> list[_T]:
    """
    *records* sorted by ``field asc, field desc``; as they come if *orderby* is empty.

    Raises:
        RefusedError: 400 for a field that this list is not sorted by, or a direction that is none.
    """
    ordered = list(records)
    for clause in reversed([clause.split() for clause in orderby.split(",") if clause.strip()]):
        name, direction = clause[0], "".join(clause[1:]).casefold() or "asc"
        if name not in keys:
            raise RefusedError(400, f"Cannot sort by {name}; use one of {', '.join(keys)}", code="BAD_SORT")
        if direction not in ("asc", "desc"):
            raise RefusedError(400, f"Cannot sort {direction}; use asc or desc", code="BAD_SORT")
        ordered.sort(key=keys[name], reverse=direction == "desc")
    return ordered


def cut(records: list[_T], call: Call, *, first_page: int, parameter: str, default_size: int = 200) -> Page[_T]:
    """
    The page of *records* that the call asks for; pages are counted from *first_page*, which is the default.

    Raises:
        RefusedError: 400 for a negative page or a size below 1.
    """
    number = call.number(parameter) if call.query[parameter] else first_page
    size = min(call.number("pageSize") if call.query["pageSize"] else default_size, call.settings.max_page_size)
    if number < 0 or size < 1:
        raise RefusedError(400, f"{parameter} must not be negative and pageSize must be at least 1", code="BAD_PAGE")
    position = max(number - first_page, 0)
    start = position * size
    return Page(records[start : start + size], len(records), number, size, position)


def items_page(
    call: Call,
    records: Iterable[_T],
    shown: Callable[[_T], Any],
    *,
    first_page: int,
    keys: SortKeys[_T] | None = None,
    parameter: str = "pageno",
) -> list[dict[str, Any]]:
    """
    The page of *records* that the call asks for, as an array that holds one object (QUIRKS 29); a list without *keys* has no order to choose.

    Raises:
        RefusedError: As `in_order` and `cut` do.
    """
    ordered = list(records) if keys is None else in_order(records, keys, orderby=call.query["orderby"])
    page = cut(ordered, call, first_page=first_page, parameter=parameter)
    items = [shown(record) for record in page.records]
    count = page.total if call.settings.count_is_total else len(items)
    return [{"items": items, "count": count, "pageNo": page.number, "pageSize": page.size}]
