"""The format ``lm-eval``: which answer does a model find most likely? A multiple-choice task for lm-eval 0.4.13.

A record has one row if one answer wins a written pair against every other. ``answers`` are in the order of a hash of
the record's id, so that the best one is in each place equally often. ``best`` is its index in them, from 0, and
``answer_order`` has the index in the record of each. Answers with the same text occur once. ``text_choice`` and
``text_support`` are about the prompt, then the answers as they are shown; ``reviewed`` is true only if people
submitted all of these texts, or they are the source's own.

``task.yaml`` next to the tables is the task. Its paths are relative to the folder in which ``lm_eval`` runs, so run
it there. It scores the split ``test``, with examples from ``train`` if any are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from exports.formats.answers import best_left_out
from exports.formats.base import ANSWER_ORIGIN, Beside, ColumnType, Format, TrainingRow, answer_origin, row_id
from exports.merging.pairs import ReviewedRecord
from exports.merging.settings import Language
from exports.merging.texts import normal_space

TASK_FILE = "task.yaml"
_WORDS: dict[Language, tuple[str, str]] = {"es": ("Pregunta", "Respuesta"), "en": ("Question", "Answer")}
_TASK = """\
# A task for lm-eval 0.4.13: does a model find the answer that reviewers prefer the most likely one?
# Its paths start in the folder that lm_eval runs in, so go to this folder first:
#   cd THIS-FOLDER && lm_eval --model hf --model_args pretrained=MODEL --include_path . --tasks {name}
task: {name}
dataset_path: parquet
dataset_kwargs:
  data_files:
{files}
output_type: multiple_choice
{splits}
doc_to_text: "{question}: {{{{prompt}}}}\\n{answer}:"
doc_to_choice: "{{{{answers}}}}"
doc_to_target: best
target_delimiter: " "
should_decontaminate: false
metric_list:
  - metric: acc
    aggregation: mean
    higher_is_better: true
  - metric: acc_norm
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1.0
"""


def lm_eval_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for a record that has a single best answer."""
    best = reviewed.best
    if best is None:
        return
    texts = [text.text for text in reviewed.texts.answers]
    order = [
        answer
        for answer in shown_order(reviewed.record.id, len(texts))
        if normal_space(texts[answer]) not in {normal_space(text) for text in texts[:answer]}
    ]
    yield {
        "prompt": reviewed.texts.prompt.text,
        "answers": [texts[answer] for answer in order],
        "best": order.index(best),
        "answer_order": order,
        **answer_origin(reviewed, best, row_id(reviewed), shown=order),
    }


def shown_order(record_id: str, answers: int) -> list[int]:
    """The answers in the order of a hash of the record's id and their index."""
    return sorted(
        range(answers), key=lambda answer: hashlib.sha256(f"lm-eval:{record_id}:{answer}".encode()).hexdigest()
    )


def task_yaml(beside: Beside) -> Mapping[str, str]:
    """Return ``task.yaml`` with the task ``h4rmony_es``, ``h4rmony_en`` or ``h4rmony_es_en``.

    It always names ``test``, because a task needs it, and ``train`` only if it has rows, because ``datasets`` does.
    """
    splits = ["test", *(["train"] if "train" in beside.splits else [])]
    roles = {"test": "test_split: test", "train": "fewshot_split: train"}
    question, answer = (_word(beside.languages, place) for place in (0, 1))
    text = _TASK.format(
        name="_".join(("h4rmony", *beside.languages)),
        files="\n".join(f"    {split}: {split}.parquet" for split in splits),
        splits="\n".join(roles[split] for split in splits),
        question=question,
        answer=answer,
    )
    return {TASK_FILE: text}


def _word(languages: tuple[Language, ...], place: int) -> str:
    """A word of the prompt; if the rows are in two languages, an expression for each row's own."""
    if len(languages) == 1:
        return _WORDS[languages[0]][place]
    return f"{{{{ '{_WORDS['en'][place]}' if lang == 'eng' else '{_WORDS['es'][place]}' }}}}"


_COLUMNS: dict[str, ColumnType] = {
    "prompt": "text",
    "answers": "texts",
    "best": "integer",
    "answer_order": "integers",
}
LM_EVAL = Format("lm-eval", {**_COLUMNS, **ANSWER_ORIGIN}, lm_eval_rows, left_out=best_left_out, beside=task_yaml)
