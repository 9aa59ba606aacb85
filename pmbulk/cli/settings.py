"""
Where the connection comes from: options, then the environment, then a profile of the configuration file (design.md 3.3).

The password is never an option: it comes from the environment, the keyring or a prompt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pmbulk.cli import options as o
from pmbulk.errors import UsageError
from pmbulk.secret import Secret

if TYPE_CHECKING:
    from pmbulk.door.running import Target
    from pmbulk.pm.assumptions import Assumptions

__all__ = ["ConnectionOptions", "PmOptions", "account", "assumptions_from", "keyring_name", "target_from"]

#: What a profile may say: the type of each value, and how people call it.
_KEYS: Final[Mapping[str, tuple[type, str]]] = {
    "url": (str, "text in quotes"),
    "user": (str, "text in quotes"),
    "ca_file": (str, "text in quotes"),
    "insecure": (bool, "true or false"),
    "timeout_s": (float, "a number of seconds"),
    "assume": (dict, "a section of its own, [profiles.NAME.assume]"),
}


@dataclass(frozen=True, slots=True)
class PmOptions:
    """What the command line said of the PM; ``None`` and false leave the word to the environment and the profile."""

    url: o.Url = None
    user: o.User = None
    ca_file: o.CaFile = None
    insecure: o.Insecure = False
    profile: o.Profile = None

    def state(self) -> Path:
        """Where jobs and keys are kept."""
        return _state_folder(None)


@dataclass(frozen=True, slots=True)
class ConnectionOptions(PmOptions):
    """The same with the place for jobs, of commands that need one."""

    state_dir: o.StateDir = None

    def state(self) -> Path:
        """Where jobs and keys are kept."""
        return _state_folder(self.state_dir)


def _state_folder(typed: Path | None) -> Path:
    given = typed or _environment("PMBULK_STATE_DIR")
    if given:
        return Path(given)
    from platformdirs import user_state_path

    return user_state_path("pmbulk", appauthor=False)


def _config_path() -> Path:
    """The configuration file: ``PMBULK_CONFIG``, or the usual place of the operating system."""
    given = _environment("PMBULK_CONFIG")
    if given:
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("pmbulk", appauthor=False) / "config.toml"


def keyring_name(url: str) -> str:
    """The name under which the keyring has the password for the PM at *url*."""
    return f"pmbulk {url.rstrip('/')}"


def target_from(options: PmOptions, *, url: str | None = None, user: str | None = None, stored: bool = True) -> Target:
    """
    The PM to work on.

    *url* and *user* are those of a job that is resumed; they fill in where nobody says otherwise. *stored* lets the keyring give the password.

    Raises:
        UsageError: If address, user or password are not given anywhere, or the profile cannot be used.
    """
    from pmbulk.door.running import Target
    from pmbulk.pm.transport import Connection, base_url

    profile = _profile(options.profile)
    address, login = account(options, url=url, user=user)
    ca_file = options.ca_file or _environment("PMBULK_CA_FILE") or profile.get("ca_file")
    connection = Connection(
        address,
        login,
        Secret(""),
        ca_file=Path(ca_file) if ca_file else None,
        insecure=options.insecure or profile.get("insecure", False),
        timeout_s=float(profile.get("timeout_s", 120.0)),
    )
    # All that was said is judged before anybody types a password for it.
    base_url(connection)
    assumptions = assumptions_from(options)
    return Target(replace(connection, password=_password(address, login, stored=stored)), options.state(), assumptions)


def account(options: PmOptions, *, url: str | None = None, user: str | None = None) -> tuple[str, str]:
    """
    PM's address and who logs in there; *url* and *user* fill in before a profile does.

    Raises:
        UsageError: If one of them is not given anywhere, or the profile cannot be used.
    """
    profile = _profile(options.profile)
    address = options.url or _environment("PMBULK_URL") or url or profile.get("url")
    login = options.user or _environment("PMBULK_USER") or user or profile.get("user")
    where = f"[profiles.{options.profile or 'default'}] of {_config_path()}"
    if not address:
        raise UsageError(f"Which PM? Give --url https://pm.example.com or --profile NAME, set PMBULK_URL, or write url into {where}.")
    if not login:
        raise UsageError(f"Who logs in? Give --user NAME, set PMBULK_USER, or write user into {where}.")
    return address, login


def assumptions_from(options: PmOptions) -> Assumptions:
    """
    What the profile assumes of PM; the defaults where there is none.

    Raises:
        UsageError: If the profile cannot be used.
    """
    from pmbulk.pm.assumptions import Assumptions

    try:
        return Assumptions.from_mapping(_profile(options.profile).get("assume", {}))
    except UsageError as error:
        raise UsageError(f"{_config_path()}, [profiles.NAME.assume]: {error}") from error


def _password(url: str, user: str, *, stored: bool) -> Secret:
    given = _environment("PMBULK_PASSWORD") or (_stored_password(url, user) if stored else None)
    if given:
        return Secret(given)
    if sys.stdin.isatty():
        from getpass import getpass

        typed = getpass(f"Password of {user} at {url}: ")
        if typed:
            return Secret(typed)
    raise UsageError(f"No password for {user}: set PMBULK_PASSWORD{', or store it with `pmbulk login`' if stored else ', or type it'}.")


def _stored_password(url: str, user: str) -> str | None:
    """The password that the keyring has, ``None`` if it has none or there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(keyring_name(url), user)
    except KeyringError:
        return None


def _profiles(path: Path) -> Mapping[str, Any]:
    """
    All profiles of the configuration file; none where there is no such file.

    Raises:
        UsageError: If it cannot be read.
    """
    import tomllib

    text = ""
    try:
        text = path.read_text("utf-8-sig")  # Windows' editors put a mark before the first letter
        profiles = tomllib.loads(text).get("profiles", {})
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        hint = r". Type paths in single quotes: 'C:\certs\pm.pem'." if ":\\" in text else ""
        raise UsageError(f"{path} cannot be read: {error}{hint}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as UTF-8 text: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(profiles, dict) or not all(isinstance(profile, dict) for profile in profiles.values()):
        raise UsageError(f"{path}: a profile is a section of its own; write [profiles.default], and url and user below it.")
    return profiles


def _profile(name: str | None) -> Mapping[str, Any]:
    """
    The profile called *name*; without a name ``default``, or the only one, if there is.

    Raises:
        UsageError: If the file cannot be read, or has no such profile, or the profile says what no profile can.
    """
    path = _config_path()
    profiles = _profiles(path)
    if name is None:
        name = "default" if "default" in profiles else next(iter(profiles)) if len(profiles) == 1 else None
        if name is None:
            return {}
    if name not in profiles:
        known = ", ".join(profiles) or "none"
        raise UsageError(f"{path} has no profile '{name}' (there are: {known}).")
    profile: dict[str, Any] = profiles[name]
    unknown = set(profile) - set(_KEYS)
    if unknown:
        raise UsageError(f"{path}, profile '{name}': unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}.")
    for key, value in profile.items():
        kind, words = _KEYS[key]
        # TOML tells 30 from 30.0; nobody else does.
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise UsageError(f"{path}, profile '{name}': {key} must be {words}.")
    return profile


def _environment(name: str) -> str | None:
    return os.environ.get(name) or None
