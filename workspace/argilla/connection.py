"""The way to one Argilla dataset, as scripts and commands take it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workspace.config import Credentials, DatasetAddress, default_home, is_address
from workspace.errors import ConfigError
from workspace.model.ballots import Ballot


@dataclass(frozen=True)
class Connection(DatasetAddress):
    """The way to one Argilla dataset; make it with ``connect`` or ``serve``.

    Attributes:
        api_url: address of the Argilla server.
        api_key: key of the user who acts. It never shows in ``repr``.
        workspace: name of the Argilla workspace.
        dataset: name of the dataset.
        home: folder of the local state: credentials, invitations, translation memory.
    """

    def post(self, ballots: Iterable[Ballot]) -> int:
        """Answer records in the name of reviewers, as the web UI would.

        Each ballot is posted from the account of its ``reviewer``. A reviewer without an account gets one, as
        ``h4rmony team add`` makes it: the password is in a note in ``home/invitations``. What a reviewer has
        answered before is never touched, a draft neither: such a ballot is passed over.

        A text of None is sent as the form shows it. The server sets the time, and the record the mode;
        ``updated_at`` and ``mode`` of the ballots are not sent. Nothing is posted if one of the ballots does not fit.

        Args:
            ballots: what to post; their records must be in the dataset.

        Returns:
            How many ballots were new.

        Raises:
            DataError: a ballot does not fit its record, or two are of one reviewer on one record.
            ConfigError: a reviewer's name cannot be a username.
            ArgillaError: a record is not in the dataset, the key is not an owner's, or the server refuses an answer.

        Example:
            >>> from workspace import Ballot
            >>> ballot = Ballot("h4rmony-1", "ana", ranks=(1, 2, 2))
            >>> connection.post([ballot])
            1
            >>> connection.post([ballot])
            0
        """
        from workspace.argilla.posting import post_ballots

        return post_ballots(self, ballots)

    def link(self, address: str | None = None) -> str:
        """Where people begin to review in the browser: the dataset's pending records, once they have signed in.

        Args:
            address: where the browser reaches the server, if not at ``api_url``.

        Returns:
            The link; that of the server as long as there is no dataset.

        Raises:
            ArgillaError: the server cannot be reached.

        Example:
            >>> connection.link("https://review.example.org")
            'https://review.example.org/dataset/...?page=1&status=pending'
        """
        from workspace.argilla.team import review_link

        return review_link(self, address)

    def invite(self, reviewers: Iterable[str], address: str | None = None) -> tuple[Path, ...]:
        """Give reviewers an account, as ``h4rmony team add`` does; who has one keeps it.

        Args:
            reviewers: their usernames.
            address: where they reach the server, if not at ``api_url``.

        Returns:
            A new reviewer's note, which holds the link and the password; only the user of this machine can read it.

        Raises:
            ConfigError: a name cannot be a username; nobody is added then.
            DataError: a note cannot be written.
            ArgillaError: the key is not an owner's, or the server cannot be reached.

        Example:
            >>> [note.name for note in connection.invite(["lucía"])], connection.invite(["lucía"])
            (['lucía.txt'], ())
        """
        from workspace.argilla.team import invitation_path, invite

        new = invite(self, tuple(reviewers), address=address).new
        return tuple(invitation_path(self.home, name) for name in new)


def connect(
    *,
    api_url: str | None = None,
    api_key: str | None = None,
    workspace: str | None = None,
    dataset: str | None = None,
    home: str | Path | None = None,
) -> Connection:
    """Settle which server, key, workspace and dataset to use, as the commands do; nothing is sent yet.

    Each value is the argument, else the environment's (``ARGILLA_API_URL``, ``ARGILLA_API_KEY``,
    ``H4RMONY_WORKSPACE``, ``H4RMONY_DATASET``, ``H4RMONY_HOME``), else that of ``home/credentials.json``, else the
    default.

    Args:
        api_url: address of the Argilla server.
        api_key: key of an owner or admin. The key in ``credentials.json`` is only sent to the address beside it.
        workspace: name of the workspace; default ``h4rmony``.
        dataset: name of the dataset; default ``h4rmony-es``.
        home: folder of the local state; default ``~/.h4rmony``.

    Returns:
        The connection.

    Raises:
        ConfigError: no address or no key was found, or one of them cannot be one; the message says how to give it.

    Example:
        >>> connect(api_url="http://localhost:6900", api_key="owner.apikey", home="review")
        Connection(api_url='http://localhost:6900', workspace='h4rmony', dataset='h4rmony-es', home=...)
    """
    home = Path(home).expanduser() if home else default_home()
    stored = Credentials.read(home)
    url = api_url or os.environ.get("ARGILLA_API_URL") or (stored.api_url if stored else None)
    if not url:
        raise ConfigError(
            f"no Argilla server is known: start one with `h4rmony serve --home {home}`, or give --api-url and "
            "--api-key (or ARGILLA_API_URL and ARGILLA_API_KEY)"
        )
    url = url.rstrip("/")
    if not is_address(url):
        raise ConfigError(
            f"{url!r} is not an address of an Argilla server: it must begin with http:// or https:// and name a host"
        )
    stored_key = stored.api_key if stored and stored.api_url.rstrip("/") == url else None
    key = (api_key or os.environ.get("ARGILLA_API_KEY") or stored_key or "").strip()
    if not key:
        raise ConfigError(f"no API key for {url}: give --api-key or set ARGILLA_API_KEY")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the API key for {url} holds characters that no key has; copy it again")
    return Connection(
        api_url=url,
        api_key=key,
        workspace=workspace or os.environ.get("H4RMONY_WORKSPACE") or "h4rmony",
        dataset=dataset or os.environ.get("H4RMONY_DATASET") or "h4rmony-es",
        home=home,
    )
