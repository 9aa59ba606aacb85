"""The users that every case works on: rows of 40 columns with a secret, references by name, truth values and text that looks like a number."""

from __future__ import annotations

from pathlib import Path

__all__ = ["COLUMNS", "DEPARTMENTS", "SUBSYSTEM", "write_users"]

DEPARTMENTS = tuple(f"Department {number:02}" for number in range(20))
SUBSYSTEM = "MX1"

#: Header and what its cells hold, `{n}` being the number of the row.
COLUMNS = {
    "action": "create",
    "userId": "user{n:06}",
    "firstName": "Anna {n}",
    "lastName": "Bergström",
    "newPassword": "Aa1!{n:06}",
    "emailAddress": "user{n}@example.com",
    "department": "",  # filled below, in turn
    "sms": "0046700{n:06}",
    "altFirstNames": "Ann;Annie",
    "altLastNames": "Berg",
    "keyWords": "sales;floor {n}",
    "language": "English",
    "useLastSelection": "TRUE",
    "mobileNumber": "+46700{n:06}",
    "secretMobile": "no",
    "alternativeNumber": "00{n:06}",
    "extensions.1.extensionNumber": "4{n:06}",
    "extensions.1.subsystemName": SUBSYSTEM,
    "extensions.1.cmgSettings.mainUser": "TRUE",
    "extensions.1.cmgSettings.list": "TRUE",
    "extensions.1.cmgSettings.voiceMail": "FALSE",
    "micollab.mxoneSubsystem": SUBSYSTEM,
    "micollab.extension": "4{n:06}",
    "micollab.miCollabRole": "UCC Premium",
    "micollab.promptLanguage": "Default",
    "cloudlink.extension": "4{n:06}",
    "cloudlink.role": "User",
    **{f"udf{number}": f"value {number} of {{n}}" for number in range(1, 14)},
}


def write_users(path: Path, rows: int) -> Path:
    """A workbook of *rows* users at *path*."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("users")
        sheet.write_row(0, 0, COLUMNS)
        for n in range(1, rows + 1):
            cells = {header: text.format(n=n) for header, text in COLUMNS.items()}
            cells["department"] = DEPARTMENTS[n % len(DEPARTMENTS)]
            for column, text in enumerate(cells.values()):
                sheet.write_string(n, column, text)
    return path
