"""explode as a function: from records in any form to a DataFrame."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from exports.formats.merged import merge
from exports.merging.explode import explode_dpo, explode_source
from exports.review.files import Review
from exports.write.explode import explode
from tests.exports.cases import record
from workspace.errors import ConfigError, DataError
from workspace.model.records import Record


@dataclass(frozen=True)
class Imploded:
    """As ``loaders.implode`` returns it, by its one attribute that counts here."""

    records: tuple[Record, ...]


def test_records_in_any_form_become_the_rows_of_their_source() -> None:
    review = Review((record(1), record(2)), ())
    frame = explode(review)
    assert frame.to_dict("records") == [row for each in review.records for row in explode_source(each)]
    assert list(frame.columns)[:2] == ["Id", "PromptID"]
    for form in (review.records, Imploded(review.records), review.to_pandas(), iter(review.records)):
        assert explode(form).equals(frame)


def test_the_schema_dpo_and_no_records() -> None:
    assert explode([record(1)], "dpo").to_dict("records") == explode_dpo(record(1))
    with pytest.raises(DataError, match="the records: no record found; give at least one"):
        explode([])


def test_a_merged_review_has_its_own_calls() -> None:
    with pytest.raises(ConfigError, match=r"takes records, not ReviewedRecord; .* pairs\(merged\) returns the pairs"):
        explode(merge(Review((record(1),), ())))  # type: ignore[arg-type]
