"""Make what is published of a review: one folder a configuration, the ballots, and the dataset card.

The rules (``exports/publishing/folder.py`` says which files there are):

- Everything is made from the pseudonymous review (``exports/review/pseudonyms.py``): before the first file is
  written, every user name is replaced, in the weights too.
- The same review, key and settings produce the same bytes. Nothing to publish (no row in any format) is an error.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from exports.card.check import check_offline
from exports.card.facts import card_facts
from exports.card.page import CARD, CardFacts, ConfigFacts, render_card
from exports.evaluation.judging.eval_yaml import EVAL_FILE, eval_yaml
from exports.formats import FORMATS, ColumnType, Format
from exports.formats.base import METADATA_COLUMNS
from exports.formats.lm_eval import TASK_FILES
from exports.formats.merged import Merged, merge_review
from exports.merging.split import SPLITS, Split
from exports.publishing.benchmark import write_benchmark
from exports.publishing.folder import BALLOTS_CONFIG, files_in
from exports.publishing.tables import add_columns, kinds_of
from exports.review.files import Review
from exports.review.pseudonyms import pseudonymous, pseudonyms, public_source
from exports.review.sources import settled_part
from exports.review.varieties import read_varieties, with_variety
from exports.review.weights import Weights
from exports.write.export import ExportSettings, export_merged
from workspace.errors import ConfigError, DataError
from workspace.model.records import Record
from workspace.model.sources import check_sources

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
_GRADER = re.compile(r"[\w.-]+(/[\w.:@-]+)+", re.ASCII)
_UNWRITABLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, and what ends lines
BALLOT_COLUMNS: dict[str, ColumnType] = {
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

    ``grader`` is the model that grades in ``eval.yaml``, as Inspect AI names it; without one there is no such file.
    ``source_licences`` are the licences of sources that state none themselves, by the source's name.
    ``reviewers`` is the table of the reviewers' varieties (``exports/review/varieties.py``),
    ``variety`` that of the records which state none.

    Raises:
        ConfigError: on construction, if the grader is no such name, a constant column has the name of a column that
            a configuration has itself or a trainer reads, or its name or value, or a licence, is not one line of
            text.
    """

    repo_id: str
    export: ExportSettings = field(default_factory=ExportSettings)
    columns: Mapping[str, str] = field(default_factory=dict)
    comments: bool = False
    grader: str | None = None
    source_licences: Mapping[str, str] = field(default_factory=dict)
    reviewers: Path | None = None
    variety: str | None = None

    def __post_init__(self) -> None:
        if self.grader is not None and not _GRADER.fullmatch(self.grader):
            raise ConfigError(
                f"--grader {self.grader!r}: write it as Inspect AI names models, PROVIDER/MODEL, such as "
                "openai/gpt-4.1-mini"
            )
        for name, licence in self.source_licences.items():
            if not licence.strip() or any(unicodedata.category(character) in _UNWRITABLE for character in licence):
                raise ConfigError(f"--source-licence {name}: the licence must be one line of text, such as CC-BY-4.0")
        added = {*METADATA_COLUMNS, "feature", "lang"}
        taken = RESERVED_COLUMNS.union(added, *(format.columns for format in FORMATS.values()))
        for name, value in self.columns.items():
            if any(unicodedata.category(character) in _UNWRITABLE for character in name + value):
                raise ConfigError(f"--columns {name!r}: the name and the value must be one line of UTF-8 text")
            if name in taken:
                raise ConfigError(f"--columns {name}: the data or a trainer has a column of that name; use another")


@dataclass(frozen=True)
class Publication:
    """What was made: the facts of its card and the paths of its files, sorted.

    ``on_both_sides`` are records that share a final prompt, one in train and one in test
    (``exports/write/counts.py``).
    """

    facts: CardFacts
    files: tuple[str, ...]
    on_both_sides: tuple[tuple[str, str], ...]


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
    if settings.export.weights:  # before names give way to pseudonyms, so that a message can name a reviewer
        settings.export.weights.check(review.ballots)
    names = pseudonyms((ballot.reviewer for ballot in review.ballots), key)
    check_sources(settings.source_licences, review.records, "--source-licence")
    varieties = read_varieties(settings.reviewers, review.ballots) if settings.reviewers else {}
    review = settled_part(review, settings.export.sources)  # by the sources' own names
    if settings.variety:
        review = with_variety(review, settings.variety)
    public = pseudonymous(review, names, comments=settings.comments)
    export = _without_names(settings.export, names)
    merged = merge_review(public, export)
    merged = replace(merged, collected=merged.review)  # what other sources' reviewers did is not published with it
    counts = export_merged(merged, folder, export, repo_id=settings.repo_id).counts
    configs = tuple(_finish(folder / name, settings.columns) for name in export.formats)
    if not any(config.splits for config in configs):
        raise DataError(
            f"{settings.repo_id}: nothing to publish, because no pair has votes enough; review more, lower "
            "--min-reviewers or --min-margin, or add --unreviewed"
        )
    configs = tuple(sorted(configs, key=lambda config: list(FORMATS).index(config.name)))
    if settings.grader:
        configs = (*configs, _write_eval(settings, merged, folder))
    ballots = _write_ballots(merged.review, folder)
    facts = card_facts(
        settings.repo_id, merged, export, configs, ballots, counts.to_json(),
        constants=settings.columns, comments=settings.comments,
        source_licences={public_source(name): stated for name, stated in settings.source_licences.items()},
        reviewers={names[name]: code for name, code in varieties.items()},
    )  # fmt: skip
    card = render_card(facts)
    check_offline(settings.repo_id, card)
    (folder / CARD).write_bytes(card.encode())
    return Publication(facts, tuple(files_in(folder)), counts.on_both_sides)


def _write_eval(settings: PublishSettings, merged: Merged, folder: Path) -> ConfigFacts:
    """Write ``eval.yaml``, by which Inspect AI and the Hub's leaderboards evaluate models, and the prompts for it.

    Raises:
        DataError: there are no such prompts.
    """
    found = write_benchmark(merged, settings.columns, folder)
    if not found.splits:
        raise DataError(
            f"{settings.repo_id}: --grader needs prompts in the split test that people have reviewed, and there are "
            "none; review more, or raise --test-share"
        )
    text = eval_yaml(settings.repo_id, str(settings.grader), settings.export.languages)
    (folder / EVAL_FILE).write_bytes(text.encode())
    return found


class _PublicWeights(Weights):
    """Weights of which nothing is stated but for how many reviewers they are: from a hash they could be guessed."""

    def to_json(self) -> dict[str, Any]:
        """What ``summary.json`` and the card state."""
        return {"reviewers": len(self.values)}


def _without_names(export: ExportSettings, names: Mapping[str, str]) -> ExportSettings:
    """The settings with public names of sources, weights by pseudonym, and no name and hash of their file."""
    export = replace(export, sources=tuple(dict.fromkeys(map(public_source, export.sources))))
    if not export.weights:
        return export
    values: dict[str, Fraction] = {names[name]: weight for name, weight in export.weights.values.items()}
    rows = {names[name]: row for name, row in export.weights.rows.items()}
    weights = _PublicWeights(Path("weights.csv"), "", values, rows)
    return replace(export, weights=weights, rules=replace(export.rules, weights=values))


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
            add_columns(path, columns)
        kinds = kinds_of(pq.read_schema(path))
    if not rows["test"]:
        for name in TASK_FILES:  # the tasks read the split `test`
            (folder / name).unlink(missing_ok=True)
    if not any(rows.values()):
        shutil.rmtree(folder)
    return ConfigFacts(folder.name, rows, kinds)


def _write_ballots(review: Review, folder: Path) -> ConfigFacts:
    """Write ``ballots/train.parquet``: every ballot, beside the source's texts and the machine's."""
    import pyarrow.parquet as pq

    from exports.write.arrow import Table

    if not review.ballots:
        return ConfigFacts(BALLOTS_CONFIG, {"train": 0}, {})
    path = folder / BALLOTS_CONFIG / "train.parquet"
    columns = dict(BALLOT_COLUMNS)
    if any(ballot.issues is not None for ballot in review.ballots):  # the dataset asks for them
        columns["issues"] = "texts"
    with Table(path, Format(BALLOTS_CONFIG, columns, lambda *_: ())) as table:
        for record, ballots in review:
            table.write({"issues": None, **ballot.to_json(), **_shown(record)} for ballot in ballots)
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
