"""The four ways as experiments: all are scored on the same prompts, and a finished run is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.experiments import WAYS, Asked, check_apart, command, exported, run
from exports.formats.merged import merge
from tests.exports.sample import sample_review
from workspace import ConfigError, DataError
from workspace.model.groups import record_group

pytestmark = pytest.mark.extras
ONE_STEP = {"max_steps": 1, "max_length": 64, "lora_r": 2, "eval_strategy": "no", "save_strategy": "no"}


def test_no_group_is_trained_on_in_any_way_and_tested(tmp_path: Path) -> None:
    merged = exported(Asked(), tmp_path)
    check_apart(merged)
    assert list(merged) == [*WAYS, "test"]
    sides: dict[str, set[str]] = {}
    for found in merged.values():
        for each in found.records:
            sides.setdefault(record_group(each.record), set()).add(each.split)
    assert len(sides) > 40 and {len(found) for found in sides.values()} == {1}
    assert merged["english"].settings.languages == ("en",)
    other = merge(sample_review(spanish=True), test_share=0.6)  # prompts that another share would test
    with pytest.raises(DataError, match=r"english: \d+ groups of prompts would be trained on and tested, such as"):
        check_apart({**merged, "test": other})
    with pytest.raises(DataError, match="no Spanish prompt is on the side test; give a larger --test-share"):
        exported_nothing = exported(Asked(ways=("new",), test_share=0.0), tmp_path / "none")
        check_apart(exported_nothing)


def test_a_way_is_trained_scored_and_kept(tmp_path: Path) -> None:
    asked = Asked(ways=("new",), costs="quick", config=ONE_STEP, home=tmp_path / "home")
    (first,) = run(asked, tmp_path / "out")
    assert first.rows > first.prompts > 5
    difference, longer = first.estimate("pairs", "difference"), first.estimate("pairs", "longer")
    assert difference and longer and difference.items == longer.items > 5
    assert first.seconds > 0 and first.memory > 50
    told = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    assert told.count("| 3. new Spanish prompts | 1 |") == 2
    assert "random weights: this shows that the path works, and nothing of ecology" in told
    assert "ordinary Spanish (bits per byte, 30 texts)" in told
    assert json.loads((tmp_path / "out" / "results.json").read_bytes())["tried"][0]["way"] == "new"
    adapter = tmp_path / "out" / "runs" / "new-1" / "adapter_model.safetensors"
    before = adapter.stat().st_mtime_ns
    assert run(asked, tmp_path / "out") == [first]
    assert adapter.stat().st_mtime_ns == before
    with pytest.raises(ConfigError, match="the run there had another config"):
        run(replace(asked, config={**ONE_STEP, "max_steps": 2}), tmp_path / "out")


def test_what_cannot_be_tried_is_said_in_one_line(tmp_path: Path) -> None:
    said = CliRunner().invoke(command, ["--way", "none"])
    assert said.exit_code == 2 and "'none' is not one of 'english', 'translated', 'new', 'both'" in said.output
    said = CliRunner().invoke(command, ["--test-share", "0", "-o", str(tmp_path)])
    assert (said.exit_code, said.output) == (
        1,
        "Error: no Spanish prompt is on the side test; give a larger --test-share\n",
    )
