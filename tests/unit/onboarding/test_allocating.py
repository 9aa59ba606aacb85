"""User ids and numbers: none twice, the same again, and nobody else's; first by examples, then by whatever names there are."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.names import fold
from pmbulk.entities.number_series import NumberRange
from pmbulk.errors import UsageError
from pmbulk.onboarding.allocation import Need, Taken, Unavailable, allocate_numbers, allocate_user_ids, natural
from pmbulk.onboarding.mapping_file import NumberRule, UserIdRule
from pmbulk.onboarding.pins import Pins

IDS = UserIdRule(take="{{ name }}", reserved=("admin",), max_length=12)
NUMBERS = NumberRule(subsystem="MX1", by="Stockholm", ranges={"Stockholm": ("2000-2009",), "*": ("3000-3001",)}, reserved=("2000-2001",))

texts = st.text(max_size=40) | st.sampled_from(["Anna", "anna", "ANNA", "é", "e\u0301", "admin", "ſ", "s", "²", "2", "1" * 5000])
keys = st.text(min_size=1, max_size=12).filter(str.strip)
people = st.dictionaries(keys, texts, max_size=30)


def distinct(wanted):
    """The wishes of people whose keys differ, as `read_people` sees to it."""
    return {fold(key): value for key, value in wanted.items()}


@given(people)
def test_no_user_id_is_given_twice_whatever_the_names(names):
    """
    Compared as PM does, without regard to capitals; only a name that comes to nothing gets none.
    """
    given_ids = allocate_user_ids(distinct(names), IDS, Pins(), Taken(user_ids={"anna": ""}))
    got = [fold(value) for value in given_ids.values() if isinstance(value, str)]
    assert len(got) == len(set(got))
    assert {"admin", "anna"}.isdisjoint(got)
    assert all(len(value) <= 12 for value in given_ids.values() if isinstance(value, str))
    assert {key for key, value in distinct(names).items() if not value} == {
        key for key, value in given_ids.items() if isinstance(value, Unavailable)
    }


@given(people, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(names, chance):
    """
    Shuffled, everybody gets the same user id and the same number.
    """
    wanted = distinct(names)
    shuffled = list(wanted.items())
    chance.shuffle(shuffled)
    assert allocate_user_ids(wanted, IDS, Pins(), Taken()) == allocate_user_ids(dict(shuffled), IDS, Pins(), Taken())
    needs = dict.fromkeys(wanted, Need("MX1", "Stockholm"))
    again = {key: needs[key] for key, _name in shuffled}
    assert allocate_numbers("desk", needs, NUMBERS, Pins(), Taken()) == allocate_numbers("desk", again, NUMBERS, Pins(), Taken())


@given(st.lists(st.sets(st.integers(0, 14), max_size=10), min_size=1, max_size=8))
def test_what_was_given_stays_through_rounds_of_joiners_and_leavers(rounds):
    """
    Whoever is there has what he had, whoever came back too, and nobody has what anybody ever had.
    """
    rule = NumberRule(subsystem="MX1", ranges={"*": ("2000-2099",)})
    pins = Pins()
    ever: dict[str, tuple] = {}
    for there in rounds:
        wanted = {f"e{number}": "Anna" for number in there}
        ids = allocate_user_ids(wanted, IDS, pins, Taken())
        numbers = allocate_numbers("desk", dict.fromkeys(wanted, Need("MX1", "")), rule, pins, Taken())
        for key in wanted:
            assert ever.setdefault(key, (ids[key], numbers[key])) == (ids[key], numbers[key])
    assert len(ever) == len({number for _user_id, number in ever.values()})
    assert len(ever) == len({user_id for user_id, _number in ever.values()})


@given(st.lists(keys, unique_by=fold, max_size=20))
def test_no_two_keys_sort_as_equal(names):
    """
    Equal ones would come in the order of HR's rows.
    """
    assert len(names) == len({natural(name) for name in names})


def test_keys_are_sorted_as_people_count():
    """
    Nine before ten, and zeros in front make no number larger.
    """
    assert ["E9", "E010", "E10", "E11", "F1"] == sorted(["F1", "E11", "E10", "E010", "E9"], key=natural)


def test_a_number_in_another_place_is_a_new_one_and_the_old_one_stays_noted():
    """
    Whoever moves to another subsystem and back has the first number again.
    """
    rule = NumberRule(subsystem="{{ x }}", ranges={"*": ("2000-2009",)})
    pins = Pins()
    here, there = Need("MX1", ""), Need("MX2", "")
    allocate_numbers("desk", {"e0": there}, rule, pins, Taken())
    assert {"e1": "2000"} == allocate_numbers("desk", {"e1": here}, rule, pins, Taken())
    assert {"e1": "2001"} == allocate_numbers("desk", {"e1": there}, rule, pins, Taken())
    assert {"e1": "2000"} == allocate_numbers("desk", {"e1": here}, rule, pins, Taken())


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({"2005": "E1"}, "2005"),
        ({"2005": "E2"}, "2002"),
        ({"2007": "E1"}, "2007"),
        ({"2007": "E1", "2005": "E1"}, "2005"),
    ],
    ids=["still theirs", "somebody else's", "renumbered in PM", "two of their own"],
)
def test_what_pm_says_comes_before_what_was_given(taken, expected):
    """
    A number that is somebody else's meanwhile is not fought for, and one that PM gave is kept.
    """
    pins = Pins({"E1": {"desk in mx1": "2005"}})
    assert {"E1": expected} == allocate_numbers("desk", {"E1": Need("MX1", "Stockholm")}, NUMBERS, pins, Taken(numbers={"mx1": taken}))


def test_numbers_that_two_people_swapped_in_pm_are_theirs():
    """
    Whatever each of them was given before.
    """
    pins = Pins({"E1": {"desk in mx1": "2005"}, "E2": {"desk in mx1": "2006"}})
    needs = dict.fromkeys(("E1", "E2"), Need("MX1", "Stockholm"))
    taken = Taken(numbers={"mx1": {"2005": "E2", "2006": "E1"}})
    assert {"E1": "2006", "E2": "2005"} == allocate_numbers("desk", needs, NUMBERS, pins, taken)


def test_a_number_that_is_nobodys_in_pm_is_not_taken_over():
    """
    It may be a half-made extension of the same person or the one of a lift; a person has to look.
    """
    pins = Pins({"E1": {"desk in mx1": "2005"}})
    found = allocate_numbers("desk", {"E1": Need("MX1", "Stockholm")}, NUMBERS, pins, Taken(numbers={"mx1": {"2005": ""}}))
    assert (
        "the number 2005 was given to this person, and PM has 2005 in MX1 as nobody's: if it is the same person's, put it under the user in PM; "
        'if not, add "2005" to `reserved` in [numbers.desk], and the person gets another'
    ) == found["E1"].message


def test_what_is_reserved_meanwhile_is_not_the_person_s():
    """
    Who was given what PM has as nobody's gets something else once the mapping says that it is not theirs.
    """
    pins = Pins({"E1": {"desk in mx1": "2000", "user_id": "admin"}})
    taken = Taken(user_ids={"admin": ""}, numbers={"mx1": {"2000": ""}})
    assert {"E1": "2002"} == allocate_numbers("desk", {"E1": Need("MX1", "Stockholm")}, NUMBERS, pins, taken)
    assert {"E1": "anna"} == allocate_user_ids({"E1": "anna"}, IDS, pins, taken)


def test_two_kinds_of_number_are_never_the_same_one():
    """
    One number that PM has for a person serves one rule, not two with ranges that overlap.
    """
    pins, taken = Pins(), Taken(numbers={"mx1": {"2005": "E1"}})
    kinds = [allocate_numbers(name, {"E1": Need("MX1", "Stockholm")}, NUMBERS, pins, taken)["E1"] for name in ("desk", "mobile")]
    assert ["2005", "2002"] == kinds


def test_other_mappings_numbers_and_ids_are_taken():
    """
    Two mappings that share ranges share what is left of them.
    """
    pins = Pins(others=[Pins({"X1": {"dect in mx1": "2002", "user_id": "Anna"}})])
    assert {"E1": "2003"} == allocate_numbers("desk", {"E1": Need("MX1", "Stockholm")}, NUMBERS, pins, Taken())
    assert {"E1": "anna2"} == allocate_user_ids({"E1": "anna"}, IDS, pins, Taken())


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({"anna": "E1"}, "anna"),
        ({"anna": "E2"}, "anna2"),
        ({"berg": "E1"}, "berg"),
        ({}, "anna"),
    ],
    ids=["still theirs", "somebody else's", "renamed in PM", "not in PM"],
)
def test_the_user_id_in_pm_comes_before_the_one_that_was_given(taken, expected):
    """
    As with numbers.
    """
    assert {"E1": expected} == allocate_user_ids({"E1": "anna"}, IDS, Pins({"E1": {"user_id": "anna"}}), Taken(user_ids=taken))


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        ({"anna": ""}, "the user id 'anna' was given to this person, and PM has a user 'anna' without a key"),
        ({"anna": "E1", "berg": "e1"}, "PM has 2 users with this key: anna, berg; remove the key from all but one of them there"),
    ],
    ids=["without a key", "twice"],
)
def test_a_user_who_may_be_the_same_person_is_not_guessed_at(taken, words):
    """
    Neither taken over nor made a second time.
    """
    found = allocate_user_ids({"E1": "anna"}, IDS, Pins({"E1": {"user_id": "anna"}}), Taken(user_ids=taken))
    assert found["E1"].message.startswith(words)


@pytest.mark.parametrize(
    ("need", "words"),
    [
        (Need("MX1", "Stockholm"), "no number is free in MX1 among 2000-2009 (those of people who left stay theirs)"),
        (Need("", "Stockholm"), "there is no subsystem to take a number in; `subsystem` of the rule gives a blank"),
    ],
    ids=["exhausted", "no subsystem"],
)
def test_who_cannot_get_a_number_is_told_why(need, words):
    """
    In words that say what to change.
    """
    taken = Taken(numbers={"mx1": dict.fromkeys(map(str, range(2000, 2010)), "")})
    assert allocate_numbers("desk", {"E1": need}, NUMBERS, Pins(), taken)["E1"].message.startswith(words)


def test_a_range_outside_pm_s_series_is_told_from_a_full_one():
    """
    Where numbers of the range may be free and PM takes none of them, its series are named.
    """
    taken = Taken(series={"mx1": [NumberRange("1000", "1999"), NumberRange("70000", "70999")]})
    found = allocate_numbers("desk", {"E1": Need("MX1", "Stockholm")}, NUMBERS, Pins(), taken)
    words = "no number is free in MX1 among 2000-2009 within PM's series for extensions there, 1000-1999 and 70000-70999 (those of"
    assert found["E1"].message.startswith(words)


def test_ranges_are_named_without_regard_to_case():
    """
    Also for somebody who has a number in PM.
    """
    taken = Taken(numbers={"mx1": {"2005": "E1"}})
    assert {"E1": "2005"} == allocate_numbers("desk", {"E1": Need("MX1", "stockholm")}, NUMBERS, Pins(), taken)


def test_numbers_come_from_the_series_of_pm_alone():
    """
    A range of the mapping that PM has no series for gives nothing.
    """
    taken = Taken(series={"mx1": [NumberRange("2006", "2007")]})
    needs = {key: Need("MX1", "Stockholm") for key in ("a", "b")}
    assert {"a": "2006", "b": "2007"} == allocate_numbers("desk", needs, NUMBERS, Pins(), taken)


def test_nothing_new_is_given_where_the_past_is_recalled():
    """
    Whoever has nothing is left out.
    """
    pins = Pins({"E1": {"user_id": "anna"}})
    assert {"E1": "anna"} == allocate_user_ids({"E1": "x", "E2": "y"}, IDS, pins, Taken(), recall=True)


def test_pins_outlive_the_process(tmp_path):
    """
    Saved and loaded they are the same, and nothing else is left in the folder.
    """
    pins = Pins({"É1": {"user_id": "anna"}})
    pins.save(tmp_path / "pins.json")
    assert "anna" == Pins.load(tmp_path / "pins.json").of("e\u03011", "user_id")
    assert ["pins.json"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2, "people": {}}', '{"version": 1, "people": {"a": 1}}', json.dumps({"version": 1})]
)
def test_damaged_pins_are_refused(tmp_path, text):
    """
    To start anew in silence would give numbers to others.
    """
    path = tmp_path / "pins.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="put it back from a backup rather than removing it"):
        Pins.load(path)


def test_ten_thousand_of_one_name_are_soon_told_apart():
    """
    Counting goes on where it stopped, so that the last takes no longer than the first.
    """
    keys = [f"E{number}" for number in range(10_000)]
    random.Random(1).shuffle(keys)
    found = allocate_user_ids(dict.fromkeys(keys, "anna.berg"), IDS, Pins(), Taken())
    assert ("anna.berg", "anna.ber1000", "anna.be10000") == (found["E0"], found["E999"], found["E9999"])
