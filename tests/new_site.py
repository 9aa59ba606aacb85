"""
The workbook of the main job: a new site with its departments, telephones and people, and the slips of the pen that such a workbook has.

`sample_sheets/new_site.xlsx` is the same workbook; the command that refreshes generated files writes it from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

__all__ = ["CORRECTIONS", "correct", "write_sample"]

_SITE: Final = "Gothenburg"
_PASSWORD: Final = "Welcome-2026!"

# first name, last name, department, model's MAC address tail
_PEOPLE: Final = (
    ("Åsa", "Öberg", "Company/Nordics"),
    ("Erik", "Lindqvist", "Company/Nordics/Sales"),
    ("Maja", "Sjöström", "Company/Nordics/Sales"),
    ("Oskar", "Hedlund", "Company/Nordics/Sales"),
    ("Ingrid", "Nyström", "Company/Nordics/Sales/Key Accounts"),
    ("Lars", "Falk", "Company/Nordics/Sales/Key Accounts"),
    ("Sofia", "Åkesson", "Company/Nordics/Sales/Key Accounts"),
    ("Jürgen", "Weiß", "Company/Nordics/Service"),
    ("Hanna", "Virtanen", "Company/Nordics/Service"),
    ("Mikael", "Strand", "Company/Nordics/Service"),
    ("Nora", "Haugen", "Company/Nordics/Service"),
    ("Anna", "Berg", "Company/Nordics/Service/Field"),
    ("Tove", "Ekström", "Company/Nordics/Service/Field"),
    ("Pål", "Solberg", "Company/Nordics/Service/Field"),
    ("Karin", "Blom", "Company/Nordics/Service/Field"),
    ("Søren", "Kjær", "Company/Nordics/Logistics"),
    ("Freja", "Møller", "Company/Nordics/Logistics"),
    ("Gustav", "Wallin", "Company/Nordics/Logistics"),
    ("Elin", "Sandberg", "Company/Nordics/Logistics"),
    ("Aino", "Mäkelä", "Company/Nordics/Finance"),
    ("Henrik", "Thorsen", "Company/Nordics/Finance"),
    ("Zoë", "O'Brien", "Company/Nordics/Finance"),
    ("Ragnar", "Sveinsson", "Company/Nordics/Logistics"),
    ("Liv", "Dahl", "Company/Nordics/Sales"),
)
_DEPARTMENTS: Final = (
    # Children before their parents on purpose: the order in the sheet does not matter.
    ("Company/Nordics/Sales/Key Accounts", "Large customers"),
    ("Company/Nordics/Service/Field", "Technicians on the road"),
    ("Company/Nordics/Sales", ""),
    ("Company/Nordics/Service", ""),
    ("Company/Nordics/Logistics", ""),
    ("Company/Nordics/Finance", ""),
    ("Company/Nordics", "New in 2026"),
)
_FIRST_NUMBER: Final = 1501
_PLAIN: Final = str.maketrans("åäöøéëüÅÄÖØÉËÜ", "aaooeeuAAOOEEU")

#: What a person types into the failed rows: sheet, header, the slip, what it should have been.
CORRECTIONS: Final = (
    ("users", "userId", "anna.berg", "anna.berg2"),
    ("users", "department", "Company/Nordics/Salse", "Company/Nordics/Sales"),
    ("ip_extensions", "extensionNumber", "9504", "1504"),
    ("ip_extensions", "macAddress", "08:00:0F:1A:2B", "08:00:0F:1A:2B:0D"),
)


def write_sample(path: Path) -> None:
    """Write the workbook to *path*; every cell is text."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in _sheets().items():
        sheet = workbook.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                cell.value = text or None
                cell.number_format = "@"
                if number == 1:
                    cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for letter in "ABCDEFGHIJ":
            sheet.column_dimensions[letter].width = 24
    workbook.save(path)


def correct(results: Path, corrected: Path, corrections: Iterable[tuple[str, str, str, str]] = CORRECTIONS) -> None:
    """Copy the results workbook as *corrected* and type the right values over the slips, as a person would."""
    workbook = load_workbook(results)
    for name, header, slip, right in corrections:
        sheet = workbook[name]
        column = next(cell.column for cell in sheet[1] if cell.value == header)
        for row in range(2, sheet.max_row + 1):
            cell = sheet.cell(row, column)
            if cell.value == slip:
                cell.value = right
    workbook.save(corrected)


def _sheets() -> dict[str, list[list[str]]]:
    """The rows of each sheet, headers first, with the slips in place."""
    users = [
        [
            "action",
            "userId",
            "firstName",
            "lastName",
            "newPassword",
            "emailAddress",
            "department",
            "extensions.1.extensionNumber",
            "extensions.1.subsystemName",
            "_note",
        ]
    ]
    extensions = [
        [
            "subsystemName",
            "extensionNumber",
            "serverNumber",
            "commonServiceProfile",
            "nameIdentity.firstName",
            "nameIdentity.lastName",
            "macAddress",
            "authorizationCodes.1.authorizationCode",
            "authorizationCodes.1.hashType",
        ]
    ]
    for index, (first, last, department) in enumerate(_PEOPLE):
        number = str(_FIRST_NUMBER + index)
        user_id = _plain(f"{first}.{last}").lower()
        users.append(["create", user_id, first, last, _PASSWORD, f"{user_id}@example.com", department, number, "MX1", f"HR {4711 + index}"])
        extensions.append(["MX1", number, "1", "1", first, last, f"08:00:0F:1A:2B:{index + 1:02X}", f"{7301 + 37 * index}", "CLEARTEXT"])
    locations = [["locationName", "description"], [_SITE, "New site on the west coast"]]
    locations += [[f"{_SITE} {wing}", f"{wing} wing"] for wing in ("North", "South")]
    departments = [["path", "location", "description"]] + [[path, _SITE, text] for path, text in _DEPARTMENTS]
    sheets = {"users": users, "ip_extensions": extensions, "departments": departments, "locations": locations}
    for name, header, slip, right in CORRECTIONS:
        rows = sheets[name]
        column = rows[0].index(header)
        wrong = next(row for row in rows[1:] if row[column] in {right, _before_slip(right)})
        wrong[column] = slip
    return sheets


def _before_slip(right: str) -> str:
    # Anna Berg's id is right in itself; it is somebody else's already.
    return right.removesuffix("2") if right == "anna.berg2" else right


def _plain(name: str) -> str:
    return name.translate(_PLAIN).replace("ß", "ss").replace("æ", "ae").replace("'", "")
