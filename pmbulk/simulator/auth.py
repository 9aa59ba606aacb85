"""
Sessions: HS512 tokens with PM's claims, refresh tokens that are good once, and locks after too many wrong passwords.

Knows accounts and the clock, nothing of HTTP beyond what the header says.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.registry import Call, operation
from pmbulk.simulator.settings import HeaderScheme, SimulatorSettings
from pmbulk.simulator.state import User, World

__all__ = ["Sessions"]

_HEADER: Final = {"alg": "HS512"}
_VERSION: Final = {"version": "7.8.SP1.HF0", "build": "7.8.1.0.20", "brand": "mxone"}


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a token stands for."""

    rec_id: int
    expires_at: float


class Sessions:
    """The tokens that are out."""

    def __init__(self, settings: SimulatorSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._key = secrets.token_bytes(64)
        self._tokens: dict[str, _Grant] = {}
        self._refresh_tokens: dict[str, _Grant] = {}

    def log_in(self, username: str, password: str) -> User:
        """
        The account, with its count of wrong passwords set to nought.

        Raises:
            RefusedError: For an unknown name, a wrong password and a locked account; only the last is told apart.
        """
        user = self._world.user_by_id(username)
        if user is None:
            raise self._refused("Wrong user name or password", "BAD_CREDENTIALS")
        if user.locked:
            raise self._refused("The account is locked", "ACCOUNT_LOCKED")
        if not (password and hmac.compare_digest(user.password.encode(), password.encode())):
            user.failed_logins += 1
            user.locked = self._settings.login_attempts is not None and user.failed_logins >= self._settings.login_attempts
            raise self._refused("Wrong user name or password", "BAD_CREDENTIALS")
        user.failed_logins = 0
        return user

    def issue(self, user: User) -> dict[str, str]:
        """A new token and a new refresh token for *user*."""
        now = self._settings.clock()
        token = self._signed(
            {
                "role": str(user.profile.profile_id),
                "USER_REC_ID": str(user.rec_id),
                "sub": user.user_id,
                "iat": int(now),
                "exp": int(now + self._settings.token_lifetime_s),
                # Without it two logins within a second would get the same token.
                "jti": secrets.token_hex(8),
            }
        )
        refresh_token = secrets.token_urlsafe(32)
        self._tokens[token] = _Grant(user.rec_id, now + self._settings.token_lifetime_s)
        self._refresh_tokens[refresh_token] = _Grant(user.rec_id, now + self._settings.refresh_lifetime_s)
        return {"token": token, "refreshToken": refresh_token}

    def refresh(self, rec_id: int, refresh_token: str) -> dict[str, str]:
        """
        A new pair of tokens; *refresh_token* is used up, whether or not it was good.

        Raises:
            RefusedError: If it is unknown, used, too old or somebody else's.
        """
        grant = self._refresh_tokens.pop(refresh_token, None)
        if grant is None or grant.rec_id != rec_id or grant.expires_at <= self._settings.clock() or rec_id not in self._world.users:
            raise self.refused_refresh()
        return self.issue(self._world.users[rec_id])

    def refused_refresh(self) -> RefusedError:
        """What a refresh token that is no good is answered with."""
        return self._refused("The refresh token is not valid", "BAD_REFRESH_TOKEN")

    def caller(self, header: str) -> User:
        """
        The user whose token stands in *header*.

        Raises:
            RefusedError: 401 if there is none, it is garbled or in the wrong scheme, it has expired, or its user is gone.
        """
        grant = self._tokens.get(self.token_in(header))
        if grant is None or grant.expires_at <= self._settings.clock() or grant.rec_id not in self._world.users:
            raise RefusedError(401, "Authentication Failure", code="UNAUTHORIZED")
        return self._world.users[grant.rec_id]

    def tested(self, header: str) -> str:
        """
        The token in *header*, if it is good.

        Raises:
            RefusedError: As the session's other calls are refused, which know no 401 (QUIRKS 14).
        """
        try:
            self.caller(header)
        except RefusedError as refused:
            raise self._refused(refused.message, refused.code) from refused
        return self.token_in(header)

    def token_in(self, header: str) -> str:
        """The token in *header*, empty if it stands there in another scheme than the settings accept."""
        scheme = self._settings.header_scheme
        word, _, token = header.partition(" ")
        if word.casefold() == "bearer":
            return token if scheme is not HeaderScheme.RAW else ""
        return header if scheme is not HeaderScheme.BEARER else ""

    def expire_tokens(self) -> None:
        """Lets every token expire; refresh tokens stay good."""
        self._tokens.clear()

    def _signed(self, claims: dict[str, Any]) -> str:
        text = ".".join(_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims))
        return f"{text}.{_base64(hmac.digest(self._key, text.encode(), hashlib.sha512))}"

    def _refused(self, message: str, code: str) -> RefusedError:
        return RefusedError(self._settings.refused_login_status, message, code=code)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@operation("login", public=True)
def log_in(call: Call) -> dict[str, str]:
    """A new session, with PM's version."""
    user = call.sessions.log_in(call.body.get("username", ""), call.body.get("password", ""))
    return call.sessions.issue(user) | _VERSION


@operation("refreshToken", public=True)
def refresh_token(call: Call) -> dict[str, str]:
    """A new pair of tokens for the refresh token (QUIRKS 8)."""
    return call.sessions.refresh(call.body.get("userRecId", 0), call.body.get("refreshToken", ""))


@operation("testToken", public=True)
def test_token(call: Call) -> str:
    """The token itself, as a bare string (QUIRKS 6)."""
    return call.sessions.tested(call.header)
