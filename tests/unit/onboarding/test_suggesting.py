from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from pmbulk.door.onboarding import read_hr, suggest_mapping
from pmbulk.onboarding.mapping import rules_of
from pmbulk.onboarding.people import read_people
from pmbulk.onboarding.records import Scope
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


FRENCH = [
    (1, ("Extraction SIRH",)),
    (2, ("Matricule", "Nom et prénom", "Service", "Date de sortie")),
    (3, ("F001", "LEFÈVRE Zoé", "Ventes", "")),
    (4, ("F002", "DE LA FONTAINE Jean-Noël", "Ventes", "31/12/9999")),
    (5, ("", "Sous-total Ventes", "2", "")),
    (6, ("F003", "Garçon Loïc", "Caisse", "31/10/2026")),
]


def read(rows):
    """The suggested mapping of *rows*, and the people that it reads from them."""
    rules = rules_of(suggest(rows, sheet="HR", file="hr.xlsx").text, name="hr.toml")
    return rules, read_people(rows, rules, file="hr.xlsx").people


def test_names_with_the_last_one_first_and_no_comma():
    """
    What the header calls last and first name is taken apart in this order.
    """
    rules, people = read(FRENCH)
    (zoe, jean, loic) = [
        [Scope(rules, person.values).evaluate(rules.lets[name]) for name in ("first_name", "last_name")] for person in people
    ]
    assert [["Zoé", "LEFÈVRE"], ["Jean-Noël", "DE LA FONTAINE"], ["Loïc", "Garçon"]] == [zoe, jean, loic]


def test_sums_are_no_departments():
    """
    Rows without a number are no people, and what stands in them is no department.
    """
    assert {"Caisse", "Ventes"} == set(read(FRENCH)[0].mapping.values["department"])


def test_a_last_day_at_the_end_of_time_is_none():
    """
    Payroll systems write the year 9999 for people who stay.
    """
    assert ["F001", "F002"] == [person.key for person in read(FRENCH)[1] if person.active]


def test_whatever_is_the_key_is_kept_in_pm():
    """
    New users get the key in the field that --live looks at, also where it is an address or a name.
    """
    rows = [(1, ("Name", "E-Mail", "Abteilung")), *((row, (f"Berg, Anna{row}", f"a{row}@example.com", "Vertrieb")) for row in range(2, 6))]
    rules, _people = read(rows)
    (users,) = [dict(record.fields) for record in rules.records if record.entity.sheet == "users"]
    assert ("{{ email }}", "{{ email }}") == (rules.key.text, users[rules.keep_in].text)


def test_the_language_of_the_headers_is_that_of_the_ids():
    """
    A German list writes ü as ue.
    """
    assert "de" == rules_of(suggest_mapping(SAMPLES / "mitarbeiter.xlsx").text, name="hr.toml").mapping.source.language


def test_the_sheet_of_the_people_is_found_behind_others(tmp_path):
    """
    A cover sheet with a few words is not what the mapping is about.
    """
    book = Workbook()
    book.active.title = "Deckblatt"
    for line in (["SAP HCM – Personalliste"], ["Stichtag", "01.11.2026"], ["Name", "Muster GmbH"]):
        book.active.append(line)
    people = book.create_sheet("ALV")
    for line in (
        ["Person", None, None, "Organisation"],
        ["PersNr", "Nachname", "Vorname", "Kostenst.-Bez."],
        ["0815", "Berg", "Anna", "Vertrieb"],
    ):
        people.append(line)
    book.save(tmp_path / "sap.xlsx")
    mapping = rules_of(suggest_mapping(tmp_path / "sap.xlsx").text, name="hr.toml").mapping
    assert ("ALV", 2) == (mapping.source.sheet, mapping.source.header_row)
    assert {"number": "PersNr", "first": "Vorname", "last": "Nachname", "department": "Kostenst.-Bez."} == mapping.columns


def test_next_month_s_file_may_have_another_name(tmp_path):
    """
    The only sheet of a workbook is not named, since that of a .csv is called after the file.
    """
    for month in ("march", "april"):
        (tmp_path / f"staff_{month}.csv").write_text("Employee No;Name\n1;Berg, Anna\n2;Ek, Bo\n", "utf-8")
    rules = rules_of(suggest_mapping(tmp_path / "staff_march.csv").text, name="hr.toml")
    assert "staff_april" == read_hr(tmp_path / "staff_april.csv", rules)[0]


def test_of_columns_with_equal_headers_the_right_one_is_named():
    """
    The suggested mapping fits the file that it was made from.
    """
    headers = ("Personalnr", "Namn", "Avdelning", "Ort", "Namn", "Ort")
    rows = [(1, headers), (2, ("1", "Öberg, Åsa", "Köp", "Umeå", "Ek", "Luleå")), (3, ("2", "Ek, Bo", "Köp", "Umeå", "Dahl", "Luleå"))]
    rules, people = read(rows)
    assert {"number": "Personalnr", "name": "Namn (1)", "department": "Avdelning", "site": "Ort (1)"} == rules.mapping.columns
    assert ["Öberg, Åsa", "Ek, Bo"] == [person.values["name"] for person in people]


def test_headers_that_come_again_are_no_values():
    """
    On each page of what was made for printing they stand among the people.
    """
    headers = ("Abteilung", "Nummer", "Mitarbeiter", "Ort")
    rows = [
        (1, headers),
        (2, ("Werk 1", 1, "Anna Berg", "Ulm")),
        (3, (None, 2, "Bo Ek", "Ulm")),
        (4, headers),
        (5, (None, 3, "Cai Dahl", "Ulm")),
    ]
    mapping = read(rows)[0].mapping
    assert ({"Werk 1"}, {"Ulm"}, ("department",)) == (
        set(mapping.values["department"]),
        set(mapping.values["subsystem"]),
        mapping.source.fill_down,
    )


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Business unit", "department"),
        ("Supervisory Organization", "department"),
        ("OrgEinheit Text", "department"),
        ("Email - Primary Work", "email"),
        ("Phone - Mobile", "mobile"),
        ("Telefon mobil", "mobile"),
    ],
)
def test_headers_of_common_systems_are_understood(header, name):
    """
    Surely, not by resemblance.
    """
    rows = [(1, ("Employee No", "Name", header)), *((row, (row, f"Berg, A{row}", f"x{row % 2}@y.zz")) for row in range(2, 8))]
    assert f"{name:<11} ← {header!r}  (100%" in "".join(suggest(rows, sheet=None, file="hr.xlsx").words)


@pytest.mark.parametrize(
    ("remark", "condition"),
    [
        ((None, None, None), "number or name"),
        ((None, "Total: 2", None), "number or site"),
        ((None, "Total: 2", "Page 1"), "number"),
    ],
    ids=["no remarks", "sums below the names", "remarks below everything"],
)
def test_a_person_without_a_number_is_not_taken_for_a_remark(remark, condition):
    """
    Who has lost the number would be gone in silence; so a row counts also by what no remark of the file has.
    """
    rows = [(1, ("Employee No", "Name", "Site")), (2, ("1", "Berg, Anna", "Ulm")), (3, ("2", "Ek, Bo", "Ulm")), (5, remark)]
    assert condition == read(rows)[0].mapping.source.filter
