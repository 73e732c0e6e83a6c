"""The listing behind ``collect``: what Argilla's own listing says, for whoever may see all responses."""

from __future__ import annotations

from dataclasses import replace

import pytest

import workspace.argilla.gateway
from exports.review.collect import collect
from loaders.loading.send import Policy, load_records
from tests.reviews import connection_to, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.errors import ArgillaDenied

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
