"""The figures of a score's report: scores, differences, and the judge's card as panels (``panels``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from exports.evaluation.card import Card, Section
from exports.evaluation.compare import Anchored, Compared, Difference
from exports.evaluation.likelihood import Likelihood
from exports.evaluation.score import Score, Scored
from exports.measure.estimates import Estimate
from exports.reporting.panels import Figure, Line, Panel, coefficients, points, shares
from exports.reporting.score_words import estimate_of
from exports.words import Wording

Names = Callable[[str], str]
Beside = tuple[str, Estimate, Estimate]  # a figure's name, the judge's, people's


def slices_figure(found: Score, words: Wording) -> Figure | None:
    """The score by issue, type and language, where there are several; all answers below. None if there are none."""
    scopes: dict[str, Mapping[str, Scored]] = {
        "score_by_issue": found.issues,
        "score_by_type": found.types,
        "score_by_language": found.languages,
    }
    panels = [
        _panel(words(key), {names(name): estimate_of(one) for name, one in slices.items()}, found.overall, words)
        for (key, slices), names in zip(scopes.items(), _names(words), strict=True)
        if len(slices) > 1
    ]
    return Figure(words("score_slices"), words("score_slice"), tuple(panels)) if panels else None


def _panel(title: str, estimates: Mapping[str, Estimate], overall: Scored, words: Wording) -> Panel:
    lines = [Line(name, "", one, "answers") for name, one in estimates.items()]
    lines.append(Line(words("score_all"), "", estimate_of(overall), "answers", is_total=True))
    return Panel(title, words("counts", items=words("n_answers")), "points", points(), tuple(lines))


def compared_figure(found: Compared, models: Sequence[str], words: Wording) -> Figure:
    """Both scores on the common prompts; the differences by issue, type and language, where there are several."""
    both = [
        Line(name, "", estimate_of(one), "answers")
        for name, one in zip(models, (found.first, found.second), strict=True)
    ]
    counts = words("counts", items=words("n_answers"))
    panels = [Panel(words("compared_both"), counts, "points", points(), tuple(both))]
    for key, slices, names in zip(
        ("score_by_issue", "score_by_type", "score_by_language"),
        (found.issues, found.types, found.languages),
        _names(words),
        strict=True,
    ):
        if len(slices) > 1:
            panels.append(
                _differences(words(key), {names(name): each for name, each in slices.items()}, found.overall, words)
            )
    if len(panels) < 2:
        panels.append(_differences(words("difference"), {}, found.overall, words))
    return Figure(words("compared_caption"), words("score_slice"), tuple(panels))


def _differences(title: str, slices: Mapping[str, Difference], overall: Difference, words: Wording) -> Panel:
    estimates = {name: difference_of(one) for name, one in slices.items()}
    total = difference_of(overall)
    lines = [Line(name, "", one, "answers", is_signed=True) for name, one in estimates.items()]
    lines.append(Line(words("score_all"), "", total, "answers", is_signed=True, is_total=True))
    sub = words("compared_sub")
    return Panel(title, sub, "points", points([*estimates.values(), total], signed=True), tuple(lines))


def difference_of(found: Difference) -> Estimate:
    """A difference as an estimate."""
    if found.difference is None:
        return Estimate(None, reason="no_people" if found.answers else "no_common")
    return Estimate(found.difference, found.low, found.high, found.answers, found.prompts)


def anchors_figure(found: Anchored, model: str, words: Wording) -> Figure:
    """The floor, the middle and the ceiling that were measured, and the model between them."""
    named = ((words("floor"), found.floor), (words("middle"), found.middle), (words("ceiling"), found.ceiling))
    lines = [Line(name, "", estimate_of(one), "answers") for name, one in named]
    lines.append(Line(model, "", estimate_of(found.score), "answers", is_total=True))
    panel = Panel(words("anchors_panel"), words("counts", items=words("n_answers")), "points", points(), tuple(lines))
    return Figure(words("anchors"), words("board_model"), (panel,))


def section_figure(where: str, section: Section, card: Card, words: Wording) -> Figure:
    """How far the judge agrees with people on some answers, and beside it people with each other."""
    tables: list[Beside] = [
        (name, getattr(section.judge, name), getattr(section.people, name))
        for name in ("kappa", "tau", "same", "pairs")
    ]
    if where == "ranked" and card.within and card.within_people:
        tables.append(("within_pairs", card.within.pairs, card.within_people.pairs))
    coefficient = _beside(tables[:2], words)
    share = _beside(tables[2:], words)
    return Figure(
        words(f"card_{where}"),
        words("figure"),
        (
            Panel(words("card_coefficients"), words("counts", items=words("n_answers")), "coefficient",
                  coefficients([line.estimate for line in coefficient]), tuple(coefficient)),
            Panel(words("card_shares"), words("counts", items=words("n_answers")), "share",
                  shares([line.estimate for line in share], whole=True), tuple(share)),
        ),
    )  # fmt: skip


def likelihood_figure(found: Sequence[tuple[str, Likelihood]], words: Wording) -> Figure:
    """The models' likelihoods by task; beside each model whoever takes the longer answer, and random weights."""
    panels = []
    for task in ("matched", "pairs", "best", "twins"):
        lines: list[Line] = []
        for name, each in found:
            if one := each.tasks.get(task):
                beside = ((words("likelihood_longer"), one.longer), (words("likelihood_floor"), one.floor))
                named = ((name, one.scores.get("bytes")), *((words.sentence(of), each) for of, each in beside))
                lines += [Line(of, "", estimate, "rows") for of, estimate in named if estimate]
        if lines:
            scale = replace(shares([line.estimate for line in lines], whole=True), marks=(0.5,))
            counts = words("counts", items=words("n_rows"))
            panels.append(Panel(words(f"likelihood_{task}"), counts, "share", scale, tuple(lines)))
    return Figure(words("likelihood"), words("likelihood_both"), tuple(panels))


def _beside(figures: Sequence[Beside], words: Wording) -> list[Line]:
    return [
        Line(words(f"card_{name}_{who}"), "", told(one), "answers")
        for name, judge, people in figures
        for who, one in (("judge", judge), ("people", people))
    ]


def told(found: Estimate) -> Estimate:
    """The estimate with the reason in words of grades: two graders are lacking, not two votes."""
    return replace(found, reason="no_two_graders") if found.reason == "no_overlap" else found


def _names(words: Wording) -> tuple[Names, Names, Names]:
    """What an issue, a type and a language are called."""
    return words.issue, words.type, lambda name: words.named("language", name)
