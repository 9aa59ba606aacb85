"""
What people were given before: user ids and numbers, kept so that a later export gives everyone the same again.

Holds no secrets: those are generated anew, the same for the same person.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pmbulk.entities.names import fold
from pmbulk.errors import UsageError

__all__ = ["Pins"]

_VERSION = 1


class Pins:
    """
    What was given to whom, by person's key and by what it is (``user_id``, ``extension in MX1``).

    *learnt_until* is the moment, as ISO text, up to which corrections made by hand are known (``""``: none are).
    """

    def __init__(
        self, given: Mapping[str, Mapping[str, str]] | None = None, *, others: Iterable[Pins] = (), learnt_until: str = ""
    ) -> None:
        """*others* are the pins of other mappings: what they gave out is taken."""
        self.learnt_until = learnt_until
        self._given = {fold(key): dict(pins) for key, pins in (given or {}).items()}
        self._others = tuple(others)

    def of(self, key: str, what: str) -> str | None:
        """What the person has; ``None`` if nothing was given yet."""
        return self._given.get(fold(key), {}).get(what)

    def give(self, key: str, what: str, value: str) -> None:
        """Note that the person has it from now on."""
        self._given.setdefault(fold(key), {})[what] = value

    def correct(self, key: str, what: str, value: str) -> None:
        """Note that the person, who was given something of the kind, has *value* instead."""
        if value and self.of(key, what) is not None:
            self.give(key, what, value)

    def taken_by_others(self, what: str) -> set[str]:
        """Everything of a kind that people of other mappings have, folded."""
        return set[str]().union(*(other.taken(what) for other in self._others))

    def taken(self, what: str) -> set[str]:
        """Everything of a kind that somebody has, folded."""
        return {fold(pins[what]) for pins in self._given.values() if what in pins} | self.taken_by_others(what)

    def number_of(self, key: str, name: str, subsystem: str) -> str | None:
        """The number of the kind *name* that the person has in a *subsystem*; ``None`` if none was given yet."""
        return self.of(key, f"{name} in {fold(subsystem)}")

    def give_number(self, key: str, name: str, subsystem: str, number: str) -> None:
        """Note that the person has the number from now on; one in another subsystem stays noted, for an older file gives it again."""
        self.give(key, f"{name} in {fold(subsystem)}", number)

    def correct_number(self, key: str, subsystem: str, number: str) -> None:
        """Note that the person has *number* in a *subsystem* instead of the one given there; nothing is noted where there are several."""
        end = f" in {fold(subsystem)}"
        given = [what for what in self._given.get(fold(key), {}) if what.endswith(end)]
        if len(given) == 1:
            self.correct(key, given[0], number)

    def numbers_of(self, key: str, subsystem: str) -> set[str]:
        """The numbers of all kinds that the person has in a *subsystem*."""
        end = f" in {fold(subsystem)}"
        return {value for what, value in self._given.get(fold(key), {}).items() if what.endswith(end)}

    def numbers_in(self, subsystem: str) -> set[str]:
        """Every number of any kind that somebody has in a *subsystem*."""
        end = f" in {fold(subsystem)}"
        own = {value for pins in self._given.values() for what, value in pins.items() if what.endswith(end)}
        return own.union(*(other.numbers_in(subsystem) for other in self._others))

    def forget(self, keys: Iterable[str]) -> None:
        """Let go of what these people have."""
        for key in keys:
            self._given.pop(fold(key), None)

    @property
    def keys(self) -> set[str]:
        """Who has anything, folded."""
        return set(self._given)

    @classmethod
    def load(cls, path: Path, *, others: Iterable[Pins] = ()) -> Pins:
        """
        The pins in the file at *path*, none if there is no such file, beside those of *others*.

        Raises:
            UsageError: If it cannot be read.
        """
        try:
            content: Any = json.loads(path.read_text("utf-8"))
            return cls({_VERSION: content["people"]}[content["version"]], others=others, learnt_until=content.get("learnt_until", ""))
        except FileNotFoundError:
            return cls(others=others)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path} cannot be read ({error}). It holds the numbers and ids given out so far; put it back from a backup rather than removing it."
            ) from error

    def save(self, path: Path) -> None:
        """
        Write the pins in place of the file at *path*.

        Raises:
            UsageError: If it cannot be written.
        """
        unfinished = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=path.parent)
            unfinished = Path(name)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                content = {"version": _VERSION, "people": self._given, "learnt_until": self.learnt_until}
                json.dump(content, file, ensure_ascii=False, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written ({error.strerror or error}); it is to hold the numbers and ids given out"
            ) from error
        finally:
            if unfinished is not None:
                unfinished.unlink(missing_ok=True)
