from __future__ import annotations

import struct
import zipfile
from datetime import date

import pytest
import python_calamine

from pmbulk.entities.cells import CellError
from pmbulk.errors import WorkbookError
from pmbulk.sheets.read import open_workbook

PACKAGED = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def record(number: int, body: bytes = b"") -> bytes:
    """One record of [MS-XLSB]: number and length in groups of seven bits, then the body."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length, size = b"", len(body)
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def cell(number: int, column: int, value: bytes, style: int = 0) -> bytes:
    return record(number, struct.pack("<II", column, style) + value)


def row(number: int) -> bytes:
    return record(0, struct.pack("<IIHHBI", number - 1, 0, 300, 0, 0, 0))


def write(path, rows: bytes):
    """An .xlsb of one worksheet and one chart sheet."""
    dimension = record(148, struct.pack("<IIII", 0, 9, 0, 3))
    relations = {
        "worksheet": "worksheets/sheet1.bin",
        "chartsheet": "chartsheets/sheet1.bin",
        "styles": "styles.bin",
        "sharedStrings": "sharedStrings.bin",
    }
    targets = "".join(f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>' for kind, target in relations.items())
    formats = [0, 164, 14]
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGED}"><Relationship Id="w" Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGED}">{targets}</Relationships>',
        "xl/workbook.bin": record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("chartsheet") + wide("Chart"))
        + record(156, struct.pack("<II", 1, 2) + wide("worksheet") + wide("användare"))
        + record(144)
        + record(132),
        "xl/styles.bin": record(278)
        + record(44, struct.pack("<H", 164) + wide("00000"))
        + record(626)
        + record(47, struct.pack("<HH12x", 0xFFFF, 14))
        + record(627)
        + record(617, struct.pack("<I", len(formats)))
        + b"".join(record(47, struct.pack("<HH12x", 0, number)) for number in formats)
        + record(618)
        + record(279),
        "xl/sharedStrings.bin": record(159, struct.pack("<II", 2, 2))
        + record(19, b"\0" + wide("0012"))
        + record(19, b"\1" + wide("Åsa 😀") + bytes(8))
        + record(160),
        "xl/worksheets/sheet1.bin": record(129) + dimension + record(145) + rows + record(146) + record(130),
        "xl/chartsheets/sheet1.bin": record(129) + record(130),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


HEADER = row(1) + cell(6, 0, wide("a")) + cell(6, 1, wide("b"))


def rk(number: int, *, flags: int) -> bytes:
    return struct.pack("<i", number << 2 | flags)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param(cell(7, 0, struct.pack("<I", 0)), "0012", id="shared text"),
        pytest.param(cell(7, 0, struct.pack("<I", 1)), "Åsa 😀", id="formatted shared text"),
        pytest.param(cell(6, 0, wide(" x ")), " x ", id="text in the cell"),
        pytest.param(cell(62, 0, b"\0" + wide("rich")), "rich", id="formatted text in the cell"),
        pytest.param(cell(6, 0, wide("x" * 300)), "x" * 300, id="long text"),
        pytest.param(cell(2, 0, rk(12, flags=2)), 12, id="whole number"),
        pytest.param(cell(2, 0, rk(-12, flags=2)), -12, id="negative number"),
        pytest.param(cell(2, 0, rk(123, flags=3)), 1.23, id="hundredths"),
        pytest.param(cell(2, 0, struct.pack("<d", 0.5)[4:]), 0.5, id="half of a double"),
        pytest.param(cell(5, 0, struct.pack("<d", 4.35)), 4.35, id="double"),
        pytest.param(cell(2, 0, rk(123, flags=2), style=1), "00123", id="leading zeros"),
        pytest.param(cell(5, 0, struct.pack("<d", 45351), style=2), date(2024, 2, 29), id="date"),
        pytest.param(cell(4, 0, b"\1"), True, id="true"),
        pytest.param(cell(3, 0, b"\x2a"), CellError("#N/A"), id="error"),
        pytest.param(cell(11, 0, b"\x17" + bytes(10)), CellError("#REF!"), id="formula with error"),
        pytest.param(cell(9, 0, struct.pack("<d", 2) + bytes(10)), 2, id="formula with number"),
        pytest.param(cell(8, 0, wide("x") + bytes(10)), "x", id="formula with text"),
        pytest.param(cell(10, 0, b"\0" + bytes(10)), False, id="formula with false"),
    ],
)
def test_every_kind_of_cell(tmp_path, written, value):
    """
    Each record of a cell gives the value that Excel shows; chart sheets are left out.
    """
    with open_workbook(write(tmp_path / "x.xlsb", HEADER + row(4) + written)) as workbook:
        (sheet,) = workbook.sheets
        assert ("användare", ("a", "b")) == (sheet.name, sheet.headers)
        ((number, (first, second)),) = sheet.rows()

    assert (4, type(value), value, None) == (number, type(first), first, second)


def test_blank_rows_and_cells_leave_no_trace(tmp_path):
    """
    Formatted blanks are no values, and rows of nothing else are left out.
    """
    rows = HEADER + row(2) + cell(1, 0, b"") + row(3) + cell(1, 5, b"") + cell(6, 6, wide("")) + row(9) + cell(4, 16383, b"\0")

    with open_workbook(write(tmp_path / "x.xlsb", rows)) as workbook:
        ((number, cells),) = workbook.sheets[0].rows()

    assert (9, 16384, False) == (number, len(cells), cells[-1])


def test_a_record_cut_short_is_damage(tmp_path):
    """
    A sheet that breaks off inside a record is reported.
    """
    path = write(tmp_path / "x.xlsb", HEADER + row(2) + b"\x06\x7f")

    with pytest.raises(WorkbookError, match="is damaged"), open_workbook(path) as workbook:
        list(workbook.sheets[0].rows())


def test_the_files_of_these_tests_are_real(tmp_path):
    """
    Another reader understands what these tests write.
    """
    rows = HEADER + row(2) + cell(7, 0, struct.pack("<I", 0)) + cell(2, 1, rk(12, flags=2))
    other = python_calamine.CalamineWorkbook.from_path(str(write(tmp_path / "x.xlsb", rows)))

    assert [["a", "b"], ["0012", 12]] == other.get_sheet_by_name("användare").to_python()
