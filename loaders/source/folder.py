"""Which files of a folder are its table, and of which split.

A clone of a dataset on the Hub is such a folder. What counts is, in this order:

- what ``datasets`` saved there with ``save_to_disk``;
- the ``configs`` in the header of ``README.md``: the one that the user names, else the only one, or the one that is
  called "default" or marked so;
- all tables below it, if they are of one kind. A folder may stand for a configuration.

The split of a file is what its name or its folder says, by the Hub's words; else ``train``. No script is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from loaders.source.content import COLUMNAR, DELIMITED, JSON, PACKED, TABLES, WORKBOOKS
from loaders.source.location import Location
from workspace.errors import ConfigError, DataError, one_line

TRAIN = "train"
_SPLITS = {  # the Hub's words for them, in the order in which they are read
    TRAIN: ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}.*")
_WORD = re.compile(r"[A-Za-z]+")
_KINDS = (tuple(suffix for suffix in DELIMITED if suffix != ".txt"), JSON, COLUMNAR, WORKBOOKS)
_NO_DATA = ("config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")
_CARD = "README.md"
_SHOWN = 5  # names in a message


@dataclass(frozen=True)
class Part:
    """A file of a folder, and the split that it is of."""

    path: Path
    split: str


def find_parts(folder: Path, name: str, location: Location, notes: list[str]) -> list[Part]:
    """The files to read, in the order in which they are read; ``notes`` grows by what a person should know.

    Raises:
        DataError: it has no table, or which it is cannot be told; names the remedy.
        ConfigError: there is no such configuration or split.
    """
    parts = _saved(folder, name) or _declared(folder, name, location, notes) or _named(folder, name, location, notes)
    splits = [*dict.fromkeys(part.split for part in parts)]
    if location.split is None:
        return parts
    if location.split not in splits:
        raise ConfigError(f"{name}: it has no split {location.split!r}; it has {_listed(splits)}")
    return [part for part in parts if part.split == location.split]


def _saved(folder: Path, name: str) -> list[Part]:
    """The files of what ``save_to_disk`` wrote; none if it is something else."""
    if (folder / "dataset_dict.json").is_file():
        splits = _names(_json(folder, "dataset_dict.json", name).get("splits"))
        return [Part(part.path, split) for split in splits for part in _saved(folder / split, f"{name}/{split}")]
    if not (folder / "state.json").is_file():
        return []
    files = _json(folder, "state.json", name).get("_data_files")
    held = [each.get("filename") for each in files if isinstance(each, Mapping)] if isinstance(files, list) else []
    names = _names(held)
    for missing in (each for each in names if not (folder / each).is_file()):
        raise DataError(f"{name}: {missing}, which its state.json names, is not there; copy the whole folder again")
    return [Part(folder / each, TRAIN) for each in names]


def _names(value: object) -> list[str]:
    """The names within a folder that are stated, one or several; what leads out of it is none."""
    stated = value if isinstance(value, list) else [value]
    texts = [each for each in stated if isinstance(each, str) and each and "\x00" not in each]
    return [each for each in texts if not {"..", "/"}.intersection(PurePosixPath(each).parts)]


def _json(folder: Path, file: str, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{name}/{file}: cannot be read ({one_line(error)}); copy the whole folder again") from error
    return found if isinstance(found, Mapping) else {}


def _declared(folder: Path, name: str, location: Location, notes: list[str]) -> list[Part]:
    """The files of a configuration that ``README.md`` declares; none if it declares none."""
    configs = _configs(folder, name, notes)
    if not configs:
        return []
    config = configs[_chosen(configs, name, location.config, notes)]
    stated = list(_data_files(config))
    if not stated and "data_files" in config:
        raise DataError(
            f"{name}/{_CARD}: its data_files name no files of this folder; mend it, or give {_example(folder, name)}"
        )
    parts = []
    for split, pattern in stated:
        found = sorted(path for path in _glob(folder, pattern) if path.is_file())
        if not found:
            raise DataError(
                f"{name}/{_CARD}: it names the file {pattern}, which is not there; mend it, or give "
                f"{_example(folder, name)}"
            )
        parts += [Part(path, split or _split_of(path, folder) or TRAIN) for path in found]
    return parts or _tables(folder.joinpath(*_names(config.get("data_dir"))[:1]), name, notes)


def _configs(folder: Path, name: str, notes: list[str]) -> dict[str, Mapping[str, Any]]:
    """The configurations by their names, from the header of ``README.md``."""
    import yaml

    card = folder / _CARD
    header = _header(card.read_bytes()) if card.is_file() else b""
    try:
        said = yaml.safe_load(header.decode())
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        problem = f"{name}/{_CARD}: its header is not YAML ({_yaml_problem(error)})"
        if b"configs" in header:
            raise DataError(f"{problem}; mend it, or give {_example(folder, name)}") from error
        notes.append(f"{problem}; it is passed over")
        return {}
    configs = said.get("configs") if isinstance(said, Mapping) else None
    if configs is None:
        return {}
    if not isinstance(configs, list) or not all(isinstance(each, Mapping) for each in configs):
        raise DataError(f"{name}/{_CARD}: its configs are no list; mend it, or give {_example(folder, name)}")
    return {str(each.get("config_name", "default")): each for each in configs}


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 2}: {one_line(getattr(error, 'problem', ''))}" if mark else one_line(error, 80)


def _header(card: bytes) -> bytes:
    """What stands between the first line of dashes and the next."""
    first, *others = card.splitlines(keepends=True) or [b""]
    if first.strip() != b"---":
        return b""
    ends = next((place for place, line in enumerate(others) if line.strip() == b"---"), 0)
    return b"".join(others[:ends])


def _chosen(configs: Mapping[str, Mapping[str, Any]], name: str, wanted: str | None, notes: list[str]) -> str:
    if wanted is not None:
        if wanted not in configs:
            raise ConfigError(f"{name}: it has no configuration {wanted!r}; it has {_listed([*configs])}")
        return wanted
    defaults = [each for each, config in configs.items() if each == "default" or config.get("default") is True]
    if len(configs) > 1 and len(defaults) != 1:
        raise DataError(
            f"{name}: it has several configurations; choose one: --config {' or --config '.join(configs)}"
        )
    (chosen,) = defaults if len(configs) > 1 else configs
    if len(configs) > 1:
        notes.append(f"{name}: the configuration {chosen!r} is read; it has {_listed([*configs])}")
    return chosen


def _data_files(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The split ("" where none is stated) and the pattern of a configuration's files."""
    given = config.get("data_files")
    if isinstance(given, Mapping):
        given = [{"split": split, "path": path} for split, path in given.items()]
    for each in given if isinstance(given, list) else [given]:
        split, paths = (each.get("split"), each.get("path")) if isinstance(each, Mapping) else ("", each)
        yield from ((str(split or ""), pattern) for pattern in _names(paths))


def _glob(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from folder.glob(pattern)
    except (ValueError, NotImplementedError):  # an address, or outside of the folder
        return


def _named(folder: Path, name: str, location: Location, notes: list[str]) -> list[Part]:
    """The tables below a folder, or below the one of the configuration."""
    if location.config is not None and not (_names(location.config) and (folder / location.config).is_dir()):
        raise ConfigError(f"{name}: it has no configuration {location.config!r}, in {_CARD} or as a folder")
    scripts = [path.name for path in folder.glob("*.py") if path.stem in (Path(name).name, folder.name)]
    notes += (f"{name}: its script {script} is not run; the tables beside it are read" for script in scripts)
    return _tables(folder / (location.config or ""), name, notes)


def _tables(folder: Path, name: str, notes: list[str]) -> list[Part]:
    if (folder / "ballots.jsonl").is_file() and (folder / "records.jsonl").is_file():
        raise DataError(f"{name}: a review that `collect` wrote; give {folder / 'records.jsonl'}")
    tables = sorted(path for path in folder.rglob("*") if _is_table(path, folder))
    kinds = {kind: path for path in reversed(tables) for kind in _KINDS if _suffix(path) in kind}
    if not tables:
        there = _listed(sorted(path.name for path in folder.iterdir())) if folder.is_dir() else ""
        raise DataError(f"{name}: no table in this folder ({', '.join(TABLES)}); it has {there or 'nothing'}")
    if len(kinds) > 1:
        examples = _listed([path.relative_to(folder).as_posix() for path in sorted(kinds.values())])
        raise DataError(f"{name}: tables of several kinds ({examples}); give one file, or a folder with one kind")
    splits = {path: _split_of(path, folder) for path in tables}
    if any(splits.values()) and (unsaid := [path for path, split in splits.items() if not split]):
        left = _listed([path.relative_to(folder).as_posix() for path in unsaid])
        notes.append(f"{name}: left out, as their names say no split and others do: {left}")
        tables = [path for path in tables if splits[path]]
    known = [*_SPLITS]
    parts = [Part(path, splits[path] or TRAIN) for path in tables]
    return sorted(
        parts, key=lambda part: (known.index(part.split) if part.split in known else len(known), part.split)
    )


def _is_table(path: Path, folder: Path) -> bool:
    place = path.relative_to(folder)
    is_hidden = any(part.startswith((".", "__")) for part in place.parts)
    return (
        any(_suffix(path) in kind for kind in _KINDS)
        and not is_hidden
        and path.name not in _NO_DATA
        and path.is_file()
    )


def _suffix(path: Path) -> str:
    """What a file's name ends in, without that of a packed file."""
    return Path(path.stem if path.suffix.lower() in PACKED else path.name).suffix.lower()


def _split_of(path: Path, folder: Path) -> str:
    """The split that a file's name or its folders say; "" if they say none."""
    if shard := _SHARD.fullmatch(path.name):
        return shard[1]
    for part in reversed(path.relative_to(folder).with_suffix("").parts):
        words = {word.lower() for word in _WORD.findall(part)}
        for split, names in _SPLITS.items():
            if words.intersection(names):
                return split
    return ""


def _example(folder: Path, name: str) -> str:
    """A table of the folder, to give instead of it."""
    tables = sorted(path for path in folder.rglob("*") if _is_table(path, folder))
    return f"{name}/{tables[0].relative_to(folder).as_posix()}" if tables else "one of its files"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
