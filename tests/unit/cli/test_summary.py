from __future__ import annotations

import io

import pytest

from pmbulk.cli.summary import say


class Screen(io.StringIO):
    """A terminal of 40 columns."""

    def isatty(self):
        """It is one."""
        return True


@pytest.fixture
def screen(monkeypatch):
    """
    The terminal.
    """
    monkeypatch.setenv("COLUMNS", "40")
    return Screen()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Correct the rows, then: pmbulk rerun '/home/anna/new site.results.xlsx'",
            "Correct the rows, then:\n    pmbulk rerun '/home/anna/new site.results.xlsx'\n",
        ),
        (
            "  1 invalid will not be sent; `pmbulk check new.xlsx` says why",
            "  1 invalid will not be sent;\n      `pmbulk check new.xlsx` says why\n",
        ),
        ("short: pmbulk jobs", "short: pmbulk jobs\n"),
    ],
    ids=["at the end", "within", "short"],
)
def test_commands_are_not_broken(line, shown, screen):
    """
    Whoever copies a command from a narrow terminal gets all of it.
    """
    say([line], screen)
    assert shown == screen.getvalue()


def test_cells_do_not_steer_the_terminal(screen):
    """
    What stands in a cell is shown, not obeyed: no colour, no bell, no cursor, no writing from right to left.
    """
    say(["'\x1b[31mred\x07\r\u202egnp.exe' is no number"], screen)
    assert "'�[31mred���gnp.exe' is no number\n" == screen.getvalue()
