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
        responses = [
            response for record in gateway.records(dataset, suggestions=False) for response in record.responses
        ]
        progress = gateway.progress(dataset)
    submitted = [response.user_id for response in responses if response.status == "submitted"]
    return ReviewStatus(
        records=progress.total,
        completed=progress.completed,
        pending=progress.pending,
        complete_after=dataset.min_submitted,
        responses=dict(Counter(response.status for response in responses)),
        submitted_by=dict(Counter(names.get(user_id, user_id) for user_id in submitted)),
    )
