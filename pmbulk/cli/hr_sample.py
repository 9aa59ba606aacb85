"""
The HR export that the demo starts from: a list as a Swedish payroll system prints it, and the mapping that reads it.

`sample_sheets/personallista.csv` and `templates/hr_personallista.toml` are the same; the command that refreshes generated files writes the list from here.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

__all__ = ["write_hr_list", "write_hr_mapping"]

_HEADERS: Final = ("Anst.nr", "Namn", "Avdelning", "Ort", "Startdatum", "Slutdatum", "Status")
# department, then its people: number, name, town, first day, last day
_STAFF: Final = (
    (
        "Försäljning",
        (
            ("4711", "Öberg, Åsa  M.", "Stockholm", "26-12-01", ""),
            ("4712", "Lindqvist, Erik", "Stockholm", "26-12-01", ""),
            ("4713", "Sjöström, Maja", "Göteborg", "26-12-01", ""),
            ("4714", "Hedlund Oskar", "Göteborg", "26-12-01", ""),
            ("3020", "Nyström, Ingrid", "Stockholm", "09-03-16", "26-11-30"),
        ),
    ),
    (
        "Kundtjänst",
        (
            ("4715", "Berg, Anna", "Stockholm", "26-12-01", ""),
            ("4716", "Virtanen, Hanna K.", "Göteborg", "26-12-01", ""),
            ("4717", "Strand, Mikael", "Göteborg", "26-12-15", ""),
            ("4718", "Kjær, Søren", "Göteborg", "26-12-15", ""),
        ),
    ),
    (
        "Utveckling",
        (
            ("4719", "Weiß, Jürgen", "Stockholm", "27-01-01", ""),
            ("4720", "Ekström, Tove", "Stockholm", "27-01-01", ""),
            ("4721", "O'Brien, Zoë", "Stockholm", "27-01-01", ""),
            ("2877", "Falk, Lars", "Göteborg", "99-08-02", "26-11-30"),
            ("4722", "af Klint, Nora", "Stockholm", "27-01-01", ""),
        ),
    ),
    (
        "Ekonomi",
        (
            ("4723", "Öberg, Åsa", "Göteborg", "26-12-01", ""),
            ("4724", "Dahl, Liv", "Götebrog", "26-12-01", ""),
            ("4725", "Wallin, Gustav", "Stockholm", "26-12-01", ""),
        ),
    ),
)

#: What HR corrects in the list when it is told of the findings: the slip, what it should have been.
_HR_CORRECTIONS: Final = (("Hedlund Oskar", "Hedlund, Oskar"), ("Götebrog", "Göteborg"))


def write_hr_list(path: Path, *, corrected: bool = False) -> None:
    """Write the list to *path*: semicolons, cp1252, a title above the headers, a blank row after each department."""
    rows = [("Personallista Norden",), ("Utskriven 26-11-24",), (), _HEADERS]
    for department, people in _STAFF:
        for number, name, town, start, end in people:
            rows.append((number, name, department, town, start, end, "Slutat" if end else "Anställd"))
        rows.append(())
    rows.append(("", f"Antal: {sum(len(people) for _department, people in _STAFF)}"))
    text = "".join(";".join([*row, *[""] * (len(_HEADERS) - len(row))]) + "\r\n" for row in rows)
    for slip, right in _HR_CORRECTIONS if corrected else ():
        text = text.replace(slip, right)
    path.write_bytes(text.encode("cp1252"))


def write_hr_mapping(path: Path) -> None:
    """Write the mapping for the list to *path*."""
    path.write_bytes(files("pmbulk.cli").joinpath("hr_personallista.toml").read_bytes())
