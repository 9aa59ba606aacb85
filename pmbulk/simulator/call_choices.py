"""
What PM refuses in the choices of a personal number's list (FIELDS 6).

Pure functions of what was sent.
"""

from __future__ import annotations

from typing import Any, Final

from pmbulk.simulator.answers import RefusedError

__all__ = ["check_list_number", "checked_choice", "checked_choices"]

_LAST: Final = 10
#: The position that ends the list and lets the telephony system decide; 0 gives the caller the busy tone.
_REROUTE: Final = 11
#: Members that say at which position it goes on.
_JUMPS: Final = ("bsycho", "dndposition")


def check_list_number(number: int, name: str) -> int:
    """
    *number*, if a list may have it; *name* is where it stands.

    Raises:
        RefusedError: 400 unless it is from 1 to 10.
    """
    if not 1 <= number <= _LAST:
        raise RefusedError(400, f"{name} must be a number from 1 to {_LAST}", code="INVALID_FIELD")
    return number


def checked_choice(sent: dict[str, Any]) -> dict[str, Any]:
    """
    The choice that was *sent*.

    Raises:
        RefusedError: 400 without a position from 1 to 10 or a destination, or if it goes on at a position that is not behind its own.
    """
    number = sent.get("chono", 0)
    if not 1 <= number <= _LAST:
        raise RefusedError(400, f"chono must be a number from 1 to {_LAST}", code="INVALID_FIELD")
    if not sent.get("anspos"):
        raise RefusedError(400, "anspos is mandatory", code="MANDATORY")
    if sent.get("stime", 0) < 0:
        raise RefusedError(400, "stime must not be negative", code="INVALID_FIELD")
    for name in _JUMPS:
        position = sent.get(name, 0)
        if position not in (0, _REROUTE) and not number < position <= _LAST:
            raise RefusedError(400, f"{name} must be 0, {_REROUTE}, or a position from {number + 1} to {_LAST}", code="INVALID_FIELD")
    return sent


def checked_choices(sent: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """
    The choices that were *sent*, by position.

    Raises:
        RefusedError: 400 if one is wrong, or two have the same position.
    """
    choices: dict[int, dict[str, Any]] = {}
    for choice in map(checked_choice, sent):
        if choice["chono"] in choices:
            raise RefusedError(400, f"chono {choice['chono']} stands twice in the list", code="DUPLICATE")
        choices[choice["chono"]] = choice
    return choices
