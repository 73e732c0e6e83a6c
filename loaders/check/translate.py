"""Translating a source and checking the translations: the one walk from a text to what a reviewer is shown.

::

    records, or rows of a table
        |  loaders.translation   each different text once: what people approved, else the memory, else the engine
        v
    records or rows with their translation
        |  loaders.check         flags always; adequacy where there is an embedding model
        v
    a file, a DataFrame, the dataset
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from loaders.check.embeddings import VECTORS_FILE, KeptVectors, open_vectors
from loaders.check.enrich import EnrichCounts, enrich, enrich_rows
from loaders.check.kept_flags import FLAGS_FILE, KeptFlags
from loaders.check.languages import Sample, Told, tell_languages
from loaders.check.texts import texts_frame
from loaders.imploding.audit import LeftOut
from loaders.imploding.implode import implode_table
from loaders.imploding.imploded import Imploded, LinesFile
from loaders.imploding.source import Source, read_source
from loaders.shapes.columns import Schema
from loaders.shapes.judged import Shape
from loaders.shapes.recognise import recognise
from loaders.source.read import places_of
from loaders.source.table import Row, Table
from loaders.translation.engines.none import memory_only
from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.engines.registry import open_translator
from loaders.translation.records import RecordCounts, is_translated, translate_records
from loaders.translation.tables import row_name, row_texts, translate_rows
from workspace.config import default_home
from workspace.files.jsonl import check_apart, file_digest, write_jsonl
from workspace.memory.glossary import load_glossary
from workspace.memory.store import MEMORY_FILE, TranslationMemory
from workspace.model.records import Record

if TYPE_CHECKING:
    import pandas as pd

Json: TypeAlias = dict[str, Any]
Progress: TypeAlias = Callable[[Iterable[Any], str, int], AbstractContextManager[Iterable[Any]]]


def quiet(items: Iterable[Any], label: str, length: int) -> AbstractContextManager[Iterable[Any]]:
    """Show no progress."""
    return nullcontext(items)


@dataclass
class TranslationRun:
    """An engine, the memory and the embedding model, open for one run; the counts grow while its streams are read.

    Attributes:
        engine: who translates; in a dry run the memory alone.
        adequacy: which embedding model measures it, or why none does.
        memory: what was translated before.
        vectors: the embedding model, if there is one.
        flags: what was found in translations before.
        counts: what was translated.
        checks: what was found in the translations.
    """

    engine: Translator
    adequacy: str
    memory: TranslationMemory
    vectors: KeptVectors | None
    flags: KeptFlags
    counts: RecordCounts = field(default_factory=RecordCounts)
    checks: EnrichCounts = field(default_factory=EnrichCounts)

    def records(
        self, records: Iterable[Record], *, originals: Set[str] = frozenset(), retranslate: bool = False
    ) -> Iterator[Record]:
        """Each record with its translation, flags and adequacy, in order, in a stream."""
        done = translate_records(
            records, self.engine, self.memory, originals=originals, retranslate=retranslate, counts=self.counts
        )
        return enrich(done, self.flags, self.vectors, self.checks)

    def rows(self, rows: Iterable[Row], *, originals: Set[str] = frozenset()) -> Iterator[Json]:
        """Each row of a table as a JSON object with its translation, flags and adequacy, in order, in a stream."""
        done = translate_rows(rows, self.engine, self.memory, originals=originals, counts=self.counts)
        return enrich_rows(done, load_glossary(), self.vectors, self.checks)


@contextmanager
def open_run(
    engine: Translator, home: Path, *, memory_file: Path | None, embedding_model: str | None, dry_run: bool
) -> Iterator[TranslationRun]:
    """Open the memory and the embedding model in ``home`` for one engine.

    Args:
        engine: who translates.
        home: the folder of local state.
        memory_file: translations to take into the memory first.
        embedding_model: as for ``translate``.
        dry_run: translate and write nothing; count what would be translated.

    Raises:
        DataError: a file cannot be used.
        ConfigError: the embedding model cannot be used, or MissingPartError: it cannot be had.
    """
    with (
        TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory,
        open_vectors(embedding_model, home / VECTORS_FILE, read_only=dry_run) as (vectors, adequacy),
        closing(KeptFlags(home / FLAGS_FILE, load_glossary(), read_only=dry_run)) as flags,
    ):
        if memory_file and not dry_run:
            memory.import_jsonl(memory_file)
        yield TranslationRun(memory_only(engine) if dry_run else engine, adequacy, memory, vectors, flags)


@dataclass(frozen=True)
class Translated:
    """What came of translating a source.

    Attributes:
        records: the records with their translation; None for a table of texts, and in a dry run.
        rows: for a table of texts one JSON object a row: ``{"row": 1, "source": {COLUMN: TEXT, ...}, "translation":
            {"language": "es", "engine": "...", "texts": {COLUMN: TEXT, ...}}}``.
        of_records: whether the source is records, or a table of texts.
        shape: how the rows of a table were read; None for a table of texts.
        length: how many records or rows there are.
        rows_left_out: rows of the source that are in no record.
        counts: texts by where their translation is from, and why some have none.
        checks: flags and adequacy.
        engine, licence: which engine translated, and the licence of what it made.
        adequacy: which embedding model measured it, or why none did.
        is_new: whether the file of the output changed; None without a file.
        notes: what a person should know of how the source was read, each in one line.
    """

    records: Imploded | None
    rows: Iterable[Json]
    of_records: bool
    length: int
    rows_left_out: int
    counts: RecordCounts
    checks: EnrichCounts
    engine: str
    licence: str
    adequacy: str
    is_new: bool | None = None
    shape: str | None = None
    notes: tuple[str, ...] = ()

    def to_pandas(self) -> pd.DataFrame:
        """The records as ``Imploded.to_pandas`` gives them; or the table of texts in the other language."""
        import pandas as pd

        if self.records is not None:
            return self.records.to_pandas()
        return pd.DataFrame([row["translation"]["texts"] for row in self.rows])

    def texts_frame(self) -> pd.DataFrame:
        """Every text of the records beside its translation, one a row, the most doubtful first.

        The columns are ``id`` of the record; ``rank``, 0 for the prompt, missing where the source settles none;
        ``source`` and ``translation``; ``adequacy``, missing where it was not measured; ``flags``; and ``doubtful``,
        whether reviewers are shown the translation and it is not filled in for them. Doubtful ones come first, then
        those of low adequacy, then those of many flags. What is its own translation, or has none, is not in it.

        >>> done = translate([{"prompt": "P?", "chosen": "X.", "rejected": "Y."}], "none", embedding_model="none")
        >>> done.texts_frame().shape
        (0, 7)
        """
        return texts_frame(self.records or ())


def translate(
    source: Source,
    translator: str | Translator = "auto",
    *,
    target_language: str = "es",
    source_language: str | None = None,
    output: Path | str | None = None,
    home: Path | str | None = None,
    retranslate: bool = False,
    memory_file: Path | None = None,
    embedding_model: str | None = None,
    dry_run: bool = False,
    progress: Progress = quiet,
    **options: Any,
) -> Translated:
    """Translate a source, each different text once.

    Pairs and imploded records become records with their translation; any other table is a table of texts, whose cells
    are translated row by row. Every translation is kept in the memory in ``home``, so that a second call translates
    only what is new; what a person approved wins. A text that the engine does not translate stays without.

    Args:
        source: whatever ``read_source`` reads or returns, or ``implode`` returns.
        translator: the name of an engine, or an engine.
        target_language: ISO 639 code.
        source_language: that of the records or rows whose language neither a column nor their texts tell.
        output: a JSON Lines file to write the result to, in a stream; without it the result is held in memory.
        home: the folder of local state; by default that of the commands.
        retranslate: replace translations that the records of the source already have.
        memory_file: translations to take into the memory first (JSON Lines).
        embedding_model: a multilingual sentence-transformers model (Hub id or folder) that measures adequacy; "none"
            for none; None for the default, where it can be had.
        dry_run: translate and write nothing; count what would be translated.
        progress: shows how far it is: called with a stream, a label and the stream's length.
        options: the engine's own: model, base_url, variety, budget, accept_licence.

    Returns:
        The records or rows, and the counts.

    Raises:
        DataError: the source or a file cannot be used.
        ConfigError: an option is wrong, or a licence is not accepted; MissingPartError: a program, package or model
            is not there; TranslationError: the engine failed. What was translated before is in the memory.

    >>> done = translate([{"text": "Rivers live."}], "none", home="home", embedding_model="none")
    >>> done.length, done.counts.untranslated
    (1, 1)
    """
    folder = Path(home) if home else default_home()
    if output is not None:
        for place in source.places if isinstance(source, Imploded) else places_of(source):
            check_apart(Path(output), place, is_source=True)
    engine = open_translator(
        translator,
        folder,
        source_language=source_language,
        target_language=target_language,
        memory_file=memory_file,
        read_only=dry_run,
        **options,
    )
    found = _pairs_imploded(read_source(source))
    imploded = found if isinstance(found, Imploded) else None
    length = len(found) if isinstance(found, Imploded) else len(found.rows)
    own = find_originals(found, engine, source_language, retranslate=retranslate).originals
    with open_run(engine, folder, memory_file=memory_file, embedding_model=embedding_model, dry_run=dry_run) as run:
        made: Iterable[Any] = (
            run.records(found, originals=own, retranslate=retranslate)
            if isinstance(found, Imploded)
            else run.rows(found.rows, originals=own)
        )
        with progress(made, "looking up" if dry_run else "translating", length) as stream:
            kept, is_new = _kept(stream, None if output is None else Path(output), imploded is not None, dry_run)
    return Translated(
        records=replace(imploded, records=kept) if imploded is not None and not dry_run else None,
        rows=() if imploded is not None else kept,
        of_records=imploded is not None,
        length=length,
        rows_left_out=imploded.counts.rows_left_out if imploded is not None else 0,
        counts=run.counts,
        checks=run.checks,
        engine=EngineId.of(engine).label,
        licence=str(engine.licence),
        adequacy=run.adequacy,
        is_new=is_new,
        shape=imploded.shape if imploded is not None else None,
        notes=found.notes,
    )


def find_originals(
    found: Imploded | Table, engine: Translator, source_language: str | None, *, retranslate: bool = False
) -> Told:
    """The records, by id, or rows, by name, that are in the target language; ``loaders.check.languages``."""
    samples = (
        (
            Sample(record.id, record.metadata, record.texts)
            for record in found
            if retranslate or not is_translated(record, engine.target_language)
        )
        if isinstance(found, Imploded)
        else (Sample(row_name(row), row.cells, row_texts(row)) for row in found.rows)
    )
    return tell_languages(samples, engine, source_language)


def _pairs_imploded(found: Imploded | Table) -> Imploded | Table:
    """The records of a table of preference data; any other table as it is.

    So is one of labelled answers of which no two are to one prompt: nothing in it is compared.
    """
    if not isinstance(found, Table):
        return found.checked()
    shape = recognise(found)
    if not found.told and (shape is None or (isinstance(shape, Schema) and shape.worse is None)):
        return found
    imploded = implode_table(found)
    compares_none = all(entry.finding is LeftOut.ONE_ANSWER for entry in imploded.audit if entry.rows_left_out)
    if isinstance(shape, Shape) and shape.one_scale and imploded.refusal and compares_none and not found.told:
        return found
    return imploded.checked()


def _kept(
    made: Iterable[Any], path: Path | None, of_records: bool, dry_run: bool
) -> tuple[Iterable[Any], bool | None]:
    """What was made, held in memory or in a file; and whether that changed the file."""
    if dry_run:
        deque(made, maxlen=0)
        return (), None
    if path is None:
        return tuple(made), None
    before = file_digest(path)
    write_jsonl(path, (each.to_json() for each in made) if of_records else made)
    return LinesFile(path, Record.from_json if of_records else dict), file_digest(path) != before
