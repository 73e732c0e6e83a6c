"""A record that somebody else added to the dataset, or changed by hand, costs nobody a ballot."""

from __future__ import annotations

from pathlib import Path

import pytest

from exports.review.collect import collect
from exports.review.files import read_review
from loaders.loading.send import Policy, load_records
from tests.cli import run
from tests.reviews import connection_to, options, record
from workspace.argilla.gateway import Gateway
from workspace.argilla.renew import renew
from workspace.config import Credentials
from workspace.errors import H4rmonyWarning
from workspace.model.ballots import Ballot


def test_all_other_ballots_are_collected(server: Credentials, tmp_path: Path) -> None:
    connection, folder = connection_to(server, tmp_path), tmp_path / "review"
    ballots = [Ballot(f"h4rmony-{number}", "ana", ranks=(1, 2, 2)) for number in (1, 2)]
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, [record(1), record(2)], Policy(blind_share=0.0))
        connection.post(ballots)
        shown = {"prompt": {"en": "x", "es": "x"}, "answers": {slot: {"en": "x", "es": "x"} for slot in "abc"}}
        gateway.upsert(dataset, [{"external_id": name, "fields": shown} for name in ("ajeno", "otro")])
        remote = next(each for each in gateway.records(dataset) if each.external_id == "ajeno")
        gateway.respond(remote.id, "discarded", {"comment": {"value": "de otra persona"}})

        with pytest.warns(H4rmonyWarning) as warned:
            review = collect(connection)
        (said,) = [str(each.message) for each in warned]
        assert said.startswith("left out: record ") and said.endswith(" (and 1 more such record)")
        assert {(ballot.record_id, ballot.ranks) for ballot in review.ballots} == {
            (ballot.record_id, (1, 2, 2)) for ballot in ballots
        }
        printed = run("collect", "-o", str(folder), *options(connection))
        assert f"Warning: {said}\n" in printed
        assert read_review(folder) == review
        with pytest.warns(H4rmonyWarning, match="left out: record"):
            assert renew(connection).changes == ()

        changed = next(each for each in gateway.records(dataset) if each.external_id == "h4rmony-1")
        gateway.upsert(dataset, [{"external_id": "h4rmony-1", "metadata": {**changed.metadata, "slots": "0,0,1"}}])
    printed = run("collect", "-o", str(folder), *options(connection))
    assert "1 ballot of ana is no longer in Argilla; it is kept in" in printed
    assert [ballot.record_id for ballot in read_review(folder).ballots] == ["h4rmony-2"]
