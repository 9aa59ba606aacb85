from __future__ import annotations

import pytest
from openpyxl import load_workbook

from pmbulk.sheets.plan import PlanRow, PlanSheet, PlanSummary, write_plan


@pytest.mark.parametrize(
    ("changes", "height"),
    [("firstName: Ann → Anna", None), ("firstName: Ann → Anna\nlastName: Berg → Ek", 30), ("sms: (empty) → 1\n" * 400, 120)],
    ids=["one", "two", "many"],
)
def test_each_change_stands_on_a_line_of_its_own(changes, height, tmp_path):
    """
    A row is as high as what it would change, without filling the screen; changes never run into each other or into the next row.
    """
    rows = [PlanRow("change", "", changes, 2, ["anna.berg"])]
    summary = PlanSummary((), {"users": {"change": 1}})
    sheet = load_workbook(write_plan(tmp_path / "plan.xlsx", summary, [PlanSheet("users", ["userId"], rows)]))["users"]
    assert (changes, True, height) == (sheet["C2"].value, sheet["C2"].alignment.wrap_text, sheet.row_dimensions[2].height)
