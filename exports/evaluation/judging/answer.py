"""``evaluate answer``: the model under test answers test prompts, as it is or in one of the roles of the anchors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from exports.evaluation.backends import PACKAGES, Backend, ModelArgs
from exports.evaluation.grades.files import ModelAnswer, read_answers
from exports.evaluation.judging.asking import Counted, Refusal, ask
from exports.evaluation.judging.by_lm_eval import Named, opened, remembered
from exports.evaluation.judging.prompts import EvalPrompt, SplitChoice, lacking, read_prompts
from exports.evaluation.judging.settings import AskSettings
from exports.evaluation.judging.stored import differing, read_settings, today, write_settings
from exports.merging.settings import LanguageChoice
from workspace.chat import LanguageModel, Question, Request, read_text, without_thoughts
from workspace.chat.client import TIMEOUT
from workspace.chat.remembered import Remembered
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.files.jsonl import check_replaceable, file_digest, write_jsonl
from workspace.hub import MODELS
from workspace.model.records import content_hash
from workspace.roles import RANKS, VARIETIES, Role, band_for, roles_for

MAX_TOKENS = 1024  # of an answer; a longer one is cut there, and counts as it is


@dataclass(frozen=True, kw_only=True)
class AnswerSettings(AskSettings):
    """Which model answers, how, and which prompts; beside what every model is asked with.

    Attributes:
        role: have it answer as an aware, ambivalent or unaware writer, for the ends of the scale; None as it is.
        language: the prompts' language, es or en, or both.
        split: which side of the split is asked: test, train or all.
        backend: have lm-eval open the model, by this backend: ``hf``, ``vllm``, ``local-chat-completions`` ...
        model_args: of lm-eval's backend: further arguments (``"peft=adapter/,dtype=float16"``), or a mapping.
        batch_size: of lm-eval's backend: how many prompts at once; ``"auto"`` finds out.
        device: of lm-eval's backend: such as ``cuda:0``; by default the GPU where there is one.
    """

    OPTION: ClassVar[str] = "MODEL"

    role: str | None = None
    language: LanguageChoice = "es"
    split: SplitChoice = "test"
    max_tokens: int | None = MAX_TOKENS
    backend: str | None = None
    model_args: ModelArgs = ""
    batch_size: int | str = 1
    device: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_backend()
        if self.role is not None and self.role not in RANKS:
            raise ConfigError(f"--role {self.role}: choose of {', '.join(RANKS)}")

    def _check_backend(self) -> None:
        if self.backend is None:
            if self.model_args or self.batch_size != 1 or self.device:
                raise ConfigError("--model-args, --batch-size and --device are for --backend; name one, such as hf")
            return
        require_packages(f"--backend {self.backend}", PACKAGES, "eval")
        if not self.model:
            raise ConfigError(f"--backend {self.backend} needs MODEL: a folder, an id on the Hub, an endpoint's name")
        if self.local or self.base_url:
            raise ConfigError(
                f"--backend {self.backend} opens MODEL; leave out --local and --base-url, and give an endpoint's "
                "address as base_url= in --model-args"
            )
        if self.budget or self.prices or self.timeout != TIMEOUT:
            raise ConfigError(
                f"--backend {self.backend}: lm-eval counts no tokens and has a timeout of its own (timeout= in "
                "--model-args); leave out budget, prices and --timeout"
            )
        if self.temperature is None or self.max_tokens is None:
            raise ConfigError(f"--backend {self.backend} needs a temperature and a longest answer")

    @cached_property
    def opens(self) -> Backend | None:
        """The model that lm-eval opens; None where it does not."""
        if self.backend is None or self.model is None:
            return None
        return Backend(self.model, self.backend, self.model_args, self.batch_size, self.device)

    @cached_property
    def _named(self) -> Named:
        assert self.opens
        return Named.of(self.opens, self.home_folder / MODELS, read_only=self.dry_run)

    @property
    def name(self) -> str:
        """The model's name where a text is credited to it."""
        return self._named.label if self.opens else super().name

    def opened(self) -> AbstractContextManager[LanguageModel]:
        """The model, to be asked."""
        if self.opens is None:
            return super().opened()
        return opened(self.opens, self._named, self.home_folder, self.seed)

    def remembered(self) -> AbstractContextManager[Remembered]:
        """What the model said before; nothing is opened and nothing written."""
        return super().remembered() if self.opens is None else remembered(self._named, self.home_folder)

    def role_at(self, prompt: EvalPrompt) -> Role | None:
        """The role in which a prompt is answered."""
        return next((role for role in roles_for(prompt.id, self.seed) if role.name == self.role), None)

    def request(self, prompt: EvalPrompt) -> Request:
        """What the model is asked: the bare prompt, after the role's instructions if there is a role."""
        role, system = self.role_at(prompt), ""
        if role:
            variety = VARIETIES.get(prompt.language, VARIETIES["en"])
            system = role.told(band_for(prompt.id, self.seed), variety)
        return Request.of(prompt.text, system=system, may_be_cut=True, **self.parameters())

    def told(self) -> str:
        """A hash of what the model is told beside the prompt, the same for equal words."""
        roles = sorted({role.version for number in range(100) for role in roles_for(str(number), 0)})
        return content_hash([self.role, roles] if self.role else [])

    def stored(self) -> dict[str, Any]:
        """The settings as the file beside the answers holds them."""
        model = {"model": self.name, "family": self.known_family, "role": self.role, "told": self.told()}
        lm_eval = {"backend": self.backend} | ({"model_args": self.opens.deciding()} if self.opens else {})
        return {**model, **self.parameters(), **lm_eval}

    def around(self, notes: Sequence[str]) -> dict[str, Any]:
        """What else the answers of a backend may depend on, a little; other runs may go on with others."""
        if self.opens is None:
            return {}
        versions = {name: version(name) for name in ("lm_eval", "transformers", "torch")}
        how = {"batch_size": self.batch_size, "device": self.device, "versions": versions}
        some = {"endpoint": self.opens.ways(), "notes": list(notes)}
        return how | {name: value for name, value in some.items() if value}


@dataclass(frozen=True, kw_only=True)
class Answered(Counted):
    """What ``answer`` did.

    Attributes:
        answers: all answers of the file, sorted by id and language.
        prompts: how many prompts were to be answered.
    """

    answers: tuple[ModelAnswer, ...]
    prompts: int

    def to_json(self) -> dict[str, Any]:
        """The lines of a summary."""
        return {"prompts": self.prompts, "answers": len(self.answers), **super().to_json()}


def answer(source: str | Path, output: str | Path, settings: AnswerSettings | None = None) -> Answered:
    """Have a model answer test prompts.

    Answers that the file has to the same prompts are kept, and are not asked for again. The file is written at the
    end, whole or not at all, and beside it the settings (``answers.settings.json``); replies are kept in the home as
    they come, so a run that is killed can be run again and pays for nothing twice.

    Args:
        source: the folder of an export, the folder of a review, or a file of records.
        output: the JSON Lines file of answers.
        settings: which model answers, how, and which prompts.

    Raises:
        DataError: a file cannot be used, or there is no prompt.
        ConfigError: there is no model, it cannot be asked, or the file's answers were given with other settings.
        MissingPartError: a package is not installed.

    >>> from pathlib import Path
    >>> from exports.review.files import write_review
    >>> _ = write_review(review, Path("review"))
    >>> endpoint = {"model": "llama3", "base_url": "http://localhost:11434/v1"}
    >>> answer("review", "answers.jsonl", AnswerSettings(split="all", dry_run=True, **endpoint)).missing
    22
    """
    settings, output = settings or AnswerSettings(), Path(output)
    if Path(source).resolve() == output.resolve():
        raise ConfigError(f"{output}: the answers need a file of their own")
    check_replaceable(output)
    prompts = read_prompts(source, settings.language, settings.split)
    there = _there(output, settings)
    kept = {prompt.key for prompt in prompts if (prompt.key in there and there[prompt.key].prompt == prompt.text)}
    waiting = [prompt for prompt in prompts if prompt.key not in kept]
    questions = [Question(settings.request(prompt), _read, prompt) for prompt in waiting[: settings.most]]
    done = ask(questions, settings, "answering")
    new = {prompt.key: _answer(prompt, text, settings) for prompt, text in done.values}
    answers = there | new
    found = tuple(answers[key] for key in sorted(answers))
    before = file_digest(output)
    if new and not settings.dry_run:
        where = {"source": Path(source).name, "split": settings.split, "languages": settings.language}
        write_settings(output, {**settings.stored(), **where, **settings.around(done.usage.notes), "date": today()})
        write_jsonl(output, map(answer_line, found))
    return Answered(
        answers=found,
        prompts=len(prompts),
        kept=len(kept),
        written=len(new),
        refused=tuple(Refusal(prompt.id, prompt.language, reason) for prompt, reason in done.refused),
        missing=done.missing + len(waiting[len(questions) :]),
        changed=before != file_digest(output),
        estimated_requests=done.estimated_requests,
        estimated=done.estimated,
        usage=done.usage,
        prices=settings.prices,
        warnings=(*lacking(prompts, settings.language, source), *done.usage.notes),
        problem=done.problem,
    )


def _read(content: str) -> str:
    """The answer without a model's reasoning before it."""
    return read_text(without_thoughts(content))


def _answer(prompt: EvalPrompt, text: str, settings: AnswerSettings) -> ModelAnswer:
    return ModelAnswer(prompt.id, prompt.text, prompt.language, text, settings.name, family=settings.known_family)


def _there(output: Path, settings: AnswerSettings) -> dict[tuple[str, str], ModelAnswer]:
    """The answers that the file has.

    Raises:
        ConfigError: they were given by another model, or with other settings.
    """
    if not output.exists():
        return {}
    found = read_answers(output)
    if any(each.place is not None for each in found):
        raise ConfigError(f"{output}: has answers of the dataset (with a place); give -o another file")
    wrong = differing(read_settings(output), settings.stored())
    models = sorted({each.model for each in found} - {settings.name})
    if wrong or models:
        said = wrong or f"model {models[0]!r} and not {settings.name!r}"
        raise ConfigError(f"{output}: its answers were given with {said}; give -o another file")
    return {(each.id, each.language): each for each in found}


def answer_line(answer: ModelAnswer) -> dict[str, Any]:
    """An answer as a line of ``answers.jsonl``; what is not known is left out."""
    return {name: value for name, value in vars(answer).items() if value is not None}
