"""
The zip archive that .xlsx, .xlsm and .xlsb are: its parts, how they refer to each other, and a walk through the tags of an XML part.

Knows nothing of cells. Every part is opened as a stream; nothing is unpacked as a whole.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final
from xml.parsers import expat

__all__ = ["CHUNK", "COLUMNS_MAX", "FINAL", "ROWS_MAX", "Package", "Relation", "feed", "local", "tags", "xml_parser"]

#: Bytes read at a time.
CHUNK: Final = 1 << 18

#: Columns of the widest sheet, A to XFD, and rows of the longest; what claims to lie beyond is damage or filler.
COLUMNS_MAX: Final = 16_384
ROWS_MAX: Final = 1_048_576

_SEPARATOR: Final = "}"
#: The second argument of a parser's last `Parse`.
FINAL: Final = True


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part says of another: *kind* is the last word of the relation's type, *part* the other part's name."""

    kind: str
    part: str


class Package:
    """
    An open office archive; *stream* stays the caller's to close.

    Raises:
        zipfile.BadZipFile: If the archive is damaged.
        KeyError: If a part is missing.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.archive = zipfile.ZipFile(stream)
        # Some writers differ in case or slashes between a part and the reference to it.
        self._members = {name.replace("\\", "/").lower(): name for name in self.archive.namelist()}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def open(self, part: str) -> IO[bytes]:
        """The part's bytes as a stream."""
        return self.archive.open(self._members[part.lower()])

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of *part* by their id; those of the archive itself for ``""``."""
        folder, name = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if source not in self:
            return {}
        return {
            attributes["Id"]: Relation(
                kind=attributes["Type"].rpartition("/")[2],
                part=posixpath.normpath(posixpath.join("/", folder, attributes["Target"].replace("\\", "/"))).lstrip("/"),
            )
            for tag, attributes in tags(self.open(source))
            if tag == "Relationship" and attributes.get("TargetMode") != "External"
        }

    def main_part(self) -> str:
        """The name of the part that holds the workbook."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.part
        raise KeyError("the archive names no document")


def xml_parser() -> expat.XMLParserType:
    """A parser that names tags ``namespace}tag``, joins text, and refuses document types, which no spreadsheet program writes."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def local(name: str) -> str:
    """The tag or attribute without its namespace."""
    return name.rpartition(_SEPARATOR)[2]


def tags(part: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each opening tag of an XML part with its attributes, both without namespaces, in document order."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = xml_parser()
    parser.StartElementHandler = lambda name, attributes: found.append(
        (local(name), {local(key): value for key, value in attributes.items()})
    )
    for _ in feed(parser, part):
        yield from found
        found.clear()


def feed(parser: expat.XMLParserType, part: IO[bytes]) -> Iterator[None]:
    """Lets *parser* read all of *part*, and pauses after each chunk so that what was collected can be passed on; closes *part*."""
    with part:
        while chunk := part.read(CHUNK):
            parser.Parse(chunk)
            yield
        parser.Parse(b"", FINAL)
        yield


def _refuse_document_type(*_: object) -> None:
    raise ValueError("the file declares a document type")
