"""A client at a simulated PM, for the tests of the simulator itself."""

from __future__ import annotations

import pytest

from pmbulk.simulator import SimulatorSettings, running
from tests.support import logged_in


@pytest.fixture
def api(pm):
    """
    A client that is logged in as the administrator.
    """
    with logged_in(pm) as client:
        yield client


@pytest.fixture
def merging():
    """
    A client at a PM whose updates keep what they leave out.
    """
    with running(SimulatorSettings(updates_merge=True)) as pm, logged_in(pm) as client:
        yield client
