"""Batches of a tiny model of random weights, whose every token tells on what follows."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.tiny_models import ENGLISH, make_causal, sentence
from workspace.errors import ConfigError
from workspace.local.causal import NEEDED, CausalModel, Draw
from workspace.local.models import LocalModel, local_model

pytestmark = pytest.mark.extras

ASKED = [[{"role": "user", "content": sentence(ENGLISH, 3 + number % 17, number)}] for number in range(24)]
LIMIT = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_causal(tmp_path_factory.mktemp("causal") / "tiny-instruct")


def find(folder: Path) -> LocalModel:
    return local_model(str(folder), NEEDED, cache=folder.parent)


def load(folder: Path) -> CausalModel:
    return CausalModel(find(folder), what="this test", own_rules=False)


@pytest.fixture(scope="module")
def model(folder: Path) -> CausalModel:
    return load(folder)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
@pytest.mark.parametrize("endless", [True, False])
def test_a_row_is_the_same_alone_and_in_any_batch(folder: Path, temperature: float, endless: bool) -> None:
    model = load(folder)
    model.ends = frozenset() if endless else model.ends
    prompts = [model.chat_prompt(messages) for messages in ASKED]
    draws = [Draw(temperature, seed) for seed in range(len(prompts))]
    limits = [LIMIT - number % 3 for number in range(len(prompts))]
    alone = [model.write([p], [most], [draw])[0] for p, most, draw in zip(prompts, limits, draws, strict=True)]
    assert model.write(prompts, limits, draws) == alone
    assert model.write(prompts[::-1], limits[::-1], draws[::-1]) == alone[::-1]
    assert len({row.text for row in alone}) > (20 if endless else 5)
    assert all(row.tokens <= limit for row, limit in zip(alone, limits, strict=True))
    assert all(row.ended or row.tokens == limit for row, limit in zip(alone, limits, strict=True))
    assert any(row.ended for row in alone) != endless


def test_tokens_are_drawn_as_often_as_the_model_says(model: CausalModel) -> None:
    import torch

    prompt = model.chat_prompt(ASKED[0])
    with torch.inference_mode():
        shares = (model.model(torch.tensor([prompt])).logits[0, -1].double() / 2.0).softmax(-1)
    draws = [Draw(2.0, seed) for seed in range(600)]
    drawn = Counter(row.text for row in model.write([prompt] * len(draws), [1] * len(draws), draws))
    wanted: defaultdict[str, float] = defaultdict(float)
    for number, share in enumerate(shares.tolist()):
        wanted[model.tokenizer.decode([number] if number not in model.ends else [])] += share
    assert max(wanted.values()) > 0.2
    assert all(drawn[text] / len(draws) == pytest.approx(share, abs=0.08) for text, share in wanted.items())


def test_what_the_model_advises_shapes_what_is_drawn_and_nothing_else_of_it(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "own")
    rules = json.loads((folder / "generation_config.json").read_text())
    rules |= {"do_sample": True, "temperature": 0.7, "top_k": 1, "repetition_penalty": 9.0}
    (tmp_path / "own" / "generation_config.json").write_text(json.dumps(rules))
    plain, own = load(folder), load(tmp_path / "own")
    assert (plain.temperature, own.temperature) == (0.0, 0.7)
    prompts = [plain.chat_prompt(messages) for messages in ASKED[:4]]
    greedy = plain.write(prompts, [LIMIT] * 4)
    assert own.write(prompts, [LIMIT] * 4, [Draw(5.0, seed) for seed in range(4)]) == greedy


def test_instructions_go_into_the_question_where_the_template_knows_none(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "own")
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    (tmp_path / "own" / "chat_template.jinja").write_text(template + "{{ messages[0].content }}>")
    model = load(tmp_path / "own")
    told = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}]
    assert model.tokenizer.decode(model.chat_prompt(told)) == "Be brief.\n\nWho?>"
    (tmp_path / "own" / "chat_template.jinja").write_text("{{ raise_exception('never') }}")
    with pytest.raises(ConfigError, match=r"chat template of the model own@\w{12} cannot be used \(never\)"):
        load(tmp_path / "own").chat_prompt(told)


def test_a_model_without_a_chat_template_is_stated_with_the_remedy(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "base")
    (tmp_path / "base" / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match=r"the model base@\w{12} has no chat template.*ends in -Instruct"):
        load(tmp_path / "base").chat_prompt(ASKED[0])


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_model_that_cannot_be_loaded_is_one_line(folder: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(folder, tmp_path / "half")
    (tmp_path / "half" / file).write_bytes((folder / file).read_bytes()[:40])
    with pytest.raises(ConfigError, match=r"^the model half@\w{12} cannot be loaded: .*downloaded whole$"):
        load(tmp_path / "half")
