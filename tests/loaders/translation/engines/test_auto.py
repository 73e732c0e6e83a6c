from __future__ import annotations

import pytest

from loaders.translation.engines.auto import best_translator
from loaders.translation.engines.registry import make_translator
from tests.tiny_models import make_causal
from workspace.errors import MissingPartError
from workspace.memory.store import EngineId

pytestmark = pytest.mark.extras


@pytest.fixture
def defaults(marian, tmp_path, monkeypatch):
    """Small models in the place of the default ones."""
    causal = make_causal(tmp_path / "ta")
    monkeypatch.setattr("loaders.translation.engines.opus.DEFAULT_MODEL", str(marian))
    monkeypatch.setattr("loaders.translation.engines.salamandra.DEFAULT_MODEL", str(causal))


def test_without_any_model_it_is_apertium_and_says_what_the_others_lack(tmp_path, caplog):
    assert best_translator(cache=tmp_path).engine == "apertium"
    (said,) = caplog.messages
    assert said.startswith(
        "auto takes apertium, whose Spanish is for trying out only (salamandra: no GPU; opus: the m"
    )


def test_opus_is_better_than_apertium(defaults, tmp_path, caplog):
    assert EngineId.of(make_translator("auto", cache=tmp_path)).label.startswith("opus tiny-en-es@")
    assert caplog.messages == []


def test_on_a_gpu_and_for_other_languages_it_is_salamandra(defaults, tmp_path, monkeypatch):
    monkeypatch.setattr("workspace.local.machine.has_gpu", lambda: True)
    assert best_translator(cache=tmp_path).engine == "salamandra"
    assert best_translator(cache=tmp_path, target_language="gl").engine == "salamandra"


def test_nothing_that_works_says_what_each_lacks(tmp_path):
    with pytest.raises(MissingPartError) as raised:
        best_translator(cache=tmp_path, target_language="gl")
    message = str(raised.value)
    assert message.startswith("no translator works here from en to gl (salamandra: no GPU; opus: the model Hels")
    assert "apertium: the apertium translator goes" in message
