"""A merged review: each record's pairs and final texts, and its rows in every format.

``merge`` runs once; exports, publications and DataFrames are all made from the ``Merged`` that it returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports.formats import DEFAULT_FORMAT, FORMATS, Format
from exports.formats.arrow import arrow_schema, arrow_table
from exports.formats.base import METADATA_COLUMNS, said_of
from exports.formats.preference import PAIRS
from exports.merging.pairs import ReviewedRecord, review_records
from exports.merging.settings import LANGUAGES, LanguageChoice, MergeSettings
from exports.merging.split import DEFAULT_TEST_SHARE, SPLITS
from exports.merging.votes import MergeRules, Method
from exports.review.files import Review
from exports.review.sources import settled_part
from exports.review.weights import read_weights
from workspace.errors import ConfigError
from workspace.model.ballots import Ballot
from workspace.model.records import Record
from workspace.model.twins import feature_of

if TYPE_CHECKING:
    import datasets
    import pandas as pd


@dataclass(frozen=True)
class Merged:
    """A review with each record's pairs and texts.

    Attributes:
        review: what was merged, of the sources in the settings; records with equal prompts have the same group.
        settings: how it was merged.
        records: the merged records by id, one for each language.
        collected: the whole review, of every source.
    """

    review: Review
    settings: MergeSettings
    records: tuple[ReviewedRecord, ...]
    collected: Review

    def counted(self) -> Iterator[tuple[Record, tuple[Ballot, ...]]]:
        """Yield each record with the ballots that count: all but those of weight 0."""
        return ((record, self.settings.rules.counted(ballots)) for record, ballots in self.review)

    def format(self, name: str) -> Format:
        """Return a format with the columns that this review needs beside its own; see ``METADATA_COLUMNS``.

        Raises:
            ConfigError: the name is unknown.
        """
        if name not in FORMATS:
            raise ConfigError(f"unknown format {name!r}; choose from {', '.join(FORMATS)}")
        return self.shaped(FORMATS[name])

    def to_dataset(self, format: str = DEFAULT_FORMAT) -> datasets.DatasetDict:
        """Return the rows of a format as a ``DatasetDict`` with ``train`` and ``test``.

        They equal what ``datasets.load_dataset`` reads from the Parquet files of ``export``.

        Args:
            format: one of the names in ``exports.formats.FORMATS``.

        Raises:
            ConfigError: the format is unknown.

        Example:
            >>> merge(review, min_reviewers=2).to_dataset("dpo").num_rows
            {'train': 32, 'test': 6}
        """
        import datasets

        rows = {split: self._table(self.format(format), split) for split in SPLITS}
        return datasets.DatasetDict({split: datasets.Dataset(table) for split, table in rows.items()})

    def to_pandas(self) -> pd.DataFrame:
        """Return the written pairs, one in each row; see ``exports.pairs``."""
        import pandas as pd
        import pyarrow as pa

        table = self.shaped(PAIRS)
        rows = [row for reviewed in self.records for row in table.rows(reviewed)]
        frame: pd.DataFrame = arrow_table(rows, table, arrow_schema(table)).to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype()}.get  # whole numbers of which some are missing
        )
        for name, kind in table.columns.items():
            if kind in ("texts", "integers"):
                frame[name] = [row[name] for row in rows]
        return frame

    def shaped(self, format: Format) -> Format:
        """The format with the columns that this review needs.

        They are those of ``METADATA_COLUMNS`` that any record has, ``feature`` for twins, ``lang`` for two languages.
        """
        for key in METADATA_COLUMNS:
            if any(said_of(key, record.metadata) for record in self.review.records):
                format = format.with_metadata(key)
        if any(feature_of(record.metadata) for record in self.review.records):
            format = format.with_feature()
        return format if len(self.settings.languages) == 1 else format.with_lang()

    def _table(self, format: Format, split: str) -> Any:
        rows = (row for reviewed in self.records if reviewed.split == split for row in format.rows(reviewed))
        return arrow_table(format.ordered(rows), format, arrow_schema(format))


def merge(
    review: Review,
    *,
    min_reviewers: int = 1,
    min_margin: float = 0.0,
    method: Method = "margins",
    weights: str | Path | None = None,
    language: LanguageChoice = "es",
    unreviewed: bool = False,
    keep_problems: bool = False,
    test_share: float = DEFAULT_TEST_SHARE,
    sources: Sequence[str] = (),
) -> Merged:
    """Merge the ballots of a review into pairs and final texts.

    A pair is written where the reviewers prefer one answer. It is not written for a tie, a cycle, too few votes, or
    answers that are not rankable, nor for a record that half of its ballots call harmful, false or badly translated
    (and nobody corrected): each record's ``dropped`` has these pairs, with their votes and the reason. A draw
    is never decided at random.

    Args:
        review: what was collected.
        min_reviewers: how many votes a pair needs.
        min_margin: wins minus losses, divided by the votes, must be above this.
        method: "margins" (the majority), "unanimous" (only where all agree), or "kemeny" (the majority, if all of
            Kemeny's optimal orders agree with it).
        weights: a CSV file with the columns reviewer and weight: how much each reviewer's votes count.
        language: "es" (the reviewed Spanish), "en" (the source's English) or "both".
        unreviewed: add what nobody reviewed, with the source's ranks and the machine's texts.
        keep_problems: keep the records that reviewers call harmful, false or badly translated.
        test_share: the share of the prompts in ``test``.
        sources: the names of the sources to merge, such as ``["h4rmony"]``; all by default.

    Returns:
        The merged review.

    Raises:
        ValueError: a number is out of its range, or the method or the language is unknown.
        ConfigError: ``sources`` is a text instead of a list.
        DataError: the weights cannot be read, or do not fit the review; or it has no source of a name.

    Example:
        >>> merged = merge(review, min_reviewers=2)
        >>> [(pair.chosen, pair.rejected) for pair in merged.records[1].pairs]
        [(0, 1), (0, 2), (1, 2)]
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    if isinstance(sources, str):
        raise ConfigError(f"sources must be a list of names, such as [{sources!r}]")
    settings = MergeSettings(
        rules=MergeRules(min_reviewers, min_margin, method),
        weights=read_weights(Path(weights)) if weights else None,
        languages=LANGUAGES[language],
        unreviewed=unreviewed,
        keep_problems=keep_problems,
        test_share=test_share,
        sources=tuple(sources),
    )
    return merge_review(review, settings)


def merge_review(review: Review, settings: MergeSettings) -> Merged:
    """Merge a review by settings, instead of by arguments as ``merge`` does.

    Raises:
        DataError: the weights do not fit the review, or it has no source of a name.
    """
    if settings.weights:
        settings.weights.check(review.ballots)
    part = settled_part(review, settings.sources)
    return Merged(part, settings, tuple(review_records(part, settings)), review)


def pairs(merged: Merged | Review) -> pd.DataFrame:
    """Return the pairs of a merged review as a DataFrame, one in each row.

    The columns are ``split``, the final texts ``prompt``, ``chosen`` and ``rejected``, ``margin`` (wins minus losses,
    divided by the votes), and where the pair comes from, as in the format ``dpo``; with twins also ``feature``, and
    with two languages ``lang``.

    Args:
        merged: what ``merge`` returned. A review is merged with the defaults of ``merge``.

    Returns:
        A DataFrame; it has these columns even without a pair.

    Example:
        >>> frame = pairs(merge(review, min_reviewers=2))
        >>> frame.loc[0, ["id", "split"]].to_list()
        ['h4rmony-1:0-1', 'train']
    """
    return (merge(merged) if isinstance(merged, Review) else merged).to_pandas()
