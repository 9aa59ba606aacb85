from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto
import pytest
from openpyxl import load_workbook

from pmbulk.cli.hr_sample import write_hr_list
from pmbulk.simulator import SimulatorSettings
from tests.hr_exports import MITARBEITER, PLANTILLA, write_report, write_table
from tests.new_site import correct
from tests.support import PASSWORD as PM_PASSWORD
from tests.support import rows_of, writes

TOP = Path(__file__).parents[2]
PASSWORD = "Hand-over-1!"


@dataclass(frozen=True)
class Export:
    """A sample export with its mapping and who becomes what by it: key in PM → user id, number, subsystem, department."""

    file: str
    mapping: str
    joiners: dict
    unclear: int = 0

    @property
    def arguments(self):
        """What `onboard` is given."""
        return (self.file, "--mapping", self.mapping)


SWEDISH = Export(
    "personallista.csv",
    "hr_personallista.toml",
    {
        "4711": ("asa.oberg", "1510", "MX1", "EMEA"),
        "4713": ("maja.sjostrom", "1600", "MX1", "EMEA"),
        "4715": ("anna.berg2", "1512", "MX1", "Support"),
        "4718": ("soren.kjaer", "1603", "MX1", "Support"),
        "4722": ("nora.afklint", "1516", "MX1", "Platform"),
        "4723": ("asa.oberg2", "1604", "MX1", "Finance"),
    },
    unclear=2,
)
GERMAN = Export(
    "mitarbeiter.xlsx",
    "hr_mitarbeiter.toml",
    {
        "20417": ("juergen.mueller", "5200", "MX2", "Support"),
        "20420": ("juergen.mueller2", "5401", "MX2", "Support"),
        "20421": ("ayse.celik", "5202", "MX2", "Platform"),
    },
    unclear=3,
)
SPANISH = Export(
    "plantilla.ods",
    "hr_plantilla.toml",
    {
        "E0815": ("lgarcia", "2000", "MX1", "Americas"),
        "E0816": ("lgarcia2", "2001", "MX1", "Americas"),
        "E0818": ("mde", "2100", "MX1", "Finance"),
        "E0824": ("asanchezcano", "2104", "MX1", "HR"),
    },
)
EXPORTS = [pytest.param(one, id=name) for name, one in {"swedish-csv": SWEDISH, "german-xlsx": GERMAN, "spanish-ods": SPANISH}.items()]


@pytest.fixture
def hr(tmp_path, command):
    """
    Copies a sample export and its mapping to where the command runs, and gives the command a password for hand-overs.
    """
    command.environment["PMBULK_HANDOVER_PASSWORD"] = PASSWORD
    for name in ("personallista.csv", "mitarbeiter.xlsx", "plantilla.ods"):
        shutil.copy(TOP / "sample_sheets" / name, tmp_path)
    for path in (TOP / "templates").glob("hr_*.toml"):
        shutil.copy(path, tmp_path)
    return command


def onboarded(command, export, *, name="new.xlsx", check=None):
    """Take an export from HR's file to PM with the four commands."""
    taken = command("onboard", *export.arguments, "--live", "--json", "-o", name, check=int(export.unclear > 0) if check is None else check)
    command("check", name, check=0)
    command("plan", name, check=0)
    command("run", name, check=0)
    return taken.summary


def cells(path):
    """Every cell of a workbook by sheet."""
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in load_workbook(path)}


def handed_over(path):
    """The rows of a hand-over workbook, opened with its password."""
    opened = io.BytesIO()
    with path.open("rb") as locked:
        office = msoffcrypto.OfficeFile(locked)
        office.load_key(password=PASSWORD)
        office.decrypt(opened)
    headers, *rows = load_workbook(opened).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def people(pm):
    """Everybody in PM by the key in UDF 1."""
    return {user.body["udf1"]: user for user in pm.world.users.values() if user.body.get("udf1")}


@pytest.mark.parametrize("export", EXPORTS)
def test_every_joiner_is_in_pm_with_extension_department_and_code(hr, pm, tmp_path, export):
    """
    A sample export goes through onboard, check, plan and run, and everybody in it whose cells are right is in PM, with what the hand-over says.
    """
    summary = onboarded(hr, export)
    found = people(pm)
    assert summary["people"]["joiner"] == len(found)
    assert export.unclear == len({finding["row"] for finding in summary["findings"]})
    handed = {row["user_id"]: row for row in handed_over(tmp_path / "new.hand-over.xlsx")}
    for key, (user_id, number, subsystem, department) in export.joiners.items():
        user = found[key]
        assert user_id == user.user_id
        assert [department] == [pm.world.departments[one].name for one in user.department_ids]
        assert number == user.body["extensions"][0]["extensionNumber"]
        assert subsystem == user.body["extensions"][0]["subsystemName"]
    for user in found.values():
        for place in user.extension_keys[:1]:
            (code,) = pm.world.extensions[place].body["authorizationCodes"]
            assert handed[user.user_id]["code"] == code["authorizationCode"]
        assert handed[user.user_id]["password"] == user.password


@pytest.mark.parametrize("export", EXPORTS)
def test_onboarding_twice_gives_the_same_workbook(hr, tmp_path, export):
    """
    The second workbook of the same export is the first, cell by cell, and so is the hand-over.
    """
    for name in ("first", "second"):
        hr("onboard", *export.arguments, "-o", f"{name}.xlsx", check=int(export.unclear > 0))
    assert cells(tmp_path / "first.xlsx") == cells(tmp_path / "second.xlsx")
    assert handed_over(tmp_path / "first.hand-over.xlsx") == handed_over(tmp_path / "second.hand-over.xlsx")


def swedish_changed(folder):
    """The Swedish list a month later: one new, one in another department, one gone."""
    path = folder / SWEDISH.file
    text = path.read_bytes().decode("cp1252")
    text = text.replace("4712;Lindqvist, Erik;Försäljning", "4712;Lindqvist, Erik;Ekonomi")
    text = text.replace("4725;Wallin, Gustav;Ekonomi;Stockholm;26-12-01;;Anställd", "4726;Ny, Nils;Ekonomi;Stockholm;27-02-01;;Anställd")
    changed = folder / "changed.csv"
    changed.write_bytes(text.encode("cp1252"))
    return changed


def german_changed(folder):
    """The German report a month later: one new, one with another name, one with a last day."""
    rows = [list(row) for row in MITARBEITER]
    for row in rows:
        if row[1:2] == [20418]:
            row[2] = "Weiß-Krüger, Käthe"
        if row[1:2] == [20423]:
            row.append("2027-02-28")
    rows.insert(7, [None, 20430, "Neumann, Nele", "Berlin", None, "2027-02-01"])
    write_report(folder / "changed.xlsx", rows)
    return folder / "changed.xlsx"


def spanish_changed(folder):
    """The Spanish table a month later: one new, one in another department, one who left."""
    rows = [list(row) for row in PLANTILLA]
    for row in rows:
        if row[0] == "0817":
            row[3] = "Soporte"
        if row[0] == "0823":
            row[5] = "Baja"
    rows.append(["0830", "Nuria", "Nuevo Gil", "Soporte", "Madrid", "Activa", "Nuria.Nuevo@example.com"])
    write_table(folder / "changed.ods", rows)
    return folder / "changed.ods"


CHANGED = [
    pytest.param(
        SWEDISH,
        swedish_changed,
        {
            *(("createIpExtension", "1518"), ("createUser", "nils.ny"), ("updateIpExtension", "1511"), ("updateUser", "erik.lindqvist")),
            *(("deleteUser", "gustav.wallin"), ("deleteExtension", "MX1")),
        },
        id="swedish-csv",
    ),
    pytest.param(
        GERMAN,
        german_changed,
        {
            # 5205 is kept for the person whose mobile number HR has still to correct.
            *(("createIpExtension", "5207"), ("createUser", "nele.neumann"), ("updateIpExtension", "5201"), ("updateUser", "kaethe.weiss")),
            *(("deleteUser", "bjoern.gross"), ("deleteExtension", "MX2")),
        },
        id="german-xlsx",
    ),
    pytest.param(
        SPANISH,
        spanish_changed,
        {
            *(("createIpExtension", "2005"), ("createUser", "nnuevo"), ("updateUser", "inunez")),
            *(("deleteUser", "bpena"), ("updateIpExtension", "2004")),
        },
        id="spanish-ods",
    ),
]


@pytest.mark.parametrize("against", ["since", "live"])
@pytest.mark.parametrize(("export", "change", "wanted"), CHANGED)
def test_a_changed_export_plans_only_the_changes(hr, pm, tmp_path, export, change, wanted, against):
    """
    One new, one changed and one gone come to the rows of these three, and nothing is left to do once they have run.
    """
    onboarded(hr, export)
    pm.requests.clear()
    changed = change(tmp_path)
    compare = ("--since", export.file) if against == "since" else ("--live",)
    arguments = (changed, "--mapping", export.mapping)
    done = hr("onboard", *arguments, *compare, "--json", "-o", "changes.xlsx", check=int(export.unclear > 0))
    counts = done.summary["people"]
    assert (1, 1, 1) == (counts.get("joiner"), counts.get("mover"), counts.get("leaver"))
    hr("run", "changes.xlsx", check=0)
    assert sorted(wanted) == sorted(writes(pm))
    again = hr("onboard", *arguments, "--live", "--json", "-o", "nothing.xlsx", check=int(export.unclear > 0))
    assert {"unchanged"} == {kind for kind, count in again.summary["people"].items() if count}
    assert not (tmp_path / "nothing.xlsx").exists()


def test_a_corrected_list_brings_those_who_were_left_out_and_nobody_else(hr, pm, tmp_path):
    """
    Once HR has corrected its cells, the people of these rows are new and all others unchanged.
    """
    onboarded(hr, SWEDISH)
    write_hr_list(tmp_path / "corrected.csv", corrected=True)
    done = hr("onboard", "corrected.csv", "--mapping", SWEDISH.mapping, "--live", "--json", "-o", "late.xlsx", check=0)
    assert (2, 13) == (done.summary["people"]["joiner"], done.summary["people"]["unchanged"])
    hr("run", "late.xlsx", check=0)
    assert {"4714", "4724"} <= people(pm).keys()


def test_findings_stand_in_a_copy_of_the_export(hr, tmp_path):
    """
    Each finding names HR's own row and column, and is a comment in that cell of the copy.
    """
    done = hr("onboard", *SWEDISH.arguments, "--json", "-o", "new.xlsx", check=1)
    assert [(8, "Namn", "B8"), (23, "Ort", "D23")] == [(one["row"], one["column"], one["cell"]) for one in done.summary["findings"]]
    (sheet,) = load_workbook(tmp_path / "personallista.findings.xlsx").worksheets[:1]
    assert {"B8", "D23"} == {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}


@pytest.mark.parametrize("settings", [SimulatorSettings(password=PM_PASSWORD, number_series_as_list=False)], ids=["one series"])
def test_a_series_that_pm_tells_alone_closes_no_other_range(hr, tmp_path):
    """
    A PM that tells a single series outside a list may have others (QUIRKS 63), so numbers beyond it are given out all the same.
    """
    mapping = tmp_path / SWEDISH.mapping
    mapping.write_text(mapping.read_text("utf-8").replace("1600-1699", "70000-70099"), "utf-8")
    done = hr("onboard", *SWEDISH.arguments, "--live", "--json", "-o", "new.xlsx", check=1)
    assert [8, 23] == [one["row"] for one in done.summary["findings"]]


def test_the_summary_for_scripts_loses_no_letter(hr):
    """
    What stdout's encoding lacks is escaped in JSON, not spelt otherwise.
    """
    hr.environment["PYTHONIOENCODING"] = "cp1252"
    said, _words = hr.start("onboard", *SWEDISH.arguments, "--json", "-o", "Łódź.xlsx", stderr=subprocess.DEVNULL).communicate(timeout=60)
    assert "Łódź.xlsx" == Path(json.loads(said)["workbook"]).name


def test_a_rerun_takes_its_secrets_from_the_workbook_that_has_them_sealed(hr, pm, tmp_path):
    """
    Results mask what the workbook has sealed; a rerun of the corrected copy sends the password that the hand-over tells.
    """
    hr("onboard", *SWEDISH.arguments, "-o", "new.xlsx", check=1)
    hr("run", "new.xlsx", check=1)
    results, corrected = tmp_path / "new.results.xlsx", tmp_path / "corrected.xlsx"
    assert {"••••••"} == {row["newPassword"] for row in rows_of(results, "users")}
    correct(results, corrected, [("users", "userId", "anna.berg", "anna.berg2")])
    hr("rerun", "corrected.xlsx", check=0)
    (handed,) = (row for row in handed_over(tmp_path / "new.hand-over.xlsx") if row["user_id"] == "anna.berg")
    assert handed["password"] == people(pm)["4715"].password


def test_a_rerun_elsewhere_says_that_the_secrets_are_sealed(hr, tmp_path):
    """
    Another state directory has another key: the row is not sent, and says what to do.
    """
    hr("onboard", *SWEDISH.arguments, "-o", "new.xlsx", check=1)
    hr("run", "new.xlsx", check=1)
    correct(tmp_path / "new.results.xlsx", tmp_path / "corrected.xlsx", [("users", "userId", "anna.berg", "anna.berg2")])
    done = hr("rerun", "corrected.xlsx", check=1, PMBULK_STATE_DIR=str(tmp_path / "elsewhere"))
    assert "was sealed by `pmbulk onboard` with the key of another --state-dir" in done.said
    assert "sealed:" not in done.said


@pytest.mark.parametrize("compare", [("--since", SWEDISH.file), ("--live",)], ids=["since", "live"])
def test_who_moves_to_another_subsystem_takes_the_extension_along(hr, pm, tmp_path, compare):
    """
    A person whose town has another subsystem becomes a row of extension_moves; afterwards the extension is there only, and the user's.
    """
    mapping = tmp_path / SWEDISH.mapping
    text = mapping.read_text("utf-8").replace('"Göteborg" = "MX1"', '"Göteborg" = "MX2"').replace("1600-1699", "5600-5699")
    mapping.write_text(text, "utf-8")
    onboarded(hr, SWEDISH)
    changed = tmp_path / "changed.csv"
    listed = (tmp_path / SWEDISH.file).read_bytes().decode("cp1252")
    changed.write_bytes(
        listed.replace("4712;Lindqvist, Erik;Försäljning;Stockholm", "4712;Lindqvist, Erik;Försäljning;Göteborg").encode("cp1252")
    )
    done = hr("onboard", changed, "--mapping", SWEDISH.mapping, *compare, "--json", "-o", "moves.xlsx", check=1)
    assert 1 == done.summary["people"]["mover"]
    (row,) = rows_of(tmp_path / "moves.xlsx", "extension_moves")
    assert ("MX1", "1511", "MX2") == (row["fromSubsystem"], row["extensionNumber"], row["toSubsystem"])
    new = row["newExtensionNumber"]
    hr("plan", "moves.xlsx", check=0)
    hr("run", "moves.xlsx", check=0)
    user = people(pm)["4712"]
    assert [("MX2", new)] == [(one["subsystemName"], one["extensionNumber"]) for one in user.body["extensions"]]
    assert set(user.extension_keys) == {place for place in pm.world.extensions if place[1] in {"1511", new}}
    hr("onboard", changed, "--mapping", SWEDISH.mapping, "--live", "--json", "-o", "nothing.xlsx", check=1)
    assert not (tmp_path / "nothing.xlsx").exists()


def retype(path, sheet, corrections):
    """Type other values over some in a sheet: old → new."""
    book = load_workbook(path)
    for row in book[sheet].iter_rows(min_row=2):
        for cell in row:
            cell.value = corrections.get(cell.value, cell.value)
    book.save(path)


@pytest.mark.parametrize("when", ["before the run", "before a rerun"])
def test_what_is_corrected_by_hand_is_learnt(hr, pm, tmp_path, when):
    """
    Who was given another user id or number in the workbook, or in the results of its run, is known by that from then on.
    """
    corrections = {"ip_extensions": {"1511": "1551"}, "users": {"erik.lindqvist": "e.lindqvist", "1511": "1551"}}
    hr("onboard", *SWEDISH.arguments, "--live", "-o", "new.xlsx", check=1)
    corrected = tmp_path / "new.xlsx"
    if when == "before a rerun":
        retype(corrected, "ip_extensions", {"1511": "9"})
        hr("run", "new.xlsx", check=1)
        corrected = tmp_path / "new.results.xlsx"
        corrections["ip_extensions"] = {"9": "1551"}
    for sheet, values in corrections.items():
        retype(corrected, sheet, values)
    hr("run" if corrected.name == "new.xlsx" else "rerun", corrected.name, check=0)
    done = hr(
        "onboard", swedish_changed(tmp_path), "--mapping", SWEDISH.mapping, "--since", SWEDISH.file, "--json", "-o", "changes.xlsx", check=1
    )
    assert (1, 1, 1) == tuple(done.summary["people"].get(kind) for kind in ("joiner", "mover", "leaver"))
    (changed,) = [row for row in rows_of(tmp_path / "changes.xlsx", "users") if row["action"] == "update"]
    (phone,) = [row for row in rows_of(tmp_path / "changes.xlsx", "ip_extensions") if row["action"] == "update"]
    assert ("e.lindqvist", "1551") == (changed["userId"], phone["extensionNumber"])
    hr("run", "changes.xlsx", check=0)


def test_people_of_another_mapping_are_no_leavers(hr, pm, tmp_path):
    """
    Where two mappings keep their keys in the same field of one PM, --live leaves alone whom the other one has taken on.
    """
    onboarded(hr, SWEDISH)
    spanish = tmp_path / SPANISH.file
    done = hr("onboard", spanish, "--mapping", SPANISH.mapping, "--live", "--json", "-o", "more.xlsx", check=0)
    assert {"joiner"} == {kind for kind, count in done.summary["people"].items() if count}
