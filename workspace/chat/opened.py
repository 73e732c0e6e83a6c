"""A language model that a command asks, opened: behind an endpoint or on this machine, with its answers kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from workspace.chat.asking import LanguageModel
from workspace.chat.budget import Budget
from workspace.chat.cache import ChatCache
from workspace.chat.client import TIMEOUT, Chat
from workspace.chat.local import LocalChat, cache_key
from workspace.chat.remembered import Remembered
from workspace.chat.requests import Endpoint
from workspace.files.private import make_home
from workspace.local.models import LocalModel

CACHE_FILE = "answers.sqlite"  # in the home: the answers of models that were paid for


def model_name(asked: Endpoint | LocalModel) -> str:
    """What a text is credited to: the endpoint's name of the model, or the local one's name and revision."""
    return asked.label if isinstance(asked, LocalModel) else asked.model


@contextmanager
def opened(
    asked: Endpoint | LocalModel, home: Path, budget: Budget, timeout: float = TIMEOUT
) -> Iterator[LanguageModel]:
    """The model, to be asked; its answers are kept in ``home``; an endpoint has ``timeout`` seconds for one."""
    make_home(home)
    with ChatCache(home / CACHE_FILE) as cache:
        chat: LanguageModel = (
            LocalChat(asked, budget=budget, cache=cache)
            if isinstance(asked, LocalModel)
            else Chat(asked, budget=budget, cache=cache, timeout=timeout)
        )
        with closing(chat):
            yield chat


@contextmanager
def remembered(asked: Endpoint | LocalModel, home: Path) -> Iterator[Remembered]:
    """What the model said before, as ``home`` keeps it; nothing is written, not even the folder."""
    key = cache_key(asked) if isinstance(asked, LocalModel) else asked.model
    with ChatCache(home / CACHE_FILE, read_only=True) as cache:
        yield Remembered(model_name(asked), key=key, cache=cache)
