"""The report of a score: both languages whole, hostile texts harmless, nobody named, no sideways scroll."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from exports import report_score, validate
from exports.evaluation.grades.files import ModelAnswer
from exports.evaluation.likelihood.likelihood import Likelihood, Preference
from exports.measure.estimates import Estimate
from exports.reporting.score_contents import worst_answers
from exports.reporting.score_report import ScoreReported
from exports.words import LANGUAGES, Language
from tests.browser import check_page_alone
from tests.exports.cases import record
from tests.exports.grades import judged, random_levels, reviewed
from tests.exports.reporting.test_report import HOSTILE, text_of
from workspace.errors import ConfigError, DataError

pytestmark = [pytest.mark.extras, pytest.mark.browser]

LEVELS = random_levels(1, 40)
LOWER = [max(0, level - (place % 3 == 0)) for place, level in enumerate(LEVELS)]
FILE = "score.html"
MODEL = f"uno {HOSTILE}"


def build(path: Path, language: Language = "es") -> ScoreReported:
    """A report with all that it can have, of a judge that is too good to the longer answers."""
    grades = [
        replace(grade, reason=HOSTILE if place == 0 else f"razón {place}")
        for place, grade in enumerate(judged(LOWER, model=MODEL))
    ]
    people = [*reviewed(LEVELS[:30], "doña-secreta"), *reviewed(LOWER[:10], "don-secreto")]
    people[0] = replace(people[0], grade="bad", reason=f"mi razón {HOSTILE}")
    texts = [
        ModelAnswer(grade.id, f"¿Qué es {HOSTILE}?", "es", f"Respuesta {HOSTILE}" + "ñ" * (60 + 7 * place), MODEL)
        for place, grade in enumerate(grades)
    ]
    records = tuple(
        replace(record(place + 1), id=grade.id, prompt=f"P {place}") for place, grade in enumerate(grades)
    )
    preference = Preference({"bytes": Estimate(0.61, 0.5, 0.7, 40, 20)}, Estimate(0.52, 0.4, 0.6, 40, 20))
    return report_score(
        grades,
        path,
        people=people,
        answers=texts,
        records=records,
        card=validate(grades, people=people, answers=texts),
        anchors=[judged([level] * 40) for level in (0, 1, 2)],
        other=judged(LEVELS, model="dos"),
        other_people=reviewed(LEVELS[:20]),
        likelihood=Likelihood("m", {"matched": preference}),
        language=language,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_and_opens_offline(language: Language, tmp_path: Path) -> None:
    path = tmp_path / FILE
    done = build(path, language)
    page = path.read_text(encoding="utf-8")
    text = text_of(page)
    for word in (
        ("dos", "mi razón", "razón 3", "PPI++", "0,", "Respuesta") if language == "es" else ("Cohen", "61.0%")
    ):
        assert word in text
    assert "secret" not in page
    tree = html.fromstring(page)
    shown = [article.get("aria-label") for article in tree.iter("article")]
    assert len(shown) == done.worst == 10
    assert shown[0] == "p-0"
    ids = [node.get("id") for node in tree.iter("section") if node.get("id")]
    assert ids == ["scores", "compared", "anchors", "likelihood", "judge_card", "worst", "method"]
    assert [link.get("href") for link in tree.findall(".//nav//a")] == [f"#{name}" for name in ids]
    check_page_alone(path)


def test_the_judge_alone_is_said_to_be_an_opinion(tmp_path: Path) -> None:
    done = report_score(judged(LEVELS), tmp_path / FILE, language="en", worst=2)
    text = text_of((tmp_path / FILE).read_text(encoding="utf-8"))
    assert (done.score.method, done.worst, done.other, done.compared) == ("raw", 2, None, None)
    assert "By the judge’s opinion: The answers are" in text or "By the judge’s opinion: It cannot be said" in text
    assert "Nobody gave a card of this judge" in text
    assert "The answers were not given, so their texts are not here." in text


def test_of_nothing_nothing_is_said(tmp_path: Path) -> None:
    report_score(judged([None, None]), tmp_path / FILE, other=judged([1], model="b"), language="en")
    text = text_of((tmp_path / FILE).read_text(encoding="utf-8"))
    assert "n/a: no answer has a grade" in text
    assert "With so little evidence nothing can be said." in text
    assert "No answer has a grade below good." in text
    assert text.count("What the difference to b is cannot be said: no prompt was graded for both.") == 2
    assert "so the difference is the judge’s opinion." in text


def test_the_worst_come_first_and_people_count_before_the_judge() -> None:
    """People call p-2 bad, whatever the judge says; nobody can judge p-4, and p-3 is good by people."""
    judge = judged([0, 1, 2, 0, None], model="m")
    people = [replace(grade, id=name) for grade, name in zip(reviewed([0, 2]), ("p-2", "p-3"), strict=True)]
    found = worst_answers(judge, people)
    assert [(one.id, one.points) for one in found] == [("p-2", 0), ("p-0", 0), ("p-1", 50)]
    assert [[given.grade for given in one.people] for one in found] == [["bad"], [], []]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="worst is -1"):
        report_score(judged(LEVELS), tmp_path / FILE, worst=-1)
    with pytest.raises(ConfigError, match="needs the judge's grades of that model too"):
        report_score(judged(LEVELS), tmp_path / FILE, other_people=reviewed(LEVELS))
    card = validate(judged(LEVELS, judge="k"), people=reviewed(LEVELS))
    with pytest.raises(DataError, match="the card is that of k"):
        report_score(judged(LEVELS), tmp_path / FILE, card=card)
    assert not (tmp_path / FILE).exists()
    assert report_score(judged(LEVELS), tmp_path / FILE, dry_run=True).changed
    assert not (tmp_path / FILE).exists()
