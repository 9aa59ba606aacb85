"""What all tests share: an environment without the developer's own settings, and one event loop."""

from __future__ import annotations

import os

import pytest


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
