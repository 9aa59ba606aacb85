"""The cases: what is measured, against what, and the aim for it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.benchmarks.full_pm import full_pm
from tests.benchmarks.hr_file import write_hr
from tests.benchmarks.measure import Measured, Ratio, in_turns, measure, median, ratio
from tests.benchmarks.server import FreePm, Seen, free_pm
from tests.benchmarks.workbook import COLUMNS, write_users

__all__ = ["CASES", "Aim", "Table"]

IN_FLIGHT = 32

#: Tells the runs' files apart.
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Aim:
    """A *figure* that has a *bound*, from above or, with *at_least*, from below; *figure* ``None``: it cannot be measured here."""

    name: str
    figure: Ratio | float | None
    bound: float
    at_least: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the figure keeps the bound; ``None`` where it cannot be measured."""
        if self.figure is None:
            return None
        value = self.figure.middle if isinstance(self.figure, Ratio) else self.figure
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        verdict = {True: "reached", False: "NOT REACHED", None: "not measured"}[self.reached]
        figure = f"{self.figure:,.0f}" if isinstance(self.figure, float) else self.figure
        return f"{self.name}: {figure}, aim {'≥' if self.at_least else '≤'} {self.bound:g}: {verdict}"


@dataclass(frozen=True, slots=True)
class Table:
    """What a case found: a *title* that says what was done, *rows* of equal columns (contender first), and the aims."""

    title: str
    rows: tuple[dict[str, str], ...]
    aims: tuple[Aim, ...]


def read_and_check(folder: Path, *, quick: bool) -> Table:
    """A large workbook, read without loss and checked cell by cell, beside readers that check nothing."""
    rows, rounds = (10_000, 3) if quick else (100_000, 3)
    path = write_users(folder / f"read-{rows}.xlsx", rows)
    readers = {
        "pmbulk: read and check": "read_with_pmbulk",
        "python-calamine: iter_rows": "read_with_calamine",
        "pandas.read_excel": "read_with_pandas",
    }
    pmbulk_too, calamine_too, pandas_too = ((title, partial(_contender, name, path)) for title, name in readers.items())
    measured = in_turns(dict([pmbulk_too, calamine_too]), rounds) | in_turns(dict([pandas_too]), 1)
    pmbulk, calamine, _ = measured.values()
    return Table(
        f"Read {rows:,} rows × {len(COLUMNS)} columns; seconds without the start of Python, median of {rounds}, pandas once",
        tuple(
            {
                "": title,
                "s": _text(median(times, "work_s"), ".2f"),
                "CPU s": _text(median(times, "cpu_s"), ".2f"),
                "peak MB": _text(median(times, "peak_mb"), ".0f"),
                "× calamine": str(_ratio(times, calamine, "work_s")),
            }
            for title, times in measured.items()
        ),
        (
            Aim("read and check ÷ bare calamine", _ratio(pmbulk, calamine, "work_s"), 2.5),
            Aim("peak MB", median(pmbulk, "peak_mb"), 500),
        ),
    )


def end_to_end(folder: Path, *, quick: bool) -> Table:
    """A workbook carried out by the whole command on a server that costs nothing."""
    rows, rounds = (2_000, 1) if quick else (10_000, 3)
    path = write_users(folder / f"send-{rows}.xlsx", rows)
    with free_pm() as pm:
        measured = in_turns(_senders(path, rows, pm), rounds)
    pmbulk, loop, _ = measured.values()
    return Table(
        f"Send {rows:,} rows to a server that costs nothing; whole processes, median of {rounds}",
        tuple(
            {
                "": title,
                "s": _text(median(times, "seconds"), ".2f"),
                "CPU µs a row": _text(median(times, "cpu_s"), ",.0f", per=rows / 1e6),
                "peak MB": _text(median(times, "peak_mb"), ".0f"),
                "CPU × loop": str(_ratio(times, loop, "cpu_s")),
            }
            for title, times in measured.items()
        ),
        (Aim("CPU a row ÷ that of the naive loop", _ratio(pmbulk, loop, "cpu_s"), 0.6),),
    )


def latency(folder: Path, *, quick: bool) -> Table:
    """A workbook carried out on a server that takes its time: how much of it is used."""
    latency_s = 0.05
    rows, rounds = (320, 1) if quick else (1_000, 3)
    path = write_users(folder / f"latency-{rows}.xlsx", rows)
    ideal_s = {IN_FLIGHT: rows * latency_s / IN_FLIGHT, 1: rows * latency_s}
    with free_pm(latency_s) as pm:
        pmbulk, loop, threads = _senders(path, rows, pm).items()
        measured = in_turns(dict([pmbulk, threads]), rounds) | in_turns(dict([loop]), 1)
    of_ideal = {
        title: ratio([ideal_s[1 if title == loop[0] else IN_FLIGHT]] * len(times), [one.work_s for one in times])
        for title, times in measured.items()
    }
    return Table(
        f"Send {rows:,} rows to a server that takes {latency_s * 1000:.0f} ms, {IN_FLIGHT} in flight; median of {rounds}, the loop once.\n"
        f"Ideal: rows × latency ÷ in flight = {ideal_s[IN_FLIGHT]:.2f} s (the loop's: {ideal_s[1]:.0f} s), "
        "against first request to last answer as the server saw them",
        tuple(
            {
                "": title,
                "s, whole command": _text(median(times, "seconds"), ".2f"),
                "s, first request to last answer": _text(median(times, "work_s"), ".2f"),
                "of the ideal throughput": str(of_ideal[title]),
            }
            for title, times in measured.items()
        ),
        (Aim(f"throughput ÷ ideal at {IN_FLIGHT} in flight", of_ideal[pmbulk[0]], 0.93, at_least=True),),
    )


#: PMs by how many requests they work on at once, the seconds each takes, and the rows to send.
KNEES = {4: (0.1, 500), 16: (0.1, 2_000), 64: (0.25, 4_000)}
#: Concurrency that is tried out at every PM, as multiples of what it works on at once.
SWEEP = (0.75, 1, 1.25, 1.5, 2)


def limit(folder: Path, *, quick: bool) -> Table:
    """The limit that pmbulk finds out, beside the best that somebody could have set who knew PM."""
    rows: list[dict[str, str]] = []
    aims: list[Aim] = []
    for knee, (latency_s, all_rows) in KNEES.items():
        many = all_rows // 4 if quick else all_rows
        path = write_users(folder / f"limit-{many}.xlsx", many)
        with free_pm(latency_s, capacity=knee) as pm:
            sweep = {
                round(knee * share): _paced(path, many, pm, f"{round(knee * share)}", "--steady") for share in SWEEP[:: 2 if quick else 1]
            }
            found = _paced(path, many, pm)
        best = min(sweep, key=lambda fixed: sweep[fixed].seconds)
        slower = found.seconds / sweep[best].seconds
        calm = _calm(found, latency_s)
        rows.append(
            {
                "PM's capacity": f"{knee} at once, {latency_s * 1000:.0f} ms",
                "s by fixed concurrency": ", ".join(f"{fixed}: {seen.seconds:.1f}" for fixed, seen in sweep.items()),
                "s, told nothing": f"{found.seconds:.1f}",
                "× best": f"{slower:.2f}",
                "calm": f"{calm:.0%}",
                "in flight at last": f"{_in_flight(found):.0f}",
            }
        )
        aims += [
            Aim(f"told nothing ÷ best fixed at {knee}", Ratio(slower, slower, slower), 1.15),
            Aim(f"share of seconds with p95 under twice the unloaded latency at {knee}", Ratio(calm, calm, calm), 0.9, at_least=True),
        ]
    return Table(
        "Rows sent to PMs that work on so many requests at once, the others wait; first request to last answer as the server saw them.\n"
        "Calm: the share of seconds in which the 95th percentile of the latency was under twice the unloaded one",
        tuple(rows),
        tuple(aims),
    )


def _paced(path: Path, rows: int, pm: FreePm, concurrency: str | None = None, *options: str) -> Seen:
    """What the server saw of a run with these options."""
    more = (*options, "--concurrency", concurrency) if concurrency else options
    sender = _pmbulk(path, pm, *more)
    pm.seen()
    sender()
    seen = pm.seen()
    if seen.creates != rows:
        raise RuntimeError(f"{rows} rows were to be sent and {seen.creates} arrived")
    return seen


def _calm(seen: Seen, unloaded_s: float) -> float:
    """The share of seconds in which the answers' p95 was under twice *unloaded_s*."""
    seconds: dict[int, list[float]] = {}
    for arrived_s, answered_s in seen.stays:
        seconds.setdefault(int(answered_s), []).append(answered_s - arrived_s)
    return sum(sorted(stays)[int(0.95 * (len(stays) - 1))] < 2 * unloaded_s for stays in seconds.values()) / len(seconds)


def _in_flight(seen: Seen) -> float:
    """How many requests were at the server at once, on average over the second half of the time (Little's law)."""
    half_s = seen.seconds / 2
    return sum(answered_s - max(arrived_s, half_s) for arrived_s, answered_s in seen.stays if answered_s > half_s) / half_s


def export(folder: Path, *, quick: bool) -> Table:
    """All users of a PM as a workbook, for PMs of three sizes; and the extensions of the smallest with their codes and keys."""
    latency_s = 0.01
    sizes = (500, 1_000, 2_000) if quick else (2_500, 5_000, 10_000)
    numbers = itertools.count(1)

    def exported(url: str, *sheets: str) -> Measured:
        options = ["-o", str(folder / f"export-{next(numbers)}.xlsx"), "--concurrency", str(IN_FLIGHT), "--url", url, "--user", "admin"]
        return _command("-m", "pmbulk", "export", *sheets, *options)

    measured: dict[str, Measured] = {}
    for size in sizes:
        with full_pm(size, latency_s) as url:
            measured[f"pmbulk export users, {size:,}"] = exported(url, "users")
            if size == sizes[0]:
                measured[f"requests in a loop + openpyxl, {size:,} users"] = _contender("export_in_loop", folder / "loop.xlsx", url)
                measured[f"pmbulk export extensions authorization_codes phone_keys, {size:,} each"] = exported(
                    url, "extensions", "authorization_codes", "phone_keys"
                )
    small, *_, large = (measured[f"pmbulk export users, {size:,}"] for size in sizes)
    loop = measured[f"requests in a loop + openpyxl, {sizes[0]:,} users"]
    return Table(
        f"Export from a simulated PM that takes {latency_s * 1000:.0f} ms at least, {IN_FLIGHT} requests in flight; whole processes, once.\n"
        "The simulator shares the machine and takes most of the time",
        tuple(
            {
                "": title,
                "s": _text(one.seconds, ".1f"),
                "CPU s": _text(one.cpu_s, ".1f"),
                "peak MB": _text(one.peak_mb, ".0f"),
            }
            for title, one in measured.items()
        ),
        (
            Aim(f"peak MB, {sizes[-1]:,} users ÷ {sizes[0]:,}", _ratio([large], [small], "peak_mb"), 1.15),
            Aim("seconds ÷ those of the loop", _ratio([small], [loop], "seconds"), 0.6),
        ),
    )


def start(_folder: Path, *, quick: bool) -> Table:
    """How long the command takes to say what it can do."""
    rounds = 3 if quick else 7
    commands = {"pmbulk --help": ("-m", "pmbulk", "--help"), "import pandas": ("-c", "import pandas"), "python alone": ("-c", "")}
    measured = in_turns({title: partial(_command, *arguments) for title, arguments in commands.items()}, rounds)
    help_, pandas, _ = measured.values()
    return Table(
        f"Start; whole processes, median of {rounds}",
        tuple(
            {"": title, "ms": _text(median(times, "seconds"), ".0f", per=1e-3), "× import pandas": str(_ratio(times, pandas, "seconds"))}
            for title, times in measured.items()
        ),
        (Aim("pmbulk --help ÷ import pandas", _ratio(help_, pandas, "seconds"), 0.33),),
    )


def onboard(folder: Path, *, quick: bool) -> Table:
    """An HR export made into a workbook of three records a person, beside a script that does no more than fill the cells."""
    people, rounds = (1_000, 1) if quick else (10_000, 3)
    path, mapping = write_hr(folder, people)
    ours, theirs = "pmbulk onboard: pinned, sealed, hand-over", "pandas + Jinja for each cell"
    script = partial(_contender, "onboard_in_loop", path, folder / "script.xlsx")
    measured = in_turns({ours: _onboarder(path, mapping)}, rounds) | in_turns({theirs: script}, 1)
    return Table(
        f"Onboard {people:,} people × 3 records; whole processes, median of {rounds}, the script once",
        tuple(
            {
                "": title,
                "s": _text(median(times, "seconds"), ".2f"),
                "CPU s": _text(median(times, "cpu_s"), ".2f"),
                "peak MB": _text(median(times, "peak_mb"), ".0f"),
            }
            for title, times in measured.items()
        ),
        (Aim("CPU s of onboard", median(measured[ours], "cpu_s"), 10),),
    )


#: By the name that `--only` takes.
CASES: Mapping[str, Callable[..., Table]] = {
    "read": read_and_check,
    "send": end_to_end,
    "latency": latency,
    "limit": limit,
    "export": export,
    "onboard": onboard,
    "start": start,
}


def _onboarder(path: Path, mapping: Path) -> Callable[[], Measured]:
    """`onboard` as a command, each time with a memory of its own."""
    numbers = itertools.count(1)

    def pmbulk() -> Measured:
        new = path.with_suffix(f".onboard-{next(numbers)}")
        return _command("-m", "pmbulk", "onboard", str(path), "--mapping", str(mapping), "-o", f"{new}.xlsx", "--state-dir", str(new))

    return pmbulk


def _command(*arguments: str) -> Measured:
    return measure([sys.executable, *arguments])[0]


def _contender(name: str, *arguments: object) -> Measured:
    measured, said = measure([sys.executable, "-m", "tests.benchmarks.contenders", name, *map(str, arguments)])
    return replace(measured, work_s=float(said.splitlines()[-1]))


def _senders(path: Path, rows: int, pm: FreePm) -> dict[str, Callable[[], Measured]]:
    """pmbulk, the loop and the threads, sending the workbook at *path*."""
    senders = {
        "pmbulk run: checks, journal, results": _pmbulk(path, pm, "--concurrency", str(IN_FLIGHT), "--steady"),
        "pandas + requests in a loop": partial(_contender, "send_in_loop", path, pm.url),
        "pandas + requests, 32 threads": partial(_contender, "send_in_threads", path, pm.url),
    }
    return {title: partial(_sent, sender, rows, pm) for title, sender in senders.items()}


def _pmbulk(path: Path, pm: FreePm, *options: str) -> Callable[[], Measured]:
    """The whole command with *options*."""

    def run() -> Measured:
        new = path.with_suffix(f".run-{next(_NUMBERS)}")
        common = ["--url", pm.url, "--user", "admin", "--state-dir", str(new), "--yes", "-q"]
        return _command("-m", "pmbulk", "run", str(path), "-o", f"{new}.xlsx", *common, *options)

    return run


def _sent(sender: Callable[[], Measured], rows: int, pm: FreePm) -> Measured:
    """What *sender* took, with the seconds that the server saw; all rows must have arrived, once."""
    pm.seen()
    measured = sender()
    seen = pm.seen()
    if seen.creates != rows:
        raise RuntimeError(f"{rows} rows were to be sent and {seen.creates} arrived")
    return replace(measured, work_s=seen.seconds)


def _ratio(ours: list[Measured], theirs: list[Measured], figure: str) -> Ratio | None:
    return ratio([getattr(one, figure) for one in ours], [getattr(one, figure) for one in theirs])


def _text(value: float | None, form: str, *, per: float = 1.0) -> str:
    return "n/a" if value is None else format(value / per, form)
