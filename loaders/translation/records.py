"""Translating a stream of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from loaders.translation.engines.licences import label_licence
from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.texts import (
    BATCH_SIZE,
    BatchTranslator,
    Translated,
    TranslationCounts,
    engine_label,
)
from workspace.memory.store import HUMAN, TranslationMemory
from workspace.model.h4rmony import LICENCE_KEY, stated_language
from workspace.model.records import ORIGINAL, Record, Translation
from workspace.model.versions import first_id


@dataclass
class RecordCounts(TranslationCounts):
    """What a run over records did; the counts of texts are of the records that needed a translation.

    Attributes:
        records: all records.
        kept: records that had a translation into the target language, and kept it.
    """

    records: int = 0
    kept: int = 0


def translate_records(
    records: Iterable[Record],
    translator: Translator,
    memory: TranslationMemory,
    *,
    originals: Set[str] = frozenset(),
    retranslate: bool = False,
    batch_size: int = BATCH_SIZE,
    counts: RecordCounts | None = None,
) -> Iterator[Record]:
    """Each record with its translation, in order, in a stream.

    - a record that has a translation into the target language keeps it, unless ``retranslate``
    - a record that says that it is in the target language ("es", "es-mx"), and each of ``originals``, is its own
      translation, by the engine "original"
    - what came before the prompt is translated too, after the prompt and the answers, each text once like any other
    - a record stays as it is if the engine translates none of its texts
    - ``metadata["translation_licence"]`` says under what it was made: the licences of the engines' models. A record
      without a translation that states one has texts that were translated before, as a twin has, and keeps it
    - a text that a person approved is taken as it is; the record's engine then says "human", beside the engines that
      the approved texts and the others came from

    Args:
        records: any number of records.
        translator: the engine.
        memory: what is in it is not translated again; what is translated is kept in it.
        originals: the ids of records that are in the target language; so are later versions of them.
        retranslate: translate also what has a translation, and replace it.
        batch_size: about how many texts go into one call of the engine and one commit of the memory.
        counts: grows while the stream is read.

    Raises:
        TranslationError: the engine failed; the batches before are in the memory.
        DataError: the memory cannot be read or written.
    """
    counts = counts if counts is not None else RecordCounts()
    language = translator.target_language

    def texts(record: Record) -> tuple[str, ...]:
        is_original = (
            not originals.isdisjoint((record.id, first_id(record.id, record.metadata)))
            or stated_language(record.metadata) == language
        )
        needs_none = is_original or (is_translated(record, language) and not retranslate)
        return () if needs_none else (*record.texts, *(message.content for message in record.context))

    run = BatchTranslator(translator, memory, counts)
    for record, answers in run.walk(records, texts, batch_size, together=True):
        counts.records += 1
        if answers:
            yield _translated(record, answers, translator)
        elif is_translated(record, language) and not retranslate:
            counts.kept += 1
            yield record
        else:
            counts.original += 1
            stated = "" if record.translation else str(record.metadata.get(LICENCE_KEY) or "")
            texts_of_context = [message.content for message in record.context]
            yield _with(record, language, ORIGINAL, [*record.texts, *texts_of_context], stated)


def is_translated(record: Record, language: str) -> bool:
    """True if the record has a translation into this language."""
    return record.translation is not None and record.translation.language == language


def _translated(record: Record, answers: Sequence[Translated], translator: Translator) -> Record:
    if not any(answer.text for answer in answers):
        return record
    licences = _licences(answers, translator)
    return _with(
        record, translator.target_language, engine_label(answers), [answer.text for answer in answers], licences
    )


def _with(record: Record, language: str, engine: str, texts: Sequence[str], licences: str) -> Record:
    metadata = {key: value for key, value in record.metadata.items() if key != LICENCE_KEY}
    if licences:
        metadata[LICENCE_KEY] = licences
    prompt, *others = texts
    answers, context = others[: len(record.answers)], others[len(record.answers) :]
    translation = Translation(language, engine, prompt, tuple(answers), context=tuple(context))
    return replace(record, metadata=metadata, translation=translation)


def _licences(answers: Sequence[Translated], translator: Translator) -> str:
    """Under what the answers were made: the licences of all engines that had a part in them, each once, sorted."""
    own = EngineId.of(translator).label
    engines = {engine for answer in answers if answer.text.strip() for engine in answer.engines}
    found = {translator.licence if engine == own else label_licence(engine) for engine in engines - {HUMAN}}
    return ", ".join(sorted(map(str, found)))
