"""What every format consists of: its columns with their types, the rows of a record, and where a row comes from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from exports.merging.explode import compared_ranks
from exports.merging.pairs import ReviewedRecord
from exports.merging.provenance import issue_codes, origins
from exports.merging.settings import SPANISH, Language
from exports.merging.split import Split
from exports.merging.votes import Pair
from workspace.model.conversations import conversation
from workspace.model.h4rmony import metadata_column
from workspace.model.languages import language_code
from workspace.model.records import content_hash
from workspace.model.sources import source_of
from workspace.model.twins import feature_of
from workspace.model.varieties import stated_variety

ColumnType = Literal["text", "integer", "number", "flag", "texts", "integers", "flags", "messages"]
TrainingRow = dict[str, Any]  # a cell for each column of a format
METADATA_COLUMNS = ("cognitive_structure", "manifestation", "sdg", "country", "variety")  # where a record has them
_LANG = {"es": "spa", "en": "eng"}  # as in h4rmony_dpo_multilingual


def said_of(key: str, metadata: Mapping[str, Any]) -> object:
    """What a record says under a key of ``METADATA_COLUMNS``; ``variety`` is a code where one can be read."""
    if key != "variety":
        return metadata.get(key)
    stated = stated_variety(metadata)
    return stated.code or metadata.get(key)


@dataclass(frozen=True)
class LeftOut:
    """What a format cannot hold of a record that has pairs: one answer, or the record (``answer`` is None)."""

    answer: int | None
    reason: str


@dataclass(frozen=True)
class Beside:
    """What another file of a format may depend on.

    Attributes:
        languages: those of the rows.
        parts: in each split, those parts of the table (``Format.parts``) that have rows.
        repo_id: the dataset on the Hub that the files are for; None if they are for a folder.
    """

    languages: tuple[Language, ...]
    parts: Mapping[Split, Collection[str]] = field(default_factory=dict)
    repo_id: str | None = None


def withheld(reviewed: ReviewedRecord) -> Iterator[LeftOut]:
    """Yield the whole record if its pairs are withheld in this language."""
    if reviewed.withheld:
        yield LeftOut(None, reviewed.withheld)


@dataclass(frozen=True)
class Format:
    """A table that trainers read: its columns in order, each with its type, and the rows of one record.

    Every type but ``messages`` may be null; ``messages`` is a list of ``{"role", "content"}``. ``left_out`` yields
    what the format cannot hold of a record with pairs; ``beside`` returns the text of other files, by name. ``parts``
    are the names of the parts of the table that a row is in; ``beside`` is told which there are. ``mixed`` says that
    the rows of a table come in the order of a hash of their ids, for a trainer that reads them as they stand.
    """

    name: str
    columns: Mapping[str, ColumnType]
    rows: Callable[[ReviewedRecord], Iterable[TrainingRow]]
    left_out: Callable[[ReviewedRecord], Iterable[LeftOut]] = withheld
    beside: Callable[[Beside], Mapping[str, str]] = lambda _: {}
    parts: Callable[[TrainingRow], Iterable[str]] = lambda _: ()
    mixed: bool = False

    def ordered(self, rows: Iterable[TrainingRow]) -> list[TrainingRow]:
        """The rows of a whole table in its order, in which two rows stay as they are when others are added."""
        return sorted(rows, key=lambda row: content_hash(row["id"])) if self.mixed else list(rows)

    def with_lang(self) -> Format:
        """The same with a last column ``lang``, as in h4rmony_dpo_multilingual."""

        return self._with_last("lang", lang)

    def with_feature(self) -> Format:
        """The same with a last column ``feature``: what is flipped in a twin, null for any other record."""
        return self._with_last("feature", lambda reviewed: feature_of(reviewed.record.metadata))

    def with_metadata(self, key: str) -> Format:
        """The same with a last column ``key`` of what the records' metadata say, unless it is H4rmony's column here.

        It is null in what says nothing.
        """
        if metadata_column(key) in self.columns:
            return self
        return self._with_last(key, lambda reviewed: _text_or_none(said_of(key, reviewed.record.metadata)))

    def _with_last(self, column: str, cell: Callable[[ReviewedRecord], str | None]) -> Format:
        def rows(reviewed: ReviewedRecord) -> Iterator[TrainingRow]:
            return ({**row, column: cell(reviewed)} for row in self.rows(reviewed))

        return replace(self, columns={**self.columns, column: "text"}, rows=rows)


def has_context(reviewed: ReviewedRecord) -> Iterator[LeftOut]:
    """Yield a record with pairs that has a context, which plain text cannot hold; or whose pairs are withheld."""
    yield from withheld(reviewed)
    if reviewed.pairs and reviewed.record.context:
        yield LeftOut(None, "has_context")


def asking(reviewed: ReviewedRecord) -> list[dict[str, str]]:
    """The conversation up to the answer: the context, then the prompt."""
    return conversation(reviewed.context, reviewed.texts.prompt.text)


def message(role: str, content: str) -> list[dict[str, str]]:
    """A conversation of one message."""
    return [{"role": role, "content": content}]


def language(reviewed: ReviewedRecord) -> str:
    """The language of a record's final texts, or of its source."""
    record = reviewed.record
    if reviewed.language == SPANISH:
        return record.translation.language if record.translation else SPANISH
    return _text_or_none(record.metadata.get("language")) or reviewed.language


def lang(reviewed: ReviewedRecord) -> str:
    """The language of a record's rows as h4rmony_dpo_multilingual names it, "spa" or "eng"; else its ISO code.

    If its pairs are withheld, it is the language in which they would be written.
    """
    code = row_language(reviewed)
    return _LANG.get(code, code)


def row_language(reviewed: ReviewedRecord) -> str:
    """The ISO code of the language of a record's rows, without a region; see ``lang``."""
    code = None if reviewed.withheld else language_code(language(reviewed))
    return code or reviewed.language


def row_id(reviewed: ReviewedRecord, answers: str = "") -> str:
    """The id of a row: the record's, the answers', and the language if it is not Spanish; no two rows share one."""
    parts = [reviewed.record.id, answers, "" if reviewed.language == SPANISH else reviewed.language]
    return ":".join(part for part in parts if part)


def pair_origins(reviewed: ReviewedRecord) -> Iterator[tuple[Pair, TrainingRow]]:
    """Yield each pair of a record with its origin, in flat columns that no trainer reads (``PAIR_ORIGIN``)."""
    shared = _record_origin(reviewed)
    for pair in reviewed.pairs:
        tally = pair.tally
        yield (
            pair,
            {
                "id": row_id(reviewed, f"{pair.chosen}-{pair.rejected}"),
                "record_id": reviewed.record.id,
                "chosen_rank": reviewed.ranks[pair.chosen],
                "rejected_rank": reviewed.ranks[pair.rejected],
                "wins": tally.wins,
                "losses": tally.losses,
                "ties": tally.ties,
                "reviewers": tally.votes,
                "weighted_margin": float(tally.margin) if tally.weights else None,
                "compared_ranks": compared_ranks(reviewed.record, pair.chosen, pair.rejected),
                **shared,
                **_text_origin(reviewed, (pair.chosen, pair.rejected)),
            },
        )


def answer_origin(
    reviewed: ReviewedRecord, answer: int, id: str, *, shown: Sequence[int] | None = None
) -> TrainingRow:
    """Where a row about one answer comes from, in flat columns that no trainer reads (``ANSWER_ORIGIN``).

    Args:
        reviewed: the record.
        answer: the answer that the row is about.
        id: the row's id.
        shown: the answers whose texts are in the row after the prompt's, in this order; by default only ``answer``.
    """
    record = reviewed.record
    return {
        "id": id,
        "record_id": record.id,
        "answer_rank": reviewed.ranks[answer],
        "source_rank": record.ranks[answer],
        "pairs_won": sum(pair.chosen == answer for pair in reviewed.pairs),
        "pairs_lost": sum(pair.rejected == answer for pair in reviewed.pairs),
        "reviewers": reviewed.votes,
        **_record_origin(reviewed),
        **_text_origin(reviewed, (answer,) if shown is None else shown),
    }


def prompt_origin(reviewed: ReviewedRecord) -> TrainingRow:
    """Where a row about a prompt alone comes from, in flat columns (``PROMPT_ORIGIN``)."""
    return {
        "id": row_id(reviewed),
        "record_id": reviewed.record.id,
        "reviewers": reviewed.votes,
        **_record_origin(reviewed),
        **_text_origin(reviewed, ()),
    }


def _record_origin(reviewed: ReviewedRecord) -> TrainingRow:
    record = reviewed.record
    translated = record.translation if reviewed.language == SPANISH else None
    return {
        "method": reviewed.method,
        "language": language(reviewed),
        "issues": list(issue_codes(record)),
        "type": _text_or_none(record.metadata.get("type")),
        "source": source_of(record) or None,
        "translation_engine": translated.engine if translated else None,
        "problems": list(reviewed.problems),
    }


def _text_origin(reviewed: ReviewedRecord, answers: Sequence[int]) -> TrainingRow:
    """Who wrote the prompt and some answers, and how their texts were settled."""
    places = [0, *(answer + 1 for answer in answers)]
    texts = [reviewed.all_texts[place] for place in places]
    written = [origins(reviewed.record)[place] for place in places]
    by_model = any(origin.model for origin in written)
    settled = all(text.is_settled for text in texts)
    return {
        "text_choice": [text.choice for text in texts],
        "text_support": [text.support for text in texts],
        "text_changed": [reviewed.is_changed(place) for place in places],
        "text_model": [origin.model for origin in written] if by_model else None,
        "text_role": [origin.role for origin in written] if by_model else None,
        "text_licence": [origin.licence for origin in written] if by_model else None,
        "reviewed": settled and not reviewed.from_source,
    }


def _text_or_none(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


_RECORD_ORIGIN: dict[str, ColumnType] = {
    "method": "text",
    "language": "text",
    "issues": "texts",
    "type": "text",
    "source": "text",
    "translation_engine": "text",
    "problems": "texts",
}
_TEXT_ORIGIN: dict[str, ColumnType] = {
    "text_choice": "texts",
    "text_support": "integers",
    "text_changed": "flags",
    "text_model": "texts",
    "text_role": "texts",
    "text_licence": "texts",
    "reviewed": "flag",
}
PAIR_ORIGIN: dict[str, ColumnType] = {
    "id": "text",
    "record_id": "text",
    "chosen_rank": "integer",
    "rejected_rank": "integer",
    "wins": "integer",
    "losses": "integer",
    "ties": "integer",
    "reviewers": "integer",
    "weighted_margin": "number",
    "compared_ranks": "text",
    **_RECORD_ORIGIN,
    **_TEXT_ORIGIN,
}
# the format `h4rmony` says the others in its own columns `Language`, `Type` and the issue codes
H4RMONY_ORIGIN: dict[str, ColumnType] = {
    name: kind for name, kind in PAIR_ORIGIN.items() if name not in ("language", "issues", "type")
}
ANSWER_ORIGIN: dict[str, ColumnType] = {
    "id": "text",
    "record_id": "text",
    "answer_rank": "integer",
    "source_rank": "integer",
    "pairs_won": "integer",
    "pairs_lost": "integer",
    "reviewers": "integer",
    **_RECORD_ORIGIN,
    **_TEXT_ORIGIN,
}
PROMPT_ORIGIN: dict[str, ColumnType] = {
    "id": "text",
    "record_id": "text",
    "reviewers": "integer",
    **_RECORD_ORIGIN,
    **_TEXT_ORIGIN,
}
