# ruff: noqa: DTZ001 - spreadsheets keep wall-clock times without a zone
from __future__ import annotations

import traceback
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.binding import bind
from pmbulk.entities.cells import CellError
from pmbulk.entities.fields import POSITION, Kind
from pmbulk.entities.headers import column_letter, is_note
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.udf_fields import captioned
from pmbulk.errors import Finding, Severity, WorkbookError
from pmbulk.secret import MASK, Secret

SENTINEL = "Sentinel-7391!"
COLUMNS = [(entity.sheet, column) for entity in ENTITIES.values() for column in entity.columns]
TEXTS = [(sheet, column) for sheet, column in COLUMNS if column.kind is Kind.TEXT and not column.spec.choices and not column.several]


def headers_of(*headers, sheet="users"):
    return bind(ENTITIES[sheet], headers, sheet=sheet)


def refusal_of(*headers, sheet="users"):
    with pytest.raises(WorkbookError) as caught:
        headers_of(*headers, sheet=sheet)
    return str(caught.value)


def errors(findings):
    return [str(finding) for finding in findings if finding.severity is Severity.ERROR]


def warnings(findings):
    return [str(finding) for finding in findings if finding.severity is Severity.WARNING]


#: Ways in which people write a field path.
SPELLINGS = {
    "as it is": lambda path: path,
    "upper case": str.upper,
    "lower case": str.lower,
    "blanks": lambda path: path.replace(".", " "),
    "dashes": lambda path: path.replace(".", "-"),
    "underscores": lambda path: f"  {path.replace('.', '_')} ",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("sheet", ENTITIES)
def test_every_spelling_of_a_header_means_its_column(sheet, spelling):
    """
    A field path binds to its column in any case, with blanks, `-` and `_`.
    """
    paths = [column.at() for named, column in COLUMNS if named == sheet]
    assert tuple(paths) == headers_of(*map(SPELLINGS[spelling], paths), sheet=sheet).paths


@pytest.mark.parametrize("sheet", ENTITIES)
def test_a_readable_label_means_its_column(sheet):
    """
    The label that a template shows binds to the same column as the field path.
    """
    columns = [column for named, column in COLUMNS if named == sheet]
    labels = [column.label.replace(POSITION, "1") if POSITION in column.path else column.label for column in columns]
    assert tuple(column.at() for column in columns) == headers_of(*labels, sheet=sheet).paths


@given(
    each=st.sampled_from(COLUMNS),
    cases=st.lists(st.booleans(), min_size=60, max_size=60),
    noise=st.lists(st.sampled_from(["", " ", "-", "_", "."]), min_size=61, max_size=61),
)
def test_noise_in_a_header_changes_nothing(each, cases, noise):
    """
    Whatever the case of its letters, and blanks, dots, `-` and `_` between them, a header binds to its column.
    """
    sheet, column = each
    letters = [letter.upper() if upper else letter.lower() for letter, upper in zip(column.at(), cases, strict=False)]
    header = "".join(letter + after for letter, after in zip(letters, noise, strict=False))
    path = tuple("1" if part == POSITION else part for part in column.path)
    assert path == headers_of(header, sheet=sheet)._bound[0].path


@given(number=st.integers(1, 34), name=st.text())
def test_what_pm_calls_a_udf_may_stand_in_its_header(number, name):
    """
    Whatever PM's name for a UDF is, digits and brackets included, the header that shows it binds to that UDF, offline.
    """
    header = captioned(f"udf{number}", name)
    binding = headers_of(header, "userId", f"UDF {number % 34 + 1} ({name})")
    assert [(f"udf{number}",), ("userId",), (f"udf{number % 34 + 1}",)] == [one.path for one in binding._bound]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (("udf3", "udf3 (Cost centre)"), "'udf3 (Cost centre)' stands a second time (first in A1)"),
        (("udf3 (Cost centre)", "udf3 (Grade)"), "'udf3 (Grade)' stands a second time (first in A1)"),
        (("userId", "udf35 (Cost centre)"), "'udf35 (Cost centre)' is no field of users."),
        (("userId", "firstName (new)"), "'firstName (new)' is no field of users."),
        (("userId", "Cost centre"), "'Cost centre' is no field of users."),
    ],
    ids=["with and without", "two names", "no such UDF", "no UDF", "the name alone"],
)
def test_a_name_in_brackets_hides_no_slip(headers, message):
    """
    The number tells the UDF: it may stand once only, under whatever name, and no other field takes words in brackets.
    """
    assert message in refusal_of(*headers)


def test_equal_names_do_not_collide():
    """
    Two UDFs that PM calls the same are two columns, and findings name the header as it stands.
    """
    binding = headers_of("udf3 (Grade)", "udf4 (Grade)", "userId")
    record, findings = binding.read(["a", CellError("#N/A"), "anna"])
    assert {"udf3": "a", "userId": "anna"} == record.filled()
    assert ["udf4 (Grade): the cell holds the error #N/A; type the value itself"] == errors(findings)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("emailAdress", "sheet users, cell B1: 'emailAdress' is no field of users. Nearest: emailAddress"),
        ("extensions.0.extensionNumber", "sheet users, cell B1: 'extensions.0.extensionNumber' is no field of users."),
        ("extensions.501.extensionNumber", "sheet users, cell B1: 'extensions.501.extensionNumber' is no field of users."),
        (f"extensions.{'9' * 5000}.extensionNumber", "sheet users, cell B1: 'extensions.999"),
        ("udf35", "sheet users, cell B1: 'udf35' is no field of users."),
        (17, "sheet users, cell B1: '17' is no field of users."),
        (
            CellError("#REF!"),
            "sheet users, cell B1: the header is a formula without a usable value; type the name of the field instead.",
        ),
    ],
    ids=["nearest", "position 0", "position 501", "endless position", "no such UDF", "number", "error"],
)
def test_an_unknown_header_is_refused(header, message):
    """
    A header that no field has stops the workbook; the message has its cell and the nearest fields.
    """
    assert refusal_of("userId", header).startswith(message)


def test_all_wrong_headers_are_told_at_once():
    """
    Unknown and doubled headers come in one message, each with its cell.
    """
    assert [
        "sheet users, cell B1: 'User ID' stands a second time (first in A1); remove one of the two columns.",
        "sheet users, cell C1: 'quux' is no field of users.",
    ] == refusal_of("userId", "User ID", "quux").splitlines()


def test_a_list_stands_in_one_cell_or_in_columns():
    """
    A list's own column beside one of its positions is refused.
    """
    assert "sheet users, cell A1: 'keyWords' stands beside its own positions; use one cell or one column each." == refusal_of(
        "keyWords", "keyWords.2"
    )


def test_headers_that_say_nothing_are_refused():
    """
    A sheet whose first row has notes and blanks only is refused with what to put there.
    """
    assert (
        "sheet users: row 1 has no header that users knows; put the field names in row 1, as `pmbulk template users` does."
        == refusal_of("_mine", None, "#too")
    )


@pytest.mark.parametrize(
    ("header", "note"), [("_x", True), ("#x", True), (" _x", True), ("x_", False), (None, False), (7, False), ("", False)]
)
def test_notes_begin_with_a_mark(header, note):
    """
    Columns that start with `_` or `#` belong to the person who keeps the sheet.
    """
    assert note is is_note(header)


def test_notes_are_left_alone(read):
    """
    Whatever stands in a note is no finding.
    """
    record, findings = read("locations", {"_checked": CellError("#N/A"), "locationName": "Oslo", "#": datetime(2026, 1, 2)})
    assert () == findings
    assert {"locationName": "Oslo"} == record.filled()


def test_cells_without_a_header_are_found():
    """
    A filled cell under a gap in row 1, or right of the last header, is a finding with the column's letter; blank ones are not.
    """
    binding = headers_of("locationName", None, "description", sheet="locations")
    said = "the cell is filled, but row 1 has no header above it; add one or empty the cell"
    assert [f"B: {said}", f"E: {said}"] == errors(binding.read(["Oslo", "stray", None, " ", 0])[1])


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_columns_have_letters(index, letters):
    """
    Positions are told as a spreadsheet letters them.
    """
    assert letters == column_letter(index)


@pytest.mark.parametrize("word", ["update", "UPDATE", " Update "])
def test_an_action_may_have_any_case(word, operation_of):
    """
    The action is compared without regard to case and blanks.
    """
    assert "update" == operation_of("users", word)


@pytest.mark.parametrize(
    ("sheet", "default"),
    [("users", "create"), ("departments", "create"), ("locations", "create"), ("ip_extensions", "create"), ("locked_users", "unlock")],
)
def test_a_blank_action_is_the_default(sheet, default, operation_of):
    """
    A row without an action asks for the entity's first one.
    """
    assert default == operation_of(sheet, None)


@pytest.mark.parametrize("cell", ["upsert", "<clear>", 7, CellError("#N/A")])
def test_an_unknown_action_is_refused(cell, read):
    """
    The finding lists what the sheet offers.
    """
    _record, findings = read("locations", {"action": cell, "locationName": "Oslo"})
    shown = cell.text if isinstance(cell, CellError) else cell
    assert [f"action: '{shown}' is no action of locations; type one of create, update, delete, or leave it blank"] == errors(findings)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0012", "0012"),
        ("NA", "NA"),
        ("nan", "nan"),
        ("+4670123", "+4670123"),
        ("=1+1", "=1+1"),
        ("x" * 300, "x" * 300),
        ("2026-01-02", "2026-01-02"),
        ("12345678901234567890", "12345678901234567890"),
        ("  two words ", "two words"),
        ("<clear me>", "<clear me>"),
        (12, "12"),
        (0, "0"),
        (-7, "-7"),
        (999_999_999_999_999, "999999999999999"),
        (12.5, "12.5"),
        (1e3, "1000"),
        (0.1 + 0.2, "0.3"),
        (True, "true"),
        (False, "false"),
    ],
    ids=repr,
)
def test_text_keeps_what_the_cell_shows(cell, value, read):
    """
    Text is taken as it stands, whole numbers become their digits.
    """
    record, findings = read("locations", {"locationName": "Oslo", "description": cell})
    assert [] == errors(findings)
    assert value == record.filled()["description"]


DATE = "the spreadsheet holds a date ({}) where text is wanted; format the cell as text and type it again"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (datetime(2026, 1, 2), DATE.format("2026-01-02")),
        (datetime(2026, 1, 2, 3, 4), DATE.format("2026-01-02 03:04:00")),
        (date(2026, 1, 2), DATE.format("2026-01-02")),
        (10**15, "the spreadsheet keeps only 15 digits of a number; format the cell as text and type the number again"),
        (1e20, "the spreadsheet keeps only 15 digits of a number; format the cell as text and type the number again"),
        (CellError("#N/A"), "the cell holds the error #N/A; type the value itself"),
        (CellError("formula"), "the formula was saved without its value; open the file in Excel, save it again, or type the value"),
    ],
    ids=["day", "moment", "date", "16 digits", "float of 21 digits", "error", "formula"],
)
def test_what_is_no_text_is_refused(cell, message, read):
    """
    Dates, numbers that have lost digits, errors and formulas without a value are findings, not values.
    """
    record, findings = read("locations", {"locationName": "Oslo", "description": cell})
    assert [f"description: {message}"] == errors(findings)
    assert {"locationName": "Oslo"} == record.filled()


@pytest.mark.parametrize(
    ("cell", "value"),
    [(7, 7), ("7", 7), (" 0012 ", 12), ("-1", -1), ("+5", 5), (7.0, 7), (None, None)],
    ids=repr,
)
def test_whole_numbers(cell, value, read):
    """
    A column of whole numbers takes numbers and digits.
    """
    record, findings = read("departments", {"path": "Company", "parentDepartmentId": cell})
    assert [] == errors(findings)
    assert value == record.body.parent_department_id


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("12.5", "'12.5' is not a whole number; type digits only"),
        (12.5, "'12.5' is not a whole number; type digits only"),
        ("1e3", "'1e3' is not a whole number; type digits only"),
        ("++5", "'++5' is not a whole number; type digits only"),
        ("1_000", "'1_000' is not a whole number; type digits only"),
        ("٣", "'٣' is not a whole number; type digits only"),
        (True, "'TRUE' is not a whole number; type digits only"),
        (datetime(2026, 1, 2), "'2026-01-02' is not a whole number; type digits only"),
        (10**15, "'1000000000000000' is larger than any number of PM; type it again"),
        ("12345678901234567890", "'12345678901234567890' is larger than any number of PM; type it again"),
        (CellError("#DIV/0!"), "the cell holds the error #DIV/0!; type the value itself"),
    ],
    ids=repr,
)
def test_what_is_no_whole_number_is_refused(cell, message, read):
    """
    The finding shows the cell and says what to type.
    """
    _record, findings = read("departments", {"path": "Company", "parentDepartmentId": cell})
    assert [f"parentDepartmentId: {message}"] == errors(findings)


@pytest.mark.parametrize(
    ("cell", "value"),
    [(True, True), (False, False), ("Yes", True), ("no", False), (1, True), (0, False), ("TRUE", True), (" off ", False)],
    ids=repr,
)
def test_flags(cell, value, read):
    """
    TRUE and FALSE may also be written as yes, no, on, off, 1 and 0.
    """
    record, findings = read("users", {"userId": "anna", "useLastSelection": cell})
    assert [] == errors(findings)
    assert value is record.body.use_last_selection


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("maybe", "'maybe' is neither TRUE nor FALSE; type one of the two"),
        (2, "'2' is neither TRUE nor FALSE; type one of the two"),
        (CellError("#N/A"), "the cell holds the error #N/A; type the value itself"),
    ],
    ids=repr,
)
def test_what_is_no_flag_is_refused(cell, message, read):
    """
    Anything else is a finding.
    """
    _record, findings = read("users", {"userId": "anna", "useLastSelection": cell})
    assert [f"useLastSelection: {message}"] == errors(findings)


def test_choices_are_found_in_any_case_and_refused_otherwise(read):
    """
    A value from a closed set is corrected to PM's spelling; another one is refused with the choices and the nearest.
    """
    given_columns = {"subsystemName": "MX1", "extensionNumber": "1001", "commonServiceProfile": 0, "serverNumber": 1}
    record, findings = read("ip_extensions", given_columns | {"authorizationCodes.1.hashType": "md5a1"})
    assert ([], "MD5A1") == (errors(findings), record.body.authorization_codes[0].hash_type)
    _record, findings = read("ip_extensions", given_columns | {"authorizationCodes.1.hashType": "SHA265"})
    assert [
        "authorizationCodes.1.hashType: 'SHA265' is not allowed; type one of CLEARTEXT, MD5A1, SHA256, SHA256_MD5A1 (nearest: SHA256)"
    ] == errors(findings)


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ({"keyWords": "one; two ;;three"}, ["one", "two", "three"]),
        ({"keyWords": 17}, ["17"]),
        ({"keyWords.1": "one", "keyWords.2": "two"}, ["one", "two"]),
        ({"keyWords.1": "one; not split"}, ["one; not split"]),
        ({"departmentIds": "4;7"}, [4, 7]),
        ({"departmentIds.2": 7, "departmentIds.1": "4"}, [4, 7]),
    ],
    ids=["one cell", "number", "columns", "semicolon in a column", "numbers", "columns in any order"],
)
def test_lists_of_plain_values(cells, value, read):
    """
    A list stands in one cell separated by `;`, or in one column per position.
    """
    record, findings = read("users", {"userId": "anna"} | cells)
    assert [] == errors(findings)
    assert value == record.filled()[next(iter(cells)).partition(".")[0]]


def test_positions_are_filled_from_one_on(read):
    """
    A create that leaves a list position out says so at the column that is filled.
    """
    _record, findings = read("users", {"userId": "anna", "Extensions 2 extension number": "1001", "extensions.2.subsystemName": "MX1"})
    assert ["Extensions 2 extension number: position 2 is filled, but not 1; fill the positions from 1 on"] == errors(findings)


def test_an_update_may_leave_positions_as_they_are(read):
    """
    Objects of a list that an update does not mention are left to PM.
    """
    record, findings = read(
        "users", {"action": "update", "userId": "anna", "extensions.2.extensionNumber": "1001", "extensions.2.subsystemId": 1}
    )
    assert [] == errors(findings)
    assert [{}, {"extensionNumber": "1001", "subsystemId": 1}] == record.filled()["extensions"]


@pytest.mark.parametrize("word", ["<clear>", "<CLEAR>", " <Clear> "])
def test_clear_is_no_value(word, read):
    """
    `<clear>` in any case is noted as such and is not in the body.
    """
    record, findings = read("locations", {"action": "update", "locationName": "Oslo", "description": word})
    assert [] == errors(findings)
    assert ({"locationName": "Oslo"}, frozenset({"description"})) == (record.filled(), record.cleared)


@pytest.mark.parametrize(
    ("sheet", "header", "message"),
    [
        ("locations", "locationName", "cannot be emptied with <clear>; every location has one"),
        ("users", "userId", "cannot be emptied with <clear>; every user has one"),
        ("users", "keyWords.1", "cannot be emptied alone; use one column keyWords for the list and type what shall stay"),
    ],
)
def test_what_cannot_be_cleared(sheet, header, message, read):
    """
    `<clear>` where it cannot mean anything is a finding and never silently ignored.
    """
    _record, findings = read(sheet, {"action": "update", header: "<clear>"} | ({"userId": "anna"} if header == "keyWords.1" else {}))
    assert f"{header}: {message}" in errors(findings)


def test_a_needed_column_may_be_missing_altogether(read):
    """
    What a create needs is asked for whether its cell is blank or the column is not there; an update needs none of it.
    """
    _record, findings = read("locations", {"description": "x"})
    assert "locationName: is needed to create a location; fill the cell, for example Stockholm" in errors(findings)
    _record, findings = read("ip_extensions", {"action": "update", "subsystemName": "MX1", "extensionNumber": "1001"})
    assert [] == errors(findings)


def test_all_findings_of_a_row_come_in_one_pass(read):
    """
    Wrong cells, needed ones, rules over several cells and advice are told together, each once.
    """
    _record, findings = read(
        "ip_extensions",
        {
            "Extension number": "12ab",
            "commonServiceProfile": 501,
            "nameIdentity.firstName": "x" * 21,
            "bossSecretary": "perhaps",
            "macAddress": "08:00",
        },
    )
    assert [
        "bossSecretary: 'perhaps' is neither TRUE nor FALSE; type one of the two",
        "Extension number: '12ab' must be 2 to 20 digits",
        "commonServiceProfile: '501' must be a number from 0 to 500",
        "macAddress: '08:00' must be 12 hexadecimal digits, with or without ':' or '-' between pairs",
        "subsystemName: is blank; fill it, or subsystemId, to say in which subsystem the extension is",
        "serverNumber: is blank, and so is domainName; fill one of the two to say where the number lives",
    ] == errors(findings)
    assert [
        "authorizationCodes.1.authorizationCode: is blank; without a code the PBX lets any telephone register as this number",
        f"nameIdentity.firstName: '{'x' * 21}' should be at most 20 characters; PM may refuse it",
    ] == warnings(findings)


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [
        ("users", {"userId": "anna", "newPassword": SENTINEL, "micollab.authorizationCode": SENTINEL, "currentPassword": SENTINEL}),
        ("ip_extensions", {"extensionNumber": "x", "authorizationCodes.1.authorizationCode": SENTINEL * 9}),
        (
            "ip_extensions",
            {"extensionNumber": "x", "authorizationCodes.1.authorizationCode": SENTINEL, "authorizationCodes.1.hashType": "?"},
        ),
    ],
    ids=["passwords", "too long a code", "beside a wrong cell"],
)
def test_no_secret_is_shown(sheet, cells, read):
    """
    A secret stands in no finding, repr, str or JSON of a record, and not among masked cells.
    """
    record, findings = read(sheet, cells)
    masked = bind(ENTITIES[sheet], list(cells), sheet=sheet).masked(list(cells.values()))
    assert SENTINEL not in f"{findings!r} {[str(one) for one in findings]} {record!r} {record} {record.filled()!r} {masked!r}"
    assert MASK in masked


def test_a_secret_that_became_a_date_is_not_shown(read):
    """
    A password that the spreadsheet took for a date is refused without showing the date.
    """
    _record, findings = read("users", {"userId": "anna", "newPassword": datetime(1991, 12, 24)})
    assert [Finding("newPassword", "the spreadsheet holds a date where text is wanted; format the cell as text and type it again")] == [
        finding for finding in findings if finding.severity is Severity.ERROR
    ]


def test_a_traceback_shows_no_secret(read):
    """
    What pydantic says about a whole record does not repeat its input.
    """
    record, _findings = read("users", {"userId": "anna", "newPassword": SENTINEL})
    with pytest.raises(ValueError, match="language") as caught:
        type(record.body).model_validate({"newPassword": Secret(SENTINEL), "language": {"wrong": SENTINEL}})
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


def test_secrets_keep_their_blanks(read):
    """
    Blanks at the ends of a password may be meant.
    """
    record, _findings = read("users", {"userId": "anna", "newPassword": " pass word "})
    assert " pass word " == record.body.new_password.reveal()


@given(each=st.sampled_from(TEXTS), text=st.text(min_size=1, max_size=300))
def test_text_comes_through_unchanged(each, text):
    """
    What a text cell holds is what the record holds, but for blanks at its ends; a finding is the only other way out.
    """
    sheet, column = each
    binding = headers_of(column.at(), sheet=sheet)
    record, findings = binding.read([text])
    if (
        not text.strip()
        or text.strip().casefold() == "<clear>"
        or any(one.column == column.at() for one in findings if "must" in one.message)
    ):
        return
    path = [0 if part == POSITION else part for part in column.path]
    value = {**record.address.model_dump(by_alias=True, exclude_unset=True), **record.filled()}
    if column.name == "action":
        return
    for part in path:
        value = value[part]
    assert text.strip() == value


@given(values=st.lists(st.text(st.characters(exclude_characters=";"), min_size=1).filter(lambda text: text.strip()), min_size=1))
def test_a_list_in_one_cell_comes_through(values):
    """
    The values of a list come out as they were typed between the semicolons.
    """
    cell = ";".join(values)
    record, _findings = headers_of("userId", "keyWords").read(["anna", cell])
    if cell.strip().casefold() != "<clear>":
        assert [value.strip() for value in values] == record.filled()["keyWords"]


def test_a_wrong_cell_gets_no_advice(read):
    """
    A cell that cannot be used is a finding once; what it should look like is not said on top.
    """
    _record, findings = read("users", {"action": "update", "userId": "anna", "sms": date(2026, 1, 1)})
    assert [("sms", "error")] == [(finding.column, finding.severity) for finding in findings]


def test_a_wrong_cell_of_a_list_does_not_hide_the_others(read):
    """
    What else stands in the list is judged all the same, and nothing in it is called blank that is filled.
    """
    _record, findings = read(
        "phone_keys",
        {
            "extensionNumber": "1001",
            "panelTypeKey": "M695",
            "keys.1.keyPosition": 1,
            "keys.1.keyFunction": "LOCK",
            "keys.1.displayText": "x" * 25,
            "keys.2.keyPosition": 2,
            "keys.2.keyFunction": "TNS",
            "keys.2.keyFunctionValue": "12a",
        },
    )
    assert [
        f"keys.1.displayText: '{'x' * 25}' must be 1 to 24 characters",
        "keys.2.keyFunctionValue: '12a' must be 1 to 200 of the characters 0-9 + * # and comma for the function TNS",
    ] == [str(finding) for finding in findings]


def test_a_wrong_element_of_a_plain_list_drops_the_list(read):
    """
    A list without one of its elements would be another list.
    """
    record, findings = read("users", {"action": "update", "userId": "anna", "departmentIds": "1;x", "keyWords": "a"})
    assert ["departmentIds: 'x' is not a whole number; type digits only"] == [str(finding) for finding in findings]
    assert {"userId": "anna", "keyWords": ["a"]} == record.filled()
