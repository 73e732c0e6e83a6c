"""Who was given which pending records, so that no two reviewers are at work on the same one.

A reviewer's hand holds the records that the reviewer was given and has not answered, in the order in which they came.
A queue begins with its hand, so that paging neither skips nor repeats a record. What somebody was given in the last
hour is taken: others get it only after everything else. Hands are in memory; a restart forgets them, but no answer.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from threading import Lock

SECONDS = 3600.0
MINE = -(10**12)  # plus a place in one's own hand: before all others, which have 0
TAKEN = 10**6  # for each other hand, less the place in it: after what is free, the later it is reached the sooner


class Hands:
    """The hands of all reviewers; hold ``lock`` from asking for ``ranks`` until what was found is given.

    Answers come in without it, from the server's loop, which must not wait for a search: dicts are copied.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.lock = Lock()
        self._clock = clock
        self._hands: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def ranks(self, user: str, *, anew: bool) -> dict[str, int]:
        """Where in the user's queue the records go that anybody has, by id, the smallest first; 0 is what nobody has.

        A user who begins ``anew`` first loses what was given more than an hour ago; till then a page may show it.
        """
        if anew:
            for record in self._hands[user].keys() - set(self._taken(user)):
                self.answered(user, record)
        ranks: defaultdict[str, int] = defaultdict(int)
        for other in list(self._hands):
            for place, record in enumerate(self._taken(other) if other != user else ()):
                ranks[record] += TAKEN - place
        return {**ranks, **{record: MINE + place for place, record in enumerate(list(self._hands[user]))}}

    def _taken(self, user: str) -> list[str]:
        since = self._clock() - SECONDS
        return [record for record, given in list(self._hands[user].items()) if given > since]

    def give(self, user: str, records: Iterable[str]) -> None:
        """Put records into a hand, behind those that are in it."""
        self._hands[user].update(dict.fromkeys(records, self._clock()))

    def answered(self, user: str, record: str) -> None:
        """Take a record out of a hand."""
        self._hands[user].pop(record, None)
