"""Prompts that a model writes for each issue code, and what becomes of those that are no good."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exports import collect, export, pairs
from loaders import Extended, load, read_source
from loaders.check.taxonomy import taxonomy
from loaders.extending.prompts.by_model import ROUNDS
from loaders.extending.there import REFUSED_FILE
from loaders.imploding.source import implode
from tests.fake_openai import FakeOpenAI, completion
from tests.loaders.extending.writer import asks_for_a_prompt, run, whole, writing
from tests.reviews import connection_to
from tests.tiny_models import make_encoder
from workspace import Ballot, Record
from workspace.cli import main
from workspace.config import Credentials
from workspace.files.jsonl import write_jsonl
from workspace.model.h4rmony import ISSUES
from workspace.model.records import Answer as Written
from workspace.model.records import Translation

pytestmark = pytest.mark.extras


@pytest.fixture(autouse=True)
def whole_model(fake: FakeOpenAI) -> None:
    fake.otherwise = whole


def add_up(done: Extended) -> None:
    """Check that each prompt is in one state, in all and for each issue code."""
    numbers = done.to_json()
    states = ("kept", "written", "refused", "missing")
    assert numbers["prompts"] == sum(numbers[state] for state in states)
    for code in ISSUES:
        assert numbers["prompts_per_issue"][code] == sum(numbers[f"{state}_per_issue"][code] for state in states)
    assert all(sum(numbers[f"{state}_per_issue"].values()) == numbers[state] for state in ("prompts", *states))


def rejected(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / REFUSED_FILE).read_text().splitlines()]


def test_prompts_by_issue_become_reviewed_pairs(fake: FakeOpenAI, server: Credentials, tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    given = ["extend", "--per-issue", "4", "-o", str(output), "--country", "Chile", "--home", str(tmp_path / "home")]
    chosen = ["--cognitive-structure", "salience", "--cognitive-structure", "Erasure"]
    first = CliRunner().invoke(main, [*given, *chosen, "--json"])
    assert first.exit_code == 0, first.stderr
    numbers = json.loads(first.stdout)
    assert [numbers[name] for name in ("written", "refused", "missing", "requests")] == [20, 0, 0, 20 * 4]
    assert numbers["written_per_issue"] == dict.fromkeys(ISSUES, 4)
    assert numbers["near_duplicates"].startswith("compared by words alone: absent")

    records = list(implode(output))
    known = {(each.code, each.name, each.sdg) for each in taxonomy()}
    manifestations = Counter(record.metadata["manifestation"] for record in records)
    assert sorted(manifestations.values(), reverse=True)[:3] == [2, 2, 2] and len(manifestations) == 2 + 4 + 3 + 4 + 4
    assert Counter(record.metadata["type"] for record in records) == {"Question": 10, "Prompt": 10}
    assert {record.metadata["cognitive_structure"] for record in records} == {"Salience", "Erasure"}
    for record in records:
        says = record.metadata
        [code] = says["issues"]
        assert (code, says["manifestation"], says["sdg"]) in known
        assert (says["country"], says["language"], says["prompt_originator"]) == ("Chile", "es", "escritor")
        assert says["variety"] == "español latinoamericano neutro"
        by = says["origins"][0]
        assert (by["by"], by["model"], by["role"], by["seed"]) == ("model", "escritor", "prompt", 0)
        assert by["role_version"].startswith("prompt-") and by["date"] and by["wanted"].startswith(f"{code}-")
        assert record.prompt.endswith("?") == (says["type"] == "Question")
    told = [body["messages"][0]["content"] for body in fake.requests if asks_for_a_prompt(body)]
    assert all("Chile" in each and "español latinoamericano neutro" in each for each in told)

    written = output.read_bytes(), (tmp_path / REFUSED_FILE).read_bytes()
    again = CliRunner().invoke(main, [*given, *chosen, "--json"])
    assert json.loads(again.stdout) | {"kept": 20, "written": 0, "requests": 0} == json.loads(again.stdout)
    assert (output.read_bytes(), (tmp_path / REFUSED_FILE).read_bytes()) == written

    connection = connection_to(server, tmp_path / "home")
    assert sum(load(output, connection, translator="none", embedding_model="none").modes.values()) == 20
    ballots = [
        Ballot(each.id, who, ranks=(1, 2, 3), prompt=each.prompt, answers=tuple(a.text for a in each.answers))
        for each in records
        for who in ("ana", "luis")
    ]
    connection.post(ballots)
    review = collect(connection)
    export(review, tmp_path / "data", ["dpo", "h4rmony"])
    assert len(pairs(review)) == 3 * 20
    assert {tuple(record.metadata["issues"]) for record in review.records} == {(code,) for code in ISSUES}
    rows = read_source(tmp_path / "data" / "dpo" / "train.parquet").rows
    assert {row.cells["cognitive_structure"] for row in rows} == {"Salience", "Erasure"}
    assert {row.cells["variety"] for row in rows} == {"es-419"}
    assert {(row.cells["manifestation"], row.cells["sdg"]) for row in rows} <= {each[1:] for each in known}
    rows = read_source(tmp_path / "data" / "h4rmony" / "train.parquet").rows
    assert {row.cells["country"] for row in rows} == {"Chile"}
    assert "cognitive_structure" not in rows[0].cells
    assert {row.cells["Type"] for row in rows} == {"Question", "Prompt"}
    assert {row.cells["CognitiveStructure"] for row in rows} == {"Salience", "Erasure"}
    assert {row.cells["PromptOriginator"] for row in rows} == {"escritor"}
    assert all(sorted(row.cells[code] for code in ISSUES) == ["0", "0", "0", "0", "1"] for row in rows)


def test_a_larger_number_asks_for_the_rest_alone(fake: FakeOpenAI, tmp_path: Path) -> None:
    first = run(tmp_path / "o.jsonl", per_issue=1, home=tmp_path / "home")
    more = run(tmp_path / "o.jsonl", per_issue=2, home=tmp_path / "other home")
    assert [first.written, more.kept, more.written, more.usage.requests] == [5, 5, 5, 20]
    assert {record.id for record in first.records} < {record.id for record in more.records}
    there = run(tmp_path / "o.jsonl", per_issue=1, home=tmp_path / "home", country="Perú")
    assert [there.kept, there.written] == [0, 5]  # those of another country are others
    for done in (first, more, there):
        add_up(done)


GOOD = "¿Qué harías con los sauces que se secan junto a la quebrada?"
BAD = [
    ("not JSON", "it was not a JSON object"),
    ('{"prompt": ["uno", "dos"]}', "it has no text under the key"),
    ('{"prompt": " "}', "it is blank"),
    ('{"prompt": "Lo siento, no puedo ayudar con eso que pides."}', "it refuses"),
    ('{"prompt": "¿Qué dice la ecolingüística de los sauces de la quebrada?"}', "it speaks of its instructions"),
    ('{"prompt": "¿Qué harías tú con los residuos según PWM, amiga mía?"}', "it names a label of the data ('PWM')"),
    ('{"prompt": "What would you do with the willows that die along the stream?"}', "it is not in Spanish"),
    ('{"prompt": "¿Qué haríais vosotros con los sauces de la quebrada?"}', "it is not in the variety"),
    ('{"prompt": "¿Y los sauces?"}', "it has 14 characters, and must have 22 to 242"),
    ('{"prompt": "¿Qué harías con los sauces? ¿Y con los álamos que quedan?"}', "it is several prompts in one"),
    ('{"prompt": "1. Sauces de la quebrada. 2. Álamos de la plaza. ¿Cuál?"}', "it states numbers"),
    ('{"prompt": "- ¿Qué harías con los sauces de la quebrada?"}', "it has line breaks, a list"),
    ('{"prompt": "¿Qué harías si el 80 % de los sauces se seca?"}', "it states numbers that were not given (80)"),
    ('{"prompt": "Cuéntame algo de los sauces que se secan allí."}', "it is not a question"),
    ('{"prompt": "¿Por qué esos idiotas cuidan los sauces de la quebrada?"}', "it insults"),
    ('{"prompt": "¿Conviene exterminar a los indígenas de la quebrada?"}', "it attacks people"),
    ('{"prompt": "¿Qué harías <b>con los sauces</b> de la quebrada?"}', "it has code"),
    ('{"prompt": "¿Qué harías con los sau\\u200bces de la quebrada?"}', "it has characters that cannot be seen"),
    ('{"prompt": "¿Qué harías con los sauces \\ud800 de la quebrada?"}', "it has characters that cannot be seen"),
    ('{"prompt": "¿Qué trulos gorfan los mirlutes del plinque sobrade?"}', "it has words that Spanish does not have"),
    ('{"prompt": "Que harías con los sauces que se secan junto al agua?"}', "it lacks the sign ¿"),
]


def test_what_no_reviewer_should_see_is_refused_listed_and_asked_for_again(fake: FakeOpenAI, tmp_path: Path) -> None:
    fake.otherwise = writing(*(text for text, _ in BAD))
    done = run(tmp_path / "o.jsonl", per_issue=10, home=tmp_path / "home", allow_giveaways=True)
    add_up(done)
    assert done.written == 50
    lines = rejected(tmp_path)
    assert len(lines) == len(done.tries) == len(BAD) == sum(done.to_json()["tries_refused"].values())
    for _, reason in BAD:
        assert any(line["reason"].startswith(reason) for line in lines), reason
    again = [body["messages"][-1]["content"] for body in fake.requests if asks_for_a_prompt(body)]
    assert any("idiotas" in each and "it insults" in each for each in again)
    assert "idiotas" not in (tmp_path / "o.jsonl").read_text()
    assert len(fake.requests) == 50 * 4 + len(BAD)


def test_what_is_there_already_is_asked_for_again(fake: FakeOpenAI, tmp_path: Path) -> None:
    same = "¿Qué le dirías a tu vecina que tira aceite usado en el arroyo del pueblo?"
    pairs_file, best, lines = tmp_path / "pairs.csv", tmp_path / "best.csv", tmp_path / "lines.txt"
    pairs_file.write_text(f"prompt,chosen,rejected\n{same},Viven.,Se venden.\n")
    best.write_text("Prompt,BetterCompletion\n¿Por qué importan los ríos para quienes viven cerca?,Viven.\n")
    lines.write_text("¿Hay que proteger los bosques del cerro?\n")
    collected = tmp_path / "review"
    collected.mkdir()
    record = Record("r-1", "Why keep old trees?", (Written("a", 1), Written("b", 2)))
    spanish = Translation("es", "x", "¿Para qué guardar los árboles viejos del parque?", ("a", "b"))
    (collected / "records.jsonl").write_text(json.dumps(replace(record, translation=spanish).to_json()) + "\n")
    ballot = Ballot("r-1", "ana", ranks=(1, 2), prompt="¿Para qué dejar en pie los robles viejos?")
    draft = Ballot("r-1", "luis", "draft", prompt=GOOD)
    write_jsonl(collected / "ballots.jsonl", (ballot.to_json(), draft.to_json()))
    exported = tmp_path / "dpo.jsonl"
    message = {"role": "user", "content": "¿Conviene fumigar los campos donde buscan flores?"}
    write_jsonl(exported, [{"prompt": [message], "chosen": [{**message, "content": "No."}], "rejected": [message]}])
    texts = [
        same.upper(),
        "¿Qué le dirías a tu vecina que tira aceite usado al arroyo en tu pueblo?",
        "¿Por qué importan los ríos, para quienes viven cerca?",
        "¿Hay que proteger... los bosques del cerro?",
        "¿Para qué guardar los arboles viejos del parque?",
        "¿Para qué dejar en pie los robles viejos?",
        "¿Conviene fumigar los campos donde buscan flores?",
        GOOD,
        GOOD,
    ]
    fake.otherwise = writing(*(json.dumps({"prompt": each}) for each in texts))
    against = [pairs_file, best, lines, collected, exported]
    done = run(tmp_path / "o.jsonl", per_issue=4, home=tmp_path / "home", against=against)
    add_up(done)
    assert done.written == 20
    reasons = {line["prompt"]: line["reason"].partition(" (") for line in rejected(tmp_path)}
    assert [kind for kind, *_ in reasons.values()].count("it is there already") == 7, reasons
    assert reasons.pop(texts[1])[0] == "it has nearly the words of another prompt"
    assert reasons[same.upper()][2].startswith("pairs-")


def test_a_prompt_that_means_the_same_is_found_by_an_embedding_model(fake: FakeOpenAI, tmp_path: Path) -> None:
    there, same = "¿Cuidarías aquellos sauces de allí?", "¿Protegerías estas mimbreras del sur?"
    pair = ("cuidarías aquellos sauces", "protegerías estas mimbreras")
    model = str(make_encoder(tmp_path / "tiny", [pair]))
    (tmp_path / "there.txt").write_text(there)
    fake.otherwise = writing(json.dumps({"prompt": same}))
    given = {"per_issue": 1, "against": [tmp_path / "there.txt"], "embedding_model": model}
    done = run(tmp_path / "o.jsonl", home=tmp_path / "home", **given)
    [refused] = [each for each in done.tries if each.prompt == same]  # the tiny model may refuse others too
    assert re.fullmatch(r"it says nearly the same as another prompt \(there-[0-9a-f]{16}, 1\.00\)", refused.reason)
    assert same not in {record.prompt for record in done.records}
    assert done.near_duplicates == model
    add_up(done)


def test_a_model_that_writes_nothing_of_use_is_given_up_until_it_is_asked_once_more(
    fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.otherwise = lambda body: completion('{"prompt": "¡Basta de idiotas en el cerro!"}')
    output, home = tmp_path / "o.jsonl", tmp_path / "home"
    done = run(output, per_issue=1, home=home)
    add_up(done)
    assert [done.written, len(done.refused), len(fake.requests)] == [0, 5, 5 * ROUNDS]
    assert done.refused[0].reason.startswith(
        "escritor wrote no prompt that can be used in 3 tries (the last: it insults"
    )
    files = output.read_bytes(), (tmp_path / REFUSED_FILE).read_bytes()
    fake.otherwise = whole
    again = run(output, per_issue=1, home=home)
    add_up(again)
    assert [len(again.refused), again.usage.requests] == [5, 0]
    assert (output.read_bytes(), (tmp_path / REFUSED_FILE).read_bytes()) == files
    once_more = run(output, per_issue=1, home=home, retry_refused=True)
    assert [once_more.written, once_more.usage.requests, once_more.usage.from_cache] == [5, 20, 5 * ROUNDS]
    assert not [line for line in rejected(tmp_path) if line["role"]]
