"""How far a review is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workspace.argilla.gateway import Gateway
from workspace.config import DatasetAddress


@dataclass(frozen=True)
class ReviewStatus:
    """How far the review of a dataset is.

    Attributes:
        records: all records.
        completed: records that ``complete_after`` reviewers or more have submitted.
        pending: the others.
        complete_after: submitted responses that complete a record.
        responses: how many there are of each status.
        submitted_by: how many each reviewer has submitted.
    """

    records: int
    completed: int
    pending: int
    complete_after: int
    responses: Mapping[str, int]
    submitted_by: Mapping[str, int]


def review_status(connection: DatasetAddress) -> ReviewStatus:
    """Count the records and responses of the dataset.

    Raises:
        ArgillaError: there is no such dataset, or it cannot be reached.
    """
    with Gateway(connection) as gateway:
        dataset = gateway.dataset()
        names = {user.id: user.username for user in gateway.users()}
        by_record = [record.responses for record in gateway.records(dataset, suggestions=False)]
    submitted = [[each.user_id for each in given if each.status == "submitted"] for given in by_record]
    completed = sum(len(users) >= dataset.min_submitted for users in submitted)
    return ReviewStatus(
        records=len(by_record),
        completed=completed,
        pending=len(by_record) - completed,
        complete_after=dataset.min_submitted,
        responses=dict(Counter(each.status for given in by_record for each in given)),
        submitted_by=dict(Counter(names.get(user, user) for users in submitted for user in users)),
    )
