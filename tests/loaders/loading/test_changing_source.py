"""A source that changes while its records are under review, on the real server."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exports import collect
from loaders import Imploded, load
from loaders.loading.load import Loaded
from tests.reviews import connection_to, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset, RemoteRecord
from workspace.config import Credentials
from workspace.errors import ArgillaError
from workspace.model.groups import record_group
from workspace.model.records import Record


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def loaded(connection: Connection, records: Iterable[Record], **settings: Any) -> Loaded:
    source = Imploded.from_records(tuple(records))
    return load(source, connection, "none", embedding_model="none", blind_share=0.0, **settings)


def held(connection: Connection) -> dict[str, RemoteRecord]:
    with Gateway(connection) as gateway:
        return {str(remote.external_id): remote for remote in gateway.records(gateway.dataset())}


def answer(gateway: Gateway, remote: RemoteRecord, status: str = "submitted") -> bool:
    ranking = [{"value": letter, "rank": rank} for letter, rank in zip("abc", (3, 1, 2), strict=True)]
    texts = {name: {"value": each.value} for name, each in remote.suggestions.items() if name != "ranking"}
    return gateway.respond(remote.id, status, {"ranking": {"value": ranking}, **texts})


def answer_by_id(connection: Connection, record_id: str, status: str = "submitted") -> None:
    with Gateway(connection) as gateway:
        answer(gateway, held(connection)[record_id], status)


# -- vanished ----------------------------------------------------------------------------------------------------


def test_what_vanished_is_named_and_retired_where_nobody_answered(connection: Connection) -> None:
    other = Record("other-1", "Moss?", record(1).answers)
    loaded(connection, [*map(record, range(1, 6)), other])
    answer_by_id(connection, "h4rmony-2")
    answer_by_id(connection, "h4rmony-3", "draft")
    before = held(connection)
    named = loaded(connection, [record(1)])
    remedies = ["somebody has answered it, so it stays"] * 2 + ["--retire would take it out"] * 2
    assert named.notes == tuple(
        f"h4rmony-{number}: vanished, it is in the dataset and no longer in the source; {remedy}"
        for number, remedy in zip((2, 3, 4, 5), remedies, strict=True)
    )
    assert (named.vanished, named.retired, named.changed) == (4, 0, 0)
    dry = loaded(connection, [record(1)], retire=True, dry_run=True)
    assert (dry.vanished, dry.retired, dry.changed) == (2, 2, 2)
    assert held(connection) == before, "without --retire, and in a dry run, nothing leaves"
    done = loaded(connection, [record(1)], retire=True)
    assert (done.vanished, done.retired, done.changed, done.notes) == (2, 2, 2, dry.notes)
    after = held(connection)
    assert after == {name: before[name] for name in ("h4rmony-1", "h4rmony-2", "h4rmony-3", "other-1")}
    assert loaded(connection, [record(1)], retire=True).retired == 0
    assert loaded(connection, map(record, range(1, 6))).actions == {"unchanged": 3, "new": 2}, "it may come back"


def test_a_killed_retirement_ends_as_a_whole_one(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(connection, map(record, range(1, 6)))
    answer_by_id(connection, "h4rmony-4")
    ask = Gateway._request
    with monkeypatch.context() as patch:
        patch.setattr("workspace.argilla.gateway.BULK", 1)
        asked: list[str] = []

        def dies(self: Gateway, method: str, path: str, **content: Any) -> Any:
            asked.append(method)
            if asked.count("DELETE") == 2:
                raise KeyboardInterrupt
            return ask(self, method, path, **content)

        patch.setattr(Gateway, "_request", dies)
        with pytest.raises(KeyboardInterrupt):
            loaded(connection, [record(1)], retire=True)
    assert len(held(connection)) == 4
    loaded(connection, [record(1)], retire=True)
    assert held(connection).keys() == {"h4rmony-1", "h4rmony-4"}


def test_no_answer_is_deleted_however_late_it_comes(connection: Connection) -> None:
    """Each answer is either kept with its record, or refused because the record is gone."""
    loaded(connection, map(record, range(1, 41)))
    remotes = held(connection)
    taken: dict[str, bool] = {}

    def review() -> None:
        with Gateway(connection) as gateway:
            for name, remote in reversed(remotes.items()):
                try:
                    taken[name] = answer(gateway, remote)
                except ArgillaError:
                    taken[name] = False

    reviewer = threading.Thread(target=review)
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        reviewer.start()
        for remote in remotes.values():
            gateway.delete_unanswered(dataset, [remote.id])
        reviewer.join()
    after = held(connection)
    assert after.keys() == {name for name, kept in taken.items() if kept}
    assert all(len(remote.responses) == 1 for remote in after.values())


def test_an_argilla_without_the_step_is_not_asked_to_delete(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(connection, [record(1), record(2)])
    ask = Gateway._request

    def foreign(self: Gateway, method: str, path: str, **content: Any) -> Any:
        return ask(self, method, path.replace("h4rmony/", "elsewhere/"), **content)

    monkeypatch.setattr(Gateway, "_request", foreign)
    with pytest.raises(ArgillaError, match="cannot retire records without risk to an answer that is just being sent"):
        loaded(connection, [record(1)], retire=True)
    assert len(held(connection)) == 2


def test_a_prompt_that_two_sources_share_is_said_to_be_one(connection: Connection) -> None:
    theirs = replace(record(7, prompt="Why do rivers matter (1)?!"), id="other-7")
    loaded(connection, [record(1), record(2)])
    shared = loaded(connection, [theirs])
    assert (shared.equal_prompts, shared.actions) == (1, {"new": 1})
    assert shared.notes == (
        "h4rmony-1 and other-7: one prompt, in the same words; each is reviewed by itself, and they share their "
        "side of the split",
    )
    one, _, other = collect(connection).records
    assert record_group(one) == record_group(other)
    assert loaded(connection, [theirs]).notes == (), "it is said once"


# -- new versions ------------------------------------------------------------------------------------------------

FIXED = record(1, prompt="Why do the rivers matter? (1)")
FIXED_TWICE = record(1, prompt="Why do all rivers matter? (1)")


def test_a_changed_answered_record_gets_a_version_of_its_own(connection: Connection) -> None:
    loaded(connection, [record(1), record(2)])
    answer_by_id(connection, "h4rmony-1")
    before = held(connection)
    refused = loaded(connection, [FIXED, record(2)])
    assert (refused.actions, held(connection)) == ({"conflict": 1, "unchanged": 1}, before)
    dry = loaded(connection, [FIXED, record(2)], new_versions=True, dry_run=True)
    done = loaded(connection, [FIXED, record(2)], new_versions=True)
    assert dry.actions == done.actions == {"new_version": 1, "unchanged": 1}
    assert done.notes == ("h4rmony-1-v2: new version of h4rmony-1, which keeps its text and its answers",)
    after = held(connection)
    assert after.pop("h4rmony-1-v2").metadata["follows"] == "h4rmony-1"
    assert after == before
    for new_versions in (False, True):
        again = loaded(connection, [FIXED, record(2)], new_versions=new_versions)
        assert (again.actions, again.vanished, again.changed) == ({"unchanged": 2}, 0, 0)
    records = {each.id: each for each in collect(connection).records}
    assert records["h4rmony-1-v2"].metadata["follows"] == "h4rmony-1"
    assert record_group(records["h4rmony-1-v2"]) == record_group(records["h4rmony-1"]), "one side of the split"
    assert loaded(connection, [FIXED_TWICE, record(2)], new_versions=True).actions == {"conflict": 1, "unchanged": 1}
    replaced = loaded(connection, [FIXED_TWICE, record(2)], replace_changed=True)
    assert replaced.actions == {"replaced": 1, "unchanged": 1}, "nobody has answered the second version"
    answer_by_id(connection, "h4rmony-1-v2")
    back = loaded(connection, [record(1), record(2)], new_versions=True)
    assert back.actions == {"new_version": 1, "unchanged": 1}, "only the latest version is compared"
    assert loaded(connection, [record(1), record(2)]).actions == {"unchanged": 2}
    whole = collect(connection).records
    assert "conflict" not in loaded(connection, whole).actions, "what was collected holds each version as it is"


def test_killed_new_versions_end_as_whole_ones(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(connection, [record(1), record(2)])
    for name in ("h4rmony-1", "h4rmony-2"):
        answer_by_id(connection, name)
    fixed = [FIXED, record(2, prompt="Another? (2)")]
    upsert = Gateway.upsert
    with monkeypatch.context() as patch:
        patch.setattr("loaders.loading.send.BULK", 1)
        sent: list[int] = []

        def dies(self: Gateway, dataset: RemoteDataset, items: Sequence[Any]) -> None:
            if sent:
                raise KeyboardInterrupt
            sent.append(len(items))
            upsert(self, dataset, items)

        patch.setattr(Gateway, "upsert", dies)
        with pytest.raises(KeyboardInterrupt):
            loaded(connection, fixed, new_versions=True)
    assert loaded(connection, fixed, new_versions=True).actions == {"new_version": 1, "unchanged": 1}
    assert held(connection).keys() == {"h4rmony-1", "h4rmony-1-v2", "h4rmony-2", "h4rmony-2-v2"}


def test_a_followed_version_is_offered_to_nobody_but_who_answered_it(connection: Connection) -> None:
    loaded(connection, [record(1), record(2)])
    answer_by_id(connection, "h4rmony-1")
    loaded(connection, [FIXED, record(2)], new_versions=True)
    with Gateway(connection) as gateway:
        name = f"eva-{connection.dataset}"
        key = gateway.add_reviewer(name, "Eva", "contraseña-larga").api_key
        path = f"me/datasets/{gateway.dataset().id}/records/search"
        with Gateway(replace(connection, api_key=key)) as eva:
            offered = [
                sorted(item["record"]["external_id"] for item in each._request("POST", path, json={})["items"])
                for each in (gateway, eva)
            ]
    assert offered == [["h4rmony-1", "h4rmony-1-v2", "h4rmony-2"], ["h4rmony-1-v2", "h4rmony-2"]]
