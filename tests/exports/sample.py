"""The demo's review of its samples, as it is bundled."""

from __future__ import annotations

from exports.review.files import Review, read_review
from workspace import samples
from workspace.model.sources import source_of

REVIEW = samples().review


def sample_review(*, spanish: bool = False) -> Review:
    """The review of the sample in English: 24 records, 43 ballots; with that of the sample in Spanish 48 and 86."""
    review = read_review(REVIEW)
    if spanish:
        return review
    records = tuple(record for record in review.records if source_of(record) == "h4rmony")
    ids = {record.id for record in records}
    return Review(records, tuple(ballot for ballot in review.ballots if ballot.record_id in ids))
