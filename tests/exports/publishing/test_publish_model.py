"""A trained model goes to a small Hub on loopback, with the real client: what is pushed, asked and refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import constants

from exports import finish_training, plan_training, publish_model, train
from tests.exports.training.planted import planted, tiny
from tests.hub import TOKEN, Hub, Repo, local_hub
from workspace import ConfigError, HubError
from workspace.cli import main

pytestmark = [
    pytest.mark.extras,
    # TRL 1.16 uses names that transformers 5.23 has renamed
    pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in v6:FutureWarning"),
]
REPO, BASE, COMMIT = "equipo/modelo", "equipo/mini", "a" * 40
ADAPTER_FILES = {
    *("README.md", "training.json", "adapter_config.json", "adapter_model.safetensors"),
    *("chat_template.jinja", "tokenizer.json", "tokenizer_config.json"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data``, a cache of the Hub with a model, and ``modelo``, an adapter of it, merged too."""
    home = tmp_path_factory.mktemp("model")
    planted(home / "data", train=8, test=4)
    kept = home / "cache" / "models--equipo--mini"
    tiny(kept / "snapshots" / COMMIT)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(COMMIT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_CACHE", str(home / "cache"))
        config = {"max_steps": 1, "lora_r": 4}
        train(home / "data", home / "modelo", model=BASE, config=config, merge=True, home=home / "home")
    (home / "modelo" / "thesis.txt").write_text("mine")
    return home


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """The Hub that the machine is set up for."""
    with local_hub() as hub:
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        # the Hub's client reads its settings when it is imported
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        yield hub


def on_hub(hub: Hub) -> dict[str, bytes]:
    files = dict(hub.repos[REPO].branches["main"])
    files.pop(".gitattributes", None)
    return files


def test_the_adapter_is_one_commit_of_its_own_files_and_no_others(home: Path, hub: Hub) -> None:
    done = publish_model(home / "modelo", REPO, private=True)
    assert (hub.repos[REPO].kind, hub.repos[REPO].private) == ("model", True)
    assert set(on_hub(hub)) == set(done.files) == ADAPTER_FILES
    assert len(hub.commits) == 1
    assert done.pushed and done.pushed.url == f"{hub.url}/{REPO}"
    card = on_hub(hub)["README.md"].decode()
    assert hub.cards[0] == card and "base_model: equipo/mini\n" in card and "| data | `data` |" in card
    assert "license: apache-2.0\n" in card and "| licence of the data | CC-BY-4.0 |" in card
    assert "of the pairs rightly" in card
    again = publish_model(home / "modelo", REPO, private=True, yes=True)
    assert again.pushed and not again.pushed.changed
    sent = b"".join(on_hub(hub).values())
    assert TOKEN.encode() not in sent and str(home).encode() not in sent


def test_with_merged_the_whole_model_takes_the_place_of_the_adapter(home: Path, hub: Hub) -> None:
    publish_model(home / "modelo", REPO)
    hub.repos[REPO].branches["main"]["notes.md"] = b"theirs"
    done = publish_model(home / "modelo", REPO, merged=True, yes=True)
    assert {"config.json", "model.safetensors", "README.md", "training.json", "notes.md"} < set(on_hub(hub))
    assert done.pushed and set(done.pushed.deleted) == {"adapter_config.json", "adapter_model.safetensors"}


def test_what_needs_a_yes_is_not_pushed_without_one(home: Path, tmp_path: Path, hub: Hub) -> None:
    hub.repos[REPO] = Repo(kind="model")
    with pytest.raises(HubError, match=f"^{REPO}: exists on the Hub; add --yes to replace its model and card$"):
        publish_model(home / "modelo", REPO)
    with pytest.raises(HubError, match="exists and is public; make it private"):
        publish_model(home / "modelo", REPO, private=True, yes=True)
    with pytest.raises(HubError, match=f"^{REPO}: left as it is; choose another name$"):
        publish_model(home / "modelo", REPO, ask=lambda question: "Replace its model and card" not in question)
    unknown = tmp_path / "unknown"
    shutil.copytree(home / "modelo", unknown)
    report = json.loads((unknown / "training.json").read_text(encoding="utf-8"))
    report["data"]["licences"] = ["CC-BY-4.0", "NOASSERTION"]
    (unknown / "training.json").write_text(json.dumps(report))
    del hub.repos[REPO]
    with pytest.raises(HubError, match=r"bind it \(Apache-2.0; CC-BY-4.0, NOASSERTION\); add --yes to publish it as"):
        publish_model(unknown, REPO)
    assert hub.commits == [] and REPO not in hub.repos


def test_a_dry_run_needs_no_token_and_pushes_nothing(home: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    done = publish_model(home / "modelo", REPO, dry_run=True)
    assert (set(done.files), done.pushed, str(done.check)) == (ADAPTER_FILES, None, "checked by the Hub")
    with pytest.raises(ConfigError, match="no Hugging Face token"):
        publish_model(home / "modelo", REPO)
    assert hub.repos == {}


def test_a_card_that_the_hub_refuses_is_not_pushed(home: Path, tmp_path: Path, hub: Hub) -> None:
    hub.card_errors = ['"license" must be one of [mit, other]']
    with pytest.raises(HubError, match=rf'^{REPO}: the Hub does not take the model card \("license" must be'):
        publish_model(home / "modelo", REPO)
    broken = tmp_path / "broken"
    shutil.copytree(home / "modelo", broken)
    (broken / "README.md").write_text("no front matter")
    with pytest.raises(HubError, match="huggingface_hub does not take the model card"):
        publish_model(broken, REPO)
    assert REPO not in hub.repos


def test_what_is_no_finished_model_or_no_use_elsewhere_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a name of a model on the Hub"):
        publish_model(home / "modelo", "modelo", dry_run=True)
    own = str(home / "cache" / "models--equipo--mini" / "snapshots" / COMMIT)
    local = plan_training(home / "data", own, config={"max_steps": 1}, home=home / "home")
    with pytest.raises(ConfigError, match="the plan has the stages dpo, and there are trainers for none"):
        finish_training({}, local, tmp_path / "out")
    shutil.copytree(home / "modelo", tmp_path / "cut")
    for name, said in (("adapter_model.safetensors", "the adapter or its card is missing"), ("training.json", "no")):
        (tmp_path / "cut" / name).unlink()
        with pytest.raises(ConfigError, match=said):
            publish_model(tmp_path / "cut", REPO, dry_run=True)


def h4rmony(home: Path, model: str, *options: str) -> Result:
    config = home / "c.yaml"
    config.write_text("max_steps: 1\nlora_r: 4\n")
    places = (str(home / "data"), "-o", str(home / "modelo"), "--home", str(home / "home"), "--config", str(config))
    result = CliRunner().invoke(main, ["train", *places, "--model", model, *options])
    assert TOKEN not in result.output
    return result


def test_the_command_checks_before_it_trains_and_pushes_what_it_made(
    home: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "cache"))
    own = str(home / "cache" / "models--equipo--mini" / "snapshots" / COMMIT)
    refused = h4rmony(home, own, "--push", REPO)
    assert refused.stderr.endswith(
        "is of no use elsewhere; add --merge (or merged=True), and the whole model is pushed\n"
    )
    assert h4rmony(home, BASE, "--private").exit_code == 2
    dry = h4rmony(home, BASE, "--push", REPO, "--dry-run")
    assert (dry.exit_code, hub.repos) == (0, {})
    assert f"would push to    {REPO}" in dry.stdout
    done = h4rmony(home, BASE, "--resume", "--push", REPO)  # the run is finished
    assert done.exit_code == 0, done.output
    assert f"pushed           {hub.url}/{REPO}\n" in done.stdout and "is unchanged" in done.stdout.splitlines()[0]
    again = h4rmony(home, BASE, "--resume", "--push", REPO, "--yes", "--json")
    assert json.loads(again.stdout)["pushed"]["changed"] is False
    hub.broken = ("/api/models", lambda request: request.send_error(403))
    denied = h4rmony(home, BASE, "--resume", "--push", REPO)
    assert (denied.exit_code, denied.stderr.count("\n")) == (1, 1)
    assert "the Hub refused the token (403); it needs write access" in denied.stderr
