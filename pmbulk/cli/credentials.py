"""Passwords in the keyring of the operating system."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from pmbulk.cli.settings import PmOptions, account, keyring_name, target_from
from pmbulk.errors import UsageError

if TYPE_CHECKING:
    from pmbulk.door.running import Target
    from pmbulk.pm.build import PmBuild

__all__ = ["log_in", "log_out"]


def log_in(options: PmOptions) -> None:
    """
    Ask for the password, try it on PM and store it; one that is stored already is not asked for, because it may have changed.

    Raises:
        LoginError: If PM refuses it; nothing is stored.
        UnreachableError: If PM does not answer.
        UsageError: If there is no keyring.
    """
    import anyio
    import keyring
    from keyring.errors import KeyringError

    from pmbulk.pm.build import security_notice

    target = target_from(options, stored=False)
    build = anyio.run(partial(_try, target))
    connection = target.connection
    try:
        keyring.set_password(keyring_name(connection.url), connection.user, connection.password.reveal())
    except KeyringError as error:
        raise UsageError("PM takes the password, but this computer has no keyring to store it in; set PMBULK_PASSWORD instead.") from error
    typer.echo(
        f"Logged in to {connection.url} as {connection.user} ({build.version or 'version unknown'}); the password is in the keyring."
    )
    notice = security_notice(build)
    if notice:
        typer.echo(f"Warning: {notice}")


async def _try(target: Target) -> PmBuild:
    from pmbulk.pm.client import PmClient

    async with PmClient(target.connection, assumptions=target.assumptions) as client:
        return await client.start()


def log_out(options: PmOptions) -> None:
    """
    Remove the stored password.

    Raises:
        UsageError: If none is stored, or it is not said whose.
    """
    import keyring
    from keyring.errors import KeyringError

    url, user = account(options)
    try:
        keyring.delete_password(keyring_name(url), user)
    except KeyringError as error:
        raise UsageError(f"The keyring has no password of {user} for {url}.") from error
    typer.echo(f"Removed the password of {user} for {url}.")
