"""A leaderboard that says which models cannot be told apart: what ``h4rmony evaluate leaderboard`` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.read import read_likelihood, read_score
from exports.evaluation.run import PACKAGES, card_of
from exports.evaluation.scores.card import Card
from exports.evaluation.scores.score import Score, rounded
from exports.evaluation.scores.standings import Pair, Place, Standing, standings
from exports.reporting.html import filled, write_page
from exports.reporting.panels import Figure, Line, Panel, points
from exports.reporting.score_words import (
    anchors_words,
    card_sentences,
    difference_estimate,
    doubts_of,
    estimate_of,
    likelihood_words,
    with_interval,
)
from exports.review.made import Made
from exports.words import Language, Wording
from exports.words.markdown import escaped, markdown, one_line
from workspace.errors import ConfigError, DataError, shown
from workspace.extras import require_packages

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".md", ".html")


@dataclass(frozen=True)
class Leaderboard:
    """Models by score, in one table for each method, judge, rubric and set of languages.

    Attributes:
        standings: the tables.
        cards: the judges' cards, by judge and rubric.
        likelihoods: the scores without a judge, by model.
        changed: whether the file was another before; False where none was asked for.
    """

    standings: tuple[Standing, ...]
    cards: Mapping[tuple[str, str], Card] = field(default_factory=dict)
    likelihoods: Mapping[str, Likelihood] = field(default_factory=dict)
    changed: bool = False

    def to_markdown(self, language: Language = "es") -> str:
        """The tables as Markdown; names are escaped."""
        words = Wording(language)
        parts = [f"# {words('board_title')}", words("board_lead"), words("board_how")]
        for one in self.standings:
            parts += [f"## {escaped(self.title(one, words))}", *self.sentences(one, words)]
            rows = [self.cells(one, place, words).values() for place in one.places]
            parts.append(markdown([words(f"board_{name}") for name in self.columns(one)], map(list, rows)))
            if one.pairs:
                cells = [pair_cells(pair, words) for pair in one.pairs]
                parts += [words("board_pairs"), markdown([words(name) for name in PAIR_COLUMNS], cells)]
            parts += [
                f"- {models or words('board_all')}: {said}" for models, said in doubts_of(one.places, words, escaped)
            ]
        return _joined([*parts, words("board_made", version=Made.of(()).label)])

    def to_html(self, language: Language = "es") -> str:
        """The same as a page that opens offline, with a plot of the scores and every difference."""
        words = Wording(language)
        return filled(
            "leaderboard.html.j2",
            words,
            board=self,
            tables=[(one, self.title(one, words), self.sentences(one, words, str)) for one in self.standings],
            doubts=lambda one: doubts_of(one.places, words, str),
            scores_figure=scores_figure,
            pair_cells=pair_cells,
            pair_columns=PAIR_COLUMNS,
            most_shown=MOST_SHOWN,
            version=Made.of(()).label,
        )

    def columns(self, one: Standing) -> tuple[str, ...]:
        """What a table has of each model."""
        has_anchors = any(place.score.anchors for place in one.places)
        has_likelihood = any(place.model in self.likelihoods for place in one.places)
        return (*COLUMNS, *["anchors"] * has_anchors, *["likelihood"] * has_likelihood)

    def cells(self, one: Standing, place: Place, words: Wording) -> dict[str, str]:
        """What a table says of a model, by its columns."""
        found = place.score.overall
        said = {
            "model": place.model,
            "rank": _rank(place) if place.groups else words("na"),
            "group": ", ".join(place.groups) or words("na"),
            "score": with_interval(estimate_of(found), words, "points"),
            "judged": with_interval(estimate_of(place.score.raw), words, "points"),
            "prompts": words.whole(found.prompts),
            "people": words.whole(found.people) if found.people else "–",
            "anchors": anchors_words(place.score.anchors, words),
            "likelihood": likelihood_words(self.likelihoods.get(place.model), words),
        }
        return {name: said[name] for name in self.columns(one)}

    def title(self, one: Standing, words: Wording) -> str:
        """What is common to a table: the method, the judge, the rubric, the languages."""
        languages = ", ".join(words.named("language", name) for name in one.languages) or words("na")
        judge = one_line(one.judge) or words("na")
        method = words(f"score_short_{one.method}")
        return words(
            "board_table", method=method, judge=judge, rubric=one_line(one.rubric) or words("na"), languages=languages
        )

    def sentences(self, one: Standing, words: Wording, escape: Any = escaped) -> list[str]:
        """How the scores of a table were made and told apart, and what the judge's card says."""
        said = [words(f"score_method_{one.method}"), words(f"board_test_{one.test}")]
        if one.common is not None and any(place.score.overall.prompts != one.common for place in one.places):
            said.append(words("board_common", prompts=one.common))
        card = card_sentences(self.cards.get((one.judge, one.rubric)), words, escape)
        return [" ".join(said), " ".join(card)]

    def to_json(self) -> dict[str, Any]:
        """The tables as ``h4rmony evaluate leaderboard --json`` prints them."""
        return {"tables": [_table(one, self) for one in self.standings]}

    def to_pandas(self) -> pd.DataFrame:
        """One row for each model of each table."""
        import pandas as pd

        rows = [
            {**{name: each[name] for name in ("method", "judge", "rubric")}, **place}
            for each in self.to_json()["tables"]
            for place in each["models"]
        ]
        return pd.DataFrame(rows)


COLUMNS = ("model", "rank", "group", "score", "judged", "prompts", "people")
PAIR_COLUMNS = ("board_pair", "difference", "board_both", "board_apart")
MOST_SHOWN = 15  # pairs that a page shows without a click
_ROOM = 17  # letters of a name, of two in a line of a plot


def leaderboard(
    scores: Sequence[str | Path | Score],
    *,
    cards: Sequence[str | Path | Card] = (),
    likelihoods: Mapping[str, str | Path | Likelihood] | None = None,
    output: str | Path | None = None,
    language: Language = "es",
    dry_run: bool = False,
) -> Leaderboard:
    """Put models in the order of their scores, and say which of them cannot be told apart.

    Args:
        scores: one for each model, as ``score`` returns or writes it.
        cards: the judges' cards, as ``validate`` returns or writes them.
        likelihoods: by model, what ``likelihood`` returns or writes. That of a file ``score.json`` is read from
            ``likelihood.json`` beside it, and that of ``NAME.json`` from ``NAME.likelihood.json``.
        output: the file to write, Markdown (``.md``) or a page (``.html``); None writes nothing.
        language: of that file, "es" or "en".
        dry_run: write nothing.

    Raises:
        DataError: a file cannot be used, a model is there twice, or a card is of no judge here.
        ConfigError: there is no score, or the file's name has neither ending.
        ValueError: there is no such language.
        MissingPartError: scipy is not installed.

    Example:
        >>> from exports import score
        >>> from exports.evaluation.grades.files import Grade
        >>> def graded(model, good):
        ...     levels = ["good" if n < good else "bad" for n in range(60)]
        ...     return score([Grade(f"p-{n}", "es", level, judge="j", model=model) for n, level in enumerate(levels)])
        >>> board = leaderboard([graded("a", 50), graded("b", 48), graded("c", 20)])
        >>> [(one.model, one.best, one.worst, one.groups) for one in board.standings[0].places]
        [('a', 1, 2, ('a',)), ('b', 1, 2, ('a',)), ('c', 3, 3, ('b',))]
    """
    require_packages("the leaderboard", (*PACKAGES, "matplotlib"), "report")
    Wording(language)
    path = None if output is None else Path(output)
    if path is not None and path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{path}: a leaderboard is written as Markdown or as a page; end the name in .md or .html")
    if not scores:
        raise ConfigError("a leaderboard needs the score of one model or more")
    named = [_named(each) for each in scores]
    given = [card_of(each) for each in cards]
    found = standings(named, {(card.judge, card.rubric): card.matrix for card in given if card.matrix})
    beside = _beside(scores, [name for name, _ in named])
    beside |= {one_line(name): likelihood_of(each) for name, each in (likelihoods or {}).items()}
    board = Leaderboard(found, _by_judge(given, found), beside)
    if path is None:
        return board
    text = board.to_html(language) if path.suffix.lower() == ".html" else board.to_markdown(language)
    return replace(board, changed=write_page(path, text.encode(), dry_run=dry_run))


def likelihood_of(found: str | Path | Likelihood) -> Likelihood:
    """A score without a judge, read from its file if need be."""
    return found if isinstance(found, Likelihood) else read_likelihood(found)


def _beside(scores: Sequence[str | Path | Score], names: Sequence[str]) -> dict[str, Likelihood]:
    """The likelihoods in the files beside those of the scores."""
    found = {}
    for each, name in zip(scores, names, strict=True):
        if not isinstance(each, Score):
            path = Path(each)
            own = path.with_name("likelihood.json" if path.stem == "score" else f"{path.stem}.likelihood.json")
            if own.is_file():
                found[name] = read_likelihood(own)
    return found


def _named(each: str | Path | Score) -> tuple[str, Score]:
    """A score under its model's name; without one, under the file's."""
    if isinstance(each, Score):
        if not each.model:
            raise DataError("a score does not say whose answers it is of; give grades or answers that name the model")
        return one_line(each.model), each
    found, path = read_score(each), Path(each)
    return one_line(found.model or (path.parent.name if path.stem == "score" else "") or path.stem), found


def _by_judge(cards: Sequence[Card], found: Sequence[Standing]) -> dict[tuple[str, str], Card]:
    judges = {(one.judge, one.rubric) for one in found}
    kept: dict[tuple[str, str], Card] = {}
    for card in cards:
        key = (card.judge, card.rubric)
        if key not in judges:
            raise DataError(
                f"the card is that of {shown(card.judge)} (rubric {shown(card.rubric or 'unnamed')}), who graded "
                "none of these models; leave it out, or give the card of their judge"
            )
        if key in kept:
            raise DataError(f"there are two cards of {shown(card.judge)} by one rubric; give one")
        kept[key] = card
    return kept


def scores_figure(one: Standing, words: Wording) -> Figure:
    """The scores of a table on one axis."""
    lines = tuple(Line(each.model, "", estimate_of(each.score.overall), "answers") for each in one.places)
    panel = Panel(words("board_score"), words("counts", items=words("n_answers")), "points", points(), lines)
    return Figure(words("board_plot"), words("board_model"), (panel,))


def pairs_figure(one: Standing, words: Wording) -> Figure:
    """The differences of every two models of a table on one axis."""
    found = [difference_estimate(pair.difference, pair.low, pair.high, pair.prompts) for pair in one.pairs]
    lines = tuple(
        Line(f"{_short(pair.first)} − {_short(pair.second)}", "", each, "prompts", is_signed=True)
        for pair, each in zip(one.pairs, found, strict=True)
    )
    scale = points(found, signed=True)
    panel = Panel(words("difference"), words("counts", items=words("n_prompts")), "points", scale, lines)
    return Figure(words("board_pairs"), words("board_pair"), (panel,))


def pair_cells(pair: Pair, words: Wording) -> list[str]:
    """What a table says of two models, by ``PAIR_COLUMNS``."""
    found = difference_estimate(pair.difference, pair.low, pair.high, pair.prompts)
    prompts = words("na") if pair.prompts is None else words.whole(pair.prompts)
    difference = with_interval(found, words, "points", signed=True)
    return [f"{pair.first} − {pair.second}", difference, prompts, words("yes" if pair.is_apart else "no")]


def _short(name: str) -> str:
    """A name whose middle is left out if it is long: what tells two models apart is mostly at an end."""
    return name if len(name) <= _ROOM else f"{name[: _ROOM // 2]}…{name[-(_ROOM // 2) :]}"


def _table(one: Standing, board: Leaderboard) -> dict[str, Any]:
    card = board.cards.get((one.judge, one.rubric))
    models = [
        {
            "model": place.model,
            "rank": [place.best, place.worst],
            "groups": place.groups,
            "score": place.score.overall.score,
            "interval": [place.score.overall.low, place.score.overall.high],
            "raw": place.score.raw.score,
            "answers": place.score.overall.answers,
            "prompts": place.score.overall.prompts,
            "people": place.score.overall.people,
            "digest": place.score.digest,
            "warnings": place.score.warnings,
            "anchors": place.score.anchors and asdict(place.score.anchors),
            "likelihood": _matched(board.likelihoods.get(place.model)),
        }
        for place in one.places
    ]
    kappas = card and {
        where: {"judge": asdict(section.judge.kappa), "people": asdict(section.people.kappa)}
        for where, section in (("answers", card.answers), ("ranked", card.ranked))
        if section is not None
    }
    top = {"method": one.method, "judge": one.judge, "rubric": one.rubric, "languages": one.languages}
    card_data = card and {"kappa": kappas, "biased_by": card.named}
    return rounded(
        {
            **top,
            "test": one.test,
            "common_prompts": one.common,
            "models": models,
            "pairs": pairs_json(one),
            "card": card_data,
        }
    )


def pairs_json(one: Standing) -> list[dict[str, Any]]:
    """Every two models of a table."""
    return [rounded({**asdict(pair), "is_apart": pair.is_apart}) for pair in one.pairs]


def _matched(found: Likelihood | None) -> dict[str, Any] | None:
    task = found.tasks.get("matched") if found else None
    if task is None:
        return None
    figures = {"score": task.scores.get("bytes"), "longer": task.longer, "floor": task.floor}
    return {name: None if each is None else asdict(each) for name, each in figures.items()}


def _joined(parts: Sequence[str]) -> str:
    """Blocks of Markdown with a blank line between them; the items of a list are together."""
    text = ""
    for part in parts:
        together = part.startswith("- ") and text.rsplit("\n", 2)[-2:-1] and text.rsplit("\n", 2)[-2].startswith("- ")
        text += ("" if not text or together else "\n") + part + "\n"
    return text


def _rank(place: Place) -> str:
    """The ranks that the model may have."""
    return str(place.best) if place.best == place.worst else f"{place.best}–{place.worst}"
