"""A large HR export and its mapping: three records for each person."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["FIELDS", "write_hr"]

HEADERS: Final = ("Employee No", "Name", "Department", "Site")
#: What each record's cells are made by; the user's own script uses the same expressions.
FIELDS: Final = {
    "ip_extensions": {"subsystemName": "MX1", "extensionNumber": "{{ extension }}", "serverNumber": "1", "commonServiceProfile": "0"},
    "authorization_codes": {"subsystemName": "MX1", "extensionNumber": "{{ extension }}", "authorizationCodeVO.auco.1.auth": "{{ code }}"},
    "users": {
        "userId": "{{ user_id }}",
        "firstName": "{{ name.split(', ')[1] }}",
        "lastName": "{{ name.split(', ')[0] }}",
        "newPassword": "{{ password }}",
        "udf1": "{{ number }}",
        "department": "Company/{{ dept }}",
        "extensions.1.extensionNumber": "{{ extension }}",
        "extensions.1.subsystemName": "MX1",
    },
}
_RULES: Final = """
version = 1
[columns]
number = "Employee No"
name = "Name"
dept = "Department"
site = "Site"
[person]
key = "{{ number }}"
[user_id]
take = "{{ name|ascii|lower|letters }}"
[numbers.extension]
subsystem = "MX1"
ranges."*" = "20000-49999"
[secrets.password]
kind = "password"
length = 13
[secrets.code]
kind = "code"
length = 6
"""


def write_hr(folder: Path, people: int) -> tuple[Path, Path]:
    """An export of so many *people* and the mapping for it."""
    from xlsxwriter.workbook import Workbook

    path, mapping = folder / f"hr-{people}.xlsx", folder / "hr.toml"
    with Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Staff")
        sheet.write_row(0, 0, HEADERS)
        for number in range(people):
            sheet.write_row(number + 1, 0, (f"E{number:06d}", f"Öberg{number % 900}, Åsa{number % 70}", "Sales", "Stockholm"))
    records = [
        f'[[record]]\nsheet = "{sheet}"\n[record.fields]\n' + "\n".join(f'"{header}" = "{source}"' for header, source in fields.items())
        for sheet, fields in FIELDS.items()
    ]
    mapping.write_text("\n".join([_RULES, *records]), "utf-8")
    return path, mapping
