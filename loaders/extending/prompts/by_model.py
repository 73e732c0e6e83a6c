"""Prompts that a model writes: asked for one by one, checked, and asked for again where one is no good.

A request depends on what is wanted and on the texts that were refused for it, never on other prompts, and every whole
reply is kept, good or not. So a run that was killed asks the same again and finds each reply that was paid for.

Texts are checked in the order of what is wanted. Where one is refused, another one is asked for and the model is told
why, until it has written ``ROUNDS`` of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loaders.extending.outcome import Refused, Written
from loaders.extending.prompts.checks import prompt_problem
from loaders.extending.prompts.novelty import Novelty
from loaders.extending.prompts.prompt import Prompt, prompt_id
from loaders.extending.prompts.wanted import ROLE, Wanted, prompt_version
from loaders.extending.writer import Writer
from loaders.source.table import canonical_text
from workspace.chat import BadAnswer, LanguageModel, Question, read_json
from workspace.commands.output import progress
from workspace.errors import count_of, cut

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
) -> tuple[list[Prompt], Written]:
    """Have a model write the prompts that are wanted; new ones are added to ``novelty``.

    The prompts are in the order in which they were taken.

    Args:
        wanted: in order.
        chat: who is asked.
        novelty: the prompts that are there.
        inventor: who writes.
        once_more: replies that were paid for before do not count as rounds.

    Raises:
        ConfigError: the key, the model or the address is wrong, or the account has no money left.
    """
    prompts, done = list[Prompt](), Written()
    waiting = [_Open(each) for each in wanted]
    while waiting:
        with progress(chat.ask_all(_questions(waiting)), "prompts", len(waiting)) as shown:
            answers = list(shown)
        said = [_said(answer.value or "", answer.question.about.wanted) for answer in answers]
        novelty.read([each.text for each in said if not each.problem])
        waiting = []
        for answer, text in zip(answers, said, strict=True):
            each: _Open = answer.question.about
            if answer.error:
                done.fail(answer.error, inventor.given_up(each.wanted, str(answer.error)))
            elif reason := text.problem or novelty.problem(text.text):
                each.refused.append(inventor.refused(each.wanted, text.text, reason))
                done.tries.append(each.refused[-1])
                each.left -= not (once_more and answer.from_cache)
                if each.left:
                    waiting.append(each)
                else:
                    _give_up(done, each, inventor)
            else:
                prompts.append(inventor.prompt(each.wanted, text.text))
                novelty.add(prompts[-1].id, text.text)
                done.codes[prompts[-1].id] = each.wanted.code
    return prompts, done


def _give_up(done: Written, each: _Open, inventor: Inventor) -> None:
    tries = count_of(len(each.refused), "try", "tries")
    reason = (
        f"{inventor.writer.model} wrote no prompt that can be used in {tries} (the last: {each.refused[-1].reason})"
    )
    done.refused.append(inventor.given_up(each.wanted, reason))


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
