# ruff: noqa: DTZ001 - spreadsheets keep times without a zone
from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from pmbulk.entities.cells import CellError
from pmbulk.errors import WorkbookError
from pmbulk.sheets.read import open_workbook

SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)
HEADER = "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>"


def write(path, rows: str, *, tables="", manifest="<manifest/>"):
    """An .ods whose table *users* has the header a, b and then *rows*; *tables* come before it."""
    body = f'{tables}<table:table table:name="users">{HEADER}{rows}</table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        content = f"<office:document-content {SPACES}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", content)
    return path


def rows_of(path):
    with open_workbook(path) as workbook:
        return [row for sheet in workbook.sheets if sheet.name == "users" for row in sheet.rows()]


def cell(attributes: str, content: str = "") -> str:
    return f"<table:table-cell {attributes}>{content}</table:table-cell>"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param(cell('office:value-type="string"', "<text:p>0012</text:p>"), "0012", id="text"),
        pytest.param(
            cell('office:value-type="string"', "<text:p> a<text:s text:c='2'/>b<text:tab/></text:p><text:p>c</text:p>"),
            " a  b\t\nc",
            id="blanks",
        ),
        pytest.param(
            cell('office:value-type="string"', "<text:p>a <text:span>b</text:span><text:line-break/>c</text:p>"), "a b\nc", id="spans"
        ),
        pytest.param(cell('office:value-type="string" office:string-value="x"'), "x", id="text as attribute"),
        pytest.param(
            cell('office:value-type="string"', "<office:annotation><text:p>note</text:p></office:annotation><text:p>x</text:p>"),
            "x",
            id="note",
        ),
        pytest.param(cell('office:value-type="float" office:value="12"', "<text:p>12.00</text:p>"), 12, id="whole number"),
        pytest.param(cell('office:value-type="percentage" office:value="0.5"', "<text:p>50%</text:p>"), 0.5, id="percentage"),
        pytest.param(cell('office:value-type="float" office:value="123"', "<text:p>00123</text:p>"), "00123", id="leading zeros"),
        pytest.param(cell('office:value-type="float" office:value="46701"', "<text:p>+46701</text:p>"), "+46701", id="plus sign"),
        pytest.param(cell('office:value-type="float" office:value="0.5"', "<text:p>01</text:p>"), 0.5, id="rounded when shown"),
        pytest.param(cell('office:value-type="boolean" office:boolean-value="true"', "<text:p>WAHR</text:p>"), True, id="true"),
        pytest.param(cell('office:value-type="date" office:date-value="2024-02-29"'), date(2024, 2, 29), id="date"),
        pytest.param(
            cell('office:value-type="date" office:date-value="2024-02-29T13:30:00"'), datetime(2024, 2, 29, 13, 30), id="date and time"
        ),
        pytest.param(cell('office:value-type="time" office:time-value="PT08H15M00S"'), time(8, 15), id="time"),
        pytest.param(cell('office:value-type="time" office:time-value="PT30H00M01.5S"'), timedelta(hours=30, seconds=1.5), id="duration"),
        pytest.param(
            cell(
                'table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error"',
                "<text:p>#N/A</text:p>",
            ),
            CellError("#N/A"),
            id="error",
        ),
        pytest.param(
            cell('table:formula="of:=1/0" office:value-type="float" office:value="0"', "<text:p>Err:508</text:p>"),
            CellError("Err:508"),
            id="error of old files",
        ),
        pytest.param(cell('office:value-type="string"', "<text:p>#N/A</text:p>"), "#N/A", id="error typed as text"),
        pytest.param(cell('table:formula="of:=1+1"'), CellError("formula"), id="formula without value"),
        pytest.param(
            cell('table:formula="of:=1+1" office:value-type="float" office:value="2"', "<text:p>2</text:p>"), 2, id="formula with value"
        ),
    ],
)
def test_every_kind_of_cell(tmp_path, written, value):
    """
    Each way to write a cell gives the value that its reader sees.
    """
    ((number, (first, second)),) = rows_of(write(tmp_path / "x.ods", f"<table:table-row>{written}</table:table-row>"))

    assert (2, type(value), value, None) == (number, type(first), first, second)


def test_repetition_costs_nothing_and_keeps_row_numbers(tmp_path):
    """
    Blank rows and cells repeated to the sheet's end leave no trace; repeated values are repeated.
    """
    value = cell('office:value-type="string" table:number-columns-repeated="2"', "<text:p>x</text:p>")
    blank = cell('table:number-columns-repeated="16384"')
    rows = (
        f'<table:table-row table:number-rows-repeated="5">{blank}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{value}{blank}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    )

    assert [(7, ["x", "x"]), (8, ["x", "x"])] == rows_of(write(tmp_path / "x.ods", rows))


def test_what_lies_below_a_merged_cell_is_not_seen(tmp_path):
    """
    Of merged cells only the first has its value.
    """
    covered = '<table:covered-table-cell office:value-type="string"><text:p>y</text:p></table:covered-table-cell>'

    assert [(2, ["x", None])] == rows_of(
        write(tmp_path / "x.ods", f"<table:table-row>{cell('', '<text:p>x</text:p>')}{covered}</table:table-row>")
    )


def test_remembered_and_empty_tables(tmp_path):
    """
    Cells that LibreOffice remembers of linked workbooks and of deleted changes are no sheets; an empty table is one.
    """
    tables = (
        "<table:tracked-changes><table:table-row><table:table-cell><text:p>old</text:p></table:table-cell></table:table-row></table:tracked-changes>"
        """<table:table table:name="'file:///other.ods'#$Sheet1"/><table:table table:name="empty"/>"""
    )

    with open_workbook(write(tmp_path / "x.ods", "", tables=tables)) as workbook:
        assert [("empty", ()), ("users", ("a", "b"))] == [(sheet.name, sheet.headers) for sheet in workbook.sheets]


def test_a_password_is_named(tmp_path):
    """
    An encrypted document says that the password must go.
    """
    path = write(tmp_path / "x.ods", "", manifest="<manifest><encryption-data/></manifest>")

    with pytest.raises(WorkbookError, match=r"x\.ods is protected by a password"):
        open_workbook(path)
