"""A language model on this machine, asked as an endpoint is: batches, budget, cache, structured answers.

- A text is made of the question alone: its tokens are drawn from a seed that is a hash of the request, each row of a
  batch by its own. What else is in the batch moves the model's numbers by their rounding only. In 32-bit numbers that
  is too little to change a token but by a rare chance, so the same question gives the same text alone and in any
  batch. In 16-bit numbers it changes most long texts: there the same text comes only of the same batch, and the cache
  keeps what was written first.
- A batch is the oldest question and those that are nearest to it in length. One that does not fit into memory is
  tried again as a smaller one.
- A schema is sent in words. An answer is asked for until the caller's ``read`` can use it.
- The cache knows a model by its revision: the commit on the Hub, or a hash of its files, wherever they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, Generic, cast

from workspace.chat.asking import TRIES, Answer, Asking, Question, Value
from workspace.chat.budget import Budget, Tokens, Usage
from workspace.chat.cache import ChatCache
from workspace.chat.requests import BadAnswer, Request
from workspace.errors import BudgetSpent, ChatRefused, ChatUnavailable
from workspace.extras import require_packages
from workspace.local.adapters import adapted, is_adapter
from workspace.local.causal import NEEDED, CausalModel, Draw, Row, is_out_of_memory
from workspace.local.models import LocalModel, local_model

BATCH_TOKENS = {"cuda": 65_536, "cpu": 16_384}  # of the prompts of a batch and the longest answers to them
WINDOW = 256  # questions from which a batch is chosen
_NEAR = 64  # tokens by which prompts may differ and still count as equally long
_CHARACTERS_A_TOKEN = 2  # of the longest answer; low, so that none is cut that is as long as was asked for
_SOME_TOKENS = 32  # more than that
_UNSURE_TOKENS = 1000  # of an answer, where nobody says how long it will be


def find_chat_model(model: str, cache: Path, *, option: str = "--local", read_only: bool = False) -> LocalModel:
    """The model of a folder or a Hub id, whose licence is not asked about; or an adapter's, with its base.

    Args:
        model: the folder, or the id on the Hub, with ``@REVISION`` if need be; or the folder of an adapter.
        cache: where hashes of large files are kept.
        option: what the user gave it with, for messages.
        read_only: download and write nothing; for a dry run.

    Raises:
        ConfigError: there is no such model, or it lacks a file.
        MissingPartError: the Hub cannot be reached and the model is not on this machine; or a package is missing.
    """
    require_packages("a language model on this machine", ("torch", "transformers"), "models")
    find = partial(local_model, needed=NEEDED, cache=cache, option=option, read_only=read_only)
    if is_adapter(model):
        return adapted(model, find, option=option, cache=cache, read_only=read_only)
    return find(model)


def cache_key(found: LocalModel) -> str:
    """What the cache knows a model by: its revision, wherever its files are."""
    return f"local {found.revision}"


class LocalChat:
    """Has a model on this machine answer; for one thread. The model is loaded when the first text is written.

    Args:
        found: the model.
        budget: what may be spent, in tokens; by default there is no limit.
        cache: where answers are kept and looked up.
        tries: times that an answer is asked for until it can be used.
        batch_tokens: tokens that a batch may have; by default what the device takes.
    """

    def __init__(
        self,
        found: LocalModel,
        *,
        budget: Budget | None = None,
        cache: ChatCache | None = None,
        tries: int = TRIES,
        batch_tokens: int | None = None,
    ) -> None:
        self.found, self.budget, self.usage = found, budget or Budget(), Usage()
        self._cache, self._tries, self._most = cache, tries, batch_tokens
        self._spent: BudgetSpent | None = None

    @property
    def model(self) -> str:
        """The model's name and revision."""
        return self.found.label

    def close(self) -> None:
        """Let the model go; it is loaded again if it is asked again."""
        self.__dict__.pop("_causal", None)

    def ask(self, request: Request, read: Callable[[str], Value]) -> Value:
        """The answer to one request, as ``read`` makes it of the model's text.

        Raises:
            ChatError: there is no answer that can be used; says why.
            ConfigError: the model cannot be loaded, or has no chat template.
        """
        (answer,) = self.ask_all([Question(request, read)])
        return answer.result()

    def ask_all(self, questions: Iterable[Question[Value]], *, in_order: bool = True) -> Iterator[Answer[Value]]:
        """The answer to each question, many at once; one without a value says why in its ``error``.

        Args:
            questions: any number; they are taken as the answers are.
            in_order: answers come in the order of the questions, or else as soon as they are there.

        Raises:
            ConfigError: as for ``ask``.
        """
        waiting, jobs = iter(questions), list[_Job[Value]]()
        while True:
            jobs += [self._job(question) for question in islice(waiting, WINDOW - len(jobs))]
            if not jobs:
                return
            done = list(takewhile(_is_done, jobs)) if in_order else list(filter(_is_done, jobs))
            if not done:
                self._write(self._batch([job for job in jobs if not job.asking.answer]))
            for job in done:
                jobs.remove(job)
                yield cast("Answer[Value]", job.asking.answer)

    def _job(self, question: Question[Value]) -> _Job[Value]:
        """What is to be done for a question; nothing if the cache has its answer."""
        key = cache_key(self.found)
        job = _Job(Asking(question, self.model, key=key, cache=self._cache, tries=self._tries), key)
        if job.asking.answer:
            self.usage.from_cache += int(job.asking.answer.from_cache)
        elif self._spent:
            job.asking.fail(self._spent)
        else:
            self._prepare(job)
        return job

    def _prepare(self, job: _Job[Any]) -> None:
        """Find the tokens of what is to be asked now, and how long the answer may be."""
        request, positions = job.asking.asked, self._causal.positions
        words = request.schema.in_words() if request.schema else ""
        job.prompt = self._causal.chat_prompt((request.told(words) if words else request).messages)
        least, most = _lengths(request)
        job.limit = most if positions is None else min(most, positions - len(job.prompt))
        if job.limit < least:
            said = f"{len(job.prompt)} tokens and an answer of {least} are more than the model's {positions}"
            job.asking.fail(ChatRefused(f"{said}; shorten the text, or give another model"))

    def _batch(self, jobs: list[_Job[Value]]) -> list[_Job[Value]]:
        """The oldest and those nearest to it in length, as many as memory and the budget allow."""
        most, width, limit = self._most or BATCH_TOKENS[self._causal.device], 0, 0
        batch: list[_Job[Value]] = []
        for job in sorted(jobs, key=jobs[0].distance):
            width, limit = max(width, len(job.prompt)), max(limit, job.limit)
            too_many = batch and (len(batch) + 1) * (width + limit) > most
            if too_many or not self.budget.reserve(job.estimate):
                break
            batch.append(job)
        if not batch:
            self._spent = BudgetSpent(f"the budget of {self.budget} is spent")
            for job in jobs:
                job.asking.fail(self._spent)
        return batch

    def _write(self, batch: list[_Job[Any]]) -> None:
        """Have the model write the answers of a batch; those that cannot be used are to be asked for again."""
        rows = self._rows(batch) if batch else []
        for job, row in zip(batch, rows, strict=True):
            spent = Tokens(len(job.prompt), row.tokens) if row else Tokens()
            self.budget.settle(job.estimate, spent)
            if row:
                self.usage.requests += 1
                self.usage.tokens += spent
                job.asking.take(partial(_whole, row, job.asking.asked.may_be_cut), spent.total)
                if not job.asking.answer:
                    self._prepare(job)

    def _rows(self, batch: list[_Job[Any]]) -> list[Row] | list[None]:
        """What the model writes; nothing where there was too little memory, and the next batch is half as large."""
        draws = [job.draw(self._causal.temperature) for job in batch]
        try:
            return self._causal.write([job.prompt for job in batch], [job.limit for job in batch], draws)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        self._causal.free()  # not before the error is gone, which holds the tensors
        size = max(len(job.prompt) for job in batch) + max(job.limit for job in batch)
        if len(batch) == 1:
            said = f"there is not enough memory for a request and an answer of {size} tokens"
            batch[0].asking.fail(ChatUnavailable(f"{said}; free some, or give a smaller model"))
        self._most = size * len(batch) // 2
        return [None] * len(batch)

    @cached_property
    def _causal(self) -> CausalModel:
        return CausalModel(self.found, what="a language model on this machine", own_rules=False)


@dataclass(eq=False)
class _Job(Generic[Value]):
    """A question that is under way: the tokens of what is asked now, and the most that the answer may have."""

    asking: Asking[Value]
    key: str
    prompt: list[int] = field(default_factory=list)
    limit: int = 0

    @property
    def estimate(self) -> Tokens:
        """What it will cost, as far as can be told."""
        return Tokens(len(self.prompt), self.asking.asked.estimate().completion)

    def draw(self, temperature: float) -> Draw:
        """How its answer is drawn; ``temperature`` is the model's own."""
        asked = self.asking.asked
        seed = int.from_bytes(asked.key(f"{self.key} {self.asking.turn}")[:8], "big")
        return Draw(temperature if asked.temperature is None else asked.temperature, seed)

    def distance(self, other: _Job[Any]) -> int:
        """How much would be padding if both were in a batch."""
        return abs(self.limit - other.limit) + abs(len(self.prompt) - len(other.prompt)) // _NEAR


def _is_done(job: _Job[Any]) -> bool:
    return job.asking.answer is not None


def _lengths(request: Request) -> tuple[int, int]:
    """The tokens that there must be room for in an answer, and those that it may have at most."""
    if request.max_tokens is not None:
        return request.max_tokens, request.max_tokens
    if request.answer_characters is not None:
        return request.estimate().completion, request.answer_characters // _CHARACTERS_A_TOKEN + _SOME_TOKENS
    return 1, _UNSURE_TOKENS


def _whole(row: Row, may_be_cut: bool) -> str:
    """The text.

    Raises:
        BadAnswer: it was broken off.
    """
    if not row.ended and not may_be_cut:
        raise BadAnswer("it was too long, and was cut")
    text = row.text if row.ended else row.text.rstrip("\ufffd")  # a cut may go through a character
    if "\ufffd" in text:
        raise BadAnswer("it held half a character")
    return text.strip()
