"""The real lm-eval runs the exported tasks, offline, with a tiny model."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from functools import partialmethod
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from exports.evaluation.likelihood.choices import read_samples
from exports.evaluation.likelihood.likelihood import preferences
from exports.formats import FORMATS
from exports.merging.pairs import review_records
from exports.review.files import Review
from exports.write.export import ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.sample import sample_review
from tests.exports.twins import ballots, twin
from tests.tiny_models import make_causal


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lm-eval")
    review, twins = sample_review(), [twin(prompt, "framing") for prompt in range(1, 21)]
    answered = [ballot for each in twins for ballot in ballots(each, (1, 2))]
    with_twins = Review((*review.records, *twins), (*review.ballots, *answered))
    export_review(with_twins, folder / "out", ExportSettings(("lm-eval",), test_share=0.5))
    return folder / "out" / "lm-eval"


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore")  # lm-eval's own
def test_the_group_runs_from_any_folder(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command of the file itself, word for word but for the model and the folder."""
    from lm_eval.__main__ import cli_evaluate
    from lm_eval.tasks import TaskManager

    rows = pq.read_table(exported / "test.parquet").to_pylist()
    model = make_causal(tmp_path / "model", [text for row in rows for text in (row["prompt"], *row["answers"])])
    command = next(line for line in (exported / "task.yaml").read_text().splitlines() if "lm_eval --model" in line)
    words = (
        command.partition("lm_eval ")[2].replace("MODEL", str(model)).replace("THIS-FOLDER", str(exported)).split()
    )
    options = ("--device", "cpu", "--batch_size", "8", "--num_fewshot", "1", "--log_samples")
    # it would first read the thousands of tasks that it brings itself
    monkeypatch.setattr(TaskManager, "__init__", partialmethod(TaskManager.__init__, include_defaults=False))
    monkeypatch.setattr(sys, "argv", ["lm_eval", *words, *options, "--output_path", str(tmp_path / "results.json")])
    monkeypatch.setattr(logging.getLogger("lm_eval"), "handlers", [])
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")  # it sets it itself
    monkeypatch.chdir(tmp_path)
    cli_evaluate()
    table = capsys.readouterr().out
    (result,) = tmp_path.rglob("results_*.json")
    found = json.loads(result.read_text())
    assert set(found["group_subtasks"]["h4rmony_es"]) == {
        f"h4rmony_es_{name}" for name in ("pairs", "matched", "chat", "best")
    }
    (printed,) = (line for line in table.splitlines() if line.startswith("|h4rmony_es ") and "acc_bytes" in line)
    scores = {name: score["acc_bytes,none"] for name, score in found["results"].items()}
    assert f"{scores.pop('h4rmony_es'):.4f}" in printed
    assert all(0 <= score <= 1 for score in scores.values())
    assert not any("acc,none" in score for score in found["results"].values())  # the sum is a test of length
    ours = preferences(read_samples(tmp_path))
    for name in ("matched", "pairs", "best"):
        assert ours[name].scores["bytes"].value == scores[f"h4rmony_es_{name}"]
        assert ours[name].scores["pmi"].value == found["results"][f"h4rmony_es_{name}"]["acc_mutual_info,none"]
    (samples,) = tmp_path.rglob("samples_h4rmony_es_matched_*.jsonl")
    matched = [row for row in rows if row["kind"] == "pair" and row["length_matched"]]
    seen = {sample["doc"]["id"]: sample for sample in json_lines(samples)}
    assert set(seen) == {row["id"] for row in matched}
    first = seen[matched[0]["id"]]
    assert int(first["target"]) == matched[0]["best"]
    asked = first["arguments"]["gen_args_0"]
    assert asked["arg_0"].endswith(f"Pregunta: {matched[0]['prompt']}\nRespuesta:")
    assert asked["arg_1"] == f" {matched[0]['answers'][0]}"


def test_the_best_answer_is_at_its_place_and_at_no_place_more_than_at_another() -> None:
    review = sample_review()
    places: Counter[tuple[str, int]] = Counter()
    for reviewed in review_records(review):
        for row in FORMATS["lm-eval"].rows(reviewed):
            best = row["answer_order"][row["best"]]
            assert row["answers"][row["best"]] == reviewed.texts.answers[best].text
            assert row["kind"] == "pair" or best == reviewed.best
            places[row["kind"], row["best"]] += 1
    for kind, most in (("best", 1 / 2), ("pair", 2 / 3)):
        counts = [count for (of, _), count in places.items() if of == kind]
        assert len(counts) == {"best": 3, "pair": 2}[kind]
        assert max(counts) < sum(counts) * most + 2
