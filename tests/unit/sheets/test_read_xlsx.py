# ruff: noqa: DTZ001 - spreadsheets keep times without a zone
from __future__ import annotations

import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pmbulk.entities.cells import CellError, is_blank
from pmbulk.errors import WorkbookError
from pmbulk.sheets.package import CHUNK
from pmbulk.sheets.read import open_workbook
from pmbulk.sheets.xlsx_quick import row_pattern

TRANSITIONAL = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
STRICT = ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships")

HEADER = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="49"/></cellXfs>'
    '<dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs>'
)


def write(path: Path, rows: str, *, strings="", before="", spaces=TRANSITIONAL, prefix="", settings=""):
    """An .xlsx of one sheet, with exactly this XML inside `sheetData`."""
    space, relations = spaces
    main = f'xmlns="{space}" xmlns:r="{relations}"'
    packaged = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = {"worksheet": "worksheets/sheet1.xml", "styles": "/xl/styles.xml", "sharedStrings": "sharedStrings.xml"}
    targets = "".join(f'<Relationship Id="{kind}" Type="{relations}/{kind}" Target="{target}"/>' for kind, target in kinds.items())
    sheet = f"<worksheet {main}>{before}<sheetData>{rows}</sheetData></worksheet>"
    if prefix:
        sheet = (
            sheet.replace("</", "<\0")
            .replace("<", f"<{prefix}:")
            .replace(f"<{prefix}:\0", f"</{prefix}:")
            .replace("xmlns=", f"xmlns:{prefix}=")
        )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{packaged}"><Relationship Id="w" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main}>{settings}<sheets><sheet name="users" sheetId="1" r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packaged}">{targets}</Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": f"<styleSheet {main}>{STYLES}</styleSheet>",
        "xl/sharedStrings.xml": f"<sst {main}>{strings}</sst>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rows_of(path: Path):
    with open_workbook(path) as workbook:
        return list(workbook.sheets[0].rows())


def with_sheet(path: Path, change, *, encoding="utf-8") -> Path:
    """A copy of the workbook with the XML of its only sheet changed."""
    copy = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()).encode(encoding) if name.endswith("/sheet1.xml") else old.read(name))
    return copy


def plain(row: str) -> bool:
    """Whether a row needs no parser."""
    return row_pattern(row).fullmatch(row) is not None


#: Blank rows, so long that a sheet with them is not read at once: then its rows are read by pattern where they can be.
FILLER = "".join(f'<row r="{number}" spans="{"1:4 " * 256}"><c r="A{number}" s="3"/></row>' for number in range(500_000, 500_300))
SIZES = pytest.mark.parametrize("filler", ["", FILLER], ids=["small", "large"])


CELLS = [
    pytest.param('<c r="A2"><f>1+1</f></c>', CellError("formula"), id="formula without value"),
    pytest.param('<c r="A2"><f>1+1</f><v/></c>', CellError("formula"), id="formula with an empty value"),
    pytest.param('<c t="inlineStr"><is><t>x</t></is></c>', "x", id="no reference"),
    pytest.param('<c t="inlineStr" r="A2"><is><t>x</t></is></c>', "x", id="other order of attributes"),
    pytest.param("<c r='A2'><v>1</v></c>", 1, id="single quotes"),
    pytest.param('<c r="A2" t="inlineStr"><is><t><![CDATA[<x>]]></t></is></c>', "<x>", id="CDATA"),
    pytest.param('<c r="A2" t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>b</t></rPh></is></c>', "a", id="reading aid"),
    pytest.param('<c r="A2" t="inlineStr"><is><t> a </t></is></c>', "a", id="blanks that Excel drops too"),
    pytest.param('<c r="A2" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>', " a ", id="kept blanks"),
]
#: Plain for the pattern, but told by their text to need the parser.
ESCAPED_CELLS = [
    pytest.param('<c r="A2" t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is></c>', "a\rb_x000D_", id="escapes"),
    pytest.param('<c r="A2" t="str"><f>"x"</f><v> x_x000D_</v></c>', " x\r", id="formula with escapes"),
    pytest.param('<c r="A2" t="inlineStr"><is><t>&#233;&amp;</t></is></c>', "é&", id="numbered character"),
]
PLAIN_CELLS = [
    pytest.param('<c r="A2" t="e"><v>#REF!</v></c>', CellError("#REF!"), id="error"),
    pytest.param('<c r="A2"><f t="shared" si="0"/><v>2</v></c>', 2, id="formula with value"),
    pytest.param('<c r="A2" t="e"><f>NA()</f><v>#N/A</v></c>', CellError("#N/A"), id="formula with error"),
    pytest.param('<c r="A2" s="1"><v>123</v></c>', "00123", id="leading zeros"),
    pytest.param('<c r="A2" s="2"><v>45351</v></c>', date(2024, 2, 29), id="date"),
    pytest.param('<c r="A2" t="d"><v>2024-02-29</v></c>', date(2024, 2, 29), id="ISO date"),
    pytest.param('<c r="A2" t="d"><v>2024-02-29T13:30:00</v></c>', datetime(2024, 2, 29, 13, 30), id="ISO date and time"),
    pytest.param('<c r="A2" t="d"><v>13:30:00</v></c>', time(13, 30), id="ISO time"),
    pytest.param('<c r="A2"><v>5</v></c>', 5, id="whole number"),
    pytest.param('<c r="A2" s="3"><v>5</v></c>', 5, id="number formatted as text later"),
    pytest.param('<c r="A2" t="n"><v>4.35</v></c>', 4.35, id="fraction"),
    pytest.param('<c r="A2"><v>1.2345678901234567E+19</v></c>', 12345678901234567168, id="number with lost digits"),
    pytest.param('<c r="A2" t="b"><v>1</v></c>', True, id="true"),
    pytest.param('<c r="A2" t="b"><v>0</v></c>', False, id="false"),
    pytest.param('<c r="A2" t="s"><v>0</v></c>', "0012", id="shared text"),
    pytest.param('<c r="A2" t="s" s="3"><v>0</v></c>', "0012", id="type before style"),
    pytest.param('<c r="A2" t="s"><v>1</v></c>', " a b ", id="formatted text with blanks"),
    pytest.param('<c r="A2" t="inlineStr"><is><t>&lt;clear&gt; &amp; =1+1</t></is></c>', "<clear> & =1+1", id="entities"),
    pytest.param('<c r="A2" t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>', " a", id="kept blank"),
    pytest.param('<c r="A2" t="str"><f>"x"</f><v> x</v></c>', " x", id="formula with text"),
]
STRINGS = '<si><t>0012</t></si><si><r><rPr><b/></rPr><t xml:space="preserve"> a</t></r><r><t xml:space="preserve"> b </t></r><rPh sb="0" eb="1"><t>z</t></rPh></si>'


@SIZES
@pytest.mark.parametrize(("cell", "value"), [*CELLS, *ESCAPED_CELLS, *PLAIN_CELLS])
def test_every_kind_of_cell(tmp_path, cell, value, filler):
    """
    Each way to write a cell gives the value that Excel shows, in a small sheet as in a large one.
    """
    path = write(tmp_path / "x.xlsx", f'{HEADER}<row r="2">{cell}</row>{filler}', strings=STRINGS)

    ((number, (first, second)),) = rows_of(path)

    assert (2, type(value), value, None) == (number, type(first), first, second)


@pytest.mark.parametrize(("cell", "_value"), CELLS)
def test_unusual_cells_go_to_the_parser(cell, _value):
    """
    A pattern that is not sure of a cell leaves the row alone.
    """
    assert not plain(f'<row r="2">{cell}</row>')


@pytest.mark.parametrize(("cell", "_value"), PLAIN_CELLS)
def test_plain_cells_need_no_parser(cell, _value):
    """
    What spreadsheet programs write by the thousand is known to the pattern.
    """
    assert plain(f'<row r="2" spans="1:2" s="3" ht="15.75">{cell}</row>')


@SIZES
@pytest.mark.parametrize("place", ["C2", "XFD2", "A1048576", "XFD1048576"])
def test_a_value_far_away_costs_nothing_and_is_delivered(tmp_path, place, filler):
    """
    A value right of the headers lengthens its own row only; one in the sheet's last corner neither aborts nor fills the memory.
    """
    row = int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    near = '<row r="2"><c r="A2"><v>1</v></c></row>' if row > 2 else ""
    path = write(tmp_path / "x.xlsx", f'{HEADER}{near}{filler}<row r="{row}"><c r="{place}"><v>7</v></c></row>')

    *_, (number, cells) = rows_of(path)

    width = {"A": 2, "C": 3, "X": 16384}[place[0]]
    assert (row, width, 7) == (number, len(cells), cells[0 if place[0] == "A" else -1])


def test_a_column_that_no_sheet_has_is_damage(tmp_path):
    """
    A cell beyond XFD is reported before it fills the memory.
    """
    path = write(tmp_path / "x.xlsx", f'{HEADER}<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>')

    with pytest.raises(WorkbookError, match="row 2 has a cell in column ZZZZZZ"):
        rows_of(path)


def test_a_formatted_blank_column_is_not_a_value(tmp_path):
    """
    Blank cells right of the headers, formatted down to the last row, leave no trace in the rows.
    """
    path = write(
        tmp_path / "x.xlsx", f'{HEADER}<row r="2"><c r="A2"><v>1</v></c><c r="D2" s="3"/></row><row r="3" s="3"><c r="A3" s="3"/></row>'
    )

    assert [(2, [1, None])] == rows_of(path)


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "C7:D9"])
def test_the_declared_dimension_is_not_believed(tmp_path, dimension):
    """
    A wrong `<dimension>` neither cuts the sheet nor blows it up.
    """
    rows = f'{HEADER}<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'

    assert [(2, [1, 2])] == rows_of(write(tmp_path / "x.xlsx", rows, before=f'<dimension ref="{dimension}"/>'))


@SIZES
def test_a_table_that_starts_elsewhere_keeps_its_place(tmp_path, filler):
    """
    Cells are counted from column A and rows from row 1, even where those are blank; then there are no headers.
    """
    path = write(tmp_path / "x.xlsx", f'<row r="3"><c r="C3"><v>1</v></c></row><row r="5"><c r="D5"><v>2</v></c></row>{filler}')

    with open_workbook(path) as workbook:
        (sheet,) = workbook.sheets
        assert () == sheet.headers
        assert [(3, [None, None, 1]), (5, [None, None, None, 2])] == list(sheet.rows())


@SIZES
@pytest.mark.parametrize("prefix", ["", "x"], ids=["default namespace", "prefixed"])
@pytest.mark.parametrize("spaces", [TRANSITIONAL, STRICT], ids=["transitional", "strict"])
def test_both_namespaces_and_prefixes_are_read(tmp_path, spaces, prefix, filler):
    """
    Strict Open XML and writers that prefix every tag read like any other file.
    """
    rows = f'{HEADER}<row r="2"><c r="A2" t="s"><v>0</v></c></row>{filler}'
    path = write(tmp_path / "x.xlsx", rows, strings=STRINGS, spaces=spaces, prefix=prefix)

    assert [(2, ["0012", None])] == rows_of(path)


def test_days_may_count_from_1904(tmp_path):
    """
    A workbook from an old Mac counts its days from 1904.
    """
    path = write(tmp_path / "x.xlsx", f'{HEADER}<row r="2"><c r="A2" s="2"><v>1</v></c></row>', settings='<workbookPr date1904="1"/>')

    assert [(2, [date(1904, 1, 2), None])] == rows_of(path)


def test_merged_cells_hold_their_value_once(tmp_path):
    """
    Of merged cells only the first has the value.
    """
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active["A2"] = "x"
    book.active.merge_cells("A2:B3")
    book.save(tmp_path / "x.xlsx")

    assert [(2, ["x", None])] == rows_of(tmp_path / "x.xlsx")


def test_a_document_type_is_refused(tmp_path):
    """
    XML that defines entities, the way to make a small file huge, is not read.
    """
    path = write(tmp_path / "x.xlsx", "&bomb;")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY bomb "x">]><worksheet>&bomb;</worksheet>')

    with pytest.raises(WorkbookError, match="declares a document type"):
        open_workbook(path)


def test_a_text_that_does_not_exist_is_damage(tmp_path):
    """
    A reference beyond the shared texts is reported, not read as blank.
    """
    rows = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>1</v></c></row>' for number in range(2, 9999))
    path = write(tmp_path / "x.xlsx", f'{HEADER}{rows}<row r="9999"><c r="A9999" t="s"><v>9</v></c></row>', strings=STRINGS)

    with pytest.raises(WorkbookError) as caught:
        rows_of(path)

    assert (
        "x.xlsx is damaged (a cell refers to shared text 9, which does not exist); open it in Excel, save it under a new name and use that file"
    ) == str(caught.value)


def test_openpyxl_moments_and_formats(tmp_path):
    """
    Dates, times and durations come back as they were written.
    """
    values = [date(1900, 1, 5), date(1999, 12, 31), datetime(2024, 2, 29, 23, 59, 59), time(8, 15), timedelta(hours=30)]
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c", "d", "e"])
    book.active.append(values)
    book.save(tmp_path / "x.xlsx")

    assert [(2, values)] == rows_of(tmp_path / "x.xlsx")


def test_long_texts_arrive_in_one_piece(tmp_path):
    """
    Rows are read whole wherever what is read at a time ends, one that is longer than that included.
    """
    book = xlsxwriter.Workbook(tmp_path / "x.xlsx", {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list("abcdefghij"))
    lengths = [*range(20_000, 32_000, 1000), *[32_000] * 10]
    rows = [[f"{number:05}" * (length // 5)] * (10 if length == 32_000 else 1) for number, length in enumerate(lengths)]
    assert max(sum(map(len, row)) for row in rows) > CHUNK
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    book.close()

    assert [(number, [*row, *[None] * (10 - len(row))]) for number, row in enumerate(rows, start=2)] == rows_of(tmp_path / "x.xlsx")


ODD = [
    pytest.param('<row r="3"><c r="A3"><!-- a note --><v>3</v></c></row>', [3, None], id="comment in a row"),
    pytest.param('<!-- <row r="9"><c r="A9"><v>9</v></c></row> --><row r="3"><c r="A3"><v>3</v></c></row>', [3, None], id="rows in a comment"),
    pytest.param('<?x </row> ?><row r="3"><c r="A3"><v>3</v></c></row>', [3, None], id="instruction"),
    pytest.param('<row r="3"/><row r="3"><c r="A3"><v>3</v></c></row>', [3, None], id="blank row"),
    pytest.param('<row r="3"><c r="B3"><v>2</v></c><c r="A3"><v>3</v></c></row>', [3, 2], id="cells out of order"),
    pytest.param('<row r="3"><c r="A3" t="inlineStr"><is><t>&#233;&#10;&amp;</t></is></c></row>', ["é\n&", None], id="numbered characters"),
    pytest.param('<row r="3"><c r="A3" t="str"><v>a\r\nb</v></c></row>', ["a\nb", None], id="line end of Windows"),
    pytest.param('<row>\n  <c><v>3</v></c>\n</row>', [3, None], id="no places"),
    pytest.param('<row r="3"><c r="A3"><v>3</v></c><c r="D3"><v>4</v></c></row>', [3, None, None, 4], id="right of the headers"),
    pytest.param('<row r="3"><c r="A3" s="1" t="b"><v>1</v></c><c r="B3" cm="1" t="str"><f t="array" ref="B3">x</f><v>y</v></c></row>', [True, "y"], id="array"),
]  # fmt: skip


@SIZES
@pytest.mark.parametrize(("odd", "cells"), ODD)
def test_an_odd_row_among_plain_ones_is_read_in_its_place(tmp_path, odd, cells, filler):
    """
    Where the parser has to stand in, the rows before and after are as they would be without.
    """
    before, after = (f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>' for number in (2, 4))

    path = write(tmp_path / "x.xlsx", f"{HEADER}{before}{odd}{after}{filler}")

    assert [(2, [2, None]), (3, cells), (4, [4, None])] == rows_of(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
@SIZES
def test_the_declared_encoding_is_believed(tmp_path, encoding, filler):
    """
    Sheets in another encoding than the usual one are read all the same.
    """
    path = write(tmp_path / "x.xlsx", f'{HEADER}<row r="2"><c r="A2" t="str"><v>Åsa</v></c></row>{filler}')

    changed = with_sheet(path, lambda xml: f'<?xml version="1.0" encoding="{encoding}"?>{xml}', encoding=encoding)

    assert [(2, ["Åsa", None])] == rows_of(changed)


TEXTS_OF_ALL_KINDS = [
    ("<si><t>a</t></si>", "a"),
    ("<si><t/></si>", None),
    ("<si><t></t></si>", None),
    ('<si><t xml:space="preserve"> b </t></si>', " b "),
    ("<si><t> c </t></si>", "c"),
    ("<si><t>R&amp;D &lt;x&gt;</t></si>", "R&D <x>"),
    ("<si><t>&#233;</t></si>", "é"),
    ("<si><t>d_x000D_</t></si>", "d\r"),
    ("<si><r><rPr><b/></rPr><t>e</t></r><r><t>f</t></r></si>", "ef"),
    ('<si><t>g</t><phoneticPr fontId="1"/></si>', "g"),
    ("<si><t><![CDATA[</si><si>]]></t></si>", "</si><si>"),
]


@SIZES
@pytest.mark.parametrize("odd", range(len(TEXTS_OF_ALL_KINDS)), ids=lambda index: TEXTS_OF_ALL_KINDS[index][0])
def test_shared_texts_of_every_kind_keep_their_numbers(tmp_path, odd, filler):
    """
    A text that is written in an unusual way does not shift those after it.
    """
    usual = [f"<si><t>{number}</t></si>" for number in range(20_000 if filler else 20)]
    middle, (written, text) = len(usual) // 2, TEXTS_OF_ALL_KINDS[odd]
    strings = "".join([*usual[:middle], written, *usual[middle:]])
    places = {2: 0, 3: middle - 1, 4: middle, 5: middle + 1, 6: len(usual)}
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{index}</v></c><c r="B{row}"><v>0</v></c></row>' for row, index in places.items()
    )

    values = ["0", str(middle - 1), text, str(middle), str(len(usual) - 1)]
    assert [(row, [value, 0]) for row, value in zip(places, values, strict=True)] == rows_of(
        write(tmp_path / "x.xlsx", HEADER + rows, strings=strings)
    )


# Characters that XML cannot hold are left out, and the underscore, because openpyxl does not escape `_x0041_` and a lone CR.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff", include_characters="\n\t"), max_size=12)
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(10**15), 10**15),
    st.integers(-(10**12), 10**12).map(lambda number: number / 1000),
    st.booleans(),
    st.sampled_from(["0012", "=1+1", "NA", "#N/A", "+4670"]),
)


@settings(max_examples=60)
@given(rows=st.lists(st.lists(VALUES, max_size=4), max_size=8), large=st.booleans())
@example(rows=[["0", " "]], large=True)
def test_what_was_written_is_read(rows, large):
    """
    Any workbook of texts, numbers and truths reads back exactly, with its row numbers, in a small sheet as in a large one.
    """
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c", "d"])
    for number, values in enumerate(rows, start=2):
        for column, value in enumerate(values, start=1):
            cell = book.active.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        book.save(path)
        read = dict(rows_of(with_sheet(path, lambda xml: xml.replace("</sheetData>", f"{FILLER}</sheetData>")) if large else path))

    assert [number for number, values in enumerate(rows, start=2) if not all(map(is_blank, values))] == list(read)
    for number, cells in read.items():
        # openpyxl saves a text of nothing but XML's white space like an empty one.
        written = [None if isinstance(value, str) and not value.strip(" \t\n") else value for value in rows[number - 2]]
        written += [None] * (4 - len(written))
        expected = [int(value) if isinstance(value, float) and value.is_integer() else value for value in written]
        assert [(type(value), value) for value in expected] == [(type(cell), cell) for cell in cells]
