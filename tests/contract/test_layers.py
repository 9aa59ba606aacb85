from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pmbulk

ROOT = Path(pmbulk.__file__).parent
MODULES = {".".join(("pmbulk", *path.relative_to(ROOT).with_suffix("").parts)): path for path in sorted(ROOT.rglob("*.py"))}

# What each room may import of the others; `pmbulk` itself stands for the version and the lazy door.
ALLOWED = {
    "errors": set(),
    "secret": set(),
    "narration": set(),
    "endpoints": set(),
    "seal": {"errors", "secret"},
    "pm": {"errors", "secret", "narration", "endpoints", "pm"},
    "entities": {"errors", "secret", "seal", "endpoints", "pm", "entities"},
    "sheets": {"errors", "secret", "entities", "sheets"},
    "jobs": {"errors", "narration", "entities", "jobs"},
    "onboarding": {"errors", "secret", "entities", "onboarding"},
    "door": {"errors", "secret", "seal", "endpoints", "pm", "entities", "sheets", "jobs", "onboarding", "door", ""},
    "simulator": {"endpoints", "simulator"},
    "cli": {"errors", "secret", "pm", "entities", "sheets", "jobs", "onboarding", "door", "simulator", "cli", ""},
    "": {"door", "jobs", "pm", "secret"},
    "__main__": {"cli"},
}
# The home of each foreign package; whoever else imports it has taken over somebody's job.
HOMES = {
    "httpx": {"pm"},
    "httpx_aiohttp": {"pm"},
    "aiohttp": {"pm"},
    "yarl": {"pm"},
    "xlsxwriter": {"sheets"},
    "xlrd": {"sheets"},
    "openpyxl": {"sheets", "cli"},
    "sqlite3": {"jobs"},
    "filelock": {"jobs", "door"},
    "typer": {"cli"},
    "rich": {"cli"},
    "keyring": {"cli"},
    "platformdirs": {"cli"},
    "rapidfuzz": {"entities"},
    "pydantic": {"entities", "onboarding"},
    "jinja2": {"onboarding"},
    "anyascii": {"onboarding", "cli"},
    "pandas": {"onboarding"},
    "msoffcrypto": {"sheets"},
    "cryptography": {"seal"},
    "uvicorn": {"simulator"},
}


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield node.module


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__init__" else ""


@pytest.mark.parametrize("module", MODULES, ids=lambda name: name)
def test_imports_point_down(module):
    """
    A module imports only what lies below its room.
    """
    room = room_of(module)
    taken = {room_of(name) for name in imports_of(MODULES[module]) if name.split(".")[0] == "pmbulk"}
    assert set() == taken - ALLOWED[room]


@pytest.mark.parametrize("module", MODULES, ids=lambda name: name)
def test_foreign_packages_stay_at_home(module):
    """
    A foreign package is imported in its room only; pydantic's core for a secret's own validation is the one exception.
    """
    room = room_of(module)
    strangers = {name.split(".")[0] for name in imports_of(MODULES[module])}
    assert set() == {name for name in strangers if name in HOMES and room not in HOMES[name]}


def test_only_one_module_knows_sql():
    """
    SQLite is imported by the journal alone.
    """
    assert ["pmbulk.jobs.sqlite_journal"] == [name for name, path in MODULES.items() if "sqlite3" in set(imports_of(path))]


@pytest.mark.parametrize("code", ["import pmbulk", "from pmbulk.cli.main import app"], ids=["library", "command line"])
def test_importing_is_light(code):
    """
    Neither the library's door nor the command line loads a heavy package before it is needed.
    """
    heavy = "{'pandas', 'numpy', 'openpyxl', 'httpx', 'aiohttp', 'pydantic', 'structlog', 'anyio', 'rich', 'keyring'}"
    seen = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(sorted({heavy} & set(sys.modules)))"], capture_output=True, text=True, check=True
    )
    assert "[]\n" == seen.stdout


def test_public_names_are_complete():
    """
    Everything in `__all__` can be had, and the list is sorted.
    """
    assert sorted(pmbulk.__all__) == pmbulk.__all__
    assert [] == [name for name in pmbulk.__all__ if getattr(pmbulk, name, None) is None]


def test_library_says_where_to_work_by_its_own_names():
    """
    A script needs no other module to say which PM to work on and who logs in.
    """
    target = pmbulk.Target(pmbulk.Connection("https://pm.example.com", "admin", pmbulk.Secret("word")), Path("state"))
    assert ("https://pm.example.com", "••••••") == (target.connection.url, str(target.connection.password))


def test_secrets_are_revealed_where_they_leave_and_nowhere_else():
    """
    A secret's text is taken out where a request is built, where the keyring stores it, where an export was told to keep it, and around what `onboard` and a move seal.
    """
    revealing = {name for name, path in MODULES.items() if ".reveal()" in path.read_text("utf-8")}
    requests = {"pmbulk.pm.client"}
    kept = {"pmbulk.cli.credentials", "pmbulk.door.spool"}
    sealed = {"pmbulk.seal", "pmbulk.sheets.hand_over", "pmbulk.cli.onboard", "pmbulk.door.checking", "pmbulk.onboarding.records"}
    moves = {"pmbulk.entities.move_snapshot", "pmbulk.door.snapshots"}
    assert requests | kept | sealed | moves == revealing
