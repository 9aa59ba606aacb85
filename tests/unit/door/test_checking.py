from __future__ import annotations

import pytest

from pmbulk.door.checking import check_workbook
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import Severity, WorkbookError
from pmbulk.seal import Seal
from pmbulk.secret import Secret


@pytest.fixture
def doubtful(workbook):
    """
    One user whose id and address break rules that are only likely.
    """
    headers = ["userId", "firstName", "newPassword", "emailAddress"]
    return workbook({"users": [headers, ["far.too.long.for.a.login.name.in.pm", "Lou", "Welcome-2026!", "no address"]]})


@pytest.mark.parametrize(
    ("likely_rules", "severities"),
    [("warn", {Severity.WARNING}), ("refuse", {Severity.ERROR}), ("ignore", set())],
    ids=str,
)
def test_likely_rules_are_switched_in_one_place(doubtful, likely_rules, severities):
    """
    What is likely only warns; a site that knows better has it refused or not mentioned.
    """
    checked = check_workbook(doubtful, likely_rules=likely_rules)
    assert severities == {one.finding.severity for one in checked.findings()}
    assert (1 if likely_rules == "refuse" else 0) == checked.invalid


def test_sure_rules_hold_whatever_is_made_of_likely_ones(workbook):
    """
    A cell that breaks a stated rule is refused where likely rules are ignored too.
    """
    path = workbook({"users": [["userId", "extensions.1.extensionNumber"], ["anna.berg", "12x"]]})
    assert 1 == check_workbook(path, likely_rules="ignore").invalid


def test_sheets_there_are_stand_once(workbook):
    """
    A workbook with several unknown sheets names each with the nearest, then once all sheets that there are, and what to do.
    """
    with pytest.raises(WorkbookError) as refused:
        check_workbook(workbook({"usrs": [["userId"]], "stuff": [["a"]]}))
    first, second, remedy = str(refused.value).splitlines()
    assert "'usrs' is none of the sheets that pmbulk knows. Nearest: users, locked_users, personal_numbers." == first
    assert f"'stuff' is none of the sheets that pmbulk knows. They are {', '.join(ENTITIES)}." == second
    assert "Rename the sheet, or put _ in front of its name to have it left out." == remedy


def test_values_of_a_whole_cell_leave_room_for_what_is_wrong(workbook):
    """
    A finding about a very long value says what to type all the same, in a line that can be read.
    """
    checked = check_workbook(workbook({"users": [["userId", "useLastSelection"], ["anna.berg", "y" * 30_000]]}))
    told = next(one.finding.message for one in checked.findings() if one.finding.column == "useLastSelection")
    assert f"'{'y' * 300}…' is neither TRUE nor FALSE; type one of the two" == told


def test_sealed_secrets_are_opened_with_the_key_they_were_sealed_with(workbook, tmp_path):
    """
    A sealed cell is the secret to its own state directory, and a finding to any other.
    """
    sealed = Seal.of(tmp_path / "state").seal(Secret("Welcome-2026!"))
    path = workbook({"users": [["userId", "firstName", "department", "newPassword"], ["anna.berg", "Anna", "Sales", sealed]]})
    opened = check_workbook(path, state_dir=tmp_path / "state")
    assert (0, "Welcome-2026!") == (opened.invalid, opened.record(0).body.new_password.reveal())
    elsewhere = check_workbook(path, state_dir=tmp_path / "other")
    assert ["users!D2"] == [str(one).partition(" ")[0] for one in elsewhere.findings()]
