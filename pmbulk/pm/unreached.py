"""Why PM cannot be reached, in words that a person can act on."""

from __future__ import annotations

import socket
import ssl
from typing import Final

import httpx

__all__ = ["why_unreached"]

#: What to do about a certificate that no --ca-file helps, by a part of OpenSSL's words.
_REMEDIES: Final = {
    "expired": "have it renewed on PM",
    "not yet valid": "check the clock here and on PM",
    "mismatch": "type the name it was made for in --url",
}


def why_unreached(error: httpx.HTTPError) -> str:
    """The reason that a person can act on, found among the error's causes."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    for cause in reversed(causes):  # the innermost knows most
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = (getattr(cause, "verify_message", "") or "verification failed").rstrip(".")
            remedy = next((words for part, words in _REMEDIES.items() if part in reason), "name its authority with --ca-file")
            return f"its certificate is not trusted ({reason}); {remedy}, or add --insecure."
        if isinstance(cause, ssl.SSLError):
            return "there is no TLS at this address; check the port, or type http:// with --insecure."
        if isinstance(cause, socket.gaierror):
            return "the host's name is not known; check --url."
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens at this address; check host and port."
    return "no connection in time." if isinstance(error, httpx.TimeoutException) else "no connection was made."
