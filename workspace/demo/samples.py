"""Where the project's own samples are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Samples:
    """The samples that come with the project, for trying things out; CC BY 4.0.

    Attributes:
        english: 24 prompts in English, as 72 pairs with H4rmony's columns (CSV).
        spanish: 24 prompts that are Spanish from the start, as records (JSON Lines).
        memory: Apertium's translations of the prompts in English, for the engine ``memory``.
        review: the folder of a collected review of both, by two scripted reviewers; ``exports.read_review`` reads it.
    """

    english: Path
    spanish: Path
    memory: Path
    review: Path


def samples() -> Samples:
    """Return where the project's own samples are.

    Returns:
        The paths of the files that were installed with the project; nothing may be written there.

    Example:
        >>> from exports import read_review
        >>> len(read_review(samples().review).records)
        48
    """
    folder = Path(__file__).parent
    return Samples(folder / "sample.csv", folder / "sample_es.jsonl", folder / "memory.jsonl", folder / "review")
