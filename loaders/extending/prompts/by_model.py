"""Prompts that a model writes: asked for one by one, checked, and asked for again where one is no good.

A request depends on what is wanted and on the texts that were refused for it, never on other prompts, and every whole
reply is kept, good or not. So a run that was killed asks the same again and finds each reply that was paid for.

Texts are checked in the order of what is wanted. Where one is refused, another one is asked for and the model is told
why, until it has written ``ROUNDS`` of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loaders.extending.outcome import Refused
from loaders.extending.prompts.checks import prompt_problem
from loaders.extending.prompts.novelty import Novelty
from loaders.extending.prompts.prompt import Prompt, prompt_id
from loaders.extending.prompts.wanted import ROLE, Wanted, prompt_version
from loaders.extending.writer import Writer
from loaders.source.table import canonical_text
from workspace.chat import BadAnswer, LanguageModel, Question, read_json
from workspace.errors import BudgetSpent, ChatError, ChatUnavailable, count_of, cut

ROUNDS = 3  # texts that a model may write for one prompt, in one run
_QUOTED = 300  # characters of a refused text that are kept


@dataclass(frozen=True)
class Inventor:
    """Who writes prompts, the beginning of their ids, and the day."""

    writer: Writer
    source_name: str
    date: str

    def id(self, wanted: Wanted) -> str:
        """What is wanted, named where there is no text for it."""
        return f"{self.source_name}-{wanted.key}"

    def prompt(self, wanted: Wanted, text: str) -> Prompt:
        """A text as the prompt that was wanted."""
        origin = {**self.writer.origin(ROLE, prompt_version(), wanted.seed, self.date), "wanted": wanted.key}
        metadata = {**wanted.metadata, "prompt_originator": self.writer.model}
        return Prompt(prompt_id(self.source_name, text), text, metadata, origin=origin)

    def refused(self, wanted: Wanted, text: str, reason: str) -> Refused:
        """A text that is no good."""
        return Refused(prompt_id(self.source_name, text), cut(text, _QUOTED), reason, wanted=wanted.key)

    def given_up(self, wanted: Wanted, reason: str) -> Refused:
        """What is wanted, where no text is good."""
        return Refused(self.id(wanted), "", reason, ROLE, wanted=wanted.key)


@dataclass
class Invented:
    """What came of asking for prompts.

    Attributes:
        prompts: what is wanted, each with its prompt, in order.
        refused: what is wanted and has none, with the reason.
        tries: the texts that were refused, of either.
        missing: what was not asked for to the end; another run carries on with it.
        problem: why it was not.
    """

    prompts: list[tuple[Wanted, Prompt]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    tries: list[Refused] = field(default_factory=list)
    missing: list[Wanted] = field(default_factory=list)
    problem: ChatError | None = None


@dataclass(frozen=True)
class _Said:
    """What a model wrote, and why it cannot be a prompt, if it cannot."""

    text: str
    problem: str | None


@dataclass
class _Open:
    """Something wanted that has no prompt yet: the texts that were refused, and how many may still be paid for."""

    wanted: Wanted
    refused: list[Refused] = field(default_factory=list)
    left: int = ROUNDS


def invent(
    wanted: Sequence[Wanted], chat: LanguageModel, novelty: Novelty, inventor: Inventor, *, once_more: bool = False
) -> Invented:
    """Have a model write the prompts that are wanted; new ones are added to ``novelty``.

    Args:
        wanted: in order.
        chat: who is asked.
        novelty: the prompts that are there.
        inventor: who writes.
        once_more: replies that were paid for before do not count as rounds.

    Raises:
        ConfigError: the key, the model or the address is wrong, or the account has no money left.
    """
    done = Invented()
    waiting = [_Open(each) for each in wanted]
    while waiting:
        answers = list(chat.ask_all(_questions(waiting)))
        said = [_said(answer.value or "", answer.question.about.wanted) for answer in answers]
        novelty.read([each.text for each in said if not each.problem])
        waiting = []
        for answer, text in zip(answers, said, strict=True):
            each: _Open = answer.question.about
            if answer.error:
                _fail(done, each.wanted, answer.error, inventor)
            elif not _settle(done, each, text, novelty, inventor):
                each.left -= not (once_more and answer.from_cache)
                if each.left:
                    waiting.append(each)
                else:
                    _give_up(done, each, inventor)
    return done


def _settle(done: Invented, each: _Open, said: _Said, novelty: Novelty, inventor: Inventor) -> bool:
    """Take a text as the prompt, or say why not."""
    if reason := said.problem or novelty.problem(said.text):
        each.refused.append(inventor.refused(each.wanted, said.text, reason))
        done.tries.append(each.refused[-1])
        return False
    prompt = inventor.prompt(each.wanted, said.text)
    novelty.add(prompt.id, said.text)
    done.prompts.append((each.wanted, prompt))
    return True


def _give_up(done: Invented, each: _Open, inventor: Inventor) -> None:
    tries = count_of(len(each.refused), "try", "tries")
    reason = (
        f"{inventor.writer.model} wrote no prompt that can be used in {tries} (the last: {each.refused[-1].reason})"
    )
    done.refused.append(inventor.given_up(each.wanted, reason))


def _fail(done: Invented, wanted: Wanted, error: ChatError, inventor: Inventor) -> None:
    if isinstance(error, BudgetSpent | ChatUnavailable):
        done.missing.append(wanted)
        done.problem = done.problem or error
    else:
        done.refused.append(inventor.given_up(wanted, str(error)))


def _questions(waiting: Sequence[_Open]) -> Iterator[Question[str]]:
    for each in waiting:
        yield Question(each.wanted.request(each.refused), str, each)  # any reply is kept, good or not


def _said(content: str, wanted: Wanted) -> _Said:
    """The text in a reply, and why it cannot be the prompt."""
    try:
        text = read_json(content).get("prompt")
    except BadAnswer as bad:
        return _Said(content.strip(), str(bad))
    if not isinstance(text, str):
        return _Said(content.strip(), 'it has no text under the key "prompt"')
    text = canonical_text(text)
    problem = "it is blank" if not text else prompt_problem(text, wanted)
    return _Said(text.encode(errors="replace").decode(), problem)
