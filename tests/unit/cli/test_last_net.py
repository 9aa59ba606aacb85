from __future__ import annotations

import json

import pytest

from pmbulk.cli.last_net import ended_well
from pmbulk.cli.main import app
from pmbulk.errors import LoginError, UnreachableError, UsageError, WorkbookError


def failing(error):
    """A command that ends with *error*."""

    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (UsageError("Which PM?"), 2),
        (WorkbookError("new.xlsx is empty."), 2),
        (UnreachableError("Nobody answers."), 3),
        (LoginError("PM refuses the login."), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_wrong_is_one_document_of_json_too(error, exit_code, monkeypatch, capsys):
    """
    With `--json` stdout holds one document however a command ends, and stderr has the sentence for people.
    """
    monkeypatch.setattr("sys.argv", ["pmbulk", "run", "new.xlsx", "--json"])
    with pytest.raises(SystemExit) as end:
        ended_well(failing(error))
    told = capsys.readouterr()
    assert exit_code == end.value.code
    assert ({"error": str(error), "exit_code": exit_code}, f"{error}\n") == (json.loads(told.out), told.err)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--json"], "Missing argument 'FILE'."),
        (["run", "new.xlsx", "--no-such", "--json"], "No such option: --no-such"),
        (["run", "no-such.xlsx", "--json"], "Invalid value for 'FILE': file 'no-such.xlsx' does not exist."),
    ],
    ids=["missing", "unknown", "no such file"],
)
def test_options_that_cannot_be_used_are_one_document_of_json_too(words, told, monkeypatch, capsys):
    """
    A script that mistypes an option reads so, as it reads everything else.
    """
    monkeypatch.setattr("sys.argv", ["pmbulk", *words])
    with pytest.raises(SystemExit) as end:
        ended_well(app)
    assert (2, {"error": told, "exit_code": 2}) == (end.value.code, json.loads(capsys.readouterr().out))


def test_without_json_stdout_stays_empty(monkeypatch, capsys):
    """
    What goes wrong is told on stderr alone.
    """
    monkeypatch.setattr("sys.argv", ["pmbulk", "run", "new.xlsx"])
    with pytest.raises(SystemExit):
        ended_well(failing(UsageError("Which PM?")))
    assert ("", "Which PM?\n") == capsys.readouterr()
