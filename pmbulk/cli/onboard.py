"""The commands' words around onboarding: an HR export becomes a workbook, or a first mapping."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pmbulk.cli.settings import ConnectionOptions, target_from
from pmbulk.cli.streams import say_json
from pmbulk.cli.summary import quoted, say
from pmbulk.cli.workbooks import new_xlsx
from pmbulk.errors import UsageError
from pmbulk.secret import Secret

if TYPE_CHECKING:
    from pmbulk.door.onboarding import OnboardResult

__all__ = ["make_workbook", "onboard_lines", "password_lines", "suggest"]

#: So many lines of people and of findings are shown; the files have all.
_SHOWN: Final = 10


def make_workbook(
    file: Path,
    mapping: Path | None,
    output: Path | None,
    connection: ConnectionOptions,
    *,
    since: Path | None,
    live: bool,
    leavers_max: int | None,
    as_json: bool,
    verbose: int,
) -> int:
    """
    Make the workbook and return the exit code: 0, or 1 where HR's file has findings.

    Raises:
        UsageError: If the options do not go together, or the mapping cannot be used.
    """
    from pmbulk.cli.logs import configure_logs
    from pmbulk.door.onboarding import OnboardOptions, onboard_file

    if mapping is None:
        raise UsageError("Which mapping? Give --mapping M.toml, or write a first one with --suggest -o M.toml.")
    if live and since is not None:
        raise UsageError("--since compares with the last export and --live with PM; give one of the two")
    new_xlsx(output)
    configure_logs(verbose)
    words = sys.stderr if as_json else sys.stdout
    options = OnboardOptions(
        since=since, live=target_from(connection) if live else None, leavers_max=leavers_max, password=_hand_over_password(file)
    )
    result = onboard_file(file, mapping, output or file.with_name(f"{file.stem}.pmbulk.xlsx"), connection.state(), options=options)
    say(onboard_lines(result), words)
    say(password_lines(result), sys.stderr)
    if as_json:
        say_json(_summary(result))
    return 1 if result.findings else 0


def suggest(file: Path, output: Path | None) -> None:
    """
    Write a first mapping for an HR export, or show it; what was guessed goes to stderr.

    Raises:
        UsageError: If the mapping's file exists, or nothing in the export looks like people.
        WorkbookError: If the export cannot be read.
    """
    from pmbulk.door.onboarding import suggest_mapping

    suggestion = suggest_mapping(file)
    if output is None:
        typer.echo(suggestion.text)
    else:
        try:
            with output.open("x", encoding="utf-8") as written:
                written.write(suggestion.text)
        except FileExistsError as error:
            raise UsageError(f"-o {output}: the file exists and is not overwritten; give another name") from error
        except OSError as error:
            raise UsageError(f"-o {output} cannot be written ({error.strerror or error}); give another place") from error
    typer.echo("\n".join(suggestion.words), err=True)
    if output is not None:
        say([f"Written to {output}. Read it through, then: pmbulk onboard {quoted(file)} --mapping {quoted(output)}"], sys.stderr)


def _hand_over_password(file: Path) -> Secret | None:
    """What the hand-over workbook is to open with: from the environment or a prompt; ``None`` where nobody says."""
    given = os.environ.get("PMBULK_HANDOVER_PASSWORD")
    if given:
        return Secret(given)
    if not sys.stdin.isatty():
        return None
    from getpass import getpass

    typed = getpass(f"Password for the hand-over workbook of {file.name} (blank: one is made up): ")
    return Secret(typed) if typed else None


def onboard_lines(result: OnboardResult) -> list[str]:
    """What an export came to, in words: who, why, what HR is to correct, and what was written."""
    from pmbulk.cli.summary import counted
    from pmbulk.onboarding.changes import Kind

    counts = result.counts
    words = {Kind.JOINER: "new", Kind.MOVER: "changed", Kind.LEAVER: "gone", Kind.UNCHANGED: "unchanged", Kind.UNCLEAR: "unclear"}
    lines = [
        ", ".join(f"{counts[kind]:,} {word}" for kind, word in words.items() if counts[kind]) or "Nothing becomes of anybody in the file."
    ]
    if result.left_out:
        lines.append(f"{counted(result.left_out, 'row')} left out by the mapping's filter")
    if result.not_active:
        them = "person" if result.not_active == 1 else "people"
        lines.append(f"{result.not_active:,} {them} left out: neither active nor there before (`active` in [person])")
    told = [change for change in result.changes if change.kind in {Kind.MOVER, Kind.LEAVER, Kind.UNCLEAR}]
    lines += [f"  {change.key} {change.kind.value}: {change.why}" for change in told[:_SHOWN]]
    if len(told) > _SHOWN:
        lines.append(f"  and {len(told) - _SHOWN:,} more; sheet _people has them all")
    if result.findings:
        people = len({finding.row for finding in result.findings})
        lines.append(f"{people:,} {'person' if people == 1 else 'people'} left out until HR's file is corrected:")
        lines += [f"  {finding}" for finding in result.findings[:_SHOWN]]
        if len(result.findings) > _SHOWN:
            lines.append(f"  and {len(result.findings) - _SHOWN:,} more findings")
        lines.append(f"All findings as comments: {result.marked}")
    if result.before_findings:
        lines.append("The export before has findings too; whom they are about cannot be compared:")
        lines += [f"  {finding}" for finding in result.before_findings[:_SHOWN]]
        if len(result.before_findings) > _SHOWN:
            lines.append(f"  and {len(result.before_findings) - _SHOWN:,} more findings")
    if result.path is None:
        lines.append("Nothing is to be done.")
    else:
        rows = ", ".join(f"{count:,} {sheet} {action}" for (sheet, action), count in result.rows.items())
        lines += [f"Written: {result.path} ({rows})", f"Next: pmbulk plan {quoted(result.path)}"]
    if result.hand_over is not None:
        lines.append(f"Passwords and codes for the new people, encrypted: {result.hand_over}")
    return lines


def password_lines(result: OnboardResult) -> list[str]:
    """The password of the hand-over workbook, if one was made up: shown once and written nowhere; whoever loses it types `onboard` again."""
    return [] if result.password is None else [f"The hand-over opens with  {result.password.reveal()}  (shown only now)"]


def _summary(result: OnboardResult) -> dict[str, object]:
    return {
        "workbook": str(result.path) if result.path else None,
        "hand_over": str(result.hand_over) if result.hand_over else None,
        "findings_copy": str(result.marked) if result.marked else None,
        "people": {kind.value: count for kind, count in result.counts.items()},
        "left_out": result.left_out,
        "not_active": result.not_active,
        "rows": [{"sheet": sheet, "action": action, "rows": count} for (sheet, action), count in result.rows.items()],
        "findings": [
            {"row": finding.row, "column": finding.column, "cell": finding.cell, "message": finding.message} for finding in result.findings
        ],
    }
