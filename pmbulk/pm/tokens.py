"""
PM's token: logging in, renewing it ahead of time, and once for all who wait.

It knows neither HTTP nor headers: it is given a way to call an operation without a token. A login that PM refuses is remembered and never tried
again, because PM locks accounts (DOMAIN 2).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio

from pmbulk.errors import AmbiguousError, LoginError, RejectedError, TransientError
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.build import PmBuild
from pmbulk.pm.classify import Answer, Code, UnauthorizedError
from pmbulk.secret import Secret

__all__ = ["TokenKeeper", "claims"]

#: Of a token's life, the part before its end in which it is renewed, at most (a token of 10 s must not be renewed all the time).
_LATEST_FIFTH = 0.2


@dataclass(frozen=True, slots=True)
class _Held:
    """A token as received; *renew_at* is on our clock (``None``: its end is not known), *user_rec_id* ``None`` if the token does not tell."""

    token: Secret
    refresh_token: Secret | None
    user_rec_id: int | None
    renew_at: float | None


class TokenKeeper:
    """
    Holds the one token that all requests of a client share.

    *exchange* does one attempt of an operation without a token. *clock* gives seconds since 1970.
    """

    def __init__(
        self,
        exchange: Callable[[str, Mapping[str, Any]], Awaitable[Answer]],
        *,
        user: str,
        password: Secret,
        assumptions: Assumptions,
        clock: Callable[[], float],
    ) -> None:
        self._exchange = exchange
        self._user = user
        self._password = password
        self._assumptions = assumptions
        self._clock = clock
        self._lock = anyio.Lock()
        self._held: _Held | None = None
        self._refused: str | None = None
        self._failure: TransientError | None = None
        self.build = PmBuild()

    @property
    def held(self) -> Secret | None:
        """The token as it is, good or not; ``None`` if the next request has to log in."""
        return None if self._held is None else self._held.token

    async def token(self) -> Secret:
        """
        A token that is good for now; logs in or renews it where that is due.

        Raises:
            LoginError: PM refuses the credentials, now or earlier.
            TransientError: PM cannot be asked at the moment.
        """
        held = self._held
        if held is not None and not self._is_due(held):
            return held.token
        return await self._renewed_once(self._is_due)

    async def replace(self, used: Secret) -> Secret:
        """
        Another token than *used*, which PM answered with 401; the one held, if somebody has replaced it in the meantime.

        Raises:
            LoginError: PM refuses the credentials, now or earlier.
            TransientError: PM cannot be asked at the moment.
        """
        # By identity: two tokens issued within the same second may be the same text.
        return await self._renewed_once(lambda held: held.token is used)

    async def _renewed_once(self, stale: Callable[[_Held], bool]) -> Secret:
        """The token held, renewed by one of all who find it *stale*; if that fails, it fails for those who waited for it."""
        failure = self._failure
        async with self._lock:
            held = self._held
            if held is None or stale(held):
                if self._failure is not None and self._failure is not failure:
                    raise self._failure
                try:
                    held = self._held = await self._renewed()
                except TransientError as error:
                    self._failure = error
                    raise
            return held.token

    def _is_due(self, held: _Held) -> bool:
        return held.renew_at is not None and self._clock() >= held.renew_at

    async def _renewed(self) -> _Held:
        """A new token by the refresh token, or by a login where PM does not take that (its life is not documented, QUIRKS 8)."""
        held = self._held
        if held is not None and held.refresh_token is not None and held.user_rec_id is not None:
            body = {"userRecId": held.user_rec_id, "refreshToken": held.refresh_token}
            try:
                answer = await self._exchange("refreshToken", body)
                return self._received(answer, before=held)
            except (RejectedError, UnauthorizedError, AmbiguousError):
                pass  # ambiguous too: a refresh token is good for one use, and it may have been used
        self._held = None
        return await self._logged_in()

    async def _logged_in(self) -> _Held:
        if self._refused is not None:
            raise LoginError(self._refused)
        try:
            answer = await self._exchange("login", {"username": self._user, "password": self._password})
            held = self._received(answer, before=None)
        except AmbiguousError as exc:
            # A login may be repeated: it only opens a session. The runner, or the person who starts it, decides when; and as no row gets on without
            # a session, a PM that gives none is as good as away.
            raise TransientError(
                f"The login failed: {exc.message}",
                code=exc.code,
                http=exc.http,
                retry_after_s=exc.retry_after_s,
                unanswered=not exc.retry_after_s,
            ) from exc
        except (RejectedError, UnauthorizedError) as exc:
            refusal = exc.refusal if isinstance(exc, UnauthorizedError) else exc
            if refusal.http == 404 or refusal.code == Code.REDIRECTED:  # no PM at this address: says nothing about the credentials
                why = refusal.message if refusal.code == Code.REDIRECTED else f"check --url (HTTP {refusal.http})."
                raise TransientError(
                    f"There is no PM login at this address: {why}", code=refusal.code, http=refusal.http, unanswered=True
                ) from exc
            self._refused = (
                f"PM refuses the login of {self._user!r}: {refusal.message.rstrip('.')}. "
                "It is not tried again, because PM locks accounts: check user and password."
            )
            raise LoginError(self._refused) from exc
        content = _object(answer.content)
        self.build = PmBuild(**{name: str(content.get(name) or "") for name in ("version", "build")})
        return held

    def _received(self, answer: Answer, *, before: _Held | None) -> _Held:
        """The token in *answer*; what it leaves out stays as it was *before*."""
        content = _object(answer.content)
        token = content.get("token")
        if not isinstance(token, str) or not token:
            raise RejectedError("PM's answer holds no token.", code=Code.UNEXPECTED_SHAPE, http=answer.status)
        told = claims(token)
        refresh_token = content.get("refreshToken")
        kept = before.refresh_token if before else None
        user_rec_id = _whole(told.get("USER_REC_ID"))
        return _Held(
            token=Secret(token),
            refresh_token=Secret(refresh_token) if isinstance(refresh_token, str) and refresh_token else kept,
            user_rec_id=user_rec_id if user_rec_id is not None else (before.user_rec_id if before else None),
            renew_at=self._renew_at(told),
        )

    def _renew_at(self, told: Mapping[str, Any]) -> float | None:
        """
        When to renew, on our clock: only the token's length of life counts, so that a PM whose clock is off does no harm.

        A token without `iat` is judged by `exp` alone, and one that would be over already is left to PM to refuse.
        """
        end, start = _whole(told.get("exp")), _whole(told.get("iat"))
        if end is None:
            return None
        now = self._clock()
        life = end - (now if start is None else start)
        return now + life - min(self._assumptions.token_margin_s, life * _LATEST_FIFTH) if life > 0 else None


def claims(token: str) -> dict[str, Any]:
    """What a JWT says, unverified (PM verifies it, we only plan by it); empty for a token that is none. Source: RFC 7519."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        told = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _whole(value: Any) -> int | None:
    """A number of PM's, which prints some as texts (QUIRKS 4)."""
    try:
        return None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _object(content: Any) -> dict[str, Any]:
    """The object of an answer, also where PM wraps it in an array; empty if there is none."""
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    return content if isinstance(content, dict) else {}
