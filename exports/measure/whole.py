"""Measure the agreement of a whole review in one call."""

from __future__ import annotations

from exports.measure.agreement import PACKAGES, ReviewAgreement, ranked_records, review_agreement
from exports.review.files import Review
from workspace.extras import require_packages


def agreement(review: Review) -> ReviewAgreement:
    """Measure how far the reviewers agree with each other and with the source.

    The figures are Krippendorff's alpha and Kendall's tau-b for the whole review, by reviewer and by issue code, each
    with its 95% interval. A figure that cannot be computed is None, with the reason.

    Args:
        review: what was collected.

    Returns:
        The figures; ``to_pandas()`` returns one row for each.

    Raises:
        MissingPartError: the packages of the extra ``report`` are not installed.

    Example:
        >>> agreement(review).overall.alpha_ranks.records
        15
    """
    require_packages("the agreement", PACKAGES, "report")
    return review_agreement(ranked_records(review))
