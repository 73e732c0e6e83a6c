"""The real lm-eval runs the exported task, offline, with a tiny model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from exports.formats import FORMATS
from exports.merging.pairs import review_records
from exports.review.files import Review
from exports.write.export import ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.sample import sample_review
from tests.exports.twins import ballots, twin
from tests.tiny_models import make_causal

ROOT = Path(__file__).parents[3]
# lm-eval as its command runs it, which would first read the thousands of tasks that it brings itself
LM_EVAL = """
import gc
gc.disable()
from functools import partialmethod
from lm_eval.__main__ import cli_evaluate
from lm_eval.tasks import TaskManager
TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
cli_evaluate()
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lm-eval")
    settings = ExportSettings(("lm-eval",), test_share=0.5)
    review, twins = sample_review(folder), [twin(prompt, "framing") for prompt in range(1, 21)]
    answered = [ballot for each in twins for ballot in ballots(each, (1, 2))]
    with_twins = Review((*review.records, *twins), (*review.ballots, *answered))
    export_review(with_twins, folder / "out", settings)
    return folder / "out" / "lm-eval"


@pytest.mark.extras
def test_the_task_runs_where_its_files_are(exported: Path, tmp_path: Path) -> None:
    """The command of the file itself, word for word but for the model."""
    rows = pq.read_table(exported / "test.parquet").to_pylist()
    model = make_causal(tmp_path / "model", [text for row in rows for text in (row["prompt"], *row["answers"])])
    command = next(line for line in (exported / "task.yaml").read_text().splitlines() if "lm_eval --model" in line)
    words = command.partition("&& lm_eval ")[2].replace("MODEL", str(model)).split()
    done = subprocess.run(
        [sys.executable, "-c", LM_EVAL, *words, "--device", "cpu", "--batch_size", "8", "--num_fewshot", "1",
         "--output_path", str(tmp_path / "results.json"), "--log_samples"],
        cwd=exported,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    (result,) = tmp_path.rglob("results_*.json")
    scores = json.loads(result.read_text())["results"]["h4rmony_es"]
    assert 0 <= scores["acc,none"] <= 1
    (samples,) = tmp_path.rglob("samples_*.jsonl")
    seen = json_lines(samples)
    assert len({sample["doc_id"] for sample in seen}) == len(rows)
    first = next(sample for sample in seen if sample["doc"]["id"] == rows[0]["id"])
    assert int(first["target"]) == rows[0]["best"]
    page = (ROOT / "docs/how-to/twins.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SAMPLES": str(samples)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.fullmatch(r"framing: the base in (\d+)% of (\d+) twins\n", told)
    assert found, told
    assert int(found[2]) == sum(row["feature"] == "framing" for row in rows) > 1
    asked = first["arguments"]["gen_args_0"]
    assert asked["arg_0"].endswith(f"Pregunta: {rows[0]['prompt']}\nRespuesta:")
    assert asked["arg_1"] == f" {rows[0]['answers'][0]}"


def test_the_best_answer_is_at_its_place_and_at_no_place_more_than_at_another(tmp_path: Path) -> None:
    review = sample_review(tmp_path)
    places: Counter[int] = Counter()
    for reviewed in review_records(review):
        for row in FORMATS["lm-eval"].rows(reviewed):
            assert row["answers"][row["best"]] == reviewed.texts.answers[row["answer_order"][row["best"]]].text
            assert row["answer_order"][row["best"]] == reviewed.best
            places[row["best"]] += 1
    assert set(places) == {0, 1, 2}
    assert max(places.values()) < sum(places.values()) / 2 + 2
