"""Counterfactual twins: an answer beside itself with one ecolinguistic feature flipped, all else equal.

A model is shown a prompt's best answer, the base, and rewrites it. A twin is a record of both: the base keeps rank 1
and every character, the rewriting has rank 2. So a ranking says which story is preferred, and not which text. What
fails a check is asked for again and told why; a twin that still fails is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from loaders.extending.outcome import Refused, Written
from loaders.extending.twins.bases import Base, read_bases
from loaders.extending.twins.checks import twin_problem
from loaders.extending.twins.features import band_for, features_for, longer_ones, told, version
from loaders.extending.writer import Writer, today
from workspace.chat import BadAnswer, LanguageModel, Question, Request, without_thoughts
from workspace.commands.output import progress
from workspace.model.h4rmony import ORIGINS_KEY
from workspace.model.records import Answer, Record
from workspace.model.twins import FEATURE_KEY, TWIN_OF_KEY, twin_id

TEMPERATURE = 0.3  # lower than for new answers: most words are to stay
ROLE = "twin"  # in the origin of a twin's second answer
_ASKED = "Enunciado:\n{prompt}\n\nRespuesta que reescribes:\n{text}"


@dataclass(frozen=True)
class Twin:
    """A twin that is to be written: its base, the feature to flip in it, and the lengths that it may have."""

    base: Base
    feature: str
    band: tuple[int, int]

    @property
    def id(self) -> str:
        """The id of its record."""
        return twin_id(self.base.id, self.feature)


@dataclass(frozen=True)
class Rewriting:
    """How twins are written: by whom, in which language, with which seed, on which day."""

    writer: Writer
    language: str
    seed: int = 0
    date: str = field(default_factory=today)

    def request(self, twin: Twin) -> Request:
        """The request for one twin."""
        return Request.of(
            _ASKED.format(prompt=twin.base.prompt, text=twin.base.text),
            system=told(twin.feature, twin.band, self.language),
            temperature=TEMPERATURE,
            seed=self.seed,
            answer_characters=twin.band[1],
        )

    def read(self, twin: Twin) -> Callable[[str], str]:
        """What takes the rewriting out of a model's words."""

        def read(content: str) -> str:
            text = without_thoughts(content)
            base = twin.base
            if problem := twin_problem(text, base.text, base.prompt, twin.band, language=self.language):
                raise BadAnswer(problem)
            return text

        return read

    def record(self, twin: Twin, text: str) -> Record:
        """The record of a base and its rewriting."""
        base = twin.base
        made = self.writer.origin(ROLE, version(twin.feature), self.seed, self.date)
        origins = [*map(dict, base.origins), made]
        metadata = {**base.metadata, TWIN_OF_KEY: base.id, FEATURE_KEY: twin.feature, ORIGINS_KEY: origins}
        return Record(twin.id, base.prompt, (Answer(base.text, 1), Answer(text, 2)), metadata=metadata)


def find_twins(
    records: Iterable[Record], language: str, features: Iterable[str], per_record: int | None, seed: int
) -> tuple[list[Twin], list[Refused]]:
    """The twins to write of some records, and the records that have none, with the reason."""
    bases, refused = read_bases(records, language)
    asked = frozenset(features)
    drawn = [(base, feature) for base in bases for feature in features_for(base.id, asked, per_record, seed)]
    longer = longer_ones(((base.id, feature) for base, feature in drawn), seed)
    return [
        Twin(base, feature, band_for(base.text, longer=(base.id, feature) in longer)) for base, feature in drawn
    ], refused


def write_twins(twins: Sequence[Twin], chat: LanguageModel, rewriting: Rewriting) -> Written:
    """Ask for each twin once, several at once, and check it.

    Raises:
        ConfigError: the key, the model or the address is wrong, or the account has no money left.
    """
    done = Written()
    questions = (Question(rewriting.request(twin), rewriting.read(twin), twin) for twin in twins)
    with progress(chat.ask_all(questions), "twins", len(twins)) as answers:
        for answer in answers:
            twin: Twin = answer.question.about
            if error := answer.error:
                done.fail(error, Refused(twin.id, twin.base.prompt, str(error), ROLE, twin.feature))
            else:
                done.records.append(rewriting.record(twin, answer.value or ""))
    return done
