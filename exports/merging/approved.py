"""Find the texts of a review that people approved, for the translation memory (pure rules, no I/O).

- A submitted ballot approves each of its texts, whether the reviewer changed the suggestion or left it as it was,
  unless it names the problem ``bad_translation``. Drafts and discards approve nothing.
- A source text has one translation, even if several records share it: the versions of all their ballots are settled
  together, by the rules of ``exports.merging.texts``. So a correction wins a tie with the untouched suggestion, and
  one reviewer is enough unless more are asked for.
- Nothing is approved if fewer than ``min_support`` reviewers submitted the final text.
- ``origin`` is the engine whose suggestion the reviewers saw, so that its licence is not lost.
- A record that is its own translation (the engine "original") approves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from exports.merging.texts import settle_text, without_line_ends
from exports.review.files import Review
from workspace.memory.store import HUMAN, Approved, joined_label, split_label
from workspace.model.ballots import Ballot
from workspace.model.records import ORIGINAL, Record

BAD_TRANSLATION = "bad_translation"


@dataclass
class Approvals:
    """The approved texts, and how they were approved.

    Attributes:
        texts: what was approved, by source text.
        changed: how many of them differ from the suggestion.
        kept: how many are the suggestion.
        disputed: for how many as many reviewers wanted another version.
        below_support: how many source texts have a version that too few reviewers submitted.
    """

    texts: dict[str, Approved] = field(default_factory=dict)
    changed: int = 0
    kept: int = 0
    disputed: int = 0
    below_support: int = 0


@dataclass
class _Versions:
    """The reviewers' versions of one source text, and the suggestion of the first record that has one."""

    given: list[str | None] = field(default_factory=list)
    suggestion: str = ""
    origin: str = ""


def approved_texts(review: Review, target_language: str = "es", *, min_support: int = 1) -> Approvals:
    """Find what the reviewers approved.

    Args:
        review: records and ballots.
        target_language: records with a translation into another language are skipped.
        min_support: how many reviewers must have submitted the final text.
    """
    approvals = Approvals()
    for source, versions in sorted(_versions(review, target_language).items()):
        final = settle_text(versions.given, versions.suggestion)
        if not final.is_reviewed:
            continue
        if final.support < min_support:
            approvals.below_support += 1
            continue
        approvals.texts[source] = Approved(final.text, versions.origin)
        approvals.disputed += final.choice == "closest"
        if final.text == without_line_ends(versions.suggestion):
            approvals.kept += 1
        else:
            approvals.changed += 1
    return approvals


def _versions(review: Review, language: str) -> dict[str, _Versions]:
    found: dict[str, _Versions] = {}
    for record, ballots in review:
        translation = record.translation
        if translation and (translation.language != language or translation.engine == ORIGINAL):
            continue
        for source, suggestion, given in _given(record, ballots):
            versions = found.setdefault(source, _Versions())
            versions.given.extend(given)
            if translation and suggestion and not versions.suggestion:
                versions.suggestion = suggestion
                versions.origin = joined_label(set(split_label(translation.engine)) - {HUMAN})
    return found


def _given(record: Record, ballots: Iterable[Ballot]) -> Iterator[tuple[str, str, list[str | None]]]:
    """Yield each text of a record with its suggestion and the versions of the ballots that approve."""
    approving = [ballot for ballot in ballots if ballot.is_vote and BAD_TRANSLATION not in ballot.problems]
    translation = record.translation
    yield record.prompt, translation.prompt if translation else "", [ballot.prompt for ballot in approving]
    for index, answer in enumerate(record.answers):
        suggestion = translation.answers[index] if translation else ""
        yield answer.text, suggestion, [ballot.answers[index] for ballot in approving]
