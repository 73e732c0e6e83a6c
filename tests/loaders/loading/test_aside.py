"""Records that are kept aside: the same again and again, and nothing left of them."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from loaders.loading.aside import kept_aside
from tests.reviews import record
from workspace.errors import DataError


def test_they_come_back_as_they_were_as_often_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    records = [record(number) for number in (3, 1, 2)]
    with kept_aside(iter(records)) as kept:
        assert list(zip(kept, kept, strict=True)) == list(zip(records, records, strict=True))
        assert list(tmp_path.iterdir()) == [], "the file has no name that a killed run would leave"


def test_where_there_is_no_room_it_says_so() -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with (
            pytest.raises(DataError, match=r"cannot be kept aside \(.*\); make room where temporary files go"),
            kept_aside(record(number, prompt="x" * 100_000) for number in range(200)),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
