"""Is a prompt there already? In the same words, in nearly the same words, or, where there is a model, in meaning.

Words are those of ``prompt_key``. Two prompts have nearly the same words if those of four letters or more, three at
least, are the same but for one in five. Two prompts mean nearly the same if the cosine of their vectors reaches the
threshold, as in ``loaders.check.duplicates``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from loaders.check.embeddings import Encoder, Matrix
from workspace.model.prompts import prompt_key

ALIKE = 0.8  # share of the words of two prompts, from which they are nearly the same
_LETTERS = 4
_FEWEST_WORDS = 3


class Novelty:
    """The prompts that are there, and whether another one is new.

    Args:
        known: the id and the text of each.
        vectors: the embedding model; None compares words alone.
        threshold: the least cosine of two prompts that mean the same.
    """

    def __init__(self, known: Iterable[tuple[str, str]], vectors: Encoder | None, threshold: float) -> None:
        self._vectors, self._threshold = vectors, threshold
        self._by_key: dict[str, str] = {}
        self._words: list[tuple[str, frozenset[str]]] = []
        texts = [self._add_words(name, text) for name, text in known]
        self._rows: list[Matrix] = []
        if vectors and texts:
            self._rows.append(vectors.encode(texts))

    def read(self, texts: Sequence[str]) -> None:
        """Have the model read texts all at once that ``problem`` will ask about; what it read it keeps."""
        if self._vectors and texts:
            self._vectors.encode(texts)

    def problem(self, text: str) -> str | None:
        """Why a prompt is not new, or None."""
        if name := self._by_key.get(prompt_key(text)):
            return f"it is there already ({name})"
        words = _words(text)
        for name, others in self._words:
            if len(words & others) >= ALIKE * len(words | others) and len(words) >= _FEWEST_WORDS:
                return f"it has nearly the words of another prompt ({name})"
        if self._vectors and self._words:
            cosines = np.concatenate([rows @ self._vectors.encode([text])[0] for rows in self._rows])
            nearest = int(np.argmax(cosines))
            if cosines[nearest] >= self._threshold:
                return (
                    f"it says nearly the same as another prompt ({self._words[nearest][0]}, {cosines[nearest]:.2f})"
                )
        return None

    def add(self, name: str, text: str) -> None:
        """A prompt is there from now on."""
        self._add_words(name, text)
        if self._vectors:
            self._rows.append(self._vectors.encode([text]))

    def _add_words(self, name: str, text: str) -> str:
        self._by_key.setdefault(prompt_key(text), name)
        self._words.append((name, _words(text)))
        return text


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in prompt_key(text).split() if len(word) >= _LETTERS)
