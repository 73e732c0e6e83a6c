"""The order of a prompt's answers that several rankings of them settle, as ``settle`` does it of pairs with labels.

Pure rules. What the rankings say of two answers is counted, and what most of them say holds: the one is better, the
other is, or they tie. Where nothing has the most, or what holds goes round in a circle, the order is left open, and
reviewers decide: no row is left out, and no prompt kept out. The order of the rankings never matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from loaders.imploding.audit import AuditEntry, Note
from loaders.imploding.settle import excerpt, ranks_of
from workspace.model.h4rmony import everything_below

MOST = "what most say holds, else reviewers decide"
Better = tuple[str, str]  # two answers, the better one first


@dataclass(frozen=True)
class Order:
    """The rank of each answer, None where it is open; and the pairs, better first, that are settled all the same."""

    ranks: Mapping[str, int | None]
    pairs: tuple[Better, ...] = ()


def order_of(
    answers: Sequence[str], rankings: Sequence[Mapping[str, int]], rows: tuple[int, ...], found: list[AuditEntry]
) -> Order:
    """The order that the rankings settle; ``found`` grows.

    Args:
        answers: all of the prompt.
        rankings: the place of answers in each, a lower one is better.
        rows: those of the prompt, for the audit.
        found: what was found.
    """
    if len(rankings) == 1:  # as nearly every prompt has
        return _order_of_one(answers, rankings[0])
    better, ties = _most(answers, rankings, rows, found)
    ranks = _ranks_with_ties(answers, better, ties)
    if ranks is None:
        told = ", ".join(excerpt(text) for text in answers[:6])
        found.append(AuditEntry(Note.OPEN_ORDER, rows, f"the rankings go round in a circle among {told}"))
        return Order(dict.fromkeys(answers))
    return Order(ranks, tuple(better))


def _order_of_one(answers: Sequence[str], ranking: Mapping[str, int]) -> Order:
    known = {place: rank for rank, place in enumerate(sorted(set(ranking.values())), start=1)}
    ranks = {text: known[ranking[text]] if text in ranking else None for text in answers}
    if None not in ranks.values():
        return Order(ranks)
    pairs = combinations(sorted(ranking, key=lambda text: ranking[text]), 2)
    return Order(dict.fromkeys(answers), tuple((a, b) for a, b in pairs if ranking[a] < ranking[b]))


def _most(
    answers: Sequence[str], rankings: Sequence[Mapping[str, int]], rows: tuple[int, ...], found: list[AuditEntry]
) -> tuple[list[Better], list[tuple[str, str]]]:
    """What most rankings say of each two answers: which pairs have a better one, and which tie."""
    better, ties = [], []
    for first, second in combinations(answers, 2):
        votes = Counter(
            (ranking[first] > ranking[second]) - (ranking[first] < ranking[second])
            for ranking in rankings
            if first in ranking and second in ranking
        )
        if not votes:
            continue
        (says, most), *rest = votes.most_common()
        if rest:
            names = f"{excerpt(first)} and {excerpt(second)}"
            found.append(AuditEntry(Note.JUDGES_DIFFER, rows, f"rankings differ about {names}; {MOST}"))
        if rest and rest[0][1] == most:
            continue
        if says == 0:
            ties.append((first, second))
        else:
            better.append((first, second) if says < 0 else (second, first))
    return better, ties


def _ranks_with_ties(
    answers: Sequence[str], better: Sequence[Better], ties: Sequence[tuple[str, str]]
) -> dict[str, int | None] | None:
    """The rank of each answer, those that tie as one; None if what holds puts an answer above itself."""
    head = {text: text for text in answers}

    def find(text: str) -> str:
        while head[text] != text:
            text = head[text]
        return text

    for first, second in ties:
        head[find(second)] = find(first)
    edges = [(find(first), find(second)) for first, second in better]
    if any(text in reached for text, reached in everything_below(edges).items()):
        return None
    ranks = ranks_of(edges, map(find, answers))
    return {text: ranks[find(text)] for text in answers}
