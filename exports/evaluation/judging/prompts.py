"""The prompts of a source that a model is to answer, or whose answers a judge is to grade.

A source is the folder of an export (what its tables of the split have), the folder of a review, or a file of records.
Of a review and of records, the texts are those after review, and the split is that of an export with its defaults. A
record that reviewers call harmful, false or badly translated is passed over, and so is an older version of a prompt,
and a prompt that follows earlier turns or a system message, because the model is asked a prompt alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from exports.evaluation.grades.families import family_of
from exports.evaluation.grades.files import ModelAnswer, read_records
from exports.formats import FORMATS
from exports.merging.pairs import review_record
from exports.merging.problems import why_taken_out
from exports.merging.provenance import origins, own_language, source_language
from exports.merging.settings import ENGLISH, LANGUAGES, SPANISH, Language, LanguageChoice
from exports.merging.split import SPLITS
from exports.merging.texts import FinalTexts, source_texts
from exports.merging.versions import other_versions
from exports.merging.votes import MergeRules
from exports.review.files import BALLOTS, RECORDS, Review, read_review
from exports.review.sources import settled_part
from workspace.errors import ConfigError, DataError, shown
from workspace.model.ballots import Ballot
from workspace.model.languages import language_code
from workspace.model.records import Record, text_problem

SplitChoice = Literal["test", "train", "all"]
SPLIT_CHOICES: tuple[SplitChoice, ...] = get_args(SplitChoice)
PLACED = "the dataset"  # who wrote an answer of the dataset that names no model


@dataclass(frozen=True)
class EvalPrompt:
    """A prompt in one language; ``id`` is that of its record."""

    id: str
    text: str
    language: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return (self.id, self.language)


def read_prompts(source: str | Path, language: LanguageChoice, split: SplitChoice) -> tuple[EvalPrompt, ...]:
    """The prompts of a source, sorted by id and language; of those with the same words, such as twins', the first.

    Raises:
        DataError: the source cannot be read, or has no such prompt.
        ConfigError: the language or the split is none that there is.
    """
    languages, path = _checked(language, split), Path(source)
    if path.is_dir() and not (path / RECORDS).exists():
        found = _of_export(path, languages, SPLITS if split == "all" else (split,))
    else:
        found = (
            EvalPrompt(record.id, texts.prompt.text, code)
            for record, texts, code in _of_review(_review(path), languages, split)
        )
    prompts: dict[tuple[str, str], EvalPrompt] = {}
    for prompt in found:
        if prompts.setdefault(prompt.key, prompt) != prompt:
            raise DataError(
                f"{source}: the prompt of {shown(prompt.id)} is not the same in two tables; export all formats again"
            )
    if not prompts:
        raise DataError(f"{source}: no prompt in {language} in split {split}; choose another --language or --split")
    once = {(prompts[key].text, key[1]): prompts[key] for key in sorted(prompts, reverse=True)}
    return tuple(sorted(once.values(), key=lambda prompt: prompt.key))


def read_ranked(source: str | Path, language: LanguageChoice, split: SplitChoice) -> tuple[ModelAnswer, ...]:
    """The answers that a source's records have, each with its place.

    Raises:
        DataError: the source is neither a review nor records, or has no such answer.
        ConfigError: the language or the split is none that there is.
    """
    languages, path = _checked(language, split), Path(source)
    if path.is_dir() and not (path / RECORDS).exists():
        raise DataError(f"{source}: has no {RECORDS}; give a file of records, or the folder of a review")
    found: list[ModelAnswer] = []
    for record, texts, code in _of_review(_review(path), languages, split):
        for place, (text, origin) in enumerate(zip(texts.answers, origins(record)[1:], strict=True)):
            if text_problem(text.text) is None:
                model = origin.model or PLACED
                family = family_of(origin.model) if origin.model else None
                found.append(
                    ModelAnswer(record.id, texts.prompt.text, code, text.text, model, family=family, place=place)
                )
    if not found:
        raise DataError(f"{source}: no answer in {language} in split {split}; choose another --language or --split")
    return tuple(sorted(found, key=lambda answer: answer.key))


def lacking(
    found: Sequence[EvalPrompt | ModelAnswer], language: LanguageChoice, source: str | Path
) -> tuple[str, ...]:
    """What to know where a language that was asked for has no text, though another one has."""
    missing = [code for code in LANGUAGES[language] if code not in {each.language for each in found}]
    return tuple(f"{source}: has nothing in {code}, though --language {language} asks for it" for code in missing)


def _checked(language: LanguageChoice, split: SplitChoice) -> tuple[Language, ...]:
    if language not in LANGUAGES:
        raise ConfigError(f"--language {language}: choose of {', '.join(LANGUAGES)}")
    if split not in SPLIT_CHOICES:
        raise ConfigError(f"--split {split}: choose of {', '.join(SPLIT_CHOICES)}")
    return LANGUAGES[language]


def _review(path: Path) -> Review:
    if path.is_dir() and (path / BALLOTS).exists():
        return read_review(path)
    return Review(read_records(path), ())


def _of_review(
    review: Review, languages: Sequence[Language], split: SplitChoice
) -> Iterator[tuple[Record, FinalTexts, str]]:
    review, rules = settled_part(review), MergeRules()
    others = other_versions(review, rules)
    for record, ballots in review:
        if record.id in others or record.context:
            continue
        for language in languages:
            found = _texts(record, ballots, language, split)
            if found and text_problem(found[0].prompt.text) is None:
                yield record, *found


def _texts(
    record: Record, ballots: Sequence[Ballot], language: Language, split: SplitChoice
) -> tuple[FinalTexts, str] | None:
    """The record's final texts in a language, and its code; None if it has none, or is not in the split."""
    known = own_language(record) or source_language(record) or ENGLISH
    reviewed = review_record(record, ballots, language=language)
    if split not in ("all", reviewed.split) or why_taken_out(record, ballots, reviewed.texts, language):
        return None
    if language == SPANISH and reviewed.texts.prompt.text:
        translated = record.translation.language if record.translation else SPANISH
        return reviewed.texts, language_code(translated) or SPANISH
    if known == language:
        return source_texts(record), language
    return None


def _of_export(folder: Path, languages: Sequence[str], splits: Sequence[str]) -> Iterator[EvalPrompt]:
    names = [name for name in FORMATS if name != "h4rmony" and (folder / name).is_dir()]
    tables = [folder / name / f"{split}.parquet" for name in names for split in splits]
    if not names:
        tables = [folder / f"{split}.parquet" for split in splits]  # the folder of one format
    if not any(table.exists() for table in tables):
        raise DataError(
            f"{folder}: neither a review ({RECORDS}) nor an export (dpo/test.parquet, ...); give the folder of one"
        )
    for table in tables:
        if table.exists():
            for row in _rows(table):
                code = language_code(str(row["language"]))
                if code is not None and code in languages and _stands_alone(row["prompt"]):
                    yield EvalPrompt(str(row["record_id"]), _prompt(row["prompt"]), code)


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(path, columns=["record_id", "language", "prompt"]).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read as a table of an export; export again") from error
    if rows and rows[0].keys() != {"record_id", "language", "prompt"}:
        raise DataError(f"{path}: has no columns record_id, language and prompt; give a folder that export wrote")
    return rows


def _stands_alone(cell: Any) -> bool:
    """False for a prompt that follows earlier turns or a system message."""
    return not isinstance(cell, list) or len(cell) == 1


def _prompt(cell: Any) -> str:
    """The words of a prompt, in a conversation or as plain text (dpo-standard puts a line end after it)."""
    return str(cell[0]["content"] if isinstance(cell, list) else cell).rstrip("\r\n")
