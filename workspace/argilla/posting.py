"""Ballots on their way into Argilla: a script answers as reviewers do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from workspace.argilla.codec import form_values
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteRecord
from workspace.argilla.team import invite
from workspace.config import DatasetAddress
from workspace.errors import ArgillaError, DataError
from workspace.model.ballots import Ballot


def post_ballots(connection: DatasetAddress, ballots: Iterable[Ballot]) -> int:
    """Post ballots, each from its reviewer's account; see ``Connection.post``."""
    given = _by_place(ballots)
    records = _records(connection, {record_id for _, record_id in given})
    forms = {place: form_values(ballot, records[ballot.record_id]) for place, ballot in given.items()}
    users = invite(connection, [name for name, _ in given]).users
    new = 0
    for name, user in users.items():
        with Gateway(replace(connection, api_key=user.api_key)) as gateway:
            for (reviewer, record_id), form in forms.items():
                remote = records[record_id]
                if reviewer == name and user.id not in {response.user_id for response in remote.responses}:
                    new += gateway.respond(remote.id, given[name, record_id].status, form)
    return new


def _by_place(ballots: Iterable[Ballot]) -> dict[tuple[str, str], Ballot]:
    """The ballots by reviewer, whose name is written as the server has it, and record."""
    found: dict[tuple[str, str], Ballot] = {}
    for ballot in ballots:
        place = unicodedata.normalize("NFC", ballot.reviewer), ballot.record_id
        if place in found:
            raise DataError(f"reviewer {ballot.reviewer!r} has two ballots on record {ballot.record_id!r}; keep one")
        found[place] = ballot
    return found


def _records(connection: DatasetAddress, wanted: set[str]) -> dict[str, RemoteRecord]:
    """The records that are voted on, by their ids."""
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        found = {str(each.external_id): each for each in gateway.records(dataset) if each.external_id in wanted}
    if missing := sorted(wanted.difference(found)):
        raise ArgillaError(f"record {missing[0]!r} is not in dataset {dataset.name!r}; `h4rmony load` adds records")
    return found
