"""The command `plan`: what a workbook would do, on the terminal, as JSON and as a workbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pmbulk.cli.settings import ConnectionOptions, target_from
from pmbulk.cli.streams import say_json
from pmbulk.cli.summary import counted, quoted, say
from pmbulk.cli.workbooks import new_xlsx

if TYPE_CHECKING:
    from pmbulk.door.options import RunOptions
    from pmbulk.door.planning import JobPlan

__all__ = ["plan_file", "plan_lines"]

#: What is told first: rows that stand in the way, then what happens to things that exist.
_ORDER: Final = ("conflict", "invalid", "delete", "change", "create")
#: How many rows the terminal shows one by one; the workbook has them all.
_SHOWN: Final = 40


def plan_file(file: Path, output: Path | None, options: RunOptions, connection: ConnectionOptions, *, as_json: bool, verbose: int) -> int:
    """Plan *file*, say what it would do, and return the exit code."""
    from pmbulk.cli.logs import configure_logs
    from pmbulk.door.plan_workbook import write_plan_workbook
    from pmbulk.door.planning import plan_job

    configure_logs(verbose)
    new_xlsx(output)
    plan = plan_job(file, target_from(connection), options=options)
    written = write_plan_workbook(plan, output) if output is not None else None
    if as_json:
        say_json(plan.to_json() | {"workbook": str(written) if written else None})
    else:
        say(plan_lines(plan, written=written), sys.stdout)
    return plan.exit_code


def plan_lines(plan: JobPlan, *, shown: int = _SHOWN, written: Path | None = None) -> list[str]:
    """The plan in words: verdicts per sheet, the *shown* rows that matter most, where it is *written*, and what to type next."""
    from pmbulk.door.planning import PlanVerdict

    lines = [f"{plan.path.name} → {plan.pm_url} (nothing was sent)"]
    for name, counts in plan.counts.items():
        words = ", ".join(f"{counts[verdict]:,} {verdict.value.replace('_', ' ')}" for verdict in PlanVerdict if counts[verdict])
        lines.append(f"  {name}: {words or 'no rows'}")
    changed = {name for name, counts in plan.counts.items() if counts[PlanVerdict.CHANGE]}
    lines += [f"  {caution}" for caution in plan.checked.cautions(changed)]
    telling = sorted((row for row in plan.rows if row.verdict in _ORDER), key=lambda row: _ORDER.index(row.verdict))
    for row in telling[:shown]:
        words = " ".join("; ".join(part for part in (row.message, *map(str, row.changes)) if part).split())
        place = plan.checked.name_of(row.ordinal)
        lines.append(f"{place} {row.verdict.value}{f': {words}' if words else ''}")
    if len(telling) > shown:
        lines.append(f"… and {counted(len(telling) - shown, 'more row')}; {written or '-o PLAN.xlsx or --json'} has all of them")
    if written is not None:
        lines.append(f"Plan: {written}")
    return [*lines, _next_step(plan)]


def _next_step(plan: JobPlan) -> str:
    """What to type after looking at *plan*."""
    from pmbulk.door.options import RunOptions

    run = f"pmbulk run {quoted(plan.path)}{'' if plan.options == RunOptions() else ', with the same options'}"
    if plan.exit_code:
        return f"Correct conflicts and invalid rows, or leave them: {run}"
    return f"Next: {run}" if any(row.verdict in _ORDER for row in plan.rows) else "Nothing is to be done."
