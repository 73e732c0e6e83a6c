"""An answer that comes while a record is being replaced is never lost, nor moved to another text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from exports.review.collect import collect
from loaders.loading.actions import Action
from loaders.loading.send import Policy, load_records
from tests.reviews import connection_to, record
from workspace.argilla.codec import Json
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.config import Credentials
from workspace.model.records import Record


class Interrupted(Gateway):
    """A reviewer answers just before the loader writes."""

    answered = False

    def upsert(self, dataset: RemoteDataset, items: Sequence[Json]) -> None:
        if not self.answered:
            self.answered = True
            (remote,) = self.records(dataset)
            ranking = [{"value": letter, "rank": rank} for letter, rank in zip("abc", (3, 1, 2), strict=True)]
            texts = {name: {"value": s.value} for name, s in remote.suggestions.items() if name != "ranking"}
            self.respond(remote.id, "submitted", {"ranking": {"value": ranking}, **texts})
        super().upsert(dataset, items)


@pytest.mark.parametrize(
    ("changed", "action"),
    [
        (record(1, prompt="Another prompt?", answers=("A.", "B.", "C.")), Action.CONFLICT),
        (record(1, spanish=("¿Otra?", "Uno.", "Dos.", "Tres.")), Action.KEPT),
    ],
)
def test_the_old_texts_are_put_back(server: Credentials, tmp_path: Path, changed: Record, action: Action) -> None:
    connection = connection_to(server, tmp_path)
    policy = Policy(blind_share=0.0, replace_changed=True)
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, [record(1)], policy)
        (before,) = gateway.records(dataset)
        with Interrupted(connection) as other:
            report = load_records(other, {3: dataset}, [changed], policy)
        assert report.counts == {action: 1}
        (after,) = gateway.records(dataset)
        assert len(after.responses) == 1
        assert replace(after, responses=()) == before
        review = collect(connection)
    assert review.records == (record(1),)
    assert review.records[0].translation
    assert review.ballots[0].answers == review.records[0].translation.answers
