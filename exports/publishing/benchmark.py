"""The configuration ``benchmark``: the prompts that ``eval.yaml`` has a model answer, one row each, without answers.

The rules:

- Every prompt of the split ``test`` that people reviewed has a row, whatever became of its pairs: a prompt whose
  answers tie is as good a question as any other. So does a prompt that nobody reviewed, if unreviewed pairs are asked
  for.
- It has none if reviewers took the record out (``exports/merging/problems.py``), its text is not in the language,
  nobody submitted its text, or another version of it gives the rows.
- Prompts with the same words in one language, such as those of twins, are one row: that with the lowest id.
- No column holds an answer, so nobody can train on them by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from exports.card.page import ConfigFacts
from exports.evaluation.judging.eval_yaml import CONFIG
from exports.formats.base import PROMPT_ORIGIN, Format, TrainingRow, language, message, prompt_origin
from exports.formats.merged import Merged
from exports.merging.pairs import ReviewedRecord, withheld_in
from exports.merging.problems import why_taken_out
from exports.publishing.tables import add_columns, kinds_of
from workspace.model.prompts import prompt_key

FILE = "test.parquet"


def write_benchmark(merged: Merged, columns: Mapping[str, str], folder: Path) -> ConfigFacts:
    """Write ``benchmark/test.parquet``; no file if there is no such prompt.

    Args:
        merged: the review, under pseudonyms.
        columns: constant columns to add.
        folder: of the publication.
    """
    import pyarrow.parquet as pq

    from exports.write.arrow import Table

    rows = list(benchmark_rows(merged))
    if not rows:
        return ConfigFacts(CONFIG, {"test": 0}, {})
    path = folder / CONFIG / FILE
    with Table(path, _shaped(merged)) as table:
        table.write(rows)
    if columns:
        add_columns(path, columns)
    return ConfigFacts(CONFIG, {"test": len(rows)}, kinds_of(pq.read_schema(path)))


def benchmark_rows(merged: Merged) -> Iterator[TrainingRow]:
    """The rows, by the rules at the top of this module."""
    shaped = _shaped(merged)
    seen: set[tuple[str, str]] = set()
    for reviewed in merged.records:
        key = prompt_key(reviewed.texts.prompt.text), language(reviewed)
        if key not in seen and _is_in(reviewed, merged):
            seen.add(key)
            yield from shaped.rows(reviewed)


def _shaped(merged: Merged) -> Format:
    return merged.shaped(Format(CONFIG, {"prompt": "messages", **PROMPT_ORIGIN}, _rows))


def _rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    yield {"prompt": message("user", reviewed.texts.prompt.text), **prompt_origin(reviewed)}


def _is_in(reviewed: ReviewedRecord, merged: Merged) -> bool:
    """Whether a record's prompt is one of the benchmark."""
    record, ballots, prompt = reviewed.record, reviewed.ballots, reviewed.texts.prompt
    is_answered = any(ballot.is_vote or ballot.is_refusal for ballot in ballots)
    is_settled = prompt.is_settled or (merged.settings.unreviewed and prompt.choice != "missing")
    if reviewed.split != "test" or not (is_answered or reviewed.from_source) or not is_settled:
        return False
    if withheld_in(record, reviewed.language) or any(pair.reason == "other_version" for pair in reviewed.dropped):
        return False
    is_out = why_taken_out(record, ballots, reviewed.texts, reviewed.language)
    return merged.settings.keep_problems or not is_out
