"""Samples that lm-eval wrote of generated answers (``samples_TASK_DATE.jsonl``), as answers and as grades.

- A file is one of samples if its first line is a sample, whatever its name is.
- The answer is the first of a sample's filtered responses. Of a task with several filters the first one counts.
- The prompt is the document's ``prompt`` (of a conversation, its last message), else all that the model was given.
  Its id is the document's ``record_id``, else its ``id``, else its number; its language the document's, else Spanish.
- The model, the judge and the rubric are named by what lm-eval wrote beside the samples (``results_DATE.json``): the
  model as there, judge and rubric in the ``metadata`` of the task. Without it the folder names the model.
- The grade is the metric ``grade``: 1, 0.5 and 0, or 100, 50 and 0, or good, regular and bad. NaN and null are an
  answer that the judge could not judge. A judge that nobody names is refused.
- Samples of likelihoods have neither; ``evaluate likelihood`` scores them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from exports.evaluation.grades.families import family_of
from workspace.errors import DataError, shown
from workspace.files.jsonl import read_jsonl

GRADE = "grade"  # the metric
_LEVELS: Mapping[Any, str] = {"good": "good", "regular": "regular", "bad": "bad",
                              1: "good", 0.5: "regular", 0: "bad", 100: "good", 50: "regular"}  # fmt: skip


def is_samples(path: Path) -> bool:
    """Whether the first line of a file is a sample of lm-eval."""
    with suppress(OSError, ValueError, RecursionError), path.open("rb") as file:
        return _is_sample(json.loads(next((line for line in file if line.strip()), b"null")))
    return False


def read_samples(path: Path, made: Callable[[Samples, Any], Any]) -> Iterator[Any]:
    """What ``made`` makes of each sample of a file; those of a second filter are passed over.

    Raises:
        DataError: the file cannot be read, or a line is no such sample; names the file and the line.
    """
    samples, first = Samples(path), None
    for name, found in read_jsonl(path, lambda line: (_checked(line).get("filter"), made(samples, line))):
        first = first or name
        if name == first:
            yield found


@dataclass(frozen=True)
class Samples:
    """The samples of a task, and who is named beside them."""

    path: Path

    def answer(self, sample: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of a sample, as a line of ``answers.jsonl`` has it.

        Raises:
            DataError: it is a sample of likelihoods.
        """
        return {
            **_place(sample),
            "prompt": _prompt(sample),
            "answer": _generated(sample, "an answer"),
            "model": self._model,
            "family": family_of(self._model),
        }

    def grade(self, sample: Mapping[str, Any]) -> dict[str, Any]:
        """The grade of a sample, as a line of ``grades.jsonl`` has it.

        Raises:
            DataError: it has none, it is no grade, or nobody says who gave it.
        """
        _generated(sample, "a grade")
        if GRADE not in sample:
            raise DataError(
                f"a sample of lm-eval without the metric {GRADE!r}; `h4rmony evaluate grade` has its answer graded"
            )
        value = sample[GRADE]
        if value is not None and value == value and (isinstance(value, bool | list | dict) or value not in _LEVELS):
            raise DataError(f"the metric {GRADE!r} is 1, 0.5 or 0, or good, regular or bad, got {shown(str(value))}")
        judge = self._named("judge")
        if not judge:
            raise DataError("nobody says which judge graded; name it in the task's YAML: metadata: {judge: NAME}")
        return {
            **_place(sample),
            "grade": _LEVELS.get(value),
            "judge": judge,
            "rubric": self._named("rubric"),
            "model": self._model,
            "family": family_of(judge),
        }

    @cached_property
    def _beside(self) -> Mapping[str, Any]:
        """What lm-eval wrote of the run."""
        date = self.path.stem.rpartition("_")[2]
        with suppress(OSError, ValueError, RecursionError):
            found = json.loads(self.path.with_name(f"results_{date}.json").read_bytes())
            return found if isinstance(found, dict) else {}
        return {}

    @cached_property
    def _model(self) -> str:
        name = str(self._beside.get("model_name") or self.path.resolve().parent.name)
        folder = Path(name)
        return folder.name if folder.is_absolute() or folder.exists() else name

    def _named(self, key: str) -> str:
        """What the task's metadata say."""
        task = self.path.stem.rpartition("_")[0].removeprefix("samples_")
        found: Any = self._beside
        for each in ("configs", task, "metadata", key):
            found = found.get(each) if isinstance(found, dict) else None
        return str(found or "")


def _is_sample(line: Any) -> bool:
    return isinstance(line, dict) and isinstance(line.get("doc"), dict) and "filtered_resps" in line


def _checked(line: Any) -> dict[str, Any]:
    if not _is_sample(line):
        raise DataError("not a sample of lm-eval, as the first line is")
    return dict(line)


def _generated(sample: Mapping[str, Any], what: str) -> str:
    """The text that the model wrote."""
    found = sample["filtered_resps"]
    if isinstance(found, list) and found and isinstance(found[0], str):
        return found[0]
    raise DataError(f"a sample of lm-eval, not {what}; `h4rmony evaluate likelihood` scores the file")


def _place(sample: Mapping[str, Any]) -> dict[str, str]:
    doc = sample["doc"]
    named = next((doc[name] for name in ("record_id", "id") if doc.get(name) not in (None, "")), sample.get("doc_id"))
    return {"id": str(named), "language": str(doc.get("language") or "es")}


def _prompt(sample: Mapping[str, Any]) -> str:
    found = sample["doc"].get("prompt")
    if isinstance(found, list) and found and isinstance(found[-1], dict):
        found = found[-1].get("content")
    if isinstance(found, str) and found.strip():
        return found
    given = sample.get("arguments")
    first = given.get("gen_args_0") if isinstance(given, dict) else None
    return str(first.get("arg_0") or "") if isinstance(first, dict) else ""
