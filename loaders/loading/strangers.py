"""Whether a source is another one than the dataset holds under the same ids.

Two tables may number their prompts from 1. Loaded under one name, the second would be a conflict with the first,
record by record, and would take its place with ``--replace-changed`` or ``--new-versions``. So it is refused where
more than half of the prompts whose ids the dataset holds, and two at least, share less than a third of their words
with what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from loaders.imploding.source import Source
from loaders.loading.known import Known
from loaders.source.read import as_location
from workspace.errors import ConfigError
from workspace.model.prompts import prompt_key
from workspace.model.records import Record
from workspace.model.sources import source_of

_ODD = re.compile(r"[^a-z0-9]+")
_FEWEST = 2  # prompts; one may have been written anew
_SHARED = 1 / 3  # of the words of two prompts that may be versions of one


def check_same_source(records: Iterable[Record], known: Mapping[str, Known], source: Source) -> None:
    """Check that the records are not strangers to those that the dataset holds under their ids.

    Raises:
        ConfigError: they are; names one, and the option.
    """
    held = [(record, known[record.id].settled.prompt) for record in records if record.id in known]
    strangers = [record for record, prompt in held if not _may_be_versions(record.prompt, prompt)]
    if len(strangers) < _FEWEST or 2 * len(strangers) <= len(held):
        return
    first = strangers[0]
    raise ConfigError(
        f"{len(strangers)} prompts of {len(held)} are others than the dataset holds under their ids, as "
        f"{first.id}: this source is not {source_of(first)!r}; give it a name of its own, --source-name "
        f"{_name(source)}"
    )


def _may_be_versions(one: str, other: str) -> bool:
    ours, theirs = set(prompt_key(one).split()), set(prompt_key(other).split())
    return len(ours & theirs) >= _SHARED * len(ours | theirs)


def _name(source: Source) -> str:
    """A name from that of the file or folder."""
    location = as_location(source)
    place = location.place if location else ""
    stem = Path(place).name.partition(".")[0] if isinstance(place, str | Path) else ""
    return _ODD.sub("-", stem.lower()).strip("-") or "NAME"
