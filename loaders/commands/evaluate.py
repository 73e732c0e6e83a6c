"""``h4rmony translate --evaluate``: how near an engine comes to translations of people."""

from __future__ import annotations

from pathlib import Path

from loaders.commands.translator_options import SOURCE_LANGUAGE, TranslatorChoice, report_problems
from loaders.translation import MEMORY_FILE, EngineId, TranslationCounts, TranslationMemory, Translator
from loaders.translation.engines.none import memory_only
from loaders.translation.evaluate import Reference, evaluate, read_references, text_scores
from loaders.translation.texts import BatchTranslator
from workspace.commands.output import Value, print_summary
from workspace.files.jsonl import write_jsonl


def evaluate_translator(
    reference_file: Path, output: Path | None, choice: TranslatorChoice, home: Path, *, dry_run: bool, as_json: bool
) -> None:
    """Translate the sources of ``reference_file`` and print the scores; with ``output`` write each text's too.

    The memory serves and keeps what the engine translates, as always; what people approved does not count for the
    engine, so it is left aside.
    """
    references = read_references(reference_file, SOURCE_LANGUAGE, choice.target_language)
    engine = choice.make(home, read_only=dry_run)
    counts = TranslationCounts()
    with TranslationMemory(home / MEMORY_FILE, read_only=dry_run) as memory:
        asked = memory_only(engine) if dry_run else engine
        translations = _machine_translations(references, asked, memory, counts)
    result = evaluate(translations, references)
    if output and not dry_run:
        scores = text_scores(translations, references)
        write_jsonl(
            output,
            (
                {"source": each.source, "reference": each.target, "translation": text, "chrf": round(score, 2)}
                for each, text, score in zip(references, translations, scores, strict=True)
            ),
        )
    values: dict[str, Value] = {
        "texts": result.texts,
        "untranslated": counts.untranslated,
        "engine": EngineId.of(engine).label,
        "licence": str(engine.licence),
        "chrF": round(result.chrf, 2),
        "BLEU": round(result.bleu, 2),
        "TER": round(result.ter, 2),
        "chrF_signature": result.chrf_signature,
        "BLEU_signature": result.bleu_signature,
        "TER_signature": result.ter_signature,
    }
    print_summary(f"{reference_file}: evaluated", values, as_json=as_json)
    report_problems(counts)


def _machine_translations(
    references: list[Reference], engine: Translator, memory: TranslationMemory, counts: TranslationCounts
) -> list[str]:
    run = BatchTranslator(engine, memory, counts, approved=False)
    return [translated.text for translated in run.translate([reference.source for reference in references])]
