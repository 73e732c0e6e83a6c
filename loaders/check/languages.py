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
    identifier = _identifier()
    if language not in identifier.labels_known:
        return False
    ends = text if len(text) <= 2 * END else f"{text[:END]}\n{text[-END:]}"
    if _letters(ends) >= FEWEST_LETTERS and identifier.is_other(ends, language):
        return True
    lines = text.split("\n")
    return len(lines) > 1 and any(
        _letters(line) >= FEWEST_LETTERS_OF_A_LINE and identifier.is_other(line, language) for line in lines
    )


class _Identifier:
    """The model, restricted to the languages that are asked about and ``language``."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._model: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.labels_known = frozenset(self._model.labels)
        self._languages: frozenset[str] = frozenset()

    def is_other(self, text: str, language: str) -> bool:
        wanted = _ASKED | {language}
        if wanted != self._languages:
            self._model.set_languages(sorted(wanted & self.labels_known))
            self._languages = wanted
        shares = dict(self._model.rank(text))
        best = max(shares, key=lambda code: (shares[code], code))
        return bool(best != language and shares[best] >= SURE and shares[language] < UNLIKELY)


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


@cache
def _identifier() -> _Identifier:
    return _Identifier()
