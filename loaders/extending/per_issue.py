"""The prompts that a model is to write and to answer, from what is wanted to records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.check.embeddings import VECTORS_FILE, Encoder, open_vectors
from loaders.extending.answers import Writing, requests_for, write_answers
from loaders.extending.outcome import Written
from loaders.extending.prompts.by_model import Inventor, invent
from loaders.extending.prompts.novelty import Novelty
from loaders.extending.prompts.prompt import Prompt
from loaders.extending.prompts.wanted import Wanted, wanted_prompts
from loaders.extending.settings import ExtendSettings
from loaders.extending.there import There
from workspace.chat import LanguageModel, Request
from workspace.chat.remembered import Remembered


@dataclass(frozen=True)
class Item:
    """Something wanted; its id is that of its record in the output, or of its line among what was refused, if any."""

    id: str
    wanted: Wanted


@dataclass(frozen=True)
class Inventing:
    """Who writes prompts and answers, and what is there already."""

    there: There
    settings: ExtendSettings
    writing: Writing

    @property
    def inventor(self) -> Inventor:
        """Who writes the prompts."""
        return Inventor(self.writing.writer, self.settings.source_name, self.writing.date)

    def items(self, per_issue: int) -> list[Item]:
        """What is wanted."""
        known = {each.wanted: each.id for each in self.there.failed.values() if each.wanted} | self.there.filled
        wanted = wanted_prompts(per_issue, self.settings)
        return [Item(known.get(each.key, self.inventor.id(each)), each) for each in wanted]

    def write(self, items: Sequence[Item], chat: LanguageModel) -> Written:
        """Ask for the prompts, then for their answers.

        Raises:
            ConfigError: the endpoint refuses, or the embedding model cannot be used.
            MissingPartError: an embedding model that was asked for cannot be had.
        """
        settings = self.settings
        with open_vectors(settings.embedding_model, settings.home_folder / VECTORS_FILE) as (vectors, state):
            prompts, done = self._invented(items, chat, vectors)
        done.near_duplicates = state if vectors else f"compared by words alone: {state}"
        return write_answers(prompts, chat, self.writing, done)

    def rehearse(self, items: Sequence[Item], chat: Remembered) -> None:
        """Count what there is to ask; a prompt that is not written yet is taken to be as long as it may be."""
        prompts, done = self._invented(items, chat, None)
        write_answers(prompts, chat, self.writing)
        lacking = set(done.missing)
        for request in self._answers([item for item in items if self.inventor.id(item.wanted) in lacking]):
            chat.estimate(request)

    def _invented(
        self, items: Sequence[Item], chat: LanguageModel, vectors: Encoder | None
    ) -> tuple[list[Prompt], Written]:
        novelty = Novelty(self.there.prompts, vectors, self.settings.duplicate_threshold)
        wanted = [item.wanted for item in items]
        return invent(wanted, chat, novelty, self.inventor, once_more=self.settings.retry_refused)

    def _answers(self, items: Sequence[Item]) -> Iterator[Request]:
        """The requests for the answers to prompts that are as long as they may be."""
        return requests_for([Prompt(item.id, "x" * item.wanted.band[1]) for item in items], self.writing)
