"""
.xlsx and .xlsm: the sheets of a package, their styles and shared texts.

Faithful and lean: error cells, formulas without a value, formats and far-away cells cost nothing special. Strict files differ in namespace only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pmbulk.sheets import xlsx_quick
from pmbulk.sheets.number_formats import BUILT_IN, Look, look_of
from pmbulk.sheets.package import Package, tags
from pmbulk.sheets.xlsx_parser import CellReaders, Row, SharedTexts

__all__ = ["XlsxBook", "open_xlsx", "stream_rows"]


@dataclass(frozen=True, slots=True)
class XlsxBook:
    """What the rows of every sheet need: the *readers* of its cells, and the worksheets as (name, part) in file order."""

    package: Package
    worksheets: tuple[tuple[str, str], ...]
    readers: CellReaders


def open_xlsx(package: Package) -> XlsxBook:
    """Everything but the rows."""
    workbook = package.main_part()
    relations = package.relations(workbook)
    parts = {relation.kind: relation.part for relation in relations.values() if relation.part in package}
    worksheets: list[tuple[str, str]] = []
    from_1904 = False
    for tag, attributes in tags(package.open(workbook)):
        if tag == "workbookPr":
            from_1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet" and relations[attributes["id"]].kind == "worksheet":
            worksheets.append((attributes["name"], relations[attributes["id"]].part))
    texts = xlsx_quick.stream_texts(package.open(parts["sharedStrings"])) if "sharedStrings" in parts else iter(())
    looks = _looks(package.open(parts["styles"]), from_1904=from_1904) if "styles" in parts else ()
    return XlsxBook(package, tuple(worksheets), CellReaders(SharedTexts(texts), looks))


def stream_rows(book: XlsxBook, part: str) -> Iterator[Row]:
    """Each row of the sheet *part* as (row number, cells from column A on), for the rows that the file has."""
    return xlsx_quick.stream_rows(book.package.open(part), book.readers)


def _looks(styles: IO[bytes], *, from_1904: bool) -> tuple[Look, ...]:
    codes = dict(BUILT_IN)
    looks: list[Look] = []
    section = ""
    for tag, attributes in tags(styles):
        if tag in ("numFmts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            section = tag
        elif tag == "numFmt" and section == "numFmts":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag == "xf" and section == "cellXfs":
            looks.append(look_of(codes.get(int(attributes.get("numFmtId", "0")), "General"), from_1904=from_1904))
    return tuple(looks)
