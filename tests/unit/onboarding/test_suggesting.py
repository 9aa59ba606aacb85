from __future__ import annotations

import re
from pathlib import Path

import pytest

from pmbulk.door.onboarding import read_hr, suggest_mapping
from pmbulk.onboarding.mapping import rules_of
from pmbulk.onboarding.people import read_people
from pmbulk.onboarding.suggesting import suggest

SAMPLES = Path(__file__).parents[3] / "sample_sheets"
LANGUAGES = {
    "en": ("Employee No", "First name", "Surname", "Department", "Location"),
    "de": ("Personalnummer", "Vorname", "Nachname", "Abteilung", "Standort"),
    "sv": ("Anställningsnr", "Förnamn", "Efternamn", "Avdelning", "Ort"),
    "fr": ("Matricule", "Prénom", "Nom", "Service", "Lieu de travail"),
    "es": ("Nº empleado", "Nombre", "Apellidos", "Departamento", "Sede"),
}
PEOPLE = [(str(4711 + place), f"Anna{place}", f"Berg{place}", ("Sales", "Care")[place % 2], "Berlin") for place in range(6)]
# file, its columns by meaning, how many are active
EXPORTS = [
    pytest.param(
        "personallista.csv",
        {
            "number": "Anst.nr",
            "name": "Namn",
            "department": "Avdelning",
            "site": "Ort",
            "status": "Status",
            "start": "Startdatum",
            "end": "Slutdatum",
        },
        15,
        id="swedish-csv",
    ),
    pytest.param(
        "mitarbeiter.xlsx",
        {
            "number": "Personalnummer",
            "name": "Name",
            "department": "Abteilung",
            "site": "Standort",
            "start": "Eintritt",
            "end": "Austritt",
            "mobile": "Mobil",
        },
        11,
        id="german-xlsx",
    ),
    pytest.param(
        "plantilla.ods",
        {
            "number": "Nº empleado",
            "first": "Nombre",
            "last": "Apellidos",
            "department": "Departamento",
            "site": "Sede",
            "status": "Estado",
            "email": "Correo electrónico",
        },
        10,
        id="spanish-ods",
    ),
]


@pytest.mark.parametrize("headers", [pytest.param(headers, id=language) for language, headers in LANGUAGES.items()])
def test_headers_are_understood_in_five_languages(headers):
    """
    The columns for number, names, department and site are found by their words in each language, and the mapping is valid.
    """
    found = suggest([(1, headers), *enumerate(PEOPLE, start=2)], sheet="HR", file="hr.xlsx")
    columns = rules_of(found.text, name="hr.toml").mapping.columns
    assert dict(zip(("number", "first", "last", "department", "site"), headers, strict=True)) == columns


@pytest.mark.parametrize(("file", "columns", "active"), EXPORTS)
def test_sample_exports_are_understood(file, columns, active):
    """
    The suggested mapping of a sample export is valid, has the right columns, and tells who is active.
    """
    rules = rules_of(suggest_mapping(SAMPLES / file).text, name="hr.toml")
    assert columns == rules.mapping.columns
    _sheet, rows = read_hr(SAMPLES / file, rules)
    people = read_people(rows, rules, file=file).people
    assert active == sum(person.active for person in people)


@pytest.mark.parametrize("file", ["personallista.csv", "mitarbeiter.xlsx", "plantilla.ods"])
def test_each_guess_says_how_sure_it_is(file):
    """
    Each guess names its column and has a percentage, and fits into 80 columns.
    """
    for line in suggest_mapping(SAMPLES / file).words:
        assert re.search(r"← '.+'  \(\d+%: ", line)
        assert len(line) <= 80
