"""What the Hugging Face Hub has against a dataset card: the rules that it documents, as its validator applies them.

Sources: https://huggingface.co/docs/hub/datasets-cards; the specification ``datasetcard.md`` in huggingface/hub-docs;
the licences as the Hub's own error lists them (huggingface_hub issue 4218, May 2026); the languages, sizes and tasks
that ``datasets`` carries with it; the YAML block as ``huggingface_hub.repocard`` cuts it ("exact same regex as in the
Hub"). What the Hub only warns of (tasks that it does not list, no metadata) is a warning here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_LICENCES = """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
    afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5
    cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
    cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0
    lgpl lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl
    openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license
    fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma unknown
    other
"""
LICENCES = frozenset(_LICENCES.split())
_BLOCK = re.compile(r"^(\s*---(?:\r\n|\r|\n))([\S\s]*?)((?:\r\n|\r|\n)---[ \t]*(\r\n|\n|$))")
_LICENCE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_SPLIT = re.compile(r"\w+(\.\w+)*")
Problems = tuple[list[str], list[str]]


class _NoDoubledKeys(yaml.SafeLoader):
    """YAML as the Hub reads it: a key that stands twice is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len({repr(key) for key in keys}):
            raise yaml.constructor.ConstructorError(None, None, "duplicated mapping key", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def card_problems(content: str) -> Problems:
    """The errors and the warnings that the Hub answers for the text of a README.md."""
    block = _BLOCK.match(content)
    if not block:
        return [], ["empty or missing yaml metadata in repo card"]
    try:
        metadata = yaml.load(block[2], Loader=_NoDoubledKeys)
    except yaml.YAMLError as error:
        return [" ".join(str(error).split())], []
    if not isinstance(metadata, dict):
        return ["metadata must be an object"], []
    checks = (_licence, _languages, _listed, _texts, _configs)
    return [problem for check in checks for problem in check(metadata)], list(_tasks(metadata))


def card_metadata_of(content: str) -> dict[str, Any]:
    """The metadata in a card that has no problem."""
    assert card_problems(content) == ([], [])
    block = _BLOCK.match(content)
    assert block
    metadata: dict[str, Any] = yaml.load(block[2], Loader=_NoDoubledKeys)
    return metadata


def _licence(metadata: dict[str, Any]) -> Iterator[str]:
    given = metadata.get("license")
    licences = given if isinstance(given, list) else [given]
    if not set(map(str, licences)) <= LICENCES:
        yield f'"license" must be one of [{", ".join(sorted(LICENCES))}, array]'
    if "other" in licences and not isinstance(metadata.get("license_name"), str):
        yield '"license_name" is required where "license" is other'
    name = metadata.get("license_name")
    if name is not None and not _LICENCE_NAME.fullmatch(str(name)):
        yield '"license_name" must be an id such as my-license-1.0'


def _languages(metadata: dict[str, Any]) -> Iterator[str]:
    known = _resource("languages.json")
    for place, code in enumerate(_list(metadata.get("language"))):
        if not isinstance(code, str) or code not in known:
            yield f'"language[{place}]" must be an ISO 639-1, 639-2 or 639-3 code'


def _listed(metadata: dict[str, Any]) -> Iterator[str]:
    if not set(map(str, _list(metadata.get("size_categories")))) <= set(_resource("size_categories.json")):
        yield '"size_categories" must be one of the official list'
    for source in _list(metadata.get("source_datasets")):
        if not re.fullmatch(r"original|extended(\|.+)?|[\w.-]+(/[\w.-]+)?", str(source)):
            yield '"source_datasets" must be original, extended or a dataset'


def _texts(metadata: dict[str, Any]) -> Iterator[str]:
    for name in ("pretty_name", "license_details", "license_link"):
        if name in metadata and not (isinstance(metadata[name], str) and metadata[name].strip()):
            yield f'"{name}" must be a string'
    for name in ("tags", "task_categories"):
        if not isinstance(metadata.get(name, []), list) or not all(
            isinstance(x, str) for x in _list(metadata.get(name))
        ):
            yield f'"{name}" must be an array of strings'


def _configs(metadata: dict[str, Any]) -> Iterator[str]:
    configs = metadata.get("configs", [])
    if not isinstance(configs, list):
        yield '"configs" must be an array'
        return
    names = [config.get("config_name") if isinstance(config, dict) else None for config in configs]
    if not all(isinstance(name, str) and name for name in names):
        yield '"configs.config_name" is required'
    elif len(set(names)) != len(names):
        yield '"configs" contains a duplicate value'
    elif sum(bool(config.get("default")) for config in configs) > 1:
        yield '"configs" has several defaults'
    else:
        yield from (f'"configs[{name}].data_files" is invalid' for name in map(_wrong_files, configs) if name)


def _wrong_files(config: dict[str, Any]) -> str | None:
    """The name of a configuration whose ``data_files`` are not splits with a path each."""
    files = config.get("data_files")
    good = isinstance(files, list) and files and all(
        isinstance(file, dict)
        and set(file) == {"split", "path"}
        and _SPLIT.fullmatch(str(file["split"]))
        and isinstance(file["path"], str | list)
        for file in files
    )  # fmt: skip
    return None if good else str(config["config_name"])


def _tasks(metadata: dict[str, Any]) -> Iterator[str]:
    from datasets.utils.metadata import known_task_ids

    for task in _list(metadata.get("task_categories")):
        if task not in known_task_ids:
            yield f'The task_categories "{task}" is not in the official list'


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


@cache
def _resource(name: str) -> Any:
    import datasets

    folder = Path(datasets.__file__).parent / "utils" / "resources"
    return json.loads((folder / name).read_text(encoding="utf-8"))
