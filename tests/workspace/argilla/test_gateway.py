"""The gateway: what it tries again and what not, what it says when it fails, and the dataset it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.reviews import connection_to
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.argilla.settings import METADATA, PROBLEM_TITLES, question_names
from workspace.config import Credentials
from workspace.errors import ArgillaDenied, ArgillaError, ArgillaUnreachable, ConfigError, DatasetMismatch
from workspace.retries import ATTEMPTS

CONNECTION = Connection("http://argilla.test", "secreto", "h4rmony", "h4rmony-es", Path("home"))
ME = {"id": "1", "username": "owner", "first_name": "O", "role": "owner", "api_key": "secreto"}


def gateway(answer: Callable[[httpx.Request], httpx.Response], waits: list[float] | None = None) -> Gateway:
    waited = waits if waits is not None else []
    return Gateway(CONNECTION, transport=httpx.MockTransport(answer), sleep=waited.append)


def refusing(error: httpx.HTTPError) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    answers = iter([httpx.Response(status), httpx.Response(status), httpx.Response(200, json=ME)])
    waits: list[float] = []
    assert gateway(lambda _: next(answers), waits).me().username == "owner"
    assert [int(2 * wait) / 2 for wait in waits] == [0.5, 1.0]  # and a bit, by chance


def test_the_server_s_own_wait_is_kept_within_bounds() -> None:
    asked = [httpx.Response(429, headers={"Retry-After": seconds}) for seconds in ("3", "86400")]
    answers = iter([*asked, httpx.Response(200, json=ME)])
    waits: list[float] = []
    gateway(lambda _: next(answers), waits).me()
    assert waits == [3.0, 30.0]


def test_a_record_is_listed_where_argilla_fails_to_answer_for_one_with_a_vector() -> None:
    dataset = RemoteDataset("d", "datos", 3, 2, {})
    ids = ["00000000-0000-4000-8000-00000000000" + digit for digit in "12"]

    def answer(request: httpx.Request) -> httpx.Response:
        if "/datasets/d/records" not in request.url.path:
            return httpx.Response(500)
        items = [{"id": one, "external_id": f"h4rmony-{one[-1]}", "fields": {}} for one in ids]
        return httpx.Response(200, json={"items": items, "total": 2})

    waits: list[float] = []
    assert gateway(answer, waits).record(dataset, ids[1]).external_id == "h4rmony-2"
    with pytest.raises(ArgillaError, match="record x is no longer in dataset 'datos'"):
        gateway(answer, waits).record(dataset, "x")
    assert waits == []


def test_no_answer_ends_after_all_attempts_with_what_to_do() -> None:
    waits: list[float] = []
    with pytest.raises(ArgillaUnreachable, match=r"no answer from http://argilla.test .*h4rmony serve"):
        gateway(refusing(httpx.ConnectError("refused")), waits).me()
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, ArgillaError), (401, ArgillaDenied), (403, ArgillaDenied), (404, ArgillaError), (422, ArgillaError)],
)
def test_what_cannot_get_better_is_not_tried_again(status: int, error: type[ArgillaError]) -> None:
    waits: list[float] = []
    with pytest.raises(error) as raised:
        gateway(lambda _: httpx.Response(status, json={"detail": "no"}), waits).me()
    assert waits == []
    assert str(status) in str(raised.value)
    assert "secreto" not in str(raised.value)


def test_a_server_that_is_not_argilla_is_said_to_be_none() -> None:
    with pytest.raises(ArgillaError, match="is this an Argilla server"):
        gateway(lambda _: httpx.Response(200, text="<html>")).me()


def test_what_cannot_be_sent_is_not_tried_again_and_shows_no_key() -> None:
    waits: list[float] = []
    with pytest.raises(ConfigError, match="cannot be sent") as error:
        gateway(refusing(httpx.LocalProtocolError("Illegal header value b'secreto'")), waits).me()
    assert waits == []
    assert "secreto" not in str(error.value)


def test_the_key_does_not_show() -> None:
    assert "secreto" not in repr(CONNECTION)


DATASET = {
    "id": "d",
    "name": "h4rmony-es",
    "status": "ready",
    "workspace_id": "w",
    "distribution": {"strategy": "overlap", "min_submitted": 2},
}


def listing(pages: list[list[str]], total: int) -> Callable[[httpx.Request], httpx.Response]:
    """A server whose pages of records may overlap, as they do while their times of loading are equal."""
    left = iter(pages)
    ranking = {"options": [{"value": letter} for letter in "abc"]}
    items = {
        "me/workspaces": [{"id": "w", "name": "h4rmony"}],
        "me/datasets": [DATASET],
        "datasets/d/questions": [
            {"id": name, "name": name, "settings": ranking if name == "ranking" else {}} for name in question_names(3)
        ],
        "datasets/d/fields": [{"name": "prompt"}, {"name": "answers"}],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        found = items.get(request.url.path.removeprefix("/api/v1/"))
        if found is None:
            found = [{"id": UUID(int=ord(i)).hex, "external_id": i, "fields": {}, "metadata": {}} for i in next(left)]
        return httpx.Response(200, json={"items": found, "total": total})

    return answer


def test_a_record_that_slips_between_pages_is_found_and_none_comes_twice() -> None:
    server = gateway(listing([["a", "b"], ["b", "a"], ["c", "b"]], total=3))
    assert [r.external_id for r in server.records(server.dataset())] == ["a", "b", "c"]


def test_a_listing_that_never_becomes_whole_is_an_error() -> None:
    server = gateway(listing([["a"]] * ATTEMPTS, total=2))
    with pytest.raises(ArgillaError, match="listed 1 of 2 records"):
        list(server.records(server.dataset()))


def test_a_server_that_keeps_the_old_fields_is_noticed() -> None:
    dataset = gateway(listing([], 0)).dataset()
    kept = httpx.Response(200, json={"items": [{"external_id": "x", "fields": {"prompt": "old"}}]})
    with pytest.raises(ArgillaError, match="'x': the server kept other fields"):
        gateway(lambda _: kept).upsert(dataset, [{"external_id": "x", "fields": {"prompt": "new"}}])


def test_another_argilla_is_asked_once_for_the_endpoint_that_it_lacks() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.removeprefix("/api/v1/"))
        if asked[-1].startswith("h4rmony/"):
            return httpx.Response(405)
        return httpx.Response(200, json={"items": [{"external_id": "x", "fields": {"prompt": "new"}}]})

    server = gateway(answer)
    for _ in range(2):
        server.upsert(RemoteDataset("d", "datos", 3, 2, {}), [{"external_id": "x", "fields": {"prompt": "new"}}])
    ordinary = "datasets/d/records/bulk"
    assert asked == [f"h4rmony/{ordinary}", ordinary, ordinary]


# -- the real server ---------------------------------------------------------------------------------------------


def test_the_dataset_is_that_of_the_contract(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    with Gateway(connection) as real:
        assert real.find_dataset() is None
        with pytest.raises(ArgillaError, match="`h4rmony load` makes it"):
            real.dataset()
        dataset = real.create_dataset(3, 2)
        assert real.create_dataset(3, 1) == dataset
        assert (dataset.count, dataset.min_submitted) == (3, 2)
        questions, fields, whole = (
            real._request("GET", f"datasets/{dataset.id}{part}") for part in ("/questions", "/fields", "")
        )
        assert real.parts(dataset, "metadata-properties") == [], "no filter without data"
        for _ in range(2):
            real.declare(dataset, METADATA)
        metadata = real.parts(dataset, "metadata-properties")
        with pytest.raises(DatasetMismatch, match="shows 3 answers a record, not 4"):
            real.create_dataset(4, 2)
    by_name = {item["name"]: item for item in questions["items"]}
    assert list(by_name) == question_names(3)
    assert {n for n, item in by_name.items() if not item["required"]} == {"problemas", "comment"}
    options = {option["value"]: option["text"] for option in by_name["problemas"]["settings"]["options"]}
    assert options == PROBLEM_TITLES
    ranked = [option["text"] for option in by_name["ranking"]["settings"]["options"]]
    assert ranked == ["Respuesta A", "Respuesta B", "Respuesta C"]
    types = {item["name"]: item["settings"]["type"] for item in fields["items"]}
    assert types == {"prompt": "custom", "answers": "custom"}
    assert {item["name"]: (item["title"], item["visible_for_annotators"]) for item in metadata} == METADATA
    assert whole["allow_extra_metadata"]
    assert whole["guidelines"].startswith("## Cómo revisar")


def test_a_foreign_dataset_is_not_touched(server: Credentials, tmp_path: Path) -> None:
    import argilla as rg

    connection = connection_to(server, tmp_path)
    with Gateway(connection) as real:
        real.workspace_id(create=True)
        client = rg.Argilla(api_url=server.api_url, api_key=server.api_key)
        settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("answer")])
        rg.Dataset(connection.dataset, workspace=connection.workspace, settings=settings, client=client).create()
        client.http_client.close()
        with pytest.raises(
            DatasetMismatch, match=r"was not made by `h4rmony load`: it lacks answers, prompt, ranking"
        ):
            real.create_dataset(3, 2)


def test_a_draft_that_a_killed_creation_left_is_replaced(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    with Gateway(connection) as real:
        body: dict[str, Any] = {"name": connection.dataset, "workspace_id": real.workspace_id(create=True)}
        draft = real._request("POST", "datasets", json=body)
        assert real.find_dataset() is None
        assert real.create_dataset(3, 2).id != draft["id"]


def test_reviewers_are_added_once_and_can_sign_in(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    with Gateway(connection) as real:
        assert real.reviewers() == []
        lola = real.add_reviewer("lola-1", "Lola", "contraseña-1")
        assert real.add_reviewer("lola-1", "Lola", "otra-contraseña") == lola
        assert lola.api_key not in repr(lola)
        assert [user.username for user in real.reviewers()] == ["lola-1"]
        assert "lola-1" in [user.username for user in real.users()]
    with Gateway(replace(connection, api_key=lola.api_key)) as reviewer:
        assert reviewer.me().role == "annotator"
        with pytest.raises(ArgillaDenied):
            reviewer.add_reviewer("nadie-1", "Nadie", "contraseña-1")


def test_a_renamed_dataset_is_not_begun_anew(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    with Gateway(connection) as real:
        dataset = real.create_dataset(3, 2)
        real.change(f"datasets/{dataset.id}", {"name": "la-de-antes"})
        for tried in (real.dataset, lambda: real.create_dataset(3, 2)):
            with pytest.raises(DatasetMismatch, match="was renamed to 'la-de-antes' in Argilla"):
                tried()
    with Gateway(replace(connection, dataset="la-de-antes")) as renamed:
        assert renamed.dataset().id == dataset.id
