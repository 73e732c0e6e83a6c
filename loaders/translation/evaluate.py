"""How near an engine's translations come to those of people: chrF, BLEU and TER, by sacrebleu.

A reference file is JSON Lines. A line is an imploded record with a translation into the target language that people
made (each text that has one counts), or ``{"source": "...", "target": "..."}`` (an exported memory; entries for other
languages are passed over). Against texts that reviewers approved, TER is their edit rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.translation.engines.none import memory_only
from loaders.translation.engines.protocol import Translator
from loaders.translation.texts import TranslationCounts, translate_texts
from workspace.errors import DataError
from workspace.files.jsonl import read_jsonl, write_jsonl
from workspace.memory.store import MEMORY_FILE, TranslationMemory
from workspace.model.records import Record, typed


@dataclass(frozen=True)
class Reference:
    """A text and how a person translated it; neither is blank."""

    source: str
    target: str


@dataclass(frozen=True)
class Evaluation:
    """Scores of a whole set of translations, with sacrebleu's signatures; comparable where these agree.

    Both are by the name of the metric. chrF and BLEU go from 0 to 100, the best. TER is the edits that make the
    translation the reference, in percent of the reference's words: 0 is the best, and it may be above 100.
    """

    texts: int
    values: Mapping[str, float]
    signatures: Mapping[str, str]


def read_references(path: Path, source_language: str, target_language: str) -> list[Reference]:
    """The references of a file, in order, each different one once.

    Raises:
        DataError: the file cannot be read, a line is neither of the two kinds, or no line is for these languages.
    """
    lines = read_jsonl(path, lambda line: list(_references(line, source_language, target_language)))
    found = list(dict.fromkeys(reference for references in lines for reference in references))
    if not found:
        raise DataError(
            f"{path}: no reference from {source_language} to {target_language}; each line must be a record with its "
            'translation, or {"source": ..., "target": ...}'
        )
    return found


def _references(line: Any, source_language: str, target_language: str) -> Iterator[Reference]:
    if isinstance(line, dict) and "answers" in line:
        record = Record.from_json(line)
        translation = record.translation
        if translation is None or translation.language != target_language:
            return
        pairs = list(zip(record.texts, (translation.prompt, *translation.answers), strict=True))
    else:
        fields = typed(line, "reference", source=str, target=str)
        languages = line.get("source_language", source_language), line.get("target_language", target_language)
        pairs = [(fields["source"], fields["target"])] if languages == (source_language, target_language) else []
    for source, target in pairs:
        if source.strip() and target.strip():
            yield Reference(source, target)


def evaluate(translations: Sequence[str], references: Sequence[Reference]) -> Evaluation:
    """Score translations against references, one each, in the same order; a missing one ("") scores nothing."""
    from sacrebleu.metrics import BLEU, CHRF, TER

    targets = [[reference.target for reference in references]]
    metrics = {"chrF": CHRF(), "BLEU": BLEU(), "TER": TER()}
    scores = {name: metric.corpus_score(list(translations), targets).score for name, metric in metrics.items()}
    signatures = {name: str(metric.get_signature()) for name, metric in metrics.items()}
    return Evaluation(len(references), scores, signatures)


def evaluate_engine(
    reference_file: Path, engine: Translator, home: Path, *, output: Path | None = None, dry_run: bool = False
) -> tuple[Evaluation, TranslationCounts]:
    """Translate the sources of a reference file and score the translations; also says what was translated.

    The memory in ``home`` is looked into and keeps what the engine translates, as always. What people approved does
    not count for the engine, so it is left aside.

    Args:
        reference_file: as for ``read_references``; the sources are in the engine's source language.
        engine: who translates.
        home: the folder of local state.
        output: a JSON Lines file for each text with its reference, its translation and its chrF.
        dry_run: score what the memory has; translate and write nothing.

    Raises:
        DataError: a file cannot be used; TranslationError: the engine failed.
    """
    references = read_references(reference_file, engine.source_language, engine.target_language)
    counts = TranslationCounts()
    with TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory:
        asked, sources = memory_only(engine) if dry_run else engine, [reference.source for reference in references]
        translations = list(translate_texts(sources, asked, memory, approved=False, counts=counts))
    if output and not dry_run:
        lines = zip(references, translations, text_scores(translations, references), strict=True)
        write_jsonl(
            output,
            (
                {"source": each.source, "reference": each.target, "translation": text, "chrf": round(score, 2)}
                for each, text, score in lines
            ),
        )
    return evaluate(translations, references), counts


def text_scores(translations: Sequence[str], references: Sequence[Reference]) -> list[float]:
    """chrF of each text by itself, from 0 to 100."""
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    return [
        metric.sentence_score(translation, [reference.target]).score
        for translation, reference in zip(translations, references, strict=True)
    ]
