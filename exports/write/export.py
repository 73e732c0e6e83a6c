"""Write an export: one folder a format, the ballots, the pairs that were kept out, and a summary of counts.

::

    DIR/<format>/train.parquet  DIR/<format>/test.parquet   the rows (empty tables where there are none)
    DIR/<format>/train.jsonl    DIR/<format>/test.jsonl     the same as JSON Lines, where it is asked for
    DIR/ballots.jsonl                                       every ballot, drafts and discards with their status
    DIR/ballots-gone.jsonl                                  ballots that stood there before and the review has not,
                                                            or only in an older state
    DIR/dropped.jsonl                                       every pair that was not written, its votes and the reason
    DIR/left_out.jsonl                                      every answer or record that a format could not hold
    DIR/summary.json                                        counts and settings

All files are made in a hidden folder inside DIR first, and only those whose bytes differ take their places, each in
one step: whenever the work is killed, every file is an old or a new one and whole, and a second run mends the rest.
Only one export writes to a folder at a time. Files of other names stay, and so does the folder of a format that is
not asked for now; it is named in the result if the review and the settings of now would give it other rows.
``ballots.jsonl`` may be the last copy of a ballot, of an earlier export or collection: what the review no longer has,
or has in an older state, is kept in ``ballots-gone.jsonl`` first, as ``collect`` keeps it, and is in nothing else.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exports.formats import DEFAULT_FORMAT, FORMATS, Beside, Format, LeftOut, lang
from exports.merging.pairs import SPANISH, Language, ReviewedRecord, review_records
from exports.merging.split import DEFAULT_TEST_SHARE, SPLITS, Split, settle_groups
from exports.merging.votes import DroppedPair, MergeRules
from exports.review.files import BALLOTS, GONE, Gone, Review, gone_ballots, sweep_review
from exports.review.weights import Weights
from exports.write.arrow import Lines, Sink, Table
from exports.write.counts import Counts
from workspace.errors import DataError
from workspace.files.jsonl import write_jsonl
from workspace.files.locks import locked

DROPPED = "dropped.jsonl"
SUMMARY = "summary.json"
LEFT_OUT = "left_out.jsonl"
_WORKSHOP = ".export.part"
_LOCK = f"{_WORKSHOP}.lock"


@dataclass(frozen=True)
class ExportSettings:
    """What to write: the names of formats, when a pair has votes enough, and the share of prompts in ``test``.

    ``languages`` are those of the texts, Spanish as reviewed or the source's own; with ``unreviewed`` the records
    that nobody reviewed are added as their source has them; ``jsonl`` writes JSON Lines too. ``weights`` are where
    the weights in ``rules`` are from.
    """

    formats: tuple[str, ...] = (DEFAULT_FORMAT,)
    rules: MergeRules = field(default_factory=MergeRules)
    test_share: float = DEFAULT_TEST_SHARE
    languages: tuple[Language, ...] = (SPANISH,)
    unreviewed: bool = False
    jsonl: bool = False
    weights: Weights | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "formats", tuple(sorted(set(self.formats))))
        if self.weights and self.rules.weights is None:
            object.__setattr__(self, "rules", replace(self.rules, weights=self.weights.values))

    def to_json(self) -> dict[str, Any]:
        """The settings as ``summary.json`` holds them."""
        return {
            "formats": list(self.formats),
            "jsonl": self.jsonl,
            "languages": list(self.languages),
            "method": self.rules.method,
            "min_margin": self.rules.min_margin,
            "min_reviewers": self.rules.min_reviewers,
            "test_share": self.test_share,
            "unreviewed": self.unreviewed,
            "weights": self.weights.to_json() if self.weights else None,
        }

    @property
    def tables(self) -> tuple[Format, ...]:
        """The formats; with two languages each has a column that says which."""
        formats = (FORMATS[name] for name in self.formats)
        return tuple(format if len(self.languages) == 1 else format.with_lang() for format in formats)


@dataclass(frozen=True)
class Exported:
    """What an export did: its counts, whether any file changed, and what it left alone of older exports although the
    review and the settings of now would change it (``stale``): folders of formats, and files of JSON Lines.
    ``gone`` are the ballots that the folder had and the review has not."""

    counts: Counts
    changed: bool
    stale: tuple[str, ...]
    gone: Gone = field(default_factory=Gone)


def export_review(review: Review, folder: Path, settings: ExportSettings, *, dry_run: bool = False) -> Exported:
    """Merge a review and write its export to ``folder``; with ``dry_run`` only say what that would do.

    Raises:
        DataError: the folder cannot be written, another export is writing to it, its ballots cannot be read, or the
            weights and the review do not fit.
    """
    if settings.weights:
        settings.weights.check(review.ballots)
    records = settle_groups(review.records)
    if records != review.records:
        review = replace(review, records=records)
    with _stated(folder), _scratch() if dry_run else _workshop(folder) as workshop:
        stale = tuple(_stale(review, folder, workshop, settings))
        counts = _build(review, workshop, settings)
        gone = _keep_gone(review, folder, workshop)
        changed = _changed(workshop, folder)
        _check_places(changed, folder)
        if not dry_run:
            _move(changed, workshop, folder)
    return Exported(counts, bool(changed), stale, gone)


def dropped_line(record_id: str, pair: DroppedPair) -> dict[str, Any]:
    """A line of ``dropped.jsonl``: wins and losses are seen from the first of the two answers.

    ``weighted_margin`` is there only if the votes have weights.
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
    """A line of ``left_out.jsonl``; ``answer`` is null where it is the whole record."""
    return {"record_id": record_id, "format": format, "answer": left_out.answer, "reason": left_out.reason}


def _build(review: Review, workshop: Path, settings: ExportSettings) -> Counts:
    with ExitStack() as stack:
        output = _Output(workshop, settings, stack)
        for reviewed in review_records(
            review,
            settings.rules,
            settings.test_share,
            languages=settings.languages,
            unreviewed=settings.unreviewed,
        ):
            output.add(reviewed)
    counts = output.counts
    counts.add_ballots(review.ballots, settings.rules)
    for format in output.formats:
        splits = tuple(split for split in SPLITS if counts.rows[f"{format.name}/{split}"])
        for name, text in format.beside(Beside(settings.languages, splits)).items():
            (workshop / format.name / name).write_bytes(text.encode())
    write_jsonl(workshop / BALLOTS, (ballot.to_json() for ballot in review.ballots))
    summary = {**counts.to_json(), "settings": settings.to_json()}
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (workshop / SUMMARY).write_bytes(text.encode())
    return counts


class _Output:
    """The open files of an export, and what was written to them."""

    def __init__(self, workshop: Path, settings: ExportSettings, stack: ExitStack) -> None:
        self.formats = settings.tables
        self.counts = Counts(rows=Counter({f"{name}/{split}": 0 for name in settings.formats for split in SPLITS}))
        self._says_language = len(settings.languages) > 1
        self._dropped = stack.enter_context(Lines(workshop / DROPPED))
        self._left_out = stack.enter_context(Lines(workshop / LEFT_OUT))
        self._sinks: dict[tuple[str, Split], list[Sink]] = {}
        for format in self.formats:
            for split in SPLITS:
                path = workshop / format.name / f"{split}.parquet"
                sinks: list[Sink] = [stack.enter_context(Table(path, format))]
                if settings.jsonl:
                    sinks.append(stack.enter_context(Lines(path.with_suffix(".jsonl"))))
                self._sinks[format.name, split] = sinks

    def add(self, reviewed: ReviewedRecord) -> None:
        """Write one record in one language."""
        self.counts.add(reviewed)
        record_id = reviewed.record.id
        said = {"lang": lang(reviewed)} if self._says_language else {}
        for format in self.formats:
            rows = list(format.rows(reviewed))
            self.counts.rows[f"{format.name}/{reviewed.split}"] += len(rows)
            for sink in self._sinks[format.name, reviewed.split]:
                sink.write(rows)
            for left_out in format.left_out(reviewed):
                self.counts.left_out[f"{format.name}/{left_out.reason}"] += 1
                self._left_out.write([{**left_out_line(record_id, format.name, left_out), **said}])
        self._dropped.write({**dropped_line(record_id, pair), **said} for pair in reviewed.dropped)


def _stale(review: Review, folder: Path, workshop: Path, settings: ExportSettings) -> Iterator[str]:
    """What stands in ``folder``, is not written now and would be another: formats, and files of JSON Lines.

    They are made again, aside, to be compared: what a folder holds may be of any earlier export, not of the last one.
    """
    standing: dict[str, list[str]] = {}
    for name in sorted(FORMATS):
        if name not in settings.formats:
            paths = [f"{name}/{split}.{suffix}" for suffix in ("parquet", "jsonl") for split in SPLITS]
        else:
            paths = [] if settings.jsonl else [f"{name}/{split}.jsonl" for split in SPLITS]
        found = [path for path in paths if (folder / path).exists()]
        if found:
            standing[name] = found
    if not standing:
        return
    with tempfile.TemporaryDirectory(dir=workshop) as again:
        lines = any(path.endswith(".jsonl") for found in standing.values() for path in found)
        _build(review, Path(again), replace(settings, formats=tuple(standing), jsonl=lines))
        for name, found in standing.items():
            other = [path for path in found if not _same(folder / path, Path(again) / path)]
            yield from other if name in settings.formats else [name] * bool(other)


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and filecmp.cmp(one, other, shallow=False)


def _keep_gone(review: Review, folder: Path, workshop: Path) -> Gone:
    """Put what is gone of the folder's ballots to the files that are made, with what was gone before."""
    gone = gone_ballots(review.ballot, folder)
    if gone.kept or (folder / GONE).exists():
        write_jsonl(workshop / GONE, (ballot.to_json() for ballot in gone.kept))
    return gone


def _changed(workshop: Path, folder: Path) -> list[Path]:
    """The files whose bytes differ from those in ``folder``, as relative paths.

    The ballots that are gone come first, before their last copy is replaced, and the summary comes last.
    """
    names = [path.relative_to(workshop) for path in workshop.rglob("*") if path.is_file()]
    names.sort(key=lambda name: (name != Path(GONE), name == Path(SUMMARY), name))
    return [name for name in names if not _same(folder / name, workshop / name)]


def _check_places(names: Iterable[Path], folder: Path) -> None:
    """Refuse to begin where a file cannot take its place."""
    for name in names:
        place = folder / name
        if place.exists() and not place.is_file():
            raise DataError(f"{place}: is no regular file, so it cannot be replaced; move it away")


def _move(names: Iterable[Path], workshop: Path, folder: Path) -> None:
    names = list(names)
    for name in names:
        with (workshop / name).open("rb") as file:
            os.fsync(file.fileno())
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        (workshop / name).replace(folder / name)


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A hidden folder inside ``folder``, which this process alone holds; what killed ones left there goes."""
    folder.mkdir(parents=True, exist_ok=True)
    workshop = folder / _WORKSHOP
    busy = DataError(f"{folder}: another export is writing here; wait for it, or write elsewhere")
    with locked(folder / _LOCK, busy):
        sweep_review(folder)
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir()
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="h4rmony-export-") as folder:
        yield Path(folder)


@contextmanager
def _stated(folder: Path) -> Iterator[None]:
    """State a failing disk in one line."""
    try:
        yield
    except OSError as error:
        place = str(error.filename or folder).replace(f"{folder / _WORKSHOP}", str(folder))
        raise DataError(f"{place}: cannot be written ({error.strerror or error})") from error
