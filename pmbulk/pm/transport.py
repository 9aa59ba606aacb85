"""
How bytes reach PM: the one place that chooses httpx's transport, over aiohttp's connections.

It must not know what an answer means. httpx-aiohttp's own request method is replaced for two reasons: it lets yarl rewrite percent-encoded paths
(`%3B` becomes `;`, which a servlet cuts off), and it tells a lost connection as one that was never made, which would repeat what PM may have done.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import aiohttp
import httpx
import httpx_aiohttp
import yarl

from pmbulk.errors import UsageError
from pmbulk.narration import Narrator
from pmbulk.secret import Secret

__all__ = ["Connection", "PmTransport", "base_url", "open_transport"]

log = Narrator(__name__)

#: Idle connections are given up before a server that waits 5 s, the shortest usual time, does it in the middle of our next request.
KEEPALIVE_S: Final = 4.0
#: aiohttp's "no limit": how much is in flight is the runner's decision, never the pool's.
UNLIMITED: Final = 0

#: aiohttp's errors in httpx's words, most specific first; "connect" errors are those that come before anything was sent.
_RETOLD: Final[tuple[tuple[type[Exception], type[httpx.TransportError]], ...]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (TimeoutError, httpx.ReadTimeout),
    (OSError, httpx.ReadError),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """
    Where PM is and who logs in.

    *ca_file* is a PEM file that replaces the system's authorities (``None``: the system's). *insecure* skips the verification of the certificate and
    allows plain http. *timeout_s* is the time for one whole answer, *connect_timeout_s* that for a connection with its TLS handshake.
    """

    url: str
    user: str
    password: Secret
    ca_file: Path | None = None
    insecure: bool = False
    timeout_s: float = 120.0
    connect_timeout_s: float = 10.0


class PmTransport(httpx_aiohttp.AiohttpTransport):
    """httpx over aiohttp's connection pool; sends the URL as it was built and reads the whole answer."""

    def __init__(self, verify: ssl.SSLContext, *, timeout_s: float, connect_timeout_s: float) -> None:
        super().__init__(verify=verify, trust_env=False, limits=httpx.Limits(max_connections=UNLIMITED, keepalive_expiry=KEEPALIVE_S))
        self._timeout = aiohttp.ClientTimeout(total=timeout_s + connect_timeout_s, sock_connect=connect_timeout_s, sock_read=timeout_s)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """
        One request and its whole answer.

        Raises:
            httpx.TransportError: Of a class that says truly whether anything could have been sent.
        """
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
            # aiohttp would send a DELETE again by itself when a kept connection dies; the runner must see the first loss, or it takes the
            # second one's 404 for PM's verdict. There is no public switch.
            self.client._retry_connection = False  # noqa: SLF001 # see above
        try:
            try:
                return await self._exchanged(self.client, request)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
                if request.method != "GET" or isinstance(exc, aiohttp.ClientConnectorError):
                    raise
                # A kept connection that PM gives up in this very moment, as some do after every answer: a read may be repeated at once.
                return await self._exchanged(self.client, request)
        except (aiohttp.ClientError, OSError) as exc:
            raise _retold(type(exc))(str(exc)) from exc

    async def _exchanged(self, session: aiohttp.ClientSession, request: httpx.Request) -> httpx.Response:
        async with session.request(
            request.method,
            yarl.URL(str(request.url), encoded=True),
            # Asked for its items, httpx looks for their encoding once for each: half as long as it takes to make the request.
            headers=[(name.decode(), value.decode()) for name, value in request.headers.raw],
            data=request.content or None,
            allow_redirects=False,
            auto_decompress=False,
            timeout=self._timeout,
        ) as response:
            body = await response.read()
        return httpx.Response(response.status, headers=response.raw_headers, content=body, request=request)


def _retold(kind: type[Exception]) -> type[httpx.TransportError]:
    """The httpx error that says of aiohttp's *kind* whether anything could have been sent."""
    return next(told for known, told in _RETOLD if issubclass(kind, known))


def open_transport(connection: Connection) -> httpx.AsyncBaseTransport:
    """
    The way to PM that *connection* describes.

    The client sends through it directly: httpx's own client layer (cookies, redirects, proxies, its auth) has no use here and costs 50 µs a request.
    Environment proxies and netrc are left out on purpose: a PM stands in the administrator's own network, and its token must not reach a proxy.

    Raises:
        UsageError: If the address or the CA file cannot be used.
    """
    address = base_url(connection)
    if connection.insecure:
        log.warning("tls.unverified", url=address)
    return PmTransport(_ssl_context(connection), timeout_s=connection.timeout_s, connect_timeout_s=connection.connect_timeout_s)


def base_url(connection: Connection) -> str:
    """
    PM's address without a slash at its end: scheme, host, port if given, and a path prefix if given.

    Raises:
        UsageError: If it is no such address, or plain http beyond this machine; the message says what to type instead.
    """
    typed = connection.url.strip()
    if "://" not in typed:
        raise UsageError(f"PM's address needs a scheme: type https://{typed.rpartition('@')[2] or 'pm.example.com:8443'}")
    try:
        parts = urlsplit(typed)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError as exc:
        raise UsageError("PM's address cannot be read: type it like https://pm.example.com:8443") from exc
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError("PM's address must look like https://pm.example.com:8443")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    clean = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(f"PM's address takes no user, password, '?' or '#': type {clean}")
    if parts.scheme == "http" and not connection.insecure and not _is_loopback(parts):
        raise UsageError(
            f"Plain http would send the password in the clear: type {clean.replace('http', 'https', 1)}, or add --insecure if you accept that."
        )
    return clean


def _is_loopback(parts: SplitResult) -> bool:
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _ssl_context(connection: Connection) -> ssl.SSLContext:
    if connection.insecure:
        return httpx.create_ssl_context(verify=False)
    if connection.ca_file is None:
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()  # a company's own authority is in the system's store, not among the public ones
        return context
    try:
        context = ssl.create_default_context(cafile=connection.ca_file)
    except OSError as exc:
        hint = "; export it as Base-64 (-----BEGIN CERTIFICATE-----)" if isinstance(exc, ssl.SSLError) else ""
        raise UsageError(f"The CA file {connection.ca_file} cannot be read as PEM certificates: {exc.strerror or exc}{hint}") from exc
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # PM's own certificates often lack the extensions that Python 3.13 began to insist on
    return context
