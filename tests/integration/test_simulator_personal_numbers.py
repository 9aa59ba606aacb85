"""The personal number of an extension of the simulated PM: its lists, their choices, and the older shape of both."""

from __future__ import annotations

import pytest

from tests.support import refused

PERSONAL = "/pm-extension-ms/pm-personal-number"
CHOICE = f"{PERSONAL}/v2/call-list/choice"


def choice(position, **members):
    return {"chono": position, "anspos": "1002", "stime": 20, **members}


def create_list(api, number, *choices, **members):
    return api.post(f"{PERSONAL}/v2/1104", json={"list": {"listNo": number, **members}, "chos": list(choices or (choice(1),))})


def lists(api, number="1104"):
    return api.get(f"{PERSONAL}/v2/{number}").json()


def of_list(number, **asked):
    return {"extensionNumber": "1104", "listNumber": number, **asked}


def test_an_extension_has_no_list_at_first(api):
    """
    Without a list everything is inactive.
    """
    assert {"extensionId": "10", "list": [], "allInactive": True, "delayseizurelist": []} == lists(api)


def test_a_list_is_one_object_in_and_an_array_out(api):
    """
    The new list comes back among all of them (QUIRKS 94).
    """
    create_list(api, 2)
    answer = create_list(api, 1, listName="Office", isActive=True, delayListNumber="3")
    assert [
        {"isActive": True, "listNo": 1, "delayListNumber": "3", "listName": "Office"},
        {"isActive": False, "listNo": 2},
    ] == answer.json()["list"]


def test_one_list_is_active_at_most(api):
    """
    Making one active ends the activity of the others, and all can be ended at once.
    """
    create_list(api, 1, isActive=True)
    create_list(api, 2, isActive=True)
    after_create = [each["isActive"] for each in lists(api)["list"]]
    changed = api.put(f"{PERSONAL}/v2/1104", json={"list": [{"listNo": 1, "isActive": True, "listName": "Home"}]}).json()
    ended = api.put(f"{PERSONAL}/v2/1104", json={"allInactive": True}).json()
    assert ([False, True], [True, False], "Home", True) == (
        after_create,
        [each["isActive"] for each in changed["list"]],
        changed["list"][0]["listName"],
        ended["allInactive"],
    )


def test_choices_live_and_die(api):
    """
    A choice is picked by ``chono`` in the body, and by a parameter where there is no body (QUIRKS 95).
    """
    create_list(api, 1, choice(3))
    created = api.post(CHOICE, params=of_list(1), json=choice(1, bsycho=3)).json()
    updated = api.put(CHOICE, params=of_list(1), json={"chono": 3, "anspos": "1003"}).json()
    read = api.get(CHOICE, params=of_list(1, choiceNumber=3)).json()
    order = [each["chono"] for each in api.get(f"{PERSONAL}/v2/call-list", params=of_list(1)).json()["chos"]]
    deleted = api.delete(CHOICE, params=of_list(1, choiceNumber=1))
    gone = api.get(CHOICE, params=of_list(1, choiceNumber=1)).status_code
    assert (choice(1, bsycho=3), {"chono": 3, "anspos": "1003"}, {"chono": 3, "anspos": "1003"}, [1, 3], 200, "100 CONTINUE", 404) == (
        created,
        updated,
        read,
        order,
        deleted.status_code,
        deleted.json(),
        gone,
    )


def test_a_choice_may_keep_what_is_left_out(merging):
    """
    With the other reading of the document an update changes only what it names.
    """
    create_list(merging, 1, choice(1))
    assert choice(1, anspos="1003") == merging.put(CHOICE, params=of_list(1), json={"chono": 1, "anspos": "1003"}).json()


def test_a_deleted_list_answers_a_word_that_means_nothing(api):
    """
    The answer is 200 with ``100 CONTINUE`` (QUIRKS 12); a second delete finds nothing.
    """
    create_list(api, 1)
    first, second = (api.delete(f"{PERSONAL}/v2/1104", params={"listNumber": 1}) for _ in range(2))
    assert (200, "100 CONTINUE", (404, "Extension 1104 has no list 1"), []) == (
        first.status_code,
        first.json(),
        refused(second),
        lists(api)["list"],
    )


def test_the_older_shape_replaces_the_lists_and_keeps_the_active_one(api):
    """
    The one object has lists with their choices, and the status shows which is active (FIELDS 6).
    """
    create_list(api, 1, isActive=True)
    create_list(api, 2)
    new = {"pelp": {"lists": [{"listno": 1, "listName": "New", "chos": [choice(2)]}]}, "susi": {"listno": "2"}}
    answer = api.put(f"{PERSONAL}/v1/1104", json={"personalNumberVO": new}).json()["personalNumberVO"]
    assert ([{"listno": 1, "listName": "New", "chos": [choice(2)]}], "1", answer) == (
        answer["pelp"]["lists"],
        answer["susi"]["listno"],
        api.get(f"{PERSONAL}/v1/1104").json()["personalNumberVO"],
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"chos": [choice(1)]}, "list.listNo must be a number from 1 to 10"),
        ({"list": {"listNo": 11}, "chos": [choice(1)]}, "list.listNo must be a number from 1 to 10"),
        ({"list": {"listNo": 1}, "chos": [choice(1)]}, "Extension 1101 has a list 1 already"),
        ({"list": {"listNo": 3}}, "chos is mandatory"),
        ({"list": {"listNo": 3}, "chos": [choice(11)]}, "chono must be a number from 1 to 10"),
        ({"list": {"listNo": 3}, "chos": [choice(1), choice(1)]}, "chono 1 stands twice in the list"),
        ({"list": {"listNo": 3}, "chos": [{"chono": 1}]}, "anspos is mandatory"),
        ({"list": {"listNo": 3}, "chos": [choice(1, stime=-1)]}, "stime must not be negative"),
        ({"list": {"listNo": 3}, "chos": [choice(3, bsycho=3)]}, "bsycho must be 0, 11, or a position from 4 to 10"),
        ({"list": {"listNo": 3}, "chos": [choice(3, dndposition=12)]}, "dndposition must be 0, 11, or a position from 4 to 10"),
        ({"list": [{"listNo": 3}]}, "list must be an object"),
        ({"extensionId": "2", "list": {"listNo": 3}}, "extensionId in the body is not the extension in the path"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_lists(api, body, message):
    """
    There are ten lists of ten choices, each of which may only lead on (FIELDS 6).
    """
    assert (400, message) == refused(api.post(f"{PERSONAL}/v2/1101", json=body))


@pytest.mark.parametrize(
    ("method", "path", "asked", "body", "expected"),
    [
        ("PUT", f"{PERSONAL}/v2/1101", {}, {"list": [{"listNo": 9}]}, (400, "Extension 1101 has no list 9")),
        (
            "PUT",
            f"{PERSONAL}/v2/1101",
            {},
            {"list": [{"listNo": 1, "isActive": True}, {"listNo": 2, "isActive": True}]},
            (400, "Only one list can be active"),
        ),
        ("PUT", f"{PERSONAL}/v1/1101", {}, {}, (400, "personalNumberVO.pelp.lists is mandatory")),
        ("POST", CHOICE, {"extensionNumber": "1101", "listNumber": 1}, choice(2), (400, "List 1 has a choice 2 already")),
        ("POST", CHOICE, {"extensionNumber": "1101", "listNumber": 9}, choice(2), (404, "Extension 1101 has no list 9")),
        ("PUT", CHOICE, {"extensionNumber": "1101", "listNumber": 1}, choice(9), (404, "List 1 has no choice 9")),
        ("GET", f"{PERSONAL}/v2/4998", {}, None, (404, "There is no extension 4998")),
    ],
    ids=["list", "two active", "no lists", "choice twice", "choice of no list", "no choice", "extension"],
)
def test_refused_changes_of_lists(api, method, path, asked, body, expected):
    """
    What is changed must be there, and what is made must not.
    """
    assert expected == refused(api.request(method, path, params=asked, json=body))
