"""A reviewer of weight 0 is left out of everything but ballots.jsonl."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from exports.merging.pairs import review_record
from exports.merging.texts import FinalText
from exports.merging.votes import METHODS, MergeRules
from exports.review.files import Review
from exports.review.weights import read_weights
from exports.write.export import ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.cases import TRANSLATED, confirmed, record
from workspace.model.ballots import Ballot

SPAM = ("SPAM 0", "SPAM 1", "SPAM 2")


def spam(reviewer: str) -> Ballot:
    return confirmed(3, 2, 1, reviewer=reviewer, prompt="SPAM", answers=SPAM, problems=("harmful",))


@pytest.mark.parametrize("method", METHODS)
def test_texts_support_and_ranks_are_those_of_the_others(method: str) -> None:
    weights = {"ana": Fraction(1), "leo": Fraction(0), "eva": Fraction(0)}
    rules = MergeRules(method=method, weights=weights)  # type: ignore[arg-type]
    ballots = [confirmed(1, 2, 3), spam("leo"), spam("eva")]
    alone = review_record(record(), [confirmed(1, 2, 3)], rules)
    assert review_record(record(), ballots, rules) == alone
    assert alone.texts.prompt == FinalText("¿Qué es el compost 1?", "agreed", 1)
    assert [text.text for text in alone.texts.answers] == [*TRANSLATED]


def test_a_weight_above_zero_has_one_voice_on_the_texts() -> None:
    rules = MergeRules(weights={"ana": Fraction(100), "leo": Fraction(1, 100), "eva": Fraction(1, 100)})
    reviewed = review_record(record(), [confirmed(1, 2, 3), spam("leo"), spam("eva")], rules)
    assert (reviewed.texts.prompt, reviewed.ranks) == (FinalText("SPAM", "agreed", 2), (1, 2, 3))


def exported(folder: Path, table: str, *ballots: Ballot, unreviewed: bool = False) -> dict[str, object]:
    path = folder / "people.csv"
    path.write_text(f"reviewer,weight\n{table}")
    settings = ExportSettings(weights=read_weights(path), unreviewed=unreviewed, test_share=0.0)
    export_review(Review((record(),), ballots), folder / "out", settings)
    return dict(json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8")))


def test_the_summary_counts_them_apart_and_the_ballots_stay(tmp_path: Path) -> None:
    ballots = (confirmed(1, 2, 3), spam("leo"), spam("eva"))
    summary = exported(tmp_path, "ana,1\nleo,0\neva,0.0\n", *ballots)
    assert (summary["reviewers"], summary["votes"], summary["problems"]) == (1, 1, {})
    assert (summary["ballots"], summary["ballots_of_weight_0"]) == ({"submitted": 3}, 2)
    assert summary["texts"] == {"agreed": 4}
    assert len(json_lines(tmp_path / "out" / "ballots.jsonl")) == 3
    assert all("SPAM" not in str(line) for line in json_lines(tmp_path / "out" / "dropped.jsonl"))


@pytest.mark.parametrize("unreviewed", [False, True])
def test_a_record_with_nothing_but_such_ballots_is_unreviewed(tmp_path: Path, unreviewed: bool) -> None:
    summary = exported(tmp_path, "leo,0\n", spam("leo"), unreviewed=unreviewed)
    assert summary["records"] == {"total": 1, "unreviewed": 1, "with_pairs": 0}
    assert (summary["texts"], summary["reviewers"]) == ({}, 0)
    lines = json_lines(tmp_path / "out" / "dropped.jsonl")
    if unreviewed:
        assert (lines, summary["added_unreviewed"]) == ([], {"records": 1, "train": 3})
    else:
        assert {line["reason"] for line in lines} == {"no_votes"}
        assert {line["detail"] for line in lines} == {"no reviewer submitted a ballot that counts"}
