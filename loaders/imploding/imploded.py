"""What implode makes: the records of a source, the audit and the counts; as a file, as a DataFrame, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from loaders.imploding.audit import AUDIT_KEYS, AuditEntry, Note
from loaders.source.content import JSON, Content
from loaders.source.json_rows import first_object, json_lines
from loaders.source.location import Location, Place
from loaders.source.read import Found
from workspace.errors import DataError
from workspace.files.jsonl import Value, check_apart, file_digest, read_jsonl, write_jsonl
from workspace.giveaways import GiveAways, measure_giveaways
from workspace.model.frames import records_from_frame, records_to_frame
from workspace.model.records import Record
from workspace.model.shapes import ROWS_KEY

if TYPE_CHECKING:
    import pandas as pd

_BLANKS = b"\xef\xbb\xbf \t\r\n"
RECORD_KEYS = frozenset({"id", "prompt", "answers"})
_OWN_KEY = "comparisons"  # of records alone


@dataclass(frozen=True)
class Counts:
    """How much there is: rows of the source, records, and rows in no record.

    Every answer's place is settled in the ``fully_ranked`` records, and some answer's is not in the others.
    """

    rows: int
    records: int
    fully_ranked: int
    unknown_ranks: int
    rows_left_out: int = 0

    def to_json(self) -> dict[str, int]:
        """The counts, as ``h4rmony implode --json`` prints them."""
        return dict(vars(self))


@dataclass(frozen=True)
class LinesFile(Generic[Value]):
    """What the lines of a JSON Lines file are parsed to; each iteration reads the file again."""

    path: Path
    parse: Callable[[Any], Value]

    def __iter__(self) -> Iterator[Value]:
        return read_jsonl(self.path, self.parse)


@dataclass(frozen=True)
class Imploded:
    """The records of a source, sorted by id, and what happened to its rows.

    Attributes:
        records: may be read from a file each time; they can be read again and again.
        audit: what was found about the rows; ``loaders.imploding.audit`` states each rule.
        counts: rows, records, and how many of each are whole.
        refusal: why there is no record, in one line; None where there is one.
        shape: how the rows were read (``loaders.shapes``), "records" where they were imploded before.
        places: where the source is; what is written there would replace it.
    """

    records: Iterable[Record]
    audit: tuple[AuditEntry, ...]
    counts: Counts
    refusal: str | None = None
    shape: str = "records"
    places: tuple[Place, ...] = ()

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return self.counts.records

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the source was read, each in one line."""
        return tuple(entry.message for entry in self.audit if entry.finding is Note.READING)

    @cached_property
    def giveaways(self) -> GiveAways:
        """From what the rank of an answer can be read without reading it; measured when it is first asked for."""
        return measure_giveaways(self.records)

    @classmethod
    def from_records(cls, records: Iterable[Record], source: str = "the records") -> Imploded:
        """Records that were imploded before; their ranks and ids stay as they are.

        All are checked once. If they are sorted by id they are then read as a stream, else they are held and sorted.

        Args:
            records: a collection, or what can be iterated again and again.
            source: what messages call them.

        Raises:
            DataError: two records have one id.
        """
        ids: list[str] = []
        rows = ranked = 0
        for record in records:
            ids.append(record.id)
            rows += len(record.metadata.get(ROWS_KEY) or record.comparisons)
            ranked += record.is_ranked
        ordered = sorted(ids)
        for first, second in pairwise(ordered):
            if first == second:
                raise DataError(f"{source}: record {first!r} occurs twice; remove one")
        if ids != ordered:
            records = tuple(sorted(records, key=lambda record: record.id))
        return cls(records, (), Counts(rows, len(ids), ranked, len(ids) - ranked))

    @classmethod
    def from_pandas(cls, frame: pd.DataFrame) -> Imploded:
        """The records of a DataFrame that ``to_pandas`` made, or that ``pandas.read_json`` read from their file.

        Raises:
            DataError: a row is not a record, which names it; or two records have one id.
        """
        return cls.from_records(records_from_frame(frame), "the DataFrame")

    def to_pandas(self) -> pd.DataFrame:
        """One row a record, with the keys of its JSON object as columns; ``from_pandas`` and ``implode`` read it.

        >>> from loaders import implode
        >>> imploded = implode([{"prompt": "Trees?", "chosen": "Keep them.", "rejected": "Fell them."}])
        >>> frame = imploded.to_pandas()
        >>> frame.answers[0]
        [{'text': 'Keep them.', 'rank': 1}, {'text': 'Fell them.', 'rank': 2}]
        >>> list(implode(frame)) == list(imploded)
        True
        """
        return records_to_frame(self.records)

    def audit_frame(self) -> pd.DataFrame:
        """One row a finding of the audit, with the keys of its JSON object as columns."""
        import pandas as pd

        return pd.DataFrame([entry.to_json() for entry in self.audit], columns=list(AUDIT_KEYS))

    def checked(self) -> Imploded:
        """Itself.

        Raises:
            DataError: there is no record; says why.
        """
        if self.refusal:
            raise DataError(self.refusal)
        return self

    def write(self, path: Path, audit: Path | None = None) -> bool:
        """Write the records as JSON Lines, sorted by id, and the audit; True if that changed the file of records.

        Raises:
            DataError: there is no record (the audit is written), or a file cannot be written.
            ConfigError: a file would be written where the source is.
        """
        for output in filter(None, (path, audit)):
            for place in self.places:
                check_apart(output, place, is_source=True)
        if audit:
            write_jsonl(audit, (entry.to_json() for entry in self.audit))
        before = file_digest(path)
        write_jsonl(path, (record.to_json() for record in self.checked()))
        return file_digest(path) != before


def are_records(frame: pd.DataFrame) -> bool:
    """True if the rows of a DataFrame are imploded records, by what its first row says."""
    if not set(frame.columns) >= RECORD_KEYS:
        return False
    try:
        return _OWN_KEY in frame.columns or frame.empty or bool(records_from_frame(frame.head(1)))
    except DataError:
        return False


def _is_record(value: Mapping[str, Any]) -> bool:
    """True if a JSON object is an imploded record: it has its keys, and answers with ranks or what only records have.

    Tables of ranked answers may have ``id``, ``prompt`` and ``answers`` too.
    """
    if not value.keys() >= RECORD_KEYS:
        return False
    if _OWN_KEY in value:
        return True
    try:
        return bool(Record.from_json(value))
    except DataError:
        return False


def read_records(found: Found) -> Imploded | None:
    """The imploded records of a JSON Lines file, also a packed one; None if what stands there is anything else.

    Raises:
        DataError: a line is not a record, which names it; or two records have one id.
    """
    content = found.only
    if content is None or content.suffix not in ("", *JSON) or content.head.lstrip(_BLANKS)[:1] != b"{":
        return None
    first = first_object(content, found.location)
    if first is None or not _is_record(first):
        return None
    if content.path and not found.location.encoding:
        return Imploded.from_records(LinesFile(content.path, Record.from_json), found.name)
    return Imploded.from_records([*_records(content, found.location)], found.name)


def _records(content: Content, location: Location) -> Iterator[Record]:
    for number, value in json_lines(content, location):
        try:
            yield Record.from_json(value)
        except DataError as error:
            raise DataError(f"{content.name}, line {number}: {error}") from error
