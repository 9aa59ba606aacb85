"""What the command line says before and after a run, in words."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import typer

from pmbulk.errors import Outcome

if TYPE_CHECKING:
    from pmbulk.door.intent import Intent
    from pmbulk.door.results import JobResult

__all__ = ["counted", "intent_lines", "outcome_words", "quoted", "result_lines", "say"]

_WORDS: Final = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.SKIPPED: "skipped (already so)",
    Outcome.FAILED: "failed",
    Outcome.INVALID: "invalid",
    Outcome.BLOCKED: "blocked",
    Outcome.UNKNOWN: "unknown",
    Outcome.NOT_RUN: "not run",
}
_CAUSES_SHOWN: Final = 5
#: A path that Windows' command lines take as it is.
_PLAIN: Final = re.compile(r"[\w.\\/:-]+")
#: What a person is told to type.
_COMMAND: Final = re.compile(r"`[^`]*`|(?<=: )pmbulk .*")
#: Stands for the blanks in a command while a line is broken.
_GLUE: Final = "\0"
#: Control characters, but for tabs and line ends, and those that turn the direction of writing.
_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def outcome_words(counts: dict[Outcome, int]) -> str:
    """The outcomes that occur, in the order of their weight: ``57 succeeded, 3 failed``."""
    return ", ".join(f"{counts[outcome]:,} {words}" for outcome, words in _WORDS.items() if counts.get(outcome)) or "no rows"


def say(lines: Iterable[str], stream: TextIO) -> None:
    """
    Write *lines*; a terminal gets them broken between words, with what follows indented, anything else as they are.

    A command to type stays in one piece, so that it can be copied. What would steer a terminal, or turn the writing round, is left out.
    """
    width = shutil.get_terminal_size().columns if stream.isatty() else 0
    for line in lines:
        harmless = _STEERING.sub("�", line)
        typer.echo(_broken(harmless, width) if width else harmless, file=stream)


def _broken(line: str, width: int) -> str:
    """*line* in lines of at most *width* where its words and commands allow it."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    whole = _COMMAND.sub(lambda command: command[0].replace(" ", _GLUE), line)
    return textwrap.fill(whole, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False).replace(_GLUE, " ")


def intent_lines(intent: Intent, *, policy: bool = True) -> list[str]:
    """What is about to be sent, a line per sheet and operation, and the *policy* in force."""
    lines = [f"{intent.input.name} → {intent.pm_url}"]
    lines += [f"  {sheet}: {operation} {count:,}" for (sheet, operation), count in intent.operations.items()]
    if intent.invalid:
        lines.append(f"  {intent.invalid:,} invalid will not be sent; `pmbulk check {quoted(intent.input)}` says why")
        if intent.options.strict:
            lines.append("  --strict: because of them nothing is sent at all")
    if intent.done:
        lines.append(f"  {intent.done:,} done already, carried over as they are")
    if intent.ended:
        lines.append(f"  {intent.ended:,} did not succeed before; their outcomes stand")
    if intent.left_out:
        lines.append(f"  {intent.left_out:,} left out by --only or --rows")
    lines += [f"  {notice}" for notice in intent.notices]
    if intent.rows and policy:
        lines += [f"  {name}: {words}" for name, words in zip(("policy", "limits"), intent.options.in_words(), strict=True)]
    return lines


def result_lines(result: JobResult) -> list[str]:
    """How a job stands: outcomes, the first failures, the causes, and what to type next."""
    rate = f", {result.rate:,.1f} rows/s" if result.seconds >= 1 else ""
    lines = [f"{outcome_words(dict(result.counts))} ({counted(result.rows, 'row')} in {result.seconds:,.1f} s{rate})"]
    if result.stopped_by is not None:
        lines.append(f"Stopped: {result.stopped_by}")
    if result.first_failures:
        lines.append("First of those that did not succeed:")
        lines += [f"  {place}: {message}" for place, message in result.first_failures]
    if any(cause.count > 1 for cause in result.causes):
        lines.append("Most frequent causes, in the words of the first row of each:")
        lines += [
            f"  {one.count:,} × {one.sheet}{f' {one.code}' if one.code else ''}: {one.message}" for one in result.causes[:_CAUSES_SHOWN]
        ]
    if result.problem:
        lines.append(f"Results: {result.problem}")
    elif result.results is not None:
        lines.append(f"Results: {result.results}")
    elif not result.resumable:
        lines.append(f"Results: none written so far; pmbulk results {result.job} writes them")
    if result.resumable:
        left = f"{counted(result.left, 'row')} not run. " if result.left else ""
        lines.append(f"{left}Go on with: pmbulk resume {result.job}")
    elif result.exit_code and result.results is not None:
        lines.append(f"Correct the rows in that workbook, then: pmbulk rerun {quoted(result.results)}")
    return lines


def counted(number: int, word: str) -> str:
    """So many of what *word* calls one: ``1 row``, ``2,000 rows``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def quoted(path: Path) -> str:
    """*path* as it is typed, whatever characters are in it."""
    if os.name != "nt":
        return shlex.quote(str(path))
    return str(path) if _PLAIN.fullmatch(str(path)) else f'"{path}"'
