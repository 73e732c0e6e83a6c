"""``h4rmony evaluate likelihood`` as users run it, on what lm-eval wrote; tests/exports/evaluation runs lm-eval."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import run
from workspace.files.jsonl import write_jsonl

pytestmark = pytest.mark.extras


def samples(folder: Path, right: int) -> str:
    """Four pairs of two prompts, of which a model finds so many right, and a twin of each; as lm-eval writes them."""
    lines = []
    for number in range(6):
        twin = number > 3
        row = {
            "id": f"h4rmony-{number}:0-1",
            "group": f"prompt {number % 2}",
            "kind": "twin" if twin else "pair",
            "answers": ["Los ríos viven.", "Agua."],
            "answer_order": [0, 1],
            "best": 0,
            "length_matched": number < 2,
            "issues": ["PWM"] if number % 2 else ["SC"],
            "type": "Question",
            "language": "es",
            "feature": "agency" if twin else None,
        }
        likelihoods = ("-10.0", "-9.0") if number < right else ("-30.0", "-1.0")
        alone = [["-12.0", "False"], ["-9.0", "False"]]
        lines.append({"doc": row, "filtered_resps": [*([each, "False"] for each in likelihoods), *alone]})
    folder.mkdir()
    write_jsonl(folder / "samples_h4rmony_es_pairs_2026.jsonl", lines)
    return str(folder)


def test_the_summary_has_every_figure_with_its_interval(tmp_path: Path) -> None:
    model, other = samples(tmp_path / "model", 3), samples(tmp_path / "other", 1)
    output = tmp_path / "likelihood.json"
    said = run("evaluate", "likelihood", model, "--reference", other, "-o", str(output))
    title, *lines = said.splitlines()
    assert title == f"{model}: how often the better answer is the likelier one; 95% intervals, clustered"
    figures = {name.strip(): " ".join(said) for name, *said in (line.rsplit("  ", 1) for line in lines)}
    assert figures.pop(f"wrote {output}") == ""
    assert list(figures) == [
        *(f"same length, {name}" for name in ("per byte", "longer wins", "minus reference", "PMI", "sum")),
        *("same length, issue PWM", "same length, issue SC"),
        *(f"all pairs, {name}" for name in ("per byte", "longer wins", "minus reference", "PMI", "sum")),
        *(f"twins, the base, {name}" for name in ("per byte", "longer wins", "minus reference", "PMI", "sum")),
        "twins, the base, feature agency",
    ]
    assert figures["same length, per byte"] == "1.000 (0.038 to 1.000; 2 rows of 2 prompts)"
    assert figures["same length, minus reference"] == "+0.500 (-1.000 to +1.000; 2 rows of 2 prompts)"
    assert figures["same length, issue SC"] == "1.000 (cannot say how sure; 1 row of 1 prompt)"
    shares = [figures[f"all pairs, {name}"].split()[0] for name in ("per byte", "longer wins", "PMI", "sum")]
    assert shares == ["0.750", "1.000", "0.750", "0.000"]
    assert run("evaluate", "likelihood", model, "--reference", other, "-o", str(output)).endswith("is unchanged\n")
    written = json.loads(output.read_text(encoding="utf-8"))
    assert written == json.loads(run("evaluate", "likelihood", model, "--reference", other, "--json"))
    assert written["tasks"]["pairs"]["scores"]["bytes"]["value"] == 0.75
    assert written["tasks"]["twins"]["slices"]["feature"]["agency"]["items"] == 2
    output.unlink()
    assert "would write" in run("evaluate", "likelihood", model, "-o", str(output), "--dry-run")
    assert not output.exists()


def test_what_cannot_be_scored_is_said(tmp_path: Path) -> None:
    assert "for a model, --data names the export to score" in run("evaluate", "likelihood", "gpt2", code=1)
    said = run("evaluate", "likelihood", "gpt2", "--data", str(tmp_path), code=1)
    assert said.startswith(f"Error: {tmp_path}: has no tasks for lm-eval; write them with `h4rmony export --format")
    (tmp_path / "samples_mmlu_2026.jsonl").write_text("{}\n", encoding="utf-8")
    said = run("evaluate", "likelihood", str(tmp_path), code=1)
    assert "samples_mmlu_2026.jsonl" in said and "line 1" in said and "not a sample of the tasks" in said
