"""A model answers the test prompts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from exports import AnswerSettings, answer, export, merge, score
from exports.evaluation.grades.files import read_answers, read_grades
from exports.evaluation.judging.grade import GradeSettings, grade
from exports.evaluation.judging.prompts import read_prompts
from exports.review.files import Review, write_review
from tests.cli import json_lines, run
from tests.exports.cases import record
from tests.exports.sample import sample_review
from tests.fake_openai import TOKENS, FakeOpenAI, completion, failing
from tests.tiny_models import make_scripted
from workspace.errors import ChatUnavailable, ConfigError, DataError
from workspace.files.jsonl import write_jsonl
from workspace.model.records import Answer, Record


@pytest.fixture(scope="module")
def sample() -> Review:
    return sample_review()


@pytest.fixture
def review(sample: Review, tmp_path: Path) -> Path:
    write_review(sample, tmp_path / "review")
    return tmp_path / "review"


def settings(folder: Path, **given: object) -> AnswerSettings:
    return AnswerSettings(**{"model": "probado", "home": folder / "home", "split": "all", **given})  # type: ignore[arg-type]


def test_answers_and_their_settings_are_written_and_kept(fake: FakeOpenAI, review: Path, tmp_path: Path) -> None:
    output = tmp_path / "answers.jsonl"
    given = ("evaluate", "answer", "qwen3", "--data", str(review), "-o", str(output), "--home", str(tmp_path / "h"))
    said = run(*given, "--split", "all", "--most", "5")
    assert "written             5" in said
    assert "missing             17" in said
    run(*given, "--split", "all")
    assert len(fake.requests) == 22  # of 24 records two are taken out for what reviewers report
    before = output.read_bytes()
    assert "unchanged" in run(*given, "--split", "all")
    assert (output.read_bytes(), len(fake.requests)) == (before, 22)
    first = json_lines(output)[0]
    assert first == {
        "id": "h4rmony-1",
        "prompt": read_prompts(review, "es", "all")[0].text,
        "language": "es",
        "answer": "Pienso en equilibrio.",
        "model": "qwen3",
        "family": "qwen",
    }
    stored = json.loads((tmp_path / "answers.settings.json").read_text())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", stored.pop("date"))
    assert re.fullmatch(r"[0-9a-f]{16}", stored.pop("told"))
    assert stored == {
        "backend": None,
        "family": "qwen",
        "languages": "es",
        "max_tokens": 1024,
        "model": "qwen3",
        "role": None,
        "seed": 0,
        "source": "review",
        "split": "all",
        "temperature": 0.0,
    }
    assert {(body["model"], body["temperature"], body["max_tokens"]) for body in fake.requests} == {
        ("qwen3", 0, 1024)
    }
    assert "sk-secret" not in output.read_text()


def test_other_settings_are_not_mixed_into_a_file(fake: FakeOpenAI, review: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.jsonl"
    answer(review, output, settings(tmp_path, most=1))
    with pytest.raises(ConfigError, match=r"given with temperature 0\.0 and not 0\.7; give -o another file"):
        answer(review, output, settings(tmp_path, temperature=0.7))
    with pytest.raises(ConfigError, match=r"given with .*role None and not 'aware'"):
        answer(review, output, settings(tmp_path, role="aware"))
    (tmp_path / "a.settings.json").unlink()
    with pytest.raises(ConfigError, match="model 'probado' and not 'otro'"):
        answer(review, output, settings(tmp_path, model="otro"))
    (tmp_path / "a.settings.json").write_text("{")
    with pytest.raises(DataError, match=r"a\.settings\.json: cannot be read"):
        answer(review, output, settings(tmp_path))


def test_an_export_gives_its_test_prompts_in_both_languages(sample: Review, tmp_path: Path) -> None:
    merged = merge(sample, language="both")
    export(merged, tmp_path / "data", ["dpo", "dpo-standard", "sft", "h4rmony", "lm-eval"])
    wanted = {(each.record.id, each.language) for each in merged.records if each.split == "test" and each.pairs}
    found = read_prompts(tmp_path / "data", "both", "test")
    assert {prompt.key for prompt in found} == wanted
    texts = {(each.record.id, each.language): each.texts.prompt.text for each in merged.records}
    assert all(prompt.text == texts[prompt.key] for prompt in found)
    for name in ("dpo", "dpo-standard", "lm-eval"):
        alone = read_prompts(tmp_path / "data" / name, "es", "test")
        assert set(alone) <= {prompt for prompt in found if prompt.language == "es"}
    assert len(read_prompts(tmp_path / "data", "es", "all")) > len(read_prompts(tmp_path / "data", "es", "test"))
    with pytest.raises(DataError, match="read as a table of an export"):
        (tmp_path / "data" / "sft" / "test.parquet").write_bytes(b"PAR1")
        read_prompts(tmp_path / "data", "es", "test")


def test_records_give_the_language_that_they_are_in(tmp_path: Path) -> None:
    spanish = Record("x-1", "¿Y el río?", (Answer("Vive.", 1), Answer("Da igual.", 2)), metadata={"language": "es"})
    write_jsonl(tmp_path / "r.jsonl", (each.to_json() for each in (record(1), spanish)))
    assert [(p.id, p.language) for p in read_prompts(tmp_path / "r.jsonl", "both", "all")] == [
        ("h4rmony-1", "en"),
        ("h4rmony-1", "es"),
        ("x-1", "es"),
    ]
    write_jsonl(tmp_path / "es.jsonl", [spanish.to_json()])
    with pytest.raises(DataError, match=r"no prompt in en in split test"):
        read_prompts(tmp_path / "es.jsonl", "en", "test")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"neither a review .* nor an export"):
        read_prompts(tmp_path / "empty", "es", "test")


def test_a_language_that_a_source_lacks_is_said(fake: FakeOpenAI, tmp_path: Path) -> None:
    spanish = Record("x-1", "¿Y el río?", (Answer("Vive.", 1), Answer("Da igual.", 2)), metadata={"language": "es"})
    write_jsonl(tmp_path / "r.jsonl", [spanish.to_json()])
    source = str(tmp_path / "r.jsonl")
    given = ("--data", source, "-o", str(tmp_path / "a.jsonl"), "--split", "all", "--home", str(tmp_path / "home"))
    said = f"Warning: {source}: has nothing in en, though --language both asks for it\n"
    assert said in run("evaluate", "answer", "m", *given, "--language", "both")
    assert "Warning" not in run("evaluate", "answer", "m", *given)
    grades = ("--data", source, "-o", str(tmp_path / "g.jsonl"), "--judge", "j", "--dry-run", "--language", "both")
    assert said in run("evaluate", "grade", *grades, "--home", str(tmp_path / "home"))


def test_prompts_with_the_same_words_are_asked_for_once(tmp_path: Path) -> None:
    again = [record(1, id="h4rmony-1-twin-agency"), record(1), record(2), record(1, id="h4rmony-1-twin-erasure")]
    write_jsonl(tmp_path / "r.jsonl", (each.to_json() for each in again))
    assert [p.id for p in read_prompts(tmp_path / "r.jsonl", "es", "all")] == ["h4rmony-1", "h4rmony-2"]


def test_a_changed_prompt_is_asked_for_again_and_all_else_is_kept(
    fake: FakeOpenAI, review: Path, tmp_path: Path
) -> None:
    output = tmp_path / "a.jsonl"
    answer(review, output, settings(tmp_path))
    lines = json_lines(output)
    write_jsonl(output, [{**lines[0], "prompt": "¿Antes?"}, {**lines[0], "id": "gone-1"}, *lines[1:]])
    done = answer(review, output, settings(tmp_path))
    assert (done.kept, done.written, len(done.answers)) == (21, 1, 23)
    assert read_answers(output) == done.answers
    assert next(each for each in done.answers if each.id == "h4rmony-1").prompt == lines[0]["prompt"]


def test_a_cut_answer_counts_and_a_blank_one_is_asked_for_again(
    fake: FakeOpenAI, review: Path, tmp_path: Path
) -> None:
    fake.script.extend([lambda body: completion("<think>hm</think> Cuida el", reason="length")])
    done = answer(review, tmp_path / "a.jsonl", settings(tmp_path, most=1))
    assert [each.answer for each in done.answers] == ["Cuida el"]
    fake.otherwise = lambda body: completion("  ")
    done = answer(review, tmp_path / "a.jsonl", settings(tmp_path, most=2))
    assert (done.written, done.missing, len(fake.requests)) == (0, 19, 7)
    assert all("gave no usable answer in 3 tries (it was blank)" in each.reason for each in done.refused)
    assert len(read_answers(tmp_path / "a.jsonl")) == 1


def test_where_no_answer_can_be_used_nothing_is_written_and_a_script_stops(
    fake: FakeOpenAI, review: Path, tmp_path: Path
) -> None:
    fake.otherwise = lambda body: completion(" ")
    output = tmp_path / "a.jsonl"
    given = ("--data", str(review), "-o", str(output), "--split", "all")
    said = run("evaluate", "answer", "probado", *given, "--home", str(tmp_path / "home"), code=1)
    assert "not written" in said and "missing             0" in said and "Next:" not in said
    assert "nothing came of 22 texts that the model was asked for; the first, h4rmony-1 (es): probado gave no" in said
    assert not output.exists()
    answer(review, output, settings(tmp_path, most=1, dry_run=True)).check_done()
    fake.script.append(lambda body: completion("Cuida el río."))
    answer(review, output, settings(tmp_path)).check_done()  # one answer is something to go on with


def test_the_budget_is_kept_and_an_endpoint_that_is_down_is_said(
    fake: FakeOpenAI, review: Path, tmp_path: Path
) -> None:
    output = tmp_path / "a.jsonl"
    one = answer(review, output, settings(tmp_path, dry_run=True, most=1)).estimated.total
    done = answer(review, output, settings(tmp_path, budget=2 * one))
    assert done.written * TOKENS == done.usage.tokens.total <= 2 * one
    assert done.missing == 22 - done.written > 0
    fake.otherwise = failing(429, headers={"Retry-After": "0"})
    given = ("--data", str(review), "-o", str(output), "--home", str(tmp_path / "home"), "--split", "all")
    assert "run the command again to carry on" in run("evaluate", "answer", "probado", *given, code=1)
    with pytest.raises(ChatUnavailable):
        answer(review, output, settings(tmp_path)).check_done()


@pytest.mark.extras
def test_the_roles_are_a_floor_a_middle_and_a_ceiling(fake: FakeOpenAI, review: Path, tmp_path: Path) -> None:
    grades = {}
    for role in (None, "unaware", "ambivalent", "aware"):
        output = tmp_path / f"{role}.jsonl"
        answered = answer(review, output, settings(tmp_path, role=role))
        assert answered.written == 22
        grade(output, tmp_path / f"{role}-grades.jsonl", GradeSettings(model="juez", home=tmp_path / "home"))
        grades[role] = read_grades(tmp_path / f"{role}-grades.jsonl")
    found = score(grades[None], anchors=[grades[role] for role in ("unaware", "ambivalent", "aware")]).anchors
    assert found is not None
    assert found.floor.score is not None
    assert found.middle.score is not None
    assert found.ceiling.score is not None
    assert found.floor.score < found.middle.score < found.ceiling.score
    assert found.between == 50.0
    stored = json.loads((tmp_path / "aware.settings.json").read_text())
    assert stored["role"] == "aware"
    assert stored["told"] != json.loads((tmp_path / "unaware.settings.json").read_text())["told"]


@pytest.mark.extras
def test_a_model_on_this_machine_answers(review: Path, tmp_path: Path) -> None:
    prompts = read_prompts(review, "es", "test")
    texts = {prompt.text: f"Respuesta {number}" for number, prompt in enumerate(prompts)}
    model = make_scripted(tmp_path / "tiny", [([{"role": "user", "content": p}], said) for p, said in texts.items()])
    given = {"model": None, "local": model, "split": "test", "max_tokens": 20}
    done = answer(review, tmp_path / "a.jsonl", settings(tmp_path, **given))
    assert {each.prompt: each.answer for each in done.answers} == texts
    assert all(re.fullmatch(r"tiny@[0-9a-f]{12}", each.model) for each in done.answers)
