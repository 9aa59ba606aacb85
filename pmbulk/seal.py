"""
Secrets that have to outlive the process: sealed with a key that only this state directory has, and generated from it.

The same secret is always sealed as the same text, and the same person always gets the same generated one, so that a second go gives the same answers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from pmbulk.errors import UsageError
from pmbulk.secret import Secret

__all__ = ["SEALED", "Seal"]

#: What a sealed text begins with.
SEALED: Final = "sealed:"

_KEY_BYTES: Final = 64
#: Read aloud and typed on telephones: nothing that looks like something else.
_UPPER: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOWER: Final = "abcdefghijkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"
_SPECIAL: Final = "!#%+-=?"


class Seal:
    """Seals and generates with *key*, 64 bytes that are written nowhere but in the state directory."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, state_dir: Path) -> Seal:
        """
        The seal of *state_dir*, made when it is first asked for.

        Raises:
            UsageError: If its file cannot be read or written, or is damaged.
        """
        path = state_dir / "seal.key"
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _create(path)
            key = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path} cannot be used ({error.strerror or error}); it holds the key of sealed passwords and codes"
            ) from error
        if len(key) != _KEY_BYTES:
            raise UsageError(f"{path} is damaged; put it back from a backup, or remove it: what was sealed with it is lost then")
        return cls(key)

    def __repr__(self) -> str:
        return "Seal()"

    def seal(self, secret: Secret) -> str:
        """*secret* as a text that only this seal opens."""
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        sealed = AESSIV(self._derived(b"seal")).encrypt(secret.reveal().encode(), None)
        return SEALED + base64.urlsafe_b64encode(sealed).decode("ascii")

    def open(self, text: str) -> Secret:
        """
        The secret in a sealed *text*.

        Raises:
            ValueError: If it was sealed elsewhere, or has been changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        try:
            sealed = base64.urlsafe_b64decode(text.removeprefix(SEALED))
            return Secret(AESSIV(self._derived(b"seal")).decrypt(sealed, None).decode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise ValueError("was sealed with another key, or has been changed") from error

    def password(self, length: int, *context: str) -> Secret:
        """A password of *length* characters with upper and lower case, digit and sign; the same for the same *context*."""
        drawn = self._draws(("password", str(length), *context))
        kinds = (_UPPER, _LOWER, _DIGITS, _SPECIAL)
        letters = [kind[_below(drawn, len(kind))] for kind in kinds]
        everything = "".join(kinds)
        letters += [everything[_below(drawn, len(everything))] for _ in range(length - len(letters))]
        for last in range(length - 1, 0, -1):
            place = _below(drawn, last + 1)
            letters[last], letters[place] = letters[place], letters[last]
        return Secret("".join(letters))

    def code(self, length: int, *context: str) -> Secret:
        """A code of *length* digits that is neither one digit again and again nor counted up or down; the same for the same *context*."""
        drawn = self._draws(("code", str(length), *context))
        while True:
            digits = "".join(str(_below(drawn, 10)) for _ in range(length))
            steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
            if steps not in ({0}, {1}, {9}):
                return Secret(digits)

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.digest(self._key, purpose, hashlib.sha512)

    def _draws(self, context: tuple[str, ...]) -> Iterator[int]:
        """Bytes without end that nobody without the key can tell."""
        key = self._derived(b"draw")
        # With their lengths in front, no two contexts are told alike.
        told = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in context)
        block = 0
        while True:
            yield from hmac.digest(key, told + block.to_bytes(8, "big"), hashlib.sha256)
            block += 1


def _below(drawn: Iterator[int], bound: int) -> int:
    """A number below *bound* (at most 256), each as likely as any other."""
    fair = 256 - 256 % bound
    return next(byte for byte in drawn if byte < fair) % bound


def _create(path: Path) -> None:
    """Write a new key without a moment in which another process could see half of it."""
    number, name = tempfile.mkstemp(dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
        except OSError:
            # Some drives have no links; there the file is named, which replaces one that came first by moments.
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
