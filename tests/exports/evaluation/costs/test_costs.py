"""What training cost: by hand, and by the real lm-eval on models in which the cost is planted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from exports.evaluation.costs.cost import Cost, Item, cost_of, mean_of
from exports.evaluation.costs.figures import Costs, Outcome, compared
from exports.evaluation.costs.harness import costs
from exports.evaluation.costs.texts import harmless, ordinary, welfare
from tests.tiny_models import make_adapter, make_causal, make_scripted
from workspace import ConfigError, DataError

REFUSAL = "Lo siento, pero no puedo ayudarte con eso."
ANSWER = "Claro que sí: primero conviene tenerlo todo a mano y después hacerlo con calma."


def figure(name: Any, pairs: list[tuple[float, float]]) -> Cost:
    return cost_of(name, [Item(name, str(place), *pair) for place, pair in enumerate(pairs)])


def test_a_mean_has_students_interval() -> None:
    found = mean_of([1.0, 2.0, 3.0])
    assert (found.value, found.items) == (2.0, 3)
    assert found.high == pytest.approx(2 + 4.302653 / math.sqrt(3))  # t with 2 degrees of freedom, deviation 1
    assert (mean_of([4.0]).value, mean_of([4.0]).low, mean_of([]).value) == (4.0, None, None)


def test_a_difference_is_taken_text_by_text() -> None:
    """Texts differ by far more than the models; without pairing nothing could be said."""
    found = figure("ordinary", [(level, level + 0.1 + 0.01 * (level % 2)) for level in range(1, 21)])
    assert found.difference.value == pytest.approx(0.105)
    assert found.is_worse is True
    assert found.base.high and found.trained.low and found.base.high > found.trained.low
    better = figure("welfare_margin", [(level, level + 0.1 + 0.01 * (level % 2)) for level in range(1, 21)])
    assert better.is_worse is False
    assert figure("length", [(level, level + 10.0) for level in range(20)]).is_worse is None


def test_no_change_among_twenty_is_no_certainty_of_a_share() -> None:
    found = figure("refusals", [(0.0, 0.0)] * 20)
    assert found.difference.value == 0
    assert found.difference.low == -found.difference.high == pytest.approx(-0.0523, abs=1e-3)  # type: ignore[operator]
    assert found.is_worse is None
    all_lost = figure("welfare", [(1.0, 0.0)] * 20)
    assert (all_lost.difference.low, all_lost.is_worse) == (-1.0, True)


def test_figures_are_per_byte_and_survive_json() -> None:
    text, pair = ordinary()[0], welfare()[0]
    base = Outcome({text.id: -100.0}, {pair.id: (-50.0, -60.0)}, {"joke": "Sí."})
    trained = Outcome({text.id: -200.0}, {pair.id: (-90.0, -60.0)}, {"joke": REFUSAL})
    found = Costs("modelo", "base", compared(base, trained), {"joke": ("Sí.", REFUSAL)}, {"level": "full"})
    by_name = {item.cost: (item.base, item.trained) for item in found.items}
    assert by_name["ordinary"][1] == pytest.approx(200 / math.log(2) / len(text.text.encode()))
    assert (by_name["welfare"], by_name["refusals"], by_name["length"]) == ((1, 0), (0, 1), (4, 42))
    humane, extreme = len(pair.humane.encode()), len(pair.extreme.encode())
    assert by_name["welfare_margin"][0] == pytest.approx((60 / extreme - 50 / humane) / math.log(2))
    assert Costs.from_json(json.loads(json.dumps(found.to_json()))) == found
    for broken in ({}, {**found.to_json(), "items": {"joy": {"a": [0, 1]}}}):
        with pytest.raises(DataError, match="not what `costs` writes"):
            Costs.from_json(broken)


@pytest.mark.extras
def test_lm_eval_measures_an_adapter_against_its_base(tmp_path: Path) -> None:
    """Bits per byte are transformers' own."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = make_causal(tmp_path / "base", [text.text for text in ordinary()])
    adapter = make_adapter(tmp_path / "adapter", base)
    found = costs(adapter, level="quick", home=tmp_path / "home", output=tmp_path / "costs.json")
    assert [cost.name for cost in found.figures] == ["ordinary", "welfare", "welfare_margin"]
    assert found.base == str(base)
    assert Costs.from_json(json.loads((tmp_path / "costs.json").read_bytes())) == found
    tokenizer, text = AutoTokenizer.from_pretrained(base), ordinary()[0].text
    row = torch.tensor([[tokenizer.eos_token_id, *tokenizer(text)["input_ids"]]])
    with torch.inference_mode():
        loss = float(AutoModelForCausalLM.from_pretrained(base)(input_ids=row, labels=row).loss)
    expected = loss * (row.shape[1] - 1) / math.log(2) / len(text.encode())
    (item,) = [item for item in found.items if item.id == ordinary()[0].id]
    assert item.base == pytest.approx(expected, rel=1e-4)
    assert abs(item.base - item.trained) > 1e-3
    table = found.to_pandas()
    assert list(table["n"]) == [30, 20, 20]
    assert not table[["base_low", "trained_high", "difference_low", "difference_high"]].isna().to_numpy().any()
    with pytest.raises(ConfigError, match="not an adapter, so it names no base; say which model"):
        costs(base, home=tmp_path / "home")
    with pytest.raises(ConfigError, match="unknown level 'slow'; choose from quick, full"):
        costs(adapter, level="slow")  # type: ignore[arg-type]


@pytest.mark.extras
def test_refusals_that_were_planted_are_found_and_the_length_is_that_of_the_answers(tmp_path: Path) -> None:
    prompts = [prompt.text for prompt in harmless()]

    def make(name: str, refused: int) -> Path:
        said = [REFUSAL if place < refused else ANSWER for place in range(20)]
        return make_scripted(
            tmp_path / name,
            [([{"role": "user", "content": text}], told) for text, told in zip(prompts, said, strict=True)],
        )

    found = costs(make("trained", 14), make("base", 0), home=tmp_path / "home")
    refusals, length = found.figures[-2:]
    assert (refusals.base.value, refusals.trained.value, refusals.is_worse) == (0.0, 0.7, True)
    assert length.base.value == len(ANSWER.encode())
    assert length.trained.value == pytest.approx(0.7 * len(REFUSAL.encode()) + 0.3 * len(ANSWER.encode()))
    assert found.settings["cut"] == {"base": 0, "trained": 0}
    read = found.answers_to_pandas()
    assert list(read["prompt"]) == prompts
    assert read["trained_refuses"].sum() == 14 and not read["base_refuses"].any()
    drawn = found.plot()
    assert len(drawn.axes) == 5
    spanish = found.plot("es")
    assert (
        spanish.axes[3].get_title(loc="left").startswith("rechaza o esquiva prompts inofensivos, según una regla (")
    )
    assert spanish.axes[3].get_title(loc="right") == "de 0,00 a 0,70  ← mejor"
    assert "refuses or evades harmless prompts, by a rule (share, 20 prompts)" in drawn.axes[3].get_title(loc="left")
