"""The owner of the embedded server, and ``credentials.json`` with the owner's key."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from argilla_server.contexts import accounts
from argilla_server.database import SyncSessionLocal
from argilla_server.models import User, UserRole
from sqlalchemy import select

from workspace.config import CREDENTIALS, Credentials
from workspace.errors import ServerError

USERNAME = "owner"
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}


def ensure_owner(home: Path, api_url: str) -> Credentials:
    """Make the owner on the first start, and write to ``home/credentials.json`` how to reach the server.

    The database holds the key, but only a hash of the password. If the file is lost, or a crash came before it was
    written, the key stays the same and a new password is made.

    Raises:
        ServerError: the file belongs to another server.
    """
    stored = Credentials.read(home)
    with SyncSessionLocal() as session:
        owners = session.scalars(select(User).where(User.role == UserRole.owner).order_by(User.inserted_at)).all()
        owner = next((owner for owner in owners if stored and owner.username == stored.username), None)
        if stored and owner and owner.api_key == stored.api_key:
            credentials = Credentials(api_url, stored.username, stored.password, stored.api_key)
        else:
            # The key of another server is not overwritten.
            if stored and urlsplit(stored.api_url).hostname not in LOCAL_HOSTS:
                raise ServerError(
                    f"{home / CREDENTIALS} is for {stored.api_url}, not for this server; "
                    "choose another --home, or move it away"
                )
            owner = owner or (owners[0] if owners else None)
            credentials = _issue(session, owner, api_url)
    if credentials != stored:
        credentials.write(home)
    return credentials


def _issue(session: Any, owner: Any | None, api_url: str) -> Credentials:
    """Set a new random password for ``owner``, or for a new owner."""
    password = secrets.token_urlsafe(18)
    hashed = accounts.hash_password(password)
    if owner is None:
        owner = User(
            first_name="Owner",
            username=USERNAME,
            role=UserRole.owner,
            api_key=secrets.token_urlsafe(48),
            password_hash=hashed,
        )
        session.add(owner)
    else:
        owner.password_hash = hashed
    session.commit()
    return Credentials(api_url, owner.username, password, owner.api_key)
