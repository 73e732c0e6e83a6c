"""The bases of twins: the best answer to each prompt of a source, in the language of the run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.check.flags import KEY as FLAGS_KEY
from loaders.check.languages import is_other_language
from loaders.extending.outcome import Refused
from workspace.model.groups import record_group, settle_groups
from workspace.model.h4rmony import (
    LICENCE_KEY,
    ORIGINS_KEY,
    UNSUGGESTED_KEY,
    is_language_column,
    metadata_column,
    stated_language,
)
from workspace.model.languages import LANGUAGES
from workspace.model.prompts import GROUP_KEY, prompt_key
from workspace.model.records import ORIGINAL, Record
from workspace.model.shapes import ROWS_KEY
from workspace.model.twins import FEATURES, twin_id, twin_of
from workspace.model.versions import FOLLOWS_KEY
from workspace.roles import HARD_KEY

FEWEST_WORDS = 8  # of a base; a shorter answer is another one as soon as a feature is flipped
LONGEST_ID = 200
# of a record's metadata, what is said of its other answers, its translation or its earlier versions
_OF_THE_RECORD = frozenset(
    {FLAGS_KEY, UNSUGGESTED_KEY, "adequacy", FOLLOWS_KEY, HARD_KEY, ORIGINS_KEY, LICENCE_KEY, ROWS_KEY}
)


@dataclass(frozen=True)
class Base:
    """A prompt with its best answer, of which twins are written.

    Attributes:
        id: that of the record.
        prompt, text: the prompt and the answer, in the language of the run.
        metadata: what twins have of the record's; its group is the record's too, so that they share their side of the
            split.
        origins: who wrote the prompt and the answer, as far as the record knows.
    """

    id: str
    prompt: str
    text: str
    metadata: Mapping[str, Any]
    origins: tuple[Mapping[str, Any], Mapping[str, Any]]


def read_bases(records: Iterable[Record], language: str) -> tuple[list[Base], list[Refused]]:
    """The base of each record, and the records that have none, with the reason.

    It is the answer of rank 1 (of several the first by its text), in the words of the record's translation into the
    language, if it has one, else in its own words, if they are in the language.
    """
    bases, refused = [], []
    for record in settle_groups(records):
        found = _base(record, language)
        if isinstance(found, Base):
            bases.append(found)
        else:
            refused.append(Refused(record.id, record.prompt, found))
    return bases, refused


def _base(record: Record, language: str) -> Base | str:
    """The base of a record, or why there is none."""
    if twin_of(record.metadata):
        return "it is a twin itself"
    if len(twin_id(record.id, max(FEATURES, key=len))) > LONGEST_ID:
        return f"its id is too long for a twin's, which has {LONGEST_ID} characters at most"
    if record.context:
        return "its prompt follows earlier turns or a system message, and twins are written of a prompt alone"
    if record.ranks[0] != 1:
        return "none of its answers is known to be the best"
    translation = record.translation
    is_translated = translation is not None and translation.language == language and translation.engine != ORIGINAL
    prompt, text = record.prompt, record.answers[0].text
    if translation and is_translated:
        prompt, text = translation.prompt, translation.answers[0]
        if not prompt.strip() or not text.strip():
            return "its translation lacks the prompt or the best answer"
    elif stated_language(record.metadata) not in (None, language) or is_other_language(text, language):
        return f"it is not in {LANGUAGES[language][1]}, and has no translation"
    if len(prompt_key(text).split()) < FEWEST_WORDS:
        return f"its best answer is too short for a feature to be flipped, which needs {FEWEST_WORDS} words"
    return Base(
        record.id,
        prompt,
        text,
        _inherited(record, prompt, language, is_translated=is_translated),
        _origins(record, translated_by=translation.engine if translation and is_translated else None),
    )


def _inherited(record: Record, prompt: str, language: str, *, is_translated: bool) -> dict[str, Any]:
    metadata = {key: value for key, value in record.metadata.items() if key not in _OF_THE_RECORD}
    if is_translated or stated_language(metadata) is None:
        others = {key: value for key, value in metadata.items() if not is_language_column(metadata_column(key) or "")}
        metadata = {**others, "language": language}
    if LICENCE_KEY in record.metadata and (is_translated or not record.translation):
        metadata[LICENCE_KEY] = record.metadata[LICENCE_KEY]
    group = record_group(record)
    return metadata if group == prompt_key(prompt) else {**metadata, GROUP_KEY: group}


def _origins(record: Record, translated_by: str | None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    stated = record.metadata.get(ORIGINS_KEY)
    known = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list | tuple) else []
    if len(known) != len(record.texts):
        known = [{"by": "source"}] * 2
    translated = {"translation_engine": translated_by} if translated_by else {}
    prompt, answer = ({**each, **translated} for each in known[:2])
    return prompt, answer
