"""Which of H4rmony's issues a prompt is about, told by an embedding model that was never trained for it (zero-shot).

Each manifestation of an issue is a text, the issue's name before it ("Wildlife and Agriculture: Industrial
Agriculture"). An issue's similarity is the mean cosine of its manifestations with the prompt and the answer that is
ranked first. The five similarities of a prompt become scores from 0 to 1: they are standardised, because models
differ in the range of their cosines, and go through a logistic function that was fitted to prompts with known codes
(docs/how-to/quality.md). A prompt has each issue whose score is ``THRESHOLD`` or more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loaders.check.embeddings import Encoder, Matrix
from loaders.check.taxonomy import taxonomy
from workspace.model.h4rmony import ISSUES
from workspace.model.records import Record

THRESHOLD = 0.35
_WEIGHT, _BIAS = 1.1, -1.0  # of the logistic function
DECIMALS = 3


def topic_scores(records: Sequence[Record], encoder: Encoder) -> list[dict[str, float]]:
    """For each record the score of each issue, from 0 to 1, to three decimals; that of nothing said is 0.269."""
    if not records:
        return []
    described: Matrix = encoder.encode([f"{ISSUES[each.code]}: {each.name}" for each in taxonomy()])
    cosines = encoder.encode([_text(record) for record in records]) @ described.T
    codes = np.asarray([each.code for each in taxonomy()])
    similarities = np.stack([cosines[:, codes == code].mean(axis=1) for code in ISSUES], axis=1)
    centred = similarities - similarities.mean(axis=1, keepdims=True)
    spread = similarities.std(axis=1, keepdims=True)
    standardised = centred / np.where(spread > 0, spread, 1)
    scores = 1 / (1 + np.exp(-(_WEIGHT * standardised + _BIAS)))
    return [{code: round(float(score), DECIMALS) for code, score in zip(ISSUES, row, strict=True)} for row in scores]


def likely_topics(scores: dict[str, float], threshold: float = THRESHOLD) -> dict[str, float]:
    """The issues whose score is ``threshold`` or more, in H4rmony's order."""
    return {code: score for code, score in scores.items() if score >= threshold}


def _text(record: Record) -> str:
    """The prompt, and the answer that is known to be the best, which says what it is about."""
    best = [answer.text for answer in record.answers[:1] if answer.rank == 1]
    return "\n".join((record.prompt, *best))
