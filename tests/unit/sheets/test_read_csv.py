from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.errors import WorkbookError
from pmbulk.sheets.read import open_workbook


def read(path: Path, content: bytes):
    path.write_bytes(content)
    with open_workbook(path) as workbook:
        (sheet,) = workbook.sheets
        return sheet.name, sheet.headers, list(sheet.rows())


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"], ids=["semicolon", "comma", "tab", "bar"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_delimiter_and_encoding_are_found(tmp_path, delimiter, encoding, ending):
    """
    Every usual delimiter, encoding and line ending reads the same, under the name of the file.
    """
    lines = [["userId", "name", "note"], ["0012", "Åsa", ""], ["NA", " Bo ", '"a; b, c"']]
    content = ending.join(delimiter.join(line) for line in lines)

    assert ("users", ("userId", "name", "note"), [(2, ["0012", "Åsa", None]), (3, ["NA", " Bo ", "a; b, c"])]) == read(
        tmp_path / "users.csv", content.encode(encoding)
    )


def test_row_numbers_count_records_as_excel_does(tmp_path):
    """
    A line break inside quotes does not count, a blank line does.
    """
    content = b'a,b\n"one\ntwo",1\n\n,\n"say ""hi""",2\n'

    assert [(2, ["one\ntwo", "1"]), (5, ['say "hi"', "2"])] == read(tmp_path / "x.csv", content)[2]


def test_a_declared_delimiter_is_honoured(tmp_path):
    """
    The first line ``sep=|`` names the delimiter and is no row.
    """
    assert ("x", ("a;b", "c"), [(2, ["1;2", "3"])]) == read(tmp_path / "x.csv", b"sep=|\r\na;b|c\r\n1;2|3\r\n")


def test_ragged_rows_keep_all_their_cells(tmp_path):
    """
    A short row is filled up to the headers, a long one keeps what is right of them.
    """
    assert [(2, ["1", None]), (3, ["1", "2", None, "4"])] == read(tmp_path / "x.csv", b"a,b\n1\n1,2,,4,,\n")[2]


def test_a_single_column_needs_no_delimiter(tmp_path):
    """
    A file of one column stays one column, even where a delimiter occurs below the header.
    """
    assert [(2, ["Smith, John"])] == read(tmp_path / "x.csv", b"name\nSmith, John\n")[2]


def test_lists_in_cells_do_not_win_over_the_delimiter(tmp_path):
    """
    The delimiter is the one that explains the header and the rows alike.
    """
    assert [(2, ["1", "a,b,c"]), (3, ["2", "a,b"])] == read(tmp_path / "x.csv", b"id;groups\n1;a,b,c\n2;a,b\n")[2]


def test_a_cell_that_looks_like_a_row_of_its_own_does_not_win_over_the_delimiter(tmp_path):
    """
    A delimiter that parts the header counts for more than one that parts a single row, or the lines of one cell.
    """
    _, headers, rows = read(tmp_path / "x.csv", b"first,second\na|b|c,,\n")
    assert (("first", "second"), [(2, ["a|b|c", None])]) == (headers, rows)

    _, headers, rows = read(tmp_path / "y.csv", b'first,second\n1,"a|b|c\nd|e|f\ng|h|i"\n')
    assert (("first", "second"), [(2, ["1", "a|b|c\nd|e|f\ng|h|i"])]) == (headers, rows)


def test_a_quotation_mark_that_never_closes_is_reported(tmp_path):
    """
    Rows are not swallowed by an open quotation mark.
    """
    with pytest.raises(WorkbookError) as caught:
        read(tmp_path / "x.csv", b'a,b\n1,2\n"3,4\n5,6\n')

    assert (
        "x.csv is damaged (row 3: unexpected end of data; look for a quotation mark that is out of place or never closes); "
        "open it in Excel, save it under a new name and use that file"
    ) == str(caught.value)


def test_bytes_that_no_encoding_explains_are_reported(tmp_path):
    """
    A byte that neither UTF-8 nor Windows-1252 knows is not guessed at.
    """
    with pytest.raises(WorkbookError, match="row 1 or one soon after it holds a character that is no text; save it as CSV UTF-8"):
        read(tmp_path / "x.csv", b"a,b\n\x81,1\n")


_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_TABLES = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(_TEXT, min_size=width, max_size=width), min_size=1))


@given(_TABLES)
def test_any_text_survives(records):
    """
    What the standard writer writes is read back exactly, in the rows it stands in.
    """
    named = ["first", "second", "third", "fourth"][: len(records[0])]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([named, *records])
    with tempfile.TemporaryDirectory() as folder:
        _, headers, rows = read(Path(folder) / "x.csv", text.getvalue().encode())

    expected = {number: record for number, record in enumerate(records, start=2) if any(cell.strip() for cell in record)}
    assert tuple(named) == headers
    assert [(number, [cell or None for cell in record]) for number, record in expected.items()] == rows


def test_a_title_above_the_headers_does_not_hide_the_delimiter(tmp_path):
    """
    A first line of one cell says nothing about what parts the cells of the others.
    """
    content = "Staff; as of March\n\nNo,Name,Site\n1,Åsa,A\n2,Bo,B\n".encode()
    assert [(3, ["No", "Name", "Site"]), (4, ["1", "Åsa", "A"]), (5, ["2", "Bo", "B"])] == read(tmp_path / "x.csv", content)[2]
