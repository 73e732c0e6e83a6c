"""What a twin must not be, found before anybody reviews it. Pure.

A twin is its base with one feature flipped, all else equal. Here it is checked that it is no other text, of about the
same length, and shows nothing of what the model was told. Whether the feature was flipped is for reviewers to say.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from loaders.extending.texts.checks import sentences, text_problem
from workspace.errors import cut
from workspace.model.prompts import prompt_key
from workspace.model.records import QUOTED

# Of twins that we wrote by hand 52% to 85% of the words stay; of two answers to one prompt at most 23% are the same.
KEPT = 0.5  # share of the words that must stay, in their order
_TELLS = re.compile(
    r"\b(?:reescri\w+|versi[oó]n (?:reescrita|modificada|alternativa|original)|texto original|saliencia|"
    r"nominalizaci\w+|rewrit\w+|rewrote|"
    r"(?:modified|original) (?:version|text|answer))\b|^(?:respuesta|texto|answer|text)\b[^.:]{0,40}:",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\A[\"«“‘'].*[\"»”’']\Z", re.DOTALL)


def twin_problem(text: str, base: str, prompt: str, band: tuple[int, int], *, language: str = "es") -> str | None:
    """Why a text cannot be the twin of its base, or None; what the base does itself a twin may do.

    Args:
        text: the rewritten answer, without white space around it.
        base: the answer that it rewrites.
        prompt: what both answer.
        band: the least and the most characters that it may have.
        language: the ISO code of their language.
    """
    for pattern, said in ((_TELLS, "it speaks of the rewriting"), (_QUOTED, "it is put in quotation marks")):
        if (found := pattern.search(text)) and not pattern.search(base):
            return f"{said} ({cut(found[0], QUOTED)!r})"
    return _change_problem(text, base) or text_problem(
        text, prompt, band, language=language, neutral=language == "es", base=base
    )


def kept_share(text: str, base: str) -> float:
    """The share of words that two texts have in common, in their order: of the words of the longer one.

    >>> round(kept_share("Hay ruido de ranas de noche.", "Las ranas cantan de noche."), 2)
    0.5
    """
    before, after = (prompt_key(each).split() for each in (base, text))
    same = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
    return same / max(len(before), len(after), 1)


def _change_problem(text: str, base: str) -> str | None:
    if prompt_key(text) == prompt_key(base):
        return "it has the same words as the answer, and must flip the feature"
    if (share := kept_share(text, base)) < KEPT:
        return f"it keeps {share:.0%} of the answer's words in their places, and must keep {KEPT:.0%} or more"
    for what, before, after in (
        ("sentence", len(sentences(base)), len(sentences(text))),
        ("line", base.count("\n") + 1, text.count("\n") + 1),
    ):
        if before != after:
            return f"it has {after} {what}{'' if after == 1 else 's'}, and must have {before}, as the answer has"
    return None
