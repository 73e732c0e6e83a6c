"""Tell languages apart, with py3langid's model, which comes inside the package.

Only languages that a translation may be mistaken for are asked about. Short texts and kin (Galician and Spanish) are
hard to tell, so the answer is "another language" only where the model is nearly sure.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from workspace.model.languages import LANGUAGES

_ASKED = frozenset(LANGUAGES) - {"qu"}
SURE = 0.9  # share of the likeliest language
UNLIKELY = 0.02  # share of the wanted one
END = 250  # characters at each end of a long text that are looked at
FEWEST_LETTERS = 20  # in a whole text
FEWEST_LETTERS_OF_A_LINE = 60  # in a line of a longer text


def is_other_language(text: str, language: str) -> bool:
    """True if the text, or a line of it, is in another language than ``language``.

    The likeliest language has a share of 0.9 or more and ``language`` less than 0.02: in the whole text if it has 20
    letters (of a long one, in its beginning and its end together), or in a line of 60. A language that the model does
    not know (Asturian) is never told apart.
    """
    model = _model(language)
    if model is None:
        return False
    ends = text if len(text) <= 2 * END else f"{text[:END]}\n{text[-END:]}"
    if _letters(ends) >= FEWEST_LETTERS and _is_other(model, ends, language):
        return True
    lines = text.split("\n")
    return len(lines) > 1 and any(
        _letters(line) >= FEWEST_LETTERS_OF_A_LINE and _is_other(model, line, language) for line in lines
    )


@cache
def _model(language: str) -> Any:
    """The model, restricted to the languages that are asked about and ``language``; None if it does not know that."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if language not in model.labels:
        return None
    model.set_languages(sorted((_ASKED | {language}) & set(model.labels)))
    return model


def _is_other(model: Any, text: str, language: str) -> bool:
    (best, share), *_ = shares = model.rank(text)
    return bool(best != language and share >= SURE and dict(shares)[language] < UNLIKELY)


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
