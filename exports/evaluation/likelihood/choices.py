"""What a model chooses from, and how likely each answer is to it: samples of the tasks of ``h4rmony export`` (pure).

The rules:

- lm-eval computes the likelihoods; here they are only compared. ``lm_eval --log_samples`` writes them, one sample a
  line, each with the row of the export that it is about.
- The score of an answer is its log-likelihood by one of three *measures*: ``bytes`` divides it by the answer's length
  in UTF-8 bytes (lm-eval's ``acc_bytes``); ``pmi`` takes away the log-likelihood of the answer without its prompt
  (``acc_mutual_info``); ``sum`` leaves it as it is (``acc``), and so prefers short answers.
- A choice is right if no other answer has a higher score. Among k equal ones it counts 1/k; lm-eval takes the first.
- Of a twin the base counts as the right one, whatever reviewers say: which story does a model prefer?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workspace.errors import DataError
from workspace.files.jsonl import read_jsonl

Measure = Literal["bytes", "pmi", "sum"]
MEASURES: tuple[Measure, ...] = ("bytes", "pmi", "sum")


@dataclass(frozen=True)
class Choice:
    """One row of an export, and how likely its answers are to a model.

    Attributes:
        id: the row's.
        group: the prompts that say the same as this one.
        kind: ``best``, ``pair`` or ``twin``.
        right: the index of the answer that is better, or of a twin's base.
        lengths: of the answers, in UTF-8 bytes.
        likelihoods: the log-likelihood of each answer after the prompt.
        alone: that of each answer without the prompt; None where it was not asked for.
        length_matched: whether two answers have the same length, but for 10%.
        issues: the issue codes of the prompt.
        type: of the prompt, "" where none is known.
        language: of the texts.
        feature: what is flipped in a twin, "" for what is none.
        own: whether the likelihoods are those of the task of pairs of the same length itself, whose few-shot examples
            are others than those of all pairs.
    """

    id: str
    group: str
    kind: str
    right: int
    lengths: tuple[int, ...]
    likelihoods: tuple[float, ...]
    alone: tuple[float, ...] | None
    length_matched: bool
    issues: tuple[str, ...] = ()
    type: str = ""
    language: str = ""
    feature: str = ""
    own: bool = False

    def hit(self, measure: Measure) -> float:
        """How far the choice is right: 1, 0, or 1/k if k answers share the highest score."""
        return _share_of(self._scores(measure), self.right)

    @property
    def longer(self) -> float:
        """The same for whoever takes the longest answer."""
        return _share_of(self.lengths, self.right)

    def _scores(self, measure: Measure) -> Sequence[float]:
        if measure == "bytes":
            return [score / length for score, length in zip(self.likelihoods, self.lengths, strict=True)]
        if measure == "pmi" and self.alone:
            return [score - alone for score, alone in zip(self.likelihoods, self.alone, strict=True)]
        return self.likelihoods

    @classmethod
    def from_json(cls, data: Any) -> Choice:
        """Build a choice from a sample, as ``simple_evaluate`` returns it or ``lm_eval --log_samples`` writes it.

        Raises:
            DataError: it is no sample of these tasks.
        """
        try:
            row, answered = data["doc"], [float(likelihood) for likelihood, _ in data["filtered_resps"]]
            answers, kind, best = row["answers"], row["kind"], row["best"]
            right = row["answer_order"].index(0) if kind == "twin" else best
            return cls(
                row["id"],
                row["group"],
                kind,
                right,
                tuple(len(answer.encode()) for answer in answers),
                tuple(answered[: len(answers)]),
                tuple(answered[len(answers) :]) or None,
                row["length_matched"],
                tuple(row["issues"] or ()),
                row["type"] or "",
                row["language"] or "",
                row.get("feature") or "",
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(
                "not a sample of the tasks of `h4rmony export --format lm-eval`; run lm_eval on these with "
                "--log_samples"
            ) from error


def is_samples(path: str | Path) -> bool:
    """Whether a path is a file of samples, or a folder that holds some."""
    path = Path(path)
    return (path.suffix == ".jsonl" and path.is_file()) or bool(path.is_dir() and _logs(path))


def read_samples(path: str | Path) -> tuple[Choice, ...]:
    """Read the samples of one model: a file, or all in a folder and its folders.

    Of a task that ran several times the last run counts. The samples of a bare prompt (``_chat``) count only where
    there are no others of the same rows; name their file to have them.

    Raises:
        DataError: a line is no sample of these tasks (names the file and the line), or there are several models'.
    """
    path = Path(path)
    files = _logs(path) if path.is_dir() else [path]
    if len({file.parent for file in files}) > 1:
        folders = ", ".join(sorted({file.parent.name for file in files}))
        raise DataError(f"{path}: has samples of several models ({folders}); name the folder of one")
    files.sort(key=lambda file: "_chat_" not in file.name)
    found = [
        replace(choice, own=_task_of(file).endswith("_matched"))
        for file in files
        for choice in read_jsonl(file, Choice.from_json)
    ]
    return tuple({(choice.own, choice.id): choice for choice in found}.values())


def by_task(choices: Iterable[Choice]) -> Mapping[str, list[Choice]]:
    """The choices of each task, the most telling one first; tasks without any are left out."""
    listed = list(choices)
    pairs = [choice for choice in listed if choice.kind == "pair" and not choice.own]
    own = [choice for choice in listed if choice.own]
    tasks = {
        "matched": own or [choice for choice in pairs if choice.length_matched],
        "pairs": pairs,
        "best": [choice for choice in listed if choice.kind == "best"],
        "twins": [choice for choice in listed if choice.kind == "twin"],
    }
    return {name: found for name, found in tasks.items() if found}


def _share_of(scores: Sequence[float], place: int) -> float:
    highest = max(scores)
    return (scores[place] == highest) / list(scores).count(highest)


def _logs(folder: Path) -> list[Path]:
    """The files of samples, the last of each task."""
    last: dict[tuple[Path, str], Path] = {}
    for path in sorted(folder.rglob("samples_*.jsonl")):
        last[path.parent, _task_of(path)] = path
    return list(last.values())


def _task_of(path: Path) -> str:
    """The task of a file ``samples_TASK_DATE.jsonl``."""
    return path.name.rpartition("_")[0]
