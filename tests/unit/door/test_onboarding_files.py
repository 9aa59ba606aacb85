"""An HR export becomes files: what stands in which, and in which nothing secret stands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import msoffcrypto
import pytest
from filelock import FileLock
from openpyxl import Workbook, load_workbook

from pmbulk.cli.onboard import onboard_lines
from pmbulk.door.checking import check_workbook
from pmbulk.door.onboarding import OnboardOptions, onboard_file
from pmbulk.entities.cells import CellError
from pmbulk.errors import UsageError
from pmbulk.secret import Secret
from tests.unit.onboarding.conftest import HEADERS, MAPPING, person

PASSWORD = Secret("open sesame 42")
STAFF = [person("E1"), person("E2", "Öberg, Åsa M."), person("E3", "Dahl Bertil", site="Oslo"), person("E4", "Ek, Clara", "Care", "Berlin")]


@pytest.fixture
def folder(tmp_path):
    """
    A folder with the mapping, and a way to put HR's files there.
    """
    (tmp_path / "hr.toml").write_text(MAPPING, "utf-8")
    return tmp_path


def export(folder, rows, name="hr.xlsx"):
    """An export of HR's with a title above the headers."""
    path = folder / name
    if path.suffix == ".csv":
        lines = [("Staff; 2026-03-01",), (), HEADERS, *rows]
        path.write_bytes("\r\n".join(";".join(f'"{cell}"' for cell in line) for line in lines).encode("cp1252"))
        return path
    book = Workbook()
    sheet = book.active
    sheet.append(["Staff of 2026-03-01"])
    sheet.merge_cells("A1:E1")
    for row in [(), HEADERS, *rows]:
        sheet.append([cell.text if isinstance(cell, CellError) else cell for cell in row])
    book.save(path)
    return path


def onboarded(folder, hr, **options):
    """What `onboard` comes to."""
    output = folder / f"{hr.stem}.pmbulk.xlsx"
    return onboard_file(hr, folder / "hr.toml", output, folder / "state", options=OnboardOptions(password=PASSWORD, **options))


def decrypted(path, password=PASSWORD):
    """The hand-over workbook, opened."""
    clear = BytesIO()
    with path.open("rb") as stream:
        sealed = msoffcrypto.OfficeFile(stream)
        sealed.load_key(password=password.reveal())
        sealed.decrypt(clear)
    return [[cell.value for cell in row] for row in load_workbook(clear).active.iter_rows()]


@pytest.mark.parametrize("name", ["hr.xlsx", "hr.csv"])
def test_an_export_becomes_a_workbook_that_checks_clean(folder, name):
    """
    Whatever its format, titles and encoding; the people with findings are left out of it, and it opens with the state directory's seal.
    """
    found = onboarded(folder, export(folder, STAFF, name))
    checked = check_workbook(found.path, state_dir=folder / "state")
    assert [] == [row for row in checked.rows if not row.valid]
    assert {"ip_extensions": 3, "users": 3} == {sheet: count for (sheet, _action), count in found.rows.items()}
    assert ["B6", "D6"] == [finding.cell for finding in found.findings]


def test_the_hand_over_tells_each_person_what_pm_will_be_told(folder):
    """
    It opens with the password and no other, and its secrets are those that the workbook holds sealed.
    """
    found = onboarded(folder, export(folder, STAFF))
    headers, *rows = decrypted(found.hand_over)
    assert [*HEADERS, "user_id", "extension", "password", "code"] == headers
    assert [("E1", "anna.berg", "2010"), ("E2", "asa.oberg", "2011"), ("E4", "clara.ek", "3000")] == [
        (row[0], row[5], row[6]) for row in rows
    ]
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        decrypted(found.hand_over, Secret("another"))


def test_secrets_stand_in_the_hand_over_and_nowhere_else(folder, caplog, capfd):
    """
    Every byte that was written or printed is searched, in archives and in clear.
    """
    found = onboarded(folder, export(folder, STAFF))
    secrets = {str(cell) for row in decrypted(found.hand_over)[1:] for cell in row[7:]} | {PASSWORD.reveal()}
    assert 7 == len(secrets)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert {"hr.pmbulk.xlsx", "hr.findings.xlsx", "hr.pmbulk.hand-over.xlsx", "default.json"} <= {path.name for path in written}
    texts = {path.name: path.read_bytes() for path in written}
    for path in written:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                texts |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
    texts["said"] = "".join([caplog.text, *capfd.readouterr(), repr(found)]).encode()
    assert [] == [(name, secret) for name, text in texts.items() for secret in secrets if secret.encode() in text]


def test_a_second_go_gives_the_same_answers(folder):
    """
    The same rows and the same secrets, in files of their own.
    """
    hr = export(folder, STAFF)
    first, second = onboarded(folder, hr), onboarded(folder, hr)
    assert decrypted(first.hand_over) == decrypted(second.hand_over)
    assert first.changes == second.changes
    assert first.hand_over != second.hand_over


def test_unchanged_people_leave_no_file(folder):
    """
    The same export again, compared with itself, is nothing to do and nothing to hand over.
    """
    last = export(folder, STAFF)
    onboarded(folder, last)
    found = onboarded(folder, export(folder, STAFF, "next.xlsx"), since=last)
    assert (None, None, {"unchanged": 3}) == (found.path, found.hand_over, {kind.value: count for kind, count in found.counts.items()})


def test_the_copy_with_the_findings_shows_those_rows_only(folder):
    """
    Comments on the cells, the words beside the row, and everybody without a finding hidden.
    """
    found = onboarded(folder, export(folder, STAFF))
    sheet = load_workbook(found.marked).active
    assert ("Dahl Bertil", "'Dahl Bertil' has no comma, cannot tell last from first name") == (
        sheet["B6"].value,
        sheet["B6"].comment.text.strip(),
    )
    assert {"B6", "D6"} == {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}
    assert [4, 5, 7] == [number for number in range(1, sheet.max_row + 1) if sheet.row_dimensions[number].hidden]
    assert sheet["F6"].value.startswith("'Dahl Bertil' has no comma")


def test_who_is_not_active_and_was_never_there_is_counted(folder):
    """
    Nothing is to be done about them, but nobody of the file goes without a word.
    """
    leavers = [person("E7", status="Left"), person("E8", status="Left")]
    found = onboarded(folder, export(folder, [*STAFF, *leavers]))
    assert (3, 2) == (found.counts["joiner"], found.not_active)
    assert "2 people left out: neither active nor there before (`active` in [person])" in onboard_lines(found)


def test_a_file_without_anybody_active_says_so(folder):
    """
    Perhaps the mapping has another word for it.
    """
    found = onboarded(folder, export(folder, [person("E7", status="aktiv")]))
    first, second, *_others = onboard_lines(found)
    assert "Nothing becomes of anybody in the file." == first
    assert "1 person left out: neither active nor there before (`active` in [person])" == second


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_another_office_opens_the_copy_with_the_findings(folder):
    """
    LibreOffice reads the same cells.
    """
    found = onboarded(folder, export(folder, STAFF))
    environment = {**os.environ, "HOME": str(folder)}
    command = ["soffice", "--headless", "--convert-to", "csv", "--outdir", str(folder / "csv"), str(found.marked)]
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=120)
    assert "Dahl Bertil" in Path(folder / "csv" / "hr.findings.csv").read_text("cp1252")


@pytest.mark.parametrize(
    ("there", "left", "allowed"),
    [(30, 24, True), (30, 23, False), (6, 1, True), (6, 0, False), (1, 0, False)],
    ids=["a fifth", "more than a fifth", "five of six", "everybody", "the only one"],
)
def test_a_file_that_was_cut_short_makes_no_leavers(folder, there, left, allowed):
    """
    A large part of the staff, or all of it, leaves only when it is said.
    """
    staff = [person(f"E{number}", f"Berg, Nr{chr(97 + number)}") for number in range(there)]
    last = export(folder, staff)
    onboarded(folder, last)
    now = export(folder, staff[:left], "next.xlsx")
    if not allowed:
        with pytest.raises(UsageError, match=f"If they do leave, type --max-leavers {there - left}"):
            onboarded(folder, now, since=last)
    found = onboarded(folder, now, since=last, leavers_max=there - left)
    assert there - left == sum(change.kind == "leaver" for change in found.changes)


def test_two_at_a_time_are_refused(folder):
    """
    Also with mappings of different names: they may share ranges.
    """
    (folder / "state" / "onboarding").mkdir(parents=True)
    with FileLock(folder / "state" / "onboarding" / "onboarding.lock"), pytest.raises(UsageError, match="is giving out numbers right now"):
        onboarded(folder, export(folder, STAFF))


def test_two_mappings_share_what_is_left_of_a_range(folder):
    """
    Numbers that another mapping gave out in the same state directory are taken.
    """
    onboarded(folder, export(folder, STAFF))
    (folder / "hr.toml").write_text(f'name = "guests"\n{MAPPING}', "utf-8")
    found = onboarded(folder, export(folder, [person("G1")], "guests.xlsx"))
    assert ("anna.berg2", "2012") == tuple(decrypted(found.hand_over)[1][5:7])
    assert {"default.json", "guests.json"} == {path.name for path in (folder / "state" / "onboarding").glob("*.json")}


def test_the_sheet_with_most_of_the_headers_is_the_one(folder):
    """
    Not the first that happens to have one of them.
    """
    path = export(folder, STAFF)
    book = load_workbook(path)
    book.create_sheet("Contacts", 0).append(["Name", "Mobile"])
    book.save(path)
    assert 3 == onboarded(folder, path).counts["joiner"]


def test_pins_hold_no_secrets_and_no_names(folder):
    """
    Keys, ids and numbers are all that is remembered.
    """
    onboarded(folder, export(folder, [person("E1")]))
    remembered = json.loads((folder / "state" / "onboarding" / "default.json").read_text("utf-8"))["people"]
    assert {"extension in mx1", "new in", "user_id"} == set(remembered["e1"])
