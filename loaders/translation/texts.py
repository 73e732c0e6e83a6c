"""Translating a stream of texts, each different text once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from loaders.translation.engines.groups import GroupTranslator, TextGroup, loose_groups, record_groups
from loaders.translation.engines.protocol import EngineId, Translator, shown
from workspace.errors import TranslationError, count_of
from workspace.files.batches import batched
from workspace.memory.store import HUMAN, TranslationMemory, joined_label, split_label

Item = TypeVar("Item")
BATCH_SIZE = 500  # texts in one call of the engine and one commit of the memory


@dataclass
class TranslationCounts:
    """What a run did; it grows while the run goes on.

    Attributes:
        texts: texts that are not blank.
        distinct: different ones among them.
        from_memory: different texts whose translation was in the memory before this run.
        translated: different texts that the engine translated in this run.
        human: those from the memory that a person approved.
        problems: why texts have no translation, each reason once.
        tokens: what an engine that is paid by tokens has spent.
        original: records or rows that are in the target language already; their texts are not counted.
    """

    texts: int = 0
    distinct: int = 0
    from_memory: int = 0
    translated: int = 0
    human: int = 0
    problems: list[str] = field(default_factory=list)
    tokens: int = 0
    original: int = 0

    @property
    def untranslated(self) -> int:
        """Different texts for which there is no translation."""
        return self.distinct - self.from_memory - self.translated


@dataclass(frozen=True)
class Translated:
    """The translation of one text, "" if it has none, and the labels of all engines that had a part in it."""

    text: str
    engines: tuple[str, ...]


def engine_label(texts: Iterable[Translated]) -> str:
    """Name the engines of several texts in one label: "human" first if a person approved one, then by name.

    ``human + apertium 3.8.3`` says that some texts were approved, and that at least one came from Apertium first.
    """
    return joined_label(engine for text in texts if text.text.strip() for engine in text.engines)


class BatchTranslator:
    """Translates what the memory does not hold, and keeps it there.

    A translation that a person approved for these languages wins over any engine's, unless ``approved`` is False.
    Each batch is in the memory before its translations are handed on: a run that is killed loses one batch at most,
    and the next run carries on from there.
    """

    def __init__(
        self,
        translator: Translator,
        memory: TranslationMemory,
        counts: TranslationCounts,
        *,
        approved: bool = True,
    ) -> None:
        self._approved = approved
        self.engine = EngineId.of(translator)
        self._translator = translator
        self._memory = memory
        self._counts = counts
        self._seen: set[bytes] = set()

    def walk(
        self,
        items: Iterable[Item],
        texts_of: Callable[[Item], Sequence[str]],
        batch_size: int = BATCH_SIZE,
        *,
        together: bool = False,
    ) -> Iterator[tuple[Item, list[Translated]]]:
        """Each item with the translations of its texts, in order, in a stream.

        Args:
            items: whatever has texts.
            texts_of: the texts of an item.
            batch_size: about how many texts go into one call of the engine and one commit of the memory.
            together: whether an item's texts are a prompt and its answers, which an engine may translate together.

        Raises:
            TranslationError: the engine failed, or answered with another number of texts than it was given.
        """
        told = ((item, texts_of(item)) for item in items)
        for batch in batched(told, batch_size, lambda item: max(1, len(item[1]))):
            texts = [own for _, own in batch]
            done = iter(
                self._translate([text for own in texts for text in own], [*filter(None, texts)] if together else ())
            )
            for item, own in batch:
                yield item, list(islice(done, len(own)))

    def _translate(self, texts: Sequence[str], records: Sequence[Sequence[str]] = ()) -> list[Translated]:
        """The translation of each text, in order; ``records`` are the same texts by record, if they go together."""
        wanted = dict.fromkeys(text for text in texts if text.strip())
        languages = self.engine.source_language, self.engine.target_language
        approved = self._memory.approved(*languages, wanted if self._approved else ())
        known = self._memory.get_many(self.engine, (text for text in wanted if text not in approved))
        missing = [text for text in wanted if text not in approved and text not in known]
        if isinstance(self._translator, GroupTranslator):
            translations = {source: text.target for source, text in approved.items()} | known
            groups = record_groups(records, {*missing}, translations) if records else loose_groups(missing)
            fresh = self._ask_groups(self._translator, list(groups))
        else:
            fresh = self._kept(self._ask(missing))
        self._count(texts, wanted, {*approved}, {*known}, {*fresh})
        machine = {**known, **fresh}
        found = {text: Translated(machine.get(text, ""), (self.engine.label,)) for text in wanted}
        for source, text in approved.items():
            found[source] = Translated(text.target, (HUMAN, *split_label(text.origin)))
        return [found[text] if text.strip() else Translated(text, ()) for text in texts]

    def _ask(self, texts: Sequence[str]) -> dict[str, str]:
        if not texts:
            return {}
        answers = self._translator.translate(texts)
        if len(answers) != len(texts):
            raise TranslationError(
                f"{self.engine.label} answered with {count_of(len(answers), 'text')} for {len(texts)}, of which "
                f"the first is {shown(texts[0])}; nothing of this batch was kept"
            )
        return dict(zip(texts, answers, strict=True))

    def _ask_groups(self, translator: GroupTranslator, groups: Sequence[TextGroup]) -> dict[str, str]:
        fresh: dict[str, str] = {}
        for answer in translator.translate_groups(groups) if groups else ():
            fresh.update(self._kept(dict(zip(answer.group.texts, answer.translations, strict=False))))
            self._counts.tokens += answer.tokens
            if answer.problem and answer.problem not in self._counts.problems:
                self._counts.problems.append(answer.problem)
        return fresh

    def _kept(self, answers: dict[str, str]) -> dict[str, str]:
        """Those that say something, after they are in the memory."""
        fresh = {source: target for source, target in answers.items() if target.strip()}
        self._memory.put_many(self.engine, fresh)
        return fresh

    def _count(
        self, texts: Iterable[str], wanted: Iterable[str], approved: set[str], known: set[str], fresh: set[str]
    ) -> None:
        digests = {hashlib.blake2b(text.encode(), digest_size=8).digest(): text for text in wanted}
        new = {text for digest, text in digests.items() if digest not in self._seen}
        self._seen.update(digests)
        self._counts.texts += sum(1 for text in texts if text.strip())
        self._counts.distinct += len(new)
        self._counts.from_memory += len(new & (known | approved))
        self._counts.human += len(new & approved)
        self._counts.translated += len(new & fresh)


def translate_texts(
    texts: Iterable[str],
    translator: Translator,
    memory: TranslationMemory,
    *,
    approved: bool = True,
    batch_size: int = BATCH_SIZE,
    counts: TranslationCounts | None = None,
) -> Iterator[str]:
    """The translation of each text, in order, in a stream; "" where there is none. A blank text stays as it is.

    Args:
        texts: any number of texts; the same text is translated once.
        translator: the engine.
        memory: what is in it is not translated again; what is translated is kept in it.
        approved: whether what a person approved wins.
        batch_size: texts in one call of the engine and one commit of the memory.
        counts: grows while the stream is read.

    Raises:
        TranslationError: the engine failed; the batches before are in the memory.
        DataError: the memory cannot be read or written, or a text is not valid UTF-8.
    """
    run = BatchTranslator(translator, memory, TranslationCounts() if counts is None else counts, approved=approved)
    return (done.text for _, (done,) in run.walk(texts, lambda text: (text,), batch_size))
