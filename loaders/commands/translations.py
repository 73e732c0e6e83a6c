"""``h4rmony evaluate translations``: it stands among what is evaluated, and is of this side because it translates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from loaders.commands.translator_options import report_problems, translator_options
from workspace.commands.options import dry_run_option, home_option, json_option, output_option
from workspace.commands.output import Value, print_summary


@click.command()
@click.argument("reference", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@output_option("Also write each text (JSON Lines).", required=False)
@translator_options
@home_option
@dry_run_option
@json_option
def translations(
    reference: Path,
    output: Path | None,
    translator: str,
    engine_options: dict[str, Any],
    home: Path,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Score a translation engine against translations that people made.

    REFERENCE is JSON Lines. Each line is a record with its translation, or {"source": "...", "target": "..."}, as
    `h4rmony memory export` writes it. The engine translates the sources; the summary has chrF, BLEU and TER by
    sacrebleu. What people approved in the memory does not count for the engine.

    \b
    Example:
      h4rmony evaluate translations approved.jsonl --translator opus
    """
    from loaders.translation.engines.protocol import EngineId
    from loaders.translation.engines.registry import open_translator
    from loaders.translation.evaluate import evaluate_engine

    engine = open_translator(translator, home, read_only=dry_run, **engine_options)
    scores, counts = evaluate_engine(reference, engine, home, output=output, dry_run=dry_run)
    values: dict[str, Value] = {
        "texts": scores.texts,
        "untranslated": counts.untranslated,
        "engine": EngineId.of(engine).label,
        "licence": str(engine.licence),
        **{name: round(score, 2) for name, score in scores.values.items()},
        **{f"{name}_signature": signature for name, signature in scores.signatures.items()},
    }
    print_summary(f"{reference}: evaluated", values, as_json=as_json)
    report_problems(counts)
