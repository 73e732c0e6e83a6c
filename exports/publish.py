"""Make what is published of a review: one folder a configuration, the ballots, and the dataset card.

::

    DIR/README.md                                    the dataset card
    DIR/<format>/train.parquet  test.parquet         the rows of each format; no file for a split without rows
    DIR/ballots/train.parquet                        every ballot with what its reviewer was shown
    DIR/ballots.jsonl  dropped.jsonl  left_out.jsonl  summary.json     as ``h4rmony export`` writes them

The rules:

- Everything is made from the pseudonymous review (``exports/pseudonyms.py``); no user name is at hand any more when
  the first file is written. The weights of reviewers, where there are any, are named by their pseudonyms too.
- The same review, key and settings give the same bytes. Nothing to publish (no row in any format) is an error.
- Only files of these names (``is_published``) are ever replaced or deleted, on the Hub and in a folder; and in a
  folder only if it is empty or holds an earlier publication.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from exports.card import CARD, MARK, CardFacts, ConfigFacts, Figure, Portion, render_card
from exports.card.check import check_offline
from exports.card.licences import licences_of
from exports.export import DROPPED, LEFT_OUT, SUMMARY, ExportSettings, export_review
from exports.formats import FORMATS, Format, Kind
from exports.formats.lm_eval import TASK_FILE
from exports.pairs import SPANISH, ReviewedRecord, review_records
from exports.provenance import source_of
from exports.pseudonyms import pseudonymous, pseudonyms
from exports.review import BALLOTS, Review
from exports.split import SPLITS, Split
from exports.weights import Weights
from workspace import __version__
from workspace.errors import ConfigError, DataError
from workspace.jsonl import replacing
from workspace.records import Record

BALLOTS_CONFIG = "ballots"
CONFIGS = (*FORMATS, BALLOTS_CONFIG)
ROOT_FILES = (CARD, BALLOTS, DROPPED, LEFT_OUT, SUMMARY)
# What the trainers of TRL 1.16 (DPO, KTO, ORPO, CPO, reward, SFT) take for data of their own, made ready or not; a
# constant column of such a name would change the training or end it.
RESERVED_COLUMNS = frozenset(
    {
        *("prompt", "chosen", "rejected", "completion", "label", "text", "messages", "conversations", "margin"),
        *("image", "images", "tools", "chat_template", "chat_template_kwargs"),
        *("input_ids", "attention_mask", "labels", "completion_mask", "assistant_masks", "position_ids"),
        *("token_type_ids", "mm_token_type_ids", "seq_lengths", "pixel_values", "pixel_attention_mask"),
        *("prompt_ids", "prompt_mask", "completion_ids", "chosen_ids", "rejected_ids"),
        *(f"{part}_{what}" for part in ("prompt", "chosen", "rejected", "completion", "concatenated")
          for what in ("input_ids", "attention_mask", "labels", "decoder_input_ids")),
        *(f"KL_{what}" for what in ("input_ids", "attention_mask", "completion_ids", "completion_mask",
                                    "mm_token_type_ids", "token_type_ids", "prompt_ids")),
        *("ref_logps", "ref_KL_logps", "ref_chosen_logps", "ref_rejected_logps"),
        *("reference_chosen_logps", "reference_rejected_logps", "reference_logps", "reference_KL_logps"),
        *("use_cache", "output_router_logits"),
    }
)  # fmt: skip
_UNWRITABLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, and what ends lines
_YEAR = re.compile(r"[0-9]{4}")
_PART = re.compile(r"\.(.+)\.([0-9]+)-[0-9a-f]+\.part")
BALLOT_COLUMNS: dict[str, Kind] = {
    "record_id": "text",
    "reviewer": "text",
    "status": "text",
    "updated_at": "text",
    "mode": "text",
    "ranks": "integers",
    "prompt": "text",
    "answers": "texts",
    "problems": "texts",
    "comment": "text",
    "source_prompt": "text",
    "source_answers": "texts",
    "source_ranks": "integers",
    "machine_prompt": "text",
    "machine_answers": "texts",
}


@dataclass(frozen=True)
class PublishSettings:
    """What to publish under which name: the export, constant columns to add, and whether comments are kept.

    Raises:
        ConfigError: on construction, if a constant column has the name of a column that a configuration has itself
            or a trainer reads, or its name or value is not one line of text.
    """

    repo_id: str
    export: ExportSettings = field(default_factory=ExportSettings)
    columns: Mapping[str, str] = field(default_factory=dict)
    comments: bool = False

    def __post_init__(self) -> None:
        taken = RESERVED_COLUMNS.union(*(format.columns for format in FORMATS.values()), {"lang"})
        for name, value in self.columns.items():
            if any(unicodedata.category(character) in _UNWRITABLE for character in name + value):
                raise ConfigError(f"--columns {name!r}: the name and the value must be one line of UTF-8 text")
            if name in taken:
                raise ConfigError(f"--columns {name}: the data or a trainer has a column of that name; use another")


@dataclass(frozen=True)
class Publication:
    """What was made: the facts of its card and the paths of its files, sorted."""

    facts: CardFacts
    files: tuple[str, ...]


def is_published(path: str) -> bool:
    """True for the path of a file that a publication may hold, relative to its folder."""
    parts = PurePosixPath(path).parts
    if len(parts) == 2:
        return parts[0] in CONFIGS and parts[1] in ("train.parquet", "test.parquet", TASK_FILE)
    return path in ROOT_FILES


def build_publication(review: Review, key: bytes, settings: PublishSettings, folder: Path) -> Publication:
    """Write the whole publication to an empty folder.

    Args:
        review: what was collected, with the reviewers' user names.
        key: the secret of the pseudonyms.
        settings: what to publish.
        folder: an empty folder.

    Raises:
        DataError: there is nothing to publish, the weights do not fit the review, or a file cannot be written.
        HubError: the packages that read dataset cards do not take this one.
    """
    if settings.export.weights:
        settings.export.weights.check(review.ballots)
    names = pseudonyms((ballot.reviewer for ballot in review.ballots), key)
    public = pseudonymous(review, names, comments=settings.comments)
    export = _without_names(settings.export, names)
    counts = export_review(public, folder, export).counts.to_json()
    configs = tuple(_finish(folder / name, settings.columns) for name in export.formats)
    if not any(config.splits for config in configs):
        raise DataError(
            f"{settings.repo_id}: nothing to publish, because no pair has votes enough; review more, lower "
            "--min-reviewers or --min-margin, or add --unreviewed"
        )
    configs = tuple(sorted(configs, key=lambda config: list(FORMATS).index(config.name)))
    facts = _facts(public, replace(settings, export=export), configs, _write_ballots(public, folder), counts)
    card = render_card(facts)
    check_offline(settings.repo_id, card)
    (folder / CARD).write_bytes(card.encode())
    return Publication(facts, tuple(_files(folder)))


def sync_folder(source: Path, target: Path) -> bool:
    """Make ``target`` the same publication as ``source``; returns False if it was that already.

    Raises:
        DataError: ``target`` holds something that is no publication, or cannot be written.
    """
    _check_target(target)
    _sweep(target)
    wanted = list(_files(source))
    stale = [path for path in _files(target) if is_published(path) and path not in wanted]
    changed = [path for path in wanted if not _same(source / path, target / path)]
    for path in sorted(changed, key=lambda path: path != CARD):  # the card first: it marks the folder as ours
        with replacing(target / path) as file, (source / path).open("rb") as made:
            shutil.copyfileobj(made, file)
    for path in stale:
        (target / path).unlink()
        if not any((target / path).parent.iterdir()):
            (target / path).parent.rmdir()
    return bool(changed or stale)


def _check_target(target: Path) -> None:
    card = target / CARD
    try:
        empty = not target.exists() or all(_is_part(path) for path in target.iterdir())
        ours = empty or MARK in card.read_text(encoding="utf-8")
    except FileNotFoundError:
        ours = False
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{card}: cannot be read; choose an empty folder") from error
    if not ours:
        raise DataError(f"{target}: holds files that are no publication; choose an empty folder")


def _is_part(path: Path, folder: str = "") -> bool:
    """True for what ``workspace.jsonl.replacing`` writes beside a file of a publication before it takes its place."""
    match = _PART.fullmatch(path.name)
    return match is not None and is_published(f"{folder}{match[1]}") and path.is_file()


def _sweep(target: Path) -> None:
    """Remove such files that killed publications left in a folder that is ours."""
    for path in _files(target):
        folder = f"{path.rpartition('/')[0]}/".lstrip("/")
        match = _PART.fullmatch(PurePosixPath(path).name)
        if match and _is_part(target / path, folder) and not _is_alive(int(match[2])):
            (target / path).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _files(folder: Path) -> Iterator[str]:
    """The files of a folder as sorted relative paths."""
    if folder.is_dir():
        yield from sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class _PublicWeights(Weights):
    """Weights of which nothing is stated but for how many reviewers they are: from a hash they could be guessed."""

    def to_json(self) -> dict[str, Any]:
        """What ``summary.json`` and the card state."""
        return {"reviewers": len(self.values)}


def _without_names(export: ExportSettings, names: Mapping[str, str]) -> ExportSettings:
    """The settings with weights by pseudonym, and without the name and the hash of their file."""
    if not export.weights:
        return export
    values: dict[str, Fraction] = {names[name]: weight for name, weight in export.weights.values.items()}
    rows = {names[name]: row for name, row in export.weights.rows.items()}
    weights = _PublicWeights(Path("weights.csv"), "", values, rows)
    return replace(export, weights=weights, rules=replace(export.rules, weights=values))


# -- tables ----------------------------------------------------------------------------------------------------------


def _finish(folder: Path, columns: Mapping[str, str]) -> ConfigFacts:
    """Add the constant columns to a format's tables and take away those without rows."""
    import pyarrow.parquet as pq

    rows: dict[Split, int] = {}
    kinds: dict[str, str] = {}
    for split in SPLITS:
        path = folder / f"{split}.parquet"
        rows[split] = pq.read_metadata(path).num_rows
        if not rows[split]:
            path.unlink()
            continue
        if columns:
            _add_columns(path, columns)
        kinds = kinds_of(pq.read_schema(path))
    if not rows["test"]:
        (folder / TASK_FILE).unlink(missing_ok=True)  # the task reads the split `test`
    if not any(rows.values()):
        shutil.rmtree(folder)
    return ConfigFacts(folder.name, rows, kinds)


def _add_columns(path: Path, columns: Mapping[str, str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = path.with_suffix(".part")
    with pq.ParquetFile(path) as source:
        schema = pa.schema([*source.schema_arrow, *((name, pa.string()) for name in columns)])
        with pq.ParquetWriter(part, schema) as writer:
            for group in range(source.num_row_groups):
                table = source.read_row_group(group)
                for name, value in columns.items():
                    table = table.append_column(name, pa.array([value] * len(table), pa.string()))
                writer.write_table(table)
    part.replace(path)


def kinds_of(schema: Any) -> dict[str, str]:
    """The columns of a table with their types as ``words.KINDS`` names them."""
    import pyarrow as pa

    def kind(type: Any) -> str:
        if pa.types.is_list(type):
            return f"list<{kind(type.value_type)}>"
        return "message" if pa.types.is_struct(type) else str(type)

    return {column.name: kind(column.type) for column in schema}


def _write_ballots(review: Review, folder: Path) -> ConfigFacts:
    """Write ``ballots/train.parquet``: every ballot, beside the source's texts and the machine's."""
    import pyarrow.parquet as pq

    from exports.arrow import Table

    if not review.ballots:
        return ConfigFacts(BALLOTS_CONFIG, {"train": 0}, {})
    records = {record.id: record for record in review.records}
    path = folder / BALLOTS_CONFIG / "train.parquet"
    with Table(path, Format(BALLOTS_CONFIG, BALLOT_COLUMNS, lambda *_: ())) as table:
        for ballot in review.ballots:
            table.write([{**ballot.to_json(), **_shown(records[ballot.record_id])}])
    return ConfigFacts(BALLOTS_CONFIG, {"train": len(review.ballots)}, kinds_of(pq.read_schema(path)))


def _shown(record: Record) -> dict[str, Any]:
    """What the reviewers of a record were shown."""
    machine = record.translation
    return {
        "source_prompt": record.prompt,
        "source_answers": [answer.text for answer in record.answers],
        "source_ranks": list(record.ranks),
        "machine_prompt": machine.prompt if machine else None,
        "machine_answers": list(machine.answers) if machine else None,
    }


# -- facts -----------------------------------------------------------------------------------------------------------


def _facts(
    review: Review,
    settings: PublishSettings,
    configs: tuple[ConfigFacts, ...],
    ballots: ConfigFacts,
    counts: Mapping[str, Any],
) -> CardFacts:
    export = settings.export
    merged = review_records(review, export.rules, export.test_share, languages=export.languages,
                            unreviewed=export.unreviewed)  # fmt: skip
    with_pairs: dict[str, ReviewedRecord] = {}
    machine: Counter[str] = Counter()  # pairs of reviewed records with a text that no reviewer submitted
    for reviewed in merged:
        if reviewed.pairs:
            with_pairs[reviewed.record.id] = reviewed
        if not reviewed.from_source:
            machine[reviewed.record.id] += sum(not reviewed.is_reviewed(pair) for pair in reviewed.pairs)
    records = [reviewed.record for reviewed in with_pairs.values()]
    agreement, anchoring = _figures(review)
    return CardFacts(
        repo_id=settings.repo_id,
        configs=configs,
        ballots=ballots,
        counts=counts,
        settings=export.to_json(),
        prompts=len(records),
        from_source=sum(reviewed.method == "source" for reviewed in with_pairs.values()),
        machine_prompts=sum(count > 0 for count in machine.values()),
        machine_pairs=machine.total(),
        engines=portions([record.translation.engine if record.translation else "" for record in review.records]),
        sources=portions([source_of(record) for record in review.records]),
        licences=_licences(review, with_pairs if SPANISH in export.languages else {}),
        issues=portions([issue for record in records for issue in _issues(record)], len(records)),
        types=portions([str(record.metadata.get("type") or "") for record in records]),
        agreement=agreement,
        anchoring=anchoring,
        languages=export.languages,
        constants=settings.columns,
        comments=settings.comments,
        version=__version__,
        year=max(filter(_YEAR.fullmatch, (ballot.updated_at[:4] for ballot in review.ballots)), default=None),
    )


def portions(names: Iterable[str], total: int | None = None) -> tuple[Portion, ...]:
    """Each name with its count and its share of ``total`` (of all names if None); the most frequent first."""
    counts = Counter(names)
    whole = counts.total() if total is None else total
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Portion(name, count, count / whole) for name, count in ordered)


def _issues(record: Record) -> tuple[str, ...]:
    from exports.agreement import issues_of

    return issues_of(record)


def _licences(review: Review, with_pairs: Container[str]) -> tuple[Portion, ...]:
    """The licences of the translations that are published, in pairs or beside ballots, by number of records."""
    shown = {ballot.record_id for ballot in review.ballots}
    records = [each for each in review.records if each.translation and (each.id in with_pairs or each.id in shown)]
    return portions([licence for record in records for licence in licences_of(record)], len(records))


def _figures(review: Review) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The agreement and the anchoring of a review."""
    from exports.agreement import agreement, ranked_records
    from exports.anchoring import anchoring

    ranked = ranked_records(review)
    together = agreement(ranked)
    anchored = anchoring(ranked)
    return (
        (
            Figure("alpha_ranks", together.alpha_ranks),
            Figure("alpha_pairs", together.alpha_pairs),
            Figure("tau_reviewers", together.tau_reviewers),
            Figure("tau_source", together.tau_source),
        ),
        (
            Figure("tau_verify", anchored.verify.tau),
            Figure("tau_blind", anchored.blind.tau),
            Figure("tau_difference", anchored.tau_difference),
        ),
    )
