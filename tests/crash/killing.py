"""Killing the real command again and again while it works on one job, until it has finished all the same."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pmbulk.cli.chaos import Figures, figures_of, outcomes_of, write_rehearsal
from pmbulk.jobs.directory import list_jobs
from pmbulk.simulator import SimulatorSettings, running
from pmbulk.simulator.books import audit
from pmbulk.simulator.chaos import bad_day
from pmbulk.simulator.rehearsal import made_up_users, rehearsal
from tests.processes import started

__all__ = ["Figures", "killed_and_resumed"]

PASSWORD = "Rehearsal-1!"
#: Share of the lives that end at a moment of their own, which may be before the first request; the others end a few requests after it.
EARLY = 0.2
#: Exit codes of a run that ends before its job does: PM could not be reached, or the run was stopped.
NOT_YET = {3, 4}
#: A life that is longer, in seconds, is stuck.
LIFE_S = 120.0


@dataclass
class Killer:
    """
    Starts `pmbulk` and kills it at moments that *random* draws: SIGKILL, or what Windows has for it.
    """

    pm: object
    folder: Path
    random: Random
    kills: int = 0

    @property
    def said(self):
        """What the last life told."""
        return (self.folder / "said.txt").read_text("utf-8", errors="replace")

    def start(self):
        """A new life of the job: a run, or a resume where there is a job already."""
        workbook = str(self.folder / "rehearsal.xlsx")
        arguments = ["resume"] if self.has_job() else ["run", workbook, "--yes", "--max-deletes", "1000", "--concurrency", "8"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PMBULK_")}
        environment |= {
            "PMBULK_URL": self.pm.url,
            "PMBULK_USER": "admin",
            "PMBULK_PASSWORD": PASSWORD,
            "PMBULK_STATE_DIR": str(self.folder / "state"),
            "PMBULK_CONFIG": str(self.folder / "config.toml"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        return started(arguments, folder=self.folder, environment=environment, said=self.folder / "said.txt")

    def has_job(self):
        """Whether `pmbulk jobs` would list one."""
        return any(True for _ in list_jobs(self.folder / "state"))

    def kill_one(self, requests):
        """
        One life that is killed within the next *requests* requests; false if the job came to its end before.
        """
        process = self.start()
        if self.random.random() < EARLY:
            ended = _ended(process, within_s=self.random.uniform(0.0, 0.6))
        else:
            wanted = len(self.pm.requests) + self.random.randint(1, requests)
            ended = _ended(process, within_s=LIFE_S, until=lambda: len(self.pm.requests) >= wanted)
        process.kill()
        process.join()
        assert "Traceback" not in self.said, self.said
        self.kills += not ended
        return not ended or process.exitcode in NOT_YET

    def finish(self):
        """
        Let the job come to its end; says how many lives that took.
        """
        for life in range(1, 20):
            process = self.start()
            assert _ended(process, within_s=LIFE_S), self.said
            if process.exitcode not in NOT_YET:
                assert process.exitcode in {0, 1, 5}, self.said
                return life
        raise AssertionError(self.said)


def _ended(process, *, within_s, until=lambda: False):
    """Whether the process came to its end within that time, or until then."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and not until():
        process.join(0.002)
        if process.exitcode is not None:
            return True
    return False


def killed_and_resumed(folder, *, seed, rows, kills, requests=8, probability=0.0):
    """
    The figures of one job that was killed *kills* times, while a fault of any kind struck requests with *probability*.
    """
    plan = rehearsal(rows)
    workbook = write_rehearsal(plan, folder / "rehearsal.xlsx")
    settings = SimulatorSettings(
        password=PASSWORD,
        generated_users=made_up_users(rows),
        faults=bad_day(probability=probability) if probability else (),
        latency_s=0.03,
        seed=seed,
    )
    began = time.monotonic()
    with running(settings) as pm:
        killer = Killer(pm, folder, Random(seed))
        while killer.kills < kills and killer.kill_one(requests):
            pass
        lives = killer.finish()
        outcomes = outcomes_of(plan, workbook.with_name("rehearsal.results.xlsx"))
        found = audit(plan, outcomes, requests=pm.requests, world=pm.world)
        return figures_of(found, faults="killed", pm=pm, starts=killer.kills + lives, seconds=time.monotonic() - began)
