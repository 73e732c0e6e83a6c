"""Which pairs of one prompt agree with each other and with their labels, and what they say of each answer's place.

Rows that do not agree are left out, or the prompt is kept out. Rankings without labels, as all other data than
H4rmony's have, leave the order open instead: ``loaders.imploding.rankings``. Pure rules, stated in
``loaders.imploding.audit``. The order of the rows never matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from math import inf

from loaders.imploding.audit import AuditEntry, LeftOut
from workspace.errors import count_of, cut
from workspace.model.h4rmony import everything_below

MAX_ASSIGNMENTS = 20_000


@dataclass(frozen=True)
class SourcePair:
    """One row of a source, by its number: of two answers to a prompt ``better`` is better than ``worse``.

    Attributes:
        labels: those of ``better`` and ``worse`` in ``ComparedRanks``, where they can be read.
        columns: all columns but the texts, by their known names.
    """

    row: int
    better: str
    worse: str
    labels: tuple[int, int] | None = None
    prompt: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> frozenset[str]:
        """Both answers, in no order."""
        return frozenset((self.better, self.worse))

    @property
    def labelled(self) -> tuple[tuple[str, int], ...]:
        """Each answer with its label; nothing if there are no labels."""
        return tuple(zip((self.better, self.worse), self.labels or (), strict=False))


@dataclass(frozen=True)
class Verdict:
    """The pairs that agree, the label of each labelled answer, and what was found.

    There are no pairs where the prompt is kept out.
    """

    pairs: tuple[SourcePair, ...]
    labels: Mapping[str, int]
    findings: tuple[AuditEntry, ...]


class _KeptOut(Exception):
    """The prompt has to be kept out: the finding, and the message."""


def settle(pairs: Sequence[SourcePair]) -> Verdict:
    """Resolve the contradictions between the pairs of one prompt, or keep the prompt out.

    First the labels (pairs with labels), then the pairs without labels against them, then those among themselves;
    what is left must not put an answer above itself.
    """
    found: list[AuditEntry] = []
    try:
        labelled = _with_best_labels([pair for pair in pairs if pair.labels], found)
        labels = {answer: label for pair in labelled for answer, label in pair.labelled}
        plain = _in_order_of_labels([pair for pair in pairs if not pair.labels], labels, found)
        plain = _majority(plain, found)
        below = everything_below(order_edges(plain, labels))
        if circle := sorted(answer for answer in below if answer in below[answer]):
            told = ", ".join(map(excerpt, circle))
            raise _KeptOut(LeftOut.CYCLE, f"the rows put each of these above itself: {told}")
    except _KeptOut as problem:
        finding, message = problem.args
        return Verdict((), {}, (AuditEntry(finding, rows_of(pairs), f"{message}; kept out"),))
    return Verdict((*labelled, *plain), labels, tuple(found))


def order_edges(pairs: Iterable[SourcePair], labels: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is known directly, as (better, worse): the order of the labelled answers, and each pair."""
    by_label = sorted(labels, key=lambda answer: labels[answer])
    return [*combinations(by_label, 2), *((pair.better, pair.worse) for pair in pairs)]


def ranks_of(edges: Iterable[tuple[str, str]], answers: Iterable[str] = ()) -> dict[str, int | None]:
    """The rank of each answer: 1 plus the number above it, if it is comparable to all others; else None.

    ``answers`` may be in no edge.
    """
    below = dict.fromkeys(answers, frozenset[str]()) | everything_below(edges)
    above = Counter(lower for reached in below.values() for lower in reached)
    return {
        answer: above[answer] + 1 if above[answer] + len(reached) == len(below) - 1 else None
        for answer, reached in below.items()
    }


def missing(pairs: Sequence[SourcePair], labels: Mapping[str, int]) -> list[str]:
    """What a complete set of comparisons would have and this one lacks, each in a few words.

    Labelled answers are expected from R1 to the prompt's highest label, R3 at least, each pair compared;
    of the other answers each is expected to be compared with every answer.
    """
    compared = {pair.answers for pair in pairs}
    answers = sorted({answer for both in compared for answer in both})
    found: list[str] = []
    if labels:
        holders = {label: answer for answer, label in labels.items()}
        all_labels = range(1, max(3, *holders) + 1)
        for label in (label for label in all_labels if label not in holders):
            names = (f"R{min(label, other)}-R{max(label, other)}" for other in all_labels if other != label)
            found.append(f"answer R{label} missing ({', '.join(names)})")
        for better, worse in combinations(sorted(holders), 2):
            if frozenset((holders[better], holders[worse])) not in compared:
                found.append(f"R{better}-R{worse} missing")
    for first, second in combinations(answers, 2):
        if frozenset((first, second)) not in compared and not (first in labels and second in labels):
            found.append(f"{excerpt(first)} and {excerpt(second)} are not compared")
    return found


def excerpt(text: str) -> str:
    """The beginning of a text on one line, in quotes."""
    line = " ".join(text.split())
    return f'"{cut(line, 40)}"'


def rows_of(pairs: Iterable[SourcePair]) -> tuple[int, ...]:
    """The numbers of the pairs' rows."""
    return tuple(sorted(pair.row for pair in pairs))


def _with_best_labels(pairs: list[SourcePair], found: list[AuditEntry]) -> list[SourcePair]:
    """The pairs that agree with the best assignment of distinct labels to the answers."""
    wanted: dict[str, Counter[int]] = defaultdict(Counter)
    for answer, label in (labelled for pair in pairs for labelled in pair.labelled):
        wanted[answer][label] += 1
    claimed = [label for counts in wanted.values() for label in counts]
    if len(claimed) == len(wanted) == len(set(claimed)):
        return pairs  # no row contradicts another, as in nearly every prompt
    disputes = _disputes(wanted)
    readings: dict[tuple[int, int], set[frozenset[int]]] = defaultdict(set)  # by rows and cells that they contradict
    assignments = list(islice(_assignments(wanted), MAX_ASSIGNMENTS + 1))
    if len(assignments) > MAX_ASSIGNMENTS:
        raise _KeptOut(LeftOut.LABELS_TIED, f"too many ways to read the labels: {disputes}")
    for assignment in assignments:
        kept = frozenset(
            pair.row for pair in pairs if all(assignment.get(answer) == label for answer, label in pair.labelled)
        )
        cells = sum(counts.total() - counts[assignment.get(answer, 0)] for answer, counts in wanted.items())
        readings[len(pairs) - len(kept), cells].add(kept)
    best = readings[min(readings)]
    if len(best) > 1:
        raise _KeptOut(LeftOut.LABELS_TIED, f"{disputes}; {len(best)} readings contradict equally few rows")
    (rows,) = best
    if left_out := rows_of(pair for pair in pairs if pair.row not in rows):
        found.append(AuditEntry(LeftOut.CONTRADICTED, left_out, f"{disputes}; left out"))
    return [pair for pair in pairs if pair.row in rows]


def _assignments(wanted: Mapping[str, Counter[int]]) -> Iterator[dict[str, int]]:
    """Every assignment of distinct labels, to each answer one that its rows gave it, or none.

    An answer whose only label nobody else wants always gets it: that can contradict no row.
    """
    claims = Counter(label for counts in wanted.values() for label in counts)
    fixed = {
        answer: label for answer, counts in wanted.items() for label in counts if len(counts) == claims[label] == 1
    }
    contested = sorted(set(wanted) - set(fixed))

    def assign(place: int, chosen: dict[str, int]) -> Iterator[dict[str, int]]:
        if place == len(contested):
            yield chosen
            return
        answer = contested[place]
        for label in sorted(set(wanted[answer]) - set(chosen.values())):
            yield from assign(place + 1, {**chosen, answer: label})
        yield from assign(place + 1, chosen)

    return assign(0, fixed)


def _disputes(wanted: Mapping[str, Counter[int]]) -> str:
    """What the rows disagree about, in words."""
    parts = []
    holders: dict[int, list[str]] = defaultdict(list)
    for answer, counts in sorted(wanted.items()):
        if len(counts) > 1:
            labels = [f"R{label} in {count_of(count, 'row')}" for label, count in sorted(counts.items())]
            parts.append(f"{excerpt(answer)} is {' and '.join(labels)}")
        for label in counts:
            holders[label].append(excerpt(answer))
    parts += [f"R{label} names {' and '.join(names)}" for label, names in sorted(holders.items()) if len(names) > 1]
    return "; ".join(parts)


def _in_order_of_labels(
    pairs: list[SourcePair], labels: Mapping[str, int], found: list[AuditEntry]
) -> list[SourcePair]:
    """The pairs that do not contradict the order of the labels."""
    against = [pair for pair in pairs if labels.get(pair.better, 0) > labels.get(pair.worse, inf)]
    for pair in against:
        told = f"it puts R{labels[pair.better]} above R{labels[pair.worse]}; left out"
        found.append(AuditEntry(LeftOut.AGAINST_LABELS, (pair.row,), told))
    return [pair for pair in pairs if pair not in against]


def _majority(pairs: list[SourcePair], found: list[AuditEntry]) -> list[SourcePair]:
    """Of pairs that contradict each other about two answers, the strict majority."""
    by_answers: dict[frozenset[str], list[SourcePair]] = defaultdict(list)
    for pair in pairs:
        by_answers[pair.answers].append(pair)
    kept: list[SourcePair] = []
    for answers, members in sorted(by_answers.items(), key=lambda item: sorted(item[0])):
        (winner, most), *rest = Counter(pair.better for pair in members).most_common()
        names = " and ".join(excerpt(answer) for answer in sorted(answers))
        if rest and rest[0][1] == most:
            raise _KeptOut(LeftOut.PAIR_TIED, f"{count_of(most, 'row')} each way between {names}")
        kept += [pair for pair in members if pair.better == winner]
        if lost := rows_of(pair for pair in members if pair.better != winner):
            message = f"{count_of(most, 'row')} against {len(lost)} put {excerpt(winner)} first of {names}; left out"
            found.append(AuditEntry(LeftOut.OUTVOTED, lost, message))
    return kept
