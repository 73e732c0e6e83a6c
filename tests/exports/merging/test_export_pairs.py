"""The texts put to the merged votes: which pairs they take away again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.formats import lang
from exports.merging.pairs import review_record, review_records
from exports.merging.settings import MergeSettings
from exports.merging.votes import DroppedPair, Pair, Tally
from exports.review.files import Review
from exports.write.export import ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.cases import TRANSLATED, confirmed, record, vote
from workspace.model.records import Translation


def test_equal_texts_have_no_pair() -> None:
    reviewed = review_record(record(), [confirmed(3, 2, 1, answers=("Da  algo de\ntrabajo. ", *TRANSLATED[1:]))])
    assert [(pair.chosen, pair.rejected) for pair in reviewed.pairs] == [(2, 0), (2, 1)]
    assert reviewed.dropped == (
        DroppedPair(0, 1, "equal_texts", Tally(0, 1, 0), "both answers read the same after review"),
    )


def test_the_votes_come_before_the_texts() -> None:
    reviewed = review_record(record(), [vote(1, 1, 2, answers=("Igual.", "Igual.", "Igual."))])
    assert [pair.reason for pair in reviewed.dropped] == ["tie", "equal_texts", "equal_texts"]


def test_a_text_that_nobody_has_has_no_pair() -> None:
    half = Translation("es", "apertium", "¿Qué?", ("Uno.", "", "Tres."))
    reviewed = review_record(record(translation=half), [confirmed(1, 2, 3, answers=("Uno.", None, "Tres."))])
    assert reviewed.pairs == (Pair(0, 2, Tally(1, 0, 0)),)
    assert [pair.reason for pair in reviewed.dropped] == ["missing_text", "missing_text"]
    assert reviewed.dropped[0].detail == "answer 1: no reviewer's text and no translation"
    nothing = review_record(record(translation=None), [vote(1, 2, 3)])
    assert nothing.dropped[0].detail == "the prompt and answer 0 and answer 1: no reviewer's text and no translation"


@pytest.mark.parametrize("blank", [None, "", " \n\t"])
def test_a_machine_text_that_no_reviewer_submitted_has_no_pair_unless_asked_for(blank: str | None) -> None:
    ballots = [
        confirmed(1, 2, 3, answers=(TRANSLATED[0], blank, TRANSLATED[2])),
        confirmed(1, 2, 3, answers=("Uno.", blank, TRANSLATED[2]), reviewer="eva"),
    ]
    reviewed = review_record(record(), ballots)
    assert [(pair.chosen, pair.rejected) for pair in reviewed.pairs] == [(0, 2)]
    detail = "answer 1: the machine's text, no reviewer submitted one"
    assert reviewed.dropped == (
        DroppedPair(0, 1, "unreviewed_text", Tally(2, 0, 0), detail),
        DroppedPair(1, 2, "unreviewed_text", Tally(2, 0, 0), detail),
    )
    asked = review_record(record(), ballots, unreviewed=True)
    assert [asked.is_reviewed(pair) for pair in asked.pairs] == [False, True, False]
    assert len(review_record(record(), ballots, language="en").pairs) == 3
    # a suggestion submitted unchanged is a reviewer's text
    assert not review_record(record(), [confirmed(1, 2, 3)]).dropped


def test_the_author_s_own_text_needs_no_reviewer_s() -> None:
    """Blank versions of what was written in Spanish: the text is the source's own, not a machine's."""
    texts = record().texts
    own = record(translation=Translation("es", "original", texts[0], texts[1:]))
    reviewed = review_record(own, [vote(1, 2, 3, prompt=" ", answers=(None, texts[2], "Otra."))])
    assert [text.choice for text in (reviewed.texts.prompt, *reviewed.texts.answers)] == [
        "original", "original", "original", "agreed",
    ]  # fmt: skip
    assert [reviewed.is_reviewed(pair) for pair in reviewed.pairs] == [True] * 3
    assert not reviewed.dropped


def test_a_record_that_is_its_own_translation_is_put_together_once() -> None:
    texts = record().texts
    own = record(translation=Translation("es", "original", texts[0], texts[1:]))
    review = Review((own, record(2)), (vote(1, 2, 3), confirmed(1, 2, 3, record_id="h4rmony-2")))
    found = [
        (item.record.id, item.language, item.withheld)
        for item in review_records(review, MergeSettings(languages=("es", "en")))
    ]
    assert found == [("h4rmony-1", "es", None), ("h4rmony-2", "es", None), ("h4rmony-2", "en", None)]
    english, translated = review_records(review, MergeSettings(languages=("en",)))
    assert (english.pairs, english.dropped, english.withheld) == ((), (), "not_in_english")
    assert (len(translated.pairs), translated.withheld) == (3, None)


def test_what_is_not_in_english_is_counted_and_listed_for_every_format(tmp_path: Path) -> None:
    texts = record().texts
    own = record(translation=Translation("es", "original", texts[0], texts[1:]))
    review = Review((own, record(2)), (vote(1, 2, 2), confirmed(1, 2, 3, record_id="h4rmony-2")))
    counts = export_review(review, tmp_path, ExportSettings(("dpo", "lm-eval"), languages=("en",))).counts
    assert counts.left_out == {"dpo/not_in_english": 1, "lm-eval/not_in_english": 1}
    assert (counts.records["total"], counts.records["with_pairs"], sum(counts.pairs.values())) == (2, 1, 3)
    assert json_lines(tmp_path / "left_out.jsonl") == [
        {"record_id": "h4rmony-1", "format": name, "answer": None, "reason": "not_in_english"}
        for name in ("dpo", "lm-eval")
    ]
    assert [(line["record_id"], line["reason"]) for line in json_lines(tmp_path / "dropped.jsonl")] == [
        ("h4rmony-1", "tie")
    ]
    both = export_review(review, tmp_path, ExportSettings(("dpo",), languages=("es", "en"))).counts
    assert (both.left_out, sum(both.pairs.values())) == ({}, 2 + 2 * 3)
    assert [line["lang"] for line in json_lines(tmp_path / "dropped.jsonl")] == ["spa"]


@pytest.mark.parametrize("language", ["ca", "es-419", "spa", "Spanish"])
def test_a_translated_source_in_another_language_is_not_in_english_exports(language: str) -> None:
    review = Review((record(metadata={"language": language}),), (confirmed(1, 2, 2),))
    spanish, english = review_records(review, MergeSettings(languages=("es", "en")))
    assert (len(spanish.pairs), spanish.withheld) == (2, None)
    assert (english.pairs, english.withheld, [pair.reason for pair in english.dropped]) == (
        (), "not_in_english", ["tie"],
    )  # fmt: skip
    assert (lang(spanish), lang(english)) == ("spa", "eng")


@pytest.mark.parametrize("language", ["en-gb", "eng", "English", "inglés", "", "?", "N/A", 7, None])
def test_a_source_whose_language_is_english_or_not_known_is_in_english_exports(language: object) -> None:
    review = Review((record(metadata={"language": language}),), (confirmed(1, 2, 2),))
    spanish, english = review_records(review, MergeSettings(languages=("es", "en")))
    assert (len(spanish.pairs), len(english.pairs), english.withheld) == (2, 2, None)
    assert (lang(spanish), lang(english)) == ("spa", "eng")


def test_each_record_gets_its_own_ballots() -> None:
    review = Review((record(2), record(1), record(3)), (vote(1, 2, 3, record_id="h4rmony-2"), vote(3, 2, 1)))
    found = [(item.record.id, item.votes, item.ranks) for item in review_records(review)]
    assert found == [("h4rmony-1", 1, (3, 2, 1)), ("h4rmony-2", 1, (1, 2, 3)), ("h4rmony-3", 0, (None,) * 3)]


@pytest.mark.parametrize(("share", "split"), [(0.0, "train"), (1.0, "test")])
def test_the_split_is_that_of_the_source_prompt(share: float, split: str) -> None:
    assert review_record(record(), [vote(1, 2, 3)], test_share=share).split == split


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.tuples(*[st.integers(1, 3)] * 3), st.tuples(*[st.sampled_from(["Uno.", "Dos.", " ", None])] * 3)
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_every_pair_is_written_or_dropped_and_no_written_text_is_blank_or_doubled(
    answers: list[tuple[Any, Any]], translated: bool
) -> None:
    source = record() if translated else record(translation=None)
    ballots = [
        vote(*ranks, reviewer=str(n), prompt="¿Qué?", answers=texts) for n, (ranks, texts) in enumerate(answers)
    ]
    reviewed = review_record(source, ballots)
    assert len(reviewed.pairs) + len(reviewed.dropped) == 3
    assert list(reviewed.dropped) == sorted(reviewed.dropped, key=lambda pair: (pair.first, pair.second))
    for pair in reviewed.pairs:
        prompt, chosen, rejected = (text.text.strip() for text in reviewed.pair_texts(pair))
        assert prompt and chosen and rejected and chosen != rejected
