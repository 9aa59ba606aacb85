"""The commands that look at the live PM: `export` and `get`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from pmbulk.cli.settings import PmOptions, target_from
from pmbulk.cli.streams import say_json
from pmbulk.cli.summary import quoted
from pmbulk.cli.workbooks import new_xlsx
from pmbulk.errors import UsageError

if TYPE_CHECKING:
    from pmbulk.door.exporting import ExportResult
    from pmbulk.door.getting import Read

__all__ = ["export_live", "get_live"]


#: How many of the things that could not be exported are named on the terminal; the workbook has them all.
_NAMED_MAX: Final = 10
#: Rows between two lines of progress.
_TOLD_EVERY: Final = 50


def export_live(
    names: list[str],
    output: Path,
    connection: PmOptions,
    *,
    subsystem: str | None,
    form: str | None,
    to: str | None,
    numbers: str | None,
    keep_secrets: bool,
    concurrency: int | None,
    as_json: bool,
    verbose: int,
) -> int:
    """Write the live state of the entities *names* (none: of all) to a workbook, or what moves it; the exit code is 1 if something could not be exported."""
    from rich.console import Console

    from pmbulk.cli.logs import configure_logs
    from pmbulk.door.exporting import export_entities
    from pmbulk.door.options import DEFAULT_CONCURRENCY

    configure_logs(verbose)
    new_xlsx(output)
    if form is None and (to is not None or numbers is not None):
        raise UsageError("--to and --numbers go with --as moves")
    moves = None if form is None else _moves(names, form, subsystem=subsystem, to=to, numbers=numbers)
    target = target_from(connection)
    with Console(stderr=True).status("asking PM") as status:
        done = (moves or partial(export_entities, names, subsystem=subsystem, keep_secrets=keep_secrets))(
            path=output,
            target=target,
            concurrency=concurrency or DEFAULT_CONCURRENCY,
            watch=lambda sheet, rows: status.update(f"{sheet}: {rows:,} read") if rows % _TOLD_EVERY == 0 else None,
        )
    if as_json:
        unread = [{"sheet": sheet, "what": one.what, "why": one.why} for sheet, one in done.unread]
        found = {"workbook": str(done.path), "rows": done.rows, "withheld": list(done.withheld), "unread": unread}
        say_json(found)
    else:
        typer.echo(f"{done.path}: {', '.join(f'{name} {count:,}' for name, count in done.rows.items())}")
        if done.withheld:
            typer.echo(f"Secrets were left out of {', '.join(done.withheld)}; --keep-secrets writes them.")
        typer.echo(f"Change what shall be different, then: pmbulk plan {quoted(done.path)}")
    for sheet, one in done.unread[:_NAMED_MAX]:
        typer.echo(f"Not exported: {sheet}: {one}", err=True)
    if len(done.unread) > _NAMED_MAX:
        typer.echo(f"… and {len(done.unread) - _NAMED_MAX:,} more: sheet _not_exported of {done.path} has them all", err=True)
    return 1 if done.unread else 0


def _moves(names: list[str], form: str, *, subsystem: str | None, to: str | None, numbers: str | None) -> Callable[..., ExportResult]:
    """
    What writes the moves that were asked for.

    Raises:
        UsageError: If the options do not go together.
    """
    from pmbulk.door.exporting_moves import export_moves, parse_numbers
    from pmbulk.entities.names import plain

    if form != "moves":
        raise UsageError(f"--as '{form}' is none that pmbulk knows; type --as moves, or leave it out")
    if [plain(name) for name in names] != ["extensions"] or not subsystem or not to:
        raise UsageError(
            "--as moves goes with extensions of one subsystem: pmbulk export extensions --subsystem MX1 --as moves --to MX2 -o FILE"
        )
    return partial(export_moves, subsystem=subsystem, to=to, numbers=parse_numbers(numbers) if numbers else None)


def get_live(arguments: Sequence[str], connection: PmOptions, *, as_json: bool, verbose: int) -> None:
    """Print PM's answers: as tables on a terminal, as JSON otherwise; several answers are a JSON list."""
    from pmbulk.cli.logs import configure_logs
    from pmbulk.door.getting import get_all

    configure_logs(verbose)
    reads = _reads(arguments)
    answers = get_all(reads, target_from(connection))
    if as_json or not sys.stdout.isatty():
        say_json(answers[0] if len(answers) == 1 else answers)
        return
    for one, answer in zip(reads, answers, strict=True):
        _show(one.endpoint.name, answer)


def _reads(arguments: Sequence[str]) -> list[Read]:
    """
    The reads that were typed, each with the parameters that follow it.

    Raises:
        UsageError: If a parameter comes before any operation.
    """
    from pmbulk.door.getting import read_of

    groups: list[tuple[str, list[str]]] = []
    for argument in arguments:
        if "=" not in argument or "/" in argument.partition("=")[0]:
            groups.append((argument, []))
        elif groups:
            groups[-1][1].append(argument)
        else:
            raise UsageError(f"'{argument}' comes before any operation; type `pmbulk get OPERATION name=value`")
    return [read_of(address, parameters) for address, parameters in groups]


def _show(name: str, answer: Any) -> None:
    """One answer as tables: a row for each object of a list; of a single object one for each member, and a table for each list of objects in it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    inside: dict[str, list[Any]] = {}
    if _is_objects(answer):
        named = {member: None for one in answer for member, value in one.items() if not isinstance(value, dict) and not _is_objects(value)}
        members = list(named) or list(dict.fromkeys(member for one in answer for member in one))
        for member in members:
            table.add_column(Text(member), overflow="fold")
        for one in answer:
            table.add_row(*(Text(_word(one.get(member))) for member in members))
    elif isinstance(answer, dict):
        table.add_column("member")
        table.add_column("value", overflow="fold")
        for member, value in answer.items():
            if value and _is_objects(value):
                inside[member] = value
            else:
                table.add_row(Text(member), Text(_word(value)))
    else:
        typer.echo(_word(answer))
        return
    console = Console()
    # As the table's title it would be folded to the table's width.
    console.print(Text(name, style="italic"), table, sep="\n")
    if isinstance(answer, list):
        console.print(f"{len(answer):,} in all; --json shows what is inside them", highlight=False, markup=False)
    for member, value in inside.items():
        _show(f"{name}: {member}", value)


def _is_objects(value: Any) -> bool:
    """Whether *value* is a list of objects, or could be one."""
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _word(value: Any) -> str:
    """A value as it stands in a table."""
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(map(_word, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
