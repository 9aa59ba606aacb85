"""PM's address as typed, and how TLS is verified."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import certifi
import httpx
import pytest
from structlog.testing import capture_logs

from pmbulk.errors import UsageError
from pmbulk.pm.transport import Connection, PmTransport, _retold, _ssl_context, base_url, open_transport
from pmbulk.secret import Secret


def connection(url: str = "https://pm.example.com:8443", *, insecure: bool = False, ca_file: Path | None = None) -> Connection:
    return Connection(url, "admin", Secret("pw"), insecure=insecure, ca_file=ca_file)


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://pm.example.com", "https://pm.example.com"),
        (" https://PM.example.com:8443/ ", "https://pm.example.com:8443"),
        ("https://pm.example.com/front/pm/", "https://pm.example.com/front/pm"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.5:8080", "http://127.0.0.5:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_that_are_taken(typed: str, base: str) -> None:
    """
    Scheme, host, port and a path prefix are kept; plain http is for this machine.
    """
    assert base == base_url(connection(typed))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("pm.example.com:8443", "PM's address needs a scheme: type https://pm.example.com:8443"),
        ("", "PM's address needs a scheme: type https://pm.example.com:8443"),
        ("ftp://pm.example.com", "PM's address must look like https://pm.example.com:8443"),
        ("https://", "PM's address must look like https://pm.example.com:8443"),
        ("https://pm:99999", "PM's address cannot be read: type it like https://pm.example.com:8443"),
        ("https://admin:geheim@pm:8443", "PM's address takes no user, password, '?' or '#': type https://pm:8443"),
        ("https://pm:8443/?a=b#c", "PM's address takes no user, password, '?' or '#': type https://pm:8443"),
        (
            "http://pm:8080",
            "Plain http would send the password in the clear: type https://pm:8080, or add --insecure if you accept that.",
        ),
    ],
)
def test_addresses_that_are_refused(typed: str, message: str) -> None:
    """
    The message says what to type, and repeats no password.
    """
    with pytest.raises(UsageError) as caught:
        base_url(connection(typed))
    assert message == str(caught.value)


def test_plain_http_needs_insecure() -> None:
    """
    Beyond this machine plain http is taken only with --insecure.
    """
    assert "http://pm:8080" == base_url(connection("http://pm:8080", insecure=True))


def test_certificates_are_verified_by_default() -> None:
    """
    Without --insecure both the certificate and the host's name are verified.
    """
    context = _ssl_context(connection())
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)


def test_insecure_verifies_nothing_and_warns() -> None:
    """
    --insecure turns verification off and says so.
    """
    with capture_logs() as logs:
        open_transport(connection(insecure=True))
    assert [{"event": "tls.unverified", "url": "https://pm.example.com:8443", "log_level": "warning"}] == logs
    assert ssl.CERT_NONE == _ssl_context(connection(insecure=True)).verify_mode


@pytest.mark.parametrize("text", [None, "no certificate"], ids=["missing", "no PEM"])
def test_a_ca_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    """
    A CA file that is missing or no PEM is the user's to mend.
    """
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"The CA file .*ca\.pem cannot be read as PEM certificates"):
        open_transport(connection(ca_file=path))


def test_a_ca_file_replaces_the_systems_authorities() -> None:
    """
    With a CA file the certificate is verified against that file.
    """
    context = _ssl_context(connection(ca_file=Path(certifi.where())))
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)
    assert context.get_ca_certs()


def test_the_pool_has_no_limit_of_its_own() -> None:
    """
    How much is in flight is decided by the runner alone.
    """
    transport = open_transport(connection())
    assert isinstance(transport, PmTransport)
    assert 0 == transport.limits.max_connections


AIOHTTP_ERRORS = sorted(
    {value for name in aiohttp.__all__ if isinstance(value := getattr(aiohttp, name), type) and issubclass(value, aiohttp.ClientError)},
    key=lambda kind: kind.__name__,
)
#: What comes before anything was sent.
UNSENT = {
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientProxyConnectionError",
    "ClientSSLError",
    "ConnectionTimeoutError",
    "UnixClientConnectorError",
}


@pytest.mark.parametrize("kind", AIOHTTP_ERRORS, ids=lambda kind: kind.__name__)
def test_only_connecting_is_told_as_connecting(kind: type[Exception]) -> None:
    """
    Of aiohttp's errors only those of making a connection become errors that prove that nothing was sent.
    """
    told = _retold(kind)
    assert (kind.__name__ in UNSENT) is issubclass(told, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
