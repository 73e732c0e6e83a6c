"""The rows that a model is trained and tested on: an export's folder or a dataset on the Hub, with their hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from exports.formats import FORMATS
from exports.training.losses import Loss, Stage
from workspace.errors import ConfigError, DataError, one_line
from workspace.files.jsonl import file_digest
from workspace.hub import download_dataset, is_hub_id
from workspace.licences import NOASSERTION, card_licence
from workspace.model.conversations import Message, Role
from workspace.model.languages import language_code
from workspace.model.prompts import prompt_key
from workspace.model.sources import is_h4rmony

Side = Literal["train", "test"]


@dataclass(frozen=True)
class HeldOut:
    """A pair of the test split: the conversation up to the answer, two answers, and the record that it is of."""

    record_id: str
    asked: tuple[Message, ...]
    chosen: str
    rejected: str


@dataclass(frozen=True)
class TrainingData:
    """What a loss reads.

    Attributes:
        name: the Hub id, or the name of the folder.
        on_hub: whether it is a dataset on the Hub.
        tables: the pyarrow tables by format and side; a side without rows or file is not among them.
        digests: the SHA-256 of each file that is read, by its path in the folder.
        licences: under which licences its texts are, as far as the files say.
    """

    name: str
    on_hub: bool
    tables: Mapping[tuple[str, Side], Any]
    digests: Mapping[str, str]
    licences: tuple[str, ...]

    def rows(self, stage: Stage, side: Side) -> Any:
        """The rows of one side for a trainer, as a ``datasets.Dataset`` in memory; None if there are none."""
        import datasets

        table = self.tables.get((stage.format, side))
        return None if table is None else datasets.Dataset(table.select(list(stage.columns)))

    def count(self, format: str, side: Side) -> int:
        """The rows of one side."""
        table = self.tables.get((format, side))
        return 0 if table is None else int(table.num_rows)

    def prompts(self, format: str, side: Side) -> int:
        """The prompts of one side, in their records."""
        table = self.tables.get((format, side))
        return 0 if table is None else len(set(table["record_id"].to_pylist()))

    def prompt_keys(self) -> set[str]:
        """The words of the prompts that are trained on."""
        tables = [table for (_, side), table in self.tables.items() if side == "train"]
        return {prompt_key(_said(said)) for table in tables for said in table["prompt"].to_pylist()}

    def to_json(self, loss: Loss) -> dict[str, Any]:
        """As ``training.json`` holds it: names, hashes, licences, and how many rows and prompts there are."""
        rows: dict[str, dict[str, int]] = {}
        for name in loss.formats:
            rows[name] = {"train": self.count(name, "train"), "test": self.count(name, "test")}
            rows[name] |= {"train_prompts": self.prompts(name, "train"), "test_prompts": self.prompts(name, "test")}
        return {
            "name": self.name,
            "on_hub": self.on_hub,
            "files": dict(self.digests),
            "rows": rows,
            "licences": list(self.licences),
            "languages": list(self.languages),
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the texts that are trained on, by their codes."""
        tables = [table for (_, side), table in self.tables.items() if side == "train"]
        found = {
            code for table in tables if "language" in table.column_names for code in table["language"].to_pylist()
        }
        return tuple(sorted({language_code(code) or code for code in found if code}))

    def held_out(self, loss: Loss) -> list[HeldOut]:
        """The pairs of the test split: of the last format that the loss reads, else of ``dpo`` where it is there."""
        for name in (loss.stages[-1].format, "dpo"):
            table = self.tables.get((name, "test"))
            if table is not None and name != "sft":
                return list(_pairs(table.to_pylist()))
        return []


def training_data(data: str | Path, loss: Loss) -> TrainingData:
    """Read what a loss needs of an export.

    Args:
        data: the folder that ``export`` or ``publish`` wrote, or the id of a dataset on the Hub.
        loss: the loss.

    Raises:
        ConfigError: there is no such folder or dataset.
        DataError: a format is missing, has no rows, or a file cannot be read.
        HubError: the dataset cannot be had.
    """
    folder, on_hub = Path(data).expanduser(), False
    if not folder.is_dir():
        if folder.exists() or not is_hub_id(str(data)):
            raise ConfigError(f"{data}: neither the folder of an export nor an id OWNER/NAME of the Hugging Face Hub")
        folder, on_hub = download_dataset(str(data)), True
    tables: dict[tuple[str, Side], Any] = {}
    digests: dict[str, str] = {}
    wanted = dict.fromkeys((*loss.formats, *(["dpo"] if (folder / "dpo").is_dir() else [])))
    for name in wanted:
        for side in ("train", "test"):
            path = folder / name / f"{side}.parquet"
            if not path.is_file():
                if side == "train" and name in loss.formats:
                    raise DataError(_missing(str(data), name, folder, on_hub))
                continue
            table = _read(path, name)
            digests[f"{name}/{side}.parquet"] = str(file_digest(path))
            if table.num_rows:
                tables[name, side] = table
    for name in loss.formats:
        if (name, "train") not in tables:
            raise DataError(f"{data}: {name}/train.parquet has no rows; review more, or export with --unreviewed")
    name = str(data) if on_hub else folder.resolve().name
    return TrainingData(name, on_hub, tables, digests, _licences(folder, tables))


def _missing(data: str, name: str, folder: Path, on_hub: bool) -> str:
    there = [known for known in FORMATS if (folder / known / "train.parquet").is_file()]
    has = f"it has {', '.join(there)}" if there else "it is not what export or publish writes"
    remedy = f"publish it with --format {name}" if on_hub else f"h4rmony export -o {data} --format {name} writes it"
    return f"{data}: no {name}/train.parquet ({has}); {remedy}"


def _read(path: Path, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: not a Parquet file that can be read ({one_line(error)}); export it again"
        ) from error
    needed = [*list(FORMATS[name].columns)[:3], "id", "record_id"]
    missing = [column for column in needed if column not in table.column_names]
    if missing:
        raise DataError(f"{path}: it lacks the column {missing[0]}, so it is not what export writes; export it again")
    return table


def _pairs(rows: list[dict[str, Any]]) -> Iterator[HeldOut]:
    """The pairs of rows; of answers, every good one of a record with every bad one of it."""
    sides: defaultdict[str, dict[bool, list[Any]]] = defaultdict(lambda: {True: [], False: []})
    for row in rows:
        if "chosen" in row:
            yield HeldOut(row["record_id"], _turns(row["prompt"]), _said(row["chosen"]), _said(row["rejected"]))
        else:
            language = row["id"].rpartition(":")[2]  # "en" where the texts are the source's English
            sides[f"{row['record_id']}:{language if language.isalpha() else ''}"][bool(row["label"])].append(row)
    for answers in sides.values():
        for good in answers[True]:
            for bad in answers[False]:
                yield HeldOut(
                    good["record_id"], _turns(good["prompt"]), _said(good["completion"]), _said(bad["completion"])
                )


def _turns(conversation: list[dict[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(cast(Role, turn["role"]), turn["content"]) for turn in conversation)


def _said(conversation: list[dict[str, str]]) -> str:
    return conversation[-1]["content"]


def _licences(folder: Path, tables: Mapping[tuple[str, Side], Any]) -> tuple[str, ...]:
    """The licence of the dataset's card, else those that the rows state."""
    if card := card_licence(folder):
        return (card.name,)
    found: set[str] = set()
    for table in tables.values():
        if {"source", "text_licence"} - set(table.column_names):
            found.add(NOASSERTION)
            continue
        for row in table.select(["source", "text_licence"]).to_pylist():
            stated = {licence for licence in row["text_licence"] or () if licence}
            found |= stated or {"CC-BY-4.0" if is_h4rmony(row["source"]) else NOASSERTION}
    return tuple(sorted(found))
