"""The report's page: both languages whole, nothing from outside, hostile texts harmless, the same bytes again."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from lxml import html

from exports import merge, pairs
from exports.measure.estimates import Estimate
from exports.reporting.contents import RecordGroup, by_letter, contents
from exports.reporting.links import Place, search_words
from exports.reporting.page import render
from exports.review.files import Review
from exports.words import LANGUAGES, Language, Wording, catalogue
from tests.browser import browser_page
from tests.exports.cases import TRANSLATED, record, vote
from tests.exports.twins import twins_review
from workspace.model.ballots import Ballot
from workspace.model.records import Answer, Record, Translation

pytestmark = [pytest.mark.extras, pytest.mark.browser]

ROOT = Path(__file__).parents[3]
HOSTILE = (
    '<script>window.PWNED=1</script><img src=x onerror=\'window.PWNED=2\'>" onmouseover="window.PWNED=3" x="'
    "</style></title></textarea><svg onload=window.PWNED=4> {{ 7*7 }} {% raw %} javascript:alert(1) &lt;b&gt; </html>"
)
PLACE = Place("http://127.0.0.1:6900", {3: "0a1b2c3d"}, 2)


TEXT_SIZES = """texts => texts.map(text =>
  parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""
CUT_OFF = """texts => texts.filter(text => {
  const box = text.getBoundingClientRect(), plot = text.ownerSVGElement.getBoundingClientRect();
  return box.left < plot.left - 1 || box.right > plot.right + 1 || box.bottom > plot.bottom + 2;
}).map(text => text.textContent)"""


def ballot(number: int, name: str, ranks: Sequence[int], **changes: object) -> Ballot:
    texts = {"prompt": f"¿Qué es el compost {number}?", "answers": TRANSLATED}
    return vote(*ranks, reviewer=name, record_id=f"h4rmony-{number}", **{**texts, **changes})


@pytest.fixture
def review() -> Review:
    return Review(
        tuple(record(number) for number in range(1, 6)),
        (
            ballot(1, "ana", (1, 2, 3)),
            ballot(1, "beatriz", (1, 2, 3), answers=("Es bueno para la tierra.", *TRANSLATED[1:])),
            ballot(2, "ana", (1, 2, 3)),
            ballot(2, "beatriz", (3, 2, 1)),
            ballot(3, "ana", (1, 2, 3), mode="blind"),
            ballot(3, "beatriz", (1, 1, 2), mode="blind"),
            ballot(4, "ana", (1, 2, 3), status="draft"),
            ballot(4, "beatriz", (1, 2, 3), problems=("not_rankable",)),
        ),
    )


PAGES: dict[str, str] = {}


def page(review: Review, language: Language = "es", place: Place | None = None) -> str:
    """The page of a review; that of an equal one is kept, because drawing its plots takes long."""
    key = repr((review, language, place))
    if key not in PAGES:
        PAGES[key] = render(contents(review, 2, place), Wording(language))
    return PAGES[key]


def inlined(html: str) -> str:
    """The page with each light plot as an element of it, so that the browser tells where its texts are."""

    def svg(image: re.Match[str]) -> str:
        return b64decode(image[1]).decode().replace("<svg ", '<svg class="plot" ')

    return re.sub(r'<picture>.*?<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"></picture>', svg, html)


def text_of(html: str) -> str:
    """What a reader sees, in one line."""
    seen: list[str] = []

    class Reader(HTMLParser):
        hidden = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden = tag in ("style", "script")

        def handle_endtag(self, tag: str) -> None:
            self.hidden = False

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                seen.append(data)

    Reader().feed(html)
    return " ".join(" ".join(seen).split())


def test_both_catalogues_have_the_same_keys_and_the_same_values_to_fill_in() -> None:
    spanish, english = catalogue("es"), catalogue("en")
    assert list(spanish) == list(english)
    for key in spanish:
        names = [{name for _, name, _, _ in Formatter().parse(one[key]) if name} for one in (spanish, english)]
        assert names[0] == names[1], key
        assert spanish[key].strip()
        assert english[key].strip()
    assert LANGUAGES == ("es", "en")


def test_the_agreement_on_the_issues_is_there_where_ballots_name_some(review: Review) -> None:
    assert "Acuerdo sobre los temas" not in page(review)
    asked = Review(review.records, tuple(replace(ballot, issues=("WA",)) for ballot in review.ballots))
    seen = text_of(page(asked))
    assert "7 papeletas nombran los temas de un registro; 4 registros tienen los que nombra más de la mitad" in seen
    assert "Alfa de los temas" in seen
    assert {group.name for group in contents(asked, 2).issues} == {"WA", "PWM", "SC"}


def test_every_string_is_used() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "exports").rglob("*")
        if path.suffix in (".py", ".j2")
        and ({"reporting", "card", "words", "evaluation"} & set(path.parts) or path.stem == "report")
    )
    made = (
        "reason_",
        "issue_",
        "link_",
        "anchoring_",
        "position_",
        "n_",
        "items_",
        "type_",
        "table_",
        "column_",
        "datatype_",
    )
    made += ("dropped_", "status_", "choice_", "left_out_", "problem_", "figure_", "config_", "setting_", "merge_")
    made += ("language_", "check_", "advice_", "trend_", "giveaways_", "feature_", "story_", "made_")
    made += ("doubt_", "bias_", "score_", "card_", "board_", "compared_", "likelihood_")
    made += ("method_assumption_", "grade_", "binds_", "varieties_of_", "cost_")
    unused = [key for key in catalogue("es") if f"'{key}'" not in sources and f'"{key}"' not in sources]
    assert [key for key in unused if not key.startswith(made) and not key.endswith("_sub")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything(review: Review, language: Language) -> None:
    words = Wording(language)
    seen = text_of(page(review, language))
    for key in (
        "title",
        "progress",
        "reviewers",
        "agreement",
        "anchoring",
        "position",
        "edits",
        "disputes",
        "method",
    ):
        assert words(key) in seen
    for shown in (
        "ana",
        "beatriz",
        "h4rmony-2",
        "h4rmony-3",
        "¿Qué es el compost 2?",
        "apertium 3.8",
        words("type_Question"),
    ):
        assert shown in seen
    assert "h4rmony-1 " not in seen, "the votes on it are equal"
    assert words("not_rankable_note", ballots=1, records=1) in seen
    assert words.issue("PWM") in seen
    assert words("items_vote_pairs", items=3, records=3) in seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_sources_have_a_table_and_one_has_none(review: Review, language: Language) -> None:
    words = Wording(language)
    assert words("sources") not in [each.text for each in html.fromstring(page(review, language)).iter("caption")]
    own = [
        replace(record(n), id=f"{'n' * 80}-{n}", metadata={"language": "es", "origins": [{"by": by}] * 4})
        for n, by in ((1, "human"), (2, "model"))
    ]
    votes = [
        replace(ballot(1, "ana", (1, 2, 3)), record_id=own[0].id, prompt="¿Y qué?", answers=TRANSLATED),
    ]
    both = Review((*review.records, *own), (*review.ballots, *votes))
    (table,) = [
        each for each in html.fromstring(page(both, language)).iter("table")
        if each.findtext("caption") == words("sources")
    ]  # fmt: skip
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in table.iter("tr")][1:]
    people, model = words("made_by_people"), words("made_by_model")
    assert [row[0] for row in rows] == ["h4rmony", "n" * 80]
    assert rows[0][1:] == [words("made_translated"), *map(str, (len(review.records), *ours(review)))]
    assert rows[1][1:] == [f"{model} (1); {people} (1)", "2", "1", "3"]


def ours(review: Review) -> tuple[int, int]:
    """The records with a submitted ballot, and the pairs."""
    return len({each.record_id for each in review.ballots if each.is_vote}), len(pairs(merge(review)))


def test_figures_are_written_as_the_language_does(review: Review) -> None:
    found = contents(review, 2)
    assert found.agreement.overall.tau_reviewers.value == pytest.approx((1 - 1 + 2 / 6**0.5) / 3)
    assert "0,27" in text_of(page(review))
    assert "0.27" in text_of(page(review, "en"))
    assert "−1,00" in text_of(page(review)), "the tau of record 2"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_story_that_is_preferred_is_shown_where_there_are_twins(review: Review, language: Language) -> None:
    words = Wording(language)
    seen = text_of(page(twins_review(), language))
    for shown in (words("stories"), words("stories_interval"), words("story_erasure"), words("all_features")):
        assert shown in seen
        assert shown not in text_of(page(review, language))
    assert " ".join(words.percent(0.7).split()) + " [" in seen, (
        "three and a half of five votes are for the bases of erasure"
    )
    assert words("group_twins", pairs=3) in seen and words("items_twin_votes", items=5, records=3) in seen
    assert f'href="#stories">{words("stories")}' in page(twins_review(), language)
    assert "#stories" not in page(review, language)


def test_numbers_and_reasons() -> None:
    es, en = Wording("es"), Wording("en")
    assert [es.decimal(-0.5), es.decimal(-0.001), es.decimal(0.5, signed=True)] == ["−0,50", "0,00", "+0,50"]
    assert [es.percent(0.1234), en.percent(0.1234)] == ["12,3\u00a0%", "12.3%"]
    assert [es.percent(0.1, signed=True), en.percent(-0.1, signed=True)] == ["+10,0\u00a0p.\u00a0p.", "−10.0\u00a0pp"]
    assert [es.whole(1234), es.whole(12345), en.whole(1234)] == ["1234", "12.345", "1,234"]
    assert es.interval(Estimate(0.5, 0.25, 0.75), "coefficient") == "[0,25; 0,75]"
    assert en.interval(Estimate(0.5, 0.25, 0.75), "share") == "[25.0, 75.0]"
    assert es.interval(Estimate(0.5), "share") == ""
    assert [es.p_value(0.0001), en.p_value(0.25)] == ["p\u00a0<\u00a00,001", "p\u00a0=\u00a00.250"]
    assert [es.issue("SC"), es.issue("XYZ"), es.issue("column"), es.issue("")] == [
        "Retos sociales",
        "XYZ",
        "column",
        "Sin tema",
    ]
    assert [es("group_votes", votes=1), es("group_votes", votes=12345)] == ["1 voto", "12.345 votos"]
    assert en("not_rankable_note", ballots=1, records=0).startswith("1 submitted ballot says “not rankable” and does")
    with pytest.raises(ValueError, match="language must be one of es, en"):
        Wording("fr")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_empty_review_has_a_page_too(language: Language, count: int) -> None:
    records = (record(1), record(2, translation=None, metadata={}))[:count]
    seen = text_of(page(Review(records, ()), language))
    assert Wording(language)("reason_no_votes") in seen
    assert Wording(language)("disputes_none") in seen
    assert not re.search(r"\b(nan|None)\b", seen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_comes_first_and_says_what_is_missing(review: Review, language: Language) -> None:
    words = Wording(language)
    found = contents(review, 2)
    assert {check.name: check.found for check in found.checks} == {
        "pairs": 6, "reviewers": 2, "overlap": 3,
        "agreement": found.agreement.overall.alpha_ranks.value, "edits": 1 / 16,
    }  # fmt: skip
    assert [check.name for check in found.checks if check.holds] == ["pairs"]
    seen = text_of(page(review, language))
    for check in found.checks:
        assert (words(f"advice_{check.name}") in seen) == (check.name != "pairs")
    assert seen.index(words("verdict_no", missing=4)) < seen.index(words("tile_completed"))
    assert words("made", date="2024-05-01", version=found.made.label) in seen
    assert words("pairs_intro", train=found.pairs.pairs["train"], test=found.pairs.pairs["test"]) in seen


def test_a_review_that_meets_every_condition_may_be_published() -> None:
    given = [ballot(n, name, ((1, 2, 3), (3, 2, 1))[n % 2], prompt=f"¿Qué es, {n}?")
             for n in range(1, 21) for name in ("ana", "eva", "leo")]  # fmt: skip
    good = Review(tuple(record(n) for n in range(1, 21)), tuple(given))
    assert Wording("es")("verdict_yes") in text_of(page(good))
    less = contents(
        Review(good.records[:19], tuple(b for b in good.ballots if b.record_id != good.records[19].id)), 2
    )
    assert [check.name for check in less.checks if not check.holds] == ["overlap"]
    untouched = contents(
        Review(good.records, tuple(ballot(int(b.record_id[8:]), b.reviewer, b.ranks) for b in given)), 2
    )
    assert [check.name for check in untouched.checks if not check.holds] == ["edits"]


def test_the_trend_is_by_day_then_by_week() -> None:
    def of(*days: str) -> tuple[str, tuple[tuple[str, int], ...]]:
        given = [ballot(n, "ana", (1, 2, 3), updated_at=f"{day}T23:59:59Z") for n, day in enumerate(days, 1)]
        given.append(ballot(1, "eva", (1, 2, 3), status="draft", updated_at="2020-01-01T00:00:00Z"))
        trend = contents(Review(tuple(record(n) for n in range(1, 5)), tuple(given)), 2).trend
        return trend.unit, trend.counts

    assert of("2024-02-28", "2024-03-01", "2024-03-01") == (
        "day", (("2024-02-28", 1), ("2024-02-29", 0), ("2024-03-01", 2)),
    )  # fmt: skip
    unit, weeks = of("2024-01-03", "2024-01-07", "2024-01-08", "2024-02-05")
    assert (unit, weeks[:2], weeks[-1], len(weeks)) == (
        "week", (("2024-01-01", 2), ("2024-01-08", 1)), ("2024-02-05", 1), 6,
    )  # fmt: skip
    assert of() == ("day", ())


def test_the_same_review_gives_the_same_bytes(review: Review) -> None:
    turned = Review(tuple(reversed(review.records)), tuple(reversed(review.ballots)))
    assert page(review) == page(turned)
    assert page(review, place=PLACE) == page(turned, place=PLACE)


def test_nothing_is_fetched_from_anywhere(review: Review) -> None:
    html, plots = re.subn(r'(src|srcset)="data:image/svg\+xml;base64,[\w+/=]+"', "", page(review))
    assert plots > 20
    assert "http" not in html.replace('http-equiv="Content-Security-Policy"', "")
    assert not re.search(r"<(script|link|iframe|object|base|form)\b|url\(|@import|src(set)?=", html)
    assert "default-src 'none'" in html


def test_only_the_most_frequent_issues_types_and_sources_have_a_line(review: Review) -> None:
    many = tuple(
        record(number, id=f"s{number:02}-1", metadata={"type": f"tipo {number:02}", "issues": ["x", f"i{number:02}"]})
        for number in range(10, 40)
    )
    found = contents(Review((*review.records, *many), review.ballots), 2)
    assert len(found.types) == 21 and found.types[0] == RecordGroup("Question", 5, 3, 2)
    assert found.types[-1] == RecordGroup("", 11, 0, 0, others=11)
    assert found.issues[-1] == RecordGroup("", 13, 0, 0, others=13)
    shown = text_of(page(Review((*review.records, *many), review.ballots)))
    assert "11 valores más" in shown and "13 valores más" in shown
    assert "hay 11 más que no figuran aquí" in shown  # sources: 31
    assert "hay 13 más que no figuran aquí" in shown  # agreement by issue: 33


@pytest.mark.parametrize("language", LANGUAGES)
def test_varieties_have_a_table_where_anything_states_one(review: Review, language: Language) -> None:
    wording = Wording(language)
    assert wording("varieties") not in text_of(page(review, language))
    places = ({"pais": "México"}, {"pais": "Narnia"}, {}, {}, {})
    records = tuple(replace(one, metadata=place) for one, place in zip(review.records, places, strict=True))
    told = contents(Review(records, review.ballots), 2, reviewers={"ana": "es-AR"})
    assert [(one.code, one.prompts, one.reviewers) for one in told.varieties] == [
        ("es-AR", 0, 1), ("es-MX", 1, 0), ("", 4, 1),
    ]  # fmt: skip
    shown = text_of(render(told, wording))
    for said in (wording("varieties"), wording.variety("es-MX"), wording("not_stated")):
        assert said in shown
    assert wording("varieties_unread", listed="Narnia") in shown


def test_links_only_where_the_dataset_is_known(review: Review) -> None:
    links = re.findall(r'href="(http[^"]+)"', page(review, place=PLACE))
    assert len(links) == 1 + 2
    assert links[0] == "http://127.0.0.1:6900/dataset/0a1b2c3d/annotation-mode"
    query = r"\?page=1&amp;status=submitted&amp;search=([a-z0-9_]+)~all"
    found = [re.fullmatch(re.escape(links[0]) + query, link) for link in links[1:]]
    assert sorted(match[1] for match in found if match) == ["2", "3"]


def test_a_record_that_is_not_complete_is_linked_among_the_pending_too(review: Review) -> None:
    found = contents(review, 3, Place("http://x", {3: "d"}, 3)).disputes
    assert [[status for status, _ in one.links] for one in found] == [["submitted", "pending"]] * 2


def test_the_least_agreement_comes_first(review: Review) -> None:
    changed = [ballot(1, "ana", (1, 1, 1)), ballot(5, "ana", (1, 2, 3)), ballot(5, "beatriz", (1, 3, 2))]
    kept = [b for b in review.ballots if (b.record_id, b.reviewer) != ("h4rmony-1", "ana")]
    found = contents(Review(review.records, (*kept, *changed)), 2).disputes
    assert [one.record_id for one in found] == ["h4rmony-2", "h4rmony-5", "h4rmony-3", "h4rmony-1"]
    assert found[-1].tau is None, "undefined: a tie of all answers"


def test_words_of_a_link_are_joined_as_the_ui_reads_them() -> None:
    assert Place("http://x", {2: "d", 3: "a/b"}, 2).link(("rivers", "need"), "pending", 3) == (
        "http://x/dataset/a%2Fb/annotation-mode?page=1&status=pending&search=rivers_need~all"
    )


def test_search_words_find_one_record() -> None:
    first = record(1, prompt="What do rivers need?", translation=None)
    second = record(2, prompt="What do rivers want?", translation=None)
    third = record(
        3, prompt="What do seas want?", translation=Translation("es", "m", "¿Qué NEED los mares?", TRANSLATED)
    )
    words = search_words([first, second, third])
    assert words["h4rmony-3"] == ("seas",)
    assert set(words["h4rmony-1"]) == {"rivers", "need"}
    assert set(words["h4rmony-2"]) == {"rivers", "want"}
    twins = [record(1, prompt="Equal words"), record(2, prompt="Equal words!")]
    assert search_words(twins) == {}
    odd = Record("x", "<b>tag</b> it's\nline example.com (paren) fine", (Answer("¿?", 1), Answer("¡sí!", 2)))
    assert search_words([odd]) == {"x": ("fine",)}


def test_rankings_by_letter() -> None:
    assert by_letter((2, 1, 2), (2, 0, 1)) == (("C",), ("A", "B"))


def hostile_review() -> Review:
    bad = Record(
        "h4rmony-1",
        HOSTILE,
        (Answer(HOSTILE + "1", 1), Answer(HOSTILE + "2", 2)),
        (),
        {"issues": [HOSTILE], "type": HOSTILE},
        Translation("es", HOSTILE, HOSTILE, (HOSTILE, HOSTILE)),
    )
    texts = {"prompt": HOSTILE, "answers": (HOSTILE, "otra " + HOSTILE), "comment": HOSTILE, "updated_at": HOSTILE}
    return Review(
        (bad,),
        (
            vote(1, 2, reviewer=HOSTILE, problems=(HOSTILE,), **texts),
            vote(2, 1, reviewer="b", **{**texts, "prompt": "¿?"}),
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_texts_run_nothing_in_a_real_browser(tmp_path: Path, language: Language) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(hostile_review(), language), encoding="utf-8")
    errors: list[str] = []
    with browser_page() as tab:
        requests: list[str] = []
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda message: errors.append(message.text))
        tab.goto(file.as_uri())
        for summary in tab.locator("summary").all():
            summary.click()
        tab.mouse.move(200, 300)
        assert tab.evaluate("window.PWNED") is None
        assert tab.title() == f"{Wording(language)('title')} · H4rmony"
        assert tab.locator("script, img:not(.plot), iframe, b b, textarea").count() == 0
        shown = tab.locator(".answers dd p[lang=es]").all_text_contents()
        assert [url for url in requests if not url.startswith("data:image/svg")] == [file.as_uri()]
    assert errors == []
    assert sorted(shown) == sorted([HOSTILE, f"otra {HOSTILE}"])


SHOWN = """(plots, scheme) => plots.map(plot => plot.currentSrc ===
  (scheme === 'dark' ? plot.previousElementSibling.srcset : plot.getAttribute('src')))"""
PARTS = """bar => [...bar.children].map(part => [part.className, Math.round(
  100 * part.getBoundingClientRect().width / bar.getBoundingClientRect().width) / 100, part.textContent])"""
OVERLAPS = """plots => plots.flatMap(plot => {
  const texts = [...plot.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right - .5 && b.left < a.right - .5 && a.top + 3 < b.bottom - 3
    && b.top + 3 < a.bottom - 3;
  return texts.flatMap(([one, a], at) => texts.slice(at + 1).filter(([_, b]) => over(a, b)).map(([other]) =>
    one + ' | ' + other));
})"""


def wide_review() -> Review:
    """Long names, a long address and 26 answers, all texts as they were suggested, and a difference of 2."""
    many = record(9, answers=tuple(Answer(f"Answer {n}", n) for n in range(1, 27)), comparisons=(), translation=None)
    address = "https://example.org/" + "a" * 180
    translated = Translation("es", "e" * 90, address, TRANSLATED)
    records = (*(record(n, translation=translated, metadata={"issues": ["X" * 28]}) for n in (1, 2)), many)
    records += (replace(many, id=f"{'n' * 80}-1"),)
    texts = {"prompt": address, "answers": TRANSLATED}
    ballots = [
        ballot(1, "n" * 100, (1, 2, 3), **texts),
        ballot(1, "ana", (1, 2, 3), **texts),
        ballot(2, "n" * 100, (3, 2, 1), mode="blind", **texts),
        ballot(2, "ana", (3, 1, 2), mode="blind", **texts),
        ballot(9, "ana", tuple(range(1, 27)), answers=(None,) * 26),
        ballot(9, "n" * 100, tuple(range(26, 0, -1)), answers=(None,) * 26),
    ]
    return Review(records, tuple(sorted(ballots, key=lambda b: (b.record_id, b.reviewer))))


def test_long_words_and_many_answers_fit_too(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(inlined(page(wide_review())), encoding="utf-8")
    with browser_page() as tab:
        tab.goto(file.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        for width in (390, 768, 1440):
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.locator("svg.plot").count() > 15
            assert tab.locator("svg.plot").evaluate_all(OVERLAPS) == []
            assert tab.locator("svg.plot text").evaluate_all(CUT_OFF) == []
            letters = tab.locator("svg.plot text").evaluate_all(TEXT_SIZES)
            assert min(letters) >= 9.5, "in pixels on the screen"


def test_the_page_fits_the_screen_and_its_plots_can_be_read(tmp_path: Path, review: Review) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(review, place=PLACE), encoding="utf-8")
    with browser_page() as tab:
        for width, scheme in ((1440, "light"), (390, "light"), (390, "dark")):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.emulate_media(media="screen", color_scheme="dark" if scheme == "dark" else "light")
            tab.goto(file.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            plots = tab.locator("img.plot")
            assert min(plots.evaluate_all("plots => plots.map(p => p.getBoundingClientRect().width)")) >= 330
            assert all(plots.evaluate_all("plots => plots.map(p => p.complete && p.naturalWidth && p.alt)"))
            assert all(plots.evaluate_all(SHOWN, scheme))
            dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (dark == "rgb(20, 26, 23)") == (scheme == "dark")
            tab.emulate_media(media="print")
            tab.reload()
            assert all(plots.evaluate_all(SHOWN, "light"))
        assert tab.locator("table:not(:has(caption))").count() == 0
        ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
        targets = tab.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))")
        assert set(targets) <= set(ids)


def test_parts_of_bars_are_as_wide_as_they_are_large(tmp_path: Path, review: Review) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(review), encoding="utf-8")
    with browser_page() as tab:
        tab.goto(file.as_uri())
        found = {
            bar.get_attribute("aria-label"): bar.evaluate(PARTS)
            for bar in tab.locator("#progress .bar, #distribution .bar").all()
        }
    assert found["Registros según su avance"] == [["done", 0.6, "3"], ["begun", 0.2, "1"], ["open", 0.2, "1"]]
    assert found["Pregunta"] == [["disputed", 0.4, "2"], ["done", 0.2, "1"], ["open", 0.4, "2"]]


def test_a_small_part_has_no_number() -> None:
    wording = Wording("es")
    records = tuple(record(number) for number in range(1, 31))
    found = render(contents(Review(records, (ballot(1, "ana", (1, 2, 3)),)), 2), wording)
    assert (
        '<span class="begun" style="width: 3.33%"></span><span class="open" style="width: 96.67%">29</span>' in found
    )
