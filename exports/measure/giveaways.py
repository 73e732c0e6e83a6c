"""From what the reviewed rank of an answer can be read without reading it, in the pairs that are written."""

from __future__ import annotations

from collections.abc import Iterable

from exports.merging.pairs import ReviewedRecord
from workspace.giveaways import GiveAways, measure_giveaways
from workspace.model.groups import record_group
from workspace.model.prompts import GROUP_KEY
from workspace.model.records import Answer, Comparison, Record


def written_giveaways(reviewed: Iterable[ReviewedRecord]) -> GiveAways:
    """Measure the give-aways of the written pairs, in the texts after review.

    Raises:
        MissingPartError: scikit-learn is not installed.
    """
    return measure_giveaways((_as_written(one) for one in reviewed if one.pairs), classifier=True)


def _as_written(reviewed: ReviewedRecord) -> Record:
    """A record of the final texts that are in pairs; the pairs are its comparisons."""
    texts = [[text.text for text in reviewed.pair_texts(pair)] for pair in reviewed.pairs]
    answers = sorted({answer for _, *pair in texts for answer in pair})
    return Record(
        id=reviewed.record.id,
        prompt=reviewed.texts.prompt.text,
        answers=tuple(Answer(text, None) for text in answers),
        comparisons=tuple(
            Comparison(answers.index(chosen), answers.index(rejected)) for _, chosen, rejected in texts
        ),
        metadata={GROUP_KEY: record_group(reviewed.record)},
    )
