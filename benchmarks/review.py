"""Loading and collecting, ours against Argilla's SDK, on one embedded server."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import table, timed
from exports.review.collect import collect_to, review_in
from loaders.loading.send import Policy, load_records
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.model.records import Answer, Record, Translation
from workspace.model.slots import letters
from workspace.server import running_server

RECORDS = int(os.environ.get("BENCH_RECORDS", "5000"))
REVIEWERS = 2


def records(count: int) -> Iterator[Record]:
    """Records of H4rmony's size."""
    for number in range(count):
        texts = [
            f"{kind} answer {number}. " + "Rivers, soils and forests are alive. " * 6
            for kind in ("Best", "Mid", "Worst")
        ]
        spanish = [f"Respuesta {number}. " + "Los ríos, los suelos y los bosques están vivos. " * 6] * 3
        yield Record(
            id=f"bench-{number:06}",
            prompt=f"Why do rivers matter, question {number}?",
            answers=tuple(Answer(text, rank) for rank, text in enumerate(texts, start=1)),
            metadata={"issues": ["NRMB"], "type": "Question"},
            translation=Translation("es", "bench", f"¿Por qué importan los ríos, pregunta {number}?", tuple(spanish)),
        )


def main() -> str:
    """Load, answer and collect; the tables."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as credentials:
        connection = Connection(credentials.api_url, credentials.api_key, "bench", "bench", Path(folder))
        with Gateway(connection) as gateway:
            dataset = gateway.create_dataset(3, REVIEWERS)
            load, _ = timed(lambda: load_records(gateway, {3: dataset}, records(RECORDS), Policy()))
            again, _ = timed(lambda: load_records(gateway, {3: dataset}, records(RECORDS), Policy()))
            respond(gateway, dataset, connection)
            ours, review = timed(lambda: review_in(gateway, [dataset]))
            assert len(review.ballots) == RECORDS * REVIEWERS
            to_files, written = timed(lambda: collect_to(connection, Path(folder) / "review"))
            assert written.ballots.total() == RECORDS * REVIEWERS
        sdk_log, sdk_read = sdk(connection)
    rows = [
        ["load", load, sdk_log, sdk_log / load],
        ["load again, nothing changed", again, "", ""],
        ["collect", ours, sdk_read, sdk_read / ours],
        ["collect, sorted on disk and written", to_files, sdk_read, sdk_read / to_files],
    ]
    title = f"{RECORDS} records, {RECORDS * REVIEWERS} ballots; seconds"
    return table(title, ["step", "ours", "Argilla SDK", "SDK / ours"], rows)


def respond(gateway: Gateway, dataset: RemoteDataset, connection: Connection) -> None:
    """Two reviewers answer every record, by the bulk endpoint that the web UI's bulk view uses."""
    remotes = list(gateway.records(dataset))
    for number in range(REVIEWERS):
        name = f"bench-{number}"
        key = gateway.add_reviewer(name, name, "bench-password").api_key
        with Gateway(replace(connection, api_key=key)) as reviewer:
            for start in range(0, len(remotes), 100):
                items = []
                for remote in remotes[start : start + 100]:
                    ranking = [{"value": slot, "rank": rank} for rank, slot in enumerate(letters(3), start=1)]
                    texts = {
                        question: {"value": suggestion.value}
                        for question, suggestion in remote.suggestions.items()
                        if question != "ranking"
                    }
                    values = {"ranking": {"value": ranking}, **texts}
                    items.append({"values": values, "status": "submitted", "record_id": remote.id})
                reviewer._request("POST", "me/responses/bulk", json={"items": items})


def sdk(connection: Connection) -> tuple[float, float]:
    """The SDK on the same server: logging as many records of the same fields, and reading ours with responses."""
    warnings.simplefilter("ignore")
    import argilla as rg

    client = rg.Argilla(api_url=connection.api_url, api_key=connection.api_key)
    dataset = client.datasets(connection.dataset, workspace=connection.workspace)
    read, found = timed(lambda: list(dataset.records(with_responses=True, with_suggestions=True)))
    assert len(found) == RECORDS
    other = rg.Dataset("bench-sdk", workspace=connection.workspace, settings=dataset.settings, client=client).create()
    logged = [
        rg.Record(
            id=record.id,
            fields=record.fields.to_dict(),
            metadata=dict(record.metadata),
            suggestions=[s for s in record.suggestions if s.question_name != "ranking"],
        )
        for record in found
    ]
    log, _ = timed(lambda: other.records.log(logged))
    client.http_client.close()
    return log, read
