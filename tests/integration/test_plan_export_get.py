from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook

from pmbulk.cli.live import _show
from pmbulk.door.getting import get_all, read_of
from pmbulk.door.running import Target
from pmbulk.endpoints import ENDPOINTS
from pmbulk.pm.transport import Connection
from pmbulk.seal import Seal
from pmbulk.secret import Secret
from pmbulk.simulator import Fault, FaultKind, SimulatorSettings
from tests.support import PASSWORD, WRITES, rows_of, writes

USERS = ["action", "userId", "firstName", "lastName", "newPassword", "emailAddress", "department", "_note"]
EXTENSIONS = ["action", "subsystemName", "extensionNumber", "description", "authorizationCodes.1.authorizationCode"]


def planned(done):
    """The plan of `--json` as (sheet, row) → verdict."""
    return {(row["sheet"], row["row"]): row["plan"] for row in done.summary["plan"]}


def told(done, sheet, row):
    """What the plan says of one row."""
    return next(one for one in done.summary["plan"] if (one["sheet"], one["row"]) == (sheet, row))


@pytest.fixture
def mixed(workbook):
    """
    Every kind of row there is.
    """
    return workbook(
        {
            "users": [
                USERS,
                ["create", "new.one", "New", "One", "Sentinel-User-1!", None, "Company/Legal/Patents", "refers to row 3 of departments"],
                ["create", "anna.berg", "Anna", "Berg", "Sentinel-User-2!", None, None, "exists"],
                ["update", "eva.lind", None, "Lindgren", None, "eva@example.com", "Company/Legal", "changes"],
                ["update", "eva.lind", "Eva", None, None, None, None, "nothing"],
                ["update", "no.body", None, "Lind", None, None, None, "not there"],
                ["delete", "carla.meier", None, None, None, None, None, "goes"],
                ["delete", "no.body", None, None, None, None, None, "not there"],
                ["create", "lost", "Lo", "St", "Sentinel-User-3!", None, "Company/Sails", "misspelt department"],
                ["create", "bad", "Bad", "Row", "Sentinel-User-4!", None, "Company/Legal/Nope", "one made, one misspelt"],
                ["creat", "typo", None, None, None, None, None, "invalid"],
                ["update", "new.one", None, "Two", None, None, None, "after its create"],
                ["update", "bjorn.dahl", None, None, "Sentinel-User-5!", None, None, "a new password"],
            ],
            "departments": [["path", "location"], ["Company/Legal", "Oslo"], ["Company/Legal/Patents", None]],
            "locations": [["locationName"], ["Oslo"]],
        }
    )


def test_a_plan_tells_what_each_row_would_do(command, mixed, pm):
    """
    Rows are created, changed, deleted, left alone or in conflict; what earlier rows make is no conflict; PM is only read.
    """
    done = command("plan", mixed, "--json", check=1)
    assert {
        ("users", 2): "create",
        ("users", 3): "conflict",
        ("users", 4): "change",
        ("users", 5): "nothing",
        ("users", 6): "conflict",
        ("users", 7): "delete",
        ("users", 8): "conflict",
        ("users", 9): "conflict",
        ("users", 10): "conflict",
        ("users", 11): "invalid",
        ("users", 12): "change",
        ("users", 13): "change",
        ("departments", 2): "create",
        ("departments", 3): "create",
        ("locations", 2): "create",
    } == planned(done)
    assert "after departments!row 3" == told(done, "users", 2)["message"]
    assert (
        "user 'anna.berg' exists already; set action to update, or run with --if-exists skip or --if-exists update."
        == told(done, "users", 3)["message"]
    )
    assert [
        {"column": "lastName", "old": "Lind", "new": "Lindgren"},
        {"column": "emailAddress", "old": "eva.lind@example.com", "new": "eva@example.com"},
        {"column": "department", "old": "Company/HR", "new": "Company/Legal"},
    ] == sorted(told(done, "users", 4)["changes"], key=lambda one: ["lastName", "emailAddress", "department"].index(one["column"]))
    assert "after users!row 2; PM does not have that yet, so nothing more can be foreseen of this row" == told(done, "users", 12)["message"]
    assert [{"column": "newPassword", "old": "", "new": "••••••"}] == told(done, "users", 13)["changes"]
    assert "Sentinel" not in done.said
    assert [] == writes(pm)
    assert {"/auth/login"} >= {arrival.path for arrival in pm.requests if arrival.method in WRITES}


def test_a_plan_that_holds_is_what_the_run_does(command, workbook, pm):
    """
    A plan without conflicts ends with 0, and the run then succeeds in every row; a second plan finds nothing to do.
    """
    path = workbook(
        {
            "departments": [["action", "path"], ["update", "Company/HR"]],
            "users": [
                USERS,
                ["update", "eva.lind", None, "Lindgren", None, None, None, None],
                ["update", "anna.berg", None, "Berg", None, None, None, None],
            ],
            "locations": [["locationName"], ["Oslo"]],
        }
    )
    done = command("plan", path, "--json", check=0)
    assert {"create": 1, "change": 1, "delete": 0, "nothing": 2, "conflict": 0, "invalid": 0, "left_out": 0} == done.summary["verdicts"]
    command("run", path, check=0)
    again = command("plan", path, "--json", "--if-exists", "skip", check=0)
    assert {"nothing"} == set(planned(again).values())


def test_an_object_that_is_removed_before_can_be_made_again(command, workbook):
    """
    A create after a delete of the same object is no conflict, and an update after it is one.
    """
    path = workbook(
        {
            "users": [
                USERS,
                ["delete", "eva.lind", None, None, None, None, None, None],
                ["create", "eva.lind", "Eva", "Lind", "Sentinel-User-1!", None, None, None],
                ["delete", "carla.meier", None, None, None, None, None, None],
                ["update", "carla.meier", "Carl", None, None, None, None, None],
            ]
        }
    )
    done = command("plan", path, "--json", check=1)
    assert ["delete", "create", "delete", "conflict"] == list(planned(done).values())
    assert "after users!row 2" == told(done, "users", 3)["message"]
    assert "users!row 4 removes it before" == told(done, "users", 5)["message"]


def test_rows_about_the_same_cell_are_told_of_each_other(command, workbook):
    """
    A row that asks for what PM has is a change all the same where an earlier row will have changed that.
    """
    path = workbook(
        {
            "users": [
                USERS[:4],
                ["update", "eva.lind", None, "Lindgren"],
                ["update", "eva.lind", None, "Lind"],
                ["update", "eva.lind", "Eva", None],
            ]
        }
    )
    done = command("plan", path, "--json", check=0)
    assert ["change", "change", "nothing"] == list(planned(done).values())
    assert "after users!row 2, which changes the same cells; what is different then cannot be foreseen" == told(done, "users", 3)["message"]


def test_a_row_that_waits_for_a_conflict_is_one(command, workbook):
    """
    What a run would block is a conflict in the plan, which names the row it waits for.
    """
    path = workbook(
        {
            "departments": [["path", "location"], ["Company/Legal", "Atlantis"]],
            "users": [USERS, ["create", "new.one", "New", "One", "Sentinel-User-1!", None, "Company/Legal", None]],
        }
    )
    done = command("plan", path, "--json", check=1)
    assert {"conflict"} == set(planned(done).values())
    assert "waits for departments!row 2, which cannot be carried out (conflict)" == told(done, "users", 2)["message"]


def test_what_an_earlier_row_makes_hides_no_slip(command, workbook):
    """
    A user who gets an extension of the same workbook is created after it; a misspelt department beside it is a conflict all the same.
    """
    headers = [*USERS[:5], "department", "extensions.1.extensionNumber", "extensions.1.subsystemName"]
    path = workbook(
        {
            "users": [
                headers,
                ["create", "n1", "N", "One", "Sentinel-User-1!", "Company/Sales", "1801", "MX1"],
                ["create", "n2", "N", "Two", "Sentinel-User-2!", "Company/Sails", "1802", "MX1"],
            ],
            "ip_extensions": [
                ["action", "subsystemName", "extensionNumber", "serverNumber", "commonServiceProfile", "ipExtensionType"],
                *(["create", "MX1", number, 1, 1, "IPManualLogin"] for number in ("1801", "1802")),
                ["delete", "MX1", "1003", None, None, None],
                ["update", "MX1", "1899", 1, None, None],
            ],
        }
    )
    done = command("plan", path, "--json", check=1)
    assert ["create", "conflict", "create", "create", "delete", "conflict"] == list(planned(done).values())
    assert "after ip_extensions!row 2" == told(done, "users", 2)["message"]
    assert "PM has no department 'Company/Sails'" in told(done, "users", 3)["message"]


def test_objects_that_exist_are_updated_where_the_run_would(command, workbook, pm):
    """
    With `--if-exists update` a create of what exists is a change, as in the run.
    """
    path = workbook({"users": [USERS[:4], ["create", "eva.lind", "Eva", "Lindgren"], ["create", "david.cole", "David", "Cole"]]})
    done = command("plan", path, "--json", "--if-exists", "update", check=0)
    assert ["change", "nothing"] == list(planned(done).values())
    assert [] == writes(pm)


def test_a_plan_is_a_workbook_that_can_be_checked(command, mixed, tmp_path):
    """
    The plan's workbook has verdicts before the input's columns, marks changed cells with old → new, masks secrets, and is never overwritten.
    """
    path = tmp_path / "plan.xlsx"
    done = command("plan", mixed, "-o", path, check=1)
    assert "Plan: " in done.stdout
    assert "users!row 4 change: after departments!row 2; lastName: Lind → Lindgren; " in done.stdout
    book = load_workbook(path)
    assert ["Summary", "users", "departments", "locations"] == book.sheetnames
    sheet = book["users"]
    assert ["_plan", "_message", "_changes", "_row", *USERS] == [cell.value for cell in sheet[1]]
    assert ["create", "conflict", "change", "nothing"] == [row["_plan"] for row in rows_of(path, "users")][:4]
    assert "Lind → Lindgren" == sheet.cell(4, 5 + USERS.index("lastName")).comment.text
    assert "Company/HR → Company/Legal" == sheet.cell(4, 5 + USERS.index("department")).comment.text
    assert {"••••••", None} == {row["newPassword"] for row in rows_of(path, "users")}
    assert "the file exists and is not overwritten" in command("plan", mixed, "-o", path, check=2).stderr
    assert ".xlsx" in command("plan", mixed, "-o", tmp_path / "plan.csv", check=2).stderr


def test_rows_that_are_not_selected_are_left_out(command, mixed):
    """
    `--only` and `--rows` choose as they do in a run, and what is left out does not count against the plan.
    """
    done = command("plan", mixed, "--only", "locations", "--json", check=0)
    assert 1 == done.summary["verdicts"]["create"]
    assert 14 == done.summary["verdicts"]["left_out"]


def test_a_plan_waits_where_pm_asks_it_to(command, workbook, pm):
    """
    A read that PM turns away for a moment is asked again.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="getUserByUserId", status=503, limit=1, retry_after="1"))
    path = workbook({"users": [USERS, ["update", "eva.lind", None, "Lindgren", None, None, None, None]]})
    done = command("plan", path, "--json", check=0)
    assert {"change"} == set(planned(done).values())


def test_exit_codes_of_a_plan(command, workbook, tmp_path):
    """
    A workbook that cannot be read is 2, a PM that does not answer or a wrong password 3.
    """
    path = workbook({"locations": [["locationName"], ["Oslo"]]})
    command("plan", tmp_path / "none.xlsx", check=2)
    command("plan", path, check=3, PMBULK_URL="http://127.0.0.1:9")
    command("plan", path, check=3, PMBULK_PASSWORD="wrong")


def test_an_export_run_unchanged_does_nothing(command, pm, tmp_path):
    """
    What PM has comes out as a valid workbook of text cells, which plans nothing and sends nothing.
    """
    path = tmp_path / "live.xlsx"
    done = command("export", "locations", "-o", path, check=0)
    assert "locations 3" in done.stdout
    assert [
        {"action": "update", "locationName": "Stockholm", "description": "Head office", "cmgCustomerGroup": "CMG-SE"},
        {"action": "update", "locationName": "Berlin", "description": "Support centre", "cmgCustomerGroup": "CMG-DE"},
        {"action": "update", "locationName": "London", "description": "Sales office", "cmgCustomerGroup": None},
    ] == rows_of(path, "locations")
    assert {"@"} == {cell.number_format for row in load_workbook(path)["locations"].iter_rows(min_row=2) for cell in row if cell.value}
    assert 3 == command("plan", path, "--json", check=0).summary["verdicts"]["nothing"]
    command("run", path, check=0)
    assert [] == writes(pm)
    assert "is not overwritten" in command("export", "locations", "-o", path, check=2).stderr


def test_extensions_are_exported_by_kind_and_subsystem(command, pm, tmp_path):
    """
    `export extensions` writes the sheets of all kinds, `--subsystem` those extensions alone; run unchanged it plans nothing.
    """
    path = tmp_path / "mx2.xlsx"
    rows = command("export", "extensions", "--subsystem", "mx2", "-o", path, "--json", check=0).summary["rows"]
    assert ["ip_extensions", "virtual_extensions", "multi_terminal_extensions", "mobile_extensions", "cordless_extensions"] == list(rows)
    assert {"MX2"} == {row["subsystemName"] for sheet in load_workbook(path).sheetnames for row in rows_of(path, sheet)}
    assert sum(rows.values()) == command("plan", path, "--json", check=0).summary["verdicts"]["nothing"]
    assert "Nearest: MX1, MX2" in command("export", "extensions", "--subsystem", "MX3", "-o", tmp_path / "no.xlsx", check=2).stderr
    assert not (tmp_path / "no.xlsx").exists()


def test_everything_is_exported_where_nothing_is_named(command, pm, tmp_path):
    """
    Without an entity every sheet that has rows is written, but for locked users, whom a run would unlock.
    """
    path = tmp_path / "all.xlsx"
    rows = command("export", "-o", path, "--json", check=0).summary["rows"]
    assert "locked_users" not in rows
    assert [sheet for sheet, count in rows.items() if count] == load_workbook(path).sheetnames
    assert {"locations", "users", "ip_extensions", "phone_keys", "system_options"} <= set(load_workbook(path).sheetnames)


def test_what_cannot_be_read_is_named_and_the_rest_is_written(command, pm, tmp_path):
    """
    A subsystem and a user that PM does not give end nothing: they are named on stderr, in the summary and in a sheet that a run ignores, and the exit code is 1.
    """
    pm.faults.add(
        Fault(kind=FaultKind.STATUS, match="getServerDetails", status=400, nth=1),
        Fault(kind=FaultKind.STATUS, match="getUserByUserId", status=403, nth=2),
    )
    path = tmp_path / "some.xlsx"
    done = command("export", "users", "ip_extensions", "-o", path, "--json", check=1)
    unread = done.summary["unread"]
    assert ["users", "ip_extensions"] == [one["sheet"] for one in unread]
    assert unread[0]["what"].startswith("user '")
    assert "all extensions in MX1" == unread[1]["what"]
    assert unread == rows_of(path, "_not_exported")
    assert [f"Not exported: {one['sheet']}: {one['what']}: {one['why']}" for one in unread] == done.stderr.splitlines()
    assert {"MX2"} == {row["subsystemName"] for row in rows_of(path, "ip_extensions")}
    pm.faults.clear()
    assert sum(done.summary["rows"].values()) == command("plan", path, "--json", check=0).summary["verdicts"]["nothing"]


def test_an_export_that_can_read_nothing_writes_nothing(command, pm, tmp_path):
    """
    What PM says ends the command, and there is no workbook.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="listUsers", status=403))
    assert "403" in command("export", "users", "-o", tmp_path / "none.xlsx", check=1).stderr
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="getServerDetails", status=400))
    assert "all extensions in MX1: " in command("export", "ip_extensions", "-o", tmp_path / "none.xlsx", check=1).stderr
    assert not (tmp_path / "none.xlsx").exists()


def test_an_export_shows_pms_names_of_udfs(command, pm, tmp_path):
    """
    A UDF that has values stands below its number with PM's name for it, and such a sheet plans nothing.
    """
    user = next(one for one in pm.world.users.values() if one.body["userId"] == "eva.lind")
    user.body |= {"udf1": "4711", "udf34": "x"}
    path = tmp_path / "live.xlsx"
    command("export", "users", "-o", path, check=0)
    names = {number: udf["udfDisplayName"] for (kind, number), udf in pm.world.udfs.items() if kind == "USERS"}
    eva = next(row for row in rows_of(path, "users") if row["userId"] == "eva.lind")
    assert "4711" == eva[f"udf1 ({names[1]})"]
    command("check", path, check=0)
    assert {"nothing"} == set(planned(command("plan", path, "--json", check=0)).values())


def test_what_cannot_be_exported_is_told(command, tmp_path):
    """
    An entity that nobody knows is refused with the nearest one, a file of another kind with what is written.
    """
    assert ".xlsx" in command("export", "locations", "-o", tmp_path / "live.csv", check=2).stderr
    assert "Nearest: locations" in command("export", "location", "-o", tmp_path / "live.xlsx", check=2).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("getUserByUserId", "userId=anna.berg"),
        ("getuserbyuserid", "userid=anna.berg"),
        ("/user-ms/user/by-user-id/v1/anna.berg",),
        ("user-ms/user/by-user-id/v1/{userId}", "userId=anna.berg"),
    ],
    ids=["name", "any case", "path", "template"],
)
def test_one_object_is_read(command, arguments):
    """
    An operation is found by its name, by a path with values, and by the path as it is printed.
    """
    assert "anna.berg" == command("get", *arguments, check=0).summary["userId"]


@pytest.mark.parametrize("settings", [SimulatorSettings(password=PASSWORD, generated_users=450)], ids=["450 users"])
def test_all_pages_of_a_list_are_read(command):
    """
    A list comes whole, whatever page its address asks for; several reads come as a list of answers.
    """
    done = command("get", "/user-ms/user/v1?pageno=1&pageSize=10&search=%2A", "importedFrom=ALL", "listLocations", check=0)
    users, locations = done.summary
    assert 456 == len(users)
    assert 3 == len(locations)


READS = [one for one in ENDPOINTS.values() if one.reads]
#: What the parameters of reads may be in the simulator's world.
VALUES = {
    "choiceNumber": "1",
    "departmentId": "1",
    "extensionLIMIP": "10.1.1.10",
    "extensionNumber": "1101",
    "extensionType": "IP",
    "listNumber": "1",
    "miCollabsubsystem": "MiCollab1",
    "mxoneSubsysIP": "mx1.example",
    "numberSeriesType": "All",
    "panelTypeKey": "Mitel6869i",
    "parentDepartmentId": "1",
    "phoneTypeKey": "Mitel6869i",
    "securityProfileId": "1",
    "subsystemId": "1",
    "subsystemName": "MX1",
    "subsystemType": "All",
    "udfId": "1",
    "udfType": "USERS",
    "userId": "anna.berg",
    "userRecId": "2",
}


@pytest.mark.parametrize("known", READS, ids=lambda one: one.name)
def test_every_read_comes_as_json_and_as_a_table(known, pm, tmp_path, monkeypatch, capsys):
    """
    Each of PM's reads gives an answer that is JSON, whole, and that a terminal can show.
    """
    monkeypatch.setenv("COLUMNS", "200")
    asked = [f"{name}={VALUES[name]}" for name in (*known.path_parameters, *known.query) if name in VALUES]
    (answer,) = get_all([read_of(known.name, asked)], Target(Connection(pm.url, "admin", Secret(PASSWORD)), tmp_path))
    assert answer == json.loads(json.dumps(answer))
    assert answer
    _show(known.name, answer)
    assert known.name in capsys.readouterr().out


@pytest.mark.parametrize("user_id", ["a/b", "a#b?c=d", "å ä|%2F", "../anna"])
def test_odd_user_ids_are_addressed(command, pm, user_id):
    """
    Every character of a path parameter reaches PM as it was typed.
    """
    user = next(one for one in pm.world.users.values() if one.body["userId"] == "eva.lind")
    pm.world.replace_user(user, user.body | {"userId": user_id})
    assert user_id == command("get", "getUserByUserId", f"userId={user_id}", check=0).summary["userId"]


def test_secrets_in_answers_are_masked(command):
    """
    Passwords of subsystems are masked wherever they stand.
    """
    done = command("get", "listSubsystems", "subsystemType=All", check=0)
    assert "1234567!" not in done.said
    assert "••••••" in json.dumps(done.summary, ensure_ascii=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("createUser",), "createUser writes (POST); `pmbulk get` only reads"),
        (("/pm-extension-ms/pm-extension/v1/virtual",), "only reads"),
        (("testToken",), "testToken is about the session"),
        (("listUser",), "'listUser' is no operation of PM. Nearest: listUsers"),
        (("/user-ms/users/v1",), "Nearest: /user-ms/user/v1"),
        (("getUserByUserId",), "getUserByUserId also needs userId=…"),
        (("listUsers", "colour=red"), "listUsers has no parameter 'colour'. It takes search, importedFrom, orderby."),
        (("userId=anna.berg",), "comes before any operation"),
    ],
    ids=["write", "write's path", "session", "misspelt", "misspelt path", "missing", "unknown", "nothing"],
)
def test_what_get_refuses(command, pm, arguments, words):
    """
    Writes, unknown operations and incomplete parameters end with 2 before PM is asked.
    """
    done = command("get", *arguments, check=2)
    assert words in done.stderr
    assert [] == list(pm.requests)


def test_pms_refusal_is_told(command):
    """
    An object that is not there ends with 1 and PM's words.
    """
    assert "404" in command("get", "getUserByUserId", "userId=no.body", check=1).stderr


def test_a_plan_ends_although_rows_wait_for_each_other(command, workbook):
    """
    Rows in a circle are invalid, each names the others, and the plan of all rows ends; what waits for them is a conflict.
    """
    circle = [["path", "parent", "location"], ["S", "S/T", "Oslo"], ["S/T", "S", "Oslo"], ["S/T/U", None, "Oslo"]]
    path = workbook({"departments": circle, "locations": [["locationName"], ["Oslo"]]})
    done = command("plan", path, "--json", check=1)
    assert ["invalid", "invalid", "conflict"] == [planned(done)["departments", row] for row in (2, 3, 4)]


def test_plan_opens_what_was_sealed_in_another_state_folder(command, workbook, tmp_path):
    """
    A workbook that `onboard --state-dir` made can be planned with the same option.
    """
    sealed = Seal.of(tmp_path / "elsewhere").seal(Secret("Welcome-2026!"))
    path = workbook({"users": [["userId", "firstName", "lastName", "newPassword"], ["nina.ek", "Nina", "Ek", sealed]]})
    done = command("plan", path, "--json", "--state-dir", tmp_path / "elsewhere", check=0)
    assert 1 == done.summary["verdicts"]["create"]
