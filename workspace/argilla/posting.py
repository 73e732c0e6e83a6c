"""Answers on their way into Argilla: a script answers as reviewers do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from workspace.argilla.beside import all_datasets
from workspace.argilla.codec import form_values
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import Json, RemoteRecord
from workspace.argilla.team import invite
from workspace.config import DatasetAddress
from workspace.errors import ArgillaError, DataError
from workspace.model.ballots import Ballot

Form = tuple[str, Json]  # a response's status and values


def post_ballots(connection: DatasetAddress, ballots: Iterable[Ballot]) -> int:
    """Post ballots, each from its reviewer's account; see ``Connection.post``."""
    given = _by_place(ballots)
    records = _records(connection, {record_id for _, record_id in given})
    forms = {
        place: (ballot.status, form_values(ballot, records[ballot.record_id])) for place, ballot in given.items()
    }
    return post_forms(connection, forms, records)


def post_forms(
    connection: DatasetAddress, forms: Mapping[tuple[str, str], Form], records: Mapping[str, RemoteRecord]
) -> int:
    """Post forms, each from its reviewer's account, which is made where there is none; returns how many were new.

    Args:
        connection: the dataset; the key must be an owner's.
        forms: by reviewer, whose name is written as the server has it (``account_name``), and record.
        records: the records that are answered, as they are now; what a reviewer has answered is passed over.
    """
    users = invite(connection, [name for name, _ in forms]).users
    new = 0
    for name, user in users.items():
        with Gateway(replace(connection, api_key=user.api_key)) as gateway:
            for (reviewer, record_id), (status, values) in forms.items():
                remote = records[record_id]
                if reviewer == name and user.id not in {response.user_id for response in remote.responses}:
                    new += gateway.respond(remote.id, status, values)
    return new


def account_name(reviewer: str) -> str:
    """A reviewer's name as the server has it."""
    return unicodedata.normalize("NFC", reviewer)


def _by_place(ballots: Iterable[Ballot]) -> dict[tuple[str, str], Ballot]:
    """The ballots by reviewer and record."""
    found: dict[tuple[str, str], Ballot] = {}
    for ballot in ballots:
        place = account_name(ballot.reviewer), ballot.record_id
        if place in found:
            raise DataError(f"reviewer {ballot.reviewer!r} has two ballots on record {ballot.record_id!r}; keep one")
        found[place] = ballot
    return found


def _records(connection: DatasetAddress, wanted: set[str]) -> dict[str, RemoteRecord]:
    """The records that are voted on, by their ids."""
    with Gateway(connection) as gateway:
        datasets = all_datasets(gateway)
        everything = (each for dataset in datasets for each in gateway.records(dataset))
        found = {str(each.external_id): each for each in everything if each.external_id in wanted}
    if missing := sorted(wanted.difference(found)):
        name = connection.dataset
        raise ArgillaError(f"record {missing[0]!r} is not in dataset {name!r}; `h4rmony load` adds records")
    return found
