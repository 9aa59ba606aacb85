"""
What goes back to the client: answers, refusals and their error bodies.

Knows HTTP statuses and JSON, nothing of PM's records.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

__all__ = ["Answer", "RefusedError", "error_answer", "json_answer", "without_empty"]

_JSON: Final = ((b"content-type", b"application/json"),)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class RefusedError(Exception):
    """
    PM says no: the app turns it into *status* with an error body.

    *code* stands in ``mitelErrorCode``. No real codes are known (DOMAIN 1), so these are the simulator's own. *allow* are the methods
    that would not have been refused with 405.
    """

    def __init__(self, status: int, message: str, *, code: str = "", allow: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or HTTPStatus(status).name
        self.headers = ((b"allow", ", ".join(allow).encode()),) if allow else ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, ready to be sent."""

    status: int
    content: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


def json_answer(status: int, body: object) -> Answer:
    """*body* as JSON; ``None`` is an empty body."""
    return Answer(status) if body is None else Answer(status, _encode(body).encode(), _JSON)


def error_answer(status: int, message: str, *, code: str, with_body: bool = True, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    """
    A refusal in the shape that the three session calls document (QUIRKS 13, 14).

    Without *with_body* it is empty, as the document leaves open for all other calls.
    """
    if not with_body:
        return Answer(status, headers=headers)
    body = {
        "mitelErrorCode": code,
        "errorMsg": message,
        "developerMsg": message,
        "responseStatus": f"{status} {HTTPStatus(status).name}",
        "responseCode": status,
    }
    return Answer(status, _encode(body).encode(), _JSON + headers)


def without_empty(value: Any, *, omit_false: bool) -> Any:
    """*value* without members that are 0, an empty string or absent, at every depth (QUIRKS 19); lists keep all their elements."""
    if isinstance(value, dict):
        return {name: without_empty(member, omit_false=omit_false) for name, member in value.items() if not _is_empty(member, omit_false)}
    if isinstance(value, list):
        return [without_empty(element, omit_false=omit_false) for element in value]
    return value


def _is_empty(member: object, omit_false: bool) -> bool:  # noqa: FBT001  # private, one caller
    return member is None or (member in (0, "") and (omit_false or member is not False))
