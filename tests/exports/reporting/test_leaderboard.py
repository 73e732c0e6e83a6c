"""The leaderboard: Markdown and page, both languages, hostile names harmless, no sideways scroll."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html
from markdown import markdown

from exports import Leaderboard, Score, leaderboard, score, validate
from exports.evaluation.grades.files import ModelAnswer
from exports.evaluation.likelihood.likelihood import Likelihood, Preference
from exports.measure.estimates import Estimate
from exports.words import LANGUAGES
from tests.browser import check_page_alone
from tests.exports.grades import judged, random_levels, reviewed
from tests.exports.reporting.test_report import HOSTILE, text_of
from workspace.errors import ConfigError, DataError

pytestmark = [pytest.mark.extras, pytest.mark.browser]

LEVELS = random_levels(1, 60)
NAME = f"{HOSTILE} | [x](javascript:alert(1)) `y` \n# z {'w' * 90}"


def scored(name: str, shift: int, people: int = 40, count: int = 60, **changes: str) -> Score:
    """Grades of which every fourth is ``shift`` lower."""
    levels = [max(0, level - shift * (place % 4 == 0)) for place, level in enumerate(LEVELS[:count])]
    given = reviewed(levels[:people]) if people else None
    return score(judged(levels, model=name, **changes), people=given)


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    """Three models in one table, one of them hostile and one with few prompts; one that nobody validated."""
    card = validate(judged(LEVELS), people=reviewed(LEVELS[:20]))
    scores = [scored("eco", 0), scored(NAME, 2), scored("few", 1, people=4, count=6), scored("raw", 0, people=0)]
    preference = Preference({"bytes": Estimate(0.61, 0.5, 0.7, 40, 20)}, Estimate(0.52, 0.4, 0.6, 40, 20))
    return leaderboard(scores, cards=[card], likelihoods={"eco": Likelihood("m", {"matched": preference})})


def test_the_markdown_names_ranks_intervals_and_doubts(board: Leaderboard) -> None:
    text = board.to_markdown("en")
    page = html.fromstring(markdown(text, extensions=["tables"]))
    assert [h.text for h in page.iter("h2")] == [
        "PPI++: judge j, rubric n/a, Spanish",
        "Raw, unvalidated: judge j, rubric n/a, Spanish",
    ]
    rows = [[cell.text_content() for cell in row.iter("td")] for row in page.iter("tr")][1:4]
    names = [row[0] for row in rows]
    assert sorted(names) == sorted(["eco", "few", " ".join(NAME.split())])
    found = {row[0]: row[1:] for row in rows}
    assert found["few"][0] == "1–3"
    assert re.fullmatch(r"\d+\.\d \[\d+\.\d, \d+\.\d\]", found["eco"][2])
    assert not set(found["eco"][1]) & set(found[" ".join(NAME.split())][1])
    assert [tag for tag in page.iter("script", "img", "a", "h1", "svg") if tag.tag != "h1"] == []
    assert "few: people graded answers to 4 prompts only" in page.text_content()
    assert "people by a kappa of 1.00 [" in text
    assert "6 prompts are common to all" in text
    assert "There is nothing to compare this model with." in text
    assert "| raw | n/a | n/a |" in text
    assert found["eco"][-1] == "61.0% [50.0, 70.0]; longer wins 52.0%"


def test_every_two_models_have_a_difference_with_its_interval_and_prompts(board: Leaderboard) -> None:
    text = board.to_markdown("en")
    assert "| Models | Difference | Prompts of both | Can be told apart |" in text
    row = re.compile(r"\| .+ − .+ \| [+−]?\d+\.\d \[[+−]?\d+\.\d, [+−]?\d+\.\d\] \| (\d+) \| (yes|no) \|")
    found = [match.groups() for line in text.splitlines() if (match := row.fullmatch(line))]
    assert sorted(found) == [("6", "no"), ("6", "no"), ("60", "yes")]
    pairs = board.to_json()["tables"][0]["pairs"]
    assert [pair["is_apart"] for pair in pairs] == [not pair["low"] <= 0 <= pair["high"] for pair in pairs]


def test_floor_and_ceiling_are_beside_the_score_of_who_has_them() -> None:
    anchors = [judged([level] * 60) for level in (0, 1, 2)]
    one = score(judged(LEVELS, model="a"), anchors=anchors)
    text = leaderboard([one, scored("b", 1, people=0)]).to_markdown("en")
    assert "| Between floor (0) and ceiling (100), by the judge alone |" in text
    cell = next(line for line in text.splitlines() if line.startswith("| a |")).split(" | ")[-1]
    assert re.fullmatch(r"\d+\.\d \[.*\]; floor 0\.0 \[.*\]; middle 50\.0 \[.*\]; ceiling 100\.0 \[.*\] \|", cell)
    assert next(line for line in text.splitlines() if line.startswith("| b |")).endswith("| – |")
    assert leaderboard([one]).to_json()["tables"][0]["models"][0]["anchors"]["floor"]["score"] == 0


def test_what_is_doubtful_of_all_models_is_said_once_and_biases_are_named() -> None:
    texts = [ModelAnswer(f"p-{n}", f"P {n}", "es", "x" * 2 ** (6 + n % 5), "m") for n in range(60)]
    grown = [min(2, max(0, level + (n % 5 > 3) - (n % 5 < 1))) for n, level in enumerate(LEVELS)]
    card = validate(judged(grown), people=reviewed(LEVELS), answers=texts)
    scores = [scored(name, shift, people=4) for name, shift in (("a", 0), ("b", 2))]
    text = leaderboard(scores, cards=[card]).to_markdown("en")
    assert "\n- All models: people graded answers to 4 prompts only" in text
    assert "the judge is biased by length (+" in text
    assert "points; no two people graded the same answers" in text
    assert "people with each other by n/a (no answer was graded by two people)" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_offline_and_fits(language: str, board: Leaderboard, tmp_path: Path) -> None:
    page = board.to_html(language)  # type: ignore[arg-type]
    assert page == board.to_html(language)  # type: ignore[arg-type]
    for word in ("few", "PPI++", " ".join(NAME.split())):
        assert word in text_of(page)
    path = tmp_path / "board.html"
    path.write_text(page, encoding="utf-8")
    check_page_alone(path)


def test_the_json_and_the_frame_have_every_model(board: Leaderboard) -> None:
    data = board.to_json()
    assert [len(table["models"]) for table in data["tables"]] == [3, 1]
    assert data["tables"][0]["card"]["kappa"]["answers"]["judge"]["value"] == 1
    assert len(data["tables"][0]["pairs"]) == 3
    frame = board.to_pandas()
    assert set(frame["model"]) == {"eco", "few", "raw", " ".join(NAME.split())}


def test_files_are_named_by_their_folder_where_the_model_is_not_known(tmp_path: Path) -> None:
    paths = [tmp_path / "one" / "score.json", tmp_path / "two.json"]
    for path, shift in zip(paths, (0, 1), strict=True):
        levels = [max(0, level - shift) for level in LEVELS]
        score(judged(levels), output=path)
    likelihood = Likelihood("m", {})
    for name in ("one/likelihood.json", "two.likelihood.json"):
        (tmp_path / name).write_text(json.dumps(likelihood.to_json()))
    assert leaderboard(paths).likelihoods == {"one": likelihood, "two": likelihood}
    assert [each.model for each in leaderboard(paths).standings[0].places] == ["one", "two"]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    one = scored("a", 0)
    with pytest.raises(ConfigError, match=r"board\.txt: a leaderboard is written as Markdown or as a page"):
        leaderboard([one], output="board.txt")
    with pytest.raises(ConfigError, match="needs the score of one model or more"):
        leaderboard([])
    with pytest.raises(DataError, match="does not say whose answers"):
        leaderboard([replace(one, model="")])
    card = validate(judged(LEVELS, judge="k"), people=reviewed(LEVELS[:20]))
    with pytest.raises(DataError, match="the card is that of 'k'"):
        leaderboard([one], cards=[card])
    right = validate(judged(LEVELS), people=reviewed(LEVELS[:20]))
    with pytest.raises(DataError, match="there are two cards of 'j'"):
        leaderboard([one], cards=[right, right])
