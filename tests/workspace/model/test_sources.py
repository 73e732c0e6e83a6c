"""Which source a record is of: one rule for loading, exports, card and report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import implode
from loaders.extending.prompts.from_file import read_prompts
from tests.reviews import record
from workspace.errors import DataError
from workspace.model.records import Record
from workspace.model.sources import check_sources, source_name, source_of

TABLES: tuple[dict[str, str], ...] = (
    {"PromptID": "239"},
    {"PromptID": "0b-12"},
    {"PromptID": "a b"},
    {"PromptID": ""},
    {"source": "a forum"},
    {"PromptID": "7", "source": "a forum"},
    {},
)


@pytest.mark.parametrize(
    ("name", "metadata", "source"),
    [
        ("h4rmony-239", {"prompt_id": "239"}, "h4rmony"),
        ("my-set-0b-12", {"prompt_id": "0b-12"}, "my-set"),
        ("pairs-fa3c064edeb61730", {}, "pairs"),
        ("h4rmony-1-v2", {"prompt_id": "1", "follows": "h4rmony-1"}, "h4rmony"),
        ("h4rmony-1", {"prompt_id": "1", "source": "a column of the table"}, "h4rmony"),
        ("extended-fa3c064edeb61730-v2", {"follows": "extended-fa3c064edeb61730", "source": "x"}, "extended"),
        ("our-own-12", {}, "our-own"),
        ("our-own-12", {"source": "our"}, "our"),
        ("mine", {"source": "forum"}, "forum"),
        ("mine", {"source": " "}, ""),
        ("mine-1", {"source": 3}, "mine"),
        ("mine", {}, ""),
        ("h4rmony-1-twin-agency", {"prompt_id": "1", "twin_of": "h4rmony-1", "feature": "agency"}, "h4rmony-twins"),
        ("h4rmony-1-v2-twin-agency", {"prompt_id": "1", "twin_of": "h4rmony-1-v2"}, "h4rmony-twins"),
        ("mine-twin-agency-v2", {"source": "forum", "twin_of": "mine", "follows": "mine-twin-agency"}, "forum-twins"),
    ],
)
def test_the_id_tells_the_source_and_else_the_metadata_do(name: str, metadata: dict[str, Any], source: str) -> None:
    assert source_name(name, metadata) == source


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), st.sampled_from(TABLES))
def test_the_name_that_a_source_is_imploded_under_is_told_from_every_id(name: str, more: dict[str, str]) -> None:
    row = {"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them.", **more}
    (made,) = implode([row], source_name=name)
    version = Record(f"{made.id}-v2", "Trees!", made.answers, (), {**made.metadata, "follows": made.id})
    assert source_of(made) == source_of(version) == name


def test_the_name_that_prompts_are_extended_under_is_told_from_their_ids(tmp_path: Path) -> None:
    file = tmp_path / "prompts.csv"
    file.write_text("prompt,PromptID,source\n¿Y el arroyo?,7,un foro\n", encoding="utf-8")
    (prompt,) = read_prompts(file, "del-barrio", "es", [])
    assert source_name(prompt.id, prompt.metadata) == "del-barrio"


def test_an_unknown_source_is_refused_with_those_that_there_are() -> None:
    records = [record(1), Record("mine", "Moss?", record(1).answers)]
    check_sources(["h4rmony", ""], records)
    with pytest.raises(DataError) as refused:
        check_sources(["h4rmony", "H4rmony"], records)
    assert str(refused.value) == (
        "--source H4rmony: the review has no such source; it has records without a source, h4rmony"
    )
    with pytest.raises(DataError, match="it has no record"):
        check_sources(["h4rmony"], [])
