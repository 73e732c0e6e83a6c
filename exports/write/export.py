"""Write an export: a folder for each format, the ballots, the pairs that were kept out, and a summary of counts.

::

    DIR/<format>/train.parquet  DIR/<format>/test.parquet   the rows (empty tables where there are none)
    DIR/<format>/train.jsonl    DIR/<format>/test.jsonl     the same as JSON Lines, if asked for
    DIR/ballots.jsonl                                       every ballot of every source, drafts and discards with
                                                            their status
    DIR/ballots-gone.jsonl                                  ballots that were there before, and that the review lacks
                                                            or has only in an older state
    DIR/dropped.jsonl                                       every pair that was not written, its votes and the reason
    DIR/left_out.jsonl                                      every answer or record that a format could not hold
    DIR/summary.json                                        counts, settings, and what each format was made from

Files with other names are not touched, nor is the folder of a format that is not asked for. ``made_from`` in the
summary has a digest of the review and the settings for each format in the folder; the result names a format with
another digest as ``stale``. The ``ballots.jsonl`` of an earlier export or collection may be the last copy of a
ballot: what the review no longer has, or has in an older state, is first kept in ``ballots-gone.jsonl``, as
``collect`` does, and is not used for anything else. ``exports/write/workshop.py`` says how files are replaced.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from exports.formats import DEFAULT_FORMAT, FORMATS, Beside, Format, LeftOut, TrainingRow, lang
from exports.formats.merged import Merged, merge, merge_review
from exports.merging.pairs import ReviewedRecord
from exports.merging.settings import MergeSettings
from exports.merging.split import SPLITS, Split
from exports.merging.votes import DroppedPair
from exports.review.files import BALLOTS, GONE, Gone, Review, gone_ballots, write_gone
from exports.write.arrow import Lines, Table
from exports.write.counts import Counts
from exports.write.workshop import changed_files, move, opened
from workspace import __version__
from workspace.errors import ConfigError
from workspace.files.jsonl import dumps, write_jsonl

DROPPED = "dropped.jsonl"
SUMMARY = "summary.json"
LEFT_OUT = "left_out.jsonl"


@dataclass(frozen=True)
class ExportSettings(MergeSettings):
    """How a review is merged, in which formats it is written, and whether as JSON Lines too."""

    formats: tuple[str, ...] = (DEFAULT_FORMAT,)
    jsonl: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "formats", tuple(sorted(set(self.formats))))

    @classmethod
    def of(cls, settings: MergeSettings, formats: Sequence[str], *, jsonl: bool = False) -> ExportSettings:
        """Add what to write to the settings of a merge.

        Raises:
            ConfigError: no format is named, or the names are not a list.
        """
        if isinstance(formats, str) or not formats:
            raise ConfigError(f"formats must be a list with at least one name, such as [{DEFAULT_FORMAT!r}]")
        shared = {each.name: getattr(settings, each.name) for each in fields(MergeSettings)}
        return cls(tuple(formats), jsonl, **shared)

    def to_json(self) -> dict[str, Any]:
        """The settings as ``summary.json`` holds them."""
        return {"formats": list(self.formats), "jsonl": self.jsonl, **super().to_json()}


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes:
        counts: what was written and what was not, with the reasons.
        changed: whether any file changed.
        stale: folders of formats, and files of JSON Lines, that earlier exports made from another review or with
            other settings.
        gone: ballots that the folder had and the review lacks.
    """

    counts: Counts
    changed: bool
    stale: tuple[str, ...]
    gone: Gone = field(default_factory=Gone)


def export(
    merged: Merged | Review,
    folder: str | Path,
    formats: Sequence[str] = (DEFAULT_FORMAT,),
    *,
    jsonl: bool = False,
    dry_run: bool = False,
) -> Exported:
    """Write training data to a folder, as ``h4rmony export`` does.

    Each format has a folder of its own with ``train.parquet`` and ``test.parquet``. A second export of the same
    review changes no file. Ballots that the folder has and the review lacks are kept in ``ballots-gone.jsonl``.

    Args:
        merged: what ``merge`` returned. A review is merged with the defaults of ``merge``.
        folder: where to write; files with other names are not touched.
        formats: names in ``exports.formats.FORMATS``.
        jsonl: write JSON Lines beside Parquet.
        dry_run: write nothing, only return what would be done.

    Returns:
        The counts, whether a file changed, and what is left of earlier exports.

    Raises:
        ConfigError: a format is unknown.
        DataError: the folder cannot be written, another export is writing to it, or its ballots cannot be read.

    Example:
        >>> exported = export(merge(review, min_reviewers=2), "data/", ["dpo", "kto"])
        >>> exported.counts.rows["dpo/train"]
        32
    """
    merged = merge(merged) if isinstance(merged, Review) else merged
    return export_merged(merged, Path(folder), ExportSettings.of(merged.settings, formats, jsonl=jsonl), dry_run)


def export_review(review: Review, folder: Path, settings: ExportSettings, *, dry_run: bool = False) -> Exported:
    """Merge a review and write its export; see ``export``.

    Raises:
        DataError: the weights do not fit the review, or what ``export`` raises.
    """
    return export_merged(merge_review(review, settings), folder, settings, dry_run)


def export_merged(
    merged: Merged, folder: Path, settings: ExportSettings, dry_run: bool = False, repo_id: str | None = None
) -> Exported:
    """Write a review that was merged with the same settings, maybe for a dataset on the Hub; see ``export``."""
    formats = [merged.format(name) for name in settings.formats]  # an unknown one is an error before a file is made
    digest = _digest(merged)
    before = _made_from(folder)
    with opened(folder, dry_run=dry_run) as workshop:
        stale = tuple(dict.fromkeys(_stale(before, digest, folder, settings)))
        written = {f"{name}/{suffix}": digest for name in settings.formats for suffix in _suffixes(settings)}
        counts = _build(merged, formats, workshop, settings, _still_there(before, folder) | written, repo_id)
        gone = gone_ballots(merged.collected.ballot, folder)
        write_gone(gone, folder, workshop)
        changed = changed_files(workshop, folder, first=GONE, last=SUMMARY)
        if not dry_run:
            move(changed, workshop, folder)
    return Exported(counts, bool(changed), stale, gone)


def dropped_line(record_id: str, pair: DroppedPair) -> dict[str, Any]:
    """A line of ``dropped.jsonl``; wins and losses are those of the first of the two answers.

    ``weighted_margin`` is in it only if the votes have weights.
    """
    weighted = {"weighted_margin": float(pair.tally.margin)} if pair.tally.weights else {}
    return {
        "record_id": record_id,
        "answers": [pair.first, pair.second],
        "reason": pair.reason,
        "wins": pair.tally.wins,
        "losses": pair.tally.losses,
        "ties": pair.tally.ties,
        "reviewers": pair.tally.votes,
        **weighted,
        "detail": pair.detail,
    }


def left_out_line(record_id: str, format: str, left_out: LeftOut) -> dict[str, Any]:
    """A line of ``left_out.jsonl``; ``answer`` is null if the whole record is left out."""
    return {"record_id": record_id, "format": format, "answer": left_out.answer, "reason": left_out.reason}


def _build(
    merged: Merged,
    formats: Sequence[Format],
    workshop: Path,
    settings: ExportSettings,
    made_from: Mapping[str, str],
    repo_id: str | None,
) -> Counts:
    with ExitStack() as stack:
        output = _Output(workshop, formats, settings, stack)
        for reviewed in merged.records:
            output.add(reviewed)
        output.write_mixed()
    counts = output.counts
    counts.add_ballots(merged.review.ballots, settings.rules)
    for format in formats:
        beside = Beside(settings.languages, {split: output.parts[format.name, split] for split in SPLITS}, repo_id)
        for name, text in format.beside(beside).items():
            (workshop / format.name / name).write_bytes(text.encode())
    write_jsonl(workshop / BALLOTS, (ballot.to_json() for ballot in merged.collected.ballots))
    summary = {**counts.to_json(), "settings": settings.to_json(), "made_from": made_from}
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (workshop / SUMMARY).write_bytes(text.encode())
    return counts


class _Output:
    """The open files of an export, and the counts of what was written to them."""

    def __init__(self, workshop: Path, formats: Sequence[Format], settings: ExportSettings, stack: ExitStack) -> None:
        self._formats = formats
        self.counts = Counts(rows=Counter({f"{name}/{split}": 0 for name in settings.formats for split in SPLITS}))
        self.parts: defaultdict[tuple[str, Split], set[str]] = defaultdict(set)  # those with rows
        self._has_languages = len(settings.languages) > 1
        self._dropped = stack.enter_context(Lines(workshop / DROPPED))
        self._left_out = stack.enter_context(Lines(workshop / LEFT_OUT))
        self._tables: dict[tuple[str, Split], list[Table | Lines]] = {}
        self._mixed: defaultdict[tuple[str, Split], list[TrainingRow]] = defaultdict(list)  # rows that wait for all
        for format in formats:
            for split in SPLITS:
                path = workshop / format.name / f"{split}.parquet"
                tables: list[Table | Lines] = [stack.enter_context(Table(path, format))]
                if settings.jsonl:
                    tables.append(stack.enter_context(Lines(path.with_suffix(".jsonl"))))
                self._tables[format.name, split] = tables

    def add(self, reviewed: ReviewedRecord) -> None:
        """Write one record in one language."""
        self.counts.add(reviewed)
        record_id = reviewed.record.id
        said = {"lang": lang(reviewed)} if self._has_languages else {}
        for format in self._formats:
            rows = list(format.rows(reviewed))
            self.counts.add_rows(reviewed, format.name, len(rows))
            if format.mixed:
                self._mixed[format.name, reviewed.split].extend(rows)
            else:
                self._write(format, reviewed.split, rows)
            self.parts[format.name, reviewed.split].update(part for row in rows for part in format.parts(row))
            for left_out in format.left_out(reviewed):
                self.counts.left_out[f"{format.name}/{left_out.reason}"] += 1
                self._left_out.write([{**left_out_line(record_id, format.name, left_out), **said}])
        self._dropped.write({**dropped_line(record_id, pair), **said} for pair in reviewed.dropped)

    def write_mixed(self) -> None:
        """Write the rows whose order depends on all of them."""
        for format in self._formats:
            for split in SPLITS:
                self._write(format, split, format.ordered(self._mixed.pop((format.name, split), ())))

    def _write(self, format: Format, split: Split, rows: Sequence[TrainingRow]) -> None:
        for table in self._tables[format.name, split]:
            table.write(rows)


def _digest(merged: Merged) -> str:
    """SHA-256 of all that the rows of a format depend on: the review, the settings of the merge, the version."""
    digest = hashlib.sha256(dumps([__version__, MergeSettings.to_json(merged.settings)]).encode())
    for record, ballots in merged.review:
        answers = [{**ballot.to_json(), "updated_at": None} for ballot in ballots]  # rows do not depend on it
        digest.update(dumps([record.to_json(), *answers]).encode())
    return digest.hexdigest()


def _made_from(folder: Path) -> dict[str, str]:
    """The digest of each format in a folder, by "format/suffix"; empty if its summary has none."""
    try:
        made_from = json.loads((folder / SUMMARY).read_bytes())["made_from"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {str(name): str(digest) for name, digest in made_from.items()} if isinstance(made_from, dict) else {}


def _still_there(made_from: Mapping[str, str], folder: Path) -> dict[str, str]:
    return {name: digest for name, digest in made_from.items() if _files(folder, *name.partition("/")[::2])}


def _files(folder: Path, format: str, suffix: str) -> list[str]:
    """The tables of a format in a folder, as relative paths."""
    return [path for split in SPLITS if (folder / (path := f"{format}/{split}.{suffix}")).exists()]


def _suffixes(settings: ExportSettings) -> tuple[str, ...]:
    return ("parquet", "jsonl") if settings.jsonl else ("parquet",)


def _stale(made_from: Mapping[str, str], digest: str, folder: Path, settings: ExportSettings) -> Iterator[str]:
    """Yield what is in ``folder``, is not written now, and was made from something else."""
    for name in sorted(FORMATS):
        for suffix in ("parquet", "jsonl"):
            is_written = name in settings.formats and suffix in _suffixes(settings)
            if not is_written and made_from.get(f"{name}/{suffix}") != digest:
                files = _files(folder, name, suffix)
                yield from files if name in settings.formats else [name] * bool(files)
