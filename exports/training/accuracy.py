"""How many held-out pairs a trained model orders rightly, by the measure that fits its loss; a tie counts half.

TRL's own accuracy counts ties as wrong, and judges IPO by sums although its loss is per token. The interval is over
prompts, because pairs of one prompt are not independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from exports.measure.estimates import Estimate, estimate, mean
from exports.training.data import HeldOut
from exports.training.losses import Measure
from workspace.model.conversations import Message

TIE = 1e-6  # log-probabilities as near as this are the same, by the order of additions apart


@dataclass(frozen=True)
class Likelihood:
    """The log-probability of an answer by the trained model and by the base model, and its tokens."""

    model: float
    base: float
    tokens: int

    def by(self, measure: Measure) -> float:
        """The figure that a measure compares."""
        if measure == "mean_likelihood":
            return self.model / self.tokens
        ratio = self.model - self.base
        return ratio if measure == "log_ratio" else ratio / self.tokens


@dataclass(frozen=True)
class Accuracy:
    """The share of held-out pairs in which the chosen answer is ahead, with its 95% interval over prompts.

    ``likelihood`` is the share of those whose chosen answer is likelier per token, after and before the training.
    """

    measure: Measure
    share: Estimate
    likelihood: float
    likelihood_before: float

    def to_json(self) -> dict[str, Any]:
        """As ``training.json`` holds it."""
        return {
            "measure": self.measure,
            "accuracy": self.share.value,
            "low": self.share.low,
            "high": self.share.high,
            "pairs": self.share.items,
            "prompts": self.share.records,
            "likelihood": self.likelihood,
            "likelihood_before": self.likelihood_before,
        }


def accuracy(pairs: Sequence[tuple[str, Likelihood, Likelihood]], measure: Measure) -> Accuracy:
    """Judge pairs: of each the prompt, and how likely its chosen and its rejected answer are."""
    import numpy as np

    points: dict[str, list[float]] = {}
    for prompt, chosen, rejected in pairs:
        points.setdefault(prompt, []).append(ahead(chosen.by(measure), rejected.by(measure)))
    terms = np.array([[sum(each), len(each)] for each in points.values()], float)
    before = [ahead(chosen.base / chosen.tokens, rejected.base / rejected.tokens) for _, chosen, rejected in pairs]
    after = [ahead(chosen.by("mean_likelihood"), rejected.by("mean_likelihood")) for _, chosen, rejected in pairs]
    share = estimate(terms, mean, "no_votes", len(pairs))
    return Accuracy(measure, share, sum(after) / len(after), sum(before) / len(before))


def ahead(chosen: float, rejected: float) -> float:
    """1 if the chosen answer is ahead, 0 if the rejected one is, a half if neither is.

    >>> ahead(-1.0, -2.0), ahead(-2.0, -2.0)
    (1.0, 0.5)
    """
    return 0.5 if abs(chosen - rejected) <= TIE else float(chosen > rejected)


def likelihoods(
    model: Any, tokenizer: Any, pairs: Iterable[HeldOut], longest: int
) -> Iterator[tuple[str, Likelihood, Likelihood]]:
    """How likely the answers of pairs are for a model with an adapter, and without it.

    Args:
        model: of peft, on its device.
        tokenizer: with a chat template.
        pairs: those to judge.
        longest: the tokens after which prompt and answer are cut, as in the training.
    """
    import torch

    was_training = model.training
    model.eval()
    with torch.inference_mode():
        for pair in pairs:
            yield (
                pair.record_id,
                _likelihood(model, *_tokens(tokenizer, pair.asked, pair.chosen, longest)),
                _likelihood(model, *_tokens(tokenizer, pair.asked, pair.rejected, longest)),
            )
    model.train(was_training)


def _tokens(tokenizer: Any, turns: Sequence[Message], answer: str, longest: int) -> tuple[list[int], int]:
    """The tokens of a conversation, and at which of them the answer begins, as TRL has it."""
    asked = [turn.to_json() for turn in turns]
    told = [*asked, {"role": "assistant", "content": answer}]
    before = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=True)["input_ids"]
    whole = tokenizer.apply_chat_template(told, return_dict=True)["input_ids"]
    start = next(
        (place for place, two in enumerate(zip(before, whole, strict=False)) if two[0] != two[1]), len(before)
    )
    return whole[:longest], min(start, len(whole) - 1, longest - 1)


def _likelihood(model: Any, tokens: Sequence[int], start: int) -> Likelihood:
    import torch

    row = torch.tensor([tokens], device=model.device)

    def summed() -> float:
        logits = model(input_ids=row).logits[0, max(start - 1, 0) : -1].float()
        targets = row[0, max(start, 1) :]
        return float(logits.log_softmax(-1).gather(1, targets[:, None]).double().sum())

    trained = summed()
    with model.disable_adapter():
        return Likelihood(trained, summed(), max(len(tokens) - max(start, 1), 1))
