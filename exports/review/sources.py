"""The part of a review that is of some of its sources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from exports.review.files import Review
from workspace.model.groups import settle_groups
from workspace.model.sources import check_sources, source_of


def settled_part(review: Review, sources: Collection[str] = ()) -> Review:
    """The records of some sources, or of all where none is named, with their ballots and their groups.

    Groups are settled among all records before any is left out, so that a prompt is on the same side of the split
    whatever is chosen.

    Raises:
        DataError: the review has no record of a source that is named; lists those that it has.
    """
    check_sources(sources, review.records)
    records = settle_groups(review.records)
    if not sources:
        return review if records == review.records else replace(review, records=records)
    kept = tuple(record for record in records if source_of(record) in sources)
    ids = {record.id for record in kept}
    return Review(kept, tuple(ballot for ballot in review.ballots if ballot.record_id in ids))
