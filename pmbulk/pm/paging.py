"""
PM's lists, page by page, in all the ways its document describes and contradicts (QUIRKS 21-35).

It is given a way to ask for one page and never loads more than one ahead. What it finds out about a list it remembers in a `Habit`, so that the
next look-up costs one request.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pmbulk.endpoints import Endpoint, Paging
from pmbulk.errors import RejectedError, RowError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.classify import Answer, Code

__all__ = ["DEFAULTS", "PAGE_PARAMETERS", "Habit", "Page", "page_of", "pages"]

#: What the list parameters are, unless the caller says otherwise: everything, in an order that does not change between pages (QUIRKS 26, 34, 35).
DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "listSystemOptions": {"search": "*", "orderby": "optionid asc"},
        "listSecurityProfiles": {"search": "*", "orderby": "securityProfileId asc"},
        "listUsers": {"search": "*", "importedFrom": "ALL", "orderby": "userId asc"},
        "listLockedUsers": {"search": "All"},
        "listAccessPrivileges": {"search": "*", "orderby": "privilegeId asc"},
        "listDepartments": {"sortBy": "departmentId", "sortDir": "ASC"},
        "listDepartmentsByParent": {"sortBy": "departmentId", "sortDir": "ASC"},
        "listLocations": {"search": "*", "orderby": "locationId asc"},
    }
)

#: What says which page is asked for, and of what size; all pages are read, so no caller gives them.
PAGE_PARAMETERS: Final = frozenset({"pageno", "pageNo", "pageSize"})
#: The two spellings of the page parameter; a list that ignores or refuses its own may take the other (QUIRKS 21, 22).
_SPELLINGS: Final = {
    Paging.ITEMS_PAGENO: ("pageno", "pageNo"),
    Paging.ITEMS_PAGE_NO: ("pageNo", "pageno"),
    Paging.DEPARTMENTS: ("pageNo", "pageno"),
}
#: Where the objects of a page are, and what shows that an answer is a page although PM left an empty list out (QUIRKS 19, 29, 30).
_LISTS: Final = ("items", "departmentList", "content")
_MARKS: Final = frozenset({*_LISTS, "count", "pageNo", "pageSize", "page"})
#: How often page 0 is asked for again before its 500s are taken for a refusal.
_ASKED_AGAIN: Final = 4
#: No server caps its pages below this, so a first page that is shorter is the whole list.
_SMALLEST_CAP: Final = 10


@dataclass(slots=True)
class Habit:
    """What is known of a list: its *first* page number and the *spelling* of the page parameter (``None``: not known yet)."""

    first: int | None = None
    spelling: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page's objects and what PM says about the whole (``None``: it does not). *count* is the page's or the total: PM does not say (QUIRKS 32)."""

    items: list[dict[str, Any]]
    size: int | None = None
    count: int | None = None
    total: int | None = None
    total_pages: int | None = None
    last: bool | None = None

    @property
    def fingerprint(self) -> bytes:
        """What tells this page from another one."""
        return hashlib.blake2b(json.dumps(self.items, sort_keys=True).encode(), digest_size=16).digest()


def page_of(content: Any, status: int = 200) -> Page:
    """
    The page in an answer: an object, an object in an array, or the plain array itself; no content is an empty page.

    Raises:
        RejectedError: The answer is of no such shape.
    """
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict) and content[0].keys() & _MARKS:
        content = content[0]
    if content is None:
        return Page([])
    if isinstance(content, list):
        return Page(_objects(content, status))
    if not isinstance(content, dict) or not content.keys() & _MARKS:
        raise _unexpected(status)
    found: Any = next((content[name] for name in _LISTS if content.get(name) is not None), [])
    page = content.get("page")
    whole = page if isinstance(page, dict) else content
    return Page(
        _objects(found, status),
        size=_count(whole.get("pageSize")),
        count=_count(whole.get("count")),
        total=_count(whole.get("totalElements")),
        total_pages=_count(whole.get("totalPages")),
        last=whole.get("last") if isinstance(whole.get("last"), bool) else None,
    )


async def pages(
    endpoint: Endpoint,
    fetch: Callable[[Mapping[str, str | int]], Awaitable[Answer]],
    *,
    query: Mapping[str, str | int],
    assumptions: Assumptions,
    habit: Habit,
) -> AsyncIterator[list[dict[str, Any]]]:
    """
    The pages of a list that are not empty, each as its objects.

    *fetch* asks for the list with all its parameters. *query* has those that do not page. *habit* is read and brought up to date.

    Raises:
        RejectedError: PM refuses, answers in no known shape, or ignores the page number.
        TransientError: A page cannot be had at the moment.
    """
    paging = endpoint.paging
    if paging is None:
        raise TypeError(f"{endpoint.name} is not paged")
    walk = _Walk(fetch, query=query, page_size=assumptions.page_size, habit=habit, known_first=_known_first(paging, assumptions))
    refused: RejectedError | None = None
    for spelling in (habit.spelling,) if habit.spelling else _SPELLINGS[paging]:
        try:
            async for page in walk.along(spelling):
                yield page
        except RejectedError as exc:
            if exc.http != 400 or walk.seen:
                raise
            refused = refused or exc
        if walk.over:
            return
    if not walk.seen and refused is not None:
        raise refused
    if walk.seems_cut():
        raise RejectedError(
            "PM answers every page number with the same page, so the rest of the list cannot be read.", code=Code.PAGE_IGNORED, http=200
        )


class _Walk:
    """One reading of a list: what was seen of it so far."""

    def __init__(
        self,
        fetch: Callable[[Mapping[str, str | int]], Awaitable[Answer]],
        *,
        query: Mapping[str, str | int],
        page_size: int,
        habit: Habit,
        known_first: int | None,
    ) -> None:
        self._fetch = fetch
        self._query = query
        self._page_size = page_size
        self._habit = habit
        self._known_first = known_first
        self._longest = 0
        self._collected = 0
        self._last: Page = Page([])
        self.seen: set[bytes] = set()
        self.over = False

    async def along(self, spelling: str) -> AsyncIterator[list[dict[str, Any]]]:
        """The pages not seen before, until the list is *over* or the same page comes again and again: this spelling is ignored."""
        patience = 2 if self.seen else 1  # page 1 may be page 0 once more; after another spelling both may be known already
        number, page = await self.first(spelling)
        repeats = 0
        while repeats <= patience:
            repeats = 0 if self.is_new(page) else repeats + 1
            if repeats == 0 and page.items:
                yield page.items
            following = None if self.ends(page) else await self.after(spelling, number + 1)
            if following is None:
                self.over = True
                return
            number, page = number + 1, following

    async def page(self, spelling: str, number: int) -> Page:
        """The page with this number."""
        answer = await self._fetch({**self._query, spelling: number, "pageSize": self._page_size})
        return page_of(answer.content, answer.status)

    async def first(self, spelling: str) -> tuple[int, Page]:
        """
        The first page and its number, found out by asking where it is not known: 0 and, if PM refuses that or has nothing there, 1.

        A 500 may be PM's way to refuse page 0 or a hiccup: if PM has page 1, it is asked for page 0 again and again, since taking 1 for the first would lose
        a whole page without a word.
        """
        known = self._known_first if self._known_first is not None else self._habit.first
        if known is not None:
            return known, await self.page(spelling, known)
        try:
            page = await self.page(spelling, 0)
        except (RejectedError, TransientError) as refusal:
            if refusal.http not in {400, 404, 500}:
                raise
            return await self._first_after(spelling, refusal)
        if page.items or page.total == 0:
            return 0, page
        try:
            second = await self.page(spelling, 1)
        except RejectedError:
            return 0, page
        if not second.items:
            return 0, page
        self._habit.first = 1
        return 1, second

    async def _first_after(self, spelling: str, refusal: RowError) -> tuple[int, Page]:
        """The first page after page 0 was refused."""
        try:
            second = await self.page(spelling, 1)
        except RowError:
            raise refusal from None
        if refusal.http == 500:
            for _ in range(_ASKED_AGAIN):
                try:
                    return 0, await self.page(spelling, 0)
                except TransientError as again:
                    if again.http != 500:
                        raise
        if second.items:  # an empty page shows nothing of where the list begins
            self._habit.first = 1
        return 1, second

    async def after(self, spelling: str, number: int) -> Page | None:
        """The page with this number, ``None`` where PM refuses to go past the end; learns from it."""
        try:
            page = await self.page(spelling, number)
        except RejectedError as exc:
            if exc.http not in {400, 404} or self._promised() > self._collected:
                raise
            return None
        if page.items and page.fingerprint not in self.seen:
            self._habit.spelling = spelling
            if number == 1:
                self._habit.first = 0
        return page

    def is_new(self, page: Page) -> bool:
        """Whether this page was not seen before; counts it if so."""
        if page.items and page.fingerprint in self.seen:
            return False
        self.seen.add(page.fingerprint)
        self._collected += len(page.items)
        self._last = page
        return True

    def ends(self, page: Page) -> bool:
        """
        Whether the list is over after *page*.

        PM's own words count first: last page, totals, its page size if that differs from what was asked. Without them a page is short only
        in comparison with a longer one before it: PM may cap pages and say nothing (QUIRKS 25, 32).
        """
        fetched = len(page.items)
        if not fetched or page.last:
            return True
        if self._promised():
            return self._collected >= self._promised()
        if page.total_pages is not None:
            return len(self.seen) >= page.total_pages
        if page.last is False:
            return False
        if page.size and page.size < self._page_size:
            return fetched < page.size
        longest, self._longest = self._longest, max(self._longest, fetched)
        return fetched < max(longest, _SMALLEST_CAP)

    def seems_cut(self) -> bool:
        """Whether there must be more than what was read."""
        if self._promised():
            return self._promised() > self._collected
        return len(self._last.items) == (self._last.size or self._page_size)

    def _promised(self) -> int:
        """How many objects PM says there are in all; 0 if it does not. A count above the page's own length can only be the total."""
        page = self._last
        if page.total:
            return page.total
        return page.count if page.count and page.count > len(page.items) else 0


def _known_first(paging: Paging, assumptions: Assumptions) -> int | None:
    return {
        Paging.ITEMS_PAGENO: assumptions.first_page_items,
        Paging.ITEMS_PAGE_NO: assumptions.first_page_locations,
        Paging.DEPARTMENTS: assumptions.first_page_departments,
    }[paging]


def _objects(found: Any, status: int) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _unexpected(status)
    return found


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unexpected(status: int) -> RejectedError:
    return RejectedError("PM's answer is not a list of objects.", code=Code.UNEXPECTED_SHAPE, http=status)
