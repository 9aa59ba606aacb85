from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here is full by itself")
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["words", "JSON"])
def test_full_disk_below_the_output_ends_in_a_sentence(options, tmp_path):
    """
    What cannot be written to a full disk is no mistake in pmbulk, and shows no traceback.
    """
    (tmp_path / "departments.csv").write_text("path\n" + "".join(f"Company//{number}\n" for number in range(999)), "utf-8")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "pmbulk", "check", "departments.csv", *options]
        ended = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (4, "pmbulk cannot go on: [Errno 28] No space left on device\n") == (ended.returncode, ended.stderr)


def test_name_of_a_file_that_is_no_text_is_said_all_the_same():
    """
    A file's name may hold bytes that are no letters in any encoding.
    """
    assert b"?.xlsx" == said("import sys; sys.stdout.write('\\udcff.xlsx')", "utf-8")
