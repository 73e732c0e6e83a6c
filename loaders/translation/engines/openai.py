"""Any model behind an OpenAI-compatible endpoint: a provider's, or one's own (vLLM, llama.cpp, Ollama)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from loaders.translation.engines.licences import PROVIDER, Licence, check_licence, model_licence
from loaders.translation.engines.openai_client import TIMEOUT, Budget, ChatClient, Refused, Reply, Unavailable
from loaders.translation.engines.openai_prompt import BadAnswer, Prompt, read_answer
from loaders.translation.engines.protocol import shown
from loaders.translation.groups import Group, GroupAnswer, loose_groups
from loaders.translation.languages import LANGUAGES, check_languages
from workspace.errors import ConfigError, TranslationError
from workspace.memory.glossary import LANGUAGE, Term, load_glossary

OPENAI = "https://api.openai.com/v1"
CONCURRENCY = 8  # requests under way at once
ASKED = 3  # times a group is asked for until its answer can be used
FAILURES_IN_A_ROW = 3  # groups that get no answer before the run stops asking
_CHARACTERS_A_TOKEN = 3  # of English and Spanish; low, so that estimates are high


class OpenAITranslator:
    """Translates a prompt and its answers in one request, so that they fit each other.

    An answer that is no JSON or holds another number of texts is asked for again, and so is a request that the server
    does not take; what fails for good is reported and left out, and everything else is kept. The order of requests
    does not matter to the result. The key comes from ``OPENAI_API_KEY`` alone, the address and the model also from
    ``OPENAI_BASE_URL`` and ``OPENAI_MODEL``. The same model at another address counts as the same engine.

    Args:
        source_language, target_language: ISO codes.
        model: the endpoint's name of the model.
        base_url: the endpoint's address; by default OpenAI's.
        variety: how the target language is to be written.
        budget: tokens that this run may spend; the rest stays untranslated.
        accept_licence: take also a model that forbids commercial use.
        glossary: preferred terms; by default the project's for Spanish, none for other languages.
        environ: where key, address and model come from.
        timeout: seconds for one answer.
        concurrency: requests under way at once.
        sleep: how to wait.

    Raises:
        ConfigError: no model or key is given, the languages are not known, or a licence is not accepted.
    """

    engine = "openai"

    def __init__(
        self,
        source_language: str = "en",
        target_language: str = "es",
        *,
        model: str | None = None,
        base_url: str | None = None,
        variety: str | None = None,
        budget: int | None = None,
        accept_licence: bool = False,
        glossary: Sequence[Term] | None = None,
        environ: Mapping[str, str] = os.environ,
        timeout: float = TIMEOUT,
        concurrency: int = CONCURRENCY,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        check_languages("openai", source_language, target_language, sources=LANGUAGES, targets=LANGUAGES)
        self.source_language, self.target_language = source_language, target_language
        model = model or environ.get("OPENAI_MODEL")
        if not model:
            raise ConfigError("the openai translator needs a model: give --model NAME or set OPENAI_MODEL")
        address = base_url or environ.get("OPENAI_BASE_URL") or OPENAI
        key = environ.get("OPENAI_API_KEY", "").strip()
        if not key and address.rstrip("/") == OPENAI:
            raise ConfigError(f"no API key for {address}: set OPENAI_API_KEY, or give --base-url")
        self.licence: Licence = model_licence(model) or PROVIDER
        check_licence(self.licence, f"the model {model}", accepted=accept_licence)
        if glossary is None:
            glossary = load_glossary() if target_language == LANGUAGE else ()
        self._prompt = Prompt(source_language, target_language, variety, glossary)
        self._client = ChatClient(address, key, model, timeout=timeout, sleep=sleep)
        self._concurrency = concurrency
        self.budget = Budget(budget)
        self._lock = threading.Lock()
        self._failures = 0
        self._stopped = ""

    @property
    def version(self) -> str:
        """The model, and a hash of all it is told: languages, variety, rules, glossary."""
        return f"{self._client.model} prompt-{self._prompt.digest}"

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate texts without a prompt; an empty text where one failed."""
        done: dict[str, str] = {}
        for answer in self.translate_groups(list(loose_groups(dict.fromkeys(texts)))):
            done.update(zip(answer.group.texts, answer.translations, strict=False))
        return [done.get(text, "") for text in texts]

    def translate_groups(self, groups: Sequence[Group]) -> Iterator[GroupAnswer]:
        """The answer to each group as soon as it is there, several requests under way at once.

        Raises:
            ConfigError: the key, the model or the address is wrong; after the answers that were under way.
        """
        error: ConfigError | None = None
        pool = ThreadPoolExecutor(self._concurrency)
        try:
            for future in as_completed([pool.submit(self._answer, group) for group in groups]):
                try:
                    yield future.result()
                except ConfigError as wrong:
                    error = error or wrong
        finally:
            pool.shutdown(cancel_futures=True)
        if error:
            raise error

    def _answer(self, group: Group) -> GroupAnswer:
        problem, tokens = "", 0
        for _ in range(ASKED):
            if self._stopped:
                return GroupAnswer(group, problem=self._stopped, tokens=tokens)
            messages = self._prompt.messages(group, problem)
            estimate = _estimate([message["content"] for message in messages], group)
            if not self.budget.reserve(estimate):
                return GroupAnswer(group, problem=self._out_of_budget(), tokens=tokens)
            try:
                reply, spent = self._ask(messages, estimate)
                tokens += spent
                return GroupAnswer(group, read_answer(reply, group), tokens=tokens)
            except BadAnswer as bad:
                problem = str(bad)
            except (Unavailable, Refused) as failed:
                self._count_failure(failed)
                said = f"{failed}, at the text {shown(group.texts[0])}; run again"
                return GroupAnswer(group, problem=said, tokens=tokens)
            except ConfigError as error:
                self._stopped = str(error)
                raise
        said = f"{self._client.model} gave no usable answer in {ASKED} tries ({problem}), at the text "
        said += f"{shown(group.texts[0])}; run again, or give another --model"
        return GroupAnswer(group, problem=said, tokens=tokens)

    def _ask(self, messages: Sequence[Mapping[str, str]], estimate: int) -> tuple[Reply, int]:
        """The answer to one request and its tokens; one without an answer may be paid for, so counts as estimated."""
        spent = estimate
        try:
            reply = self._client.ask(messages)
            spent = estimate if reply.tokens is None else reply.tokens
        except (ConfigError, Refused):
            spent = 0
            raise
        finally:
            self.budget.settle(estimate, spent)
        with self._lock:
            self._failures = 0
        return reply, spent

    def _count_failure(self, error: TranslationError) -> None:
        if isinstance(error, Refused):
            return
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                self._stopped = f"{error}; the rest was not asked for: run again when the server answers"

    def _out_of_budget(self) -> str:
        self._stopped = (
            f"the budget of {self.budget.limit} tokens is spent; give a --budget and run again: only what is missing "
            "is asked for"
        )
        return self._stopped


def _estimate(contents: Sequence[str], group: Group) -> int:
    """Tokens that a request will cost at most, as far as can be told: what is sent, and the texts twice more."""
    characters = sum(map(len, contents)) + 2 * sum(map(len, group.texts))
    return characters // _CHARACTERS_A_TOKEN + 50
