from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SAY = "from pmbulk.cli.streams import say_json, spell_signs; spell_signs(); "


def said(code, encoding):
    """What a process with pipes of that *encoding* says."""
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    return subprocess.run([sys.executable, "-c", SAY + code], env=environment, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "Å → …"), ("cp1252", "Å > …"), ("ascii", "A > ...")],
)
def test_signs_that_the_encoding_lacks_are_spelt(encoding, told):
    """
    What a pipe cannot take is spelt in ASCII, and what it can take stays.
    """
    assert told == said("import sys; sys.stdout.write('Å → …')", encoding).decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_json_loses_no_letter(encoding):
    """
    A document for scripts says the same in every encoding.
    """
    assert {"name": "Łukasz Öberg → 1001"} == json.loads(said("say_json({'name': 'Łukasz Öberg → 1001'})", encoding).decode(encoding))


def test_name_of_a_file_that_is_no_text_is_said_all_the_same():
    """
    A file's name may hold bytes that are no letters in any encoding.
    """
    assert b"?.xlsx" == said("import sys; sys.stdout.write('\\udcff.xlsx')", "utf-8")
