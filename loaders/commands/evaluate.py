"""How near an engine comes to translations of people: ``translate --evaluate``, to be ``evaluate translations``."""

from __future__ import annotations

from pathlib import Path

from loaders.commands.translator_options import report_problems
from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.evaluate import evaluate_engine
from workspace.commands.output import Value, print_summary


def evaluate_translator(
    reference_file: Path, output: Path | None, engine: Translator, home: Path, *, dry_run: bool, as_json: bool
) -> None:
    """Print the scores of an engine's translations of the sources of ``reference_file``; write each text's."""
    scores, counts = evaluate_engine(reference_file, engine, home, output=output, dry_run=dry_run)
    values: dict[str, Value] = {
        "texts": scores.texts,
        "untranslated": counts.untranslated,
        "engine": EngineId.of(engine).label,
        "licence": str(engine.licence),
        **{name: round(score, 2) for name, score in scores.values.items()},
        **{f"{name}_signature": signature for name, signature in scores.signatures.items()},
    }
    print_summary(f"{reference_file}: evaluated", values, as_json=as_json)
    report_problems(counts)
