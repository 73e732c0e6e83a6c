"""Implode pairs in plain text, H4rmony's and ``prompt, chosen, rejected``: one record per prompt, a comparison a row.

Pure rules. Rows of one prompt are those of equal ``PromptID``, or of equal prompt text where there is no
``PromptID``. ``loaders.imploding.settle`` says which of them agree.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from loaders.imploding.audit import AuditEntry, LeftOut, Note, alike_entry
from loaders.imploding.judged import implode_contested
from loaders.imploding.metadata import metadata_of, shared_columns
from loaders.imploding.settle import SourcePair, Verdict, excerpt, missing, order_edges, ranks_of, rows_of, settle
from loaders.shapes.columns import OF_AN_EXPORT, Schema
from loaders.source.seen import alike, kept_text, prompt_seen
from loaders.source.table import Row, Table
from workspace.model.h4rmony import PAIRS_SCHEMA, SCHEMA_KEY, column_order, compared_labels, comparison_key
from workspace.model.records import MAX_ANSWERS, Answer, Comparison, Record, answer_order

_PLAIN_ID = re.compile(r"(?!.*\.(id|prompt)$)[A-Za-z0-9._-]{1,100}")
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)(?:\.0+|,00?)")  # 1,000 may be a thousand
_SCIENTIFIC = re.compile(r"([1-9])(?:[.,]([0-9]+))?E\+([0-9]{1,2})")


def implode_pairs(
    table: Table, schema: Schema, source_name: str | None, audit: list[AuditEntry]
) -> tuple[list[Record], dict[str, tuple[int, ...]]]:
    """The records of a table of pairs, and the rows of each prompt by its record's id; the audit grows."""
    name = source_name or ("h4rmony" if schema.prompt_id else "pairs")
    audit += (
        AuditEntry(Note.RENAMED_COLUMN, (), f"column {given!r} is read and written as {known!r}")
        for given, known in sorted(schema.renames.items())
    )
    prompts: dict[str, list[SourcePair]] = defaultdict(list)
    for row in table.rows:
        pair = _source_pair(row, schema)
        record_id = _record_id(pair, name, has_ids=schema.prompt_id is not None)
        audit += (replace(entry, record_id=record_id) for entry in _changes(row, pair, schema))
        prompts[record_id].append(pair)
    records = []
    for record_id, pairs in sorted(prompts.items()):
        found: list[AuditEntry] = []
        if record := _implode_prompt(record_id, pairs, schema, found):
            records.append(record)
        audit += (replace(entry, record_id=record_id) for entry in found)
    return records, {record_id: tuple(pair.row for pair in pairs) for record_id, pairs in prompts.items()}


def _source_pair(row: Row, schema: Schema) -> SourcePair:
    texts = {given for _, given in schema.texts}
    columns = {schema.renames.get(name, name): cell for name, cell in row.cells.items() if name not in texts}
    if "PromptID" in columns:
        columns["PromptID"] = _prompt_id(columns["PromptID"].strip())
    prompt, better, worse = (kept_text(row.cells.get(given or "", "")) for _, given in schema.texts)
    return SourcePair(row.number, better, worse, compared_labels(columns.get("ComparedRanks", "")), prompt, columns)


def _prompt_id(cell: str) -> str:
    """A PromptID without the point of a whole number, and not as Excel writes one, if no digit of it is lost.

    >>> [_prompt_id(cell) for cell in ("239.0", "239,0", "1,000", "2.39E+02", "2,39E+05", "007", "1.05")]
    ['239', '239', '1,000', '239', '2,39E+05', '007', '1.05']
    """
    if (number := _SCIENTIFIC.fullmatch(cell)) and len(number[2] or "") >= int(number[3]):
        digits, places = number[1] + (number[2] or ""), int(number[3]) + 1
        return digits[:places] if not digits[places:].strip("0") else cell
    whole = _WHOLE_FLOAT.fullmatch(cell)
    return whole[1] if whole else cell


def _record_id(pair: SourcePair, name: str, *, has_ids: bool) -> str:
    """``name-PromptID`` or ``name-HASH``; a PromptID of odd characters, or none, gives a hash with a suffix.

    The suffixes ``.id`` and ``.prompt`` keep such ids apart from those of plain PromptIDs.
    """
    prompt_id = pair.columns.get("PromptID", "")
    if prompt_id and _PLAIN_ID.fullmatch(prompt_id):
        return f"{name}-{prompt_id}"
    digest = hashlib.sha256((prompt_id or prompt_seen(pair.prompt)).encode()).hexdigest()[:16]
    suffix = ".id" if prompt_id else ".prompt" if has_ids else ""
    return f"{name}-{digest}{suffix}"


def _changes(row: Row, pair: SourcePair, schema: Schema) -> list[AuditEntry]:
    """What reading the row as a pair has changed."""
    settled = dict(zip(schema.texts, (pair.prompt, pair.better, pair.worse), strict=True))
    if schema.prompt_id:
        settled["PromptID", schema.prompt_id] = pair.columns.get("PromptID", "")
    changed = [known for (known, given), text in settled.items() if given and text and row.cells[given] != text]
    found = []
    if changed:
        message = f"line ends changed in {', '.join(changed)}" if changed != ["PromptID"] else "PromptID changed"
        found.append(AuditEntry(Note.TRIMMED, (pair.row,), message))
    if schema.prompt_id and not pair.columns.get("PromptID"):
        message = "PromptID is blank; rows with the same prompt text are taken together"
        found.append(AuditEntry(Note.NO_PROMPT_ID, (pair.row,), message))
    return found


def _implode_prompt(
    record_id: str, pairs: Sequence[SourcePair], schema: Schema, found: list[AuditEntry]
) -> Record | None:
    """The record of one prompt, or None if it is kept out; ``found`` grows."""
    pairs = _unified(pairs, found)
    usable = [pair for pair in pairs if _is_usable(pair, found)] if schema.worse else []
    if not usable:
        found.append(_nothing_left(pairs))
        return None
    usable = _with_one_prompt(usable, found)
    found += filter(None, map(_unreadable, usable))
    answers = {answer for pair in usable for answer in pair.answers}
    if len(answers) > MAX_ANSWERS:
        message = f"it has {len(answers)} different answers, {MAX_ANSWERS} at most; kept out"
        found.append(AuditEntry(LeftOut.TOO_MANY_ANSWERS, rows_of(usable), message))
        return None
    verdict = settle(_without_tied_labels(usable))
    if not verdict.pairs and schema.is_pairs and not any(pair.labels for pair in usable):
        return implode_contested(record_id, usable, found)
    found += verdict.findings
    if not verdict.pairs:
        return None
    found += _state(verdict)
    ranks = ranks_of(order_edges(verdict.pairs, verdict.labels))
    return _record(record_id, verdict.pairs, ranks, is_pairs=schema.is_pairs)


def _unified(pairs: Sequence[SourcePair], found: list[AuditEntry]) -> Sequence[SourcePair]:
    """The pairs with one text for those that look the same."""
    prompts = alike((pair.prompt for pair in pairs), prompt_seen)
    answers = alike(text for pair in pairs for text in (pair.better, pair.worse) if text)
    if not prompts and not answers:
        return pairs
    unified = []
    for pair in pairs:
        prompt = prompts.get(pair.prompt, pair.prompt)
        better, worse = (answers.get(text, text) for text in (pair.better, pair.worse))
        new = replace(pair, prompt=prompt, better=better, worse=worse)
        if new != pair:
            found.append(alike_entry(pair.row, (pair.prompt, pair.better, pair.worse), (prompt, better, worse)))
        unified.append(new)
    return unified


def _is_usable(pair: SourcePair, found: list[AuditEntry]) -> bool:
    """True for a pair of a prompt and two different answers, whose labels are not the wrong way round."""
    texts = {"prompt": pair.prompt, "better answer": pair.better, "worse answer": pair.worse}
    blank = [name for name, text in texts.items() if not text]
    if blank:
        finding, message = LeftOut.BLANK, f"{' and '.join(blank)} blank; left out"
    elif pair.better == pair.worse:
        finding, message = LeftOut.EQUAL_ANSWERS, "both answers are equal; left out"
    elif pair.labels and pair.labels[0] >= pair.labels[1]:
        better, worse = pair.labels
        finding = LeftOut.REVERSED_RANKS
        message = f"ComparedRanks R{better}-R{worse} does not put the better answer first; left out"
    else:
        return True
    found.append(AuditEntry(finding, (pair.row,), message))
    return False


def _without_tied_labels(pairs: list[SourcePair]) -> list[SourcePair]:
    """The pairs without labels where they are of an export, and equal ranks gave several answers one label."""
    labelled = {each for pair in pairs for each in pair.labelled}
    is_exported = all(pair.columns.keys() >= OF_AN_EXPORT for pair in pairs)
    if not is_exported or len(labelled) == len({label for _, label in labelled}):
        return pairs
    return [replace(pair, labels=None) for pair in pairs]


def _with_one_prompt(pairs: list[SourcePair], found: list[AuditEntry]) -> list[SourcePair]:
    """The pairs with the prompt text that most of them have; none if no text has the most."""
    counts = Counter(pair.prompt for pair in pairs)
    if len(counts) < 2:
        return pairs
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    winner, second = ordered[:2]
    told = ", ".join(f"{excerpt(text)} in {counts[text]}" for text in ordered)
    said = f"its rows have several prompt texts ({told})"
    if counts[winner] == counts[second]:
        found.append(AuditEntry(LeftOut.PROMPT_TEXTS_TIED, rows_of(pairs), f"{said}; kept out"))
        return []
    lost = rows_of(pair for pair in pairs if pair.prompt != winner)
    found.append(AuditEntry(LeftOut.PROMPT_TEXTS, lost, f"{said}; the rarer left out"))
    return [pair for pair in pairs if pair.prompt == winner]


def _nothing_left(pairs: Sequence[SourcePair]) -> AuditEntry:
    """Why a prompt without a usable pair has none."""
    answers = {answer for pair in pairs for answer in pair.answers if answer}
    if len(answers) == 1:
        finding, message = LeftOut.ONE_ANSWER, "it has one answer, nothing to compare it with; kept out"
    elif answers and all("" in pair.answers for pair in pairs):
        finding = LeftOut.ONE_ANSWER
        message = f"its {len(answers)} answers are not compared with each other; kept out"
    else:
        finding, message = LeftOut.NOTHING_LEFT, "no row is left; kept out"
    return AuditEntry(finding, rows_of(pairs), message)


def _unreadable(pair: SourcePair) -> AuditEntry | None:
    text = pair.columns.get("ComparedRanks")
    if text is None or pair.labels:
        return None
    said = f"ComparedRanks {text!r} is not two labels like R1-R2" if text.strip() else "ComparedRanks is blank"
    return AuditEntry(Note.UNREADABLE_RANKS, (pair.row,), f"{said}; the row counts without labels")


def _state(verdict: Verdict) -> list[AuditEntry]:
    """What a person may want to know of the pairs that are kept: which are repeated, which are missing."""
    by_answers: dict[frozenset[str], list[int]] = defaultdict(list)
    for pair in verdict.pairs:
        by_answers[pair.answers].append(pair.row)
    found = []
    for answers, rows in by_answers.items():
        if len(rows) > 1:
            names = " and ".join(excerpt(answer) for answer in sorted(answers))
            found.append(AuditEntry(Note.REPEATED, tuple(rows), f"{len(rows)} rows compare {names}; all kept"))
    if lacks := missing(verdict.pairs, verdict.labels):
        told = "; ".join(lacks[:6]) + (f"; and {len(lacks) - 6} more" if len(lacks) > 6 else "")
        found.append(AuditEntry(Note.INCOMPLETE, rows_of(verdict.pairs), told))
    return found


def _record(
    record_id: str, pairs: Sequence[SourcePair], ranks: Mapping[str, int | None], *, is_pairs: bool
) -> Record:
    answers = sorted((Answer(text, rank) for text, rank in ranks.items()), key=answer_order)
    places = {answer.text: place for place, answer in enumerate(answers)}
    shared = shared_columns([pair.columns for pair in pairs])
    comparisons = []
    for pair in pairs:
        own = [name for name in column_order(pair.columns) if name not in shared]
        columns = {comparison_key(name): pair.columns[name] for name in own}
        comparisons.append(Comparison(places[pair.better], places[pair.worse], columns))
    comparisons.sort(key=lambda c: (c.better, c.worse, sorted(c.columns.items())))
    metadata = metadata_of(shared)
    if is_pairs:
        metadata[SCHEMA_KEY] = PAIRS_SCHEMA
    return Record(record_id, pairs[0].prompt, tuple(answers), tuple(comparisons), metadata)
