"""Words that Spanish does not have: what an engine left in English, ran together or misspelt.

A word is unknown if it has 4 letters or more, begins in lower case (names do not), and is not part of a longer mark
(``e-bike``). It is not among the forms of simplemma's Spanish dictionary (MIT, inside the package, nothing is
downloaded), nor would it be without a plural's ``s``, ``mente`` or the pronouns after a verb (``cuidémoslos``). And
it is not a word of the glossary's Spanish, whatever its ending (``ecocéntrica``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from workspace.memory.glossary import LANGUAGE, Term

_WORD = re.compile(r"(?<![\w@/.'’-])[^\W\d_]{4,}(?![\w@/'’-]|\.\w)")
_PRONOUNS = re.compile(r"(.{2,}?)(?:(?:me|te|se|nos|os)?(?:l[aeo]s?)|(?:se)?(?:me|te|nos|os)|se)")
_NO_ACCENTS = str.maketrans("áéíóú", "aeiou")


def unknown_words(text: str, glossary: Iterable[Term] = ()) -> list[str]:
    """The different unknown words of a Spanish text, in its order.

    >>> unknown_words("Los invaders llegan al humedal; cuidémoslo en Birmingham.")
    ['invaders']
    """
    words = dict.fromkeys(word for word in _WORD.findall(text) if word[0].islower() and not _is_known(word.lower()))
    if not words:
        return []
    terms = (word for term in glossary for target in term.targets for word in _WORD.findall(target.lower()))
    stems = tuple(word[:-1] for word in terms if not _is_known(word))
    return [word for word in words if not word.lower().startswith(stems)]


@cache
def _is_known(word: str) -> bool:
    from simplemma import is_known

    if any(is_known(form, LANGUAGE) for form in (word, word.removesuffix("s"), word.removesuffix("mente"))):
        return True
    if (verb := _PRONOUNS.fullmatch(word)) is None:
        return False
    return is_known(verb[1], LANGUAGE) or is_known(verb[1].translate(_NO_ACCENTS), LANGUAGE)
