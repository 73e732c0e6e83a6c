"""What an export writes is a source again: the same records, with what came before their prompts."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from exports import Review, export, merge, read_review
from loaders import implode, translate
from workspace.model.records import Record

PAIRS = ("dpo", "dpo-standard", "reward", "orpo", "h4rmony")
BEFORE = [
    {"role": "system", "content": "Eres una jardinera."},
    {"role": "user", "content": "Hola."},
    {"role": "assistant", "content": "Hola, ¿qué árbol miras?"},
]


def reviewed_in_spanish(rows: list[dict[str, Any]], tmp_path: Path) -> Review:
    """Records of these rows that are in Spanish already, as a review that nobody has answered."""
    rows = [{**row, "language": "es"} for row in rows]
    done = translate(rows, "none", home=tmp_path / "home", embedding_model="none")
    assert done.records is not None
    return Review(tuple(done.records), ())


def written(review: Review, format: str, folder: Path) -> list[Path]:
    export(merge(review, unreviewed=True), folder, formats=[format])
    return sorted((folder / format).glob("*.parquet"))


def chain(number: int, **columns: Any) -> list[dict[str, Any]]:
    """The pairs of a prompt with three answers, in their order."""
    best, middle, worst = (f"Respuesta {name} {number}." for name in ("buena", "media", "mala"))
    pairs = ((best, middle), (best, worst), (middle, worst))
    return [{"prompt": f"¿Por qué importa el río {number}?", "chosen": a, "rejected": b, **columns} for a, b in pairs]


def said(record: Record) -> tuple[Any, ...]:
    return record.id, record.context, record.prompt, record.answers


@pytest.mark.parametrize("format", PAIRS)
def test_an_export_of_pairs_is_a_source_of_the_same_records(format: str, tmp_path: Path) -> None:
    with_id = format == "h4rmony"  # whose PromptID tells the id, as the hash of the prompt does elsewhere
    rows = [row for n in range(8) for row in chain(n, **({"PromptID": str(n)} if with_id else {}))]
    review = reviewed_in_spanish(rows, tmp_path)
    again = implode(written(review, format, tmp_path / "data"))
    assert [said(record) for record in again] == [said(record) for record in review.records]
    assert again.counts.rows == 24
    assert again.counts.rows_left_out == 0


@pytest.mark.parametrize("format", PAIRS)
def test_the_pairs_of_a_review_with_ties_come_back_all_of_them_and_no_other(format: str, tmp_path: Path) -> None:
    merged = merge(read_review(files("workspace") / "demo" / "review"))
    export(merged, tmp_path, formats=[format])
    again = implode(sorted((tmp_path / format).glob("*.parquet")))
    rows = [row for split in merged.to_dataset("dpo").values() for row in split]
    assert {
        (row["prompt"][-1]["content"], row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows
    } == {
        (record.prompt, record.answers[better].text, record.answers[worse].text)
        for record in again
        for better, worse in settled(record)
    }
    assert again.counts.rows_left_out == 0


def settled(record: Record) -> list[tuple[int, int]]:
    """The places of each better and worse answer, where the order is known."""
    if record.comparisons:
        return [(pair.better, pair.worse) for pair in record.comparisons]
    ranks = [answer.rank for answer in record.answers]
    places = range(len(ranks))
    return [(a, b) for a in places for b in places if (ranks[a] or 0) < (ranks[b] or 0)]


def test_an_export_of_single_answers_has_the_best_above_the_worst(tmp_path: Path) -> None:
    review = reviewed_in_spanish([row for number in range(8) for row in chain(number)], tmp_path)
    again = implode(written(review, "kto", tmp_path / "data"))
    assert again.shape == "labels"
    best_and_worst = [(record.id, record.texts[:2], record.texts[3]) for record in review.records]
    assert [(record.id, record.texts[:2], record.texts[2]) for record in again] == best_and_worst
    assert {record.ranks for record in again} == {(1, 2)}


@pytest.mark.parametrize("format", ["dpo", "reward", "orpo", "kto", "sft"])
def test_conversations_keep_what_came_before_the_prompt(format: str, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    turns = {name: [{"role": "assistant", "content": f"Respuesta {name}."}] for name in ("chosen", "rejected")}
    rows = [{"prompt": [*BEFORE, {"role": "user", "content": f"¿Y el río {n}?"}], **turns} for n in range(4)]
    review = reviewed_in_spanish(rows, tmp_path)
    paths = written(review, format, tmp_path / "data")
    assert [row["prompt"][:-1] for path in paths for row in pq.read_table(path).to_pylist()] != []
    assert all(row["prompt"][:-1] == BEFORE for path in paths for row in pq.read_table(path).to_pylist())
    if format != "sft":
        assert [said(record) for record in implode(paths)] == [said(record) for record in review.records]


@pytest.mark.parametrize("format", ["dpo-standard", "h4rmony", "lm-eval"])
def test_plain_text_leaves_a_record_with_a_context_out_and_says_so(format: str, tmp_path: Path) -> None:
    rows = [*chain(1), *chain(2, system="Eres una jardinera.")]
    review = reviewed_in_spanish([{"system": "", **row} for row in rows], tmp_path)
    merged = merge(review, unreviewed=True)
    assert {row["record_id"] for split in merged.to_dataset(format).values() for row in split} == {
        record.id for record in review.records if not record.context
    }
    found = [left_out.reason for each in merged.records for left_out in merged.format(format).left_out(each)]
    assert found == ["has_context"]


def test_the_context_is_translated_each_text_once_like_any_other(tmp_path: Path) -> None:
    spanish = {
        "Trees?": "¿Árboles?",
        "Keep them.": "Consérvalos.",
        "Fell them.": "Tálalos.",
        "Be kind.": "Sé amable.",
    }
    memory = tmp_path / "memory.jsonl"
    about = {"engine": "human", "version": "", "source_language": "en", "target_language": "es"}
    memory.write_text("".join(json.dumps({**about, "source": a, "target": b}) + "\n" for a, b in spanish.items()))
    row = {"system": "Be kind.", "prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them.", "lang": "eng"}
    done = translate([row], "memory", memory_file=memory, home=tmp_path / "home", embedding_model="none")
    assert done.records is not None
    (record,) = done.records
    assert record.translation is not None
    assert record.translation.context == ("Sé amable.",)
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
    review = Review((record,), ())
    for language, system, prompt in (("es", "Sé amable.", "¿Árboles?"), ("en", "Be kind.", "Trees?")):
        (row,) = [
            row
            for split in merge(review, unreviewed=True, language=language).to_dataset("dpo").values()  # type: ignore[arg-type]
            for row in split
        ]
        assert [turn["content"] for turn in row["prompt"]] == [system, prompt]
    unsaid = replace(record, translation=replace(record.translation, context=("",)))
    assert merge(Review((unsaid,), ()), unreviewed=True).records[0].context == record.context
