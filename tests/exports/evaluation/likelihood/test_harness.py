"""The real lm-eval, through the Python API, with tiny models that the tests make."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from exports.evaluation.likelihood.harness import likelihood
from exports.evaluation.likelihood.likelihood import Likelihood
from exports.review.files import Review
from exports.write.export import ExportSettings, export_review
from tests.exports.cases import vote
from tests.exports.sample import sample_review
from tests.exports.twins import ballots, twin
from tests.tiny_models import SPANISH, make_causal, make_scripted, sentence
from workspace.errors import ConfigError, DataError
from workspace.model.records import Answer, Record, Translation

# lm-eval and transformers warn of their own
pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("ignore")]
TASKS = ("pairs", "matched", "best", "twins")
ALL = ExportSettings(("lm-eval",), test_share=1.0)


@pytest.fixture(scope="module", autouse=True)
def only_what_is_scored() -> Iterator[None]:
    """lm-eval does not ask pip, gcc and others what there is, and what is imported is not searched for garbage."""
    from lm_eval import evaluator

    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluator, "add_env_info", lambda results: None)
        yield
    gc.unfreeze()


@dataclass(frozen=True)
class Case:
    """An export with its rows, and two models."""

    data: Path
    rows: list[dict[str, Any]]
    model: Path
    other: Path


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("likelihood")
    review, twins = sample_review(), [twin(prompt, "framing") for prompt in range(1, 5)]
    answered = [ballot for each in twins for ballot in ballots(each, (2, 1))]
    export_review(Review((*review.records, *twins), (*review.ballots, *answered)), folder / "out", ALL)
    rows = pq.read_table(folder / "out" / "lm-eval" / "test.parquet").to_pylist()
    texts = [text for row in rows for text in (row["prompt"], *row["answers"])]
    return Case(folder / "out", rows, make_causal(folder / "model", texts), make_causal(folder / "other"))


@pytest.fixture(scope="module")
def scored(case: Case) -> Likelihood:
    output = case.data.parent / "likelihood.json"
    found = likelihood(case.model, case.data, reference=case.other, seed=5, batch_size=8, output=output)
    assert json.loads(output.read_text(encoding="utf-8")) == json.loads(json.dumps(found.to_json()))
    return found


@pytest.fixture(scope="module")
def theirs(case: Case) -> dict[str, Any]:
    """What lm-eval says of the same model."""
    return run_lm_eval(case, *(f"h4rmony_es_{name}" for name in TASKS))


def run_lm_eval(case: Case, *tasks: str, **options: Any) -> dict[str, Any]:
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(case.data / "lm-eval"), include_defaults=False)
    args = {"pretrained": str(case.model)}
    found = simple_evaluate(
        "hf", args, list(tasks), device="cpu", batch_size=8, bootstrap_iters=0, task_manager=manager, **options
    )
    assert found
    return found


def test_the_numbers_are_lm_eval_s_to_the_last_digit(scored: Likelihood, theirs: dict[str, Any]) -> None:
    for name in TASKS:
        found, ours = theirs["results"][f"h4rmony_es_{name}"], scored.tasks[name].scores
        assert ours["bytes"].items == found["sample_len"]
        for metric, measure in (("acc_bytes", "bytes"), ("acc_mutual_info", "pmi")):
            score = found[f"{metric},none"]
            assert ours[measure].value == (1 - score if name == "twins" else score)  # reviewers prefer the twins


def test_the_likelihoods_are_the_model_s(case: Case, scored: Likelihood, theirs: dict[str, Any]) -> None:
    """A handful of log-likelihoods by torch alone, after the prompt's words and in the model's chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(case.model), AutoTokenizer.from_pretrained(case.model)

    def by_torch(context: str, answer: str) -> float:
        before = tokenizer(context)["input_ids"] or [tokenizer.eos_token_id]
        after = tokenizer(context + answer)["input_ids"][len(before) if context else 0 :]
        with torch.no_grad():
            logs = model(torch.tensor([before + after])).logits[0].log_softmax(-1)
        return sum(float(logs[len(before) - 1 + place, token]) for place, token in enumerate(after))

    for sample in theirs["samples"]["h4rmony_es_pairs"][:3]:
        row = sample["doc"]
        contexts = (f"Pregunta: {row['prompt']}\nRespuesta:", "")
        expected = [by_torch(context, f" {answer}") for context in contexts for answer in row["answers"]]
        assert [value for value, _ in sample["filtered_resps"]] == pytest.approx(expected, abs=2e-2)
    chat = run_lm_eval(case, "h4rmony_es_chat", limit=3, apply_chat_template=True)
    for sample in chat["samples"]["h4rmony_es_chat"]:
        told = [{"role": "user", "content": sample["doc"]["prompt"]}]
        context = tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
        # white space at the end of a template counts as the answer's
        expected = [by_torch(context[:-1], context[-1] + answer) for answer in sample["doc"]["answers"]]
        assert [value for value, _ in sample["filtered_resps"][:2]] == pytest.approx(expected, abs=2e-2)
    bare = likelihood(case.model, case.data, chat_template=True, floor=False, limit=3)
    assert list(bare.tasks) == ["matched", "pairs", "twins"] and bare.settings["chat_template"] is True
    assert bare.tasks["pairs"].scores["bytes"].value == chat["results"]["h4rmony_es_chat"]["acc_bytes,none"]


def test_what_is_beside_the_score(case: Case, scored: Likelihood) -> None:
    pairs = [row for row in case.rows if row["kind"] == "pair" and row["length_matched"]]
    longer = [
        len(row["answers"][row["best"]].encode()) - len(row["answers"][1 - row["best"]].encode()) for row in pairs
    ]
    matched = scored.tasks["matched"]
    assert matched.longer.value == sum(0.5 if not apart else float(apart > 0) for apart in longer) / len(pairs)
    assert matched.floor and matched.floor.items == len(pairs) > 5
    assert scored.tasks["twins"].slices["feature"].keys() == {"framing"}
    alone = likelihood(case.other, case.data, floor=False, batch_size=8).tasks
    for name, found in scored.tasks.items():
        assert found.difference and alone[name].floor is None
        apart = (found.scores["bytes"].value or 0) - (alone[name].scores["bytes"].value or 0)
        assert found.difference.value == pytest.approx(apart)
    assert scored.tasks["pairs"].difference and scored.tasks["pairs"].difference.value != 0
    assert (scored.settings["seed"], scored.settings["chat_template"], scored.notes) == (5, False, ())


def pairs_of(folder: Path, pairs: list[tuple[str, str, str]]) -> Path:
    """An export of prompts, each with the better answer and the worse one."""
    records, votes = [], []
    for number, (prompt, *two) in enumerate(pairs):
        shown = Translation("es", "original", prompt, tuple(two))
        answers = (Answer(two[0], 1), Answer(two[1], 2))
        records.append(Record(f"h4rmony-{number}", prompt, answers, translation=shown))
        votes.append(vote(1, 2, record_id=f"h4rmony-{number}", prompt=prompt, answers=tuple(two)))
    export_review(Review(tuple(records), tuple(votes)), folder, ALL)
    return folder


def test_random_weights_find_the_better_of_two_equally_long_answers_by_chance(case: Case, tmp_path: Path) -> None:
    texts = [sentence(SPANISH, 12, number).encode()[:60].decode(errors="ignore") for number in range(200)]
    texts = [text + "." * (60 - len(text.encode())) for text in texts]
    prompts = [f"¿{sentence(SPANISH, 5, number)[:-1]}?" for number in range(100)]
    # which is the better one is decided by the number of the pair
    pairs = [(prompt, texts[n], texts[199 - n]) for n, prompt in enumerate(prompts)]
    found = likelihood(case.model, pairs_of(tmp_path / "out", pairs), batch_size=32).tasks["matched"]
    assert found.longer.value == 0.5 and found.longer.items > 80
    for random in (found.scores["bytes"], found.floor):  # the tiny model has learnt nothing either
        assert random and random.low is not None and random.high is not None
        assert random.low <= 0.5 <= random.high


def test_what_a_model_has_learnt_is_found_where_length_and_words_tell_nothing(case: Case, tmp_path: Path) -> None:
    """The worse answer is the better one with its words turned round; the model knows the better one by heart."""
    learnt = [(f"¿{number}?", sentence(SPANISH, 6, number).lower().rstrip(".")) for number in range(8)]
    pairs = [(prompt, answer, " ".join(reversed(answer.split()))) for prompt, answer in learnt]
    script = [([{"role": "user", "content": prompt}], answer) for prompt, answer in learnt]
    model = make_scripted(tmp_path / "model", script)
    data = pairs_of(tmp_path / "out", pairs)
    found = likelihood(model, data, chat_template=True, batch_size=16).tasks["matched"]
    assert found.scores["bytes"].value == 1.0
    assert found.longer.value == 0.5
    assert found.floor and (found.floor.high or 1) < 1.0


def test_what_cannot_be_opened_is_said_in_one_line(case: Case, tmp_path: Path) -> None:
    for options, said in (
        ({}, "nothing: lm-eval's backend 'hf' cannot open it"),
        ({"backend": "gpt9"}, "backend 'gpt9' cannot open it"),
        ({"model_args": "dtype"}, "arguments of a model are name=value"),
        ({"model_args": "dtype=float99"}, "cannot open it .*float99"),
        ({"device": "cuda:999"}, "cuda:999: no such device; this machine has"),
        ({"device": "gpu"}, "gpu: no device; name one such as cuda:0 or cpu"),
    ):
        with pytest.raises(ConfigError, match=said) as error:
            likelihood("nothing" if options.get("backend") or not options else case.model, case.data, **options)
        assert "\n" not in str(error.value)
    with pytest.raises(ConfigError, match="for a model, --data names the export"):
        likelihood("nothing")
    with pytest.raises(DataError, match="has no tasks for lm-eval; write them with `h4rmony export --format lm-eval"):
        likelihood(case.model, tmp_path)
    (tmp_path / "task.yaml").write_text("task: h4rmony_es\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"test.parquet cannot be read; export again"):
        likelihood(case.model, tmp_path)
    pq.write_table(pq.read_table(case.data / "lm-eval" / "test.parquet"), tmp_path / "test.parquet")
    with pytest.raises(DataError, match="names no group of tasks; export again"):
        likelihood(case.model, tmp_path)
    pq.write_table(pq.read_table(case.data / "lm-eval" / "train.parquet"), tmp_path / "test.parquet")
    with pytest.raises(DataError, match="no row in test; export with a greater --test-share"):
        likelihood(case.model, tmp_path)
