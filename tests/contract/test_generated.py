from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pmbulk.cli.hr_sample import write_hr_mapping
from pmbulk.endpoints import ENDPOINTS
from pmbulk.entities.binding import bind
from pmbulk.entities.registry import ENTITIES
from pmbulk.sheets.read import open_workbook
from pmbulk.sheets.template import write_template
from tests.refresh import MADE_FOR, readme_with_tables, sheets_table
from tests.samples import write_samples

TOP = Path(__file__).parents[2]
HR_EXPORTS = ("personallista.csv", "mitarbeiter.xlsx", "plantilla.ods")
HINT = "run `python -m tests.refresh`"


def contents(path):
    """Everything in a workbook that a person could see or choose: values, comments, drop-downs."""
    if path.suffix == ".csv":
        return path.read_bytes().splitlines()
    if path.suffix == ".ods":
        with open_workbook(path) as workbook:
            return [(sheet.name, sheet.headers, list(sheet.rows())) for sheet in workbook.sheets]
    book = load_workbook(path)
    return {
        sheet.title: (
            [[(cell.value, cell.comment.text if cell.comment else None) for cell in row] for row in sheet.iter_rows()],
            sorted((str(rule.sqref), rule.formula1, rule.prompt, rule.error) for rule in sheet.data_validations.dataValidation),
        )
        for sheet in book
    }


@pytest.mark.parametrize("name", MADE_FOR)
def test_templates_follow_from_the_declarations(tmp_path, name):
    """
    A committed template says what the declarations say today.
    """
    write_template(tmp_path / name, MADE_FOR[name])
    assert contents(tmp_path / name) == contents(TOP / "templates" / name), HINT


@pytest.mark.parametrize("name", ["new_site.xlsx", "changes.xlsx", "slips.xlsx", "departments.csv", *HR_EXPORTS])
def test_sample_sheets_are_as_the_tests_write_them(tmp_path, name):
    """
    A committed sample sheet is what the refresh command writes.
    """
    write_samples(tmp_path)
    assert contents(tmp_path / name) == contents(TOP / "sample_sheets" / name), HINT


def test_the_mapping_of_the_demo_is_the_one_among_the_templates(tmp_path):
    """
    The mapping that the demo carries and the one to copy from are the same.
    """
    write_hr_mapping(tmp_path / "hr_personallista.toml")
    expected = (tmp_path / "hr_personallista.toml").read_text("utf-8")
    assert expected == (TOP / "templates" / "hr_personallista.toml").read_text("utf-8"), HINT


def test_readme_tables_are_up_to_date():
    """
    The README's table of sheets says what the declarations say today.
    """
    text = (TOP / "README.md").read_text("utf-8")
    assert readme_with_tables(text) == text, HINT


def test_every_operation_is_accounted_for():
    """
    The README's table has each of PM's 76 operations: writes with a sheet, reads with what uses them, the session's apart.
    """
    lines = [line.split("|") for line in sheets_table().splitlines() if line.startswith("|")][2:]
    named = {use.strip(): re.findall(r"`(\w+)`", operations) for _, use, operations, _ in lines}
    written = {name for use, names in named.items() if use.strip("`") in ENTITIES for name in names}
    read = [name for use, names in named.items() if use.strip("`") not in ENTITIES for name in names]
    assert {name for name, one in ENDPOINTS.items() if one.writes} == written
    assert sorted(name for name, one in ENDPOINTS.items() if not one.writes) == sorted(read)
    assert (41, 35) == (len(written), len(read))
    assert {"login", "testToken", "refreshToken"} == set(named["*the session*"])
    assert "76 of PM's 76 operations: 41 writes, 32 reads, 3 of the session." in sheets_table()


@pytest.mark.parametrize("sheet", ENTITIES)
def test_template_is_understood_by_the_reader(sheet):
    """
    Every header of a template binds to its column, and the template holds no row.
    """
    with open_workbook(TOP / "templates" / f"{sheet}.xlsx") as workbook:
        (found,) = (one for one in workbook.sheets if one.name == sheet)
        bound = bind(ENTITIES[sheet], found.headers, sheet=sheet)
        assert all(bound.headers)
        assert [] == list(found.rows())


def test_top_of_the_repository_is_as_agreed():
    """
    Nothing stands at the top but what the layout names.
    """
    agreed = {"pyproject.toml", "pmbulk", "templates", "tests", "sample_sheets", "README.md", "constraints.txt", "LICENSE", "CHANGELOG.md"}
    built = {"build", "dist"}
    found = {path.name for path in TOP.iterdir() if not path.name.startswith(".") and not path.name.endswith(".egg-info")}
    assert set() == found - agreed - built
