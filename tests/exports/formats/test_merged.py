"""What merge returns: pairs as a DataFrame, and datasets that equal the files of an export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest

from exports.formats import FORMATS
from exports.formats.merged import merge, pairs
from exports.review.files import Review
from exports.write.export import export
from tests.exports.cases import confirmed, record
from workspace.errors import ConfigError


def review_of(*numbers: int) -> Review:
    """Two reviewers agree on each record."""
    ballots = [
        confirmed(1, 2, 3, record_id=f"h4rmony-{number}", reviewer=name)
        for number in numbers
        for name in ("ana", "eva")
    ]
    return Review(tuple(record(number) for number in numbers), tuple(ballots))


@pytest.mark.parametrize("language", ["es", "both"])
def test_a_dataset_equals_what_the_files_load_as(tmp_path: Path, language: str) -> None:
    datasets.disable_progress_bars()
    merged = merge(review_of(*range(1, 9)), language=language, test_share=0.5)  # type: ignore[arg-type]
    export(merged, tmp_path, list(FORMATS))
    for name in FORMATS:
        files = {split: str(tmp_path / name / f"{split}.parquet") for split in ("train", "test")}
        loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
        made = merged.to_dataset(name)
        assert {split: len(made[split]) for split in made} == {split: len(loaded[split]) for split in files}
        for split in files:
            assert made[split].features == loaded[split].features
            assert made[split].to_list() == loaded[split].to_list()
            assert len(made[split])


def test_an_unknown_format_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown format 'parquet'; choose from dpo, "):
        merge(review_of(1)).to_dataset("parquet")
    with pytest.raises(ConfigError, match="unknown format 'parquet'"):
        export(review_of(1), tmp_path / "out", ["dpo", "parquet"])
    for wrong in ("dpo", []):
        with pytest.raises(ConfigError, match="formats must be a list with at least one name"):
            export(review_of(1), tmp_path / "out", wrong)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"test_share": 2}, {"method": "dice"}, {"min_margin": -1}])
def test_a_setting_out_of_range_or_unknown_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        merge(Review((), ()), **wrong)


def test_the_pairs_are_those_of_the_export_and_an_empty_review_has_their_columns() -> None:
    review = review_of(1, 2)
    frame = pairs(review)
    written = [row["id"] for split in merge(review).to_dataset().values() for row in split]
    assert list(frame["id"]) == sorted(written)
    assert frame.loc[0, "issues"] == ["PWM", "SC"]
    assert (frame["wins"].tolist(), frame["margin"].tolist()) == ([2] * 6, [1.0] * 6)
    assert list(pairs(Review((), ()))) == list(frame)
    assert set(pairs(merge(review, language="both"))["lang"]) == {"spa", "eng"}


def test_the_variety_of_a_row_is_a_code_whatever_the_source_writes() -> None:
    places = ({"pais": "México"}, {"variety": "español latinoamericano neutro"}, {"variety": "neutro"}, {})
    records = tuple(record(n, metadata=place) for n, place in enumerate(places, 1))
    found = pairs(merge(Review(records, tuple(confirmed(1, 2, 3, record_id=one.id) for one in records))))
    said = dict(zip(found["record_id"], found["variety"].fillna(""), strict=True))
    assert said == {"h4rmony-1": "es-MX", "h4rmony-2": "es-419", "h4rmony-3": "neutro", "h4rmony-4": ""}
