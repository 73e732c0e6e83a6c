"""What gives reviewed ranks away: which texts are measured, and what card and report say of it."""

from __future__ import annotations

from typing import get_args

import pytest

from exports import merge
from exports.measure.giveaways import written_giveaways
from exports.words import Wording, catalogue
from exports.words.giveaways import giveaway_sentences
from tests.exports.sample import sample_review
from workspace.giveaways import GiveAways, Share, Surface
from workspace.giveaways.features import FEATURES
from workspace.giveaways.measure import Verdict

LONGER = Share(0.5, 0.4, 0.6)


@pytest.mark.extras
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_written_pairs_are_measured_as_they_read(language: str) -> None:
    merged = merge(sample_review(), language=language)  # type: ignore[arg-type]
    found = written_giveaways(merged.records)
    frame = merged.to_pandas()
    longer, shorter = frame.chosen.str.len(), frame.rejected.str.len()
    assert found.pairs == len(frame)
    assert found.prompts == sum(bool(reviewed.pairs) for reviewed in merged.records)
    assert found.longer_wins
    assert found.longer_wins.value == pytest.approx(((longer > shorter) + (longer == shorter) / 2).mean())


@pytest.mark.extras
def test_both_languages_of_a_prompt_are_one_prompt() -> None:
    review = sample_review()
    both, one = (written_giveaways(merge(review, language=name).records) for name in ("both", "es"))
    assert both.prompts == one.prompts
    assert both.pairs > one.pairs


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (GiveAways(0, 0, None, Surface()), ("There are no pairs to measure.",)),
        (
            GiveAways(1, 1, Share(1.0), Surface(reason="few")),
            (
                "The preferred answer is the longer one in 100.0% of 1 pair from 1 prompt.",
                "A classifier that sees only the surface needs at least 10 prompts with pairs.",
                "Length gives the order away: the longer answer should be preferred in 40 to 60% of the pairs.",
            ),
        ),
        (
            GiveAways(90, 30, LONGER, Surface(Share(0.9, 0.8, 0.95), 30, 90, {"words": 1.0, "hedges": -2.0})),
            (
                "The preferred answer is the longer one in 50.0% [40.0, 60.0] of 90 pairs from 30 prompts.",
                "A classifier that sees only the surface (length, punctuation, formatting, polite words and hedges) "
                "finds it in 90.0% [80.0, 95.0] on prompts that are new to it. What weighs most: hedges.",
                "The surface gives the order away: the classifier’s interval should not go beyond 65%.",
            ),
        ),
    ],
)
def test_the_sentences_of_card_and_report(found: GiveAways, expected: tuple[str, ...]) -> None:
    assert giveaway_sentences(found, Wording("en")) == expected


def test_numbers_and_features_are_in_spanish() -> None:
    found = GiveAways(90, 30, LONGER, Surface(Share(0.55, 0.45, 0.62), 30, 90, {"line breaks": 1.0}))
    longer, told, means = giveaway_sentences(found, Wording("es"))
    assert (
        longer == "La respuesta preferida es la más larga en el 50,0\u00a0% [40,0; 60,0] de 90 pares, de 30 prompts."
    )
    assert told.endswith(" Lo que más pesa: saltos de línea.")
    assert means == "Ni la longitud ni el resto de la superficie delatan el orden."


@pytest.mark.parametrize("language", ["es", "en"])
def test_there_are_words_for_every_verdict_and_feature(language: str) -> None:
    named = {f"giveaways_{name}" for name in get_args(Verdict)} | {f"feature_{name}" for name in FEATURES}
    assert named <= catalogue(language).keys()  # type: ignore[arg-type]
