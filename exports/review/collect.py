"""Read the whole review from Argilla: every record, and every response as a ballot."""

from __future__ import annotations

from collections.abc import Iterator

from exports.review.files import Review
from workspace.argilla.codec import decode, decode_ballots
from workspace.argilla.gateway import Gateway
from workspace.model.ballots import Ballot
from workspace.model.records import Record


def collected(gateway: Gateway) -> Iterator[tuple[Record, tuple[Ballot, ...]]]:
    """Fetch the dataset's records, each with every ballot on it; drafts and discards come with their status.

    They come in the server's order, with two pages of it in memory at most. The server stores a ranking in the order
    of its options, so only the ranks in it tell the reviewer's order; they are read as they are stored, with ties.

    Raises:
        ArgillaError: there is no such dataset, or a record in it was not made by ``load``.
    """
    dataset = gateway.dataset()
    usernames = {user.id: user.username for user in gateway.users()}
    for remote in gateway.records(dataset, suggestions=False):
        yield decode(remote), tuple(decode_ballots(remote, usernames))


def collect(gateway: Gateway) -> Review:
    """The whole review in memory; raises what ``collected`` raises."""
    records: list[Record] = []
    ballots: list[Ballot] = []
    for record, given in collected(gateway):
        records.append(record)
        ballots.extend(given)
    return Review(tuple(records), tuple(ballots))
