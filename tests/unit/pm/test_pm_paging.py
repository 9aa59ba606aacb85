"""All the ways PM's lists are paged, described and contradicted (QUIRKS 21-35)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pmbulk.endpoints import endpoint
from pmbulk.errors import RejectedError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.classify import Answer
from pmbulk.pm.paging import DEFAULTS, Habit, page_of, pages


class _Server:
    """A list of *total* objects behind one of PM's possible pagings."""

    def __init__(self, total: int, *, base: int = 0, below: str = "empty", cap: int = 200, shape: str = "items", **more: Any) -> None:
        self.objects = [{"id": number} for number in range(total)]
        self.base = base
        self.below = below  # what a page below the base is: empty, 400, 404, 500, or the first page
        self.cap = cap
        self.shape = shape
        self.told_size: int | None = more.get("told_size")  # the page size PM tells; None: the true one
        self.spelling: str | None = more.get("spelling")  # the only parameter it looks at; None: either
        self.strict = more.get("strict", False)  # 400 without that parameter
        self.beyond = more.get("beyond", "empty")
        self.count = more.get("count", "page")
        self.asked: list[Any] = []
        self.faults: dict[int, Exception] = {}

    async def fetch(self, query: Mapping[str, str | int]) -> Answer:
        number = query.get("pageno", query.get("pageNo")) if self.spelling is None else query.get(self.spelling)
        self.asked.append(number)
        if len(self.asked) in self.faults:
            raise self.faults[len(self.asked)]
        if number is None:
            if self.strict:
                raise RejectedError("Required parameter", http=400)
            number = self.base
        index = int(number) - self.base
        if index < 0:
            if self.below.isdigit():
                status = int(self.below)
                raise (TransientError if status == 500 else RejectedError)(f"page {number}", http=status)
            index = 0 if self.below == "first" else 10_000
        size = min(int(query["pageSize"]), self.cap)
        found = self.objects[index * size : (index + 1) * size]
        if not found and self.beyond == "404" and index > 0:
            raise RejectedError("no such page", http=404)
        return Answer(200, self.shaped(found, size, index))

    def shaped(self, found: list[Any], size: int, index: int) -> Any:
        told = self.told_size or size
        if self.shape == "plain":
            return found
        if self.shape == "departments":
            total_pages = -(-len(self.objects) // size)
            page = {"pageSize": told, "totalPages": total_pages, "totalElements": len(self.objects), "last": index + 1 >= total_pages}
            return [{"departmentList": found, "page": page}]
        body: dict[str, Any] = {"items": found, "count": len(found) if self.count == "page" else len(self.objects), "pageSize": told}
        if self.shape == "sparse":
            body = {name: value for name, value in body.items() if value}
        return body if self.shape == "bare" else [body]

    async def read(self, name: str = "listUsers", habit: Habit | None = None, **assumed: Any) -> list[int]:
        found: list[int] = []
        known = Habit() if habit is None else habit
        async for page in pages(endpoint(name), self.fetch, query={}, assumptions=Assumptions(**assumed), habit=known):
            assert page, "an empty page was given"
            found += [one["id"] for one in page]
        return found


@pytest.mark.parametrize("total", [0, 1, 9, 10, 50, 199, 200, 201, 400, 450])
@pytest.mark.parametrize(("base", "below"), [(0, "empty"), (1, "empty"), (1, "400"), (1, "404"), (1, "500"), (1, "first")])
@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("items", "listUsers"),
        ("bare", "listUsers"),
        ("sparse", "listLocations"),
        ("plain", "listLockedUsers"),
        ("departments", "listDepartments"),
    ],
)
@pytest.mark.parametrize("count", ["page", "total"])
async def test_every_object_is_read_once(*, total: int, base: int, below: str, shape: str, name: str, count: str) -> None:
    """
    Whatever the first page's number, the shape of the answer and the meaning of its count: all objects, each once, in order.
    """
    server = _Server(total, base=base, below=below, shape=shape, count=count)
    assert list(range(total)) == await server.read(name)


@pytest.mark.parametrize("told_size", [None, 200], ids=["told", "not told"])
@pytest.mark.parametrize("cap", [10, 50, 100])
@pytest.mark.parametrize("shape", ["items", "plain", "departments"])
@pytest.mark.parametrize("base", [0, 1])
async def test_a_server_that_caps_its_pages_loses_nothing(told_size: int | None, cap: int, shape: str, base: int) -> None:
    """
    A page shorter than asked for is not the last one if PM caps its pages, whether it tells so or not.
    """
    server = _Server(3 * cap, base=base, below="400", cap=cap, shape=shape, told_size=told_size)
    assert list(range(3 * cap)) == await server.read()


@pytest.mark.parametrize("strict", [False, True], ids=["ignores the other spelling", "wants its own"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("total", [5, 200, 450])
async def test_the_other_spelling_is_found(total: int, base: int, strict: bool) -> None:
    """
    Where PM ignores or refuses one spelling of the page parameter, the other one is taken (QUIRKS 21, 22).
    """
    server = _Server(total, base=base, below="first", spelling="pageno", strict=strict)
    assert list(range(total)) == await server.read("listLocations")


async def test_a_list_that_ignores_all_page_numbers_ends() -> None:
    """
    Full pages that are always the same end with an error, never in a loop.
    """
    server = _Server(450, spelling="neither")
    with pytest.raises(RejectedError) as caught:
        await server.read()
    assert "PAGE_IGNORED" == caught.value.code
    assert len(server.asked) < 10


async def test_a_list_that_knows_no_paging_is_read_whole() -> None:
    """
    A server that answers everything to every page number has given everything if that is less than a page, or more.
    """
    assert list(range(50)) == await _Server(50, spelling="neither").read()


@pytest.mark.parametrize("total", [200, 400])
async def test_a_refusal_past_the_end_is_the_end(total: int) -> None:
    """
    A server that answers 404 to the page after the last one has given all.
    """
    assert list(range(total)) == await _Server(total, beyond="404").read()


@pytest.mark.parametrize("position", [1, 2])
async def test_an_outage_in_a_list_is_no_end(position: int) -> None:
    """
    A page that cannot be had at the moment fails the reading; nothing is taken for the whole.
    """
    server = _Server(450)
    server.faults = {position: TransientError("down", http=503)}
    with pytest.raises(TransientError):
        await server.read()


async def test_a_hiccup_at_page_0_loses_nothing() -> None:
    """
    A 500 at page 0 is asked about once more before page 1 is taken for the first.
    """
    server = _Server(450)
    server.faults = {1: TransientError("hiccup", http=500)}
    assert list(range(450)) == await server.read()


@pytest.mark.parametrize("size", [5, 450], ids=["one page", "three pages"])
async def test_two_hiccups_at_page_0_lose_nothing_either(size: int) -> None:
    """
    The first page is not given up for an unlucky moment, neither now nor when the list is read again.
    """
    habit, server = Habit(), _Server(size)
    server.faults = {position: TransientError("hiccup", http=500) for position in (1, 3)}
    assert list(range(size)) == await server.read(habit=habit)
    assert list(range(size)) == await server.read(habit=habit)


@pytest.mark.parametrize("status", [400, 404])
async def test_a_list_that_is_refused_stays_refused(status: int) -> None:
    """
    Where no page and no spelling is accepted, PM's first refusal comes through.
    """
    server = _Server(5)
    server.faults = {position: RejectedError(f"refusal {position}", http=status) for position in range(1, 9)}
    with pytest.raises(RejectedError, match="refusal 1"):
        await server.read()


async def test_what_was_found_out_is_remembered() -> None:
    """
    The second reading of a list starts at the first page that the first one found.
    """
    habit, server = Habit(), _Server(201, base=1, below="400")
    await server.read(habit=habit)
    server.asked.clear()
    await server.read(habit=habit)
    assert [1, 2] == server.asked


async def test_a_first_page_that_is_assumed_is_not_searched() -> None:
    """
    A site that knows its PM's first page spares the question.
    """
    server = _Server(5, base=1)
    await server.read(first_page_items=1)
    assert [1] == server.asked


async def test_at_most_one_page_is_loaded_ahead() -> None:
    """
    A reader that stops early has caused no further requests.
    """
    server = _Server(2000)
    async for _ in pages(endpoint("listUsers"), server.fetch, query={}, assumptions=Assumptions(), habit=Habit()):
        break
    assert [0] == server.asked


@pytest.mark.parametrize("content", ["text", 7, {"a": 1}, ["a", "b"], [{"items": "x"}], [{"items": [1]}]])
def test_what_is_no_list_is_refused(content: Any) -> None:
    """
    An answer of no known shape is an error, never an empty list.
    """
    with pytest.raises(RejectedError) as caught:
        page_of(content)
    assert "UNEXPECTED_SHAPE" == caught.value.code


@pytest.mark.parametrize("content", [None, [], [{"count": 0}], {"pageNo": 1}, [{"page": {"totalPages": 0}}], [{"items": None, "count": 0}]])
def test_a_page_without_its_list_is_empty(content: Any) -> None:
    """
    PM leaves out what is empty (QUIRKS 19).
    """
    assert [] == page_of(content).items


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_defaults_are_the_lists_own_parameters(name: str) -> None:
    """
    Every paged list has a default for each parameter that does not page, and no other.
    """
    assert set(DEFAULTS[name]) == set(endpoint(name).query) - {"pageno", "pageNo", "pageSize"}


def _script(*answers: Any) -> tuple[list[Any], Any]:
    """
    A server that gives these answers in turn, and the page numbers it was asked for.
    """
    left, asked = list(answers), []

    async def fetch(query: Mapping[str, str | int]) -> Answer:
        asked.append(query.get("pageno", query.get("pageNo")))
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(200, answer)

    return asked, fetch


async def _read(fetch: Any, name: str = "listDepartments", **assumed: Any) -> list[int]:
    given = pages(endpoint(name), fetch, query={}, assumptions=Assumptions(**assumed), habit=Habit())
    return [one["id"] async for page in given for one in page]


@pytest.mark.parametrize(
    ("whole", "asked"),
    [({"totalPages": 2}, [0, 1]), ({"last": False}, [0, 1, 2]), ({"totalElements": 2}, [0, 1])],
    ids=["page count", "not the last", "total"],
)
async def test_each_of_pms_own_words_about_the_end_is_enough(whole: dict[str, Any], asked: list[int]) -> None:
    """
    Pages that look too short are followed by others if PM says so, by whichever of its fields (QUIRKS 30).
    """
    requests, fetch = _script(*({"departmentList": [{"id": number}], "page": whole} for number in range(2)), {"departmentList": []})
    assert [0, 1] == await _read(fetch)
    assert asked == requests


@pytest.mark.parametrize(
    "answers",
    [
        [TransientError("500", http=500), {"items": [{"id": 1}]}, TransientError("down", http=503)],
        [{"items": []}, TransientError("down", http=503)],
        [{"items": [{"id": 1}], "count": 9}, RejectedError("gone", http=404)],
        [RejectedError("forbidden", http=403)],
    ],
    ids=["while page 0 is tried again", "after an empty page 0", "before the promised end", "forbidden"],
)
async def test_what_leaves_the_list_in_doubt_is_an_error(answers: list[Any]) -> None:
    """
    A list that could not be read to the end that PM promised is never taken for whole.
    """
    _, fetch = _script(*answers)
    with pytest.raises((TransientError, RejectedError)):
        await _read(fetch)


async def test_a_refusal_after_an_empty_page_0_is_an_empty_list() -> None:
    """
    Nothing at page 0 and no page 1: the list is empty.
    """
    _, fetch = _script({"items": []}, RejectedError("no such page", http=404))
    assert [] == await _read(fetch)


async def test_only_paged_lists_are_paged() -> None:
    """
    Paging an operation that has none is a programmer's mistake.
    """
    _, fetch = _script()
    with pytest.raises(TypeError):
        await _read(fetch, "listSubsystems")
