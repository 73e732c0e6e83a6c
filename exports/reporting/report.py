"""The report of a review in one call: what ``h4rmony report`` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exports.measure.agreement import PACKAGES
from exports.measure.edits import Track
from exports.measure.estimates import Estimate
from exports.reporting.contents import Contents, contents
from exports.reporting.html import check_page, write_page
from exports.reporting.links import Place
from exports.reporting.page import render
from exports.review.collect import review_in
from exports.review.files import Review
from exports.review.pseudonyms import pseudonym_key, pseudonymous, pseudonyms
from exports.review.sources import settled_part
from exports.review.varieties import read_varieties
from exports.words import Language, Wording
from workspace.argilla.beside import all_datasets
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.config import default_home
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.giveaways.measure import PACKAGES as GIVEAWAY_PACKAGES

DEFAULT_MIN_SUBMITTED = 2  # what `h4rmony load` asks of a dataset by default


@dataclass(frozen=True)
class Reported:
    """What a report says, in numbers; what cannot be computed is None.

    Attributes:
        records: all records.
        completed: those with enough submitted ballots.
        ballots: all ballots by status.
        reviewers: people with a vote.
        votes: submitted ballots that count: those that do not call a record not rankable.
        alpha_ranks: Krippendorff's alpha of the ranks, ordinal.
        alpha_pairs: Krippendorff's alpha of the pairs, nominal.
        tau_reviewers: the mean tau-b between reviewers.
        tau_source: the mean tau-b between reviewers and the source.
        disagreements: records on which votes differ.
        pairs: training pairs, with the default settings of an export.
        missing: the conditions to publish that do not hold (``exports.reporting.verdict``).
        changed: whether the file was another before.
        dry_run: whether nothing was written.
    """

    records: int
    completed: int
    ballots: Mapping[str, int]
    reviewers: int
    votes: int
    alpha_ranks: float | None
    alpha_pairs: float | None
    tau_reviewers: float | None
    tau_source: float | None
    disagreements: int
    pairs: int
    missing: tuple[str, ...]
    changed: bool
    dry_run: bool


def report(
    review: Review | Connection,
    path: str | Path,
    *,
    language: Language = "es",
    names: bool = False,
    home: Path | None = None,
    min_submitted: int | None = None,
    sources: Sequence[str] = (),
    reviewers: str | Path | None = None,
    dry_run: bool = False,
    track: Track = iter,
) -> Reported:
    """Write one HTML page that says how a review went.

    It begins with whether the review may be published, and what is missing. The page opens offline. Reviewers
    have the pseudonyms of ``h4rmony publish``, unless names are asked for. The same review gives the same bytes.

    Args:
        review: a review; or a connection, whose review is collected first, and the page then links to Argilla.
        path: the HTML file to write.
        language: "es" or "en".
        names: show the reviewers' user names.
        home: the folder with the key of the pseudonyms; by default the connection's, else ``~/.h4rmony``.
        min_submitted: submitted ballots that complete a record; by default what the dataset asks for, 2 for a review.
        sources: the names of the sources that it is about; all by default.
        reviewers: a CSV file with the columns reviewer and variety: whose Spanish is which.
        dry_run: write nothing, only count.
        track: is given the records of the slow part, the edits, and may show how far it is.

    Returns:
        The counts that the command prints, coefficients rounded to three decimals.

    Raises:
        MissingPartError: a package of the extra ``report`` is not installed.
        ValueError: there is no such language.
        ConfigError: the file is there and is no page, ``min_submitted`` is less than 1, or the key of the pseudonyms
            cannot be kept.
        ArgillaError: the review cannot be collected.
        DataError: the file cannot be written, or the review has no source of a name.

    Example:
        >>> reported = report(review, "report.html", language="en")
        >>> reported.votes, reported.disagreements, reported.alpha_ranks
        (37, 5, 0.858)
    """
    require_packages("the report", (*PACKAGES, *GIVEAWAY_PACKAGES, "matplotlib"), "report")
    wording = Wording(language)
    check_page(path)
    if min_submitted is not None and min_submitted < 1:
        raise ConfigError(f"min_submitted is {min_submitted}; give a number of at least 1")
    place = None
    if isinstance(review, Connection):
        home = home or review.home
        review, place = _collected(review)
    varieties = read_varieties(reviewers, review.ballots) if reviewers else {}
    review = settled_part(review, sources)
    if not names:
        public = pseudonyms({ballot.reviewer for ballot in review.ballots}, pseudonym_key(home or default_home()))
        varieties = {public[name]: code for name, code in varieties.items() if name in public}
        review = pseudonymous(review, public, comments=True)
    needed = min_submitted or (place.min_submitted if place else DEFAULT_MIN_SUBMITTED)
    found = contents(review, needed, place, track=track, reviewers=varieties)
    changed = write_page(Path(path), render(found, wording).encode(), dry_run=dry_run)
    return _reported(found, changed=changed, dry_run=dry_run)


def _collected(connection: Connection) -> tuple[Review, Place]:
    with Gateway(connection) as gateway:
        datasets = all_datasets(gateway)
        ids = {dataset.count: dataset.id for dataset in datasets}
        return review_in(gateway, datasets), Place(connection.api_url, ids, datasets[0].min_submitted)


def _reported(found: Contents, *, changed: bool, dry_run: bool) -> Reported:
    progress, overall = found.progress, found.agreement.overall
    return Reported(
        records=progress.records,
        completed=progress.completed,
        ballots=dict(progress.ballots),
        reviewers=len(found.agreement.reviewers),
        votes=progress.votes,
        alpha_ranks=_rounded(overall.alpha_ranks),
        alpha_pairs=_rounded(overall.alpha_pairs),
        tau_reviewers=_rounded(overall.tau_reviewers),
        tau_source=_rounded(overall.tau_source),
        disagreements=len(found.disputes),
        pairs=found.pairs.pairs.total(),
        missing=tuple(check.name for check in found.checks if not check.holds),
        changed=changed,
        dry_run=dry_run,
    )


def _rounded(one: Estimate) -> float | None:
    return None if one.value is None else round(one.value, 3)
