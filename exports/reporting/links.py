"""The address of one record in Argilla's web UI.

Argilla gives records no address of their own, so a link is a search for words that only one record has. The query of
the dataset's page holds it: ``search=words~all`` with ``_`` for spaces, and the ``status`` of the viewer's response.

- Words come from the original English, which never changes. Only words between spaces, or before a punctuation mark
  and a space, are used: every search engine separates these alike, even in the escaped text that Argilla stores.
- The rarest words come first, and only as many as are needed.
- Argilla shows a record under ``pending`` until it is complete, and under ``submitted`` to those who submitted it.
  It shows nobody what only others have completed.
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
    """Where the review is in the web UI, and how many submitted ballots complete a record.

    ``dataset_ids`` are by the number of answers that a dataset shows, the main one first.
    """

    api_url: str
    dataset_ids: Mapping[int, str]
    min_submitted: int

    @property
    def address(self) -> str:
        """The main dataset's page."""
        return self._address(next(iter(self.dataset_ids)))

    def _address(self, count: int) -> str:
        return f"{self.api_url}/dataset/{quote(self.dataset_ids[count], safe='')}/annotation-mode"

    def link(self, words: Iterable[str], status: str, count: int) -> str:
        """The address that shows the records of ``count`` answers with all of these words, of those of one status."""
        return f"{self._address(count)}?page=1&status={status}&search={quote('_'.join(words), safe='')}~all"


def search_words(records: Iterable[Record]) -> Mapping[str, tuple[str, ...]]:
    """Words that only one record has, by its id; a record without such words is left out."""
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
    if not rarest:
        return ()
    left, chosen = holders[rarest[0]], rarest[:1]
    while len(left) > 1 and len(chosen) < MOST_WORDS:
        best = min(rarest, key=lambda word: len(left & holders[word]))
        if left <= holders[best]:
            return ()
        left = left & holders[best]
        chosen.append(best)
    return tuple(chosen) if len(left) == 1 else ()


def _tokens(record: Record) -> set[str]:
    """All words of a record as a search engine sees them: lower case, without accents."""
    spanish = record.translation
    texts = [*record.texts, *((spanish.prompt, *spanish.answers) if spanish else ())]
    return {_folded(word) for text in texts for word in _TOKEN.findall(text)}


def _folded(word: str) -> str:
    return "".join(each for each in normalize("NFKD", word) if not combining(each)).lower()
