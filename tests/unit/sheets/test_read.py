# ruff: noqa: DTZ001 - spreadsheets keep times without a zone
from __future__ import annotations

import hashlib
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from pmbulk.entities.cells import CellError
from pmbulk.errors import WorkbookError
from pmbulk.sheets.read import open_workbook

SAMPLES = Path(__file__).parents[2] / "data" / "read"

HEADERS = ("text", "num", "pad", "plus", "date", "when", "time", "dur", "bool", "err", "formula", "sep")
MOMENTS = [date(2024, 2, 29), datetime(2024, 2, 29, 13, 30), time(8, 15), timedelta(hours=30)]
ROWS = [
    (2, ["0012", 12, "00123", "+4670123", *MOMENTS, True, CellError("#N/A"), 2, "012-345"]),
    (3, ["  two  blanks \n line", 1.5, *[None] * 7, CellError("#DIV/0!"), None, None]),
    (4, ["=1+1", *[None] * 11]),
    (7, [None, 1234567890123456, *[None] * 10]),
    (8, [None, -5, *[None] * 7, CellError("#NAME?"), CellError("#N/A"), None]),
    (9, ["merged", *[None] * 11]),
]


def read_all(path: Path):
    """Every row of every sheet."""
    with open_workbook(path) as workbook:
        return [list(sheet.rows()) for sheet in workbook.sheets]


@pytest.fixture
def simple(tmp_path):
    path = tmp_path / "users.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["userId", "name"])
    book.active.append(["0012", "Åsa"])
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["values.xls", "values.ods"])
def test_older_formats_give_the_values_that_their_reader_sees(name):
    """
    Texts, formats with leading zeros, moments, errors and row numbers come out of .xls and .ods as LibreOffice wrote them.
    """
    with open_workbook(SAMPLES / name) as workbook:
        users, hidden = workbook.sheets

        assert ("users", HEADERS) == (users.name, users.headers)
        assert ROWS == list(users.rows())
        assert ROWS == list(users.rows())
        assert ("hidden one", ("x",), []) == (hidden.name, hidden.headers, list(hidden.rows()))


def test_the_fingerprint_is_that_of_the_files_bytes(simple):
    """
    A workbook carries the SHA-256 of its file.
    """
    with open_workbook(simple) as workbook:
        assert hashlib.sha256(simple.read_bytes()).hexdigest() == workbook.sha256
        assert simple == workbook.path


def test_content_outweighs_a_wrong_extension(simple, tmp_path):
    """
    An .xlsx file that someone named .xls is read as what it is.
    """
    renamed = simple.rename(tmp_path / "export.xls")
    with open_workbook(renamed) as workbook:
        assert [(2, ["0012", "Åsa"])] == list(workbook.sheets[0].rows())


def test_the_file_is_released(simple):
    """
    After the `with` block the file is closed.
    """
    with open_workbook(simple) as workbook:
        pass

    assert workbook.stream.closed


def test_chart_sheets_are_left_out_and_hidden_ones_are_not(tmp_path):
    """
    Only worksheets are listed, in file order, whether visible or not.
    """
    book = openpyxl.Workbook()
    book.create_chartsheet("Chart", 0)
    book.create_sheet("lists").sheet_state = "veryHidden"
    book.create_sheet("users & co").append(["a"])
    book.save(tmp_path / "book.xlsx")

    with open_workbook(tmp_path / "book.xlsx") as workbook:
        assert ["Sheet", "lists", "users & co"] == [sheet.name for sheet in workbook.sheets]
        assert [(), (), ("a",)] == [sheet.headers for sheet in workbook.sheets]
        assert [[], [], []] == [list(sheet.rows()) for sheet in workbook.sheets]


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "~$users.xlsx", b"x", "~$users.xlsx is the lock file that Excel keeps beside an open workbook; choose users.xlsx", id="lock"
        ),
        pytest.param(
            "users.pdf", b"x", "users.pdf is not a workbook that can be read; use one of .xlsx .xlsm .xlsb .xls .ods .csv", id="extension"
        ),
        pytest.param("users.xlsx", b"", "users.xlsx is empty: the file holds no bytes", id="empty"),
        pytest.param("users.csv", b"", "users.csv is empty: the file holds no bytes", id="empty csv"),
        pytest.param(
            "users.xls",
            b"<html><table>",
            "users.xls is not a workbook, whatever its name says; open it in Excel and save it as .xlsx",
            id="web page",
        ),
        pytest.param(
            "users.xlsx",
            ENCRYPTED,
            "users.xlsx is protected by a password; open it in Excel, remove the password and save it",
            id="password",
        ),
        pytest.param(
            "users.csv",
            b"a,b\r\n\0,1\r\n",
            "users.csv is not text (it holds bytes that no text has); save it as CSV, or give it the extension of what it is",
            id="binary csv",
        ),
        pytest.param(
            "users.xlsx",
            b"PK\x03\x04 and no more",
            "users.xlsx is damaged (File is not a zip file); open it in Excel, save it under a new name and use that file",
            id="torn",
        ),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path, name, content, message):
    """
    Every kind of unreadable file is refused with what it is and what to do.
    """
    (tmp_path / name).write_bytes(content)

    with pytest.raises(WorkbookError) as caught:
        open_workbook(tmp_path / name)

    assert message == str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    """
    What is not there, and what is a folder, is said.
    """
    (tmp_path / "folder.xlsx").mkdir()

    with pytest.raises(WorkbookError, match=r"none\.xlsx does not exist"):
        open_workbook(tmp_path / "none.xlsx")
    with pytest.raises(WorkbookError, match=r"folder\.xlsx is a folder; name the workbook in it"):
        open_workbook(tmp_path / "folder.xlsx")


@pytest.mark.parametrize("name", ["values.xls", "values.ods"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_file_cut_short_is_damaged(tmp_path, name, share):
    """
    A download that broke off is reported as damage, never as a traceback.
    """
    content = (SAMPLES / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * share)])

    with pytest.raises(WorkbookError, match="is damaged"):
        read_all(tmp_path / name)


def test_damage_below_the_headers_is_reported_by_the_rows(simple, tmp_path):
    """
    A sheet whose XML breaks off is reported while its rows are read.
    """
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(simple) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: content.index(b'<c r="B2"')] if "sheet1" in name else content)

    with pytest.raises(WorkbookError, match=r"broken\.xlsx is damaged"):
        read_all(broken)


def test_an_archive_of_something_else_is_no_workbook(tmp_path):
    """
    A zip file that is no office file is refused.
    """
    with zipfile.ZipFile(tmp_path / "users.xlsx", "w") as archive:
        archive.writestr("users.txt", "x")

    with pytest.raises(WorkbookError, match="is an archive, but no workbook"):
        open_workbook(tmp_path / "users.xlsx")


def test_a_document_of_another_program_is_no_workbook(tmp_path):
    """
    A text document under a workbook's name is refused.
    """
    with zipfile.ZipFile(tmp_path / "users.xlsx", "w") as archive:
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="r"><Relationship Id="1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", "<document/>")

    with pytest.raises(WorkbookError, match="holds no worksheet"):
        open_workbook(tmp_path / "users.xlsx")
