"""Which PM answers, as its login says, and what is known about that build. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["PmBuild", "security_notice"]

#: First and last build with the authentication bypass (DOMAIN 1, security notice).
_VULNERABLE: Final = ((7, 3, 0, 0, 50), (7, 8, 1, 0, 14))


@dataclass(frozen=True, slots=True)
class PmBuild:
    """What PM's login says about PM; empty texts where it does not (QUIRKS 8)."""

    version: str = ""
    build: str = ""


def security_notice(build: PmBuild) -> str | None:
    """
    What a person should know about this build's safety, or ``None`` if nothing is known against it or it does not tell its number.

    Source: DOMAIN 1; the fixes do not change the build number, so the notice says what to check.
    """
    if re.fullmatch(r"\d+(\.\d+)+", build.build.strip()) is None:
        return None
    number = tuple(int(part) for part in build.build.strip().split("."))
    first, last = _VULNERABLE
    if not first <= number <= last:
        return None
    return (
        f"PM build {build.build.strip()} is in the range 7.3.0.0.50 to 7.8.1.0.14, which has a critical authentication bypass. "
        "Make sure that Mitel's fix MXO-15711 (MXO-15711_78SP0 or MXO-15711_78SP1) is installed."
    )
