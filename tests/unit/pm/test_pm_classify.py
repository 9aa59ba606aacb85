"""Every rule about what an answer means, and what it means that none came."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

import httpx
import pytest

from pmbulk.endpoints import endpoint
from pmbulk.errors import AmbiguousError, RejectedError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.classify import FATES, Answer, Fate, UnauthorizedError, classify, failure, retry_after_s

NOW_S = 1_700_000_000.0
HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"
ERROR = {"mitelErrorCode": "MX-17", "errorMsg": "User exists", "developerMsg": "dup", "responseStatus": "100 CONTINUE", "responseCode": 0}
CREATE, UPDATE, READ, DELETE = "createUser", "updateUser", "getUserByUserId", "deleteUser"


def meaning(
    name: str, status: int, body: bytes = b"", *, secrets: tuple[str, ...] = (), assumptions: Assumptions | None = None, **headers: str
) -> Answer:
    shown = {key.replace("_", "-"): value for key, value in headers.items()}
    return classify(
        endpoint(name), status, headers=shown, body=body, assumptions=assumptions or Assumptions(), now_s=NOW_S, secrets=secrets
    )


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("name", [CREATE, UPDATE, READ, DELETE, "createIpExtension"])
def test_any_documented_success_is_one_for_every_operation(name: str, status: int) -> None:
    """
    200, 201 and 204 are successes whatever the table says for the operation (QUIRKS 16-18).
    """
    assert Answer(status, None) == meaning(name, status)


@pytest.mark.parametrize(
    ("name", "body", "content"),
    [
        ("deletePersonalNumberList", b'"100 CONTINUE"', "100 CONTINUE"),
        ("deletePersonalNumberList", b"100 CONTINUE", "100 CONTINUE"),
        ("createUser", b"OK", "OK"),
        ("updateUser", b'{"userId": ', None),
        ("testToken", b"aaa.bbb.ccc", "aaa.bbb.ccc"),
        ("getUserByUserId", b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("getUserByUserId", b" null ", None),
    ],
    ids=["string", "bare text", "word", "cut answer nobody needs", "token test", "byte order mark", "null"],
)
def test_odd_bodies_of_a_success_are_taken(name: str, body: bytes, content: Any) -> None:
    """
    A success stays one where the body is odd and nobody needs it, or can be read all the same (QUIRKS 6, 12).
    """
    assert content == meaning(name, 200, body).content


@pytest.mark.parametrize("body", [HTML, b'{"cut": ', b'["cut"', b"[" * 100_000], ids=["html", "cut object", "cut array", "too deep"])
@pytest.mark.parametrize(("name", "error"), [(READ, TransientError), (CREATE, AmbiguousError)], ids=["read", "create"])
def test_a_success_that_is_not_json(name: str, error: type[Exception], body: bytes) -> None:
    """
    A web page or cut JSON under a success: a read is repeated, a create reconciled.
    """
    with pytest.raises(error) as caught:
        meaning(name, 200, body)
    assert ("NOT_JSON", 200) == (caught.value.code, caught.value.http)


@pytest.mark.parametrize(("name", "error"), [(UPDATE, TransientError), (CREATE, AmbiguousError)], ids=["update", "create"])
def test_other_successes_are_doubtful(name: str, error: type[Exception]) -> None:
    """
    202 does not say that it is done.
    """
    with pytest.raises(error):
        meaning(name, 202)


def test_an_error_object_under_a_success_is_a_no() -> None:
    """
    PM's error object counts as a refusal although the status says success.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, 200, json.dumps(ERROR).encode())
    assert "MX-17" == caught.value.code


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (json.dumps(ERROR).encode(), "MX-17", "PM says: User exists (HTTP 400)"),
        (json.dumps([ERROR]).encode(), "MX-17", "PM says: User exists (HTTP 400)"),
        (b'{"mitelErrorCode": "", "developerMsg": "NPE"}', "HTTP_400", "PM says: NPE (HTTP 400)"),
        (
            b'{"timestamp": 1, "status": 400, "error": "Bad Request", "message": "name missing"}',
            "HTTP_400",
            "PM says: name missing (HTTP 400)",
        ),
        (b"number  not\nin series", "HTTP_400", "PM says: number not in series (HTTP 400)"),
        (b'"in use"', "HTTP_400", "PM says: in use (HTTP 400)"),
        (HTML, "HTTP_400", "PM refuses the values and does not say which: compare the row with one that PM accepts. (HTTP 400)"),
        (b"", "HTTP_400", "PM refuses the values and does not say which: compare the row with one that PM accepts. (HTTP 400)"),
        (b'{"cut": "', "HTTP_400", "PM refuses the values and does not say which: compare the row with one that PM accepts. (HTTP 400)"),
        (b"[1, 2]", "HTTP_400", "PM refuses the values and does not say which: compare the row with one that PM accepts. (HTTP 400)"),
    ],
    ids=["PM's", "wrapped", "developer only", "Spring's", "text", "JSON text", "html", "empty", "cut", "numbers"],
)
def test_error_bodies_of_all_shapes(body: bytes, code: str, message: str) -> None:
    """
    The message has PM's own sentence where there is one, in whatever shape, and a remedy where there is none.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, 400, body)
    assert (code, message, 400) == (caught.value.code, str(caught.value), caught.value.http)


def test_a_proxy_is_not_taken_for_pm() -> None:
    """
    What only a proxy says is told as such: no cell of the row is to blame.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, 407, HTML)
    assert "A proxy stands before PM and wants a login of its own: check --url, or reach PM past the proxy. (HTTP 407)" == str(caught.value)


def test_no_secret_and_no_whole_body_in_a_message() -> None:
    """
    What PM repeats of our secrets is masked, and its text is cut.
    """
    body = json.dumps({"errorMsg": "Password 'geheim' too weak " + "x" * 5000, "mitelErrorCode": "geheim"}).encode()
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, 400, body, secrets=("geheim",))
    assert str(caught.value).startswith("PM says: Password '••••••' too weak xxx")
    assert "geheim" not in caught.value.code
    assert len(str(caught.value)) < 350


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 418, 422, 423, 501])
@pytest.mark.parametrize("name", [CREATE, READ])
def test_refusals(name: str, status: int) -> None:
    """
    A client's error is PM's no, for every operation, and so is an operation that PM does not have.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(name, status)
    assert (f"HTTP_{status}", status) == (caught.value.code, caught.value.http)


def test_401_is_a_signal_with_its_refusal() -> None:
    """
    A 401 asks for another token, and carries what it comes to if that does not help.
    """
    with pytest.raises(UnauthorizedError) as caught:
        meaning(READ, 401)
    assert "HTTP_401" == caught.value.refusal.code


@pytest.mark.parametrize("status", [500, 502, 503, 504, 507, 599])
@pytest.mark.parametrize(
    ("name", "error"), [(READ, TransientError), (UPDATE, TransientError), (DELETE, TransientError), (CREATE, AmbiguousError)]
)
def test_server_errors(name: str, error: type[Exception], status: int) -> None:
    """
    A server's error is transient where sending twice does no harm, else ambiguous.
    """
    with pytest.raises(error) as caught:
        meaning(name, status)
    assert status == caught.value.http


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [(429, {}, None), (429, {"retry_after": "7"}, 7.0), (408, {}, None), (425, {}, None)],
    ids=["429", "429 with time", "408", "425"],
)
def test_what_was_not_processed_may_be_sent_again(status: int, headers: dict[str, str], wait_s: float | None) -> None:
    """
    Statuses by which PM says that it did nothing are transient for a create too.
    """
    with pytest.raises(TransientError) as caught:
        meaning(CREATE, status, **headers)
    assert (wait_s, False) == (caught.value.retry_after_s, caught.value.busy)


@pytest.mark.parametrize("wait", ["0", "7"])
def test_unavailable_for_a_while_does_not_say_that_nothing_was_done(wait: str) -> None:
    """
    A gateway may answer 503 with a wait for what PM has done all the same: a create is not sent again blindly after it, and the wait is kept.
    """
    with pytest.raises(AmbiguousError) as caught:
        meaning(CREATE, 503, retry_after=wait)
    told = (caught.value.message, caught.value.retry_after_s)
    assert ("PM asks for a pause. (HTTP 503) It may be done all the same.", float(wait)) == told


def test_a_site_may_know_that_its_503_means_nothing_was_done() -> None:
    """
    With the assumption, a create is sent again after the wait without a look.
    """
    with pytest.raises(TransientError) as caught:
        meaning(CREATE, 503, retry_after="7", assumptions=Assumptions(unavailable_means_unprocessed=True))
    assert 7.0 == caught.value.retry_after_s


@pytest.mark.parametrize("status", [200, 400, 401, 409, 500, 503])
@pytest.mark.parametrize("body", [b"Command busy", b'{"errorMsg": "MX-ONE: COMMAND BUSY, try later"}'], ids=["text", "error"])
def test_command_busy_is_transient_with_any_status(status: int, body: bytes) -> None:
    """
    COMMAND BUSY says that nothing was done, whatever the status.
    """
    with pytest.raises(TransientError) as caught:
        meaning("createIpExtension", status, body, retry_after="3")
    assert (True, "COMMAND_BUSY", 3.0) == (caught.value.busy, caught.value.code, caught.value.retry_after_s)


@pytest.mark.parametrize("content", [{"departmentName": "Command busy"}, [{"description": "COMMAND BUSY"}]], ids=["object", "list"])
def test_an_object_may_bear_the_marker_as_its_name(content: Any) -> None:
    """
    In what PM holds, the marker is a text like any other.
    """
    assert content == meaning("getDepartment", 200, json.dumps(content).encode()).content


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_names_the_host(status: int) -> None:
    """
    A redirect is refused with the host that it leads to, without the path and its query.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, status, location="https://sso.example.com/login?token=abc")
    assert f"PM's address sends us on to sso.example.com (HTTP {status}): check --url." == str(caught.value)


def test_a_redirect_that_cannot_be_read_is_a_refusal_too() -> None:
    """
    A broken `Location` does no harm.
    """
    with pytest.raises(RejectedError) as caught:
        meaning(CREATE, 302, location="http://[bad")
    assert "PM's address sends us on to another path of its own (HTTP 302): check --url." == str(caught.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:10 GMT"}, 0.0),
        ({"retry-after": "Tue, 14 Nov 2023 23:00:10 GMT", "date": "Tue, 14 Nov 2023 23:00:00 GMT"}, 10.0),
        ({"retry-after": "Tue, 99 Nov 2023 22:13:50 GMT"}, None),
    ],
    ids=["missing", "seconds", "fraction", "negative", "nan", "word", "date", "past", "PM's clock", "no date"],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """
    `Retry-After` is read as seconds and as a date, which PM's own clock judges.
    """
    assert seconds == retry_after_s(headers, NOW_S)


def test_plain_text_is_no_answer_to_a_read() -> None:
    """
    A read answered with a word instead of JSON is repeated.
    """
    with pytest.raises(TransientError) as caught:
        meaning(READ, 200, b"OK")
    assert "NOT_JSON" == caught.value.code


def test_a_site_may_know_no_busy_marker() -> None:
    """
    An empty marker marks nothing.
    """
    with pytest.raises(RejectedError):
        classify(endpoint(CREATE), 400, headers={}, body=b"x", assumptions=Assumptions(busy_marker=""), now_s=NOW_S, secrets=("",))


def test_an_answer_does_not_show_its_content() -> None:
    """
    Answers hold passwords (QUIRKS 69), so their repr does not show them.
    """
    assert "geheim" not in repr(Answer(200, {"password": "geheim"}))


def test_every_error_of_httpx_has_a_fate() -> None:
    """
    No class of httpx's errors is missing from the table.
    """
    classes = {value for name in httpx.__all__ if isinstance(value := getattr(httpx, name), type) and issubclass(value, Exception)}
    assert classes == set(FATES)


@pytest.mark.parametrize("kind", [kind for kind in FATES if issubclass(kind, httpx.RequestError)], ids=lambda kind: kind.__name__)
def test_a_create_is_ambiguous_unless_unsent(kind: type[httpx.RequestError]) -> None:
    """
    What certainly was not sent is transient; what may have been is ambiguous for a create; a mistake of ours comes through.
    """
    error = kind("boom")
    expected = {Fate.UNSENT: TransientError, Fate.PERHAPS: AmbiguousError, Fate.MISTAKE: kind}[FATES[kind]]
    with pytest.raises(expected):
        raise failure(endpoint(CREATE), error)


@pytest.mark.parametrize("kind", [kind for kind, fate in FATES.items() if fate is Fate.PERHAPS and issubclass(kind, httpx.RequestError)])
def test_what_is_repeatable_is_transient(kind: type[httpx.RequestError]) -> None:
    """
    A read may be repeated whatever was lost.
    """
    assert isinstance(failure(endpoint(READ), kind("boom")), TransientError)


def verified(words: str) -> ssl.SSLCertVerificationError:
    """What Python raises where OpenSSL finds a certificate wrong in these *words*."""
    error = ssl.SSLCertVerificationError(words)
    error.verify_message = words
    return error


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (socket.gaierror(), "the host's name is not known; check --url."),
        (ConnectionRefusedError(), "nothing listens at this address; check host and port."),
        (
            ssl.SSLCertVerificationError("self-signed"),
            "its certificate is not trusted (verification failed); name its authority with --ca-file, or add --insecure.",
        ),
        (
            verified("IP address mismatch, not valid for '10.0.0.1'."),
            "its certificate is not trusted (IP address mismatch, not valid for '10.0.0.1'); type the name it was made for in --url, or add --insecure.",
        ),
        (
            verified("certificate has expired"),
            "its certificate is not trusted (certificate has expired); have it renewed on PM, or add --insecure.",
        ),
        (ssl.SSLError("wrong version number"), "there is no TLS at this address; check the port, or type http:// with --insecure."),
        (ValueError(), "no connection was made."),
    ],
    ids=["name", "refused", "certificate", "another's certificate", "old certificate", "no TLS", "else"],
)
def test_why_pm_cannot_be_reached(cause: Exception, message: str) -> None:
    """
    The message says what to check.
    """
    error = httpx.ConnectError("boom")
    error.__cause__ = cause
    assert f"PM cannot be reached: {message}" == str(failure(endpoint(READ), error))
