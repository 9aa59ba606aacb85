from __future__ import annotations

import re

import pytest
import typer

from pmbulk.cli.last_net import ended_well
from pmbulk.cli.main import app

COMMANDS = sorted(typer.main.get_command(app).commands)


def helped(words, monkeypatch, capsys):
    """What `--help` says on a terminal of 80 columns."""
    monkeypatch.setattr("sys.argv", ["pmbulk", *words, "--help"])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        ended_well(app)
    assert 0 == end.value.code
    return capsys.readouterr().out


def test_list_of_commands_can_be_read(monkeypatch, capsys):
    """
    On 80 columns every command stands with a whole sentence.
    """
    listed = helped([], monkeypatch, capsys).partition("Commands:\n")[2].splitlines()
    assert COMMANDS == sorted(line.split()[0] for line in listed)
    assert [] == [line for line in listed if not line.endswith(".") or line.endswith("...")]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_speaks_to_people(command, monkeypatch, capsys):
    """
    Every option and argument says what it is for, and an option's value is called what it is rather than a type of Python.
    """
    words = helped([command], monkeypatch, capsys)
    assert [] == re.findall(r"^  (?:-\w, )?--[\w-]+ <.*", words, flags=re.MULTILINE)
    parameters = typer.main.get_command(app).commands[command].params
    assert [] == [one.name for one in parameters if not one.help]
