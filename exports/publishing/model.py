"""A model that ``train`` made on the Hugging Face Hub: its files, and the push.

::

    README.md                                  the model card, as it stands in the folder
    training.json                              data with hashes, settings, versions, metrics
    adapter_model.safetensors ...              the adapter, its settings and its tokenizer
    model.safetensors  config.json ...         or, with ``merged``, the whole model

Only files of these names (``is_model_file``) are pushed, and replaced or deleted there: no checkpoint, and nothing
that somebody else put into the folder.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.card.check import CardCheck, check_by_hub
from exports.publishing.consent import Ask, confirm_licence, confirm_replacing
from exports.publishing.hub import MAIN, HubRepository, Kind, Pushed
from exports.training.card import what_binds
from exports.training.trained import ADAPTER, CARD, MERGED, REPORT, read_report
from workspace.errors import ConfigError, HubError, one_line
from workspace.hub import is_hub_id, open_hub
from workspace.licences import card_licence

_FILES = frozenset(
    {
        *(CARD, REPORT, "adapter_config.json", "config.json", "generation_config.json", "chat_template.jinja"),
        *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
        *("vocab.json", "vocab.txt", "merges.txt", "tokenizer.model", "spiece.model"),
    }
)
_WEIGHTS = re.compile(r"(adapter_model|model)(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?")


def is_model_file(path: str) -> bool:
    """True for the path of a file that ``publish_model`` may push, relative to its folder."""
    return path in _FILES or bool(_WEIGHTS.fullmatch(path))


MODEL = Kind("model", "", "model and card", "", is_model_file)


@dataclass(frozen=True)
class PublishedModel:
    """What was published of a model.

    Attributes:
        repo_id: the repository.
        files: the names of its files, sorted.
        licence: what its card states.
        check: who checked the card, and what the Hub warns of.
        pushed: the commit on the Hub; None after a dry run.
    """

    repo_id: str
    files: tuple[str, ...]
    licence: str
    check: CardCheck
    pushed: Pushed | None = None

    def to_json(self) -> dict[str, Any]:
        """As ``h4rmony train --push --json`` has it."""
        said: dict[str, Any] = {
            "repo_id": self.repo_id,
            "files": list(self.files),
            "licence": self.licence,
            "card": str(self.check),
        }
        if pushed := self.pushed:
            said |= {"url": pushed.url, "commit": pushed.commit, "changed": pushed.changed}
        return said


@dataclass(frozen=True)
class ModelTarget:
    """A repository that a model may be pushed to; without ``hub`` nothing is pushed."""

    repo_id: str
    hub: HubRepository | None
    private: bool
    yes: bool
    ask: Ask | None

    def publish(self, folder: Path, *, merged: bool = False) -> PublishedModel:
        """Push what ``train`` left in a folder; see ``publish_model``."""
        report = read_report(folder)
        if not report:
            raise ConfigError(f"{folder}: no {REPORT}, so it is no finished run of train; give its -o")
        paths = _paths(folder, report, merged=merged)
        card = (paths[CARD]).read_text(encoding="utf-8")
        _check_offline(self.repo_id, card)
        stated = card_licence(paths[CARD].parent)
        label = stated.name if stated else "none"
        files = tuple(sorted(paths))
        if not self.hub:
            check = check_by_hub(self.repo_id, card, kind=MODEL.word)
            return PublishedModel(self.repo_id, files, label, check)
        if not self.yes:
            instead = "train another model, or on other data"
            confirm_licence(self.repo_id, what_binds(report), label, instead, self.ask)
        with tempfile.TemporaryDirectory(prefix="h4rmony-publish-") as made:
            for name, path in paths.items():
                (Path(made) / name).symlink_to(path.resolve())
            pushed = self.hub.push(Path(made), "Publish with h4rmony", private=self.private)
        return PublishedModel(self.repo_id, files, label, pushed.check, pushed)


def model_target(
    repo_id: str,
    *,
    base: str | None = None,
    private: bool = False,
    yes: bool = False,
    ask: Ask | None = None,
    dry_run: bool = False,
) -> ModelTarget:
    """Check, before hours of training, that a model may be pushed to a repository: its name, the token, a yes.

    Args:
        repo_id: the model, as OWNER/NAME.
        base: the model whose adapter is to be pushed; None where it is the whole model.
        private: as for ``publish_model``, like the others.
        yes: whether nothing is asked.
        ask: gets the question.
        dry_run: push nothing.

    Raises:
        ConfigError: there is no token, the name cannot be, or nobody else has the base of the adapter.
        HubError: the Hub cannot be reached or refuses, or nobody said yes to replacing what is there.
    """
    if not is_hub_id(repo_id):
        raise ConfigError(f"{repo_id!r} is not a name of a model on the Hub; write it as user/name")
    if base and Path(base).expanduser().is_dir():
        raise _local(base)
    hub = None if dry_run else HubRepository(open_hub(need_token=True), repo_id, MAIN, MODEL)
    if hub:
        hub.refuse_public(private=private)
        if not yes:
            confirm_replacing(hub, ask)
    return ModelTarget(repo_id, hub, private, yes, ask)


def publish_model(
    folder: str | Path,
    repo_id: str,
    *,
    merged: bool = False,
    private: bool = False,
    yes: bool = False,
    ask: Ask | None = None,
    dry_run: bool = False,
) -> PublishedModel:
    """Publish a model that ``train`` made on the Hugging Face Hub, in one commit, with its card.

    The token comes from ``HF_TOKEN`` or ``hf auth login``, and is never printed.

    Args:
        folder: the output of ``train`` or ``finish_training``.
        repo_id: the model, as OWNER/NAME.
        merged: push the merged model instead of the adapter.
        private: make the repository private; an existing public one is refused.
        yes: replace what the repository holds, and publish under licences that are not known to be free, without
            asking.
        ask: gets the question, and returns the answer; without it, what needs a yes is an error.
        dry_run: push nothing; it needs no token, and the Hub checks the card if it answers.

    Raises:
        ConfigError: there is no token, the name cannot be, or the folder holds no such model.
        HubError: the Hub cannot be reached or refuses, or something was not confirmed.

    Example:
        >>> publish_model("modelo/", "equipo/modelo", dry_run=True)
        Traceback (most recent call last):
        workspace.errors.ConfigError: modelo: no training.json, so it is no finished run of train; give its -o
    """
    target = model_target(repo_id, private=private, yes=yes, ask=ask, dry_run=dry_run)
    return target.publish(Path(folder).expanduser(), merged=merged)


def _paths(folder: Path, report: Mapping[str, Any], *, merged: bool) -> dict[str, Path]:
    """The files to push, by their names there.

    Raises:
        ConfigError: there is no such model, or nobody else could use it.
    """
    place = folder / MERGED if merged else folder
    paths = {path.name: path for path in place.glob("*") if path.is_file() and is_model_file(path.name)}
    if merged and ("config.json" not in paths or CARD not in paths):
        raise ConfigError(f"{place}: no merged model; train with --merge")
    if not merged and (ADAPTER not in paths or CARD not in paths):
        raise ConfigError(f"{folder}: the adapter or its card is missing; train again")
    if not merged and not report["model"]["on_hub"]:
        raise _local(report["model"]["name"])
    return paths | {REPORT: folder / REPORT}


def _local(base: str) -> ConfigError:
    return ConfigError(
        f"an adapter of {base}, a folder of this machine, is of no use elsewhere; add --merge (or merged=True), and "
        "the whole model is pushed"
    )


def _check_offline(repo_id: str, card: str) -> None:
    import yaml
    from huggingface_hub import ModelCard

    try:
        data: Any = ModelCard(card).data
        if not data.to_dict():
            raise ValueError("no metadata was found")
    except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise HubError(f"{repo_id}: huggingface_hub does not take the model card ({one_line(error)})") from error
