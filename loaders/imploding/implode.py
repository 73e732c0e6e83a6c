"""Implode: the rows of a table become one record per prompt, and every row is accounted for.

Pure rules, which ``loaders.imploding.audit`` states finding by finding. The order of the rows changes nothing but the
row numbers in the audit, and that of the columns nothing but their order in a record's ``source_rows``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from loaders.imploding.audit import AuditEntry, LeftOut, Note, count_findings
from loaders.imploding.imploded import Counts, Imploded
from loaders.imploding.judged import implode_judged
from loaders.imploding.pairs import implode_pairs
from loaders.imploding.settle import excerpt
from loaders.shapes.judged import Shape
from loaders.shapes.recognise import recognise, remedy
from loaders.source.table import Table
from workspace.errors import ConfigError, DataError, count_of
from workspace.model.conversations import Message
from workspace.model.h4rmony import PAIR_COLUMNS, TEXT_COLUMNS
from workspace.model.records import Record

_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def implode_table(table: Table, *, source_name: str | None = None) -> Imploded:
    """Turn the rows of one table into records.

    Args:
        table: its columns and cells, and what the user says of them, decide the shape.
        source_name: the beginning of every id; by default "h4rmony" with ``PromptID``, "pairs" without.

    Raises:
        DataError: the table is of no known shape, or of several.
        ConfigError: ``source_name`` cannot begin an id, or the user names a part or a column that there is not.
    """
    if source_name is not None and not _SOURCE_NAME.fullmatch(source_name):
        raise ConfigError(
            f"source name {source_name!r}: use 1 to 80 letters, digits, '.', '_' or '-', the first a letter or digit"
        )
    shape = recognise(table)
    if shape is None:
        raise DataError(
            f"{table.source}: no columns {', '.join(TEXT_COLUMNS)} and no columns {', '.join(PAIR_COLUMNS)}; "
            f"it has {', '.join(map(repr, table.columns[:30]))}; {remedy(table)}"
        )
    audit = [AuditEntry(Note.READING, (), note) for note in table.notes]
    if isinstance(shape, Shape):
        audit.append(AuditEntry(Note.SHAPE, (), f"{shape.name}: {shape.rule}"))
        records, rows = implode_judged(table, shape, source_name or "pairs", audit)
    else:
        records, rows = implode_pairs(table, shape, source_name, audit)
    audit += _same_prompts(records, rows)
    return _imploded(table, shape.name, records, audit, len(rows))


def _imploded(
    table: Table, shape: str, records: Sequence[Record], audit: Iterable[AuditEntry], prompts: int
) -> Imploded:
    line_of = {row.number: row.line for row in table.rows if row.line is not None}
    placed = [
        replace(
            entry,
            source=table.source,
            rows=tuple(sorted(entry.rows)),
            lines=tuple(line_of[row] for row in sorted(entry.rows) if row in line_of),
        )
        for entry in audit
    ]
    placed.sort(key=lambda entry: (entry.record_id or "", entry.rows, entry.finding, entry.message))
    left_out = {row for entry in placed if entry.rows_left_out for row in entry.rows}
    ranked = sum(record.is_ranked for record in records)
    counts = Counts(len(table.rows), len(records), ranked, len(records) - ranked, len(left_out))
    refusal = None if records else _refusal(table, placed, prompts)
    return Imploded(tuple(records), tuple(placed), counts, refusal, shape)


def _same_prompts(records: Sequence[Record], prompts: Mapping[str, Sequence[int]]) -> list[AuditEntry]:
    by_prompt: dict[tuple[tuple[Message, ...], str], list[str]] = defaultdict(list)
    for record in records:
        by_prompt[record.context, record.prompt].append(record.id)
    found = []
    for (_, prompt), ids in by_prompt.items():
        if len(ids) > 1:
            rows = tuple(row for record_id in ids for row in prompts[record_id])
            message = f"{excerpt(prompt)} is the prompt of {', '.join(ids)}; all kept"
            found.append(AuditEntry(Note.SAME_PROMPT, rows, message, ids[0]))
    return found


def _refusal(table: Table, audit: Sequence[AuditEntry], prompts: int) -> str:
    one_answer = {entry.record_id for entry in audit if entry.finding is LeftOut.ONE_ANSWER}
    if len(one_answer) == prompts:
        rows, told = count_of(len(table.rows), "row"), count_of(prompts, "distinct prompt")
        return (
            f"{table.source}: {rows} with {told} and no two answers to compare, "
            f"so it is not preference data (a row has {', '.join(TEXT_COLUMNS)}, or {', '.join(PAIR_COLUMNS)}); "
            "`h4rmony translate` accepts it as a table of texts"
        )
    counts = count_findings(entry for entry in audit if entry.rows_left_out)
    told = ", ".join(f"{finding} {count}" for finding, count in counts.items())
    rows = count_of(len(table.rows), "row")
    return f"{table.source}: {rows}, of which none can be used ({told}); --audit FILE lists why"
