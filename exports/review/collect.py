"""Read a whole review from Argilla: every record, and every response on it as a ballot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from exports.review.files import Gone, Review, gone_ballots, read_review, write_gone
from exports.review.spool import Spool
from workspace.argilla.beside import all_datasets
from workspace.argilla.codec import decode
from workspace.argilla.connection import Connection
from workspace.argilla.foreign import read_ours
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.model.ballots import Ballot
from workspace.model.records import Record


@dataclass(frozen=True)
class Collected:
    """What a folder holds after a collection, or would hold after it.

    ``ballots`` counts them by status. ``gone`` are the ballots that the folder had and Argilla no longer has;
    ``changed`` is False if the files were the same before.
    """

    records: int
    ballots: Counter[str]
    reviewers: int
    gone: Gone
    changed: bool


def collect(connection: Connection, folder: str | Path | None = None) -> Review:
    """Fetch every record and every ballot from Argilla.

    Drafts and discarded ballots are fetched too, with their status; no function counts them as votes. Records that
    ``load`` did not make are left out, with a warning; what people answered there stays in Argilla.

    Args:
        connection: the dataset, from ``workspace.connect``.
        folder: a folder to write the review to as well, as ``h4rmony collect`` does: ``records.jsonl``,
            ``ballots.jsonl``, and ``ballots-gone.jsonl`` with the ballots of earlier collections that Argilla no
            longer has.

    Returns:
        The review, in memory.

    Raises:
        ArgillaError: Argilla cannot be reached, or has no such dataset.
        DataError: the folder cannot be written, or the ballots in it cannot be read.

    Example:
        >>> [record.id for record in collect(connection, "review").records]
        ['h4rmony-1', 'h4rmony-2', 'h4rmony-3']
    """
    if folder is not None:
        collect_to(connection, Path(folder))
        return read_review(folder)
    with Gateway(connection) as gateway:
        return review_in(gateway, all_datasets(gateway))


def collect_to(connection: Connection, folder: Path, *, dry_run: bool = False) -> Collected:
    """Write the review in Argilla to a folder, with one page of it in memory at a time.

    With ``dry_run`` nothing is written. Raises what ``collect`` raises.
    """
    with Spool() as spool:
        with Gateway(connection) as gateway:
            for record, ballots in collected(gateway, all_datasets(gateway)):
                spool.add(record, ballots)
        gone = gone_ballots(spool.ballot, folder)
        if not dry_run:
            write_gone(gone, folder)
        changed = not dry_run and spool.write(folder)
        return Collected(spool.records, spool.statuses, len(spool.reviewers), gone, changed)


def review_in(gateway: Gateway, datasets: Iterable[RemoteDataset]) -> Review:
    """The review in some datasets."""
    pairs = tuple(collected(gateway, datasets))
    return Review(tuple(record for record, _ in pairs), tuple(ballot for _, given in pairs for ballot in given))


def collected(gateway: Gateway, datasets: Iterable[RemoteDataset]) -> Iterator[tuple[Record, tuple[Ballot, ...]]]:
    """Yield each record with every ballot on it, in the server's order, with two pages in memory at most.

    The server stores a ranking in the order of its options, so the reviewer's order is in the ranks alone; they are
    read as they are stored, ties included. A record that ``load`` did not make is left out, with a warning.
    """
    usernames = {user.id: user.username for user in gateway.users()}
    for dataset in datasets:
        remotes = gateway.records(dataset, suggestions=False)
        yield from read_ours(remotes, lambda remote: decode(remote, usernames))
