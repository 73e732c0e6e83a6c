"""The salamandra engine on tiny causal models: the real loading, prompts and generation."""

from __future__ import annotations

import pytest

from loaders.translation.engines.registry import make_translator
from loaders.translation.engines.salamandra import SalamandraTranslator
from tests.tiny_models import ENGLISH, make_causal, sentence
from workspace.errors import ConfigError, MissingPartError

pytestmark = pytest.mark.extras

SENTENCES = [sentence(ENGLISH, length, length) for length in range(2, 12)]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("causal")
    return {
        "base": make_causal(folder / "tiny-ta-2b"),
        "chat": make_causal(folder / "tiny-ta-instruct"),
    }


@pytest.fixture
def salamandra(models, tmp_path):
    def make(kind="base", **options):
        return SalamandraTranslator(model=str(models[kind]), cache=tmp_path, **options)

    return make


def prompt(engine, text):
    return engine._units.causal.tokenizer.decode(engine._units.prompt(text))


def test_the_base_model_completes_after_the_language(salamandra):
    assert prompt(salamandra(), "Rivers live.") == "[English] Rivers live. \n[Spanish]"
    assert prompt(salamandra(target_language="oc"), "Hi.") == "[English] Hi. \n[Aranese]"


def test_an_instructed_model_is_asked_by_its_chat_template(salamandra):
    assert prompt(salamandra("chat", target_language="ast"), "Rivers live.") == (
        "2024-09-30\n<|im_start|>user\nTranslate the following text from English into Asturian.\n"
        "English: Rivers live. \nAsturian:<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("kind", ["base", "chat"])
def test_translations_do_not_depend_on_their_batch(salamandra, kind):
    engine = salamandra(kind)
    together = engine.translate(SENTENCES)
    assert together == [engine.translate([text])[0] for text in SENTENCES]
    assert len({*together}) > 5
    assert all(together)
    assert engine.translate([]) == []


def test_it_is_what_the_model_generates(salamandra):
    """One unit by transformers alone, greedy, as the model's card shows."""
    import torch

    engine = salamandra("chat")
    model, tokenizer = engine._units.causal.model, engine._units.causal.tokenizer
    end = tokenizer.eos_token_id
    for text in SENTENCES:
        numbers = torch.tensor([engine._units.prompt(text)])
        output = model.generate(numbers, max_new_tokens=3 * len(text) + 64, do_sample=False, pad_token_id=end)
        ended = output[0, -1] == end
        wanted = tokenizer.decode(output[0, numbers.shape[1] :], skip_special_tokens=True).lstrip()
        (found,) = engine._units.translate([text])
        assert found == (wanted.partition("\n")[0].strip() if ended or "\n" in wanted else None)


@pytest.mark.parametrize("kind", ["base", "chat"])
def test_a_generation_that_is_stopped_is_no_translation(salamandra, kind):
    units = salamandra(kind)._units
    prompts = [units.prompt(text) for text in SENTENCES]
    stopped = units.write(prompts, 2)
    assert None in stopped


def test_lines_stay_for_the_instructed_and_sentences_for_the_base_model(salamandra):
    text = f"- {SENTENCES[0]} {SENTENCES[1]}\n\n{SENTENCES[2]}"
    base, chat = salamandra(), salamandra("chat")
    one, two, three = base.translate(SENTENCES[:3])
    assert base.translate([text]) == [f"- {one} {two}\n\n{three}"]
    line, last = chat.translate([f"{SENTENCES[0]} {SENTENCES[1]}", SENTENCES[2]])
    assert chat.translate([text]) == [f"- {line}\n\n{last}"]


def test_versions_and_licences(salamandra, models):
    assert salamandra().version.endswith(" base beam5 split2")
    assert salamandra("chat").version.endswith(" chat beam1 split2")
    assert str(salamandra().licence) == "Apache-2.0"


def test_languages_are_validated(salamandra):
    for language in ("ca", "gl", "eu", "ast", "an", "oc", "pt"):
        assert salamandra(target_language=language).target_language == language
    with pytest.raises(ConfigError, match="goes from en, es to an, ast, ca, en, es, eu, gl, oc, pt, not en to qu"):
        salamandra(target_language="qu")


def test_a_model_that_is_not_here_is_stated(tmp_path):
    with pytest.raises(MissingPartError, match="salamandraTA-7b-instruct is not on this machine"):
        make_translator("salamandra", model="BSC-LT/salamandraTA-7b-instruct", cache=tmp_path)
