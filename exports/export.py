"""Write an export: one folder a format, the ballots, the pairs that were kept out, and a summary of counts.

::

    DIR/<format>/train.parquet  DIR/<format>/test.parquet   the pairs (empty tables where there are none)
    DIR/ballots.jsonl                                       every ballot, drafts and discards with their status
    DIR/dropped.jsonl                                       every pair that was not written, its votes and the reason
    DIR/summary.json                                        counts and settings

All files are made in a hidden folder inside DIR first, and only those whose bytes differ take their places, each in
one step: whenever the work is killed, every file is an old or a new one and whole, and a second run mends the rest.
Only one export writes to a folder at a time. Files of other names stay, and so does the folder of a format that is
not asked for now; such a folder is named in the result, because it may tell of an older review.
"""

from __future__ import annotations

import fcntl
import filecmp
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from exports.formats import DEFAULT_FORMAT, FORMATS, Format, Kind, Row
from exports.merge import DroppedPair, MergeRules
from exports.pairs import ReviewedRecord, review_records
from exports.review import BALLOTS, Review
from exports.split import DEFAULT_TEST_SHARE, SPLITS, Split
from workspace.errors import DataError
from workspace.jsonl import dumps, write_jsonl

DROPPED = "dropped.jsonl"
SUMMARY = "summary.json"
ROWS_A_BATCH = 5000
_WORKSHOP = ".export.part"


@dataclass(frozen=True)
class ExportSettings:
    """What to write: the names of formats, when a pair has votes enough, and the share of prompts in ``test``."""

    formats: tuple[str, ...] = (DEFAULT_FORMAT,)
    rules: MergeRules = field(default_factory=MergeRules)
    test_share: float = DEFAULT_TEST_SHARE

    def __post_init__(self) -> None:
        object.__setattr__(self, "formats", tuple(sorted(set(self.formats))))

    def to_json(self) -> dict[str, Any]:
        """The settings as ``summary.json`` holds them."""
        return {
            "formats": list(self.formats),
            "min_margin": self.rules.min_margin,
            "min_reviewers": self.rules.min_reviewers,
            "test_share": self.test_share,
        }


@dataclass
class Counts:
    """The counts of an export; no time, so that the same review gives the same bytes.

    ``records`` are ``total``, ``unreviewed`` (no ballot of any status) and ``with_pairs``; ``votes`` are submitted
    ballots that rank the answers; ``reviewers`` submitted at least one ballot. ``pairs`` and ``rows`` are those
    written, by split and by format and split. ``dropped`` are pairs by reason. ``texts`` says how the texts of
    records with a submitted ballot were settled, ``problems`` what the submitted ballots report.
    """

    records: Counter[str] = field(default_factory=Counter)
    ballots: Counter[str] = field(default_factory=Counter)
    votes: int = 0
    pairs: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def add(self, reviewed: ReviewedRecord) -> None:
        """Count one record."""
        submitted = [ballot for ballot in reviewed.ballots if ballot.is_vote]
        self.records.update(total=1, unreviewed=not reviewed.ballots, with_pairs=bool(reviewed.pairs))
        self.ballots.update(ballot.status for ballot in reviewed.ballots)
        self.votes += reviewed.votes
        self.pairs[reviewed.split] += len(reviewed.pairs)
        self.dropped.update(pair.reason for pair in reviewed.dropped)
        self.names.update(ballot.reviewer for ballot in submitted)
        self.problems.update(problem for ballot in submitted for problem in ballot.problems)
        if submitted:
            self.texts.update(text.choice for text in (reviewed.texts.prompt, *reviewed.texts.answers))

    def to_json(self) -> dict[str, Any]:
        """The counts by name; keys sorted, so that equal counts are equal text."""
        return {
            "records": {name: self.records[name] for name in ("total", "unreviewed", "with_pairs")},
            "ballots": _sorted(self.ballots),
            "reviewers": len(self.names),
            "votes": self.votes,
            "pairs": {split: self.pairs[split] for split in SPLITS},
            "rows": _sorted(self.rows),
            "dropped": _sorted(self.dropped),
            "texts": _sorted(self.texts),
            "problems": _sorted(self.problems),
        }


@dataclass(frozen=True)
class Exported:
    """What an export did: its counts, whether any file changed, and folders of formats that it left alone."""

    counts: Counts
    changed: bool
    stale: tuple[str, ...]


def export_review(review: Review, folder: Path, settings: ExportSettings, *, dry_run: bool = False) -> Exported:
    """Merge a review and write its export to ``folder``; with ``dry_run`` only say what that would do.

    Raises:
        DataError: the folder cannot be written, or another export is writing to it.
    """
    stale = tuple(
        name for name in sorted(set(FORMATS) - set(settings.formats)) if (folder / name / "train.parquet").exists()
    )
    with _stated(folder), _scratch() if dry_run else _workshop(folder) as workshop:
        counts = _build(review, workshop, settings)
        changed = _changed(workshop, folder)
        if not dry_run:
            _move(changed, workshop, folder)
    return Exported(counts, bool(changed), stale)


def dropped_line(record_id: str, pair: DroppedPair) -> dict[str, Any]:
    """A line of ``dropped.jsonl``: wins and losses are seen from the first of the two answers."""
    return {
        "record_id": record_id,
        "answers": [pair.first, pair.second],
        "reason": pair.reason,
        "wins": pair.tally.wins,
        "losses": pair.tally.losses,
        "ties": pair.tally.ties,
        "reviewers": pair.tally.votes,
        "detail": pair.detail,
    }


class Table:
    """A Parquet file that is written in batches of one size, with the columns of one format."""

    def __init__(self, path: Path, format: Format) -> None:
        import pyarrow.parquet

        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = arrow_schema(format)
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows; they reach the file a batch at a time."""
        self._rows.extend(rows)
        if len(self._rows) >= ROWS_A_BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            self._writer.write_table(pyarrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def arrow_schema(format: Format) -> Any:
    """The pyarrow schema of a format."""
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
        "integers": pa.list_(pa.int64()),
        "messages": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    }
    return pa.schema([(name, types[kind]) for name, kind in format.columns.items()])


def _build(review: Review, workshop: Path, settings: ExportSettings) -> Counts:
    counts = Counts(rows=Counter({f"{name}/{split}": 0 for name in settings.formats for split in SPLITS}))
    formats = [FORMATS[name] for name in settings.formats]
    with ExitStack() as stack:
        dropped = stack.enter_context((workshop / DROPPED).open("wb"))
        tables: dict[tuple[str, Split], Table] = {}
        for format in formats:
            for split in SPLITS:
                path = workshop / format.name / f"{split}.parquet"
                tables[format.name, split] = stack.enter_context(Table(path, format))
        for reviewed in review_records(review, settings.rules, settings.test_share):
            counts.add(reviewed)
            for format in formats:
                rows = list(format.rows(reviewed))
                counts.rows[f"{format.name}/{reviewed.split}"] += len(rows)
                tables[format.name, reviewed.split].write(rows)
            for pair in reviewed.dropped:
                dropped.write(dumps(dropped_line(reviewed.record.id, pair)).encode() + b"\n")
    write_jsonl(workshop / BALLOTS, (ballot.to_json() for ballot in review.ballots))
    summary = {**counts.to_json(), "settings": settings.to_json()}
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (workshop / SUMMARY).write_bytes(text.encode())
    return counts


def _changed(workshop: Path, folder: Path) -> list[Path]:
    """The files whose bytes differ from those in ``folder``, as relative paths; the summary comes last."""
    names = [path.relative_to(workshop) for path in workshop.rglob("*") if path.is_file()]
    names.sort(key=lambda name: (name == Path(SUMMARY), name))
    return [
        name
        for name in names
        if not (folder / name).is_file() or not filecmp.cmp(workshop / name, folder / name, shallow=False)
    ]


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
    """A hidden folder inside ``folder``, which this process alone holds; what a killed export left there goes."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    workshop = folder / _WORKSHOP
    try:
        _lock(handle, folder)
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir()
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    """Hold an open folder until it is closed; the system lets go of it when the process dies."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DataError(f"{folder}: another export is writing here; wait for it, or write elsewhere") from error


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
        raise DataError(f"{error.filename or folder}: cannot be written ({error.strerror or error})") from error


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
