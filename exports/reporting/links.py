"""The address of one record in Argilla's web UI.

The UI has no address for a record. It reads its search from the query of the dataset's page (``search=words~all``,
spaces as ``_``; ``status``, the viewer's own response's), so a link is a search for words that only this record has.

- A word is taken from the original English, which never changes, where a white space or a full stop bounds it: any
  search engine cuts such a word out alike, also from the escaped text that Argilla stores.
- The rarest words come first, and no more than are needed for one record.
- A record is shown under ``pending`` until it is complete, and under ``submitted`` to those who submitted it; what
  others have completed, Argilla shows to nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import combining, normalize
from urllib.parse import quote

from workspace.model.records import Record

MOST_WORDS = 12
_SAFE = re.compile(r"(?:(?<=^)|(?<= ))[A-Za-z0-9]{1,40}(?=[.,;:?!]?(?: |\Z))")
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True)
class Place:
    """Where the dataset is in the web UI, and how many submitted ballots complete a record."""

    api_url: str
    dataset_id: str
    min_submitted: int

    @property
    def address(self) -> str:
        """The dataset's page."""
        return f"{self.api_url}/dataset/{quote(self.dataset_id, safe='')}/annotation-mode"

    def link(self, words: Iterable[str], status: str) -> str:
        """The address of the records that have all these words, among the viewer's own of one status."""
        return f"{self.address}?page=1&status={status}&search={quote('_'.join(words), safe='')}~all"


def search_words(records: Iterable[Record]) -> Mapping[str, tuple[str, ...]]:
    """For each record's id, words that it alone has; without the record if there are none."""
    tokens = {record.id: _tokens(record) for record in records}
    holders: dict[str, set[str]] = {}
    for record_id, words in tokens.items():
        for word in words:
            holders.setdefault(word, set()).add(record_id)
    found = {record.id: _words(record, holders) for record in records}
    return {record_id: words for record_id, words in found.items() if words}


def _words(record: Record, holders: Mapping[str, set[str]]) -> tuple[str, ...]:
    usable = {word.lower() for text in record.texts for word in _SAFE.findall(text)}
    rarest = sorted(usable, key=lambda word: (len(holders[word]), -len(word), word))
    left: set[str] = {record.id} if not rarest else set(holders[rarest[0]])
    chosen: list[str] = rarest[:1]
    while len(left) > 1 and len(chosen) < MOST_WORDS:
        best = min(rarest, key=lambda word: (len(left & holders[word]), rarest.index(word)))
        if len(left & holders[best]) == len(left):
            return ()
        left &= holders[best]
        chosen.append(best)
    return tuple(chosen) if len(left) == 1 else ()


def _tokens(record: Record) -> set[str]:
    """All words of a record as a search engine sees them: lower case, without accents."""
    spanish = record.translation
    texts = [*record.texts, *((spanish.prompt, *spanish.answers) if spanish else ())]
    return {_folded(word) for text in texts for word in _TOKEN.findall(text)}


def _folded(word: str) -> str:
    return "".join(sign for sign in normalize("NFKD", word) if not combining(sign)).lower()
