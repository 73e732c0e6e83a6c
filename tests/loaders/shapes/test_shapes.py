"""Every shape by a small table of it: what is read, by which shape, and that its rows come back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exports import explode
from exports.write.explode import explode_file
from loaders import Imploded, implode
from loaders.source.read import read_table
from workspace.errors import DataError
from workspace.model.records import Record

Cells = Mapping[str, Any]
Q, GOOD, BAD, MIDDLE = "Trees?", "Keep them.", "Fell them.", "Some."
SYSTEM = "Be kind."
KEEP_OR_FELL = {GOOD: 1, BAD: 2}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def system(text: str) -> dict[str, str]:
    return {"role": "system", "content": text}


# name: (shape, rows, the ranks of each record in the order of their first row)
CASES: dict[str, tuple[str, list[Cells], list[dict[str, int | None]]]] = {
    "TRL, explicit prompt": (
        "conversations",
        [{"prompt": [user(Q)], "chosen": [assistant(GOOD)], "rejected": [assistant(BAD)]}],
        [KEEP_OR_FELL],
    ),
    "TRL, implicit prompt": (
        "conversations",
        [{"chosen": [user(Q), assistant(GOOD)], "rejected": [user(Q), assistant(BAD)]}],
        [KEEP_OR_FELL],
    ),
    "UltraFeedback binarized": (
        "conversations",
        [
            {
                "prompt": Q,
                "prompt_id": "f0e3",
                "chosen": [{"content": Q, "role": "user"}, {"content": GOOD, "role": "assistant"}],
                "rejected": [{"content": Q, "role": "user"}, {"content": BAD, "role": "assistant"}],
                "messages": [user(Q), assistant(GOOD)],
                "score_chosen": 8.5,
            }
        ],
        [KEEP_OR_FELL],
    ),
    "ShareGPT": (
        "conversations",
        [
            {
                "conversations": [{"from": "system", "value": SYSTEM}, {"from": "human", "value": Q}],
                "chosen": {"from": "gpt", "value": GOOD},
                "rejected": {"from": "gpt", "value": BAD},
            }
        ],
        [KEEP_OR_FELL],
    ),
    "OpenAI": (
        "conversations",
        [
            {
                "input": {"messages": [user(Q)], "tools": [], "parallel_tool_calls": True},
                "preferred_output": [assistant(GOOD)],
                "non_preferred_output": [assistant(BAD)],
            }
        ],
        [KEEP_OR_FELL],
    ),
    "Orca": ("text pairs", [{"system": SYSTEM, "question": Q, "chosen": GOOD, "rejected": BAD}], [KEEP_OR_FELL]),
    "other names": (
        "text pairs",
        [{"Instruction": Q, "chosen_response": GOOD, "rejected-response": BAD}],
        [KEEP_OR_FELL],
    ),
    "HH-RLHF": (
        "transcripts",
        [
            {
                "chosen": f"\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: {Q}\n\nAssistant: {GOOD}",
                "rejected": f"\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: {Q}\n\nAssistant: {BAD}",
            }
        ],
        [KEEP_OR_FELL],
    ),
    "Stack Exchange paired": ("text pairs", [{"question": Q, "response_j": GOOD, "response_k": BAD}], [KEEP_OR_FELL]),
    "scores in numbered columns": (
        "rated columns",
        [{"question": Q, "answer_0": BAD, "answer_1": GOOD, "score_0": "-0.5", "score_1": "0.5"}],
        [KEEP_OR_FELL],
    ),
    "scores of answers that are called ranked": (
        "rated columns",
        [
            {
                "question": Q,
                "ranked_answer_1": BAD,
                "ranked_answer_2": GOOD,
                "ranked_answer_1_score": "1",
                "ranked_answer_2_score": "5",
            }
        ],
        [KEEP_OR_FELL],
    ),
    "answers whose keys are written large": (
        "ranked answers",
        [{"prompt": Q, "responses": [{"Text": BAD, "Rating": 1}, {"Text": GOOD, "Rating": 5}]}],
        [KEEP_OR_FELL],
    ),
    "lists of texts": (
        "lists",
        [{"prompt": Q, "chosen": [GOOD], "rejected": [BAD, MIDDLE]}],
        [{GOOD: 1, BAD: 2, MIDDLE: 2}],
    ),
    "KTO": (
        "labels",
        [
            {"prompt": Q, "completion": GOOD, "label": True},
            {"prompt": Q, "completion": BAD, "label": False},
            {"prompt": Q, "completion": MIDDLE, "label": False},
        ],
        [{GOOD: 1, BAD: 2, MIDDLE: 2}],
    ),
    "rated answers": (
        "ranked answers",
        [
            {"instruction": Q, "generations": [BAD, GOOD, MIDDLE], "ratings": [1, 5, 3], "model": "m"},
            {"instruction": "Rivers?", "generations": [GOOD, BAD, MIDDLE], "ratings": [4, 4, 2], "model": "m"},
        ],
        [{GOOD: 1, MIDDLE: 2, BAD: 3}, {GOOD: 1, BAD: 1, MIDDLE: 2}],
    ),
    "ranks from 0": (
        "ranked answers",
        [{"prompt": Q, "completions": [GOOD, BAD, MIDDLE], "ranks": [0, 2, 1]}],
        [{GOOD: 1, MIDDLE: 2, BAD: 3}],
    ),
    "the rating in each answer": (
        "ranked answers",
        [{"prompt": Q, "responses": [{"model": "m", "response": BAD, "rating": 2}, {"response": GOOD, "rating": 4}]}],
        [KEEP_OR_FELL],
    ),
    "the best first": (
        "ranked answers",
        [{"prompt": Q, "answers": [BAD, GOOD, MIDDLE], "order": [1, 2, 0]}],
        [{GOOD: 1, MIDDLE: 2, BAD: 3}],
    ),
    "a preference": (
        "two answers and a preference",
        [
            {"prompt": Q, "response_a": BAD, "response_b": GOOD, "preference": "b"},
            {"prompt": "Rivers?", "response_a": GOOD, "response_b": BAD, "preference": "tie"},
        ],
        [KEEP_OR_FELL, {GOOD: 1, BAD: 1}],
    ),
    "an arena": (
        "two answers and a preference",
        [
            {"prompt": Q, "response_a": GOOD, "response_b": BAD, "winner": "model_a", "judge": "1"},
            {"prompt": Q, "response_a": GOOD, "response_b": BAD, "winner": "tie", "judge": "2"},
            {"prompt": Q, "response_a": BAD, "response_b": GOOD, "winner": "model_b", "judge": "3"},
        ],
        [KEEP_OR_FELL],
    ),
    "H4rmony's own imploded table": (
        "three answers",
        [
            {"PromptID": "1", "Prompt": Q, "BetterAnswer": GOOD, "Ambivalent": MIDDLE, "WorseAnswer": BAD},
            {"PromptID": "2", "Prompt": "Rivers?", "BetterAnswer": GOOD, "Ambivalent": "", "WorseAnswer": BAD},
        ],
        [{GOOD: 1, MIDDLE: 2, BAD: 3}, KEEP_OR_FELL],
    ),
    "ratings of annotators": (
        "rated columns",
        [
            {
                "instruction": Q,
                "generations-0": BAD,
                "generations-1": GOOD,
                "generations-0-rating": [{"user_id": "u1", "value": 2}, {"user_id": "u2", "value": 3}],
                "generations-1-rating": [{"user_id": "u1", "value": 4}, {"user_id": "u2", "value": 4}],
                "generations-0-rating-suggestion": "5",
            },
        ],
        [KEEP_OR_FELL],
    ),
    "Argilla 2": (
        "Argilla records",
        [
            {
                "id": "3b0c",
                "fields": {"prompt": Q, "a": BAD, "b": GOOD},
                "suggestions": {"ranking": {"value": ["a", "b"], "agent": None}},
                "responses": {"ranking": [{"value": ["b", "a"], "user_id": "7c"}]},
            },
            {
                "id": "3b0d",
                "fields": {"prompt": "Rivers?", "a": GOOD, "b": BAD},
                "suggestions": {"ranking": {"value": [{"value": "a", "rank": 1}, {"value": "b", "rank": 1}]}},
                "responses": {},
            },
        ],
        [KEEP_OR_FELL, {GOOD: 1, BAD: 1}],
    ),
    "judges who differ evenly": (
        "two answers and a preference",
        [
            {"prompt": Q, "answer1": GOOD, "answer2": BAD, "winner": "left"},
            {"prompt": Q, "answer1": GOOD, "answer2": BAD, "winner": "right"},
        ],
        [{GOOD: None, BAD: None}],
    ),
}


def ranks(record: Record) -> dict[str, int | None]:
    return {answer.text: answer.rank for answer in record.answers}


def in_order(imploded: Imploded, rows: list[Cells]) -> list[Record]:
    """The records in the order of the first row of each."""
    text = [json.dumps(row, ensure_ascii=False) for row in rows]
    return sorted(imploded, key=lambda record: min(i for i, row in enumerate(text) if record.prompt in row))


def cells(rows: Any) -> list[Cells]:
    return sorted((dict(row.cells) for row in read_table(rows).rows), key=lambda row: sorted(row.items()))


@pytest.mark.parametrize("name", CASES)
def test_every_shape_is_recognised_read_and_given_back(name: str) -> None:
    shape, rows, wanted = CASES[name]
    imploded = implode(rows)
    assert (imploded.shape, imploded.counts.rows_left_out) == (shape, 0)
    assert [ranks(record) for record in in_order(imploded, rows)] == wanted
    (stated,) = [entry.message for entry in imploded.audit if entry.finding == "shape"]
    assert stated.startswith(f"{shape}: ")
    back = explode(imploded)
    assert cells(back) == cells(rows)
    assert list(implode(back)) == list(imploded) == list(implode(rows[::-1]))
    assert list(Imploded.from_pandas(imploded.to_pandas())) == list(imploded)


@pytest.mark.parametrize("suffix", ["jsonl", "parquet", "csv"])
@pytest.mark.parametrize("name", CASES)
def test_the_file_of_the_rows_is_the_same_source(name: str, suffix: str, tmp_path: Path) -> None:
    _, rows, _ = CASES[name]
    if suffix == "csv" and name == "lists of texts":
        return  # in CSV a list of texts is a text: see test_an_answer_that_looks_like_a_list_in_csv_is_an_answer
    imploded = implode(rows)
    imploded.write(tmp_path / "records.jsonl")
    explode_file(tmp_path / "records.jsonl", tmp_path / f"rows.{suffix}", "h4rmony")
    again = implode(tmp_path / f"rows.{suffix}")
    assert [(record.id, record.texts, record.ranks) for record in again] == [
        (record.id, record.texts, record.ranks) for record in imploded
    ]


def test_what_came_before_the_prompt_is_its_context() -> None:
    before = [system(SYSTEM), user("Hi"), assistant("Hello.")]
    explicit = {"prompt": [*before, user(Q)], "chosen": [assistant(GOOD)], "rejected": [assistant(BAD)]}
    implicit = {name: [*before, user(Q), *explicit[name]] for name in ("chosen", "rejected")}
    (record,), (other,) = implode([explicit]), implode([implicit])
    assert [message.to_json() for message in record.context] == before
    assert (record.id, record.context, record.texts) == (other.id, other.context, other.texts)
    (alone,) = implode([{"prompt": [user(Q)], "chosen": [assistant(GOOD)], "rejected": [assistant(BAD)]}])
    assert record.id != alone.id == next(iter(implode([{"prompt": Q, "chosen": GOOD, "rejected": BAD}]))).id
    assert record.source_hash != alone.source_hash
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    ("turns", "kind"),
    [
        ([{"role": "assistant", "content": None, "tool_calls": [{"type": "function"}]}], "not_text"),
        ([{"role": "tool", "content": "42"}, assistant(GOOD)], "not_text"),
        ([{"role": "assistant", "content": [{"type": "image_url"}, {"type": "text", "text": GOOD}]}], "not_text"),
        ([{"role": "narrator", "content": GOOD}], "no_turns"),
        ([user(GOOD)], "no_turns"),
        ([user("Another prompt"), assistant(GOOD)], "no_turns"),
        ([assistant(" ")], "blank"),
        ([assistant(BAD)], "equal_answers"),
    ],
)
def test_a_turn_that_is_no_answer_leaves_its_row_out_with_the_reason(turns: list[Cells], kind: str) -> None:
    rows = [
        {"prompt": [user(Q)], "chosen": each, "rejected": [assistant(BAD)]} for each in ([assistant(GOOD)], turns)
    ]
    imploded = implode(rows)
    assert [(e.finding.value, e.rows) for e in imploded.audit if e.rows_left_out] == [(kind, (2,))]
    assert (len(imploded), imploded.counts.rows_left_out) == (1, 1)


def test_a_column_of_conversations_that_do_not_ask_is_no_prompt() -> None:
    tool = {"role": "assistant", "content": None, "tool_calls": [{"type": "function"}]}
    for last in (assistant(GOOD), tool):
        (record,) = implode(
            [
                {
                    "messages": [user(Q), last],
                    "chosen": [user(Q), assistant(GOOD)],
                    "rejected": [user(Q), assistant(BAD)],
                }
            ]
        )
        assert (record.prompt, ranks(record)) == (Q, KEEP_OR_FELL)


def test_one_text_part_is_the_text() -> None:
    (record,) = implode([{"prompt": Q, "chosen": [user(Q), {"role": "assistant", "content": [
        {"type": "text", "text": GOOD}]}], "rejected": BAD}])  # fmt: skip
    assert ranks(record) == KEEP_OR_FELL


def test_conversations_as_text_in_csv_are_read_or_refused_never_taken_as_an_answer(tmp_path: Path) -> None:
    import pandas as pd

    turns = [user(Q), assistant(GOOD)]
    one = {"prompt": Q, "chosen": json.dumps(turns), "rejected": str([user(Q), assistant(BAD)])}
    path = tmp_path / "texts.csv"
    pd.DataFrame([one]).to_csv(path, index=False)
    imploded = implode(path)
    assert ranks(next(iter(imploded))) == KEEP_OR_FELL
    imploded.write(tmp_path / "records.jsonl")
    explode_file(tmp_path / "records.jsonl", tmp_path / "back.csv", "h4rmony")
    assert (tmp_path / "back.csv").read_bytes() == path.read_bytes()
    pd.DataFrame([one | {"chosen": f"[{turns[0]!r}\n {turns[1]!r}]"}]).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"row 1: a cell holds a conversation as text .* write it as JSON"):
        implode(path)


def test_conversations_are_the_same_records_from_csv_and_from_json_lines(tmp_path: Path) -> None:
    turns = {name: [user(Q), assistant(text)] for name, text in (("chosen", GOOD), ("rejected", "¿Tálalos?"))}
    (record,) = implode([turns])
    path = tmp_path / "texts.csv"
    imploded = implode([turns])
    imploded.write(tmp_path / "records.jsonl")
    explode_file(tmp_path / "records.jsonl", path, "h4rmony")
    assert list(implode(path)) == [record]


def test_a_cell_that_is_nested_too_deeply_is_named() -> None:
    deep: list[Any] = []
    for _ in range(600):
        deep = [deep]
    with pytest.raises(DataError, match="the rows, row 1: a cell is nested too deeply; leave its column out"):
        implode([{"instruction": Q, "chosen": GOOD, "rejected": BAD, "deep": deep}])


def test_an_answer_that_looks_like_a_list_in_csv_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    path.write_text('prompt,chosen,rejected\nP?,"[""a""]","[""b""]"\n')
    imploded = implode(path)
    assert (imploded.shape, ranks(next(iter(imploded)))) == ("pairs", {'["a"]': 1, '["b"]': 2})
