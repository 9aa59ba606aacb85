from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]],
    ids=["format", "lint", "types"],
)
def test_code_is_clean(command):
    """
    Formatter, linter and type checker have nothing to say.
    """
    done = subprocess.run([sys.executable, "-m", *command], cwd=TOP, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_modules_stay_readable():
    """
    No module has more than 400 lines.
    """
    long = {
        str(path.relative_to(TOP)): lines for path in (TOP / "pmbulk").rglob("*.py") if (lines := path.read_text("utf-8").count("\n")) > 400
    }
    assert {} == long


def test_constraints_hold_names_and_versions_only():
    """
    The pinned versions name no address, so that any index serves them.
    """
    lines = [line for line in (TOP / "constraints.txt").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert [] == [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)]
