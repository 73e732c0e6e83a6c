"""Which source a record is of.

One dataset may hold several sources: H4rmony, translated; prompts that were written in Spanish; a team's own. A
source has a name, and each row of an export says it. The rule (``source_name``):

- A twin's is that of the record that it is of, with ``-twins`` after it, because twins come and go apart.
- An id that ``implode`` or ``extend`` made tells it: what stands before the PromptID, or before the prompt's hash.
- Of any other id, ``metadata["source"]`` tells it.
- Without that it is what stands before the last hyphen of the id; the empty name if there is none.

A column ``source`` of a table never renames the records of that table, whose ids tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from workspace.errors import DataError
from workspace.model.records import Record
from workspace.model.twins import twin_of
from workspace.model.versions import FOLLOWS_KEY, first_id

SOURCE_KEY = "source"  # in a record's metadata: the name of its source, where its id does not tell it
_H4RMONY = ("h4rmony", "h4rmony-twins")
_HASHED = re.compile(r"(.+)-[0-9a-f]{16}(?:\.id|\.prompt)?")


def source_name(record_id: str, metadata: Mapping[str, Any]) -> str:
    """The name of the source that a record is of, by the rule of this module.

    >>> source_name("h4rmony-239", {"prompt_id": "239"}), source_name("extended-b7f32416e6f0fe33", {})
    ('h4rmony', 'extended')
    >>> source_name("x1", {"source": "forum"})
    'forum'
    """
    if base := twin_of(metadata):
        told = {name: metadata.get(name) for name in ("prompt_id", SOURCE_KEY)}
        return f"{source_name(base, {**told, FOLLOWS_KEY: base})}-twins"
    name = first_id(record_id, metadata)
    ending = f"-{metadata.get('prompt_id')}"
    if name.endswith(ending):
        return name.removesuffix(ending)
    if hashed := _HASHED.fullmatch(name):
        return hashed[1]
    stated = metadata.get(SOURCE_KEY)
    return stated if isinstance(stated, str) and stated.strip() else name.rpartition("-")[0]


def source_of(record: Record) -> str:
    """The name of a record's source."""
    return source_name(record.id, record.metadata)


def is_h4rmony(source: str) -> bool:
    """True for the name of a source of H4rmony's texts."""
    return source in _H4RMONY


def check_sources(wanted: Iterable[str], records: Iterable[Record], option: str = "--source") -> None:
    """Check that each source that an option names has a record.

    Raises:
        DataError: one has none; lists those that have.
    """
    found = {source_of(record) for record in records}
    for name in sorted(set(wanted) - found):
        listed = ", ".join(each or "records without a source" for each in sorted(found)) or "no record"
        raise DataError(f"{option} {name}: the review has no such source; it has {listed}")
