"""How near an engine comes to translations of people: ``translate --evaluate``, to be ``evaluate translations``."""

from __future__ import annotations

from pathlib import Path

from loaders.commands.translator_options import report_problems
from loaders.translation.engines.protocol import Translator
from loaders.translation.evaluate import evaluate_engine
from workspace.commands.output import Value, print_summary


def evaluate_translator(
    reference_file: Path, output: Path | None, engine: Translator, home: Path, *, dry_run: bool, as_json: bool
) -> None:
    """Print the scores of an engine's translations of the sources of ``reference_file``; write each text's."""
    done = evaluate_engine(reference_file, engine, home, output=output, dry_run=dry_run)
    values: dict[str, Value] = {
        "texts": done.scores.texts,
        "untranslated": done.counts.untranslated,
        "engine": done.engine,
        "licence": str(engine.licence),
        "chrF": round(done.scores.chrf, 2),
        "BLEU": round(done.scores.bleu, 2),
        "TER": round(done.scores.ter, 2),
        "chrF_signature": done.scores.chrf_signature,
        "BLEU_signature": done.scores.bleu_signature,
        "TER_signature": done.scores.ter_signature,
    }
    print_summary(f"{reference_file}: evaluated", values, as_json=as_json)
    report_problems(done.counts)
