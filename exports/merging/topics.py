"""The issue codes of a record after review (pure, no I/O).

The rules:

- Only submitted ballots count. One that names no code did not answer, because the form cannot tell an empty answer
  from none.
- The codes that more than half of the ballots that answered have become the record's. ``metadata["issues_support"]``
  says how many answered and how many have each of these codes.
- If no code has a majority, the source's stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from workspace.model.ballots import Ballot
from workspace.model.h4rmony import ISSUES, SUPPORT_KEY
from workspace.model.records import Record


def with_topics(record: Record, ballots: Iterable[Ballot]) -> Record:
    """The record with the issue codes that its reviewers settled, if they did."""
    given = [frozenset(ballot.issues) for ballot in ballots if ballot.is_vote and ballot.issues]
    counts = Counter(code for codes in given for code in codes)
    settled = [code for code in ISSUES if 2 * counts[code] > len(given)]
    if not settled:
        return record
    support = {"ballots": len(given), **{code: counts[code] for code in settled}}
    return replace(record, metadata={**record.metadata, "issues": settled, SUPPORT_KEY: support})
