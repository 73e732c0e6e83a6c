"""Formats with one row for each pair: ``dpo``, ``dpo-standard``, ``orpo``, ``reward`` and ``h4rmony``.

All but the last have the columns of ``PAIR_ORIGIN``; the last has those of them that its own columns do not repeat
(``H4RMONY_ORIGIN``).

``id`` is the record's id with the chosen and the rejected answer's index, and ":en" if the texts are the source's.
``chosen_rank`` and ``rejected_rank`` are the reviewers' ranks, null if the votes do not settle them.
``compared_ranks`` are the source's, chosen first ("R2-R1" is a pair that review reversed): the label of the row that
compares the two, else their ranks, null if the source has neither. ``wins``, ``losses`` and ``ties`` are votes seen
from the chosen answer, ``reviewers`` is their sum; ``weighted_margin`` is wins minus losses in weights, null without
weights. ``method`` is how the votes were merged, or "source" for a record that nobody reviewed. ``problems`` are all
that counted submitted ballots on the record report. ``text_choice`` and ``text_support`` say how the texts of prompt,
chosen and rejected answer were settled, in this order; ``reviewed`` is true if people ranked the answers, and each of
the three texts is one that they submitted, or the source's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from exports.formats.base import (
    H4RMONY_ORIGIN,
    PAIR_ORIGIN,
    ColumnType,
    Format,
    TrainingRow,
    asking,
    has_context,
    language,
    message,
    pair_origins,
)
from exports.merging.explode import SourceRows
from exports.merging.pairs import ReviewedRecord
from exports.merging.settings import SPANISH
from workspace.model.h4rmony import COLUMNS


def dpo_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for each pair, conversational with an explicit prompt, and where it comes from.

    The prompt begins with the system message and the earlier turns, where the record has any.
    """
    for pair, origin in pair_origins(reviewed):
        _, chosen, rejected = reviewed.pair_texts(pair)
        yield {
            "prompt": asking(reviewed),
            "chosen": message("assistant", chosen.text),
            "rejected": message("assistant", rejected.text),
            **origin,
        }


def standard_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for each pair, in plain text.

    The prompt ends with one LF, because TRL puts nothing between it and an answer. A record with a context is left
    out, because plain text cannot hold it.
    """
    if reviewed.record.context:
        return
    for pair, origin in pair_origins(reviewed):
        prompt, chosen, rejected = reviewed.pair_texts(pair)
        yield {
            "prompt": prompt.text.rstrip("\n") + "\n",
            "chosen": chosen.text,
            "rejected": rejected.text,
            **origin,
        }


def table_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for each pair, for people: its side of the split, its texts, and ``margin`` as in ``reward``."""
    for pair, origin in pair_origins(reviewed):
        prompt, chosen, rejected = (text.text for text in reviewed.pair_texts(pair))
        texts = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
        yield {"split": reviewed.split, **texts, "margin": pair.tally.share, **origin}


def reward_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield the rows of ``dpo`` with a ``margin`` for the reward loss.

    It is wins minus losses, divided by the votes, all of them weighted if there are weights: above 0 and at most 1,
    or 0 for a pair without votes, so that the loss then asks for no distance.
    """
    for pair, row in zip(reviewed.pairs, dpo_rows(reviewed), strict=True):
        texts = {name: row.pop(name) for name in ("prompt", "chosen", "rejected")}
        yield {**texts, "margin": pair.tally.share, **row}


def h4rmony_rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
    """Yield one row for each pair in the source's own columns, with the final texts and the reviewers' ranks.

    If nobody reviewed the record, ``ComparedRanks`` is the source's, or the answers' ranks if it has none.
    ``Language`` is the language of the texts: the translation's, or the source's own. The last columns say where the
    row comes from. A record with a context is left out, because H4rmony has no column for it.
    """
    if reviewed.record.context:
        return
    source = SourceRows(reviewed.record)
    ranks = None if reviewed.from_source else reviewed.ranks
    for pair, origin in pair_origins(reviewed):
        texts = [text.text for text in reviewed.pair_texts(pair)]
        row = source.row(pair.chosen, pair.rejected, texts=texts, ranks=ranks)
        if reviewed.from_source and not row.get("ComparedRanks", "").strip():
            row["ComparedRanks"] = origin["compared_ranks"] or ""
        own = "" if reviewed.language == SPANISH else row.get("Language", "")
        yield {
            **{column: row.get(column, "") for column in COLUMNS},
            "Language": own or language(reviewed),
            **{column: origin[column] for column in H4RMONY_ORIGIN},
        }


_CONVERSATIONS: dict[str, ColumnType] = {"prompt": "messages", "chosen": "messages", "rejected": "messages"}
_TEXTS: dict[str, ColumnType] = {"prompt": "text", "chosen": "text", "rejected": "text"}
DPO = Format("dpo", {**_CONVERSATIONS, **PAIR_ORIGIN}, dpo_rows)
DPO_STANDARD = Format("dpo-standard", {**_TEXTS, **PAIR_ORIGIN}, standard_rows, left_out=has_context)
ORPO = Format("orpo", {**_CONVERSATIONS, **PAIR_ORIGIN}, dpo_rows)
PAIRS = Format("pairs", {"split": "text", **_TEXTS, "margin": "number", **PAIR_ORIGIN}, table_rows)
REWARD = Format("reward", {**_CONVERSATIONS, "margin": "number", **PAIR_ORIGIN}, reward_rows)
H4RMONY = Format("h4rmony", {**dict.fromkeys(COLUMNS, "text"), **H4RMONY_ORIGIN}, h4rmony_rows, left_out=has_context)
