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
    by_reviewer = _by_reviewer(ballots)
    records = _records(connection, {ballot.record_id for own in by_reviewer.values() for ballot in own})
    forms = {
        (ballot.reviewer, ballot.record_id): form_values(ballot, records[ballot.record_id])
        for own in by_reviewer.values()
        for ballot in own
    }
    users = invite(connection, list(by_reviewer)).users
    new = 0
    for name, own in by_reviewer.items():
        with Gateway(replace(connection, api_key=users[name].api_key)) as gateway:
            for ballot in own:
                remote = records[ballot.record_id]
                if users[name].id not in {response.user_id for response in remote.responses}:
                    new += gateway.respond(remote.id, ballot.status, forms[ballot.reviewer, ballot.record_id])
    return new


def _by_reviewer(ballots: Iterable[Ballot]) -> dict[str, list[Ballot]]:
    """The ballots of each reviewer, whose name is written as the server has it."""
    found: dict[str, dict[str, Ballot]] = {}
    for ballot in ballots:
        own = found.setdefault(unicodedata.normalize("NFC", ballot.reviewer), {})
        if ballot.record_id in own:
            raise DataError(f"reviewer {ballot.reviewer!r} has two ballots on record {ballot.record_id!r}; keep one")
        own[ballot.record_id] = ballot
    return {name: list(own.values()) for name, own in found.items()}


def _records(connection: DatasetAddress, wanted: set[str]) -> dict[str, RemoteRecord]:
    """The records that are voted on, by their ids."""
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        found = {remote.external_id: remote for remote in gateway.records(dataset) if remote.external_id in wanted}
    if missing := sorted(wanted.difference(found)):
        raise ArgillaError(f"record {missing[0]!r} is not in dataset {dataset.name!r}; `h4rmony load` adds records")
    return {str(name): remote for name, remote in found.items()}
