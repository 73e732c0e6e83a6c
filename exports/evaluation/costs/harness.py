"""Have lm-eval measure both models: likelihoods of given texts, and answers to prompts. Nothing here computes any.

Prompts are given in the model's chat template, bare where it has none, and without a model's thinking aloud; ordinary
texts as they are. Answers are the likeliest ones (greedy), cut at ``LONGEST`` tokens.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from exports.evaluation.backends import failures, prompt_of, quiet
from exports.evaluation.costs.figures import Costs, Outcome, compared
from exports.evaluation.costs.texts import harmless, ordinary, texts_version, welfare
from workspace.chat import without_thoughts
from workspace.config import default_home
from workspace.errors import ConfigError, one_line
from workspace.extras import require_packages
from workspace.files.jsonl import write_json
from workspace.hub import MODELS
from workspace.local.adapters import adapted, is_adapter
from workspace.local.causal import NEEDED, CausalModel
from workspace.local.models import LocalModel, local_model

Level = Literal["none", "quick", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
PACKAGES = ("lm_eval", "torch", "transformers")
LONGEST = 256  # tokens of an answer


def costs(
    model: str | Path,
    base: str | Path | None = None,
    *,
    level: Level = "full",
    batch_size: int = 8,
    home: str | Path | None = None,
    output: str | Path | None = None,
) -> Costs:
    """Measure what training cost elsewhere: compare a trained model with its base on the same Spanish texts.

    Args:
        model: the folder of an adapter, as ``train`` writes it, or a causal model of transformers.
        base: the model that it was trained from; by default the one that the adapter names.
        level: ``quick`` compares likelihoods (ordinary Spanish, people's welfare), ``full`` also has both models
            answer twenty harmless prompts (refusals, length).
        batch_size: how many texts at once.
        home: the folder of local state; by default ``H4RMONY_HOME``, else ``~/.h4rmony``.
        output: where to write everything as JSON; None writes nothing.

    Raises:
        ConfigError: a model cannot be opened or measured, or it is no adapter and no base is given.
        MissingPartError: a package of the extra ``train`` is missing, or a model cannot be downloaded.

    Example:
        >>> found = costs(tiny_model, tiny_model, level="quick")
        >>> [(cost.name, cost.difference.value, cost.difference.items) for cost in found.figures]
        [('ordinary', 0.0, 30), ('welfare', 0.0, 20), ('welfare_margin', 0.0, 20)]
    """
    if level not in ("quick", "full"):
        raise ConfigError(f"unknown level {level!r}; choose from quick, full")
    require_packages("what training cost", PACKAGES, "train")
    cache = Path(home or default_home()).expanduser() / MODELS
    trained = _found(str(model), cache)
    if base is None and trained.adapter is None:
        raise ConfigError(f"{model}: not an adapter, so it names no base; say which model it was trained from")
    first = _found(str(base), cache) if base is not None else replace(trained, adapter=None)
    outcomes, tokenizer = [], None
    for found in (trained, first):
        opened = CausalModel(found, what="what training cost")
        if found is first and (base is None or not opened.tokenizer.chat_template):
            opened.tokenizer = tokenizer
        tokenizer = opened.tokenizer
        outcomes.append(Measure(opened.tokenizer, level, batch_size)(opened.model, found.name))
        del opened
        gc.collect()
    told = str(base) if base is not None else _base_name(trained)
    measured = costs_of(outcomes[1], outcomes[0], model=str(model), base=told, level=level)
    if output is not None:
        write_json(Path(output), measured.to_json())
    return measured


def costs_of(base_outcome: Outcome, trained_outcome: Outcome, *, model: str, base: str, level: Level) -> Costs:
    """The costs by what both models made of the texts."""
    from lm_eval import __version__

    answers = {id: (text, trained_outcome.answers[id]) for id, text in base_outcome.answers.items()}
    settings: dict[str, Any] = {"level": level, "lm_eval": __version__, "texts": texts_version()}
    if level == "full":
        settings |= {"longest": LONGEST, "cut": {"base": base_outcome.cut, "trained": trained_outcome.cut}}
    return Costs(model, base, compared(base_outcome, trained_outcome), answers, settings)


@dataclass(frozen=True)
class Measure:
    """How a model that is in memory is measured: with which tokenizer, how far, how many texts at once."""

    tokenizer: Any
    level: Level
    batch_size: int

    def __call__(self, model: Any, name: str) -> Outcome:
        """What a model makes of the texts.

        Args:
            model: of transformers or peft, on its device.
            name: the model's, for messages.

        Raises:
            ConfigError: lm-eval gets no figures from it.
        """
        trains = model.training
        with quiet(progress=True):
            from lm_eval.models.huggingface import HFLM

            try:
                lm = HFLM(
                    pretrained=model,
                    backend="causal",
                    tokenizer=self.tokenizer,
                    batch_size=self.batch_size,
                    enable_thinking=False,
                )
                return self._outcome(lm)
            except failures() as error:  # a training must not be lost by any of it
                hint = "; it may take in too few tokens" if isinstance(error, AssertionError) else ""
                raise ConfigError(f"{name}: lm-eval gets no figures from it ({one_line(error)}{hint})") from error
            finally:
                model.train(trains)

    def _outcome(self, lm: Any) -> Outcome:
        texts, pairs = ordinary(), welfare()
        rolling = lm.loglikelihood_rolling(_asked("loglikelihood_rolling", [(each.text,) for each in texts]))
        told = [(self._context(lm, pair.prompt), answer) for pair in pairs for answer in (pair.humane, pair.extreme)]
        found = [value for value, _ in lm.loglikelihood(_asked("loglikelihood", told))]
        answers = self._answers(lm) if self.level == "full" else {}
        return Outcome(
            {each.id: value for each, value in zip(texts, rolling, strict=True)},
            {pair.id: (found[2 * place], found[2 * place + 1]) for place, pair in enumerate(pairs)},
            answers,
            sum(len(lm.tok_encode(text, add_special_tokens=False)) >= LONGEST - 1 for text in answers.values()),
        )

    def _answers(self, lm: Any) -> dict[str, str]:
        prompts = harmless()
        greedy = {"until": [], "do_sample": False, "max_gen_toks": LONGEST}
        asked = [(self._context(lm, prompt.text), greedy) for prompt in prompts]
        written = lm.generate_until(_asked("generate_until", asked))
        return {prompt.id: without_thoughts(text) for prompt, text in zip(prompts, written, strict=True)}

    def _context(self, lm: Any, prompt: str) -> str:
        asked = {"role": "user", "content": prompt}
        return str(prompt_of(lm, [asked], in_template=bool(self.tokenizer.chat_template)))


def _asked(kind: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    from lm_eval.api.instance import Instance

    return [Instance(kind, {}, given, number) for number, given in enumerate(arguments)]


def _found(model: str, cache: Path) -> LocalModel:
    def find(name: str) -> LocalModel:
        return local_model(name, NEEDED, cache=cache)

    return (
        adapted(model, find, option="the model", cache=cache, read_only=False) if is_adapter(model) else find(model)
    )


def _base_name(trained: LocalModel) -> str:
    told = json.loads((Path(str(trained.adapter)) / "adapter_config.json").read_bytes())
    return str(told["base_model_name_or_path"])
