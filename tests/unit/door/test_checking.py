from __future__ import annotations

import pytest

from pmbulk.door.checking import check_workbook
from pmbulk.errors import Severity
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
