"""Which family a model is of, by its name: a judge favours models of its own. Pure.

A model that was made from another one is of that one's family, where its name or this table tells (arXiv 2502.01534
calls it preference leakage).
"""

from __future__ import annotations

import re

# what a name holds -> the family; the first that matches counts, so that what is made from another stands first
_FAMILIES = {
    "claude": r"claude",
    "gpt": r"(chat)?gpt(?!2)|o[134](-(mini|pro|preview))?|davinci",
    "gemini": r"gemini",
    "qwen": r"qwen\d*|qwq|rigochat|m-prometheus",
    "llama": r"(code|tiny)?llama\d*|vicuna|alpaca|latxa|nemotron|tulu",
    "mistral": r"mistral|mixtral|ministral|magistral|zephyr|prometheus",
    "gemma": r"(med|shield)?gemma\d*",
    "salamandra": r"salamandra(ta)?|alia",
    "deepseek": r"deepseek",
    "command": r"command|aya|c4ai",
    "phi": r"phi-?\d*",
    "smollm": r"smollm\d*",
    "olmo": r"olmo\d*",
    "grok": r"grok",
    "gpt2": r"gpt2",
}
_PARTS = {name: re.compile(rf"(?<![a-z0-9])({words})(?![a-z])") for name, words in _FAMILIES.items()}


def family_of(model: str) -> str | None:
    """The family of a model; None where its name does not tell.

    >>> [family_of(name) for name in ("gpt-4.1-mini", "BSC-LT/salamandra-7b-instruct@1a2b", "my-model")]
    ['gpt', 'salamandra', None]
    >>> family_of("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")
    'qwen'
    """
    name = model.lower()
    return next((family for family, part in _PARTS.items() if part.search(name)), None)
