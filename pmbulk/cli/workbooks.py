"""Templates and checks: offline, unless a template is to have a PM's own values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pmbulk.cli.settings import ConnectionOptions, PmOptions, assumptions_from, target_from
from pmbulk.cli.streams import say_json
from pmbulk.cli.summary import counted, quoted, say
from pmbulk.errors import Severity, UsageError

if TYPE_CHECKING:
    from pmbulk.door.checking import Checked

__all__ = ["check_file", "check_lines", "list_entities", "make_template", "new_xlsx"]


def new_xlsx(output: Path | None) -> None:
    """
    Make sure that a workbook can be written to *output*, before any work is done for it.

    Raises:
        UsageError: If the name is of another kind, or taken, or its folder is not there.
    """
    if output is not None and output.suffix.lower() != ".xlsx":
        raise UsageError(f"-o {output}: what is written is .xlsx; give the file a name that ends so")
    if output is not None and output.exists():
        raise UsageError(f"-o {output}: the file exists and is not overwritten; give another name")
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"-o {output}: there is no folder {output.parent}; make it first, or give another place")


def list_entities() -> None:
    """Print the entities with their actions."""
    from pmbulk.entities.registry import ENTITIES

    listed = [(entity.sheet, ", ".join(action.operation for action in entity.actions), entity.help) for entity in ENTITIES.values()]
    sheets, actions = (max(len(one[column]) for one in listed) for column in (0, 1))
    for sheet, offered, words in listed:
        typer.echo(f"{sheet:<{sheets}}  {offered:<{actions}}  {words}")


def make_template(names: list[str], output: Path | None, connection: PmOptions, *, live: bool, verbose: int) -> None:
    """
    Write a template with the sheets *names* (none: all); a *live* one offers what the PM of *connection* has.

    Raises:
        UsageError: If there can be no such file, the connection is not complete, or there is one but nothing to use it for.
        WorkbookError: If a name is no entity's, or the file cannot be written.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
    """
    from pmbulk.entities.registry import ENTITIES, entity_for
    from pmbulk.sheets.template import write_template

    if not live and connection != PmOptions():
        raise UsageError("a template is written without a PM; add --live to have PM's own values in it")
    entities = [entity_for(name) for name in names] or list(ENTITIES.values())
    path = output or Path()
    if path.is_dir():
        path /= f"{entities[0].sheet if len(entities) == 1 else 'pmbulk'}-template.xlsx"
    new_xlsx(path)
    if live:
        from pmbulk.cli.logs import configure_logs
        from pmbulk.door.live_choices import live_choices

        configure_logs(verbose)
        found = live_choices(target_from(connection), entities)
        path = write_template(path, entities, choices=found.choices, notes=found.notes, headers=found.headers)
        for sentence in found.left_out:
            typer.echo(sentence, err=True)
    else:
        path = write_template(path, entities)
    typer.echo(f"{path}: fill in {', '.join(entity.sheet for entity in entities)}, then: pmbulk check {quoted(path)}")


def check_file(path: Path, connection: ConnectionOptions, *, entity: str | None, as_json: bool) -> int:
    """Print every finding of a workbook; the exit code is 1 if any row is invalid."""
    from pmbulk.door.job import check_input

    likely_rules = assumptions_from(connection).likely_rules
    checked = check_input(path, entity=entity, state_dir=connection.state(), likely_rules=likely_rules)
    if as_json:
        listed = [
            {
                "sheet": one.sheet,
                "row": one.row,
                "cell": one.cell,
                "column": one.finding.column,
                "severity": one.finding.severity.value,
                "message": one.finding.message,
            }
            for one in checked.findings()
        ]
        say_json({"rows": len(checked.rows), "invalid": checked.invalid, "findings": listed})
    else:
        say(check_lines(checked), sys.stdout)
    return 1 if checked.invalid else 0


def check_lines(checked: Checked) -> list[str]:
    """Every finding of a workbook, what its rows come to, and what to type next."""
    path = quoted(checked.path)
    findings = list(checked.findings())
    warnings = sum(one.finding.severity is Severity.WARNING for one in findings)
    counts = {sheet.name: 0 for sheet in checked.sheets}
    for row in checked.rows:
        counts[checked.sheets[row.sheet].name] += 1
    sheets = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    next_step = f"Correct the cells, then: pmbulk check {path}" if checked.invalid else f"Next: pmbulk plan {path}"
    return [
        *map(str, findings),
        f"{counted(len(checked.rows), 'row')} ({sheets}): {checked.invalid:,} invalid, {counted(warnings, 'warning')}",
        next_step,
    ]
