"""Read the whole review from Argilla: every record, and every response as a ballot."""

from __future__ import annotations

from exports.review import Review
from workspace.ballots import Ballot
from workspace.gateway import Gateway
from workspace.records import Record
from workspace.remote import decode, decode_ballots


def collect(gateway: Gateway) -> Review:
    """Fetch the dataset's records and ballots; drafts and discards come with their status.

    The server stores a ranking in the order of its options, so only the ranks in it tell the reviewer's order; they
    are read as they are stored, ties included.

    Raises:
        ArgillaError: there is no such dataset, or a record in it was not made by ``load``.
    """
    dataset = gateway.dataset()
    usernames = {user.id: user.username for user in gateway.users()}
    records: list[Record] = []
    ballots: list[Ballot] = []
    for remote in gateway.records(dataset, suggestions=False):
        records.append(decode(remote))
        ballots.extend(decode_ballots(remote, usernames))
    return Review(tuple(records), tuple(ballots))
