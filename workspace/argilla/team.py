"""Reviewers' accounts: random passwords, handed over in a note and never printed."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from workspace.argilla.gateway import Gateway
from workspace.errors import ConfigError, DataError
from workspace.files.private import make_home, write_private

_LABEL = "Contraseña:"
_USERNAME = re.compile(r"\w[\w.@+-]{0,99}")


def invite(
    gateway: Gateway, usernames: Sequence[str], *, address: str | None = None, dry_run: bool = False
) -> tuple[list[str], list[str]]:
    """Add reviewers to the workspace; returns the new names and those that existed.

    ``address`` is what the notes say where reviewers reach the server at another one than this machine does.

    The note is written before the account is made, so that a crash never leaves an account whose password nobody has.

    Raises:
        ConfigError: a name cannot be a username; nobody is added then.
        DataError: a note cannot be written.
    """
    usernames = [unicodedata.normalize("NFC", username) for username in usernames]
    for username in usernames:
        if not _USERNAME.fullmatch(username):
            raise ConfigError(f"{username!r} cannot be a username: letters, digits and . _ @ + - only")
    existing = {user.username for user in gateway.users()}
    new = [name for name in dict.fromkeys(usernames) if name not in existing]
    known = [name for name in dict.fromkeys(usernames) if name in existing]
    if dry_run:
        return new, known
    for username in new:
        password = secrets.token_urlsafe(12)
        write_invitation(gateway.connection.home, address or gateway.connection.api_url, username, password)
        gateway.add_reviewer(username, username, password)
    for username in known:
        gateway.add_reviewer(username, username, "")
    return new, known


def invitation_path(home: Path, username: str) -> Path:
    """Where the note for a reviewer is."""
    return home / "invitations" / f"{username}.txt"


def read_password(home: Path, username: str) -> str:
    """The password that a reviewer was invited with.

    Raises:
        DataError: there is no note for this reviewer, or it holds no password.
    """
    path = invitation_path(home, username)
    try:
        found = re.search(rf"^  {_LABEL} (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    if not found:
        raise DataError(f"{path}: no line with the password is left in it")
    return found[1]


def write_invitation(home: Path, api_url: str, username: str, password: str) -> Path:
    """Write the note for one reviewer to ``home/invitations`` (mode 0600), in Spanish.

    Raises:
        DataError: it cannot be written.
    """
    path = invitation_path(home, username)
    text = (
        f"Hola, {username}:\n\n"
        "Gracias por ayudar a revisar H4rmony en español. Entra aquí con tu usuario y tu contraseña:\n\n"
        f"  Dirección:  {api_url}\n  Usuario:    {username}\n  {_LABEL} {password}\n\n"
        "En la página del conjunto de datos, abre «Directrices», abajo a la izquierda: ahí se explica en un "
        "minuto cómo revisar.\n"
    )
    try:
        make_home(home)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        write_private(path, text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    return path
