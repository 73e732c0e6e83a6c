"""The metadata of a dataset card, after the packages that read cards have taken it."""

from __future__ import annotations

from typing import Any

import yaml

from exports.card.check import check_offline


def metadata_of(card: str) -> dict[str, Any]:
    """What the YAML block of a card says; huggingface_hub and datasets must be able to read the card."""
    check_offline("equipo/h4rmony-es", card)
    metadata: dict[str, Any] = yaml.safe_load(card.removeprefix("---\n").partition("\n---\n")[0])
    return metadata
