"""
A Provisioning Manager to rehearse against: stateful, over real sockets, with the faults of a bad day on request.

It imports nothing of pmbulk but the endpoint table. What the documents leave open is a switch in `SimulatorSettings`.
"""

from __future__ import annotations

from pmbulk.simulator.faults import Fault, FaultKind
from pmbulk.simulator.server import Running, running, serve
from pmbulk.simulator.settings import HeaderScheme, SimulatorSettings, WorldName

__all__ = ["Fault", "FaultKind", "HeaderScheme", "Running", "SimulatorSettings", "WorldName", "running", "serve"]
