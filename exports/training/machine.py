"""What this machine has for training: the device, its memory, and which numbers it can use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from workspace.extras import is_installed

Device = Literal["cuda", "mps", "cpu"]


@dataclass(frozen=True)
class Machine:
    """A device to train on: its kind and name, the bytes of its memory, whether it has bf16, and 4-bit weights."""

    device: Device
    name: str
    memory: int
    bf16: bool = False
    four_bit: bool = False

    @property
    def numbers(self) -> str:
        """The type of the base model's weights: bf16 where the card has it, fp16 on older ones, else 32 bits."""
        return ("bfloat16" if self.bf16 else "float16") if self.device == "cuda" else "float32"


def this_machine(*, use_cpu: bool = False) -> Machine:
    """The device that TRL will take here."""
    import torch

    if torch.cuda.is_available() and not use_cpu:
        of_card = torch.cuda.get_device_properties(0)
        # since Ampere (8.0); older cards say that they have it, and emulate it at a tenth of the speed
        return Machine("cuda", of_card.name, of_card.total_memory, of_card.major >= 8, is_installed("bitsandbytes"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if torch.backends.mps.is_available() and not use_cpu:
        return Machine("mps", "Apple GPU", memory)
    return Machine("cpu", "CPU", memory)


def is_main() -> bool:
    """Whether this process is the only one, or the first of those that ``accelerate launch`` started."""
    return os.environ.get("RANK", "0") == "0"
