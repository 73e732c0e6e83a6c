"""``h4rmony extend`` against a server that speaks OpenAI's protocol."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exports import collect, export, pairs
from loaders import load
from loaders.extending.prompts.prompt import prompt_id
from loaders.imploding.source import implode
from tests.fake_openai import TOKENS, Answer, FakeOpenAI, failing
from tests.loaders.extending.writer import balanced, run, told, written
from tests.reviews import connection_to
from workspace import Ballot
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import BudgetSpent, ChatUnavailable, ConfigError, DataError, GiveAwayFound
from workspace.model.records import Record
from workspace.roles import BANDS, RANKS, band_for, roles_for

TOPICS = ["río", "bosque", "mar", "ave", "abeja", "suelo", "viento", "semilla", "lluvia", "huerto", "pez", "nido"]
pytestmark = pytest.mark.extras


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "preguntas.txt"
    path.write_text("\n".join(f"¿Qué le dirías a una amiga sobre el {topic} de tu pueblo?" for topic in TOPICS))
    return path


def test_prompts_become_records_whose_ranks_follow_the_roles(fake: FakeOpenAI, prompts: Path, tmp_path: Path) -> None:
    output = tmp_path / "nuevas.jsonl"
    done = run(output, prompts=prompts, home=tmp_path / "home")
    assert [len(done.records), done.refused, done.missing, done.problem] == [len(TOPICS), (), (), None]
    assert done.to_json()["tokens"] == TOKENS * 3 * len(TOPICS) == TOKENS * len(fake.requests)
    assert tuple(implode(output)) == done.records == tuple(sorted(done.records, key=lambda record: record.id))
    for record in done.records:
        least, most = band_for(record.id, 0)
        assert record.ranks == (1, 2, 3)
        assert all(least <= len(answer.text) <= most for answer in record.answers)
        by, *origins = record.metadata["origins"]
        assert by == {"by": "human"}
        assert [(each["role"], each["model"]) for each in origins] == [(role, "escritor") for role in RANKS]
        assert {each["licence"] for each in origins} == {None}  # nobody knows an endpoint's
        assert all(re.fullmatch(r"\w+-[0-9a-f]{8}", each["role_version"]) for each in origins)
        assert record.metadata["language"] == "es"
        assert ("sostenible" in record.answers[2].text) == record.metadata.get("hard", False)
    assert "sk-secret" not in output.read_text()


def test_each_role_is_asked_for_alone_and_all_in_one_length(fake: FakeOpenAI, prompts: Path, tmp_path: Path) -> None:
    run(tmp_path / "nuevas.jsonl", prompts=prompts, home=tmp_path / "home")
    asked = Counter(body["messages"][1]["content"] for body in fake.requests)
    assert set(asked.values()) == {3}
    for prompt in asked:
        systems = [
            body["messages"][0]["content"] for body in fake.requests if body["messages"][1]["content"] == prompt
        ]
        assert len(set(systems)) == 3
        assert len({re.findall(r"\d+ a \d+ caracteres", system)[0] for system in systems}) == 1


def test_bands_and_hard_answers_are_drawn_evenly_and_for_good() -> None:
    ids = [f"extended-{number}" for number in range(4000)]
    bands = Counter(band_for(each, 0) for each in ids)
    assert all(900 < bands[band] < 1100 for band in BANDS)
    assert 340 < sum(roles_for(each, 0)[2].file == "unaware_hard" for each in ids) < 460
    assert band_for(ids[0], 0) == band_for(ids[0], 0)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Lo siento, no puedo ayudar con eso.", "refuses"),
        ("Desde mi papel de descuidado, lo barato es mejor.", "role"),
        ("Lo barato sale bien.", "characters"),
    ],
)
def test_what_fails_is_asked_for_again_and_then_refused(
    fake: FakeOpenAI, tmp_path: Path, said: str, reason: str
) -> None:
    prompts = tmp_path / "una.txt"
    prompts.write_text("¿Qué hacemos con el arroyo?")
    fake.otherwise = told(said)
    done = run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path / "home")
    assert not done.records
    assert len(fake.requests) == 5  # two roles once, one three times
    assert reason in fake.requests[-1]["messages"][-1]["content"]
    [line] = [json.loads(line) for line in (tmp_path / "extend.rejected.jsonl").read_text().splitlines()]
    assert (line["role"], line["prompt"]) == ("unaware", "¿Qué hacemos con el arroyo?")
    assert reason in line["reason"]
    run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path / "home")
    assert len(fake.requests) == 5  # what was refused is not paid for again
    fake.otherwise = written
    done = run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path / "home", retry_refused=True)
    assert [len(done.records), len(fake.requests)] == [1, 6]
    assert (tmp_path / "extend.rejected.jsonl").read_text() == ""


def test_answers_that_say_the_same_make_no_record(fake: FakeOpenAI, tmp_path: Path) -> None:
    (tmp_path / "una.txt").write_text("¿Qué hacemos con el arroyo?")

    def same(body: dict[str, Any]) -> Answer:
        body["messages"][0]["content"] = body["messages"][0]["content"].replace("equidistante", "cuidado")
        return written(body)

    fake.otherwise = same
    [refused] = run(tmp_path / "o.jsonl", prompts=tmp_path / "una.txt", home=tmp_path / "home").refused
    assert refused.reason == "the answers of aware and ambivalent say nearly the same; give another --seed"


def test_prompts_that_are_there_or_not_in_spanish_are_not_asked_for(fake: FakeOpenAI, tmp_path: Path) -> None:
    prompts = tmp_path / "preguntas.csv"
    prompts.write_text(
        "Prompt,Type,issues_of_ours\n"
        "¿Qué hacemos con el arroyo?,Question,agua\n"
        "¡Que hacemos con el ARROYO!,Question,agua\n"
        "What should we do with the stream behind the school?,Question,water\n"
        "¿Por qué conservar los árboles viejos?,Question,bosque\n"
    )
    known = tmp_path / "known.csv"
    known.write_text("prompt,chosen,rejected\n¿Por qué conservar los árboles viejos?,Viven.,Se venden.\n")
    done = run(tmp_path / "o.jsonl", prompts=prompts, against=[known], home=tmp_path / "home")
    [record] = done.records
    assert record.metadata["type"] == "Question"
    assert record.metadata["issues_of_ours"] == "agua"
    reasons = [each.reason for each in done.refused]
    assert list(done.refused_frame()["reason"]) == reasons and not done.refused_frame()["is_try"].any()
    assert reasons[0] == f"it is there already, as {record.id}"
    assert reasons[1] == "it is not in Spanish"
    assert reasons[2].startswith("it is there already, as pairs-")
    assert len(fake.requests) == 3
    assert done.to_json() | {"prompts": 4, "kept": 0, "written": 1, "refused": 3, "missing": 0} == done.to_json()
    again = run(tmp_path / "o.jsonl", prompts=prompts, against=[known], home=tmp_path / "home")
    assert again.to_json() | {"prompts": 4, "kept": 1, "written": 0, "refused": 3, "requests": 0} == again.to_json()


def test_a_prompt_that_stands_twice_is_written_by_the_run_that_can(fake: FakeOpenAI, tmp_path: Path) -> None:
    (tmp_path / "una.txt").write_text("¿Qué hacemos con el arroyo?\n" * 2)
    fake.otherwise = failing(429, headers={"Retry-After": "0"})
    first = run(tmp_path / "o.jsonl", prompts=tmp_path / "una.txt", home=tmp_path / "home")
    assert [len(first.missing), len(first.refused)] == [1, 1]
    fake.otherwise = written
    assert run(tmp_path / "o.jsonl", prompts=tmp_path / "una.txt", home=tmp_path / "home").written == 1


def test_a_budget_ends_the_run_and_the_next_one_carries_on(fake: FakeOpenAI, prompts: Path, tmp_path: Path) -> None:
    output, home = tmp_path / "o.jsonl", tmp_path / "home"
    first = run(output, prompts=prompts, home=home, budget=2000)
    assert isinstance(first.problem, BudgetSpent)
    assert first.missing and len(first.records) + len(first.missing) == len(TOPICS)
    paid = len(fake.requests)
    second = run(output, prompts=prompts, home=home)
    assert [len(second.records), second.missing] == [len(TOPICS), ()]
    assert second.kept == len(first.records)
    assert second.usage.requests + paid == len(fake.requests) == 3 * len(TOPICS)


def test_outputs_of_one_folder_share_a_file_of_what_was_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    first, second, rejected = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "extend.rejected.jsonl"
    first.write_text("¿Qué hacemos con el arroyo?\n¿Qué hacemos con el arroyo?")
    second.write_text("¿Qué hacemos con el arroyo?\n¿Y con los árboles de la avenida?")

    def lines() -> Counter[tuple[str, str | None]]:
        found = map(json.loads, rejected.read_text().splitlines())
        return Counter((line["output"], line["role"]) for line in found)

    fake.otherwise = told("Lo siento, no puedo.")
    for source in (first, second, first):
        run(source.with_suffix(".jsonl"), prompts=source, home=tmp_path / "home")
    assert lines() == {("a.jsonl", None): 1, ("a.jsonl", "unaware"): 1, ("b.jsonl", "unaware"): 2}
    fake.otherwise = written
    assert run(first.with_suffix(".jsonl"), prompts=first, home=tmp_path / "home", retry_refused=True).written == 1
    assert lines() == {("a.jsonl", None): 1, ("b.jsonl", "unaware"): 2}
    paid = len(fake.requests)
    assert len(run(second.with_suffix(".jsonl"), prompts=second, home=tmp_path / "home").refused) == 2
    assert len(fake.requests) == paid


def test_a_line_that_names_no_output_is_of_the_one_that_is_written(fake: FakeOpenAI, tmp_path: Path) -> None:
    (tmp_path / "una.txt").write_text("¿Qué hacemos con el arroyo?")
    line = {"id": prompt_id("extended", "¿Qué hacemos con el arroyo?"), "prompt": "x", "reason": "y", "role": "aware"}
    (tmp_path / "extend.rejected.jsonl").write_text(json.dumps(line) + "\n")
    [refused] = run(tmp_path / "o.jsonl", prompts=tmp_path / "una.txt", home=tmp_path / "home").refused
    assert refused.reason == "y" and not fake.requests
    assert json.loads((tmp_path / "extend.rejected.jsonl").read_text()) == {**line, "output": "o.jsonl"}


def test_a_dry_run_counts_what_is_still_to_be_paid(fake: FakeOpenAI, prompts: Path, tmp_path: Path) -> None:
    output, home = tmp_path / "o.jsonl", tmp_path / "home"
    whole = run(output, prompts=prompts, home=home, dry_run=True).to_json()
    assert [whole["estimated_requests"], whole["from_cache"], home.exists()] == [3 * len(TOPICS), 0, False]
    fake.script.extend([written] * 10)
    fake.otherwise = failing(429, headers={"Retry-After": "0"})
    first = run(output, prompts=prompts, home=home)
    assert first.estimated is None and first.written < len(TOPICS)
    rest = run(output, prompts=prompts, home=home, dry_run=True)
    assert 0 < rest.usage.from_cache == 10 - 3 * first.written
    assert rest.estimated_requests == 3 * len(TOPICS) - 10
    assert rest.to_json()["estimated_tokens"] < whole["estimated_tokens"]
    assert [rest.written, len(rest.missing), rest.usage.requests] == [0, len(TOPICS) - first.written, 0]


def test_a_server_that_is_gone_loses_nothing_that_was_paid_for(
    fake: FakeOpenAI, prompts: Path, tmp_path: Path
) -> None:
    fake.script.extend([written] * 10)
    fake.otherwise = failing(429, headers={"Retry-After": "0"})
    first = run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path / "home")
    assert isinstance(first.problem, ChatUnavailable)
    fake.otherwise = written
    before = len(fake.requests)
    second = run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path / "home")
    assert len(second.records) == len(TOPICS)
    assert len(fake.requests) - before == 3 * len(TOPICS) - 10


def test_the_command_says_what_it_did_and_ends_with_an_error_where_prompts_are_missing(
    fake: FakeOpenAI, prompts: Path, tmp_path: Path
) -> None:
    given = ["extend", "--prompts", str(prompts), "-o", str(tmp_path / "o.jsonl"), "--home", str(tmp_path / "home")]
    dry = CliRunner().invoke(main, [*given, "--dry-run", "--json"])
    assert json.loads(dry.output)["missing"] == len(TOPICS)
    assert json.loads(dry.output)["estimated_tokens"] > 3 * len(TOPICS) * 100
    assert not fake.requests and not (tmp_path / "o.jsonl").exists()
    short = CliRunner().invoke(main, [*given, "--budget", "2000"])
    assert short.exit_code == 1
    assert f"{tmp_path / 'o.jsonl'}: written\n" in short.output
    assert re.search(
        r"Error: \d+ prompts are not written yet: the budget of 2000 tokens is spent; run again", short.output
    )
    whole = CliRunner().invoke(main, [*given, "--json"])
    assert whole.exit_code == 0
    assert json.loads(whole.output)["records"] == len(TOPICS)
    written_once = (tmp_path / "o.jsonl").read_bytes()
    again = CliRunner().invoke(main, given)
    assert f"{tmp_path / 'o.jsonl'}: unchanged\n" in again.output and "  requests            0\n" in again.output
    assert (tmp_path / "o.jsonl").read_bytes() == written_once


def test_bad_input_is_one_line_that_says_what_to_do(fake: FakeOpenAI, prompts: Path, tmp_path: Path) -> None:
    empty, table = tmp_path / "vacio.txt", tmp_path / "tabla.csv"
    empty.write_text("\n \n")
    table.write_text("pregunta\n¿Y el mar?\n")
    with pytest.raises(DataError, match="no prompts; write one a line"):
        run(tmp_path / "o.jsonl", prompts=empty, home=tmp_path)
    with pytest.raises(DataError, match="one column named prompt is needed; it has pregunta"):
        run(tmp_path / "o.jsonl", prompts=table, home=tmp_path)
    with pytest.raises(DataError, match=r"none\.txt: cannot be read \(No such file"):
        run(tmp_path / "o.jsonl", prompts=tmp_path / "none.txt", home=tmp_path)
    empty.write_bytes(b"\xbfY el mar?\n")
    with pytest.raises(
        DataError, match=r"vacio\.txt, line 1: byte 0xbf is not UTF-8 text; .* give --encoding cp1252"
    ):
        run(tmp_path / "o.jsonl", prompts=empty, home=tmp_path)
    with pytest.raises(DataError, match=r"una\.txt is not a folder; choose another place"):
        (tmp_path / "una.txt").write_text("¿Y el mar?")
        run(tmp_path / "una.txt" / "o.jsonl", prompts=prompts, home=tmp_path)
    with pytest.raises(DataError, match="not a regular file"):
        run(tmp_path, prompts=prompts, home=tmp_path)
    with pytest.raises(ConfigError, match="this file is read and would be replaced"):
        run(prompts, prompts=prompts, home=tmp_path)
    with pytest.raises(ConfigError, match=r"give one of prompts, .*; got prompts, complete"):
        run(tmp_path / "o.jsonl", prompts=prompts, complete=prompts, home=tmp_path)
    (tmp_path / "extend.rejected.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(
        DataError, match=r"extend\.rejected\.jsonl, line 1: what was refused: key 'prompt' is missing"
    ):
        run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path)
    (tmp_path / "o.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match=r"o\.jsonl, line 1"):
        run(tmp_path / "o.jsonl", prompts=prompts, home=tmp_path)
    assert not fake.requests


def test_a_model_whose_ranks_can_be_read_without_reading_is_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    prompts, output = tmp_path / "preguntas.txt", tmp_path / "o.jsonl"
    prompts.write_text("\n".join(f"¿Qué le dirías a tu vecina sobre la planta {n} del huerto?" for n in range(40)))
    with pytest.raises(GiveAwayFound, match=r"nothing was written: .* gives the rank away.*--allow-giveaways"):
        run(output, prompts=prompts, home=tmp_path / "home")
    assert not output.exists()
    assert (tmp_path / "extend.rejected.jsonl").exists()
    paid = len(fake.requests)
    done = run(output, prompts=prompts, home=tmp_path / "home", allow_giveaways=True)
    assert len(fake.requests) == paid
    assert len(done.records) + len(done.refused) == 40
    assert done.giveaways.problem

    fake.otherwise = balanced
    done = run(tmp_path / "other.jsonl", prompts=prompts, model="otro", home=tmp_path / "home")
    assert len(done.records) == 40
    assert done.giveaways.longer_wins and 0.4 <= done.giveaways.longer_wins.value <= 0.6


def test_written_records_go_the_whole_way(fake: FakeOpenAI, server: Credentials, tmp_path: Path) -> None:
    prompts = tmp_path / "preguntas.txt"
    prompts.write_text("¿Qué hacemos con el arroyo?\n¿Y con los árboles de la avenida?\n")
    run(tmp_path / "nuevas.jsonl", prompts=prompts, home=tmp_path / "home", model_licence="escritor-terms")

    def corrected(record: Record) -> tuple[str, ...]:
        *better, worst = (answer.text for answer in record.answers)
        return *better, f"{worst} O eso parece."

    connection = connection_to(server, tmp_path / "home")
    loaded = load(tmp_path / "nuevas.jsonl", connection, translator="none")
    assert sum(loaded.modes.values()) == 2
    assert loaded.counts.problems == []
    review = collect(connection)
    ballots = [
        Ballot(record.id, who, ranks=(1, 2, 3), prompt=record.prompt, answers=corrected(record))
        for record in review.records
        for who in ("ana", "luis")
    ]
    connection.post(ballots)
    review = collect(connection)
    export(review, tmp_path / "data", ["dpo", "h4rmony"])
    table = pairs(review)
    assert len(table) == 3 * 2
    for row in table.to_dict("records"):
        places = [int(number) + 1 for number in row["id"].partition(":")[2].split("-")]
        assert places[0] < places[1]
        assert list(row["text_role"]) == [None, *([*RANKS][place - 1] for place in places)]
        assert list(row["text_model"]) == [None, "escritor", "escritor"]
        assert list(row["text_licence"]) == [None, "escritor-terms", "escritor-terms"]
        assert list(row["text_changed"]) == [False, *(place == 3 for place in places)]


def test_the_known_answers_of_a_source_are_kept_and_the_others_written(fake: FakeOpenAI, tmp_path: Path) -> None:
    known = tmp_path / "r1.csv"
    known.write_text(
        "Prompt,BetterCompletion\n"
        "¿Qué hacemos con el arroyo?,Que corra limpio bajo los sauces y vuelvan a su orilla las garzas y las ranas y "
        "quienes hace tiempo no bajan allí.\n"
        "¿Y con los árboles?,Viven.\n"
        "¿Y con los árboles?,Dejarlos donde están.\n"
    )
    done = run(tmp_path / "o.jsonl", complete=known, home=tmp_path / "home")
    [record] = done.records
    best = record.answers[0]
    assert best.text == known.read_text().splitlines()[1].partition(",")[2]
    assert all(0.74 * len(best.text) <= len(answer.text) <= 1.26 * len(best.text) for answer in record.answers)
    by = [(each["by"], each.get("role")) for each in record.metadata["origins"]]
    assert by == [("source", None), ("source", None), ("model", "ambivalent"), ("model", "unaware")]
    assert sorted(each.reason[:19] for each in done.refused) == ["escritor gave no us", "it is there already"]


def test_a_source_that_cannot_be_completed_is_refused(fake: FakeOpenAI, tmp_path: Path) -> None:
    whole, blank = tmp_path / "whole.csv", tmp_path / "blank.csv"
    whole.write_text("prompt,chosen,rejected\na,b,c\n")
    blank.write_text("Prompt,BetterCompletion\n¿Y el mar?, \n")
    with pytest.raises(DataError, match="it has worse answers already"):
        run(tmp_path / "o.jsonl", complete=whole, home=tmp_path)
    with pytest.raises(DataError, match=r"blank.csv, row 1: the prompt or its answer is blank"):
        run(tmp_path / "o.jsonl", complete=blank, home=tmp_path)
    with pytest.raises(ConfigError, match="--language fr: answers are written in es or en"):
        run(tmp_path / "o.jsonl", prompts=blank, language="fr", home=tmp_path)
    assert CliRunner().invoke(main, ["extend", "-o", str(tmp_path / "o.jsonl")]).exit_code == 2
