"""The losses that ``train`` knows: the stages of each, with data and TRL's trainer, and what it is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Measure = Literal["log_ratio", "mean_log_ratio", "mean_likelihood"]
# what a held-out pair is judged by, in words for people
MEASURES: Mapping[Measure, str] = {
    "log_ratio": "how much likelier than for the base model an answer became, in all (the implicit reward of DPO)",
    "mean_log_ratio": "how much likelier than for the base model an answer became, per token, as IPO's loss has it",
    "mean_likelihood": "how likely an answer is for the model, per token",
}
LORA_FACTOR = 10  # the learning rate of LoRA, in that of TRL's default for all weights


@dataclass(frozen=True)
class Stage:
    """One trainer: its name in TRL, the format that it reads, what the loss fixes, and the learning rate of LoRA."""

    name: str
    format: str
    trainer: str
    columns: tuple[str, ...]
    learning_rate: float
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def classes(self) -> tuple[Any, Any]:
        """TRL's class of settings and its trainer, such as ``trl.DPOConfig`` and ``trl.DPOTrainer``."""
        import warnings

        import trl

        if self.trainer != "ORPO":
            return getattr(trl, f"{self.trainer}Config"), getattr(trl, f"{self.trainer}Trainer")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "You are importing from 'trl.experimental'", UserWarning)
            from trl.experimental import orpo
        return orpo.ORPOConfig, orpo.ORPOTrainer


@dataclass(frozen=True)
class Loss:
    """A loss by its name on the command line: the stages one after another, and what its pairs are judged by."""

    name: str
    stages: tuple[Stage, ...]
    measure: Measure

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that its stages read."""
        return tuple(stage.format for stage in self.stages)


_PAIRS = ("prompt", "chosen", "rejected")
_ANSWER = ("prompt", "completion")
_RATE = LORA_FACTOR / 1_000_000  # TRL has 1e-6; divided, so that 1e-05 is what is shown
_DPO = Stage("dpo", "dpo", "DPO", _PAIRS, _RATE, {"loss_type": ["sigmoid"]})
_IPO = Stage("ipo", "dpo", "DPO", _PAIRS, _RATE, {"loss_type": ["ipo"]})
_KTO = Stage("kto", "kto", "KTO", (*_ANSWER, "label"), _RATE, {"loss_type": "kto"})
_ORPO = Stage("orpo", "orpo", "ORPO", _PAIRS, _RATE)
_SFT = Stage("sft", "sft", "SFT", _ANSWER, 2e-5 * LORA_FACTOR)

LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("dpo", (_DPO,), "log_ratio"),
        Loss("ipo", (_IPO,), "mean_log_ratio"),
        Loss("kto", (_KTO,), "log_ratio"),
        Loss("orpo", (_ORPO,), "mean_likelihood"),
        Loss("sft", (_SFT,), "mean_likelihood"),
        Loss("sft+dpo", (_SFT, _DPO), "log_ratio"),
    )
}
