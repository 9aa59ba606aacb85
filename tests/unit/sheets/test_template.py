from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys

import pytest
from openpyxl import load_workbook

from pmbulk.entities.binding import bind
from pmbulk.entities.cells import CLEAR
from pmbulk.entities.fields import POSITION, Fields, Kind, field_
from pmbulk.entities.headers import column_letter
from pmbulk.entities.model import Entity, Identity
from pmbulk.entities.operations import updating
from pmbulk.entities.registry import ENTITIES, is_ignored
from pmbulk.errors import WorkbookError
from pmbulk.secret import MASK, Secret
from pmbulk.sheets.read import open_workbook
from pmbulk.sheets.template import write_template

SHEETS = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)


MODELS = tuple(f"Model {number:03}" for number in range(300))


class Lamp(Fields):
    """Columns of every kind."""

    name: str | None = field_("lampName", required=True, example="L1", help="What it is called.")
    colour: str | None = field_("colour", choices=("red", "green"))
    rooms: list[str] | None = field_("rooms", choices=("hall", "attic"))
    socket: str | None = field_("socket", expected=True, advised_choices=("E14", "E27"))
    dimmed: bool | None = field_("dimmed", help="Not at full power.")
    watts: int | None = field_("watts", rule="a number from 1 to 100", ge=1, le=100)
    code: Secret | None = field_("code", help="Switches it on.")
    tags: list[str] | None = field_("tags")
    model: str | None = field_("model", advised_choices=MODELS)


class Bulb(Fields):
    """What a lamp has several of."""

    kind: str | None = field_("kind")
    subsystem_name: str | None = field_("subsystemName")


class Chandelier(Lamp):
    """A lamp with a list of objects."""

    bulbs: list[Bulb] | None = field_("bulbs")


class LampAddress(Fields):
    """What says which lamp."""

    subsystem_name: str | None = field_("subsystemName", example="MX1")


async def _absent(_record, _session):
    return None


LAMPS = Entity(
    sheet="lamps",
    title="lamp",
    help="Lights.",
    address=LampAddress,
    body=Chandelier,
    actions=(updating("updateUser"),),
    identify=lambda _record: Identity("a lamp"),
    find=_absent,
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """
    A template with all entities.
    """
    path = tmp_path_factory.mktemp("templates") / "pmbulk.xlsx"
    write_template(path, list(ENTITIES.values()))
    return path


@pytest.fixture(scope="module")
def book(everything):
    """
    The same, as another program sees it.
    """
    return load_workbook(everything)


@pytest.fixture
def lamps(tmp_path):
    """
    Writes a template for lamps and opens it.
    """

    def made(**live):
        write_template(tmp_path / "lamps.xlsx", [LAMPS], **live)
        return load_workbook(tmp_path / "lamps.xlsx")

    return made


def headers_of(sheet):
    """Row 1."""
    return [cell.value for cell in sheet[1]]


def validations(sheet):
    """The validation of each column by its header."""
    headers = headers_of(sheet)
    return {headers[cells.min_col - 1]: one for one in sheet.data_validations.dataValidation for cells in one.sqref.ranges}


def offered(book, validation):
    """The values of a drop-down, looked up where it says."""
    sheet, _, cells = validation.formula1.partition("!")
    return [cell.value for row in book[sheet][cells.replace("$", "")] for cell in (row if isinstance(row, tuple) else (row,))]


@SHEETS
def test_a_template_is_understood_as_it_stands(everything, entity):
    """
    Every header of a template means a column, each column of the entity is there, and there are no rows.
    """
    with open_workbook(everything) as workbook:
        sheet = next(one for one in workbook.sheets if one.name == entity.sheet)
        binding = bind(entity, sheet.headers, sheet=sheet.name)
        assert [] == list(sheet.rows())
    assert "action" == binding.headers[0]
    meant = {re.sub(r"\.\d+(?=\.|$)", f".{POSITION}", header) for header in binding.headers}
    assert {column.name for column in entity.columns} == meant


def test_only_the_entities_sheets_are_input(everything, book):
    """
    The Guide stands first, the lists are hidden for good, and both are ignored when the template is run.
    """
    assert ["Guide", *ENTITIES, "_lists"] == book.sheetnames
    assert ("Guide", "veryHidden") == (book.active.title, book["_lists"].sheet_state)
    assert [] == [name for name in book.sheetnames if is_ignored(name) == (name in ENTITIES)]


@SHEETS
def test_cells_are_typed_as_text(book, entity):
    """
    Every column takes `0012` and `+46…` as text.
    """
    sheet = book[entity.sheet]
    typed = {
        number
        for dimension in sheet.column_dimensions.values()
        if dimension.number_format == "@"
        for number in range(dimension.min, dimension.max + 1)
    }
    assert set(range(1, sheet.max_column + 1)) == typed


def test_what_is_typed_is_read_as_typed(everything, tmp_path):
    """
    A filled template gives back the very texts, at their row numbers.
    """
    book = load_workbook(everything)
    book["locations"].append(["create", "0012"])
    book.save(tmp_path / "filled.xlsx")
    with open_workbook(tmp_path / "filled.xlsx") as workbook:
        sheet = next(one for one in workbook.sheets if one.name == "locations")
        ((number, cells),) = sheet.rows()
    assert (2, ["create", "0012"]) == (number, list(cells[:2]))


@SHEETS
def test_every_header_explains_itself(book, entity):
    """
    Each header has a comment; columns that a create needs say so there, never in the header.
    """
    sheet = book[entity.sheet]
    assert [] == [cell.value for cell in sheet[1] if not (cell.comment and cell.comment.text)]
    required = {column.name for column in entity.columns if column.spec.required and not column.is_part}
    marked = {cell.value for cell in sheet[1] if f"* Needed on {entity.default}." in cell.comment.text.splitlines()}
    assert required == {re.sub(r"\.\d+(?=\.|$)", f".{POSITION}", header) for header in marked}


@SHEETS
def test_windows_keep_within_excels_limits(book, entity):
    """
    Titles have at most 32 characters and texts at most 255, or Excel would call the file damaged.
    """
    found = validations(book[entity.sheet])
    assert set(headers_of(book[entity.sheet])) == set(found)
    assert all(len(one.promptTitle) <= 32 and 0 < len(one.prompt) <= 255 for one in found.values())
    assert all(len(one.error) <= 255 and len(one.errorTitle) <= 32 for one in found.values() if one.type == "list")


@SHEETS
def test_drop_downs_offer_what_is_allowed(book, entity):
    """
    Actions, booleans and choices are drop-downs; what is offered can be typed without a finding.
    """
    found = validations(book[entity.sheet])
    assert [action.operation for action in entity.actions] == offered(book, found["action"])
    for column in entity.columns:
        validation = found[column.at()]
        expected = (
            "list" if column.name == "action" or column.kind is Kind.BOOLEAN or column.spec.choices or column.spec.advised_choices else None
        )
        assert (column.name, expected) == (column.name, validation.type if validation.type == "list" else None)
        assert "2:10001" == re.sub("[A-Z]", "", str(validation.sqref))


def test_required_columns_look_different(lamps):
    """
    Needed, probably needed and other columns have headers of three colours.
    """
    sheet = lamps()["lamps"]
    fills = {cell.value: cell.fill.fgColor.rgb for cell in sheet[1]}
    assert ("FF1E3A5F", "FF6F93B8", "FFD9E2EC") == (fills["lampName"], fills["socket"], fills["watts"])


@pytest.mark.parametrize(
    ("header", "values", "style"),
    [
        ("action", ["update"], "stop"),
        ("colour", ["red", "green", CLEAR], "stop"),
        ("rooms", ["hall", "attic", CLEAR], "warning"),
        ("socket", ["E14", "E27"], "warning"),
        ("dimmed", ["TRUE", "FALSE"], "stop"),
    ],
    ids=["action", "choices", "several in one cell", "advised", "boolean"],
)
def test_a_list_refuses_only_what_must_be_wrong(lamps, header, values, style):
    """
    A complete list stops other values; one that is only probable, or of which a cell takes several, warns.
    """
    book = lamps()
    validation = validations(book["lamps"])[header]
    # Stopping is a validation's default and is not written.
    assert (values, style) == (offered(book, validation), validation.errorStyle or "stop")


def test_error_texts_name_what_is_allowed(lamps):
    """
    The window that refuses a value says what to type instead.
    """
    found = validations(lamps()["lamps"])
    assert "Type one of red, green, <clear>, or leave the cell blank." == found["colour"].error
    assert "Type one of E14, E27, or keep what you typed if you know that PM takes it." == found["socket"].error


def test_long_lists_are_named_in_full_where_there_is_room(lamps):
    """
    A long list stands whole in the drop-down; the error text shortens the list, never the advice.
    """
    book = lamps()
    validation = validations(book["lamps"])["model"]
    assert MODELS == tuple(offered(book, validation))
    assert 255 >= len(validation.error)
    assert validation.error.endswith("…, or keep what you typed if you know that PM takes it.")


def test_notes_tell_what_to_type(lamps):
    """
    A comment has label, need, help, rule, allowed values and example in plain words, and says that secrets are masked.
    """
    sheet = lamps()["lamps"]
    notes = {cell.value: cell.comment.text for cell in sheet[1]}
    assert "Lamp name\n* Needed on update.\nWhat it is called.\nExample: L1" == notes["lampName"]
    assert "Socket\nPM probably needs it on update.\nUsually E14 or E27." == notes["socket"]
    assert "Watts\nType a number from 1 to 100." == notes["watts"]
    assert f"Code\nSwitches it on.\nShown as {MASK} in the results." == notes["code"]
    assert "Tags\nSeparate several by ;" == notes["tags"]
    assert "Bulbs 2 kind" == notes["bulbs.2.kind"]


def test_live_values_are_offered_but_never_required(lamps):
    """
    A live PM's values take the place of the declared ones in every position of a list, and others are warned of only; other columns stay.
    """
    book = lamps(choices={"lamps.bulbs.N.subsystemName": ["MX1", "MX2"], "lamps.colour": ["blue"], "others.socket": ["B22"]})
    found = validations(book["lamps"])
    for header, values in (
        ("bulbs.1.subsystemName", ["MX1", "MX2"]),
        ("bulbs.2.subsystemName", ["MX1", "MX2"]),
        ("colour", ["blue"]),
        ("socket", ["E14", "E27"]),
    ):
        assert (header, values, "warning") == (header, offered(book, found[header]), found[header].errorStyle)
    assert "list" != found["subsystemName"].type


def test_live_words_stand_with_the_others(lamps):
    """
    What is known of a live PM is said in the header's comment and beside the cells, whatever its length.
    """
    sheet = lamps(notes={"lamps.watts": "PM has 60 and 100.", "lamps.code": "Long. " * 90})["lamps"]
    notes = {cell.value: cell.comment.text for cell in sheet[1]}
    assert "Watts\nType a number from 1 to 100.\nPM has 60 and 100." == notes["watts"]
    assert "Type a number from 1 to 100.\nPM has 60 and 100." == validations(sheet)["watts"].prompt
    assert "Long. " * 90 in notes["code"]
    assert 255 >= len(validations(sheet)["code"].prompt)


def test_lists_get_two_positions(lamps):
    """
    The columns of a list of objects stand together, position by position.
    """
    headers = headers_of(lamps()["lamps"])
    expected = ["bulbs.1.kind", "bulbs.1.subsystemName", "bulbs.2.kind", "bulbs.2.subsystemName"]
    assert expected == [header for header in headers if header.startswith("bulbs.")]


def test_header_and_key_stay_in_sight(book):
    """
    The header row, the action and the column that names the object are frozen, and every column can be filtered.
    """
    sheet = book["users"]
    assert "C2" == sheet.freeze_panes
    assert f"A1:{column_letter(sheet.max_column - 1)}10001" == sheet.auto_filter.ref


def test_the_guide_explains_every_column(book):
    """
    The Guide has the rules of filling in, the next commands, and a line for each column of each sheet.
    """
    lines = [[cell.value for cell in row] for row in book["Guide"].iter_rows()]
    said = "\n".join(str(cell) for cell in itertools.chain.from_iterable(lines) if cell)
    for word in (
        CLEAR,
        "_ or #",
        "separated by ;",
        MASK,
        "pmbulk check FILE",
        "pmbulk plan FILE",
        "pmbulk run FILE",
        "pmbulk rerun RESULTS",
    ):
        assert word in said
    for entity in ENTITIES.values():
        start = next(number for number, line in enumerate(lines) if line[:2] == [entity.sheet, entity.help]) + 2
        named = [line[0] for line in itertools.takewhile(lambda line: line[0], lines[start:])]
        assert sorted(column.at() for column in entity.columns) == sorted(named)


def test_two_templates_are_the_same_file(tmp_path):
    """
    Made again from the same declarations, a template does not differ by a byte.
    """
    for name in ("one.xlsx", "two.xlsx"):
        write_template(tmp_path / name, list(ENTITIES.values()))
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """
    A folder that does not exist ends in a sentence.
    """
    place = tmp_path / "gone" / "users.xlsx"
    with pytest.raises(WorkbookError) as caught:
        write_template(place, [LAMPS])
    assert f"The template cannot be written to {place} (No such file or directory). Give another place with -o." == str(caught.value)


def test_a_template_never_takes_the_place_of_a_file(tmp_path):
    """
    Where a file is in the way the next free name is taken.
    """
    place = tmp_path / "users.xlsx"
    place.write_text("mine", "utf-8")
    assert (tmp_path / "users-2.xlsx", "mine") == (write_template(place, [LAMPS]), place.read_text("utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk_leaves_no_half_file(tmp_path):
    """
    A template that cannot be finished does not stand in the way of the next try.
    """
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); "
        "from pmbulk.cli.main import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code, "template", "users"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (2, []) == (ended.returncode, list(tmp_path.glob("*")))
    assert ended.stderr.startswith("The template cannot be written to users-template.xlsx (File too large).")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_keeps_what_a_template_has(everything, book, tmp_path):
    """
    Opened and saved by LibreOffice, a template has the same cells, comments and drop-downs.
    """
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(everything)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    saved = load_workbook(tmp_path / "saved" / everything.name)
    assert book.sheetnames == saved.sheetnames
    for name in book.sheetnames:
        before, after = ([[cell.value for cell in row] for row in one[name].iter_rows()] for one in (book, saved))
        assert before == [row[: len(before[0])] for row in after[: len(before)]]
    for name in ENTITIES:
        assert headers_of(book[name]) == headers_of(saved[name])
        assert [cell.comment.text for cell in book[name][1]] == [cell.comment.text for cell in saved[name][1]]
        lists = [{header for header, one in validations(opened[name]).items() if one.type == "list"} for opened in (book, saved)]
        assert lists[0] == lists[1]
