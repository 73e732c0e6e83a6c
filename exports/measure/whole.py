"""The agreement of a whole review, for those who have the review and nothing else."""

from __future__ import annotations

from exports.measure.agreement import PACKAGES, ReviewAgreement, ranked_records, review_agreement
from exports.review.files import Review
from workspace.extras import require_packages


def agreement(review: Review) -> ReviewAgreement:
    """Measure how far the reviewers agree with each other and with the source.

    Krippendorff's alpha and Kendall's tau-b, of the whole review, by reviewer and by issue code, each with its 95%
    interval. What cannot be computed is None, with the reason.

    Args:
        review: what was collected.

    Returns:
        The figures; ``to_pandas()`` gives one row for each.

    Raises:
        MissingPartError: the packages of the extra ``report`` are not installed.

    Example:
        >>> agreement(review).overall.alpha_ranks.records
        15
    """
    require_packages("the agreement", PACKAGES, "report")
    return review_agreement(ranked_records(review))
