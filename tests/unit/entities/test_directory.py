from __future__ import annotations

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.directory import Directory, Listed, Register, _path_of, tidy_path
from pmbulk.entities.references import subsystem
from pmbulk.errors import InvalidRowError, RejectedError


class Source:
    """What PM lists, how often it was asked, and a gate that may hold its answer back."""

    def __init__(self, *names):
        self.listed = [Listed(number, name, {}) for number, name in enumerate(names, start=1)]
        self.loads = 0
        self.gate = anyio.Event()
        self.gate.set()

    async def load(self):
        """The list as it is when asked for."""
        self.loads += 1
        answer = list(self.listed)
        await self.gate.wait()
        await checkpoint()
        return answer

    def add(self, name):
        """Make one more."""
        self.listed.append(Listed(len(self.listed) + 1, name, {}))


async def test_many_waiters_share_one_load():
    """
    Fifty rows that ask at once cause one request.
    """
    source = Source("Sales")
    register = Register("department", source.load)
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(register.find, "sales")
    assert 1 == source.loads


async def test_names_have_no_case():
    """
    Case and outer blanks do not matter, and the name is given back as PM spells it.
    """
    register = Register("department", Source("Company/Sales").load)
    assert "Company/Sales" == (await register.get(" company/SALES ", column="department")).name


async def test_blanks_round_the_names_of_a_path_do_not_matter():
    """
    A department is found whatever blanks stand round the separators, in the cell or in PM's own names.
    """
    register = Register("department", Source("R / D", "Company/Sales").load, tidy=tidy_path)
    assert ["R / D", "Company/Sales"] == [(await register.get(name, column="department")).name for name in ("r/d", "Company / Sales/")]


async def test_a_missing_name_lists_the_nearest():
    """
    The finding stands at the column, with names that resemble.
    """
    register = Register("department", Source("Company/Sales", "Company/Support").load)
    with pytest.raises(InvalidRowError) as caught:
        await register.get("Company/Sale", column="department")
    assert (
        "department: PM has no department 'Company/Sale', or this administrator cannot see it. Nearest: Company/Sales, Company/Support."
        == str(caught.value)
    )
    assert "REFERENCE" == caught.value.code


async def test_an_ambiguous_name_lists_its_ids():
    """
    Where several objects have a name, the row is told to give the id.
    """
    register = Register("location", Source("Oslo", "OSLO").load)
    with pytest.raises(InvalidRowError) as caught:
        await register.get("oslo", column="location")
    assert "location: PM has several objects of kind location called 'oslo' (ids 1, 2); give the id instead of the name" == str(
        caught.value
    )
    with pytest.raises(InvalidRowError) as caught:
        await register.find("oslo")
    assert "PM has several objects of kind location called 'oslo': Oslo (id 1), OSLO (id 2). Give the id instead of the name." == str(
        caught.value
    )


async def test_an_object_listed_twice_is_one():
    """
    PM's list moves while it is read page by page, so an object may stand on two pages; its last reading counts.
    """
    source = Source("Oslo")
    source.listed.append(Listed(1, "OSLO", {"description": "later"}))
    assert {"description": "later"} == (await Register("location", source.load).get("Oslo", column="location")).body


async def test_a_change_is_looked_for_only_where_a_name_is_missing():
    """
    After a change a known name is taken as it is; an unknown one is looked up once more, and once only.
    """
    source = Source("Oslo")
    register = Register("location", source.load)
    await register.get("Oslo", column="location")
    source.add("Rome")
    register.changed()
    await register.get("Oslo", column="location")
    assert 1 == source.loads
    assert 2 == (await register.get("Rome", column="location")).id
    with pytest.raises(InvalidRowError):
        await register.get("Paris", column="location")
    assert 2 == source.loads
    assert 2 == (await register.by_id(2)).id
    assert await register.by_id(3) is None
    assert 2 == source.loads


async def test_existence_is_asked_anew_after_a_change():
    """
    Whether an object exists is never answered from before the last change.
    """
    source = Source("Oslo")
    register = Register("location", source.load)
    assert 1 == (await register.find("Oslo")).id
    source.listed.clear()
    register.changed()
    assert await register.find("Oslo") is None
    assert await register.find_id(1) is None
    assert 2 == source.loads


async def test_a_change_during_a_load_is_not_missed():
    """
    What is made while a list is under way is found by loading again.
    """
    source = Source("Oslo")
    register = Register("location", source.load)
    source.gate = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(register.find, "Oslo")
        await anyio.wait_all_tasks_blocked()
        source.add("Rome")
        register.changed()
        source.gate.set()
    assert 2 == (await register.get("Rome", column="location")).id


async def test_a_failed_load_is_tried_again():
    """
    A list that did not come is asked for again by the next row.
    """
    source = Source("Oslo")
    failures = [RejectedError("no", http=500)]

    async def load():
        if failures:
            raise failures.pop()
        return await source.load()

    register = Register("location", load)
    with pytest.raises(RejectedError):
        await register.find("Oslo")
    assert 1 == (await register.find("Oslo")).id


def node(name, parent=None):
    return {"departmentName": name, "parentDepartmentId": parent}


@pytest.mark.parametrize(
    ("number", "nodes", "path"),
    [
        (3, {1: node("Company", 0), 2: node("Sales", 1), 3: node("EMEA", "2")}, "Company/Sales/EMEA"),
        (3, {3: node("EMEA", 2)}, "EMEA"),
        (1, {1: node("A", 2), 2: node("B", 1)}, "B/A"),
        (1, {1: node("Self", 1)}, "Self"),
        (1, {1: {}}, ""),
    ],
    ids=["from the root", "hidden parent", "circle", "own parent", "no name"],
)
def test_paths_of_departments(number, nodes, path):
    """
    A path starts at the highest parent that PM lists, and a circle ends it.
    """
    assert path == _path_of(number, nodes)


@pytest.mark.parametrize("text", ["Company/Sales", "/Company/Sales/", " Company / Sales ", "/Company /Sales"])
def test_paths_are_tidied(text):
    """
    Separators at the ends and blanks round names do not matter.
    """
    assert "Company/Sales" == tidy_path(text)


@given(text=st.text(alphabet="ab /", max_size=12))
def test_a_tidy_path_stays_as_it_is(text):
    """
    Tidying twice is tidying once.
    """
    assert tidy_path(text) == tidy_path(tidy_path(text))


async def test_the_directory_reads_what_pm_lists(fake):
    """
    Objects without an id are passed over; ids may be texts.
    """
    fake.answers = {
        "listLocations": [{"locationId": "4", "locationName": "Oslo"}, {"locationName": "ghost"}],
        "listDepartments": [
            {"departmentId": 1, "departmentName": "Company"},
            {"departmentId": 2, "departmentName": "Sales", "parentDepartmentId": 1},
        ],
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}],
    }
    directory = Directory(fake)
    assert 4 == (await directory.locations.find("oslo")).id
    assert 2 == (await directory.departments.find("company/sales")).id
    assert 9 == (await directory.subsystems.find("mx1")).id
    assert {"subsystemType": "All"} == fake.calls[-1].query


@pytest.mark.parametrize(("name", "number"), [("mx1", None), (None, 9), ("MX1", 9)], ids=["by name", "by id", "by both"])
async def test_a_subsystem_by_name_or_id(name, number, session_of, fake):
    """
    Name and id are found from each other, and the name is PM's spelling.
    """
    fake.answers = {"listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}, {"subsystemId": 8, "subsystemName": "MX2"}]}
    assert ("MX1", 9) == await subsystem(session_of(), name, number, column="subsystemName")


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("MX3", None, "subsystemName: PM has no subsystem 'MX3', or this administrator cannot see it. Nearest: MX1."),
        (None, 7, "subsystemId: PM has no subsystem with the id 7"),
        ("MX1", 7, "subsystemId: is 7, but 'MX1' has the id 9; correct one of the two or leave the id blank"),
    ],
    ids=["no such name", "no such id", "two subsystems"],
)
async def test_a_subsystem_that_is_none(name, number, message, session_of, fake):
    """
    What PM does not have, and a name and an id that disagree, are findings.
    """
    fake.answers = {"listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}]}
    with pytest.raises(InvalidRowError) as caught:
        await subsystem(session_of(), name, number, column="subsystemName")
    assert message == str(caught.value)


async def test_who_may_not_list_subsystems_is_asked_once(session_of, fake, refusal):
    """
    Where PM refuses the list, rows are taken at their word, and PM is not asked for each of them.
    """
    fake.answers = {"listSubsystems": refusal(403)}
    session = session_of()
    for _ in range(5):
        assert ("MX1", None) == await subsystem(session, "MX1", None, column="subsystemName")
        assert (None, 9) == await subsystem(session, None, 9, column="subsystemName")
    assert 1 == fake.count("listSubsystems")


async def test_another_refusal_of_the_list_fails_the_row(session_of, fake, refusal):
    """
    Only the lack of a right is overlooked.
    """
    fake.answers = {"listSubsystems": refusal(400)}
    with pytest.raises(RejectedError):
        await subsystem(session_of(), "MX1", None, column="subsystemName")
