from __future__ import annotations

from openpyxl import load_workbook

from pmbulk.sheets.marked import write_marked


def test_each_finding_of_a_row_stands_on_a_line_of_its_own(tmp_path):
    """
    What is wrong with two cells of a person is told in two lines, and the row is high enough for them.
    """
    rows = [(1, ("Name", "Site")), (2, ("Anna", "Paris"))]
    path = write_marked(tmp_path / "hr.findings.xlsx", "hr", rows, {2: {0: "has no comma", 1: "is no site"}}, header_row=1)
    sheet = load_workbook(path)["hr"]
    assert ("has no comma\nis no site", True, 30) == (sheet["C2"].value, sheet["C2"].alignment.wrap_text, sheet.row_dimensions[2].height)
