"""Texts that are translated together: a prompt and its answers, for engines that understand what they are told.

An engine that has ``translate_groups`` is asked through it. Each group is answered by itself and kept in the memory
at once, so that a group that fails, a budget that is spent or a killed run costs nothing but what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from loaders.translation.engines.protocol import Translator

LOOSE_TEXTS = 10  # texts in one group where no prompt holds them together
LOOSE_CHARACTERS = 6_000


@dataclass(frozen=True)
class TextGroup:
    """What one request asks for.

    Attributes:
        texts: the texts to translate, each once, none blank.
        prompt: the prompt that the texts belong to; empty where there is none.
        prompt_translation: its translation, where it has one already.
    """

    texts: tuple[str, ...]
    prompt: str = ""
    prompt_translation: str = ""


@dataclass(frozen=True)
class GroupAnswer:
    """The translations of a group, as many as its texts; or none, and what the problem was; and what it cost."""

    group: TextGroup
    translations: tuple[str, ...] = ()
    problem: str = ""
    tokens: int = 0


@runtime_checkable
class GroupTranslator(Translator, Protocol):
    """An engine that translates texts in groups."""

    def translate_groups(self, groups: Sequence[TextGroup]) -> Iterator[GroupAnswer]:
        """The answer to each group, in any order, each as soon as it is there.

        Raises:
            ConfigError: no group can be answered: the key, the model or the address is wrong.
        """


def record_groups(records: Iterable[Sequence[str]], missing: set[str], known: dict[str, str]) -> Iterator[TextGroup]:
    """One group a record: those of its texts that are missing; a text of several records is in the first one's group.

    Args:
        records: the texts of each record, the prompt first.
        missing: the texts to translate.
        known: translations of the others.
    """
    left = set(missing)
    for prompt, *answers in records:
        texts = tuple(text for text in dict.fromkeys((prompt, *answers)) if text in left)
        left.difference_update(texts)
        if texts:
            yield TextGroup(texts, prompt, known.get(prompt, ""))


def loose_groups(texts: Iterable[str]) -> Iterator[TextGroup]:
    """Texts without a prompt, some of them together, in order."""
    group: list[str] = []
    for text in texts:
        if group and (len(group) == LOOSE_TEXTS or sum(map(len, group)) + len(text) > LOOSE_CHARACTERS):
            yield TextGroup(tuple(group))
            group = []
        group.append(text)
    if group:
        yield TextGroup(tuple(group))
