"""Answers: prompts in, records with three answers out, each answer written by a model in a role.

A role is asked for alone, so that no answer is written with another one in view. What fails a check is asked for
again and told why; a prompt whose answers still fail gives no record. The cache keeps every answer that was paid for,
so that a run that was killed carries on; records that the output has already are kept as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from loaders.extending.outcome import Refused, Written
from loaders.extending.prompts.prompt import Prompt
from loaders.extending.texts.checks import alike, text_problem
from loaders.extending.writer import Writer, today
from workspace.chat import BadAnswer, LanguageModel, Question, Request, without_thoughts
from workspace.commands.output import progress
from workspace.errors import ChatError
from workspace.model.h4rmony import ORIGINS_KEY
from workspace.model.records import Answer, Record
from workspace.roles import HARD_KEY, RANKS, VARIETY, Role, band_for, roles_for

TEMPERATURE = 0.8


@dataclass(frozen=True)
class Writing:
    """How answers are written: by whom, in which language and variety, with which seed, on which day."""

    writer: Writer
    language: str
    variety: str
    seed: int = 0
    date: str = field(default_factory=today)

    def roles(self, prompt: Prompt) -> tuple[Role, ...]:
        """The roles that a prompt lacks an answer of."""
        return tuple(role for role in roles_for(prompt.id, self.seed) if role.rank > 1 or not prompt.known)

    def request(self, prompt: Prompt, role: Role) -> Request:
        """The request for one answer."""
        band = band_for(prompt.id, self.seed, prompt.known)
        told = role.told(band, self.variety)
        return Request.of(
            prompt.text, system=told, temperature=TEMPERATURE, seed=self.seed, answer_characters=band[1]
        )

    def read(self, prompt: Prompt) -> Callable[[str], str]:
        """What takes the answer out of a model's words."""
        band, neutral = band_for(prompt.id, self.seed, prompt.known), self.variety == VARIETY

        def read(content: str) -> str:
            text = without_thoughts(content)
            if problem := text_problem(text, prompt.text, band, language=self.language, neutral=neutral):
                raise BadAnswer(problem)
            return text

        return read

    def record(self, prompt: Prompt, texts: Sequence[str]) -> Record:
        """The record of a prompt and its answers, which are in the order of the roles."""
        roles = roles_for(prompt.id, self.seed)
        origins = [self.writer.origin(role.name, role.version, self.seed, self.date) for role in roles]
        if prompt.known:
            origins[0] = {"by": "source"}
        origins.insert(0, dict(prompt.origin))
        metadata = {**prompt.metadata, "variety": self.variety, ORIGINS_KEY: origins}
        if roles[-1].file != roles[-1].name:
            metadata[HARD_KEY] = True
        answers = tuple(Answer(text, role.rank) for text, role in zip(texts, roles, strict=True))
        return Record(prompt.id, prompt.text, answers, metadata=metadata)


def requests_for(prompts: Iterable[Prompt], writing: Writing) -> Iterator[Request]:
    """What is asked for all prompts if each answer is good at once."""
    return (writing.request(prompt, role) for prompt in prompts for role in writing.roles(prompt))


def write_answers(
    prompts: Iterable[Prompt], chat: LanguageModel, writing: Writing, done: Written | None = None
) -> Written:
    """Ask for the three answers to each prompt, several at once, and check them.

    Args:
        prompts: each has the answers that it lacks asked for.
        chat: who is asked.
        writing: how answers are written.
        done: what came of asking before, to which this is added.

    Raises:
        ConfigError: the model cannot be asked: a wrong key or address, no money left, or no model that answers.
    """
    done = done or Written()
    texts: defaultdict[str, list[str]] = defaultdict(list)
    failed: dict[str, tuple[Role, ChatError]] = {}
    with progress(chat.ask_all(_questions(prompts, writing)), "answers") as answers:
        for answer in answers:
            prompt, role = answer.question.about
            if prompt.known and not texts[prompt.id]:
                texts[prompt.id].append(prompt.known)
            if answer.error:
                failed.setdefault(prompt.id, (role, answer.error))
            else:
                texts[prompt.id].append(answer.value or "")
            if role.rank < len(RANKS):
                continue
            if prompt.id in failed:
                role, error = failed[prompt.id]
                done.fail(error, _refused(prompt, str(error), role.name))
            elif same := alike(texts[prompt.id]):
                names = " and ".join(list(RANKS)[place] for place in same)
                reason = f"the answers of {names} say nearly the same; give another --seed"
                done.refused.append(_refused(prompt, reason, list(RANKS)[same[1]]))
            else:
                done.records.append(writing.record(prompt, texts[prompt.id]))
    return done


def _questions(prompts: Iterable[Prompt], writing: Writing) -> Iterator[Question[str]]:
    for prompt in prompts:
        for role in writing.roles(prompt):
            yield Question(writing.request(prompt, role), writing.read(prompt), (prompt, role))


def _refused(prompt: Prompt, reason: str, role: str) -> Refused:
    return Refused(prompt.id, prompt.text, reason, role, wanted=prompt.origin.get("wanted"))
