"""Read a dataset that anybody made: its questions, its fields, and every response as the server stores it.

The SDK gives a ranking as a list of values without their ranks, so ties are lost; here the ranks are read as stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import Json, RemoteDataset, RemoteRecord
from workspace.errors import DatasetMismatch


@dataclass(frozen=True)
class AnyDataset:
    """A published dataset with a ranking question.

    Attributes:
        remote: what the gateway needs of it.
        fields: the type of each field, by its name and in the form's order: text, chat, image or custom.
        questions: the type of each question, by its name and in the form's order.
        options: the values that each ranking question ranks, by its name.
    """

    remote: RemoteDataset
    fields: Mapping[str, str]
    questions: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, gateway: Gateway) -> AnyDataset:
        """The dataset that the connection names.

        Raises:
            ArgillaError: there is none; DatasetMismatch: it has no ranking question.
        """
        item = gateway.published()
        questions = _in_order(gateway.read(f"datasets/{item['id']}/questions"))
        fields = _in_order(gateway.read(f"datasets/{item['id']}/fields"))
        options = {
            each["name"]: tuple(option["value"] for option in each["settings"]["options"])
            for each in questions
            if each["settings"]["type"] == "ranking"
        }
        if not options:
            raise DatasetMismatch(
                f"dataset {item['name']!r} has no ranking question; it asks for "
                f"{', '.join(each['name'] for each in questions)}; choose another --dataset"
            )
        ids = {each["name"]: str(each["id"]) for each in questions}
        needed = int((item.get("distribution") or {}).get("min_submitted", 1))
        return cls(
            RemoteDataset(str(item["id"]), item["name"], 0, needed, ids),
            {each["name"]: each["settings"]["type"] for each in fields},
            {each["name"]: each["settings"]["type"] for each in questions},
            options,
        )


def _in_order(listed: Json) -> list[Json]:
    return sorted(listed["items"], key=lambda item: (item.get("inserted_at") or "", item["name"]))


@dataclass(frozen=True)
class AnyRecord:
    """One record: its ``external_id``, else the server's id, and what it shows."""

    record_id: str
    server_id: str
    fields: Mapping[str, Any]
    metadata: Mapping[str, Any]

    def to_json(self) -> Json:
        """The record as a line of ``dataset.jsonl``."""
        return dict(vars(self))


@dataclass(frozen=True)
class AnyResponse:
    """One user's response to one record.

    Attributes:
        record_id: the record's ``external_id``, else the server's id.
        reviewer: the username, or the user's id where this key may not see it.
        status: submitted, draft or discarded.
        updated_at: the server's time, ISO 8601, UTC.
        values: by question, as the server stores them. A ranking is ``[{"value": "a", "rank": 2}, ...]`` in the order
            of its options: equal ranks are a tie, ranks may leave gaps, and a draft may lack some.
    """

    record_id: str
    reviewer: str
    status: str
    updated_at: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str]:
        """Whose it is, and of which record."""
        return self.record_id, self.reviewer

    def to_json(self) -> Json:
        """The response as a line of ``responses.jsonl``."""
        return dict(vars(self))

    def ranks(self, question: str, options: tuple[str, ...]) -> tuple[int | None, ...]:
        """The rank of each option, None where it has none."""
        given = {item["value"]: item.get("rank") for item in self.values.get(question) or ()}
        return tuple(rank if isinstance(rank := given.get(option), int) else None for option in options)


def listed(
    connection: Connection,
) -> tuple[AnyDataset, tuple[AnyRecord, ...], tuple[AnyResponse, ...]]:
    """The dataset with all its records, sorted by id, and all responses, sorted by record and reviewer.

    Raises:
        ArgillaError: there is no such dataset, or the server cannot be reached.
        DatasetMismatch: it has no ranking question.
    """
    with Gateway(connection) as gateway:
        dataset = AnyDataset.of(gateway)
        usernames = {user.id: user.username for user in gateway.users()}
        records: list[AnyRecord] = []
        responses: list[AnyResponse] = []
        for remote in gateway.records(dataset.remote, suggestions=False):
            name = remote.external_id or remote.id
            records.append(AnyRecord(name, remote.id, dict(remote.fields), dict(remote.metadata)))
            responses += _responses(remote, name, usernames)
    records.sort(key=lambda record: (record.record_id, record.server_id))
    responses.sort(key=lambda response: response.place)
    return dataset, tuple(records), tuple(responses)


def _responses(remote: RemoteRecord, name: str, usernames: Mapping[str, str]) -> Iterator[AnyResponse]:
    for response in remote.responses:
        who = usernames.get(response.user_id, response.user_id)
        yield AnyResponse(name, who, response.status, response.updated_at, dict(response.values))
