"""Run the ``eval.yaml`` of a publication with Inspect AI, and see that its score is ours.

``python -m tools.inspect_eval`` publishes the sample to a folder, evaluates it in the environment ``.inspect`` and
compares (``make inspect``). Inspect wants another pydantic than Argilla, so it has an environment of its own.
``--keep`` puts the log into ``tests/data``.

``.inspect/bin/python -m tools.inspect_eval PUBLICATION LOGS`` is the part in that environment. The model and the
grader are one server on loopback that speaks OpenAI's protocol, and the publication stands in for the dataset on the
Hub.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.fake_openai import Answer, completion, running_fake
from tests.inspect_script import GRADER, answered, graded

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "data" / "inspect.eval"
REPO = "h4rmony/es"


def check(*, keep: bool) -> None:
    """Publish, evaluate with Inspect, and compare; exits with a message if the two scores differ."""
    from exports import publish, score
    from exports.merging.settings import MergeSettings
    from tests.exports.sample import sample_review

    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        review = sample_review()
        settings = MergeSettings(test_share=0.6)
        publish(
            review, REPO, ["dpo"], folder=place / REPO, home=place / "home", grader=f"openai-api/judge/{GRADER}",
            settings=settings,
        )  # fmt: skip
        program = [".inspect/bin/python", "-m", "tools.inspect_eval", str(place / REPO), str(place / "logs")]
        said = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        theirs = json.loads(said.splitlines()[-1])
        logs = sorted((place / "logs").iterdir())
        ours = {log.suffix: score(log, records=review.records).overall.score for log in logs}
        if keep:
            shutil.copy(next(log for log in logs if log.suffix == ".eval"), KEPT)
    print(f"Inspect {theirs}, ours {ours}")  # noqa: T201
    if {suffix: 100 * accuracy for suffix, accuracy in theirs.items()} != ours:
        sys.exit("the scores differ")


def evaluate(publication: Path, logs: Path) -> None:
    """Evaluate with Inspect, once for each of its formats of logs; prints the accuracy of each as JSON."""
    import huggingface_hub
    import inspect_ai

    huggingface_hub.hf_hub_download = lambda *, filename, **_: str(publication / filename)
    os.chdir(publication.parents[1])  # so that datasets finds the folder in place of the Hub's
    found = {}
    with running_fake() as fake:
        fake.otherwise = _behave
        for service in ("JUDGE", "TESTED"):
            os.environ |= {f"{service}_BASE_URL": fake.url, f"{service}_API_KEY": "none"}
        for form in ("json", "eval"):
            [log] = inspect_ai.eval(
                f"hf/{REPO}", model="openai-api/tested/probado", log_dir=str(logs), log_format=form, display="none"
            )  # fmt: skip
            if log.status != "success" or log.results is None:
                sys.exit(f"{log.status}: {log.error.message if log.error else 'no results'}")
            found[f".{form}"] = log.results.scores[0].metrics["accuracy"].value
    print(json.dumps(found))  # noqa: T201


def _behave(body: dict[str, Any]) -> Answer:
    """The model under test, or the grader."""
    said = body["messages"][-1]["content"]
    answer = completion(graded(said) if body["model"] == GRADER else answered(said))
    answer.body |= {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"]}
    return answer


if __name__ == "__main__":
    if sys.argv[1:] in ([], ["--keep"]):
        check(keep=bool(sys.argv[1:]))
    else:
        evaluate(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
