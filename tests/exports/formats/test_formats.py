from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from exports.formats import FORMATS, Beside, LeftOut
from exports.formats.arrow import arrow_schema, arrow_table
from exports.formats.lm_eval import TASKS
from exports.measure.agreement import issues_of
from exports.merging.pairs import review_record, review_records
from exports.merging.settings import MergeSettings
from exports.merging.votes import MergeRules
from exports.review.files import Review
from exports.words import catalogue
from tests.exports.cases import TRANSLATED, confirmed, record, vote, votes
from tests.exports.twins import TWIN, ballots, twin
from workspace.model.h4rmony import COLUMNS
from workspace.model.records import Answer, Comparison, Record, Translation

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
        "problems": [],
        "text_choice": ["agreed", "agreed", "agreed"],
        "text_support": [3, 3, 3],
        "text_changed": [True, False, True],
        "text_model": None,
        "text_role": None,
        "text_licence": None,
        "reviewed": True,
    }
    assert (other["id"], other["compared_ranks"], other["wins"]) == ("h4rmony-1:0-2", "R1-R3", 3)


def test_dpo_leaves_null_what_is_not_known() -> None:
    bare = record(answers=(Answer("Rubbish.", None), Answer("Soil.", None), Answer("Work.", None)), metadata={},
                  comparisons=(), translation=None, id="x")  # fmt: skip
    row, *_ = rows("dpo", bare, *votes((1, 2, 3), (2, 3, 1), prompt="¿Qué?", answers=("Uno.", "Dos.", "Tres.")))
    names = ("chosen_rank", "rejected_rank", "compared_ranks", "type", "source", "translation_engine")
    assert [row[name] for name in names] == [None] * 6
    assert (row["language"], row["issues"], row["problems"], row["reviewed"]) == ("es", [], [], True)


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


def test_a_mixed_table_keeps_the_order_of_its_rows_when_others_are_added() -> None:
    table = [{"id": f"h4rmony-{number}:{answer}"} for number in range(20) for answer in (0, 2)]
    mixed = FORMATS["kto"].ordered(table)
    assert mixed != table
    assert sorted(mixed, key=table.index) == table
    assert [row for row in mixed if row in table[:10]] == FORMATS["kto"].ordered(reversed(table[:10]))
    assert FORMATS["dpo"].ordered(table) == table


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
    assert left_out("sft", record(), confirmed(1, 1, 1)) == []  # without a pair it is in dropped.jsonl


def test_lm_eval_shows_the_answers_in_an_order_of_its_own() -> None:
    kinds = ["best", "pair", "pair", "pair"]
    found = []
    for number in range(40):
        four = rows("lm-eval", record(number), confirmed(1, 2, 3, record_id=f"h4rmony-{number}"))
        assert [row["kind"] for row in four] == kinds
        found += four
    assert {row["best"] for row in found if row["kind"] == "best"} == {0, 1, 2}
    assert {row["best"] for row in found if row["kind"] == "pair"} == {0, 1}
    for row in found:
        better = 0 if row["kind"] == "best" else int(row["id"].partition(":")[2][0])
        assert row["answers"] == [TRANSLATED[answer] for answer in row["answer_order"]]
        assert row["answers"][row["best"]] == TRANSLATED[better]
    assert [row["id"] for row in found[:4]] == ["h4rmony-0", "h4rmony-0:0-1", "h4rmony-0:0-2", "h4rmony-0:1-2"]
    assert {row["group"] for row in found[:4]} == {"what is compost number 0"}


def test_lm_eval_has_the_best_of_three_only() -> None:
    same = {"prompt": "¿Qué?", "answers": ("Uno.", "Dos.", "Dos. ")}
    found = rows("lm-eval", record(), confirmed(1, 2, 2, **same))
    assert [(row["kind"], sorted(map(str.strip, row["answers"]))) for row in found] == [
        ("pair", ["Dos.", "Uno."])
    ] * 2
    assert [row["kind"] for row in rows("lm-eval", record(), confirmed(1, 1, 2))] == ["pair", "pair"]
    assert left_out("lm-eval", record(), confirmed(1, 1, 2)) == [(None, "no_single_best")]
    (row,) = rows("lm-eval", twin(1, "agency"), *ballots(twin(1, "agency"), (2, 1)))
    assert (row["kind"], row["answers"][row["best"]]) == ("twin", TWIN)
    assert left_out("lm-eval", twin(1, "agency"), *ballots(twin(1, "agency"), (2, 1))) == []


def test_lm_eval_says_which_answers_are_as_long_as_each_other() -> None:
    texts = ("a" * 20, "b" * 18, "ñ" * 9 + "n")
    found = rows("lm-eval", record(), confirmed(1, 2, 3, prompt="¿Qué?", answers=texts))
    assert {row["id"].partition(":")[2]: row["length_matched"] for row in found} == {
        "": False, "0-1": True, "0-2": True, "1-2": True,
    }  # fmt: skip
    shorter = (*texts[:2], "b" * 17)
    *_, first, second, third = rows("lm-eval", record(), confirmed(1, 2, 3, prompt="¿Qué?", answers=shorter))
    assert [row["length_matched"] for row in (first, second, third)] == [True, False, True]


def test_lm_eval_is_reviewed_only_where_all_that_it_shows_is() -> None:
    blank = [confirmed(1, 2, 3, answers=(*TRANSLATED[:2], " "))]
    found = list(FORMATS["lm-eval"].rows(review_record(record(), blank, unreviewed=True)))
    shown = [("agreed", 1), ("agreed", 1), ("machine", 0)]
    for row in found:
        assert list(zip(row["text_choice"], row["text_support"], strict=True)) == [
            ("agreed", 1), *(shown[answer] for answer in row["answer_order"])
        ]  # fmt: skip
        assert row["reviewed"] is (2 not in row["answer_order"])
    assert [row["reviewed"] for row in found] == [False, True, False, False]


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_is_reviewed_where_each_of_its_texts_is(name: str) -> None:
    """With the machine's text in the last answer: rows that show it are not reviewed, the others are."""
    ballots = [confirmed(1, 2, 3, answers=(*TRANSLATED[:2], None))]
    found = list(FORMATS[name].rows(review_record(record(), ballots, unreviewed=True)))
    assert found
    for row in found:
        shows = TRANSLATED[2] in str({key: row[key] for key in row if key in READ[name] or key in COLUMNS})
        assert row["reviewed"] is not shows
        assert ("machine" in row["text_choice"]) is shows


@pytest.mark.parametrize(
    ("languages", "splits", "task", "text"),
    [
        (("es",), ("train", "test"), "h4rmony_es", "Pregunta: ¿Qué?\nRespuesta:"),
        (("en",), ("test",), "h4rmony_en", "Question: ¿Qué?\nAnswer:"),
        (("es", "en"), ("test", "train"), "h4rmony_es_en", "Question: ¿Qué?\nAnswer:"),
    ],
)
def test_the_tasks_of_lm_eval(languages: Any, splits: Any, task: str, text: str) -> None:
    import jinja2
    import yaml

    beside = FORMATS["lm-eval"].beside
    files = beside(Beside(languages, {split: {"pairs", "chat", "twins", "twins_chat"} for split in splits}))
    group = yaml.safe_load(files["task.yaml"])
    assert (group["group"], group["task"]) == (task, [f"{task}_pairs", f"{task}_chat"])  # only those that have rows
    assert {metric["metric"] for metric in group["aggregate_metric_list"]} == {"acc_bytes", "acc_mutual_info"}
    assert yaml.safe_load(beside(Beside(languages))["task.yaml"])["task"] == [f"{task}_pairs"]
    shared = yaml.safe_load(files["template_yaml"].replace("!function ", ""))
    assert shared["custom_dataset"] == "tables.load"
    named = {name: yaml.safe_load(files[f"{name}.yaml"]) for name in TASKS}
    assert all((each["task"], each["test_split"]) == (f"{task}_{name}", "test") for name, each in named.items())
    assert {name for name in TASKS if named[name].get("fewshot_split") == "train"} == (
        {"pairs", "chat", "twins", "twins_chat"} if "train" in splits else set()
    )
    asked = {
        name: jinja2.Template(each["doc_to_text"]).render(prompt="¿Qué?", lang="eng") for name, each in named.items()
    }
    assert asked == {name: "¿Qué?" if name.endswith("chat") else text for name in TASKS}
    filters = named["matched"]["dataset_kwargs"]["filters"]
    assert filters == [["kind", "==", "pair"], ["length_matched", "==", True]]


@pytest.mark.parametrize("name", FORMATS)
def test_in_english_the_texts_are_the_source_s_and_ids_say_so(name: str) -> None:
    review = Review((record(),), (confirmed(1, 2, 3, **TEXTS),))
    merged = review_records(review, MergeSettings(languages=("es", "en")))
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


OWN = ("Vale.", "Cuesta.", "Malo.")
SPANISH: dict[str, Any] = {
    "prompt": "¿Qué es?",
    "answers": tuple(Answer(text, rank) for rank, text in enumerate(OWN, start=1)),
    "metadata": {"language": "es-MX"},
    "translation": Translation("es", "original", "¿Qué es?", OWN),
}


def in_languages(name: str, own: Record, *ballots: Any, languages: Any = ("es", "en")) -> list[dict[str, Any]]:
    merged = review_records(Review((own,), ballots), MergeSettings(languages=languages))
    return [row for reviewed in merged for row in FORMATS[name].with_lang().rows(reviewed)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_source_in_spanish_is_written_once_and_as_spanish(name: str) -> None:
    own = vote(1, 2, 3, prompt="¿Qué es?\n", answers=OWN)
    found = in_languages(name, record(**SPANISH), own, vote(1, 2, 3, reviewer="eva"))
    assert found == in_languages(name, record(**SPANISH), own, vote(1, 2, 3, reviewer="eva"), languages=("es",))
    assert found
    for row in found:
        assert (row["lang"], row["Language" if name == "h4rmony" else "language"]) == ("spa", "es")
        assert set(row["text_choice"]) == {"original"}
        assert set(row["text_support"]) == {1}
        assert row["reviewed"] is True
        assert not row["id"].endswith(":en")


@pytest.mark.parametrize("name", FORMATS)
def test_a_source_in_spanish_is_left_out_of_english_with_a_reason(name: str) -> None:
    review = Review((record(**SPANISH),), (vote(1, 2, 2),))
    (english,) = review_records(review, MergeSettings(languages=("en",)))
    assert list(FORMATS[name].rows(english)) == []
    assert list(FORMATS[name].left_out(english)) == [LeftOut(None, "not_in_english")]
    # what its votes take away is dropped with the votes' reason, as in every language
    assert [(pair.first, pair.second, pair.reason) for pair in english.dropped] == [(1, 2, "tie")]
    (tied,) = review_records(Review((record(**SPANISH),), (vote(1, 1, 1),)), MergeSettings(languages=("en",)))
    assert list(FORMATS[name].left_out(tied)) == []
    assert "left_out_not_in_english" in catalogue("en")


def test_a_source_in_spanish_that_a_reviewer_changed_says_so() -> None:
    changed = vote(1, 2, 3, prompt="¿Qué es eso?", answers=OWN)
    row, *_ = in_languages("dpo", record(**SPANISH), changed)
    assert (row["text_choice"], row["reviewed"]) == (["agreed", "original", "original"], True)
    row, *_ = in_languages("dpo", record(**SPANISH), changed, vote(1, 2, 3, prompt="¿Qué es?", reviewer="eva"))
    assert (row["text_choice"], row["reviewed"]) == (["closest", "original", "original"], True)


def test_a_source_in_spanish_that_nobody_reviewed_is_not_a_machine_s_and_not_reviewed() -> None:
    row, *_ = FORMATS["dpo"].rows(review_record(record(**SPANISH), [], unreviewed=True))
    assert (row["text_choice"], row["reviewed"], row["method"]) == (["original"] * 3, False, "source")


@pytest.mark.parametrize(
    ("target", "said", "langs"),
    [("es", "en-gb", ["spa", "eng"]), ("ca", "en", ["ca", "eng"]), ("es", "fr_CA", ["spa"]),
     ("es", "inglés", ["spa", "eng"]), ("ES-mx", "", ["spa", "eng"]), ("ca", "ENG", ["ca", "eng"])],
)  # fmt: skip
def test_lang_is_that_of_the_row_s_language(target: str, said: str, langs: list[str]) -> None:
    other = record(metadata={"language": said}, translation=Translation(target, "apertium", "¿Qué?", TRANSLATED))
    found = in_languages("sft", other, confirmed(1, 2, 3))
    assert [row["lang"] for row in found] == langs


def test_a_source_in_english_that_is_its_own_translation_is_in_english_exports() -> None:
    own = record(translation=Translation("en", "original", record().prompt, tuple(record().texts[1:])))
    for languages, ids in ((("en",), ["h4rmony-1:en"]), (("es", "en"), ["h4rmony-1"])):
        found = in_languages("sft", own, vote(1, 2, 3), languages=languages)
        assert [(row["id"], row["lang"]) for row in found] == [(id, "eng") for id in ids]
        assert {tuple(row["text_choice"]) for row in found} == {("original", "original")}


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
        *COLUMNS, "id", "record_id", "chosen_rank", "rejected_rank", "wins", "losses", "ties", "reviewers",
        "weighted_margin", "compared_ranks", "method", "source", "translation_engine", "problems", "text_choice",
        "text_support", "text_changed", "text_model", "text_role", "text_licence", "reviewed",
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
        "chosen_rank": 1,
        "rejected_rank": 2,
        "wins": 1,
        "reviewers": 1,
        "compared_ranks": "R1-R2",
        "method": "margins",
        "source": "h4rmony",
        "translation_engine": "apertium 3.8",
        "text_choice": ["agreed"] * 3,
        "text_support": [1] * 3,
        "text_changed": [True, True, False],
        "reviewed": True,
    }
    assert (also["Id"], also["ComparedRanks"]) == ("12", "R1-R3")
    assert (new["Id"], new["ComparedRanks"], new["PromptID"]) == ("", "R2-R3", "1")


def written(**changes: Any) -> Record:
    """A record whose answers models wrote, and whose prompt a person did."""
    by = [{"by": "model", "model": name, "role": role, "licence": licence} for name, role, licence in WRITERS]
    return record(metadata={"origins": [{"by": "human"}, *by]}, **changes)


WRITERS = [("tiny@1", "aware", "Apache-2.0"), ("tiny@1", "ambivalent", "Apache-2.0"), ("gpt", "unaware", None)]


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_row_says_which_model_wrote_its_texts_and_whether_reviewers_changed_them(name: str) -> None:
    changed = confirmed(1, 2, 3, answers=(TRANSLATED[0], TRANSLATED[1], "Basura, sin más."))
    texts = {TRANSLATED[0]: WRITERS[0], TRANSLATED[1]: WRITERS[1], "Basura, sin más.": WRITERS[2]}
    found = rows(name, written(), changed)
    table = arrow_table(found, FORMATS[name], arrow_schema(FORMATS[name])).to_pylist()
    assert len(found) == len(table) >= 1
    for row in table:
        shown = [text for text in shown_texts(row) if text in texts]
        credits = zip(row["text_model"], row["text_role"], row["text_licence"], strict=True)
        assert list(credits) == [(None, None, None), *(texts[text] for text in shown)]
        assert row["text_changed"] == [False, *(text == "Basura, sin más." for text in shown)]


def shown_texts(row: dict[str, Any]) -> list[str]:
    """The texts of the answers of a row, in its order."""
    names = ("BetterCompletion", "WorseCompletion", "chosen", "rejected", "completion")
    cells = [*(row[name] for name in names if name in row), *row.get("answers", [])]
    return [cell if isinstance(cell, str) else cell[0]["content"] for cell in cells]


def test_the_source_s_own_texts_are_not_changed_by_who_corrects_the_translation() -> None:
    review = (written(), [confirmed(1, 2, 3, prompt="¿Qué es?")])
    english = list(FORMATS["dpo"].rows(review_record(*review, language="en")))
    assert [row["text_changed"] for row in english] == [[False] * 3] * 3
    assert [row["text_changed"] for row in FORMATS["dpo"].rows(review_record(*review))] == [[True, False, False]] * 3


def test_h4rmony_names_the_ranks_of_the_reviewers_and_none_that_is_unsettled() -> None:
    ranks = {row["ComparedRanks"] for row in rows("h4rmony", record(), confirmed(2, 1, 1, **TEXTS))}
    assert ranks == {"R1-R2"}
    (unsettled,) = rows("h4rmony", record(), *votes((1, 2, 3), (2, 3, 1), **TEXTS))
    assert unsettled["ComparedRanks"] == ""


def test_h4rmony_names_the_authors_of_the_answers_in_the_row() -> None:
    people = {"prompt_id": "1", "BetterCompletionOrigin": "Human", "WorseCompletionOrigin": "GPT4"}
    compared = record(metadata=people, comparisons=(Comparison(0, 1, {"Id": "11"}), Comparison(0, 2, {"Id": "12"})))
    found = rows("h4rmony", compared, confirmed(2, 1, 3, **TEXTS))
    assert [(row["id"], row["BetterCompletionOrigin"], row["WorseCompletionOrigin"]) for row in found] == [
        ("h4rmony-1:1-0", "GPT4", "Human"),
        ("h4rmony-1:0-2", "Human", "GPT4"),
        ("h4rmony-1:1-2", "GPT4", "GPT4"),
    ]


def test_compared_ranks_are_what_the_source_says_of_the_two_answers() -> None:
    labels = {"answers": (Answer("Good for the soil.", 1), Answer("Rubbish.", 2)),
              "comparisons": (Comparison(0, 1, {"Id": "1", "ComparedRanks": "R1-R3"}),),
              "translation": Translation("es", "apertium 3.8", "¿Qué?", TRANSLATED[:2])}  # fmt: skip
    texts = {"prompt": "¿Qué?", "answers": TRANSLATED[:2]}
    for name in ("dpo", "h4rmony"):
        (row,) = rows(name, record(**labels), vote(2, 1, **texts))
        assert row["compared_ranks"] == "R3-R1"
    assert row["ComparedRanks"] == "R1-R2"  # where reviewers ranked the answers, H4rmony's column is theirs
    (row,) = FORMATS["h4rmony"].rows(review_record(record(**labels), [], unreviewed=True))
    assert (row["ComparedRanks"], row["compared_ranks"]) == ("R1-R3", "R1-R3")
    bare = {**labels, "comparisons": ()}
    (row,) = FORMATS["h4rmony"].rows(review_record(record(**bare), [], unreviewed=True))
    assert (row["ComparedRanks"], row["compared_ranks"]) == ("R1-R2", "R1-R2")


@pytest.mark.parametrize("name", FORMATS)
def test_every_row_says_the_problems_that_its_record_s_ballots_name(name: str) -> None:
    ballots = [
        confirmed(1, 2, 3, problems=("harmful", "bad_translation")),
        confirmed(1, 2, 3, problems=("bad_translation",), reviewer="eva"),
        confirmed(1, 2, 3, problems=("false_fact",), reviewer="leo", status="draft"),
        confirmed(1, 2, 3, problems=("not_rankable",), reviewer="mar"),
        confirmed(1, 2, 3, problems=("false_fact",), reviewer="zoe"),
    ]
    weights = {"ana": Fraction(1), "eva": Fraction(1), "mar": Fraction(1), "zoe": Fraction(0)}
    found = list(
        FORMATS[name].rows(review_record(record(), ballots, MergeRules(weights=weights), keep_problems=True))
    )
    assert found
    assert {tuple(row["problems"]) for row in found} == {("bad_translation", "harmful", "not_rankable")}


@pytest.mark.parametrize(
    ("issues", "written"), [("PWM", ["PWM"]), (["SC", "PWM"], ["PWM", "SC"]), ("", []), (None, []), (3, [])]
)
def test_issues_are_those_that_the_report_and_the_card_count(issues: Any, written: list[str]) -> None:
    named = record(metadata={"issues": issues})
    assert rows("dpo", named, confirmed(1, 2, 3))[0]["issues"] == written
    assert issues_of(named) == (tuple(written) or ("",))


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
    assert len(found) == {"kto": 5, "sft": 2, "lm-eval": 7}.get(name, 5)
    assert all(tuple(row) == tuple(FORMATS[name].columns) for row in found)
    table = pa.Table.from_pylist(found, schema=arrow_schema(FORMATS[name]))
    assert table.to_pylist() == found
