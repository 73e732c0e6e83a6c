"""A model that one of lm-eval's backends opens, asked as every language model is: in batches, with answers kept.

- The chat template is applied where the tokenizer has one, or the endpoint takes conversations. A model without one
  is given the bare prompt and an empty line to go on from, and a note says so.
- A template that would drop the instructions of a role gets them at the beginning of the question.
- Each answer is kept in the cache as soon as lm-eval has it, so that a run that is killed asks only for the rest.
- A prompt that lm-eval would cut to make room for the answer is refused.
- lm-eval says neither tokens nor costs. A blank answer is not asked for again, because the model would say the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, cast

from exports.evaluation.backends import Backend, failures, prompt_of, quiet
from workspace.chat import Answer, Budget, ChatCache, LanguageModel, Question, Request, Usage
from workspace.chat.asking import Asking, Value
from workspace.chat.opened import CACHE_FILE
from workspace.chat.remembered import Remembered
from workspace.chat.requests import Message
from workspace.errors import ChatRefused, ChatUnavailable
from workspace.files.private import make_home
from workspace.hub import folder_digest
from workspace.local.causal import in_one
from workspace.model.records import content_hash

NO_TEMPLATE = "the model has no chat template: it was given the bare prompt and an empty line to go on from"
_PARTS = ("peft", "delta")  # arguments that make another model of it
_BATCHES = 8  # that lm-eval gets at once, to sort them by length
_AUTO = 256  # questions, where it finds out the size of a batch itself


@dataclass(frozen=True)
class Named:
    """What a model is called, and what the cache knows it by."""

    label: str
    key: str

    @classmethod
    def of(cls, opens: Backend, cache: Path, *, read_only: bool = False) -> Named:
        """The names of a model; a folder's has a hash of its files, as a model on this machine has.

        Args:
            opens: the model.
            cache: where hashes of large files are kept.
            read_only: write nothing.
        """

        def known(value: Any) -> str:
            folder = Path(str(value)).expanduser()
            return folder_digest(folder, cache=cache, read_only=read_only) if folder.is_dir() else str(value)

        parts = [*(opens.args[name] for name in _PARTS if opens.args.get(name)), opens.model]
        digests = [known(part) for part in parts]
        name, revision = str(parts[0]), str(opens.args.get("revision") or "")
        if digests != [str(part) for part in parts]:
            revision = digests[0] if len(parts) == 1 else sha256(" ".join(digests).encode()).hexdigest()[:12]
            folder = Path(name).expanduser()
            name = folder.resolve().name if folder.is_dir() else name
        label = f"{name}@{revision}" if revision else name
        told = {name: known(value) for name, value in opens.deciding().items()}
        return cls(label, f"lm-eval {opens.name} {label} {content_hash([digests, told])}")


@contextmanager
def opened(opens: Backend, named: Named, home: Path, seed: int) -> Iterator[LanguageModel]:
    """The model, to be asked; its answers are kept in ``home``."""
    make_home(home)
    with ChatCache(home / CACHE_FILE) as cache, closing(BackendChat(opens, named, cache=cache, seed=seed)) as chat:
        yield chat


@contextmanager
def remembered(named: Named, home: Path) -> Iterator[Remembered]:
    """What the model said before, as ``home`` keeps it; nothing is written."""
    with ChatCache(home / CACHE_FILE, read_only=True) as cache:
        yield Remembered(named.label, key=named.key, cache=cache)


class BackendChat:
    """Has a model that lm-eval opens answer. It is opened when the first text is written.

    Args:
        opens: the model.
        named: its names.
        cache: where answers are kept and looked up.
        seed: of what it draws.
    """

    def __init__(self, opens: Backend, named: Named, *, cache: ChatCache, seed: int) -> None:
        self.budget, self.usage = Budget(), Usage()
        self._opens, self._named, self._cache, self._seed = opens, named, cache, seed
        self._problem: ChatUnavailable | None = None
        self._waiting: dict[str, list[Asking[Any]]] = {}

    @property
    def model(self) -> str:
        """What the model is called."""
        return self._named.label

    def close(self) -> None:
        """Let the model go."""
        self.__dict__.pop("_lm", None)
        gc.collect()

    def ask(self, request: Request, read: Callable[[str], Value]) -> Value:
        """The answer to one request.

        Raises:
            ChatError: there is no answer that can be used; says why.
            ConfigError: the model cannot be opened.
        """
        (answer,) = self.ask_all([Question(request, read)])
        return answer.result()

    def ask_all(self, questions: Iterable[Question[Value]], *, in_order: bool = True) -> Iterator[Answer[Value]]:
        """The answer to each question, in their order; one without a value says why in its ``error``.

        Raises:
            ConfigError: as for ``ask``.
        """
        waiting = iter(questions)
        while batch := list(islice(waiting, self._at_once)):
            askings = [
                Asking(question, self.model, key=self._named.key, cache=self._cache, tries=1) for question in batch
            ]
            self.usage.from_cache += sum(bool(each.answer and each.answer.from_cache) for each in askings)
            self._write([each for each in askings if not each.answer])
            for each in askings:
                yield cast("Answer[Value]", each.answer)

    @property
    def _at_once(self) -> int:
        size = self._opens.batch_size
        if not isinstance(size, int):
            return _AUTO
        several = self._opens.args.get("num_concurrent", 1)
        return _BATCHES * max(size, several if isinstance(several, int) else 1)

    def _write(self, askings: Sequence[Asking[Any]]) -> None:
        """Have lm-eval write the answers to some questions; where it fails, none of the rest has one."""
        if askings and not self._problem:
            lm = self._lm  # what is wrong with it ends the run
            self._waiting.clear()
            try:
                with quiet():
                    requests = [made for each in askings if (made := self._request(each))]
                    texts = lm.generate_until(requests) if requests else []
                for request, text in zip(requests, texts, strict=True):
                    self.add_partial("", request.args, text)  # where the backend did not call it
            except failures() as error:
                said = f"lm-eval gets no answer from {self._opens.model} ({self._opens.said(error)})"
                self._problem = ChatUnavailable(said)
            if self._problem:
                with quiet():
                    gc.collect()  # what asked at the same time has last words
        for each in askings:
            if not each.answer:
                each.fail(cast(ChatUnavailable, self._problem))

    def add_partial(self, attr: str, req: Sequence[Any], res: str) -> None:
        """Take an answer and keep it; lm-eval calls this as soon as it has one (its ``CacheHook``)."""
        for asking in self._waiting.pop(repr(req[0]), ()):
            self.usage.requests += 1
            asking.take(lambda: res.rstrip("\ufffd"), 0)  # a cut may go through a character

    def _request(self, asking: Asking[Any]) -> Any:
        """What lm-eval is asked; None where the prompt and its answer are more than the model takes."""
        from lm_eval.api.instance import Instance

        request = asking.asked
        context, most = self._context(request.messages), cast(int, request.max_tokens)
        room = getattr(self._lm, "max_length", None)
        if isinstance(context, str) and getattr(self._lm, "tokenizer", None) is not None and room:
            length = len(self._lm.tok_encode(context))
            if length + most > room:
                said = f"{length} tokens and an answer of {most} are more than the model's {room}"
                asking.fail(ChatRefused(f"{said}; give a smaller --max-tokens, or another model"))
                return None
        self._waiting.setdefault(repr(context), []).append(asking)
        heat = request.temperature or 0.0
        rules = {"until": [], "max_gen_toks": most, "do_sample": heat > 0, "temperature": heat}
        return Instance("generate_until", {}, (context, rules), 0, ("answers", len(self._waiting), 1))

    def _context(self, messages: Sequence[Message]) -> Any:
        """The words that the model goes on from, or the conversation for an endpoint that takes one.

        Raises:
            ConfigError: the chat template cannot be used.
        """
        if not self._has_template:
            return prompt_of(self._lm, messages, in_template=False)
        *told, _ = messages
        try:
            context = self._templated(messages)
            dropped = told and context == self._templated(messages[1:])  # lm-eval drops what a template refuses
        except failures():
            dropped = True
        with self._opens.stated("its chat template cannot be used"):
            return self._templated(in_one(messages)) if dropped else context

    def _templated(self, messages: Sequence[Message]) -> Any:
        return prompt_of(self._lm, messages, in_template=True)

    @cached_property
    def _has_template(self) -> bool:
        tokenizer = getattr(self._lm, "tokenizer", None)
        if self._opens.is_api and not getattr(self._lm, "tokenized_requests", False):
            has = "chat" in self._opens.name
        else:
            has = bool(getattr(tokenizer, "chat_template", None))
        if not has:
            self.usage.notes.append(NO_TEMPLATE)
        return has

    @cached_property
    def _lm(self) -> Any:
        import torch

        with quiet():
            lm = self._opens.opened(self._seed)
        lm.set_cache_hook(self)
        torch.manual_seed(self._seed)
        return lm
