"""Write the page of a score's report."""

from __future__ import annotations

from exports.evaluation.grades.files import LEVELS
from exports.evaluation.scores.bias import Bias
from exports.evaluation.scores.compare import Compared
from exports.evaluation.scores.doubts import bias_name
from exports.evaluation.scores.standings import Standing
from exports.measure.estimates import Estimate
from exports.reporting import score_figures as figures
from exports.reporting.html import filled
from exports.reporting.leaderboard import PAIR_COLUMNS, pair_cells, pairs_figure, scores_figure
from exports.reporting.score_contents import ScoreContents
from exports.reporting.score_words import card_sentences, doubts_of, estimate_of, sections, with_interval
from exports.review.made import Made
from exports.words import Wording
from exports.words.markdown import one_line


def render_score(found: ScoreContents, wording: Wording) -> str:
    """The whole page."""
    score, card = found.score, found.card
    model = one_line(score.model) or wording("no_name")
    names = [model, *_others(found, wording)]
    sure = score.method == "ppi" and not score.doubts and found.reading != "nothing"
    return filled(
        "score.html.j2",
        wording,
        report=found,
        score=score,
        judge=one_line(score.judge) or wording("na"),
        rubric=one_line(score.rubric) or wording("na"),
        model=model,
        names=names,
        other=names[1] if len(names) > 1 else None,
        sure=sure,
        told=_told(found.standing, model, wording) if found.standing else {},
        doubts=doubts_of(found.standing.places, wording, str) if found.standing else [],
        scores_figure=scores_figure,
        pairs_figure=pairs_figure,
        pair_cells=pair_cells,
        pair_columns=PAIR_COLUMNS,
        compared_sentence=lambda compared, name: _compared(compared, name, wording),
        figures=figures,
        likelihoods=[(name, each) for name, each in zip(names, found.likelihoods, strict=False) if each],
        estimate_of=estimate_of,
        written=lambda one, kind="points", signed=False: with_interval(one, wording, kind, signed=signed),
        card_sections=list(sections(card)) if card else [],
        card_sentences=list(card_sentences(card, wording, str)),
        biases=_biases(found, wording),
        steadiness=_steadiness(found, wording),
        levels=LEVELS,
        estimate=Estimate,
        version=Made.of(()).label,
    )


def _others(found: ScoreContents, wording: Wording) -> list[str]:
    """What the other models are called."""
    if len(found.others) == 1:
        return [one_line(found.others[0].model) or wording("other_model")]
    numbered = enumerate(found.others, start=1)
    return [one_line(each.model) or wording("other_numbered", number=number) for number, each in numbered]


def _told(found: Standing, model: str, wording: Wording) -> dict[str, str]:
    """From which models the first can be told apart, and from which not, each as a sentence."""
    names: dict[bool, list[str]] = {True: [], False: []}
    for pair in found.pairs:
        if model in (pair.first, pair.second):
            names[pair.is_apart].append(pair.second if pair.first == model else pair.first)
    sentences = {"compared_models_apart": names[True], "compared_models_same": names[False]}
    return {
        key: wording(key, model=model, names=wording("and").join(filter(None, (", ".join(others[:-1]), others[-1]))))
        for key, others in sentences.items()
        if others
    }


def _compared(found: Compared, other: str, wording: Wording) -> str:
    """Whether two models can be told apart."""
    difference = figures.difference_of(found.overall)
    if difference.value is None:
        return wording("compared_unknown", other=other, reason=wording(f"reason_{difference.reason}"))
    key = "compared_apart" if found.overall.can_be_told_apart else "compared_same"
    return wording(key, other=other, difference=with_interval(difference, wording, "points", signed=True))


def _biases(found: ScoreContents, wording: Wording) -> list[tuple[str, str, Bias, str]]:
    """Of each bias that was looked for: its name, the unit of its points, the bias, and on which answers."""
    answers = {"a model's answers": "card_answers", "the dataset's answers": "card_ranked"}
    return [
        (
            bias_name(name, wording),
            wording(f"bias_unit_{name}") if f"bias_unit_{name}" in wording.strings else "",
            bias,
            wording(answers.get(where, "score_all")),
        )
        for name, bias, where in (found.card.biases if found.card else ())
    ]


def _steadiness(found: ScoreContents, wording: Wording) -> list[str]:
    """How often the judge grades alike when asked again, and by another wording."""
    card = found.card
    if card is None:
        return []
    return [
        wording(
            f"card_{name}",
            share=wording.percent(one.percent / 100),
            low=wording.percent((one.low or 0) / 100),
            high=wording.percent((one.high or 0) / 100),
            prompts=one.prompts,
        )
        for name, one in (("repeats", card.repeats), ("rubrics", card.rubrics))
        if one is not None and one.percent is not None
    ]
