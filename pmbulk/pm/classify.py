"""
What an answer of PM means, and what it means that none came.

Status, headers and body in; an `Answer` or an error out. Pure: no I/O and no clock, so that every rule stands in a table of tests. Two questions
decide: could PM have done something, and would sending twice do harm?
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from pmbulk.endpoints import Endpoint
from pmbulk.errors import AmbiguousError, RejectedError, RowError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.unreached import why_unreached
from pmbulk.secret import MASK

__all__ = ["FATES", "Answer", "Code", "Fate", "UnauthorizedError", "classify", "failure", "retry_after_s"]


class Code(StrEnum):
    """Our own codes, for what PM gives no ``mitelErrorCode``; any other error status is ``HTTP_<status>``."""

    #: No connection was made, so nothing was sent.
    UNREACHABLE = "UNREACHABLE"
    #: The request was sent and no whole answer came in time.
    TIMEOUT = "TIMEOUT"
    #: The connection was lost before the whole answer came.
    CONNECTION_LOST = "CONNECTION_LOST"
    #: What came back is not an HTTP answer.
    NOT_HTTP = "NOT_HTTP"
    #: A success whose body is a web page or cut-off JSON.
    NOT_JSON = "NOT_JSON"
    #: JSON of a shape that no chapter of PM's document has.
    UNEXPECTED_SHAPE = "UNEXPECTED_SHAPE"
    #: The telephony server runs an exclusive command; nothing was done.
    COMMAND_BUSY = "COMMAND_BUSY"
    #: PM's address sends us on to another one.
    REDIRECTED = "REDIRECTED"
    #: A value cannot stand in a request's path; nothing was sent.
    UNADDRESSABLE = "UNADDRESSABLE"
    #: PM answers every page number with the same page.
    PAGE_IGNORED = "PAGE_IGNORED"


class Fate(StrEnum):
    """Could anything have been sent when this error came?"""

    #: No: PM knows nothing of the request.
    UNSENT = "unsent"
    #: Yes: PM may have done it.
    PERHAPS = "perhaps"
    #: The error is ours to mend in the code; it says nothing about PM.
    MISTAKE = "mistake"


#: Every error of httpx (a test holds that none is missing), by the question whether anything could have been sent.
FATES: Final[Mapping[type[Exception], Fate]] = {
    httpx.ConnectError: Fate.UNSENT,
    httpx.ConnectTimeout: Fate.UNSENT,
    httpx.PoolTimeout: Fate.UNSENT,
    httpx.ProxyError: Fate.UNSENT,
    httpx.ReadError: Fate.PERHAPS,
    httpx.ReadTimeout: Fate.PERHAPS,
    httpx.WriteError: Fate.PERHAPS,
    httpx.WriteTimeout: Fate.PERHAPS,
    httpx.CloseError: Fate.PERHAPS,
    httpx.RemoteProtocolError: Fate.PERHAPS,
    httpx.LocalProtocolError: Fate.PERHAPS,
    httpx.DecodingError: Fate.PERHAPS,
    httpx.TimeoutException: Fate.PERHAPS,
    httpx.NetworkError: Fate.PERHAPS,
    httpx.ProtocolError: Fate.PERHAPS,
    httpx.TransportError: Fate.PERHAPS,
    httpx.RequestError: Fate.PERHAPS,
    httpx.HTTPError: Fate.PERHAPS,
    httpx.TooManyRedirects: Fate.MISTAKE,
    httpx.HTTPStatusError: Fate.MISTAKE,
    httpx.UnsupportedProtocol: Fate.MISTAKE,
    httpx.InvalidURL: Fate.MISTAKE,
    httpx.CookieConflict: Fate.MISTAKE,
    httpx.StreamError: Fate.MISTAKE,
    httpx.StreamConsumed: Fate.MISTAKE,
    httpx.StreamClosed: Fate.MISTAKE,
    httpx.ResponseNotRead: Fate.MISTAKE,
    httpx.RequestNotRead: Fate.MISTAKE,
}

#: What to do where PM gives a status and no words.
_REMEDIES: Final = {
    400: "PM refuses the values and does not say which: compare the row with one that PM accepts.",
    401: "PM does not accept the token, not even a new one: the account may lack the right to do this.",
    403: "This account may not do that: log in as an administrator who has the privilege, and access to the department and location.",
    404: "PM does not have what the row names: check its names, numbers and ids.",
    405: "This PM does not offer the operation: check PM's version and the address.",
    407: "A proxy stands before PM and wants a login of its own: check --url, or reach PM past the proxy.",
    409: "PM has it already, or it is in use: check the row against what PM has.",
    413: "PM finds the request too large: split the row's lists.",
    422: "PM refuses the values and does not say which: compare the row with one that PM accepts.",
    501: "This PM does not offer the operation: check PM's version and the address.",
}

#: What a gateway answers for a PM that it cannot reach (RFC 9110 sections 15.6.3 to 15.6.5).
_GATEWAY_STATUSES: Final = frozenset({502, 503, 504})
#: Where an error body keeps its sentence, best first: PM's own shape (QUIRKS 14), then those of usual Java servers.
_SENTENCES: Final = ("errorMsg", "developerMsg", "message", "detail", "error_description", "error", "title")
#: Values of ``mitelErrorCode`` that name no error.
_NO_ERROR: Final = frozenset({"", "0", "OK", "SUCCESS", "NONE"})
#: A sentence of PM's in a message of ours, in characters.
_LONGEST_SENTENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: its *status* and the JSON *content* (``None``: no body; a text where the body is one). Not shown in repr: answers hold secrets."""

    status: int
    content: Any = field(default=None, repr=False)


class UnauthorizedError(Exception):
    """PM does not accept the token; *refusal* is what it comes to if a new token does not help. Never leaves `pm`."""

    def __init__(self, refusal: RejectedError) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class _Body(StrEnum):
    """What a body turned out to be."""

    JSON = "json"
    EMPTY = "empty"
    TEXT = "text"
    MARKUP = "markup"
    BROKEN = "broken"


def classify(
    endpoint: Endpoint,
    status: int,
    *,
    headers: Mapping[str, str],
    body: bytes,
    assumptions: Assumptions,
    now_s: float,
    secrets: Iterable[str] = (),
) -> Answer:
    """
    The answer to a request for *endpoint*, if it is a success.

    *headers* are looked up in lower case. *now_s* is the wall clock in seconds since 1970, for a `Retry-After` that is a date. *secrets* are masked
    wherever PM repeats them.

    Raises:
        RejectedError: PM said no.
        TransientError: PM did nothing, or may be asked twice.
        AmbiguousError: PM may have done it, and doing it twice would do harm.
        UnauthorizedError: PM does not accept the token.
    """
    kind, content = _parsed(body)
    said = _Said.of(kind, content, secrets)
    if _is_busy(status, kind, content, body, assumptions):
        wait_s = retry_after_s(headers, now_s)
        raise TransientError(
            "The telephony server is busy with another command.", code=Code.COMMAND_BUSY, http=status, retry_after_s=wait_s, busy=True
        )
    if status in {200, 201, 204}:
        if said.is_error:
            raise _rejected(status, said)
        return _success(endpoint, status, kind, content)
    if status < 300:
        raise _doubtful(endpoint, f"PM answers {status}, which does not say whether it is done.", code=_http_code(status), http=status)
    if status < 400:
        host = _host(headers.get("location", "")) or "another path of its own"
        raise RejectedError(f"PM's address sends us on to {host} (HTTP {status}): check --url.", code=Code.REDIRECTED, http=status)
    raise _refusal(endpoint, status, said, assumptions=assumptions, wait_s=retry_after_s(headers, now_s))


def _host(location: str) -> str:
    """The host of a `Location`, without user, path and query, which may hold a ticket; empty if it names none."""
    try:
        return urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _refusal(
    endpoint: Endpoint, status: int, said: _Said, *, assumptions: Assumptions, wait_s: float | None
) -> RowError | UnauthorizedError:
    """What an error status comes to."""
    if status == 401:
        return UnauthorizedError(_rejected(status, said))
    asked = "PM asks for a pause." if status == 429 or (status == 503 and wait_s is not None) else ""
    unprocessed = status in assumptions.unprocessed_statuses or (
        status == 503 and wait_s is not None and assumptions.unavailable_means_unprocessed
    )
    if unprocessed:
        words = said.sentence_after(asked or "PM did not take the request.", status)
        return TransientError(words, code=said.code or _http_code(status), http=status, retry_after_s=wait_s)
    if status >= 500 and status not in assumptions.refusing_server_statuses:
        return _doubtful(
            endpoint,
            said.sentence_after(asked or "PM failed while it worked on the request.", status),
            code=said.code or _http_code(status),
            http=status,
            wait_s=wait_s,
            unanswered=status in _GATEWAY_STATUSES and not wait_s,
        )
    return _rejected(status, said)


def _success(endpoint: Endpoint, status: int, kind: _Body, content: Any) -> Answer:
    """
    A success, unless its body shows that it is not PM's or not whole.

    A web page never comes from PM's services but from something before them. Cut-off JSON spoils a read; of a write whose body nobody needs
    the status says enough (QUIRKS 12).
    """
    if kind is _Body.MARKUP:
        words = "A web page came back instead of PM's answer: check --url."
        raise _doubtful(endpoint, words, code=Code.NOT_JSON, http=status, unanswered=True)
    if kind is _Body.BROKEN and (not endpoint.writes or not endpoint.repeatable):
        raise _doubtful(endpoint, "PM's answer is not whole.", code=Code.NOT_JSON, http=status)
    if kind is _Body.TEXT and not endpoint.writes and endpoint.name != "testToken":
        raise _doubtful(endpoint, "PM's answer is not JSON.", code=Code.NOT_JSON, http=status)
    return Answer(status, content)


def _doubtful(
    endpoint: Endpoint, words: str, *, code: str, http: int | None, wait_s: float | None = None, unanswered: bool = False
) -> TransientError | AmbiguousError:
    """Transient where sending twice does no harm, else ambiguous."""
    if endpoint.repeatable:
        return TransientError(words, code=code, http=http, retry_after_s=wait_s, unanswered=unanswered)
    return AmbiguousError(f"{words} It may be done all the same.", code=code, http=http, retry_after_s=wait_s, unanswered=unanswered)


def _rejected(status: int, said: _Said) -> RejectedError:
    remedy = _REMEDIES.get(status, "PM refuses it and does not say why.")
    words = f"PM says: {said.sentence}" if said.sentence else remedy
    return RejectedError(f"{words} (HTTP {status})", code=said.code or _http_code(status), http=status)


@dataclass(frozen=True, slots=True)
class _Said:
    """What PM's error body says, masked and shortened; empty texts where it says nothing."""

    code: str = ""
    sentence: str = ""
    is_error: bool = False

    @classmethod
    def of(cls, kind: _Body, content: Any, secrets: Iterable[str]) -> _Said:
        if kind is _Body.TEXT:
            return cls(sentence=_shown(content, secrets))
        if isinstance(content, list) and len(content) == 1:
            content = content[0]
        if isinstance(content, str):
            return cls(sentence=_shown(content, secrets))
        if not isinstance(content, dict):
            return cls()
        code = _shown(content.get("mitelErrorCode"), secrets)
        sentence = next((shown for name in _SENTENCES if (shown := _shown(content.get(name), secrets))), "")
        is_error = code.upper() not in _NO_ERROR and "errorMsg" in content
        return cls(code="" if code.upper() in _NO_ERROR else code, sentence=sentence, is_error=is_error)

    def sentence_after(self, words: str, status: int) -> str:
        """*words*, then what PM said, then the status."""
        return f"{words} PM says: {self.sentence} (HTTP {status})" if self.sentence else f"{words} (HTTP {status})"


def _shown(value: Any, secrets: Iterable[str]) -> str:
    """A value of PM's as one short line without secrets; empty for what is no plain value."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = str(value)
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, MASK)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST_SENTENCE else f"{line[: _LONGEST_SENTENCE - 1]}…"


def _parsed(body: bytes) -> tuple[_Body, Any]:
    """What the body is, and its content: JSON, a text, or ``None``."""
    stripped = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not stripped:
        return _Body.EMPTY, None
    try:
        return _Body.JSON, json.loads(stripped)
    except (ValueError, RecursionError):
        if stripped.startswith(b"<"):
            return _Body.MARKUP, None
        if stripped.startswith((b"{", b"[", b'"')):
            return _Body.BROKEN, None
        return _Body.TEXT, stripped.decode("utf-8", "replace")


def _is_busy(status: int, kind: _Body, content: Any, body: bytes, assumptions: Assumptions) -> bool:
    """
    Whether PM passes on that the telephony server runs an exclusive command; then nothing was done, whatever the status.

    In a success only a text or an error object counts: a department may bear the marker as its name.
    """
    marker = assumptions.busy_marker.casefold()
    if not marker:
        return False
    if status >= 300 or kind is _Body.TEXT or isinstance(content, str):
        return marker in body.decode("utf-8", "replace").casefold()
    return isinstance(content, dict) and any(
        marker in str(content.get(name, "")).casefold() for name in ("mitelErrorCode", *_SENTENCES[:2])
    )


def _http_code(status: int) -> str:
    """Our code for an error status without a ``mitelErrorCode``."""
    return f"HTTP_{status}"


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """
    The seconds that `Retry-After` asks to wait; ``None`` if it is missing or cannot be read, 0 if its date has passed.

    A date is compared with the answer's own `Date`, if it has one, because PM's clock may be off; else with *now_s*.

    Source: RFC 9110 section 10.2.3.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return float(value)
    until = _moment(value)
    if until is None:
        return None
    sent = _moment(headers.get("date", ""))
    return max(0.0, until.timestamp() - (now_s if sent is None else sent.timestamp()))


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def failure(endpoint: Endpoint, error: httpx.HTTPError) -> RowError:
    """
    What it comes to that no answer came.

    Raises:
        httpx.HTTPError: The error itself, if it says that our code is wrong.
    """
    fate = next(FATES[kind] for kind in type(error).__mro__ if kind in FATES)
    if fate is Fate.MISTAKE:
        raise error
    if fate is Fate.UNSENT:
        return TransientError(f"PM cannot be reached: {why_unreached(error)}", code=Code.UNREACHABLE, unanswered=True)
    code, words = Code.CONNECTION_LOST, "The connection was lost before PM's answer came."
    if isinstance(error, httpx.TimeoutException):
        code, words = Code.TIMEOUT, "PM did not answer in time."
    elif isinstance(error, httpx.ProtocolError | httpx.DecodingError):
        code, words = Code.NOT_HTTP, "What came back is not an answer of PM: check --url."
    return _doubtful(endpoint, words, code=code, http=None, unanswered=True)
