from __future__ import annotations

import json

import pytest

from pmbulk.cli.last_net import ended_well
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


def test_without_json_stdout_stays_empty(monkeypatch, capsys):
    """
    What goes wrong is told on stderr alone.
    """
    monkeypatch.setattr("sys.argv", ["pmbulk", "run", "new.xlsx"])
    with pytest.raises(SystemExit):
        ended_well(failing(UsageError("Which PM?")))
    assert ("", "Which PM?\n") == capsys.readouterr()
