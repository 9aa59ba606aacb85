from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pmbulk.sheets.plan import PLAN_COLUMNS
from pmbulk.sheets.results import RESULT_COLUMNS
from tests.new_site import correct, write_sample
from tests.support import PASSWORD, applied_twice, rows_of, statuses, writes

SAMPLES = Path(__file__).parents[2] / "sample_sheets"
USERS = ["action", "userId", "firstName", "lastName", "newPassword", "department"]


def counted(summary):
    """The outcomes that a run's rows came to."""
    return {name: count for name, count in summary["outcomes"].items() if count}


@pytest.fixture
def sample(tmp_path):
    """
    The workbook of the new site.
    """
    path = tmp_path / "new_site.xlsx"
    write_sample(path)
    return path


def test_every_row_of_a_workbook_gets_one_outcome(command, sample, pm):
    """
    Sheets, rows and columns of the input come back in their order, each row with one outcome.
    """
    done = command("run", sample, "--json", check=1)
    results = sample.with_name("new_site.results.xlsx")
    assert str(results) == done.summary["results"]
    before, after = load_workbook(sample), load_workbook(results)
    assert ["Summary", *before.sheetnames] == after.sheetnames
    for name in before.sheetnames:
        expected = [list(row) for row in before[name].iter_rows(values_only=True)]
        actual = [list(row) for row in after[name].iter_rows(values_only=True)]
        assert [*RESULT_COLUMNS, *expected[0]] == actual[0]
        hidden = {index for index, header in enumerate(expected[0]) if header in {"newPassword", "authorizationCodes.1.authorizationCode"}}
        masked = [["••••••" if index in hidden else value for index, value in enumerate(row)] for row in expected[1:]]
        assert masked == [row[len(RESULT_COLUMNS) :] for row in actual[1:]]
    assert {"succeeded": 52, "failed": 3, "invalid": 2, "blocked": 1} == counted(done.summary)
    assert {} == applied_twice(pm)


def test_only_what_did_not_succeed_is_run_again(command, sample, pm):
    """
    A rerun of the corrected results sends requests for the corrected rows only, and every row ends succeeded.
    """
    command("run", sample)
    results = sample.with_name("new_site.results.xlsx")
    open_rows = {name: [row for row in rows_of(results, name) if row["_status"] != "succeeded"] for name in ("users", "ip_extensions")}
    correct(results, results)
    pm.requests.clear()
    done = command("rerun", results, "--json", check=0)
    again = sample.with_name("new_site.results-2.xlsx")
    assert str(again) == done.summary["results"]
    wanted = {("createUser", "anna.berg2" if row["userId"] == "anna.berg" else row["userId"]) for row in open_rows["users"]}
    wanted |= {
        ("createIpExtension", "1504" if row["extensionNumber"] == "9504" else row["extensionNumber"]) for row in open_rows["ip_extensions"]
    }
    assert sorted(wanted) == sorted(writes(pm))
    for name in ("users", "ip_extensions", "departments", "locations"):
        assert {"succeeded"} == set(statuses(again, name))


def test_secrets_are_nowhere_but_in_the_input(command, workbook, pm, tmp_path):
    """
    The users' passwords and the administrator's are in no output, no journal and no results.
    """
    path = workbook(
        {
            "users": [
                USERS,
                ["create", "s1", "S", "One", "Sentinel-User-1!", None],
                ["create", "s2", "S", "Two", "Sentinel-User-2!", "Nowhere"],
            ]
        }
    )
    done = command("run", path, "-vv", check=1)
    assert "Sentinel" not in done.said
    for file in [*(tmp_path / "state").rglob("*"), tmp_path / "input.results.xlsx"]:
        if file.is_file():
            content = file.read_bytes()
            assert b"Sentinel" not in content, file
    with zipfile.ZipFile(tmp_path / "input.results.xlsx") as parts:
        assert [] == [name for name in parts.namelist() if b"Sentinel" in parts.read(name)]
    assert PASSWORD.startswith("Sentinel")


def test_masked_secrets_come_from_the_original_input(command, workbook, pm):
    """
    A rerun sends the password that the results mask, or the one typed over the mask.
    """
    path = workbook(
        {"users": [USERS, ["create", "anna.berg", "A", "B", "Original-1!", None], ["create", "bjorn.dahl", "B", "D", "Original-2!", None]]}
    )
    command("run", path, check=1)
    results = path.with_name("input.results.xlsx")
    correct(results, results, [("users", "userId", "anna.berg", "anna.new"), ("users", "userId", "bjorn.dahl", "bjorn.new")])
    book = load_workbook(results)
    column = next(cell.column for cell in book["users"][1] if cell.value == "newPassword")
    book["users"].cell(3, column).value = "Typed-Over-1!"
    book.save(results)
    command("rerun", results, check=0)
    sent = {arrival.body["userId"]: arrival.body["newPassword"] for arrival in pm.requests if arrival.operation == "createUser"}
    assert ("Original-1!", "Typed-Over-1!") == (sent["anna.new"], sent["bjorn.new"])


def test_file_whose_name_tells_no_entity_can_be_run_again(command, tmp_path):
    """
    With --entity the results bear the entity's name, so that they are an input like any other, and the secrets still come from the original.
    """
    staff = tmp_path / "staff.csv"
    staff.write_text("userId;lastName;newPassword;department\nann;Berg;Sentinel-1!;Nowhere\n", encoding="utf-8")
    command("run", staff, "--entity", "users", check=1)
    results = tmp_path / "staff.results.xlsx"
    book = load_workbook(results)
    assert ["Summary", "users"] == book.sheetnames
    headers = [cell.value for cell in book["users"][1]]
    book["users"].cell(2, headers.index("department") + 1).value = None
    book.save(results)
    assert {"succeeded": 1} == counted(command("rerun", results, "--json", check=0).summary)


def test_missing_original_leaves_the_mask_as_a_finding(command, workbook):
    """
    Without the original input the masked password is not sent; the row says what to do.
    """
    path = workbook({"users": [USERS, ["create", "anna.berg", "A", "B", "Original-1!", None]]})
    command("run", path, check=1)
    path.unlink()
    results = path.with_name("input.results.xlsx")
    done = command("rerun", results, check=1)
    assert "holds the mask of a secret" in done.said


def test_rows_wait_for_what_they_need(command, workbook, pm):
    """
    Sheets and rows in the wrong order run in the right one, parents before children.
    """
    path = workbook(
        {
            "users": [
                [*USERS, "extensions.1.extensionNumber", "extensions.1.subsystemName"],
                [None, "o1", "O", "One", "Welcome-1234!", "Company/A/B", "1601", "MX1"],
            ],
            "ip_extensions": [["subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile"], ["MX1", "1601", 1, 1]],
            "departments": [["path", "location"], ["Company/A/B", "Kiruna"], ["Company/A", "Kiruna"]],
            "locations": [["locationName"], ["Kiruna"]],
        }
    )
    command("run", path, check=0)
    order = [name for _operation, name in writes(pm)]
    assert order.index("Kiruna") < order.index("A") < order.index("B") < order.index("o1")
    assert order.index("1601") < order.index("o1")


def test_dependants_of_a_failed_row_are_blocked(command, workbook, pm):
    """
    What waits for a row that did not succeed is not sent, and names that row.
    """
    path = workbook(
        {
            "departments": [["path", "location"], ["Company/X", "Atlantis"], ["Company/X/Y", "Stockholm"]],
            "users": [USERS, ["create", "b1", "B", "One", "Welcome-1234!", "Company/X/Y"]],
        }
    )
    command("run", path, check=1)
    results = path.with_name("input.results.xlsx")
    assert ["invalid", "blocked"] == statuses(results, "departments")
    user = rows_of(results, "users")[0]
    assert "blocked" == user["_status"]
    assert "departments!row" in user["_message"]
    assert [] == writes(pm)


def test_deletes_run_in_reverse(command, workbook, pm):
    """
    Users go before extensions, leaves before parents, departments before locations.
    """
    setup = workbook(
        {
            "locations": [["locationName"], ["Kiruna"]],
            "departments": [["path", "location"], ["Company/A", "Kiruna"], ["Company/A/B", "Kiruna"]],
            "users": [USERS, ["create", "d1", "D", "One", "Welcome-1234!", "Company/A/B"]],
        },
        "setup.xlsx",
    )
    command("run", setup, check=0)
    pm.requests.clear()
    path = workbook(
        {
            "locations": [["action", "locationName"], ["delete", "Kiruna"]],
            "departments": [["action", "path"], ["delete", "Company/A"], ["delete", "Company/A/B"]],
            "users": [["action", "userId"], ["delete", "d1"]],
        }
    )
    command("run", path, check=0)
    assert ["deleteUser", "deleteDepartment", "deleteDepartment", "deleteLocation"] == [operation for operation, _name in writes(pm)]


def test_row_whose_names_cannot_be_resolved_was_never_sent(command, workbook, pm):
    """
    Where a request goes is known before the journal says that it is about to be sent: such a row has no attempts and is in no doubt.
    """
    headers = ["subsystemName", "subsystemId", "extensionNumber", "serverNumber", "commonServiceProfile"]
    path = workbook({"virtual_extensions": [headers, ["MX1", 99, "1090", 1, 0], ["Nowhere", None, "1091", 1, 0], [None, 99, "1092", 1, 0]]})
    command("run", path, check=1)
    rows = rows_of(path.with_name("input.results.xlsx"), "virtual_extensions")
    assert [("invalid", 0)] * 3 == [(row["_status"], row["_attempts"]) for row in rows]
    assert [] == writes(pm)


def test_update_changes_only_the_filled_cells(command, workbook, pm):
    """
    Everything that the row leaves blank is as before, and an update that changes nothing sends nothing.
    """
    ext = ["action", "subsystemName", "extensionNumber", "nameIdentity.lastName", "macAddress"]
    user = ["action", "userId", "emailAddress"]
    path = workbook(
        {"ip_extensions": [ext, ["update", "mx1", "1001", "Bergström", None]], "users": [user, ["update", "anna.berg", "new@example.com"]]}
    )
    command("run", path, check=0)
    bodies = {arrival.operation: arrival.body for arrival in pm.requests if arrival.method == "PUT"}
    assert {"firstName": "Anna", "lastName": "Bergström"} == bodies["updateIpExtension"]["nameIdentity"]
    assert (1, 1) == (bodies["updateIpExtension"]["serverNumber"], bodies["updateIpExtension"]["commonServiceProfile"])
    assert ("new@example.com", "Anna", "1001") == (
        bodies["updateUser"]["emailAddress"],
        bodies["updateUser"]["firstName"],
        bodies["updateUser"]["extensions"][0]["extensionNumber"],
    )
    pm.requests.clear()
    command("run", path, check=0)
    assert [] == writes(pm)
    assert ["skipped"] == statuses(path.with_name("input.results-2.xlsx"), "users")


def test_locked_user_is_unlocked(command, workbook, pm):
    """
    The default action of locked_users lets the user in again.
    """
    command("run", workbook({"Locked Users": [["userId"], ["david.cole"]]}), check=0)
    assert ["unlockUser"] == [operation for operation, _name in writes(pm)]
    assert [] == [user.body["userId"] for user in pm.world.users.values() if user.locked]


@pytest.mark.parametrize(
    ("policy", "status", "sent"),
    [("fail", "failed", ["createUser"]), ("skip", "skipped", []), ("update", "succeeded", ["updateUser"])],
)
def test_policy_for_objects_that_exist(command, workbook, pm, policy, status, sent):
    """
    A create of what is there fails, is skipped or becomes an update, as the policy says.
    """
    path = workbook({"users": [["userId", "firstName", "lastName"], ["eva.lind", "Eva", "Lindh"]]})
    command("run", path, "--if-exists", policy)
    assert [status] == statuses(path.with_name("input.results.xlsx"), "users")
    assert sent == [operation for operation, _name in writes(pm)]


def test_rows_and_sheets_can_be_selected(command, workbook, pm):
    """
    Only the rows of `--only` and `--rows` are sent; the others say that they were left out.
    """
    rows = [USERS, *(["create", f"r{number}", "R", str(number), "Welcome-1234!", None] for number in range(2, 6))]
    path = workbook({"users": rows, "locations": [["locationName"], ["Kiruna"], ["Visby"]]})
    command("run", path, "--only", "users", "--rows", "3-4", check=0)
    results = path.with_name("input.results.xlsx")
    assert ["not_run", "succeeded", "succeeded", "not_run"] == statuses(results, "users")
    assert ["not_run", "not_run"] == statuses(results, "locations")


def test_strict_run_sends_nothing_if_a_row_is_invalid(command, workbook, pm):
    """
    One invalid row keeps all rows of a strict run from being sent.
    """
    path = workbook(
        {"users": [USERS, ["create", "ok1", "O", "K", "Welcome-1234!", None], ["create", None, "No", "Id", "Welcome-1234!", None]]}
    )
    command("run", path, "--strict", check=1)
    assert ["not_run", "invalid"] == statuses(path.with_name("input.results.xlsx"), "users")
    assert [] == list(pm.requests)


def test_failure_budget_stops_the_run(command, workbook, pm):
    """
    More failures than allowed end the run with exit code 4; the rest is not run.
    """
    rows = [
        ["userId", "firstName", "newPassword"],
        *([f"anna.berg{'' if number < 3 else number}", "A", "Welcome-1234!"] for number in range(1)),
    ]
    rows += [
        ["eva.lind", "E", "Welcome-1234!"],
        ["bjorn.dahl", "B", "Welcome-1234!"],
        *([f"n{number}", "N", "Welcome-1234!"] for number in range(20)),
    ]
    path = workbook({"users": rows})
    done = command("run", path, "--max-failures", "1", "--concurrency", "1", "--json", check=4)
    assert 20 < done.summary["outcomes"]["not_run"] + 3


def test_unreadable_workbook_and_unknown_names_end_with_2(command, workbook, pm, tmp_path):
    """
    Usage and workbook errors end with exit code 2, name the nearest right word, and send nothing.
    """
    assert "userId" in command("run", workbook({"users": [["userIdd"], ["x"]]}), check=2).said
    assert "users" in command("run", workbook({"userz": [["userId"], ["x"]]}), check=2).said
    assert "none.xlsx" in command("run", tmp_path / "none.xlsx", check=2).said
    assert [] == list(pm.requests)


def test_unreachable_pm_and_refused_login_end_with_3(command, workbook, pm):
    """
    No PM, or a wrong password, ends with exit code 3, after one login at most.
    """
    path = workbook({"users": [USERS, ["create", "u1", "U", "One", "Welcome-1234!", None]]})
    command("run", path, check=3, PMBULK_URL="http://127.0.0.1:9")
    command("run", path, check=3, PMBULK_PASSWORD="wrong")
    assert ["/auth/login"] == [arrival.path for arrival in pm.requests]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_results(command, sample, tmp_path):
    """
    LibreOffice reads the results workbook and finds every sheet.
    """
    command("run", sample, check=1)
    results = sample.with_name("new_site.results.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", "ods", "--outdir", tmp_path, results],
        check=True,
        capture_output=True,
        timeout=120,
    )
    from python_calamine import CalamineWorkbook

    assert ["Summary", "users", "ip_extensions", "departments", "locations"] == CalamineWorkbook.from_path(
        str(tmp_path / "new_site.results.ods")
    ).sheet_names


@pytest.mark.slow
def test_demo_tells_the_whole_story(command, tmp_path):
    """
    The demo goes from HR's list to every row succeeded, shows one that fails on the way, and says where its files are; all on one screen or two.
    """
    done = command("demo", "-o", tmp_path / "demo", check=0)
    commands = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("$ pmbulk ")]
    assert ["onboard", "check", "plan", "run", "rerun"] == commands
    assert "row 8, column Namn (B8)" in done.stdout
    assert "29 succeeded, 1 failed" in done.stdout
    assert sum(max(1, -(-len(line) // 76)) for line in done.stdout.replace(str(tmp_path), "/tmp").splitlines()) <= 60
    assert str(tmp_path / "demo") in done.stdout
    assert {"succeeded"} == {
        status
        for name in ("users", "ip_extensions", "phone_keys")
        for status in statuses(tmp_path / "demo" / "joiners.corrected.results.xlsx", name)
    }


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("changes.xlsx", {"succeeded": 9}),
        ("departments.csv", {"succeeded": 2}),
        ("slips.xlsx", {"invalid": 12, "failed": 1, "succeeded": 2}),
    ],
)
def test_sample_sheet_runs(command, tmp_path, name, outcomes):
    """
    A sample sheet runs against the demo world with the outcomes that it was made for.
    """
    path = Path(shutil.copy(SAMPLES / name, tmp_path))
    done = command("run", path, "--json")
    assert outcomes == counted(done.summary)


def test_sample_results_can_be_run_again(command, tmp_path, pm):
    """
    The sample results workbook, corrected, is a valid input of a rerun that takes its secrets from the workbook beside it.
    """
    for name in ("new_site.xlsx", "new_site.results.xlsx"):
        shutil.copy(SAMPLES / name, tmp_path)
    command("run", tmp_path / "new_site.xlsx", check=1)
    results = tmp_path / "new_site.results.xlsx"
    correct(results, results)
    command("rerun", results, check=0)


def test_check_lists_every_finding_in_one_pass(command):
    """
    A workbook with twelve invalid rows is told all of them at once, each with its cell.
    """
    done = command("check", SAMPLES / "slips.xlsx", "--json", check=1)
    listed = json.loads(done.stdout)
    assert 12 == listed["invalid"]
    cells = {(one["sheet"], one["cell"]) for one in listed["findings"] if one["severity"] == "error"}
    assert {("users", "B2"), ("users", "A3"), ("users", "H6"), ("users", "G7")} <= cells
    assert {("ip_extensions", f"{letter}3") for letter in "CDEF"} <= cells


@pytest.mark.parametrize(("verb", "shift"), [("run", len(RESULT_COLUMNS)), ("plan", len(PLAN_COLUMNS))])
def test_a_finding_is_a_comment_on_its_own_cell(command, workbook, tmp_path, verb, shift):
    """
    Also below a blank header; what is said of a row as a whole is no comment on any cell.
    """
    headers = ["action", "userId", None, *USERS[2:5]]
    rows = [["create", name, stray, "Eva", "Lind", "Welcome-1!"] for name, stray in [("eva", None), ("eva", None), ("adam", "stray")]]
    command(verb, workbook({"users": [headers, *rows]}), "-o", tmp_path / "out.xlsx", check=1)
    sheet = load_workbook(tmp_path / "out.xlsx")["users"]
    assert [(4, shift + 3)] == [(cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.comment]


def test_made_objects_have_their_ids(command, workbook, pm):
    """
    PM tells no id when it makes something; the results have it all the same.
    """
    path = workbook(
        {
            "locations": [["locationName"], ["Kiruna"]],
            "departments": [["path", "location"], ["Company/Ids", "Kiruna"]],
            "ip_extensions": [["subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile"], ["MX1", "1801", 1, 1]],
            "users": [USERS, *(["create", f"id{number:02}", "I", "D", "Welcome-1234!", "Company/Ids"] for number in range(25))],
        }
    )
    command("run", path, check=0)
    results = path.with_name("input.results.xlsx")
    ids = {user.body["userId"]: str(user.rec_id) for user in pm.world.users.values()}
    assert [ids[row["userId"]] for row in rows_of(results, "users")] == [row["_id"] for row in rows_of(results, "users")]
    assert all(row["_id"] for name in ("locations", "departments", "ip_extensions") for row in rows_of(results, name))
