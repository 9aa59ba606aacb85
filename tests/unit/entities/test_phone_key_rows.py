from __future__ import annotations

import pytest

from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.steps import Change, Standing, Verdict
from pmbulk.errors import InvalidRowError, RejectedError, Severity

DIAL = {"keyPosition": 1, "logicalKeyId": 11, "keyType": "FUNCTION", "keyFunction": "TNS", "keyFunctionValue": "1002", "displayText": "Bo"}
FREE = {"keyPosition": 2, "logicalKeyId": 12, "keyType": "EMPTY"}
ON_PANEL = {"keyPosition": 20, "logicalKeyId": 30, "keyFunction": "LOCK"}
KEYS = {"extensionId": "70", "terminalKeys": [DIAL, FREE], "softKeys": [], "panelKeys": {"M1": [ON_PANEL]}}
HERE = {"extensionNumber": "1001", "phonePanelType": "P1"}


@pytest.fixture
def phone(fake):
    """
    A PM with a telephone whose keys are dialling, free, and locking.
    """
    fake.answers = {
        "listSubsystems": [{"subsystemId": 9, "subsystemName": "MX1"}],
        "getServerDetails": {"extensionLimVOs": [{"extension": "1001"}, {"extension": "1002"}]},
        "getExtensionDetails": lambda call: (
            {"extensionId": "70", "phonePanelDTO": {"panelTypeKey": "P1"}} if call.query["extensionNumber"] == "1001" else {}
        ),
        "getPhoneKeys": KEYS,
    }
    return fake


def cells(**keys):
    """A row of one key for each of *keys*."""
    return {**HERE, **{f"keys.{place}.{name}": value for place, key in enumerate(keys.values(), start=1) for name, value in key.items()}}


async def test_keys_become_what_the_row_says(sent, phone):
    """
    A key in use is updated whole, a free one added, and the row need not know which is which.
    """
    row = cells(used={"keyPosition": 1, "displayText": "Anna"}, free={"keyPosition": 2, "keyFunction": "MOB"})
    call = await sent("phone_keys", row)
    assert ("updatePhoneKeys", {"extensionNumber": "1001"}) == (call.name, call.path)
    assert {
        "extensionId": "70",
        "phonePanelType": "P1",
        "updatedKeys": [{**DIAL, "displayText": "Anna"}],
        "addedKeys": [{"keyPosition": 2, "logicalKeyId": 12, "keyFunction": "MOB"}],
    } == call.wire


async def test_the_documents_own_lists_say_the_same(sent, phone):
    """
    Keys under PM's names of the lists are held against the telephone too: what is listed as added may be there to update.
    """
    row = {**HERE, "addedKeys.1.keyPosition": 1, "addedKeys.1.displayText": "Anna", "removedKeys.1.keyPosition": 20}
    call = await sent("phone_keys", row)
    assert ([{**DIAL, "displayText": "Anna"}], [ON_PANEL]) == (call.wire["updatedKeys"], call.wire["removedKeys"])
    assert "addedKeys" not in call.wire


async def test_keys_as_they_are_send_nothing(prepare, phone):
    """
    A row that says what the telephone has is skipped.
    """
    plan = await prepare("phone_keys", cells(one={"keyPosition": 20, "keyFunction": "LOCK"}, two={"keyPosition": 2, "keyType": "EMPTY"}))
    assert (Verdict.NOTHING, ()) == (plan.verdict, plan.steps)


@pytest.mark.parametrize(
    "row", [{"action": "remove"}, {"keys.1.keyType": "EMPTY"}, {"keys.1.keyFunction": "<clear>"}], ids=["action", "empty", "cleared"]
)
async def test_keys_are_removed_as_pm_has_them(row, sent, phone):
    """
    A position is freed by the action, or by a key without a function.
    """
    call = await sent("phone_keys", cells(one={"keyPosition": 1}) | row)
    assert {"extensionId": "70", "phonePanelType": "P1", "removedKeys": [DIAL]} == call.wire


async def test_removing_a_free_key_sends_nothing(prepare, phone):
    """
    What is not there need not go.
    """
    assert Verdict.NOTHING is (await prepare("phone_keys", cells(one={"keyPosition": 2}) | {"action": "remove"})).verdict


async def test_an_add_does_not_overwrite(prepare, phone):
    """
    Where another key is, an add fails and says so; where the same key is, there is nothing to do.
    """
    with pytest.raises(RejectedError) as caught:
        await prepare("phone_keys", cells(one={"keyPosition": 1, "keyFunction": "MOB"}) | {"action": "add"})
    assert "EXISTS" == caught.value.code
    same = {"keyPosition": 1, "keyFunction": "TNS", "keyFunctionValue": "1002"}
    assert Verdict.NOTHING is (await prepare("phone_keys", cells(one=same) | {"action": "add"})).verdict


async def test_a_text_can_be_emptied(sent, phone):
    """
    A cell with `<clear>` empties one member of a key.
    """
    call = await sent("phone_keys", cells(one={"keyPosition": 1, "displayText": "<clear>"}))
    assert [{**DIAL, "displayText": ""}] == call.wire["updatedKeys"]


async def test_another_function_does_not_keep_the_old_value(sent, phone):
    """
    A value belongs to its function.
    """
    call = await sent("phone_keys", cells(one={"keyPosition": 1, "keyFunction": "LOCK"}))
    assert [{**{name: value for name, value in DIAL.items() if name != "keyFunctionValue"}, "keyFunction": "LOCK"}] == call.wire[
        "updatedKeys"
    ]


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        pytest.param(KEYS, Standing(done=False), id="as before"),
        pytest.param(
            KEYS | {"terminalKeys": [{**DIAL, "displayText": "Anna"}, {**FREE, "keyFunction": "MOB"}]}, Standing(done=True), id="done"
        ),
        pytest.param(
            KEYS | {"terminalKeys": [{**DIAL, "displayText": "Anna"}, FREE]},
            Standing(done=None, difference="only a part of the keys is as the row asks for"),
            id="half",
        ),
    ],
)
async def test_a_lost_answer_is_settled_by_reading_the_keys(now, standing, prepare, phone):
    """
    The write is not repeatable: it is sent again only if nothing of it was done.
    """
    plan = await prepare("phone_keys", cells(a={"keyPosition": 1, "displayText": "Anna"}, b={"keyPosition": 2, "keyFunction": "MOB"}))
    (step,) = plan.steps
    assert step.repeatable is False
    assert (
        Change("keys.1.displayText", "Bo", "Anna"),
        Change("keys.2.keyPosition", None, 2),
        Change("keys.2.keyFunction", None, "MOB"),
    ) == plan.changes
    phone.answers["getPhoneKeys"] = now
    assert standing == await step.reconcile()


async def test_the_panel_is_looked_up(sent, phone):
    """
    A row that tells the subsystem need not know the panel.
    """
    row = {"extensionNumber": "1001", "subsystemId": 9, "keys.1.keyPosition": 1, "keys.1.displayText": "Anna"}
    call = await sent("phone_keys", row)
    assert "P1" == call.wire["phonePanelType"]
    assert {"panelTypeKey": "P1"} == next(one.query for one in phone.calls if one.name == "getPhoneKeys")


async def test_a_pm_without_the_type_for_all_types(sent, phone, refusal):
    """
    Where PM refuses the type `ALL` the panel is asked for under the types that may have one (QUIRKS 50).
    """
    record = {"extensionId": "70", "phonePanelDTO": {"panelTypeKey": "P1"}}
    phone.answers["getExtensionDetails"] = lambda call: record if call.query["extensionType"] == "IP" else refusal(400)
    row = {"extensionNumber": "1001", "subsystemName": "MX1", "keys.1.keyPosition": 1, "keys.1.displayText": "Anna"}
    assert "P1" == (await sent("phone_keys", row)).wire["phonePanelType"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param({"extensionNumber": "1002", "subsystemName": "MX1", "keys.1.keyPosition": 1}, "phonePanelType", id="no panel"),
        pytest.param(cells(a={"keyPosition": 2, "displayText": "x"}), "keys.1.keyFunction", id="no function"),
        pytest.param(cells(a={"keyPosition": 2, "keyFunction": "TNS"}), "keys.1.keyFunctionValue", id="no value"),
        pytest.param(cells(a={"keyPosition": 1, "keyFunction": "XML"}), "keys.1.keyFunctionValue", id="no new value"),
    ],
)
async def test_what_only_the_telephone_shows(row, column, prepare, phone):
    """
    What a key lacks can depend on what is there; then the row is refused before anything is sent.
    """
    with pytest.raises(InvalidRowError) as caught:
        await prepare("phone_keys", row)
    assert [column] == [finding.column for finding in caught.value.findings]


async def test_two_keys_at_one_position_need_the_logical_key(prepare, phone):
    """
    Where groups of keys count from 1 each, the logical key tells which one is meant.
    """
    phone.answers["getPhoneKeys"] = KEYS | {"softKeys": [{**FREE, "keyPosition": 1, "logicalKeyId": 41}]}
    with pytest.raises(InvalidRowError) as caught:
        await prepare("phone_keys", cells(a={"keyPosition": 1, "displayText": "x"}))
    assert ["keys.1.keyPosition"] == [finding.column for finding in caught.value.findings]
    plan = await prepare("phone_keys", cells(a={"keyPosition": 1, "logicalKeyId": 11, "displayText": "x"}))
    assert (Change("keys.1.displayText", "Bo", "x"),) == plan.changes


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param(cells(a={"keyFunction": "MOB"}), "keys.1.keyPosition", id="no position"),
        pytest.param(cells(a={"keyPosition": 1, "keyFunction": "MOB", "keyFunctionValue": "1"}), "keys.1.keyFunctionValue", id="value"),
        pytest.param(cells(a={"keyPosition": 1, "keyFunction": "TNS", "keyFunctionValue": "x"}), "keys.1.keyFunctionValue", id="letters"),
        pytest.param(cells(a={"keyPosition": 1, "displayText": "x" * 25}), "keys.1.displayText", id="long text"),
        pytest.param(cells(a={"keyPosition": 1}, b={"keyPosition": 1}), "keys.2.keyPosition", id="twice"),
        pytest.param(cells(a={"keyPosition": 1}) | {"panelTypeKey": "P2"}, "panelTypeKey", id="two panels"),
        pytest.param({"extensionNumber": "1001", "keys.1.keyPosition": 1}, "phonePanelType", id="no panel"),
    ],
)
def test_what_is_surely_wrong_is_refused(row, column, read):
    """
    A row that breaks a sure rule is invalid, and the finding names the cell.
    """
    _record, findings = read("phone_keys", row)
    assert [column] == [finding.column for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param(cells(a={"keyPosition": 1, "keyFunction": "WINK"}), "keys.1.keyFunction", id="unknown function"),
        pytest.param(HERE, "keys.1.keyPosition", id="no key"),
    ],
)
def test_what_is_probably_wrong_only_warns(row, column, read):
    """
    Whether PM's functions are the telephony system's is an inference, and a row without keys does no harm.
    """
    _record, findings = read("phone_keys", row)
    assert [(column, Severity.WARNING)] == [(finding.column, finding.severity) for finding in findings]


def test_a_personal_number_key_waits_for_the_lists(read):
    """
    A PEN key needs a list of its extension, perhaps one of the same workbook.
    """
    record, _findings = read("phone_keys", cells(a={"keyPosition": 1, "keyFunction": "PEN"}))
    made, _findings = read("personal_number_lists", {"extensionNumber": "1001", "list.listNo": 3})
    assert ENTITIES["personal_number_lists"].identify(made).key in ENTITIES["phone_keys"].identify(record).needs


async def test_an_export_changes_nothing(prepare, session_of, phone):
    """
    The rows have the keys in use; extensions without a panel have no row.
    """
    (row,) = [row async for row in ENTITIES["phone_keys"].export(session_of())]
    assert ("1001", "P1", "TNS", 20) == (
        row["extensionNumber"],
        row["phonePanelType"],
        row["keys.1.keyFunction"],
        row["keys.2.keyPosition"],
    )
    assert Verdict.NOTHING is (await prepare("phone_keys", row)).verdict
