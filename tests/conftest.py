"""What all tests share: an environment without the developer's own settings, and the real command against the simulator over TCP."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest
from openpyxl import Workbook

from pmbulk.simulator import SimulatorSettings, running
from tests.support import PASSWORD, Commands

# How fast examples are made says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("pmbulk", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("pmbulk")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """
    Two workers for each processor: what runs over TCP waits for much of its time.
    """
    return (os.cpu_count() or 1) * 2


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    """
    No test sees, or touches, what the person running it has configured.
    """
    for name in os.environ:
        if name.startswith("PMBULK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PMBULK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PMBULK_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def anyio_backend():
    """
    The transport is aiohttp's, so the event loop is asyncio's.
    """
    return "asyncio"


@pytest.fixture
def settings():
    """
    The simulator's settings; tests override what they are about.
    """
    return SimulatorSettings(password=PASSWORD)


@pytest.fixture
def pm(settings):
    """
    A simulated PM on a free port.
    """
    with running(settings) as simulated:
        yield simulated


@pytest.fixture
def command(pm, tmp_path):
    """
    The real command with a connection to `pm`.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PMBULK_")}
    environment |= {
        "PMBULK_URL": pm.url,
        "PMBULK_USER": "admin",
        "PMBULK_PASSWORD": PASSWORD,
        "PMBULK_STATE_DIR": str(tmp_path / "state"),
        "PMBULK_CONFIG": str(tmp_path / "config.toml"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PYTHONIOENCODING": "utf-8",
    }
    return Commands(tmp_path, environment)


@pytest.fixture
def workbook(tmp_path):
    """
    Writes a workbook: sheet name → rows, headers first.
    """

    def write(sheets, name="input.xlsx"):
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write
