"""Provision a Mitel MX-ONE Provisioning Manager in bulk, from workbooks, with one outcome per row."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pmbulk.door.exporting import export_entities as export
    from pmbulk.door.job import check_input as check
    from pmbulk.door.onboarding import OnboardOptions
    from pmbulk.door.onboarding import onboard_file as onboard
    from pmbulk.door.options import RunOptions
    from pmbulk.door.planning import plan_job as plan
    from pmbulk.door.running import Target
    from pmbulk.door.running import rerun_job as rerun
    from pmbulk.door.running import resume_job as resume
    from pmbulk.door.running import run_job as run
    from pmbulk.jobs.runner import Stop
    from pmbulk.pm.transport import Connection
    from pmbulk.secret import Secret

__all__ = [
    "Connection",
    "OnboardOptions",
    "RunOptions",
    "Secret",
    "Stop",
    "Target",
    "__version__",
    "check",
    "export",
    "onboard",
    "plan",
    "rerun",
    "resume",
    "run",
]

__version__: Final = "0.1.0"

#: Imported on first use, so that `pmbulk --help` loads neither pandas nor httpx.
_HOMES: Final = {
    "Connection": ("pmbulk.pm.transport", "Connection"),
    "OnboardOptions": ("pmbulk.door.onboarding", "OnboardOptions"),
    "RunOptions": ("pmbulk.door.options", "RunOptions"),
    "Secret": ("pmbulk.secret", "Secret"),
    "Stop": ("pmbulk.jobs.runner", "Stop"),
    "Target": ("pmbulk.door.running", "Target"),
    "check": ("pmbulk.door.job", "check_input"),
    "export": ("pmbulk.door.exporting", "export_entities"),
    "onboard": ("pmbulk.door.onboarding", "onboard_file"),
    "plan": ("pmbulk.door.planning", "plan_job"),
    "rerun": ("pmbulk.door.running", "rerun_job"),
    "resume": ("pmbulk.door.running", "resume_job"),
    "run": ("pmbulk.door.running", "run_job"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pmbulk' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
