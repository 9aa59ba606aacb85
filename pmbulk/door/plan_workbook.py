"""A plan as a workbook: each row's verdict beside its cells, secrets masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pmbulk import __version__
from pmbulk.door.planning import JobPlan
from pmbulk.door.results import notes_of
from pmbulk.entities.headers import places_of
from pmbulk.sheets.plan import PlanRow, PlanSheet, PlanSummary, write_plan
from pmbulk.sheets.summary import FACT_INPUT, FACT_INPUT_PATH, FACT_INPUT_SHA256

__all__ = ["write_plan_workbook"]


def write_plan_workbook(plan: JobPlan, path: Path) -> Path:
    """
    Write *plan* to *path*, or to the next free name, and return where it is.

    Raises:
        WorkbookError: If it cannot be written.
    """
    facts = (
        ("PM", plan.pm_url),
        ("PM version", plan.pm_version or "not told"),
        ("Creates of what exists", plan.options.if_exists.value),
        (FACT_INPUT, plan.path.name),
        (FACT_INPUT_PATH, str(plan.path.resolve())),
        (FACT_INPUT_SHA256, plan.checked.sha256),
        ("pmbulk", __version__),
    )
    counts = {name: {verdict.value: count for verdict, count in per.items()} for name, per in plan.counts.items()}
    sheets = (PlanSheet(sheet.name, sheet.binding.headers, _rows(plan, position)) for position, sheet in enumerate(plan.checked.sheets))
    return write_plan(path, PlanSummary(facts, counts), sheets)


def _rows(plan: JobPlan, position: int) -> Iterator[PlanRow]:
    checked = plan.checked
    places = places_of(checked.sheets[position].binding.headers)
    for planned in plan.rows:
        row = checked.rows[planned.ordinal]
        if row.sheet == position:
            yield PlanRow(
                planned.verdict.value,
                planned.message,
                "\n".join(map(str, planned.changes)),
                row.number,
                json.loads(checked.masked_cells(row)),
                {places[one.column]: one.words for one in planned.changes if one.column in places},
                notes_of(planned.findings, places),
            )
