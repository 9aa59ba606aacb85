from __future__ import annotations

from io import BytesIO

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import load_workbook

from pmbulk.secret import Secret
from pmbulk.sheets.hand_over import write_hand_over


@pytest.mark.parametrize(
    ("text", "shown"),
    [("=1+1", "=1+1"), ("<r>Anna</r>", "<r>Anna</r>"), ("\ud83d", "�"), ("a\ufffe", "a�"), ("å" * 40_000, "å" * 32_737)],
    ids=["formula", "markup", "half a sign", "no sign", "long"],
)
def test_whatever_hr_wrote_is_text(text, shown, tmp_path):
    """
    Names, and codes that are typed, reach the hand-over as they are; what no workbook can hold is marked or cut, and ends nothing.
    """
    path = write_hand_over(tmp_path / "new.hand-over.xlsx", ["Name", "code"], [[text, Secret(text)]], password=Secret("open"))
    clear = BytesIO()
    with path.open("rb") as sealed:
        workbook = OOXMLFile(sealed)
        workbook.load_key("open")
        workbook.decrypt(clear)
    cells = [(cell.value, cell.data_type) for cell in load_workbook(clear)["Hand-over"][2]]
    cut = [(str(value)[: len(shown)], kind) for value, kind in cells]
    assert [(shown, "s")] * 2 == cut
