"""The score without a judge from likelihoods that the tests state: no model is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exports.evaluation.likelihood.choices import Choice, by_task, is_samples, read_samples
from exports.evaluation.likelihood.likelihood import Likelihood, difference, preferences
from workspace.errors import DataError
from workspace.files.jsonl import write_jsonl

pytestmark = pytest.mark.extras


def choice(number: int, *likelihoods: float, **changes: Any) -> Choice:
    """A pair of which the first answer is the better one."""
    values: dict[str, Any] = {
        "id": f"h4rmony-{number}:0-1",
        "group": f"prompt {number}",
        "kind": "pair",
        "right": 0,
        "lengths": (10,) * len(likelihoods),
        "likelihoods": likelihoods,
        "alone": None,
        "length_matched": True,
        "issues": ("PWM",),
        "type": "Question",
        "language": "es",
    }
    return Choice(**{**values, **changes})


def sample(**changes: Any) -> dict[str, Any]:
    """A line of lm-eval's samples: of a pair whose second answer is the better one."""
    row = {
        "id": "h4rmony-1:0-1",
        "group": "qué es el compost",
        "kind": "pair",
        "answers": ["Año.", "Mes."],
        "answer_order": [1, 0],
        "best": 1,
        "length_matched": False,
        "issues": ["SC"],
        "type": None,
        "language": "es",
    }
    answered = [["-7.5", "False"], ["-6.0", "False"], ["-9.0", "False"], ["-5.0", "True"]]
    return {"doc": {**row, **changes}, "filtered_resps": answered}


def test_three_measures_may_each_prefer_another_answer() -> None:
    three = choice(1, -30.0, -10.0, -14.0, lengths=(30, 8, 11), alone=(-35.0, -18.0, -15.0))
    assert [three.hit("bytes"), three.hit("pmi"), three.hit("sum")] == [1.0, 0.0, 0.0]
    assert replace(three, right=1).hit("pmi") == replace(three, right=1).hit("sum") == 1.0
    assert (three.longer, replace(three, right=1).longer) == (1.0, 0.0)


def test_a_tie_is_half_and_of_three_a_third() -> None:
    assert choice(1, -3.0, -3.0).hit("bytes") == 0.5
    assert choice(1, -3.0, -3.0, -9.0).hit("sum") == 0.5
    assert choice(1, -3.0, -3.0, -3.0).hit("sum") == pytest.approx(1 / 3)
    assert choice(1, -4.0, -3.0, -3.0).hit("sum") == 0.0
    assert choice(1, -3.0, -9.0).longer == 0.5


def test_each_row_counts_once_and_prompts_make_the_interval() -> None:
    right, wrong = (-1.0, -2.0), (-2.0, -1.0)
    rows = [choice(number // 4, *(right if number % 4 else wrong), id=str(number)) for number in range(40)]
    found = preferences(rows)["pairs"].scores["bytes"]
    assert (found.value, found.items, found.records) == (0.75, 40, 10)
    alone = preferences(replace(each, group=each.id) for each in rows)["pairs"].scores["bytes"]
    apart = preferences(
        choice(number // 4, *(right if number // 4 % 4 else wrong), id=str(number)) for number in range(48)
    )["pairs"].scores["bytes"]
    assert found.low and alone.low and apart.low and apart.high and found.high
    assert apart.high - apart.low > found.high - found.low  # what all rows of a prompt share is one piece of evidence
    one = preferences([choice(1, -1.0, -2.0), choice(1, -1.0, -2.0, id="other")])["pairs"].scores["bytes"]
    assert (one.value, one.low, one.high, one.reason) == (1.0, None, None, "one_prompt")


def test_tasks_and_slices() -> None:
    rows = [
        choice(1, -1.0, -2.0, lengths=(10, 20), alone=(-1.0, -9.0)),
        choice(2, -2.0, -1.0, length_matched=False, issues=(), alone=(-3.0, -1.0)),
        choice(3, -1.0, -2.0, -3.0, kind="best", length_matched=False),
        choice(4, -1.0, -2.0, kind="twin", feature="framing"),
        choice(5, -2.0, -1.0, kind="twin", feature="erasure"),
    ]
    counts = {name: len(found) for name, found in by_task(rows).items()}
    assert counts == {"matched": 1, "pairs": 2, "best": 1, "twins": 2}
    found = preferences(rows, floor=rows[1:2], reference=rows[:1])
    assert found["pairs"].reference and found["pairs"].reference.items == 1 and found["best"].reference is None
    assert found["matched"].longer.value == 0.0
    assert list(found["pairs"].scores) == ["bytes", "pmi", "sum"]
    assert list(found["best"].scores) == ["bytes", "sum"]  # the unconditional likelihoods are not there
    issues, features = found["pairs"].slices["issue"], found["twins"].slices["feature"]
    assert {name: each.value for name, each in issues.items()} == {"PWM": 0.5, "": 0.0}
    assert {name: each.value for name, each in features.items()} == {"erasure": 0.0, "framing": 1.0}
    assert "feature" not in found["pairs"].slices
    assert found["pairs"].floor and found["matched"].floor is None and found["pairs"].floor.items == 1
    assert found["pairs"].difference and found["pairs"].difference.items == 1 and found["best"].difference is None
    frame = Likelihood("model", found).to_pandas()
    assert list(frame[frame.task == "matched"].figure)[:3] == ["bytes", "longer", "difference"]


def test_a_difference_is_taken_row_by_row() -> None:
    """Two models that are right on the same hard rows differ for sure, however hard rows differ among each other."""
    second = [choice(number, *((-2.0, -1.0) if number % 2 else (-1.0, -2.0))) for number in range(60)]
    first = [choice(number, -1.0, -2.0) if number % 3 == 0 else each for number, each in enumerate(second)]
    found = difference(first, second)
    assert (found.value, found.items, found.records) == (pytest.approx(10 / 60), 60, 60)
    assert found.low and found.low > 0
    same = difference(second, second)
    assert same.value == 0 and same.low == -(same.high or 0) and (same.high or 0) > 0.01  # never a certainty
    turned = difference(second, first)
    assert (turned.low, turned.high) == (pytest.approx(-(found.high or 0)), pytest.approx(-found.low))
    few = difference(first[:3], [*second[2:], choice(99, -1.0, -2.0)])
    assert (few.items, few.low, few.reason) == (1, None, "one_prompt")
    assert difference(first[:1], second[1:]).reason == "no_overlap"


def test_samples_are_those_of_lm_eval() -> None:
    found = Choice.from_json(sample())
    assert (found.right, found.lengths, found.likelihoods, found.alone) == (1, (5, 4), (-7.5, -6.0), (-9.0, -5.0))
    assert (found.type, found.feature, found.issues) == ("", "", ("SC",))
    assert found.hit("bytes") == 0.5 and found.hit("sum") == 1.0 and found.hit("pmi") == 0.0
    twin = Choice.from_json(sample(kind="twin", answer_order=[1, 0], best=0, feature="agency"))
    assert (twin.right, twin.feature) == (1, "agency")  # the base, though reviewers prefer the twin


@pytest.mark.parametrize(
    "line",
    [
        [],
        {},
        {"doc": {"question": "2 + 2"}, "filtered_resps": [["-1", "True"]]},
        {"doc": {}, "filtered_resps": ["4"]},
        {**sample(), "filtered_resps": 3},
    ],
)
def test_other_samples_are_refused(tmp_path: Path, line: Any) -> None:
    write_jsonl(tmp_path / "samples_gsm8k_2026.jsonl", [sample(), line])
    with pytest.raises(DataError, match=r"samples_gsm8k_2026.jsonl.*2.*not a sample of the tasks of `h4rmony export"):
        read_samples(tmp_path)


def test_a_folder_of_samples_is_one_model_s_last_run(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    assert not is_samples(folder) and not is_samples(tmp_path / "missing.jsonl")
    old, last = sample(), {**sample(), "filtered_resps": [["-1", "False"], ["-2", "False"]]}
    other = sample(id="h4rmony-2:0-1")
    for name, lines in (("pairs_2026-01", [old]), ("pairs_2026-02", [last]), ("chat_2026-03", [old, other])):
        write_jsonl(folder / f"samples_h4rmony_es_{name}.jsonl", lines)
    assert is_samples(tmp_path) and is_samples(folder / "samples_h4rmony_es_chat_2026-03.jsonl")
    found = {each.id: each.likelihoods for each in read_samples(tmp_path)}
    assert found == {"h4rmony-1:0-1": (-1.0, -2.0), "h4rmony-2:0-1": (-7.5, -6.0)}
    bare = read_samples(folder / "samples_h4rmony_es_chat_2026-03.jsonl")
    assert [each.likelihoods for each in bare] == [(-7.5, -6.0)] * 2
    write_jsonl(folder / "samples_h4rmony_es_matched_2026-01.jsonl", [sample(length_matched=True)])
    tasks = by_task(read_samples(tmp_path))  # its few-shot examples are others
    assert [[each.likelihoods for each in tasks[name]] for name in ("matched", "pairs")] == [
        [(-7.5, -6.0)], [(-1.0, -2.0), (-7.5, -6.0)]
    ]  # fmt: skip
    (tmp_path / "other").mkdir()
    write_jsonl(tmp_path / "other" / "samples_h4rmony_es_pairs_2026-01.jsonl", [old])
    with pytest.raises(DataError, match=r"several models \(model, other\); name the folder of one"):
        read_samples(tmp_path)
