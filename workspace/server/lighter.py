"""Import ``argilla_server`` without what this server never uses, or not yet: nearly half of the time of a start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

# Argilla imports both of its engines, with their clients, to register them; ours is a third.
ENGINES = {"elasticsearch": "ElasticSearchEngine", "opensearch": "OpenSearchEngine"}
# Only transfers to and from the Hugging Face Hub need it; it brings pandas and pyarrow.
DATASETS = "datasets"


class Later:
    """An attribute of a module that is imported when the attribute is first used."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._attribute = module, name

    def _real(self) -> Any:
        return getattr(import_module(self._module), self._attribute)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the attribute."""
        return self._real()(*arguments, **options)


@contextmanager
def lighter_imports() -> Iterator[None]:
    """Import ``argilla_server`` inside: it finds no other engine, and takes from ``datasets`` later what it names."""
    for module, engine in ENGINES.items():
        empty = ModuleType(f"argilla_server.search_engine.{module}")
        setattr(empty, engine, None)
        sys.modules[empty.__name__] = empty
    later = ModuleType(DATASETS)
    vars(later)["__getattr__"] = lambda name: Later(DATASETS, name)
    sys.modules[DATASETS] = later
    try:
        yield
    finally:
        del sys.modules[DATASETS]
