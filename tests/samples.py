"""The sample sheets beside the new site: what an administrator changes and removes, a csv, a workbook with every kind of slip, results to rerun, HR exports."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from pmbulk.door.running import Target, run_job
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import SimulatorSettings, running
from tests.hr_exports import write_hr_exports
from tests.new_site import write_sample

#: Changes to the demo world: people who moved, married or left, and the telephones that go with them.
CHANGES = {
    "users": [
        ["action", "userId", "lastName", "emailAddress", "department", "_why"],
        ["update", "eva.lind", "Lindgren", "eva.lindgren@example.com", None, "married"],
        ["update", "bjorn.dahl", None, None, "Company/Engineering/Support;Company/Engineering/Platform", "moved, still helps the old team"],
        ["update", "anna.berg", None, None, "Company/Sales/Americas", "moved"],
        ["delete", "carla.meier", None, None, None, "left"],
    ],
    "ip_extensions": [
        ["action", "subsystemName", "extensionNumber", "nameIdentity.firstName", "nameIdentity.lastName", "description"],
        ["update", "MX1", "1003", "Conference", "Room 1 (blue)", "beamer, 12 seats"],
        ["update", "MX1", "70010", None, None, "front desk"],
        ["delete", "MX2", "5001", None, None, None],
    ],
    "locked_users": [["userId"], ["david.cole"]],
    "locations": [["action", "locationName", "description"], ["update", "London", "Sales and support"]],
}

#: A new part of the department tree, as a text file would have it.
DEPARTMENTS_CSV = "path;location;description\nCompany/Legal;London;Contracts and compliance\nCompany/Legal/Patents;London;\n"

#: Every kind of finding that can be made offline.
SLIPS = {
    "users": [
        [
            "action",
            "userId",
            "firstName",
            "newPassword",
            "emailAddress",
            "department",
            "useLastSelection",
            "extensions.1.extensionNumber",
            "_note",
        ],
        ["create", None, "Nobody", "Welcome-2026!", None, None, None, None, "no user id"],
        ["creat", "misspelt.action", "Mia", "Welcome-2026!", None, None, None, None, "no such action"],
        ["create", "twice", "Tom", "Welcome-2026!", None, None, None, None, "the first of two"],
        ["create", "twice", "Tom", "Welcome-2026!", None, None, None, None, "the second of two"],
        ["create", "date.in.number", "Dora", "Welcome-2026!", None, None, None, date(2026, 3, 1), "Excel made a date of 1-3"],
        ["create", "maybe", "May", "Welcome-2026!", None, None, "perhaps", None, "neither TRUE nor FALSE"],
        ["create", "far.too.long.for.a.login.name.in.pm", "Lou", "Welcome-2026!", "not an address", None, None, None, "warnings only"],
        ["create", "fine", "Fia", "Welcome-2026!", "fia@example.com", None, None, None, "nothing wrong here"],
    ],
    "ip_extensions": [
        ["subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile", "macAddress", "freeOnSecondLine"],
        ["MX1", "1", 1, 0, None, None],
        ["MX1", "1701", 200, 501, "08:00:0F:1A:2B", 7],
        [None, "1702", None, 0, None, None],
        ["MX1", 1703, "one", 0, "08-00-0f-1a-2b-3c", 0],
    ],
    "departments": [
        ["path", "departmentName", "parent"],
        ["Company//Empty", None, None],
        ["Company/A", "B", None],
        [None, None, "Company"],
    ],
}


def write_samples(folder: Path) -> None:
    """Write all sample sheets into *folder*."""
    write_sample(folder / "new_site.xlsx")
    _write(folder / "changes.xlsx", CHANGES)
    _write(folder / "slips.xlsx", SLIPS)
    (folder / "departments.csv").write_text(DEPARTMENTS_CSV, "utf-8")
    write_hr_exports(folder)


def write_results(folder: Path) -> None:
    """Run the workbook of the new site and put its results beside it, ready to be corrected and run again."""
    settings = SimulatorSettings()
    with running(settings) as pm, tempfile.TemporaryDirectory() as state:
        target = Target(Connection(pm.url, settings.username, Secret(settings.password)), Path(state))
        (folder / "new_site.results.xlsx").unlink(missing_ok=True)
        run_job(folder / "new_site.xlsx", target)


def _write(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.freeze_panes = "A2"
        for cells in sheet.columns:
            sheet.column_dimensions[cells[0].column_letter].width = max(len(str(cell.value or "")) for cell in cells) + 2
    book.save(path)
