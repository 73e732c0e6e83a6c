"""Implode: the pairs of a source become one record a prompt (contract 1), and every row is accounted for.

Pure rules; ``loaders.imploding.audit`` states them by the kind of finding. Rows of one prompt are those of equal
``PromptID``,
or of equal prompt text where there is no ``PromptID``. The order of the rows and of the columns changes nothing but
the row numbers in the audit.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.imploding.audit import AuditEntry, Kind
from loaders.imploding.settle import Verdict, Vote, excerpt, missing, order_edges, ranks_of, settle
from loaders.source.table import Row, Schema, canonical_text, find_schema
from workspace.errors import ConfigError, DataError
from workspace.model.h4rmony import (
    ISSUES,
    PAIR_COLUMNS,
    PAIRS_SCHEMA,
    ROW_COLUMNS,
    SCHEMA_KEY,
    TEXT_COLUMNS,
    column_order,
    compared_labels,
    comparison_key,
    metadata_key,
)
from workspace.model.records import MAX_ANSWERS, Answer, Comparison, Record, answer_order

_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_PLAIN_ID = re.compile(r"(?!.*\.(id|prompt)$)[A-Za-z0-9._-]{1,100}")
_TEXTS = ("prompt", "better answer", "worse answer")
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0+")


@dataclass(frozen=True)
class Counts:
    """How much there is: rows of the source, those in no record, records, and those of them that are fully ranked."""

    rows: int
    rows_left_out: int
    records: int
    fully_ranked: int

    @property
    def unknown_ranks(self) -> int:
        """Records in which some answer's place is not settled."""
        return self.records - self.fully_ranked


@dataclass(frozen=True)
class Imploded:
    """Records sorted by id, the audit, and the counts.

    ``records`` may be a lazy stream; it can be read again and again. ``refusal`` says in one line why there is no
    record and what to do, where there is none.
    """

    records: Iterable[Record]
    audit: tuple[AuditEntry, ...]
    counts: Counts
    refusal: str | None = None


@dataclass(frozen=True)
class _Member:
    """One row of a prompt, its texts and PromptID in canonical form."""

    row: Row
    prompt: str
    better: str
    worse: str
    columns: Mapping[str, str]

    @property
    def texts(self) -> tuple[str, str, str]:
        return (self.prompt, self.better, self.worse)


@dataclass
class _Log:
    """Collects the audit entries of one implode."""

    source: str
    entries: list[AuditEntry] = field(default_factory=list)
    lines: dict[int, int | None] = field(default_factory=dict)

    def add(self, kind: Kind, record_id: str | None, rows: Iterable[int], message: str) -> None:
        numbers = tuple(sorted(rows))
        lines = tuple(line for line in map(self.lines.get, numbers) if line is not None)
        self.entries.append(AuditEntry(kind, self.source, record_id, numbers, lines, message))


def implode(rows: Iterable[Row], *, source: str = "source", source_name: str | None = None) -> Imploded:
    """Turn the rows of one source into records.

    Args:
        rows: the data rows; the columns of their union decide the schema.
        source: what messages and the audit call the source.
        source_name: the beginning of every id; by default "h4rmony" with ``PromptID``, "pairs" without.

    Raises:
        DataError: there are no rows, or no columns of a known schema.
        ConfigError: ``source_name`` cannot begin an id.
    """
    table = list(rows)
    if not table:
        raise DataError(f"{source}: it has no rows")
    schema = find_schema(list(dict.fromkeys(column for row in table for column in row.cells)), source)
    name = checked_name(source_name) or ("h4rmony" if schema.prompt_id else "pairs")
    log = _Log(source, lines={row.number: row.line for row in table})
    for given, known in sorted(schema.renames.items()):
        log.add(Kind.RENAMED_COLUMN, None, (), f"column {given!r} is read and written as {known!r}")
    groups: dict[str, list[_Member]] = defaultdict(list)
    for row in table:
        member = _member(row, schema)
        record_id = _record_id(member, name, has_ids=schema.prompt_id is not None)
        _log_mended(member, schema, record_id, log)
        groups[record_id].append(member)
    made = (_implode_prompt(record_id, groups[record_id], schema, log) for record_id in sorted(groups))
    records = tuple(record for record in made if record)
    _log_same_prompts(records, groups, log)
    audit = tuple(sorted(log.entries, key=lambda entry: entry.sort_key))
    left_out = {row for entry in audit if entry.rows_left_out for row in entry.rows}
    counts = Counts(len(table), len(left_out), len(records), sum(record.is_ranked for record in records))
    return Imploded(records, audit, counts, None if records else _refusal(source, len(table), groups, audit))


def checked_name(source_name: str | None) -> str | None:
    """``source_name`` if it can begin a record's id.

    Raises:
        ConfigError: it cannot.
    """
    if source_name is None or _SOURCE_NAME.fullmatch(source_name):
        return source_name
    raise ConfigError(
        f"source name {source_name!r}: use 1 to 80 letters, digits, '.', '_' or '-', the first a letter or digit"
    )


def _member(row: Row, schema: Schema) -> _Member:
    texts = {given for _, given in schema.texts}
    renames = schema.renames
    columns = {renames.get(name, name): cell for name, cell in row.cells.items() if name not in texts}
    if "PromptID" in columns:
        columns["PromptID"] = _WHOLE_FLOAT.sub(r"\1", columns["PromptID"].strip())
    prompt, better, worse = (
        canonical_text(row.cells.get(given, "")) if given is not None else "" for _, given in schema.texts
    )
    return _Member(row, prompt, better, worse, columns)


def _record_id(member: _Member, name: str, *, has_ids: bool) -> str:
    """``name-PromptID`` or ``name-HASH``; a PromptID of odd characters, or none, gives a hash with a suffix.

    The suffixes ``.id`` and ``.prompt`` keep such ids apart from those of plain PromptIDs.
    """
    prompt_id = member.columns.get("PromptID", "")
    if prompt_id and _PLAIN_ID.fullmatch(prompt_id):
        return f"{name}-{prompt_id}"
    digest = hashlib.sha256((prompt_id or member.prompt).encode()).hexdigest()[:16]
    suffix = ".id" if prompt_id else ".prompt" if has_ids else ""
    return f"{name}-{digest}{suffix}"


def _log_mended(member: _Member, schema: Schema, record_id: str, log: _Log) -> None:
    row = member.row
    changed = [
        known
        for (known, given), text in zip(schema.texts, member.texts, strict=True)
        if given is not None and row.cells.get(given, "") != text
    ]
    if schema.prompt_id and row.cells.get(schema.prompt_id, "") != member.columns.get("PromptID", ""):
        changed.append("PromptID")
    if changed:
        log.add(Kind.TRIMMED, record_id, [row.number], f"white space or line ends mended in {', '.join(changed)}")
    if schema.prompt_id and not member.columns.get("PromptID"):
        log.add(Kind.NO_PROMPT_ID, record_id, [row.number], "PromptID is blank; its prompt text stands for it")


def _implode_prompt(record_id: str, members: Sequence[_Member], schema: Schema, log: _Log) -> Record | None:
    usable = _usable(record_id, members, log) if schema.worse else []
    if not usable:
        _log_nothing(record_id, members, log)
    usable = _with_one_prompt(record_id, usable, log)
    if not usable:
        return None
    votes = [_vote(record_id, member, log) for member in usable]
    answers = {answer for vote in votes for answer in (vote.better, vote.worse)}
    if len(answers) > MAX_ANSWERS:
        message = f"it has {len(answers)} different answers, {MAX_ANSWERS} at most; kept out"
        log.add(Kind.TOO_MANY_ANSWERS, record_id, [vote.row for vote in votes], message)
        return None
    verdict = settle(votes)
    for finding in verdict.findings:
        log.add(finding.kind, record_id, finding.rows, finding.message)
    if not verdict.rows:
        return None
    kept = [member for member in usable if member.row.number in verdict.rows]
    kept_votes = [vote for vote in votes if vote.row in verdict.rows]
    _log_state(record_id, kept_votes, verdict, log)
    return _record(record_id, kept, ranks_of(order_edges(kept_votes, verdict.labels)), schema)


def _usable(record_id: str, members: Sequence[_Member], log: _Log) -> list[_Member]:
    """The rows with a prompt and two different answers, whose labels are not the wrong way round."""
    usable = []
    for member in members:
        labels = compared_labels(member.columns.get("ComparedRanks", ""))
        blank = [name for name, text in zip(_TEXTS, member.texts, strict=True) if not text]
        if blank:
            log.add(Kind.BLANK, record_id, [member.row.number], f"{' and '.join(blank)} blank; left out")
        elif member.better == member.worse:
            log.add(Kind.EQUAL_ANSWERS, record_id, [member.row.number], "both answers are equal; left out")
        elif labels and labels[0] >= labels[1]:
            message = f"ComparedRanks R{labels[0]}-R{labels[1]} does not put the better answer first; left out"
            log.add(Kind.REVERSED_RANKS, record_id, [member.row.number], message)
        else:
            usable.append(member)
    return usable


def _with_one_prompt(record_id: str, members: list[_Member], log: _Log) -> list[_Member]:
    """The rows with the prompt text that most rows have; none if no text has the most."""
    counts = Counter(member.prompt for member in members)
    if len(counts) < 2:
        return members
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    winner, second = ordered[:2]
    told = ", ".join(f"{excerpt(text)} in {counts[text]}" for text in ordered)
    if counts[winner] == counts[second]:
        rows = [member.row.number for member in members]
        log.add(Kind.PROMPT_TEXTS_TIED, record_id, rows, f"its rows have several prompt texts ({told}); kept out")
        return []
    lost = [member.row.number for member in members if member.prompt != winner]
    message = f"its rows have several prompt texts ({told}); the rarer left out"
    log.add(Kind.PROMPT_TEXTS, record_id, lost, message)
    return [member for member in members if member.prompt == winner]


def _log_nothing(record_id: str, members: Sequence[_Member], log: _Log) -> None:
    rows = [member.row.number for member in members]
    answers = {answer for member in members for answer in (member.better, member.worse) if answer}
    if len(answers) == 1:
        log.add(Kind.ONE_ANSWER, record_id, rows, "it has one answer, nothing to compare it with; kept out")
    elif answers and all(not (member.better and member.worse) for member in members):
        message = f"its {len(answers)} answers are not compared with each other; kept out"
        log.add(Kind.ONE_ANSWER, record_id, rows, message)
    else:
        log.add(Kind.NOTHING_LEFT, record_id, rows, "no row is left; kept out")


def _vote(record_id: str, member: _Member, log: _Log) -> Vote:
    text = member.columns.get("ComparedRanks")
    labels = compared_labels(text) if text is not None else None
    if text is not None and labels is None:
        said = f"ComparedRanks {text!r} is no two labels like R1-R2" if text.strip() else "ComparedRanks is blank"
        log.add(Kind.UNREADABLE_RANKS, record_id, [member.row.number], f"{said}; the row counts without labels")
    return Vote(member.row.number, member.better, member.worse, labels)


def _log_state(record_id: str, votes: Sequence[Vote], verdict: Verdict, log: _Log) -> None:
    by_pair: dict[frozenset[str], list[int]] = defaultdict(list)
    for vote in votes:
        by_pair[vote.pair].append(vote.row)
    for pair, rows in by_pair.items():
        if len(rows) > 1:
            names = " and ".join(excerpt(answer) for answer in sorted(pair))
            log.add(Kind.REPEATED, record_id, rows, f"{len(rows)} rows compare {names}; all kept")
    if lacks := missing(votes, verdict.labels):
        told = "; ".join(lacks[:6]) + (f"; and {len(lacks) - 6} more" if len(lacks) > 6 else "")
        log.add(Kind.INCOMPLETE, record_id, [vote.row for vote in votes], told)


def _log_same_prompts(records: Sequence[Record], groups: Mapping[str, Sequence[_Member]], log: _Log) -> None:
    by_prompt: dict[str, list[str]] = defaultdict(list)
    for record in records:
        by_prompt[record.prompt].append(record.id)
    for prompt, ids in by_prompt.items():
        if len(ids) > 1:
            rows = [member.row.number for record_id in ids for member in groups[record_id]]
            log.add(Kind.SAME_PROMPT, ids[0], rows, f"{excerpt(prompt)} is the prompt of {', '.join(ids)}; all kept")


def _record(record_id: str, members: Sequence[_Member], ranks: Mapping[str, int | None], schema: Schema) -> Record:
    answers = sorted((Answer(text, rank) for text, rank in ranks.items()), key=answer_order)
    places = {answer.text: place for place, answer in enumerate(answers)}
    shared = _shared_columns([member.columns for member in members])
    comparisons = [
        Comparison(
            places[member.better],
            places[member.worse],
            {
                comparison_key(name): member.columns[name]
                for name in column_order(member.columns)
                if name not in shared
            },
        )
        for member in members
    ]
    comparisons.sort(key=lambda c: (c.better, c.worse, sorted(c.columns.items())))
    metadata = _metadata(shared)
    if schema.is_pairs:
        metadata[SCHEMA_KEY] = PAIRS_SCHEMA
    return Record(record_id, members[0].prompt, tuple(answers), tuple(comparisons), metadata)


def _shared_columns(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The columns that all rows have, with the same cell, in their order; those of a row by nature never."""
    first, *others = rows
    return {
        name: first[name]
        for name in column_order(first)
        if name not in ROW_COLUMNS and all(row.get(name) == first[name] for row in others)
    }


def _metadata(shared: Mapping[str, str]) -> dict[str, object]:
    """Shared columns under their keys; the issue codes as a list if there are all five, each "0" or "1"."""
    metadata: dict[str, object] = {}
    rest = dict(shared)
    if all(shared.get(code) in ("0", "1") for code in ISSUES):
        metadata["issues"] = [code for code in ISSUES if rest.pop(code) == "1"]
    return {**metadata, **{metadata_key(name): cell for name, cell in rest.items()}}


def _refusal(source: str, rows: int, groups: Collection[str], audit: Sequence[AuditEntry]) -> str:
    one_answer = {entry.record_id for entry in audit if entry.kind is Kind.ONE_ANSWER}
    if one_answer.issuperset(groups):
        return (
            f"{source}: {rows} rows with {len(groups)} distinct prompts and no two answers to compare, so it is no "
            f"preference data (a row has {', '.join(TEXT_COLUMNS)}, or {', '.join(PAIR_COLUMNS)}); "
            "`h4rmony translate` accepts it as a table of texts"
        )
    kinds = Counter(entry.kind.value for entry in audit if entry.rows_left_out)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return f"{source}: none of its {rows} rows can be used ({told}); --audit FILE lists why"
