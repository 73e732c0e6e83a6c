"""Which rows of one prompt hold together, and what they say about the place of each answer.

Pure rules, told in ``loaders.imploding.audit``. The order of the rows never matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from loaders.imploding.audit import Kind
from workspace.model.h4rmony import everything_below

MAX_ASSIGNMENTS = 20_000


@dataclass(frozen=True)
class Vote:
    """One usable row: it says that ``better`` is better than ``worse``; ``labels`` are theirs, if readable."""

    row: int
    better: str
    worse: str
    labels: tuple[int, int] | None = None

    @property
    def pair(self) -> frozenset[str]:
        """Both answers, in no order."""
        return frozenset((self.better, self.worse))


@dataclass(frozen=True)
class Finding:
    """What was found about some rows of a prompt, by number."""

    kind: Kind
    rows: tuple[int, ...]
    message: str


@dataclass(frozen=True)
class Verdict:
    """The rows that hold together, by number, the label of each labelled answer, and what was found.

    ``rows`` is empty where the prompt is kept out.
    """

    rows: frozenset[int]
    labels: Mapping[str, int]
    findings: tuple[Finding, ...]


def settle(votes: Sequence[Vote]) -> Verdict:
    """Resolve the contradictions between the rows of one prompt, or keep the prompt out.

    First the labels (rows with labels), then the rows without labels against them, then those among themselves;
    what is left must not go round in a circle.
    """
    labelled, contradicted, problem = _settle_labels([vote for vote in votes if vote.labels])
    if problem:
        return _kept_out(votes, problem)
    labels = _labels_of(labelled)
    plain, against = _against_labels([vote for vote in votes if not vote.labels], labels)
    plain, outvoted, tied = _majority(plain)
    if tied:
        return _kept_out(votes, tied)
    if circle := _circle(order_edges(plain, labels)):
        return _kept_out(votes, circle)
    kept = frozenset(vote.row for vote in (*labelled, *plain))
    return Verdict(kept, labels, (*contradicted, *against, *outvoted))


def order_edges(votes: Iterable[Vote], labels: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is known directly: the labels order all labelled answers, and each row is an edge."""
    by_label = sorted(labels, key=lambda answer: labels[answer])
    return [*combinations(by_label, 2), *((vote.better, vote.worse) for vote in votes)]


def ranks_of(edges: Iterable[tuple[str, str]]) -> dict[str, int | None]:
    """The rank of each answer: 1 plus the number above it, if it is comparable to all others; else None."""
    below = everything_below(edges)
    above = Counter(lower for reached in below.values() for lower in reached)
    return {
        answer: above[answer] + 1 if above[answer] + len(reached) == len(below) - 1 else None
        for answer, reached in below.items()
    }


def missing(votes: Sequence[Vote], labels: Mapping[str, int], expected: int = 3) -> list[str]:
    """What a complete set of comparisons would have and this one lacks, each in a few words.

    Labelled answers are expected from R1 to the prompt's highest label, ``expected`` at least, each pair compared;
    of the other answers each is expected to be compared with every answer.
    """
    compared = {vote.pair for vote in votes}
    answers = sorted({answer for pair in compared for answer in pair})
    found: list[str] = []
    if labels:
        holders = {label: answer for answer, label in labels.items()}
        all_labels = range(1, max(expected, *holders) + 1)
        for label in (label for label in all_labels if label not in holders):
            pairs = (f"R{min(label, other)}-R{max(label, other)}" for other in all_labels if other != label)
            found.append(f"answer R{label} missing ({', '.join(pairs)})")
        for better, worse in combinations(sorted(holders), 2):
            if frozenset((holders[better], holders[worse])) not in compared:
                found.append(f"R{better}-R{worse} missing")
    for first, second in combinations(answers, 2):
        if frozenset((first, second)) not in compared and not (first in labels and second in labels):
            found.append(f"{excerpt(first)} and {excerpt(second)} are not compared")
    return found


def excerpt(text: str, length: int = 40) -> str:
    """The beginning of a text on one line, in quotes."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= length else f'"{line[: length - 1]}…"'


def _kept_out(votes: Sequence[Vote], finding: Finding) -> Verdict:
    rows = tuple(sorted(vote.row for vote in votes))
    return Verdict(frozenset(), {}, (Finding(finding.kind, rows, finding.message),))


def _labels_of(votes: Iterable[Vote]) -> dict[str, int]:
    return {answer: label for vote in votes if vote.labels for answer, label in _cells(vote)}


def _cells(vote: Vote) -> list[tuple[str, int]]:
    assert vote.labels
    return [(vote.better, vote.labels[0]), (vote.worse, vote.labels[1])]


def _settle_labels(votes: list[Vote]) -> tuple[list[Vote], list[Finding], Finding | None]:
    """Keep the rows that agree with the best assignment of distinct labels to the answers."""
    wanted: dict[str, Counter[int]] = defaultdict(Counter)
    for answer, label in (cell for vote in votes for cell in _cells(vote)):
        wanted[answer][label] += 1
    best: tuple[int, int] | None = None
    winners: set[frozenset[int]] = set()
    tried = 0
    for assignment in islice(_assignments(wanted), MAX_ASSIGNMENTS + 1):
        tried += 1
        kept = frozenset(vote.row for vote in votes if all(assignment.get(a) == label for a, label in _cells(vote)))
        cells = sum(
            count for a, counts in wanted.items() for label, count in counts.items() if assignment.get(a) != label
        )
        score = (len(votes) - len(kept), cells)
        if best is None or score < best:
            best, winners = score, set()
        if score == best:
            winners.add(kept)
    disputes = _disputes(wanted)
    if tried > MAX_ASSIGNMENTS:
        return [], [], Finding(Kind.LABELS_TIED, (), f"too many ways to read the labels: {disputes}; kept out")
    if len(winners) > 1:
        ways = f"{len(winners)} readings contradict equally few rows"
        return [], [], Finding(Kind.LABELS_TIED, (), f"{disputes}; {ways}; kept out")
    winner = next(iter(winners))
    left_out = tuple(sorted(vote.row for vote in votes if vote.row not in winner))
    findings = [Finding(Kind.CONTRADICTED, left_out, f"{disputes}; left out")] if left_out else []
    return [vote for vote in votes if vote.row in winner], findings, None


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
    for answer in sorted(wanted):
        if len(wanted[answer]) > 1:
            labels = [f"R{label} in {_rows(count)}" for label, count in sorted(wanted[answer].items())]
            parts.append(f"{excerpt(answer)} is {' and '.join(labels)}")
    holders: dict[int, list[str]] = defaultdict(list)
    for answer in sorted(wanted):
        for label in wanted[answer]:
            holders[label].append(excerpt(answer))
    parts += [f"R{label} names {' and '.join(names)}" for label, names in sorted(holders.items()) if len(names) > 1]
    return "; ".join(parts)


def _against_labels(votes: list[Vote], labels: Mapping[str, int]) -> tuple[list[Vote], list[Finding]]:
    def is_against(vote: Vote) -> bool:
        return vote.better in labels and vote.worse in labels and labels[vote.better] > labels[vote.worse]

    found = [
        Finding(
            Kind.AGAINST_LABELS,
            (vote.row,),
            f"it puts R{labels[vote.better]} above R{labels[vote.worse]}; left out",
        )
        for vote in votes
        if is_against(vote)
    ]
    return [vote for vote in votes if not is_against(vote)], found


def _majority(votes: list[Vote]) -> tuple[list[Vote], list[Finding], Finding | None]:
    """Of rows that contradict each other about one pair keep the strict majority."""
    by_pair: dict[frozenset[str], list[Vote]] = defaultdict(list)
    for vote in votes:
        by_pair[vote.pair].append(vote)
    kept: list[Vote] = []
    findings = []
    for pair, members in sorted(by_pair.items(), key=lambda item: sorted(item[0])):
        counts = Counter(vote.better for vote in members)
        (winner, most), *rest = counts.most_common()
        names = " and ".join(excerpt(answer) for answer in sorted(pair))
        if rest and rest[0][1] == most:
            return [], [], Finding(Kind.PAIR_TIED, (), f"{_rows(most)} each way between {names}; kept out")
        kept += [vote for vote in members if vote.better == winner]
        if lost := tuple(sorted(vote.row for vote in members if vote.better != winner)):
            message = f"{_rows(most)} against {len(lost)} put {excerpt(winner)} first of {names}; left out"
            findings.append(Finding(Kind.OUTVOTED, lost, message))
    return kept, findings, None


def _circle(edges: Sequence[tuple[str, str]]) -> Finding | None:
    round_about = sorted(answer for answer, below in everything_below(edges).items() if answer in below)
    if not round_about:
        return None
    names = ", ".join(excerpt(answer) for answer in round_about)
    return Finding(Kind.CYCLE, (), f"the rows put each of these above itself: {names}; kept out")


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}"
