"""Measure how much the reviewers changed the suggested translations (pure, no I/O).

The rules:

- A text counts only if it has a suggestion: a translation that is not blank.
- By engine, the *final* text is measured (``exports/merging/texts.py``), if at least one reviewer submitted one. By
  reviewer, it is their own text, on every submitted ballot, whatever problems it reports, as for the final texts.
- *Untouched*: equal to the suggestion after white space is normalised.
- *TER* (Snover et al. 2006, *A Study of Translation Edit Rate*): the number of edits, shifts included, that turn the
  suggestion into the text, divided by the number of the text's words, over all texts together. 0 is untouched, and it
  can be above 1. Because the reference is the suggestion as a person corrected it, this is known as HTER.
- *chrF* (Popović 2015, *chrF: character n-gram F-score*): how similar suggestion and text are in character n-grams,
  from 0 to 1, as the mean over the texts.
- Both are computed by sacrebleu with its default settings; TER ignores case, chrF does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from exports.measure.estimates import Estimate, estimate, mean, not_available
from exports.merging.provenance import own_language
from exports.merging.texts import final_texts, normal_space
from exports.review.files import Review
from workspace.model.ballots import Ballot
from workspace.model.records import Record, Translation, text_problem

Reviewed = tuple[Record, tuple[Ballot, ...]]
Track = Callable[[Iterable[Reviewed]], Iterable[Reviewed]]


@dataclass(frozen=True)
class EditRate:
    """How much some texts differ from their suggestions; items are texts, and 1.0 of ``ter`` or ``chrf`` is 100%."""

    untouched: Estimate
    ter: Estimate
    chrf: Estimate
    texts: int
    records: int


@dataclass(frozen=True)
class EditRates:
    """The edit rates of a review: by engine and by reviewer, in the order of their names."""

    engines: Mapping[str, EditRate]
    reviewers: Mapping[str, EditRate]


@dataclass(frozen=True)
class Edit:
    """The distance of one text from its suggestion: ``edits`` of ``words`` (TER), and chrF from 0 to 1."""

    untouched: bool
    edits: float
    words: float
    chrf: float


class Distances:
    """Measures edits, for every two texts once: reviewers often agree, and TER is slow (milliseconds per text)."""

    def __init__(self) -> None:
        from sacrebleu.metrics import CHRF, TER

        self._ter: Any = TER()
        self._chrf: Any = CHRF()
        self._known: dict[tuple[str, str], Edit] = {}

    def of(self, suggestion: str, text: str) -> Edit:
        """Measure the edit from a suggestion to a text, after white space is normalised in both."""
        key = normal_space(suggestion), normal_space(text)
        if key not in self._known:
            self._known[key] = self._measure(*key)
        return self._known[key]

    def _measure(self, suggestion: str, text: str) -> Edit:
        if suggestion == text:
            return Edit(True, 0.0, float(len(text.split())), 1.0)
        ter = self._ter.sentence_score(suggestion, [text])
        chrf = self._chrf.sentence_score(suggestion, [text]).score / 100
        return Edit(False, float(ter.num_edits), float(ter.ref_length), float(chrf))


def edit_rates(review: Review, track: Track = iter) -> EditRates:
    """Measure how much the reviewers changed the suggestions.

    Args:
        review: the collected review.
        track: gets the records with their ballots and yields them again, to show progress.
    """
    distances = Distances()
    engines: dict[str, list[list[Edit]]] = {}
    reviewers: dict[str, list[list[Edit]]] = {}
    for record, ballots in track(review):
        submitted = [ballot for ballot in ballots if ballot.is_vote]
        if record.translation is None or not submitted:
            continue
        settled = final_texts(record, submitted)
        reviewed = [text.text if text.is_reviewed else None for text in (settled.prompt, *settled.answers)]
        final = [distances.of(*pair) for pair in _pairs(record.translation, reviewed)]
        engines.setdefault(record.translation.engine, []).append(final)
        for ballot in submitted:
            texts = (ballot.prompt, *ballot.answers)
            given = [None if text is None or text_problem(text) else text for text in texts]
            own = [distances.of(*pair) for pair in _pairs(record.translation, given)]
            reviewers.setdefault(ballot.reviewer, []).append(own)
    return EditRates(
        engines={name: edit_rate(engines[name]) for name in sorted(engines)},
        reviewers={name: edit_rate(reviewers[name]) for name in sorted(reviewers)},
    )


def changed_texts(reviewed: Iterable[Reviewed], *, spanish: bool = False) -> tuple[int, int]:
    """How many final texts differ from their translation, and how many that a reviewer submitted have one.

    The texts of a record that is its own translation count only if ``spanish``.
    """
    changed = total = 0
    for record, ballots in reviewed:
        if record.translation is None or (own_language(record) and not spanish):
            continue
        settled = final_texts(record, ballots)
        given = [text.text if text.is_reviewed else None for text in (settled.prompt, *settled.answers)]
        for suggestion, text in _pairs(record.translation, given):
            total += 1
            changed += normal_space(suggestion) != normal_space(text)
    return changed, total


def edit_rate(records: Iterable[list[Edit]]) -> EditRate:
    """Compute the edit rate of the texts of some records."""
    import numpy as np

    measured = [edits for edits in records if edits]
    texts = sum(map(len, measured))
    if not texts:
        nothing = not_available("no_texts")
        return EditRate(nothing, nothing, nothing, 0, 0)
    terms = np.array(
        [[*map(sum, zip(*map(astuple, edits), strict=True)), len(edits)] for edits in measured],
        dtype=np.float64,
    )
    untouched, edited, words, chrf, count = range(5)
    return EditRate(
        untouched=estimate(terms[:, [untouched, count]], mean, "no_texts", texts),
        ter=estimate(terms[:, [edited, words]], mean, "no_texts", texts),
        chrf=estimate(terms[:, [chrf, count]], mean, "no_texts", texts),
        texts=texts,
        records=len(measured),
    )


def _pairs(machine: Translation, texts: Iterable[str | None]) -> Iterator[tuple[str, str]]:
    """Each suggestion with its text; a blank suggestion and a text that is None have no pair."""
    for suggestion, text in zip((machine.prompt, *machine.answers), texts, strict=True):
        if suggestion.strip() and text is not None:
            yield suggestion, text
