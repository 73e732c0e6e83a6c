"""What a score and a judge's card say, in sentences that the leaderboard and the report of a score share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.scores.card import Card, Section
from exports.evaluation.scores.compare import Anchored
from exports.evaluation.scores.doubts import bias_name
from exports.evaluation.scores.score import Scored
from exports.evaluation.scores.standings import Place
from exports.measure.estimates import Estimate, Reason
from exports.words import Unit, Wording

Escape = Callable[[str], str]


def estimate_of(found: Scored) -> Estimate:
    """A score as the estimate that figures show; without a score it says why."""
    if found.score is None:
        reason: Reason = "no_people" if found.answers else "no_grades"
        return Estimate(None, items=found.answers, records=found.prompts, reason=reason)
    return Estimate(found.score, found.low, found.high, found.answers, found.prompts)


def difference_estimate(value: float | None, low: float, high: float, prompts: int | None) -> Estimate:
    """A difference of two models by prompts, as the estimate that figures show."""
    if value is None:
        return Estimate(None, reason="no_common" if not prompts else "no_people")
    return Estimate(value, low, high, prompts or 0, prompts or 0)


def anchors_words(found: Anchored | None, words: Wording) -> str:
    """Where a model is between floor (0) and ceiling (100), and both with the middle as the judge graded them."""
    if found is None:
        return "–"
    between = words("na")
    if found.between is not None:
        between = with_interval(Estimate(found.between, found.low, found.high), words, "points")
    named = {"floor": found.floor, "middle": found.middle, "ceiling": found.ceiling}
    ends = {name: with_interval(estimate_of(one), words, "points") for name, one in named.items()}
    return Markup("; ").join([between, *(Markup(f"{words(name).lower()} {one}") for name, one in ends.items())])


def told(found: Estimate) -> Estimate:
    """The estimate with the reason in words of grades: two graders are lacking, not two votes."""
    return replace(found, reason="no_two_graders") if found.reason == "no_overlap" else found


def with_interval(found: Estimate, words: Wording, kind: Unit = "coefficient", *, signed: bool = False) -> Markup:
    """A figure with its interval, or why it is not known: digits and words of ours, which need no escape."""
    if found.value is None:
        return Markup(f"{words('na')} ({words(f'reason_{found.reason}')})")
    interval = words.interval(found, kind, signed=signed)
    return Markup(f"{words.figure(found.value, kind, signed=signed)} {interval}".strip())


def card_sentences(card: Card | None, words: Wording, escape: Escape) -> Iterator[str]:
    """The main figures of a judge's card: kappa beside that between people, and the biases that it names."""
    if card is None:
        yield words("card_none")
        return
    for where, section in sections(card):
        judge, people = (with_interval(told(each.kappa), words) for each in (section.judge, section.people))
        yield words(f"card_kappa_{where}", judge=judge, people=people)
    found = [
        words(
            "card_bias_alone" if bias.is_alone else "card_bias",
            bias=escape(bias_name(name, words)),
            points=words.decimal(bias.points or 0.0, 1, signed=True),
        )
        for name, bias, _ in card.biases
        if bias.is_found
    ]
    yield words("card_biased", biases="; ".join(dict.fromkeys(found))) if found else words("card_unbiased")


def doubts_of(places: Sequence[Place], words: Wording, escape: Escape) -> list[tuple[str, str]]:
    """Each doubt in a table and the models that it is about, "" where it is about all of several."""
    found: dict[str, list[str]] = {}
    for place in places:
        for doubt in place.score.doubts:
            found.setdefault(escape(doubt.written(words)), []).append(escape(place.model))
    whole = len(places) if len(places) > 1 else 0
    return [("" if len(models) == whole else ", ".join(models), said) for said, models in found.items()]


def sections(card: Card) -> Iterator[tuple[str, Section]]:
    """The parts of a card where judge and people graded the same answers: ``answers``, ``ranked``."""
    for where, section in (("answers", card.answers), ("ranked", card.ranked)):
        if section is not None and section.judge.answers:
            yield where, section


def likelihood_words(found: Likelihood | None, words: Wording) -> str:
    """How often the better of two answers of one length is the likelier one, beside the two figures that it needs."""
    task = found.tasks.get("matched") if found else None
    if task is None or "bytes" not in task.scores:
        return "–"
    more = {"likelihood_longer": task.longer, "likelihood_floor": task.floor}
    said = [with_interval(task.scores["bytes"], words, "share")]
    said += [
        Markup(f"{words(key)} {words.percent(one.value)}")
        for key, one in more.items()
        if one is not None and one.value is not None
    ]
    return Markup("; ").join(said)
