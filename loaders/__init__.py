"""From a source to an Argilla dataset: read, implode, translate, check, load.

How a row comes in::

    a file, a folder, a Hub dataset, a DataFrame, rows
        |  read_source      loaders.source      every cell becomes text
        v
    Table of Row
        |  implode          loaders.imploding   a row becomes a pair of its prompt's answers (SourcePair);
        v                                       the pairs that agree settle the ranks
    Imploded: Record, with the audit of every row
        |  translate        loaders.translation each text once, with the translation memory
        v
    Record with its translation
        |  load             loaders.check       flags, adequacy, near-duplicates
        v                   loaders.loading     new records in, answered ones left alone
    the Argilla dataset

The room of each step imports from those before it, never from those after it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loaders.check.translate import Translated, translate
    from loaders.extending.extended import Extended
    from loaders.extending.run import extend
    from loaders.extending.settings import ExtendSettings
    from loaders.imploding.audit import AuditEntry
    from loaders.imploding.imploded import Imploded
    from loaders.imploding.source import implode, read_source
    from loaders.loading.load import Loaded, load
    from loaders.source.location import Location
    from loaders.source.table import Table

_PLACES = {
    "AuditEntry": "loaders.imploding.audit",
    "ExtendSettings": "loaders.extending.settings",
    "Extended": "loaders.extending.extended",
    "Imploded": "loaders.imploding.imploded",
    "Loaded": "loaders.loading.load",
    "Location": "loaders.source.location",
    "Table": "loaders.source.table",
    "Translated": "loaders.check.translate",
    "extend": "loaders.extending.run",
    "implode": "loaders.imploding.source",
    "load": "loaders.loading.load",
    "read_source": "loaders.imploding.source",
    "translate": "loaders.check.translate",
}
__all__ = [
    "AuditEntry",
    "ExtendSettings",
    "Extended",
    "Imploded",
    "Loaded",
    "Location",
    "Table",
    "Translated",
    "extend",
    "implode",
    "load",
    "read_source",
    "translate",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that ``import loaders`` is instant."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
