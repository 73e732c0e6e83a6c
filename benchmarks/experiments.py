"""The four ways to a dataset as experiments: train on each, score the same Spanish test prompts, say what each cost.

::

    DIR/data/WAY/          the export that a way is trained on; only its split train is
    DIR/data/test/         the Spanish test prompts of all sources, by which every way is scored
    DIR/runs/WAY-SEED/     what ``train`` leaves
    DIR/runs/WAY-SEED.json what came of it; written last, so that a finished run is not trained again
    DIR/results.json       all of it
    DIR/results.md         the tables

All ways are exports of one review with one ``test_share``, so a group of prompts (near-duplicates, twins, both
languages of a record) is on one side in all of them. That is checked before anything is trained.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

import exports
from benchmarks.measure import peak_memory, table, timed
from exports.evaluation.costs.cost import said
from exports.evaluation.costs.figures import Costs
from exports.evaluation.costs.texts import ordinary, welfare
from exports.evaluation.likelihood.likelihood import Preference
from exports.formats.merged import Merged
from exports.measure.estimates import Estimate
from exports.review.files import Review
from exports.training.losses import LOSSES
from exports.words import Wording
from tests.tiny_models import make_causal
from workspace import samples
from workspace.errors import DataError, H4rmonyError
from workspace.files.jsonl import file_digest
from workspace.model.groups import record_group
from workspace.model.sources import source_of

TINY = "tiny"
TINY_CONFIG = {
    "max_steps": 12,
    "max_length": 256,
    "learning_rate": 1e-3,
    "eval_strategy": "no",
    "save_strategy": "no",
}
RANDOM = "**random weights: this shows that the path works, and nothing of ecology**"
TRANSLATED = ("h4rmony",)  # the sources that were written in English
WAYS = {
    "english": "1. English as it is",
    "translated": "2. translated Spanish",
    "new": "3. new Spanish prompts",
    "both": "4. both together",
}


@dataclass(frozen=True)
class Asked:
    """What is to be tried.

    Attributes:
        review: the folder of a review; the project's own samples by default.
        model: a causal model of transformers; ``tiny`` makes one of random weights.
        ways: which of ``WAYS``.
        loss: one of those that ``train`` knows.
        seeds: of each way.
        config: settings of TRL, the same for all ways; a file or a mapping. ``tiny`` has some of its own.
        costs: how far to measure what it costs: none, quick or full.
        test_share: the share of the prompts that nobody trains on.
        translated: the sources that were written in English; all others are new Spanish prompts.
    """

    review: Path = samples().review
    model: str = TINY
    ways: Sequence[str] = tuple(WAYS)
    loss: str = "dpo"
    seeds: Sequence[int] = (1,)
    config: str | Path | Mapping[str, Any] | None = None
    costs: Any = "full"
    test_share: float = 0.3
    translated: Sequence[str] = TRANSLATED
    home: Path | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Tried:
    """What came of one way with one seed.

    Attributes:
        rows: how many were trained on, of how many prompts.
        scores: by task (``matched``, ``pairs``): before, after, their difference, as ``evaluate likelihood`` has it.
        seconds: of wall clock, the training with its own tests; less than all of it where a run was carried on.
        memory: MiB at the peak, of the GPU where there is one, else of this process.
        device: what it was trained on.
        test: the SHA-256 of the rows that it was scored on.
        carried_on: whether the training had been cut off before, so that the seconds are not all.
    """

    way: str
    seed: int
    rows: int
    prompts: int
    scores: Mapping[str, Mapping[str, Any]]
    costs: Mapping[str, Any] | None
    seconds: float
    memory: float
    device: str
    test: str
    carried_on: bool = False

    def estimate(self, task: str, figure: str) -> Estimate | None:
        """A figure of a task; None where the task has no rows."""
        return Estimate(**self.scores[task][figure]) if task in self.scores else None


def run(asked: Asked, output: Path) -> list[Tried]:
    """Try each way with each seed; what is finished there is read, and not trained again.

    Raises:
        DataError: a prompt would be both trained on and tested, or there is no Spanish test prompt.
        H4rmonyError: what ``export``, ``train`` and ``likelihood`` raise; another model or other data than before.
    """
    output.mkdir(parents=True, exist_ok=True)
    merged = exported(asked, output)
    check_apart(merged)
    model = _tiny(output, merged) if asked.model == TINY else asked.model
    tried = [_try(asked, model, output, way, seed) for way in asked.ways for seed in asked.seeds]
    results = {
        "asked": {name: str(value) for name, value in vars(asked).items()},
        "tried": [vars(each) for each in tried],
    }
    _write(output / "results.json", results)
    (output / "results.md").write_text(tables(asked, tried), encoding="utf-8")
    return tried


def exported(asked: Asked, output: Path) -> dict[str, Merged]:
    """Write the export of each way, and of the Spanish test prompts; what was merged, by way and ``test``."""
    review, formats = exports.read_review(asked.review), LOSSES[asked.loss].formats
    merged = {way: _merged(asked, way, review) for way in asked.ways}
    for way, found in merged.items():
        exports.export(found, output / "data" / way, sorted({*formats, "dpo"}))
    merged["test"] = exports.merge(review, test_share=asked.test_share)
    exports.export(merged["test"], output / "data" / "test", ["lm-eval"])
    return merged


def _merged(asked: Asked, way: str, review: Review) -> Merged:
    new = sorted({source_of(record) for record in review.records} - set(asked.translated))
    sources = {"new": new, "both": ()}.get(way, list(asked.translated))
    language: Any = "en" if way == "english" else "es"
    return exports.merge(review, sources=sources, language=language, test_share=asked.test_share)


def check_apart(merged: Mapping[str, Merged]) -> None:
    """Check that no group of prompts is trained on in any way and tested.

    Raises:
        DataError: one is, or there is nothing to test on.
    """
    tested = {record_group(each.record) for each in merged["test"].records if each.split == "test"}
    if not tested:
        raise DataError("no Spanish prompt is on the side test; give a larger --test-share")
    for way, found in merged.items():
        trained = {record_group(each.record) for each in found.records if each.split == "train"}
        if both := sorted(trained & tested):
            raise DataError(
                f"{way}: {len(both)} groups of prompts would be trained on and tested, such as {both[0]!r}"
            )


def _try(asked: Asked, model: str, output: Path, way: str, seed: int) -> Tried:
    folder, data = output / "runs" / f"{way}-{seed}", output / "data"
    kept, test = folder.with_suffix(".json"), str(file_digest(data / "test" / "lm-eval" / "test.parquet"))

    def work() -> exports.Trained:
        return exports.train(
            data / way,
            folder,
            model=model,
            loss=asked.loss,
            config=asked.config or (TINY_CONFIG if asked.model == TINY else None),
            seed=seed,
            resume=(folder / "checkpoints").exists(),
            costs=asked.costs,
            home=asked.home,
        )

    seconds, (memory, trained) = timed(lambda: peak_memory(work))  # a finished run is checked, and not trained again
    if kept.is_file() and not trained.changed:
        before = json.loads(kept.read_text(encoding="utf-8"))
        if before["test"] == test:
            return Tried(**before)
        seconds, memory = before["seconds"], before["memory"]
    rows = trained.report["data"]["rows"][LOSSES[asked.loss].formats[-1]]
    found = Tried(
        way=way,
        seed=seed,
        rows=rows["train"],
        prompts=rows["train_prompts"],
        scores=_scores(model, folder, data / "test"),
        costs=trained.report["costs"],
        seconds=seconds,
        memory=memory,
        device=trained.report["device"]["name"],
        test=test,
        carried_on=bool(trained.report["resumed_from"]),
    )
    _write(kept, vars(found))
    return found


def _scores(model: str, adapter: Path, test: Path) -> dict[str, dict[str, Any]]:
    """The scores by likelihood of the base model and with the adapter, on the Spanish test prompts."""
    tokenizer = {"tokenizer": str(adapter)}  # it has a chat template in any case
    found = exports.likelihood(
        model,
        test,
        model_args={**tokenizer, "peft": str(adapter)},
        reference=model,
        reference_args=tokenizer,
        chat_template=True,
        floor=False,
        batch_size=8,
    )
    figures = {task: found.tasks[task] for task in ("matched", "pairs") if task in found.tasks}
    return {
        task: {name: vars(each) for name, each in _named(preference).items() if each}
        for task, preference in figures.items()
    }


def _named(found: Preference) -> dict[str, Estimate | None]:
    return {
        "before": found.reference,
        "after": found.scores["bytes"],
        "difference": found.difference,
        "longer": found.longer,
    }


def tables(asked: Asked, tried: Sequence[Tried]) -> str:
    """The tables in Markdown."""
    task = "matched" if all("matched" in each.scores for each in tried) else "pairs"
    first = next(iter(tried)).estimate(task, "after")
    counted = f"{first.items} pairs of {first.records} prompts" if first else "no pairs"
    kind = "two answers of the same length" if task == "matched" else "two answers"
    weights = f"; {RANDOM}" if asked.model == TINY else ""
    header = ["way", "seed", "trained on", "before", "after", "difference", "longer wins", "seconds", "peak MiB"]
    rows = []
    for each in tried:
        figures = [each.estimate(task, name) for name in ("before", "after", "difference", "longer")]
        shown = [said(found, "+" if place == 2 else "") if found else "" for place, found in enumerate(figures)]
        size = f"{each.rows} rows, {each.prompts} prompts"
        rows.append([WAYS[each.way], each.seed, size, *shown, _time(each), round(each.memory)])
    title = (
        f"{asked.model}, {asked.loss}, on {tried[0].device}: how often the better Spanish answer is the likelier one"
    )
    note = f"{kind}, per byte, {counted}, the same for all ways; 95% intervals, clustered on prompts{weights}"
    return "\n".join([table(title, header, rows), f"{note[0].upper()}{note[1:]}.\n", _costs_table(tried)])


def _time(tried: Tried) -> str:
    return f"{tried.seconds:.0f}{' since it was carried on' if tried.carried_on else ''}"


def _costs_table(tried: Sequence[Tried]) -> str:
    """What each way cost: the differences to the base model."""
    found = [(each, Costs.from_json(each.costs).figures) for each in tried if each.costs]
    if not found:
        return ""
    words = Wording("en")
    header = ["way", "seed", *(cost.title(words) for cost in found[0][1])]
    rows = [
        [
            WAYS[each.way],
            each.seed,
            *(said(cost.difference, "+") + ", worse" * bool(cost.is_worse) for cost in figures),
        ]
        for each, figures in found
    ]
    return table("What it cost: trained minus base, 95% intervals over texts", header, rows)


def _tiny(output: Path, merged: Mapping[str, Merged]) -> str:
    """A model of random weights, and a tokenizer that knows the frequent parts of Spanish words."""
    folder = output / "tiny"
    if not (folder / "config.json").is_file():
        known = [text.text for text in ordinary()] + [pair.humane for pair in welfare()]
        known += [each.texts.prompt.text for found in merged.values() for each in found.records]
        make_causal(folder, known)
    return str(folder)


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@click.command("python -m benchmarks experiments")
@click.option("--review", type=click.Path(path_type=Path, exists=True, file_okay=False), default=samples().review,
              help="Folder that `h4rmony collect` wrote (default: the project's samples).")  # fmt: skip
@click.option(
    "--model", default=TINY, show_default=True, help="A causal model: a folder or a Hub id; tiny makes one."
)
@click.option(
    "--way", "ways", multiple=True, type=click.Choice(list(WAYS)), help="Again for more; by default all four."
)
@click.option("--loss", type=click.Choice(list(LOSSES)), default="dpo", show_default=True, help="What is minimised.")
@click.option("--seed", "seeds", multiple=True, type=int, help="Again for more; by default 1.")
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="TRL's settings (YAML).")
@click.option("--costs", type=click.Choice(["none", "quick", "full"]), default="full", show_default=True,
              help="How far to measure what it costs.")  # fmt: skip
@click.option("--test-share", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Never trained on.")
@click.option("--translated", multiple=True, help="A source that was written in English; by default h4rmony.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of local state.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder to write and carry on."
)
def command(output: Path | None, **given: Any) -> None:
    """Train on each of the four ways to a dataset, and score all of them on the same Spanish prompts."""
    chosen = {name: value for name, value in given.items() if value not in (None, ())}
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(**chosen)
        try:
            print(tables(asked, run(asked, output or Path(folder))).rstrip())
        except H4rmonyError as error:
            raise click.ClickException(str(error)) from error


def main() -> str:
    """All four ways with a tiny model of random weights."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(costs="quick", home=Path(folder))
        return tables(asked, run(asked, Path(folder) / "experiments"))
