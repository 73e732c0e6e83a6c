"""The report of a score: both languages whole, hostile texts harmless, nobody named, no sideways scroll."""

from __future__ import annotations

import re
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
        others=[judged(LEVELS, model="dos")],
        other_people=[reviewed(LEVELS[:20])],
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


def build_many(path: Path, language: Language = "es", **given: object) -> ScoreReported:
    """Four models on prompts of five issues; one is much worse than the others, one answered half of them."""
    issues = ("PWM", "NRMB", "SC", "WA", "CCEU")
    records = tuple(
        replace(record(place + 1), id=f"p-{place}", metadata={"issues": [issues[place % 5]]}) for place in range(40)
    )
    names = ("muy parecido al segundo, y con un nombre largo", "malo", "medio")
    near = [2 - LEVELS[0], *LEVELS[1:]]
    grades = (judged(near, model=names[0]), judged([0] * 40, model=names[1]), judged(LEVELS[:20], model=names[2]))
    return report_score(
        judged(LEVELS, model=MODEL), path, others=grades, records=records, language=language,
        **given,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_number_of_models_stand_beside_each_other(language: Language, tmp_path: Path) -> None:
    path = tmp_path / FILE
    done = build_many(path, language)
    assert done.compared is None
    assert done.standing is not None
    assert (len(done.others), len(done.standing.pairs), done.standing.method) == (3, 6, "raw")
    tree = html.fromstring(path.read_text(encoding="utf-8"))
    [section] = tree.xpath("//section[@id='compared']")
    assert len(section.xpath(".//img")) == 2 + 5  # scores, pairs, and one of each issue
    table = section.xpath(".//table[@class='counts board']/tbody/tr")
    rows = [[cell.text_content() for cell in row] for row in table]
    assert len(rows) == 6
    assert all(re.fullmatch(r"[+−]?\d+[.,]\d \[.+[,;] .+\]", row[1]) and row[2] in ("20", "40") for row in rows)
    known = " ".join(section.text_content().split())
    similar = "muy parecido al segundo, y con un nombre largo"
    apart = {
        "es": ("se puede distinguir de malo.", f"no se puede distinguir de {similar} y medio."),
        "en": ("can be told apart from malo.", f"cannot be told apart from {similar} and medio."),
    }
    assert all(words in known for words in apart[language])
    check_page_alone(path)


def test_several_models_are_compared_by_one_method_and_files_find_their_model(tmp_path: Path) -> None:
    names = ("muy parecido al segundo, y con un nombre largo", "malo", "medio")
    graded = [reviewed(LEVELS[:20], model=name) for name in reversed(names)]
    mine = reviewed(LEVELS[:20], model=MODEL)
    all_graded = build_many(tmp_path / FILE, people=mine, other_people=graded)
    assert all_graded.standing is not None
    assert all_graded.standing.method == "ppi"
    assert [one.overall.people for one in all_graded.others] == [20, 20, 20]
    some = build_many(tmp_path / FILE, people=mine, other_people=graded[:1])
    assert some.standing is not None
    assert (some.standing.method, some.score.method, [one.method for one in some.others]) == (
        "raw", "ppi", ["raw", "raw", "ppi"],
    )  # fmt: skip
    for given, message in (
        ([reviewed(LEVELS[:20])], "there are people's grades that name no model, and the other models are: muy"),
        ([reviewed(LEVELS[:20], model="x")], "there are people's grades of x, and the other models are: muy"),
        ([graded[0], graded[0]], "there are people's grades of medio twice"),
    ):
        with pytest.raises(ConfigError, match=message):
            build_many(tmp_path / FILE, other_people=given)
    with pytest.raises(DataError, match=r"graded in different languages \(.*: es; .*: en;"):
        english = judged(LEVELS, model="b", language="en")
        report_score(judged(LEVELS, model="a"), tmp_path / FILE, others=[english, judged(LOWER, model="c")])
    with pytest.raises(DataError, match="no answer of b has a grade; leave out who cannot be compared"):
        nothing = judged([None] * 3, model="b")
        report_score(judged(LEVELS, model="a"), tmp_path / FILE, others=[nothing, judged(LOWER, model="c")])
    with pytest.raises(DataError, match="'a' is there twice"):
        report_score(judged(LEVELS, model="a"), tmp_path / FILE, others=[judged(LOWER, model=name) for name in "ab"])


def test_the_judge_alone_is_said_to_be_an_opinion(tmp_path: Path) -> None:
    done = report_score(judged(LEVELS), tmp_path / FILE, language="en", worst=2)
    text = text_of((tmp_path / FILE).read_text(encoding="utf-8"))
    assert (done.score.method, done.worst, done.others, done.compared) == ("raw", 2, (), None)
    assert "By the judge’s opinion: The answers are" in text or "By the judge’s opinion: It cannot be said" in text
    assert "Nobody gave a card of this judge" in text
    assert "The answers were not given, so their texts are not here." in text


def test_people_s_grades_of_one_model_alone_are_said_to_be_left_out_of_the_difference(tmp_path: Path) -> None:
    others = [judged(LOWER, model="b")]
    done = report_score(
        judged(LEVELS, model="a"), tmp_path / FILE, people=reviewed(LEVELS[:20]), others=others, language="en"
    )
    assert done.compared is not None
    assert (done.score.method, done.compared.method) == ("ppi", "raw")
    said = (
        "People graded answers by a only. A difference needs people’s grades of both models, so these are not used."
    )
    assert said in text_of((tmp_path / FILE).read_text(encoding="utf-8"))


def test_of_nothing_nothing_is_said(tmp_path: Path) -> None:
    report_score(judged([None, None]), tmp_path / FILE, others=[judged([1], model="b")], language="en")
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
        report_score(judged(LEVELS), tmp_path / FILE, other_people=[reviewed(LEVELS)])
    card = validate(judged(LEVELS, judge="k"), people=reviewed(LEVELS))
    with pytest.raises(DataError, match="the card is that of k"):
        report_score(judged(LEVELS), tmp_path / FILE, card=card)
    assert not (tmp_path / FILE).exists()
    assert report_score(judged(LEVELS), tmp_path / FILE, dry_run=True).changed
    assert not (tmp_path / FILE).exists()
