"""Any model behind an OpenAI-compatible endpoint: a provider's, or one's own (vLLM, llama.cpp, Ollama)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from loaders.translation.engines.groups import GroupAnswer, TextGroup, loose_groups
from loaders.translation.engines.licences import PROVIDER, check_licence
from loaders.translation.engines.openai_prompt import Prompt, read_answer
from loaders.translation.engines.protocol import check_languages, shown
from workspace.chat import Budget, Chat, Endpoint, Question
from workspace.chat.client import CONCURRENCY, TIMEOUT
from workspace.errors import BudgetSpent, ChatError, ChatStopped, ChatUnusable
from workspace.licences import Licence, model_licence
from workspace.memory.glossary import LANGUAGE, Term, load_glossary
from workspace.model.languages import LANGUAGES


class OpenAITranslator:
    """Translates a prompt and its answers in one request, so that they fit each other.

    An answer that cannot be used, because it is not JSON or holds another number of texts, is asked for again. What
    fails for good is reported and left out, and everything else is kept. The order of requests does not matter.
    The key comes from ``OPENAI_API_KEY`` alone, the address and the model also from ``OPENAI_BASE_URL`` and
    ``OPENAI_MODEL``. The same model at another address counts as the same engine.

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
        endpoint = Endpoint.of(model, base_url, environ)
        self.licence: Licence = model_licence(endpoint.model) or PROVIDER
        check_licence(self.licence, f"the model {endpoint.model}", accepted=accept_licence)
        if glossary is None:
            glossary = load_glossary() if target_language == LANGUAGE else ()
        self._prompt = Prompt(source_language, target_language, variety, glossary)
        # the translation memory keeps the answers, so they need no cache
        self.chat = Chat(endpoint, budget=Budget(budget), timeout=timeout, concurrency=concurrency, sleep=sleep)

    @property
    def version(self) -> str:
        """The model, and a hash of all it is told: languages, variety, rules, glossary."""
        return f"{self.chat.endpoint.model} prompt-{self._prompt.digest}"

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate texts without a prompt; an empty text where one failed."""
        done: dict[str, str] = {}
        for answer in self.translate_groups(list(loose_groups(dict.fromkeys(texts)))):
            done.update(zip(answer.group.texts, answer.translations, strict=False))
        return [done.get(text, "") for text in texts]

    def translate_groups(self, groups: Sequence[TextGroup]) -> Iterator[GroupAnswer]:
        """The answer to each group as soon as it is there, several requests under way at once.

        Raises:
            ConfigError: the key, the model or the address is wrong; after the answers that were under way.
        """
        questions = (
            Question(self._prompt.request(group), partial(read_answer, group=group), group) for group in groups
        )
        for answer in self.chat.ask_all(questions, in_order=False):
            problem = _problem(answer.error, answer.question.about) if answer.error else ""
            yield GroupAnswer(answer.question.about, answer.value or (), problem, answer.tokens)


def _problem(error: ChatError, group: TextGroup) -> str:
    if isinstance(error, ChatStopped):
        return str(error)
    if isinstance(error, BudgetSpent):
        return f"{error}; give a --budget and run again: only what is missing is asked for"
    remedy = "run again, or give another --model" if isinstance(error, ChatUnusable) else "run again"
    return f"{error}, at the text {shown(group.texts[0])}; {remedy}"
