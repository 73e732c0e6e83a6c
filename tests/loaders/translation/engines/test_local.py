from __future__ import annotations

import shutil

import pytest

from loaders.translation.engines.local import translator_model
from loaders.translation.engines.marian import NEEDED
from workspace.errors import ConfigError, MissingPartError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "Helsinki-NLP/opus-mt-en-es"


@pytest.fixture
def hub(marian, tmp_path):
    """The Hub's cache with one model in it, as ``hf download`` leaves it."""
    repository = tmp_path / "hub" / f"models--{NAME.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    shutil.copytree(marian, repository / "snapshots" / COMMIT)
    return tmp_path / "hub"


def find(model, hub, tmp_path, **options):
    return translator_model(NEEDED, tmp_path / "cache", {"model": model, "hub_cache": hub, **options})


def test_a_model_on_this_machine_is_used_without_asking_the_hub(hub, tmp_path):
    found = find(NAME, hub, tmp_path)
    assert found.label == f"{NAME}@{COMMIT[:12]}"
    assert str(found.licence) == "CC-BY-4.0"  # by its card
    assert find(f"{NAME}@{COMMIT}", hub, tmp_path) == found


def test_without_a_card_the_licence_is_what_is_known_of_the_id(hub, tmp_path):
    (hub / f"models--{NAME.replace('/', '--')}" / "snapshots" / COMMIT / "README.md").unlink()
    assert str(find(NAME, hub, tmp_path).licence) == "Apache-2.0"


@pytest.mark.parametrize("lost", ["model.safetensors", "target.spm"])
def test_half_a_download_is_fetched_again_and_offline_that_is_stated(hub, tmp_path, lost):
    (hub / f"models--{NAME.replace('/', '--')}" / "snapshots" / COMMIT / lost).unlink()
    with pytest.raises(MissingPartError, match=r"is not on this machine and the Hugging Face Hub cannot be reached;"):
        find(NAME, hub, tmp_path)
    with pytest.raises(MissingPartError, match="a dry run downloads nothing"):
        find(NAME, hub, tmp_path, read_only=True)


def test_an_absent_model_offline_is_stated(tmp_path):
    with pytest.raises(MissingPartError, match=r"is not on this machine.*cannot be reached; .*`hf download Hels"):
        find("Helsinki-NLP/opus-mt-tc-big-en-es", tmp_path / "hub", tmp_path)


def test_what_is_neither_folder_nor_id_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="--model nowhere: not a folder, nor an id"):
        find("nowhere", tmp_path, tmp_path)


def test_a_licence_is_refused_before_anything_is_downloaded(tmp_path):
    with pytest.raises(ConfigError, match=r"facebook/nllb-200-distilled-600M is licensed under CC-BY-NC-4\.0"):
        find("facebook/nllb-200-distilled-600M", tmp_path, tmp_path)


def test_weights_in_parts_must_all_be_there(marian, tmp_path):
    folder = tmp_path / "parts"
    shutil.copytree(marian, folder)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = '{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}'
    (folder / "model.safetensors.index.json").write_text(index)
    with pytest.raises(ConfigError, match="lacks weights"):
        find(str(folder), None, tmp_path)
    (folder / "model-00002-of-00002.safetensors").touch()
    assert find(str(folder), None, tmp_path).folder == folder
