from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from exports.arrow import arrow_schema
from exports.formats import FORMATS, Beside
from exports.merge import MergeRules
from exports.pairs import review_record, review_records
from exports.review import Review
from tests.exports.cases import TRANSLATED, confirmed, record, votes
from workspace.h4rmony import COLUMNS
from workspace.records import Answer, Record, Translation

TEXTS: dict[str, Any] = {"prompt": "¿Qué es el compost?\n", "answers": ("Bueno.", TRANSLATED[1], TRANSLATED[2])}


def left_out(name: str, reviewed_record: Record, *ballots: Any) -> list[tuple[int | None, str]]:
    found = FORMATS[name].left_out(review_record(reviewed_record, ballots))
    return [(item.answer, item.reason) for item in found]


def rows(name: str, reviewed_record: Record, *ballots: Any) -> list[dict[str, Any]]:
    return list(FORMATS[name].rows(review_record(reviewed_record, ballots)))


def test_dpo_is_conversational_with_an_explicit_prompt_and_provenance() -> None:
    turned, other, _ = rows("dpo", record(), confirmed(2, 1, 3, **TEXTS), confirmed(2, 1, 3, reviewer="eva", **TEXTS),
                            confirmed(1, 2, 3, reviewer="leo", **TEXTS))  # fmt: skip
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
        "weighted_margin": None,
        "compared_ranks": "R2-R1",
        "method": "margins",
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
    ballot = confirmed(1, 2, 3, prompt=" \n", answers=("Uno.", "Dos.", "Tres."))
    assert rows("dpo", record(), ballot) == []
    row, *_ = FORMATS["dpo"].rows(review_record(record(), [ballot], unreviewed=True))
    assert (row["reviewed"], row["text_choice"], row["text_support"]) == (
        False,
        ["machine", "agreed", "agreed"],
        [0, 1, 1],
    )
    assert row["prompt"][0]["content"] == "¿Qué es el compost 1?"


READ = {
    "dpo": ("prompt", "chosen", "rejected"),
    "dpo-standard": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "completion", "label"),
    "reward": ("prompt", "chosen", "rejected", "margin"),
    "sft": ("prompt", "completion"),
    "orpo": ("prompt", "chosen", "rejected"),
    "h4rmony": (),
    "lm-eval": ("prompt", "answers", "best"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_has_a_column_that_a_trainer_would_take_for_something_else(name: str) -> None:
    read_by_trainers = {
        *(
            "prompt",
            "chosen",
            "rejected",
            "completion",
            "completions",
            "label",
            "labels",
            "margin",
            "messages",
            "text",
        ),
        *("images", "image", "tools", "input_ids", "attention_mask", "ref_chosen_logps", "ref_rejected_logps"),
        *("chat_template_kwargs", "answers", "best", "reward", "rewards", "score", "weight"),
    }
    assert tuple(name for name in FORMATS[name].columns if name in read_by_trainers) == READ[name]


def test_standard_prompts_end_with_one_line_feed_and_all_is_plain_text() -> None:
    row, *_ = rows("dpo-standard", record(), confirmed(1, 2, 3, **TEXTS))
    assert (row["prompt"], row["chosen"], row["rejected"]) == ("¿Qué es el compost?\n", "Bueno.", TRANSLATED[1])


def test_reward_has_the_margin_as_a_share_of_the_votes() -> None:
    found = rows("reward", record(), *votes((1, 2, 3), (1, 2, 3), (2, 1, 3), **TEXTS))
    assert [(row["id"], row["margin"]) for row in found] == [
        ("h4rmony-1:0-1", 1 / 3),
        ("h4rmony-1:0-2", 1.0),
        ("h4rmony-1:1-2", 1.0),
    ]
    weighted = MergeRules(weights={"reviewer-0": Fraction(1), "reviewer-1": Fraction(3)})
    reviewed = review_record(record(), votes((1, 2, 3), (2, 1, 3), **TEXTS), weighted)
    turned = next(row for row in FORMATS["reward"].rows(reviewed) if row["id"] == "h4rmony-1:1-0")
    assert (turned["margin"], turned["weighted_margin"]) == (0.5, 2.0)
    assert (turned["wins"], turned["losses"], turned["reviewers"]) == (1, 1, 2)


def test_kto_labels_an_answer_by_all_its_pairs() -> None:
    good, bad = rows("kto", record(), confirmed(1, 2, 3, **TEXTS))
    assert {name: good[name] for name in ("prompt", "completion", "label", "id", "pairs_won", "pairs_lost")} == {
        "prompt": [{"role": "user", "content": "¿Qué es el compost?"}],
        "completion": [{"role": "assistant", "content": "Bueno."}],
        "label": True,
        "id": "h4rmony-1:0",
        "pairs_won": 2,
        "pairs_lost": 0,
    }
    assert (bad["id"], bad["label"], bad["answer_rank"], bad["source_rank"]) == ("h4rmony-1:2", False, 3, 3)
    assert left_out("kto", record(), confirmed(1, 2, 3)) == [(1, "mixed")]
    assert [(row["id"], row["label"]) for row in rows("kto", record(), confirmed(2, 1, 2))] == [
        ("h4rmony-1:0", False),
        ("h4rmony-1:1", True),
        ("h4rmony-1:2", False),
    ]


def test_kto_takes_answers_that_read_the_same_for_one() -> None:
    same = {"prompt": "¿Qué?", "answers": ("Igual.", " Igual. ", "Otro.")}
    assert [row["id"] for row in rows("kto", record(), confirmed(1, 2, 3, **same))] == ["h4rmony-1:0", "h4rmony-1:2"]
    assert left_out("kto", record(), confirmed(1, 2, 3, **same)) == [(1, "same_text")]
    # above and below another answer with one and the same text
    assert rows("kto", record(), confirmed(1, 3, 2, **same)) == []
    assert left_out("kto", record(), confirmed(1, 3, 2, **same)) == [(0, "mixed"), (1, "same_text"), (2, "mixed")]


def test_kto_names_an_answer_without_a_pair() -> None:
    half = Translation("es", "apertium", "¿Qué?", ("Uno.", "", "Tres."))
    assert left_out("kto", record(translation=half), confirmed(1, 2, 3, answers=half.answers)) == [(1, "no_pair")]
    assert left_out("kto", record()) == []


def test_sft_has_the_best_answer_where_there_is_one() -> None:
    (row,) = rows("sft", record(), confirmed(2, 1, 3, **TEXTS))
    assert row["completion"] == [{"role": "assistant", "content": TRANSLATED[1]}]
    assert (row["id"], row["answer_rank"], row["source_rank"], row["reviewed"]) == ("h4rmony-1", 1, 2, True)
    assert rows("sft", record(), confirmed(1, 1, 2)) == []
    assert left_out("sft", record(), confirmed(1, 1, 2)) == [(None, "no_single_best")]
    assert left_out("sft", record(), confirmed(1, 1, 1)) == []  # no pair at all: that stands in dropped.jsonl


def test_lm_eval_shows_the_answers_in_an_order_of_its_own() -> None:
    found = [
        rows("lm-eval", record(number), confirmed(1, 2, 3, record_id=f"h4rmony-{number}"))[0] for number in range(40)
    ]
    assert {row["best"] for row in found} == {0, 1, 2}
    for row in found:
        assert row["answers"] == [TRANSLATED[answer] for answer in row["answer_order"]]
        assert row["answers"][row["best"]] == TRANSLATED[0]
    same = {"prompt": "¿Qué?", "answers": ("Uno.", "Dos.", "Dos. ")}
    (row,) = rows("lm-eval", record(), confirmed(1, 2, 2, **same))
    assert sorted(row["answers"]) == ["Dos.", "Uno."]
    assert left_out("lm-eval", record(), confirmed(1, 1, 2)) == [(None, "no_single_best")]


@pytest.mark.parametrize(
    ("languages", "splits", "task", "text"),
    [
        (("es",), ("train", "test"), "h4rmony_es", "Pregunta: ¿Qué?\nRespuesta:"),
        (("en",), ("test",), "h4rmony_en", "Question: ¿Qué?\nAnswer:"),
        (("es", "en"), ("train",), "h4rmony_es_en", "Question: ¿Qué?\nAnswer:"),
    ],
)
def test_the_task_of_lm_eval(languages: Any, splits: Any, task: str, text: str) -> None:
    import jinja2
    import yaml

    (written,) = FORMATS["lm-eval"].beside(Beside(languages, splits)).values()
    config = yaml.safe_load(written)
    files = config["dataset_kwargs"]["data_files"]
    assert (config["task"], config["dataset_path"], config["test_split"]) == (task, "parquet", "test")
    assert files == {"test": "test.parquet", **({"train": "train.parquet"} if "train" in splits else {})}
    assert config.get("fewshot_split") == ("train" if "train" in splits else None)
    assert jinja2.Template(config["doc_to_text"]).render(prompt="¿Qué?", lang="eng") == text


@pytest.mark.parametrize("name", FORMATS)
def test_in_english_the_texts_are_the_source_s_and_ids_say_so(name: str) -> None:
    review = Review((record(),), (confirmed(1, 2, 3, **TEXTS),))
    merged = review_records(review, languages=("es", "en"))
    spanish, english = (list(FORMATS[name].with_lang().rows(reviewed)) for reviewed in merged)
    assert len(english) == len(spanish) > 0
    assert {row["lang"] for row in spanish} == {"spa"}
    assert {row["lang"] for row in english} == {"eng"}
    written = str(english)
    assert "What is compost number 1?" in written and "Good for the soil." in written
    assert not any(text in written for text in ("¿", TRANSLATED[1], "apertium"))
    assert {row["Language" if name == "h4rmony" else "language"] for row in english} == {"en-gb"}
    assert [row["id"] for row in english] == [f"{row['id']}:en" for row in spanish]
    assert all(row["reviewed"] and set(row.get("text_choice", ["original"])) == {"original"} for row in english)


def test_what_nobody_reviewed_is_the_source_s_and_says_so() -> None:
    unreviewed = review_record(record(), [confirmed(3, 2, 1, status="draft")], unreviewed=True)
    row, *more = FORMATS["dpo"].rows(unreviewed)
    assert [r["id"] for r in (row, *more)] == ["h4rmony-1:0-1", "h4rmony-1:0-2", "h4rmony-1:1-2"]
    names = ("method", "reviewed", "reviewers", "wins", "chosen_rank", "rejected_rank", "text_choice")
    assert [row[name] for name in names] == ["source", False, 0, 0, 1, 2, ["machine"] * 3]
    assert [r["margin"] for r in FORMATS["reward"].rows(unreviewed)] == [0.0] * 3
    for name in FORMATS:
        assert {(r["method"], r["reviewed"], r["record_id"]) for r in FORMATS[name].rows(unreviewed)} == {
            ("source", False, "h4rmony-1")
        }, name


def test_h4rmony_has_the_columns_of_the_source_with_the_reviewed_texts_and_ranks() -> None:
    same, also, new = rows("h4rmony", record(), confirmed(1, 2, 3, **TEXTS))
    assert tuple(same) == (
        *COLUMNS, "id", "record_id", "wins", "losses", "ties", "reviewers", "method", "reviewed",
    )  # fmt: skip
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
        "id": "h4rmony-1:0-1",
        "record_id": "h4rmony-1",
        "wins": 1,
        "reviewers": 1,
        "method": "margins",
        "reviewed": True,
    }
    assert (also["Id"], also["ComparedRanks"]) == ("12", "R1-R3")
    assert (new["Id"], new["ComparedRanks"], new["PromptID"]) == ("", "R2-R3", "1")


def test_h4rmony_names_the_ranks_of_the_reviewers_and_none_that_is_unsettled() -> None:
    ranks = {row["ComparedRanks"] for row in rows("h4rmony", record(), confirmed(2, 1, 1, **TEXTS))}
    assert ranks == {"R1-R2"}
    (unsettled,) = rows("h4rmony", record(), *votes((1, 2, 3), (2, 3, 1), **TEXTS))
    assert unsettled["ComparedRanks"] == ""


def test_a_column_of_a_later_schema_does_not_widen_the_table() -> None:
    wide = record(metadata={"prompt_id": "1", "Region": "Andes"})
    assert tuple(rows("h4rmony", wide, confirmed(1, 2, 3))[0]) == tuple(FORMATS["h4rmony"].columns)


@pytest.mark.parametrize("name", FORMATS)
def test_rows_fit_the_schema_exactly(name: str) -> None:
    import pyarrow as pa

    review = Review(
        (record(1), record(2, translation=None)),
        (confirmed(1, 2, 3), confirmed(1, 3, 3, record_id="h4rmony-2", **TEXTS)),
    )
    found = [row for reviewed in review_records(review) for row in FORMATS[name].rows(reviewed)]
    assert len(found) == {"kto": 5, "sft": 2, "lm-eval": 2}.get(name, 5)
    assert all(tuple(row) == tuple(FORMATS[name].columns) for row in found)
    table = pa.Table.from_pylist(found, schema=arrow_schema(FORMATS[name]))
    assert table.to_pylist() == found
