from __future__ import annotations

from typing import Any

import pytest

from exports.export import arrow_schema
from exports.formats import FORMATS
from exports.pairs import review_record, review_records
from exports.review import Review
from tests.exports.cases import TRANSLATED, record, vote, votes
from workspace.h4rmony import COLUMNS
from workspace.records import Answer, Record

TEXTS: dict[str, Any] = {"prompt": "¿Qué es el compost?\n", "answers": ("Bueno.", TRANSLATED[1], TRANSLATED[2])}


def rows(name: str, reviewed_record: Record, *ballots: Any) -> list[dict[str, Any]]:
    return list(FORMATS[name].rows(review_record(reviewed_record, ballots)))


def test_dpo_is_conversational_with_an_explicit_prompt_and_provenance() -> None:
    turned, other, _ = rows("dpo", record(), vote(2, 1, 3, **TEXTS), vote(2, 1, 3, reviewer="eva", **TEXTS),
                            vote(1, 2, 3, reviewer="leo", **TEXTS))  # fmt: skip
    assert turned == {
        "prompt": [{"role": "user", "content": "¿Qué es el compost?"}],
        "chosen": [{"role": "assistant", "content": TRANSLATED[1]}],
        "rejected": [{"role": "assistant", "content": "Bueno."}],
        "id": "h4rmony-1:1-0",
        "record_id": "h4rmony-1",
        "chosen_rank": 1,
        "rejected_rank": 2,
        "wins": 2,
        "losses": 1,
        "ties": 0,
        "reviewers": 3,
        "compared_ranks": "R2-R1",
        "language": "es",
        "issues": ["PWM", "SC"],
        "type": "Question",
        "source": "h4rmony",
        "translation_engine": "apertium 3.8",
        "text_choice": ["agreed", "agreed", "agreed"],
        "text_support": [3, 3, 3],
        "reviewed": True,
    }
    assert (other["id"], other["compared_ranks"], other["wins"]) == ("h4rmony-1:0-2", "R1-R3", 3)


def test_dpo_leaves_null_what_is_not_known() -> None:
    bare = record(answers=(Answer("Rubbish.", None), Answer("Soil.", None), Answer("Work.", None)), metadata={},
                  comparisons=(), translation=None, id="x")  # fmt: skip
    row, *_ = rows("dpo", bare, *votes((1, 2, 3), (2, 3, 1), prompt="¿Qué?", answers=("Uno.", "Dos.", "Tres.")))
    names = ("chosen_rank", "rejected_rank", "compared_ranks", "type", "source", "translation_engine")
    assert [row[name] for name in names] == [None] * 6
    assert (row["language"], row["issues"], row["reviewed"]) == ("es", [], True)


def test_a_pair_with_a_machine_text_is_not_called_reviewed() -> None:
    row, *_ = rows("dpo", record(), vote(1, 2, 3, answers=("Uno.", "Dos.", "Tres.")))
    assert (row["reviewed"], row["text_choice"], row["text_support"]) == (
        False,
        ["machine", "agreed", "agreed"],
        [0, 1, 1],
    )
    assert row["prompt"][0]["content"] == "¿Qué es el compost 1?"


def test_no_format_has_a_column_that_changes_a_loss_or_a_task() -> None:
    assert not {"margin", "label", "completion", "messages", "text", "images", "tools"} & set(FORMATS["dpo"].columns)


def test_h4rmony_has_the_columns_of_the_source_with_the_reviewed_texts_and_ranks() -> None:
    same, also, new = rows("h4rmony", record(), vote(1, 2, 3, **TEXTS))
    assert tuple(same) == COLUMNS
    assert {name: cell for name, cell in same.items() if cell} == {
        "Id": "11",
        "PromptID": "1",
        "Prompt": "¿Qué es el compost?",
        "BetterCompletion": "Bueno.",
        "WorseCompletion": TRANSLATED[1],
        "PWM": "1",
        "CCEU": "0",
        "NRMB": "0",
        "WA": "0",
        "SC": "1",
        "Type": "Question",
        "Language": "es",
        "BetterCompletionOrigin": "GPT4",
        "ComparedRanks": "R1-R2",
    }
    assert (also["Id"], also["ComparedRanks"]) == ("12", "R1-R3")
    assert (new["Id"], new["ComparedRanks"], new["PromptID"]) == ("", "R2-R3", "1")


def test_h4rmony_names_the_ranks_of_the_reviewers_and_none_that_is_unsettled() -> None:
    ranks = {row["ComparedRanks"] for row in rows("h4rmony", record(), vote(2, 1, 1, **TEXTS))}
    assert ranks == {"R1-R2"}
    (unsettled,) = rows("h4rmony", record(), *votes((1, 2, 3), (2, 3, 1)))
    assert unsettled["ComparedRanks"] == ""


def test_a_column_of_a_later_schema_does_not_widen_the_table() -> None:
    wide = record(metadata={"prompt_id": "1", "Region": "Andes"})
    assert tuple(rows("h4rmony", wide, vote(1, 2, 3))[0]) == COLUMNS


@pytest.mark.parametrize("name", FORMATS)
def test_rows_fit_the_schema_exactly(name: str) -> None:
    import pyarrow as pa

    review = Review(
        (record(1), record(2, translation=None)), (vote(1, 2, 3), vote(3, 1, 1, record_id="h4rmony-2", **TEXTS))
    )
    found = [row for reviewed in review_records(review) for row in FORMATS[name].rows(reviewed)]
    assert len(found) == 5
    assert all(tuple(row) == tuple(FORMATS[name].columns) for row in found)
    table = pa.Table.from_pylist(found, schema=arrow_schema(FORMATS[name]))
    assert table.to_pylist() == found
