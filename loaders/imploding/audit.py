"""The audit of an implode: every row that was left out, changed or doubtful, and the rule that was applied.

One JSON object a finding: ``{"kind", "source", "record_id", "rows", "lines", "rows_left_out", "message"}``. ``rows``
counts the data rows of the source from 1, ``lines`` are the lines of a CSV or TSV file on which they begin (the
header is line 1). Each row of the source is in a record's comparisons, or in an entry with ``rows_left_out`` true.

Findings that leave no row out:

- ``reading``: how the source was read, where that does not go without saying: the separator of its columns, what was
  passed over.
- ``renamed_column``: a column differs from the known name in case or spaces; the known name is written.
- ``trimmed``: a text lost its Windows line ends (CRLF and CR become LF), or a ``PromptID`` like "239.0", "239,0"
  or "2.39E+02" became "239".
- ``alike``: a text looks the same as another of its prompt (``loaders.source.seen``: Unicode's form, characters that
  nobody sees, blanks at the ends), and is taken for it: the one that is there most, then the first by its code.
- ``no_prompt_id``: ``PromptID`` is blank; rows of equal prompt text are taken together.
- ``unreadable_ranks``: ``ComparedRanks`` is blank or not two labels such as "R1-R2"; the row still says which answer
  is better.
- ``repeated``: several rows hold the same pair; all are kept.
- ``same_prompt``: several records have the same prompt text; all are kept, apart.
- ``incomplete``: some pairs of answers were not compared; the record has what there is.
- ``shape``: how the rows are read, where they are neither H4rmony's nor ``prompt, chosen, rejected`` in plain text.
- ``judges_differ``: rankings differ about an answer or two; what most of them say holds, else the order is left open
  and reviewers decide.
- ``open_order``: what most rankings say goes round in a circle; the order is left open.

Findings that leave rows out:

- ``blank``: the prompt or an answer is blank, or shows nothing (zero-width characters, ``&nbsp;``, ``N/A``).
- ``equal_answers``: both answers of the row are equal, or look the same.
- ``reversed_ranks``: ``ComparedRanks`` calls the better answer no better than the worse one.
- ``prompt_texts``: one ``PromptID`` has several prompt texts; the text that most rows have wins.
- ``contradicted``: rows disagree about the label of an answer; the assignment of distinct labels that contradicts
  the fewest rows, then the fewest cells, wins, and the rows that it contradicts are left out.
- ``against_labels``: a row without labels contradicts the order of the labels.
- ``outvoted``: rows without labels disagree about a pair; the strict majority wins.
- ``not_text``: a turn calls a tool or is its answer, or holds an image, or an answer is no text.
- ``no_turns``: a conversation does not end with the user's turn and the assistant's; or those of a row differ before.
- ``no_order``: nothing that can be read says which answer is better.

Findings that keep a prompt out, with all its rows:

- ``prompt_texts_tied``: no prompt text has the most rows.
- ``labels_tied``: several best assignments of the labels leave different rows out, or there are too many to try.
- ``pair_tied``: as many rows without labels say one thing about a pair as say the opposite. This and the next are for
  H4rmony's columns; of all other data such rows leave the order open (``judges_differ``, ``open_order``).
- ``cycle``: the remaining rows put an answer above itself.
- ``one_answer``: the prompt has a single answer, or its answers are not compared at all.
- ``nothing_left``: no row of the prompt can be used, for the reasons listed beside.
- ``too_many_answers``: more than 26 different answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workspace.errors import shown


class Note(StrEnum):
    """A finding that leaves no row out; the module's docstring states the rule of each."""

    READING = "reading"
    RENAMED_COLUMN = "renamed_column"
    TRIMMED = "trimmed"
    ALIKE = "alike"
    NO_PROMPT_ID = "no_prompt_id"
    UNREADABLE_RANKS = "unreadable_ranks"
    REPEATED = "repeated"
    SAME_PROMPT = "same_prompt"
    INCOMPLETE = "incomplete"
    SHAPE = "shape"
    JUDGES_DIFFER = "judges_differ"
    OPEN_ORDER = "open_order"


class LeftOut(StrEnum):
    """A finding that leaves rows out, or a prompt with all its rows."""

    BLANK = "blank"
    EQUAL_ANSWERS = "equal_answers"
    REVERSED_RANKS = "reversed_ranks"
    PROMPT_TEXTS = "prompt_texts"
    CONTRADICTED = "contradicted"
    AGAINST_LABELS = "against_labels"
    OUTVOTED = "outvoted"
    NOT_TEXT = "not_text"
    NO_TURNS = "no_turns"
    NO_ORDER = "no_order"
    PROMPT_TEXTS_TIED = "prompt_texts_tied"
    LABELS_TIED = "labels_tied"
    PAIR_TIED = "pair_tied"
    CYCLE = "cycle"
    ONE_ANSWER = "one_answer"
    NOTHING_LEFT = "nothing_left"
    TOO_MANY_ANSWERS = "too_many_answers"


SHOWN = 8  # rows that an entry names to people
AUDIT_KEYS = ("kind", "source", "record_id", "rows", "lines", "rows_left_out", "message")


@dataclass(frozen=True)
class AuditEntry:
    """One finding about rows of ``source``; ``record_id`` is None where it concerns no single prompt."""

    finding: Note | LeftOut
    rows: tuple[int, ...]
    message: str
    record_id: str | None = None
    source: str = ""
    lines: tuple[int, ...] = ()

    @property
    def rows_left_out(self) -> bool:
        """True if these rows are in no record."""
        return isinstance(self.finding, LeftOut)

    def to_json(self) -> dict[str, Any]:
        """The entry as a JSON object, with the keys that the module's docstring names."""
        values = (
            self.finding.value, self.source, self.record_id, list(self.rows), list(self.lines), self.rows_left_out,
            self.message,
        )  # fmt: skip
        return dict(zip(AUDIT_KEYS, values, strict=True))

    def __str__(self) -> str:
        """One line for people: what was found, where, and the details."""
        more = len(self.rows) - SHOWN
        rows = ", ".join(map(str, self.rows[:SHOWN])) + (f" and {more} more" if more > 0 else "")
        named = f"row{'s' if len(self.rows) > 1 else ''} {rows}" if rows else ""
        where = ", ".join(part for part in (self.record_id, named) if part)
        return f"{self.finding.value}: {where + ': ' if where else ''}{self.message}"


def alike_entry(row: int, texts: Iterable[str], taken: Iterable[str]) -> AuditEntry:
    """What was found of a row whose texts were ``taken`` for others that look the same."""
    names = [shown(new, 40) for text, new in zip(texts, taken, strict=True) if text != new]
    return AuditEntry(Note.ALIKE, (row,), f"looks the same as, and is taken for, {' and '.join(names)}")


def count_findings(audit: Iterable[AuditEntry]) -> dict[str, int]:
    """How many entries there are of each finding that occurs, in alphabetical order."""
    return dict(sorted(Counter(entry.finding.value for entry in audit).items()))
