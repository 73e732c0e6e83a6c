"""The format ``lm-eval``: which answer does a model find most likely? Multiple-choice tasks for lm-eval 0.4.13.

A row is what a model chooses from, and ``kind`` says of which sort:

- ``best``: all answers of a record that has three or more, of which one wins a written pair against every other;
- ``pair``: the two answers of a written pair;
- ``twin``: the two answers of a twin, the base and its counterfactual, if a pair of them is written.

``answers`` are in the order of a hash of the record's id, so that the better one is in each place equally often.
``best`` is its index in them, from 0, and ``answer_order`` has the index in the record of each. In a row of ``best``
answers with the same text occur once. ``length_matched`` is true for two answers whose lengths in UTF-8 bytes are
within 10% of the longer one. ``group`` is the record's group of prompts, on which intervals are clustered.
``text_choice`` and ``text_support`` are about the prompt, then the answers as they are shown; ``reviewed`` is true
only if people submitted all of these texts, or they are the source's own.

The files next to the tables are the tasks, and ``task.yaml`` is the group of all but those on twins. They score the
split ``test``, with examples from ``train`` if any are asked for. lm-eval takes the paths of data from the folder
that it runs in, so ``tables.py`` reads the tables that are beside it. In a publication the tasks name the dataset on
the Hub instead, and there is no ``tables.py``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exports.formats.answers import best_left_out
from exports.formats.base import (
    ANSWER_ORIGIN,
    Beside,
    ColumnType,
    Format,
    LeftOut,
    TrainingRow,
    answer_origin,
    has_context,
    row_id,
)
from exports.merging.pairs import ReviewedRecord
from exports.merging.settings import Language
from exports.merging.texts import normal_space
from workspace.model.groups import record_group
from workspace.model.twins import feature_of

TASK_FILE = "task.yaml"
TEMPLATE_FILE = "template_yaml"  # not a task, so not called .yaml
TABLES_FILE = "tables.py"
_WORDS: dict[Language, tuple[str, str]] = {"es": ("Pregunta", "Respuesta"), "en": ("Question", "Answer")}


@dataclass(frozen=True)
class Task:
    """One task: which rows it has, by the values of columns, and whether the model is given the bare prompt."""

    rows: Mapping[str, str | bool]
    says: str
    bare: bool = False
    in_group: bool = True

    def has(self, row: TrainingRow) -> bool:
        """Whether a row is one of the task's."""
        return all(row[column] == value for column, value in self.rows.items())


TASKS: Mapping[str, Task] = {
    "best": Task({"kind": "best"}, "the best of three answers or more"),
    "pairs": Task({"kind": "pair"}, "the better one of two answers"),
    "matched": Task({"kind": "pair", "length_matched": True}, "the better one of two answers of the same length"),
    "chat": Task({"kind": "pair"}, "the better one of two answers to a bare prompt, for --apply_chat_template", True),
    "twins": Task({"kind": "twin"}, "an answer or its counterfactual twin", in_group=False),
    "twins_chat": Task({"kind": "twin"}, "the same after a bare prompt", bare=True, in_group=False),
}
TASK_FILES = (TASK_FILE, TEMPLATE_FILE, TABLES_FILE, *(f"{name}.yaml" for name in TASKS))
_GROUP = """\
# Tasks for lm-eval 0.4.13: does a model find the answer that reviewers prefer the more likely one, byte for byte?
#   lm_eval --model hf --model_args pretrained=MODEL --include_path THIS-FOLDER --tasks {name}
# The group's own number is the plain mean of its tasks. Read {name}_matched first: elsewhere the longer answer is
# nearly always the better one.
group: {name}
task:
{tasks}
aggregate_metric_list:
  - metric: acc_bytes
    aggregation: mean
    weight_by_size: false
  - metric: acc_mutual_info
    aggregation: mean
    weight_by_size: false
metadata:
  version: 2.0
"""
_TASK = """\
# {says}
include: {template}
task: {name}
{splits}
dataset_kwargs:
  filters: {filters}
doc_to_text: {text}
target_delimiter: {delimiter}
"""
_TEMPLATE = """\
{data}
output_type: multiple_choice
doc_to_choice: "{{{{answers}}}}"
doc_to_target: best
should_decontaminate: false
metric_list:
  - metric: acc_bytes
    aggregation: mean
    higher_is_better: true
  - metric: acc_mutual_info
    aggregation: mean
    higher_is_better: true
metadata:
  version: 2.0
"""
_TABLES = '''\
"""Give lm-eval the tables that are beside this file, wherever it runs."""

from pathlib import Path

import datasets
import pyarrow.parquet as pq


def load(filters, **_):
    """Return the rows of each split in which the columns have the values that ``filters`` names."""
    rows = {}
    for split in ("train", "test"):
        path = Path(__file__).with_name(f"{split}.parquet")
        if path.exists():
            rows[split] = datasets.Dataset(pq.read_table(path, filters=[tuple(each) for each in filters]))
    return rows
'''


def lm_eval_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield a row for the best of three answers or more, if one is, and a row for each written pair.

    A record with a context is left out, because the tasks ask for a prompt alone.
    """
    if reviewed.record.context:
        return
    texts = [text.text for text in reviewed.texts.answers]
    shown = shown_order(reviewed.record.id, len(texts))
    once = [
        answer
        for answer in shown
        if normal_space(texts[answer]) not in {normal_space(text) for text in texts[:answer]}
    ]
    if reviewed.best is not None and len(once) > 2:
        yield _row(reviewed, "best", once, reviewed.best, row_id(reviewed))
    kind = "twin" if feature_of(reviewed.record.metadata) else "pair"
    for pair in reviewed.pairs:
        two = [answer for answer in shown if answer in (pair.chosen, pair.rejected)]
        yield _row(reviewed, kind, two, pair.chosen, row_id(reviewed, f"{pair.chosen}-{pair.rejected}"))


def lm_eval_left_out(reviewed: ReviewedRecord) -> Iterator[LeftOut]:
    """Yield what has no row of ``best``: see ``best_left_out``; a record of two answers has none by nature."""
    if reviewed.record.context:
        yield from has_context(reviewed)
        return
    for left_out in best_left_out(reviewed):
        if left_out.reason != "no_single_best" or len(reviewed.texts.answers) > 2:
            yield left_out


def shown_order(record_id: str, answers: int) -> list[int]:
    """The answers in the order of a hash of the record's id and their index."""
    return sorted(
        range(answers), key=lambda answer: hashlib.sha256(f"lm-eval:{record_id}:{answer}".encode()).hexdigest()
    )


def length_matched(answers: Sequence[str]) -> bool:
    """Whether two texts have lengths in UTF-8 bytes within 10% of the longer one.

    >>> length_matched(["a" * 10, "b" * 9]), length_matched(["a" * 10, "ñ" * 4])
    (True, False)
    """
    lengths = sorted(len(answer.encode()) for answer in answers)
    return len(lengths) == 2 and 10 * (lengths[1] - lengths[0]) <= lengths[1]


def group_name(languages: Sequence[Language]) -> str:
    """``h4rmony_es``, ``h4rmony_en`` or ``h4rmony_es_en``."""
    return "_".join(("h4rmony", *languages))


def task_files(beside: Beside) -> Mapping[str, str]:
    """Return the files of the tasks; the group names those that have rows in ``test``."""
    name, tested = group_name(beside.languages), beside.parts.get("test", ())
    listed = [task for task in TASKS if TASKS[task].in_group and task in tested] or ["pairs"]
    here = f"custom_dataset: !function {TABLES_FILE.removesuffix('.py')}.load"
    files = {
        TASK_FILE: _GROUP.format(name=name, tasks="\n".join(f"  - {name}_{task}" for task in listed)),
        TEMPLATE_FILE: _TEMPLATE.format(data=f"dataset_path: {beside.repo_id}" if beside.repo_id else here),
        **{f"{task}.yaml": _task(name, task, beside) for task in TASKS},
    }
    return files if beside.repo_id else {**files, TABLES_FILE: _TABLES}


def _task(group: str, name: str, beside: Beside) -> str:
    """A task's file. It names ``test``, because a task needs it, and ``train`` only if the task has rows in it.

    A table on the Hub without a row of the task would be an error to ``datasets``.
    """
    task, trained = TASKS[name], name in beside.parts.get("train", ())
    text = _TASK.format(
        says=f"{task.says[0].upper()}{task.says[1:]}.",
        template=TEMPLATE_FILE,
        name=f"{group}_{name}",
        splits="\n".join(["test_split: test", *(["fewshot_split: train"] if trained else [])]),
        filters=json.dumps([[column, "==", value] for column, value in task.rows.items()]),
        text=json.dumps("{{prompt}}" if task.bare else _asked(beside.languages)),
        delimiter=json.dumps("\n\n" if task.bare else " "),
    )
    if not beside.repo_id:
        return text
    tables = "".join(f"    {split}: lm-eval/{split}.parquet\n" for split in ("test", *(["train"] if trained else [])))
    return text.replace("dataset_kwargs:\n", f"dataset_kwargs:\n  data_files:\n{tables}")


def _row(reviewed: ReviewedRecord, kind: str, order: Sequence[int], best: int, id: str) -> TrainingRow:
    answers = [reviewed.texts.answers[answer].text for answer in order]
    return {
        "prompt": reviewed.texts.prompt.text,
        "answers": answers,
        "best": order.index(best),
        "answer_order": list(order),
        "kind": kind,
        "length_matched": length_matched(answers),
        "group": record_group(reviewed.record),
        **answer_origin(reviewed, best, id, shown=order),
    }


def _asked(languages: tuple[Language, ...]) -> str:
    return f"{_word(languages, 0)}: {{{{prompt}}}}\n{_word(languages, 1)}:"


def _word(languages: tuple[Language, ...], place: int) -> str:
    """A word of the prompt; if the rows are in two languages, an expression for each row's own."""
    if len(languages) == 1:
        return _WORDS[languages[0]][place]
    return f"{{{{ '{_WORDS['en'][place]}' if lang == 'eng' else '{_WORDS['es'][place]}' }}}}"


def _tasks_of(row: TrainingRow) -> Iterator[str]:
    return (name for name, task in TASKS.items() if task.has(row))


_COLUMNS: dict[str, ColumnType] = {
    "prompt": "text",
    "answers": "texts",
    "best": "integer",
    "answer_order": "integers",
    "kind": "text",
    "length_matched": "flag",
    "group": "text",
}
LM_EVAL = Format(
    "lm-eval",
    {**_COLUMNS, **ANSWER_ORIGIN},
    lm_eval_rows,
    left_out=lm_eval_left_out,
    beside=task_files,
    parts=_tasks_of,
)
