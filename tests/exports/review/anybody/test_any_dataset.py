"""A dataset that the SDK alone made: every response comes out as it was given, with ties, gaps and status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from exports import PairsOf, collect_responses, merge, pairs
from exports.review.anybody.dataset import AnyDataset
from exports.review.anybody.review import record_id
from tests.browser import ReviewerPage, browser_page
from tests.cli import json_lines, run
from tests.reviews import connection_to, options
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.errors import ArgillaError, ConfigError, DataError, DatasetMismatch, H4rmonyWarning

TEXTS = ("primera", "segunda", "tercera")
PAIRS = PairsOf("ranking", TEXTS)


@dataclass(frozen=True)
class Made:
    """The dataset of the SDK, and its records' ids on the server by their own."""

    connection: Connection
    dataset_id: str
    ids: dict[str, str]

    def respond(self, reviewer: str, record: str, status: str, /, **values: object) -> None:
        with Gateway(self.connection) as gateway:
            key = gateway.add_reviewer(reviewer, reviewer, "contraseña-larga").api_key
        with Gateway(replace(self.connection, api_key=key)) as gateway:
            assert gateway.respond(self.ids[record], status, {name: {"value": each} for name, each in values.items()})


@pytest.fixture
def made(server: Credentials, tmp_path: Path) -> Iterator[Made]:
    import argilla as rg

    connection = connection_to(server, tmp_path)
    with Gateway(connection) as gateway:
        gateway.workspace_id(create=True)
        client = rg.Argilla(api_url=server.api_url, api_key=server.api_key)
        settings = rg.Settings(
            fields=[rg.TextField("pregunta"), *(rg.TextField(name) for name in TEXTS)],
            questions=[
                rg.RankingQuestion("ranking", values=list(TEXTS)),
                rg.LabelQuestion("status", labels=["clara", "confusa"], required=False),
                rg.MultiLabelQuestion("temas", labels=["agua", "bosque"], required=False),
                rg.RatingQuestion("nota", values=[1, 2, 3], required=False),
                rg.SpanQuestion("tramos", field="pregunta", labels=["clave"], required=False),
                rg.TextQuestion("comentario", required=False),
            ],
        )
        dataset = rg.Dataset(
            connection.dataset, workspace=connection.workspace, settings=settings, client=client
        ).create()
        dataset.records.log(
            [
                {"id": f"p-{n}", "pregunta": f"¿Qué es {n}?", **{name: f"{name} de {n}" for name in TEXTS}}
                for n in range(1, 5)
            ]
        )
        found = {str(one.external_id): one.id for one in gateway.records(_known(connection))}
        yield Made(connection, str(dataset.id), found)
        client.http_client.close()


def _known(connection: Connection):  # type: ignore[no-untyped-def]
    from exports.review.anybody.dataset import AnyDataset

    with Gateway(connection) as gateway:
        return AnyDataset.of(gateway).remote


def ranking(*ranks: int | None) -> list[dict[str, object]]:
    return [{"value": name, **({"rank": rank} if rank else {})} for name, rank in zip(TEXTS, ranks, strict=True)]


@pytest.mark.browser
def test_ties_made_in_the_browser_come_out_exactly(made: Made) -> None:
    with Gateway(made.connection) as gateway:
        gateway.add_reviewer("ana", "Ana", "contraseña-larga")
    with browser_page() as page:
        me = ReviewerPage(page, made.connection.api_url)
        me.sign_in("ana", "contraseña-larga")
        page.goto(f"{made.connection.api_url}/dataset/{made.dataset_id}/annotation-mode?page=1&status=pending")
        page.get_by_role("form", name="Annotation Questions").wait_for()
        page.wait_for_timeout(500)
        me.drag("segunda", 1)
        me.drag("tercera", 1)
        me.drag("primera", 3)
        me.press("submit")
    (response,) = collect_responses(made.connection).responses
    assert (response.reviewer, response.status) == ("ana", "submitted")
    assert {item["value"]: item["rank"] for item in response.values["ranking"]} == {
        "primera": 3,
        "segunda": 1,
        "tercera": 1,
    }
    review = collect_responses(made.connection, pairs=PAIRS).review
    assert review
    assert review.ballots[0].ranks == (2, 1, 1)  # the gap is closed


def test_every_response_is_as_it_was_given(made: Made, tmp_path: Path) -> None:
    spans = [{"label": "clave", "start": 0, "end": 4}]
    more = {"status": "clara", "temas": ["agua", "bosque"], "nota": 3, "tramos": spans, "comentario": "¿sí? ñ"}
    made.respond("ana", "p-1", "submitted", ranking=ranking(3, 1, 1), **more)
    made.respond("luz", "p-1", "submitted", ranking=ranking(1, 2, 3))
    made.respond("ana", "p-2", "draft", ranking=ranking(2, None, None))
    made.respond("luz", "p-2", "discarded", comentario="no")
    made.respond("ana", "p-3", "submitted", ranking=ranking(2, 2, 2))
    folder = tmp_path / "todo"
    found = collect_responses(made.connection, folder, pairs=PAIRS)
    assert found.changed
    assert not collect_responses(made.connection, folder, pairs=PAIRS).changed
    given = {response.place: response for response in found.responses}
    assert given["p-1", "ana"].ranks("ranking", TEXTS) == (3, 1, 1)
    assert {name: given["p-1", "ana"].values[name] for name in more} == more
    assert given["p-2", "ana"].ranks("ranking", TEXTS) == (2, None, None)
    assert [response.status for response in found.responses] == [
        *("submitted", "submitted", "draft", "discarded", "submitted")
    ]
    assert [line["record_id"] for line in json_lines(folder / "dataset.jsonl")] == ["p-1", "p-2", "p-3", "p-4"]
    frame = found.to_pandas()
    assert frame["status"].tolist() == [response.status for response in found.responses]
    assert frame["values.status"].tolist()[0] == "clara"
    assert list(frame["values.ranking"][0]) == [
        {"value": name, "rank": rank} for name, rank in zip(TEXTS, (3, 1, 1), strict=True)
    ]
    assert found.review
    assert found.review.ballots_frame()["ranks"].tolist()[:3] == [[2, 1, 1], [1, 2, 3], [1, None, None]]
    assert set(pairs(merge(found.review))["record_id"]) == {"p-1"}


def test_what_argilla_no_longer_has_is_kept(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "todo"
    made.respond("ana", "p-1", "submitted", ranking=ranking(1, 2, 3))
    made.respond("luz", "p-1", "submitted", ranking=ranking(1, 2, 3))
    before = collect_responses(made.connection, folder).responses
    with Gateway(made.connection) as gateway:
        luz = next(user for user in gateway.users() if user.username == "luz")
        gateway.remove(f"users/{luz.id}")
    printed = run("collect", "--any-dataset", "-o", str(folder), *options(made.connection))
    assert f"Warning: 1 response is no longer in Argilla, or only older; is kept in {folder}" in printed
    assert [line["reviewer"] for line in json_lines(folder / "responses.jsonl")] == ["ana"]
    assert json_lines(folder / "responses-gone.jsonl") == [before[1].to_json()]
    assert collect_responses(made.connection, folder).gone == before[1:]
    (folder / "responses.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"responses.jsonl, line 1: not a response .*; it may hold answers"):
        collect_responses(made.connection, folder)
    assert (folder / "responses.jsonl").read_text(encoding="utf-8") == "{}\n"


def test_what_the_dataset_lacks_is_said(made: Made, tmp_path: Path) -> None:
    connection = made.connection
    for wrong, said in (
        (PairsOf("orden", TEXTS), "has no ranking question 'orden'; it has ranking"),
        (PairsOf("ranking", (*TEXTS[:2], "cuarta")), "has no text field 'cuarta'; it has pregunta, primera"),
        (PairsOf("ranking", TEXTS[:2]), r"ranks 3 options .* there are 2 text fields"),
        (PairsOf("ranking", TEXTS, "primera"), "which text field is the prompt"),
    ):
        with pytest.raises(DatasetMismatch, match=said):
            collect_responses(connection, pairs=wrong)
    with pytest.raises(ConfigError, match="two or more, each once"):
        PairsOf("ranking", ("una",))
    with pytest.raises(ArgillaError, match=f"no published dataset 'otra' .* it has {connection.dataset}"):
        collect_responses(replace(connection, dataset="otra"))
    with (
        Gateway(connection) as gateway,
        pytest.raises(DatasetMismatch, match="no text field 'a'; it has none; what load made is"),
    ):
        PairsOf("ranking", ("a", "b")).settled(replace(AnyDataset.of(gateway), fields={"answers": "custom"}))
    command = ["collect", "-o", str(tmp_path / "x"), *options(connection)]
    assert "go together" in run(*command, "--pairs", "ranking", code=2)
    printed = run(*command, "--any-dataset", "--pairs", "ranking", "--text-fields", "tercera, segunda ,primera")
    assert printed.splitlines()[-1] == f"Next: h4rmony export --review {tmp_path / 'x'} -o data/ --language es"
    assert not list(tmp_path.glob("x/*gone*"))


def test_a_record_with_equal_answers_is_in_no_pair(made: Made) -> None:
    import argilla as rg

    client = rg.Argilla(api_url=made.connection.api_url, api_key=made.connection.api_key)
    dataset = client.datasets(made.connection.dataset, workspace=made.connection.workspace)
    dataset.records.log([{"id": "¿x?", "pregunta": "¿Qué?", **dict.fromkeys(TEXTS, "Lo mismo.")}])
    client.http_client.close()
    with pytest.warns(H4rmonyWarning, match=f"1 record is in no pair; the first: record '{record_id('¿x?')}'"):
        review = collect_responses(made.connection, pairs=PAIRS).review
    assert review
    assert len(review.records) == 4


def test_a_dataset_without_a_ranking_says_what_it_asks(server: Credentials, tmp_path: Path) -> None:
    import argilla as rg

    connection = connection_to(server, tmp_path)
    with Gateway(connection) as gateway:
        gateway.workspace_id(create=True)
    client = rg.Argilla(api_url=server.api_url, api_key=server.api_key)
    settings = rg.Settings(fields=[rg.TextField("texto")], questions=[rg.TextQuestion("respuesta")])
    rg.Dataset(connection.dataset, workspace=connection.workspace, settings=settings, client=client).create()
    client.http_client.close()
    said = run("collect", "--any-dataset", "-o", str(tmp_path / "x"), *options(connection), code=1)
    assert "has no ranking question; it asks for respuesta" in said
    assert not (tmp_path / "x").exists()


def test_our_own_dataset_is_any_dataset_too(server: Credentials, tmp_path: Path) -> None:
    from loaders.loading.send import Policy, load_records
    from tests.reviews import record
    from workspace.model.ballots import Ballot

    connection = connection_to(server, tmp_path)
    with Gateway(connection) as gateway:
        load_records(gateway, {3: gateway.create_dataset(3, 2)}, [record(1)], Policy(blind_share=0.0))
    connection.post([Ballot("h4rmony-1", "ana", ranks=(1, 2, 2))])
    said = json.loads(run("collect", "--any-dataset", "-o", str(tmp_path / "x"), "--json", *options(connection)))
    assert said == {"records": 1, "responses": 1, "status": {"submitted": 1}, "reviewers": 1, "gone": 0}
    (line,) = json_lines(tmp_path / "x" / "responses.jsonl")
    assert sorted(item["rank"] for item in line["values"]["ranking"]) == [1, 2, 2]
