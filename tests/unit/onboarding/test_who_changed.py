"""Joiners, movers, leavers: who is what, and who is left alone because it cannot be told."""

from __future__ import annotations

import pytest

from pmbulk.entities.cells import CellError
from pmbulk.entities.registry import entity_for
from pmbulk.errors import UsageError
from pmbulk.onboarding.allocation import Taken
from pmbulk.onboarding.onboard import Before
from pmbulk.onboarding.pins import Pins
from pmbulk.onboarding.records import PersonRecord
from pmbulk.secret import Secret
from tests.unit.onboarding.conftest import MAPPING, person

ANNA, BERTIL, CLARA = person("E1"), person("E2", "Dahl, Bertil"), person("E3", "Ek, Clara")


@pytest.fixture
def remembered(taken_on):
    """
    The pins after a first export with Anna, Bertil and Clara.
    """
    pins = Pins()
    taken_on([ANNA, BERTIL, CLARA], pins, export="first")
    return pins


def kinds(found):
    """What became of whom."""
    return {change.key.upper(): change.kind.value for change in found.changes}


def rows_of(found):
    """Every row by sheet, action and cells."""
    return [(record.entity.sheet, record.operation.value, dict(record.fields)) for change in found.changes for record in change.records]


def test_a_changed_export_comes_to_the_changes_only(taken_on, remembered):
    """
    One new, one gone, one in another department, and nothing for the rest.
    """
    now = [person("E1", dept="Care"), CLARA, person("E4", "Fors, Filip")]
    found = taken_on(now, remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert {"E1": "mover", "E2": "leaver", "E3": "unchanged", "E4": "joiner"} == kinds(found)
    assert ("users", "update", {"userId": "anna.berg", "department": "Company/Care"}) == rows_of(found)[0]


@pytest.mark.parametrize(
    "broken",
    [
        person("E2", "Dahl Bertil"),
        person("E2", "Dahl, Bertil", dept=CellError("#N/A")),
        person("E2", "Dahl, Bertil", site="Oslo"),
        person("E2", "Dahl, Bertil", status=CellError("#REF!")),
    ],
    ids=["name", "error", "value", "active"],
)
def test_a_person_with_a_finding_has_not_left(taken_on, remembered, broken):
    """
    Whoever is in the file is not deleted because something about him cannot be read.
    """
    found = taken_on([ANNA, broken, CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert {"E1": "unchanged", "E3": "unchanged"} == kinds(found)
    assert [3] == [finding.row for finding in found.people.findings]


def test_two_rows_of_one_person_are_no_leaver(taken_on, remembered):
    """
    A doubled person is a finding and keeps everything.
    """
    found = taken_on([ANNA, ANNA, BERTIL, CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert {"E2": "unchanged", "E3": "unchanged"} == kinds(found)


def test_a_person_whose_number_is_another_one_is_pointed_out(taken_on, remembered):
    """
    One is gone and one is new, and they have one name: a person has to look before a user and a telephone are deleted.
    """
    found = taken_on([ANNA, person("E9", "Dahl, Bertil"), CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert {"E1": "unchanged", "E2": "leaver", "E3": "unchanged", "E9": "joiner"} == kinds(found)
    (gone,) = (change.why for change in found.changes if change.kind == "leaver")
    assert (
        "not in the file any more, and E9 of the same name is new: if that is one person, leave these rows out, write E9 into udf1 of the user in PM, "
        "and compare by --live"
    ) == gone


def test_nobody_is_gone_while_a_row_does_not_say_who_it_is(taken_on, remembered):
    """
    It could be the row of any of those who seem to be gone.
    """
    found = taken_on([ANNA, person(None, "Dahl, Bertil"), CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert {"E1": "unchanged", "E2": "unclear", "E3": "unchanged"} == kinds(found)
    assert [] == rows_of(found)


def test_who_was_left_out_last_time_is_new_now(taken_on, remembered):
    """
    A finding in the last export meant no rows; corrected, the person is new, and new again if the same file is taken twice.
    """
    last = [ANNA, BERTIL, CLARA, person("E4", "Fors Filip")]
    for _time in range(2):
        found = taken_on([ANNA, BERTIL, CLARA, person("E4", "Fors, Filip")], remembered, since=last, export="second")
        assert "joiner" == kinds(found)["E4"]


def test_who_was_onboarded_is_not_new_because_the_last_export_cannot_be_read(taken_on, remembered):
    """
    A second create would be a second person; the finding names the row of the last export.
    """
    last = [ANNA, person("E2", "Dahl Bertil"), CLARA]
    found = taken_on([ANNA, BERTIL, CLARA], remembered, since=last, export="second")
    assert {"E1": "unchanged", "E3": "unchanged"} == kinds(found)
    words = (
        "row 3, column Employee No (A3): was onboarded by an earlier export, and the last one does not tell how: "
        "row 3, column Name: 'Dahl Bertil' has no comma, cannot tell last from first name; correct it there"
    )
    assert [words] == [str(finding) for finding in found.people.findings]
    assert [3] == [finding.row for finding in found.before_findings]


def test_who_is_gone_and_was_unclear_is_told(taken_on, remembered):
    """
    Nothing can be undone of what is not known, but it is not silent either.
    """
    found = taken_on([ANNA, CLARA], remembered, since=[ANNA, person("E2", "Dahl Bertil"), CLARA], export="second")
    assert "unclear" == kinds(found)["E2"]


def test_a_lost_memory_is_refused(taken_on):
    """
    Without what was given last time, numbers would be worked out anew and could be somebody else's.
    """
    with pytest.raises(UsageError, match=r"2 of the 2 people .* were never onboarded with this mapping and --state-dir"):
        taken_on([ANNA], since=[ANNA, BERTIL])


def test_zeros_lost_from_the_keys_are_no_joiners_and_leavers(taken_on):
    """
    ``00123`` that Excel made 123 is the same person, and nothing is deleted or created.
    """
    pins = Pins()
    before = [person("00123"), person("00124", "Dahl, Bertil")]
    taken_on(before, pins, export="first")
    found = taken_on([person(123), person("00124", "Dahl, Bertil")], pins, since=before, export="second")
    assert {"00123": "unclear", "00124": "unchanged"} == kinds(found)
    assert ["it looks as if zeros at the start were lost or added" in finding.message for finding in found.people.findings] == [True]


def test_a_key_in_other_capitals_is_the_same_person(taken_on, remembered):
    """
    With the same user id, number and secrets.
    """
    first = taken_on([ANNA], remembered, export="first")
    again = taken_on([person("e1")], remembered, export="second")
    assert first.handed[0].values == again.handed[0].values


def test_only_inactive_people_leave_and_only_once(taken_on, remembered):
    """
    Somebody who was inactive before was not there and cannot leave again.
    """
    gone = person("E2", "Dahl, Bertil", status="Left")
    assert "leaver" == kinds(taken_on([ANNA, gone, CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second"))["E2"]
    assert {"E1": "unchanged", "E3": "unchanged"} == kinds(
        taken_on([ANNA, gone, CLARA], remembered, since=[ANNA, gone, CLARA], export="third")
    )


def test_who_comes_back_has_the_old_id_and_number(taken_on, remembered):
    """
    Nobody else was given them meanwhile.
    """
    away = [ANNA, CLARA]
    taken_on([*away, person("E4", "Dahl, Bertil")], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    found = taken_on([*away, BERTIL], remembered, since=away, export="third")
    assert {"bertil.dahl", "2011"} <= {str(value) for handed in found.handed for value in handed.values.values()}


def test_only_those_who_get_secrets_are_handed_anything(taken_on, remembered):
    """
    Somebody who changes departments keeps the password and is told nothing.
    """
    found = taken_on([person("E1", dept="Care"), BERTIL, CLARA], remembered, since=[ANNA, BERTIL, CLARA], export="second")
    assert [] == found.handed


def test_a_secret_that_no_row_sets_is_handed_to_nobody(taken_on):
    """
    A code that opens nothing would be a call to the help desk.
    """
    mapping = MAPPING.replace('"authorizationCodes.1.authorizationCode" = "{{ code }}"\n', "")
    assert {"password", "user_id", "extension"} == set(taken_on([ANNA], mapping=mapping).handed[0].values)


LEAVER = """
[[record]]
sheet = "users"
for = "leaver"
action = "update"
[record.fields]
userId = "{{ user_id }}"
udf2 = "LEFT"
"""


def in_pm():
    """What PM has of Bertil."""
    record = PersonRecord(-1, entity_for("users"), entity_for("users").default, {"userId": "bdahl", "udf1": "E2", "lastName": "Dahl"})
    return {"before": Before({"e2": [record]}), "taken": Taken(user_ids={"bdahl": "E2"})}


def test_who_is_gone_from_pms_view_leaves_as_the_mapping_says(taken_on):
    """
    The mapping's rows for leavers count also where only PM knows the person; nothing is deleted instead.
    """
    found = taken_on([ANNA], mapping=MAPPING + LEAVER, **in_pm())
    assert ("users", "update", {"userId": "bdahl", "udf2": "LEFT"}) == rows_of(found)[-1]


PHONE = """
[[record]]
sheet = "ip_extensions"
for = "leaver"
[record.fields]
subsystemName = "{{ subsystem }}"
extensionNumber = "{{ extension }}"
"""


@pytest.mark.parametrize("now", [[ANNA, person("E2", "Dahl, Bertil", status="Left")], [ANNA]], ids=["not active", "not in the file"])
def test_who_has_left_already_is_unchanged(taken_on, now):
    """
    Whose account stays in PM, marked as the mapping says, is no leaver again in every later export.
    """
    there = in_pm()
    there["before"].records["e2"][0].fields["udf2"] = "LEFT"
    assert "unchanged" == kinds(taken_on(now, mapping=MAPPING + LEAVER, **there))["E2"]


def test_what_of_a_leaver_is_gone_already_is_not_deleted_again(taken_on):
    """
    The rest is still done.
    """
    pins = Pins()
    taken_on([ANNA, BERTIL], pins, mapping=MAPPING + LEAVER + PHONE, export="first")
    there = [ANNA, person("E2", "Dahl, Bertil", status="Left")]
    found = taken_on(there, pins, mapping=MAPPING + LEAVER + PHONE, export="second", **in_pm())
    assert [("users", "update", {"userId": "bdahl", "udf2": "LEFT"})] == rows_of(found)[2:]


def test_rows_for_leavers_that_need_hrs_file_delete_nobody(taken_on):
    """
    Where the mapping cannot be followed nothing is done, and it is told why.
    """
    found = taken_on([ANNA], mapping=MAPPING + LEAVER.replace('"LEFT"', '"{{ dept }}"'), **in_pm())
    change = next(change for change in found.changes if change.key == "e2")
    assert ("unclear", "not in the file any more; the mapping's rows for leavers need dept, and only HR's file could tell", ()) == (
        change.kind.value,
        change.why,
        change.records,
    )


LOCKED = LEAVER.replace('udf2 = "LEFT"', 'newPassword = "{{ locked }}"') + '[secrets.locked]\nkind = "password"\nlength = 20\n'


@pytest.mark.parametrize("now", [[ANNA, person("E2", "Dahl, Bertil", status="Left")], [ANNA]], ids=["not active", "not in the file"])
@pytest.mark.parametrize("against", ["since", "pm"])
def test_a_leaver_s_password_is_generated(taken_on, now, against):
    """
    A mapping that locks people out instead of deleting them sets a password that nobody knows, and never a blank one.
    """
    pins = Pins()
    taken_on([ANNA, BERTIL], pins, mapping=MAPPING + LOCKED, export="first")
    before = {"since": [ANNA, BERTIL]} if against == "since" else in_pm()
    found = taken_on(now, pins, mapping=MAPPING + LOCKED, export="second", **before)
    assert "sentinel-password-e2-locked" == rows_of(found)[-1][2]["newPassword"].reveal()


def test_a_changed_secret_is_refused_without_showing_it(taken_on):
    """
    A filter on a secret would work on its stand-in; that is told and nothing is written.
    """
    found = taken_on([ANNA], mapping=MAPPING.replace('"{{ password }}"', '"{{ password|upper }}"'))
    assert ([], ["the mapping changes a secret in newPassword; secrets are taken as they are, without a filter"]) == (
        found.changes,
        [finding.message for finding in found.people.findings],
    )


def test_secrets_show_in_no_repr(taken_on):
    """
    Whatever is printed of what came out, no secret is in it.
    """
    found = taken_on([ANNA])
    assert isinstance(found.handed[0].values["password"], Secret)
    assert "sentinel" not in repr(found)


def test_all_that_is_wrong_with_a_person_is_told_at_once(taken_on):
    """
    A name, a site and a department: three findings in one pass.
    """
    found = taken_on([person("E1", "Berg Anna", "Salez", "Oslo")])
    assert ["Name", "Department", "Site"] == [finding.column for finding in found.people.findings]


def test_the_cell_whose_value_is_quoted_is_the_wrong_one(taken_on):
    """
    Of an expression with several columns not the first of the alphabet.
    """
    mapping = MAPPING.replace("{{ site|from_map('subsystem') }}", "{{ site|from_map('subsystem') if dept else status }}")
    found = taken_on([person("E1", site="Oslo"), person("E2", site="")], mapping=mapping)
    assert ["Site", "Site"] == [finding.column for finding in found.people.findings]


def test_what_cannot_be_given_is_about_the_cell_that_it_comes_from(taken_on):
    """
    Also where a name of [let] stands between.
    """
    mapping = MAPPING.replace('by = "{{ site }}"', 'by = "{{ town }}"').replace("[let]", '[let]\ntown = "{{ site }}"')
    mapping = mapping.replace('"Berlin" = "MX2"', '"Berlin" = "MX2"\n"Oslo" = "MX2"')
    found = taken_on([person("E1", site="Oslo")], mapping=mapping)
    assert [("Site", "the mapping has no range of numbers for 'Oslo'; add one to `ranges`, or correct the cell.")] == [
        (finding.column, finding.message) for finding in found.people.findings
    ]


def pm_of_anna(site, number, *more):
    """What PM has of Anna: the user, and telephones as (site, number)."""
    users, phones = entity_for("users"), entity_for("ip_extensions")
    link = {"extensions.1.subsystemName": site, "extensions.1.extensionNumber": number}
    user = {"userId": "anna.berg", "udf1": "E1", "firstName": "Anna", "lastName": "Berg", "department": "Company/Sales", **link}
    extensions = [
        {"subsystemName": place, "extensionNumber": own, "serverNumber": "1", "commonServiceProfile": "0"}
        for place, own in ((site, number), *more)
    ]
    records = [PersonRecord(-1, users, users.default, user), *(PersonRecord(-1, phones, phones.default, fields) for fields in extensions)]
    numbers = {site.lower(): {number: "E1"}}
    return {"before": Before({"e1": records}), "taken": Taken(user_ids={"anna.berg": "E1"}, numbers=numbers)}


def test_who_works_elsewhere_takes_the_extension_along_from_pm_s_view_too(taken_on):
    """
    PM's only telephone of a person whose site has another subsystem is moved there; the user follows it without a row.
    """
    found = taken_on([person("E1", site="Berlin")], **pm_of_anna("MX1", "2010"))
    move = {"extensionNumber": "2010", "extensionType": "IP", "fromSubsystem": "MX1", "toSubsystem": "MX2", "newExtensionNumber": "3000"}
    assert [("extension_moves", "move", move)] == rows_of(found)


def test_one_of_several_telephones_is_not_moved_by_guessing(taken_on):
    """
    Where PM has two telephones of a person elsewhere, nobody knows which one the mapping's is: a new one is made.
    """
    found = taken_on([person("E1", site="Berlin")], **pm_of_anna("MX1", "2010", ("MX1", "2011")))
    assert [("ip_extensions", "create"), ("users", "update")] == [(sheet, action) for sheet, action, _cells in rows_of(found)]


def test_names_that_pm_spells_in_other_capitals_are_no_change(taken_on):
    """
    Subsystems, departments and user ids are the same in any capitals, as wherever they are looked up.
    """
    before = pm_of_anna("Mx1", "2010")
    before["before"].records["e1"][0].fields["department"] = "company/sales"
    assert {"E1": "unchanged"} == kinds(taken_on([person("E1")], **before))
