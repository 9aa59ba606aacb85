from __future__ import annotations

import pytest

from pmbulk.entities.extension_parts import aligned
from pmbulk.entities.model import key_of
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists
from pmbulk.entities.steps import Change, Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity
from pmbulk.secret import Secret

SENTINEL = "Sentinel-7391"
CODE = {"auth": SENTINEL, "hashtype": "CLEARTEXT", "cilcode": "1001", "dir": "1001"}
HASHED = {"auth": "e3b0c442", "hashtype": "MD5A1", "cilcode": "9"}
CODES = {"authorizationCodeVO": {"auco": [CODE]}}
ENTRIES = {"onsVo": [{"onsid": "3", "onsprefix": "1"}, {"onsid": "5", "onsprefix": "2"}], "info": {"reason": "done"}}
CHOICE = {"chono": 1, "anspos": "1002", "stime": 60}
LISTS = {
    "extensionId": "70",
    "list": [{"listNo": 1, "listName": "Day", "isActive": True}, {"listNo": 2, "listName": "Night"}],
    "delayseizurelist": [{"listNumber": 4, "listName": "slow"}],
}
DETAILS = {
    "extensionId": "70",
    "personalNumberVO": {
        "pelp": {"lists": [{"listno": 1, "chos": [CHOICE]}, {"listno": 2, "listName": "Night"}], "dir": "1001"},
        "susi": {"lineStatus": "idle"},
        "pelc": {"fme": "0"},
    },
}
HERE = {"subsystemName": "mx1", "extensionNumber": "1001"}
EXTENSION = key_of("extensions", "mx1", "1001")
SHEETS = ["authorization_codes", "terminal_selections", "personal_number_lists", "call_choices", "personal_numbers", "phone_keys"]
CODE_1 = "authorizationCodeVO.auco.1"
LIST_1 = "personalNumberVO.pelp.lists.1"


@pytest.fixture
def pbx(fake):
    """
    A PM whose extension 1001 has one of everything.
    """
    fake.answers = {
        "listSubsystems": [
            {"subsystemId": 9, "subsystemName": "MX1", "subsystemType": "TelephonyServer"},
            {"subsystemId": 7, "subsystemName": "CMG", "subsystemType": "CMGServer"},
        ],
        "getServerDetails": {"extensionLimVOs": [{"extension": "1001"}, {"extension": "1002"}]},
        "getAuthorizationCodes": only_1001(CODES),
        "getOnsList": only_1001(ENTRIES),
        "getPersonalNumberLists": only_1001(LISTS),
        "getCallList": lambda call: {"chos": [CHOICE] if call.query["listNumber"] == 1 else []},
        "getCallChoice": CHOICE,
        "getPersonalNumberDetails": only_1001(DETAILS),
    }
    return fake


def only_1001(answer):
    return lambda call: answer if "1001" in {**call.path, **call.query}.values() else {}


def errors(findings):
    return [str(finding) for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_row_waits_for_its_extension_in_its_subsystems_lane(sheet, read):
    """
    A row whose subsystem is told needs that extension's key, and is written in the subsystem's lane.
    """
    record, _findings = read(sheet, HERE)
    identity = ENTITIES[sheet].identify(record)
    assert EXTENSION in identity.needs
    assert ("mx1",) == identity.lanes


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_row_without_a_subsystem_takes_the_shared_lane(sheet, read):
    """
    Rows that do not tell their subsystem take turns among themselves, and wait for whatever makes their number.
    """
    record, _findings = read(sheet, {"extensionNumber": "1001"})
    identity = ENTITIES[sheet].identify(record)
    assert ("telephony",) == identity.lanes
    made, _findings = read("ip_extensions", {"subsystemName": "MX1", "extensionNumber": "1001"})
    assert ENTITIES["ip_extensions"].identify(made).serves in identity.needs


def test_a_choice_waits_for_its_list(read):
    """
    The key of a list is the same in both sheets, whether the row tells the subsystem or not.
    """
    made, _findings = read("personal_number_lists", {**HERE, "list.listNo": 3})
    choice, _findings = read("call_choices", {"extensionNumber": "1001", "listNumber": 3, "chono": 1})
    assert ENTITIES["personal_number_lists"].identify(made).key in ENTITIES["call_choices"].identify(choice).needs


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_extension_must_be_told(sheet, read):
    """
    A row without a number is refused, whatever else it has.
    """
    _record, findings = read(sheet, {"subsystemName": "MX1", "action": ""})
    assert any(finding.column == "extensionNumber" for finding in findings if finding.severity is Severity.ERROR)


@pytest.mark.parametrize(
    ("held", "typed", "expected"),
    [
        pytest.param("ab", "ba", "ba", id="reordered"),
        pytest.param("ab", "b", "ba", id="the rest follows"),
        pytest.param("ab", "c", "-ab", id="a new one"),
        pytest.param("ab", "-", "ab", id="unnamed, by position"),
        pytest.param("ab", "b-", "b-a", id="unnamed, where nothing else is left"),
        pytest.param("aa", "a", "aa", id="doubled in PM"),
        pytest.param("", "-", "-", id="nothing there"),
    ],
)
def test_objects_of_a_list_are_found_by_their_own_key(held, typed, expected):
    """
    Each object of a row meets the one that PM has under the same key; what the row does not name is kept.
    """

    def objects(names):
        return [{} if name == "-" else {"id": name} for name in names]

    assert objects(expected) == aligned(objects(held), objects(typed), "id")


async def test_a_reset_sends_the_whole_list(sent, pbx):
    """
    Codes that the row does not name go out as PM has them, to the subsystem by its id.
    """
    call = await sent("authorization_codes", {**HERE, f"{CODE_1}.cilcode": "77", "authorizationCodeVO.auco.2.auth": "4711"})
    assert ("resetAuthorizationCodes", {"extensionNumber": "1001", "subsystemId": 9}) == (call.name, call.query)
    assert {"authorizationCodeVO": {"auco": [{**CODE, "cilcode": "77"}, {"auth": "4711"}]}} == call.wire


async def test_an_unchanged_reset_sends_nothing(prepare, pbx):
    """
    A row that says what PM has is skipped.
    """
    plan = await prepare("authorization_codes", {**HERE, f"{CODE_1}.auth": SENTINEL})
    assert (Verdict.NOTHING, ()) == (plan.verdict, plan.steps)


async def test_a_reset_never_sends_a_hash_as_a_code(prepare, pbx):
    """
    Where PM keeps a code as a hash the row must give it, since a list without it might take it away.
    """
    pbx.answers["getAuthorizationCodes"] = {"authorizationCodeVO": {"auco": [HASHED, CODE]}}
    with pytest.raises(InvalidRowError) as caught:
        await prepare("authorization_codes", {**HERE, "authorizationCodeVO.auco.2.cilcode": "77"})
    assert [f"{CODE_1}.auth"] == [finding.column for finding in caught.value.findings]


async def test_a_lost_reset_is_settled_by_reading_the_codes(prepare, pbx):
    """
    What PM answers to a reset says nothing (QUIRKS 60); the codes do.
    """
    plan = await prepare("authorization_codes", {**HERE, f"{CODE_1}.auth": "4711"})
    (step,) = plan.steps
    assert Standing(done=False) == await step.reconcile()
    pbx.answers["getAuthorizationCodes"] = {"authorizationCodeVO": {"auco": [{**CODE, "auth": "4711"}]}}
    assert Standing(done=True) == await step.reconcile()
    assert (Change(f"{CODE_1}.auth", Secret(SENTINEL), Secret("4711")),) == plan.changes
    assert SENTINEL not in repr(plan)


async def test_a_reset_of_nobodys_codes_fails(prepare, pbx, refusal):
    """
    A number that PM does not know fails its row.
    """
    pbx.answers["getAuthorizationCodes"] = refusal(404)
    with pytest.raises(RejectedError) as caught:
        await prepare("authorization_codes", {**HERE, f"{CODE_1}.auth": "4711"})
    assert "NOT_FOUND" == caught.value.code


async def test_a_subsystem_that_may_not_be_looked_up_needs_its_id(prepare, pbx, refusal):
    """
    Where PM wants an id and shows no list of subsystems, the row is told to give the id.
    """
    pbx.answers["listSubsystems"] = refusal(403)
    with pytest.raises(InvalidRowError) as caught:
        await prepare("authorization_codes", {**HERE, f"{CODE_1}.auth": "4711"})
    assert ["subsystemId"] == [finding.column for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("sheet", "cells", "column"),
    [
        pytest.param("authorization_codes", {f"{CODE_1}.auth": "x" * 65}, f"{CODE_1}.auth", id="long code"),
        pytest.param("authorization_codes", {f"{CODE_1}.auth": "12", f"{CODE_1}.dir": "1002"}, f"{CODE_1}.dir", id="another's code"),
        pytest.param("authorization_codes", {f"{CODE_1}.hashtype": "ROT13"}, f"{CODE_1}.hashtype", id="unknown hash"),
        pytest.param("personal_number_lists", {"list.listNo": 11}, "list.listNo", id="list 11"),
        pytest.param("personal_number_lists", {"listNumber": 1, "list.listNo": 2}, "listNumber", id="two list numbers"),
        pytest.param("personal_number_lists", {}, "list.listNo", id="no list number"),
        pytest.param(
            "personal_number_lists",
            {"action": "update", "list.listNo": 1, "chos.1.anspos": "1002"},
            "chos.1.anspos",
            id="choices in an update",
        ),
        pytest.param("personal_number_lists", {"list.listNo": 1, "chos.1.anspos": "1"}, "chos.1.chono", id="choice without position"),
        pytest.param("personal_number_lists", {"list.listNo": 1, "chos.1.chono": "1"}, "chos.1.anspos", id="choice without destination"),
        pytest.param(
            "personal_number_lists",
            {"action": "update", "list.listNo": 1, "list.isActive": True, "allInactive": True},
            "allInactive",
            id="active and not",
        ),
        pytest.param("call_choices", {"chono": 1, "anspos": "1"}, "listNumber", id="no list"),
        pytest.param("call_choices", {"listNumber": 1, "anspos": "1"}, "chono", id="no position"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 1}, "anspos", id="no destination"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 1, "choiceNumber": 2, "anspos": "1"}, "choiceNumber", id="two positions"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 1, "choiceNumber": 11, "anspos": "1"}, "choiceNumber", id="position 11"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 3, "bsycho": 3, "anspos": "1"}, "bsycho", id="on busy to itself"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 3, "bsycho": 12, "anspos": "1"}, "bsycho", id="on busy to nowhere"),
        pytest.param("personal_numbers", {f"{LIST_1}.listName": "x"}, f"{LIST_1}.listno", id="unnamed list"),
        pytest.param(
            "personal_numbers", {f"{LIST_1}.listno": 1, f"{LIST_1}.chos.1.stime": 9}, f"{LIST_1}.chos.1.chono", id="unnamed choice"
        ),
        pytest.param("personal_numbers", {"personalNumberVO.pelp.dir": "1002"}, "personalNumberVO.pelp.dir", id="another's record"),
    ],
)
def test_what_is_surely_wrong_is_refused(sheet, cells, column, read):
    """
    A row that breaks a sure rule is invalid, and the finding names the cell.
    """
    _record, findings = read(sheet, HERE | cells)
    assert [column] == [finding.column for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("sheet", "cells", "column"),
    [
        pytest.param("authorization_codes", {}, f"{CODE_1}.auth", id="no code"),
        pytest.param("authorization_codes", {f"{CODE_1}.auth": "1"}, f"{CODE_1}.auth", id="short code"),
        pytest.param("terminal_selections", {"info.reason": "x"}, "info.reason", id="a result"),
        pytest.param("personal_numbers", {"personalNumberVO.susi.tru": "x"}, "personalNumberVO.susi.tru", id="a status"),
        pytest.param("call_choices", {"listNumber": 1, "chono": 3, "dndposition": 2, "anspos": "1"}, "dndposition", id="backwards"),
        pytest.param("personal_number_lists", {"list.listNo": 1}, "chos.1.anspos", id="a list without choices"),
        pytest.param(
            "personal_number_lists",
            {"list.listNo": 1, "chos.1.chono": 1, "chos.1.anspos": "1", "allInactive": True},
            "allInactive",
            id="only an update's",
        ),
    ],
)
def test_what_is_probably_wrong_only_warns(sheet, cells, column, read):
    """
    A row that breaks a likely rule is sent all the same.
    """
    _record, findings = read(sheet, HERE | cells)
    assert [(column, Severity.WARNING)] == [(finding.column, finding.severity) for finding in findings]


async def test_entries_are_found_by_their_id(sent, pbx):
    """
    A terminal selection's entry that the row names by id is changed wherever PM has it; PM's last result is no input.
    """
    call = await sent("terminal_selections", {**HERE, "onsVo.1.onsid": 5, "onsVo.1.onsprefix": "8"})
    assert ("updateOns", {"extensionNumber": "1001", "subsystemId": 9}) == (call.name, call.query)
    assert {"onsVo": [{"onsid": "5", "onsprefix": "8"}, {"onsid": "3", "onsprefix": "1"}]} == call.wire


async def test_a_new_list_is_one_object(sent, pbx):
    """
    PM takes a new list as one object with its choices, and nothing that only an update has (QUIRKS 94).
    """
    cells = {"extensionNumber": "1001", "listNumber": 3, "list.listName": "Trip", "chos.1.chono": 1, "chos.1.anspos": "1002"}
    call = await sent("personal_number_lists", cells | {"allInactive": True})
    assert ("createPersonalNumberList", {"extensionNumber": "1001"}) == (call.name, call.path)
    assert {"list": {"listName": "Trip", "listNo": 3}, "chos": [{"chono": 1, "anspos": "1002"}]} == call.wire


async def test_an_updated_list_goes_out_with_the_others(sent, pbx):
    """
    An update has all lists; the one that becomes active ends the turn of the other.
    """
    call = await sent("personal_number_lists", {**HERE, "action": "update", "list.listNo": 2, "list.isActive": True})
    assert ("updatePersonalNumberLists", {"extensionNumber": "1001"}) == (call.name, call.path)
    assert {
        "extensionId": "70",
        "list": [{"listNo": 1, "listName": "Day", "isActive": False}, {"listNo": 2, "listName": "Night", "isActive": True}],
        "allInactive": False,
        "delayseizurelist": [{"listNumber": 4, "listName": "slow"}],
    } == call.wire


async def test_all_lists_of_an_extension_can_be_ended(sent, pbx):
    """
    `allInactive` leaves no list active.
    """
    call = await sent("personal_number_lists", {**HERE, "action": "update", "list.listNo": 2, "allInactive": "TRUE"})
    assert (True, [False, False]) == (call.wire["allInactive"], [one["isActive"] for one in call.wire["list"]])


async def test_a_list_that_is_there_already_is_left_or_updated(prepare, pbx):
    """
    A create of a list that PM has follows --if-exists.
    """
    cells = {**HERE, "list.listNo": 2, "list.listName": "Late", "chos.1.chono": 1, "chos.1.anspos": "1002"}
    assert Verdict.NOTHING is (await prepare("personal_number_lists", cells, if_exists=IfExists.SKIP)).verdict
    plan = await prepare("personal_number_lists", cells, if_exists=IfExists.UPDATE)
    assert (Change("list.listName", "Night", "Late"),) == plan.changes


async def test_a_lost_create_of_a_list_is_settled_with_its_choices(prepare, pbx):
    """
    The list is there as wanted only if its choices are.
    """
    cells = {**HERE, "list.listNo": 1, "chos.1.chono": 1, "chos.1.anspos": "1002"}
    for destination, done in (("1002", True), ("1003", None)):
        plan = await prepare("personal_number_lists", {**cells, "chos.1.anspos": destination})
        assert done is (await plan.steps[0].reconcile()).done


@pytest.mark.parametrize(
    ("sheet", "cells", "name", "path", "query"),
    [
        ("personal_number_lists", {"listNumber": 2}, "deletePersonalNumberList", {"extensionNumber": "1001"}, {"listNumber": 2}),
        (
            "call_choices",
            {"listNumber": 1, "choiceNumber": 1},
            "deleteCallChoice",
            {},
            {"extensionNumber": "1001", "listNumber": 1, "choiceNumber": 1},
        ),
    ],
    ids=["list", "choice"],
)
async def test_deletes(sheet, cells, name, path, query, sent, pbx):
    """
    A delete is addressed by number, list and position; what PM answers is a word that means nothing (QUIRKS 12).
    """
    call = await sent(sheet, {**HERE, "action": "delete"} | cells)
    assert (name, path, query) == (call.name, call.path, call.query)


async def test_a_choice_is_made_at_its_position(sent, pbx):
    """
    Which position a choice takes stands in its body only (QUIRKS 95).
    """
    call = await sent("call_choices", {"extensionNumber": "1001", "listNumber": 1, "choiceNumber": 2, "anspos": "1003", "bsycho": 11})
    assert ("createCallChoice", {"extensionNumber": "1001", "listNumber": 1}) == (call.name, call.query)
    assert {"chono": 2, "anspos": "1003", "bsycho": 11} == call.wire


async def test_a_choice_is_updated_whole(sent, pbx):
    """
    What the row leaves out goes out as PM has it.
    """
    call = await sent("call_choices", {**HERE, "action": "update", "listNumber": 1, "chono": 1, "stime": 30})
    assert ("updateCallChoice", {**CHOICE, "stime": 30}) == (call.name, call.wire)


async def test_a_free_position_is_no_choice(prepare, pbx):
    """
    An empty answer is as good as a 404.
    """
    pbx.answers["getCallChoice"] = {}
    with pytest.raises(RejectedError) as caught:
        await prepare("call_choices", {**HERE, "action": "update", "listNumber": 1, "chono": 1, "stime": 30})
    assert "NOT_FOUND" == caught.value.code


async def test_a_personal_number_goes_out_whole(sent, pbx):
    """
    Lists and choices are found by their numbers; the others and the status blocks go back as they came.
    """
    cells = {f"{LIST_1}.listno": 2, f"{LIST_1}.listName": "Late", f"{LIST_1}.chos.1.chono": 1, f"{LIST_1}.chos.1.anspos": "1003"}
    call = await sent("personal_numbers", {"extensionNumber": "1001"} | cells)
    first, second = DETAILS["personalNumberVO"]["pelp"]["lists"]
    lists = [{**second, "listName": "Late", "chos": [{"chono": 1, "anspos": "1003"}]}, first]
    record = DETAILS["personalNumberVO"]
    assert DETAILS | {"personalNumberVO": record | {"pelp": {"lists": lists, "dir": "1001"}}} == call.wire


EXPORTS = {
    "authorization_codes": [
        {f"{CODE_1}.auth": Secret(SENTINEL), f"{CODE_1}.hashtype": "CLEARTEXT", f"{CODE_1}.cilcode": "1001", f"{CODE_1}.dir": "1001"}
    ],
    "terminal_selections": [{"onsVo.1.onsid": "3", "onsVo.1.onsprefix": "1", "onsVo.2.onsid": "5", "onsVo.2.onsprefix": "2"}],
    "personal_number_lists": [
        {"list.listNo": 1, "list.listName": "Day", "list.isActive": True},
        {"list.listNo": 2, "list.listName": "Night"},
    ],
    "call_choices": [{"listNumber": 1, "chono": 1, "anspos": "1002", "stime": 60}],
    "personal_numbers": [
        {
            f"{LIST_1}.listno": 1,
            f"{LIST_1}.chos.1.chono": 1,
            f"{LIST_1}.chos.1.anspos": "1002",
            f"{LIST_1}.chos.1.stime": 60,
            "personalNumberVO.pelp.lists.2.listno": 2,
            "personalNumberVO.pelp.lists.2.listName": "Night",
        }
    ],
}


@pytest.mark.parametrize("sheet", EXPORTS)
async def test_an_export_changes_nothing(sheet, prepare, session_of, pbx):
    """
    The rows name their extension and what it has; run as they are they send nothing. Extensions that have nothing have no row.
    """
    rows = [row async for row in ENTITIES[sheet].export(session_of())]
    assert [{"subsystemName": "MX1", "extensionNumber": "1001"} | row for row in EXPORTS[sheet]] == rows
    for row in rows:
        cells = {header: value.reveal() if isinstance(value, Secret) else value for header, value in row.items()}
        action = "reset" if sheet == "authorization_codes" else "update"
        assert Verdict.NOTHING is (await prepare(sheet, {"action": action} | cells)).verdict


async def test_an_export_leaves_hashes_out(session_of, pbx):
    """
    A hash is no code that could be given to PM again (DOMAIN 4).
    """
    pbx.answers["getAuthorizationCodes"] = only_1001({"authorizationCodeVO": {"auco": [HASHED]}})
    rows = [row async for row in ENTITIES["authorization_codes"].export(session_of())]
    assert [{"subsystemName": "MX1", "extensionNumber": "1001", f"{CODE_1}.hashtype": "MD5A1", f"{CODE_1}.cilcode": "9"}] == rows


async def test_a_failed_read_is_noted(session_of, pbx, refusal):
    """
    What PM refuses to tell of an extension is named, and no row.
    """
    pbx.answers["getPersonalNumberDetails"] = refusal(403)
    session = session_of()
    assert [] == [row async for row in ENTITIES["personal_numbers"].export(session)]
    assert "extension 1001 in MX1" in [one.what for one in session.unread]


async def test_a_number_in_two_subsystems_is_exported_once(session_of, pbx):
    """
    Where PM goes by the number alone, a second row of the same number would be about the same thing (QUIRKS 45).
    """
    pbx.answers["listSubsystems"] = [{"subsystemId": number, "subsystemName": f"MX{number}"} for number in (1, 2)]
    rows = [row async for row in ENTITIES["personal_numbers"].export(session_of())]
    assert ["MX1"] == [row["subsystemName"] for row in rows]


async def test_a_list_that_is_there_already_says_what_of_the_row_it_does_not_take(prepare, pbx):
    """
    With --if-exists update the choices of a create are not sent, which the row tells; equal ones need no words.
    """
    cells = {"extensionNumber": "1001", "list.listNo": 1, "list.listName": "New", "chos.1.chono": 1, "chos.1.anspos": "1003"}
    plan = await prepare("personal_number_lists", cells, if_exists=IfExists.UPDATE)
    assert "Left as PM has it, because an update cannot change it: chos." == plan.message
    plan = await prepare("personal_number_lists", cells | {"chos.1.anspos": "1002"}, if_exists=IfExists.UPDATE)
    assert (Verdict.CHANGE, "") == (plan.verdict, plan.message)
    plan = await prepare("personal_number_lists", cells | {"list.listName": "Day"}, if_exists=IfExists.UPDATE)
    assert Verdict.NOTHING == plan.verdict
    assert plan.message.endswith("nothing was sent. Left as PM has it, because an update cannot change it: chos.")


NOTHING_YET = {
    "authorization_codes": ("getAuthorizationCodes", {f"{CODE_1}.auth": "4711"}, {"authorizationCodeVO": {"auco": [{"auth": "4711"}]}}),
    "terminal_selections": ("getOnsList", {"onsVo.1.onsprefix": "00"}, {"onsVo": [{"onsprefix": "00"}]}),
    "personal_numbers": (
        "getPersonalNumberDetails",
        {"personalNumberVO.pelp.lists.1.listno": 1},
        {"personalNumberVO": {"pelp": {"lists": [{"listno": 1}]}}},
    ),
}


@pytest.mark.parametrize(
    ("sheet", "place"),
    [*((sheet, HERE) for sheet in NOTHING_YET), ("personal_numbers", {"extensionNumber": "1001"})],
    ids=[*NOTHING_YET, "by its number alone"],
)
async def test_an_extension_that_has_nothing_yet_gets_its_first(sheet, place, sent, pbx):
    """
    PM may say 404 of an extension without codes, lists or entries; that is no reason not to give it some.
    """
    name, cells, body = NOTHING_YET[sheet]
    del pbx.answers[name]
    pbx.answers["getExtensionDetails"] = {"extensionId": 70, "extensionNumber": "1001"}
    assert body == (await sent(sheet, {**place, **cells})).wire


@pytest.mark.parametrize("sheet", NOTHING_YET)
async def test_an_extension_that_is_not_there_gets_nothing(sheet, prepare, pbx):
    """
    A row about a number that PM does not have fails before anything is sent.
    """
    name, cells, _body = NOTHING_YET[sheet]
    del pbx.answers[name]
    pbx.answers.pop("getExtensionDetails", None)
    with pytest.raises(RejectedError, match="PM has no "):
        await prepare(sheet, {**HERE, **cells})


async def test_a_single_code_may_stand_without_its_list(sent, pbx):
    """
    PM prints some single things without the list round them (QUIRKS 62).
    """
    pbx.answers["getAuthorizationCodes"] = {"authorizationCodeVO": {"auco": CODE}}
    call = await sent("authorization_codes", {**HERE, f"{CODE_1}.cilcode": "77"})
    assert {"authorizationCodeVO": {"auco": [{**CODE, "cilcode": "77"}]}} == call.wire


async def test_a_list_whose_number_pm_prints_as_a_text_is_found(sent, pbx):
    """
    PM may print numbers as texts (QUIRKS 4, 107); they go back as numbers.
    """
    pbx.answers["getPersonalNumberLists"] = {"list": [{"listNo": "1", "listName": "Day"}, {"listNo": "2", "newer": "x"}]}
    call = await sent("personal_number_lists", {**HERE, "action": "update", "list.listNo": 1, "list.listName": "Late"})
    assert [{"listNo": 1, "listName": "Late"}, {"listNo": 2}] == call.wire["list"]
