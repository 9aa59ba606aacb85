"""HR exports beside the demo's list: a German report grouped by department, and a Spanish table with first and last names apart."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from pmbulk.cli.hr_sample import write_hr_list

#: Titles, headers, groups whose department stands on their first row only, and a sum.
MITARBEITER = [
    ["Mitarbeiterliste Berlin und Hamburg"],
    ["Stichtag", date(2026, 12, 1)],
    [],
    ["Abteilung", "Personalnummer", "Name", "Standort", "Mobil", "Eintritt", "Austritt"],
    ["Kundendienst", 20417, "Müller, Jürgen", "Berlin", "0171/234 56 78", date(2026, 12, 1)],
    [None, 20418, "Weiß, Käthe", "Berlin", None, date(2026, 12, 1)],
    [None, 20419, "von der Heide, Karl-Heinz", "Hamburg", "+49 (0)171 234 56 79", date(2026, 12, 1)],
    [None, 19022, "Schulze, Bernd", "Berlin", None, date(2001, 4, 1), date(2026, 11, 30)],
    [None, 20420, "Müller, Jürgen", "Hamburg", None, date(2026, 12, 1)],
    ["Plattform", 20421, "Çelik, Ayşe", "Berlin", "0049 171 2345680", date(2026, 12, 1)],
    [None, 20422, "Nguyễn, Thị Lan", "Berlin", None, date(2027, 1, 1)],
    [None, 20423, "Groß, Björn", "Berlin", None, date(2027, 1, 1)],
    ["Vertrieb", 20424, "Łukasiewicz, Paweł", "Berlin", "0171 9", date(2026, 12, 1)],
    [None, 20425, "Öztürk, Derya", "Hamburg", None, date(2026, 12, 1)],
    [None, 20425, "Özil, Mesut", "Hamburg", None, date(2026, 12, 1)],
    [None, 20426, "D'Angelo, Chiara", "Hamburg", None, date(2026, 12, 1)],
    ["Personal", 20427, "Freiherr von Stein, Max", "Berlin", None, date(2026, 12, 1)],
    [None, 18311, "Krämer, Ulrike", "Hamburg", None, date(1998, 9, 15), date(2026, 12, 31)],
    [],
    ["Summe", "14 Mitarbeiter"],
]

#: A plain table; nothing in it is wrong.
PLANTILLA = [
    ["Nº empleado", "Nombre", "Apellidos", "Departamento", "Sede", "Estado", "Correo electrónico"],
    ["0815", "Lucía", "García Pérez", "Ventas", "Madrid", "Activa", "Lucia.Garcia@example.com"],
    ["0816", "Luis", "García Muñoz", "Ventas", "Madrid", "Activo", "Luis.Garcia@example.com"],
    ["0817", "Íñigo", "Núñez", "Finanzas", "Madrid", "Activo", "Inigo.Nunez@example.com"],
    ["0818", "María José", "de la Fuente Ibáñez", "Finanzas", "Barcelona", "Activa", "Mj.Fuente@example.com"],
    ["0502", "Javier", "Ortega Ruiz", "Finanzas", "Madrid", "Baja", "Javier.Ortega@example.com"],
    ["0819", "Núria", "Puig i Cadafalch", "Soporte", "Barcelona", "Activa", "Nuria.Puig@example.com"],
    ["0820", "Jordi", "Vidal Ferrer", "Soporte", "Barcelona", "Activo", "Jordi.Vidal@example.com"],
    ["0821", "Ane", "Etxeberria", "Soporte", "Madrid", "Activa", "Ane.Etxeberria@example.com"],
    ["0822", "Xoán", "Castro Lema", "Ventas", "Barcelona", "Activo", "Xoan.Castro@example.com"],
    ["0377", "Carmen", "Soler Vives", "Recursos Humanos", "Barcelona", "Baja", "Carmen.Soler@example.com"],
    ["0823", "Begoña", "Peña Güell", "Recursos Humanos", "Madrid", "Activa", "Begona.Pena@example.com"],
    ["0824", "Álvaro", "Sánchez-Cano", "Recursos Humanos", "Barcelona", "Activo", "Alvaro.Sanchez@example.com"],
]

_EPOCH = (1980, 1, 1, 0, 0, 0)
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def write_hr_exports(folder: Path) -> None:
    """Write the three HR exports into *folder*."""
    write_hr_list(folder / "personallista.csv")
    write_report(folder / "mitarbeiter.xlsx", MITARBEITER)
    write_table(folder / "plantilla.ods", PLANTILLA)


def write_report(path: Path, rows: list[list[object]]) -> None:
    """Write the German report: dates are dates, the title spans the columns."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Mitarbeiter"
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.is_date:
                cell.number_format = "dd.mm.yyyy"
    sheet.merge_cells("A1:G1")
    for letter in "ABCDEFG":
        sheet.column_dimensions[letter].width = 22
    book.save(path)


def write_table(path: Path, rows: list[list[str]]) -> None:
    """Write texts as an OpenDocument spreadsheet of one sheet."""
    cells = (
        "".join(f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>' for text in row)
        for row in rows
    )
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<table:table table:name="Plantilla">{table}</table:table>'
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entries = f'<m:file-entry m:full-path="/" m:media-type="{_ODS}"/><m:file-entry m:full-path="content.xml" m:media-type="text/xml"/>'
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts = {
        "mimetype": _ODS,
        "content.xml": (
            f'{head}<office:document-content{names} office:version="1.3"><office:body><office:spreadsheet>{content}</office:spreadsheet>'
            "</office:body></office:document-content>"
        ),
        "META-INF/manifest.xml": f'{head}<m:manifest xmlns:m="{manifest}" m:version="1.3">{entries}</m:manifest>',
    }
    with ZipFile(path, "w") as package:
        for name, text in parts.items():
            # The first part stays as it is, so that the file's kind can be read from its first bytes.
            package.writestr(ZipInfo(name, _EPOCH), text, None if name == "mimetype" else ZIP_DEFLATED)
