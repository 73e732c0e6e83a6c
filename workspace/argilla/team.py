"""Reviewers' accounts: random passwords, handed over in a note and never printed."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import User
from workspace.argilla.settings import BATCH, REVIEW, Kind, fill
from workspace.config import DatasetAddress
from workspace.errors import ConfigError, DataError, DatasetMismatch
from workspace.files.locks import locked
from workspace.files.private import make_home, write_private

_USERNAME = re.compile(r"\w[\w.@+-]{0,99}")
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that could be taken for another: no i, l, o, 0, 1


@dataclass(frozen=True)
class Invited:
    """The reviewers who were ``new``, those who were ``known``, and the accounts of both by name."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    users: Mapping[str, User]


def members(connection: DatasetAddress) -> list[User]:
    """The users of the workspace, by name."""
    with Gateway(connection) as gateway:
        return gateway.reviewers()


def invite(
    connection: DatasetAddress,
    usernames: Sequence[str],
    *,
    address: str | None = None,
    batch: int | None = None,
    dry_run: bool = False,
) -> Invited:
    """Add reviewers to the workspace; a new one gets an account with a random password, in a note to hand over.

    The note is written before the account is made, so that a crash never leaves an account whose password nobody has.
    It links to the dataset, or to the server as long as there is no dataset. An account that exists keeps its
    password and its note. An owner may review anywhere, and is not added.

    Args:
        connection: the workspace; its key must be an owner's.
        usernames: whom to add.
        address: where reviewers reach the server, if not where this machine does.
        batch: the batch of records (``load --batches``) that the link opens, if not all.
        dry_run: True to change nothing.

    Raises:
        ConfigError: a name cannot be a username; nobody is added then.
        DataError: a note cannot be written.
    """
    names = dict.fromkeys(unicodedata.normalize("NFC", username) for username in usernames)
    for name in names:
        if not _USERNAME.fullmatch(name):
            raise ConfigError(f"{name!r} cannot be a username: letters, digits and . _ @ + - only")
    with Gateway(connection) as gateway, nullcontext() if dry_run else _alone(connection.home):
        users = {user.username: user for user in gateway.users() if user.username in names}
        new = [name for name in names if name not in users]
        link, kind = _link(gateway, address, batch) if new else ("", REVIEW)
        for name in () if dry_run else names:
            if name in users and users[name].role == "owner":
                continue
            password = make_password()
            if name in new:
                write_invitation(connection.home, link, name, password, kind)
                if gateway.make_annotator(name, name, password) is None:  # somebody has, from another home
                    invitation_path(connection.home, name).unlink(missing_ok=True)
                    new.remove(name)
            users[name] = gateway.add_reviewer(name, name, password)
    return Invited(tuple(new), tuple(name for name in names if name not in new), users)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Wait until no other run on this home makes accounts: the last note would else hold a password that nobody has.

    Raises:
        DataError: the home cannot be written.
    """
    try:
        make_home(home)
        with ExitStack() as held:
            held.enter_context(locked(home / "invitations.lock"))
            ready = held.pop_all()
    except OSError as error:
        raise DataError(f"{home}: cannot be written ({error.strerror})") from error
    with ready:
        yield


def review_link(connection: DatasetAddress, address: str | None = None) -> str:
    """Where a reviewer begins; see ``Connection.link``."""
    with Gateway(connection) as gateway:
        return _link(gateway, address, None)[0]


def invitation_path(home: Path, username: str) -> Path:
    """Where the note for a reviewer is."""
    return home / "invitations" / f"{username}.txt"


def make_password() -> str:
    """A random password that can be read aloud and typed on a phone: 16 letters and digits in four groups."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def _link(gateway: Gateway, address: str | None, batch: int | None) -> tuple[str, Kind]:
    """Where a reviewer begins, and with what: the dataset's pending records, else the server.

    Signing in leads on to it.
    """
    server = (address or gateway.connection.api_url).rstrip("/")
    try:
        dataset = gateway.find_dataset(None)
    except DatasetMismatch:
        return server, REVIEW
    only = f"&metadata={BATCH}.{batch}" if batch else ""
    if dataset is None:
        return server, REVIEW
    return f"{server}/dataset/{dataset.id}/annotation-mode?page=1&status=pending{only}", dataset.kind


def write_invitation(home: Path, link: str, username: str, password: str, kind: Kind = REVIEW) -> None:
    """Write the note for one reviewer to ``home/invitations`` (mode 0600), in Spanish.

    Raises:
        DataError: it cannot be written.
    """
    path = invitation_path(home, username)
    try:
        make_home(home)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        note = "note.es.txt" if kind == REVIEW else "grading_note.es.txt"
        write_private(path, fill(note, link=link, username=username, password=password))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
