"""Translating a stream of texts, each different text once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loaders.translate.batches import in_batches
from loaders.translate.memory import TranslationMemory
from loaders.translate.protocol import EngineId, Translator, shown
from workspace.errors import TranslationError

BATCH_SIZE = 500  # texts in one call of the engine and one commit of the memory


@dataclass
class TranslationCounts:
    """What a run did; it grows while the run goes on.

    Attributes:
        texts: texts that are not blank.
        distinct: different ones among them.
        from_memory: different texts whose translation was in the memory before this run.
        translated: different texts that the engine translated in this run.
    """

    texts: int = 0
    distinct: int = 0
    from_memory: int = 0
    translated: int = 0

    @property
    def untranslated(self) -> int:
        """Different texts for which there is no translation."""
        return self.distinct - self.from_memory - self.translated


class BatchTranslator:
    """Translates batches of one run: looks into the memory, asks the engine for the rest, keeps what it says.

    Each batch is committed to the memory before its translations are handed on, so a run that fails or is killed
    loses one batch at most, and the next one carries on after it.
    """

    def __init__(self, translator: Translator, memory: TranslationMemory, counts: TranslationCounts) -> None:
        self.engine = EngineId.of(translator)
        self._translator = translator
        self._memory = memory
        self._counts = counts
        self._seen: set[bytes] = set()

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The translation of each text, in order; "" where there is none. A blank text stays as it is.

        Raises:
            TranslationError: the engine failed, or answered with another number of texts than it was given.
        """
        wanted = dict.fromkeys(text for text in texts if text.strip())
        known = self._memory.get_many(self.engine, wanted)
        missing = [text for text in wanted if text not in known]
        fresh = {source: target for source, target in self._ask(missing).items() if target.strip()}
        self._memory.put_many(self.engine, fresh)
        self._count(texts, wanted, known, fresh)
        known.update(fresh)
        return [known.get(text, "") if text.strip() else text for text in texts]

    def _ask(self, texts: Sequence[str]) -> dict[str, str]:
        if not texts:
            return {}
        answers = self._translator.translate(texts)
        if len(answers) != len(texts):
            raise TranslationError(
                f"{self.engine.label} answered with {len(answers)} texts for {len(texts)}, of which the first is "
                f"{shown(texts[0])}; nothing of this batch was kept"
            )
        return dict(zip(texts, answers, strict=True))

    def _count(
        self, texts: Iterable[str], wanted: Iterable[str], known: dict[str, str], fresh: dict[str, str]
    ) -> None:
        new = [text for text in wanted if self._is_new(text)]
        self._counts.texts += sum(1 for text in texts if text.strip())
        self._counts.distinct += len(new)
        self._counts.from_memory += sum(1 for text in new if text in known)
        self._counts.translated += sum(1 for text in new if text in fresh)

    def _is_new(self, text: str) -> bool:
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True


def translate_texts(
    texts: Iterable[str],
    translator: Translator,
    memory: TranslationMemory,
    *,
    batch_size: int = BATCH_SIZE,
    counts: TranslationCounts | None = None,
) -> Iterator[str]:
    """The translation of each text, in order, in a stream; "" where there is none. A blank text stays as it is.

    Args:
        texts: any number of texts; the same text is translated once.
        translator: the engine.
        memory: what is in it is not translated again; what is translated is kept in it.
        batch_size: texts in one call of the engine and one commit of the memory.
        counts: grows while the stream is read.

    Raises:
        TranslationError: the engine failed; the batches before are in the memory.
        DataError: the memory cannot be read or written, or a text is not valid UTF-8.
    """
    run = BatchTranslator(translator, memory, counts if counts is not None else TranslationCounts())
    for batch in in_batches(texts, batch_size):
        yield from run.translate(batch)
