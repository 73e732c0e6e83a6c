"""The listing behind ``collect``: what Argilla's own listing says, for whoever may see all responses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import workspace.argilla.gateway
from exports.review.collect import collect
from loaders.loading.send import Policy, load_records
from tests.reviews import connection_to, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.errors import ArgillaDenied, ArgillaError
from workspace.server.home import ServerHome

PASSWORD = "contraseña-larga"


@pytest.fixture(scope="module")
def connection(server: Credentials, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """Twenty records; one has no response, one three, in every status, with texts that need JSON's escapes."""
    connection = connection_to(server, tmp_path_factory.mktemp("listing"))
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, [record(number) for number in range(1, 21)], Policy())
        remotes = list(gateway.records(dataset))
        for index, status in enumerate(("submitted", "draft", "discarded")):
            name = f"{connection.dataset}-{index}"
            key = gateway.add_reviewer(name, name, PASSWORD).api_key
            with Gateway(replace(connection, api_key=key)) as own:
                for remote in remotes[index : 19 if index else 1]:
                    ranking = [{"value": letter, "rank": rank} for letter, rank in zip("abc", (3, 1, 1), strict=True)]
                    texts = {q: {"value": f'"{q}"\n\\ñ 🌱'} for q in remote.suggestions if q != "ranking"}
                    own.respond(remote.id, status, {"ranking": {"value": ranking}, **texts})
    return connection


def test_it_says_what_argilla_s_own_listing_says(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace.argilla.gateway, "PAGE", 7)
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        page = next(gateway._own_pages(dataset))
        assert page
        assert len(page["items"]) == 7
        own = [replace(remote, suggestions={}) for remote in gateway.records(dataset, suggestions=False)]
        argilla = [replace(remote, suggestions={}) for remote in gateway.records(dataset)]
        assert len(own) == 20
        assert {r.external_id: (r.id, r.fields, r.metadata) for r in own} == {
            r.external_id: (r.id, r.fields, r.metadata) for r in argilla
        }
        review = collect(connection)
        monkeypatch.setattr(Gateway, "_own_pages", lambda *_: iter(()))
        assert collect(connection) == review
    assert {ballot.status for ballot in review.ballots} == {"submitted", "draft", "discarded"}
    assert len(review.ballots) == 1 + 18 + 17


def test_an_annotator_may_not_see_it(connection: Connection) -> None:
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        key = gateway.reviewers()[0].api_key
    with Gateway(replace(connection, api_key=key)) as own, pytest.raises(ArgillaDenied):
        list(own.records(dataset, suggestions=False))


def test_nobody_sees_it_without_a_key(connection: Connection) -> None:
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
    with Gateway(replace(connection, api_key="no")) as stranger, pytest.raises(ArgillaDenied):
        list(stranger.records(dataset, suggestions=False))


def test_the_pages_end_where_the_last_one_is_full(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace.argilla.gateway, "PAGE", 10)
    with Gateway(connection) as gateway:
        assert len(list(gateway.records(gateway.dataset(), suggestions=False))) == 20


def test_a_record_that_slipped_behind_the_pages_is_missed_by_nobody(
    connection: Connection, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace.argilla.gateway, "PAGE", 4)
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        listed = gateway.records(dataset, suggestions=False)
        next(listed)
        last = list(gateway.records(dataset))[-1].id
        with closing(sqlite3.connect(ServerHome(server_home).database, timeout=30)) as database:
            statement = "UPDATE records SET inserted_at = '2000-01-01 00:00:00.000000' WHERE replace(id, '-', '') = ?"
            assert database.execute(statement, [last.replace("-", "")]).rowcount == 1
            database.commit()
        with pytest.raises(ArgillaError, match="the server listed 19 of 20 records; try again"):
            list(listed)


def test_a_dataset_that_is_deleted_meanwhile_is_not_taken_for_its_end(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace.argilla.gateway, "PAGE", 4)
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        for suggestions in (False, True):
            listed = gateway.records(dataset, suggestions=suggestions)
            next(listed)
            gateway.remove(f"datasets/{dataset.id}")
            with pytest.raises(ArgillaError, match="404"):
                list(listed)
            connection = replace(connection, dataset=f"{connection.dataset}-2")
            with Gateway(connection) as other:
                dataset = other.create_dataset(3, 2)
                load_records(other, {3: dataset}, [record(number) for number in range(1, 21)], Policy())
