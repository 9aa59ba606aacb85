from __future__ import annotations

import os
import shlex

import pytest

from pmbulk.cli.onboard import make_workbook, suggest
from pmbulk.cli.settings import ConnectionOptions
from pmbulk.errors import UsageError
from tests.refresh import TOP
from tests.support import quiet_logs

SAMPLE = TOP / "sample_sheets" / "personallista.csv"
MAPPING = TOP / "templates" / "hr_personallista.toml"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("there/hr.toml", "cannot be written (No such file or directory); give another place"), ("hr.toml", "the file exists")],
)
def test_mapping_that_cannot_be_written_is_told(name, reason, tmp_path):
    """
    A folder that is not there, or a file that is, ends in a sentence; no file is overwritten.
    """
    (tmp_path / "hr.toml").write_text("mine", "utf-8")
    with pytest.raises(UsageError) as refused:
        suggest(SAMPLE, tmp_path / name)
    assert str(refused.value).startswith(f"-o {tmp_path / name}")
    assert reason in str(refused.value)
    assert "mine" == (tmp_path / "hr.toml").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows quotes otherwise")
def test_next_command_can_be_typed_as_it_stands(tmp_path, capsys):
    """
    What to type next names files where they are, also in another folder and with a blank in its name.
    """
    folder = tmp_path / "new people"
    folder.mkdir()
    suggest(SAMPLE, folder / "hr.toml")
    told = capsys.readouterr().err.splitlines()[-1]
    assert ["pmbulk", "onboard", str(SAMPLE), "--mapping", str(folder / "hr.toml")] == shlex.split(told.rpartition(": ")[2])
    options = {"since": None, "live": False, "leavers_max": None, "as_json": False, "verbose": 0}
    with quiet_logs():
        make_workbook(SAMPLE, MAPPING, folder / "new.xlsx", ConnectionOptions(state_dir=tmp_path), **options)
    told = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Next: "))
    assert ["pmbulk", "plan", str(folder / "new.xlsx")] == shlex.split(told.removeprefix("Next: "))
