"""Implode what a shape reads: rows with rankings of their answers become one record per prompt and context.

Pure rules. ``loaders.imploding.rankings`` settles the order of the answers. Of rows whose places are on one scale
("good" and "bad"), an answer has the place that most of its rows give it. Every row comes back from the record's
``source_rows``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from loaders.imploding.audit import AuditEntry, LeftOut, Note, alike_entry
from loaders.imploding.metadata import metadata_of, shared_columns
from loaders.imploding.rankings import MOST, Order, order_of
from loaders.imploding.settle import SourcePair, excerpt
from loaders.shapes.judged import Judged, Ranking, Shape, Unusable
from loaders.shapes.messages import json_value
from loaders.source.cells import JsonText
from loaders.source.seen import alike, prompt_seen
from loaders.source.table import Row, Table
from workspace.errors import DataError
from workspace.model.conversations import Message
from workspace.model.h4rmony import PAIR_COLUMNS, PAIRS_SCHEMA, SCHEMA_KEY
from workspace.model.records import MAX_ANSWERS, Answer, Comparison, Record, Translation, answer_order
from workspace.model.shapes import ROWS_KEY, Holes

ENGINE = "source"  # of a translation that came with the source
_LANGUAGE = "es"


@dataclass(frozen=True)
class JudgedRow:
    """A row that can be used, and what it says."""

    row: Row
    said: Judged

    @property
    def answers(self) -> list[str]:
        """Its answers that are not blank."""
        return [answer for answer in self.said.answers if answer]


def implode_judged(
    table: Table, shape: Shape, name: str, audit: list[AuditEntry]
) -> tuple[list[Record], dict[str, tuple[int, ...]]]:
    """The records of a table, and the rows of each prompt by its record's id; the audit grows."""
    prompts: dict[tuple[tuple[Message, ...], str], list[JudgedRow]] = defaultdict(list)  # by what is seen of them
    rows: dict[str, tuple[int, ...]] = {}
    for row in table.rows:
        try:
            said = shape.read(row)
        except Unusable as problem:
            audit.append(AuditEntry(LeftOut(problem.reason.value), (row.number,), str(problem)))
            rows[f"row {row.number}"] = ()  # it may be of any prompt
            continue
        prompts[said.context, prompt_seen(said.prompt)].append(JudgedRow(row, said))
    records = []
    for (context, prompt), judged in prompts.items():
        record_id = f"{name}-{_digest(context, prompt)}"
        rows[record_id] = tuple(each.row.number for each in judged)
        found: list[AuditEntry] = []
        try:
            record = _implode_prompt(record_id, judged, shape, found)
        except RecursionError as error:
            where = f"{table.source}, row {judged[0].row.number}"
            raise DataError(f"{where}: a cell is nested too deeply; leave its column out") from error
        if record:
            records.append(record)
        audit += (replace(entry, record_id=record_id) for entry in found)
    records.sort(key=lambda record: record.id)
    return records, rows


def _digest(context: Sequence[Message], prompt: str) -> str:
    said = [[message.role, message.content] for message in context]
    text = json.dumps([said, prompt], ensure_ascii=False) if said else prompt
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _implode_prompt(
    record_id: str, judged: Sequence[JudgedRow], shape: Shape, found: list[AuditEntry]
) -> Record | None:
    usable = [row for row in _unified(judged, found) if _is_usable(row, shape, found)]
    if not usable:
        return None
    rows = tuple(row.row.number for row in usable)
    texts = sorted({answer for row in usable for answer in row.answers})
    problem = None
    if len(texts) < 2:
        problem = LeftOut.ONE_ANSWER, "it has one answer, nothing to compare it with; kept out"
    elif len(texts) > MAX_ANSWERS:
        message = f"it has {len(texts)} different answers, {MAX_ANSWERS} at most; kept out"
        problem = LeftOut.TOO_MANY_ANSWERS, message
    if problem:
        found.append(AuditEntry(problem[0], rows, problem[1]))
        return None
    found += (AuditEntry(Note.TRIMMED, (row.row.number,), _TRIMMED) for row in usable if row.said.trimmed)
    rankings = _by_scale(usable, found) if shape.one_scale else _by_row(usable)
    order = order_of(texts, rankings, rows, found)
    return _record(record_id, usable, order, shape.name, shape.columns)


def implode_contested(record_id: str, pairs: Sequence[SourcePair], found: list[AuditEntry]) -> Record:
    """The record of pairs in plain text that contradict each other: what most say holds, the rest is left open."""
    rows = []
    for pair in pairs:
        texts = dict(zip(PAIR_COLUMNS, (pair.prompt, pair.better, pair.worse), strict=True))
        said = Judged(pair.prompt, (pair.better, pair.worse), ((1, 2),), texts)
        rows.append(JudgedRow(Row(pair.row, {**texts, **pair.columns}), said))
    answers = sorted({answer for row in rows for answer in row.answers})
    order = order_of(answers, _by_row(rows), tuple(row.row.number for row in rows), found)
    return _record(record_id, rows, order, PAIRS_SCHEMA, PAIR_COLUMNS)


_TRIMMED = "line ends changed in the prompt or an answer"


def _unified(judged: Sequence[JudgedRow], found: list[AuditEntry]) -> Sequence[JudgedRow]:
    """The rows with one text for those that look the same."""
    prompts = alike((row.said.prompt for row in judged), prompt_seen) if len(judged) > 1 else {}
    answers = alike(answer for row in judged for answer in row.answers)
    if not prompts and not answers:
        return judged
    unified = []
    for row in judged:
        texts = tuple(answers.get(text, text) for text in row.said.answers)
        prompt = prompts.get(row.said.prompt, row.said.prompt)
        if (prompt, texts) != (row.said.prompt, row.said.answers):
            found.append(alike_entry(row.row.number, (row.said.prompt, *row.said.answers), (prompt, *texts)))
            row = replace(row, said=replace(row.said, prompt=prompt, answers=texts))
        unified.append(row)
    return unified


def _is_usable(judged: JudgedRow, shape: Shape, found: list[AuditEntry]) -> bool:
    """True for a row with a prompt, and with two different answers, or one if all rows are on one scale."""
    said, answers = judged.said, judged.answers
    blank = [name for name, text in (("prompt", said.prompt), ("answer", "".join(answers))) if not text]
    if not blank and len(answers) < len(said.answers) == 2:
        blank = ["answer"]
    if blank:
        problem = LeftOut.BLANK, f"{' and '.join(blank)} blank; left out"
    elif len(set(answers)) > 1 or shape.one_scale:
        return True
    elif len(answers) > 1:
        problem = LeftOut.EQUAL_ANSWERS, "all answers are equal; left out"
    else:
        problem = LeftOut.ONE_ANSWER, "it has one answer, nothing to compare it with; left out"
    found.append(AuditEntry(problem[0], (judged.row.number,), problem[1]))
    return False


def _by_row(rows: Iterable[JudgedRow]) -> list[dict[str, int]]:
    """The place of each answer in each ranking; a text with several places in one has none there."""
    found = []
    for row in rows:
        for ranking in row.said.rankings:
            places: dict[str, set[int]] = defaultdict(set)
            for text, place in zip(row.said.answers, ranking, strict=True):
                if text and place is not None:
                    places[text].add(place)
            found.append({text: next(iter(held)) for text, held in places.items() if len(held) == 1})
    return found


def _by_scale(rows: Sequence[JudgedRow], found: list[AuditEntry]) -> list[dict[str, int]]:
    """One ranking of all answers: the place that most rows give each; none where no place has the most."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        for ranking in row.said.rankings:
            votes.setdefault(row.said.answers[0], Counter()).update(_known(ranking))
    places = {}
    for text, counts in votes.items():
        (place, most), *rest = counts.most_common()
        if rest:
            numbers = tuple(row.row.number for row in rows if row.said.answers[0] == text)
            found.append(AuditEntry(Note.JUDGES_DIFFER, numbers, f"rows differ about {excerpt(text)}; {MOST}"))
        if not rest or most > rest[0][1]:
            places[text] = place
    return [places]


def _known(ranking: Ranking) -> list[int]:
    return [place for place in ranking if place is not None]


def _record(record_id: str, rows: Sequence[JudgedRow], order: Order, shape: str, columns: Sequence[str]) -> Record:
    """The record of rows whose shape has this name and reads these columns."""
    answers = tuple(sorted((Answer(text, rank) for text, rank in order.ranks.items()), key=answer_order))
    places = {answer.text: place for place, answer in enumerate(answers)}
    said = rows[0].said
    comparisons: tuple[Comparison, ...] = ()
    if None in order.ranks.values():
        comparisons = tuple(Comparison(*pair) for pair in sorted((places[a], places[b]) for a, b in order.pairs))
    shared = shared_columns([_texts_beside(row.row, columns) for row in rows])
    holes = Holes((said.prompt, *(answer.text for answer in answers)), said.context)
    metadata = metadata_of(shared) | {SCHEMA_KEY: shape}
    metadata[ROWS_KEY] = sorted(holes.row(_own_cells(row, shared)) for row in rows)
    return Record(
        record_id, said.prompt, answers, comparisons, metadata, _translation(rows, places), context=said.context
    )


def _texts_beside(row: Row, columns: Sequence[str]) -> dict[str, str]:
    """The cells of a row that its shape does not read, without lists and objects."""
    return {name: cell for name, cell in row.cells.items() if name not in columns and not isinstance(cell, JsonText)}


def _own_cells(judged: JudgedRow, shared: Mapping[str, str]) -> dict[str, object]:
    """The cells of a row that its record's metadata do not have, in the order of its columns."""
    return {
        name: judged.said.cells[name] if name in judged.said.cells else json_value(cell)
        for name, cell in judged.row.cells.items()
        if name not in shared
    }


def _translation(rows: Sequence[JudgedRow], places: Mapping[str, int]) -> Translation | None:
    """The Spanish that the source has beside its texts: of each text what most rows say, then the first by code."""
    if not any(any(row.said.translation) for row in rows):
        return None
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for text, spanish in zip((row.said.prompt, *row.said.answers), row.said.translation, strict=True):
            if spanish:
                votes[text][spanish] += 1
    best = {text: min(counts, key=lambda each: (-counts[each], each)) for text, counts in votes.items()}
    answers = tuple(best.get(text, "") for text in places)
    return Translation(_LANGUAGE, ENGINE, best.get(rows[0].said.prompt, ""), answers)
