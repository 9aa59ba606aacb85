"""
What a person is asked before a run sends anything: nothing with `--yes`, a yes as a rule, and words to type where much would be lost.

Without a person to ask, deletes beyond a few need `--max-deletes`; changes and moves go on, and a pilot is all there is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

import typer

from pmbulk.cli.summary import counted, intent_lines, say

if TYPE_CHECKING:
    from pmbulk.door.intent import Intent
    from pmbulk.door.options import RunOptions

__all__ = ["Asking"]

#: More deletes than these are agreed to in words, or with `--max-deletes`.
_DELETES_MAX: Final = 25
#: More changes of what is there, or moves, than these are agreed to in words.
_CHANGES_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """How the person is asked: not at all with *yes* or without a terminal; *words* is where everything is said."""

    words: TextIO
    yes: bool

    @property
    def _nobody(self) -> bool:
        return self.yes or not sys.stdin.isatty()

    def guarded(self, options: RunOptions) -> RunOptions:
        """*options* with a limit on deletes where nobody said one and nobody can be asked."""
        return replace(options, deletes_max=_DELETES_MAX) if self._nobody and options.deletes_max is None else options

    def goes_on(self, left: int) -> bool:
        """Whether the person wants the *left* rows to be sent after a pilot; without a person to ask they stay."""
        if self._nobody:
            return False
        try:
            return typer.confirm(f"Go on with the other {counted(left, 'row')}?", err=self.words is sys.stderr)
        except typer.Abort:
            return False

    def agree(self, intent: Intent) -> bool:
        """
        Show what would be sent, and get the person's consent to it.

        Raises:
            typer.Abort: If the person answers with Ctrl-C, or is not there any more.
        """
        say(intent_lines(intent), self.words)
        if self._nobody or not intent.rows:
            return True
        wanted = _words_to_type(intent)
        on_stderr = self.words is sys.stderr
        if not wanted:
            return typer.confirm("Send?", err=on_stderr)
        typed = str(typer.prompt(f"That is a lot. Type '{wanted}' to send it", default="", show_default=False, err=on_stderr))
        return typed.strip().casefold() == wanted


def _words_to_type(intent: Intent) -> str:
    """What is to be typed before *intent* is carried out: ``delete 137``; ``""`` where a yes is enough."""
    many = []
    if intent.deletes > _DELETES_MAX and intent.options.deletes_max is None:
        many.append(f"delete {intent.deletes}")
    if intent.changes > _CHANGES_MAX:
        many.append(f"change {intent.changes}")
    if intent.moves > _CHANGES_MAX:
        many.append(f"move {intent.moves}")
    return " and ".join(many)
