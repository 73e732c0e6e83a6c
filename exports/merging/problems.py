"""Which records are taken out because of what reviewers report of them (pure rules, no I/O).

- A record gives no row if at least half of its submitted ballots call it harmful, false or badly translated. A ballot
  counts once, whichever of these it names.
- *Badly translated* counts only against the Spanish, and only if review left it as it was: every final text is the
  machine's suggestion, but for white space. The source's English is never taken out for it.
- ``keep_problems`` in the settings of a merge keeps such records. What fewer ballots report, or what was corrected,
  is kept in any case. The column ``problems`` says what was reported.
"""

from __future__ import annotations

from collections.abc import Sequence

from exports.merging.approved import BAD_TRANSLATION
from exports.merging.settings import SPANISH, Language
from exports.merging.texts import FinalTexts, normal_space
from workspace.model.ballots import HARMFUL, Ballot
from workspace.model.records import Record

MARKS = frozenset({HARMFUL, "false_fact", BAD_TRANSLATION})


def why_taken_out(record: Record, ballots: Sequence[Ballot], texts: FinalTexts, language: Language) -> str | None:
    """What at least half of a record's submitted ballots report, with their number; None if it may be written.

    Args:
        record: the record.
        ballots: those on it that count (``MergeRules.counted``).
        texts: its final texts in this language.
        language: which texts would be written.
    """
    is_bad = language == SPANISH and _as_suggested(record, texts)
    against = MARKS if is_bad else MARKS - {BAD_TRANSLATION}
    submitted = [against.intersection(ballot.problems) for ballot in ballots if ballot.is_vote]
    marked = [named for named in submitted if named]
    if 2 * len(marked) < len(submitted) or not marked:
        return None
    return f"{len(marked)} of {len(submitted)} submitted ballots say {' or '.join(sorted(set().union(*marked)))}"


def _as_suggested(record: Record, texts: FinalTexts) -> bool:
    machine = record.translation
    return machine is not None and all(
        normal_space(final.text) == normal_space(suggested)
        for final, suggested in zip((texts.prompt, *texts.answers), (machine.prompt, *machine.answers), strict=True)
    )
