"""
Bad days to rehearse for: every kind of fault alone, and all of them together.

Decides how often faults strike and how long they hold a connection; what they do stands in `faults`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pmbulk.simulator.faults import Fault, FaultKind

__all__ = ["TOKEN_LIFETIME_S", "bad_day", "latency_s"]

#: How long a stalled connection is held; a client that rehearses must not wait as long.
_HANG_S: Final = 1.0
#: So short that tokens are renewed all the time.
TOKEN_LIFETIME_S: Final = 2.0

#: Faults that strike some operations only: they come beside the others, not in their place.
_PARTICULAR: Final = frozenset({FaultKind.HALF_MADE, FaultKind.REFUSE_REFRESH})
#: A token is renewed so seldom that a tenth of the renewals would be none.
_REFUSED_REFRESHES: Final = 0.5
#: What a gateway or an overloaded server says; with a wait, PM asks everybody for it.
_STATUSES: Final = ((500, None), (502, None), (503, None), (504, None), (429, "0.05"))


def bad_day(kind: FaultKind | None = None, *, probability: float = 0.1, hang_s: float = _HANG_S) -> tuple[Fault, ...]:
    """
    Faults of one *kind*, or of all kinds (``None``), that strike reads, writes and session calls with *probability* together.

    Those that only some operations can suffer strike these with the same *probability*; refused renewals of a token are more frequent.
    """
    if kind is not None:
        return _faults(kind, probability, hang_s)
    usual = [each for each in FaultKind if each not in _PARTICULAR]
    # The first that strikes is the one that does its damage, so the shares of the later ones are of what is left.
    shares = (probability / len(usual) / (1 - probability * place / len(usual)) for place in range(len(usual)))
    mixed = [fault for each, share in zip(usual, shares, strict=True) for fault in _faults(each, share, hang_s)]
    return (*(fault for each in sorted(_PARTICULAR) for fault in _faults(each, probability, hang_s)), *mixed)


def latency_s(kind: FaultKind | None) -> float:
    """How long every answer takes: where tokens are not renewed, the run must outlive several of them."""
    return 0.02 if kind is FaultKind.REFUSE_REFRESH else 0.0


def _faults(kind: FaultKind, probability: float, hang_s: float) -> tuple[Fault, ...]:
    fault = Fault(kind=kind, probability=probability, seconds=hang_s)
    match kind:
        case FaultKind.LATENCY:
            return (replace(fault, seconds=min(hang_s / 10, 1.0)),)
        case FaultKind.REFUSE_REFRESH:
            return (replace(fault, probability=max(probability, _REFUSED_REFRESHES)),)
        case FaultKind.STATUS:
            share = probability / len(_STATUSES)
            return tuple(replace(fault, probability=share, status=status, retry_after=wait) for status, wait in _STATUSES)
        case _:
            return (fault,)
