from __future__ import annotations

import pytest
from openpyxl import load_workbook

from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, rows_of, writes


class Template:
    """A template as a person sees it."""

    def __init__(self, path):
        self.book = load_workbook(path)

    def offered(self, sheet, header):
        """The values of a column's drop-down; none if it has no drop-down."""
        rule = self._rule(sheet, header)
        if rule.type != "list":
            return []
        name, _, cells = rule.formula1.partition("!")
        found = self.book[name][cells.replace("$", "")]
        return [cell.value for row in (found if isinstance(found, tuple) else ((found,),)) for cell in row]

    def refuses(self, sheet, header):
        """Whether other values than those of the drop-down cannot be typed."""
        return self._rule(sheet, header).errorStyle in (None, "stop")

    def hint(self, sheet, header):
        """What stands beside a column's cells."""
        return self._rule(sheet, header).prompt

    def note(self, sheet, header):
        """The comment on a column's header."""
        return self.book[sheet].cell(1, self._number(sheet, header)).comment.text

    def _number(self, sheet, header):
        return [cell.value for cell in self.book[sheet][1]].index(header) + 1

    def _rule(self, sheet, header):
        number = self._number(sheet, header)
        rules = self.book[sheet].data_validations.dataValidation
        return next(rule for rule in rules for cells in rule.sqref.ranges if cells.min_col == number)


@pytest.fixture
def live(command, tmp_path):
    """
    Writes a live template and opens it.
    """

    def made(*sheets, **environment):
        path = tmp_path / "live.xlsx"
        done = command("template", *sheets, "--live", "-o", path, check=0, **environment)
        return Template(path), done

    return made


def test_references_are_chosen_from_what_pm_has(live, pm):
    """
    Departments, locations, privileges, options and subsystems, these by type, are drop-downs of PM's names; others can be typed, and PM is only read.
    """
    found, done = live()
    departments = found.offered("users", "department")
    assert {"Company", "Company/Sales", "Company/HR"} <= set(departments)
    assert departments == found.offered("departments", "path") == found.offered("departments", "parent")
    for sheet, header in (("departments", "location"), ("subsystems", "locationName"), ("locations", "locationName")):
        assert ["Berlin", "London", "Stockholm"] == found.offered(sheet, header)
    for sheet, header in (
        ("ip_extensions", "subsystemName"),
        ("phone_keys", "subsystemName"),
        ("users", "extensions.2.subsystemName"),
        ("users", "micollab.mxoneSubsystem"),
        ("subsystems", "sipDectManager.miVoiceMXONESubsystem"),
        ("extension_moves", "fromSubsystem"),
        ("extension_moves", "toSubsystem"),
    ):
        assert ["MX1", "MX2"] == found.offered(sheet, header)
    assert {"CMG1", "MX1", "MX2"} <= set(found.offered("subsystems", "subsystemName"))
    roles = sorted({role for subsystem in pm.world.subsystems.values() if subsystem.kind == "MiCollabServer" for role in subsystem.roles})
    assert roles == found.offered("users", "micollab.miCollabRole")
    assert "Manage user data" in found.offered("security_profiles", "privileges")
    assert found.offered("security_profiles", "securityProfileName")
    assert found.offered("system_options", "optionName")
    assert found.offered("udf_definitions", "udfDisplayName")
    assert not found.refuses("users", "department")
    assert found.refuses("users", "action")
    assert "" == done.stderr
    assert [] == writes(pm)


def test_pms_words_stand_in_the_comments(live, pm):
    """
    A UDF's comment says what PM calls it, by what it belongs to; an extension number's says which numbers there are, beside the cell as well.
    """
    found, _done = live("users", "departments", "ip_extensions", "extension_moves")
    names = {(kind, number): udf["udfDisplayName"] for (kind, number), udf in pm.world.udfs.items() if udf["udfDisplayName"]}
    assert f"PM calls it '{names['USERS', 1]}'." in found.note("users", f"udf1 ({names['USERS', 1]})").splitlines()
    assert f"PM calls it '{names['DEPARTMENTS', 1]}'." in found.note("departments", f"udf1 ({names['DEPARTMENTS', 1]})").splitlines()
    series = "Number series: MX1 1000-4999, 70000-70999; MX2 5000-6999."
    assert series in found.note("ip_extensions", "extensionNumber").splitlines()
    assert series in found.hint("ip_extensions", "extensionNumber").splitlines()
    assert series in found.note("users", "extensions.1.extensionNumber").splitlines()
    assert series in found.note("extension_moves", "newExtensionNumber").splitlines()


@pytest.mark.parametrize("settings", [SimulatorSettings(password=PASSWORD, number_series_as_list=False)], ids=["one object"])
def test_a_single_number_series_is_understood(live):
    """
    A number series that comes as the document prints it, one object instead of a list, is told as well.
    """
    found, _done = live("ip_extensions")
    assert "Number series: MX1 1000-4999; MX2 5000-6999." in found.note("ip_extensions", "extensionNumber").splitlines()


def test_only_what_the_sheets_need_is_read(live, pm):
    """
    A template for one sheet asks PM for nothing that the sheet has no column for, and for each list once.
    """
    live("locations")
    assert ["listLocations"] == [arrival.operation for arrival in pm.requests if not arrival.path.startswith("/auth/")]


def test_a_list_that_pm_withholds_is_left_out(live, pm):
    """
    What this administrator may not see is named, once, and its columns stay as in any template.
    """
    for operation in ("listSubsystems", "listUdfDefinitionsByType"):
        pm.faults.add(Fault(kind=FaultKind.STATUS, match=operation, status=403))
    found, done = live("users", "ip_extensions")
    assert [] == found.offered("ip_extensions", "subsystemName")
    assert "Number series" not in found.note("ip_extensions", "extensionNumber")
    assert "PM calls it" not in found.note("users", "udf1")
    assert "Company/Sales" in found.offered("users", "department")
    assert ["UDFs of USERS", "subsystems"] == sorted(line.partition(" are left out: ")[0] for line in done.stderr.splitlines())


def test_number_series_that_pm_withholds_are_left_out(live, pm):
    """
    Without number series there still are subsystems to choose from.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="getNumberSeries", status=403))
    found, done = live("ip_extensions")
    assert ["MX1", "MX2"] == found.offered("ip_extensions", "subsystemName")
    assert ["number series of MX1", "number series of MX2"] == [line.partition(" are")[0] for line in done.stderr.splitlines()]


def test_udf_headers_show_pms_names(command, live, tmp_path, pm):
    """
    A UDF's header has PM's name for it in brackets; so filled in, the sheet is checked offline, planned and run, and the results keep the header.
    """
    found, _done = live("users", "departments")
    headers = [cell.value for cell in found.book["users"][1]]
    named = {number: udf["udfDisplayName"] for (kind, number), udf in pm.world.udfs.items() if kind == "USERS"}
    told = {number: name for number, name in named.items() if name and name != f"UDF {number}"}
    assert [f"udf{number} ({name})" for number, name in told.items()] == [one for one in headers if one.startswith("udf") and "(" in one]
    assert 34 == len([one for one in headers if one.startswith("udf")])
    header = f"udf1 ({named[1]})"
    row = {"action": "update", "userId": "eva.lind", header: "4711"}
    found.book["users"].append([row.get(one) for one in headers])
    path = tmp_path / "filled.xlsx"
    found.book.save(path)
    command("check", path, check=0)
    plan = command("plan", path, "--json", check=0).summary["plan"]
    assert [[{"column": header, "old": "", "new": "4711"}]] == [one["changes"] for one in plan]
    command("run", path, "--yes", check=0)
    assert [("updateUser", "eva.lind")] == writes(pm)
    (result,) = rows_of(tmp_path / "filled.results.xlsx", "users")
    assert ("succeeded", "4711") == (result["_status"], result[header])
    command("check", tmp_path / "filled.results.xlsx", check=0)


def test_a_filled_live_template_can_be_run(command, live, tmp_path):
    """
    What was chosen from PM's names in a live template is what PM then finds.
    """
    found, _done = live("departments")
    headers = [cell.value for cell in found.book["departments"][1]]
    row = {"departmentName": "Legal", "parent": found.offered("departments", "parent")[0], "location": "Berlin"}
    found.book["departments"].append([row.get(header) for header in headers])
    found.book.save(tmp_path / "filled.xlsx")
    done = command("plan", tmp_path / "filled.xlsx", "--json", check=0)
    assert ["create"] == [row["plan"] for row in done.summary["plan"]]


def test_exit_codes_of_a_live_template(command, tmp_path):
    """
    A wrong password and a PM that does not answer are 3, a connection without --live is 2; no file is left behind.
    """
    path = tmp_path / "live.xlsx"
    command("template", "users", "--live", "-o", path, check=3, PMBULK_PASSWORD="wrong")
    command("template", "users", "--live", "-o", path, check=3, PMBULK_URL="http://127.0.0.1:9")
    assert "add --live" in command("template", "users", "--user", "admin", "-o", path, check=2).stderr
    assert not path.exists()
