"""How far a review is."""

from __future__ import annotations

from collections import Counter

from workspace.argilla.beside import all_datasets
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteResponse
from workspace.argilla.settings import RANKING
from workspace.config import DatasetAddress


def review_status(connection: DatasetAddress) -> dict[str, int | dict[str, int]]:
    """Count the records and responses of the review, or of a dataset of answers to grade.

    Returns:
        All ``records``; those that ``complete_after`` reviewers or more have submitted (``completed``) and the others
        (``pending``); the ``responses`` of each status; the drafts that rank some answers and not all
        (``partial_rankings``, which are no votes: the server takes whole ones only; not of answers to grade); and how
        many each reviewer has submitted (``submitted_by``).

    Raises:
        ArgillaError: there is no such dataset, or it cannot be reached.
    """
    with Gateway(connection) as gateway:
        datasets = all_datasets(gateway, None)
        names = {user.id: user.username for user in gateway.users()}
        by_record = [
            (dataset, record.responses)
            for dataset in datasets
            for record in gateway.records(dataset, suggestions=False)
        ]
    submitted = [[each.user_id for each in given if each.status == "submitted"] for _, given in by_record]
    needed = [dataset.min_submitted for dataset, _ in by_record]
    completed = sum(len(users) >= number for users, number in zip(submitted, needed, strict=True))
    partial = sum(_is_partial(each, dataset.count) for dataset, given in by_record for each in given)
    return {
        "records": len(by_record),
        "completed": completed,
        "pending": len(by_record) - completed,
        "complete_after": datasets[0].min_submitted,
        "responses": dict(Counter(each.status for _, given in by_record for each in given)),
        **({"partial_rankings": partial} if datasets[0].kind == "review" else {}),
        "submitted_by": dict(Counter(names.get(user, user) for users in submitted for user in users)),
    }


def _is_partial(response: RemoteResponse, count: int) -> bool:
    ranked = sum(bool(item.get("rank")) for item in response.values.get(RANKING) or ())
    return response.status == "draft" and 0 < ranked < count
