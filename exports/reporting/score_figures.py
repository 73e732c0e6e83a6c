"""The figures of a score's report: scores, differences, and the judge's card as panels (``panels``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.scores.card import Card, Section
from exports.evaluation.scores.compare import Anchored, Compared, Difference
from exports.evaluation.scores.score import Score, Scored
from exports.evaluation.scores.standings import Standing
from exports.measure.estimates import Estimate
from exports.reporting.panels import Figure, Items, Line, Panel, coefficients, points, shares
from exports.reporting.score_words import estimate_of, told
from exports.words import Unit, Wording

Names = Callable[[str], str]


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


def models_figures(found: Standing, words: Wording) -> list[Figure]:
    """The scores of several models side by side by issue, type and language, where there are several."""
    figures = []
    for key, names in zip(("issues", "types", "languages"), _names(words), strict=True):
        slices: list[str] = sorted({name for place in found.places for name in getattr(place.score, key)})
        if len(slices) > 1:
            panels = tuple(_models_panel(names(name), key, name, found, words) for name in slices)
            figures.append(Figure(words(f"compared_models_by_{key}"), words("board_model"), panels))
    return figures


def _models_panel(title: str, key: str, name: str, found: Standing, words: Wording) -> Panel:
    nothing = Scored(None, 0.0, 100.0, 0, 0)
    lines = [
        Line(place.model, "", estimate_of(getattr(place.score, key).get(name, nothing)), "answers")
        for place in found.places
    ]
    return Panel(title, words("counts", items=words("n_answers")), "points", points(), tuple(lines))


def _panel(title: str, estimates: Mapping[str, Estimate], overall: Scored, words: Wording) -> Panel:
    lines = [Line(name, "", one, "answers") for name, one in estimates.items()]
    lines.append(Line(words("score_all"), "", estimate_of(overall), "answers", is_total=True))
    return Panel(title, words("counts", items=words("n_answers")), "points", points(), tuple(lines))


def compared_figure(found: Compared, models: Sequence[str], words: Wording) -> Figure:
    """Both scores on the common prompts; the differences by issue, type and language, where there are several."""
    nothing = None if found.overall.answers else Estimate(None, reason="no_common")
    both = [
        Line(name, "", nothing or estimate_of(one), "answers")
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
    judge, people = section.judge, section.people
    beyond = _beside({"kappa": (judge.kappa, people.kappa), "tau": (judge.tau, people.tau)}, "answers", words)
    equal = _beside({"same": (judge.same, people.same), "pairs": (judge.pairs, people.pairs)}, "answers", words)
    panels = [
        _agreement("card_coefficients", "coefficient", beyond, words),
        _agreement("card_shares", "share", equal, words),
    ]
    if where == "ranked" and card.within and card.within_people:
        within = _beside({"within_pairs": (card.within.pairs, card.within_people.pairs)}, "pairs", words)
        panels.append(_agreement("card_within", "share", within, words))
    return Figure(words(f"card_{where}"), words("figure"), tuple(panels))


def _agreement(title: str, kind: Unit, lines: Sequence[Line], words: Wording) -> Panel:
    estimates = [line.estimate for line in lines]
    scale = coefficients(estimates) if kind == "coefficient" else shares(estimates, whole=True)
    return Panel(words(title), words("counts", items=words(f"n_{lines[0].items}")), kind, scale, tuple(lines))


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


def _beside(figures: Mapping[str, tuple[Estimate, Estimate]], items: Items, words: Wording) -> list[Line]:
    """Each figure of the judge with people's below it."""
    return [
        Line(words(f"card_{name}_{who}"), "", told(one), items)
        for name, both in figures.items()
        for who, one in zip(("judge", "people"), both, strict=True)
    ]


def _names(words: Wording) -> tuple[Names, Names, Names]:
    """What an issue, a type and a language are called."""
    return words.issue, words.type, lambda name: words.named("language", name)
