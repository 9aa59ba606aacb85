from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from pmbulk.cli.credentials import log_in, log_out
from pmbulk.cli.settings import ConnectionOptions, PmOptions, account, target_from
from pmbulk.errors import LoginError, UsageError
from tests.support import PASSWORD


class Ring(KeyringBackend):
    """A keyring that ends with the test."""

    # ruff: noqa: D102 - the methods are those of the base

    priority = 1

    def __init__(self):
        self.passwords = {}

    def get_password(self, service, username):
        return self.passwords.get((service, username))

    def set_password(self, service, username, password):
        self.passwords[service, username] = password

    def delete_password(self, service, username):
        if self.passwords.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def ring():
    """
    The keyring of the operating system.
    """
    before, own = keyring.get_keyring(), Ring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def profile(tmp_path):
    """
    Writes the configuration file.
    """
    return (tmp_path / "config.toml").write_text


def test_password_is_stored_and_removed_for_the_account_of_the_profile(ring, profile, pm, monkeypatch):
    """
    `login` and `logout` need no options where a profile says who logs in where; the commands between them take the password from the keyring.
    """
    profile(f'[profiles.default]\nurl = "{pm.url}"\nuser = "admin"')
    with monkeypatch.context() as typed:
        typed.setenv("PMBULK_PASSWORD", PASSWORD)
        log_in(ConnectionOptions())
    assert {(f"pmbulk {pm.url}", "admin"): PASSWORD} == ring.passwords
    assert PASSWORD == target_from(ConnectionOptions()).connection.password.reveal()
    log_out(ConnectionOptions())
    assert {} == ring.passwords


def test_login_does_not_try_what_is_stored(ring, profile, pm):
    """
    A password that changed in PM is typed anew: the old one would be refused, and PM locks accounts.
    """
    profile(f'[profiles.default]\nurl = "{pm.url}"\nuser = "admin"')
    ring.set_password(f"pmbulk {pm.url}", "admin", "Old-Pass-1!")
    with pytest.raises(UsageError, match="No password for admin: set PMBULK_PASSWORD, or type it"):
        log_in(ConnectionOptions())
    assert [] == list(pm.requests)


def test_refused_password_is_not_stored(ring, pm, monkeypatch):
    """
    What PM refuses does not replace what the keyring has.
    """
    monkeypatch.setenv("PMBULK_PASSWORD", "Wrong-Pass-1!")
    with pytest.raises(LoginError):
        log_in(ConnectionOptions(pm.url, "admin"))
    assert {} == ring.passwords


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[profiles.default]\ninsecure = "no"', "profile 'default': insecure must be true or false."),
        ("[profiles.default]\nurl = 5", "profile 'default': url must be text in quotes."),
        ('[profiles.default]\ntimeout_s = "30"', "profile 'default': timeout_s must be a number of seconds."),
        ("[profiles.default]\ntimeout_s = true", "profile 'default': timeout_s must be a number of seconds."),
        ("[profiles.default]\nassume = 3", "profile 'default': assume must be a section of its own, [profiles.NAME.assume]."),
        ("[profiles.default]\nusr = 'admin'", "profile 'default': unknown usr; known are assume, ca_file, insecure, timeout_s, url, user."),
        (
            "[profiles.default.assume]\npage_sise = 5",
            "[profiles.NAME.assume]: There is no assumption 'page_sise'. Did you mean 'page_size'?",
        ),
        (
            '[profiles.default]\nca_file = "C:\\Users\\pm.pem"',
            r"Invalid hex value (at line 2, column 16). Type paths in single quotes: 'C:\certs\pm.pem'.",
        ),
        ("profiles = 3", "a profile is a section of its own; write [profiles.default], and url and user below it."),
        ("[profiles]\nurl = 'https://pm'", "a profile is a section of its own; write [profiles.default], and url and user below it."),
    ],
    ids=[
        "a text for yes or no",
        "no text",
        "no number",
        "yes for a number",
        "no section",
        "unknown",
        "unknown assumption",
        "path",
        "no profiles",
        "no profile",
    ],
)
def test_what_a_profile_cannot_say_is_refused(profile, tmp_path, text, words):
    """
    A value of the wrong kind is named with what it must be; `insecure = "no"` does not switch verification off.
    """
    profile(text)
    with pytest.raises(UsageError) as refused:
        target_from(ConnectionOptions("https://pm.example.com", "admin"))
    assert str(refused.value).replace(f"{tmp_path / 'config.toml'}", "FILE").endswith(words)


def test_mark_of_windows_editors_is_no_part_of_the_file(profile):
    """
    A configuration file that an editor saved as "UTF-8 with BOM" is read like any other.
    """
    profile('\ufeff[profiles.default]\nurl = "https://pm.example.com"\nuser = "admin"', "utf-8")
    assert ("https://pm.example.com", "admin") == account(PmOptions())


def test_who_has_several_profiles_is_told_to_choose(profile, tmp_path):
    """
    Without a profile called default nobody guesses which PM is meant.
    """
    profile('[profiles.a]\nurl = "https://a"\n[profiles.b]\nurl = "https://b"')
    with pytest.raises(UsageError) as refused:
        account(PmOptions())
    where = f"[profiles.default] of {tmp_path / 'config.toml'}"
    told = f"Which PM? Give --url https://pm.example.com or --profile NAME, set PMBULK_URL, or write url into {where}."
    assert told == str(refused.value)
