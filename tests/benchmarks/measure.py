"""Time, CPU and memory of whole processes, and ratios between them that a busy machine spoils as little as may be."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measured", "Ratio", "in_turns", "measure", "median", "ratio"]

TOP = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One process from start to end.

    *seconds* is the whole, *work_s* the part that counts where the process or the server told it (``None``: nobody did). *cpu_s* is user and system time,
    *peak_mb* the most memory it held; both are ``None`` where the operating system does not tell (Windows).
    """

    seconds: float
    work_s: float | None = None
    cpu_s: float | None = None
    peak_mb: float | None = None


def measure(command: Sequence[str]) -> tuple[Measured, str]:
    """
    Run *command* at the repository's top, without the caller's own settings of pmbulk; also returns what it wrote to stdout.

    Bytecode is kept, as that of the installed packages beside which pmbulk is measured.

    Raises:
        RuntimeError: If it fails; shows what it said.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PMBULK_")}
    environment |= {"PYTHONPATH": str(TOP), "PMBULK_PASSWORD": "secret", "PMBULK_CONFIG": os.devnull, "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryFile("w+") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        cpu_s, peak_mb = _waited_for(process)
        seconds = time.perf_counter() - started
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said}")
    return Measured(seconds, cpu_s=cpu_s, peak_mb=peak_mb), said


def _waited_for(process: subprocess.Popen[bytes]) -> tuple[float | None, float | None]:
    """CPU seconds and peak MB of *process*, once it has ended."""
    if not hasattr(os, "wait4"):
        process.wait()
        return None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def in_turns(contenders: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Each contender *rounds* times, one after the other in every round, so that what is compared was measured in the same minute."""
    measured: dict[str, list[Measured]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            measured[name].append(contender())
    return measured


def median(measured: Sequence[Measured], figure: str) -> float | None:
    """The median of a *figure* of `Measured`; ``None`` where the operating system does not tell it."""
    values = [getattr(one, figure) for one in measured]
    return None if None in values else statistics.median(values)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The *middle* of the rounds' ratios, the *least* and the *most* of them: how far they lie apart is the machine's noise."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.middle:.2f}" if self.least == self.most else f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Ratio | None:
    """*ours* ÷ *theirs*, round by round; of *theirs* the last ones where *ours* were measured less often."""
    if None in ours or None in theirs:
        return None
    ratios = [our / their for our, their in zip(ours, theirs[-len(ours) :], strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))
