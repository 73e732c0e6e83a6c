"""Records of two, three and four answers: one dataset for each number, and one review."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from exports import merge, pairs
from exports.review.collect import collect
from loaders.loading.actions import Action
from loaders.loading.load import Loaded, load
from tests.cli import run
from tests.reviews import connection_to, options
from workspace.argilla.beside import find_datasets
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.renew import renew
from workspace.argilla.status import review_status
from workspace.config import Credentials
from workspace.errors import ArgillaError, DataError, DatasetMismatch
from workspace.files.jsonl import write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.records import Answer, Record


def of(number: int, count: int) -> Record:
    texts = [f"Respuesta {letter} a la pregunta {number}." for letter in "abcd"[:count]]
    answers = tuple(Answer(text, rank) for rank, text in enumerate(texts, 1))
    return Record(f"p-{number}", f"¿Qué río es el {number}?", answers, (), {"language": "es", "source": "p"}, None)


MIXED = (*(of(number, 2) for number in range(1, 4)), of(4, 3), of(5, 3), of(6, 4))


def loaded(source: Sequence[Record], connection: Connection, **settings: object) -> Loaded:
    return load(list(source), connection, "none", embedding_model="none", **settings)  # type: ignore[arg-type]


def datasets(connection: Connection) -> dict[str, int]:
    with Gateway(connection) as gateway:
        return {dataset.name: dataset.count for dataset in find_datasets(gateway)}


def test_each_number_has_its_dataset_and_all_are_one_review(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    name = connection.dataset
    tried = loaded(MIXED, connection, answers="all", dry_run=True)
    assert (tried.actions, datasets(connection)) == ({Action.NEW: 6}, {})
    assert loaded(MIXED, connection, answers="all", blind_share=0.0).actions == {Action.NEW: 6}
    assert datasets(connection) == {name: 2, f"{name}-3": 3, f"{name}-4": 4}
    assert loaded(MIXED, connection, answers="all").changed == 0
    assert loaded(MIXED, connection).actions == {Action.UNCHANGED: 6}, "what there is is known without being told"

    ballots = [
        Ballot(one.id, who, ranks=tuple(range(1, len(one.answers) + 1))) for one in MIXED for who in ("ana", "luz")
    ]
    assert connection.post(ballots) == 12
    assert connection.post(ballots) == 0
    review = collect(connection, tmp_path / "review")
    assert [len(one.answers) for one in review.records] == [2, 2, 2, 3, 3, 4]
    assert {ballot.record_id for ballot in review.ballots} == {one.id for one in MIXED}
    assert review == collect(connection)
    status = review_status(connection)
    assert (status["records"], status["completed"]) == (6, 6)
    assert renew(connection).changes == ()
    assert len(pairs(merge(review))) == 3 * 1 + 2 * 3 + 6
    said = json.loads(run("report", "-o", str(tmp_path / "report.html"), "--json", *options(connection)))
    assert (said["records"], said["completed"]) == (6, 6)


def test_the_number_of_most_records_is_the_default(server: Credentials, tmp_path: Path) -> None:
    pairs = connection_to(server, tmp_path)
    done = loaded([*MIXED[:3], MIXED[3]], pairs)
    assert (done.actions, datasets(pairs)) == ({Action.NEW: 3, Action.LEFT_OUT: 1}, {pairs.dataset: 2})
    assert done.notes[0] == (
        "p-4: left out, it has 3 answers and the dataset shows 2; --answers all makes one for it"
    )
    equally_many = connection_to(server, tmp_path)
    loaded([of(1, 3), of(2, 2)], equally_many)
    assert datasets(equally_many) == {equally_many.dataset: 2}


def test_no_dataset_is_made_for_nothing(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    with pytest.raises(DataError, match=r"no record has 3 answers, .* 3 records of 2 answers; give --answers all"):
        loaded(MIXED[:3], connection, answers=3)
    assert datasets(connection) == {}
    loaded(MIXED[3:5], connection)
    with pytest.raises(DataError, match="no record has 3 answers"):
        loaded(MIXED[:3], connection)
    with pytest.raises(DatasetMismatch, match="shows 3 answers a record, not 2; give --answers all"):
        loaded(MIXED[:3], connection, answers=2)
    assert loaded(MIXED[:3], connection, answers="all").actions == {Action.NEW: 3}
    assert datasets(connection) == {connection.dataset: 3, f"{connection.dataset}-2": 2}
    assert loaded(MIXED[:2], connection, answers=2).actions == {Action.UNCHANGED: 2}


def test_a_record_that_got_another_answer_is_a_conflict(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    loaded(MIXED, connection, answers="all")
    longer = replace(of(1, 3), answers=(*MIXED[0].answers, Answer("Otra.", 3)))
    done = loaded([longer, *MIXED[1:]], connection, replace_changed=True)
    assert done.actions == {Action.CONFLICT: 1, Action.UNCHANGED: 5}
    assert done.notes[0] == (
        "p-1: conflict, it had 2 answers and has 3; nobody has answered it, so delete it in Argilla and load again"
    )
    connection.post([Ballot("p-1", "ana", ranks=(1, 2))])
    done = loaded([longer, *MIXED[1:]], connection, new_versions=True)
    assert done.actions == {Action.NEW_VERSION: 1, Action.UNCHANGED: 5}
    assert {one.id: len(one.answers) for one in collect(connection).records}["p-1-v2"] == 3


def test_a_dataset_of_a_like_name_is_not_taken(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    loaded(MIXED[:3], connection)
    other = replace(connection, dataset=f"{connection.dataset}-9")
    loaded(MIXED[3:5], other)  # it shows three answers, whatever it is called
    assert datasets(connection) == {connection.dataset: 2}
    assert len(collect(connection).records) == 3
    with pytest.raises(ArgillaError, match="no dataset 'otra'"):
        collect(replace(connection, dataset="otra"))


def test_the_command_takes_all(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    source = tmp_path / "mixed.jsonl"
    write_jsonl(source, (one.to_json() for one in MIXED))
    command = ["load", str(source), "--translator", "none", "--embedding-model", "none", *options(connection)]
    assert "Error: Invalid value for '--answers'" in run(*command, "--answers", "1", code=2)
    assert json.loads(run(*command, "--answers", "all", "--json"))["new"] == 6
    assert len(datasets(connection)) == 3
