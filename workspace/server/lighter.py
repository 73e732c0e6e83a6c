"""Import ``argilla_server`` without what this server never uses, or not yet: half of the time of a start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

# Argilla imports both of its engines, with their clients, to register them; ours is a third.
ENGINES = {"elasticsearch": "ElasticSearchEngine", "opensearch": "OpenSearchEngine"}
# Only transfers to and from the Hugging Face Hub need it; it brings pandas and pyarrow.
DATASETS = "datasets"
# Argilla hashes this word when it is imported, to take as long for an unknown user as for a known one. No account has
# it; a hash of it made once takes as long to compare with.
DUMMY_SECRET = b"dummy_secret"
DUMMY_HASH = b"$2b$12$byogv7jgZsS.y7hXWz.0muFHzj5a3i0qbldZC5TuwxI4ykaiQH/52"


class Later:
    """What is made when it is first used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def _real(self) -> Any:
        if "_made" not in vars(self):
            self._made = self._make()
        return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call it."""
        return self._real()(*arguments, **options)


@contextmanager
def lighter_imports() -> Iterator[None]:
    """Import ``argilla_server`` inside: it finds no other engine, and makes later what it may never use."""
    for module, engine in ENGINES.items():
        empty = ModuleType(f"argilla_server.search_engine.{module}")
        setattr(empty, engine, None)
        sys.modules[empty.__name__] = empty
    later = ModuleType(DATASETS)
    vars(later)["__getattr__"] = lambda name: Later(lambda: getattr(import_module(DATASETS), name))
    sys.modules[DATASETS] = later
    try:
        with replaced("bcrypt", "hashpw", made_before), replaced("fastapi._compat", "TypeAdapter", made_later):
            yield
    finally:
        del sys.modules[DATASETS]


@contextmanager
def replaced(module: str, name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """Let a module's attribute be what ``change`` makes of it, inside."""
    place = import_module(module)
    real = getattr(place, name)
    setattr(place, name, change(real))
    try:
        yield
    finally:
        setattr(place, name, real)


def made_before(hash_password: Callable[[bytes, bytes], bytes]) -> Callable[[bytes, bytes], bytes]:
    """Give ``DUMMY_HASH`` for ``DUMMY_SECRET``; every other password is hashed as always."""
    return lambda password, salt: DUMMY_HASH if password == DUMMY_SECRET else hash_password(password, salt)


def made_later(adapter: Callable[..., Any]) -> Callable[..., Later]:
    """Make the validator of each parameter and answer of a route when a request first needs it."""
    return lambda *types: Later(lambda: adapter(*types))
